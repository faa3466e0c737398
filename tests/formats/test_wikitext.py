"""The wikitext reader: cases as data, fields of citations, and invariants on nasty text."""

from __future__ import annotations

import csv
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats.wikitext import parse_wikitext
from pipeline.formats.wikitext_scan import DEEPEST, scan
from pipeline.formats.wikitext_templates import find_template
from pipeline.records import Document, Footnote, Source

CASES = tomllib.loads((Path(__file__).parent / "wikitext.toml").read_text(encoding="utf-8"))["case"]


def parse(text: str, *, variant: str = "zh-hant") -> Document:
    return parse_wikitext(Source("目錄/題.wiki", "wikitext", text, "0" * 64), variant=variant)


def check_invariants(text: str, document: Document) -> None:
    """What must hold of any document, whatever the text."""
    plain = document.text
    assert document.projection.read(text, plain, 0, len(plain)) == plain
    after = -1
    for block in document.blocks:
        assert block.start == after + 1
        assert plain[block.start : block.end] == plain[block.start : block.end].strip()
        assert "\n" not in plain[block.start : block.end]
        after = block.end
    assert after in (-1, len(plain))
    for link in document.links:
        assert link.start == link.end or plain[link.start : link.end] == link.anchor
        assert 0 <= link.raw_start <= link.raw_end <= len(text)
    for marker in document.markers:
        assert 0 <= marker.position <= len(plain)
        if marker.footnote is not None:
            footnote = document.footnotes[marker.footnote]
            assert (footnote.number, footnote.group) == (marker.number, marker.group)
    for cell in document.cells:
        assert 0 <= cell.raw_start <= cell.raw_end <= len(text)
    assert not any("\ufdd0" <= char <= "\ufdef" for char in plain)


def describe(document: Document) -> dict[str, list[str]]:
    plain = document.text
    starts = [block.start for block in document.blocks]
    return {
        "blocks": [f"{block.kind}: {plain[block.start : block.end]}" for block in document.blocks],
        "sections": [f"{s.level} {' / '.join(s.path)}" for s in document.sections],
        "links": [f"{x.kind} {x.anchor} → {x.target_title or x.url or ''}" for x in document.links],
        "categories": [category.name for category in document.categories],
        "media": [f"{media.file_name} {media.caption or ''}" for media in document.media],
        "markers": [
            f"{m.group} {m.number} {plain[max([s for s in starts if s <= m.position], default=0) : m.position]}"
            for m in document.markers
        ],
        "notes": [f"{note.group} {note.number} {note.text}" for note in document.footnotes],
        "cells": [
            f"{cell.row},{cell.column} ({' '.join(cell.headers)}) {cell.text}"
            for cell in document.cells
        ],
        "problems": [problem.code for problem in document.problems],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    document = parse(case["text"])
    found = describe(document)
    for aspect, expected in case.items():
        if aspect not in ("name", "text"):
            assert found[aspect] == expected, aspect
    check_invariants(case["text"], document)


def note(text: str) -> Footnote:
    (footnote,) = parse(f"甲<ref>{text}</ref>").footnotes
    return footnote


def test_fields_of_a_citation() -> None:
    found = note(
        "{{Cite_web |url=http://www.example.com/a?b=1 |title=[[甲|標題]]：''副題'' |author=王小明 |author2=李大同 "
        "|date=2008年8月8日 |publisher=[[新華社]] |archive-url=https://web.archive.org/web/2010/http://www.example.com/a "
        "|access-date=2011-01-01 |language=zh}}"
    )
    assert found.text == "王小明; 李大同. 標題：副題. 新華社, 2008年8月8日"
    assert (found.kind, found.title, found.url) == (
        "web",
        "標題：副題",
        "http://www.example.com/a?b=1",
    )
    assert (found.authors, found.publisher) == (("王小明", "李大同"), "新華社")
    assert (found.published, found.domain) == ("2008-08-08", "example.com")
    assert found.archive_url == "https://web.archive.org/web/2010/http://www.example.com/a"


def test_fields_of_a_book_and_a_journal() -> None:
    book = note(
        "{{cite book|last1=Glantz|first1=David|last2=House|first2=J.|title=A|year=1995|pages=3–4|isbn=1854092324|publisher=P}}"
    )
    assert book.authors == ("Glantz, David", "House, J.")
    assert (book.kind, book.isbn, book.pages, book.published) == (
        "book",
        "1-85409-232-4",
        "3–4",
        "1995",
    )
    journal = note(
        "{{引用期刊|作者=王小明|標題=論文|期刊=學報|volume=3|issue=2|頁=12|date=1999-05|doi=10.1000/xyz}}"
    )
    assert (journal.kind, journal.publisher, journal.title) == ("journal", "學報", "論文")
    assert (journal.pages, journal.published, journal.doi) == ("12", "1999-05", "10.1000/xyz")


def test_a_note_without_a_template_is_read_as_text() -> None:
    found = note("Gordon Corrigan, ''The Second World War'', Atlantic, London, p 353.")
    assert (found.title, found.pages) == ("The Second World War", "353")


def test_a_bare_address_is_the_note() -> None:
    found = note("http://www.example.com/a")
    assert (found.text, found.url) == ("http://www.example.com/a", "http://www.example.com/a")


def test_a_short_note_points_at_its_work() -> None:
    document = parse(
        "甲{{sfn|Forczyk|2008|p=12}}\n* {{cite book|last=Forczyk|title=S|year=2008|publisher=P}}"
    )
    short, work = document.footnotes
    assert (short.kind, short.authors, short.published, short.pages) == (
        "short",
        ("Forczyk",),
        "2008",
        "12",
    )
    assert document.footnotes[short.short_target or 0] is work
    assert not document.problems


def test_what_stays_alone_is_reported() -> None:
    document = parse("甲<ref name=x />")
    assert [problem.code for problem in document.problems] == ["marker-without-footnote"]
    assert document.markers[0].footnote is None


def test_the_lexicons() -> None:
    readings = {
        *("prose", "link", "quote", "note", "short", "harv", "reuse", "list", "cite"),
        *("convert", "infobox", "gallery", "title"),
    }
    for name in ("wikitext_templates", "wikitext_parameters", "wikitext_units"):
        text = files("pipeline.formats").joinpath(f"{name}.csv").read_text(encoding="utf-8")
        rows = list(csv.DictReader(x for x in text.splitlines() if not x.startswith("# ")))
        keys = [(row.get("kind"), row.get("name", row.get("code"))) for row in rows]
        assert len(set(keys)) == len(keys), [key for key in keys if keys.count(key) > 1]
        assert all(row["source"] for row in rows)
        for row in rows:
            if name == "wikitext_templates":
                template = find_template(
                    row["name"].strip("*") + "x" * row["name"].endswith(("*", ":"))
                )
                assert template is not None, row
                assert template.reading == row["reading"] in readings


def test_title_and_address() -> None:
    document = parse("甲")
    assert (document.title, document.language) == ("題", "zh")
    assert document.source_url == "https://zh.wikipedia.org/wiki/題"
    source = Source("d.xml#丙_丁", "wikitext", "甲", "0", title="丙 丁")
    assert parse_wikitext(source).title == "丙 丁"


@pytest.mark.parametrize(
    ("variant", "text"), [("zh-hans", "软件甲"), ("zh-hk", "軟件甲"), ("zh-tw", "軟體甲")]
)
def test_variants(variant: str, text: str) -> None:
    raw = "-{zh-hans:软件;\nzh-tw:軟體;\nzh-hk:軟件;\n}-甲"
    assert parse(raw, variant=variant).text == text


def test_raw_slices_of_links_and_notes() -> None:
    raw = "[[乙]]與[[甲|丙]]s<ref>丁</ref>"
    document = parse(raw)
    assert [raw[link.raw_start : link.raw_end] for link in document.links] == [
        "[[乙]]",
        "[[甲|丙]]s",
    ]
    assert [raw[m.raw_start : m.raw_end] for m in document.markers] == ["<ref>丁</ref>"]
    assert raw[slice(*document.projection.raw(0, 1))] == "乙"


FRAGMENTS = st.sampled_from(
    "[[ ]] {{ }} {| |} |- | ! || |+ <ref> </ref> <ref_name=a/> '' ''' -{ }- zh-hant: ; : * # = == 甲 1941年 。 "
    "http://a.b/c [ ] <gallery> </gallery> <nowiki> </nowiki> <!-- --> &amp; &# File:a.jpg| Category: lang|en| "
    "convert|1|km efn| sfn|A|2000 infobox|a= cite_web|url=http://x.y|title= reflist|refs= <br> <li> <table> <td> "
    "</table> <tr> <poem> </poem> {{{ }}} <references> </references> #REDIRECT_[[x]] quote| gallery|a.jpg| r| le| "
    "\ufdd0 \ufeff \u2028 \x00 😀 <math> </math> ---- {{!}} </ ; &nbsp;".replace(
        "_", "\u3000"
    ).split(" ")
).map(lambda fragment: fragment.replace("\u3000", " ")) | st.sampled_from(
    ["\n", "\n\n", " ", "\r\n"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_any_text_is_read(text: str) -> None:
    check_invariants(text, parse(text))


WHOLE = "\n".join(case["text"] for case in CASES if not case["text"].startswith("#"))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_mutated_article_is_read(data: st.DataObject) -> None:
    text = WHOLE
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.sampled_from([0, 1, 2, 5, 60]))
        text = text[:start] + data.draw(FRAGMENTS) + text[start + cut :]
    check_invariants(text, parse(text))


@settings(max_examples=200, deadline=None)
@given(st.lists(FRAGMENTS, max_size=60).map("".join))
def test_the_mask_is_as_long_as_the_text_and_its_pairs_nest(text: str) -> None:
    found = scan(text, variant="zh-tw")
    assert len(found.mask) == len(text)
    assert [end for _, end in found.lines()][-1] == len(text)
    ends: list[int] = []
    for pair in found.pairs:
        if pair.kind in ("{|", "<table>"):
            continue
        while ends and ends[-1] <= pair.start:
            ends.pop()
        assert not ends or pair.end <= ends[-1]
        ends.append(pair.end)
        assert len(ends) <= DEEPEST


NESTED = [
    ("{{lang|en|", "}}"),
    ("[[File:a.jpg|", "]]"),
    ("<ref>", "</ref>"),
    ("-{zh:", "}-"),
    ("{{efn|", "}}"),
    ("\n{|\n|", "\n|}"),
]


@pytest.mark.parametrize(
    "text",
    [
        *(opening * 5000 for opening, _ in NESTED),
        *(opening * 2000 + "甲" + closing * 2000 for opening, closing in NESTED),
        "[[a" * 20000 + "]]" * 20000,
        "<poem>\n" * 10000 + "</poem>",
        "<code>" * 10000 + "漢</code>",
        *(sign * 20000 for sign in ("[", "{", "<", "'", "&", "*", "=", "\n:", "|", "[http://a ", "<ref name=")),
        "\n".join("*" * depth + " 甲" for depth in range(1, 1000)),
    ],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_deep_and_broken_nesting(text: str) -> None:
    """Quadratic or recursive work would not come back from these."""
    check_invariants(text, parse(text))
