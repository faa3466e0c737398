"""The shipped gazetteer: whole, sane, and where things really are."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest

from pipeline.fold import fold
from pipeline.mentions.place import gazetteer as module
from pipeline.mentions.place.gazetteer import Place, load
from pipeline.mentions.wordlists import read_lexicon
from pipeline.records import PlaceType

CURATED = Path(module.__file__).parent / "data" / "curated"
POINTS = list(
    csv.DictReader((Path(__file__).parent / "data" / "gazetteer_points.csv").open(encoding="utf-8"))
)
COLUMNS = [
    "name",
    "variants",
    "place_type",
    "latitude",
    "longitude",
    "country_code",
    "english",
    "note",
]


def rows(path: Path) -> list[dict[str, str]]:
    return read_lexicon("pipeline.mentions.place", f"data/curated/{path.name}")


def kilometres(place: Place, latitude: float, longitude: float) -> float:
    assert place.latitude is not None and place.longitude is not None, place
    a, b = math.radians(place.latitude), math.radians(latitude)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * (
        math.sin(math.radians(longitude - place.longitude) / 2) ** 2
    )
    return 12742 * math.asin(math.sqrt(half))


def test_names_are_folded_and_lead_to_places():
    gazetteer = load()
    assert len(gazetteer.entries) > 50_000
    assert fold("\n".join(gazetteer.names)) == "\n".join(gazetteer.names)
    numbers = {index for indices in gazetteer.names.values() for index in indices}
    assert numbers == set(range(len(gazetteer.entries)))


def test_every_place_is_well_formed():
    types = set(get_args(PlaceType))
    countries = {row["country_code"] for row in rows(CURATED / "countries.csv")}
    sources = {attribution.source for attribution in load().attributions}
    for place in load().entries:
        assert place.place_type in types, place
        assert place.source in sources, place
        assert place.name, place
        assert (place.latitude is None) == (place.longitude is None), place
        assert place.latitude is None or -90 <= place.latitude <= 90, place
        assert place.longitude is None or -180 <= place.longitude <= 180, place
        assert place.country_code is None or place.country_code in countries, place
        assert place.rank in (0, 1, 2, 3), place
        assert (place.geonames_id is not None) == place.place_id.startswith("gn:"), place


def test_ids_are_unique():
    counts = Counter(place.place_id for place in load().entries)
    assert not [place_id for place_id, count in counts.items() if count > 1]


def test_no_place_is_there_twice():
    """No two places of one name, type and country within 50 km of each other."""
    gazetteer = load()
    doubles = []
    for name, indices in gazetteer.names.items():
        if len(indices) < 2:
            continue
        groups = defaultdict(list)
        for place in gazetteer.lookup(name):
            if place.latitude is not None and place.longitude is not None:
                groups[place.place_type, place.country_code].append(place)
        for group in groups.values():
            doubles += [
                (name, a.place_id, b.place_id)
                for a, b in combinations(group, 2)
                if kilometres(a, b.latitude, b.longitude) < 50
            ]
    assert not doubles


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point["name"])
def test_known_points(point):
    place = load().lookup(fold(point["name"]))[0]
    assert kilometres(place, float(point["latitude"]), float(point["longitude"])) < 50, place
    assert place.country_code == (point["country"] or None), place


SAME = [
    "聖彼得堡 圣彼得堡 列寧格勒 列宁格勒 彼得格勒",
    "伏爾加格勒 斯大林格勒 史達林格勒 察里津",
    "塞瓦斯托波爾 塞瓦斯托波尔 塞凡堡",
    "伊斯坦堡 伊斯坦布爾 君士坦丁堡",
    "首爾 漢城 京城",
    "北京 北平 燕京",
    "瀋陽 沈阳 奉天",
    "胡志明市 西貢",
    "海參崴 符拉迪沃斯托克",
    "悉尼 雪梨",
    "青海湖 库库淖尔 错温布",
    "義大利 意大利",
    "淡水區 滬尾",
]


@pytest.mark.parametrize("names", SAME)
def test_scripts_variants_and_older_names_are_one_place(names):
    assert len({load().lookup(fold(name))[0].place_id for name in names.split()}) == 1


@pytest.mark.parametrize(
    "name",
    [
        "國家",
        "地區",
        "世界",
        "發展",
        "成功",
        "鐵路",
        "廣場",
        "北部",
        "中央",
        "亨利",
        "建立",
        "希望",
    ],
)
def test_ordinary_words_are_no_names(name):
    assert not load().lookup(fold(name))


@pytest.mark.parametrize(
    "name", ["蘇聯", "奧匈帝國", "鄂圖曼帝國", "南斯拉夫", "捷克斯洛伐克", "俄羅斯帝國"]
)
def test_former_states_belong_to_no_country_of_today(name):
    place = load().lookup(fold(name))[0]
    assert place.place_type == "country"
    assert place.country_code is None


def test_curated_comes_before_country_before_subdivision_before_settlement():
    gazetteer = load()
    assert [place.rank for place in gazetteer.entries] == sorted(p.rank for p in gazetteer.entries)
    assert gazetteer.lookup(fold("長江"))[0].place_type == "water"
    assert gazetteer.lookup(fold("墨西哥"))[0].place_type == "country"


def test_blockers_hold_a_name_and_are_none():
    gazetteer = load()
    assert gazetteer.blockers
    assert not gazetteer.blockers & gazetteer.names.keys()
    for word in gazetteer.blockers:
        spans = (word[a:b] for a in range(len(word)) for b in range(a + 2, len(word) + 1))
        assert any(span in gazetteer.names for span in spans), word


@pytest.mark.parametrize("path", sorted(CURATED.glob("*.csv")), ids=lambda path: path.stem)
def test_curated_rows_are_whole(path):
    types = set(get_args(PlaceType))
    for row in rows(path):
        assert list(row) == COLUMNS, row
        assert row["name"], row
        assert row["place_type"] in types, row
        assert re.fullmatch("([A-Z]{2})?", row["country_code"]), row
        assert row["english"] or (row["latitude"] and row["longitude"]), row
        names = [fold(name) for name in (row["name"], *row["variants"].split("|")) if name]
        for name in names:
            assert len(name) > 1, row
            assert name == name.strip() and "（" not in name, row
            assert name in load().names, row


def test_attributions_name_a_licence():
    for attribution in load().attributions:
        assert attribution.licence and attribution.what
        assert "pypi" not in attribution.url
