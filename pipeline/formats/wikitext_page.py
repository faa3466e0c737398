"""One article in wikitext while it is read: what the parts of the reader need to know of the whole.

The parts call each other in circles, as a template stands in a note and a note in a template;
`Page.range`, which reads whatever stands in a range, and `Page.template` close the circles.
"""

from __future__ import annotations

import html
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, Protocol

from pipeline.formats.assemble import Assembler
from pipeline.formats.wikitext_notes import MASKED, Use
from pipeline.formats.wikitext_scan import DROP, LITERAL, Pair, Scan
from pipeline.records import BlockKind


class Value(NamedTuple):
    """A template's parameter without the white space around it, and where its name stands."""

    name: str
    start: int
    end: int
    name_start: int
    name_end: int


class ReadTemplate(Protocol):
    """Reads a template where it stands; not `marked`: what it notes gets no marker."""

    def __call__(self, page: Page, pair: Pair, /, *, marked: bool = ...) -> None: ...


@dataclass(slots=True)
class Table:
    """A table that is being read; `level` is the reader's level at which its cells stand."""

    number: int
    level: int
    row: int = 0
    column: int = 0
    row_used: bool = False
    # Column → the first row that a cell from above leaves free.
    taken: dict[int, int] = field(default_factory=dict)
    # Tables inside a cell that is open.
    nested: int = 0
    cell_start: int | None = None
    sign: str = ""


@dataclass(slots=True)
class State:
    """Where in the article's blocks the reader stands; put aside while something else is read."""

    open: bool = False
    kind: BlockKind = "paragraph"
    # 0 between blocks, where lines tell what they are; deeper inside a cell, a note, a caption.
    level: int = 0
    # In a table, outside its cells: nothing there is prose.
    muted: bool = False
    table: Table | None = None
    # Where the italics began that are open.
    italic: int | None = None
    # Whether the line has shown anything: one that did not parts paragraphs.
    shown: bool = False


@dataclass(slots=True)
class Page:
    """What stays the same while the article is read, and below it what its parts remember."""

    raw: str
    title: str
    asm: Assembler
    scan: Scan
    mask: str
    # Without those of tables, whose signs the mask shows; and where they start.
    pairs: list[Pair]
    starts: list[int]
    uses: Mapping[int, tuple[Use, ...]]
    range: Callable[[Page, int, int], None]
    template: ReadTemplate

    noted: set[Use] = field(default_factory=set)
    works: int = 0
    state: State = field(default_factory=State)


def close(page: Page) -> None:
    """End the open block. What stood inside it but is no part of it is read now."""
    if page.state.open:
        page.state.open = False
        page.asm.close_block()


def ready(page: Page) -> bool:
    """Whether text may be kept here; opens a block where one is wanted."""
    if page.state.muted:
        return False
    if not page.state.open and page.state.level == 0:
        page.asm.open_block(page.state.kind)
        page.state.open = True
    page.state.shown = True
    return True


@contextmanager
def deeper(page: Page) -> Iterator[None]:
    """Within, the reader is one level deeper: lines and breaks make no blocks."""
    page.state.level += 1
    try:
        yield
    finally:
        page.state.level -= 1


def later(page: Page, action: Callable[[], None]) -> None:
    """Do `action`, which makes blocks of its own, when the block around is closed."""

    def run() -> None:
        outer, page.state = page.state, State()
        try:
            action()
            close(page)
        finally:
            page.state = outer

    if page.state.open or page.state.level:
        page.asm.defer(run)
    else:
        run()


def keep(page: Page, start: int, end: int) -> None:
    """Keep raw [start, end) as text; white space alone opens no block."""
    if page.state.open or page.state.level:
        if not page.state.muted:
            page.state.shown = True
            page.asm.keep(start, end)
    elif not page.raw[start:end].isspace() and ready(page):
        page.asm.keep(start, end)


def put(page: Page, text: str, place: int) -> None:
    """Add `text`, which has no raw text of its own, at `place`."""
    if ready(page):
        page.asm.put(text, place, place)


def clean(page: Page, start: int, end: int) -> str:
    """The mask's text without what is masked, entities resolved: names, addresses."""
    text = page.mask[start:end]
    if LITERAL in text:
        text = "".join(
            page.raw[start + i] if char == LITERAL else char for i, char in enumerate(text)
        )
    text = MASKED.sub("", text)
    return html.unescape(text).strip() if "&" in text else text.strip()


def pair_at(page: Page, start: int) -> Pair | None:
    """The pair that opens at `start`, if one does."""
    index = bisect_left(page.starts, start)
    if index < len(page.starts) and page.starts[index] == start:
        return page.pairs[index]
    return None


def cut(page: Page, start: int, end: int, sign: str = "|") -> list[tuple[int, int]]:
    """[start, end) cut at each `sign` that stands in no pair."""
    cuts = [start - 1]
    index = bisect_left(page.starts, start)
    position = page.mask.find(sign, start, end)
    while position >= 0:
        while index < len(page.pairs) and page.starts[index] < position:
            pair = page.pairs[index]
            index += 1
            if position < pair.end <= end:
                position = page.mask.find(sign, pair.end, end)
                break
        else:
            cuts.append(position)
            position = page.mask.find(sign, position + 1, end)
    cuts.append(end)
    return [(a + 1, b) for a, b in pairwise(cuts)]


def lines_within(page: Page, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The lines of [start, end); one goes on where a newline stands inside a pair."""
    index = bisect_left(page.starts, start)
    while start < end:
        stop = page.mask.find("\n", start, end)
        stop = end if stop < 0 else stop
        while index < len(page.pairs) and page.starts[index] < stop:
            if stop < page.pairs[index].end <= end:
                stop = page.mask.find("\n", page.pairs[index].end, end)
                stop = end if stop < 0 else stop
            index += 1
        if page.mask[start:stop].strip():
            yield (start, stop)
        start = stop + 1


def trim(page: Page, start: int, end: int) -> tuple[int, int]:
    """[start, end) without the white space and what is masked at its ends."""
    text = page.mask[start:end]
    blank = f"{DROP} \t\r\n"
    return (
        start + len(text) - len(text.lstrip(blank)),
        end - len(text) + max(len(text.rstrip(blank)), len(text) - len(text.lstrip(blank))),
    )


def pairs_within(page: Page, value: Value, kind: str) -> Iterator[Pair]:
    """The pairs of `kind` in a value, those inside others left out."""
    position = value.start
    first = bisect_left(page.starts, value.start)
    for index in range(first, bisect_left(page.starts, value.end)):
        pair = page.pairs[index]
        if pair.start >= position and pair.kind == kind:
            yield pair
            position = pair.end


def first_of(given: Mapping[str, Value], names: tuple[str, ...]) -> Value | None:
    """The value of the first of `names` that is given."""
    return next((given[name] for name in names if name in given), None)
