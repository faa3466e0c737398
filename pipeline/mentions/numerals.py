"""Numerals as written → numbers, exactly. All of it reads folded text (see `fold`).

    1,200   3.5万   1亿2,000万   一百二十   两千三百   廿一   二〇〇八   百万   肆佰叁拾万   三点五

`NUMERAL` matches one maximal numeral; whether it counts something is for the kinds to say.
`read_numeral` gives its value, `read_digits` the value of digits named one after another, as
in years, and `read_approximation` the two ends of 三四百 and 十七八, which name two numbers.
"""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {
    **{char: value for value, char in enumerate("零一二三四五六七八九")},
    **{char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", start=1)},
    "〇": 0, "两": 2, "俩": 2, "弌": 1, "弍": 2, "弎": 3, "参": 3,
}  # fmt: skip
TENS = {"廿": 20, "卄": 20, "卅": 30, "卌": 40}
SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
# 兆 is 10^12, as in Taiwan's and Hong Kong's prose; the mainland writes 万亿.
LARGE_UNITS = {"万": 10**4, "亿": 10**8, "兆": 10**12}

# 两 (the digit) and 参 are words of their own, so they count only before a unit or at the head.
_DIGIT = "".join(char for char in DIGITS if char not in "两参")
_TENS = "".join(TENS)
_LARGE = "".join(LARGE_UNITS)
# 5千米, 100千瓦, 950百帕, 20兆赫 are multiples of a unit, not numerals with a unit's first half.
_NO_PREFIX = "(?!千[克瓦卡焦帕伏赫安欧升牛]|(?<=[0-9 十百千万亿])千米|百帕|兆[瓦赫帕焦欧伏安吨比字位电牛贝周])"
# No small unit follows another: 七十|百分位.
_UNIT = f"(?:(?<![十百千拾佰仟]){_NO_PREFIX}[{''.join(SMALL_UNITS)}]|{_NO_PREFIX}[{_LARGE}])"
_ANY_UNIT = f"[{''.join(SMALL_UNITS)}{_LARGE}]"
# Digits may be grouped by commas or thin spaces, and before a Chinese word by a comma with a space
# (3, 500人) or a space (29 800人). 1941.6.22 and 1.2.3 are no decimals.
_POWER = r"(?:e[+-]?[0-9]{1,2}(?![0-9a-z.]))?"
_ARABIC = (
    r"[0-9](?:(?<![0-9]\.[0-9])[0-9]{0,2}(?:,[0-9]{3})+(?![0-9])(?:\.[0-9]+(?!\.?[0-9]))?"
    r"|[0-9]{0,2}(?:[\u2009\u202f][0-9]{3})+(?![0-9])"
    r"|[0-9]{0,2}(?:, [0-9]{3})+(?= ?[\u3400-\u9fff])(?! ?[年月日号])"
    r"|(?<![0-9a-z.,] [0-9])(?<!0)[0-9]{0,2}(?: [0-9]{3})+(?=[\u3400-\u9fff])(?![年月日号])"
    rf"|(?<![0-9]\.[0-9])[0-9]*\.[0-9]+(?!\.?[0-9]){_POWER}"
    rf"|[0-9]*{_POWER})"
)
# 三点五 and 三．五 are decimals, 三点十分, 三点五十 and 三点五分 are times of day.
_POINT = (
    rf"(?: {{0,2}}点 {{0,2}}|\.)[{_DIGIT}]+(?![{_DIGIT}十拾百佰分刻.])(?:{_NO_PREFIX}[{_LARGE}])*"
)
# Spaces may stand inside where a unit follows, or goes before: 3.5 万, 三千 八百, 7万 5千.
_LATER = (
    rf"(?:[{_DIGIT}{_TENS}]|{_UNIT}|两(?={_ANY_UNIT})|参(?={_ANY_UNIT})|(?<=[拾佰仟零])参|(?<=一)两(?=[个次年天日周名位种件座条]|星期|小时|分钟|世纪)"
    rf"|(?<={_ANY_UNIT}){_ARABIC}(?: {{1,3}}(?=[十百千万亿]))?"
    rf"|(?<![0-9]) {{1,3}}{_UNIT}"
    rf"|(?<={_ANY_UNIT}) {{1,3}}(?:[{_DIGIT}{_TENS}](?! ?[{_DIGIT}])|[0-9]{{1,4}}(?= ?[千百万亿])))"
)

# Most characters begin no numeral: looked at first, they cost next to nothing.
_HEAD = rf"(?=[0-9.{_DIGIT}{_TENS}{''.join(SMALL_UNITS)}{_LARGE}两参])"
NUMERAL: re.Pattern[str] = re.compile(
    rf"{_HEAD}(?:(?:{_ARABIC}(?:{_UNIT}| {{1,3}}(?=[十百千]?[{_LARGE}]|千[0-9]){_UNIT})"
    rf"|{_UNIT}|[{_TENS}{_DIGIT}两俩]|参(?={_ANY_UNIT}))"
    rf"{_LATER}*(?:(?<=[{_DIGIT}{_TENS}{''.join(SMALL_UNITS)}{_LARGE}两]){_POINT})?"
    rf"|{_ARABIC}"
    r"|(?<![0-9a-z.十百千万亿兆])\.[0-9]+(?!\.?[0-9]))"
)
"""One maximal numeral of folded text; linear in the text's length."""

# Longer ones are no quantities, and none of the places below need to guard against them.
_LONGEST = 64

_TOKEN = re.compile(
    r"[0-9](?:[0-9,\u2009\u202f]|(?<=[0-9,]) (?=[0-9]{3}))*(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?|\.[0-9]+|.",
    re.DOTALL,
)


_GROUPING = re.compile("[, \u2009\u202f]")
_HAN_POINT = re.compile(f"(?<=[{_DIGIT}])[.](?=[{_DIGIT}])")


def read_numeral(folded: str) -> int | float | None:
    """The number that `folded` writes, an `int` where it is whole; None if it writes none.

    Digits without units are read one by one (二〇〇八); two that follow each other (三四) are an
    approximation and give None. A last digit without its unit has the next lower one (三万五).
    """
    value = read_exact(folded)
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def read_exact(folded: str) -> Decimal | None:
    """Like `read_numeral`, but with every digit kept."""
    if len(folded) > _LONGEST:
        return None
    return Decimal(folded) if folded.isascii() and folded.isdecimal() else _read(folded)


def read_digits(folded: str) -> int | None:
    """Digits read one after another (一九四一 → 1941, 二〇〇八 → 2008), or None."""
    if not folded or len(folded) > _LONGEST:
        return None
    digits = [_digit(char) for char in folded]
    return None if None in digits else int("".join(map(str, digits)))


def read_approximation(folded: str) -> tuple[int, int] | None:
    """The two numbers that neighbouring digits name: 三四百 → (300, 400), 十七八 → (17, 18)."""
    if not 2 <= len(folded) <= _LONGEST:
        return None
    for i in range(len(folded) - 1):
        pair = (DIGITS.get(folded[i], 0), DIGITS.get(folded[i + 1], 0))
        if not pair[0] or not (pair[1] == pair[0] + 1 or pair == (3, 5)):
            continue
        neighbours = folded[i - 1 : i] + folded[i + 2 : i + 3]
        if any(char in DIGITS for char in neighbours):
            continue
        ends = (
            read_numeral(folded[: i + 1] + folded[i + 2 :]),
            read_numeral(folded[:i] + folded[i + 1 :]),
        )
        if isinstance(ends[0], int) and isinstance(ends[1], int) and ends[0] < ends[1]:
            return ends[0], ends[1]
    return None


def _digit(char: str) -> int | None:
    return int(char) if "0" <= char <= "9" else DIGITS.get(char)


def _read(text: str) -> Decimal | None:
    tokens = [token for token in _TOKEN.findall(_HAN_POINT.sub("点", text)) if token != " "]
    if not tokens:
        return None
    if len(tokens) > 1 and all(token in DIGITS for token in tokens):
        values = [DIGITS[token] for token in tokens]
        if len(values) == 2 and values[0] and (values[1] == values[0] + 1 or values == [3, 5]):
            return None
        return Decimal("".join(map(str, values)))
    if "点" in tokens:
        point = tokens.index("点")
        after = point + 1
        while after < len(tokens) and tokens[after] in DIGITS:
            after += 1
        whole, decimals, units = tokens[:point], tokens[point + 1 : after], tokens[after:]
        integer = _read("".join(whole))
        if integer is None or not decimals or any(token not in LARGE_UNITS for token in units):
            return None
        value = integer + Decimal("0." + "".join(str(DIGITS[token]) for token in decimals))
        for unit in units:
            value *= LARGE_UNITS[unit]
        return value
    return _large(tokens)


def _large(tokens: list[str]) -> Decimal | None:
    """Numbers with 万, 亿, 兆: each is split at its last largest unit."""
    for unit, size in reversed(LARGE_UNITS.items()):
        if unit not in tokens:
            continue
        last = len(tokens) - 1 - tokens[::-1].index(unit)
        high = _large(tokens[:last]) if last else Decimal(1)
        low = _rest(tokens[last + 1 :], size)
        return None if high is None or low is None or low >= size else high * size + low
    return _section(tokens)


def _rest(tokens: list[str], unit: int) -> Decimal | None:
    """What follows a unit: nothing, a lone digit of the next lower one (三万五), or a number."""
    if not tokens:
        return Decimal(0)
    if len(tokens) == 1 and (digit := _lone_digit(tokens[0])):
        return Decimal(digit * unit // 10)
    return _large(tokens)


def _section(tokens: list[str]) -> Decimal | None:
    """A number below 万: 三千五百二十, 廿一, 百二十, 2千5百, or Arabic digits alone."""
    total = Decimal(0)
    size = 10**4  # the last unit seen; they must fall
    pending: Decimal | None = None
    after_zero = False
    for token in tokens:
        if token in SMALL_UNITS:
            unit = SMALL_UNITS[token]
            if unit >= size or (pending is not None and pending == 0):
                return None
            # 百二十: a unit at the head stands for one of it; so does 十 in 一百十.
            total += unit if pending is None else pending * unit
            size, pending, after_zero = unit, None, False
        elif pending is not None:
            return None
        elif token in TENS:
            if size <= 10:
                return None
            total, size, after_zero = total + TENS[token], 10, False
        elif token in "零〇":
            if after_zero:
                return None
            after_zero = True
        elif token in DIGITS:
            pending = Decimal(DIGITS[token])
        elif token[-1].isascii() and token[-1].isdigit():
            pending = Decimal(_GROUPING.sub("", token))
        else:
            return None
    if pending is None:
        return total if len(tokens) == 1 or not after_zero else None
    if size == 10**4 or after_zero or size == 10 or not _lone_digit(tokens[-1]):
        return total + pending if pending < size or len(tokens) == 1 else None
    return total + pending * size / 10


def _lone_digit(token: str) -> int | None:
    digit = _digit(token) if len(token) == 1 else None
    return digit or None
