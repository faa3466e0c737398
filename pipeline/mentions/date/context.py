"""What a date leaves open is filled from the dates before it in the article.

One pass in reading order. A date that is settled becomes an *anchor* for those after it:

- A bare 7月24日 or 26日, and words that count (同年, 翌日, 兩年後), take the nearest anchor that is fine
  enough, in their own block or in an earlier one of their section. A coarser date in between
  closes it off: after 「1941年8月… 1943年…」, 兩個月後 has nothing to count from.
- A length of time after an event (入伍27年以後) counts from the date told beside an earlier mention of
  that event, and from no other.
- What stands in brackets or quotes is an aside: it may use anchors but is none for what follows
  outside. So is a range over more than one year, as 1879–1955.
- What counts (翌年, 兩年後) at the head of a section goes on from the section before it.
- Else a section begins with the article's own year, then with the dates of the headings over it, and
  the years that the sections it is part of had come to. The
  own year is the one in the title, else the only one that the lead's prose names; where it is
  the title's, what counts from it (1個月後) counts from the lead's first date in that year. With
  none of these it begins, in doubt, with the year that the section before it had come to.
- After all of these a reference date counts, where one is given.

A date that runs backwards from its anchor in the same block looks back (12月7日 … 11月26日), or, from
the end of a year to the beginning of one, is of the next; its low confidence says that it may be
otherwise. Where not even that is likely (28日 … 3日), and for a day that does not exist, there is no
value: `unresolved`.
"""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from pipeline.fold import fold
from pipeline.mentions.date.value import (
    WEEKEND,
    DateReading,
    Day,
    Fixed,
    Parts,
    add_days,
    add_months,
    days_covered,
    narrowed,
    settle,
    to_date,
)
from pipeline.records import DateMention, DateResolution, Document, Precision

_ASIDE = re.compile(r"[（(][^（()）\n]{0,300}[)）]|[「『“][^「」『』“”\n]{0,300}[」』”]")
# Between the ends of a stretch that are dates of their own: 從1942年7月持續到1943年2月.
_LASTS = re.compile("[^，。；、,;]{0,6}(?:到|至)")
_YEAR = re.compile(r"(?<![0-9])(1[0-9]{3}|20[0-9]{2})(?=年|-|–|/|$|\D)")
# The century that 本世纪 and the latest that 80年代 may be in, where no reference date says.
_PRESENT = 2026
_REPUBLIC = 1912  # when the calendar of the reigns ended
# Decades of no century before it are told of beside a year or decade of theirs.
_LONG_GONE = 1900
# How many dates back a date may look; a text of one date over and over shall not take forever.
_MEMORY = 64
# Forms that are vague where the text gives nothing to count from: 年底 of no year, 次週 of no day.
_VAGUE_ALONE = frozenset(["bare-part", "third", "half-year", "relative-week", "relative-quarter"])
_CONFIDENCE = {"explicit": 1.0, "inherited": 0.9, "relative": 0.85, "unresolved": 0.5}
_DOUBTFUL = 0.6
_OPEN = (None, None, None)
_STOP, _CLAUSE = re.compile("[。！？；!?;\\n]"), re.compile("[，。！？；、,!?;\\n]")
# Characters beside a date that tell what happened then, and before a length of time.
_SENTENCE, _CLAUSE_REACH, _EVENT_REACH = 40, 20, 16
# The block of an anchor that only the section before gives.
_BEFORE = -2
_LUNAR_MONTH = 30  # the shorter ones have 29 days
# So much earlier than its anchor, a bare day is not of the same month, a month not of the same year.
_TURNED_DAYS, _TURNED_MONTHS = 20, 9
_STRETCH_YEARS = 9
# Up to so many months back it is one that was told of late.
_BACK_MONTHS = 4
_FINENESS = {
    "century": 0,
    "decade": 0,
    "year": 1,
    "quarter": 2,
    "month": 2,
    "week": 3,
    "day": 3,
    "hour": 4,
}


class _Anchor(NamedTuple):
    """A date that others may count from; `mention` is its index, or None for the article's own."""

    year: int
    month: int | None
    day: int | None
    clock: str | None
    mention: int | None
    block: int
    calendar: str
    parts: Parts = Parts()

    @property
    def fineness(self) -> int:
        if self.day is None:
            return 1 if self.month is None else 2
        return 4 if self.clock else 3


class _Settled(NamedTuple):
    """What a mention is settled as; by default, nothing."""

    value: str | None = None
    first: Day | None = None
    last: Day | None = None
    precision: Precision | None = None
    resolution: DateResolution = "unresolved"
    anchor: int | None = None
    calendar: str = "gregorian"


def resolve(
    readings: Sequence[tuple[int, int, str, DateReading]],
    document: Document,
    *,
    reference: dt.date | None = None,
) -> tuple[DateMention, ...]:
    """The readings (start, end, rule, reading), in order, as mentions with their values.

    Words that count from the time of writing (今年, 昨天) are mentions only with a `reference`.
    """
    return _Resolver(document, reference).run(readings)


class _Resolver:
    def __init__(self, document: Document, reference: dt.date | None) -> None:
        self.document = document
        self.reference = reference
        self.block_starts = [block.start for block in document.blocks]
        self.asides: dict[int, list[tuple[int, int]]] = {}
        self.anchors: list[_Anchor] = []
        self.headings: dict[int, _Anchor] = {}
        self.come_to: dict[int, _Anchor] = {}  # the last year of each section's own text
        self.title = _title_anchor(document.title)
        self.lead: list[_Anchor] = []
        self.own: list[_Anchor] | None = None  # once the lead is read
        # The aside that the mention at hand is in, and the last dates of the last aside.
        self.here: tuple[int, int] | None = None
        self.inner: tuple[tuple[int, int] | None, list[_Anchor]] = (None, [])
        self.before: list[_Anchor] = []
        self.mentions: list[DateMention] = []
        # The last century or decade: its first year, its mention and block.
        self.long: tuple[int, int, int] | None = None
        self.doubtful = False  # whether the mention at hand runs backwards
        self.at, self.since = 0, ""  # where it starts, and the event that it counts from
        # The last stretch over several years: its days, block and last mention.
        self.stretch: tuple[Day, Day, int, int] | None = None
        self.reigned = False  # whether a year of a Chinese reign was named

    def run(self, readings: Sequence[tuple[int, int, str, DateReading]]) -> tuple[DateMention, ...]:
        section = -1
        for start, end, rule, reading in readings:
            block = self._block(start)
            here = self.document.blocks[block].section if self.document.blocks else 0
            if here != section:
                self.before = [a for a in self.anchors if a.block >= 0] or self.before
                section, self.anchors = here, self._opening(here)
                if not here and self.title:
                    self.anchors = [self.title]
            self._one(start, end, rule, reading, block)
        return tuple(self.mentions)

    def _block(self, start: int) -> int:
        return max(0, bisect_right(self.block_starts, start) - 1)

    def _opening(self, section: int) -> list[_Anchor]:
        """What a section begins with: the article's own year, then what stands over it."""
        anchors = self._own() if section else []
        chain: list[_Anchor] = []
        seen: set[int] = set()
        index: int | None = section
        while index is not None and index not in seen and index < len(self.document.sections):
            seen.add(index)
            if index in self.come_to and index:
                chain.append(self.come_to[index])
            if index in self.headings:
                chain.append(self.headings[index])
            index = self.document.sections[index].parent
        if not anchors and not chain and section and self.before:
            return [_year_alone(self.before[-1], _BEFORE)]
        return [*anchors, *(anchor._replace(block=-1) for anchor in reversed(chain))]

    def _own(self) -> list[_Anchor]:
        """The article's own date, as far as its title and lead agree on one."""
        if self.own is None:
            years = {anchor.year for anchor in self.lead}
            self.own = []
            if self.title is not None:
                same = [anchor for anchor in self.lead if anchor.year == self.title.year]
                self.own = [same[0]._replace(block=-1) if same else self.title]
            elif len(years) == 1:
                self.own = [_year_alone(self.lead[0], -1)]
        return self.own

    def _aside(self, block: int, start: int) -> tuple[int, int] | None:
        """The brackets or quotes that `start` stands in."""
        if not self.document.blocks:
            return None
        if block not in self.asides:
            a, b = self.document.blocks[block].start, self.document.blocks[block].end
            self.asides[block] = [m.span() for m in _ASIDE.finditer(self.document.text, a, b)]
        spans = self.asides[block]
        index = bisect_right(spans, (start, len(self.document.text))) - 1
        return spans[index] if index >= 0 and start < spans[index][1] else None

    # --- One mention

    def _one(self, start: int, end: int, rule: str, reading: DateReading, block: int) -> None:
        self.at, self.since = start, reading.since
        self.doubtful = False
        first, last = reading.first, reading.last
        self.here = self._aside(block, start) if first is not None else None
        if not self.reference and (_is_told_from_now(first) or _is_told_from_now(last)):
            return
        if reading.elided is not None and (elided := self._elided(reading.elided, block)):
            rule, first = "reign-year", elided
            reading = DateReading("date", elided, modifier=reading.modifier)
        if first is None:
            self._add(start, end, rule, reading, _explicit(reading.value))
            return
        if reading.ambiguous_day and not self._day_fits(first, block):
            self._add_days(start, end, rule, reading, first)
            return
        if reading.kind == "time" and first.clock and _is_bare_clock(first) and not last:
            self._add(start, end, rule, reading, _explicit(f"T{first.clock}"))
            return
        if last and first.clock and last.clock and _is_bare_clock(first):
            value = f"T{first.clock}/T{last.clock}"
            self._add(start, end, rule, reading, _explicit(value))
            return
        decades = last is not None and first.decade is not None and first.century is None
        if decades and last is not None and last.century is None:
            # 二三十年代 are of the century that the later one is of.
            fixed, resolution, anchor = self._fill(last, block)
            century = fixed.start[0] // 100 + 1 if fixed else None
            fixed = settle(first._replace(century=century)) if fixed else None
        else:
            fixed, resolution, anchor = self._fill(first, block, ranged=last is not None)
        if fixed is None and rule in _VAGUE_ALONE:
            return
        if rule == "bare-part":
            resolution = "inherited"
        if last is not None:
            self._add_range(start, end, rule, reading, last, block, fixed, resolution, anchor)
            return
        if fixed is not None and fixed.precision == "interval" and reading.kind == "date":
            reading = reading._replace(kind="interval")  # a lunar month
        if fixed is not None and reading.kind == "time" and fixed.parts.clock is None:
            reading = reading._replace(kind="date")  # 24小時後 of a day
        if fixed is None:
            self._add(start, end, rule, reading, _Settled(calendar=first.calendar))
            return
        weeks = bool(first.shift) and first.shift[-1][0] == "week" and fixed.precision == "day"
        days = _week_of(fixed) if weeks else narrowed(fixed)
        if reading.open_end:
            value = f"{fixed.value.split('/')[0]}/.."
            settled = _Settled(
                value, days.start, None, "interval", resolution, anchor, first.calendar
            )
        elif reading.open_start:
            value = f"../{fixed.value.split('/')[-1]}"
            settled = _Settled(
                value, None, days.end, "interval", resolution, anchor, first.calendar
            )
        else:
            precision = None if reading.kind == "time" or weeks else fixed.precision
            covers = reading.covers if reading.kind in ("date", "time") else None
            if first.shift and (anchor is not None or self.anchors or self.before):
                covers = None  # 三年以後 told from a date of the text is the year itself
            opened = days_covered(days, covers, whole=reading.kind == "date")
            settled = _Settled(fixed.value, *opened, precision, resolution, anchor, first.calendar)
        self._add(start, end, rule, reading, settled)
        self._remember(fixed, start, block)

    def _add_range(
        self, start: int, end: int, rule: str, reading: DateReading, last: Parts, block: int,
        fixed: Fixed | None, resolution: DateResolution, anchor: int | None,
    ) -> None:  # fmt: skip
        second = None
        if fixed is not None:
            counts = last.shift or (last.relative and last.relative[0] == "century")
            second = self._fill(last, block)[0] if counts else self._fill_end(last, fixed)
        if fixed is None or second is None or second.end < fixed.start:
            self._add(start, end, rule, reading, _Settled())
            return
        a, b = fixed.value.split("/")[0], second.value.split("/")[-1]
        ends = narrowed(fixed).start, narrowed(second).end
        if ends[1] < ends[0]:  # 年底至12月5日
            ends = fixed.start, second.end
        settled = _Settled(f"{a}/{b}", *ends, "interval", resolution, anchor, last.calendar)
        self._add(start, end, rule, reading, settled)
        if fixed.year and second.year and 0 < second.year - fixed.year <= _STRETCH_YEARS:
            self.stretch = (fixed.start, second.end, block, len(self.mentions) - 1)
        if second.precision == "decade":
            self._remember(second, start, block)
        if fixed.year is not None and fixed.year == second.year:
            same = second if fixed.month == second.month else second._replace(day=None)
            self._remember(same, start, block)

    def _fill_end(self, last: Parts, first: Fixed) -> Fixed | None:
        """The second end of a range, what it lacks taken from the first."""
        anchor = _Anchor(
            first.year or first.start[0], first.month, first.day, None, None, 0, "gregorian"
        )
        if last.short and last.year is not None and last.calendar == "gregorian":
            year = anchor.year // 100 * 100 + last.year
            last = last._replace(year=year if year >= anchor.year else year + 100, short=False)
        if last.century is None and last.decade is not None and last.year is None:
            last = last._replace(century=first.start[0] // 100 + 1)
        if last.relative or last.shift:
            filled = _count(last, anchor)
            return settle(filled) if filled else None
        if last.year is None and last.century is None and last.millennium is None:
            year = anchor.year
            month = last.month
            if month is None and last.day is not None:
                month = anchor.month
            filled = last._replace(year=year, month=month)
            if last.clock and month is None:
                # 5月1日22時至3時 ends on the day after.
                over = bool(first.parts.clock and last.clock < first.parts.clock)
                moved = add_days(first.start, int(over))
                if moved is None:
                    return None
                filled = last._replace(year=moved[0], month=moved[1], day=moved[2])
            fixed = settle(filled)
            if fixed is not None and fixed.end < first.start and last.month is not None:
                fixed = settle(filled._replace(year=year + 1))  # 11月至1月 runs into the next year
            return fixed
        return settle(last)

    def _fill(
        self, parts: Parts, block: int, *, ranged: bool = False
    ) -> tuple[Fixed | None, DateResolution, int | None]:
        """Settle `parts`, with `ranged` the first end of a range; how it was done; the mention it
        counts from."""
        resolution: DateResolution = "explicit"
        anchor: _Anchor | None = None
        if parts.relative or parts.shift:
            resolution = "relative"
            if parts.shift and parts.year is not None:
                return settle(Parts(year=parts.year)), resolution, None
            anchor = self._counting_anchor(parts, block)
            if parts.relative and parts.relative[0] == "century":
                base = self.reference.year if self.reference else _PRESENT
                century = (base - 1) // 100 + 1 + parts.relative[1]
                return settle(parts._replace(century=century)), resolution, None
            filled = _count(parts, anchor) if anchor else None
            if filled is None or anchor is None:
                return None, "unresolved", None
            of_year = parts.relative is not None and parts.relative[0] == "year"
            if self.reigned and of_year and _is_lunar_beside(filled, anchor):
                filled = filled._replace(lunar=True, calendar="chinese")
            parts = filled
        elif parts.sexagenary is not None:
            anchor = self._nearest(1)
            if anchor is None:
                return None, "unresolved", None
            near = anchor.year + (parts.sexagenary - (anchor.year - 4) + 30) % 60 - 30
            if anchor.block != block or abs(near - anchor.year) > 15:
                return None, "unresolved", None  # it may be of another cycle
            return settle(parts._replace(year=near)), "inherited", anchor.mention
        elif parts.short and parts.year is not None:
            parts, anchor = self._full_year(parts, block)
            resolution = "inherited" if anchor and anchor.mention is not None else "explicit"
        elif parts.year is None and parts.century is None and parts.millennium is None:
            resolution = "inherited"
            if parts.decade is not None:
                anchor = self._nearest(1)
                if self.long and self.long[2] == block:
                    # 30年代 after 18世紀, or 80年代 after 1870年代
                    first, mention, _ = self.long
                    if anchor is None or anchor.mention is None or anchor.mention < mention:
                        century = first // 100 + 1
                        return settle(parts._replace(century=century)), resolution, mention
                anchor = anchor or self._reference_anchor()
                if anchor and anchor.block != block and anchor.year < _LONG_GONE:
                    first = self.long[0] if self.long else _LONG_GONE
                    anchor = anchor if first < _LONG_GONE else None
                if anchor is None:
                    # 六十年代 with no date before it is of the twentieth century; 10年代 may not be.
                    if parts.decade < 3:
                        return None, "unresolved", None
                    return settle(parts._replace(century=20)), resolution, None
                year = anchor.year // 100 * 100 + parts.decade * 10
                century = anchor.year // 100 + (0 if year > _PRESENT else 1)
                parts = parts._replace(century=century)
            else:
                yearly = parts.month or parts.holiday or parts.season or parts.months
                need = 1 if yearly else 2
                within = self._within_stretch(parts, block)
                if within is not None:
                    return within, resolution, self.stretch[3] if self.stretch else None
                anchor = self._inheriting_anchor(need)
                if anchor is None:
                    return self._from_reference(parts)
                fixed = settle(_inherit(parts, anchor))
                if fixed is None:
                    return None, "unresolved", None
                self.doubtful = anchor.block == _BEFORE
                if anchor.block == block and _backwards(fixed, anchor):
                    self.doubtful = True
                    fixed = _looking_back(parts, fixed, anchor, ranged=ranged)
                    if fixed is None:
                        return None, "unresolved", None
                return fixed, resolution, anchor.mention
        fixed = settle(parts)
        if fixed is None:
            return None, "unresolved", None
        return fixed, resolution, anchor.mention if anchor else None

    def _within_stretch(self, parts: Parts, block: int) -> Fixed | None:
        """A bare month or day right after a stretch over several years, of the one it falls into."""
        if self.stretch is None or self.stretch[2:] != (block, len(self.mentions) - 1):
            return None
        first, last = self.stretch[:2]
        years = range(first[0], last[0] + 1) if parts.month and not parts.lunar else ()
        dates = [settle(parts._replace(year=year)) for year in years]
        inside = [date for date in dates if date and first <= date.start and date.end <= last]
        return inside[0] if len(inside) == 1 else None

    def _elided(self, number: int, block: int) -> Parts | None:
        """The year of the reign that the block is in, if it follows the last one named."""
        for anchor in reversed(self.anchors[-_MEMORY:]):
            if anchor.block != block:
                return None
            reign = anchor.parts.reign
            if reign is not None:
                late = reign + number - 1
                fits = anchor.year <= late <= anchor.year + 30
                return Parts(year=late, calendar=anchor.calendar, reign=reign) if fits else None
        return None

    # --- Anchors

    def _nearest(self, need: int) -> _Anchor | None:
        """The nearest anchor at least as fine as `need`, unless a later one disagrees with it."""
        anchors = self.anchors[-_MEMORY:]
        if self.here is not None and self.here == self.inner[0]:
            anchors += self.inner[1]
        latest = anchors[-1] if anchors else None
        for anchor in reversed(anchors):
            if latest is not None and anchor.year != latest.year:
                return None
            if anchor.fineness >= need:
                return anchor
        return None

    def _inheriting_anchor(self, need: int) -> _Anchor | None:
        """A bare day takes its month from its own section, a bare month its year from farther too."""
        anchor = self._nearest(need)
        return None if anchor and need > 1 and anchor.block < 0 else anchor

    def _counting_anchor(self, parts: Parts, block: int) -> _Anchor | None:
        if parts.deictic:
            return self._reference_anchor()
        if self.since:
            return self._event_anchor(self.since)
        if parts.relative:
            need = _FINENESS[parts.relative[0]]
        else:
            need = max(_FINENESS.get(unit, 4) for unit, _ in parts.shift)
            if any(unit in ("year",) and amount != int(amount) for unit, amount in parts.shift):
                need = max(need, 2)
            if any(unit == "year" and amount <= -100 for unit, amount in parts.shift):
                return self._reference_anchor()
            need = 3 if _whole_days(parts) else min(need, 4)
        anchor = self._nearest(need)
        if anchor is None and not any(anchor.block >= 0 for anchor in self.anchors):
            # A section that opens with 翌年 goes on from the one before it.
            last = self.before[-1] if self.before else None
            anchor = last if last and last.fineness >= need else None
        return anchor or (None if self.anchors or self.before else self._reference_anchor())

    def _event_anchor(self, event: str) -> _Anchor | None:
        """The date told beside an earlier mention of `event`: 1941年 in 1941年入伍 … 入伍27年以後."""
        text = self.document.text
        phrase = fold(text[max(0, self.at - _EVENT_REACH) : self.at]).rfind(event)
        limit = max(0, self.at - _EVENT_REACH) + phrase
        for anchor in reversed(self.anchors[-_MEMORY:]):
            if anchor.mention is None:
                continue
            told = self.mentions[anchor.mention]
            follows = self.mentions[anchor.mention + 1 : anchor.mention + 2]
            stop = min([limit, told.end + _SENTENCE, *(one.start for one in follows)])
            after = _STOP.split(text[told.end : max(told.end, stop)])[0]
            before = _CLAUSE.split(text[max(0, told.start - _CLAUSE_REACH) : told.start])[-1]
            if event in fold(after) or event in fold(before):
                return anchor
        return None

    def _reference_anchor(self) -> _Anchor | None:
        day = self.reference
        return _Anchor(day.year, day.month, day.day, None, None, -1, "gregorian") if day else None

    def _full_year(self, parts: Parts, block: int) -> tuple[Parts, _Anchor | None]:
        """A year of two digits: of the nearest date's era or century, else of 1930 to 2029."""
        assert parts.year is not None
        anchor = self._nearest(1)
        if anchor is not None and anchor.calendar == "minguo":
            return parts._replace(year=parts.year + 1911, short=False, calendar="minguo"), anchor
        if anchor is not None:
            year = anchor.year // 100 * 100 + parts.year
            year += 100 if year < anchor.year - 50 else -100 if year > anchor.year + 50 else 0
            return parts._replace(year=year, short=False), anchor
        return parts._replace(
            year=parts.year + (2000 if parts.year < 30 else 1900), short=False
        ), None

    def _from_reference(self, parts: Parts) -> tuple[Fixed | None, DateResolution, int | None]:
        anchor = self._reference_anchor()
        if anchor is None or self.anchors:
            return None, "unresolved", None
        if parts.month is None and parts.day is not None:
            parts = parts._replace(month=anchor.month)
            fixed = settle(parts._replace(year=anchor.year))
            if fixed is None:  # the 31st of a shorter month: the last one that had it
                before = add_months((anchor.year, anchor.month or 1, 1), -1)
                fixed = settle(parts._replace(year=before[0], month=before[1]))
            return fixed, "inherited" if fixed else "unresolved", None
        for years in (0, -1, -2, -3, -4) if (parts.month, parts.day) == (2, 29) else (0,):
            fixed = settle(parts._replace(year=anchor.year + years))
            if fixed is not None:
                return fixed, "inherited", None
        return None, "unresolved", None

    def _day_fits(self, parts: Parts, block: int) -> bool:
        """Whether a lone 三日 is a day of the month: a date in this block is as fine as a day."""
        anchor = self._nearest(3)
        return bool(
            anchor and anchor.block == block and parts.day and anchor.day and parts.day > anchor.day
        )

    def _remember(self, fixed: Fixed, start: int, block: int) -> None:
        parts, aside = fixed.parts, self.here
        self.reigned = self.reigned or (parts.reign is not None and parts.calendar == "chinese")
        if fixed.year is None:
            if aside is None and fixed.precision in ("century", "decade") and fixed.start[0] > 0:
                self.long = (fixed.start[0], len(self.mentions) - 1, block)
            return
        anchor = _Anchor(
            fixed.year,
            fixed.month,
            fixed.day,
            parts.clock,
            len(self.mentions) - 1,
            block,
            parts.calendar,
            parts,
        )
        if aside is not None:
            kept = self.inner[1] if self.inner[0] == aside else []
            self.inner = (aside, [*kept[-1:], anchor])
            return
        before = self.anchors[-1] if self.anchors else None
        near = before and before.year < fixed.year <= before.year + _STRETCH_YEARS
        if before and near and before.mention == len(self.mentions) - 2:
            between = self.document.text[self.mentions[-2].end : start]
            if _LASTS.fullmatch(between):
                since = (before.year, before.month or 1, before.day or 1)
                self.stretch = (since, fixed.end, block, len(self.mentions) - 1)
        self.anchors.append(anchor)
        if not self.document.blocks:
            return
        here = self.document.blocks[block]
        if here.kind == "heading":
            self.headings[here.section] = anchor
        else:
            self.come_to[here.section] = _year_alone(anchor, -1)
        if here.section == 0 and here.kind == "paragraph":
            self.lead.append(anchor)

    # --- Mentions

    def _add_days(
        self, start: int, end: int, rule: str, reading: DateReading, parts: Parts
    ) -> None:
        """三日 as a length of time."""
        self.mentions.append(
            DateMention(start, end, "span", 0.8, "duration", f"P{parts.day}D", None, None, None,
                        None if reading.modifier in ("before", "after") else reading.modifier, "gregorian", "explicit", None)
        )  # fmt: skip

    def _add(
        self, start: int, end: int, rule: str, reading: DateReading, settled: _Settled
    ) -> None:
        value, first, last, precision, resolution, anchor, calendar = settled
        confidence = _DOUBTFUL if self.doubtful and value else _CONFIDENCE[resolution]
        self.mentions.append(
            DateMention(
                start, end, rule, confidence, reading.kind, value, to_date(first), to_date(last),
                precision, reading.modifier, calendar, resolution, anchor,
            )
        )  # fmt: skip


def _explicit(value: str | None) -> _Settled:
    """What needs no context: a length of time, a repeated one, a clock time."""
    return _Settled(value, resolution="explicit")


def _year_alone(anchor: _Anchor, block: int) -> _Anchor:
    return anchor._replace(month=None, day=None, clock=None, block=block)


def _title_anchor(title: str) -> _Anchor | None:
    years = _YEAR.findall(fold(title))
    if len(set(years)) != 1:
        return None
    return _Anchor(int(years[0]), None, None, None, None, -1, "gregorian")


def _inherit(parts: Parts, anchor: _Anchor) -> Parts:
    """`parts` with the year, and the month where it lacks one, of the anchor; of its own
    calendar, too: in Chinese numerals a month after 永曆十五年 is a lunar one."""
    old = anchor.parts
    lunar = parts.lunar or (parts.han and (old.lunar or old.calendar == "chinese"))
    if lunar and (old.lunar or old.calendar == "chinese") and old.year is not None:
        month = old.month if parts.month is None else parts.month
        return parts._replace(year=old.year, month=month, lunar=True, calendar=old.calendar)
    month = anchor.month if parts.month is None else parts.month
    return parts._replace(year=anchor.year, month=month)


def _is_lunar_beside(parts: Parts, anchor: _Anchor) -> bool:
    """Whether a month in Chinese numerals is a lunar one since dates beside it are in others, as
    in an article on imperial China: 1860年10月18日 … 隔年七月十七日."""
    han_alone = parts.han and anchor.month is not None and not anchor.parts.han
    return han_alone and not parts.lunar and anchor.year < _REPUBLIC


def _is_bare_clock(parts: Parts) -> bool:
    return parts._replace(clock=None) == Parts()


def _is_told_from_now(parts: Parts | None) -> bool:
    """Whether only the time of writing tells which date it is: 昨天, a holiday of no year."""
    if parts is None:
        return False
    if parts.deictic and parts.relative and parts.relative[0] != "century":
        return True
    return parts.holiday is not None and (parts.year, parts.relative, parts.sexagenary) == _OPEN


def _backwards(fixed: Fixed, anchor: _Anchor) -> bool:
    """Whether an inherited date ends before the one it counts from begins."""
    begin = (anchor.year, anchor.month or 1, anchor.day or 1)
    return fixed.end < begin


def _looking_back(parts: Parts, fixed: Fixed, anchor: _Anchor, *, ranged: bool) -> Fixed | None:
    """An inherited date that runs backwards: `fixed`, or of the next year where it turned."""
    if parts.month is None and parts.season is None and anchor.day and parts.day:
        return fixed if anchor.day - parts.day < _TURNED_DAYS else None
    old = anchor.parts.month if anchor.parts.lunar else anchor.month
    if old and parts.month and parts.month <= old - _TURNED_MONTHS:
        return settle(
            _inherit(parts, anchor._replace(year=anchor.year + 1, parts=_next_year(anchor)))
        )
    # Much earlier a month may be of the next year, and 7至9月 those of every year.
    near = parts.month is not None and old is not None and old - parts.month <= _BACK_MONTHS
    return fixed if parts.day or (near and not ranged) else None


def _next_year(anchor: _Anchor) -> Parts:
    year = anchor.parts.year
    return anchor.parts if year is None else anchor.parts._replace(year=year + 1)


def _count(parts: Parts, anchor: _Anchor) -> Parts | None:
    """`parts` counted from `anchor`: 翌年6月, 同月, 翌日, 兩年後."""
    if parts.relative:
        unit, offset = parts.relative
        base: Day = (anchor.year, anchor.month or 1, anchor.day or 1)
        filled = parts._replace(relative=None, deictic=False)
        if unit == "year":
            old = anchor.parts
            lunar = filled.han and old.year is not None and (old.lunar or old.calendar == "chinese")
            if lunar and old.year is not None:
                return filled._replace(year=old.year + offset, lunar=True, calendar=old.calendar)
            return filled._replace(year=anchor.year + offset)
        if unit == "quarter":
            if anchor.month is None:
                return None
            year, month, _ = add_months((base[0], base[1], 1), 3 * offset)
            return filled._replace(year=year, season=33 + (month - 1) // 3)
        if unit == "week":
            return _week(filled, base, offset) if anchor.day is not None else None
        if unit == "month":
            if anchor.month is None:
                return None
            year, month, _ = add_months((base[0], base[1], 1), offset)
            return filled._replace(year=year, month=month)
        if anchor.day is None:
            return None
        old = anchor.parts
        if old.lunar and old.day and 0 < old.day + offset < _LUNAR_MONTH:
            # So that 同年三月 after it is a lunar month too.
            return filled._replace(
                year=old.year, month=old.month, day=old.day + offset, leap=old.leap,
                lunar=True, calendar=old.calendar,
            )  # fmt: skip
        moved = add_days(base, offset)
        return filled._replace(year=moved[0], month=moved[1], day=moved[2]) if moved else None
    return _shifted(parts, anchor)


def _week_of(fixed: Fixed) -> Fixed:
    """`fixed`, a day counted in weeks, with all days of its week: 4週後 is no finer than that."""
    date = to_date(fixed.start)
    if date is None:
        return fixed
    monday = add_days(fixed.start, 1 - date.isoweekday())
    sunday = add_days(fixed.start, 7 - date.isoweekday())
    return fixed._replace(start=monday, end=sunday) if monday and sunday else fixed


def _day_of_year(day: Day) -> int:
    return dt.date(*day).timetuple().tm_yday


def _week(parts: Parts, day: Day, offset: int) -> Parts | None:
    """The week so many after the one that `day` is in, or its day where `parts` names one."""
    date = to_date(day)
    weekday = parts.nth[1] if parts.nth else 0
    if date is None:
        return None
    on = 6 if weekday == WEEKEND else weekday
    moved = add_days(day, 7 * offset + (on - date.isoweekday() if on else 0))
    if moved is None:
        return None
    if weekday == WEEKEND:
        return parts._replace(year=moved[0], nth=((_day_of_year(moved) - 1) // 7 + 1, WEEKEND))
    if weekday:
        return parts._replace(nth=None, year=moved[0], month=moved[1], day=moved[2])
    year, week, _ = dt.date(*moved).isocalendar()
    return parts._replace(year=year, nth=(week, 0))


def _shifted(parts: Parts, anchor: _Anchor) -> Parts | None:
    """A length of time after or before the anchor, no finer than the unit it counts in."""
    day: Day | None = (anchor.year, anchor.month or 1, anchor.day or 1)
    months, days, seconds = 0.0, 0.0, 0.0
    fine = 1
    for unit, amount in parts.shift:
        if unit in ("year", "century", "decade"):
            months += amount * {"year": 12, "decade": 120, "century": 1200}[unit]
            fine = max(fine, 1 if amount == int(amount) else 2)
        elif unit in ("month", "quarter"):
            months += amount * (3 if unit == "quarter" else 1)
            fine = max(fine, 2)
        elif unit in ("week", "day"):
            days += amount * (7 if unit == "week" else 1)
            fine = max(fine, 3)
        else:
            seconds += amount * {"hour": 3600, "minute": 60, "second": 1, "quarter-hour": 900}[unit]
            fine = 4
    if fine == 4:
        return _shifted_clock(parts, anchor, seconds + days * 86400) if not months else None
    assert day is not None
    if months:
        whole = int(months) if months == int(months) else int(months // 1)
        days += (months - whole) * 30
        day = add_months(day, whole)
        if not -9999 < day[0] < 9999:
            return None
    if days:
        day = add_days(day, int(days))
        if day is None:
            return None
    if day[0] > 0 and all(unit == "century" and n == int(n) for unit, n in parts.shift):
        return parts._replace(shift=(), century=(day[0] + 99) // 100)  # 兩個世紀後
    filled = parts._replace(shift=(), year=day[0])
    if fine >= 2:
        if anchor.month is None:
            return None
        filled = filled._replace(month=day[1])
    if fine >= 3:
        if anchor.day is None:
            return None
        filled = filled._replace(day=day[2])
    return filled


def _whole_days(parts: Parts) -> bool:
    """Whether hours make whole days: 24小時後 of a day is the next."""
    return all(unit == "hour" and amount % 24 == 0 for unit, amount in parts.shift)


def _shifted_clock(parts: Parts, anchor: _Anchor, seconds: float) -> Parts | None:
    if anchor.day is None:
        return None
    base = to_date((anchor.year, anchor.month or 1, anchor.day))
    if base is None:
        return None
    if anchor.clock is None:
        if not _whole_days(parts):
            return None
        day = add_days((anchor.year, anchor.month or 1, anchor.day), int(seconds) // 86400)
        return parts._replace(shift=(), year=day[0], month=day[1], day=day[2]) if day else None
    hour, minute, *_ = anchor.clock.split(":")
    try:
        moment = dt.datetime.combine(base, dt.time()) + dt.timedelta(
            hours=int(hour), minutes=int(minute), seconds=seconds
        )
    except OverflowError:
        return None
    hours_only = all(unit == "hour" for unit, _ in parts.shift)
    clock = f"{moment.hour:02d}:{0 if hours_only else moment.minute:02d}"
    return parts._replace(
        shift=(), year=moment.year, month=moment.month, day=moment.day, clock=clock
    )
