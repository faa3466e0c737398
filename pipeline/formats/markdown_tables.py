"""Tables in all the ways that pandoc writes them: pipes, columns told by their place, HTML."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate
from typing import NamedTuple

from pipeline.formats import markdown_scan as scan
from pipeline.formats.aligned_tables import AlignedTable, read_aligned_table
from pipeline.formats.markdown_page import IN_CELL, How, Page
from pipeline.formats.markdown_targets import where
from pipeline.formats.table_rows import repair_rows

# A cell further to the right is not moved by those above it: a bound for hostile tables.
_MOST_COLUMNS = 1_000
_IN_HTML = How(flat=True, is_html=True)


class _HtmlPart(NamedTuple):
    """What a tag of an HTML table encloses, raw [start, end); `name` is empty for loose text."""

    name: str
    row: int
    start: int
    end: int
    row_span: int
    column_span: int


def read_table(
    page: Page, table: AlignedTable | tuple[int, int], end: int, above: re.Match[str] | None = None
) -> int:
    """Read a table and its caption, the one `above` it or else below; where the text goes on.

    The caption's block comes before the cells, wherever it stands: it is their heading.
    """
    after = table.end if isinstance(table, AlignedTable) else table[1]
    caption = above or scan.TABLE_CAPTION.match(page.text, after, end)
    if caption:
        page.asm.open_block("caption")
        page.inline(page, *caption.span("said"), IN_CELL)
        page.asm.close_block()
        after = max(after, caption.end())
    if isinstance(table, AlignedTable):
        _read_aligned_table(page, table)
    else:
        _read_pipe_table(page, *table)
    return after


def find_captioned_table(
    page: Page, start: int, end: int
) -> tuple[AlignedTable | tuple[int, int], int, re.Match[str]] | None:
    """The table under the caption that begins at `start`, with the rest of what `read_table` takes."""
    text = page.text
    caption = scan.TABLE_CAPTION.match(text, start, end)
    blank = scan.BLANK_LINES.match(text, caption.end(), end) if caption else None
    if caption is None or blank is None:
        return None
    first = blank.end()
    stop = text.find("\n", first, end)
    stop = end if stop < 0 else stop + 1
    if scan.ROW.match(text, first, stop):
        after = find_pipe_table(page, stop, end)
        return None if after is None else ((first, after), end, caption)
    aligned = read_aligned_table(text, first, stop, end)
    return None if aligned is None else (aligned, end, caption)


def find_pipe_table(page: Page, stop: int, end: int) -> int | None:
    """Where the table is over whose first row ends at `stop`; None if it is none."""
    text = page.text
    if stop >= end or not scan.TABLE_RULE.match(text, stop, end):
        return None
    position = stop
    while position < end and scan.ROW.match(text, position, end):
        after = text.find("\n", position, end)
        position = end if after < 0 else after + 1
    return position


def _read_pipe_table(page: Page, start: int, end: int) -> None:
    asm, text = page.asm, page.text
    table = asm.open_table()
    rows: list[list[tuple[int, int]]] = []
    position = start
    while position < end:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop
        cells: list[tuple[int, int]] = []
        begin = scan.skip(text, position, stop) + 1
        for part in scan.ROW_PART.finditer(text, begin, stop):
            if part[0] == "|":
                cells.append((begin, part.start()))
                begin = part.end()
        if text[begin:stop].strip():
            cells.append((begin, stop))
        rows.append(cells)
        position = stop + 1
    del rows[1:2]  # the rule between head and body
    repair = repair_rows([[text[first:last] for first, last in cells] for cells in rows])
    if repair.unclear is not None and rows[repair.unclear]:
        asm.problem(
            "table-row-shifted",
            "Cells of this table seem to stand in a wrong column, under a cell that spanned rows.",
            cure="Look at the table in the article; its cells are kept as the file has them.",
            raw_start=rows[repair.unclear][0][0],
            raw_end=rows[repair.unclear][-1][1],
        )
    # A table without a head has an empty one in Markdown, which knows no other.
    headless = len(rows) > 1 and not any(text[first:last].strip() for first, last in rows[0])
    for row, cells in enumerate(rows[headless:], headless):
        gap = repair.gaps.get(row)
        for index, (first, last) in enumerate(cells[: len(cells) - gap.padding] if gap else cells):
            column = index + gap.width if gap and index >= gap.column else index
            row_span = repair.row_spans.get((row, column), 1)
            add_cell(page, table, row - headless, column, first, last, row == 0, row_span=row_span)


def _read_aligned_table(page: Page, aligned: AlignedTable) -> None:
    table = page.asm.open_table()
    for row, cells in enumerate(aligned.rows):
        for column, lines in enumerate(cells):
            if lines:
                broken: set[int] = set()
                if aligned.has_blocks:
                    lines, broken = _unlisted(page, lines)
                first, *further = lines
                high, wide = aligned.spans.get((row, column), (1, 1))
                add_cell(page, 
                    table, row, column, *first, row < aligned.head_rows,
                    row_span=high, column_span=wide, further=further, broken=broken,
                )  # fmt: skip


def _unlisted(
    page: Page, lines: Sequence[tuple[int, int]]
) -> tuple[list[tuple[int, int]], set[int]]:
    """A cell's lines without the marks of lists and breaks, and which begin something new."""
    text = page.text
    found: list[tuple[int, int]] = []
    broken: set[int] = set()
    for number, (first, last) in enumerate(lines):
        if mark := scan.LIST_MARK.match(text, first, last):
            first = mark.end()
        if mark or (number and text.count("\n", lines[number - 1][1], first) > 1):
            broken.add(number)
        if line_break := scan.BREAK_MARK.search(text, first, last):
            last = line_break.start()
            broken.add(number + 1)
        found.append((first, last))
    return found, broken


def _cell_lines(page: Page, lines: Sequence[tuple[int, int]], broken: AbstractSet[int]) -> None:
    """A cell's lines, what stands between them left out; a link may run over several.

    A space parts the lines whose number is in `broken` from those before them.
    """
    joined = "\n".join(page.text[first:last] for first, last in lines)
    begins = [0, *accumulate(last - first + 1 for first, last in lines)]

    def read(start: int, stop: int, how: How = IN_CELL) -> None:
        """Read [start, stop) of the joined lines."""
        for number in range(bisect_right(begins, start) - 1, bisect_left(begins, stop)):
            begin, (first, last) = begins[number], lines[number]
            a, b = max(first, first + start - begin), min(last, first + stop - begin)
            if a < b:
                if a == first and begin > start:
                    newline = page.text.rfind("\n", 0, first)
                    join = page.asm.space if number in broken else page.asm.keep
                    join(newline, newline + 1)
                page.inline(page, a, b, how)

    def raw(place: int) -> int:
        number = bisect_right(begins, place) - 1
        return lines[number][0] + place - begins[number]

    position = 0
    for link in scan.LINK.finditer(joined):
        if "\n" not in link[0] or joined[link.start() - 1 : link.start()] in ("!", "\\"):
            continue
        target, url = where(page, link)
        if target.kind not in ("page", "interwiki", "external"):
            continue
        read(position, link.start())
        here = page.asm.here
        read(*link.span("anchor"), How(flat=True, in_anchor=True))
        page.asm.link(
            here, target.kind, target=target.title, url=url,
            raw_start=raw(link.start()), raw_end=raw(link.end() - 1) + 1,
        )  # fmt: skip
        position = link.end()
    read(position, len(joined))


def add_cell(
    page: Page,
    table: int,
    row: int,
    column: int,
    start: int,
    end: int,
    is_header: bool,
    *,
    row_span: int = 1,
    column_span: int = 1,
    is_html: bool = False,
    further: Sequence[tuple[int, int]] = (),
    broken: AbstractSet[int] = frozenset(),
) -> None:
    """A cell's text, one block whatever stands in it; `further` are its other lines, and
    `broken` see `_cell_lines`."""
    asm = page.asm
    start = scan.skip(page.text, start, end)
    end = start + len(page.text[start:end].rstrip())
    asm.open_block("table_cell")
    if further:
        _cell_lines(page, [(start, end), *further], broken)
        end = further[-1][1]
    else:
        page.inline(page, start, end, _IN_HTML if is_html else IN_CELL)
    block = asm.close_block()
    asm.cell(
        table, row, column, start, end,
        block=block, row_span=row_span, column_span=column_span, is_header=is_header,
    )  # fmt: skip


def read_html_table(page: Page, region: scan.Region) -> None:
    """`<table>` … `</table>`: a grid in which a cell that spans rows pushes those below it."""
    text, asm = page.text, page.asm
    table = asm.open_table()
    parts = _html_parts(page, region)
    rows: list[list[_HtmlPart]] = [[] for _ in range(max((p.row for p in parts), default=-1) + 1)]
    for part in parts:
        if part.name in ("td", "th"):
            rows[part.row].append(part)
    spanned = any(part.row_span > 1 or part.column_span > 1 for part in parts)
    # A converter that knows no spans left the same gaps as in a pipe table.
    repair = repair_rows(
        [] if spanned else [[text[part.start : part.end] for part in row] for row in rows]
    )
    taken: dict[int, int] = {}  # column → the row from which it is free again
    row, index, column = -1, 0, 0
    for part in parts:
        if part.name not in ("td", "th"):
            asm.open_block("caption" if part.name == "caption" else "paragraph")
            page.inline(page, part.start, part.end, _IN_HTML)
            asm.close_block()
            if part.name == "caption":
                page.caption_words = scan.NO_WORDS.sub("", text[part.start : part.end])
            continue
        row, index, column = (row, index + 1, column) if part.row == row else (part.row, 0, 0)
        row_span = part.row_span
        if gap := repair.gaps.get(row):
            if index >= len(rows[row]) - gap.padding:
                continue
            column += gap.width if index == gap.column else 0
        while column < _MOST_COLUMNS and taken.get(column, 0) > row:
            column += 1
        row_span = repair.row_spans.get((row, column), row_span)
        add_cell(page, 
            table, row, column, part.start, part.end, part.name == "th",
            row_span=row_span, column_span=part.column_span, is_html=True,
        )  # fmt: skip
        if part.row_span > 1:
            for reached in range(column, column + part.column_span):
                taken[reached] = row + part.row_span
        column += part.column_span


def _html_parts(page: Page, region: scan.Region) -> list[_HtmlPart]:
    """The cells of an HTML table, its caption, and other text in it, in their order."""
    text = page.text
    parts: list[_HtmlPart] = []
    row = -1
    name, row_span, column_span = "", 1, 1
    begin = position = region.inner_start

    def close(until: int) -> None:
        if name in ("td", "th") or text[begin:until].strip():
            parts.append(_HtmlPart(name, max(row, 0), begin, until, row_span, column_span))

    while tag := scan.TABLE_TAG.search(text, position, region.inner_end):
        position = tag.end()
        inner = page.regions.get(tag.start())
        if inner is not None:  # a table in a cell, a comment, mathematics: no tags of ours
            position = max(position, inner.end)
            continue
        if tag["name"] is None:
            continue
        close(tag.start())
        begin, row_span, column_span = position, 1, 1
        name = "" if tag["close"] else tag["name"].lower()
        if name == "tr":
            row += 1
        elif name in ("td", "th"):
            row = max(row, 0)
            attributes = scan.attributes(tag["rest"])
            row_span = scan.span_of(attributes.get("rowspan"))
            column_span = scan.span_of(attributes.get("colspan"))
    close(region.inner_end)
    return parts
