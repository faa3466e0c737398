"""Notes: their markers, their entries, and the works that templates cite."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager

from pipeline.formats.assemble import Note
from pipeline.formats.reference_parts import read_date
from pipeline.formats.wikitext_notes import Use
from pipeline.formats.wikitext_page import Page, State, Value, clean, first_of, put, ready
from pipeline.formats.wikitext_scan import DROP, SPACE, Pair
from pipeline.formats.wikitext_templates import Template, citation_parameter
from pipeline.formats.works import show_work
from pipeline.records import Footnote

BIBLIOGRAPHY = "bibliography"


def read_note(page: Page, pair: Pair, start: int, end: int) -> None:
    """A note's marker here, and its entry where it has content."""
    use = page.uses.get(pair.start)
    if use is None:
        return
    for each in use:
        if not page.state.muted:
            page.state.shown = True
            if not page.state.open and page.state.level == 0:
                ready(page)
            page.asm.marker(each.number, each.group, pair.start, pair.end)
    _entry(page, pair, start, end, use[0])


def _entry(page: Page, pair: Pair, start: int, end: int, use: Use, *, lone: bool = False) -> None:
    if use in page.noted or not page.mask[start:end].strip(f"{DROP}{SPACE} \t\r\n"):
        return
    page.noted.add(use)
    with _noting(page, use, pair, lone=lone):
        page.range(page, start, end)


@contextmanager
def _noting(page: Page, use: Use, pair: Pair, *, lone: bool = False) -> Iterator[Note]:
    """Within, what is read goes to the entry of the note `use`."""
    outer, page.state = page.state, State(open=True, level=1)
    try:
        with page.asm.note(use.number, use.group, pair.start, pair.end, lone=lone) as note:
            yield note
    finally:
        page.state = outer


def read_definitions(page: Page, start: int, end: int) -> None:
    """The notes that stand in [start, end), whatever is around them: entries, no markers."""
    index = bisect_left(page.starts, start)
    position = start
    while index < len(page.pairs) and page.starts[index] < end:
        pair = page.pairs[index]
        index += 1
        uses = page.uses.get(pair.start)
        if pair.start < position or not uses or page.mask[pair.start] == DROP:
            continue
        if pair.kind == "ref":
            _entry(page, pair, pair.inner_start, pair.inner_end, uses[0], lone=True)
        else:
            page.template(page, pair, marked=False)
        position = pair.end


def read_note_template(
    page: Page, template: Template, given: dict[str, Value], pair: Pair, marked: bool
) -> None:
    """A template that is a note: its marker, and its entry at the first use."""
    uses = page.uses.get(pair.start)
    if not uses:
        return
    use = uses[0]
    if marked and not page.asm.in_note and ready(page):
        page.asm.marker(use.number, use.group, pair.start, pair.end)
    if template.reading == "note":
        value = first_of(given, ("1", "content", "text"))
        if value is not None:
            _entry(page, pair, value.start, value.end, use, lone=not marked)
    elif use not in page.noted:
        page.noted.add(use)
        with _noting(page, use, pair, lone=not marked):
            show_short(page, given, pair.start)


def show_short(page: Page, given: dict[str, Value], place: int) -> None:
    """`{{sfn|Forczyk|2008|p=12}}` → Forczyk 2008, p. 12."""
    note = page.asm.current_note
    if note is None:
        return
    words = [clean(page, value.start, value.end) for key, value in given.items() if key.isdigit()]
    years = [word for word in words if re.fullmatch(r"\d{4}[a-z]?", word)]
    names = tuple(word for word in words if word not in years)
    paged = first_of(given, ("p", "pp", "page", "pages", "頁", "页", "loc"))
    pages = clean(page, paged.start, paged.end) if paged is not None else None
    text = " & ".join(names) if len(names) < 3 else ", ".join(names)
    text = " ".join([text, *years[:1]])
    if pages:
        text += f", p. {pages}" if pages.isdigit() else f", pp. {pages}"
    put(page, text, place)
    if note.read is None:
        year = read_date(years[0][:4]) if years else None

        def read(note: Note) -> Footnote:
            return Footnote(
                note.number, note.group, note.text, "short", note.raw_start, note.raw_end,
                authors=names, published=year, pages=pages,
            )  # fmt: skip

        note.read = read


def read_cite(page: Page, name: str, given: dict[str, Value], pair: Pair) -> None:
    """A citation template: the entry of the note around it, else one of the bibliography."""
    if page.asm.in_note:
        _work(page, name, given, pair)
        return
    page.works += 1
    with _noting(page, Use(page.works, BIBLIOGRAPHY), pair, lone=True):
        _work(page, name, given, pair)


def _work(page: Page, name: str, given: dict[str, Value], pair: Pair) -> None:
    """Show a work's parameters in the usual order, and tell the note what they are."""
    values = {
        known: value
        for key, value in given.items()
        if (known := citation_parameter(key)) is not None
    }
    spans = {known: (value.start, value.end) for known, value in values.items()}

    def keep(start: int, end: int) -> None:
        page.range(page, start, end)

    def address(start: int, end: int) -> str:
        return clean(page, start, end)

    show_work(page.asm, name, spans, keep, address, (pair.start, pair.end))
