"""Text → lexemes: the words that dates and numbers are made of, and what stands between.

A lexeme is a numeral, a word of a lexicon (年, 公里, 上旬, 左右 …), or a gap, the stretch
between two of these. The lexemes of a text become one small spaCy `Doc`, the *form*, a token
a lexeme, and the forms of dates and numbers are `Matcher` patterns over it:

    token.orth_    the folded word; `#` for a numeral; `…` for a gap
    token.tag_     the word's class for dates (its `date` column), `NUM` for a numeral
    token.lemma_   the word's class for numbers (its `number` column), `NUM` for a numeral

Words come from CSV files with the columns `word`, `class` and what else their kind reads.
They match on folded text, longest first from the left, and a word that begins where a
numeral does wins only if it is longer (統一, 十分, 一直 are words; 十分之一 holds numerals).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import NamedTuple

import ahocorasick_rs
from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.mentions.fold import fold
from pipeline.mentions.numerals import NUMERAL

GAP, NUM = "…", "NUM"


class Lexeme(NamedTuple):
    """`word` is folded text (a gap's too); classes are empty where the kind does not know it."""

    start: int
    end: int
    word: str
    date_class: str
    number_class: str


class Word(NamedTuple):
    """A lexicon word's classes. `not_before`: folded text it must not be followed by (regex)."""

    date_class: str = ""
    number_class: str = ""
    not_before: re.Pattern[str] | None = None


def read_lexicon(package: str, name: str) -> list[dict[str, str]]:
    """The rows of a CSV lexicon shipped as package data; lines that begin with `#` are notes."""
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return list(csv.DictReader(lines))


@dataclass(frozen=True, slots=True)
class Lexer:
    """Compiled words; `split` cuts a text into lexemes."""

    words: Mapping[str, Word]
    automaton: ahocorasick_rs.AhoCorasick
    names: tuple[str, ...]

    def split(self, text: str) -> list[Lexeme]:
        """Lexemes that cover `text` without gap or overlap, in order."""
        folded = fold(text)
        numerals = [match.span() for match in NUMERAL.finditer(folded)]
        hits = [
            (start, end)
            for index, start, longest in self.automaton.find_matches_as_indexes(folded)
            if (end := self._allowed(index, folded, start, longest))
        ]
        found: list[Lexeme] = []
        position = 0

        def add(start: int, end: int, date_class: str, number_class: str) -> None:
            nonlocal position
            if start > position:
                found.append(Lexeme(position, start, folded[position:start], "", ""))
            found.append(Lexeme(start, end, folded[start:end], date_class, number_class))
            position = end

        n = h = 0
        while n < len(numerals) or h < len(hits):
            numeral = numerals[n] if n < len(numerals) else (len(folded) + 1, 0)
            hit = hits[h] if h < len(hits) else (len(folded) + 1, 0)
            word_first = hit[0] < numeral[0] or (hit[0] == numeral[0] and hit[1] > numeral[1])
            if word_first:
                h += 1
                if hit[0] >= position:
                    word = self.words[folded[hit[0] : hit[1]]]
                    add(*hit, word.date_class, word.number_class)
            else:
                n += 1
                if numeral[0] >= position:
                    add(*numeral, NUM, NUM)
                elif numeral[1] > position:
                    # A word ate the numeral's head (統一百 …): what is left may be one again.
                    rest = NUMERAL.match(folded, position)
                    if rest and rest.end() > position:
                        add(position, rest.end(), NUM, NUM)
        if position < len(folded):
            found.append(Lexeme(position, len(folded), folded[position:], "", ""))
        return found

    def _allowed(self, index: int, folded: str, start: int, end: int) -> int:
        """Where the word found at `start` ends: a shorter one if this may not stand here, or 0."""
        refused = self.words[self.names[index]].not_before
        if not refused or not refused.match(folded, end):
            return end
        for shorter in range(end - 1, start, -1):
            word = self.words.get(folded[start:shorter])
            if word and not (word.not_before and word.not_before.match(folded, shorter)):
                return shorter
        return 0


def build_lexer(words: Mapping[str, Word]) -> Lexer:
    """Compile `words` (any script; folded here). Costs time: build once a process."""
    folded = {fold(word): classes for word, classes in words.items()}
    names = tuple(sorted(folded))
    automaton = ahocorasick_rs.AhoCorasick(
        list(names), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
    )
    return Lexer(folded, automaton, names)


def merge_words(*lexicons: Mapping[str, Word]) -> dict[str, Word]:
    """One lexicon of several kinds: each kind adds its own class to a shared word (分, 點)."""
    merged: dict[str, Word] = {}
    for lexicon in lexicons:
        for surface, word in lexicon.items():
            old = merged.get(fold(surface), Word())
            merged[fold(surface)] = Word(
                word.date_class or old.date_class,
                word.number_class or old.number_class,
                word.not_before or old.not_before,
            )
    return merged


def form_doc(vocab: Vocab, lexemes: Iterable[Lexeme]) -> Doc:
    """The form of `lexemes`, a token each. Gaps and numerals get one word each, so that the
    vocabulary stays as small as the lexicon whatever is read."""
    words, tags, lemmas = [], [], []
    for lexeme in lexemes:
        known = lexeme.date_class or lexeme.number_class
        words.append("#" if lexeme.date_class == NUM else lexeme.word if known else GAP)
        tags.append(lexeme.date_class or "-")
        lemmas.append(lexeme.number_class or "-")
    return Doc(vocab, words=words, spaces=[False] * len(words), tags=tags, lemmas=lemmas)
