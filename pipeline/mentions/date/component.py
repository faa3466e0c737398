"""The spaCy component `wikifacts_dates`: lexemes → `doc.spans["dates"]`.

A span's `id_` is its rule, `span._.reading` its `DateReading`; what it leaves open is filled
by `context.resolve` when the whole article has been read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.mentions.date import calendars, lexicon
from pipeline.mentions.date.clock import written_clock
from pipeline.mentions.date.patterns import UNITS, notations
from pipeline.mentions.date.reading import read
from pipeline.mentions.date.row import Unit, number_of
from pipeline.mentions.date.value import Parts
from pipeline.mentions.date.years import is_reign
from pipeline.mentions.found import Found, extend_spacy, folded_of, put
from pipeline.mentions.lexemes import NUM, Classes, Forms, Lexeme, Match, Word

# Between the two numerals of a range that share a unit: 1941至45年, 6–8月, 五、六月.
_JOINERS = frozenset(["-", "–", "—", "~", "至", "到", "/", "——", "‐", "‑", "―", "--"])
_ERA_LEFT = re.compile(
    r"(?:公元|西元|纪元)?前(?P<year>[0-9]{1,4}|[一二三四五六七八九十]{1,3})(?: ?[-–—~至到] ?)$"
)
_TITLE = re.compile(r"《[^《》\n]{0,80}》")
_YEAR = re.compile("1[0-9]{3}|20[0-9]{2}")
_DECADE_NAMED = re.compile("(?P<year>[12][0-9]{3})(?P<rest>[一二三四五六七八九十百]+)$")
_OPENS = frozenset("(-–—")
# Where the numeral of a form stands in it.
_NUMERAL_AT = {
    form: unit.classes.index(NUM) if NUM in unit.classes else 0 for form, unit in UNITS.items()
}
_LISTED = frozenset(["year", "decade", "century", "month", "day"])
# What may stand before no date: 第5、6月.
_STUCK = frozenset("第.-:/")
_LISTS = frozenset("、")
_BETWEEN_LISTED = frozenset(["和", "及", "与", "、", "或", "以及"])
# What a year without its 年 stands beside: 在1925才獲釋, 541春天.
_BEFORE_YEAR, _SEASONS = frozenset("于在自从至到"), frozenset("春夏秋冬")
_UNITS = frozenset("年月日")
_YEAR_NOTATIONS = ["told-year", "season-year"]
_ENDS_CLAUSE = frozenset(",。;、)")
_ISO_MONTH = re.compile("[0-9]{4}-(?:0[1-9]|1[0-2])$")
# What follows the first numeral of a date in digits; nothing does at the end of the text.
_MARKS = frozenset(("", *"-/.:)\n –—~至到s'’初末底"))


def words() -> dict[str, Word]:
    """Every word of the date lexicons, with its class."""
    return lexicon.words()


@Language.factory("wikifacts_dates")
def create(nlp: Language, name: str) -> DateFinder:
    extend_spacy()
    return DateFinder()


class DateFinder:
    """Needs `doc._.lexemes`."""

    def __init__(self) -> None:
        self._forms = Forms(
            {form: [[{"ORTH": name} for name in unit.classes]] for form, unit in UNITS.items()}
        )

    def __call__(self, doc: Doc) -> Doc:
        folded = folded_of(doc)
        found = []
        titles = [match.span() for match in _TITLE.finditer(folded)] if "《" in folded else []
        for item in read(folded, self.units(doc._.lexemes, folded)):
            if titles and any(start < item.start < end for start, end in titles):
                continue  # 《1984》 is a work
            found.append(Found(item.start, item.end, item.rule, item.reading))
        put(doc, "dates", found)
        return doc

    def units(self, lexemes: list[Lexeme], folded: str) -> list[Unit]:
        """The units in the folded text that `lexemes` cover, in order."""
        units: list[Unit] = []
        written = list(_notations(lexemes, folded))
        if " " in folded:  # 公元 79 年, 1941 - 1945 年
            lexemes = [lexeme for lexeme in lexemes if lexeme.word.strip(" ")]
        for first, stop in _runs(lexemes):
            classes = tuple([lexeme.date_class for lexeme in lexemes[first:stop]])
            for name, start, end in self._matches(classes):
                if name == "one-and-half" and not _one_and_half(lexemes, first + start):
                    continue
                unit = _unit(name, first + start, first + end, lexemes, folded)
                if name in _LISTED:
                    listed = _listed(lexemes, unit, first + start, folded)
                    if len(listed) > 1 or (listed and not unit.left):
                        unit = unit._replace(left="", left_start=-1)
                        units.extend(listed)
                if name == "reign-period":
                    units.extend(_reigns_listed(unit, folded))
                if name == "year" and unit.left and (years := _DECADE_NAMED.match(unit.numeral)):
                    units.extend(_years_named(unit, years))
                else:
                    units.append(unit)
        return _merge(units, written)

    def _matches(self, classes: Classes) -> Iterator[Match]:
        """The longest matches in a run from the left, none overlapping."""
        position = 0
        for match in self._forms.match(classes):
            if match.start >= position:
                position = match.end
                yield match


def _runs(lexemes: list[Lexeme]) -> Iterator[tuple[int, int]]:
    """Stretches of lexemes of some class, with more in them than numerals."""
    first, worth = -1, False
    for index, lexeme in enumerate(lexemes):
        name = lexeme.date_class
        if name and name != "REFUSED":
            first = index if first < 0 else first
            worth = worth or name != NUM
        elif first >= 0:
            if worth:
                yield first, index
            first, worth = -1, False
    if worth:
        yield first, len(lexemes)


def _unit(form: str, first: int, stop: int, lexemes: list[Lexeme], folded: str) -> Unit:
    """The unit of lexemes [first, stop), with what belongs to it on its left."""
    at = first + _NUMERAL_AT[form]
    numeral = lexemes[at].word if lexemes[at].date_class == NUM else ""
    start, end, word = lexemes[first].start, lexemes[stop - 1].end, lexemes[stop - 1].word
    head = lexemes[first].word if stop - first > 1 and at != first else ""
    if form.startswith("reign"):
        head = lexemes[first].word
    if form == "era-year" and head == "前":
        before = folded[max(0, start - 1) : start]
        # 前30年 is before Christ only in brackets, as in （前30年－14年）.
        if before in lexicon.cues("before", "word") or (len(numeral) < 3 and before not in _OPENS):
            form, start, head, first = "year", lexemes[at].start, "", at
    if form == "reign-year" and not is_reign(folded, head, start, end):
        form, start, head, first = "year", lexemes[at].start, "", at
    previous = lexemes[first - 1] if first else None
    if form == "hour" and previous and previous.date_class == "RELATIVE_DAY":
        head = lexicon.relatives()[previous.word].part  # 當晚十時
    elif form == "hour" and (part := _day_part(folded, start)):
        head, start = part["part"], part.start()
    if form in ("quarter", "century") and not head and folded.endswith(("第", "第 "), 0, start):
        head, start = "第", folded.rindex("第", 0, start)
    end -= word.endswith("年度")  # 2018年度: the year is enough
    left, left_start = "", -1
    era = lexemes[first - 3] if first >= 3 and lexemes[first - 3].date_class == "ERA" else None
    if form in ("era-year", "era-century") and (
        earlier := _ERA_LEFT.search(folded[max(0, start - 14) : start])
    ):
        # 公元前598～前591年
        left, left_start = earlier["year"], start - len(earlier.group())
    elif numeral and at == first and not head and first >= 2:
        left, left_start = _left_numeral(lexemes, first, numeral, folded, form)
        numeral = _full_numeral(left, numeral)
        if left and form == "hour" and (part := _day_part(folded, left_start)):  # 上午9－11時
            head, left_start = part["part"], part.start()
        if left and form == "year" and first > 2 and lexemes[first - 3].date_class == "REIGN":
            # 光緒二十六至二十七年
            form, head, start = "reign-year", lexemes[first - 3].word, lexemes[first - 3].start
            left_start = start
        elif left and era and form in ("year", "century"):
            # 公元前598～591年
            form, head, left_start = f"era-{form}", era.word, era.start
    return Unit(form, start, end, numeral, word, head, left, left_start)


def _day_part(folded: str, end: int) -> re.Match[str] | None:
    """The part of the day that stands before a clock time: 上午 before 9時."""
    return lexicon.day_part_before().search(folded, max(0, end - 3), end)


def _one_and_half(lexemes: list[Lexeme], at: int) -> bool:
    """Whether it is 個半小時, 分半鐘: one and a half, the 一 left out."""
    before = lexemes[at - 1].word[-1:] if at else ""
    return lexemes[at].word.startswith(("个半", "分半")) and before not in lexicon.cues(
        "before", "counter"
    )


def _left_numeral(
    lexemes: list[Lexeme], at: int, numeral: str, folded: str, form: str
) -> tuple[str, int]:
    joiner, other = lexemes[at - 1], lexemes[at - 2]
    sign = joiner.word.strip()
    if other.date_class != NUM or joiner.date_class:
        return "", -1
    before = folded[max(0, other.start - 1) : other.start]
    if before and (before in "-–./#№" or (before.isascii() and before.isalnum())):
        return "", -1
    if before == ":" and not _YEAR.fullmatch(other.word):
        return "", -1  # a clock time; 包括:1979到1981年 are years
    consecutive = sign in _LISTS and _follows(other.word, numeral, decade=form == "decade")
    if sign in _JOINERS or consecutive:
        return other.word, other.start
    return "", -1


def _goes_before(form: str, word: str, number: int, following: int) -> bool:
    """Whether `number`, written `word`, stands before `following` in a list of such units."""
    if form == "decade":
        short = number % 100 if following < 100 else number
        return number % 10 == 0 and 0 < following - short < 100
    return number < following and (form != "year" or _YEAR.fullmatch(word) is not None)


def _listed(lexemes: list[Lexeme], unit: Unit, at: int, folded: str) -> list[Unit]:
    """1958 in 1958和1959年, 5 and 8 in 3月5、8及12日: dates of their own that share the word of the
    next one. `at` is where the lexemes of `unit` begin."""
    found: list[Unit] = []
    smaller = number_of(unit.numeral)
    if unit.head or at < 2 or lexemes[at - 1].word.strip() not in _BETWEEN_LISTED:
        return found
    while at >= 2 and lexemes[at - 1].word.strip() in _BETWEEN_LISTED:
        lexeme = lexemes[at - 2]
        number = number_of(lexeme.word) if lexeme.date_class == NUM else None
        if not isinstance(number, int) or not isinstance(smaller, int) or not number:
            break
        if not _goes_before(unit.form, lexeme.word, number, smaller):
            break
        at -= 2
        smaller = number
        if unit.form == "year":
            parts = Parts(year=number)
            found.append(Unit("bare-year", lexeme.start, lexeme.end, "", "", parts=parts))
        else:
            found.append(
                unit._replace(
                    start=lexeme.start, end=lexeme.end, numeral=lexeme.word, left="", left_start=-1
                )
            )
    start = found[-1].start if found else 0
    before = folded[max(0, start - 1) : start]
    stands = (
        before == "月"
        if unit.form == "day"
        else not (before.isascii() and before.isalnum()) and before not in _STUCK
    )
    return found[::-1] if stands else []


def _reigns_listed(unit: Unit, folded: str) -> list[Unit]:
    """嘉慶 in 嘉慶、道光年間: a reign that shares the word of the next one."""
    found: list[Unit] = []
    start = unit.start
    while start and folded[start - 1] in _BETWEEN_LISTED:
        end = start - 1
        names = [folded[max(0, end - length) : end] for length in (4, 3, 2)]
        era = next((name for name in names if name in calendars.reigns()), "")
        if not era:
            break
        start = end - len(era)
        found.append(Unit("reign-part", start, end, "", "间", era))
    return found[::-1]


def _years_named(unit: Unit, numeral: re.Match[str]) -> Iterator[Unit]:
    """1927—1937十年: the years, then how many."""
    at = unit.start + numeral.end("year")
    if _YEAR.fullmatch(unit.left):
        years = (Parts(year=int(text)) for text in (unit.left, numeral["year"]))
        first, last = years
        yield Unit("bare-year", unit.left_start, at, "", "", parts=last, first=first)
    yield unit._replace(start=at, numeral=numeral["rest"], left="", left_start=-1)


def _full_numeral(left: str, numeral: str) -> str:
    """18 for 八 in 十七、八世紀."""
    a, b = number_of(left) if left else None, number_of(numeral)
    if isinstance(a, int) and isinstance(b, int) and 10 < a < 100 and b == a % 10 + 1 and b < 10:
        return str(a + 1)
    return numeral


def _follows(left: str, right: str, *, decade: bool) -> bool:
    a, b = number_of(left), number_of(right)
    if not isinstance(a, int) or not isinstance(b, int):
        return False
    if decade and a % 10 == b % 10 == 0 and b in (a + 10, a % 100 + 10):
        return True  # 1950、60年代
    return b in (a + 1, a * 10 + 10) or (a > 10 and b < 10 and b == a % 10 + 1)


_DIGIT_NOTATIONS = [
    "english-decade", "iso-day", "season-years", "dotted-month", "clock", "bare-year", "told-year", "compact-day", "year-part",
]  # fmt: skip


def _notations(lexemes: list[Lexeme], folded: str) -> Iterator[Unit]:
    """What is written in digits and Latin letters: ISO days, clock times, English dates."""
    patterns = notations()
    for bare in patterns["bare-part"].finditer(folded):
        yield Unit("bare-part", bare.start("word"), bare.end("word"), "", bare["word"])
    if "千年" in folded or "千纪" in folded:
        for found in patterns["millennium"].finditer(folded):
            number = number_of(found["number"])
            assert isinstance(number, int)
            sign = lexicon.eras()[found["era"]].sign if found["era"] else 1
            parts = Parts(millennium=sign * number)
            yield Unit("millennium", *found.span(), "", "", parts=parts)
    if "(前" in folded or "元前" in folded:
        for found in patterns["bare-years-bc"].finditer(folded):
            years = (Parts(year=1 - int(found[name])) for name in ("year", "last"))
            earlier, later = years
            yield Unit("bare-years-bc", *found.span(), "", "", parts=later, first=earlier)
    for index, lexeme in enumerate(lexemes):
        if lexeme.date_class == NUM:
            word, end = lexeme.word, lexeme.end
            if not word[0].isdigit():
                continue
            after = folded[end : end + 1]
            if after in _MARKS or len(word) == 8 or "." in word:
                names = _DIGIT_NOTATIONS
            elif after in _UNITS or len(word) > 4:
                continue
            elif after in _SEASONS or folded[lexeme.start - 1] in _BEFORE_YEAR:
                names = _YEAR_NOTATIONS
            else:
                continue
            for name in names:
                match = patterns[name].match(folded, lexeme.start)
                if match:
                    unit = _read_notation(name, match, folded)
                    if unit:
                        yield unit
                        break
        elif lexeme.date_class == "ENGLISH_MONTH":
            before = lexemes[index - 2 : index - 1]
            starts = [before[0].start] if before and before[0].date_class == NUM else []
            for name in ("english-day", "english-month"):
                for start in (*starts, lexeme.start):
                    match = patterns[name].match(folded, start)
                    unit = _read_notation(name, match, folded) if match else None
                    if unit:
                        yield unit
                        break
                else:
                    continue
                break


def _read_notation(name: str, match: re.Match[str], folded: str) -> Unit | None:
    groups = {key: text for key, text in match.groupdict().items() if text}
    start, end = match.span()
    if name == "clock":
        ratio = (
            folded[max(0, start - 6) : start].rstrip(" :").endswith(lexicon.cues("before", "ratio"))
        )
        if ratio or folded[end : end + 6].lstrip().startswith(lexicon.cues("after", "ratio")):
            return None
        part = groups.get("half", "").strip(" .").replace(".", "")
        if not part and (before := _day_part(folded, start)):
            part, start = before["part"], before.start()
        return Unit(
            name, start, end, "", match.group(), part, parts=Parts(clock=_clock(groups, part))
        )
    year = int(groups.get("year") or groups["year2"])
    if name == "year-part":
        modifier = lexicon.parts()[groups["part"]].modifier
        parts = Parts(year=year, share=lexicon.shares()["year", modifier, ""])
        return Unit(name, start, end, "", groups["part"], parts=parts)
    if name == "season-year":
        parts = Parts(year=year, season=lexicon.seasons()[groups["season"]])
        return Unit(name, start, end, "", "", parts=parts)
    if name == "english-decade":
        parts = Parts(century=year // 100 + 1, decade=year // 10 % 10)
        return Unit(name, start, end, "", "", parts=parts)
    if name == "told-year" and not (
        folded[end] in _ENDS_CLAUSE or folded.startswith(lexicon.cues("after", "bare year"), end)
    ):
        return None
    if name in ("bare-year", "season-years", "told-year"):
        last = groups.get("last")
        if (
            name == "bare-year"
            and _ISO_MONTH.search(match.group())
            and year % 100 >= int(last or 0)
        ):
            # 2018-11 is a month, 2002-05 the years from one to the other.
            return Unit(
                "dotted-month", start, end, "", "", parts=Parts(year=year, month=int(last or 0))
            )
        if last and len(last) == 2:
            last = str(year // 100 * 100 + int(last))
            if int(last) < year:
                last = str(int(last) + 100)  # 1999–00
        first = Parts(year=year) if last else None
        return Unit(name, start, end, "", "", parts=Parts(year=int(last or year)), first=first)
    marks = groups.get("mark", "") + groups.get("mark2", "")
    if "/" in marks and marks != "//":
        return None
    month = groups.get("month") or groups.get("name") or groups["name2"]
    number = int(month) if month.isdigit() else lexicon.english_months().get(month)
    day = groups.get("day") or groups.get("day2")
    if number is None:
        return None
    clock = _clock(groups, "") if "hour" in groups else None
    parts = Parts(year=year, month=number, day=int(day) if day else None, clock=clock)
    return Unit(name, start, end, "", "", parts=parts)


def _clock(groups: dict[str, str], part: str) -> str:
    return written_clock(int(groups["hour"]), int(groups["minute"]), groups.get("second"), part)


def _merge(units: list[Unit], written: list[Unit]) -> list[Unit]:
    """Both in order; where they overlap the earlier and then the longer one stays."""
    if not written:
        return units
    merged: list[Unit] = []
    for unit in sorted([*written, *units], key=lambda unit: (unit.begin, -unit.end, unit.form)):
        if merged and unit.begin < merged[-1].end:
            continue
        merged.append(unit)
    return merged
