"""From readings to mentions: one name, one place for each, in the light of the whole article.

A name that stands for several places is given to a country, else to the place that fits best: the
countries that the article speaks of, what stands beside it and how many people live there weigh
most; what was curated has a start. A little-known place of a country that the article does not
speak of is not meant, nor one far from the town whose name stands right before.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from pipeline.fold import fold
from pipeline.mentions.place.article import ArticlePlaces, Known
from pipeline.mentions.place.gazetteer import Place, load
from pipeline.mentions.place.lexicon import load_lexicon
from pipeline.mentions.place.names import classify
from pipeline.mentions.wordlists import read_lexicon
from pipeline.records import Document, PlaceMention, PlaceResolution, PlaceType

Reading = tuple[int, int, str, "PlaceReading"]

#: How sure a rule is, measured on annotated articles and rounded.
_CONFIDENCE = {
    "link": 0.98, "known-title": 0.95, "country": 0.95, "gazetteer": 0.9, "alias": 0.85,
    "place-suffix": 0.85, "facility": 0.8, "direction": 0.85, "list": 0.75, "chain": 0.75,
    "line": 0.8, "placed": 0.7, "side": 0.75, "transliteration-suffix": 0.75, "transliteration-ending": 0.7,
    "generic": 0.6, "elsewhere": 0.7,
}  # fmt: skip
# Generics that name the place that their base names (列寧格勒城 is 列寧格勒).
_SAME_NAME = frozenset(("城",))
_SAME_PLACE_TYPES = frozenset(("settlement", "district"))
_DIVISIONS = "市縣县區区鎮镇鄉乡村莊庄"
# Divisions named after their seat, and where they are; features that lie by the town they name.
_SEATED = frozenset("县府州厅郡")
_SEATED_IN = frozenset(("CN", "TW", "JP", "KR", "KP", "VN"))
_NEAR_TOWN = frozenset(
    ("岛", "湾", "湖", "潭", "泉", "温泉", "水库", "瀑布", "海滩", "沙滩", "盆地", "溪")
)
_MAX_CANDIDATES = 5
# How much the share of a country in the article's names counts beside a power of ten of people,
# and names of no country that keep a single mention from deciding.
_CONTEXT = 4.0
_SMOOTHING = 2
# How far beside a name another is still beside it, how many are asked, and what it counts if the
# place is near them (kilometres).
_BESIDE, _MOST_BESIDE = 30, 12
_NEAR, _CLOSE, _REACH = 5.0, 200.0, 400.0
# Farther than this from a town, or from a province's middle, no little-known place is in it.
_WITHIN_TOWN, _WITHIN_REGION = 200.0, 800.0
# Countries whose towns bear each other's names, in Chinese characters.
_NAMED_ALIKE = frozenset(("CN", "TW", "HK", "MO", "JP", "KR", "KP", "VN"))
# From this difference in prominence a name is its best-known bearer's in whatever article.
_BEYOND_DOUBT = 2.5
# A place with fewer inhabitants is not expected in an article that speaks so often of others.
_LITTLE_KNOWN = 100_000
_MUCH = 5


class PlaceReading(NamedTuple):
    """What a span says by itself. `base` is the folded name that the gazetteer may know, and
    `known` what the article tells of it, `linked` whether the span is a link. Where the span
    goes beyond its base, `generic` is the folded text that follows it, `lead` what goes before."""

    base: str
    place_type: PlaceType | None
    known: Known | None = None
    linked: bool = False
    generic: str = ""
    lead: str = ""


_Said = tuple[str, str, PlaceReading, Place | None, frozenset[str]]


class _Choice(NamedTuple):
    """The place chosen for a base, what else was considered, and how clear the choice was."""

    entry: Place | None
    candidates: tuple[str, ...]
    clearness: float


class _Sense(NamedTuple):
    """The fields of a `PlaceMention` from `name` on, and how clear the choice of its place was."""

    fields: tuple[Any, ...]
    clearness: float


class _Beside(NamedTuple):
    """What stands beside a name: the country of the name right before it where it is first
    written beside one, and the points of the towns and features about it, wherever it is written."""

    country: str | None
    points: tuple[tuple[float, float], ...]


_NO_CHOICE = _Choice(None, (), 1.0)
_ALONE = _Beside(None, ())
_ALWAYS: frozenset[str] = frozenset()


def resolve(
    readings: Sequence[Reading], document: Document, article: ArticlePlaces, folded: str
) -> tuple[PlaceMention, ...]:
    """The mentions of `readings`, which are (start, end, rule, reading) in order of position.
    `folded` is the document's text.

    A name that the gazetteer lacks has the id `name:` and its folded canonical name, so that
    it is one place wherever it is written.
    """
    written = Counter([reading.base for _, _, _, reading in readings])
    alone = {reading.base for _, _, _, reading in readings if not reading.generic}
    weights = _country_weights(written, article)
    bases = [
        _whole(reading, folded[start:end]) if reading.generic or reading.lead else reading.base
        for start, end, _, reading in readings
    ]
    beside = _names_beside(readings, bases)
    years = _years(folded) if any(base in _times() for base in written) else []
    choices: dict[tuple[str, str | None, frozenset[str]], _Choice] = {}
    # A name that is written once more where the same rule finds it says the same.
    said: dict[_Said, tuple[tuple[Any, ...], float, Place | None]] = {}
    text, mentions = document.text, []
    last_end = -1
    last: Place | None = None
    for (start, end, rule, reading), base in zip(readings, bases, strict=True):
        within = last if start == last_end and not reading.linked else None
        gone = _ALWAYS
        if years and base in _times():
            gone = _out_of_time(base, _year_at(start, years, folded))
        key = (text[start:end], rule, reading, within, gone)
        known = said.get(key)
        if known is None:
            place = (base, reading.known.region if reading.known else None, gone)
            if place not in choices:
                count = written[base]
                choices[place] = _choose(*place, weights, count, beside.get(base, _ALONE))
            choice = choices[place]
            if reading.generic and choice.entry is not None and base == reading.base:
                choice = _unless_by_chance(choice, reading, alone, beside.get(base, _ALONE))
            if within is not None and choice.entry is not None and within is not choice.entry:
                choice = _within(choice, base, within, rule)
            whole = base != reading.base
            sense = _sense(text[start:end], reading, choice, written, whole)
            confidence = round(_CONFIDENCE.get(rule, 0.5) * sense.clearness, 3)
            known = said[key] = sense.fields, confidence, choice.entry
        fields, confidence, last = known
        last_end = end
        mentions.append(PlaceMention(start, end, rule, confidence, *fields))
    return _share_renamed(_fullest(mentions), folded)


def _fullest(mentions: list[PlaceMention]) -> list[PlaceMention]:
    """Names in the fullest form that the article writes: 台北 is 台北市 where that stands too."""
    written: dict[str, str] = {}
    several: dict[str, set[str]] = {}
    for mention in mentions:
        name = written.setdefault(mention.place_id, mention.name)
        if name != mention.name:
            several.setdefault(mention.place_id, {name}).add(mention.name)
    if not several:
        return mentions
    out = []
    for mention in mentions:
        names = several.get(mention.place_id)
        if names is not None and mention.link_target is None:
            full = next((mention.name + d for d in _DIVISIONS if mention.name + d in names), None)
            mention = mention._replace(name=full) if full else mention
        out.append(mention)
    return out


def _country_weights(written: Mapping[str, int], article: ArticlePlaces) -> dict[str, int]:
    """How often the article speaks of each country, by the names that leave no doubt. `written`
    counts the bases."""
    weights = dict(article.countries)
    for base, count in written.items():
        code = _sure_country(base)
        if code:
            weights[code] = weights.get(code, 0) + count
    return weights


@lru_cache(maxsize=1 << 14)
def _sure_country(base: str) -> str | None:
    """The country of a name that leaves no doubt which place it is, out of all context."""
    entries = _candidates(base)
    if not entries:
        return None
    first = entries[0]
    if first.rank != 1:
        others = [entry for entry in entries if entry.country_code != first.country_code]
        if others and _prominence(first) - max(map(_prominence, others)) < _BEYOND_DOUBT:
            return None
    return first.country_code


def _choose(
    base: str,
    region: str | None,
    gone: frozenset[str],
    weights: Mapping[str, int],
    count: int,
    beside: _Beside,
) -> _Choice:
    """The place that a base stands for, which is written `count` times. `weights` tells how often
    the article speaks of each country, `gone` which places are not so called in its time."""
    if region is None and not gone:
        settled = _settled(base)
        if settled is not None:
            return settled
    entries = tuple(entry for entry in _candidates(base) if entry.place_id not in gone)
    if region is not None:
        code = _sure_country(region)
        if code is not None:
            entries = tuple(entry for entry in entries if entry.country_code == code)
    if not entries:
        return _NO_CHOICE
    own = _sure_country(base) if region is None and not gone else None
    if own is not None:  # What the name itself was counted for says nothing of it.
        weights = {**weights, own: weights.get(own, 0) - count}
    choice = _best(entries, [_score(entry, weights, beside) for entry in entries])
    best = choice.entry
    if region is None and best is not None and _is_little_known(best) and _is_alien(best, weights):
        return choice._replace(entry=None, clearness=1.0)
    return choice


@lru_cache(maxsize=1 << 14)
def _settled(base: str) -> _Choice | None:
    """The choice for a base that is the same in every article; None if that is still open."""
    entries = _candidates(base)
    if not entries:
        return _NO_CHOICE
    own = _sure_country(base)
    if own is not None and own not in _NAMED_ALIKE:
        entries = tuple(entry for entry in entries if entry.country_code == own)
    elif len(entries) > 1:
        return None
    choice = _best(entries, [_score(entry, {}, _ALONE) for entry in entries])
    return None if choice.entry is None or _is_little_known(choice.entry) else choice


def _best(entries: Sequence[Place], scores: Sequence[float]) -> _Choice:
    """The place with the best score, of equals the first."""
    order = sorted(range(len(entries)), key=lambda index: (-scores[index], index))
    margin = scores[order[0]] - scores[order[1]] if len(order) > 1 else math.inf
    return _Choice(
        entries[order[0]],
        tuple(dict.fromkeys(entries[index].place_id for index in order))[:_MAX_CANDIDATES],
        1.0 if margin > 1 else 0.85 if margin > 0.3 else 0.7,
    )


def _is_little_known(entry: Place) -> bool:
    """Whether a place is not expected where nothing speaks of its country."""
    return entry.rank == 3 and entry.population < _LITTLE_KNOWN


def _whole(reading: PlaceReading, folded: str) -> str:
    """The name to look up: with its generic, where that is a name of the gazetteer."""
    if reading.generic in _SAME_NAME:
        return reading.base
    return folded if folded in load().names else reading.base


def _names_beside(readings: Sequence[Reading], bases: Sequence[str]) -> dict[str, _Beside]:
    """What stands beside each of `bases`, those of the readings, that leaves a doubt."""
    countries: dict[str, str] = {}
    points: dict[str, list[tuple[float, float]]] = {}
    for index, base in enumerate(bases):
        if _settled(base) is not None:
            continue
        start, end = readings[index][:2]
        about = points.setdefault(base, [])
        if index and base not in countries and start - readings[index - 1][1] < _BESIDE:
            code = _sure_country(bases[index - 1])
            if code is not None and bases[index - 1] != base:
                countries[base] = code
        for other in range(max(0, index - 4), min(index + 5, len(bases))):
            a, b = readings[other][:2]
            if len(about) < _MOST_BESIDE and start - b < _BESIDE and a - end < _BESIDE:
                point = _point(bases[other])
                if point is not None and bases[other] != base:
                    about.append(point)
    return {base: _Beside(countries.get(base), tuple(points[base])) for base in points}


@lru_cache(maxsize=1 << 14)
def _point(base: str) -> tuple[float, float] | None:
    """Where a name is, if it leaves no doubt and is in one country, but none itself."""
    entries = _candidates(base)
    if not entries:
        return None
    settled = _settled(base)
    entry = settled.entry if settled is not None else entries[0]
    if entry is None or entry.place_type == "country" or entry.country_code is None:
        return None
    if entry.latitude is None or entry.longitude is None:
        return None
    point = entry.latitude, entry.longitude
    if settled is None and (
        len(base) < 3 or any(_distance(other, point) > _CLOSE for other in entries)
    ):
        return None
    return point


def _distance(entry: Place, point: tuple[float, float]) -> float:
    """Kilometres, by a plane that touches the globe: enough for what is near."""
    if entry.latitude is None or entry.longitude is None:
        return math.inf
    across = (entry.longitude - point[1] + 180) % 360 - 180
    north = entry.latitude - point[0]
    return 111.2 * math.hypot(north, across * math.cos(math.radians(point[0])))


def _nearness(entry: Place, points: Sequence[tuple[float, float]]) -> float:
    """How much of what stands beside a name is near a place: from 0 to almost 1."""
    if not points:
        return 0.0
    near = 0.0
    for point in points:
        distance = _distance(entry, point)
        near += 1.0 if distance < _CLOSE else 0.5 if distance < _REACH else 0.0
    return near / (len(points) + 1)


def _within(choice: _Choice, base: str, outer: Place, rule: str) -> _Choice:
    """The choice for a name right behind that of `outer`: a quarter is of the country that the
    town is of (台南市|東區), and a little-known town lies by it (青田縣|高市鄉)."""
    entry = choice.entry
    assert entry is not None
    if (
        rule == "chain"
        and outer.country_code
        and entry.country_code not in (outer.country_code, None)
    ):
        return choice._replace(entry=None, clearness=1.0)
    if outer.place_type == "country" or outer.latitude is None or outer.longitude is None:
        return choice
    point = outer.latitude, outer.longitude
    province = outer.place_type == "region" and outer.rank in (0, 2)
    limit = _WITHIN_REGION if province else _WITHIN_TOWN
    if not _is_little_known(entry) or _distance(entry, point) <= limit:
        return choice
    nearest = min(_candidates(base), key=lambda other: _distance(other, point))
    near = _distance(nearest, point) <= limit
    return choice._replace(entry=nearest if near else None, clearness=1.0)


def _unless_by_chance(
    choice: _Choice, reading: PlaceReading, alone: Container[str], beside: _Beside
) -> _Choice:
    """The choice for a name that goes on over its base: a site's or feature's name begins like a
    little-known town by chance (青山墓園), unless that is near or the article names it by itself."""
    entry = choice.entry
    assert entry is not None
    if (
        not _is_little_known(entry)
        or reading.known is not None
        or reading.place_type not in ("site", "water", "landform", "other")
        or reading.base in alone
        or _nearness(entry, beside.points)
    ):
        return choice
    return choice._replace(entry=None, clearness=1.0)


@lru_cache(maxsize=1 << 14)
def _candidates(base: str) -> tuple[Place, ...]:
    """The places that a base may mean: a town's name with 市 is that of its namesakes too."""
    entries = load().lookup(base)
    if not entries or base[-1] != "市" or len(base) < 3:
        return entries
    known = {entry.place_id for entry in entries}
    return entries + tuple(
        entry
        for entry in load().lookup(base[:-1])
        if entry.place_type == "settlement" and entry.place_id not in known
    )


@lru_cache(maxsize=1)
def _times() -> dict[str, tuple[tuple[str, float, float], ...]]:
    """For each name in `times.csv` the places and the years in which they are so called."""
    times: dict[str, tuple[tuple[str, float, float], ...]] = {}
    for row in read_lexicon("pipeline.mentions.place", "times.csv"):
        since = float(row["since"] or -math.inf)
        until = float(row["until"] or math.inf)
        times[row["name"]] = (*times.get(row["name"], ()), (row["place"], since, until))
    return times


_YEAR = re.compile("([0-9]+)(年|世纪)")


def _years(folded: str) -> list[tuple[int, int]]:
    """The years and middles of centuries that a text names, and where."""
    years = []
    for match in _YEAR.finditer(folded):
        century, digits, start = match[2] == "世纪", len(match[1]), match.start()
        if not (digits < 3 if century else 2 < digits < 5):
            continue  # 20年 is no year
        number = int(match[1]) * 100 - 50 if century else int(match[1])
        years.append((start, -number if folded[start - 1 : start] == "前" else number))
    return years


def _year_at(start: int, years: Sequence[tuple[int, int]], folded: str) -> int:
    """The year that is spoken of at `start`: the last that is named before it in its paragraph,
    else the first after it there, else the middle one of all that the text names."""
    index = bisect_right(years, (start, 0))
    if index and "\n" not in folded[years[index - 1][0] : start]:
        return years[index - 1][1]
    if index < len(years) and "\n" not in folded[start : years[index][0]]:
        return years[index][1]
    return sorted(year for _, year in years)[len(years) // 2]


def _out_of_time(base: str, year: int) -> frozenset[str]:
    """The places that are not called `base` in a year."""
    return frozenset(place for place, since, until in _times()[base] if not since <= year < until)


def _is_alien(entry: Place, weights: Mapping[str, int]) -> bool:
    """Whether the article, which names many places, names no other of a place's country: 溫泉村
    is none in Arkansas in an article on Shanxi."""
    return not weights.get(entry.country_code or "") and sum(weights.values()) >= _MUCH


def _score(entry: Place, weights: Mapping[str, int], beside: _Beside) -> float:
    if entry.rank == 1:
        return 100.0
    score, code = _prominence(entry) + _NEAR * _nearness(entry, beside.points), entry.country_code
    if code is None:
        return score + _CONTEXT / 2  # of no one country, so no stranger to any
    score += _CONTEXT * weights.get(code, 0) / (sum(weights.values()) + _SMOOTHING)
    if code == beside.country and entry.population > _LITTLE_KNOWN:
        score += _CONTEXT * 3 / 4
    if code in _NAMED_ALIKE and _is_alien(entry, weights):
        score -= _CONTEXT
    return score


def _prominence(entry: Place) -> float:
    """How much is known of a place: by its inhabitants in powers of ten, of regions and features
    by what such places have."""
    if entry.population:
        known = math.log10(entry.population + 10)
    elif entry.rank == 0 and entry.place_type != "district":
        known = 6.0
    else:
        known = 5.0 if entry.source == "jionlp" else 1.0
    return known + (1.5 if entry.rank == 0 else 0.5 if entry.rank == 2 else 0.0)


def _sense(
    surface: str, reading: PlaceReading, choice: _Choice, bases: Container[str], whole: bool
) -> _Sense:
    """What a mention that is written `surface` says beside where it stands. `bases` are those of
    all mentions of the article; `whole` tells that the choice is one for all of the surface."""
    entry, known = choice.entry, reading.known
    extended = bool(reading.generic or reading.lead)
    same_name = reading.generic in _SAME_NAME and not reading.lead
    place_type = reading.place_type or (entry.place_type if entry else None) or "other"
    if known is not None and (not extended or same_name):
        name = known.name
    elif same_name:
        name = surface[: -len(reading.generic)]
    else:
        name = surface
    near = entry
    if entry is None and reading.place_type == "site":
        # A site that is named after its town stands in it.
        near = _town_of(reading.base, bases)
    if extended and not same_name:
        if whole:
            extended = False
        elif not _same_place(entry, place_type, reading.generic):
            entry = None
    elif same_name:
        place_type = entry.place_type if entry else "settlement"
    tells = (
        not extended
        or same_name
        or _tells_location(near, place_type, reading.generic, reading.base)
    )
    located = near if tells else None
    if entry is not None:
        place_id = entry.place_id
    else:
        place_id = "name:" + (fold(name) if known is None or extended else known.base)
    resolution: PlaceResolution
    if reading.linked or (known is not None and known.target is not None):
        resolution = "link"
    elif entry is not None:
        resolution = "gazetteer"
    else:
        resolution = "pattern"
    fields = (
        name,
        place_type,
        place_id,
        entry.geonames_id if entry else None,
        located.latitude if located else None,
        located.longitude if located else None,
        near.country_code if near else None,
        resolution,
        known.target if known is not None and reading.linked else None,
        choice.candidates,
    )
    return _Sense(fields, choice.clearness if entry else 1.0)


def _same_place(entry: Place | None, place_type: PlaceType, generic: str) -> bool:
    """Whether a base with a generic is still the base's place (希姆基鎮, 阿登山脈, 晉江縣)."""
    if entry is None:
        return False
    if generic in _SEATED and entry.country_code in _SEATED_IN:
        return entry.place_type in (*_SAME_PLACE_TYPES, "region")
    return any(
        place_type in types and entry.place_type in types
        for types in (_SAME_PLACE_TYPES, ("landform",), ("water",))
    )


def _tells_location(entry: Place | None, place_type: PlaceType, generic: str, base: str) -> bool:
    """Whether the point of a base may stand for what it names with a generic: not a country's
    for a site in it, nor a town's for a long river or range."""
    if entry is None or (base in load().names and classify(base).kind == "PERSON"):
        return False  # 聖瑪麗教堂 is the saint's, not the town's
    if _same_place(entry, place_type, generic):
        return True
    if entry.place_type == "water":
        return generic == "流域"
    return entry.place_type in ("settlement", "district", "site") and (
        place_type in ("settlement", "district", "site", "other") or generic in _NEAR_TOWN
    )


def _town_of(base: str, bases: Container[str]) -> Place | None:
    """The town that a site's name begins with: 布列斯特 of 布列斯特要塞. A short name must be one
    that the article speaks of, as 中山碼頭 need not be in 中山."""
    ending = load_lexicon().ending(base)
    if ending is None:
        return None
    stem = base[: -len(ending[0])]
    for size in range(len(stem), 1, -1):
        entries = load().lookup(stem[:size])
        if entries:
            if size < 3 and stem[:size] not in bases:
                return None
            return entries[0] if entries[0].place_type in ("settlement", "district") else None
    return None


@lru_cache(maxsize=1)
def _renamed() -> tuple[re.Pattern[str], frozenset[str]]:
    """The words after which a place has its name of today, and the characters that end them."""
    renamed = load_lexicon().renamed
    cues = "|".join(sorted(map(re.escape, renamed), key=len, reverse=True))
    ends = frozenset((*(cue[-1] for cue in renamed), "「", "“"))
    return re.compile(rf"(?:{cues})[「“]?$"), ends


def _share_renamed(mentions: list[PlaceMention], folded: str) -> tuple[PlaceMention, ...]:
    """Gives a place without a point the point of what it is called today: X（今Y）, X易名Y.

    Y may be a chain whose last link is the place itself (今嘉義縣梅山鄉).
    """
    groups: dict[str, str] = {}

    def find(place: str) -> str:
        while groups.get(place, place) != place:
            place = groups[place]
        return place

    cue, cue_ends = _renamed()
    for index in range(1, len(mentions)):
        mention = mentions[index]
        if folded[mention.start - 1] not in cue_ends:
            continue
        before = mentions[index - 1]
        between = folded[before.end : mention.start]
        if len(between) > 60 or "\n" in between or "。" in between or not cue.search(between):
            continue
        last = index
        while last + 1 < len(mentions) and mentions[last + 1].start == mentions[last].end:
            last += 1
        groups[find(before.place_id)] = find(mentions[last].place_id)
    if not groups:
        return tuple(mentions)
    points: dict[str, PlaceMention] = {}
    for mention in mentions:
        if mention.latitude is not None:
            points.setdefault(find(mention.place_id), mention)
    out = []
    for mention in mentions:
        point = points.get(find(mention.place_id))
        if mention.latitude is None and point is not None:
            mention = mention._replace(
                latitude=point.latitude,
                longitude=point.longitude,
                country_code=mention.country_code or point.country_code,
            )
        out.append(mention)
    return tuple(out)
