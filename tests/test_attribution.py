"""Which footnotes support which mention: cases as data."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.attribution import attribute
from pipeline.formats.plaintext import parse_plaintext
from pipeline.records import Document, Footnote, Marker, Mentions, NumberMention

CASES = tomllib.loads(Path(__file__).with_name("attribution.toml").read_text("utf-8"))


def read(text: str) -> tuple[Document, Mentions]:
    """The document and mentions that a case's marked text stands for."""
    plain, markers, mentions, opened = "", [], [], 0
    for token in re.findall(r"\[\d+\]|.", text, re.DOTALL):
        if token == "⟨":
            opened = len(plain)
        elif token == "⟩":
            mentions.append(_number(opened, len(plain)))
        elif token.startswith("["):
            number = int(token[1:-1])
            markers.append(Marker(len(plain), number, "", number - 1, 0, 0))
        else:
            plain += token
    document = parse_plaintext(plain)
    footnotes = tuple(Footnote(n, "", f"note {n}", "other", 0, 0) for n in range(1, 10))
    document = replace(
        document,
        markers=tuple(markers),
        footnotes=footnotes,
    )
    return document, Mentions(numbers=tuple(mentions))


def _number(start: int, end: int) -> NumberMention:
    return NumberMention(start, end, "", 1.0, "count", 1, 1, 1, None, None, None, None, None, None)


@pytest.mark.parametrize("case", CASES["case"], ids=lambda case: case["name"])
def test_support(case: dict) -> None:
    document, mentions = read(case["text"])
    found: list[list[list]] = [[] for _ in mentions.numbers]
    for item in attribute(document, mentions):
        assert item.table == "numbers"
        assert document.footnotes[item.footnote].number == item.number
        found[item.mention].append([item.scope, item.number])
    assert found == case["support"]


def test_distance_counts_characters_to_the_marker() -> None:
    document, mentions = read("⟨A⟩，乙[1]，丙[2]。")
    assert [item.distance for item in attribute(document, mentions)] == [2, 4]
