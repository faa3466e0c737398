"""From the lexemes of a form to what the number says."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from pipeline.mentions.lexemes import NUM, Lexeme
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.amounts import (
    UNIT_ONLY,
    YEAR_LIKE,
    Amount,
    inherit_scale,
    is_digit,
    is_han,
    read_amount,
)
from pipeline.mentions.number.followers import (
    HAN,
    Follower,
    Text,
    is_money,
    is_plausible,
    read_currency,
    read_follower,
    read_unit,
    yuan_code,
)
from pipeline.mentions.number.units import si_conversion, to_si
from pipeline.mentions.numerals import read_digits, read_exact
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
    if low == high:
        return (float(low), float(low), float(low))
    return (None, float(min(low, high)), float(max(low, high)))


def read(rule: str, text: Text) -> Read | None:
    """What the form `text.lexemes` says under `rule`; None if nothing."""
    if rule.startswith("not-"):
        return _used_up(rule, text)
    return _READERS[rule](text)


def _used_up(rule: str, text: Text) -> Read | None:
    return Read(text.lexemes[0].start, text.lexemes[-1].end, None)


def _classes(text: Text) -> list[str]:
    return [lexeme.number_class for lexeme in text.lexemes]


def _finish(
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
    value, value_min, value_max = _values(low, high)
    if terms:
        value, value_min, value_max = None, float(low), float(high)
    si = to_si(value, unit) if kind == "measure" and unit and value is not None else None
    modifier = surroundings.modifier_of(text.folded, start, end, inside)
    return Read(
        start,
        end,
        NumberReading(
            kind, value, value_min, value_max, unit, classifier, counted, modifier,
            si[0] if si else None, si[1] if si else None, confidence,
        ),
    )  # fmt: skip


def _signed(
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


def _read_simple(text: Text) -> Read | None:
    """AMOUNT follower half?"""
    lexemes = text.lexemes
    amount = read_amount(lexemes, 0)
    if amount is None:
        return None
    index = amount.next
    if [lexeme.number_class for lexeme in lexemes[index : index + 2]] == ["classifier", "unit"]:
        if lexemes[index].word != "个":  # 六個加侖
            return None
        index += 1
    follower = read_follower(text, index, amount)
    if follower is None or not is_plausible(text, amount, follower, lexemes[index]):
        return None
    low, high, inside = amount.low, amount.high, amount.modifier
    end = lexemes[index].end
    for extra in lexemes[index + 1 :]:
        low, high = low + Fraction(1, 2), high + Fraction(1, 2)
        end = extra.end
    return _complete(text, lexemes[0].start, end, follower, low, high, inside, amount)


def _complete(
    text: Text,
    start: int,
    end: int,
    follower: Follower,
    low: Fraction,
    high: Fraction,
    inside: NumberModifier | None,
    amount: Amount,
) -> Read | None:
    low, high = low * follower.factor, high * follower.factor
    if follower.kind in ("measure", "percent", "money", "multiple"):
        always = follower.kind == "percent" or follower.unit in ("Cel", "[degF]", "m", "deg", "K")
        start, low, high = _signed(text, start, low, high, always=always)
    if follower.is_temperature:
        start, _ = surroundings.scale_of(text.folded, start)
    if surroundings.glued_before(text.folded, start):
        return None
    if follower.unit == "deg" and surroundings.is_coordinate(text.folded, start, end):
        return Read(start, end, None)
    counted = None
    if follower.kind == "count":
        counted = surroundings.noun_after(text.raw, text.folded, end)
        if follower.classifier is not None and follower.classifier.startswith("人"):
            counted = None
    return _finish(
        text, start, end, follower.kind, low, high,
        unit=follower.unit, classifier=follower.classifier, counted=counted, inside=inside,
    )  # fmt: skip


def _read_money(text: Text) -> Read | None:
    """AMOUNT currency, currency AMOUNT, 人民币 AMOUNT 元."""
    lexemes = text.lexemes
    if lexemes[0].number_class != "currency":
        last = lexemes[-1]
        if lexemes[-2].number_class == last.number_class == "currency":
            return _read_named_after(text)
        amount = read_amount(lexemes, 0)
        if last.word in ("块", "分") and amount and not is_money(text, amount, last):
            return _as_count(text, amount, last)
        return _read_simple(text)
    index = 1
    amount = read_amount(lexemes, index)
    named = read_currency(text, lexemes[0], lexemes[0].end)
    if (
        amount is None
        or named is None
        or lexicon.currencies()[lexemes[0].word][0].form in ("yuan", "minor")
    ):
        return None
    end = lexemes[amount.next - 1].end
    factor = named.factor
    if amount.next < len(lexemes):
        last = lexemes[amount.next]
        form = lexicon.currencies()[last.word][0].form
        if form not in ("yuan", "minor"):
            return None
        factor = Fraction(lexicon.currencies()[last.word][0].factor)
        end = last.end
    elif YEAR_LIKE.fullmatch(amount.numeral) and not _is_sign(lexemes[0].word):
        return None
    follower = Follower("money", named.unit, named.classifier, factor)
    return _complete(
        text, lexemes[0].start, end, follower, amount.low, amount.high, amount.modifier, amount
    )


def _read_named_after(text: Text) -> Read | None:
    """5000元人民币: the second word tells which 元."""
    amount = read_amount(text.lexemes, 0)
    first, second = text.lexemes[-2:]
    if amount is None or lexicon.currencies()[first.word][0].form != "yuan":
        return None
    named = read_currency(text, second, second.end)
    if named is None or lexicon.currencies()[second.word][0].form != "currency":
        return None
    return _complete(
        text, text.lexemes[0].start, second.end, named,
        amount.low, amount.high, amount.modifier, amount,
    )  # fmt: skip


def _is_sign(word: str) -> bool:
    return not any("\u3400" <= char <= "\u9fff" for char in word)


def _as_count(text: Text, amount: Amount, lexeme: Lexeme) -> Read | None:
    follower = Follower("count", None, text.raw[lexeme.start : lexeme.end])
    if not is_plausible(text, amount, follower, lexeme):
        return None
    return _complete(
        text, text.lexemes[0].start, lexeme.end, follower,
        amount.low, amount.high, amount.modifier, amount,
    )  # fmt: skip


def _parts(text: Text, index: int, stop: int) -> tuple[Fraction, Follower] | None:
    """五元三毛, 50元6角三分 between lexemes `index` and `stop`: the sum, in the first unit."""
    amount = read_amount(text.lexemes, index)
    if amount is None or amount.is_range or text.lexemes[amount.next].number_class != "currency":
        return None
    major = read_currency(text, text.lexemes[amount.next], text.lexemes[amount.next].end)
    if major is None:
        return None
    total = amount.low * major.factor
    index, smallest = amount.next + 1, major.factor
    while index < stop:
        if text.lexemes[index].number_class == "and_fraction":
            index += 1
        amount = read_amount(text.lexemes, index)
        if amount is None or amount.is_range:
            return None
        row = lexicon.currencies()[text.lexemes[amount.next].word][0]
        factor = Fraction(row.factor)
        if row.form != "minor" or factor >= smallest:
            return None
        total += amount.low * factor
        smallest, index = factor, amount.next + 1
    return total, major._replace(factor=Fraction(1))


def _read_parts(text: Text) -> Read | None:
    found = _parts(text, 0, len(text.lexemes))
    if found is None:
        return None
    total, follower = found
    first = read_amount(text.lexemes, 0)
    assert first is not None
    return _complete(
        text, text.lexemes[0].start, text.lexemes[-1].end, follower, total, total, None, first
    )


def _read_range(text: Text) -> Read | None:
    """AMOUNT follower? range AMOUNT follower."""
    lexemes = text.lexemes
    prefix = None
    begin = 0
    if lexemes[0].number_class == "currency":
        if lexicon.currencies()[lexemes[0].word][0].form != "currency":
            return None
        prefix = read_currency(text, lexemes[0], lexemes[0].end)
        begin = 1
    first = read_amount(lexemes, begin)
    if first is None or first.next >= len(lexemes):
        return None
    index = first.next
    first_end = index
    if lexemes[index].number_class != "range":
        index += 1
    if lexemes[index].number_class != "range":
        return _read_parts_range(text)
    split = index
    index += 1
    negative = False
    while lexemes[index].number_class in ("range", "minus", "currency", "of"):
        negative = negative or lexemes[index].number_class in ("range", "minus")
        index += 1
    second = read_amount(lexemes, index)
    if second is None or first.is_range or second.is_range:
        return None
    if second.next < len(lexemes):
        follower = read_follower(text, second.next, second)
        end = lexemes[-1].end
    else:
        follower = prefix
        end = lexemes[second.next - 1].end
    if prefix is not None and follower is not None:
        follower = prefix._replace(factor=follower.factor)
    if follower is None:
        return None
    low, high = inherit_scale(first, second), second.low
    if negative:
        high = -high
    if split > first_end:
        other = read_follower(text, first_end, first)
        if other is None:
            return None
        if other.kind != follower.kind or other.classifier != follower.classifier:
            return None
        low = first.low
        if other.unit != follower.unit:
            converted = _convert(low, other.unit, follower.unit)
            if converted is None:
                return None
            low = converted
    elif lexemes[-1].word in ("块", "分", "角", "仙"):
        return None
    start = lexemes[0].start
    start, low, _ = _signed(text, start, low, low, always=follower.unit in ("Cel", "[degF]", "%"))
    if low < 0 < high and surroundings.sign_of(text.folded, lexemes[0].start)[1] == "零下":
        high = -high
    low, high = low * follower.factor, high * follower.factor
    if low == high:
        return None
    if follower.is_temperature:
        start, _ = surroundings.scale_of(text.folded, start)
    if surroundings.glued_before(text.folded, start):
        return None
    if follower.unit == "deg" and surroundings.is_coordinate(text.folded, start, end):
        return Read(start, end, None)
    counted = None
    if follower.kind == "count" and not (follower.classifier or "").startswith("人"):
        counted = surroundings.noun_after(text.raw, text.folded, end)
    return _finish(
        text, start, end, follower.kind, low, high,
        unit=follower.unit, classifier=follower.classifier, counted=counted,
        inside=second.modifier,
    )  # fmt: skip


def _convert(value: Fraction, unit: str | None, to: str | None) -> Fraction | None:
    """`value` of one UCUM unit in another, where both measure the same."""
    if unit is None or to is None:
        return None
    a, b = si_conversion(unit), si_conversion(to)
    if a is None or b is None or a[2] != b[2] or a[1] or b[1]:
        return None
    return Fraction(f"{float(value) * a[0] / b[0]:.12g}")


def _read_parts_range(text: Text) -> Read | None:
    classes = [lexeme.number_class for lexeme in text.lexemes]
    if classes.count("range") != 1:
        return None
    split = classes.index("range")
    low, high = _parts(text, 0, split), _parts(text, split + 1, len(classes))
    if low is None or high is None or low[1].unit != high[1].unit or low[0] >= high[0]:
        return None
    return _finish(
        text,
        text.lexemes[0].start,
        text.lexemes[-1].end,
        "money",
        low[0],
        high[0],
        unit=low[1].unit,
    )


def _neighbours(text: Text) -> tuple[Fraction, Amount] | None:
    """5、6 and 五、六萬: the first of two numbers that follow each other, and the second as read."""
    lexemes = text.lexemes
    first, second = read_amount(lexemes, 0), read_amount(lexemes, 2)
    if first is None or second is None or first.is_range or second.is_range:
        return None
    factor = second.low / (first.low + 1)
    if not 0 < first.low < 10 or not re.fullmatch("10*", str(factor)):
        return None
    before = text.folded[max(0, lexemes[0].start - 4) : lexemes[0].start]
    if before[-1:] in tuple("、和与及") or "第" in before:
        return None
    if surroundings.is_glued(text.folded, lexemes[0].start, lexemes[-1].end):
        return None
    return first.low * factor, second


def _read_list(text: Text) -> Read | None:
    """5、6個, 五、六萬人: one or the other."""
    found = _neighbours(text)
    if found is None:
        return None
    low, second = found
    follower = read_follower(text, second.next, second)
    if follower is None:
        return None
    return _complete(
        text, text.lexemes[0].start, text.lexemes[-1].end, follower,
        low, second.low, second.modifier, second,
    )  # fmt: skip


def _read_noun_list(text: Text) -> Read | None:
    """五、六萬兵力, 二、三十萬: with a large unit it needs no classifier."""
    found = _neighbours(text)
    if found is None or found[1].low < 1000:
        return None
    low, second = found
    end = _amount_end(text.lexemes, second)
    return _finish(
        text, text.lexemes[0].start, end, "count", low, second.low,
        counted=surroundings.noun_after(text.raw, text.folded, end), inside=second.modifier,
        confidence=0.9,
    )  # fmt: skip


def _read_noun(text: Text) -> Read | None:
    """60万红军: the noun stays outside."""
    lexemes = text.lexemes
    amount = read_amount(lexemes, 0)
    noun = lexemes[-1]
    if amount is None or not surroundings.may_count(text.folded, lexemes[0].start, amount.numeral):
        return None
    if is_digit(amount.numeral) and (len(noun.word) == 1 or amount.numeral == "一"):
        return None
    if (
        amount.numeral in ("十", "百", "千", "万", "亿", "兆")
        and amount.modifier is None
        and len(noun.word) == 1
    ):
        return None
    if (
        len(amount.numeral) > 1
        and is_han(amount.numeral)
        and read_digits(amount.numeral) is not None
        and not amount.is_range
    ):
        return None
    end = _amount_end(lexemes, amount)
    start = lexemes[0].start
    if surroundings.is_glued(text.folded, start, end) or _is_name(text, start):
        return None
    return _finish(
        text, start, end, "count", amount.low, amount.high,
        counted=text.raw[noun.start : noun.end], inside=amount.modifier, confidence=0.9,
    )  # fmt: skip


def _read_noun_range(text: Text) -> Read | None:
    lexemes = text.lexemes
    first = read_amount(lexemes, 0)
    if first is None or lexemes[first.next].number_class != "range":
        return None
    index = first.next + 1
    second = read_amount(lexemes, index)
    if second is None or first.is_range or second.is_range:
        return None
    low, high = inherit_scale(first, second), second.low
    end = _amount_end(lexemes, second)
    start = lexemes[0].start
    if (
        low >= high
        or surroundings.is_glued(text.folded, start, end)
        or YEAR_LIKE.fullmatch(first.numeral)
    ):
        return None
    return _finish(
        text, start, end, "count", low, high,
        counted=text.raw[lexemes[-1].start : lexemes[-1].end], inside=second.modifier, confidence=0.9,
    )  # fmt: skip


def _amount_end(lexemes: Sequence[Lexeme], amount: Amount) -> int:
    return lexemes[amount.next - 1].end


def _is_name(text: Text, start: int) -> bool:
    return surroundings.follows_latin(text.folded, start) or surroundings.ends_with(
        "identifier", text.folded, start
    )


def _read_two_taels(text: Text) -> Read | None:
    """二百两: the lexer takes 两 for a numeral, which after a numeral it cannot be."""
    lexemes = text.lexemes
    amount = read_amount(lexemes, 0)
    if amount is None or lexemes[-1].number_class == NUM:
        tael = lexemes[-1]
        halves = Fraction(0)
    else:
        tael, halves = lexemes[-2], Fraction(1, 2)
    head = [lexeme for lexeme in lexemes if lexeme.start < tael.start]
    if tael.word != "两" or not head:
        return None
    amount = read_amount(head, 0)
    if amount is None or amount.next != len(head):
        return None
    follower = Follower("measure", None, text.raw[tael.start : tael.end])
    return _complete(
        text, lexemes[0].start, lexemes[-1].end, follower,
        amount.low + halves, amount.high + halves, amount.modifier, amount,
    )  # fmt: skip


def _read_measure(text: Text) -> Read | None:
    if text.lexemes[-1].number_class == NUM or (
        text.lexemes[-1].number_class == "half" and text.lexemes[-2].number_class == NUM
    ):
        return _read_two_taels(text)
    return _read_simple(text)


def _read_tenths(text: Text) -> Read | None:
    """三成, 七五折, 对折, 半成."""
    lexemes = text.lexemes
    last = lexemes[-1]
    start = lexemes[0].start
    if lexemes[0].number_class == "discount":
        value = lexicon.signs()[last.word][1]
        if value is None:
            return None
        return _finish(text, start, last.end, "percent", value, value, unit="%")
    if lexemes[0].number_class == "half":
        half = Fraction(5 if last.number_class == "tenth" else 50)
        return _finish(text, start, last.end, "percent", half, half, unit="%")
    amount = read_amount(lexemes, 0)
    if amount is None:
        return None
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
    return _finish(text, start, last.end, "percent", low, high, unit="%", inside=amount.modifier)


def _read_fraction(text: Text) -> Read | None:
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
            or text.folded[end : end + 1] in tuple("/⁄年月日")
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
    start, low, high = _signed(text, start, value, value, always=False)
    unit = "%" if kind == "percent" else None
    return _finish(text, start, end, kind, low, high, unit=unit)


def _read_fraction_range(text: Text) -> Read | None:
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
        return _finish(text, start, end, "percent", low * 100, high * 100, unit="%")
    return _finish(text, start, end, "fraction", low, high)


def _read_fraction_measure(text: Text) -> Read | None:
    """四分之三英里."""
    unit = text.lexemes[-1]
    fraction = _read_fraction(text._replace(lexemes=text.lexemes[:-1]))
    if fraction is None or fraction.reading is None or fraction.reading.value is None:
        return None
    dummy = Amount(Fraction(0), Fraction(0), None, "1", 0)
    follower = read_unit(text, unit, dummy)
    if follower is None or follower.kind != "measure" or fraction.reading.kind != "fraction":
        return None
    lexemes = text.lexemes[:-1]
    value = Fraction(fraction.reading.value).limit_denominator(10**6)
    return _finish(
        text, lexemes[0].start, unit.end, "measure", value, value,
        unit=follower.unit, classifier=follower.classifier,
    )  # fmt: skip


def _read_half(text: Text) -> Read | None:
    lexeme = text.lexemes[0]
    return _finish(text, lexeme.start, lexeme.end, "fraction", Fraction(1, 2), Fraction(1, 2))


def _read_short_fraction(text: Text) -> Read | None:
    """三分一, 二份一, as Cantonese has it, and with a unit: 三分一湯匙."""
    denominator, sign, numerator = text.lexemes[:3]
    if len(text.lexemes) > 4 or numerator.number_class != NUM:
        return None
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
    return _finish(
        text, denominator.start, end, "measure", value, value,
        unit=follower.unit, classifier=follower.classifier,
    )  # fmt: skip


_HALVED = frozenset("个块只袋瓶杯碗桶盒打圈张匹")


def _read_half_follower(text: Text) -> Read | None:
    """半公里, 半個."""
    half, last = text.lexemes
    if (
        text.folded[half.start - 1 : half.start] in tuple("上下前后大小多过一各另东西南北右左夜")
        and half.start
    ):
        return None
    follower = read_follower(text, 1, Amount(Fraction(0), Fraction(0), None, "1", 1))
    if follower is None or (last.number_class == "classifier" and last.word not in _HALVED):
        return None
    if last.word in ("角", "分", "仙", "毛", "度", "°", "圆", "节", "里", "石", "升"):
        return None
    value = Fraction(1, 2) * follower.factor
    return _finish(
        text, half.start, last.end, follower.kind, value, value,
        unit=follower.unit, classifier=follower.classifier,
        counted=surroundings.noun_after(text.raw, text.folded, last.end)
        if follower.kind == "count" else None,
    )  # fmt: skip


def _read_ordinal(text: Text) -> Read | None:
    lexemes = text.lexemes
    value = read_exact(lexemes[1].word)
    if value is None or value != value.to_integral_value():
        return None
    classifier = None
    end = lexemes[1].end
    if len(lexemes) == 3:
        classifier, end = text.raw[lexemes[2].start : lexemes[2].end], lexemes[2].end
    return _finish(
        text, lexemes[0].start, end, "ordinal", Fraction(value), Fraction(value),
        classifier=classifier, counted=surroundings.noun_after(text.raw, text.folded, end),
    )  # fmt: skip


def _read_ordinal_range(text: Text) -> Read | None:
    lexemes = text.lexemes
    values = [read_exact(lexeme.word) for lexeme in lexemes if lexeme.number_class == NUM]
    if len(values) != 2 or values[0] is None or values[1] is None or values[0] >= values[1]:
        return None
    last = lexemes[-1]
    classifier = text.raw[last.start : last.end] if last.number_class == "classifier" else None
    if lexemes[2].number_class == "classifier" and lexemes[2].word != last.word:
        return None
    return _finish(
        text, lexemes[0].start, last.end, "ordinal", Fraction(values[0]), Fraction(values[1]),
        classifier=classifier,
        counted=surroundings.noun_after(text.raw, text.folded, last.end),
    )  # fmt: skip


_BOUNDS = re.compile(
    "(?:的?同时|以上|以下|且|并且|并|而|和|或|但|又|,| |、)*"
    "(?:大于等于|大于或等于|小于等于|小于或等于|不[大小多少高低]于|不超过|[大小多少高低]于|超过|不足|不到|至[多少]|最[多少])?(?:了|有|为)?"
)
_LOWER, _UPPER = frozenset(("more_than", "at_least")), frozenset(("less_than", "at_most"))


def join_bounds(folded: str, first: Read, second: Read) -> Read | None:
    """大于10小于20 is one range: two numbers in a row, one the least and one the most."""
    a, b = first.reading, second.reading
    if a is None or b is None or a.value is None or b.value is None:
        return None
    if a.kind != b.kind or (a.unit, a.classifier) != (b.unit, b.classifier):
        return None
    if not _BOUNDS.fullmatch(folded, first.end, second.start):
        return None
    if a.modifier in _UPPER and b.modifier in _LOWER:
        a, b = b, a
    elif not (a.modifier in _LOWER and b.modifier in _UPPER):
        return None
    if a.value is None or b.value is None or a.value >= b.value:
        return None
    joined = a._replace(
        value=None, value_min=a.value, value_max=b.value, modifier=None, si_value=None, si_unit=None
    )
    return Read(first.start, second.end, joined)


_CLOCK = re.compile("(?:[01]?[0-9]|2[0-4]):[0-5][0-9]")


def _read_ratio(text: Text) -> Read | None:
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
    return _finish(text, start, end, "ratio", Fraction(first), Fraction(second), terms=True)


def _read_between(text: Text) -> Read | None:
    """20和30之间, 介於10公里與20公里之間."""
    lexemes = text.lexemes[:-1]
    first = read_amount(lexemes, 0)
    if first is None:
        return None
    index = first.next
    one = None
    if lexemes[index].number_class != "and":
        one = read_follower(text, index, first)
        index += 1
    if lexemes[index].number_class != "and":
        return None
    index += 1
    second = read_amount(lexemes, index)
    if second is None or first.is_range or second.is_range:
        return None
    two = read_follower(text, second.next, second) if second.next < len(lexemes) else None
    low, high = inherit_scale(first, second), second.low
    if one is not None:
        if two is None or one.unit != two.unit or one.classifier != two.classifier:
            return None
        low = first.low
    if low >= high:
        return None
    start = lexemes[0].start
    if two is None:
        if surroundings.is_glued(text.folded, start, lexemes[-1].end) or (
            YEAR_LIKE.fullmatch(first.numeral) and YEAR_LIKE.fullmatch(second.numeral)
        ):
            return None
        two = Follower("count")
    start, low, _ = _signed(text, start, low, low, always=False)
    end = lexemes[-1].end if second.next < len(lexemes) else _amount_end(lexemes, second)
    return _finish(
        text, start, end, two.kind, low * two.factor, high * two.factor,
        unit=two.unit, classifier=two.classifier,
    )  # fmt: skip


def _read_plus_minus(text: Text) -> Read | None:
    """±45°, 12±3公里."""
    lexemes = text.lexemes
    middle = Fraction(0)
    index = 0
    if lexemes[0].number_class == NUM:
        first = read_amount(lexemes, 0)
        if first is None or first.is_range or lexemes[first.next].number_class != "plus_minus":
            return None
        middle, index = first.low, first.next
    index += 1
    second = read_amount(lexemes, index)
    if second is None or second.is_range:
        return None
    follower: Follower | None = Follower("count")
    end = _amount_end(lexemes, second)
    if second.next < len(lexemes):
        follower = read_follower(text, second.next, second)
        end = lexemes[second.next].end
    if follower is None or surroundings.is_glued(text.folded, lexemes[0].start, end):
        return None
    return _finish(
        text, lexemes[0].start, end, follower.kind, middle - second.low, middle + second.low,
        unit=follower.unit, classifier=follower.classifier,
    )  # fmt: skip


def _read_vague(text: Text) -> Read | None:
    """數百人: no value, but its order of magnitude."""
    lexemes = text.lexemes
    size = lexicon.signs()[lexemes[0].word][1]
    if size is None:
        return None
    follower: Follower | None = Follower("count")
    if len(lexemes) == 2:
        follower = read_follower(text, 1, Amount(size, size, None, lexemes[0].word, 1))
    if follower is None:
        return None
    end = lexemes[-1].end
    counted = (
        surroundings.noun_after(text.raw, text.folded, end) if follower.kind == "count" else None
    )
    return _finish(
        text, lexemes[0].start, end, follower.kind, size * follower.factor,
        10 * size * follower.factor, unit=follower.unit, classifier=follower.classifier,
        counted=counted, confidence=0.7,
    )  # fmt: skip


def _read_number(text: Text) -> Read | None:
    """A number without anything that it counts: only where the words around it say that it does."""
    lexemes = text.lexemes
    amount = read_amount(lexemes, 0)
    if amount is None or amount.next != len(lexemes):
        return None
    start, end = lexemes[0].start, lexemes[-1].end
    if surroundings.is_glued(text.folded, start, end):
        return None
    if not _counts_alone(text, amount, start, end):
        return None
    start, low, high = _signed(text, start, amount.low, amount.high, always=False)
    if text.raw[end - 1 : end] == "K":  # 24K gold is no number of anything
        if text.folded[end : end + 1] == "金":
            return None
        if surroundings.near("temperature", text.folded, start, end, before=12):
            low, high = low / 1000, high / 1000
            return _finish(text, start, end, "measure", low, high, unit="K")
    if _CAPITAL.fullmatch(amount.numeral):
        unit = yuan_code(text.folded, end, "yuan")
        return _finish(text, start, end, "money", low, high, unit=unit, confidence=0.6)
    return _finish(
        text, start, end, "count", low, high,
        counted=surroundings.noun_after(text.raw, text.folded, end), inside=amount.modifier,
        confidence=0.8,
    )  # fmt: skip


# Capital numerals without a unit are sums of money: that is what they were made for.
_CAPITAL = re.compile("[壹贰叁肆伍陆柒捌玖拾佰仟零万亿]{4,}")
_LIKELY_YEAR = re.compile("1[5-9][0-9]{2}|20[0-3][0-9]")
_NOT_ALONE = re.compile(r" ?(?:[)）、.．]|, ?[0-9]|年|月|日)|[号路街型式系版层楼室期款]")


def _counts_alone(text: Text, amount: Amount, start: int, end: int) -> bool:
    folded, numeral = text.folded, amount.numeral
    sign_start, sign = surroundings.sign_of(folded, start)
    if surroundings.is_whole_block(folded, sign_start, end):
        # A table's cell, say; but 1998 is a year, and 007 a code.
        named = _LIKELY_YEAR.fullmatch(numeral) or re.match("0[0-9]", numeral)
        return not named and numeral not in ("千", "万", "亿", "兆", "百", "两")
    modified = surroundings.modifier_of(folded, start, end, amount.modifier) not in (None, "only")
    if surroundings.ends_with("identifier", folded, start) and not modified:
        return False
    if surroundings.follows_latin(folded, start):
        return False
    cued = modified or surroundings.ends_with("quantity", folded, start)
    bounded = surroundings.is_bounded(folded, start, end)
    before, after = folded[max(0, start - 1) : start], folded[end : end + 1]
    if before in tuple("(（") and after in tuple(")）") and amount.low < 3000:
        return False
    if is_han(numeral):
        if UNIT_ONLY.fullmatch(numeral) and amount.modifier is None:
            return len(numeral) > 1 and (modified or (cued and bounded))
        if read_digits(numeral) is not None and not amount.is_range:
            quoted = before in tuple('“「『"') and after in tuple('”」』"')
            return is_digit(numeral) and (quoted or (cued and bounded))
        if set("万亿兆") & set(numeral):
            return True
        # 三五 and 一二 alone are rather digits.
        return (bounded or cued) and not (amount.is_range and len(numeral) == 2)
    if set("万亿兆千百") & set(numeral) or amount.modifier or "multiplier" in _classes(text):
        return True
    if numeral.startswith("0") and numeral not in ("0",) and not numeral.startswith("0."):
        return False
    year_like = bool(YEAR_LIKE.fullmatch(numeral))
    if "," in numeral or (sign and bounded):
        return True
    if year_like:
        return modified and not _NOT_ALONE.match(folded, end)
    if cued and not _NOT_ALONE.match(folded, end):
        return True
    if not bounded or before in (".", "("):
        return False
    return "." in numeral or 10_000 <= amount.low < 10**9


def _read_number_range(text: Text) -> Read | None:
    """20-100, and scores: 3-2 is a ratio where it falls or a match was won by it."""
    lexemes = text.lexemes
    first = read_amount(lexemes, 0)
    if first is None or first.next >= len(lexemes) or lexemes[first.next].number_class != "range":
        return None
    second = read_amount(lexemes, first.next + 1)
    if second is None or second.next != len(lexemes):
        return None
    start, end = lexemes[0].start, lexemes[-1].end
    if surroundings.is_glued(text.folded, start, end) or first.is_range or second.is_range:
        return None
    is_dash = lexemes[first.next].word not in ("至", "到")
    small = first.low < 200 and second.low < 200 and first.low.denominator == 1
    if (
        is_dash
        and small
        and surroundings.near("score", text.folded, start, end, before=14, after=6)
    ):
        return _finish(text, start, end, "ratio", first.low, second.low, terms=True)
    if _is_name(text, start) or YEAR_LIKE.fullmatch(first.numeral):
        return None
    low, high = inherit_scale(first, second), second.low
    if low >= high:
        return None
    whole = surroundings.is_whole_block(text.folded, start, end)
    if not whole and is_digit(first.numeral) and is_digit(second.numeral) and not is_dash:
        return None
    cued = (
        whole
        or not is_dash
        or surroundings.ends_with("quantity", text.folded, start)
        or (surroundings.modifier_of(text.folded, start, end, None) is not None)
        or lexemes[-1].number_class == "multiplier"
        or set("万亿千百") & set(second.numeral)
    )
    if not cued and not HAN.match(text.folded, end):
        return None
    if not cued and (second.low < 20 or _NOT_ALONE.match(text.folded, end)):
        return None
    if re.match("年|月|日|号|世纪|年代|点|时", text.folded[end : end + 2]):
        return None
    return _finish(
        text, start, end, "count", low, high, inside=second.modifier, confidence=0.7,
        counted=surroundings.noun_after(text.raw, text.folded, end),
    )  # fmt: skip


_READERS: dict[str, Callable[[Text], Read | None]] = {
    "measure": _read_measure,
    "count": _read_simple,
    "money": _read_money,
    "percent": _read_simple,
    "age": _read_simple,
    "multiple": _read_simple,
    **{
        f"{rule}-range": _read_range
        for rule in ("measure", "count", "money", "percent", "age", "multiple")
    },
    **{
        f"{rule}-list": _read_list
        for rule in ("measure", "count", "money", "percent", "age", "multiple")
    },
    "count-noun": _read_noun,
    "count-noun-list": _read_noun_list,
    "count-noun-range": _read_noun_range,
    "money-parts": _read_parts,
    "tenths": _read_tenths,
    "fraction": _read_fraction,
    "fraction-range": _read_fraction_range,
    "fraction-measure": _read_fraction_measure,
    "fraction-short": _read_short_fraction,
    "half": _read_half,
    "half-follower": _read_half_follower,
    "ordinal": _read_ordinal,
    "ordinal-range": _read_ordinal_range,
    "ratio": _read_ratio,
    "between": _read_between,
    "plus-minus": _read_plus_minus,
    "vague": _read_vague,
    "number": _read_number,
    "number-range": _read_number_range,
}
