"""Years, decades and reigns: what a numeral with 年 or 年代 means.

四位数 are years; 三年 is a length of time; between them lie 755年, 41年 and 五八年, which the words
around them decide.
"""

from __future__ import annotations

import re

from pipeline.mentions.date import calendars, lexicon
from pipeline.mentions.date.row import SHIFT, Row, Unit, number_of
from pipeline.mentions.date.value import Parts
from pipeline.mentions.numerals import read_approximation, read_digits

# How far back a dynasty's name tells whose reign it is.
_NAMED_WITHIN = 60
# Before the years of eras whose names are words: 明憲宗成化五年, 至中和三年.
_BEFORE_ERAS = tuple("帝宗祖后于至自从")
_BRACKETED_YEAR = re.compile(
    r" ?[(](?:(?:公元|西元)?(?P<bc>前)|公元|西元)?(?P<year>[0-9]{1,4})(?![0-9]) ?年?"
)
_ERA_EVIDENCE = re.compile(r"\(|[一二三四五六七八九十正闰元0-9]{1,3}月")


def add_decade(row: Row, parts: Parts, unit: Unit) -> Parts | None:
    text = unit.numeral
    number = number_of(text)
    if number is None:
        both = read_approximation(text)
        number = both[1] if both else None
    if not isinstance(number, int) or number < 0:
        return None
    if (text.isdigit() and len(text) == 4) or number >= 1000:
        digits = read_digits(text) if len(text) == 4 else number
        if digits is None or digits % 10 or digits > 9999 or parts.century is not None:
            return None
        return parts._replace(century=digits // 100 + 1, decade=digits // 10 % 10)
    if 100 <= number < 1000 and number % 10 == 0 and parts.century is None:
        return parts._replace(century=number // 100 + 1, decade=number // 10 % 10)
    if number >= 100 or number % 10 or (number == 0 and len(text) < 2):
        return None
    return parts._replace(decade=number // 10)


def add_year(row: Row, parts: Parts, unit: Unit, k: int, after: Parts | None) -> Parts | None:
    text = unit.numeral
    if unit.word.strip() not in ("年", "年份", "年度") or parts.century is not None:
        return None
    if row.before(unit.start, "第") or row.cue(unit, "before", "count") or row.is_compared(unit):
        return None
    number = number_of(text)
    if after is not None and after.reign and isinstance(number, int) and 1 <= number <= 64:
        return parts._replace(
            year=after.reign + number - 1, calendar=after.calendar, reign=after.reign
        )
    ranged = after is not None and after.year is not None
    if after is not None and after.year is not None and after.year <= 0:
        # 前30年－14年 is before Christ; 前202年－220年 is not.
        if isinstance(number, int) and number < 1 - after.year:
            return parts._replace(year=1 - number)
        if isinstance(number, int):
            return parts._replace(year=number)
    if text.isascii():
        if not text.isdigit():
            return None
        year = int(text)
        if len(text) == 4:
            # 2000年, 1500年 may be lengths of time; so may any year beyond today's.
            round_number = year % 500 == 0 or (year % 100 == 0 and year >= 2000)
            if not ranged and (year > 2200 or (round_number and row.is_length(unit))):
                return None
            return parts._replace(year=year)
        if len(text) == 3 and year >= 100:
            ranged = ranged or len(unit.left) == 3  # 366－370年間
            round_number = year % 50 == 0 and not _year_cue(row, unit, k)
            later = year % 50 == 0 and SHIFT.match(row.folded, unit.end)
            if not ranged and (round_number or later or row.is_length(unit)):
                return None
            return parts._replace(year=year)
        if len(text) > 2:
            return None
        if _beside_reign(row, unit, k):
            return parts._replace(year=year)
        short = len(text) == 2 and (text.startswith("0") or row.before(unit.start, "'", "’"))
    else:
        if of_ruler(row, unit) and (named := _bracketed_year(row, unit)) is not None:
            return parts._replace(year=named, calendar="chinese")
        digits = read_digits(text)
        if digits is None:
            number = number_of(text)
            if isinstance(number, int) and 1000 < number <= 2200 and number % 100:
                return parts._replace(year=number)
            return None
        if len(text) >= 3 and 100 <= digits <= 2200:
            return parts._replace(year=digits)
        if len(text) != 2 or (read_approximation(text) and not _year_cue(row, unit, k)):
            return None
        year, short = digits, True
    if len(text) != 2:
        return None
    if (
        unit.left.isascii()
        and unit.left.isdecimal()
        and 31 < int(unit.left) < year
        and int(unit.left) % 5
    ):
        return parts._replace(year=year, short=True)  # 83—84年
    if short or (unit.left and len(unit.left) >= 3) or ranged or _year_cue(row, unit, k):
        return parts._replace(year=year, short=True)
    return None


def _year_cue(row: Row, unit: Unit, k: int) -> bool:
    """Whether what follows or precedes a numeral with 年 makes it a year, not a length."""
    end = unit.end
    if k + 1 < len(row.units):
        following = row.units[k + 1]
        gap = row.folded[end : following.begin]
        if following.form in (
            "month",
            "season",
            "quarter",
            "holiday",
            "lunar-month",
            "leap-month",
            "calendar",
        ) and gap in ("", " ", "的"):
            return True
        if (
            following.form == "span"
            and re.fullmatch("的?第", gap)
            and lexicon.measures()[following.word.strip()].unit == "week"
        ):
            return True
    if re.compile(f"的?(?:{'|'.join(lexicon.spans_of_year())})").match(row.folded, end):
        return True
    if len(unit.numeral) < 3:
        return False
    return row.heads_clause(unit.start) or row.before(
        unit.start, "于", "在", "自", "从", "至", "到", "约"
    )


def _beside_reign(row: Row, unit: Unit, k: int) -> bool:
    """Whether it is the year in brackets after a reign's: 永平十一年（68年）."""
    if not k or not row.folded.startswith("(", unit.start - 1):
        return False
    reign = row.units[k - 1]
    return reign.form.startswith("reign-") and reign.end == unit.start - 1


def text_before(row: Row, unit: Unit) -> str:
    """What may tell whose reign a unit is of: the text before it in its block."""
    return row.folded[max(0, unit.start - _NAMED_WITHIN) : unit.start].rpartition("\n")[2]


def _bracketed_year(row: Row, unit: Unit) -> int | None:
    """The year in brackets after a unit: 甘露五年（260年）."""
    beside = _BRACKETED_YEAR.match(row.folded, unit.end)
    if beside is None:
        return None
    year = int(beside["year"])
    return 1 - year if beside["bc"] else year


def of_ruler(row: Row, unit: Unit) -> bool:
    """Whether a ruler stands before the year (漢高祖五年): one of that reign, and no length."""
    endings, pattern = lexicon.rulers()
    return (
        not unit.numeral.isascii()
        and row.before(unit.start, *endings)
        and pattern.search(row.folded, max(0, unit.start - 4), unit.start) is not None
    )


def is_reign(folded: str, era: str, start: int, end: int) -> bool:
    """Whether an era's name with its year at [start, end) is one, and no word (延長一年)."""
    rows = calendars.reigns()[era]
    if not all(reign.common for reign in rows):
        return True
    cues = (*(reign.dynasty for reign in rows), *_BEFORE_ERAS)
    return folded.endswith(cues, 0, start) or _ERA_EVIDENCE.match(folded, end) is not None


def add_reign(row: Row, parts: Parts, unit: Unit, number: int | float | None) -> Parts | None:
    if number is not None and (not isinstance(number, int) or number < 1):
        return None
    before = text_before(row, unit)
    year = _bracketed_year(row, unit)
    reign = calendars.pick_reign(unit.head, before=before, number=number, year=year)
    if reign is None or (isinstance(number, int) and number > (120 if reign.start > 0 else 9999)):
        return None
    # 中和元年 is no word's first year.
    if unit.form != "reign-first-year" and not is_reign(
        row.folded, unit.head, unit.start, unit.end
    ):
        return None
    cycle = unit.form == "reign-sexagenary-year"
    if cycle:
        year = reign.start + (calendars.SEXAGENARY[unit.word[:2]] - (reign.start - 4)) % 60
        if reign.end is not None and year > reign.end:
            return None
    else:
        year = reign.start + (number if isinstance(number, int) else 1) - 1
    return parts._replace(year=year, calendar=reign.calendar, reign=reign.start)


def add_reign_decade(
    row: Row, parts: Parts, unit: Unit, number: int | float | None
) -> Parts | None:
    """The last year of 民國60年代, the years 60 to 69."""
    if not isinstance(number, int) or number % 10 or not 10 <= number <= 90:
        return None
    found = add_reign(row, parts, unit, number)
    return found._replace(year=found.year + 9) if found and found.year is not None else None
