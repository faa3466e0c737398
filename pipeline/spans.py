"""Plain text cut out of raw text, and the way back.

A reader walks the raw text once and hands each piece it keeps to a `TextBuilder`. The plain
text and the `Projection` both come from that one list of pieces, so an offset is never won
back by searching. All offsets are Unicode code points, half-open.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.errors import OffsetError


class Piece(NamedTuple):
    """Plain text that stands for a stretch of raw text.

    `verbatim` pieces are copies, character by character; in the others (`&amp;` → `&`, a line
    wrap → one space) every plain character stands for the whole raw stretch.
    """

    start: int
    end: int
    raw_start: int
    raw_end: int
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Projection:
    """Maps plain offsets to raw offsets. Pieces are in plain order and leave no gap in it."""

    pieces: tuple[Piece, ...]
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(piece.start for piece in self.pieces))

    def _piece_at(self, offset: int) -> Piece:
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset >= self.pieces[index].end:
            raise OffsetError(f"plain offset {offset} is outside the text")
        return self.pieces[index]

    def raw(self, start: int, end: int) -> tuple[int, int]:
        """The raw hull of plain [start, end): from its first character to after its last.

        The hull may hold markup. An empty span maps to the raw place before the character at
        `start`, or after the last one. Raises `OffsetError` outside the text.
        """
        if start == end:
            if not self.pieces:
                return (0, 0)
            if start == self.pieces[-1].end:
                return (self.pieces[-1].raw_end,) * 2
            piece = self._piece_at(start)
            place = piece.raw_start + (start - piece.start if piece.verbatim else 0)
            return (place, place)
        if start > end:
            raise OffsetError(f"span [{start}, {end}) runs backwards")
        first = self._piece_at(start)
        last = first if end <= first.end else self._piece_at(end - 1)
        raw_start = first.raw_start + (start - first.start if first.verbatim else 0)
        raw_end = last.raw_start + (end - last.start) if last.verbatim else last.raw_end
        return (raw_start, raw_end)

    def within(self, start: int, end: int) -> Iterator[Piece]:
        """The pieces of plain [start, end), the outer ones cut to it."""
        index = max(0, bisect_right(self._starts, start) - 1)
        stop = bisect_left(self._starts, end)
        for piece in self.pieces[index:stop]:
            a, b = max(start, piece.start), min(end, piece.end)
            if a >= b:
                continue
            if piece.verbatim:
                yield Piece(
                    a, b, piece.raw_start + a - piece.start, piece.raw_start + b - piece.start, True
                )
            else:
                yield Piece(a, b, piece.raw_start, piece.raw_end, False)

    def read(self, raw: str, plain: str, start: int, end: int) -> str:
        """Plain [start, end) read back from the raw text, markup left out.

        Verbatim pieces are read from `raw`; the others, whose raw form differs by design
        (an entity, a line wrap), from `plain`. Equal to `plain[start:end]` unless there is a bug.
        """
        return "".join(
            raw[p.raw_start : p.raw_end] if p.verbatim else plain[p.start : p.end]
            for p in self.within(start, end)
        )


class TextBuilder:
    """Collects kept pieces; `text()` and `projection()` are made of the same list."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self._parts: list[str] = []
        self._pieces: list[Piece] = []
        self.length = 0

    def keep(self, raw_start: int, raw_end: int) -> tuple[int, int]:
        """Copy raw [raw_start, raw_end); returns its plain span."""
        start = self.length
        if raw_end <= raw_start:
            return (start, start)
        self._parts.append(self.raw[raw_start:raw_end])
        self.length += raw_end - raw_start
        last = self._pieces[-1] if self._pieces else None
        if last and last.verbatim and last.raw_end == raw_start:
            self._pieces[-1] = last._replace(end=self.length, raw_end=raw_end)
        else:
            self._pieces.append(Piece(start, self.length, raw_start, raw_end, True))
        return (start, self.length)

    def put(self, text: str, raw_start: int, raw_end: int) -> tuple[int, int]:
        """Add `text`, which stands for raw [raw_start, raw_end); returns its plain span."""
        start = self.length
        if text:
            self._parts.append(text)
            self.length += len(text)
            self._pieces.append(Piece(start, self.length, raw_start, raw_end, False))
        return (start, self.length)

    def since(self, start: int) -> str:
        """The text from plain offset `start` on; cheap where little was added since."""
        missing = self.length - start
        tail: list[str] = []
        for part in reversed(self._parts):
            if missing <= 0:
                break
            tail.append(part)
            missing -= len(part)
        return "".join(reversed(tail))[max(0, -missing) :]

    def text(self) -> str:
        return "".join(self._parts)

    def projection(self) -> Projection:
        return Projection(tuple(self._pieces))
