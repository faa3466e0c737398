"""Units in a row → what they say together. Nothing here looks beyond the clause it reads.

`read` walks the units once. At each it tries, in this order, a repeated time (每年5月), a date
with all that belongs to it (公元前221年, 同年11月, 6月22日凌晨4時), and a length of time (3年1個月,
兩年後). Two dates around a joiner (至, –, …) become a range.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from pipeline.mentions.date import calendars, lexicon
from pipeline.mentions.date.value import DateReading, Parts, duration_text
from pipeline.mentions.numerals import read_approximation, read_digits, read_numeral
from pipeline.records import DateModifier


class Unit(NamedTuple):
    """A piece of a date in folded text: the form it matched, its numeral, the word after it.

    `head` is the word before the numeral (an era, a reign). `left` is a second numeral joined
    before the first (1941至45年), `left_start` where it begins. Notations are read already:
    `parts` is what they say, `first` the other end where they are ranges.
    """

    form: str
    start: int
    end: int
    numeral: str
    word: str
    head: str = ""
    left: str = ""
    left_start: int = -1
    parts: Parts | None = None
    first: Parts | None = None

    @property
    def begin(self) -> int:
        return self.left_start if self.left else self.start


class Item(NamedTuple):
    start: int
    end: int
    rule: str
    reading: DateReading


class _Point(NamedTuple):
    """A date as far as it was read; `left` is its first end where a numeral names two (6至8月)."""

    start: int
    end: int
    next: int
    forms: tuple[str, ...]
    parts: Parts
    left: Parts | None = None
    modifier: DateModifier | None = None
    doubt: bool = False


# How fine each form is; a date goes from coarse to fine.
_CENTURY, _YEAR, _CALENDAR, _MONTH, _DAY, _HOUR = range(1, 7)
_STAGES = {
    "century": _CENTURY, "era-century": _CENTURY, "relative-century": _CENTURY,
    "decade": _YEAR, "year": _YEAR, "era-year": _YEAR, "reign-year": _YEAR, "reign-first-year": _YEAR,
    "reign-sexagenary-year": _YEAR, "sexagenary-year": _YEAR, "relative-year": _YEAR, "bare-year": _YEAR,
    "calendar": _CALENDAR, "season": _MONTH, "quarter": _MONTH, "holiday": _DAY,
    "month": _MONTH, "leap-month": _MONTH, "lunar-month": _MONTH, "relative-month": _MONTH,
    "dotted-month": _MONTH, "english-month": _MONTH,
    "day": _DAY, "lunar-day": _DAY, "new-year-day": _DAY, "relative-day": _DAY,
    "iso-day": _DAY, "compact-day": _DAY, "english-day": _DAY,
    "hour": _HOUR, "clock": _HOUR,
}  # fmt: skip
_SUFFIX_UNITS = {
    "century": "century", "era-century": "century", "relative-century": "century", "decade": "decade",
    "year": "year", "era-year": "year", "reign-year": "year", "reign-first-year": "year", "relative-year": "year",
    "reign-sexagenary-year": "year",
    "month": "month", "leap-month": "month", "lunar-month": "month", "relative-month": "month",
}  # fmt: skip

_JOIN = re.compile(r" ?(?:起|开始|始)?(?: ?(?:[-‐‑–—~―]{1,2}|一直到|直到|直至|至|到|迄) ?)")
_NOW = re.compile(
    r" ?(?:(?:直?至|直?到|迄|[-–—~])(?:今|现在|目前|现今|如今)(?!年|天|日)|[-–—~] ?(?=[)]))"
)
_BETWEEN = re.compile(r" ?(?:和|与|及|跟) ?")
_SHIFT = re.compile(
    r"(?P<half>半)?(?P<more>多|余)?(?:之|以)?(?:(?P<after>后(?![期来代裔备卫方续期者]))|(?P<before>前(?![后夕期线任身往沿言提锋方])))"
)
_HAN = re.compile("[\u4e00-\u9fff]")
_ERA_EVIDENCE = re.compile(r"\(|[一二三四五六七八九十正闰元0-9]{1,3}月")
_BRACKET = re.compile(r"[(][^()\n]{0,60}[)]")
_OR_LATER = re.compile(r"[或及](?:之|以)(?P<way>前|后)")
_DAY_NUMERAL = re.compile(
    r"(?:[廿卅][一二三四五六七八九]?|[二三]?十[一二三四五六七八九]?)(?![一-鿿]|[0-9])|(?:[廿卅][一二三四五六七八九]?|[二三]?十[一二三四五六七八九]?)(?=[早晚凌清上中下傍深])|[0-9]{1,2}(?![0-9]|[一-鿿])"
)
_BARE_YEAR = re.compile("[12][0-9]{3}(?![0-9年,.])")
_AND = re.compile(" ?(?:和|与|及|以及|、|或|跟|至) ?")
_CLAUSE = re.compile(r"[\s，。；：、（(「『,;:]")
_ONCE = re.compile(r"一(?:度|次|届|回)")
_FIRST_PARTS = re.compile(r"的? ?(?P<which>前|头|最初|首|最后|后|末) ?$")


def read(folded: str, units: Sequence[Unit]) -> list[Item]:
    """The dates and lengths of time in `folded`, in order and apart."""
    reader = _Reader(folded, units)
    found: list[Item] = []
    i = 0
    while i < len(units):
        step = reader.repeated(i) or reader.date(i) or reader.length(i)
        if step is None:
            i += 1
            continue
        item, following = step
        if item is not None:
            found.append(item)
            reader.previous = item
        i = max(following, i + 1)
    return found


class _Reader:
    def __init__(self, folded: str, units: Sequence[Unit]) -> None:
        self.folded = folded
        self.units = units
        self.previous: Item | None = None

    def _cue(self, unit: Unit, side: str, says: str) -> bool:
        """Whether words that say so (cues.csv) stand right before or after the unit."""
        if side == "before":
            return bool(
                lexicon.cue(side, says).search(self.folded[max(0, unit.start - 6) : unit.start])
            )
        return bool(lexicon.cue(side, says).match(self.folded, unit.end))

    def _coordinated(self, unit: Unit) -> Item | None:
        """The item before, where only 和, 、 and the like part the unit from it."""
        item = self.previous
        return item if item and _AND.fullmatch(self.folded, item.end, unit.begin) else None

    # --- Repeated times

    def repeated(self, i: int) -> tuple[Item | None, int] | None:
        """每年, 每年5月9日, 每逢冬天, 每四年, 一年一度."""
        unit = self.units[i]
        if unit.form != "every":
            return None
        length = lexicon.repeated()[unit.word]
        if length.startswith(("P1Y", "P1M")) or not length:
            point = self._point(i + 1, at=unit.end)
            if point is not None and _repeatable(point.parts):
                item, following = self._with_range(point)
                value = _open_value(item.reading, month=not length.startswith("P1M"))
                if value:
                    reading = DateReading("set", value=value, modifier=point.modifier)
                    return Item(unit.start, item.end, f"every+{item.rule}", reading), following
        if length:
            reading = DateReading("set", value=f"R/{length}")
            return Item(unit.start, unit.end, "every", reading), i + 1
        if i + 1 < len(self.units) and self.units[i + 1].begin == unit.end:
            following_unit = self.units[i + 1]
            if following_unit.form == "weekday":
                reading = DateReading("set", value="R/P1W")
                return Item(unit.start, following_unit.end, "every+weekday", reading), i + 2
            length_found = self._amounts(i + 1)
            if length_found is not None:
                amounts, end, k, modifier = length_found
                text = duration_text(amounts)
                # 每秒, 每小时 with a numeral of one are rates of something else.
                if text and not (
                    len(amounts) == 1
                    and amounts[0][0] in ("second", "minute")
                    and amounts[0][1] == 1
                ):
                    reading = DateReading("set", value=f"R/{text}", modifier=modifier)
                    return Item(unit.start, end, "every+span", reading), k
        return None, i + 1

    # --- Dates

    def date(self, i: int) -> tuple[Item | None, int] | None:
        unit = self.units[i]
        if unit.form == "reign-period":
            return self._reign_period(unit), i + 1
        beside = self._coordinated(unit)
        # 大業六年和七年: the second year is of the same reign.
        after = beside.reading.last or beside.reading.first if beside else None
        point = self._point(i, after=after if after and after.reign else None)
        if point is None:
            return None
        item, following = self._with_range(point)
        repeated = beside is not None and beside.reading.kind == "set"
        if _repeatable(point.parts) and (
            repeated or self._cue(self.units[point.next - 1], "after", "climate")
        ):
            value = _open_value(item.reading, month=True)
            if value:
                reading = DateReading("set", value=value, modifier=item.reading.modifier)
                return item._replace(rule=f"every+{item.rule}", reading=reading), following
        return item, following

    def _reign_period(self, unit: Unit) -> Item | None:
        """康熙年間: the reign."""
        before = self.folded[max(0, unit.start - 3) : unit.start]
        reign = calendars.pick_reign(unit.head, before=before, number=None)
        if reign is None or reign.end is None:
            return None
        first, last = (
            Parts(year=year, calendar=reign.calendar) for year in (reign.start, reign.end)
        )
        return Item(unit.start, unit.end, unit.form, DateReading("interval", first, last))

    def _with_range(self, point: _Point) -> tuple[Item, int]:
        item, following = self._range(point)
        return self._modified(item, "date"), following

    def _range(self, point: _Point) -> tuple[Item, int]:
        folded = self.folded
        rule = "+".join(point.forms)
        kind = "time" if point.parts.clock else "date"
        if point.left is not None:
            reading = DateReading("interval", point.left, point.parts, modifier=point.modifier)
            return Item(point.start, point.end, f"{rule}…", reading), point.next
        now = _NOW.match(folded, point.end)
        if now and point.forms[0] != "bare-year":
            reading = DateReading("interval", point.parts, open_end=True, modifier=point.modifier)
            end = now.end() if now.group().strip(" -–—~") else point.end + len(now.group().rstrip())
            return Item(point.start, end, f"{rule}…now", reading), point.next
        later = _OR_LATER.match(folded, point.end)
        if later and not point.parts.clock:
            before = later["way"] == "前"
            reading = DateReading("interval", point.parts, open_start=before, open_end=not before)
            return Item(point.start, later.end(), f"{rule}…or", reading), point.next
        join = _JOIN.match(folded, point.end)
        if join:
            other = self._point(point.next, at=join.end(), after=point.parts)
            if other is not None and other.left is None and _joinable(point.parts, other.parts):
                reading = DateReading("interval", point.parts, other.parts)
                return Item(point.start, other.end, f"{rule}…", reading), other.next
            year = _BARE_YEAR.match(folded, join.end()) if point.forms == ("year",) else None
            if (
                year
                and (parts := point.parts).year
                and parts.year < int(year.group()) < parts.year + 200
            ):
                # 2008年至2009財政年度
                reading = DateReading("interval", parts, Parts(year=int(year.group())))
                return Item(point.start, year.end(), f"{rule}…", reading), self._skip(
                    point.next, year.end()
                )
        between = _BETWEEN.match(folded, point.end)
        if between:
            other = self._point(point.next, at=between.end(), after=point.parts)
            if other is not None and re.compile("之?间").match(folded, other.end):
                reading = DateReading("interval", point.parts, other.parts)
                return Item(point.start, other.end, f"{rule}…", reading), other.next
        parts = point.parts
        if parts.lunar and parts.day is None and parts.holiday is None:
            return Item(
                point.start,
                point.end,
                rule,
                DateReading("interval", parts, modifier=point.modifier),
            ), point.next
        if parts.days or parts.months or (parts.nth and not parts.nth[1]):
            kind = "interval"
        reading = DateReading(kind, parts, modifier=point.modifier, ambiguous_day=point.doubt)  # type: ignore[arg-type]
        return Item(point.start, point.end, rule, reading), point.next

    def _point(self, i: int, *, at: int | None = None, after: Parts | None = None) -> _Point | None:
        """The date that begins with unit `i` (and at offset `at`), with all that belongs to it.

        `after` is the first end of a range whose second end is sought.
        """
        units = self.units
        if i >= len(units) or (at is not None and units[i].begin != at):
            return None
        start, end = units[i].begin, units[i].begin
        parts, stage, forms = Parts(), 0, list[str]()
        left: Parts | None = None
        modifier: DateModifier | None = None
        doubt = False
        k = i
        while k < len(units):
            unit = units[k]
            here = _STAGES.get(unit.form, 0)
            if here <= stage or not self._connected(stage, here, end, unit):
                break
            if stage and stage < here - 1 and not _may_skip(stage, here, unit):
                break
            more = self._add(parts, unit, k, first=not forms, after=after)
            if more is None:
                break
            if left is not None:
                left = None
                break
            if unit.left:
                left = self._left(parts, unit)
                if left is None and not forms:
                    start = unit.start
            if unit.first:
                left = unit.first
            elif left is None and unit.form in ("decade", "month", "century") and unit.numeral:
                left = self._approximate_left(parts, unit)
            parts, stage = more, here
            if not forms and unit.form == "day":
                doubt = self._doubtful_day(unit)
            forms.append(unit.form)
            end = unit.end
            k += 1
            suffix = self._suffix(parts, unit, end)
            if suffix is not None:
                parts, end, modifier = suffix
                forms.append("part")
                k = self._skip(k, end)
                break
            if (
                (
                    stage == _DAY
                    and k + 1 < len(units)
                    and units[k].form == "weekday"
                    and units[k].begin == end
                )
                and units[k + 1].begin == units[k].end
                and _STAGES.get(units[k + 1].form) == _HOUR
            ):
                end, k = units[k].end, k + 1
            if stage == _MONTH and unit.form in ("month", "leap-month", "lunar-month"):
                day = self._bare_day(parts, end)
                if day is not None:
                    parts, end = day
                    stage, k = _DAY, self._skip(k, end)
                    forms.append("bare-day")
                    continue
            stretched = self._stretch(parts, unit, k, end)
            if stretched is not None:
                parts, end, k, form = stretched
                forms.append(form)
                if form != "week" and form != "weekday":
                    break
                break
            if stage == _HOUR:
                parts, end, k = self._clock(parts, unit, k)
                break
        if not forms or forms == ["calendar"]:
            return None
        if forms[-1] == "calendar":
            k -= 1
            end = units[k].start
            forms.pop()
        return _Point(start, end, k, tuple(forms), parts, left, modifier, doubt)

    def _connected(self, stage: int, here: int, end: int, unit: Unit) -> bool:
        if not stage:
            return True
        gap = self.folded[end : unit.begin]
        if gap in ("", " "):
            return True
        if unit.form in ("season", "holiday", "month") and gap in ("的", "之"):
            return True
        return (
            here == _HOUR
            and stage == _DAY
            and gap in ("t", "-", "的", ", ")
            and unit.form == "clock"
        )

    def _add(
        self, parts: Parts, unit: Unit, k: int, *, first: bool, after: Parts | None
    ) -> Parts | None:
        """`parts` with what `unit` says, or None if it does not go there."""
        form = unit.form
        number = read_numeral(unit.numeral) if unit.numeral else None
        if unit.parts is not None:
            if form == "clock":
                clock = unit.parts.clock or ""
                if after is not None and after.clock and not unit.head and clock < after.clock:
                    hour = int(clock[:2]) + 12
                    if after.clock[:2] <= str(hour) < "24":
                        clock = f"{hour}{clock[2:]}"
                return parts._replace(clock=clock)
            return unit.parts if first else None
        if form == "century":
            if (
                not isinstance(number, int)
                or not 1 <= number <= 30
                or self._before(unit.start, "第")
            ):
                return None
            return parts._replace(century=number)
        if form == "era-century":
            if not isinstance(number, int) or not 1 <= number <= 99:
                return None
            return parts._replace(century=number * lexicon.eras()[unit.head])
        if form == "relative-century":
            relative = lexicon.relatives()[unit.word]
            return parts._replace(relative=("century", relative.offset), deictic=True)
        if form == "decade":
            return self._add_decade(parts, unit)
        if form == "year":
            return self._add_year(parts, unit, k, after)
        if form == "era-year":
            year = read_digits(unit.numeral) if number is None or len(unit.numeral) == 4 else number
            year = year if year is not None else number
            if not isinstance(year, int) or not 1 <= year <= 9999:
                return None
            sign = lexicon.eras()[unit.head]
            return parts._replace(year=1 - year if sign < 0 else year)
        if form in ("reign-year", "reign-first-year", "reign-sexagenary-year"):
            return self._add_reign(parts, unit, number)
        if form == "sexagenary-year":
            return parts._replace(
                sexagenary=calendars.SEXAGENARY[unit.word[:2]], calendar="chinese"
            )
        if form in ("relative-year", "relative-month", "relative-day"):
            relative = lexicon.relatives()[unit.word]
            if relative.part and not (
                k + 1 < len(self.units)
                and self.units[k + 1].form in ("hour", "clock")
                and self.units[k + 1].begin == unit.end
            ):
                return None
            if not first:
                return None
            if relative.clause and _HAN.match(self.folded, max(0, unit.start - 1)) and unit.start:
                return None
            return parts._replace(
                relative=(relative.unit, relative.offset), deictic=relative.deictic
            )
        if form == "calendar" or (form == "era-year" and not unit.numeral):
            name = lexicon.month_calendars()[unit.word]
            return parts._replace(calendar=name, lunar=name == "lunar")
        if form in ("month", "leap-month"):
            return self._add_month(parts, unit, number, first)
        if form == "lunar-month":
            return parts._replace(
                month=lexicon.lunar_numbers()[unit.word], lunar=True, calendar="lunar"
            )
        if form == "day":
            return self._add_day(parts, unit, number, k, first)
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
            # Alone a holiday is no date: the resolver asks for a year beside it.
            return (
                None
                if first and not self._before(unit.start, "每", "每年", "每逢")
                else parts._replace(holiday=unit.word)
            )
        if form == "season":
            ok = not first or self._before(unit.start, "每", "每逢", "每年", "每年的")
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
            return self._add_hour(parts, unit, number, k, first, after)
        return None

    def _before(self, start: int, *words: str) -> bool:
        return self.folded.endswith(words, max(0, start - 8), start)

    def _add_decade(self, parts: Parts, unit: Unit) -> Parts | None:
        text = unit.numeral
        number = read_numeral(text)
        if number is None:
            both = read_approximation(text)
            number = both[1] if both else None
        if not isinstance(number, int) or number < 0:
            return None
        if (text.isdigit() and len(text) == 4) or number >= 1000:
            digits = read_digits(text) if len(text) == 4 else number
            if digits is None or digits % 10 or parts.century is not None:
                return None
            return parts._replace(century=digits // 100 + 1, decade=digits // 10 % 10)
        if number >= 100 or number % 10 or (number == 0 and len(text) < 2):
            return None
        return parts._replace(decade=number // 10)

    def _add_year(self, parts: Parts, unit: Unit, k: int, after: Parts | None) -> Parts | None:
        text = unit.numeral
        if unit.word.strip() not in ("年", "年份", "年度") or parts.century is not None:
            return None
        if self._before(unit.start, "第") or self._cue(unit, "before", "count"):
            return None
        number = read_numeral(text)
        if after is not None and after.reign and isinstance(number, int) and 1 <= number <= 64:
            return parts._replace(
                year=after.reign + number - 1, calendar=after.calendar, reign=after.reign
            )
        ranged = after is not None and after.year is not None
        if text.isascii():
            if not text.isdigit():
                return None
            year = int(text)
            if len(text) == 4:
                # 2000年, 1500年 may be lengths of time; so may any year beyond today's.
                round_number = year % 500 == 0 or (year % 100 == 0 and year >= 2000)
                if not ranged and (year > 2200 or (round_number and self._is_length(unit))):
                    return None
                return parts._replace(year=year)
            if len(text) == 3 and year >= 100:
                round_number = year % 50 == 0 and not self._year_cue(unit, k)
                later = year % 10 == 0 and _SHIFT.match(self.folded, unit.end)
                if not ranged and (round_number or later or self._is_length(unit)):
                    return None
                return parts._replace(year=year)
            if len(text) > 2:
                return None
            short = text.startswith("0") and len(text) == 2
        else:
            digits = read_digits(text)
            if digits is None:
                number = read_numeral(text)
                if isinstance(number, int) and 1000 < number <= 2200 and number % 100:
                    return parts._replace(year=number)
                return None
            if len(text) >= 3 and 100 <= digits <= 2200:
                return parts._replace(year=digits)
            if len(text) != 2 or (read_approximation(text) and not self._year_cue(unit, k)):
                return None
            year, short = digits, True
        if len(text) != 2:
            return None
        if short or (unit.left and len(unit.left) >= 3) or ranged or self._year_cue(unit, k):
            return parts._replace(year=year, short=True)
        return None

    def _year_cue(self, unit: Unit, k: int) -> bool:
        """Whether what follows or precedes a numeral with 年 makes it a year, not a length."""
        end = unit.end
        if k + 1 < len(self.units):
            following = self.units[k + 1]
            gap = self.folded[end : following.begin]
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
        if re.compile(f"的?(?:{'|'.join(lexicon.spans_of_year())})").match(self.folded, end):
            return True
        if len(unit.numeral) < 3:
            return False
        clause = not unit.start or _CLAUSE.match(self.folded, unit.start - 1)
        return bool(clause) or self._before(unit.start, "于", "在", "自", "从", "至", "到", "约")

    def _is_length(self, unit: Unit) -> bool:
        """Whether the words beside it make a numeral with its unit a length of time."""
        if self._cue(unit, "before", "length") or self._cue(unit, "after", "length"):
            return True
        ago = self.folded.startswith(("前", "以前", "之前"), unit.end)
        return ago and unit.numeral[1:] in ("000", "500") and unit.numeral != "2000"

    def _add_reign(self, parts: Parts, unit: Unit, number: int | float | None) -> Parts | None:
        if number is not None and (not isinstance(number, int) or not 1 <= number <= 120):
            return None
        before = self.folded[max(0, unit.start - 3) : unit.start]
        cycle = unit.form == "reign-sexagenary-year"
        reign = calendars.pick_reign(unit.head, before=before, number=number)
        if reign is None:
            return None
        alone = reign.common and not before.endswith(reign.dynasty)
        if alone and not _ERA_EVIDENCE.match(self.folded, unit.end):
            return None
        if cycle:
            year = reign.start + (calendars.SEXAGENARY[unit.word[:2]] - (reign.start - 4)) % 60
            if reign.end is not None and year > reign.end:
                return None
        else:
            year = reign.start + (number if isinstance(number, int) else 1) - 1
        return parts._replace(year=year, calendar=reign.calendar, reign=reign.start)

    def _add_month(
        self, parts: Parts, unit: Unit, number: int | float | None, first: bool
    ) -> Parts | None:
        if number is None:
            both = read_approximation(unit.numeral)
            number = both[1] if both else None
        if not isinstance(number, int) or not 1 <= number <= 12:
            return None
        if (
            first
            and unit.word.strip() == "月"
            and self.folded.startswith(("内", "之久", "大", "嫂"), unit.end)
        ):
            return None
        if first and (unit.numeral[0] in "两廿" or self._before(unit.start, "第")):
            return None
        if first and not unit.numeral.isascii() and self._cue(unit, "after", "event"):
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
        self, parts: Parts, unit: Unit, number: int | float | None, k: int, first: bool
    ) -> Parts | None:
        if not isinstance(number, int) or not 1 <= number <= 31 or not unit.numeral.lstrip("0"):
            return None
        if unit.numeral[0] == "两":
            return None
        if first:
            if (
                unit.word.strip() == "号"
                and not (unit.numeral.isascii() and self._followed_by_clock(k))
                and not self._before(unit.start, "每月", "每个月")
            ):
                return None
            if (
                self._before(unit.start, "第")
                or self._is_length(unit)
                or _SHIFT.match(self.folded, unit.end)
            ):
                return None
        if first and not unit.numeral.isascii() and self._cue(unit, "after", "event"):
            return None
        return parts._replace(day=number, han=parts.han or not unit.numeral.isascii())

    def _followed_by_clock(self, k: int) -> bool:
        return (
            k + 1 < len(self.units)
            and self.units[k + 1].form in ("hour", "clock")
            and self.units[k + 1].begin - self.units[k].end <= 1
        )

    def _doubtful_day(self, unit: Unit) -> bool:
        """A lone 三日 may be the third of a month or three days."""
        return not unit.numeral.isascii()

    def _add_hour(
        self,
        parts: Parts,
        unit: Unit,
        number: int | float | None,
        k: int,
        first: bool,
        after: Parts | None,
    ) -> Parts | None:
        if not isinstance(number, int) or not 0 <= number <= 24:
            return None
        word = unit.word.strip()
        if first and unit.head == "" and word in ("点", "时"):
            minutes = (
                k + 1 < len(self.units)
                and self.units[k + 1].form in ("minute", "quarter-hour")
                and self.units[k + 1].begin == unit.end
            )
            half = self.folded.startswith(("半", "整"), unit.end) and not self.folded.startswith(
                ("半岛", "整个"), unit.end
            )
            ranged = after is not None and after.clock is not None
            if not (minutes or half or ranged):
                if word == "时" and not unit.numeral.isascii() and number < 10:
                    return None
                if word == "点":
                    follow = self.folded[unit.end : unit.end + 1]
                    cued = self._before(
                        unit.start, "约", "于", "在", "至", "到", "当天", "自", "从"
                    ) and not ("\u4e00" <= follow <= "\u9fff")
                    if not (
                        cued
                        or (
                            number == 0
                            and not ("\u4e00" <= follow <= "\u9fff")
                            and not follow.isdigit()
                        )
                    ):
                        return None
        if self._before(unit.start, "第"):
            return None
        part = unit.head
        if (
            not part
            and after is not None
            and after.clock
            and number < int(after.clock[:2]) <= number + 12
        ):
            part = "pm"  # 下午5時至6時
        return parts._replace(clock=_clock(_hour(number, part)))

    def _bare_day(self, parts: Parts, end: int) -> tuple[Parts, int] | None:
        """十三 in 四月十三, 18 in 臘月18: a day without its 日, where nothing is counted."""
        match = _DAY_NUMERAL.match(self.folded, end)
        number = read_numeral(match.group()) if match else None
        if match is None or not isinstance(number, int) or not 1 <= number <= 31:
            return None
        if match.group().isascii() and not parts.lunar:
            return None
        return parts._replace(day=number), match.end()

    def _clock(self, parts: Parts, unit: Unit, k: int) -> tuple[Parts, int, int]:
        """Minutes and seconds after an hour."""
        folded, units, end = self.folded, self.units, unit.end
        if unit.form == "clock":
            return parts, end, k
        hour = int(parts.clock[:2]) if parts.clock else 0
        minute: int | None = None
        second: float | None = None
        if folded.startswith("半", end) and not folded.startswith("半岛", end):
            minute, end = 30, end + 1
            k = self._skip(k, end)
        elif folded.startswith("整", end) and not folded.startswith("整个", end):
            end += 1
        elif k < len(units) and units[k].form == "quarter-hour" and units[k].begin == end:
            quarters = read_numeral(units[k].numeral)
            if quarters in (1, 2, 3):
                minute, end, k = 15 * int(quarters), units[k].end, k + 1
        elif (
            k < len(units)
            and units[k].form in ("minute", "bare-minute")
            and units[k].begin - end <= 1
        ):
            value = read_numeral(units[k].numeral)
            if isinstance(value, int) and 0 <= value < 60:
                minute, end, k = value, units[k].end, k + 1
                if k < len(units) and units[k].form == "second" and units[k].begin - end <= 1:
                    seconds = read_numeral(units[k].numeral)
                    if seconds is not None and 0 <= seconds < 60:
                        second, end, k = seconds, units[k].end, k + 1
        else:
            bare = re.compile(
                r"[0-5][0-9](?![0-9])|[二三四五]?十[一二三四五六七八九]?(?![一-鿿])"
            ).match(folded, end)
            if bare and unit.word.strip() == "点":
                value = read_numeral(bare.group())
                if isinstance(value, int) and value < 60:
                    minute, end = value, bare.end()
                    k = self._skip(k, end)
        return parts._replace(clock=_clock(hour, minute, second)), end, k

    def _approximate_left(self, parts: Parts, unit: Unit) -> Parts | None:
        """The first of the two that neighbouring digits name: 二三十年代."""
        both = read_approximation(unit.numeral)
        return self._left(parts, unit._replace(left=str(both[0]))) if both else None

    def _left(self, parts: Parts, unit: Unit) -> Parts | None:
        """The first end that a bare numeral names: 1941 in 1941至45年, 6 in 6至8月."""
        number = read_numeral(unit.left)
        if unit.form in ("year", "era-year") and not unit.left.isascii():
            number = read_digits(unit.left) if len(unit.left) == 4 else number
        if not isinstance(number, int):
            return None
        if unit.form == "year" and 100 <= number <= 2200:
            return parts._replace(year=number)
        if unit.form == "era-year" and 1 <= number <= 9999:
            sign = lexicon.eras()[unit.head]
            return parts._replace(year=1 - number if sign < 0 else number)
        if unit.form == "century" and 1 <= number <= 30:
            return parts._replace(century=number)
        if unit.form == "decade":
            if number >= 1000 and number % 10 == 0:
                return parts._replace(century=number // 100 + 1, decade=number // 10 % 10)
            number = number if number >= 10 else number * 10
            return (
                parts._replace(decade=number // 10) if number < 100 and number % 10 == 0 else None
            )
        if unit.form == "month" and 1 <= number <= 12:
            return parts._replace(month=number)
        if unit.form == "day" and 1 <= number <= 31:
            return parts._replace(day=number)
        if unit.form == "hour" and 0 <= number <= 24:
            return parts._replace(clock=_clock(_hour(number, unit.head)))
        if unit.form == "quarter" and 1 <= number <= 4:
            return parts._replace(season=32 + number)
        return None

    def _suffix(
        self, parts: Parts, unit: Unit, end: int
    ) -> tuple[Parts, int, DateModifier | None] | None:
        """上旬, 春天, 上半年, 初, 底 … right after the unit they belong to."""
        name = _SUFFIX_UNITS.get(unit.form)
        if name is None:
            return None
        match = lexicon.suffix_pattern(name).match(self.folded, end)
        if match is None:
            return None
        kind, text = match.lastgroup, match.group(match.lastgroup or 0)
        if kind == "third":
            return parts._replace(days=lexicon.thirds()[text]), match.end(), None
        if kind == "season":
            return parts._replace(season=lexicon.seasons()[text]), match.end(), None
        if kind == "stretch":
            return (
                parts._replace(months=lexicon.spans_of_year()[text.removeprefix("的")]),
                match.end(),
                None,
            )
        meanings = lexicon.parts()
        part = text if text in meanings else text[1:]
        return parts, match.end(), meanings[part][0]

    def _stretch(
        self, parts: Parts, unit: Unit, k: int, end: int
    ) -> tuple[Parts, int, int, str] | None:
        """2021年的第一周, 6月第3個星期日, 2018年前七個月."""
        folded, units = self.folded, self.units
        if k >= len(units) or _SUFFIX_UNITS.get(unit.form) not in ("year", "month"):
            return None
        following = units[k]
        gap = folded[end : following.begin]
        if len(gap) > 5 or following.form not in ("span", "month"):
            return None
        number = read_numeral(following.numeral)
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
            weekday = lexicon.weekdays().get("周" + folded[following.end : following.end + 1], 0)
            # 第一個星期三 is a day; 第一周一個 … is a week.
            if weekday and not folded.startswith("个", following.end + 1):
                return (
                    parts._replace(nth=(number, weekday)),
                    following.end + 1,
                    self._skip(k + 1, following.end + 1),
                    "weekday",
                )
            return parts._replace(nth=(number, 0)), following.end, k + 1, "week"
        which = _FIRST_PARTS.fullmatch(gap)
        months = (
            measure and measure.unit == "month" and measure.add == 0
        ) or following.form == "month"
        if which and months and _SUFFIX_UNITS[unit.form] == "year" and 1 <= number <= 11:
            if which["which"] in ("最后", "后", "末"):
                return parts._replace(months=(13 - number, 12)), following.end, k + 1, "months"
            return parts._replace(months=(1, number)), following.end, k + 1, "months"
        return None

    def _skip(self, k: int, end: int) -> int:
        """The first unit from `k` on that does not begin before `end`."""
        while k < len(self.units) and self.units[k].begin < end:
            k += 1
        return k

    # --- Lengths of time

    def length(self, i: int) -> tuple[Item | None, int] | None:
        """7個月, 3年1個月6天, 兩年後, 3至6個月."""
        folded, unit = self.folded, self.units[i]
        ordinal = self._ordinal(i)
        if ordinal is not None:
            return ordinal
        found = self._amounts(i)
        if found is None:
            return None
        amounts, end, k, modifier = found
        start = unit.begin
        once = _ONCE.match(folded, end)
        text = duration_text(amounts)
        if text is None:
            return None, k
        if once and unit.form == "year":
            return Item(start, once.end(), "span+once", DateReading("set", value=f"R/{text}")), k
        shift = _SHIFT.match(folded, end)
        if shift and not unit.word.strip().endswith("周年"):
            sign = 1 if shift["after"] else -1
            if shift["half"]:
                amounts = (*amounts[:-1], (amounts[-1][0], amounts[-1][1] + 0.5))
            if shift["more"]:
                modifier = "more_than"
            parts = Parts(shift=tuple((name, sign * amount) for name, amount in amounts))
            left = read_numeral(unit.left) if unit.left else None
            if left is not None:
                earlier = Parts(shift=((amounts[0][0], sign * float(left)),))
                ends = (earlier, parts) if sign > 0 else (parts, earlier)
                reading = DateReading("interval", *ends, modifier=modifier)
                return self._modified(
                    Item(
                        start, shift.end(), "span-after…" if sign > 0 else "span-before…", reading
                    ),
                    "duration",
                ), k
            fine = amounts[-1][0] in ("hour", "minute", "second", "quarter-hour")
            reading = DateReading("time" if fine else "date", parts, modifier=modifier)
            rule = "span-after" if sign > 0 else "span-before"
            return self._modified(Item(start, shift.end(), rule, reading), "duration"), k
        if unit.left:
            left = read_numeral(unit.left)
            if isinstance(left, int | float):
                first = duration_text(((amounts[0][0], float(left)),))
                reading = DateReading("duration", value=f"{first}/{text}", modifier=modifier)
                return self._modified(Item(start, end, "span…", reading), "duration"), k
            start = unit.start
        join = _JOIN.match(folded, end)
        if join:
            other = (
                self._amounts(k)
                if k < len(self.units) and self.units[k].begin == join.end()
                else None
            )
            if other is not None and (second := duration_text(other[0])):
                reading = DateReading("duration", value=f"{text}/{second}", modifier=modifier)
                return self._modified(Item(start, other[1], "span…", reading), "duration"), other[2]
        reading = DateReading(
            "duration", value=text, modifier=modifier, elided=self._elided(unit, end)
        )
        return self._modified(Item(start, end, "span", reading), "duration"), k

    def _elided(self, unit: Unit, end: int) -> int | None:
        """八年 at the head of a clause: maybe that year of the reign that the text is in."""
        number = read_numeral(unit.numeral) if unit.form == "year" and not unit.left else None
        if not isinstance(number, int) or number > 64 or unit.numeral.isascii() or end != unit.end:
            return None
        head = not unit.start or _CLAUSE.match(self.folded, unit.start - 1)
        return number if head and not self._is_length(unit) else None

    def _ordinal(self, i: int) -> tuple[Item | None, int] | None:
        """第三天, 第五年: so many days or years after the first; 第一年 says nothing."""
        unit = self.units[i]
        if not self._before(unit.start, "第"):
            return None
        number = read_numeral(unit.numeral) if unit.numeral else None
        measure = lexicon.measures().get(unit.word.strip())
        if (
            unit.form not in ("year", "day", "span")
            or measure is None
            or not isinstance(number, int)
        ):
            return None
        if (
            measure.unit not in ("year", "day")
            or unit.word.strip() not in ("年", "日", "天")
            or number not in (2, 3)
        ):
            return None, i + 1
        parts = Parts(shift=((measure.unit, float(number - 1)),))
        return Item(unit.start - 1, unit.end, "ordinal-span", DateReading("date", parts)), i + 1

    def _amounts(
        self, i: int
    ) -> tuple[tuple[tuple[str, float], ...], int, int, DateModifier | None] | None:
        """Lengths in a row, from unit `i` on, from coarse to fine; where they end; a modifier."""
        folded, units = self.folded, self.units
        amounts: list[tuple[str, float]] = []
        modifier: DateModifier | None = None
        end = units[i].begin
        k = i
        while k < len(units):
            unit = units[k]
            if amounts:
                gap = folded[end : unit.begin]
                if gap not in ("", " ", "又", "零", "多", "余", "另", "半", "加"):
                    break
                if unit.left:
                    break
            one = self._amount(unit, first=not amounts)
            if one is None:
                break
            name, amount, more = one
            if amounts and name == amounts[-1][0]:
                break
            amounts.append((name, amount))
            modifier = modifier or more
            end = unit.end
            k += 1
            if (
                folded.startswith("半", end)
                and name in ("year", "day", "month", "hour", "minute", "week")
                and not folded.startswith(
                    ("半岛", "半数", "半个", "半年", "半天", "半月", "半小时"), end
                )
            ):
                amounts[-1] = (name, amount + 0.5)
                end += 2 if folded.startswith("半钟", end) else 1
                k = self._skip(k, end)
            if unit.form != "half" and unit.left:
                break
        if not amounts:
            return None
        return tuple(amounts), end, k, modifier

    def _amount(self, unit: Unit, *, first: bool) -> tuple[str, float, DateModifier | None] | None:
        if unit.form == "half":
            text = lexicon.halves()[unit.word]
            match = re.fullmatch(r"PT?(\d+)([YMDHS])", text)
            assert match is not None
            name = {"Y": "year", "D": "day", "H": "hour", "S": "second", "M": "month"}[match[2]]
            if text.startswith("PT") and match[2] == "M":
                name = "minute"
            return name, float(match[1]), "more_than" if "多" in unit.word else None
        if unit.form not in ("span", "year", "day", "second", "minute", "quarter"):
            return None
        if first and unit.form in ("minute", "quarter"):
            return None
        word = unit.word.strip()
        measure = lexicon.measures().get(word)
        if (
            measure is None
            or word in ("年份", "年度", "号")
            or (unit.form == "quarter" and word == "季")
        ):
            return None
        if unit.numeral in ("百", "千", "万", "亿", "十万", "百万", "千万"):
            return (
                None
                if not measure.modifier
                else (measure.unit, float(read_numeral(unit.numeral) or 0), "more_than")
            )
        number = read_numeral(unit.numeral)
        if number is None or number < 0 or number > 10**9:
            return None
        if unit.numeral[0] in "十百千万亿" and self._cue(unit, "before", "vague"):
            return None  # 數十年, 上百年
        if (
            measure.unit == "week"
            and not word.startswith("个")
            and self._cue(unit, "before", "turn")
        ):
            return None
        if measure.unit == "year" and self._cue(unit, "before", "count"):
            return None
        if first and measure.unit in ("year", "day") and self._cue(unit, "after", "event"):
            return None
        if (
            unit.form == "year"
            and unit.numeral.isascii()
            and len(unit.numeral) == 4
            and 1000 <= number <= 2200
            and number % 100
            and not unit.word.startswith(("多", "余"))
        ):
            return None
        if first and self._before(unit.start, "第") and unit.numeral:
            return None
        if unit.form == "day" and first and word == "日" and self._before(unit.start, "月"):
            return None
        if (
            first
            and number == 1
            and self._cue(unit, "before", "one")
            and unit.form in ("year", "day", "span")
            and measure.unit in ("year", "day")
        ):
            return None
        return measure.unit, float(number) + measure.add, measure.modifier  # type: ignore[return-value]

    # --- Modifiers

    def _modified(self, item: Item, kind: str) -> Item:
        """The item with the modifier that stands beside it, unless it has one inside."""
        if item.reading.modifier is not None:
            return item
        meanings = lexicon.modifier_meanings()
        before = lexicon.modifiers_before(kind).search(
            self.folded[max(0, item.start - 6) : item.start].rstrip(" ")
        )
        if (
            before
            and before.group() == "近"
            and self.folded.startswith(("来", "以来", "间"), item.end)
        ):
            before = None  # 近16年來 are the last 16 years
        after = lexicon.modifiers_after(kind).match(self.folded, item.end)
        if after is None and kind == "date" and (aside := _BRACKET.match(self.folded, item.end)):
            after = lexicon.modifiers_after(kind).match(self.folded, aside.end())
        found: DateModifier | None = None
        if before:
            found = meanings["before", before.group()]
        if after and item.reading.kind != "set":
            said = meanings["after", after["word"]]
            if found is None or said in ("before", "after"):
                found = said
        return item._replace(reading=replace(item.reading, modifier=found)) if found else item


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


def _joinable(first: Parts, last: Parts) -> bool:
    """Whether two dates around a joiner are the ends of one range."""
    if bool(first.clock) != bool(last.clock):
        return False
    return not (last.holiday and not last.year and not last.relative)


def _repeatable(parts: Parts) -> bool:
    fixed = parts.month or parts.season or parts.day or parts.holiday
    return bool(fixed) and parts.year is None and parts.century is None and parts.relative is None


def _open_value(reading: DateReading, *, month: bool) -> str | None:
    """EDTF with the year (and, unless `month`, the month) open."""
    ends = [_open_text(parts, month) for parts in (reading.first, reading.last) if parts]
    return None if None in ends else "/".join(end for end in ends if end)


def _open_text(parts: Parts, month: bool) -> str | None:
    if parts.holiday:
        rule = calendars.holiday_rule(parts.holiday)
        if not rule.startswith("fixed "):
            return "R/P1Y"
        a, b = rule.split()[1].split("-")
        return f"XXXX-{int(a):02d}-{int(b):02d}"
    if parts.lunar:
        return "R/P1Y"
    if parts.season:
        return f"XXXX-{parts.season}"
    if parts.month:
        text = f"XXXX-{parts.month:02d}"
        if parts.days:
            last = parts.days[1] or 30
            return f"{text}-{parts.days[0]:02d}/{text}-{last:02d}"
        return f"{text}-{parts.day:02d}" if parts.day else text
    return f"XXXX-XX-{parts.day:02d}" if parts.day and not month else None


def _hour(number: int, part: str) -> int:
    """The hour of the day that `number` means in a part of the day (下午3時 → 15)."""
    if not part:
        return number
    if part in ("am", "pm"):
        return number % 12 + 12 * (part == "pm")
    first, last = lexicon.day_parts()[part]
    for hour in (number, number + 12, number + 24):
        if first <= hour <= last:
            return hour % 24 if number != 24 else 24
    if number == 12 and first == 0:
        return 0
    return number


def hour_clock(hour: int, minute: int, second: str | None, part: str) -> str:
    """The clock time of digits as they were written, in a part of the day."""
    return _clock(_hour(hour, part), minute, float(second) if second else None)


def _clock(hour: int, minute: int | None = None, second: float | None = None) -> str:
    """ISO 8601: 09:00, 09:30, 01:47:15.9."""
    text = f"{hour:02d}:{minute or 0:02d}"
    if second is not None:
        whole, fraction = divmod(round(float(second) * 10**6), 10**6)
        text += f":{whole:02d}" + (f".{fraction:06d}".rstrip("0") if fraction else "")
    return text
