"""Amounts: what numbers of every form count with."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.lexemes import NUM, Lexeme
from pipeline.mentions.number import lexicon
from pipeline.mentions.numerals import DIGITS, read_approximation, read_exact
from pipeline.records import NumberModifier

LARGE_UNITS_AT_END = re.compile("[百千万亿兆佰仟]+\\Z")
UNIT_ONLY = re.compile("[十百千万亿兆拾佰仟 ]+")
YEAR_LIKE = re.compile("1[0-9]{3}|20[0-9]{2}|二〇[〇一二三]")


class Amount(NamedTuple):
    """`low` and `high` are equal where one number is named. `next` is the lexeme after it."""

    low: Fraction
    high: Fraction
    modifier: NumberModifier | None
    numeral: str
    next: int

    @property
    def is_range(self) -> bool:
        return self.low is not self.high and self.low != self.high


@lru_cache(maxsize=1 << 12)
def _ends(numeral: str) -> tuple[Fraction, Fraction] | None:
    """The numbers that a numeral names: one twice, or two (三四百). The same few are met again
    and again."""
    exact = read_exact(numeral)
    if exact is not None:
        return (Fraction(exact),) * 2
    ends = read_approximation(numeral)
    return (Fraction(ends[0]), Fraction(ends[1])) if ends else None


# What may follow the numeral of an amount and belong to it, at once or after a space.
_PARTS = frozenset(("more", "multiplier"))
_EXTENDS = _PARTS | {"space"}


def read_amount(lexemes: Sequence[Lexeme], index: int) -> Amount | None:
    """The amount that begins at lexeme `index`: 12, 3.5万, 二十余万, 三四百, 十几, 15k."""
    numeral = lexemes[index].word
    index += 1
    more = index < len(lexemes) and lexemes[index].number_class in _PARTS
    if more and lexemes[index].word == "几":
        numeral = numeral.rstrip("零")  # 一百零几万
    ends = _ends(numeral)
    if ends is None:
        return None
    low, high = ends
    if not more:
        return Amount(low, high, None, numeral, index)
    modifier: NumberModifier | None = None
    if lexemes[index].number_class == "more":
        word = lexemes[index].word
        index += 1
        modifier = "approx" if word == "来" else "more_than"
        if index < len(lexemes) and lexemes[index].number_class == NUM:
            factor = unit_only(lexemes[index].word)
            if factor is None:
                return None
            low, high = low * factor, high * factor
            index += 1
        elif word == "几":
            if low != high or low.denominator != 1 or low % 10 or not low:
                return None
            high = low + 10 ** (len(str(int(low))) - len(str(int(low)).rstrip("0"))) - 1
            modifier = None
    if index < len(lexemes) and lexemes[index].number_class == "multiplier":
        factor = lexicon.signs()[lexemes[index].word][1]
        if factor is None:
            return None
        low, high = low * factor, high * factor
        index += 1
    return Amount(low, high, modifier, numeral, index)


def extend_amount(run: Sequence[Lexeme], index: int, lexemes: list[Lexeme]) -> int:
    """Add the amount that begins at the numeral `run[index]` to `lexemes`, without spaces; returns
    the index after it."""
    lexemes.append(run[index])
    index += 1
    if index == len(run) or run[index].number_class not in _EXTENDS:
        return index
    for name in ("more", NUM, "multiplier"):
        after = index
        if after < len(run) and run[after].number_class == "space":
            after += 1
        if after == len(run):
            break
        following = run[after]
        if following.number_class != name:
            continue
        # 二十余【万】: after 余 only what it multiplies belongs to the amount.
        if name != NUM or (lexemes[-1].number_class == "more" and unit_only(following.word)):
            lexemes.append(following)
            index = after + 1
    return index


def unit_only(numeral: str) -> Fraction | None:
    value = read_exact(numeral) if UNIT_ONLY.fullmatch(numeral) else None
    return None if value is None else Fraction(value)


def inherit_scale(first: Amount, second: Amount) -> Fraction:
    """The first end of a range, with the second's 万 where it must have been meant (5至10万)."""
    match = LARGE_UNITS_AT_END.search(second.numeral)
    if match is None or (
        LARGE_UNITS_AT_END.search(first.numeral) and set("万亿兆") & set(first.numeral)
    ):
        return first.low
    chain = match.group()
    for i in range(len(chain)):
        factor = unit_only(chain[i:])
        if factor and first.low * factor < second.high and first.low >= 1:
            return first.low * factor
    return first.low


def is_digit(numeral: str) -> bool:
    return len(numeral) == 1 and numeral in DIGITS


def is_han(numeral: str) -> bool:
    return _ARABIC.isdisjoint(numeral)


_ARABIC = frozenset("0123456789")
