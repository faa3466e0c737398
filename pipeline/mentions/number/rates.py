"""Measures per something: 每小時10公里, 時速80公里, 10毫克/千克, 每平方公里100人.

What a measure is per stands before or after it; the unit's UCUM code gets it as its
denominator. 每年, 每月 and 每天 before a number are dates of their own and stay apart.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.fold import fold
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


def rate_of(folded: str, start: int, end: int, code: str) -> Rate | None:
    """The rate that a measure of `code` at [start, end) is in; None if it is no rate.

    An empty `code` stands for a number of persons: they are a density, 每平方公里100人, per area only.
    """
    if "/" in code:
        return None
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
