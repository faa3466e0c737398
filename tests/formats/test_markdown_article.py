"""The first article, read whole: what must be found in it."""

from pathlib import Path

import pytest

from pipeline.formats.markdown import parse_markdown
from pipeline.records import Document, Source

PATH = Path(__file__).parents[2] / "raw" / "英雄城市_(蘇聯).md"


@pytest.fixture(scope="module")
def raw() -> str:
    return PATH.read_bytes().decode("utf-8")


@pytest.fixture(scope="module")
def document(raw: str) -> Document:
    return parse_markdown(Source(PATH.name, "markdown", raw, ""))


def test_banner(document: Document) -> None:
    assert document.title == "英雄城市 (蘇聯)"
    assert document.source_url == "https://zh.wikipedia.org/wiki/英雄城市_(蘇聯)"
    assert not document.text.startswith("本文")


def test_footnotes(document: Document) -> None:
    assert [note.number for note in document.footnotes] == list(range(1, 69))
    assert sum(note.is_empty for note in document.footnotes) == 24
    assert sorted(marker.number or 0 for marker in document.markers) == list(range(1, 69))
    assert all(
        marker.footnote is not None and document.footnotes[marker.footnote].number == marker.number
        for marker in document.markers
    )
    assert document.problems == ()


def test_gallery(document: Document) -> None:
    names = {item.file_name: item.caption for item in document.media}
    assert names["USSR PCWCS №46 Tula Hero City sp.cancellation (1).jpg"] == "圖拉"
    assert names["Independence Day (silver) rv.gif"] == "背面（明斯克勝利廣場方尖碑）"
    assert len(names) == 46


def test_lost_templates_stay(document: Document) -> None:
    assert document.text.startswith("英雄城市（, , ）是指")


def test_every_sentence_can_be_read_back(raw: str, document: Document) -> None:
    for sentence in document.sentences:
        read = document.projection.read(raw, document.text, sentence.start, sentence.end)
        assert read == document.text[sentence.start : sentence.end]
