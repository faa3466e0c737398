"""Rows of a table that lost the cells above which a cell spanned, put back into their columns.

Pandoc's pipe tables know no row spans: the row under one lacks its cell, so that what follows
stands too far left, and empty cells fill the row up at its end:

    | 廳    | 支廳 | 死亡 |
    | 甲廳  | 直轄 | 8    |
    | 乙支廳 | 5   |      |     ← 乙支廳 is a 支廳 of 甲廳

What a column holds in the rows that are full (numbers, or words) tells where the others belong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# Markup and signs before a cell's first word; a cell of no more than that says nothing.
_FRONT = re.compile(r"[\s*_\[\\~約约+\-–—−?？/()（]*+")
_TAG = re.compile(r"<[^<>]*+>|!?\[[^\]]*\]\([^)]*\"fig:")

# Wider tables are left alone, and so are rows that lost more cells.
_WIDEST, _MOST_LOST = 60, 4


class Gap(NamedTuple):
    """A row's lost cells: `width` of them from `column` on, and the `padding` at its end."""

    column: int
    width: int
    padding: int


class RowRepair(NamedTuple):
    """`gaps` by row; `row_spans` of the cells above them by (row, column); `unclear` is the first
    row that does not fit its columns, and that no shift mends."""

    gaps: dict[int, Gap]
    row_spans: dict[tuple[int, int], int]
    unclear: int | None


def repair_rows(rows: Sequence[Sequence[str]]) -> RowRepair:
    """Where the cells of `rows` belong; the first row is the head and tells the columns.

    A row is moved only if its last cells are empty, at least one of its cells contradicts its
    column, and none does after the shift. The columns are known from two rows at least.
    """
    width = len(rows[0]) if rows else 0
    repair = RowRepair({}, {}, None)
    filled = [_filled(row) for row in rows]
    full = [row for row, count in zip(rows[1:], filled[1:], strict=True) if count >= width > 2]
    if width > _WIDEST or len(full) < 2 or len(full) == len(rows) - 1:
        return repair
    columns = [_column([_kind(row[index]) for row in full]) for index in range(width)]
    unclear = None
    above: int | None = None  # the last row that is full
    for index in range(1, len(rows)):
        count = filled[index]
        if count >= width:
            above = index
        if not 0 < count < width:
            continue
        kinds = [_kind(cell) for cell in rows[index][:count]]
        if _fits(kinds, columns):
            continue
        fitting = [
            (column, lost)
            for lost in range(1, min(width - count, _MOST_LOST) + 1)
            for column in range(count)
            if _fits(kinds[:column] + [""] * lost + kinds[column:], columns)
        ]
        # The first columns are what tables span; others only if nothing else is possible.
        likely = [gap for gap in fitting if gap[0] == 0] or fitting
        if above is None or len(likely) != 1:
            unclear = index if unclear is None else unclear
            continue
        column, lost = likely[0]
        length = len(rows[index])
        repair.gaps[index] = Gap(column, lost, max(0, length - (width - lost)))
        for spanned in range(column, column + lost):
            repair.row_spans[above, spanned] = index - above + 1
    return repair._replace(unclear=unclear)


def _filled(row: Sequence[str]) -> int:
    """How many cells there are up to the last that is not empty."""
    return next((i for i in range(len(row), 0, -1) if row[i - 1].strip()), 0)


def _kind(cell: str) -> str:
    """`0` for a cell that begins with a digit, `a` for other words, nothing for none."""
    text = _TAG.sub("", cell) if "<" in cell or "fig:" in cell else cell
    front = _FRONT.match(text)
    first = text[front.end() :][:1] if front else ""
    return "" if not first else "0" if first.isdigit() else "a"


def _column(kinds: Sequence[str]) -> str:
    """The kind that all cells of a column have; nothing where they differ or say nothing."""
    said = {kind for kind in kinds if kind}
    return said.pop() if len(said) == 1 and sum(map(bool, kinds)) > 1 else ""


def _fits(kinds: Sequence[str], columns: Sequence[str]) -> bool:
    return all(
        not kind or not column or kind == column
        for kind, column in zip(kinds, columns, strict=False)
    )
