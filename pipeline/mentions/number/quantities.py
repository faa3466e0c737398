"""One amount of something: a unit, a classifier, a noun, half of one, an order of magnitude."""

from __future__ import annotations

from fractions import Fraction

from pipeline.mentions.lexemes import NUM
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.amounts import Amount, is_digit, is_han, read_amount
from pipeline.mentions.number.counted import noun_after
from pipeline.mentions.number.followers import (
    Follower,
    Text,
    is_plausible,
    read_follower,
    read_unit,
)
from pipeline.mentions.number.results import Quantity, Read, amount_end, complete, finish, is_name
from pipeline.mentions.number.units import convert
from pipeline.mentions.numerals import read_digits


def read_simple(text: Text) -> Read | None:
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
    return complete(text, Quantity(lexemes[0].start, end, follower, low, high, inside))


def read_measure(text: Text) -> Read | None:
    """AMOUNT unit half?"""
    if text.lexemes[-1].number_class == NUM or (
        text.lexemes[-1].number_class == "half" and text.lexemes[-2].number_class == NUM
    ):
        return _read_two_taels(text)
    return read_simple(text)


def read_measure_parts(text: Text) -> Read | None:
    """5英尺10英寸, 1米80, 一米八, 6'2": one measure, in its first unit."""
    lexemes = text.lexemes
    first = read_amount(lexemes, 0)
    if first is None or first.is_range or first.modifier:
        return None
    unit = lexemes[first.next]
    second = read_amount(lexemes, first.next + 1)
    if unit.number_class == "foot":
        return None if second is None else _read_height(text, first, second)
    major = read_unit(text, unit, first)
    if major is None or major.unit is None or major.kind != "measure" or second is None:
        return None
    if second.next == len(lexemes):
        rest = _decimals(second) if unit.word in ("米", "公尺") else None
        if rest is None or not surroundings.ends_there(text.folded, lexemes[-1].end):
            return None
    else:
        minor = read_unit(text, lexemes[second.next], second)
        if minor is None or second.is_range or not second.low:
            return None
        rest = convert(second.low, minor.unit, major.unit)
        # The smaller unit must be smaller, and less of it than makes a whole.
        if rest is None or rest >= 1 or rest >= second.low:
            return None
    total = first.low + rest
    start, end = lexemes[0].start, lexemes[-1].end
    return complete(text, Quantity(start, end, major, total, total))


# Feet and inches of somebody's height: other figures are of an angle or of time.
_HEIGHTS = range(3, 9)
_FOOT = Follower("measure", "[ft_i]")


def _read_height(text: Text, feet: Amount, inches: Amount) -> Read | None:
    """6'2"."""
    start, end = text.lexemes[0].start, text.lexemes[-1].end
    if (
        feet.low not in _HEIGHTS
        or inches.is_range
        or not inches.low < 12
        or surroundings.is_coordinate(text.folded, start, end)
    ):
        return None
    total = feet.low + inches.low / 12
    return complete(text, Quantity(start, end, _FOOT, total, total))


def _decimals(amount: Amount) -> Fraction | None:
    """What follows a unit without one of its own: 80 and 八 in 1米80 and 一米八."""
    if (
        amount.is_range
        or amount.modifier
        or (not amount.numeral.isdecimal() and not is_digit(amount.numeral))
    ):
        return None
    if len(amount.numeral) > 2 or not amount.low:
        return None
    return amount.low / (100 if len(amount.numeral) == 2 else 10)


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
    if not surroundings.may_count(text.folded, lexemes[0].start, amount.numeral):  # 水陆两路
        return None
    follower = Follower("measure", None, text.raw[tael.start : tael.end])
    low, high = amount.low + halves, amount.high + halves
    start, end = lexemes[0].start, lexemes[-1].end
    return complete(text, Quantity(start, end, follower, low, high, amount.modifier))


_METALS = frozenset(("金", "银", "铜"))


def read_noun(text: Text) -> Read | None:
    """60万红军: the noun stays outside."""
    lexemes = text.lexemes
    amount = read_amount(lexemes, 0)
    noun = lexemes[-1]
    if amount is None or not surroundings.may_count(text.folded, lexemes[0].start, amount.numeral):
        return None
    if noun.word in _METALS and not surroundings.is_medal(text.folded, lexemes[0].start, noun.end):
        return None
    if is_digit(amount.numeral) and (len(noun.word) == 1 or amount.numeral == "一"):
        # 三國 is a name; 八府、六州、三廳 are counts, and so are 湖北、湖南二省.
        listed = surroundings.is_among_counts(
            text.folded, lexemes[0].start, noun.end
        ) or surroundings.is_enumerated(text.folded, lexemes[0].start, amount.low)
        if not listed or len(noun.word) > 1:
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
    end = amount_end(lexemes, amount)
    start = lexemes[0].start
    if surroundings.is_glued(text.folded, start, end) or is_name(text, start):
        return None
    return finish(
        text, start, end, "count", amount.low, amount.high,
        counted=text.raw[noun.start : noun.end], inside=amount.modifier, confidence=0.9,
    )  # fmt: skip


def read_half_follower(text: Text) -> Read | None:
    """半公里, 半個."""
    half, last = text.lexemes
    if (
        text.folded[half.start - 1 : half.start] in tuple("上下前后大小多过一各另东西南北右左夜")
        and half.start
    ):
        return None
    follower = read_follower(text, 1, Amount(Fraction(0), Fraction(0), None, "1", 1))
    if follower is None or (
        last.number_class == "classifier" and "halved" not in lexicon.traits(last.word)
    ):
        return None
    if last.word in ("角", "分", "仙", "毛", "度", "°", "圆", "节", "里", "石", "升"):
        return None
    value = Fraction(1, 2) * follower.factor
    return finish(
        text, half.start, last.end, follower.kind, value, value,
        unit=follower.unit, classifier=follower.classifier,
        counted=noun_after(text.raw, text.folded, last.end)
        if follower.kind == "count" else None,
    )  # fmt: skip


def read_vague(text: Text) -> Read | None:
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
    counted = noun_after(text.raw, text.folded, end) if follower.kind == "count" else None
    return finish(
        text, lexemes[0].start, end, follower.kind, size * follower.factor,
        10 * size * follower.factor, unit=follower.unit, classifier=follower.classifier,
        counted=counted, confidence=0.7,
    )  # fmt: skip
