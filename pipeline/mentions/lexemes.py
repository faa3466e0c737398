"""Text → lexemes: the words that dates and numbers are made of, and what stands between.

A lexeme is a numeral, a word of a lexicon (年, 公里, 上旬, 左右 …), or a gap, the stretch
between two of these. The forms of dates and numbers are `Matcher` patterns over the classes of
the lexemes that stand in a row; `Forms` asks the matcher once for each such row of classes.

Words come from CSV files with the columns `word`, `class` and what else their kind reads.
They match on folded text, longest first from the left, and a word that begins where a
numeral does wins only if it is longer (統一, 十分, 一直 are words; 十分之一 holds numerals).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import ahocorasick_rs
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.fold import fold
from pipeline.mentions.numerals import NUMERAL

NUM = "NUM"

Classes = tuple[str, ...]

# Makes a named tuple in half the time that its own constructor takes: a text has many lexemes.
_tuple = tuple.__new__


class Lexeme(NamedTuple):
    """`word` is folded text (a gap's too); classes are empty where the kind does not know it."""

    start: int
    end: int
    word: str
    date_class: str
    number_class: str


class Word(NamedTuple):
    """A lexicon word's classes. `not_before`: folded text it must not be followed by (regex).

    An `attached` word is one only where another lexeme ends: 個 in 三個, not in 個人. It keeps
    the lexemes of a text few.
    """

    date_class: str = ""
    number_class: str = ""
    not_before: str = ""
    attached: bool = False


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # When it is first met: most words of the lexicons are not, in a refresh of one article.
    return re.compile(pattern)


class Vocabulary(NamedTuple):
    """Words to look up at a place: `lengths` has the first two characters of each, or the one that
    it is, with the lengths that words which begin so have, longest first; `guards` what each word
    must not be followed by (empty for most)."""

    lengths: Mapping[str, tuple[int, ...]]
    guards: Mapping[str, str]

    def longest(self, folded: str, start: int) -> int:
        """Where the longest of the words that stand at `start` ends; `start` if none does."""
        lengths = self.lengths
        for length in lengths.get(folded[start : start + 2]) or lengths.get(
            folded[start : start + 1], ()
        ):
            surface = folded[start : start + length]
            guard = self.guards.get(surface)
            if guard is not None:
                end = start + len(surface)
                if not guard or not _compiled(guard).match(folded, end):
                    return end
        return start


@dataclass(frozen=True, slots=True)
class Lexer:
    """Compiled words; `split` cuts a text into lexemes.

    The automaton knows the words that may stand anywhere, `free`, with their `guards` in its
    order; the `attached` ones are looked up where a lexeme ends.
    """

    words: Mapping[str, Word]
    automaton: ahocorasick_rs.AhoCorasick
    guards: tuple[str, ...]
    free: Vocabulary
    attached: Vocabulary

    def split(self, folded: str) -> list[Lexeme]:
        """Lexemes that cover a folded text without gap or overlap, in order."""
        far = len(folded) + 1
        numerals = [match.span() for match in NUMERAL.finditer(folded)]
        hits = self._free_words(folded)
        numerals.append((far, far))
        hits.append((far, far))
        words, longest = self.words, self.attached.longest
        found: list[Lexeme] = []
        position = 0
        n = h = 0
        while True:
            start, end = hits[h]
            while start < position:
                h += 1
                start, end = hits[h]
            head, tail = numerals[n]
            while tail <= position:
                n += 1
                head, tail = numerals[n]
            if head < position:
                # A word ate the numeral's head (統一百 …): what is left may be one again.
                rest = NUMERAL.match(folded, position)
                head, tail = rest.span() if rest else numerals[n + 1]
            if found:
                stop = longest(folded, position)
                if stop > (end if start == position else position):
                    start, end = position, stop
            # A word that begins where a numeral does wins only if it is longer.
            is_word = start < head or (start == head and end > tail)
            if not is_word:
                start, end = head, tail
            if start == far:
                break
            if start > position:
                gap = (position, start, folded[position:start], "", "")
                found.append(_tuple(Lexeme, gap))
            surface = folded[start:end]
            if is_word:
                word = words[surface]
                found.append(
                    _tuple(Lexeme, (start, end, surface, word.date_class, word.number_class))
                )
            else:
                found.append(_tuple(Lexeme, (start, end, surface, NUM, NUM)))
            position = end
        if position < len(folded):
            found.append(Lexeme(position, len(folded), folded[position:], "", ""))
        return found

    def _free_words(self, folded: str) -> list[tuple[int, int]]:
        """Spans of the words that may stand anywhere; where one is refused, of those inside it."""
        hits: list[tuple[int, int]] = []
        guards = self.guards
        for index, start, end in self.automaton.find_matches_as_indexes(folded):
            guard = guards[index]
            if not guard or not _compiled(guard).match(folded, end):
                hits.append((start, end))
                continue
            for inner in range(start, end):
                stop = self.free.longest(folded, inner)
                if stop > inner and (not hits or hits[-1][1] <= inner):
                    hits.append((inner, stop))
        return hits


def build_lexer(words: Mapping[str, Word]) -> Lexer:
    """Compile `words` (any script; folded here). Costs time: build once a process."""
    folded = {fold(word): classes for word, classes in words.items()}
    names = sorted(surface for surface, word in folded.items() if not word.attached)
    automaton = ahocorasick_rs.AhoCorasick(
        names, matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
    )
    free = _vocabulary(folded, names)
    attached = _vocabulary(folded, (name for name, word in folded.items() if word.attached))
    return Lexer(folded, automaton, tuple(free.guards.values()), free, attached)


def _vocabulary(words: Mapping[str, Word], surfaces: Iterable[str]) -> Vocabulary:
    guards = {surface: words[surface].not_before for surface in surfaces}
    lengths: dict[str, set[int]] = {}
    for surface in guards:
        alone = {1} if surface[0] in guards else set()
        lengths.setdefault(surface[:2], alone).add(len(surface))
    longest_first = {head: tuple(sorted(sizes, reverse=True)) for head, sizes in lengths.items()}
    return Vocabulary(longest_first, guards)


def merge_words(*lexicons: Mapping[str, Word]) -> dict[str, Word]:
    """One lexicon of several kinds: each kind adds its own class to a shared word (分, 點).

    The first lexicon says where a shared word may stand; one that any of them lets stand
    anywhere is not attached.
    """
    merged: dict[str, Word] = {}
    for lexicon in lexicons:
        for surface, word in lexicon.items():
            key = fold(surface)
            old = merged.get(key)
            if old is not None:
                word = Word(
                    old.date_class or word.date_class,
                    old.number_class or word.number_class,
                    old.not_before,
                    old.attached and word.attached,
                )
            merged[key] = word
    return merged


class Match(NamedTuple):
    """A form that `start` to `end` of a row of classes are."""

    form: str
    start: int
    end: int


class Forms:
    """`Matcher` patterns over rows of classes: a token's ORTH is its class, its TAG what
    `tag_of` makes of that.

    What matches depends on the classes alone, and most rows are of a few shapes: the matcher is
    asked once for each.
    """

    # How long rows are whose matches are kept, and how many: any text may be read.
    _SEEN_LENGTH, _SEEN_ROWS = 16, 4096

    def __init__(
        self,
        patterns: Mapping[str, list[list[dict[str, Any]]]],
        *,
        tag_of: Callable[[str], str] = str,
    ) -> None:
        self._vocab = Vocab()  # of the classes only, so that it never grows
        self._matcher = Matcher(self._vocab, validate=False)
        for form, alternatives in patterns.items():
            self._matcher.add(form, alternatives)
        self._order = {form: index for index, form in enumerate(patterns)}
        self._tag_of = tag_of
        self._seen: dict[Classes, list[Match]] = {}

    def match(self, classes: Classes) -> list[Match]:
        """All forms in a row of classes: from the left, the longest first, of equals the first
        in the order that they were given in."""
        found = self._seen.get(classes)
        if found is None:
            tags = [self._tag_of(name) for name in classes]
            row = Doc(self._vocab, words=list(classes), spaces=[False] * len(classes), tags=tags)
            names = self._vocab.strings
            found = [Match(names[key], start, end) for key, start, end in self._matcher(row)]
            found.sort(key=lambda one: (one.start, -one.end, self._order[one.form]))
            if len(classes) <= self._SEEN_LENGTH and len(self._seen) < self._SEEN_ROWS:
                self._seen[classes] = found
        return found
