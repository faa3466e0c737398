"""The first article as a whole: nothing of it is lost, and every value is where it says it is."""

from pathlib import Path

import golden
import pytest

from pipeline.article import process
from pipeline.attribution import attribute
from pipeline.formats.parse import parse
from pipeline.mentions.find import find
from pipeline.records import Document, Mentions, Source

RAW = Path(__file__).parent.parent / "raw" / "英雄城市_(蘇聯).md"


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(RAW.name, "markdown", RAW.read_text("utf-8"), "0" * 64)


@pytest.fixture(scope="module")
def document(source: Source) -> Document:
    return parse(source)


@pytest.fixture(scope="module")
def mentions(document: Document) -> Mentions:
    return find(document)


@pytest.mark.parametrize(("path", "expected"), golden.FILES.items(), ids=lambda path: path.stem)
def test_golden(path: Path, expected: Path) -> None:
    assert golden.lines(path) == expected.read_text("utf-8").splitlines(keepends=True)


def test_an_article_reads_alike_whatever_was_read_before() -> None:
    sources = [Source(path.name, "markdown", path.read_text("utf-8"), "") for path in golden.FILES]
    rows = [process(source) for source in sources]
    assert [process(source) for source in reversed(sources)] == rows[::-1]


def test_every_footnote_and_marker(document: Document) -> None:
    assert [note.number for note in document.footnotes] == list(range(1, 69))
    assert sum(note.is_empty for note in document.footnotes) == 24
    assert [marker.number for marker in document.markers] == list(range(1, 69))
    assert [marker.footnote for marker in document.markers] == list(range(68))
    assert not document.problems


def test_every_mention_is_read_back_from_the_raw_file(
    source: Source, document: Document, mentions: Mentions
) -> None:
    for mention in (*mentions.dates, *mentions.numbers, *mentions.places):
        plain = document.text[mention.start : mention.end]
        assert (
            document.projection.read(source.text, document.text, mention.start, mention.end)
            == plain
        )
        start, end = document.projection.raw(mention.start, mention.end)
        assert (source.text[start], source.text[end - 1]) == (plain[0], plain[-1])


def test_every_attribution_points_at_a_footnote(document: Document, mentions: Mentions) -> None:
    for item in attribute(document, mentions):
        assert document.footnotes[item.footnote].number == item.number


@pytest.mark.parametrize(
    ("raw_anchor", "anchor"),
    [
        ("德蘇戰爭中擁有卓越成就的城市", "德蘇戰爭"),
        ("蘇聯政府正式宣佈頒發此獎項予上述城市", "蘇聯"),
        ("圖拉為英雄城市", "圖拉"),
        ("從挪威出發", "從挪威出發"),
        ("亞爾采沃亦堅守了拉近大半個月至約", "亞爾采沃"),
        ("閃電戰術", "閃電戰"),
        ("同盟國物資的重任", "同盟國"),
    ],
)
def test_anchors_are_repaired(raw_anchor: str, anchor: str, document: Document) -> None:
    found = {link.anchor for link in document.links if link.raw_anchor == raw_anchor}
    assert found == {anchor}
