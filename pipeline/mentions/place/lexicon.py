"""The words that finding a place looks at: its own forms, and what stands before and after it.

All are folded text. `words.csv` holds what may follow a name (市, 碼頭, 人, 戰爭 …) by class,
`cues.csv` what may go before it and words apart, `verbs.csv` common verbs, `ordinary.csv` ordinary words that look like a name's generic
or begin like one (城市, 市民, 高山), `vocabulary.csv` the common words of two characters,
`transliteration.csv` the characters that spell foreign names.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, cast

import ahocorasick_rs

from pipeline.fold import fold
from pipeline.mentions.wordlists import read_lexicon, read_words
from pipeline.records import PlaceType

_PACKAGE = "pipeline.mentions.place"

#: Characters that end a name, or part one from another word: function words and light verbs.
FUNCTION = frozenset(
    "的了是在于和与及或为被由从自至到向对将把以而但亦也则之曾因已有等并不其此该这那所就都又再著"
    "很更最使令让给跟称即如若经每各某你我他她它们个来去过着乃均皆仍只且没未"
)

DOTS = frozenset("·‧・•")
JOINS = frozenset("、和与及至或-–—~")
# The last characters of divisions' names.
DIVISION = frozenset("市县区镇乡州省村")
# What tells on which side of a thing something is (樹林|內).
SIDES = frozenset("内外上下中前后里间旁")
NUMERALS = frozenset("一二三四五六七八九十两几数半")
UNITS_OF_TIME = frozenset("年月日时间")
# Verbs of one character that often stand right before a name (駐拉卜楞鎮).
LEADING = frozenset(
    "沿属驻距率赴抵往返占攻守围称叫改设迁离达隔辖废置拆撤屯敌析隶治接邻临濒调升降并归"
)
# The classes of `words.csv` that are generics, and the types of what divides a country.
GENERIC_KINDS = frozenset(("SUFFIX", "HEAD", "NEAR", "LINE"))
DIVISIONS = frozenset(("region", "settlement", "district"))


_FIRST_HAN, _LAST_HAN = "㐀", "鿿"


def is_han(char: str) -> bool:
    return _FIRST_HAN <= char <= _LAST_HAN


def is_boundary(char: str) -> bool:
    """Whether a name cannot go on over `char`."""
    return not is_han(char) or char in FUNCTION


class Word(NamedTuple):
    """A word that may follow a name. `stem` is the least length of a Chinese name that is known
    by this generic alone (X寺), 0 where the generic does not tell enough; `common` tells that
    ordinary words make such names too (和平公園)."""

    kind: str
    place_type: PlaceType | None
    stem: int
    common: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """`lengths` gives for two characters the lengths, longest first, of the words that begin with
    them or are the first of them; for one character those of a word that it is.

    `homonyms` are names of places that are mostly something else (日照), `doubtful` those that
    often are (四國), `mainland` what China is called in texts that have a word of `across`, `titles` those that are rulers' titles as well (蘇丹), with what stands
    before or after one, `verbs` words that no site's name goes on over, `nothing` words within which
    no name is to be found (北亞熱帶), `offices` words that stand before a person's name (大使). `pairs` are the ordinary and common words of two
    characters. `goes_on` are the characters that a name can go on over, no boundaries.
    """

    after: dict[str, Word]
    before: dict[str, str]
    before_ends: frozenset[str]
    ordinary: frozenset[str]
    vocabulary: frozenset[str]
    pairs: frozenset[str]
    goes_on: frozenset[str]
    lengths: dict[str, tuple[int, ...]]
    surnames: frozenset[str]
    kinds: frozenset[str]
    persons: frozenset[str]
    homonyms: frozenset[str]
    mainland: frozenset[str]
    across: frozenset[str]
    titles: frozenset[str]
    title_before: frozenset[str]
    title_after: frozenset[str]
    doubtful: frozenset[str]
    verbs: frozenset[str]
    nothing: frozenset[str]
    offices: frozenset[str]
    office_ends: frozenset[str]
    transliteration: frozenset[str]
    foreign: frozenset[str]
    generics: ahocorasick_rs.AhoCorasick
    generic_words: tuple[Word | None, ...]
    alias: tuple[str, ...]
    renamed: tuple[str, ...]

    def ending(self, folded: str) -> tuple[str, Word] | None:
        """The longest word of `after` that `folded` ends with, and that is not all of it."""
        for size in range(min(8, len(folded) - 1), 0, -1):
            word = self.after.get(folded[-size:])
            if word is not None:
                return folded[-size:], word
        return None


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Reads and compiles the words: some milliseconds, once a process."""
    after = {
        fold(row["word"]): Word(
            row["class"].upper(),
            cast(PlaceType, row["type"] or None),
            int(row["stem"] or 0),
            bool(row["common"]),
        )
        for row in read_lexicon(_PACKAGE, "words.csv")
    }
    cues: dict[str, list[str]] = {}
    for row in read_lexicon(_PACKAGE, "cues.csv"):
        cues.setdefault(row["class"], []).append(fold(row["word"]))
    ordinary = frozenset(read_words(_PACKAGE, "ordinary.csv"))
    ordinary |= frozenset(cues["ordinary"])
    sizes: dict[str, set[int]] = {}
    for word in (*after, *ordinary):
        sizes.setdefault(word[:2], set()).add(len(word))
    for head, found in sizes.items():
        if head[0] in sizes:
            found.add(1)
    characters = {
        row["character"]: row["strength"] for row in read_lexicon(_PACKAGE, "transliteration.csv")
    }
    generics = dict.fromkeys(ordinary) | {
        word: entry if entry.kind in ("SUFFIX", "HEAD", "NEAR", "LINE") else None
        for word, entry in after.items()
    }
    vocabulary = frozenset(read_words(_PACKAGE, "vocabulary.csv"))
    goes_on = frozenset(map(chr, range(ord(_FIRST_HAN), ord(_LAST_HAN) + 1))) - FUNCTION
    before = dict.fromkeys(cues["locative"], "LOCATIVE")
    before |= dict.fromkeys(cues["direction"], "DIRECTION")
    return Lexicon(
        after=after,
        before=before,
        before_ends=frozenset(word[-1] for word in before),
        ordinary=ordinary,
        vocabulary=vocabulary,
        pairs=vocabulary | {word for word in ordinary if len(word) == 2},
        goes_on=goes_on,
        lengths={head: tuple(sorted(found, reverse=True)) for head, found in sizes.items()},
        surnames=frozenset(cues["surname"]),
        kinds=frozenset(cues["kind"]),
        persons=frozenset(cues["person"]),
        homonyms=frozenset(cues["homonym"]),
        mainland=frozenset(cues["mainland"]),
        across=frozenset(cues["across"]),
        titles=frozenset(cues["title"]),
        title_before=frozenset(cues["title-before"]),
        title_after=frozenset(cues["title-after"]),
        doubtful=frozenset(cues["doubtful"]),
        verbs=frozenset((*cues["verb"], *(cue for cue in cues["alias"] if len(cue) == 2)))
        | frozenset(row["word"] for row in read_lexicon(_PACKAGE, "verbs.csv")),
        nothing=frozenset(cues["nothing"]),
        offices=frozenset(cues["office"]),
        office_ends=frozenset(word[-1] for word in cues["office"]),
        transliteration=frozenset(characters),
        foreign=frozenset(char for char, strength in characters.items() if strength == "strong"),
        generics=ahocorasick_rs.AhoCorasick(
            list(generics), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        ),
        generic_words=tuple(generics.values()),
        alias=tuple(cues["alias"]),
        renamed=tuple(cues["renamed"]),
    )
