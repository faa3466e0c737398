"""Clock times: 凌晨4時15分, 下午五點半, 17:55:23."""

from __future__ import annotations

import re

from pipeline.mentions.date import lexicon
from pipeline.mentions.date.row import JOIN, Row, Unit, number_of
from pipeline.mentions.date.value import Parts

# 極點和零點: before another point's name no hour.
_POINTS = re.compile("[^0-9〇零一二三四五六七八九十]点[、和与及或]$")


def add_hour(
    row: Row,
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
            k + 1 < len(row.units)
            and row.units[k + 1].form in ("minute", "quarter-hour")
            and row.units[k + 1].begin == unit.end
        )
        half = row.folded.startswith(("半", "整"), unit.end) and not row.folded.startswith(
            ("半岛", "整个"), unit.end
        )
        ranged = (after is not None and after.clock is not None) or _runs_on(row, k)
        about = word == "点" and row.folded.startswith(("左右", "前后", "许", "多钟"), unit.end)
        if not (minutes or half or ranged or about):
            if word == "时" and not unit.numeral.isascii() and 0 < number < 10:
                return None
            if word == "点":
                if _POINTS.search(row.folded, max(0, unit.start - 3), unit.start):
                    return None
                follow = row.folded[unit.end : unit.end + 1]
                cued = row.before(
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
    if row.before(unit.start, "第"):
        return None
    part = unit.head
    if (
        not part
        and after is not None
        and after.clock
        and number < int(after.clock[:2]) <= number + 12
    ):
        part = "pm"  # 下午5時至6時
    return parts._replace(clock=clock_text(hour_of_day(number, part)))


def _runs_on(row: Row, k: int) -> bool:
    """Whether another hour ends a range that this one begins: 9點到11點."""
    if k + 1 >= len(row.units) or row.units[k + 1].form != "hour":
        return False
    return bool(JOIN.fullmatch(row.folded, row.units[k].end, row.units[k + 1].begin))


def add_minutes(row: Row, parts: Parts, unit: Unit, k: int) -> tuple[Parts, int, int]:
    """Minutes and seconds after an hour."""
    folded, units, end = row.folded, row.units, unit.end
    if unit.form == "clock":
        return parts, end, k
    hour = int(parts.clock[:2]) if parts.clock else 0
    minute: int | None = None
    second: float | None = None
    if folded.startswith("半", end) and not folded.startswith("半岛", end):
        minute, end = 30, end + 1
        k = row.skip(k, end)
    elif folded.startswith("整", end) and not folded.startswith("整个", end):
        end += 1
    elif k < len(units) and units[k].form == "quarter-hour" and units[k].begin == end:
        quarters = number_of(units[k].numeral)
        if quarters in (1, 2, 3):
            minute, end, k = 15 * int(quarters), units[k].end, k + 1
    elif (
        k < len(units) and units[k].form in ("minute", "bare-minute") and units[k].begin - end <= 1
    ):
        value = number_of(units[k].numeral)
        if isinstance(value, int) and 0 <= value < 60:
            minute, end, k = value, units[k].end, k + 1
            if k < len(units) and units[k].form == "second" and units[k].begin - end <= 1:
                seconds = number_of(units[k].numeral)
                if seconds is not None and 0 <= seconds < 60:
                    second, end, k = seconds, units[k].end, k + 1
    else:
        bare = re.compile(
            r"[0-5][0-9](?![0-9])|[二三四五]?十[一二三四五六七八九]?(?![一-鿿])"
        ).match(folded, end)
        if bare and unit.word.strip() == "点":
            value = number_of(bare.group())
            if isinstance(value, int) and value < 60:
                minute, end = value, bare.end()
                k = row.skip(k, end)
    return parts._replace(clock=clock_text(hour, minute, second)), end, k


def written_clock(hour: int, minute: int, second: str | None, part: str) -> str:
    """The clock time of digits as they were written, in a part of the day."""
    return clock_text(hour_of_day(hour, part), minute, float(second) if second else None)


def hour_of_day(number: int, part: str) -> int:
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


def clock_text(hour: int, minute: int | None = None, second: float | None = None) -> str:
    """ISO 8601: 09:00, 09:30, 01:47:15.9."""
    text = f"{hour:02d}:{minute or 0:02d}"
    if second is not None:
        whole, fraction = divmod(round(float(second) * 10**6), 10**6)
        text += f":{whole:02d}" + (f".{fraction:06d}".rstrip("0") if fraction else "")
    return text
