"""The lexicons (the CSV files beside this), as lexer words and as tables to look meanings up in.

All words are folded; the tables are keyed by folded words.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple, cast

from pipeline.fold import fold
from pipeline.mentions.date import calendars
from pipeline.mentions.date.value import Covers
from pipeline.mentions.lexemes import Word
from pipeline.mentions.wordlists import read_lexicon
from pipeline.records import DateModifier

_PACKAGE = "pipeline.mentions.date"
_NUMERAL_HEAD = r"(?: ?[0-9]|[〇零一二三四五六七八九十百廿卅元])"
_WEEK_WORDS = ("星期", "周", "礼拜")


def _rows(name: str) -> list[dict[str, str]]:
    rows = read_lexicon(_PACKAGE, f"{name}.csv")
    return [{key: value or "" for key, value in row.items()} for row in rows]


class Measure(NamedTuple):
    """A word that makes a numeral a length of time."""

    unit: str
    add: float = 0.0
    modifier: str | None = None


class Modifier(NamedTuple):
    """What a word of modifiers.csv says."""

    modifier: DateModifier | None
    covers: Covers | None


class Part(NamedTuple):
    modifier: DateModifier
    share: str


class Era(NamedTuple):
    """Its years count from `origin`, backwards where `sign` is −1."""

    sign: int
    origin: int
    calendar: str

    def year(self, number: int) -> int:
        """The astronomical year of its year `number`."""
        return self.origin + self.sign * number


class Relative(NamedTuple):
    unit: str
    offset: int
    deictic: bool
    part: str
    clause: str
    weekday: int = 0


@lru_cache(maxsize=1)
def measures() -> dict[str, Measure]:
    """年 → year, 个月 → month, 余年 → year and more, 个半小时 → hour and a half."""
    found: dict[str, Measure] = {}
    infixes = _rows("infixes")
    for row in _rows("units"):
        if not row["unit"]:
            continue
        found[row["word"]] = Measure(row["unit"], float(row["add"] or 0))
        for infix in infixes if row["measure"] else ():
            if row["unit"] in infix["units"].split():
                found[infix["infix"] + row["word"]] = Measure(
                    row["unit"], int(infix["add"]) / 2, infix["modifier"] or None
                )
    return found


@lru_cache(maxsize=1)
def relatives() -> dict[str, Relative]:
    found: dict[str, Relative] = {}
    for row in _rows("relative"):
        relative = Relative(
            row["unit"], int(row["offset"]), bool(row["deictic"]), row["part"], row["clause"]
        )
        found[row["word"]] = relative
        if relative.unit == "week":
            for day, number in _weekday_numbers().items():
                found[row["word"] + day] = relative._replace(weekday=number)
    return found


@lru_cache(maxsize=1)
def day_parts() -> dict[str, tuple[int, int]]:
    return {row["word"]: (int(row["first"]), int(row["last"])) for row in _rows("day_parts")}


@lru_cache(maxsize=1)
def day_part_before() -> re.Pattern[str]:
    """A part of the day that ends where a clock time begins."""
    return re.compile(f"(?P<part>{_either(_rows('day_parts'), 'word')})(?:的| )?$")


@lru_cache(maxsize=1)
def seasons() -> dict[str, int]:
    return {row["word"]: int(row["code"]) for row in _rows("seasons")}


@lru_cache(maxsize=1)
def halves() -> dict[str, str]:
    return {row["word"]: row["duration"] for row in _rows("half_units")}


@lru_cache(maxsize=1)
def lunar_numbers() -> dict[str, int]:
    return {
        row["word"] + day: int(row["number"]) for row in _rows("lunar_words") for day in ("", "日")
    }


@lru_cache(maxsize=1)
def weekdays() -> dict[str, int]:
    days = _weekday_numbers().items()
    return {week + day: number for week in _WEEK_WORDS for day, number in days}


def _weekday_numbers() -> dict[str, int]:
    return {row["word"]: int(row["number"]) for row in _rows("weekdays")}


@lru_cache(maxsize=1)
def eras() -> dict[str, Era]:
    return {
        row["word"]: Era(int(row["sign"]), int(row["origin"]), row["calendar"] or "gregorian")
        for row in _rows("eras")
    }


@lru_cache(maxsize=1)
def month_calendars() -> dict[str, str]:
    return {row["word"]: row["calendar"] for row in _rows("calendars")}


@lru_cache(maxsize=1)
def english_months() -> dict[str, int]:
    return {row["word"]: int(row["number"]) for row in _rows("english_months")}


@lru_cache(maxsize=1)
def repeated() -> dict[str, str]:
    return {row["word"]: row["duration"] for row in _rows("repeated")}


@lru_cache(maxsize=1)
def thirds() -> dict[str, tuple[int, int]]:
    return {row["word"]: (int(row["first"]), int(row["last"])) for row in _rows("thirds")}


@lru_cache(maxsize=1)
def spans_of_year() -> dict[str, tuple[int, int]]:
    return {row["word"]: (int(row["first"]), int(row["last"])) for row in _rows("spans_of_year")}


@lru_cache(maxsize=1)
def parts() -> dict[str, Part]:
    """Part of a unit → what it says."""
    return {
        row["part"]: Part(cast(DateModifier, row["modifier"]), row["share"])
        for row in _rows("parts")
    }


@lru_cache(maxsize=1)
def shares() -> dict[tuple[str, str, str], tuple[int, int]]:
    """Unit, modifier and share → what of the unit is meant, in the next smaller one."""
    return {
        (row["unit"], row["modifier"], row["share"]): (int(row["first"]), int(row["last"]))
        for row in _rows("shares")
    }


@lru_cache(maxsize=1)
def edge_days() -> dict[str, int]:
    return {row["word"]: int(row["day"]) for row in _rows("edge_days")}


@lru_cache(maxsize=1)
def season_pairs() -> dict[str, tuple[int, int]]:
    return {row["word"]: (int(row["first"]), int(row["last"])) for row in _rows("season_pairs")}


def _either(rows: list[dict[str, str]], key: str) -> str:
    """An alternation of the rows' words, longest first, each with what must not follow it."""
    rows = sorted(rows, key=lambda row: -len(row[key]))
    return "|".join(
        re.escape(row[key]) + (f"(?!{row['not_before']})" if row.get("not_before") else "")
        for row in rows
    )


@cache
def suffix_pattern(unit: str) -> re.Pattern[str]:
    """What may stand after a `unit` inside its span: a named group says which kind it is."""
    groups = []
    part_rows = [row for row in _rows("parts") if unit in row["units"].split()]
    if unit == "year":
        groups.append(rf"(?P<stretch>的?(?:{_either(_rows('spans_of_year'), 'word')}))")
        groups.append(r" ?(?P<latin>q[1-4])(?![0-9a-z])")
        pairs = _either(_rows("season_pairs"), "word")
        groups.append(rf"(?:的|之)?(?P<pair>{pairs})(?:之交|之际|两季|季)?")
        groups.append(rf"(?:的|之)?(?P<season>{_either(_rows('seasons'), 'word')})")
    if unit == "month":
        groups.append(rf"(?P<third>{_either(_rows('thirds'), 'word')})")
        part_rows = [
            {**row, "part": f"月{row['part']}"} for row in part_rows if row["part"] in "初中底末"
        ] + part_rows
    if unit == "year":
        part_rows = [
            {**row, "part": f"年{row['part']}"} for row in part_rows if row["part"] in "初中底末"
        ] + part_rows
    if unit in ("year", "month"):
        groups.append(rf"的?(?P<edge>{_either(_rows('edge_days'), 'word')})")
    if part_rows:
        groups.append(rf"(?:的|之)?(?P<part>{_either(part_rows, 'part')})")
    return re.compile("|".join(groups) or "(?!)")


@lru_cache(maxsize=2)
def modifiers_before(kind: str) -> tuple[str, ...]:
    """The words of modifiers.csv that may stand before a date or duration, longest first."""
    rows = [r for r in _rows("modifiers") if r["side"] == "before" and r["kinds"] in ("", kind)]
    return tuple(sorted((row["word"] for row in rows), key=len, reverse=True))


@lru_cache(maxsize=2)
def modifiers_after(kind: str) -> re.Pattern[str]:
    rows = [r for r in _rows("modifiers") if r["side"] == "after" and r["kinds"] in ("", kind)]
    return re.compile(rf" ?(?P<word>{_either(rows, 'word')})")


@cache
def cues(side: str, says: str) -> tuple[str, ...]:
    """The words of cues.csv that say so before or after a numeral."""
    return tuple(row["word"] for row in _rows("cues") if (row["side"], row["says"]) == (side, says))


@lru_cache(maxsize=2)
def recurring(*, strong: bool) -> dict[str, re.Pattern[str]]:
    """Word → what must follow it, of those that make a month of no year one of every year."""
    return {
        row["word"]: re.compile(
            f"(?!{row['not_before'] or '(?!)'})(?:{row['strong'] if strong else ''})"
        )
        for row in _rows("recurring")
        if row["strong"] or not strong
    }


@lru_cache(maxsize=1)
def rulers() -> tuple[tuple[str, ...], re.Pattern[str]]:
    """What rulers are called ends in, and how it looks with what goes before."""
    rows = _rows("rulers")
    names = "|".join(row["after"] + row["word"] for row in rows)
    return tuple(row["word"] for row in rows), re.compile(f"(?:{names})$")


@lru_cache(maxsize=1)
def modifier_meanings() -> dict[tuple[str, str], Modifier]:
    """Side and word → what it says of the date or length of time beside it."""
    return {
        (row["side"], row["word"]): Modifier(
            cast("DateModifier | None", row["modifier"] or None),
            cast("Covers | None", row["covers"] or None),
        )
        for row in _rows("modifiers")
    }


@lru_cache(maxsize=1)
def words() -> dict[str, Word]:
    """Every word the lexer shall know for dates, with its class."""
    found: dict[str, Word] = {}

    def add(word: str, date_class: str, not_before: str = "", *, attached: bool = False) -> None:
        found[fold(word)] = Word(date_class, "", not_before, attached)

    reign_parts = [row for row in _rows("parts") if "reign" in row["units"].split()]
    after = "年?间|" + _either(reign_parts, "part")
    for word in calendars.reigns():
        outside = rf"(?!{_NUMERAL_HEAD}|{after}|[{calendars.STEMS}][{calendars.BRANCHES}])"
        if word[0] in "元章升重":  # 第三章和第四章, 五元和六元
            outside += rf"|(?<=[0-9零〇一二两三四五六七八九十百千万亿]{word})"
        add(word, "REIGN", outside)
    for word in calendars.SEXAGENARY:
        add(word, "SEXAGENARY", r"(?!年)")
        add(word + "年", "SEXAGENARY", r"代|级")
    for word, measure in measures().items():
        for form in (word, " " + word):
            add(form, "SPAN", attached=not measure.add)  # 個半小時 may stand alone
    for row in _rows("units"):
        for form in (row["word"], " " + row["word"]):
            add(form, row["class"], row["not_before"], attached=not row["add"])
    add("元年", "FIRST_YEAR")
    for row in reign_parts:
        add(row["part"], "REIGN_PART", row["not_before"])
    add("间", "REIGN_PART")
    for part in ("初", "末", "间"):
        found[part] = found[part]._replace(attached=True)
    for word in spans_of_year():
        add(word, "HALF_YEAR")
    for word in thirds():
        add(word, "THIRD")
    for row in _rows("holidays"):
        add(row["word"], "HOLIDAY")
    for row in _rows("lunar_words"):
        add(row["word"], row["class"])
        if row["class"] == "LUNAR_DAY":
            add(row["word"] + "日", row["class"])
    for row in _rows("relative"):
        name = f"RELATIVE_{row['unit'].upper()}"
        add(row["word"], name, row["not_before"])
        if row["unit"] == "week":
            for day in _weekday_numbers():
                add(row["word"] + day, name)
    for row in _rows("seasons"):
        if len(row["word"]) > 1:
            add(row["word"], "SEASON", row["not_before"])
    for word in weekdays():
        counted = rf"(?<=[0-9一二两三四五六七八九十]{word})[个次班期度回届集场份轮]"  # 兩周一次
        add(word, "WEEKDAY", rf"[0-9一二三四五六七八九十]?[刊报]|{counted}")
    for word in halves():
        add(word, "HALF")
    for row in _rows("eras"):
        add(row["word"], "ERA", row["not_before"])
    for row in _rows("calendars"):
        if row["word"] not in found:  # 公历 is both; the era's class serves both
            add(row["word"], "CALENDAR")
    for word in english_months():
        add(word, "ENGLISH_MONTH", "[a-z]")
    for row in _rows("repeated"):
        add(row["word"], "EVERY", row["not_before"])
    for row in _rows("refusals"):
        add(row["word"], "REFUSED", row["not_before"])
    return found
