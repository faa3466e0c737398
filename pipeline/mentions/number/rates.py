"""Measures per something: 每小時10公里, 時速80公里, 10毫克/千克, 每平方公里100人.

What a measure is per stands before or after it; the unit's UCUM code gets it as its
denominator. 每年, 每月 and 每天 before a number are dates of their own and stay apart.
Symbols of units are put together as they are written, W/(m·K), and what follows the slash is
all below it, kJ/km·kg.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.fold import fold
from pipeline.mentions.number import lexicon
from pipeline.mentions.number.units import si_conversion
from pipeline.mentions.wordlists import read_lexicon

_PACKAGE = __package__ or ""
_REACH = 16  # characters looked at on either side
# What may stand between 每小時 and its number.
_LINK = r"(?P<link>(?:最[高大低多少]|不足|不到|超过|高达|可达|达到?|大?约|平均|仅|近|逾|可|为|有|是|在|含有?|重|需|能|流量|行驶|移动|前进|飞行){0,3})"
_SPEED_AFTER = re.compile("的?时速")  # 100公里的時速
_SPEEDS = {"时": "h", "分": "min", "秒": "s"}


class Rate(NamedTuple):
    """[start, end) of the measure with what it is per, and its code."""

    start: int
    end: int
    code: str


@lru_cache(maxsize=1)
def _denominators() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    codes: dict[str, str] = {}
    places: dict[str, list[str]] = {"before": [], "after": []}
    for row in read_lexicon(_PACKAGE, "rates.csv"):
        codes[fold(row["word"])] = row["code"]
        places[row["place"]].append(fold(row["word"]))

    def either(place: str) -> str:
        surfaces = sorted(places[place], key=lambda surface: (-len(surface), surface))
        return "|".join(map(re.escape, surfaces))

    before = re.compile(
        rf"(?:每(?:一|1 ?)?(?P<word>{either('before')})|(?P<speed>[时分秒])速){_LINK}\Z"
    )
    after = re.compile(rf" ?[/∕⁄每] ?(?P<word>{either('after')})(?![a-z0-9])")
    return before, after, codes


_TIMES = " ?[·⋅•*] ?"
_SYMBOL = r"[A-Za-zµμΩ°]{1,5}(?:[²³]|\^?[23](?![0-9]))?"
# The rest of W/(m·K), kJ/km·kg, N·m/s: the symbols that the first is multiplied by, and what is below.
_COMPOUND = re.compile(
    rf"(?P<above>(?:{_TIMES}{_SYMBOL}){{0,3}})"
    rf"(?: ?[/∕⁄] ?(?:\((?P<below>{_SYMBOL}(?:{_TIMES}{_SYMBOL}){{0,3}})\)"
    rf"|(?P<bare>{_SYMBOL}(?:{_TIMES}{_SYMBOL}){{0,3}})))?(?![A-Za-z0-9])"
)
_FACTOR = re.compile(r"([A-Za-zµμΩ°]+)\^?([²³23]?)")
_EXPONENTS = {"²": "2", "³": "3"}


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    """Symbols of units, in their very case, → UCUM code, if it is a single unit's."""
    codes = {word: code for word, code in lexicon.units()[0].items() if word.isascii()}
    for row in read_lexicon(_PACKAGE, "rates.csv"):
        codes.setdefault(row["word"], row["code"])
    return {word: code for word, code in codes.items() if code and not set("/.") & set(code)}


def _product(written: str) -> str | None:
    """The code of symbols multiplied: m·K → m.K."""
    codes = []
    for symbol, exponent in _FACTOR.findall(written):
        code = _symbols().get(symbol)
        if code is None:
            return None
        codes.append(code + _EXPONENTS.get(exponent, exponent))
    return ".".join(codes)


def _compound(raw: str, start: int, end: int, code: str) -> Rate | None:
    """The measure whose unit's first symbol, of `code`, ends at `end`; None if it has no other."""
    match = _COMPOUND.match(raw, end)
    if match is None or match.end() == end:
        return None
    above = _product(match["above"]) if match["above"] else ""
    below = _product(match["below"] or match["bare"] or "")
    if above is None or below is None:
        return None
    whole = f"{code}.{above}" if above else code
    if below:
        whole += f"/({below})" if "." in below else f"/{below}"
    return Rate(start, match.end(), whole)


def rate_of(raw: str, folded: str, start: int, end: int, code: str) -> Rate | None:
    """The rate that a measure of `code` at [start, end) is in; None if it is no rate.

    An empty `code` stands for a number of persons: they are a density, 每平方公里100人, per area only.
    """
    if "/" in code:
        return None
    if code and folded[end : end + 2].strip(" ")[:1] in tuple("/∕⁄·⋅•*") and raw[end - 1].isascii():
        compound = _compound(raw, start, end, code)
        if compound is not None:
            return compound
    if _SPEED_AFTER.match(folded, end) and code:
        conversion = si_conversion(code)
        if conversion is not None and conversion[2] == "m":
            return Rate(start, end, f"{code}/h")
    before, after, codes = _denominators()
    if folded[end : end + 2].strip(" ")[:1] in tuple("/∕⁄每") and code:
        match = after.match(folded, end)
        if match:
            return Rate(start, match.end(), f"{code}/{codes[match['word']]}")
    window = folded[max(0, start - _REACH) : start]
    if "每" not in window and "速" not in window:
        return None
    match = before.search(window)
    if match is None:
        return None
    per = codes[match["word"]] if match["word"] else _SPEEDS[match["speed"]]
    if not code or match["speed"]:
        # Only lengths have a speed, and only areas a density.
        conversion = si_conversion(code or per)
        if conversion is None or conversion[2] != ("m" if code else "m2"):
            return None
    # With words between, the stretch from 每小時 on would hold an approximator too.
    widened = start if match["link"] else start - (len(window) - match.start())
    return Rate(widened, end, "{rpm}" if (code, per) == ("{rev}", "min") else f"{code}/{per}")
