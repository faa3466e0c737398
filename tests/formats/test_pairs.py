"""One article as wikitext and as an old converter made it Markdown: the same must be read in both.

The converter (白沙站: pandoc 2.9.2, `-f mediawiki -t gfm`) lost templates, a repeated note's text and
the notes' groups; of the rest nothing may differ. `benchmarks/sentences.py` makes such pairs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.formats.parse import parse
from pipeline.mentions.find import find
from pipeline.records import Document, Source

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*.wiki"))


def read(path: Path) -> Document:
    raw_format = "wikitext" if path.suffix == ".wiki" else "markdown"
    return parse(Source(path.name, raw_format, path.read_bytes().decode("utf-8"), ""))


@pytest.fixture(params=PAIRS, ids=lambda path: path.stem, scope="module")
def pair(request: pytest.FixtureRequest) -> tuple[Document, Document]:
    return read(request.param), read(request.param.with_suffix(".md"))


def test_sentences(pair: tuple[Document, Document]) -> None:
    wikitext, markdown = (
        [
            (document.blocks[s.block].kind, document.text[s.start : s.end])
            for s in document.sentences
        ]
        for document in pair
    )
    assert wikitext == markdown


def test_sections_cells_categories(pair: tuple[Document, Document]) -> None:
    wikitext, markdown = pair
    assert wikitext.title == markdown.title
    assert [section.path for section in wikitext.sections] == [
        section.path for section in markdown.sections
    ]
    assert [(c.row, c.column, c.is_header, c.headers, c.text) for c in wikitext.cells] == [
        (c.row, c.column, c.is_header, c.headers, c.text) for c in markdown.cells
    ]
    assert [c.name for c in wikitext.categories] == [c.name for c in markdown.categories]
    assert [(m.file_name, m.caption) for m in wikitext.media] == [
        (m.file_name, m.caption) for m in markdown.media
    ]


def test_links(pair: tuple[Document, Document]) -> None:
    wikitext, markdown = (
        [(link.anchor, link.target_title) for link in document.links if link.kind == "page"]
        for document in pair
    )
    assert wikitext == markdown


def test_notes(pair: tuple[Document, Document]) -> None:
    wikitext, markdown = pair
    assert [marker.position for marker in wikitext.markers] == [
        marker.position for marker in markdown.markers
    ]
    assert [note.text for note in wikitext.footnotes] == [
        note.text for note in markdown.footnotes if not note.is_empty
    ]


def test_mentions(pair: tuple[Document, Document]) -> None:
    wikitext, markdown = (find(document) for document in pair)
    assert [(d.kind, d.value, d.resolution) for d in wikitext.dates] == [
        (d.kind, d.value, d.resolution) for d in markdown.dates
    ]
    assert [(n.kind, n.value, n.unit) for n in wikitext.numbers] == [
        (n.kind, n.value, n.unit) for n in markdown.numbers
    ]
    assert [(p.name, p.place_id) for p in wikitext.places] == [
        (p.name, p.place_id) for p in markdown.places
    ]
    assert wikitext.dates
    assert wikitext.numbers
    assert wikitext.places
