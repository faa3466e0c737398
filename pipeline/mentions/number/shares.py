"""Parts of a whole and what stands to what: fractions, tenths, ratios."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

from pipeline.mentions.lexemes import NUM
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.amounts import UNIT_ONLY, YEAR_LIKE, Amount, is_digit, read_amount
from pipeline.mentions.number.followers import Text, read_unit
from pipeline.mentions.number.results import Read, finish, signed
from pipeline.mentions.numerals import read_digits, read_exact
from pipeline.records import NumberKind, NumberModifier


def read_tenths(text: Text) -> Read | None:
    """三成, 七五折, 对折, 半成."""
    lexemes = text.lexemes
    last = lexemes[-1]
    start = lexemes[0].start
    if lexemes[0].number_class == "discount":
        value = lexicon.signs()[last.word][1]
        if value is None:
            return None
        return finish(text, start, last.end, "percent", value, value, unit="%")
    if lexemes[0].number_class == "half":
        half = Fraction(5 if last.number_class == "tenth" else 50)
        return finish(text, start, last.end, "percent", half, half, unit="%")
    amount = read_amount(lexemes, 0)
    if amount is None:
        return None
    if lexemes[-2].number_class == "tenth" and len(lexemes) > amount.next + 1:
        return _read_tenths_and(text, amount)
    ends = [amount]
    if amount.next < len(lexemes) - 1:
        second = read_amount(lexemes, amount.next + 1)
        if second is None:
            return None
        ends.append(second)
    low, high = ends[0].low, ends[-1].high
    if last.number_class == "tenth":
        low, high = low * 10, high * 10
        if not 0 < low <= high <= 100 or ends[-1].low > 10:
            return None
    else:
        digits = read_digits(amount.numeral) if len(amount.numeral) == 2 else None
        if digits is not None:
            low = high = Fraction(digits)
        low, high = (end * 10 if end < 10 else end for end in (low, high))
        if (not 10 < low < 100 and low != 10) or amount.low == 10:
            return None
    if surroundings.glued_before(text.folded, start):
        return None
    return finish(text, start, last.end, "percent", low, high, unit="%", inside=amount.modifier)


def _read_tenths_and(text: Text, tenths: Amount) -> Read | None:
    """兩成五, 三成半."""
    start, last = text.lexemes[0].start, text.lexemes[-1]
    unit = read_amount(text.lexemes, len(text.lexemes) - 1) if last.number_class == NUM else None
    rest = Fraction(5) if last.number_class == "half" else unit.low if unit is not None else None
    if (
        rest is None
        or (unit is not None and not is_digit(unit.numeral))
        or tenths.is_range
        or not 0 < tenths.low < 10
        or tenths.low.denominator > 1
        or surroundings.glued_before(text.folded, start)
    ):
        return None
    value = tenths.low * 10 + rest
    return finish(text, start, last.end, "percent", value, value, unit="%", inside=tenths.modifier)


def read_fraction(text: Text) -> Read | None:
    """四分之一, 1/4, 一又五分之三, ½; 百分之二十 and its kind are percent."""
    lexemes = [lexeme for lexeme in text.lexemes if lexeme.number_class != "space"]
    classes = [lexeme.number_class for lexeme in lexemes]
    start, end = lexemes[0].start, lexemes[-1].end
    if "vulgar" in classes:
        value = lexicon.signs()[lexemes[-1].word][1] or Fraction(0)
        whole = read_exact(lexemes[0].word) if len(lexemes) == 2 else Decimal(0)
        if whole is None:
            return None
        return _fraction(text, start, end, Fraction(whole) + value)
    numerals = [read_exact(lexeme.word) for lexeme in lexemes if lexeme.number_class == NUM]
    if None in numerals:
        return None
    values = [Fraction(value) for value in numerals if value is not None]
    whole_part = values.pop(0) if len(values) == 3 else Fraction(0)
    if "slash" in classes:
        numerator, denominator = values
        if (
            surroundings.is_glued(text.folded, start, end)
            or text.folded[end : end + 1] in tuple("/⁄年月日号")
            or values[0] >= 1000
            or any(value.denominator != 1 for value in values)
        ):
            return None
        if "事件" in text.folded[end : end + 6] or "恐怖" in text.folded[end : end + 6]:
            return None
    else:
        denominator, numerator = values
        factor = lexicon.signs().get(lexemes[-1].word, ("", None))[1]
        if lexemes[-1].number_class == "multiplier" and factor:
            numerator *= factor
    if not denominator:
        return None
    value = whole_part + numerator / denominator * (-1 if "minus" in classes else 1)
    first = lexemes[0].word
    if (
        "of" in classes
        and not whole_part
        and first[0] in "百千万亿佰仟"
        and UNIT_ONLY.fullmatch(first)
    ):
        return _fraction(text, start, end, value * 100, kind="percent")
    return _fraction(text, start, end, value)


def _fraction(
    text: Text, start: int, end: int, value: Fraction, kind: NumberKind = "fraction"
) -> Read:
    start, low, high = signed(text, start, value, value, always=False)
    unit = "%" if kind == "percent" else None
    return finish(text, start, end, kind, low, high, unit=unit)


def read_fraction_range(text: Text) -> Read | None:
    """百分之十至二十, 三分之一至三分之二."""
    numerals = [read_exact(lexeme.word) for lexeme in text.lexemes if lexeme.number_class == NUM]
    if None in numerals:
        return None
    values = [Fraction(value) for value in numerals if value is not None]
    first, last = values[0], values[-2] if len(values) == 4 else values[0]
    if not first or not last:
        return None
    low, high = values[1] / first, values[-1] / last
    start, end = text.lexemes[0].start, text.lexemes[-1].end
    if low >= high:
        return None
    if text.lexemes[0].word[0] in "百千万亿" and UNIT_ONLY.fullmatch(text.lexemes[0].word):
        return finish(text, start, end, "percent", low * 100, high * 100, unit="%")
    return finish(text, start, end, "fraction", low, high)


def read_fraction_measure(text: Text) -> Read | None:
    """四分之三英里."""
    unit = text.lexemes[-1]
    fraction = read_fraction(text._replace(lexemes=text.lexemes[:-1]))
    if fraction is None or fraction.reading is None or fraction.reading.value is None:
        return None
    dummy = Amount(Fraction(0), Fraction(0), None, "1", 0)
    follower = read_unit(text, unit, dummy)
    if follower is None or follower.kind != "measure":
        return None
    lexemes = text.lexemes[:-1]
    value = Fraction(fraction.reading.value).limit_denominator(10**6)
    if fraction.reading.kind == "percent":
        value /= 100  # 千分之一公克
    return finish(
        text, lexemes[0].start, unit.end, "measure", value, value,
        unit=follower.unit, classifier=follower.classifier,
    )  # fmt: skip


def read_half(text: Text) -> Read | None:
    """一半, 半數."""
    lexeme = text.lexemes[0]
    over: NumberModifier | None = (
        "more_than" if text.folded[max(0, lexeme.start - 1) : lexeme.start] == "过" else None
    )
    return finish(
        text, lexeme.start, lexeme.end, "fraction", Fraction(1, 2), Fraction(1, 2),
        inside=over,
    )  # fmt: skip


def _read_vote(text: Text) -> Read | None:
    """以243對187通過."""
    first, second = read_exact(text.lexemes[0].word), read_exact(text.lexemes[2].word)
    start, end = text.lexemes[0].start, text.lexemes[2].end
    voted = lexicon.contexts()["vote"].pattern
    if first is None or second is None or not voted.match(text.folded, end):
        return None
    return finish(text, start, end, "ratio", Fraction(first), Fraction(second), terms=True)


def read_short_fraction(text: Text) -> Read | None:
    """三分一, 二份一, as Cantonese has it, and with a unit: 三分一湯匙."""
    denominator, sign, numerator = text.lexemes[:3]
    if len(text.lexemes) > 4 or numerator.number_class != NUM:
        return None
    if sign.word == "对" and len(text.lexemes) == 3:
        return _read_vote(text)
    low, high = read_exact(denominator.word), read_exact(numerator.word)
    if sign.word not in ("分", "份") or not low or not high or high >= low or low > 20:
        return None
    value = Fraction(high) / Fraction(low)
    end = text.lexemes[-1].end
    if len(text.lexemes) == 3:
        if not surroundings.is_bounded(text.folded, denominator.start, end):
            return None
        return _fraction(text, denominator.start, end, value)
    follower = read_unit(text, text.lexemes[3], Amount(value, value, None, "1", 0))
    if follower is None or follower.kind != "measure":
        return None
    return finish(
        text, denominator.start, end, "measure", value, value,
        unit=follower.unit, classifier=follower.classifier,
    )  # fmt: skip


def read_power(text: Text) -> Read | None:
    """2^10, 2.5^-1, 2的10次方."""
    lexemes = text.lexemes
    classes = [lexeme.number_class for lexeme in lexemes]
    numerals = [read_exact(lexeme.word) for lexeme in lexemes if lexeme.number_class == NUM]
    if len(numerals) != 2 or numerals[0] is None or numerals[1] is None:
        return None
    if (classes[-1] == "to_power") != (lexemes[1].word == "的") or (
        "range" in classes and lexemes[2].word != "-"
    ):
        return None
    start, end = lexemes[0].start, lexemes[-1].end
    if surroundings.is_glued(text.folded, start, end):
        return None
    power = _power(Fraction(numerals[0]), Fraction(numerals[1]))
    if power is not None and {"minus", "range"} & set(classes):
        power = 1 / power if power else None
    if power is None:
        return None
    start, low, high = signed(text, start, power, power, always=True)
    return finish(text, start, end, "count", low, high)


# Greater powers than ten to this are no numbers that prose counts with, nor a float's.
_LARGEST_POWER = 300


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """`base` to the power of `exponent`, exactly where that is a whole number."""
    try:
        size = float(base) ** float(exponent)
        if size > 10.0**_LARGEST_POWER:
            return None
        exact = exponent.denominator == 1 and exponent < 2 * _LARGEST_POWER
        return base ** int(exponent) if exact else Fraction(size)
    except (OverflowError, ZeroDivisionError):
        return None


_CLOCK = re.compile("(?:[01]?[0-9]|2[0-4]):[0-5][0-9]")


def read_ratio(text: Text) -> Read | None:
    """3比2, 1:50000. A bare 9:30 is a time of day unless something was won by it."""
    lexemes = text.lexemes
    start, end = lexemes[0].start, lexemes[-1].end
    if len(lexemes) > 3:
        return Read(start, end, None)
    first, second = read_exact(lexemes[0].word), read_exact(lexemes[2].word)
    if first is None or second is None or surroundings.is_glued(text.folded, start, end):
        return None
    if _CLOCK.fullmatch(text.folded, start, end) and not surroundings.near(
        "score", text.folded, start, end, before=14, after=6
    ):
        return None
    if lexemes[1].word == "比" and YEAR_LIKE.fullmatch(lexemes[0].word):
        return None
    return finish(text, start, end, "ratio", Fraction(first), Fraction(second), terms=True)
