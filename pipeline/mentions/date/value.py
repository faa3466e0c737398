"""What a date says, and how that is written: EDTF (ISO 8601-2), ISO 8601 durations and times.

`Parts` is what a text fixes of one date; what is None is open, for the context to fill.
`settle` turns parts that are complete into a `Fixed`, the value as the tables hold it.
"""

from __future__ import annotations

import calendar
import datetime as dt
from functools import lru_cache
from typing import Literal, NamedTuple

from pipeline.mentions.date import calendars
from pipeline.records import DateKind, DateModifier, Precision

Day = tuple[int, int, int]
Covers = Literal["before", "after", "since", "until"]
"""Which days a date stands for where not its own: those before or after it, or with it (`since`,
`until`)."""


WEEKEND = 8
"""Stands where a weekday may: Saturday and Sunday."""


class Parts(NamedTuple):
    """What is written of one date.

    `century` counts from 1 (−5: the fifth before Christ); `decade` is its tens digit. `year`
    is astronomical; `day` 0 is the month's last. `short` says that only its last two digits were written. `season` is EDTF's
    code (21–24, quarters 33–36). `days` are the first and last day of a part of the month, 0 its last.
    `months` the first and last month of a part of the year, `seasons` such seasons. `nth` is (n, weekday), the nth week
    (weekday 0), weekend (`WEEKEND`) or the nth such weekday of the month or year, counted from the
    end where negative; of a relative week n is 0. `reign` is the first year of the reign that `year` was counted in; `han` says that
    the month or day is in Chinese numerals, as lunar ones are. `share`: the first and last year,
    month or day that a part of it covers (shares.csv). `millennium` counts as `century` does. `relative` is (unit, offset): what to count, from an earlier date. `shift` is the
    same for a length of time (兩年後): its units and amounts. `clock` is ISO 8601.
    """

    century: int | None = None
    decade: int | None = None
    year: int | None = None
    short: bool = False
    sexagenary: int | None = None
    season: int | None = None
    month: int | None = None
    leap: bool = False
    day: int | None = None
    days: tuple[int, int] | None = None
    months: tuple[int, int] | None = None
    seasons: tuple[int, int] | None = None
    nth: tuple[int, int] | None = None
    holiday: str | None = None
    relative: tuple[str, int] | None = None
    deictic: bool = False
    shift: tuple[tuple[str, float], ...] = ()
    clock: str | None = None
    calendar: str = "gregorian"
    lunar: bool = False
    reign: int | None = None
    han: bool = False
    share: tuple[int, int] | None = None
    millennium: int | None = None


class DateReading(NamedTuple):
    """What a mention says by itself.

    `first` is the date, or the first end of an interval, `last` its other end; `open_start`,
    `open_end` say that there is none. `value` is what needs no context (durations, sets).
    `ambiguous_day`: a lone 三日 may be three days. `elided`: 八年 may be that year of the reign
    that the text is in. `since`: the event that a length of time counts from (入伍27年以後). `covers` opens one end of the days covered (以前, 以後, 起); the value stays.
    """

    kind: DateKind
    first: Parts | None = None
    last: Parts | None = None
    open_start: bool = False
    open_end: bool = False
    value: str | None = None
    modifier: DateModifier | None = None
    ambiguous_day: bool = False
    elided: int | None = None
    covers: Covers | None = None
    since: str = ""


class Fixed(NamedTuple):
    """A settled date. `year`, `month`, `day` are what later dates may count from, `parts` what
    it was settled from."""

    value: str
    start: Day
    end: Day
    precision: Precision
    year: int | None = None
    month: int | None = None
    day: int | None = None
    parts: Parts = Parts()


def year_text(year: int) -> str:
    """EDTF: 1941, 0755, -0220; five digits and more take a Y."""
    if abs(year) > 9999:
        return f"Y{year}"
    return f"-{-year:04d}" if year < 0 else f"{year:04d}"


def day_text(day: Day) -> str:
    return f"{year_text(day[0])}-{day[1]:02d}-{day[2]:02d}"


def month_length(year: int, month: int, *, julian: bool = False) -> int:
    if month == 2:
        leap = year % 4 == 0 if julian else calendar.isleap(year)
        return 29 if leap else 28
    return 30 if month in (4, 6, 9, 11) else 31


def narrowed(fixed: Fixed) -> Fixed:
    """`fixed` with the days of the part of it that is meant: of 1940年代末 the last years."""
    share, (year, month, _) = fixed.parts.share, fixed.start
    if share is None or year < 1:
        return fixed
    a, b = share
    if fixed.precision in ("century", "decade"):
        base = year // 10 * 10
        return fixed._replace(start=(max(base + a, 1), 1, 1), end=(base + b, 12, 31))
    if fixed.precision == "year":
        return fixed._replace(start=(year, a, 1), end=(year, b, month_length(year, b)))
    if fixed.precision == "month":
        return fixed._replace(start=(year, month, a), end=(year, month, b or fixed.end[2]))
    return fixed


def to_date(day: Day | None) -> dt.date | None:
    """None where Python's calendar (years 1–9999, Gregorian) has no such day."""
    if day is None:
        return None
    try:
        return dt.date(*day)
    except (ValueError, OverflowError):
        return None


def days_covered(
    fixed: Fixed, covers: Covers | None, *, whole: bool
) -> tuple[Day | None, Day | None]:
    """First and last day, None for an open end. `whole`: before and after leave out all of `fixed`;
    else it is a clock time, and its day is partly covered."""
    if covers == "before":
        return None, add_days(fixed.start, -1) if whole else fixed.end
    if covers == "after":
        return add_days(fixed.end, 1) if whole else fixed.start, None
    return (
        None if covers == "until" else fixed.start,
        None if covers == "since" else fixed.end,
    )


@lru_cache(maxsize=4096)
def settle(parts: Parts) -> Fixed | None:
    """The value of complete parts; None where there is no such date (2月30日).

    Kept, since articles come back to the same dates.
    """
    fixed = _settle(parts)
    if fixed is None:
        return None
    if parts.clock and fixed.precision == "day":
        fixed = fixed._replace(value=f"{fixed.value}T{parts.clock}")
    return fixed._replace(parts=parts)


def _settle(parts: Parts) -> Fixed | None:
    if parts.lunar and (parts.month is not None or parts.year is None):
        return _settle_lunar(parts)
    year = parts.year
    if year is None:
        return _settle_long(parts)
    if parts.holiday is not None:
        found = calendars.holiday(parts.holiday, year)
        return _stretch(*found) if found else None
    if parts.nth is not None:
        return _settle_nth(parts, year)
    if parts.months is not None:
        a, b = parts.months
        return Fixed(
            f"{year_text(year)}-{a:02d}/{year_text(year)}-{b:02d}",
            (year, a, 1), (year, b, month_length(year, b)), "interval", year,
        )  # fmt: skip
    if parts.season is not None:
        return _settle_season(year, parts.season)
    if parts.seasons is not None:
        before, after = (_settle_season(year, season) for season in parts.seasons)
        value = f"{before.value}/{after.value}"
        return Fixed(value, before.start, after.end, "interval", year)
    if parts.month is None:
        return Fixed(year_text(year), (year, 1, 1), (year, 12, 31), "year", year)
    if not 1 <= parts.month <= 12:
        return None
    # Before 1583 a written 29 February of a Julian leap year did exist.
    julian = parts.calendar == "julian" or year < 1583
    length = month_length(year, parts.month, julian=julian)
    if parts.days is not None:
        a, b = parts.days[0], parts.days[1] or length
        first, last = (year, parts.month, a), (year, parts.month, b)
        return Fixed(
            f"{day_text(first)}/{day_text(last)}", first, last, "interval", year, parts.month
        )
    if parts.day is None:
        value = f"{year_text(year)}-{parts.month:02d}"
        first, last = (year, parts.month, 1), (year, parts.month, length)
        return Fixed(value, first, last, "month", year, parts.month)
    number = parts.day or length
    if not 1 <= number <= length:
        return None
    day = (year, parts.month, number)
    return Fixed(day_text(day), day, day, "day", *day)


def _stretch(first: Day, last: Day) -> Fixed:
    if first == last:
        return Fixed(day_text(first), first, last, "day", *first)
    month = first[1] if first[:2] == last[:2] else None
    return Fixed(f"{day_text(first)}/{day_text(last)}", first, last, "interval", first[0], month)


def _settle_long(parts: Parts) -> Fixed | None:
    """Millennia, centuries and decades."""
    century = parts.century
    if parts.millennium is not None:
        number = parts.millennium
        if number < 0:  # EDTF −2XXX: −2999 to −2000, that is 3000 to 2001 BC
            last = number * 1000 + 1000
            return Fixed(f"-{-number - 1}XXX", (last - 999, 1, 1), (last, 12, 31), "millennium")
        first = (number - 1) * 1000
        return Fixed(f"{number - 1}XXX", (max(first, 1), 1, 1), (first + 999, 12, 31), "millennium")
    if century is None:
        return None
    if century < 0:
        # EDTF −04XX: −499 to −400, that is 500 to 401 BC.
        value = f"-{-century - 1:02d}XX"
        return Fixed(value, (century * 100 + 1, 1, 1), (century * 100 + 100, 12, 31), "century")
    if parts.decade is None:
        first = (century - 1) * 100
        return Fixed(f"{century - 1:02d}XX", (max(first, 1), 1, 1), (first + 99, 12, 31), "century")
    first = (century - 1) * 100 + parts.decade * 10
    return Fixed(f"{first // 10:03d}X", (max(first, 1), 1, 1), (first + 9, 12, 31), "decade")


_SEASONS = {21: (3, 5), 22: (6, 8), 23: (9, 11), 33: (1, 3), 34: (4, 6), 35: (7, 9), 36: (10, 12)}


def _settle_season(year: int, season: int) -> Fixed:
    value = f"{year_text(year)}-{season}"
    if season == 24:  # the winter that begins in that year's December
        return Fixed(value, (year, 12, 1), (year + 1, 2, month_length(year + 1, 2)), "season", year)
    a, b = _SEASONS[season]
    return Fixed(value, (year, a, 1), (year, b, month_length(year, b)), "season", year)


def _settle_nth(parts: Parts, year: int) -> Fixed | None:
    """The nth week or weekday of a month or year; weeks begin on Monday, as in ISO 8601."""
    assert parts.nth is not None
    n, day = parts.nth
    weekday = 6 if day == WEEKEND else day
    if not 1 <= year <= 9999 or (parts.month and not 1 <= parts.month <= 12):
        return None
    if n < 0:
        if year > 9998:
            return None
        # A week is of the month or year that its Thursday is in.
        first = calendars.nth_weekday(year, parts.month or 12, n, weekday or 4)
        first -= dt.timedelta(days=0 if weekday else 3)
    elif parts.month is None and weekday == 0:
        try:
            first = dt.date.fromisocalendar(year, n, 1)
        except ValueError:
            return None
    else:
        month = parts.month or 1
        first = dt.date(year, month, 1)
        first += dt.timedelta(days=((weekday or 1) - first.isoweekday()) % 7 + 7 * (n - 1))
        if parts.month and (first.year, first.month) != (year, month):
            return None
    try:
        last = first + dt.timedelta(days=1 if day == WEEKEND else 0 if weekday else 6)
    except OverflowError:  # the last week of the year 9999
        return None
    return _stretch((first.year, first.month, first.day), (last.year, last.month, last.day))


def _settle_lunar(parts: Parts) -> Fixed | None:
    if parts.year is None or parts.month is None:
        return None
    found = calendars.lunar_to_solar(parts.year, parts.month, parts.day, leap=parts.leap)
    if not found:
        return None
    if parts.days is not None:
        first, last = parts.days
        begin = calendars.lunar_to_solar(parts.year, parts.month, first, leap=parts.leap)
        end = calendars.lunar_to_solar(parts.year, parts.month, last or None, leap=parts.leap)
        if begin and end:
            return _stretch(begin[0], end[1])
    return _stretch(*found)


def duration_text(amounts: tuple[tuple[str, float], ...]) -> str | None:
    """ISO 8601: P3Y1M6D, P2W, PT1H30M, P1.5Y. Weeks beside other units become days."""
    total: dict[str, float] = {}
    for unit, amount in amounts:
        base, factor = _ISO_UNITS[unit]
        total[base] = total.get(base, 0) + amount * factor
    if "W" in total and len(total) > 1:
        total["D"] = total.get("D", 0) + 7 * total.pop("W")
    if not any(total.values()):
        return None
    date = "".join(f"{_number(total[u])}{u}" for u in "YMWD" if total.get(u))
    time = "".join(f"{_number(total['T' + u])}{u}" for u in "HMS" if total.get("T" + u))
    return f"P{date}" + (f"T{time}" if time else "")


_ISO_UNITS: dict[str, tuple[str, float]] = {
    "sexagenary-cycle": ("Y", 60), "century": ("Y", 100), "decade": ("Y", 10), "year": ("Y", 1), "quarter": ("M", 3), "month": ("M", 1),
    "week": ("W", 1), "day": ("D", 1), "hour": ("TH", 1), "double-hour": ("TH", 2), "quarter-hour": ("TM", 15), "minute": ("TM", 1),
    "second": ("TS", 1), "millisecond": ("TS", 0.001), "microsecond": ("TS", 0.000001),
}  # fmt: skip


def _number(amount: float) -> str:
    return f"{amount:.6f}".rstrip("0").rstrip(".")


def add_months(day: Day, months: int) -> Day:
    index = day[0] * 12 + day[1] - 1 + months
    year, month = divmod(index, 12)
    return (year, month + 1, min(day[2], month_length(year, month + 1)))


def add_days(day: Day, days: int) -> Day | None:
    date = to_date(day)
    if date is None:
        return None
    try:
        date += dt.timedelta(days=days)
    except OverflowError:
        return None
    return (date.year, date.month, date.day)
