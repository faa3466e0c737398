"""The spaCy component that finds numbers: `Doc` → `doc.spans["numbers"]`.

It reads the lexemes of `doc._.lexemes` in the forms of `patterns`, longest form first from the
left, and drops what is a part of a date, of a place name or of a title.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.fold import fold
from pipeline.mentions.found import Found, extend_spacy, folded_of, found_in, put, text_of
from pipeline.mentions.lexemes import NUM, Classes, Forms, Lexeme, Word
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.alone import is_part_of_word
from pipeline.mentions.number.amounts import extend_amount, read_amount
from pipeline.mentions.number.followers import Text
from pipeline.mentions.number.patterns import RULES, forms, rule_of, tag_of
from pipeline.mentions.number.ranges import join_bounds
from pipeline.mentions.number.reading import read, read_listed
from pipeline.mentions.number.results import NumberReading, Read
from pipeline.records import NumberMention

# What a number in the name of something is not: 600毫米臼炮 is of that calibre, 第十六軍 the sixteenth.
_COUNTS_IN_NAMES = frozenset(("measure", "age", "ordinal"))
# A place inside these is a part of a currency's name, 500印度盧比, or none at all: 20公【里約】一小時.
_HOLD_PLACES = frozenset(("money", "measure"))
# Words that are units only of other numbers, 兩度, 三節, 五分, and a score with its outcome, 2-1勝.
_OTHERWISE = {
    ("measure", "count"): "count",
    ("money", "count"): "count",
    ("count-range", "ratio"): "number-range",
}
# Between the amounts of a list.
_LISTED = frozenset(("list", "and", "or"))
_DATED = re.compile("[0-9〇一二三四五六七八九十](?:年|月|日|世纪|年代)")
_HAS_NUMERAL = re.compile("[0-9一二三四五六七八九十百千万亿两半]")
# A number in the title of a work is a part of its name.
_TITLE = re.compile("《[^《》\n]{1,60}》|〈[^〈〉\n]{1,60}〉")

__all__ = ["RULES", "create", "to_mention", "words"]


def words() -> Mapping[str, Word]:
    """The words of numbers, with their class for the forms."""
    return lexicon.words()


@Language.factory("wikifacts_numbers")
def create(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component. Its `Matcher` runs on the classes of the words that stand by a numeral."""
    extend_spacy()
    matcher = Forms(forms(), tag_of=tag_of)

    def read_forms(classes: Classes) -> list[tuple[str, int, int]]:
        return [
            (rule_of(form, classes[start:end]), start, end)
            for form, start, end in matcher.match(classes)
        ]

    kept = lru_cache(maxsize=4096)(read_forms)

    def rules_in(classes: Classes) -> list[tuple[str, int, int]]:
        # Most rows are of a few shapes; long ones, of any text, are not kept.
        return kept(classes) if len(classes) <= _KEPT_LENGTH else read_forms(classes)

    def numbers(doc: Doc) -> Doc:
        text = Text(text_of(doc), folded_of(doc), ())
        dates, places = found_in(doc, "dates"), found_in(doc, "places")
        titles = [match.span() for match in _TITLE.finditer(text.folded)]
        names = _names(doc, text)
        taken = sorted([one[:2] for one in (*dates, *places)] + titles)
        found = []
        for rule, one in _choose(text, _runs(doc._.lexemes, text.folded, taken), rules_in):
            start, end, reading = one
            if reading is None or _meets(dates, start, end) or _meets(titles, start, end):
                continue
            place = _meets(places, start, end)
            # Only a Chinese numeral is the head of a name: 三家|子村, but 10餘|縣.
            if place and (
                place[0] <= start
                or not (reading.kind in _HOLD_PLACES or text.folded[start].isascii())
            ):
                continue
            if reading.kind not in _COUNTS_IN_NAMES and _meets(names, start, end):
                continue
            found.append(Found(start, end, rule, reading))
        put(doc, "numbers", found)
        return doc

    return numbers


# The rules of rows up to this length are kept.
_KEPT_LENGTH = 16


class Run(NamedTuple):
    """Words in a row, as tokens of the forms: token `i`, an amount or a word of `classes[i]`, is
    made of `lexemes[at[i]:at[i + 1]]`."""

    classes: Classes
    lexemes: list[Lexeme]
    at: list[int]

    def words(self, start: int, end: int) -> list[Lexeme]:
        """The lexemes of the tokens from `start` to `end`."""
        return self.lexemes[self.at[start] : self.at[end]]

    def ends(self, index: int) -> tuple[int, int]:
        """Where token `index` begins and ends in the text."""
        return self.lexemes[self.at[index]].start, self.lexemes[self.at[index + 1] - 1].end

    def first_from(self, index: int, position: int) -> int:
        """The first token from `index` on that does not begin before `position` of the text."""
        while index < len(self.classes) and self.lexemes[self.at[index]].start < position:
            index += 1
        return index


# Words that a number can be made of without a numeral, and others that one can begin with.
_ALONE = frozenset(("half", "one_half", "vulgar", "vague", "discount"))
_FIRST = frozenset(("ordinal", "currency", "plus_minus")) | _ALONE | {NUM}
# Words that only keep others from being seen: 人民 after 三, 统一.
_CLOSED = frozenset(("", "other", "refusal"))


def _runs(
    lexemes: Sequence[Lexeme], folded: str, taken: Sequence[tuple[int, ...]]
) -> Iterator[Run]:
    """The runs of words that hold a numeral which is not in one of the spans `taken`, in order."""
    run: list[Lexeme] = []
    counts = False
    spans = iter((*taken, (len(folded) + 1,) * 2))
    taken_start, taken_end = next(spans)
    for lexeme in lexemes:
        name = lexeme.number_class
        is_closed = name in _CLOSED
        if name == NUM:
            while taken_end <= lexeme.start:
                taken_start, taken_end = next(spans)
            is_closed = taken_start < lexeme.end
        if not is_closed:
            if run or name in _FIRST:
                run.append(lexeme)
                counts = counts or name == NUM or name in _ALONE
        elif run:
            if counts and not is_part_of_word(folded, run):
                yield _reduce(run)
            run, counts = [], False
    if counts and not is_part_of_word(folded, run):
        yield _reduce(run)


def _reduce(run: Sequence[Lexeme]) -> Run:
    """The tokens of a run: amounts put together, spaces left out but between two of them."""
    classes: list[str] = []
    lexemes: list[Lexeme] = []
    at = [0]
    position = 0
    while position < len(run):
        lexeme = run[position]
        name = lexeme.number_class
        if name == NUM:
            name = "amount"
            position = extend_amount(run, position, lexemes)
        else:
            position += 1
            if name == "space":
                following = run[position].number_class if position < len(run) else ""
                if following != NUM or not classes or classes[-1] != "amount":
                    continue
            lexemes.append(lexeme)
        classes.append(name)
        at.append(len(lexemes))
    return Run(tuple(classes), lexemes, at)


def _choose(
    text: Text, runs: Iterable[Run], rules_in: Callable[[Classes], list[tuple[str, int, int]]]
) -> list[tuple[str, Read]]:
    """The readings of the longest forms that say something, from the left, none overlapping.

    `rules_in` gives the rules that a row of classes is of, with their first and last token.
    """
    found: list[tuple[str, Read]] = []
    end_char = 0
    for run in runs:
        # The first token not yet used.
        done = run.first_from(0, end_char) if run.lexemes[0].start < end_char else 0
        limit = done  # the same, but for numbers alone, which may prove to be of a list
        for rule, start, end in rules_in(run.classes):
            if start < done:
                continue
            one = read(rule, Text(text.raw, text.folded, run.words(start, end)))
            if one is None or one.start < end_char:
                continue
            if one.reading is not None:
                rule = _OTHERWISE.get((rule, one.reading.kind), rule)
            joined = join_bounds(text.folded, found[-1][1], one) if found else None
            if joined is not None:
                found[-1] = ("bounds", joined)
            else:
                found.append((rule, one))
                if start and run.classes[start - 1] in _LISTED:
                    _share(text, run, (limit, start, end), found)
            end_char = one.end
            done = run.first_from(start, end_char)
            if rule != "number":
                limit = done
    return found


def _share(text: Text, run: Run, form: tuple[int, int, int], found: list[tuple[str, Read]]) -> None:
    """10、20和30公里: what the last of a list is of, those before it are of too.

    `form` is the first token that may belong to the list, and where the last's form starts and ends.
    """
    limit, start, end = form
    classes = run.classes
    rule, last = found[-1]
    if last.reading is None or tag_of(classes[end - 1]) != "FOLLOWER" or classes[start] != "amount":
        return
    first = start
    while first - 2 >= limit and classes[first - 2] == "amount" and classes[first - 1] in _LISTED:
        first -= 2
    _continue_ordinals(run, first, start, found)
    if first == start or found[-1][1] is not last:
        return
    if first + 2 == start and surroundings.is_list_number(text.folded, *run.ends(first)):
        return
    earlier = []
    for index in range(first, start, 2):
        words = run.words(index, index + 1) + run.words(start + 1, end)
        one = read_listed(rule, Text(text.raw, text.folded, words), run.words(start, start + 1))
        if one is None:
            return
        earlier.append((rule, one))
    while len(found) > 1 and found[-2][1].start >= earlier[0][1].start:
        del found[-2]
    found[-1:-1] = earlier


def _continue_ordinals(run: Run, first: int, start: int, found: list[tuple[str, Read]]) -> None:
    """第一、二、三卷: those after the first are ordinals too, and all are of the same."""
    last = found[-1][1]
    classes = run.classes
    if (
        first < 3
        or classes[first - 3 : first - 1] != ("ordinal", "amount")
        or classes[first - 1] not in _LISTED
        or last.reading is None
        or last.reading.kind != "count"
        or last.reading.value is None
        or (
            classes[first - 1] == "and"
            and last.reading.classifier in ("个", "個", "人", "名", "位")
        )
    ):
        return
    of = last.reading
    found[-1] = ("ordinal", last._replace(reading=of._replace(kind="ordinal", modifier=None)))
    earlier = []
    for index in range(first, start, 2):
        amount = read_amount(run.words(index, index + 1), 0)
        if amount is None or amount.is_range:
            return
        value = float(amount.low)
        reading = of._replace(
            kind="ordinal", value=value, value_min=value, value_max=value, modifier=None
        )
        earlier.append(("ordinal", Read(*run.ends(index), reading)))
    head_end = run.ends(first - 2)[1]
    position = len(found) - 1
    while position >= 0 and found[position][1].end > head_end:
        position -= 1
    if position < 0 or found[position][1].end != head_end:
        return
    head = found[position][1]
    if head.reading is not None:
        reading = head.reading._replace(classifier=of.classifier, counted=of.counted)
        found[position] = ("ordinal", head._replace(reading=reading))
    found[position + 1 : -1] = earlier


def _meets(spans: Sequence[tuple[Any, ...]], start: int, end: int) -> tuple[Any, ...] | None:
    """The first of `spans`, in order and apart, that overlaps [start, end). Spans may say more
    than where they start and end."""
    index = bisect_left(spans, (start,))
    if index and spans[index - 1][1] > start:
        return spans[index - 1]
    return spans[index] if index < len(spans) and spans[index][0] < end else None


def _names(doc: Doc, text: Text) -> list[tuple[int, int]]:
    """Where the text has the title of the article or of a page it links to, with a numeral in it:
    the 三成 of 石田三成, the 七 of 七大奇蹟."""
    document = doc.user_data.get("document")
    if document is None:
        return []
    titles = {
        document.title,
        *(link.target_title for link in document.links if link.kind == "page"),
    }
    found = []
    for title in titles:
        name = _PARENTHESIS.sub("", fold(title or "").replace("_", " ")).strip()
        if len(name) < 3 or not _HAS_NUMERAL.search(name) or _DATED.search(name):
            continue
        for surface in {name, name[-2:]} if _TENTHS.fullmatch(name[-2:]) else {name}:
            position = text.folded.find(surface)
            while position >= 0:
                found.append((position, position + len(surface)))
                position = text.folded.find(surface, position + len(surface))
    spans: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return spans


_PARENTHESIS = re.compile(r"[(（][^()（）]*[)）] ?$")
_TENTHS = re.compile("[一二三四五六七八九]成")


def to_mention(start: int, end: int, rule: str, reading: NumberReading) -> NumberMention:
    """The record of a reading at [start, end) of the document's text."""
    return NumberMention(start, end, rule, reading.confidence, *reading[:-1])
