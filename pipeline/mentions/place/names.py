"""How much a name of the gazetteer tells by itself, out of all context."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.lexicon import FUNCTION, load_lexicon
from pipeline.records import PlaceType

# Where Chinese prose names divisions by two characters without their generic.
_NEAR = frozenset(("CN", "TW", "HK", "MO", "JP", "KR", "KP", "SG"))
# Inhabitants from which a settlement's name of so many characters is taken as known.
_KNOWN_FROM = {2: 200_000, 3: 30_000}
# A quarter of any country or town, though some units are so called (北部省, 西區).
_QUARTER = re.compile("[东西南北中]+(?:地区|大区|[区省州郡县市])")
_SIDE = re.compile("[东西南北中]+部(?:地区|大区|[区省州郡县市])")
_COUNTS = frozenset("一二三四五六七八九十两")
_SIZES = frozenset("大小老")
_LARGE = 1_000_000


class Name(NamedTuple):
    """`kind` is COUNTRY, NAME, FOREIGN, FAINT, PERSON or HOMONYM, as `patterns` explains them."""

    kind: str
    place_type: PlaceType


@lru_cache(maxsize=1 << 15)
def classify(name: str) -> Name:
    """The kind of a folded name that the gazetteer has, and the type of its best-known place."""
    entry, lexicon = load().lookup(name)[0], load_lexicon()
    if entry.rank == 1:
        return Name("COUNTRY", entry.place_type)
    foreign = all(char in lexicon.transliteration for char in name)
    kind = "FOREIGN" if foreign else "NAME"
    counted = len(name) == 2 and name[0] in _COUNTS and entry.rank > 1
    if name in lexicon.homonyms or counted or _SIDE.fullmatch(name):
        return Name("HOMONYM", entry.place_type)
    saint = name[0] == "圣" and entry.rank > 1 and entry.population < _KNOWN_FROM[2]
    if name in lexicon.persons or saint:
        return Name("PERSON", entry.place_type)
    if name in lexicon.doubtful or _QUARTER.fullmatch(name):
        return Name("FAINT", entry.place_type)
    if entry.rank == 0:
        town = entry.place_type in ("settlement", "district")
        faint = town and len(name) == 2 and name in lexicon.vocabulary
        return Name("FAINT" if faint else kind, entry.place_type)
    generics_only = len(name) == 2 and (
        (name[0] in lexicon.after and name[1] in lexicon.after)
        or (name[0] in lexicon.before and name[1] in lexicon.before)
        or (name[0] in _SIZES and name[1] in lexicon.after)
    )
    divided = len(name) == 3 and name[:2] in lexicon.ordinary and name[-1] not in lexicon.after
    if divided and entry.rank > 1:
        return Name("FAINT", entry.place_type)  # 國家特|徵
    ordinary = name in lexicon.after or name in lexicon.ordinary or name in lexicon.vocabulary
    function = len(name) == 2 and name[0] in FUNCTION
    if (ordinary or generics_only or function) and entry.population < _LARGE:
        return Name("HOMONYM", entry.place_type)
    near = entry.country_code in _NEAR and entry.place_id.startswith(("gn:", "iso:"))
    if entry.rank == 2 and (len(name) > 2 or near):
        return Name(kind, entry.place_type)
    needed = _KNOWN_FROM.get(len(name), 0)
    if name.endswith("县") or (len(name) == 3 and not foreign):
        needed = 0
    return Name("FAINT" if entry.population < needed else kind, entry.place_type)
