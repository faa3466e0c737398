"""Calendars other than today's: reign years, lunar days, the sixty-year cycle, holidays."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.wordlists import read_lexicon

_PACKAGE = "pipeline.mentions.date"
Day = tuple[int, int, int]

STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
SEXAGENARY = {STEMS[i % 10] + BRANCHES[i % 12]: i for i in range(60)}
"""甲子 → 0 … 癸亥 → 59. A year y (astronomical) has the number (y − 4) mod 60."""


class Reign(NamedTuple):
    """`start` is the year that its first year stands for; `end` the last in use, or None."""

    dynasty: str
    start: int
    end: int | None
    calendar: str
    common: bool


@lru_cache(maxsize=1)
def reigns() -> dict[str, tuple[Reign, ...]]:
    """Era name → who used it, the likeliest first."""
    found: dict[str, list[Reign]] = {}
    for row in read_lexicon(_PACKAGE, "reigns.csv"):
        end = int(row["end"]) if row["end"] else None
        reign = Reign(
            row["dynasty"], int(row["start"]), end, row["calendar"], row["common"] == "yes"
        )
        found.setdefault(row["era"], []).append(reign)
    return {era: tuple(rows) for era, rows in found.items()}


@lru_cache(maxsize=1)
def _dynasty_names() -> dict[str, tuple[str, ...]]:
    """Dynasty → its names that are not words of something else, as 晋 and 明 alone may be."""
    found: dict[str, list[str]] = {}
    for rows in reigns().values():
        for reign in rows:
            name = reign.dynasty
            found.setdefault(name, [name] if len(name) > 1 else [name + "朝"])
    for row in read_lexicon(_PACKAGE, "dynasties.csv"):
        found[row["dynasty"]].append(row["word"])
    return {dynasty: tuple(names) for dynasty, names in found.items()}


def pick_reign(
    era: str, *, before: str, number: int | None, year: int | None = None
) -> Reign | None:
    """The reign that `era` names, after the folded text `before`, if its year `number` exists.

    A dynasty's name, or its emperor's (宋文帝), right before the era decides (日本天保五年); then the
    `year` that stands in brackets beside it; then the dynasty that `before` named last; else it is
    the first that lasted long enough. Its last year may run to the one after `end`, as news of an
    end travels, or where no reign has that year to the fourth (洪武三十五年, 隆武四年: kept by some).
    """
    rows = reigns().get(era, ())
    if len(rows) > 1:
        rows = _likely(rows, before, None if year is None else year - (number or 1) + 1)
    for late in (1, 4):
        for reign in rows:
            more = late if reign.calendar == "chinese" else 1
            if number is None or reign.end is None or reign.start + number - 1 <= reign.end + more:
                return reign
    return None


def _likely(rows: tuple[Reign, ...], before: str, start: int | None) -> tuple[Reign, ...]:
    """Those of several reigns of one name that the text beside it tells of; all if it does not."""
    emperor = before[-3:-2] if before.endswith(("帝", "宗", "祖")) else ""  # 宋文帝元嘉年間
    names = _dynasty_names()
    named = [max(map(before.rfind, names[r.dynasty])) for r in rows]
    return (
        tuple(r for r in rows if before.endswith((r.dynasty, r.dynasty + "朝")))
        or tuple(r for r in rows if emperor and r.dynasty.endswith(emperor))
        or tuple(r for r in rows if r.start == start)
        or tuple(r for r, at in zip(rows, named, strict=True) if at == max(named) >= 0)
        or rows
    )


def lunar_to_solar(year: int, month: int, day: int | None, *, leap: bool) -> tuple[Day, Day] | None:
    """First and last day of a lunar month, or its day twice; None where there is none.

    Before 15 October 1582 the days are Julian, as histories write them.
    """
    if not 1 <= year <= 9998 or not 1 <= month <= 12:
        return None
    found = _lunar_months(year).get(-month if leap else month)
    if found is None:
        return None
    first, length = found
    if day is None:
        return (_julian_day(first), _julian_day(first + length - 1))
    day = day or length
    return (_julian_day(first + day - 1),) * 2 if 1 <= day <= length else None


@lru_cache(maxsize=1024)
def _lunar_months(year: int) -> dict[int, tuple[float, int]]:
    """Month (negative: leap) → the Julian day number of its first day and its length."""
    from lunar_python import LunarYear

    return {
        month.getMonth(): (month.getFirstJulianDay(), month.getDayCount())
        for month in LunarYear(year).getMonths()
        if month.getYear() == year
    }


def _julian_day(number: float) -> Day:
    from lunar_python import Solar

    solar = Solar.fromJulianDay(number)
    return (solar.getYear(), solar.getMonth(), solar.getDay())


@lru_cache(maxsize=1)
def _holiday_rules() -> dict[str, str]:
    return {row["word"]: row["rule"] for row in read_lexicon(_PACKAGE, "holidays.csv")}


def holiday_rule(name: str) -> str:
    """How holidays.csv says to find a holiday."""
    return _holiday_rules()[name]


def holiday(name: str, year: int) -> tuple[Day, Day] | None:
    """First and last day of a holiday (holidays.csv) of `year`, or None."""
    kind, *terms = _holiday_rules()[name].split()
    if not 1 <= year <= 9998:
        return None
    first: dt.date | None
    last: dt.date | None = None
    if kind == "fixed":
        month, day = map(int, terms[0].split("-"))
        return ((year, month, day),) * 2
    if kind == "lunar":
        month, day = map(int, terms[0].split("-"))
        return lunar_to_solar(year, month, day, leap=False)
    if kind == "nth":
        month, n, weekday, *later = map(int, terms)
        first = nth_weekday(year, month, n, weekday) + dt.timedelta(days=sum(later))
    elif kind in ("easter", "orthodox"):
        sunday = easter(year, orthodox=kind == "orthodox")
        first, last = (sunday + dt.timedelta(days=int(term)) for term in terms)
    elif kind == "earth-hour":
        first = nth_weekday(year, 3, -1, 6)
        if first == easter(year) - dt.timedelta(days=1):
            first -= dt.timedelta(days=7)
    elif kind == "ashvin":
        month_of = _ashvin(year)
        if month_of is None:
            return None
        first, last = (month_of[int(term) - 1] for term in terms)
    elif kind == "term":
        first = _solar_term(year, terms[0], int(terms[1]))
    else:
        month, day = map(int, terms[0].split("-"))
        first, length = (
            _hebrew(year, month, day) if kind == "hebrew" else _islamic(year, month, day)
        )
        if first is None:
            return None
        length = int(terms[1]) or length
        if kind == "hebrew":  # a Hebrew day begins on the evening before
            first -= dt.timedelta(days=1)
        last = first + dt.timedelta(days=length - 1)
    last = last or first
    return ((first.year, first.month, first.day), (last.year, last.month, last.day))


def _ashvin(year: int) -> list[dt.date] | None:
    """The days of the Hindu month Ashvin, from new moon to the new moon of Diwali, which falls from
    17 October to 15 November. New moons are those of the Chinese calendar: a day off in some years.
    """
    for start, length in _lunar_months(year).values():
        first = dt.date(*_julian_day(start))
        last = first + dt.timedelta(days=length - 1)
        if dt.date(year, 10, 17) <= last <= dt.date(year, 11, 15):
            return [first + dt.timedelta(days=i) for i in range(length)]
    return None


def nth_weekday(year: int, month: int, n: int, weekday: int) -> dt.date:
    """The nth such weekday (ISO number) of the month; its last where `n` is negative."""
    if n > 0:
        first = dt.date(year, month, 1)
        return first + dt.timedelta(days=(weekday - first.isoweekday()) % 7 + 7 * (n - 1))
    last = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    return last - dt.timedelta(days=(last.isoweekday() - weekday) % 7)


def easter(year: int, *, orthodox: bool = False) -> dt.date:
    """Easter Sunday: Gregorian (Meeus, Jones, Butcher), or Orthodox as a Gregorian date."""
    if orthodox:
        a, b, c = year % 4, year % 7, year % 19
        d = (19 * c + 15) % 30
        e = (2 * a + 4 * b - d + 34) % 7
        month, day = divmod(d + e + 114, 31)
        julian_lag = year // 100 - year // 400 - 2
        return dt.date(year, month, day + 1) + dt.timedelta(days=julian_lag)
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    j = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * j) // 451
    month, day = divmod(h + j - 7 * m + 114, 31)
    return dt.date(year, month, day + 1)


def _solar_term(year: int, name: str, later: int) -> dt.date:
    from lunar_python import Lunar

    # The table of a lunar year runs from one winter solstice to past the next.
    solar = Lunar.fromYmd(year, 6, 1).getJieQiTable()["DONG_ZHI" if name == "冬至" else name]
    if solar.getYear() < year:
        solar = Lunar.fromYmd(year, 6, 1).getJieQiTable()[name]
    return dt.date(solar.getYear(), solar.getMonth(), solar.getDay()) + dt.timedelta(days=later)


_HEBREW_EPOCH = -1373427  # ordinal of the day before 1 Tishri 1
_ISLAMIC_EPOCH = 227015  # ordinal of 1 Muharram 1 (civil)


def _hebrew_new_year(year: int) -> int:
    """Ordinal of 1 Tishri, after Reingold and Dershowitz, Calendrical Calculations."""

    def elapsed(y: int) -> int:
        months = (235 * y - 234) // 19
        parts = 12084 + 13753 * months
        day = 29 * months + parts // 25920
        return day + 1 if 3 * (day + 1) % 7 < 3 else day

    before, this, after = elapsed(year - 1), elapsed(year), elapsed(year + 1)
    correction = 2 if after - this == 356 else 1 if this - before == 382 else 0
    return _HEBREW_EPOCH + this + correction


def _hebrew(year: int, month: int, day: int) -> tuple[dt.date | None, int]:
    """The day of the Hebrew month (1 Nisan … 12 Adar) that falls in the civil `year`."""
    for hebrew_year in (year + 3760, year + 3761):
        start = _hebrew_new_year(hebrew_year)
        length = _hebrew_new_year(hebrew_year + 1) - start
        leap = length > 360
        months = [7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6]
        lengths = {7: 30, 8: 30 if length % 10 == 5 else 29, 9: 29 if length % 10 == 3 else 30, 10: 29, 11: 30,
                   12: 59 if leap else 29, 1: 30, 2: 29, 3: 30, 4: 29, 5: 30, 6: 29}  # fmt: skip
        offset = sum(lengths[m] for m in months[: months.index(month)])
        # In leap years the feasts of Adar fall in its second month.
        offset += 30 if leap and month == 12 else 0
        date = dt.date.fromordinal(start + offset + day - 1)
        if date.year == year:
            return date, lengths[month]
    return None, 0


def _islamic(year: int, month: int, day: int) -> tuple[dt.date | None, int]:
    """The first day with that number in the civil `year`, by the tabular calendar."""
    guess = (year - 622) * 33 // 32
    for hijri in (guess, guess + 1, guess + 2):
        if hijri < 1:
            continue
        ordinal = (
            _ISLAMIC_EPOCH
            + (hijri - 1) * 354
            + (3 + 11 * hijri) // 30
            + 29 * (month - 1)
            + month // 2
            + day
            - 1
        )
        date = dt.date.fromordinal(ordinal)
        if date.year == year:
            leap = (14 + 11 * hijri) % 30 < 11
            return date, 30 if month % 2 or (month == 12 and leap) else 29
    return None, 0
