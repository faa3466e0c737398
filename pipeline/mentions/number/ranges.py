"""Two amounts that bound one: 30至40公里, 5、6個, ±45°, 大於10小於20."""

from __future__ import annotations

import re
from fractions import Fraction

from pipeline.mentions.lexemes import NUM
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.amounts import YEAR_LIKE, Amount, inherit_scale, read_amount
from pipeline.mentions.number.counted import noun_after
from pipeline.mentions.number.followers import Follower, Text, read_currency, read_follower
from pipeline.mentions.number.money import read_parts_range
from pipeline.mentions.number.results import (
    Quantity,
    Read,
    amount_end,
    complete,
    conclude,
    finish,
    signed,
)
from pipeline.mentions.number.units import convert

# A score and who had it: 2-1勝.
_OUTCOMES = frozenset("胜负败平")


def read_range(text: Text) -> Read | None:
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
        return read_parts_range(text)
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
        if lexemes[-1].word in _OUTCOMES and lexemes[split].word not in ("至", "到"):
            end = amount_end(lexemes, second)
            return finish(text, lexemes[0].start, end, "ratio", first.low, second.low, terms=True)
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
        if prefix is None and other.unit != follower.unit:
            converted = convert(low, other.unit, follower.unit)
            if converted is None:
                return None
            low = converted
    elif lexemes[-1].word in ("块", "分", "角", "仙"):
        return None
    start = lexemes[0].start
    start, low, _ = signed(text, start, low, low, always=follower.unit in ("Cel", "[degF]", "%"))
    if (
        low < 0 < high
        and split == first_end
        and surroundings.sign_of(text.folded, lexemes[0].start)[1] == "零下"
    ):
        high = -high  # 零下5至10度: what is said of their one unit is said of both
    low, high = low * follower.factor, high * follower.factor
    if low == high:
        return None
    return conclude(text, Quantity(start, end, follower, low, high, second.modifier))


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


def read_list(text: Text) -> Read | None:
    """5、6個, 五、六萬人: one or the other."""
    found = _neighbours(text)
    if found is None:
        return None
    low, second = found
    follower = read_follower(text, second.next, second)
    if follower is None:
        return None
    start, end = text.lexemes[0].start, text.lexemes[-1].end
    return complete(text, Quantity(start, end, follower, low, second.low, second.modifier))


def read_noun_list(text: Text) -> Read | None:
    """五、六萬兵力, 二、三十萬: with a large unit it needs no classifier."""
    found = _neighbours(text)
    if found is None or found[1].low < 1000:
        return None
    low, second = found
    end = amount_end(text.lexemes, second)
    return finish(
        text, text.lexemes[0].start, end, "count", low, second.low,
        counted=noun_after(text.raw, text.folded, end), inside=second.modifier,
        confidence=0.9,
    )  # fmt: skip


def read_noun_range(text: Text) -> Read | None:
    """20至30居民."""
    lexemes = text.lexemes
    first = read_amount(lexemes, 0)
    if first is None or lexemes[first.next].number_class != "range":
        return None
    index = first.next + 1
    second = read_amount(lexemes, index)
    if second is None or first.is_range or second.is_range:
        return None
    low, high = inherit_scale(first, second), second.low
    end = amount_end(lexemes, second)
    start = lexemes[0].start
    if (
        low >= high
        or surroundings.is_glued(text.folded, start, end)
        or YEAR_LIKE.fullmatch(first.numeral)
    ):
        return None
    return finish(
        text, start, end, "count", low, high,
        counted=text.raw[lexemes[-1].start : lexemes[-1].end], inside=second.modifier, confidence=0.9,
    )  # fmt: skip


_BOUNDS = re.compile(
    "[大小多少高低长短](?:,| |、|且|并且|而|但|又)*比|(?:的?同时|以上|以下|且|并且|并|而|和|或|但|又|,| |、)*"
    "(?:大于等于|大于或等于|小于等于|小于或等于|不[大小多少高低]于|不超过|[大小多少高低]于|超过|不足|不到|至[多少]|最[多少])?(?:了|有|为)?"
)


_LOWER, _UPPER = frozenset(("more_than", "at_least")), frozenset(("less_than", "at_most"))


def join_bounds(folded: str, first: Read, second: Read) -> Read | None:
    """大于10小于20 is one range: two numbers in a row, one the least and one the most."""
    a, b = first.reading, second.reading
    if a is None or b is None or a.modifier is None or b.modifier is None:
        return None
    if a.value is None or b.value is None:
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


def read_between(text: Text) -> Read | None:
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
    start, low, _ = signed(text, start, low, low, always=False)
    end = lexemes[-1].end if second.next < len(lexemes) else amount_end(lexemes, second)
    return finish(
        text, start, end, two.kind, low * two.factor, high * two.factor,
        unit=two.unit, classifier=two.classifier,
    )  # fmt: skip


def read_plus_minus(text: Text) -> Read | None:
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
    end = amount_end(lexemes, second)
    if second.next < len(lexemes):
        follower = read_follower(text, second.next, second)
        end = lexemes[second.next].end
    if follower is None or surroundings.is_glued(text.folded, lexemes[0].start, end):
        return None
    return finish(
        text, lexemes[0].start, end, follower.kind, middle - second.low, middle + second.low,
        unit=follower.unit, classifier=follower.classifier,
    )  # fmt: skip
