"""The spaCy component `wikifacts_dates`: lexemes → `doc.spans["dates"]`.

A span's `id_` is its rule, `span._.reading` its `DateReading`; what it leaves open is filled
by `context.resolve` when the whole article has been read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from pipeline.mentions.date import lexicon
from pipeline.mentions.date.patterns import UNITS, notations
from pipeline.mentions.date.reading import Unit, hour_clock, read
from pipeline.mentions.date.value import Parts
from pipeline.mentions.lexemes import NUM, Lexeme, Word
from pipeline.mentions.numerals import read_numeral

# Between the two numerals of a range that share a unit: 1941至45年, 6–8月, 五、六月.
_JOINERS = frozenset(["-", "–", "—", "~", "至", "到", "/", "——", "‐", "‑", "―", "--"])
_LISTS = frozenset("、")


def words() -> dict[str, Word]:
    """Every word of the date lexicons, with its class."""
    return lexicon.words()


@Language.factory("wikifacts_dates")
def create(nlp: Language, name: str) -> DateFinder:
    return DateFinder()


class DateFinder:
    """Needs `doc._.lexemes` and `doc._.form`."""

    def __init__(self) -> None:
        self._matcher: Matcher | None = None
        self._vocab: Vocab | None = None

    def __call__(self, doc: Doc) -> Doc:
        lexemes: list[Lexeme] = doc._.lexemes
        folded = "".join(lexeme.word for lexeme in lexemes)
        spans = []
        for item in read(folded, self.units(doc, folded)):
            span = Span(doc, item.start, item.end, label="dates", span_id=item.rule)
            span._.reading = item.reading
            spans.append(span)
        doc.spans["dates"] = spans
        return doc

    def units(self, doc: Doc, folded: str) -> list[Unit]:
        """The units in `doc`, whose folded text is `folded`, in order."""
        matched = self._matched(doc._.form, doc._.lexemes, folded)
        return _merge(list(matched), list(_notations(folded)))

    def _matched(self, form: Doc, lexemes: list[Lexeme], folded: str) -> Iterator[Unit]:
        if self._matcher is None or self._vocab is not form.vocab:
            self._matcher, self._vocab = Matcher(form.vocab), form.vocab
            for name, unit in UNITS.items():
                self._matcher.add(name, [[{"TAG": tag} for tag in unit.classes]])
        names = form.vocab.strings
        matches = sorted(self._matcher(form), key=lambda match: (match[1], -match[2]))
        position = 0
        for key, start, end in matches:
            if start >= position:
                position = end
                yield from _unit(names[key], start, end, lexemes, folded)


def _unit(form: str, first: int, stop: int, lexemes: list[Lexeme], folded: str) -> Iterator[Unit]:
    """The unit of lexemes [first, stop), with what belongs to it on its left."""
    numeral, at = "", first
    for index in range(first, stop):
        if lexemes[index].date_class == NUM:
            numeral, at = lexemes[index].word, index
    start, end, word = lexemes[first].start, lexemes[stop - 1].end, lexemes[stop - 1].word
    head = lexemes[first].word if stop - first > 1 and at != first else ""
    if form.startswith("reign"):
        head = lexemes[first].word
    bracketed = folded[max(0, start - 1) : start] in ("(", "-", "–", "—")
    if form == "era-year" and head == "前" and len(numeral) < 3 and not bracketed:
        # 前30年 is before Christ only in brackets, as in （前30年－14年）.
        form, start, head, first = "year", lexemes[at].start, "", at
    previous = lexemes[first - 1] if first else None
    if form == "hour" and previous and previous.date_class == "RELATIVE_DAY":
        head = lexicon.relatives()[previous.word].part  # 當晚十時
    elif form == "hour":
        part = lexicon.day_part_before().search(folded[max(0, start - 3) : start])
        if part:
            head, start = part["part"], start - len(part.group())
    if form == "quarter" and folded[max(0, start - 1) : start] == "第":
        head, start = "第", start - 1
    left, left_start = "", -1
    if numeral and at == first and not head and first >= 2:
        left, left_start = _left_numeral(lexemes, first, numeral, folded)
    yield Unit(form, start, end, numeral, word, head, left, left_start)


def _left_numeral(lexemes: list[Lexeme], at: int, numeral: str, folded: str) -> tuple[str, int]:
    joiner, other = lexemes[at - 1], lexemes[at - 2]
    sign = joiner.word.strip()
    if other.date_class != NUM or joiner.date_class:
        return "", -1
    before = folded[max(0, other.start - 1) : other.start]
    if before and (before in "-–:./#№" or (before.isascii() and before.isalnum())):
        return "", -1
    consecutive = sign in _LISTS and _follows(other.word, numeral)
    if sign in _JOINERS or consecutive:
        return other.word, other.start
    return "", -1


def _follows(left: str, right: str) -> bool:
    a, b = read_numeral(left), read_numeral(right)
    return isinstance(a, int) and isinstance(b, int) and b in (a + 1, a * 10 + 10)


def _notations(folded: str) -> Iterator[Unit]:
    """What is written in digits and Latin letters: ISO days, clock times, English dates."""
    for name, pattern in notations().items():
        for match in pattern.finditer(folded):
            yield from _notation(name, match, folded)


def _notation(name: str, match: re.Match[str], folded: str) -> Iterator[Unit]:
    groups: dict[str, str] = {key: text for key, text in match.groupdict().items() if text}
    start, end = match.span()
    if name == "clock":
        part = groups.get("half", "").strip(" .").replace(".", "")
        if not part:
            before = lexicon.day_part_before().search(folded[max(0, start - 3) : start])
            if before:
                part, start = before["part"], start - len(before.group())
        time = hour_clock(int(groups["hour"]), int(groups["minute"]), groups.get("second"), part)
        yield Unit(name, start, end, "", match.group(), part, parts=Parts(clock=time))
        return
    year = int(groups.get("year") or groups["year2"])
    if name == "bare-year":
        last = groups.get("last")
        left = Parts(year=year) if last else None
        if last and len(last) == 2:
            last = f"{year // 100}{last}"
        yield Unit(name, start, end, "", "", parts=Parts(year=int(last or year)), first=left)
        return
    month = groups.get("month") or groups.get("name") or groups["name2"]
    number = int(month) if month.isdigit() else _MONTH_NAMES.index(month[:3]) + 1
    day = groups.get("day") or groups.get("day2")
    if (
        name == "iso-day"
        and groups["mark"] != groups["mark2"]
        and "/" in groups["mark"] + groups["mark2"]
    ):
        return
    clock: str | None = None
    if groups.get("hour"):
        clock = hour_clock(int(groups["hour"]), int(groups["minute"]), groups.get("second"), "")
    parts = Parts(year=year, month=number, day=int(day) if day else None, clock=clock)
    yield Unit(name, start, end, "", "", parts=parts)


_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


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
