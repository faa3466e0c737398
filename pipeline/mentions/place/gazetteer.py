"""The gazetteer: which names are places, and where these places are.

It is read from three files under `data/`, which `gazetteer/build.py` makes from the sources that
`data/sources.csv` lists and from the lexicons under `data/curated/`:

    places.tsv.gz    a line a place, its fields as in `Place`, the best known first
    names.tsv.gz     a line a folded name, then the numbers of the places so called, best first
    blockers.txt.gz  a line a folded ordinary word that holds a name

A place is parsed when it is asked for, so that a start reads two texts and fills one table.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, KeysView, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple, cast, overload

from pipeline.mentions.wordlists import read_lexicon
from pipeline.records import PlaceType

_PACKAGE = "pipeline.mentions.place"


class Place(NamedTuple):
    """A place of the gazetteer.

    `place_id` is `gn:` and the GeoNames id where there is one, else `iso:` and the ISO 3166
    code, `gb:` and the GB/T 2260 code of a unit of the PRC, or `wf:` and a name of our own.
    `name` is in Traditional characters where these are known. `latitude` and `longitude` are
    WGS 84 degrees: of a river its mouth or middle, of an area its middle. `country_code` is ISO
    3166-1 alpha-2 as of today, None for what crosses borders. `population` is 0 where unknown.
    `rank` is 0 for what was curated by hand, 1 for countries, 2 for subdivisions, 3 for settlements.
    """

    place_id: str
    name: str
    place_type: PlaceType
    geonames_id: int | None
    latitude: float | None
    longitude: float | None
    country_code: str | None
    population: int
    source: str
    rank: int


class Places(Sequence[Place]):
    """The places, each parsed from its line when asked for."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, index: int) -> Place: ...
    @overload
    def __getitem__(self, index: slice) -> Places: ...
    def __getitem__(self, index: int | slice) -> Place | Places:
        if isinstance(index, slice):
            return Places(self._lines[index])
        return _place(self._lines[index])

    def __iter__(self) -> Iterator[Place]:
        return map(_place, self._lines)


class Names(Mapping[str, tuple[int, ...]]):
    """Folded name → indices. Kept as text and parsed when asked for: most names never are, and
    tens of thousands of small tuples would slow every collection of garbage."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._indices = dict(line.split("\t", 1) for line in lines)

    def __getitem__(self, name: str) -> tuple[int, ...]:
        return tuple(map(int, self._indices[name].split("\t")))

    def __contains__(self, name: object) -> bool:
        return name in self._indices

    def __iter__(self) -> Iterator[str]:
        return iter(self._indices)

    def keys(self) -> KeysView[str]:
        return self._indices.keys()  # asked much faster than a Mapping's own

    def __len__(self) -> int:
        return len(self._indices)


class Attribution(NamedTuple):
    """A source of the gazetteer, for the licence notice of what is published with it."""

    source: str
    title: str
    licence: str
    url: str
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class Gazetteer:
    """`names` gives the indices in `entries` of a folded name's places, best first.

    `blockers` are folded words within which no name is to be found (和平共处 holds 和平).
    """

    entries: Sequence[Place]
    names: Mapping[str, tuple[int, ...]]
    blockers: frozenset[str]
    attributions: tuple[Attribution, ...]

    def lookup(self, folded: str) -> tuple[Place, ...]:
        """The places that bear a folded name, best first."""
        return _lookup(self, folded)


@lru_cache(maxsize=1 << 14)
def _lookup(gazetteer: Gazetteer, folded: str) -> tuple[Place, ...]:
    if folded not in gazetteer.names:
        return ()
    return tuple([gazetteer.entries[index] for index in gazetteer.names[folded]])


@lru_cache(maxsize=1)
def load() -> Gazetteer:
    """The gazetteer that is shipped with the package. The first call takes about 0.1 s."""
    return Gazetteer(
        entries=Places(_lines("places.tsv.gz")),
        names=Names(_lines("names.tsv.gz")),
        blockers=frozenset(_lines("blockers.txt.gz")),
        attributions=tuple(
            Attribution(**row) for row in read_lexicon(_PACKAGE, "data/sources.csv")
        ),
    )


def _lines(name: str) -> list[str]:
    packed = files(_PACKAGE).joinpath("data", name).read_bytes()
    return gzip.decompress(packed).decode("utf-8").splitlines()


@lru_cache(maxsize=1 << 13)
def _place(line: str) -> Place:
    place_id, name, place_type, latitude, longitude, country, population, source, rank = line.split(
        "\t"
    )
    return Place(
        place_id=place_id,
        name=name,
        place_type=cast(PlaceType, place_type),
        geonames_id=int(place_id[3:]) if place_id.startswith("gn:") else None,
        latitude=float(latitude) if latitude else None,
        longitude=float(longitude) if longitude else None,
        country_code=country or None,
        population=int(population),
        source=source,
        rank=int(rank),
    )
