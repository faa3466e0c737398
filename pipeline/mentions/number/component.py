"""The spaCy component that finds numbers: `Doc` → `doc.spans["numbers"]`.

It reads the lexemes of `doc._.lexemes` in the forms of `patterns`, longest form first from the
left, and drops what is a part of a date, of a place name or of a title.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.fold import fold
from pipeline.mentions.found import Found, extend_spacy, folded_of, found_in, put, text_of
from pipeline.mentions.lexemes import NUM, Forms, Lexeme, Word
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.amounts import amount_lexemes, read_amount
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
    rules = Forms(forms(), tag_of=tag_of)

    def numbers(doc: Doc) -> Doc:
        text = Text(text_of(doc), folded_of(doc), ())
        dates = _intervals(doc, "dates", _TITLE.finditer(text.folded))
        places = _intervals(doc, "places")
        names = _names(doc, text)
        found = []
        for rule, one in _choose(text, _runs(doc._.lexemes, (dates, places)), rules):
            if one.reading is None or dates.overlaps(one.start, one.end):
                continue
            if places.holds_head(one.start, one.end, inside=one.reading.kind in _HOLD_PLACES):
                continue
            if one.reading.kind not in _COUNTS_IN_NAMES and names.overlaps(one.start, one.end):
                continue
            found.append(Found(one.start, one.end, rule, one.reading))
        put(doc, "numbers", found)
        return doc

    return numbers


class Item(NamedTuple):
    """A token of the form: an amount or a word's class, with its lexemes."""

    name: str
    lexemes: tuple[Lexeme, ...]


# Words that a number can be made of without a numeral, and others that one can begin with.
_ALONE = frozenset(("half", "one_half", "vulgar", "vague", "discount"))
_FIRST = frozenset(("ordinal", "currency", "plus_minus")) | _ALONE | {NUM}
# Words that only keep others from being seen: 人民 after 三, 統一.
_CLOSED = frozenset(("", "other", "refusal"))


def _runs(lexemes: Sequence[Lexeme], taken: Sequence[_Intervals]) -> Iterator[list[Item]]:
    """The runs of words that hold a numeral which is not taken yet."""
    run: list[Lexeme] = []
    counts = False
    for lexeme in lexemes:
        name = lexeme.number_class
        if name in _CLOSED or (
            name == NUM and any(spans.overlaps(lexeme.start, lexeme.end) for spans in taken)
        ):
            if counts:
                yield list(_reduce(run))
            if run:
                run, counts = [], False
        elif run or name in _FIRST:
            run.append(lexeme)
            counts = counts or name == NUM or name in _ALONE
    if counts:
        yield list(_reduce(run))


def _reduce(run: Sequence[Lexeme]) -> Iterator[Item]:
    """The items of a run: amounts put together, spaces left out but between two of them."""
    position = 0
    previous = ""
    while position < len(run):
        lexeme = run[position]
        if lexeme.number_class == NUM:
            parts, position = amount_lexemes(run, position)
            previous = "amount"
            yield Item("amount", parts)
            continue
        position += 1
        if lexeme.number_class == "space":
            following = run[position].number_class if position < len(run) else ""
            if previous != "amount" or following != NUM:
                continue
        previous = lexeme.number_class
        yield Item(previous, (lexeme,))


def _choose(text: Text, runs: Iterable[Sequence[Item]], rules: Forms) -> list[tuple[str, Read]]:
    """The readings of the longest forms that say something, from the left, none overlapping."""
    found: list[tuple[str, Read]] = []
    end_char = 0
    for items in runs:
        classes = tuple([item.name for item in items])
        done = _first_from(items, 0, end_char)  # the first item not yet used
        limit = done  # the same, but for numbers alone, which may prove to be of a list
        for form, start, end in rules.match(classes):
            if start < done:
                continue
            rule = rule_of(form, classes[start:end])
            words = tuple([lexeme for item in items[start:end] for lexeme in item.lexemes])
            one = read(rule, Text(text.raw, text.folded, words))
            if one is None or one.start < end_char:
                continue
            if (
                one.reading is not None
                and one.reading.kind == "count"
                and rule in ("measure", "money")
            ):
                rule = "count"  # 兩度, 三節, 五分: words that are units only of other numbers
            joined = join_bounds(text.folded, found[-1][1], one) if found else None
            if joined is not None:
                found[-1] = ("bounds", joined)
            else:
                found.append((rule, one))
                _share(text, items, classes, (limit, start, end), found)
            end_char = one.end
            done = _first_from(items, start, end_char)
            if rule != "number":
                limit = done
    return found


def _share(
    text: Text,
    items: Sequence[Item],
    classes: Sequence[str],
    form: tuple[int, int, int],
    found: list[tuple[str, Read]],
) -> None:
    """10、20和30公里: what the last of a list is of, those before it are of too.

    `form` is the first item that may belong to the list, and where the last's form starts and ends.
    """
    limit, start, end = form
    rule, last = found[-1]
    if last.reading is None or tag_of(classes[end - 1]) != "FOLLOWER" or classes[start] != "amount":
        return
    first = start
    while first - 2 >= limit and classes[first - 2] == "amount" and classes[first - 1] in _LISTED:
        first -= 2
    _continue_ordinals(text, items, classes, first, start, found)
    if first == start or found[-1][1] is not last:
        return
    if first + 2 == start and surroundings.is_list_number(text.folded, *_ends(items[first])):
        return
    earlier = []
    for index in range(first, start, 2):
        words = items[index].lexemes + tuple(
            [lexeme for item in items[start + 1 : end] for lexeme in item.lexemes]
        )
        one = read_listed(rule, Text(text.raw, text.folded, words), items[start].lexemes)
        if one is None:
            return
        earlier.append((rule, one))
    while len(found) > 1 and found[-2][1].start >= earlier[0][1].start:
        del found[-2]
    found[-1:-1] = earlier


def _continue_ordinals(
    text: Text,
    items: Sequence[Item],
    classes: Sequence[str],
    first: int,
    start: int,
    found: list[tuple[str, Read]],
) -> None:
    """第一、二、三卷: those after the first are ordinals too, and all are of the same."""
    last = found[-1][1]
    if (
        first < 3
        or tuple(classes[first - 3 : first - 1]) != ("ordinal", "amount")
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
        amount = read_amount(items[index].lexemes, 0)
        if amount is None or amount.is_range:
            return
        value = float(amount.low)
        reading = of._replace(
            kind="ordinal", value=value, value_min=value, value_max=value, modifier=None
        )
        earlier.append(("ordinal", Read(*_ends(items[index]), reading)))
    head_end = items[first - 2].lexemes[-1].end
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


def _ends(item: Item) -> tuple[int, int]:
    return item.lexemes[0].start, item.lexemes[-1].end


def _first_from(items: Sequence[Item], index: int, start: int) -> int:
    """The first item from `index` on that does not begin before `start`."""
    while index < len(items) and items[index].lexemes[0].start < start:
        index += 1
    return index


class _Intervals:
    """Disjoint half-open intervals, asked whether they meet another."""

    def __init__(self, intervals: list[tuple[int, int]]) -> None:
        self.ends: list[int] = []
        self.starts: list[int] = []
        for start, end in sorted(intervals):
            if self.ends and start < self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def overlaps(self, start: int, end: int) -> bool:
        index = bisect_left(self.ends, start + 1)
        return index < len(self.starts) and self.starts[index] < end

    def holds_head(self, start: int, end: int, *, inside: bool) -> bool:
        """Whether one overlaps [start, end); with `inside` only one that begins no later."""
        index = bisect_left(self.ends, start + 1)
        if index == len(self.starts) or self.starts[index] >= end:
            return False
        return not inside or self.starts[index] <= start


def _intervals(doc: Doc, group: str, matches: Iterable[re.Match[str]] = ()) -> _Intervals:
    """Where the other kinds found something, and what `matches` cover."""
    spans = [(one.start, one.end) for one in found_in(doc, group)]
    return _Intervals(spans + [match.span() for match in matches])


def _names(doc: Doc, text: Text) -> _Intervals:
    """Where the text has the title of the article or of a page it links to, with a numeral in it:
    the 三成 of 石田三成, the 七 of 七大奇蹟."""
    document = doc.user_data.get("document")
    if document is None:
        return _Intervals([])
    titles = {
        document.title,
        *(link.target_title for link in document.links if link.kind == "page"),
    }
    spans = []
    for title in titles:
        name = _PARENTHESIS.sub("", fold(title or "").replace("_", " ")).strip()
        if len(name) < 3 or not _HAS_NUMERAL.search(name) or _DATED.search(name):
            continue
        for surface in {name, name[-2:]} if _TENTHS.fullmatch(name[-2:]) else {name}:
            position = text.folded.find(surface)
            while position >= 0:
                spans.append((position, position + len(surface)))
                position = text.folded.find(surface, position + len(surface))
    return _Intervals(spans)


_PARENTHESIS = re.compile(r"[(（][^()（）]*[)）] ?$")
_TENTHS = re.compile("[一二三四五六七八九]成")


def to_mention(start: int, end: int, rule: str, reading: NumberReading) -> NumberMention:
    """The record of a reading at [start, end) of the document's text."""
    return NumberMention(start, end, rule, reading.confidence, *reading[:-1])
