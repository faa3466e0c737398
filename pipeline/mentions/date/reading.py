"""Units in a row → what they say together. Nothing here looks beyond the clause it reads.

`read` walks the units once. At each it tries, in this order, a repeated time (每年5月), a date
with all that belongs to it (公元前221年, 同年11月, 6月22日凌晨4時), and a length of time (3年1個月,
兩年後). Two dates around a joiner (至, –, …) become a range.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from pipeline.mentions.date import calendars, lexicon
from pipeline.mentions.date.lengths import length, read_amounts
from pipeline.mentions.date.modifiers import modified
from pipeline.mentions.date.points import Point, read_point
from pipeline.mentions.date.row import JOIN, Item, Row, Unit
from pipeline.mentions.date.value import WEEKEND, DateReading, Parts, duration_text
from pipeline.mentions.date.years import text_before
from pipeline.records import DateKind

_NOW = re.compile(
    r" ?(?:(?:直?至|直?到|迄|[-–—~])(?:今|现在|目前|现今|如今)(?!年|天|日)|[-–—~] ?(?=[)]))"
)
_ABOUT = re.compile("大?约在?")
_BETWEEN = re.compile(r" ?(?:和|与|及|跟) ?")
_OR_LATER = re.compile(r"(?:[或及](?:之|以)|或更)(?P<way>前|后|早|晚)")
_BARE_YEAR = re.compile("[12][0-9]{3}(?![0-9年,.])")
_AND = re.compile(" ?(?:和|与|及|以及|、|或|跟) ?")
_LONGEST_AND = 4
# 每月第一個星期日, 每月第二、四個週六
_NTH_WEEKDAY = re.compile(
    "(?:的|之)?(?:第 ?[一二三四五1-5](?:[、和及与或][一二三四五1-5])*|首|最后一?)个?的?"
    "(?:(?:星期|礼拜|周)[一二三四五六日天]|周末)"
)
_STOP = re.compile("[。!?;\n]")
_SENTENCE = 60  # characters on either side
# What `_NOW`, `_OR_LATER`, `JOIN` and `_BETWEEN` begin with: most dates have none of it after them.
_RUNS_ON = frozenset(" -‐‑–—~―直一至到迄起开始或及和与跟")


def read(folded: str, units: Sequence[Unit]) -> list[Item]:
    """The dates and lengths of time in `folded`, in order and apart."""
    row = Row(folded, units)
    found: list[Item] = []
    dated = 0  # where the last date that has a year ends
    i = 0
    while i < len(units):
        beside = _coordinated(row, found[-1], units[i]) if found else None
        step = _repeated(row, i) or _date(row, i, beside, dated) or length(row, i)
        if step is None:
            i += 1
            continue
        item, following = step
        if item is not None:
            found.append(item)
            if _has_year(item.reading.first):
                dated = item.end
        i = max(following, i + 1)
    return found


def _coordinated(row: Row, item: Item, unit: Unit) -> Item | None:
    """The item before, where only 和, 、 and the like part the unit from it."""
    if unit.begin - item.end > _LONGEST_AND:
        return None
    return item if _AND.fullmatch(row.folded, item.end, unit.begin) else None


def _repeated(row: Row, i: int) -> tuple[Item | None, int] | None:
    """每年, 每年5月9日, 每逢冬天, 每四年, 一年一度."""
    unit = row.units[i]
    if unit.form != "every":
        return None
    period = lexicon.repeated()[unit.word]
    if period.startswith(("P1Y", "P1M")) or not period:
        of = row.folded.startswith("的", unit.end)  # 每年的5月9日
        point = read_point(row, i + 1, at=unit.end + of)
        if point is not None and _repeatable(point.parts):
            item, following = _with_range(row, point)
            value = _open_value(item.reading, month=not period.startswith("P1M"))
            if value:
                reading = DateReading("set", value=value, modifier=point.modifier)
                return Item(unit.start, item.end, f"every+{item.rule}", reading), following
    if period:
        nth = _NTH_WEEKDAY.match(row.folded, unit.end) if period in ("P1Y", "P1M") else None
        end, rule = (nth.end(), "every+weekday") if nth else (unit.end, "every")
        reading = DateReading("set", value=f"R/{period}")
        return Item(unit.start, end, rule, reading), row.skip(i + 1, end)
    if i + 1 < len(row.units) and not row.folded[unit.end : row.units[i + 1].begin].strip(" "):
        following_unit = row.units[i + 1]
        if following_unit.form == "weekday":
            reading = DateReading("set", value="R/P1W")
            return Item(unit.start, following_unit.end, "every+weekday", reading), i + 2
        length_found = read_amounts(row, i + 1)
        if length_found is not None:
            amounts, end, k, modifier = length_found
            text = duration_text(amounts)
            # 每秒, 每小时 with a numeral of one are rates of something else.
            if text and not (
                len(amounts) == 1 and amounts[0][0] in ("second", "minute") and amounts[0][1] == 1
            ):
                reading = DateReading("set", value=f"R/{text}", modifier=modifier)
                return Item(unit.start, end, "every+span", reading), k
    return None, i + 1


def _date(row: Row, i: int, beside: Item | None, dated: int) -> tuple[Item | None, int] | None:
    """A date or a range of dates; `beside` is what stands before it in a list, `dated` where the
    last date with a year ends."""
    unit = row.units[i]
    if unit.form in ("reign-period", "reign-part"):
        return _reign_period(row, unit), i + 1
    after = _shared(beside, unit) if beside else None
    point = read_point(row, i, after=after)
    if point is None:
        if unit.form != "year" or not row.cue(unit, "before", "count"):
            return None
        # 黃帝紀元4609年11月13日 is of no calendar of ours.
        k = i + 1
        while k < len(row.units) and row.units[k].begin == row.units[k - 1].end:
            k += 1
        return None, k
    item, following = _with_range(row, point)
    if _repeatable(point.parts) and (
        (beside is not None and beside.reading.kind == "set")
        or row.cue(row.units[point.next - 1], "after", "climate")
        or _recurs(row, item, dated)
    ):
        value = _open_value(item.reading, month=True)
        if value:
            reading = DateReading("set", value=value, modifier=item.reading.modifier)
            return item._replace(rule=f"every+{item.rule}", reading=reading), following
    return item, following


def _shared(beside: Item, unit: Unit) -> Parts | None:
    """What a year in a list takes from the one before it: 大業六年和七年, 1998年和99年."""
    parts = beside.reading.last or beside.reading.first
    if parts is None or unit.form != "year":
        return None
    short = len(unit.numeral) == 2 and unit.numeral.isascii() and parts.year and parts.month is None
    return parts if parts.reign or short else None


def _reign_period(row: Row, unit: Unit) -> Item | None:
    """康熙年間, 康熙末年: the reign, or a part of it."""
    period = unit.form == "reign-period"
    if period and not row.folded.startswith("间", unit.end):
        return None
    before = text_before(row, unit)
    reign = calendars.pick_reign(unit.head, before=before, number=None)
    if reign is None or (reign.common and not before.endswith(reign.dynasty)):
        return None
    part = None if period or unit.word == "间" else lexicon.parts()[unit.word].modifier
    if reign.end is None and part != "start":
        return None
    first = Parts(year=reign.start, calendar=reign.calendar)
    last = None if reign.end is None else first._replace(year=reign.end)
    reading = DateReading("interval", first, last, open_end=last is None, modifier=part)
    return Item(unit.start, unit.end + period, unit.form, reading)


def _with_range(row: Row, point: Point) -> tuple[Item, int]:
    item, following = _range(row, point)
    return modified(row, item, "date"), following


def _range(row: Row, point: Point) -> tuple[Item, int]:
    rule = "+".join(point.forms)
    parts = point.parts
    if point.left is not None:
        reading = DateReading("interval", point.left, parts, modifier=point.modifier)
        return Item(point.start, point.end, f"{rule}…", reading), point.next
    if row.folded[point.end : point.end + 1] in _RUNS_ON:
        ranged = _running_on(row, point, rule)
        if ranged is not None:
            return ranged
    kind: DateKind = "time" if parts.clock else "date"
    month_alone = parts.lunar and parts.month and parts.day is None and parts.holiday is None
    week = parts.nth and parts.nth[1] in (0, WEEKEND)
    if month_alone or week or parts.days or parts.months or parts.seasons:
        kind = "interval"
    reading = DateReading(kind, parts, modifier=point.modifier, ambiguous_day=point.doubt)
    return Item(point.start, point.end, rule, reading), point.next


def _running_on(row: Row, point: Point, rule: str) -> tuple[Item, int] | None:
    """The range that a date begins, if one does: 1947年至今, 1941年或之後, 6月到8月."""
    folded = row.folded
    now = _NOW.match(folded, point.end)
    if now and point.forms[0] != "bare-year":
        reading = DateReading("interval", point.parts, open_end=True, modifier=point.modifier)
        end = now.end() if now.group().strip(" -–—~") else point.end + len(now.group().rstrip())
        return Item(point.start, end, f"{rule}…now", reading), point.next
    later = _OR_LATER.match(folded, point.end)
    if later and not point.parts.clock:
        before = later["way"] in "前早"
        reading = DateReading("interval", point.parts, open_start=before, open_end=not before)
        return Item(point.start, later.end(), f"{rule}…or", reading), point.next
    join = JOIN.match(folded, point.end)
    if join and not (point.parts.holiday and point.forms == ("holiday",)):
        about = _ABOUT.match(folded, join.end())
        at = about.end() if about else join.end()
        other = read_point(row, point.next, at=at, after=point.parts)
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
            return Item(point.start, year.end(), f"{rule}…", reading), row.skip(
                point.next, year.end()
            )
    between = _BETWEEN.match(folded, point.end)
    if between:
        other = read_point(row, point.next, at=between.end(), after=point.parts)
        if other is not None and folded.startswith(("间", "之间"), other.end):
            reading = DateReading("interval", point.parts, other.parts)
            return Item(point.start, other.end, f"{rule}…", reading), other.next
    return None


def _joinable(first: Parts, last: Parts) -> bool:
    """Whether two dates around a joiner are the ends of one range."""
    if bool(first.clock) != bool(last.clock):
        return False
    return not (last.holiday and not last.year and not last.relative)


def _repeatable(parts: Parts) -> bool:
    fixed = parts.month or parts.season or parts.day or parts.holiday
    return bool(fixed) and parts.year is None and parts.century is None and parts.relative is None


def _has_year(parts: Parts | None) -> bool:
    return parts is not None and (parts.year is not None or parts.relative is not None)


def _recurs(row: Row, item: Item, dated: int) -> bool:
    """Whether its sentence tells that a month or day is that of every year: 雨季在6月至9月."""
    first = item.reading.first
    if first is None or first.month is None:
        return False
    before = row.folded[max(dated, item.start - _SENTENCE) : item.start]
    after = row.folded[item.end : item.end + _SENTENCE]
    sentence = f"{_STOP.split(before)[-1]} {_STOP.split(after, 1)[0]}"
    # Whether the paragraph tells of some year.
    told = bool(dated) and dated > row.folded.rfind("\n", 0, item.start)
    for word, follows in lexicon.recurring(strong=told or first.day is not None).items():
        at = sentence.find(word)
        if at >= 0 and follows.match(sentence, at + len(word)):
            return True
    return False


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
