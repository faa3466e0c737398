"""What the readers of dates and lengths of time look at: folded text and the units in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.date import lexicon
from pipeline.mentions.date.value import DateReading, Parts
from pipeline.mentions.numerals import read_numeral

# What joins the two ends of a range.
JOIN = re.compile(r" ?(?:起|开始|始)?(?: ?(?:[-‐‑–—~―]{1,2}|一直到|直到|直至|至|到|迄) ?)")
# 後 or 前 after a length of time, which then counts from a date.
SHIFT = re.compile(
    r"(?P<half>半)?(?P<more>多|余)?(?P<open>之|以)?(?:(?P<after>后(?![期来代裔备卫方续期者]))|(?P<before>前(?![后夕期线任身往沿言提锋方])))"
)
# 比孔子紀元早2147年: how much earlier or later.
_COMPARED = re.compile(
    "[比较][^,。;:]{1,20}(?:早|晚|迟|提前|推迟|延后|落后|领先)了?(?:大?约|近|整整|至少)?$"
)
_CENTURIES = (1, 2, 3, 4)  # more of them are rather the one of that number
_COMPARED_END = tuple("早晚迟前后先了约近整少")
_CLAUSE = re.compile(r"[\s,。;:、(「『]")


@lru_cache(maxsize=4096)
def number_of(numeral: str) -> int | float | None:
    """What a numeral says; the same few stand beside 年, 月 and 日 again and again."""
    return read_numeral(numeral)


class Unit(NamedTuple):
    """A piece of a date in folded text: the form it matched, its numeral, the word after it.

    `head` is the word before the numeral (an era, a reign). `left` is a second numeral joined
    before the first (1941至45年), `left_start` where it begins. Notations are read already:
    `parts` is what they say, `first` the other end where they are ranges.
    """

    form: str
    start: int
    end: int
    numeral: str
    word: str
    head: str = ""
    left: str = ""
    left_start: int = -1
    parts: Parts | None = None
    first: Parts | None = None

    @property
    def begin(self) -> int:
        return self.left_start if self.left else self.start


class Item(NamedTuple):
    start: int
    end: int
    rule: str
    reading: DateReading


class Row(NamedTuple):
    """The units of a text in order, none overlapping."""

    folded: str
    units: Sequence[Unit]

    def before(self, start: int, *words: str) -> bool:
        """Whether one of `words` stands before `start`, with no more than a space between."""
        return self.folded.endswith(words, max(0, start - 8), self._beside(start))

    def _beside(self, start: int) -> int:
        return start - 1 if self.folded[start - 1 : start] == " " else start

    def cue(self, unit: Unit, side: str, says: str) -> bool:
        """Whether words that say so (cues.csv) stand right before or after the unit."""
        if side == "before":
            return self.folded.endswith(lexicon.cues(side, says), 0, self._beside(unit.start))
        return self.folded.startswith(lexicon.cues(side, says), unit.end)

    def heads_clause(self, start: int) -> bool:
        """Whether a clause begins at `start`."""
        return not start or bool(_CLAUSE.match(self.folded, start - 1))

    def is_compared(self, unit: Unit) -> bool:
        """Whether the words before it make a numeral with its unit the length between two times."""
        if not self.folded.endswith(_COMPARED_END, 0, unit.start):
            return False
        return _COMPARED.search(self.folded, max(0, unit.start - 28), unit.start) is not None

    def is_term(self, unit: Unit) -> bool:
        """Whether a numeral with 月 is a term of so many months: 二月以上, 未滿三月."""
        if self.cue(unit, "after", "term"):
            return True
        return not unit.numeral.isascii() and self.cue(unit, "before", "term")

    def is_length(self, unit: Unit) -> bool:
        """Whether the words beside it make a numeral with its unit a length of time."""
        if self.cue(unit, "after", "length"):
            return True
        if self.cue(unit, "before", "length") and not self.before(unit.start, "到了"):
            return True
        ago = self.folded.startswith(("前", "以前", "之前"), unit.end)
        return ago and unit.numeral[1:] in ("000", "500") and unit.numeral != "2000"

    def is_centuries(self, unit: Unit) -> bool:
        """Whether a numeral with 世紀 is so many hundred years: 過去一世紀, but 到了五世紀."""
        return (
            not unit.head
            and not unit.left
            and number_of(unit.numeral) in _CENTURIES
            and self.cue(unit, "before", "length")
            and not self.before(unit.start, "了", "前")
        )

    def skip(self, k: int, end: int) -> int:
        """The first unit from `k` on that does not begin before `end`."""
        while k < len(self.units) and self.units[k].begin < end:
            k += 1
        return k
