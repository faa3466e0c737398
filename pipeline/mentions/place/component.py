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
from collections.abc import Callable, Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.fold import fold
from pipeline.mentions.found import Found, extend_spacy, folded_of, put
from pipeline.mentions.place.article import ArticlePlaces, Known, prepare
from pipeline.mentions.place.form import after_of, before_of, has_generic
from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.generics import generics_of
from pipeline.mentions.place.guards import ends_in_word, seed_of
from pipeline.mentions.place.lexicon import DIVISION, DIVISIONS, JOINS, Lexicon
from pipeline.mentions.place.names import classify
from pipeline.mentions.place.patterns import ELSEWHERE, KNOWN, judge
from pipeline.mentions.place.resolve import PlaceReading, resolve
from pipeline.mentions.place.runs import runs_of
from pipeline.mentions.place.scan import Finder, Seed, build_finder, containers, hits_of
from pipeline.records import PlaceType

__all__ = ["PlaceReading", "create_places", "prepare", "resolve"]

_QUOTED = re.compile(r"《[^《》\n]{0,80}》|〈[^〈〉\n]{0,80}〉")
_WITNESSED = frozenset(("placed", "chain", "list", "side"))
# How often a name may stand unwitnessed, for each time that something tells it is a place, to be
# one there as well; and how often to be one at all.
_SILENT, _TOO_SILENT = 2, 3
_MANY = 1_000_000
# How many names make a list that tells what its names are.
_LISTED = 3
_NAMES_PERSONS = frozenset(("part-of-dotted-name", "office"))
_NOTHING_KNOWN = ArticlePlaces()
_STOPS = frozenset((*KNOWN, "NOTHING"))


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
            listed = _in_lists(folded, places, passed)
            if listed:
                places = sorted((*places, *map(_as_listed, listed)), key=lambda found: found.start)
                passed = [seed for seed in passed if seed not in listed]
            places = _in_one_sense(places, passed)
        put(doc, "places", places)
        return doc

    return find_places


def _seeds(
    folded: str, finder: Finder, article: ArticlePlaces, offset: int
) -> tuple[list[Seed], bytearray]:
    """All names of the text, in order, none overlapping another; and the bytes of `generics_of`."""
    size = len(folded)
    taken = bytearray(size)
    seeds: list[Seed] = []

    def take(start: int, end: int) -> bool:
        free = start >= 0 and end <= size and taken.find(1, start, end) < 0
        if free:
            taken[start:end] = b"\1" * (end - start)
        return free

    def add(seed: Seed) -> None:
        if take(seed.start, seed.end):
            seeds.append(seed)

    for match in _QUOTED.finditer(folded):
        taken[match.start() : match.end()] = b"\1" * (match.end() - match.start())
    for seed in _linked(article, offset, size):
        add(seed)
    hits = hits_of(folded, finder)
    for start, end, known in _learnt(folded, hits, article, finder):
        if known is None:
            take(start, end)
        else:
            kind = "ALIAS" if known.alias else "TITLE"
            add(Seed(start, end, kind, _type(known), known.base, known))
    for run in runs_of(folded, hits, finder):
        add(run)
    for start, end, is_name in hits:
        if taken.find(1, start, end) >= 0:
            continue
        if is_name:
            found = seed_of(folded, start, end, taken, article, finder)
            if found is None:
                continue
            seeds.append(found)
            end = found.end
        taken[start:end] = b"\1" * (end - start)
    generics, far = generics_of(folded, finder, taken)
    stems = {seed.end: seed for seed in seeds if seed.kind == "STEM"} if generics else {}
    parts: set[Seed] = set()
    for seed in generics:
        stem = stems.get(seed.start)
        if stem is not None and stem.base[:2] not in finder.lexicon.pairs:
            parts.add(stem)  # 尼亞巴|隆哥河
            whole = folded[stem.start : seed.end]
            seed = Seed(stem.start, seed.end, "RUN", seed.place_type, whole, None)
            taken[stem.start : stem.end] = bytes(stem.end - stem.start)
        add(seed)
    if parts:
        seeds = [seed for seed in seeds if seed not in parts]
    return sorted(seeds), far


def _linked(article: ArticlePlaces, offset: int, size: int) -> Iterator[Seed]:
    """What the article's links say of `size` characters from `offset` on."""
    first, last = (bisect_left(article.links, (at,)) for at in (offset, offset + size))
    for start, end, known in article.links[first:last]:
        yield Seed(start - offset, end - offset, "LINK", known.place_type, known.base, known)
    first, last = (bisect_left(article.blocked, (at,)) for at in (offset, offset + size))
    for start, end in article.blocked[first:last]:
        yield Seed(start - offset, end - offset, "NOTHING", None, "", None)


def _learnt(
    folded: str, hits: Sequence[tuple[int, int, bool]], article: ArticlePlaces, finder: Finder
) -> Iterator[tuple[int, int, Known | None]]:
    """Where names stand that the article makes known; None where they name no place."""
    if article.automaton is None:
        return
    longest = {start: end for start, end, _ in hits}
    inside = containers(hits)
    for index, start, end in article.automaton.find_matches_as_indexes(folded):
        if longest.get(start, end) > end or inside(start, end):
            continue
        word = article.words[index]
        if ends_in_word(folded, end, finder) and word[-1] in DIVISION:
            shorter = word[:-1]
            if shorter in article.surfaces:
                word, end = shorter, end - 1  # 南京 of 南京市民
            elif shorter in finder.gazetteer.names:
                continue
        yield start, end, article.surfaces.get(word)


def _type(known: Known) -> PlaceType | None:
    """The type of a place that the article makes known; the gazetteer's where it tells none."""
    if known.place_type is not None or known.base not in load().names:
        return known.place_type
    return classify(known.base).place_type


def _judge_seed(
    folded: str,
    far: bytearray,
    seed: Seed,
    previous_end: int,
    following: Seed | None,
    lexicon: Lexicon,
) -> tuple[str, Found | None]:
    """What its form says of a name: the rule, and the mention that it is if that finds places."""
    before = before_of(folded, seed, previous_end, lexicon)
    classes, words = after_of(folded, far, seed.end, following, lexicon)
    if classes and classes[0] in ("SUFFIX", "NEAR"):
        again = folded[seed.end - 1] == folded[seed.end] and seed.kind in KNOWN
        if again or has_generic(seed, words[0][1], lexicon):
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
    return entry.population < _MANY and entry.place_type in DIVISIONS


def _in_lists(folded: str, places: Sequence[Found], passed: Sequence[Seed]) -> set[Seed]:
    """The little-known Chinese names among `passed` that are in a list of at least three names
    (臨潁、郾城、襄城)."""
    if not any(folded[seed.end : seed.end + 1] == "、" for seed in passed):
        return set()
    names = [(found.start, found.end, None) for found in places]
    run: list[tuple[int, int, Seed | None]] = []
    listed: set[Seed] = set()
    for name in sorted((*names, *((seed.start, seed.end, seed) for seed in passed))):
        if run and (folded[run[-1][1]] != "、" or name[0] != run[-1][1] + 1):
            run = []
        run.append(name)
        if len(run) >= _LISTED:
            seeds = [seed for _, _, seed in run if seed is not None]
            if all(_is_chinese(seed.base) for seed in seeds):
                listed.update(seeds)
    return listed


def _is_chinese(base: str) -> bool:
    return load().lookup(base)[0].country_code == "CN"


def _as_listed(seed: Seed) -> Found:
    return Found(seed.start, seed.end, "list", PlaceReading(seed.base, seed.place_type))


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
        and folded[seed.end] in JOINS
        and folded[seed.end - 1] == folded[neighbour.end - 1]
    )
