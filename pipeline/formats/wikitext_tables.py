"""Tables, as the mask shows them: a sign for each begin of a table, a row, a cell; and other signs."""

from __future__ import annotations

from pipeline.formats.wikitext_page import Page, Table, close
from pipeline.formats.wikitext_scan import (
    BREAK,
    CAPTION,
    CELL,
    HEADER,
    ITEM,
    ROW,
    SPACE,
    TABLE,
    TABLE_END,
    Cell,
)

# Columns right of this one take no part in row spans: a bound keeps the work linear.
_MOST_COLUMNS = 250


def read_control(page: Page, sign: str, place: int) -> None:
    """A sign that the mask has for markup: a break, an item, or a part of a table."""
    state = page.state
    table = state.table
    if sign in (BREAK, ITEM) and state.level == 0:
        close(page)
        state.kind = "list_item" if sign == ITEM else "paragraph"
    elif sign == TABLE and state.level == 0:
        close(page)
        state.shown = True
        state.level += 1
        state.muted = True
        state.table = Table(page.asm.open_table(), state.level)
    elif table is None or table.level != state.level or sign in (BREAK, ITEM, SPACE):
        if not state.muted and (state.open or state.level):
            page.asm.space(place, place)
    elif sign == TABLE or table.nested:
        table.nested += {TABLE: 1, TABLE_END: -1}.get(sign, 0)
        if not state.muted:
            page.asm.space(place, place)
    elif sign == TABLE_END:
        end_table(page, place)
    else:
        _end_cell(page, table, place)
        if sign == ROW:
            if table.row_used:
                table.row, table.column, table.row_used = table.row + 1, 0, False
        elif sign in (CELL, HEADER, CAPTION):
            page.asm.open_block("caption" if sign == CAPTION else "table_cell")
            table.cell_start, table.sign = place, sign
            state.open, state.muted = True, False


def _end_cell(page: Page, table: Table, end: int) -> None:
    state = page.state
    state.muted = True
    if table.cell_start is None:
        return
    start, table.cell_start = table.cell_start, None
    state.open = False
    block = page.asm.close_block()
    if table.sign == CAPTION:
        return
    spans = page.scan.cells.get(start, Cell(1, 1))
    while table.taken.get(table.column, 0) > table.row:
        table.column += 1
    if spans.row_span > 1:
        right = min(table.column + spans.column_span, _MOST_COLUMNS)
        for column in range(table.column, right):
            table.taken[column] = table.row + spans.row_span
    page.asm.cell(
        table.number,
        table.row,
        table.column,
        start,
        end,
        block=block,
        row_span=spans.row_span,
        column_span=spans.column_span,
        is_header=table.sign == HEADER,
    )
    table.column += spans.column_span
    table.row_used = True


def end_table(page: Page, end: int) -> None:
    """End the table that is open at this level, if one is."""
    state = page.state
    if state.table is not None and state.table.level == state.level:
        _end_cell(page, state.table, end)
        state.table = None
        state.level -= 1
        state.muted = False
