"""The forms of dates.

Two layers. `UNITS` are the smallest pieces, patterns over the lexemes' classes (the `class`
columns of the lexicons): a numeral with its unit, or a word that is a date by itself. They
join to dates as they stand next to each other, largest first, and a date's rule is the names
of its units joined by `+`:

    year                1941年                          era-year+month   西元1941年6月
    year+month+day      1941年6月22日                   reign-year       光緒二十年
    relative-year+month 翌年6月                         month+day+hour   6月22日凌晨4時
    century+decade      20世紀40年代                    year+season      1942年春

A rule with `…` stands for two dates joined to a range: `year+month…` is 1941年6月至8月. Names that
are no unit are in `ELEMENTS`.
`NOTATIONS` are the forms written in digits and Latin letters, regular expressions on folded text.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.lexemes import NUM


class Form(NamedTuple):
    """Classes of the lexemes in a row, and a text it matches."""

    classes: tuple[str, ...]
    example: str


UNITS: dict[str, Form] = {
    "year": Form((NUM, "YEAR"), "1941年"),
    "era-year": Form(("ERA", NUM, "YEAR"), "公元前221年"),
    "reign-year": Form(("REIGN", NUM, "YEAR"), "康熙三十年"),
    "reign-first-year": Form(("REIGN", "FIRST_YEAR"), "民國元年"),
    "reign-sexagenary-year": Form(("REIGN", "SEXAGENARY"), "光緒甲午年"),
    "reign-period": Form(("REIGN", "YEAR"), "康熙年間"),
    "reign-part": Form(("REIGN", "REIGN_PART"), "康熙末年"),
    "sexagenary-year": Form(("SEXAGENARY",), "甲午年"),
    "decade": Form((NUM, "DECADE"), "1940年代"),
    "era-decade": Form(("ERA", NUM, "DECADE"), "西元1940年代"),
    "reign-decade": Form(("REIGN", NUM, "DECADE"), "民國60年代"),
    "century": Form((NUM, "CENTURY"), "20世紀"),
    "era-century": Form(("ERA", NUM, "CENTURY"), "公元前5世紀"),
    "month": Form((NUM, "MONTH"), "6月"),
    "leap-month": Form(("LEAP", NUM, "MONTH"), "閏四月"),
    "lunar-month": Form(("LUNAR_MONTH",), "正月"),
    "calendar": Form(("CALENDAR",), "農曆"),
    "day": Form((NUM, "DAY"), "22日"),
    "lunar-day": Form(("LUNAR_DAY",), "初八"),
    "new-year-day": Form(("NEW_YEAR_DAY",), "大年初十"),
    "holiday": Form(("HOLIDAY",), "端午節"),
    "season": Form(("SEASON",), "冬天"),
    "quarter": Form((NUM, "QUARTER"), "第一季度"),
    "weekday": Form(("WEEKDAY",), "星期一"),
    "relative-century": Form(("RELATIVE_CENTURY",), "上世紀"),
    "relative-year": Form(("RELATIVE_YEAR",), "翌年"),
    "relative-month": Form(("RELATIVE_MONTH",), "同月"),
    "relative-day": Form(("RELATIVE_DAY",), "翌日"),
    "relative-week": Form(("RELATIVE_WEEK",), "次週"),
    "relative-quarter": Form(("RELATIVE_QUARTER",), "該季度"),
    "third": Form(("THIRD",), "下旬"),
    "half-year": Form(("HALF_YEAR",), "下半年"),
    "hour": Form((NUM, "POINT"), "4時"),
    "minute": Form((NUM, "MINUTE"), "15分"),
    "quarter-hour": Form((NUM, "QUARTER_HOUR"), "一刻"),
    "second": Form((NUM, "SECOND"), "9秒"),
    "span": Form((NUM, "SPAN"), "7個月"),
    "half": Form(("HALF",), "半年"),
    "one-and-half": Form(("SPAN",), "個半小時"),
    "every": Form(("EVERY",), "每年"),
}


ELEMENTS: dict[str, str] = {
    "part": "1942年春",
    "bare-day": "2023年臘月十八",
    "week": "2021年第一周",
    "weekend": "2021年5月第一個週末",
    "months": "2018年前七個月",
    "span": "7個月",
    "span-after": "兩年後",
    "span-before": "三年前",
    "ordinal-span": "第三天",
    "once": "四年一次",
    "now": "1947年至今",
    "or": "1947年或之後",
}
"""What else a rule's name may hold, with a text that has it."""


class Notation(NamedTuple):
    pattern: str
    example: str


# A month by name; `english_months.csv` says which there are.
_NAME = r"(?P<name>[a-z]{3,9})"
_CLOCK = r"(?P<hour>[01]?[0-9]|2[0-4])[::](?P<minute>[0-5][0-9])(?:[::](?P<second>[0-5][0-9](?:\.[0-9]{1,6})?))?"
# Not inside a longer number or path; 日期：1941-06-22 is folded to a colon, too.
_APART = r"(?<![0-9./])(?<![0-9][,:])"

NOTATIONS: dict[str, Notation] = {
    "iso-day": Notation(
        rf"(?<![0-9./])(?<![0-9]:)(?<![a-z]-)(?P<year>[0-9]{{4}})(?P<mark>[-/.])(?P<month>[01]?[0-9])(?P<mark2>[-/.])(?P<day>[0-3][0-9]|[1-9](?![0-9]))"
        rf"(?:[ t]?-?{_CLOCK}|(?![0-9]|[./][0-9]))",
        "1941-06-22",
    ),
    "compact-day": Notation(
        r"(?<![0-9a-z.:/_-])(?<![0-9],)(?P<year>1[5-9][0-9]{2}|20[0-9]{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12][0-9]|3[01])"
        r"(?![0-9])(?![a-z_.,%/])",
        "19410622",
    ),
    "dotted-month": Notation(
        rf"{_APART}(?<![a-z]-)(?P<year>1[0-9]{{3}}|20[0-9]{{2}})[./](?P<month>0[1-9]|1[0-2])(?![0-9./%]|,[0-9])",
        "1999.08",
    ),
    # 1:50,000 is a scale.
    "clock": Notation(
        rf"(?<![0-9./+])(?<![0-9]:)(?:(?<=[0-9]-)|(?<![0-9]-)){_CLOCK}(?! ?[0-9:]|\.[0-9]|,[0-9]00(?![0-9]))(?P<half> ?[ap]\.?m\.?(?![a-z]))?时?",
        "17:55:23",
    ),
    "bare-year": Notation(
        r"(?:(?<=[(])|(?<=\n)|\A|(?<=[0-9][./][0-9]{2}-))(?P<year>1[0-9]{3}|20[0-9]{2})"
        r"(?: ?[-–—~至] ?(?P<last>1[0-9]{3}|20[0-9]{2}|[0-9]{2}))?(?=[)]|\Z|\n| ?[(])",
        "（1921）",
    ),
    # Beside words that only a year stands between; `_read_notation` looks at those after it.
    "told-year": Notation(
        r"(?:(?<=(?<![大小高低等多少晚早居位属对优劣介])[于在自从至到])|(?<=截至)|(?<=直到))(?P<year>1[5-9][0-9]{2}|20[0-3][0-9])"
        r"(?: ?[-–—~至到] ?(?P<last>1[5-9][0-9]{2}|20[0-3][0-9]))?(?=[,。;、)]|[\u3400-\u9fff])",
        "在1925才獲釋",
    ),
    "season-year": Notation(
        r"(?<![0-9a-z.,/#+-])(?P<year>[1-9][0-9]{2,3})(?P<season>[春夏秋冬][天季])", "541春天"
    ),
    "year-part": Notation(
        rf"{_APART}(?<![a-z-])(?P<year>1[5-9][0-9]{{2}}|20[0-9]{{2}})(?P<part>[初末底])"
        r"(?![级期选赛始版代端路叶尾特格部下层座中一二三四五六七八九十])",
        "2015末",
    ),
    "english-decade": Notation(
        rf"{_APART}(?<![a-z-])(?P<year>1[0-9]{{2}}0|20[0-9]0)['’]?s(?![a-z])", "1860s"
    ),
    "millennium": Notation(
        r"(?P<era>公元前|西元前|纪元前|前|公元|西元)?第?(?P<number>[1-9]|[一二三四五六七八九])(?:个)?千(?:年纪|纪(?![录念])|年期)",
        "公元前2千紀",
    ),
    "bare-years-bc": Notation(
        r"(?<=[(])(?:公元|西元)?前(?P<year>[1-9][0-9]{0,3}) ?[-–—~至] ?(?:(?:公元|西元)?前)?(?P<last>[1-9][0-9]{0,3})(?=[)])",
        "（前551－前479）",
    ),
    "season-years": Notation(
        rf"{_APART}(?<!-)(?P<year>1[0-9]{{3}}|20[0-9]{{2}})[-–—/至到](?P<last>1[0-9]{{3}}|20[0-9]{{2}}|[0-9]{{2}})"
        r"(?= ?(?:赛季|球季|学年|财年|财政年度|年度|季))",
        "1987–88賽季",
    ),
    "bare-part": Notation(r"[,。;、:\n](?P<word>(?:年|月)[底末初])(?![级期报薪会步次])", "，年底"),
    "english-day": Notation(
        rf"(?<![a-z0-9])(?:{_NAME}\.? ?(?P<day>[0-3]?[0-9])(?:st|nd|rd|th)?,? ?(?P<year>[12][0-9]{{3}})"
        rf"|(?P<day2>[0-3]?[0-9])(?:st|nd|rd|th)? {_NAME.replace('name', 'name2')}\.?,? ?(?P<year2>[12][0-9]{{3}}))(?![0-9])",
        "June 22, 1941",
    ),
    "english-month": Notation(
        rf"(?<![a-z0-9]){_NAME}\.?,? (?P<year>[12][0-9]{{3}})(?![0-9])",
        "June 1941",
    ),
}
"""Each is tried where a numeral or, for the English ones, a month's name begins; 年底 after a stop,
公元前2千紀 anywhere."""


@lru_cache(maxsize=1)
def notations() -> dict[str, re.Pattern[str]]:
    """The compiled notations."""
    return {name: re.compile(notation.pattern) for name, notation in NOTATIONS.items()}
