"""The spaCy component for places: from characters to `doc.spans["places"]`.

Names come, in this order, from links, from what the article makes known, from the gazetteer,
from transliteration runs and from Chinese generics; where two overlap the longer or the
earlier kind wins. Each name's form (see `patterns`) then tells whether it is a place here and
how far it reaches.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import ahocorasick_rs
from spacy.language import Language
from spacy.tokens import Doc

from pipeline.fold import fold
from pipeline.mentions.found import Found, extend_spacy, folded_of, put
from pipeline.mentions.place.article import (
    GIVEN_NAME_ENDINGS,
    TOWN_ENDINGS,
    ArticlePlaces,
    Known,
    prepare,
)
from pipeline.mentions.place.gazetteer import Gazetteer, load
from pipeline.mentions.place.lexicon import FUNCTION, Lexicon, Word, load_lexicon
from pipeline.mentions.place.names import classify
from pipeline.mentions.place.patterns import ELSEWHERE, KNOWN, judge
from pipeline.mentions.place.resolve import PlaceReading, resolve
from pipeline.records import PlaceType

__all__ = ["PlaceReading", "create_places", "prepare", "resolve"]

_DOTS = frozenset("·‧・•")
_DIVISION = frozenset("市县区镇乡州省村")
# Characters that do not go on in a facility's name (俄羅斯帝國年間本要塞).
_NO_FILLER = frozenset("本年月日间时期除首")
_JOINS = frozenset("、和与及至或-–—~")
_QUOTED = re.compile(r"《[^《》\n]{0,80}》|〈[^〈〉\n]{0,80}〉")
_MAX_AFTER = 7
_WITNESSED = frozenset(("placed", "chain", "list", "side"))
# How often a name may stand unwitnessed, for each time that something tells it is a place, to be
# one there as well; and how often to be one at all.
_SILENT, _TOO_SILENT = 2, 3
_SMALL = 10_000
_MANY = 1_000_000
_NAMES_PERSONS = frozenset(("part-of-dotted-name", "office"))
_KNOWN = 100_000
_HEAD = 3
_NO_HEAD: tuple[bool | None, tuple[int, ...]] = (None, ())
_NOTHING_KNOWN = ArticlePlaces()
# Links, qualifiers and categories of one country from which an article is about it.
_MUCH = 4
_DIVISIONS = frozenset(("region", "settlement", "district"))
_PARTS_OF_COUNTRIES = frozenset(("region", "settlement"))
_FAR = frozenset(("HEAD", "EVENT"))
_GENERIC_KINDS = frozenset(("SUFFIX", "HEAD", "NEAR", "LINE"))
_STATES = ("共和国", "王国", "帝国", "公国", "汗国", "民国")
_STOPS = frozenset((*KNOWN, "NOTHING"))
_DOUBTED = frozenset(("FAINT", "PERSON", "HOMONYM"))


class Seed(NamedTuple):
    """A name before its form is judged: a stretch of the doc and where it came from."""

    start: int
    end: int
    kind: str
    place_type: PlaceType | None
    base: str
    known: Known | None


@dataclass(frozen=True, slots=True)
class _Finder:
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
def build_finder() -> _Finder:
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
    return _Finder(
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
def _weakness(name: str) -> int:
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


def _words(folded: str, finder: _Finder) -> list[tuple[int, int, bool]]:
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


def _hits(folded: str, finder: _Finder) -> list[tuple[int, int, bool]]:
    """Names (True) and ordinary words (False) in order, none overlapping: of those that do a
    small town gives way, the longest wins, of equals a country or a curated name (日本 of 向日本), then one whose first
    character is no word with what stands before it (東亞 of 靠近東亞), then the first."""
    vocabulary = finder.lexicon.vocabulary

    def key(start: int, end: int, is_name: bool) -> tuple[bool, int, int, bool, int, int, bool]:
        weakness = _weakness(folded[start:end])
        cut = folded[start - 1 : start + 1] in vocabulary if start else False
        return weakness > 1, start - end, weakness, cut, start, end, is_name

    found = _words(folded, finder)
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


def _type(known: Known) -> PlaceType | None:
    """The type of a place that the article makes known; the gazetteer's where it tells none."""
    if known.place_type is not None or known.base not in load().names:
        return known.place_type
    return classify(known.base).place_type


def _seeds(
    folded: str, finder: _Finder, article: ArticlePlaces, offset: int
) -> tuple[list[Seed], bytearray]:
    """All names of the text, in order, none overlapping another; and the bytes of `_generics`."""
    lexicon, size = finder.lexicon, len(folded)
    taken = bytearray(size)
    seeds: list[Seed] = []

    def add(seed: Seed) -> None:
        if seed.start >= 0 and seed.end <= size and taken.find(1, seed.start, seed.end) < 0:
            taken[seed.start : seed.end] = b"\1" * (seed.end - seed.start)
            seeds.append(seed)

    for match in _QUOTED.finditer(folded):
        taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    hits = _hits(folded, finder)
    first, last = (bisect_left(article.links, (at,)) for at in (offset, offset + size))
    for start, end, known in article.links[first:last]:
        add(Seed(start - offset, end - offset, "LINK", known.place_type, known.base, known))
    first, last = (bisect_left(article.blocked, (at,)) for at in (offset, offset + size))
    for start, end in article.blocked[first:last]:
        if end <= offset + size:
            add(Seed(start - offset, end - offset, "NOTHING", None, "", None))
    if article.automaton is not None:
        longest = {start: end for start, end, _ in hits}
        inside = _containers(hits)
        for index, start, end in article.automaton.find_matches_as_indexes(folded):
            if longest.get(start, end) > end or inside(start, end):
                continue
            word = article.words[index]
            if _ends_in_word(folded, end, finder) and word[-1] in _DIVISION:
                shorter = word[:-1]
                if shorter in article.surfaces:
                    word, end = shorter, end - 1  # 南京 of 南京市民
                elif shorter in finder.gazetteer.names:
                    continue
            learnt = article.surfaces.get(word)
            if learnt is not None:
                kind_learnt = "ALIAS" if learnt.alias else "TITLE"
                add(Seed(start, end, kind_learnt, _type(learnt), learnt.base, learnt))
            elif taken.find(1, start, end) < 0:
                taken[start:end] = b"\1" * (end - start)
    for run in _runs(folded, hits, finder):
        add(run)
    vocabulary = lexicon.vocabulary
    for start, end, is_name in hits:
        if taken.find(1, start, end) >= 0:
            continue
        if is_name:
            name = folded[start:end]
            kind, place_type, wary, splits = _trait(name)
            if (
                wary
                or (
                    end - start == 2
                    and (
                        folded[start - 1 : start + 1] in lexicon.pairs
                        or folded[end - 1 : end + 1] in vocabulary
                    )
                )
                or (splits and folded[end - 1 : end + 1] in lexicon.pairs)
            ):
                seed = _look_about(folded, start, end, taken, article, finder)
                if seed is None:
                    continue
                end = seed.end
            else:
                seed = Seed(start, end, kind, place_type, name, None)
            seeds.append(seed)
        taken[start:end] = b"\1" * (end - start)
    generics, far = _generics(folded, finder, taken)
    stems = {seed.end: seed for seed in seeds if seed.kind == "STEM"} if generics else {}
    parts: set[Seed] = set()
    for seed in generics:
        stem = stems.get(seed.start)
        if stem is not None and stem.base[:2] not in lexicon.pairs:
            parts.add(stem)  # 尼亞巴|隆哥河
            whole = folded[stem.start : seed.end]
            seed = Seed(stem.start, seed.end, "RUN", seed.place_type, whole, None)
            taken[stem.start : stem.end] = bytes(stem.end - stem.start)
        add(seed)
    if parts:
        seeds = [seed for seed in seeds if seed not in parts]
    return sorted(seeds), far


class _Trait(NamedTuple):
    """What a name of the gazetteer is by itself; whether what stands about it may change that
    (`wary`), or does if its last character and the next are a word (`splits`: 市 of 市民)."""

    kind: str
    place_type: PlaceType
    wary: bool
    splits: bool


@lru_cache(maxsize=1 << 15)
def _trait(name: str) -> _Trait:
    kind, place_type = classify(name)
    wary = (
        kind in _DOUBTED
        or name[0] == "里"
        or name[0] in _UNITS_OF_TIME
        or _DIRECTIONS.issuperset(name)
        or (len(name) == 2 and name[1] == "县")
        or (len(name) > 2 and name[1:] in load_lexicon().ordinary)
    )
    return _Trait(kind, place_type, wary, name[-1] in _DIVISION or name[-1] == "国")


def _look_about(
    folded: str,
    start: int,
    end: int,
    taken: bytearray,
    article: ArticlePlaces,
    finder: _Finder,
) -> Seed | None:
    """The seed that a name of the gazetteer is where it stands, None where it is no name there."""
    lexicon, name = finder.lexicon, folded[start:end]
    kind = classify(name)
    tail = folded[end - 1 : end + 1]
    ends_anew = name[-1] == "国" and not name.endswith(_STATES)
    if ends_anew and kind.kind != "COUNTRY" and tail in lexicon.vocabulary:
        return None  # 秦 of 後秦國力
    if name[0] == "里" and folded[start - 1 : start] in _MILES:
        return None  # 20公里|約1小時
    if name[0] in _UNITS_OF_TIME and folded[start - 1 : start].isdecimal():
        return None  # 26日|本賽季
    part = folded[end : end + 2]
    if part[:1] == "部" and _DIRECTIONS.issuperset(name) and part not in lexicon.pairs:
        return None  # 非洲中東|部
    if len(name) == 2 and name[-1] == "县" and _goes_back(folded, start, taken, lexicon):
        return None  # 義|寧縣
    if kind.kind == "HOMONYM" and folded[end : end + 1] not in _DIVISION:
        return None
    if _cut_off(folded, start, end, kind.kind, taken, lexicon):
        return None
    if kind.kind == "FAINT" and start and taken[start - 1] and name[0] in lexicon.after:
        return None  # 城 of 列寧格勒城南 is that city's
    if (name[-1] in _DIVISION and _ends_in_word(folded, end, finder)) or (
        ends_anew and tail in lexicon.vocabulary
    ):
        shorter = name[:-1]
        if len(shorter) > 1 and shorter in finder.gazetteer.names:
            name, end = shorter, end - 1  # 南京 of 南京市民, 日本 of 日本國內
            kind = classify(name)
    if kind.kind == "FAINT" and _spoken_of(name, article):
        return Seed(start, end, "NAME", kind.place_type, name, None)
    return Seed(start, end, kind.kind, kind.place_type, name, None)


def _ends_in_word(folded: str, end: int, finder: _Finder) -> bool:
    """Whether the last character of a name and the next are an ordinary word (市民), and no name
    follows (湖南省|長沙)."""
    return folded[end - 1 : end + 1] in finder.lexicon.ordinary and not any(
        folded[end : end + size] in finder.gazetteer.names for size in (2, 3)
    )


def _goes_back(folded: str, start: int, taken: bytearray, lexicon: Lexicon) -> bool:
    """Whether the name of a county of one character takes in the character before it."""
    char = folded[start - 1] if start else ""
    return (
        char in lexicon.goes_on
        and not taken[start - 1]
        and char not in _LEADING
        and folded[max(0, start - 2) : start] not in lexicon.pairs
    )


def _cut_off(
    folded: str, start: int, end: int, kind: str, taken: bytearray, lexicon: Lexicon
) -> bool:
    """Whether a name is but the halves of two words: 靜安 of 鎮靜|安眠, 義國 of 主義|國家, 興城市 of
    新興|城市, 林內 of 雨林|內. Of a little-known one half will do: 高威 of 威力, 大和 of 擴大和."""
    left = start > 0 and not taken[start - 1] and folded[start - 1 : start + 1] in lexicon.pairs
    if end - start > 2:
        return left and folded[start + 1 : end] in lexicon.ordinary
    right = folded[end - 1 : end + 1] in lexicon.vocabulary
    if kind == "COUNTRY":
        return left and right and folded[end - 1] == "国"
    if kind in _DOUBTED:
        return left or right
    if left != right and _is_little_known(folded[start:end]):
        # 島原|地區, 榆林|區: what follows is a word that follows places.
        return left or not lexicon.after.keys() & (folded[end : end + 1], folded[end : end + 2])
    return left and (right or folded[end - 1] in _SIDES or folded[end - 1] in FUNCTION)


@lru_cache(maxsize=1 << 12)
def _is_little_known(name: str) -> bool:
    entry = load().lookup(name)[0]
    town = entry.place_type in ("settlement", "district")
    return town and entry.rank != 1 and entry.population < _KNOWN


def _spoken_of(name: str, article: ArticlePlaces) -> bool:
    """Whether the article is much about the country of a place that is little known."""
    if name in load_lexicon().persons:
        return False
    entry = load().lookup(name)[0]
    division = entry.place_type in ("region", "district") or entry.population > 0
    return division and article.countries[entry.country_code or ""] >= _MUCH


def _containers(hits: Sequence[tuple[int, int, bool]]) -> Callable[[int, int], bool]:
    """Whether a span lies strictly inside a hit that begins before it."""

    def inside(start: int, end: int) -> bool:
        index = bisect_left(hits, (start,)) - 1
        return index >= 0 and hits[index][1] >= end

    return inside


def _runs(folded: str, hits: Sequence[tuple[int, int, bool]], finder: _Finder) -> list[Seed]:
    """Foreign names that the gazetteer lacks, spelt in transliteration characters.

    A gazetteer name in a run stands unless enough of the run is left over to show that it is a
    longer name (瓦尼 in 特蘭西瓦尼亞).
    """
    lexicon = finder.lexicon
    found = []
    for match in finder.runs.finditer(folded):
        start, end = match.span()
        while start < end and folded[start] in FUNCTION:
            start += 1
        if end - start > 3 and (
            folded[end - 1] in _FEATURES or _begins_generic(folded, end - 1, lexicon)
        ):
            end -= 1  # the 山 of 尼米茲山, the 冰 of 阿萊奇冰川
        if end - start < 3 or _strength(folded[start:end], lexicon) * 2 < end - start:
            continue
        first = bisect_left(hits, (start,))
        if first and hits[first - 1][1] > start:
            first -= 1
        inside = hits[first : bisect_left(hits, (end,))]
        if inside:
            a, b, is_name = inside[0]
            known = is_name and a == start and b - a > 2 and _weakness(folded[a:b]) == 0
            if known and end - b > 2 and _follower(folded, end, lexicon) in _PARTS_OF_COUNTRIES:
                start, inside = b, inside[1:]  # 英格蘭|赫特福德郡
        stem = rest = folded[start:end]
        for a, b, is_name in inside:
            # Of a name that goes on behind the run a single character proves nothing: 烏姆塔[拉省].
            covers = is_name or folded[a:b] in lexicon.nothing
            if covers and (b <= end or a <= start or end - a > 1):
                a, b = max(a, start) - start, min(b, end) - start
                rest = rest[:a] + "…" * (b - a) + rest[b:]
        if rest != stem and not _goes_beyond(rest, folded, start, end, lexicon):
            continue
        if end - start < 3 or _strength(stem, lexicon) * 2 < end - start:
            continue
        if stem.endswith(TOWN_ENDINGS):
            found.append(Seed(start, end, "SPELT", "settlement", stem, None))
        else:
            found.append(Seed(start, end, "STEM", None, stem, None))
    return found


def _follower(folded: str, end: int, lexicon: Lexicon) -> PlaceType | None:
    """The type of place that the generic at `end` makes of a name."""
    sizes = lexicon.lengths.get(folded[end : end + 2])
    for size in sizes or lexicon.lengths.get(folded[end : end + 1], ()):
        word = lexicon.after.get(folded[end : end + size])
        if word is not None and word.kind in _GENERIC_KINDS:
            return word.place_type
    return None


def _begins_generic(folded: str, start: int, lexicon: Lexicon) -> bool:
    """Whether a generic of two characters stands at `start`."""
    word = lexicon.after.get(folded[start : start + 2])
    return word is not None and word.kind in _GENERIC_KINDS


def _goes_beyond(rest: str, folded: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether what a run has beyond the names in it, which `rest` has … for, tells that it is a
    longer name: two characters, one on either side (古[德里]奇), or one before a generic
    ([阿萊]奇冰川)."""
    if _left_over(rest, lexicon):
        return True
    if rest[-1] == "…" or folded[end - 1 : end + 1] in lexicon.vocabulary:
        return False
    if rest[0] != "…" and rest.count("…") == 2:
        name = folded[start + rest.index("…") :][:2]
        return (
            folded[start - 1 : start + 1] not in lexicon.vocabulary
            and name in load().names
            and _weakness(name) > 0
        )
    pair = _begins_generic(folded, end, lexicon)
    return pair and _follower(folded, end, lexicon) in ("landform", "water")


def _strength(stem: str, lexicon: Lexicon) -> int:
    """How many characters of a stem are of a kind that spells foreign sounds only."""
    return sum(map(lexicon.foreign.__contains__, stem))


def _left_over(rest: str, lexicon: Lexicon) -> bool:
    """Whether two characters in a row are outside every name, one at least of a kind that
    spells foreign sounds only; a word like 坦克 after a name is no part of it."""
    return any(
        not lexicon.foreign.isdisjoint(piece[i : i + 2])
        and piece[i : i + 2] not in lexicon.vocabulary
        for piece in rest.split("…")
        for i in range(len(piece) - 1)
    )


def _generics(folded: str, finder: _Finder, taken: bytearray) -> tuple[list[Seed], bytearray]:
    """Names that only their generic tells: between a boundary and 寺, 村, 車站 …

    The bytes are 1 where a word begins that a form may look for far from its name: the head of
    a facility, an event.
    """
    lexicon, words = finder.lexicon, finder.lexicon.generic_words
    goes_on = lexicon.goes_on
    found: list[Seed] = []
    far = bytearray(len(folded))
    for index, start, end in lexicon.generics.find_matches_as_indexes(folded):
        word = words[index]
        if word is None:
            continue
        if word.kind in _FAR:
            far[start] = 1
        if taken[start] or word.kind not in _GENERIC_KINDS:
            continue
        if start == 0 or taken[start - 1] or folded[start - 1] not in goes_on:
            continue
        if word.stem == 0 and folded[start - 1] not in lexicon.transliteration:
            continue
        if end - start == 1 and folded[start - 1 : start] == folded[start:end]:
            continue  # the second of 車站站長
        left, least = start, max(word.stem, 1)
        while (
            left > 0
            and start - left < 5
            and not taken[left - 1]
            and folded[left - 1] in goes_on
            and (left > start - least or folded[left - 2 : left] not in lexicon.verbs)
        ):
            left -= 1
        if left and left < start and _one_word(folded[left - 1 : left + 1], lexicon):
            left += 1  # 達 of 到達江畔
        bounded = (
            left == 0
            or taken[left - 1]
            or folded[left - 1] not in goes_on
            or folded[left - 2 : left] in lexicon.verbs
        )
        while start - left > least and folded[left] in _LEADING:
            left += 1
        if left and taken[left - 1] and start - left > least and folded[left] in lexicon.after:
            left += 1  # the 路 of 秣陵路|梅園路
        stem = folded[left:start]
        if not stem:
            continue
        if not bounded:
            # No boundary near: before a division's name a common word will do (撤銷|南匯區).
            if word.place_type not in _DIVISIONS:
                continue
            size = next(
                (
                    n
                    for n in range(max(word.stem, 2), min(4, start - 2) + 1)
                    if folded[start - n - 2 : start - n] in lexicon.vocabulary
                ),
                0,
            )
            if not size:
                continue
            left = start - size
            stem = folded[left:start]
        spelt = len(stem) > 1 and all(char in lexicon.transliteration for char in stem)
        if spelt and _strength(stem, lexicon) * 2 > len(stem) and stem not in lexicon.vocabulary:
            found.append(Seed(left, end, "RUN", word.place_type, folded[left:end], None))
        elif word.stem and len(stem) <= 4 and _nameable(stem, folded[left:end], word, lexicon):
            person = (
                len(stem) == 2
                and stem[0] in lexicon.surnames
                and folded[start] in GIVEN_NAME_ENDINGS
            )
            brief = len(stem) < word.stem or (person and end - start == 1)
            kind = "BRIEF" if brief else "GENERIC"
            while end - start > 1 and found and found[-1].start >= left:
                found.pop()  # the 響礁 of 響礁門大橋
            found.append(Seed(left, end, kind, word.place_type, folded[left:end], None))
    return found, far


def _one_word(pair: str, lexicon: Lexicon) -> bool:
    return pair in lexicon.vocabulary or pair in lexicon.before


_NO_NAME_START = frozenset(
    "一二三四五六七八九十两几数多少大小高新旧老首主另整双单前后上下左右内外本同全副总分第年月日时建跨"
)
# What stands before a generic that is meant as a common noun (以後本要塞, 江底).
_DEICTIC = frozenset("本该此这那各每某后前旧新大小主两几数")
# Verbs of one character that often stand right before a name (駐拉卜楞鎮).
_LEADING = frozenset(
    "沿属驻距率赴抵往返占攻守围称叫改设迁离达隔辖废置拆撤屯敌析隶治接邻临濒调升降并归"
)
# Characters of no Chinese place's name: verbs, mostly (朱棣謁孝陵, 襲剿斷藤峽, 整條河).
_UNNAMED = frozenset("曰距谒剿袭率售卖享奖遭拖杀剩较陷削废撤拆除这整诸敌派欲乘请遣全谋击败被")
_DIRECTIONS = frozenset("东西南北中")
_UNITS_OF_TIME = frozenset("年月日时间")
# What tells on which side of a thing something is (樹林|內).
_SIDES = frozenset("内外上下中前后里间旁")
# Generics that spell foreign sounds as well.
_FEATURES = frozenset("山海江")
_NUMERALS = frozenset("一二三四五六七八九十两几数半")
# 上海鐵路 and 浙江公路 are no lines but all of a region's.
_RAILWAYS = frozenset(("铁路", "公路"))
_WITHIN = frozenset("内外近带地")
_MILES = frozenset("公英海华")
_QUOTES = frozenset("」”』")
_TELLING = _DOTS | _JOINS | _QUOTES
_COUNTED = frozenset(("region", "settlement", "district", "other"))
_CLASSIFIERS = frozenset("个座条所家间处片块段栋幢层号级种类名位次批组对份项")


def _nameable(stem: str, whole: str, word: Word, lexicon: Lexicon) -> bool:
    """Whether a stem and its generic can be a name: no ordinary word makes it up."""
    if whole in lexicon.ordinary or whole in lexicon.vocabulary or stem in lexicon.after:
        return False
    if len(stem) == 1:
        return not any(stem in kind for kind in (_NO_NAME_START, _CLASSIFIERS, _LEADING))
    ending = lexicon.ending(whole)
    if ending is not None and len(ending[0]) > len(whole) - len(stem):
        stem = whole[: -len(ending[0])]
    if stem in lexicon.kinds or stem[-1] in _DEICTIC or stem[0] in _UNITS_OF_TIME:
        return False
    if stem in lexicon.verbs or stem in lexicon.before:
        return False  # 流注湖內
    if stem[0] in _NUMERALS and (stem[1:2] in _CLASSIFIERS or stem[1:2] in lexicon.after):
        return False
    if stem[-1] in _NUMERALS and word.place_type in _COUNTED:
        return False  # 望平四縣
    if not _UNNAMED.isdisjoint(stem):
        return False
    tails = (whole[-size:] for size in range(2, min(len(whole), 5)))
    if any(tail in lexicon.ordinary and tail not in lexicon.after for tail in tails):
        return False
    words = lexicon.verbs if word.common else lexicon.vocabulary
    return not any(stem[i : i + 2] in words for i in range(len(stem) - 1))


def _before(folded: str, seed: Seed, previous_end: int, lexicon: Lexicon) -> str:
    start = seed.start
    if start == 0:
        return "BOUND"
    if previous_end == start:
        return "PLACE"
    char = folded[start - 1]
    if char in _DOTS:
        return "DOT"
    if char in lexicon.office_ends and any(
        folded[max(0, start - size) : start] in lexicon.offices for size in (2, 3, 4)
    ):
        return "OFFICE"
    if previous_end == start - 1 and char in _JOINS:
        return "LISTED"
    for size in (4, 3, 2, 1) if char in lexicon.before_ends else ():
        kind = lexicon.before.get(folded[max(0, start - size) : start])
        if kind == "LOCATIVE":
            if size > 1:
                return kind
            # 於 of 由於 and 到 of 得到 do not place anything.
            if folded[start - 2 : start] not in lexicon.vocabulary:
                return "IN"
        if kind == "DIRECTION":
            far = folded[start - size - 1] if start > size else ","
            whole = folded[max(0, start - size - 1) : start]
            if (
                far not in lexicon.goes_on
                and far not in "以向往朝"
                and whole not in lexicon.vocabulary
            ):
                return kind
    if char not in lexicon.goes_on:
        return "BOUND"
    if char in (lexicon.transliteration if seed.kind in ("FAINT", "PERSON") else lexicon.foreign):
        return "FOREIGN_CHARACTER"
    if seed.kind == "FOREIGN" and seed.end - start == 2 and start > 1:
        pair = folded[start - 2 : start]
        word = pair in lexicon.vocabulary or pair in lexicon.ordinary
        if not word and lexicon.transliteration.issuperset(pair):
            return "FOREIGN_CHARACTER"  # 克林 of 富蘭克林
    if char in lexicon.surnames and (start == 1 or folded[start - 2] not in lexicon.goes_on):
        return "SURNAME"
    return "OTHER"


def _after(
    folded: str, far: bytearray, end: int, next_seed: Seed | None, lexicon: Lexicon
) -> tuple[list[str], list[tuple[int, Word | None]]]:
    """Classes of what follows a name up to the next boundary or name, and where each ends."""
    classes: list[str] = []
    words: list[tuple[int, Word | None]] = []
    next_start = next_seed.start if next_seed is not None else len(folded)
    char, pair = folded[end : end + 1], folded[end : end + 2]
    if (
        next_start > end
        and char not in lexicon.goes_on
        and pair not in lexicon.lengths
        and char not in _TELLING
    ):
        return classes, words  # a boundary, as after most names
    position, stop = end, min(len(folded), next_start, end + 10)
    if next_seed is not None and next_start == end + 1 and char in _JOINS:
        return ["LISTED"], [(end, None)]
    if char in _QUOTES and folded[end + 1 : end + 2] == "号":
        return ["THING"], [(end, None)]  # a ship's name: 「太平」號
    most = _MAX_AFTER if far.find(1, end, stop) >= 0 else 1
    while position < stop and len(classes) < most:
        char, pair = folded[position], folded[position : position + 2]
        for size in lexicon.lengths.get(pair) or lexicon.lengths.get(char, ()):
            piece = folded[position : position + size]
            if len(piece) == size:
                word = lexicon.after.get(piece)
                if word is not None and position + size <= stop:
                    kind = word.kind
                    if kind == "SUFFIX" and size > 1:
                        kind = "LONG_SUFFIX"
                    elif (
                        size == 1
                        and kind != "NEAR"
                        and position == end
                        and (
                            # The generic begins a word (道地), or a name (奉天省|海城).
                            folded[end - 1] in _DIVISION
                            or (word.stem == 0 and pair in lexicon.vocabulary)
                        )
                    ):
                        kind = "CHARACTER"
                    elif piece in _RAILWAYS or (piece == "线" and pair in lexicon.vocabulary):
                        kind = "WORD"
                    classes.append(kind)
                    words.append((position + size, word))
                    position += size
                    if kind == "PART" and piece[-1] in _WITHIN:
                        stop = position  # no site's name goes on over 境內
                    break
                if piece in lexicon.ordinary:
                    if size == 2 and position == end:
                        word = lexicon.after.get(char)
                        if word is not None and word.kind == "NEAR" and piece[1] in _SIDES:
                            continue  # 中山門|外
                        if (
                            word is not None
                            and folded[position + 1 : position + 3] in lexicon.after
                        ):
                            continue  # 恆河|流域
                    classes.append("WORD")
                    words.append((position + size, None))
                    position += size
                    break
        else:
            if char in _DOTS:
                classes.append("DOT")
                words.append((position + 1, None))
                break
            if char not in lexicon.goes_on or char in _NO_FILLER:
                break
            if pair in lexicon.before or pair in lexicon.verbs:
                break
            if position == end and char in lexicon.foreign:
                classes.append("FOREIGN_CHARACTER")
            else:
                classes.append("CHARACTER")
            words.append((position + 1, None))
            position += 1
    else:
        if next_seed is not None and next_seed.kind != "NOTHING" and next_start == end:
            classes.append("PLACE")
            words.append((position, None))
    # What follows matters only up to the last class that some form asks for.
    while classes and classes[-1] in ("CHARACTER", "WORD"):
        classes.pop()
        words.pop()
    return classes, words


def _has_generic(seed: Seed, word: Word | None, lexicon: Lexicon) -> bool:
    """Whether a name ends with a generic of the kind that `word` is (拉多加湖 before 湖)."""
    ending = lexicon.ending(seed.base) if len(seed.base) > 2 else None
    return ending is not None and word is not None and ending[1].place_type == word.place_type


@Language.factory("wikifacts_places")
def create_places(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    extend_spacy()
    finder = build_finder()

    def find_places(doc: Doc) -> Doc:
        offset = doc.user_data.get("offset", 0)
        folded = folded_of(doc)
        article: ArticlePlaces = doc.user_data.get("places") or _NOTHING_KNOWN
        seeds, far = _seeds(folded, finder, article, offset)
        places: list[Found] = []
        passed: list[Seed] = []
        persons: set[str] = set()
        previous_end = -1
        for index, (seed, following) in enumerate(zip(seeds, _followers(seeds), strict=True)):
            if seed.kind == "NOTHING" or seed.start < previous_end:
                continue
            if index + 1 < len(seeds):
                neighbour = seeds[index + 1]
                close = neighbour.start == seed.end and neighbour.kind == "FAINT"
                if close or (seed.kind == "BRIEF" and _is_alike(folded, seed, neighbour)):
                    following = neighbour
            verdict, found = _judge_seed(folded, far, seed, previous_end, following, finder.lexicon)
            if found is None:
                if seed.kind == "FAINT" and verdict == "none":
                    passed.append(seed)
                elif verdict in _NAMES_PERSONS and seed.known is None:
                    persons.add(seed.base)
                continue
            places.append(found)
            previous_end = found.end
        if persons:
            places = [found for found in places if not _is_person(found, persons)]
            passed = [seed for seed in passed if seed.base not in persons]
        if passed:
            places = _in_one_sense(places, passed)
        put(doc, "places", places)
        return doc

    return find_places


def _is_person(found: Found, persons: set[str]) -> bool:
    """Whether a name that is a person's elsewhere in the text (讓-保羅·沙特) is one here too: not
    where something tells it is a place, nor where few readers would think of the person."""
    reading = found.reading
    if reading.base not in persons or reading.known is not None or reading.generic:
        return False
    if found.rule not in ("gazetteer", "country") or reading.lead:
        return False
    entry = load().lookup(reading.base)[0]
    if entry.rank == 1:
        return fold(entry.name) != reading.base and len(reading.base) == 2
    return entry.population < _MANY and entry.place_type in _DIVISIONS


def _in_one_sense(places: list[Found], passed: Sequence[Seed]) -> list[Found]:
    """A little-known name is in one article a place or none: where it is a place where something
    tells so, it is one everywhere, unless that is but one time in many."""
    witnessed = [found for found in places if found.rule in _WITNESSED]
    if not witnessed:
        return places
    told = Counter([found.reading.base for found in witnessed])
    silent = Counter([seed.base for seed in passed])
    more = [
        Found(seed.start, seed.end, ELSEWHERE, PlaceReading(seed.base, seed.place_type))
        for seed in passed
        if silent[seed.base] <= _SILENT * told[seed.base]
    ]
    kept = [
        found
        for found in places
        if found.rule != "placed"
        or silent[found.reading.base] <= _TOO_SILENT * told[found.reading.base]
    ]
    return sorted((*kept, *more), key=lambda found: found.start)


def _followers(seeds: Sequence[Seed]) -> list[Seed | None]:
    """For each seed the next one that its name cannot go on over."""
    followers: list[Seed | None] = []
    following: Seed | None = None
    for seed in reversed(seeds):
        followers.append(following)
        if seed.kind in _STOPS:
            following = seed
    followers.reverse()
    return followers


def _is_alike(folded: str, seed: Seed, neighbour: Seed) -> bool:
    """Whether a doubtful name and the next are of a list, by a generic that they share (前湖、紫霞湖)."""
    return (
        neighbour.start == seed.end + 1
        and (neighbour.kind in ("GENERIC", "RUN") or neighbour.end - neighbour.start > 2)
        and folded[seed.end] in _JOINS
        and folded[seed.end - 1] == folded[neighbour.end - 1]
    )


def _judge_seed(
    folded: str,
    far: bytearray,
    seed: Seed,
    previous_end: int,
    following: Seed | None,
    lexicon: Lexicon,
) -> tuple[str, Found | None]:
    """What its form says of a name: the rule, and the mention that it is if that finds places."""
    before = _before(folded, seed, previous_end, lexicon)
    classes, words = _after(folded, far, seed.end, following, lexicon)
    if classes and classes[0] in ("SUFFIX", "NEAR"):
        again = folded[seed.end - 1] == folded[seed.end] and seed.kind in KNOWN
        if again or _has_generic(seed, words[0][1], lexicon):
            classes[0] = "WORD"  # the second 湖 of 拉多加湖湖畔 goes with what follows
        elif (
            words[0][0] == seed.end + 1
            and seed.place_type in ("country", "region")
            and folded[seed.end : seed.end + 2] in load().names
        ):
            classes[0] = "CHARACTER"  # 江蘇|江寧
    if seed.kind == "COUNTRY" and classes and classes[0] == "LONG_SUFFIX":
        word = words[0][1]
        if word is not None and word.place_type in ("settlement", "district"):
            classes[0] = "WORD"  # 蒙古部落
    verdict = judge((before, seed.kind, *classes), seed.place_type or "")
    if not verdict.keep:
        return verdict.rule, None
    start, end, place_type = seed.start, seed.end, seed.place_type
    if verdict.lead:
        start -= 2 if folded[start - 2 : start] in lexicon.before else 1
        place_type = "water" if place_type == "water" else "region"
    if verdict.take:
        end, word = words[verdict.take - 1]
        place_type = word.place_type if word is not None else place_type
    if seed.kind != "LINK" and end > seed.end and folded[start:end] in lexicon.after:
        return verdict.rule, None  # 共和國 is not 共和's
    reading = PlaceReading(
        seed.base,
        place_type,
        seed.known,
        seed.kind == "LINK",
        folded[seed.end : end],
        folded[start : seed.start],
    )
    return verdict.rule, Found(start, end, verdict.rule, reading)
