"""Numbers with nothing that they count, where the words around say that they do."""

from __future__ import annotations

import re
from collections.abc import Sequence

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
from pipeline.mentions.number.counted import counts_ahead, noun_after
from pipeline.mentions.number.followers import HAN, Text, yuan_code
from pipeline.mentions.number.results import Read, finish, is_name, signed
from pipeline.mentions.numerals import read_digits


def is_part_of_word(folded: str, lexemes: Sequence[Lexeme]) -> bool:
    """Whether words in a row are no more than a Chinese digit inside another word, as most of them
    are: 一 in 一致. The first thing to ask, and soon answered."""
    first = lexemes[0]
    return (
        len(lexemes) == 1
        and len(first.word) == 1
        and first.number_class == NUM
        and not first.word.isascii()
        and not surroundings.may_stand_alone(folded, first.start, first.end)
    )


def read_number(text: Text) -> Read | None:
    """A number without anything that it counts: only where the words around it say that it does."""
    lexemes = text.lexemes
    if is_part_of_word(text.folded, lexemes):
        return None
    amount = read_amount(lexemes, 0)
    if amount is None or amount.next != len(lexemes):
        return None
    start, end = lexemes[0].start, lexemes[-1].end
    if surroundings.is_glued(text.folded, start, end) or _is_event(text.folded, end):
        return None
    if not _counts_alone(text, amount, start, end):
        return None
    start, low, high = signed(text, start, amount.low, amount.high, always=False)
    if text.raw[end - 1 : end] == "K":  # 24K gold is no number of anything
        if text.folded[end : end + 1] == "金":
            return None
        if surroundings.near(
            "temperature", text.folded, start, end, before=12
        ) or surroundings.among_temperatures(text.folded, start, end):
            low, high = low / 1000, high / 1000
            return finish(text, start, end, "measure", low, high, unit="K")
    if _CAPITAL.fullmatch(amount.numeral):
        unit = yuan_code(text.folded, end, "yuan")
        return finish(text, start, end, "money", low, high, unit=unit, confidence=0.6)
    return finish(
        text, start, end, "count", low, high,
        counted=noun_after(text.raw, text.folded, end), inside=amount.modifier,
        confidence=0.8,
    )  # fmt: skip


def _is_event(folded: str, end: int) -> bool:
    """Whether a number that ends there is a part of a name: 11.27事件, 「六一七」起義."""
    if folded[end : end + 1] in _QUOTES:
        end += 1
        if folded.startswith("以来", end):
            return True
    return lexicon.contexts()["event"].pattern.match(folded, end) is not None


_QUOTES = frozenset('」”"')


# Capital numerals without a unit are sums of money: that is what they were made for.
_CAPITAL = re.compile("[壹贰叁肆伍陆柒捌玖拾佰仟零万亿]{4,}")


_TIMES = re.compile("[0-9] ?[x×*] ?\\Z")  # 168 x 210 x 450, of no unit
# .40 Auto is a calibre's name.
_AMONG_LATIN = re.compile(" ?[a-z]")
_LIKELY_YEAR = re.compile("1[5-9][0-9]{2}|20[0-3][0-9]")


_NOT_ALONE = re.compile(r" ?(?:[)）、.．]|, ?[0-9]|年|月|日)|[号路街型式系版层楼室期款]")


# 六大工業區 counts, 十九大 is a congress.
_GREAT = re.compile(
    "大(?!战(?!役)|报(?!纸)|[队爷娘叔伯人使学臣楼厦道街陆军会代告选召决中通闭开爱佬老王家师姐哥妈盘小"
    "一二三四五六七八九十以之的前后期])[\u3400-\u9fff]{2}"
)


def read_great(text: Text) -> Read | None:
    """六大工業區, 世界5大城市: the number is outside the name only where a noun follows."""
    lexemes = text.lexemes
    amount = read_amount(lexemes, 0)
    start, end = lexemes[0].start, lexemes[0].end
    if amount is None or amount.is_range or not 2 <= amount.low <= 20 or amount.low.denominator > 1:
        return None
    if (is_han(amount.numeral) and amount.low > 10) or not _GREAT.match(text.folded, end):
        return None
    if surroundings.is_glued(text.folded, start, end):
        return None
    counted = noun_after(text.raw, text.folded, end + 1)
    return finish(
        text, start, end, "count", amount.low, amount.high, counted=counted, confidence=0.8
    )


_WON = re.compile("[0-9一二两三四五六七八九十][胜和平] ?\\Z")


def read_lost(text: Text) -> Read | None:
    """44勝【38負】: before a number 負 is its sign."""
    amount, sign = read_amount(text.lexemes, 0), text.lexemes[-1]
    start = text.lexemes[0].start
    if (
        amount is None
        or sign.word != "负"
        or not _WON.search(text.folded, max(0, start - 3), start)
    ):
        return None
    classifier = text.raw[sign.start : sign.end]
    return finish(text, start, sign.end, "count", amount.low, amount.high, classifier=classifier)


def _counts_alone(text: Text, amount: Amount, start: int, end: int) -> bool:
    folded, numeral = text.folded, amount.numeral
    sign_start, sign = surroundings.sign_of(folded, start)
    if surroundings.is_bounded(folded, sign_start, end):
        # 1998 is a year, and 007 a code.
        named = _LIKELY_YEAR.fullmatch(numeral) or re.match("0[0-9]", numeral)
        if surroundings.is_whole_block(folded, sign_start, end):  # a table's cell, say
            return not named and numeral not in ("千", "万", "亿", "兆", "百", "两")
        if surroundings.is_listed(folded, sign_start, end):  # a line of numbers alone: 1, 234, 567
            return not named
    modified = surroundings.modifier_of(folded, start, end, amount.modifier) not in (None, "only")
    if surroundings.ends_with("identifier", folded, start) and not modified:
        return False
    if surroundings.follows_latin(folded, start) or _TIMES.search(folded, max(0, start - 6), start):
        return False
    if not modified and surroundings.among_coordinates(folded, start):
        return False
    cued = modified or surroundings.ends_with("quantity", folded, start)
    bounded = surroundings.is_bounded(folded, start, end)
    before, after = folded[max(0, start - 1) : start], folded[end : end + 1]
    if before in tuple("(（") and after in tuple(")）") and amount.low < 3000:
        return False
    if is_han(numeral):
        if (is_digit(numeral) or numeral == "十") and surroundings.is_compared(folded, start, end):
            return True
        if UNIT_ONLY.fullmatch(numeral) and amount.modifier is None:
            return len(numeral) > 1 and (modified or (cued and bounded))
        if read_digits(numeral) is not None and not amount.is_range:
            quoted = before in tuple('“「『"') and after in tuple('”」』"')
            return is_digit(numeral) and (quoted or (cued and bounded))
        if set("万亿兆") & set(numeral):
            return True
        # 三五 and 一二 alone are rather digits.
        return (bounded or cued) and not (amount.is_range and len(numeral) == 2)
    if (
        set("万亿兆千百") & set(numeral)
        or amount.modifier
        or any(one.number_class == "multiplier" for one in text.lexemes)
    ):
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
    if amount.low >= 10 and counts_ahead(folded, end):
        return True
    if not bounded or before in (".", "(") or _AMONG_LATIN.match(folded, end):
        return False
    return "." in numeral or 10_000 <= amount.low < 10**9


def read_number_range(text: Text) -> Read | None:
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
        return finish(text, start, end, "ratio", first.low, second.low, terms=True)
    if is_name(text, start) or YEAR_LIKE.fullmatch(first.numeral):
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
    return finish(
        text, start, end, "count", low, high, inside=second.modifier, confidence=0.7,
        counted=noun_after(text.raw, text.folded, end),
    )  # fmt: skip
