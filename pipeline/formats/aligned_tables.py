"""Pandoc's tables whose columns are told by where they stand: grid, simple and multiline ones.

    +------+------+        年份     地點          -----------------
    | 年份 | 地點 |        -------- -------        年份     地點
    +======+======+        1941年   甲            -------- --------
    | 1941 | 甲   |                                1941年   一行
    +------+------+                                         又一行
                                                  -----------------

Pandoc aligns by what a terminal shows: a wide character (CJK) fills two columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple
from unicodedata import combining, east_asian_width

_GRID_RULE = re.compile(r"[ \t]*+\+(?:[-=:]{2,}+\+)++[ \t]*+\r?(?=\n|\Z)")
_DASHES = re.compile(r"[ \t]*+-{2,}+(?:[ \t]++-{2,}+)++[ \t]*+\r?(?=\n|\Z)")
_ONE_COLUMN = re.compile(r"[ ]{2}-{3,}+[ \t]*+\r?(?=\n[ ]{2}\S)")
_FULL_RULE = re.compile(r"[ \t]*+-{3,}+[ \t]*+\r?(?=\n|\Z)")
_HEADING = re.compile(r"#{1,6}[ \t]")
_JOINT = re.compile(r"\+(?=[-=:]{2})|(?<=[-=:]{2})\+")
_RUN = re.compile("-+")
# A head of more lines is no head, and a cell beyond so many columns goes with the one before.
_LONGEST_HEAD, _WIDEST = 10, 250

# The raw ranges of a cell's lines.
Lines = list[tuple[int, int]]


class AlignedTable(NamedTuple):
    """Rows of cells, of which the first `head_rows` are headers; `end` is where the table is over.

    `spans` are the rows and columns that a cell spans, by its row and column, where there may be
    more than one; what such a cell covers is empty. `has_blocks`: a cell's lines may be lists and
    paragraphs.
    """

    rows: list[list[Lines]]
    head_rows: int
    end: int
    spans: Mapping[tuple[int, int], tuple[int, int]] = MappingProxyType({})
    has_blocks: bool = False


def read_aligned_table(text: str, start: int, stop: int, end: int) -> AlignedTable | None:
    """The table whose first line is [start, stop) of text that goes to `end`; None if it is none."""
    if text[start : start + 1] not in " \t+-" and (stop >= end or text[stop] not in " \t-"):
        return None  # as soon as can be told: most lines are prose
    if _GRID_RULE.match(text, start, stop):
        return _grid(text, start, stop, end)
    if _DASHES.match(text, start, stop):
        return _body(text, start, stop, end, [], closed=True)
    if _FULL_RULE.match(text, start, stop):
        head: Lines = []
        for first, last in _lines_from(text, stop, end):
            if _DASHES.match(text, first, last):
                return _body(text, first, last, end, head, closed=True) if head else None
            if len(head) == _LONGEST_HEAD or not text[first:last].strip():
                return None
            head.append((first, last))
        return None
    is_indented = text.startswith("  ", start)  # as no heading is that is underlined
    if stop < end and (
        _DASHES.match(text, stop, end) or (is_indented and _ONE_COLUMN.match(text, stop, end))
    ):
        rule_end = text.find("\n", stop, end)
        rule_end = end if rule_end < 0 else rule_end + 1
        return _body(text, stop, rule_end, end, [(start, stop)], closed=False)
    return None


def _lines_from(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of text [start, end), each with its newline."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop + 1
        yield (start, stop)
        start = stop


def _grid(text: str, start: int, stop: int, end: int) -> AlignedTable | None:
    """A grid table. A cell spans columns where its row has no bar between them, and rows where the
    rule below it is left out."""
    lines: list[tuple[int, int]] = [(start, stop)]
    left = text.index("+", start) - start
    for first, last in _lines_from(text, stop, end):
        if text[first : first + left + 1].strip(" \t") not in ("+", "|"):
            break
        lines.append((first, last))
    while lines and not _GRID_RULE.match(text, *lines[-1]):
        lines.pop()
    if len(lines) < 3 or "|" not in text[lines[1][0] : lines[-1][0]]:
        return None
    places = [_places(text, first, last) for first, last in lines]
    screens = ["".join(text[place] for place in line[:-1]) for line in places]
    edges = sorted({match.start() for screen in screens for match in _JOINT.finditer(screen)})
    edges = edges[:_WIDEST]
    columns = len(edges) - 1
    if columns < 1:
        return None
    # Rules part the rows; a line that is a rule in some columns and text in others is both.
    ruled = [
        [
            set(screen[a + 1 : b]) in ({"-"}, {"="}, {"-", ":"}, {"=", ":"})
            for a, b in pairwise(edges)
        ]
        for screen in screens
    ]
    rules = [number for number, marks in enumerate(ruled) if any(marks)]
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    rows: list[list[Lines]] = [[[] for _ in range(columns)] for _ in rules[1:]]
    taken: set[tuple[int, int]] = set()
    for row, (above, below) in enumerate(pairwise(rules)):
        inside = range(above + 1, below)
        for column in range(columns):
            if (row, column) in taken:
                continue
            wide = 1
            while column + wide < columns and not any(
                screens[line][edges[column + wide] :][:1] in ("|", "+") for line in inside
            ):
                wide += 1
            high = 1
            while row + high < len(rows) and not any(
                ruled[rules[row + high]][column : column + wide]
            ):
                high += 1
            taken.update(
                (r, c) for r in range(row, row + high) for c in range(column, column + wide)
            )
            spans[row, column] = (high, wide)
            for line in range(above + 1, rules[row + high]):
                _add(text, places[line], edges[column] + 1, edges[column + wide], rows[row][column])
    heads = [index for index, number in enumerate(rules) if "=" in screens[number]]
    return AlignedTable(rows, heads[0] if heads else 0, lines[-1][1], spans, has_blocks=True)


def _body(
    text: str, rule_start: int, rule_end: int, end: int, head: Lines, *, closed: bool
) -> AlignedTable | None:
    """The table under the dashes [rule_start, rule_end). `closed`: another rule ends it, else a
    blank line does. Blank lines between its rows make those of several lines."""
    starts = [run.start() for run in _RUN.finditer(text[rule_start:rule_end])][:_WIDEST]
    bounds = list(pairwise([0, *starts[1:], 2 * (end - rule_start)]))
    lines: Lines = []
    after = rule_end
    for first, last in _lines_from(text, rule_end, end):
        is_rule = _DASHES.match(text, first, last) or _FULL_RULE.match(text, first, last)
        blank = not text[first:last].strip()
        if _HEADING.match(text, first, last):
            if closed:
                return None
            break
        if is_rule or (blank and not closed):
            closed = closed and not is_rule
            after = last if is_rule else first
            break
        lines.append((first, last))
        after = last
    if closed or not lines:
        return None
    several = any(not text[first:last].strip() for first, last in lines)
    rows: list[list[Lines]] = []
    if head:
        rows.append([[] for _ in bounds])
        for first, last in head:
            _cut(text, first, last, bounds, rows[0])
    fresh = True
    for first, last in lines:
        if not text[first:last].strip():
            fresh = True
            continue
        if fresh or not several:
            rows.append([[] for _ in bounds])
        fresh = False
        _cut(text, first, last, bounds, rows[-1])
    return AlignedTable(rows, 1 if head else 0, after)


def _cut(
    text: str, start: int, end: int, bounds: Sequence[tuple[int, int]], row: list[Lines]
) -> None:
    """Add what stands in the columns of the line [start, end) to the cells of `row`."""
    places = _places(text, start, end)
    for cell, (left, right) in zip(row, bounds, strict=True):
        _add(text, places, left, right, cell)


def _places(text: str, start: int, end: int) -> list[int]:
    """For each column of the screen the character of the line that stands there; last its end."""
    places: list[int] = []
    stop = start + len(text[start:end].rstrip())
    for place in range(start, stop):
        sign = text[place]
        wide = 1 if sign.isascii() else 2 if east_asian_width(sign) in "WF" else not combining(sign)
        places.extend([place] * wide)
    places.append(stop)
    return places


def _add(text: str, places: Sequence[int], left: int, right: int, cell: Lines) -> None:
    """Add what stands in the columns [left, right) to the lines of `cell`."""
    if left < len(places):
        first, last = places[left], places[min(right, len(places) - 1)]
        if text[first:last].strip():
            cell.append((first, last))
