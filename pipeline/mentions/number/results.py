"""Readings, and what the words around a number add to one."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from pipeline.mentions.lexemes import Lexeme
from pipeline.mentions.number import surroundings
from pipeline.mentions.number.amounts import Amount
from pipeline.mentions.number.counted import noun_after, noun_before
from pipeline.mentions.number.followers import ONE, Follower, Text
from pipeline.mentions.number.rates import rate_of
from pipeline.mentions.number.units import to_si
from pipeline.records import NumberKind, NumberModifier


class NumberReading(NamedTuple):
    """What a number span says; the fields are those of `records.NumberMention`."""

    kind: NumberKind
    value: float | None
    value_min: float | None
    value_max: float | None
    unit: str | None = None
    classifier: str | None = None
    counted: str | None = None
    modifier: NumberModifier | None = None
    si_value: float | None = None
    si_unit: str | None = None
    confidence: float = 0.95


class Read(NamedTuple):
    """A reading with the span it needs, which a sign or a scale before the form may widen."""

    start: int
    end: int
    reading: NumberReading | None  # None: these words are no number, and are used up


def _values(low: Fraction, high: Fraction) -> tuple[float | None, float, float]:
    if low is high or low == high:
        value = low.numerator / low.denominator  # as float(low), without the call
        return (value, value, value)
    return (None, float(min(low, high)), float(max(low, high)))


# What a rate is of where a classifier stands for its unit: persons in a density, turns a minute.
_PER = {"人": "", "名": "", "转": "{rev}", "轉": "{rev}"}


def finish(
    text: Text,
    start: int,
    end: int,
    kind: NumberKind,
    low: Fraction,
    high: Fraction,
    *,
    unit: str | None = None,
    classifier: str | None = None,
    counted: str | None = None,
    inside: NumberModifier | None = None,
    terms: bool = False,
    confidence: float = 0.95,
) -> Read:
    """A reading of what was found, with what the words around it add."""
    per = unit if kind == "measure" else _PER.get(classifier or "") if kind == "count" else None
    if per is not None:
        rate = rate_of(text.raw, text.folded, start, end, per)
        if rate is not None:
            start, end, unit = rate
            kind, classifier, counted = "measure", None, None
    value, value_min, value_max = _values(low, high)
    if terms:
        value, value_min, value_max = None, float(low), float(high)
    si = to_si(value, unit) if kind == "measure" and unit and value is not None else None
    modifier = surroundings.modifier_of(text.folded, start, end, inside)
    if kind == "ordinal" and text.folded.startswith("多", end):
        modifier = None  # 人口第二多 is a place among others
    elif modifier is None and kind in ("percent", "fraction", "multiple"):
        modifier = surroundings.modifier_of_share(text.folded, start)
    return Read(
        start,
        end,
        NumberReading(
            kind, value, value_min, value_max, unit, classifier, counted, modifier,
            si[0] if si else None, si[1] if si else None, confidence,
        ),
    )  # fmt: skip


def signed(
    text: Text, start: int, low: Fraction, high: Fraction, *, always: bool
) -> tuple[int, Fraction, Fraction]:
    """Take in a sign before `start`. A dash between words is no minus unless `always`."""
    sign_start, sign = surroundings.sign_of(text.folded, start)
    if not sign:
        return start, low, high
    before = text.folded[sign_start - 1 : sign_start]
    if sign == "-" and not always and before and before not in " (（，、：:;\n“「=<>~":
        return start, low, high
    return sign_start, -low, -high


class Quantity(NamedTuple):
    """An amount, or the ends of a range of two, at [start, end) and what it is of; `inside` is
    the modifier that its own words give."""

    start: int
    end: int
    follower: Follower
    low: Fraction
    high: Fraction
    inside: NumberModifier | None = None


def complete(text: Text, found: Quantity) -> Read | None:
    """The reading of one amount and what follows, scaled and signed as that tells."""
    start, _, follower, low, high, _ = found
    scaled = follower.factor is not ONE and follower.factor != 1
    if scaled:
        low, high = low * follower.factor, high * follower.factor
    if follower.kind in ("measure", "percent", "money", "multiple") or scaled:
        always = follower.kind == "percent" or follower.unit in ("Cel", "[degF]", "m", "deg", "K")
        start, low, high = signed(text, start, low, high, always=always)
    if low is not found.low or start != found.start:
        found = found._replace(start=start, low=low, high=high)
    return conclude(text, found)


def conclude(text: Text, found: Quantity) -> Read | None:
    """The reading of an amount, or of two, of what follows: with the scale of a temperature and
    the noun that is counted; no number in a name, used up in a coordinate."""
    start, end, follower, low, high, inside = found
    if follower.is_temperature:
        start, _ = surroundings.scale_of(text.folded, start)
    if surroundings.glued_before(text.folded, start):
        return None
    if follower.unit == "deg" and surroundings.is_coordinate(text.folded, start, end):
        return Read(start, end, None)
    counted = None
    if follower.kind == "count" and not (follower.classifier or "").startswith("人"):
        counted = noun_after(text.raw, text.folded, end)
        if counted is None and follower.classifier is not None:
            counted = noun_before(text.raw, text.folded, start)
    return finish(
        text, start, end, follower.kind, low, high,
        unit=follower.unit, classifier=follower.classifier, counted=counted, inside=inside,
    )  # fmt: skip


def amount_end(lexemes: Sequence[Lexeme], amount: Amount) -> int:
    return lexemes[amount.next - 1].end


def is_name(text: Text, start: int) -> bool:
    return surroundings.follows_latin(text.folded, start) or surroundings.ends_with(
        "identifier", text.folded, start
    )
