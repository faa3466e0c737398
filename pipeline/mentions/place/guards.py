"""Where a name of the gazetteer is none: it is the halves of two words, or means another thing.

A guard watches some names, told by the name alone, and refuses one by what stands about it. So
most names have no guard to ask, and none is asked what the name has told already.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.place.article import ArticlePlaces
from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.lexicon import (
    DIVISION,
    FUNCTION,
    LEADING,
    SIDES,
    UNITS_OF_TIME,
    Lexicon,
    load_lexicon,
)
from pipeline.mentions.place.names import classify
from pipeline.mentions.place.patterns import DOUBTED
from pipeline.mentions.place.scan import Finder, Seed
from pipeline.records import PlaceType

_STATES = ("共和国", "王国", "帝国", "公国", "汗国", "民国")
_DIRECTIONS = frozenset("东西南北中")
# What may be the second character of a part of the place before: 城南, 河源.
_QUARTERS = SIDES | _DIRECTIONS | frozenset("源口岸头")
_MILES = frozenset("公英海华")
_WELL_KNOWN = 100_000
# How many characters before and after a name are about it.
_ABOUT = 300
# Links, qualifiers and categories of one country from which an article is about it.
_MUCH = 4


class Standing(NamedTuple):
    """A name where it stands in a folded text; the bytes of `taken` are 1 where a name or word is
    found already."""

    folded: str
    start: int
    end: int
    taken: bytearray
    lexicon: Lexicon

    def left(self) -> bool:
        """Whether the name's first character is an ordinary word with the one before it."""
        start = self.start
        return (
            start > 0
            and not self.taken[start - 1]
            and self.folded[start - 1 : start + 1] in self.lexicon.pairs
        )

    def right(self) -> bool:
        """Whether the name's last character is an ordinary word with the one after it."""
        return self.folded[self.end - 1 : self.end + 1] in self.lexicon.vocabulary


class Guard(NamedTuple):
    """`watches` takes a name and its kind. `halves` are asked only where the name's first or last
    character is a word with its neighbour."""

    guard: str
    watches: Callable[[str, str], bool]
    refuses: Callable[[Standing], bool]
    halves: bool = False


class Trait(NamedTuple):
    """What a name of the gazetteer is by itself, and what may refuse it where it stands. `splits`
    where its last character may belong to the next word (市 of 市民)."""

    kind: str
    place_type: PlaceType
    guards: tuple[Callable[[Standing], bool], ...]
    halves: tuple[Callable[[Standing], bool], ...]
    splits: bool


def _names_state(name: str) -> bool:
    return name[-1] == "国" and not name.endswith(_STATES)


def _names_quarter(name: str) -> bool:
    return len(name) == 2 and name[1] in _QUARTERS and name[0] in load_lexicon().after


def _shorter(name: str) -> bool:
    """Whether a name without its last character is a name as well."""
    return len(name) > 2 and name[:-1] in load().names


def _begins_word(at: Standing) -> bool:
    """秦國 of 後秦|國力."""
    return at.right()


def _after_number_of_miles(at: Standing) -> bool:
    """里約 of 20公里|約1小時."""
    return at.folded[at.start - 1 : at.start] in _MILES


def _after_number_of_time(at: Standing) -> bool:
    """日本 of 26日|本賽季."""
    return at.folded[at.start - 1 : at.start].isdecimal()


def _goes_on_as_side(at: Standing) -> bool:
    """中東 of 非洲|中東部."""
    part = at.folded[at.end : at.end + 2]
    return part[:1] == "部" and part not in at.lexicon.pairs


def _begins_earlier(at: Standing) -> bool:
    """寧縣 of 義寧縣: the county's name has the character before it."""
    char = at.folded[at.start - 1] if at.start else ""
    return (
        char in at.lexicon.goes_on
        and not at.taken[at.start - 1]
        and char not in LEADING
        and at.folded[max(0, at.start - 2) : at.start] not in at.lexicon.pairs
    )


def _without_division(at: Standing) -> bool:
    """和平 that is not 和平區."""
    return at.folded[at.end : at.end + 1] not in DIVISION


def _splits_two_words(at: Standing) -> bool:
    """興城市 of 新興|城市: its first character and the rest belong to two words."""
    return at.left()


def _half_of_kind_of_state(at: Standing) -> bool:
    """義國 of 主義|國家."""
    return at.left() and at.right()


def _half_of_one_word(at: Standing) -> bool:
    """高威 of 高|威力: of a doubtful name one half will do."""
    return at.left() or at.right()


def _begins_as_function_word(at: Standing) -> bool:
    """於越 of 由於|越來越多, but not 於闐 of 經過|於闐."""
    return at.left() and at.folded[at.start - 2 : at.start] not in at.lexicon.pairs


def _half_of_words(at: Standing) -> bool:
    """靜安 of 鎮靜|安眠, 大和 of 擴大|和."""
    return at.left() and (
        at.right() or at.folded[at.end - 1] in SIDES or at.folded[at.end - 1] in FUNCTION
    )


def _half_of_word_or_words(at: Standing) -> bool:
    """林內 of 雨林|內: of a little-known town one half will do, but what follows may be a word
    that follows places (島原|地區, 榆林|區)."""
    left, right = at.left(), at.right()
    if left != right:
        after, end = at.lexicon.after, at.end
        return left or not (at.folded[end : end + 1] in after or at.folded[end : end + 2] in after)
    return left


def _quarter_of_place_before(at: Standing) -> bool:
    """河源 of 黃河|河源."""
    return at.start > 0 and bool(at.taken[at.start - 1]) and at.folded[at.start] in at.lexicon.after


def _is_title(at: Standing) -> bool:
    """蘇丹 of 蘇丹穆拉德二世; in a text that speaks of such rulers, also where nothing tells a place."""
    folded, start, end = at.folded, at.start, at.end
    beside = folded[start - 1 : start] + folded[end : end + 1]
    return (
        _names_rulers(folded, folded[start:end])
        and "、" not in beside
        and at.lexicon.before.get(folded[start - 1 : start]) != "LOCATIVE"
    )


@lru_cache(maxsize=4)
def _names_rulers(folded: str, title: str) -> bool:
    """Whether a text somewhere uses a ruler's title as one: 奧斯曼蘇丹, 歷代蘇丹, 蘇丹穆拉德."""
    lexicon, names = load_lexicon(), load().names
    position = folded.find(title)
    while position >= 0:
        end = position + len(title)
        before, after = folded[max(0, position - 2) : position], folded[end : end + 3]
        if (not before or before + title not in names) and (
            before[-1:] in lexicon.foreign
            or not lexicon.title_before.isdisjoint((before, before[-1:]))
            or not lexicon.title_after.isdisjoint((after[:1], after[:2]))
            or (
                len(after) == 3
                and lexicon.transliteration.issuperset(after)
                and after not in names
                and after[:2] not in names
            )
        ):
            return True
        position = folded.find(title, end)
    return False


def _is_any_continent(at: Standing) -> bool:
    """大陸 of 島型|大陸 or 盤古|大陸, and where nothing about it speaks of Taiwan or Hong Kong."""
    before = at.folded[at.start - 1] if at.start else ""
    if before in at.lexicon.goes_on and before not in LEADING:
        return True
    about = at.folded[max(0, at.start - _ABOUT) : at.end + _ABOUT]
    return not any(word in about for word in at.lexicon.across)


#: In the order in which they are asked.
GUARDS = (
    Guard(
        "begins-word",
        lambda name, kind: kind != "COUNTRY" and _names_state(name) and not _shorter(name),
        _begins_word,
    ),
    Guard("miles", lambda name, kind: name[0] == "里", _after_number_of_miles),
    Guard("time", lambda name, kind: name[0] in UNITS_OF_TIME, _after_number_of_time),
    Guard("side", lambda name, kind: _DIRECTIONS.issuperset(name), _goes_on_as_side),
    Guard("county", lambda name, kind: len(name) == 2 and name[1] == "县", _begins_earlier),
    Guard("mainland", lambda name, kind: name in load_lexicon().mainland, _is_any_continent),
    Guard("title", lambda name, kind: name in load_lexicon().titles, _is_title),
    Guard("homonym", lambda name, kind: kind == "HOMONYM", _without_division),
    Guard(
        "two-words",
        lambda name, kind: len(name) > 2 and name[1:] in load_lexicon().ordinary,
        _splits_two_words,
    ),
    Guard(
        "function-word",
        lambda name, kind: len(name) == 2 and kind != "COUNTRY" and name[0] in FUNCTION,
        _begins_as_function_word,
        halves=True,
    ),
    Guard(
        "kind-of-state",
        lambda name, kind: len(name) == 2 and kind == "COUNTRY" and name[1] == "国",
        _half_of_kind_of_state,
        halves=True,
    ),
    Guard(
        "half-of-doubtful",
        lambda name, kind: len(name) == 2 and kind in DOUBTED,
        _half_of_one_word,
        halves=True,
    ),
    Guard(
        "half-of-little-known",
        lambda name, kind: _is_sure_of_two(name, kind) and _is_little_known(name),
        _half_of_word_or_words,
        halves=True,
    ),
    Guard(
        "half-of-known",
        lambda name, kind: _is_sure_of_two(name, kind) and not _is_little_known(name),
        _half_of_words,
        halves=True,
    ),
    Guard(
        "quarter",
        lambda name, kind: kind == "FAINT" and _names_quarter(name),
        _quarter_of_place_before,
    ),
)


def _is_sure_of_two(name: str, kind: str) -> bool:
    return len(name) == 2 and kind != "COUNTRY" and kind not in DOUBTED


def _is_little_known(name: str) -> bool:
    entry = load().lookup(name)[0]
    town = entry.place_type in ("settlement", "district")
    return town and entry.rank != 1 and entry.population < _WELL_KNOWN


@lru_cache(maxsize=1 << 15)
def trait_of(name: str) -> Trait:
    """The trait of a folded name that the gazetteer has."""
    kind, place_type = classify(name)
    asked = [guard for guard in GUARDS if guard.watches(name, kind)]
    return Trait(
        kind,
        place_type,
        tuple(guard.refuses for guard in asked if not guard.halves),
        tuple(guard.refuses for guard in asked if guard.halves),
        name[-1] in DIVISION or name[-1] == "国",
    )


def seed_of(
    folded: str, start: int, end: int, taken: bytearray, article: ArticlePlaces, finder: Finder
) -> Seed | None:
    """The seed that a name of the gazetteer is where it stands, None where it is no name there."""
    name, lexicon = folded[start:end], finder.lexicon
    kind, place_type, guards, halves, splits = trait_of(name)
    if halves and (
        folded[start - 1 : start + 1] in lexicon.pairs
        or folded[end - 1 : end + 1] in lexicon.vocabulary
    ):
        guards += halves
    if guards:
        at = Standing(folded, start, end, taken, lexicon)
        for refuses in guards:
            if refuses(at):
                return None
    if (
        splits
        and folded[end - 1 : end + 1] in lexicon.pairs
        and _shorter(name)
        and _gives_way(folded, end, name, finder)
    ):
        name, end = name[:-1], end - 1  # 南京 of 南京市民, 日本 of 日本國內
        kind, place_type = classify(name)
    if kind == "FAINT" and _spoken_of(name, article):
        kind = "NAME"
    return Seed(start, end, kind, place_type, name, None)


def _gives_way(folded: str, end: int, name: str, finder: Finder) -> bool:
    """Whether the last character of a name belongs to the word that follows."""
    if name[-1] in DIVISION and ends_in_word(folded, end, finder):
        return True
    return _names_state(name) and folded[end - 1 : end + 1] in finder.lexicon.vocabulary


def ends_in_word(folded: str, end: int, finder: Finder) -> bool:
    """Whether the last character of a name and the next are an ordinary word (市民), and no name
    follows (湖南省|長沙)."""
    return folded[end - 1 : end + 1] in finder.lexicon.ordinary and not any(
        folded[end : end + size] in finder.gazetteer.names for size in (2, 3)
    )


def _spoken_of(name: str, article: ArticlePlaces) -> bool:
    """Whether the article is much about the country of a place that is little known."""
    if name in load_lexicon().persons:
        return False
    entry = load().lookup(name)[0]
    division = entry.place_type in ("region", "district") or entry.population > 0
    return division and article.countries[entry.country_code or ""] >= _MUCH
