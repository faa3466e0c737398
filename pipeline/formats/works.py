"""A citation template as its readers show it: `{{cite book|last=甲|title=乙|year=1994}}` → 甲. 乙, 1994."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pipeline.formats.assemble import Assembler, Note
from pipeline.formats.reference_templates import between, rank, read_template
from pipeline.records import Footnote

_YEAR_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def show_work(
    asm: Assembler,
    name: str,
    spans: Mapping[str, tuple[int, int]],
    keep: Callable[[int, int], None],
    clean: Callable[[int, int], str],
    raw: tuple[int, int],
) -> None:
    """Show a work's parameters in the usual order, and tell the note around them what they are.

    `name` is the template's, `raw` its place; `spans` are its values' places, by the names of
    `citation_parameter`. `keep` reads a place into the note, `clean` gives an address without markup.
    """
    told: dict[str, str] = {}
    here = asm.here
    fresh = True
    for known in sorted(spans, key=rank):
        start, end = spans[known]
        if known in ("url", "archive-url"):
            told[known] = clean(start, end)
            continue
        asm.put(between(known, asm.since(here), fresh=fresh), start, start)
        fresh = False
        here = asm.here
        keep(start, end)
        told[known] = asm.since(here).strip()
        if known == "date" and (month := _YEAR_MONTH.fullmatch(told[known])):
            told[known] = f"{month[1]}年{month[2]}月"
        if known == "title" and "url" in spans:
            asm.link(here, "external", target=None, url=clean(*spans["url"]), raw_start=raw[0], raw_end=raw[1])  # fmt: skip
    note = asm.current_note
    if note is not None and note.read is None and told:

        def read(note: Note) -> Footnote:
            return read_template(
                note.number, note.group, note.text, name, told,
                raw_start=note.raw_start, raw_end=note.raw_end,
            )  # fmt: skip

        note.read = read
