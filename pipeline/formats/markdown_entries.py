"""The entries of notes, wherever they stand, and the markers that are no `\\[1\\]` in a line."""

from __future__ import annotations

import re
from bisect import bisect_left

from pipeline.formats import markdown_scan as scan
from pipeline.formats.markdown_notes import number_of
from pipeline.formats.markdown_page import Page


def read_note_list(page: Page) -> None:
    """The numbered list at the end: each entry a footnote."""
    heads, gaps = page.notes.heads, page.notes.gaps
    listed = [int(head["number"]) for head in heads]
    if gaps or listed != sorted(listed):
        lacking = ", ".join(map(str, gaps[:20]))
        page.asm.problem(
            "footnote-list-broken",
            f"The list of notes lacks the entries {lacking}."
            if lacking
            else "The entries of the list of notes are not in the order of their numbers.",
            cure="Markers are tied by number; look whether the entries bear the right ones.",
            raw_start=heads[0].start(),
            raw_end=heads[0].end(),
        )
    for head, end in scan.with_ends(heads, len(page.text)):
        _note(page, int(head["number"]), "", head.start(), head.end(), end)


def read_note_section(page: Page, region: scan.Region) -> None:
    """The notes of a table that pandoc wrote in HTML, in a section after the table."""
    heads = list(scan.SECTION_NOTE.finditer(page.text, region.inner_start, region.inner_end))
    for head, end in scan.with_ends(heads, region.inner_end):
        number = number_of(page.notes, ("", f"{region.start}#{head['number']}"))
        _note(page, number, "", head.start(), head.end(), end)


def mark_section_note(page: Page, address: str, at: int, after: int) -> None:
    """The marker of a note that stands in the next section of notes; its link goes to `#fn1`."""
    sections = page.notes.sections
    said = scan.NOTE_ADDRESS.fullmatch(address)
    following = bisect_left(sections, at)
    if said and following < len(sections):
        number = number_of(page.notes, ("", f"{sections[following]}#{said[1]}"))
        page.asm.marker(number, "", at, after)


def read_definition(page: Page, line: re.Match[str], stop: int, end: int) -> int:
    """A `[^label]: …` with its continuation lines; returns where the next block begins."""
    label = line["note"][2:-2]
    after = stop
    blank = False
    while after < end:
        next_stop = page.text.find("\n", after, end)
        next_stop = end if next_stop < 0 else next_stop + 1
        next_line = page.text[after:next_stop]
        if not next_line.strip():
            blank = True
        elif (
            scan.DEFINITION.match(next_line)
            or scan.HEADING.match(next_line)
            or (blank and not next_line.startswith(("    ", "\t")))
        ):
            break
        else:
            blank = False
        after = next_stop
    group, number = page.notes.labels[label]
    _note(page, number, group, line.start("note"), line.end(), after)
    return after


def _note(page: Page, number: int, group: str, raw_start: int, start: int, end: int) -> None:
    stop = start + len(page.text[start:end].rstrip())
    with page.asm.note(number, group, raw_start, max(stop, start)):
        page.inline(page, start, stop)


def read_ref(page: Page, region: scan.Region, *, is_marker: bool = True) -> None:
    """A `<ref>…</ref>` that was left as it was: a footnote and its marker."""
    asm = page.asm
    group, name = scan.ref_key(page.text[region.start : region.inner_start])
    number = number_of(page.notes, (group, name) if name else None)
    if asm.in_note:
        return
    if is_marker:
        asm.marker(number, group, region.start, region.end)
    if region.inner_start < region.inner_end:
        with asm.note(number, group, region.start, region.end):
            page.inline(page, region.inner_start, region.inner_end)


def mark_ref(page: Page, attributes: str, at: int, after: int) -> None:
    """A `<ref name="甲"/>`: a marker of a note that has its text elsewhere."""
    group, name = scan.ref_key(attributes)
    if name and not page.asm.in_note:
        page.asm.marker(number_of(page.notes, (group, name)), group, at, after)


def read_list_of_refs(page: Page, region: scan.Region) -> None:
    """`<references>` with the named notes inside it."""
    for start, inner in page.regions.items():
        if region.inner_start <= start < region.inner_end and inner.kind == "ref":
            read_ref(page, inner, is_marker=False)
