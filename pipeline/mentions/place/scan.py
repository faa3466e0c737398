"""What stands where in a text: the names of the gazetteer, and the ordinary words that hold one.

All names at once are looked for by their first three characters; where names and words overlap,
one of them stands and the others do not.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import ahocorasick_rs

from pipeline.mentions.place.article import Known
from pipeline.mentions.place.gazetteer import Gazetteer, load
from pipeline.mentions.place.lexicon import Lexicon, load_lexicon
from pipeline.records import PlaceType

_SMALL = 10_000
_HEAD = 3
_NO_HEAD: tuple[bool | None, tuple[int, ...]] = (None, ())


class Seed(NamedTuple):
    """A name before its form is judged: a stretch of the doc and where it came from."""

    start: int
    end: int
    kind: str
    place_type: PlaceType | None
    base: str
    known: Known | None


@dataclass(frozen=True, slots=True)
class Finder:
    """`automaton` finds the heads of names and blockers, their first three characters: it is
    made in half the time that one of all of them takes. `heads` has for each whether it is itself
    a name (True), a blocker (False) or neither, and the lengths of longer words that begin so."""

    gazetteer: Gazetteer
    lexicon: Lexicon
    blockers: frozenset[str]
    automaton: ahocorasick_rs.AhoCorasick
    heads: tuple[tuple[bool | None, tuple[int, ...]], ...]
    runs: re.Pattern[str]


@lru_cache(maxsize=1)
def build_finder() -> Finder:
    """Compiles the gazetteer's names and blockers; some tenths of a second, once a process."""
    gazetteer, lexicon = load(), load_lexicon()
    blockers = frozenset(
        word
        for word in gazetteer.blockers | lexicon.nothing
        if word not in gazetteer.names
        and (word in lexicon.nothing or not _begins_with_place(word, gazetteer, lexicon))
    )
    heads: dict[str, tuple[bool | None, tuple[int, ...]]] = {}
    for word in chain(gazetteer.names, blockers):
        if len(word) > 1:
            head = word[:_HEAD]
            is_name, lengths = heads.get(head, _NO_HEAD)
            if len(word) == len(head):
                heads[head] = (word in gazetteer.names, lengths)
            elif len(word) not in lengths:
                heads[head] = (is_name, _with_length(lengths, len(word)))
    alphabet = re.escape("".join(sorted(lexicon.transliteration)))
    return Finder(
        gazetteer=gazetteer,
        lexicon=lexicon,
        blockers=blockers,
        automaton=ahocorasick_rs.AhoCorasick(
            list(heads),
            implementation=ahocorasick_rs.Implementation.ContiguousNFA,
        ),
        heads=tuple(heads.values()),
        runs=re.compile(f"[{alphabet}]{{3,14}}"),
    )


def _begins_with_place(word: str, gazetteer: Gazetteer, lexicon: Lexicon) -> bool:
    """Whether an ordinary word is a country or region and a word of its own (日本天皇, 東歐國家),
    no longer name that happens to hold one (馬里斯)."""
    for size in range(2, len(word)):
        if word[:size] in gazetteer.names:
            entry, rest = gazetteer.lookup(word[:size])[0], word[size:]
            if entry.rank == 1 and rest[0] not in lexicon.transliteration:
                return True
            if entry.rank == 0 and (rest in lexicon.vocabulary or rest in lexicon.ordinary):
                return True
    return False


@lru_cache(maxsize=1 << 15)
def weakness(name: str) -> int:
    """How much a folded name or word must stand back where another overlaps it: 0 for countries
    and what was curated, 1 for others, 2 for short names of small towns (東河南)."""
    if name not in load().names:
        return 1
    entry = load().lookup(name)[0]
    if entry.rank <= 1:
        return 0
    return 2 if entry.rank == 3 and len(name) <= 3 and entry.population < _SMALL else 1


@lru_cache(maxsize=1 << 10)
def _with_length(lengths: tuple[int, ...], length: int) -> tuple[int, ...]:
    """Cached, so that heads with the same lengths share one tuple."""
    return tuple(sorted((*lengths, length)))


def words_of(folded: str, finder: Finder) -> list[tuple[int, int, bool]]:
    """All names (True) and ordinary words (False), by where they begin."""
    names, blockers, size = finder.gazetteer.names.keys(), finder.blockers, len(folded)
    heads = finder.heads
    found: list[tuple[int, int, bool]] = []
    for index, start, end in finder.automaton.find_matches_as_indexes(folded, overlapping=True):
        is_name, lengths = heads[index]
        if is_name is not None:
            found.append((start, end, is_name))
        for length in lengths:
            end = start + length
            if end > size:
                break
            word = folded[start:end]
            if word in names:
                found.append((start, end, True))
            elif word in blockers:
                found.append((start, end, False))
    found.sort()
    return found


def hits_of(folded: str, finder: Finder) -> list[tuple[int, int, bool]]:
    """Names (True) and ordinary words (False) in order, none overlapping: of those that do a
    small town gives way, the longest wins, of equals a country or a curated name (日本 of 向日本), then one whose first
    character is no word with what stands before it (東亞 of 靠近東亞), then the first."""
    vocabulary = finder.lexicon.vocabulary

    def key(start: int, end: int, is_name: bool) -> tuple[bool, int, int, bool, int, int, bool]:
        weak = weakness(folded[start:end])
        cut = folded[start - 1 : start + 1] in vocabulary if start else False
        return weak > 1, start - end, weak, cut, start, end, is_name

    found = words_of(folded, finder)
    hits: list[tuple[int, int, bool]] = []
    covered = bytearray(len(folded))
    following = iter(found)
    word = next(following, None)
    while word is not None:
        first, end = word, word[1]
        word = next(following, None)
        if word is None or word[0] >= end:
            hits.append(first)
            continue
        cluster = [key(*first)]
        while word is not None and word[0] < end:
            cluster.append(key(*word))
            end = max(end, word[1])
            word = next(following, None)
        cluster.sort()
        chosen: list[tuple[int, int, bool]] = []
        for *_, start, stop, is_name in cluster:
            if covered.find(1, start, stop) < 0:
                covered[start:stop] = b"\1" * (stop - start)
                chosen.append((start, stop, is_name))
        hits += sorted(chosen)
    return hits


def containers(hits: Sequence[tuple[int, int, bool]]) -> Callable[[int, int], bool]:
    """Whether a span lies strictly inside a hit that begins before it."""

    def inside(start: int, end: int) -> bool:
        index = bisect_left(hits, (start,)) - 1
        return index >= 0 and hits[index][1] >= end

    return inside
