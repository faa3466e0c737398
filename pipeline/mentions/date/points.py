"""Dates: units from coarse to fine that stand next to each other, 1941年 + 6月 + 22日 + 凌晨4時."""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.mentions.date import calendars, lexicon
from pipeline.mentions.date.clock import add_hour, add_minutes, clock_text, hour_of_day
from pipeline.mentions.date.row import SHIFT, Row, Unit, number_of
from pipeline.mentions.date.value import WEEKEND, Parts
from pipeline.mentions.date.years import add_decade, add_reign, add_reign_decade, add_year
from pipeline.mentions.numerals import read_approximation, read_digits
from pipeline.records import DateModifier

# How fine each form is; a date goes from coarse to fine.
_CENTURY, _YEAR, _CALENDAR, _MONTH, _DAY, _HOUR = range(1, 7)
_STAGES = {
    "millennium": _CENTURY, "century": _CENTURY, "era-century": _CENTURY, "relative-century": _CENTURY,
    "decade": _YEAR, "era-decade": _YEAR, "reign-decade": _YEAR, "english-decade": _YEAR, "year": _YEAR, "era-year": _YEAR, "reign-year": _YEAR, "reign-first-year": _YEAR,
    "reign-sexagenary-year": _YEAR, "sexagenary-year": _YEAR, "relative-year": _YEAR, "bare-year": _YEAR, "told-year": _YEAR, "season-year": _YEAR, "bare-part": _YEAR,
    "season-years": _YEAR, "bare-years-bc": _YEAR, "year-part": _YEAR,
    "calendar": _CALENDAR, "season": _MONTH, "quarter": _MONTH, "holiday": _DAY,
    "month": _MONTH, "leap-month": _MONTH, "lunar-month": _MONTH, "relative-month": _MONTH,
    "dotted-month": _MONTH, "english-month": _MONTH,
    "day": _DAY, "lunar-day": _DAY, "new-year-day": _DAY, "relative-day": _DAY,
    "relative-week": _DAY, "relative-quarter": _MONTH, "third": _DAY, "half-year": _MONTH,
    "iso-day": _DAY, "compact-day": _DAY, "english-day": _DAY,
    "hour": _HOUR, "clock": _HOUR,
}  # fmt: skip  # fmt: skip
_SUFFIX_UNITS = {
    "millennium": "century", "century": "century", "era-century": "century", "relative-century": "century", "decade": "decade", "english-decade": "decade",
    "year": "year", "era-year": "year", "reign-year": "year", "reign-first-year": "year", "relative-year": "year",
    "reign-sexagenary-year": "year",
    "month": "month", "leap-month": "month", "lunar-month": "month", "relative-month": "month",
}  # fmt: skip  # fmt: skip
_OPEN = Parts()
_WINTER = 24
_SEASONS = frozenset("春夏秋冬")  # 隆武四年春正月
# 他當年使用 is long ago; 於當年, 當年即 and 當年6月 are that year.
_VAGUE_BEFORE = re.compile("[^于在自从至到由及和与]")
_VAGUE_AFTER = re.compile(
    "(?=[\u4e00-\u9fff])[^即就便的底末初中春夏秋冬年度正元闰一二三四五六七八九十腊上下内被获及和与]"
)
_DAY_NUMERAL = re.compile(
    r"(?:[廿卅][一二三四五六七八九]?|[二三]?十[一二三四五六七八九]?)(?![一-鿿]|[0-9])|(?:[廿卅][一二三四五六七八九]?|[二三]?十[一二三四五六七八九]?)(?=[早晚凌清上中下傍深被在于为即率攻入卒崩遣])|[0-9]{1,2}(?![0-9]|[一-鿿])"
    r"|(?P<digit>[二三五六七九])(?:(?![一-鿿]|[0-9])|(?=[是为即的举在至到过前后节夜晚当]))"
)
_WEEKDAY_BESIDE = re.compile(
    "(?:(?:星期|周|礼拜)[一二三四五六日天]|[(](?:星期|周|礼拜)?[一二三四五六日天][)]) ?"
)
# 21世紀頭十年, 20世紀最後十年, 19世紀的第三個十年
_DECADE_OF_CENTURY = re.compile(
    "的? ?(?:(?:头|前|最初|首)的?(?:一?个)?|第(?P<number>[一二三四五六七八九]|[1-9])个"
    "|(?P<last>最后)的?(?:一个)?)(?:十|10 ?)年(?!代)"
)
_FIRST_PARTS = re.compile(r"的? ?(?P<which>前|头|最初|首|最后|后|末) ?$")


class Point(NamedTuple):
    """A date as far as it was read; `left` is its first end where a numeral names two (6至8月)."""

    start: int
    end: int
    next: int
    forms: tuple[str, ...]
    parts: Parts
    left: Parts | None = None
    modifier: DateModifier | None = None
    doubt: bool = False


def read_point(
    row: Row, i: int, *, at: int | None = None, after: Parts | None = None
) -> Point | None:
    """The date that begins with unit `i` (and at offset `at`), with all that belongs to it.

    `after` is the first end of a range whose second end is sought.
    """
    units = row.units
    if i >= len(units) or (at is not None and units[i].begin != at):
        return None
    start, end = units[i].begin, units[i].begin
    parts, stage, forms = _OPEN, 0, list[str]()
    left: Parts | None = None
    modifier: DateModifier | None = None
    doubt = False
    k = i
    while k < len(units):
        unit = units[k]
        here = _STAGES.get(unit.form, 0)
        if here <= stage and not (forms == ["calendar"] and here == _YEAR):
            break
        if stage and not _goes_on(row, stage, here, end, unit):
            break
        more = _add(row, parts, unit, k, first=not forms, after=after)
        if more is None:
            break
        if left is not None:
            left = None
            break
        if unit.left:
            left = _left(row, parts, unit)
            if left is None and not forms:
                start = unit.start
        if unit.first:
            left = unit.first
        elif unit.form == "reign-decade" and more.year is not None:
            left = more._replace(year=more.year - 9)
        elif left is None and unit.form in ("decade", "month", "century") and unit.numeral:
            left = _approximate_left(row, parts, unit)
        parts, stage = more, here
        if not forms and unit.form == "day":
            doubt = not unit.numeral.isascii()  # 三日 may be the third or three days
        forms.append(unit.form)
        end = unit.end
        k += 1
        if unit.form == "year-part":
            modifier = lexicon.parts()[unit.word].modifier
            break
        if unit.form == "bare-part":
            modifier = lexicon.parts()[unit.word[-1]].modifier
            name = "year" if unit.word[0] == "年" else "month"
            parts = parts._replace(share=lexicon.shares()[name, modifier, ""])
            break
        suffix = _suffix(row, parts, unit, end, k)
        if suffix is not None:
            parts, end, modifier = suffix
            if left is not None and parts.season == _WINTER and _year_before(left, parts):
                parts, left = (
                    parts._replace(year=left.year, short=False),
                    None,
                )  # 1941至42年冬 is one winter
            forms.append("part")
            k = row.skip(k, end)
            break
        if stage == _DAY and (hour_at := _past_weekday(row, k, end)) is not None:
            end, k = hour_at, row.skip(k, hour_at)
        if stage == _MONTH and unit.form in ("month", "leap-month", "lunar-month"):
            day = _bare_day(row, parts, end)
            if day is not None:
                parts, end = day
                stage, k = _DAY, row.skip(k, end)
                forms.append("bare-day")
                continue
        stretched = _stretch(row, parts, unit, k, end)
        if stretched is not None:
            parts, end, k, form = stretched
            forms.append(form)
            break
        if stage == _HOUR:
            parts, end, k = add_minutes(row, parts, unit, k)
            break
    if not forms or forms == ["calendar"]:
        return None
    if forms[-1] == "calendar":
        k -= 1
        end = units[k].start
        forms.pop()
    return Point(start, end, k, tuple(forms), parts, left, modifier, doubt)


def _year_before(left: Parts, parts: Parts) -> bool:
    if left.year is None or parts.year is None or left.month:
        return False
    return parts.year in (left.year + 1, (left.year + 1) % 100)


def _past_weekday(row: Row, k: int, end: int) -> int | None:
    """Where a weekday between a day and its hour ends, with its brackets: 22日（星期日）上午9時."""
    weekday = _WEEKDAY_BESIDE.match(row.folded, end)
    if weekday is None:
        return None
    hour = (
        row.units[row.skip(k, weekday.end())]
        if row.skip(k, weekday.end()) < len(row.units)
        else None
    )
    joined = hour and hour.begin == weekday.end() and _STAGES.get(hour.form) == _HOUR
    return weekday.end() if joined else None


def _goes_on(row: Row, stage: int, here: int, end: int, unit: Unit) -> bool:
    """Whether a date that ends at `end` goes on with `unit`, from `stage` to `here`."""
    if not _connected(row, stage, here, end, unit):
        return False
    return stage == here - 1 or _may_skip(stage, here, unit)


def _connected(row: Row, stage: int, here: int, end: int, unit: Unit) -> bool:
    gap = row.folded[end : unit.begin]
    if gap in ("", " ") or (stage == _YEAR and _is_month(unit) and gap in _SEASONS):
        return True
    if unit.form in ("season", "holiday", "month") and gap in ("的", "之"):
        return True
    return (
        here == _HOUR and stage == _DAY and gap in ("t", "-", "的", ", ") and unit.form == "clock"
    )


def _is_month(unit: Unit) -> bool:
    return unit.form in ("month", "lunar-month", "leap-month")


def _may_skip(stage: int, here: int, unit: Unit) -> bool:
    """Whether a date may go from `stage` to `here` with nothing between."""
    if here == _HOUR:
        return stage == _DAY
    if here == _DAY:
        return unit.form in ("holiday", "new-year-day", "lunar-day") or stage >= _MONTH
    return (
        (stage == _YEAR and here == _MONTH)
        or (stage == _CENTURY and here == _YEAR)
        or stage == _CALENDAR
    )


def _add(
    row: Row, parts: Parts, unit: Unit, k: int, *, first: bool, after: Parts | None
) -> Parts | None:
    """`parts` with what `unit` says, or None if it does not go there."""
    form = unit.form
    if form == "year":
        return add_year(row, parts, unit, k, after)
    number = number_of(unit.numeral) if unit.numeral else None
    if form in ("month", "leap-month"):
        return _add_month(row, parts, unit, number, first)
    if form == "day":
        return _add_day(row, parts, unit, number, k, first)
    if unit.parts is not None:
        if form == "clock":
            clock = unit.parts.clock or ""
            if after is not None and after.clock and not unit.head and clock < after.clock:
                hour = int(clock[:2]) + 12
                if after.clock[:2] <= str(hour) < "24":
                    clock = f"{hour}{clock[2:]}"
            return parts._replace(clock=clock)
        return unit.parts if first else None
    if form == "bare-part":
        return (
            parts._replace(relative=("year" if unit.word[0] == "年" else "month", 0))
            if first
            else None
        )
    if form == "century":
        if number is None and (both := read_approximation(unit.numeral)):
            number = both[1]
        if not isinstance(number, int) or not 1 <= number <= 30 or row.before(unit.start, "分之"):
            return None
        if row.is_centuries(unit):
            return None
        return parts._replace(century=number)
    if form == "era-century":
        if not isinstance(number, int) or not 1 <= number <= 99:
            return None
        return parts._replace(century=number * lexicon.eras()[unit.head].sign)
    if form == "relative-century":
        relative = lexicon.relatives()[unit.word]
        return parts._replace(relative=("century", relative.offset), deictic=True)
    if form == "era-decade" and lexicon.eras()[unit.head].sign < 0:
        return None
    if form in ("decade", "era-decade"):
        return add_decade(row, parts, unit)
    if form == "reign-decade":
        return add_reign_decade(row, parts, unit, number)
    if form == "era-year":
        year = read_digits(unit.numeral) if number is None or len(unit.numeral) == 4 else number
        year = year if year is not None else number
        if not isinstance(year, int) or not 1 <= year <= 99999:
            return None
        era = lexicon.eras()[unit.head]
        return parts._replace(year=era.year(year), calendar=era.calendar)
    if form in ("reign-year", "reign-first-year", "reign-sexagenary-year"):
        return add_reign(row, parts, unit, number)
    if form == "sexagenary-year":
        return parts._replace(sexagenary=calendars.SEXAGENARY[unit.word[:2]], calendar="chinese")
    if form in ("third", "half-year"):
        # Of the month or year that the text is in.
        if not first:
            return None
        if form == "third":
            return parts._replace(days=lexicon.thirds()[unit.word])
        return parts._replace(months=lexicon.spans_of_year()[unit.word])
    if form.startswith("relative-"):
        relative = lexicon.relatives()[unit.word]
        if relative.part and not (
            k + 1 < len(row.units)
            and row.units[k + 1].form in ("hour", "clock")
            and row.units[k + 1].begin == unit.end
        ):
            return None
        if not first:
            return None
        if row.cue(unit, "before", "age") or row.cue(unit, "before", "run"):
            return None
        if relative.clause and unit.start and row.folded[unit.start - 1].isalnum():
            inside = relative.clause == "in"
            if row.folded.startswith("的", unit.end) and row.folded[unit.start - 1] in "与和及":
                return None  # 與當年的同僚
            if not inside or (
                _VAGUE_BEFORE.match(row.folded, unit.start - 1)
                and _VAGUE_AFTER.match(row.folded, unit.end)
            ):
                return None
        return parts._replace(
            relative=(relative.unit, relative.offset),
            deictic=relative.deictic,
            nth=(0, relative.weekday) if relative.unit == "week" else None,
        )
    if form == "calendar":
        name = lexicon.month_calendars()[unit.word]
        return parts._replace(calendar=name, lunar=name == "lunar")
    if form == "lunar-month":
        return parts._replace(
            month=lexicon.lunar_numbers()[unit.word], lunar=True, calendar="lunar"
        )
    if form == "lunar-day":
        if parts.month is None and not parts.lunar:
            return None
        return parts._replace(
            day=lexicon.lunar_numbers()[unit.word],
            lunar=True,
            calendar=parts.calendar if parts.calendar != "gregorian" else "lunar",
        )
    if form == "new-year-day":
        return parts._replace(
            month=1, day=lexicon.lunar_numbers()[unit.word], lunar=True, calendar="lunar"
        )
    if form == "holiday":
        # The resolver takes one without a year only where there is a reference.
        return parts._replace(holiday=unit.word)
    if form == "season":
        ok = not first or row.before(unit.start, "每", "每逢", "每年", "每年的")
        return parts._replace(season=lexicon.seasons()[unit.word]) if ok else None
    if form == "quarter":
        if (
            not isinstance(number, int)
            or not 1 <= number <= 4
            or unit.word.startswith(("个", "多", "余"))
        ):
            return None
        if first and not (unit.head and unit.word.strip() == "季度"):
            return None
        return parts._replace(season=32 + number)
    if form in ("hour", "clock"):
        return add_hour(row, parts, unit, number, k, first, after)
    return None


def _add_month(
    row: Row, parts: Parts, unit: Unit, number: int | float | None, first: bool
) -> Parts | None:
    if number is None:
        both = read_approximation(unit.numeral)
        number = both[1] if both else None
    if not isinstance(number, int) or not 1 <= number <= 12:
        return None
    if (
        first
        and unit.word.strip() == "月"
        and row.folded.startswith(("内", "之久", "大", "嫂"), unit.end)
    ):
        return None
    if first and (unit.numeral[0] in "两廿" or row.before(unit.start, "第") or row.is_term(unit)):
        return None
    if first and not unit.numeral.isascii() and row.cue(unit, "after", "event"):
        return None
    leap = unit.form == "leap-month"
    # Reigns before the calendar reforms count lunar months; Arabic digits are a modern date's.
    old = parts.calendar in ("chinese", "korean", "vietnamese") or (
        parts.calendar == "japanese" and parts.year is not None and parts.year < 1873
    )
    lunar = parts.lunar or leap or (old and not unit.numeral.isascii())
    return parts._replace(
        han=not unit.numeral.isascii(),
        month=number,
        leap=leap,
        lunar=lunar,
        calendar="lunar" if lunar and parts.calendar == "gregorian" else parts.calendar,
    )


def _add_day(
    row: Row, parts: Parts, unit: Unit, number: int | float | None, k: int, first: bool
) -> Parts | None:
    if not isinstance(number, int) or not 1 <= number <= 31 or not unit.numeral.lstrip("0"):
        return None
    if unit.numeral[0] == "两":
        return None
    if first:
        if (
            unit.word.strip() == "号"
            and not (unit.numeral.isascii() and _followed_by_clock(row, k))
            and not row.before(unit.start, "每月", "每个月")
        ):
            return None
        if row.folded.startswith("军", unit.end):
            return None  # 7日軍隊 may be seven of the 日軍
        if row.before(unit.start, "第") or row.is_length(unit) or SHIFT.match(row.folded, unit.end):
            return None
    if first and not unit.numeral.isascii() and row.cue(unit, "after", "event"):
        return None
    return parts._replace(day=number, han=parts.han or not unit.numeral.isascii())


def _followed_by_clock(row: Row, k: int) -> bool:
    return (
        k + 1 < len(row.units)
        and row.units[k + 1].form in ("hour", "clock")
        and row.units[k + 1].begin - row.units[k].end <= 1
    )


def _bare_day(row: Row, parts: Parts, end: int) -> tuple[Parts, int] | None:
    """十三 in 四月十三, 18 in 臘月18: a day without its 日, where nothing is counted."""
    match = _DAY_NUMERAL.match(row.folded, end)
    number = number_of(match.group()) if match else None
    if match is None or not isinstance(number, int) or not 1 <= number <= 31:
        return None
    if not parts.lunar and (match.group().isascii() or match["digit"]):
        return None
    if parts.han or match.group().isascii():
        return parts._replace(day=number), match.end()
    # 8月十五: a day without 日 and in other numerals than its month's is a lunar one.
    calendar = "lunar" if parts.calendar == "gregorian" else parts.calendar
    return parts._replace(day=number, lunar=True, calendar=calendar), match.end()


def _approximate_left(row: Row, parts: Parts, unit: Unit) -> Parts | None:
    """The first of the two that neighbouring digits name: 二三十年代."""
    both = read_approximation(unit.numeral)
    return _left(row, parts, unit._replace(left=str(both[0]))) if both else None


def _left(row: Row, parts: Parts, unit: Unit) -> Parts | None:
    """The first end that a bare numeral names: 1941 in 1941至45年, 6 in 6至8月."""
    number = number_of(unit.left)
    if unit.form in ("year", "era-year") and not unit.left.isascii():
        number = read_digits(unit.left) if len(unit.left) == 4 else number
    if not isinstance(number, int):
        return None
    if unit.form == "year" and 100 <= number <= 2200:
        return parts._replace(year=number)
    if unit.form == "reign-year":
        return add_reign(row, parts, unit._replace(numeral=unit.left), number)
    if unit.form == "year" and len(unit.left) == len(unit.numeral) == 2:
        return parts._replace(year=number, short=True)
    if unit.form == "era-year" and 1 <= number <= 9999:
        return parts._replace(year=lexicon.eras()[unit.head].year(number))
    if unit.form == "century" and 1 <= number <= 30:
        return parts._replace(century=number)
    if unit.form == "era-century" and 1 <= number <= 99:
        return parts._replace(century=number * lexicon.eras()[unit.head].sign)
    if unit.form == "decade":
        if 100 <= number < 10_000 and number % 10 == 0:
            return parts._replace(century=number // 100 + 1, decade=number // 10 % 10)
        number = number if number >= 10 else number * 10
        return parts._replace(decade=number // 10) if number < 100 and number % 10 == 0 else None
    if unit.form == "month" and 1 <= number <= 12:
        return parts._replace(month=number)
    if unit.form == "day" and 1 <= number <= 31:
        return parts._replace(day=number)
    if unit.form == "hour" and 0 <= number <= 24:
        return parts._replace(clock=clock_text(hour_of_day(number, unit.head)))
    if unit.form == "quarter" and 1 <= number <= 4:
        return parts._replace(season=32 + number)
    return None


def _suffix(
    row: Row, parts: Parts, unit: Unit, end: int, k: int
) -> tuple[Parts, int, DateModifier | None] | None:
    """上旬, 春天, 上半年, 初, 底 … right after the unit they belong to."""
    name = _SUFFIX_UNITS.get(unit.form)
    if name is None:
        return None
    if name == "century" and parts.millennium is None:
        decade = _DECADE_OF_CENTURY.match(row.folded, end)
        if decade:
            number = 10 if decade["last"] else (number_of(decade["number"] or "1") or 1)
            return parts._replace(decade=int(number) - 1), decade.end(), None
    match = lexicon.suffix_pattern(name).match(row.folded, end)
    if match is None:
        return None
    named = [u for u in row.units[k : k + 1] if u.form == "holiday" and u.begin < match.end()]
    if named and named[0].end > match.end() and match.lastgroup != "season":
        return None  # 2021年中元節; 冬 in 1941年冬至1942年春 is a season
    kind, text = match.lastgroup, match.group(match.lastgroup or 0)
    if kind == "third":
        return parts._replace(days=lexicon.thirds()[text]), match.end(), None
    if kind == "season":
        following = [unit for unit in row.units[k : k + 1] if unit.begin == match.end()]
        if text in _SEASONS and any(map(_is_month, following)):
            return None
        return parts._replace(season=lexicon.seasons()[text]), match.end(), None
    if kind == "latin":
        return parts._replace(season=32 + int(text[1])), match.end(), None
    if kind == "pair":
        return parts._replace(seasons=lexicon.season_pairs()[text]), match.end(), None
    if kind == "edge":
        day = lexicon.edge_days()[text]
        month = parts.month if name == "month" else 1 if day else 12
        return parts._replace(month=month, day=day), match.end(), None
    if kind == "stretch":
        return (
            parts._replace(months=lexicon.spans_of_year()[text.removeprefix("的")]),
            match.end(),
            None,
        )
    meanings = lexicon.parts()
    part = meanings[text if text in meanings else text[1:]]
    share = lexicon.shares()[name, part.modifier, part.share]
    return parts._replace(share=share), match.end(), part.modifier


def _stretch(
    row: Row, parts: Parts, unit: Unit, k: int, end: int
) -> tuple[Parts, int, int, str] | None:
    """2021年的第一周, 6月第3個星期日, 2018年前七個月."""
    folded, units = row.folded, row.units
    if k >= len(units) or _SUFFIX_UNITS.get(unit.form) not in ("year", "month"):
        return None
    following = units[k]
    gap = folded[end : following.begin]
    if len(gap) > 5 or following.form not in ("span", "month", "quarter"):
        return None
    number = number_of(following.numeral)
    if not isinstance(number, int):
        return None
    measure = lexicon.measures().get(following.word.strip())
    if (
        re.fullmatch(r" ?的? ?第 ?", gap)
        and measure
        and measure.unit == "week"
        and measure.add == 0
        and 1 <= number <= 53
    ):
        if following.word.endswith("周") and folded.startswith("末", following.end):
            nth = (number, WEEKEND)
            return parts._replace(nth=nth), following.end + 1, k + 1, "weekend"
        weekday = lexicon.weekdays().get("周" + folded[following.end : following.end + 1], 0)
        # 第一個星期三 is a day; 第一周一個 … is a week.
        if weekday and not folded.startswith("个", following.end + 1):
            return (
                parts._replace(nth=(number, weekday)),
                following.end + 1,
                row.skip(k + 1, following.end + 1),
                "weekday",
            )
        return parts._replace(nth=(number, 0)), following.end, k + 1, "week"
    which = _FIRST_PARTS.fullmatch(gap)
    if which and which["which"] == "最后" and number == 1 and measure and measure.unit == "week":
        weekday = lexicon.weekdays().get("周" + folded[following.end : following.end + 1], 0)
        if weekday and not folded.startswith("个", following.end + 1):
            end = following.end + 1
            return parts._replace(nth=(-1, weekday)), end, row.skip(k + 1, end), "weekday"
        return parts._replace(nth=(-1, 0)), following.end, k + 1, "week"
    months = (measure and measure.unit == "month" and measure.add == 0) or following.form == "month"
    quarters = measure is not None and measure.unit == "quarter" and measure.add == 0
    if following.form == "quarter" or quarters:
        months, number = True, 3 * number
    if which and months and _SUFFIX_UNITS[unit.form] == "year" and 1 <= number <= 11:
        if which["which"] in ("最后", "后", "末"):
            return parts._replace(months=(13 - number, 12)), following.end, k + 1, "months"
        return parts._replace(months=(1, number)), following.end, k + 1, "months"
    return None
