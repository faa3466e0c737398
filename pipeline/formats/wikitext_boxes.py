"""Infoboxes: a table of two columns, and the images in it."""

from __future__ import annotations

import re

from pipeline.formats.wikitext_entries import read_definitions
from pipeline.formats.wikitext_files import FILE_NAME, show_file
from pipeline.formats.wikitext_links import read_wikilink
from pipeline.formats.wikitext_page import Page, Value, deeper, later, pairs_within
from pipeline.formats.wikitext_templates import infobox_parameter

_BOX_PART = re.compile(r"(header|label|data)(\d{1,3})")


def read_infobox(page: Page, values: list[Value]) -> None:
    """Its parameters as a table of two columns, the names its headers."""
    if page.asm.in_note:
        return

    given = {value.name: value for value in values if value.start < value.end}

    def read() -> None:
        table: int | None = None
        row = 0
        captioned: Value | None = None
        for index, value in enumerate(values):
            what = infobox_parameter(value.name)
            if (
                value is captioned
                or value.start >= value.end
                or value.name_start >= value.name_end
                or what == "none"
            ):
                continue
            # The general box names its rows itself: label3, data3; header4 stands over others.
            part = _BOX_PART.fullmatch(value.name)
            if part is not None and part[1] == "label" and f"data{part[2]}" in given:
                continue
            label = given.get(f"label{part[2]}") if part and part[1] == "data" else None
            lone = part is not None and part[1] != "data"
            file = FILE_NAME.fullmatch(page.mask, value.start, value.end)
            if file is not None:
                captioned = _box_caption(page, values, index)
                caption = None if captioned is None else (captioned.start, captioned.end)
                show_file(page, file["name"].replace("_", " "), caption, value.start, value.end)
                continue
            if what == "file":
                read_definitions(page, value.start, value.end)
                for pair in pairs_within(page, value, "[["):
                    read_wikilink(page, pair)
                continue
            if table is None:
                table = page.asm.open_table()
            start, end = value.name_start, value.name_end
            if lone or label is not None:
                start, end = (label or value)[1:3]
            page.asm.open_block("table_cell")
            with deeper(page):
                page.range(page, start, end)
            page.asm.cell(
                table, row, 0, start, end, block=page.asm.close_block(), is_header=True,
                column_span=2 if lone else 1,
            )  # fmt: skip
            if not lone:
                page.asm.open_block("table_cell")
                with deeper(page):
                    page.range(page, value.start, value.end)
                block = page.asm.close_block()
                page.asm.cell(table, row, 1, value.start, value.end, block=block)
            row += 1

    later(page, read)


def _box_caption(page: Page, values: list[Value], file: int) -> Value | None:
    """The caption that an infobox gives the file at `file`: before the next file's."""
    for value in values[file + 1 :]:
        what = infobox_parameter(value.name)
        if what == "caption" and value.start < value.end:
            return value
        if what == "prose" or FILE_NAME.fullmatch(page.mask, value.start, value.end):
            return None
    return None
