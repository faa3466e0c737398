import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.sentences import split_sentences

CASES = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text("utf-8"))["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_sentences(case: dict[str, str]) -> None:
    parts = case["marked"].split("|")
    text = "".join(parts)
    found = [text[start:end] for start, end in split_sentences(text, 0, len(text))]
    assert found == [part for part in parts if part.strip()]


@given(st.text('甲乙a 。；！?!》《〈〉）」"\n', max_size=60), st.integers(0, 5), st.integers(0, 5))
def test_sentences_cover_all_but_white_space(text: str, skip: int, drop: int) -> None:
    start, end = min(skip, len(text)), max(min(skip, len(text)), len(text) - drop)
    position = start
    for a, b in split_sentences(text, start, end):
        assert position <= a < b <= end
        assert not text[position:a].strip()
        assert text[a:b] == text[a:b].strip()
        position = b
    assert not text[position:end].strip()
