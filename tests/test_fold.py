"""Folding: one script, one width, same length, however long the text is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fold import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("蘇聯", "苏联"),
        ("１２％", "12%"),
        ("Ａb　C\u00a0−", "ab c -"),
        ("乾隆", "乾隆"),
        ("𠮷野家\ud800", "𠮷野家\ud800"),
        ("", ""),
    ],
)
def test_characters_alone_and_in_a_long_text(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(text * 300) == folded * 300


@given(st.text(st.characters(exclude_categories=()), max_size=40))
def test_a_long_text_is_folded_as_its_characters_are(text: str) -> None:
    assert fold(text * 20) == "".join(map(fold, text)) * 20
    assert len(fold(text)) == len(text)
