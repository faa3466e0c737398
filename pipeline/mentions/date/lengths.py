"""Lengths of time: 7個月, 3年1個月6天, 3至6個月; and dates that count by one: 兩年後, 第三天."""

from __future__ import annotations

import re

from pipeline.mentions.date import lexicon
from pipeline.mentions.date.modifiers import modified
from pipeline.mentions.date.row import JOIN, SHIFT, Item, Row, Unit, number_of
from pipeline.mentions.date.value import Covers, DateReading, Parts, duration_text
from pipeline.mentions.date.years import of_ruler
from pipeline.mentions.numerals import read_approximation
from pipeline.records import DateKind, DateModifier

# More of these are not counted beside a coarser unit.
_MOST = {"month": 12, "day": 365, "hour": 24, "double-hour": 12, "minute": 60, "second": 60}
_BETWEEN_AMOUNTS = frozenset(["", "又", "零", "多", "余", "另", "半", "加"])
_HUNDREDTHS = re.compile("[0-9]{2}(?![0-9.:年月日点时分秒米公]|,[0-9])")  # 9秒58
_NIGHTS = re.compile("(?:[0-9]{1,2}|[一二两三四五六七八九十]{1,2})(?:夜|晚)(?!间|上)")
_EVENT_REACH = 12  # characters before a length of time
_CLAUSE = re.compile("[\\s,。;:、!?()「」『』]")
_ABOUT = re.compile("(?:大?约|将?近|仅仅?|短短|不到|超过|经过?|过了?|整整|的|后)+$")
# What a length of time begins with, or its own subject: 並在二十年後.
_STARTS_ANEW = tuple("在于到至并而但才就则却又再直终令使让与和及同跟")
_DATED = re.compile("年|月|日")
_NAMED = re.compile(
    "(?:的|,?即|-{1,2}|—{1,2}|[(])(?:公元|西元)?(?P<year>[1-9][0-9]{2,3})年(?!前|后|代|间)"
)
_ONCE = re.compile(r"一(?:度|次|届|回)")


def length(row: Row, i: int) -> tuple[Item | None, int] | None:
    """7個月, 3年1個月6天, 兩年後, 3至6個月."""
    folded, unit = row.folded, row.units[i]
    ordinal = _ordinal(row, i)
    if ordinal is not None:
        return ordinal
    found = read_amounts(row, i)
    if found is None:
        return None
    amounts, end, k, modifier = found
    start = unit.begin
    end = _with_nights(row, end, amounts)
    low = number_of(unit.left) if unit.left else None
    if number_of(unit.numeral) is None and (both := read_approximation(unit.numeral)):
        low = both[0]
    once = _ONCE.match(folded, end)
    text = duration_text(amounts)
    if text is None:
        return None, k
    if once and unit.form == "year":
        return Item(start, once.end(), "span+once", DateReading("set", value=f"R/{text}")), k
    shift = SHIFT.match(folded, end)
    k = row.skip(k, shift.end() if shift else end)
    if shift and not unit.word.strip().endswith("周年"):
        sign = 1 if shift["after"] else -1
        if shift["half"]:
            amounts = (*amounts[:-1], (amounts[-1][0], amounts[-1][1] + 0.5))
        if shift["more"]:
            modifier = "more_than"
        parts = Parts(
            shift=tuple((name, sign * amount) for name, amount in amounts),
            year=_year_named(row, amounts, shift.end()),
        )
        if low is not None:
            earlier = Parts(shift=((amounts[0][0], sign * float(low)),))
            ends = (earlier, parts) if sign > 0 else (parts, earlier)
            reading = DateReading("interval", *ends, modifier=modifier)
            return modified(
                row,
                Item(start, shift.end(), "span-after…" if sign > 0 else "span-before…", reading),
                "duration",
            ), k
        fine = amounts[-1][0] in ("hour", "minute", "second", "quarter-hour")
        covers: Covers | None = None
        if shift["open"]:
            covers = "since" if sign > 0 else "until"
        kind: DateKind = "time" if fine else "date"
        since = _event_before(row, start)
        reading = DateReading(kind, parts, modifier=modifier, covers=covers, since=since)
        rule = "span-after" if sign > 0 else "span-before"
        return modified(row, Item(start, shift.end(), rule, reading), "duration"), k
    if low is not None:
        first = duration_text(((amounts[0][0], float(low)),))
        reading = DateReading("duration", value=f"{first}/{text}", modifier=modifier)
        return modified(row, Item(start, end, "span…", reading), "duration"), k
    start = unit.start
    join = JOIN.match(folded, end)
    if join:
        other = (
            read_amounts(row, k)
            if k < len(row.units) and row.units[k].begin == join.end()
            else None
        )
        if other is not None and (second := duration_text(other[0])):
            reading = DateReading("duration", value=f"{text}/{second}", modifier=modifier)
            return modified(row, Item(start, other[1], "span…", reading), "duration"), other[2]
    reading = DateReading("duration", value=text, modifier=modifier, elided=_elided(row, unit, end))
    return modified(row, Item(start, end, "span", reading), "duration"), k


def _event_before(row: Row, start: int) -> str:
    """The event that a length of time counts from: 入伍 in 入伍27年以後, 攻佔該城三天後; "" if none
    is named in its clause."""
    clause = _CLAUSE.split(row.folded[max(0, start - _EVENT_REACH) : start])[-1]
    clause = _ABOUT.sub("", clause)
    if clause.endswith(_STARTS_ANEW) or _DATED.search(clause):
        return ""
    found = [(clause.rfind(word), word) for word in lexicon.cues("before", "happens")]
    at, word = max(found)
    # 結婚的夫婦兩年後: of whom it is told, no event that is counted from.
    return word if at >= 0 and "的" not in clause[at:] else ""


def _year_named(row: Row, amounts: tuple[tuple[str, float], ...], end: int) -> int | None:
    """The year that so many years lead to, where it is named: 三十年後的1583年."""
    named = _NAMED.match(row.folded, end) if {name for name, _ in amounts} == {"year"} else None
    return int(named["year"]) if named else None


def _names_day(row: Row, unit: Unit) -> bool:
    """Whether 個星期 is the beginning of a day's name: 最後一個星期五."""
    day = row.folded[unit.end : unit.end + 1]
    return "周" + day in lexicon.weekdays() and not row.folded.startswith("个", unit.end + 1)


def _once_upon(row: Row, unit: Unit) -> bool:
    """Whether it is the 一天 that a story begins with: 一天，他走過橋邊."""
    return row.folded.startswith(",", unit.end) and row.heads_clause(unit.start)


def _with_nights(row: Row, end: int, amounts: tuple[tuple[str, float], ...]) -> int:
    """Where 3天2夜 ends: its nights say nothing more."""
    nights = _NIGHTS.match(row.folded, end) if amounts[-1][0] == "day" else None
    return nights.end() if nights else end


def _elided(row: Row, unit: Unit, end: int) -> int | None:
    """八年 at the head of a clause: maybe that year of the reign that the text is in."""
    number = number_of(unit.numeral) if unit.form == "year" and not unit.left else None
    if not isinstance(number, int) or number > 64 or unit.numeral.isascii() or end != unit.end:
        return None
    head = row.heads_clause(unit.start)
    return number if head and not row.is_length(unit) else None


def _ordinal(row: Row, i: int) -> tuple[Item | None, int] | None:
    """第三天, 第五年: so many days or years after the first; 第一年 says nothing."""
    unit = row.units[i]
    if not row.before(unit.start, "第") or unit.word.strip() == "周年":
        return None
    number = number_of(unit.numeral) if unit.numeral else None
    measure = lexicon.measures().get(unit.word.strip())
    if unit.form not in ("year", "day", "span") or measure is None or not isinstance(number, int):
        return None
    if (
        measure.unit not in ("year", "day")
        or unit.word.strip() not in ("年", "日", "天")
        or number not in (2, 3)
    ):
        return None, i + 1
    parts = Parts(shift=((measure.unit, float(number - 1)),))
    start = row.folded.rindex("第", 0, unit.start)
    return Item(start, unit.end, "ordinal-span", DateReading("date", parts)), i + 1


def read_amounts(
    row: Row, i: int
) -> tuple[tuple[tuple[str, float], ...], int, int, DateModifier | None] | None:
    """Lengths in a row, from unit `i` on, from coarse to fine; where they end; a modifier."""
    folded, units = row.folded, row.units
    amounts: list[tuple[str, float]] = []
    modifier: DateModifier | None = None
    end = units[i].begin
    k = i
    while k < len(units):
        unit = units[k]
        if amounts:
            gap = folded[end : unit.begin]
            if gap and gap.strip(" ") not in _BETWEEN_AMOUNTS:
                break
            if unit.left:
                break
        if not amounts and _before_month(row, k):
            break
        one = _amount(row, unit, first=not amounts, seconds=_has_seconds(row, k))
        if one is None:
            break
        name, amount, more = one
        if amounts and (name == amounts[-1][0] or amount >= _MOST.get(name, amount + 1)):
            break  # 一年365天 are two
        end = unit.end
        hundredths = _HUNDREDTHS.match(folded, end) if name == "second" else None
        if hundredths:
            amount, end = amount + int(hundredths.group()) / 100, hundredths.end()
        amounts.append((name, amount))
        modifier = modifier or more
        k = row.skip(k + 1, end)
        if (
            folded.startswith("半", end)
            and name in ("year", "day", "month", "hour", "minute", "week")
            and not folded.startswith(
                ("半岛", "半数", "半个", "半年", "半天", "半月", "半小时"), end
            )
        ):
            amounts[-1] = (name, amount + 0.5)
            end += 2 if folded.startswith("半钟", end) else 1
            k = row.skip(k, end)
        if unit.form != "half" and unit.left:
            break
    if not amounts:
        return None
    return tuple(amounts), end, k, modifier


def _months(row: Row, unit: Unit) -> tuple[str, float, DateModifier | None] | None:
    """死後兩月, and of laws 二月以上, 未滿三月: months where no 個 says that they are a length."""
    number = number_of(unit.numeral)
    if unit.word.strip() != "月" or not isinstance(number, int) or not number:
        return None
    return ("month", float(number), None) if unit.numeral[0] == "两" or row.is_term(unit) else None


def _before_month(row: Row, k: int) -> bool:
    """Whether unit `k`, a year, goes with the month after it: 九年閏十一月 is no nine years."""
    return (
        k + 1 < len(row.units)
        and row.units[k].form == "year"
        and row.units[k + 1].begin == row.units[k].end
        and row.units[k + 1].form in ("month", "lunar-month", "leap-month")
    )


def _has_seconds(row: Row, k: int) -> bool:
    """Whether seconds stand after unit `k`: 2分30秒 is a length, 2分 may be a score."""
    if k + 1 >= len(row.units) or row.units[k + 1].begin - row.units[k].end > 1:
        return False
    measure = lexicon.measures().get(row.units[k + 1].word.strip())
    return measure is not None and measure.unit == "second"


def _amount(
    row: Row, unit: Unit, *, first: bool, seconds: bool
) -> tuple[str, float, DateModifier | None] | None:
    if unit.form == "half":
        text = lexicon.halves()[unit.word]
        match = re.fullmatch(r"PT?(\d+)([YMDHS])", text)
        assert match is not None
        name = {"Y": "year", "D": "day", "H": "hour", "S": "second", "M": "month"}[match[2]]
        if text.startswith("PT") and match[2] == "M":
            name = "minute"
        return name, float(match[1]), "more_than" if "多" in unit.word else None
    if unit.form == "month":
        return _months(row, unit)
    if unit.form == "one-and-half":
        half = lexicon.measures()[unit.word.strip()]
        return half.unit, 1 + half.add, None
    if unit.form not in ("span", "year", "day", "second", "minute", "quarter") and not (
        unit.form == "century" and row.is_centuries(unit)
    ):
        return None
    if first and (unit.form == "quarter" or (unit.form == "minute" and not seconds)):
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
            else (measure.unit, float(number_of(unit.numeral) or 0), "more_than")
        )
    number = number_of(unit.numeral)
    if number is None and first and (both := read_approximation(unit.numeral)):
        number = both[1]  # `length` has the other
    if number is None or number < 0 or number > 10**11:
        return None
    if unit.numeral[0] in "十百千万亿" and row.cue(unit, "before", "vague"):
        return None  # 數十年, 上百年
    if measure.unit == "week" and (
        row.cue(unit, "before", "turn") if not word.startswith("个") else _names_day(row, unit)
    ):
        return None
    if measure.unit == "year" and (row.cue(unit, "before", "count") or of_ruler(row, unit)):
        return None
    if first and measure.unit in ("year", "day") and row.cue(unit, "after", "event"):
        return None
    if (
        unit.form == "year"
        and unit.numeral.isascii()
        and len(unit.numeral) == 4
        and 1000 <= number <= 2200
        and number % 100
        and not unit.word.startswith(("多", "余"))
        and not row.is_compared(unit)
    ):
        return None
    if first and unit.numeral and word != "周年" and row.before(unit.start, "第"):
        return None
    if unit.form == "day" and first and word == "日" and row.before(unit.start, "月"):
        return None
    if (
        first
        and number == 1
        and (row.cue(unit, "before", "one") or _once_upon(row, unit))
        and unit.form in ("year", "day", "span")
        and measure.unit in ("year", "day")
    ):
        return None
    return measure.unit, float(number) + measure.add, measure.modifier  # type: ignore[return-value]
