"""Entries of reference lists, case by case, and short notes that point at full ones."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.formats.reference_parts import read_date, read_isbn, word_patterns
from pipeline.formats.reference_templates import read_template
from pipeline.formats.references import read_entry
from pipeline.formats.short_notes import link_short_notes
from pipeline.records import Footnote

CASES = tomllib.loads((Path(__file__).parent / "references.toml").read_text(encoding="utf-8"))
GIVEN = {"number", "group", "text", "kind", "raw_start", "raw_end", "short_target"}
READ = [field.name for field in fields(Footnote) if field.name not in GIVEN]


def read(marked: str, number: int = 1) -> Footnote:
    """Take the light markup off `marked` and read it, as a format's reader would."""
    links: list[tuple[str, str]] = []
    emphasis: list[str] = []

    def link(match: re.Match[str]) -> str:
        links.append((match[1] or match[3], match[2] or match[3]))
        return links[-1][0]

    def italic(match: re.Match[str]) -> str:
        emphasis.append(match[1])
        return match[1]

    text = re.sub(r"\[([^\[\]]*)\]\(([^()]*)\)|<(http[^<>]*)>", link, marked)
    text = re.sub(r"\*([^*]+)\*", italic, text).replace("\\", "")
    return read_entry(number, "", text, links=links, emphasis=emphasis, raw_start=3, raw_end=9)


@pytest.mark.parametrize("case", CASES["entry"], ids=lambda case: case["text"][:40])
def test_entry(case: dict[str, object]) -> None:
    note = read(str(case["text"]))
    found = {name: getattr(note, name) for name in READ if getattr(note, name)}
    wanted = {name: value for name, value in case.items() if name not in ("text", "kind")}
    if "authors" in wanted:
        wanted["authors"] = tuple(case["authors"])  # type: ignore[arg-type]
    assert (note.kind, found) == (case["kind"], wanted)
    assert (note.number, note.raw_start, note.raw_end) == (1, 3, 9)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "湖的題目|accessdate=2014-01-01|last=王|first=明|work=明報|language=en}}",
            "湖的題目. 王, 明. 明報",
        ),
        ("明報|accessdate=2014-01-01|work=明報|language=en}}", "明報"),
        (
            "{{cite web|url=http://a.b/c|title=湖|quote=「湖水乾了。」|format=PDF",
            "湖. 「湖水乾了。」",
        ),
        ("湖志，1999年|accessdate=2014-01-01}}", "湖志，1999年"),
        ("甲 | 乙=丙", "甲 | 乙=丙"),
    ],
)
def test_residue_of_a_template_is_shown_as_its_reader_saw_it(text: str, shown: str) -> None:
    assert read(text).text == shown


@pytest.mark.parametrize("text", ["", " ", "\n", ".", "。", "—"])
def test_an_entry_that_lost_its_text_is_empty(text: str) -> None:
    assert read(text).is_empty


def test_an_entry_keeps_its_text_in_one_line() -> None:
    note = read_entry(1, "註", "A wrapped\n    note，與它的\n文字", raw_start=0, raw_end=1)
    assert (note.text, note.group) == ("A wrapped note，與它的 文字", "註")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2013年11月6日", "2013-11-06"),
        ("二〇一三年十一月三十日", "2013-11-30"),
        ("民國97年2月", "2008-02"),
        ("1964年春季號", "1964-21"),
        ("2014-07-24", "2014-07-24"),
        ("2014/7/4", "2014-07-04"),
        ("Spring, 1964", "1964-21"),
        ("June 1944", "1944-06"),
        ("May 6, 2010", "2010-05-06"),
        ("6 May 2010", "2010-05-06"),
        ("Sept. 2010", "2010-09"),
        ("6 мая 1965 года", "1965-05-06"),
        ("1994", "1994"),
        ("1994a", "1994"),
        ("1999-05", "1999-05"),
        ("2008.3", "2008-03"),
        ("20080305", "2008-03-05"),
        ("2008-03-05T10:20:00Z", "2008-03-05"),
        ("Sunday, 5 March 2008", "2008-03-05"),
        ("2008年3月5日（星期三）", "2008-03-05"),
        ("昭和16年12月", "1941-12"),
        ("平成元年", "1989"),
        ("[1985年第2版]", "1985"),
        ("c. 1994", "1994~"),
        ("約1994年", "1994~"),
        ("2008–2009", "2008/2009"),
        ("2001–02", "2001/2002"),
        ("March–April 2008", "2008-03/2008-04"),
        ("1–5 March 2008", "2008-03-01/2008-03-05"),
        ("30 January – 2 March 2008", "2008-01-30/2008-03-02"),
        ("2008年3月–4月", "2008-03/2008-04"),
        ("2008年3月5日至8日", "2008-03-05/2008-03-08"),
        ("2008年3月5日至6月7日", "2008-03-05/2008-06-07"),
        ("Winter 2001–2002", "2001-24"),
        ("2009–2008", None),
        ("1941-45", None),
        ("12345678", None),
        ("08-03-05", None),
        ("3/5/2008", None),
        ("2013-02-30", None),
        ("2013年13月", None),
        ("31 June 2010", None),
        ("soon", None),
    ],
)
def test_date(text: str, value: str | None) -> None:
    assert read_date(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1-85409-232-4", "1-85409-232-4"),
        ("1854092324", "1-85409-232-4"),
        ("070060717x", "0-7006-0717-X"),
        ("978 7 02 000220 7", "978-7-02-000220-7"),
        ("1-85409-232-5", None),
        ("12345", None),
    ],
)
def test_isbn(text: str, value: str | None) -> None:
    assert read_isbn(text) == value


def targets(entries: list[str], further: list[str]) -> list[tuple[str, int | None]]:
    notes = [read(text, number) for number, text in enumerate(entries, 1)]
    return [(n.kind, n.short_target) for n in link_short_notes(notes, further=further)]


@pytest.mark.parametrize("case", CASES["short"], ids=lambda case: case["name"])
def test_short_notes(case: dict[str, list[str]]) -> None:
    found = targets(case["entries"], case.get("further", []))
    assert [target if target is not None else -1 for _, target in found] == case["targets"]
    assert all(kind == "short" for kind, target in found if target is not None)


def test_a_bibliography_line_lends_its_title() -> None:
    notes = [read("Marsh 2005, p. 3.")]
    (note,) = link_short_notes(notes, further=["Marsh, O. (2005). The Road to the Lake. Osprey."])
    assert (note.short_target, note.title) == (None, "The Road to the Lake")


def test_template_parameters() -> None:
    note = read_template(
        4,
        "",
        "Reed, Ann. Ice.",
        "Cite journal",
        {
            "last": "Reed", "first": "Ann", "last2": "Lis", "title": "Ice", "journal": "Lakes", "year": "2001",
            "month": "May", "pages": "pp. 3–9", "doi": "10.1000/182.", "publisher": "Osprey",
            "archiveurl": "http://archive.org/x", "url": "http://www.lakes.example/1",
        },
        raw_start=0,
        raw_end=5,
    )  # fmt: skip
    assert (note.kind, note.authors, note.publisher) == ("journal", ("Reed, Ann", "Lis"), "Lakes")
    assert (note.published, note.pages, note.doi) == ("2001-05", "3–9", "10.1000/182")
    assert (note.url, note.domain) == ("http://www.lakes.example/1", "lakes.example")


BITS = st.sampled_from(
    ["Marsh", "O.", ", ", ". ", "*", "《", "》", "〈", "“", '"', "pp. 3-9", "2003年", "頁", "第", "(", ")", "[", "]", "{{", "|a=", "title=",
     "ISBN 1-85409-232-4", "http://", "//", "—", ": ", "\n", "\ue000", "\ue100", "０", "王", "出版社", "10.1000/", "𠀀"]
)  # fmt: skip


@given(st.lists(BITS | st.text(max_size=5), max_size=40), st.lists(BITS, max_size=4))
def test_no_text_is_too_odd(bits: list[str], anchors: list[str]) -> None:
    links = [(anchor, f"http://a.example/{anchor}") for anchor in anchors]
    note = read_entry(1, "", "".join(bits), links=links, emphasis=anchors, raw_start=0, raw_end=1)
    assert link_short_notes([note, note], further=[note.text])
    assert not any(
        0xE000 <= ord(char) <= 0xE100 for char in (note.title or "") + (note.publisher or "")
    )


@pytest.mark.parametrize(
    "bit",
    [
        "(",
        "《",
        "A. ",
        "Marsh, ",
        "12, ",
        "http://",
        "《〈",
        "1-",
        "- ",
        "2003 A",
        "ISBN 1",
        "[1",
        "王、",
        "|a=b",
        "\ue100 :",
    ],
)
def test_long_repetitions_are_read(bit: str) -> None:
    assert read_entry(1, "", bit * 200_000, raw_start=0, raw_end=1).text
    assert read_entry(1, "", bit * (2900 // len(bit)), raw_start=0, raw_end=1).text


def test_patterns_compile_once() -> None:
    assert word_patterns() is word_patterns()
