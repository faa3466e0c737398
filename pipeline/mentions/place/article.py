"""What an article as a whole tells about places, before its prose is searched.

A link whose target is a place is a mention, and the linked title is known from there on. A
link to anything else tells that its title is no place, whatever place name it holds
(德蘇戰爭, 長崎浩). The article's own title is one or the other as well. Other names that the
article gives a place it knows (又稱, 古稱, 音 …) are known too.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import ahocorasick_rs

from pipeline.fold import fold
from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.lexicon import FUNCTION, Lexicon, is_boundary, load_lexicon
from pipeline.mentions.place.names import classify
from pipeline.records import Document, Link, PlaceType

_QUALIFIED = re.compile(r"(.+?)[_ ]?[(（]([^()（）]*)[)）]$")
# After these words, or before those, a name can only be a place (folded text).
_PLACED_BEFORE = re.compile(
    r"(?:位于|地处|前往|抵达|到达|来自|出生于|生于|逝世于|迁至|攻占|占领|进占|攻克|收复|解放|夺取|"
    r"公里的|公里处的|以[东西南北]的|小镇|城市|流经|首都|首府|省会)[「“]?$"
)
_PLACED_AFTER = re.compile(
    r"[」”]?(?:附近|一带|境内|境外|以[东西南北]|[东西南北]部|[东西][南北]部?|[东西南北]岸|市区|"
    r"沿岸|的首都|的首府|上游|下游|流域|周边|市|城[外内])"
)
_HALF_PLACED = re.compile(r"[在于至到自从赴]$")
_PERSON_AFTER = re.compile(
    r"[」”]?(?:命令|认为|表示|说|先生|女士|教授|将军|元帅|总统|主席|的领导|的指挥|时代|担任|出任)"
)
# A title may name a matter in which a place stands for itself: 台灣歷史, 蘇聯解體.
_TOPIC = re.compile(
    r"(?:解体|独立|统一|历史|地理|经济|文化|政治|人口|交通|行政区划|列表|区划|气候|旅游)$"
)
# The linked word is a kind of place, no name: 中國最大的[咸水湖].
_KIND_BEFORE = re.compile(
    r"(?:最[大小高低深长古早]+的?|第[一二三四五六七八九十]+[大高长]|[一两这那该此每各][座个条片处种]?)$"
)
_KIND_QUALIFIERS: dict[PlaceType, str] = {
    "country": "国家 古国 王国 帝国 国",
    "region": "省 州 县 地区 行政区 郡 府 地名",
    "settlement": "城市 市 镇 乡 村 城镇 古城 市镇 城 村庄",
    "district": "区 街区 社区",
    "water": "河流 河 湖 湖泊 海 海湾 江 溪",
    "landform": "岛 岛屿 山 半岛 山脉 山峰 沙漠",
    "site": "车站 火车站 公园 建筑 建筑物 机场 港口 要塞 桥梁 景点",
}
_QUALIFIER_TYPES = {
    word: place_type for place_type, words in _KIND_QUALIFIERS.items() for word in words.split()
}
# One-character generics with which Chinese given names end as well (孫中山, 江夢川).
GIVEN_NAME_ENDINGS = frozenset("山海江河洋峰岭州城林原川泉岩关门桥国堡楼")
# Foreign towns are known by these endings without a generic.
TOWN_ENDINGS = (
    "格勒", "斯克", "格拉德", "波利斯", "巴德", "斯堡", "尔堡", "登堡", "亨堡", "伯格", "豪森",
    "尼亚", "利亚", "斯坦", "波尔", "维尔", "沃德",
)  # fmt: skip
# How many occurrences of a name are looked at, how far about a link, for how many links.
_MAX_WITNESSES = 8
_WINDOW = 20_000
_MAX_TRIES = 3
_LONGEST_NAME = 12


class Known(NamedTuple):
    """A place that the article makes known. `base` is the folded name to look it up by, `region`
    the folded name of a place that it lies in; `alias` where it is another's further name."""

    name: str
    base: str
    place_type: PlaceType | None
    target: str | None = None
    region: str | None = None
    alias: bool = False


@dataclass(frozen=True, slots=True)
class ArticlePlaces:
    """`links` are the spans of links to places, in order; `blocked` spans of links that name
    something else. `surfaces` are folded names that the article makes known, `automaton` finds
    `words`: these, and names of what is no place. `countries` counts the country codes that
    links, categories and qualifiers point to."""

    links: tuple[tuple[int, int, Known], ...] = ()
    blocked: tuple[tuple[int, int], ...] = ()
    surfaces: dict[str, Known] = field(default_factory=dict)
    countries: Counter[str] = field(default_factory=Counter)
    automaton: ahocorasick_rs.AhoCorasick | None = None
    words: tuple[str, ...] = ()


def split_title(title: str) -> tuple[str, str | None]:
    """圖拉_(圖拉州) → 圖拉, 圖拉州; a title without qualifier has None."""
    plain = title.replace("_", " ").strip()
    match = _QUALIFIED.match(plain)
    return (match[1].strip(), match[2].strip()) if match else (plain, None)


def prepare(document: Document, folded: str) -> ArticlePlaces:
    """Reads links, title and categories of `document`; cheap where there are none. `folded` is
    its text."""
    if not document.links and not document.title:
        return ArticlePlaces()
    pages = [
        link
        for link in document.links
        if link.kind == "page" and link.target_title and link.end > link.start
    ]
    links: list[tuple[int, int, Known]] = []
    blocked: list[tuple[int, int]] = []
    surfaces: dict[str, Known] = {}
    nothing: set[str] = set()
    judged: dict[str, Known | bool | None] = {}
    tries: Counter[str] = Counter()
    for link in pages:
        target = str(link.target_title)
        if judged.get(target) is None and tries[target] < _MAX_TRIES:
            tries[target] += 1
            judged[target] = judge_title(target, link, folded)
    for link in pages:
        target = str(link.target_title)
        verdict = judged[target]
        anchor, base = folded[link.start : link.end], fold(split_title(target)[0])
        alike = anchor in base or base in anchor
        if isinstance(verdict, Known):
            end = _end_of_name(anchor, base)
            if end == 0:
                continue
            anchor = anchor[:end]
            anchor_text = document.text[link.start : link.start + end]
            links.append((link.start, link.start + end, verdict))
            surfaces.setdefault(base, verdict)
            if anchor in base or base in anchor:
                surfaces.setdefault(anchor, verdict)
            elif anchor in load().names and classify(anchor).kind != "HOMONYM":
                known = verdict._replace(name=anchor_text)
                surfaces.setdefault(anchor, known)
            _learn_next(folded, link.start + end, surfaces)
        elif alike and not _TOPIC.search(base):
            blocked.append((link.start, link.end))
            nothing.update((anchor, base))
            nothing.update(re.split("[·‧・]", base))
    title = _own_title(document, folded)
    if title is not None:
        surfaces[title.base] = title
        for name in _aliases_of_title(document, folded):
            surfaces.setdefault(name, _alias(name, title, folded, document.text))
    elif document.title:
        own = fold(split_title(document.title)[0])
        nothing.update((own, *re.split("[·‧・]", own)))
    for name, known in _aliases_after(folded, surfaces):
        surfaces.setdefault(name, _alias(name, known, folded, document.text))
    countries = _countries(document, surfaces)
    for surface, known in list(surfaces.items()):
        short = _shorter(surface, countries)
        if short and not known.alias:
            surfaces.setdefault(short, known)
    surfaces = {word: known for word, known in surfaces.items() if len(word) > 1}
    words = (*surfaces, *(word for word in sorted(nothing - surfaces.keys()) if len(word) > 1))
    return ArticlePlaces(
        links=tuple(sorted(links, key=lambda item: item[:2])),
        blocked=tuple(sorted(blocked)),
        surfaces=surfaces,
        countries=countries,
        automaton=ahocorasick_rs.AhoCorasick(
            list(words), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        if words
        else None,
        words=words,
    )


def judge_title(target: str, link: Link | None, folded: str) -> Known | bool | None:
    """Whether a title is a place: what is known of it, False if it is something else, None if
    there is no telling. `link` is where the article, as folded text, links it."""
    lexicon, names = load_lexicon(), load().names
    title, qualifier = split_title(target)
    base = fold(title)
    ending = lexicon.ending(base)
    place_type = ending[1].place_type if ending else None
    in_gazetteer = base in names
    if not base or any(char in base for char in "·‧・:/"):
        return False
    if base in lexicon.ordinary or base in lexicon.after:
        return False
    if not in_gazetteer and _is_ordinary_compound(base, lexicon):
        return False
    if ending and place_type is None and not in_gazetteer:
        return False
    about = link.start if link else 0
    before = folded[max(0, about - 8) : about]
    if ending and place_type and not in_gazetteer and _is_kind(base, ending[0], before, lexicon):
        return False
    if qualifier is not None:
        kind = fold(qualifier)
        if kind in _QUALIFIER_TYPES:
            return Known(title, base, _QUALIFIER_TYPES[kind], target)
        if kind not in names and not _place_ending(lexicon, kind):
            return False
        return Known(title, base, place_type, target, kind) if in_gazetteer or place_type else None
    if in_gazetteer:
        # A short name of a small town is as often something else (洛基, 林森).
        doubtful = classify(base).kind in ("FAINT", "PERSON", "HOMONYM")
        if doubtful and _witnesses(folded, base, about) <= 0:
            return None
        return Known(title, base, None, target)
    if ending and place_type:
        person = _like_person(lexicon, base) and base[-1] in GIVEN_NAME_ENDINGS
        if person and _witnesses(folded, base, about) <= 0:
            return None
        return Known(title, base, place_type, target)
    spelt = sum(char in lexicon.transliteration for char in base)
    if 2 <= len(base) <= 10 and spelt >= 0.6 * len(base):
        if len(base) > 3 and base.endswith(TOWN_ENDINGS):
            return Known(title, base, "settlement", target)
        if _witnesses(folded, base, about) >= 1:
            return Known(title, base, "settlement", target)
    elif 2 <= len(base) <= 6 and _witnesses(folded, base, about) >= 2:
        return Known(title, base, "other", target)
    return None


def _witnesses(folded: str, base: str, about: int) -> float:
    """How many occurrences of a name stand where only a place can, less those of a person."""
    start, stop = max(0, about - _WINDOW), about + _WINDOW
    score, half, position, seen = 0.0, 0.0, folded.find(base, start, stop), 0
    while position >= 0 and seen < _MAX_WITNESSES:
        seen += 1
        before = folded[max(0, position - 6) : position]
        after = folded[position + len(base) : position + len(base) + 6]
        if _PERSON_AFTER.match(after):
            score -= 1.5
        elif _PLACED_BEFORE.search(before) or _PLACED_AFTER.match(after):
            score += 1
        elif _HALF_PLACED.search(before):
            half = min(half + 0.4, 0.8)
        position = folded.find(base, position + len(base), stop)
    return score + half


def _is_kind(base: str, generic: str, before: str, lexicon: Lexicon) -> bool:
    """Whether a title is a kind of place: an ordinary modifier and a generic (咸水湖)."""
    stem = base[: -len(generic)]
    return stem in lexicon.kinds or (before != "" and bool(_KIND_BEFORE.search(before)))


def _is_ordinary_compound(base: str, lexicon: Lexicon) -> bool:
    """Whether a title is made of ordinary words (英雄城市)."""
    return any(
        base[-size:] in lexicon.ordinary
        and (base[:-size] in lexicon.vocabulary or base[:-size] in lexicon.kinds)
        for size in (2, 3)
    )


def _place_ending(lexicon: Lexicon, folded: str) -> bool:
    ending = lexicon.ending(folded)
    return ending is not None and ending[1].place_type is not None


def _like_person(lexicon: Lexicon, base: str) -> bool:
    return 2 <= len(base) <= 3 and base[0] in lexicon.surnames


def _end_of_name(anchor: str, base: str) -> int:
    """How much of the anchor of a link to a place is a name; 0 where it says another thing (俄軍
    for 俄羅斯). What the converter glued on to a part of the title is cut off."""
    lexicon = load_lexicon()
    if anchor in load().names or anchor == base:
        return len(anchor)
    if any(char in FUNCTION or char in ",。、;:()" for char in anchor):
        for size in range(len(anchor) - 1, 1, -1):
            if anchor[:size] in base or anchor[:size] in load().names:
                return size
        return 0
    ending = lexicon.ending(anchor)
    if len(anchor) == 1 or (
        ending is not None and ending[1].place_type is None and ending[1].kind != "PART"
    ):
        return 0
    return len(anchor)


@lru_cache(maxsize=1)
def _next_village() -> re.Pattern[str]:
    return re.compile(r"([㐀-鿿]{1,4}?[庄村镇乡里])(?=[(,。、;」])")


def _learn_next(folded: str, end: int, surfaces: dict[str, Known]) -> None:
    """Learns the village that follows a linked place: [打貓東頂堡]梅仔坑庄（."""
    match = _next_village().match(folded, end)
    if match and not any(char in FUNCTION for char in match[1]):
        surfaces.setdefault(match[1], Known(match[1], match[1], "settlement"))


def _shorter(surface: str, countries: Counter[str]) -> str | None:
    """The name without its administrative generic, 梅山鄉 → 梅山, unless that is itself a place
    of the countries that the article is about (嘉義廳)."""
    stem = surface.rstrip("市县区镇乡村庄")
    if len(stem) < 2 or len(surface) - len(stem) != 1 or stem in load_lexicon().vocabulary:
        return None
    entries = load().lookup(stem)
    if any(entry.rank <= 2 or entry.country_code in countries for entry in entries):
        whole = load().lookup(surface)
        return stem if whole and whole[0].place_id == entries[0].place_id else None
    return stem


@lru_cache(maxsize=1)
def _alias_cue() -> str:
    cues = sorted(map(re.escape, load_lexicon().alias), key=len, reverse=True)
    return rf"(?:{'|'.join(cues)})(?:为|作)?"


@lru_cache(maxsize=1)
def _alias_list() -> re.Pattern[str]:
    name = r"[「“]?[㐀-鿿]{2,7}[」”]?"
    return re.compile(rf"{_alias_cue()}({name}(?:、{name})*)(?=[,。、;)和或及\n「“]|$)")


def _names(listed: str) -> list[str]:
    names = [name.strip("「」“”") for name in listed.split("、")]
    return [name for name in names if not any(char in FUNCTION for char in name)]


def _aliases_of_title(document: Document, folded: str) -> list[str]:
    """Further names that the article's first paragraph gives its subject."""
    first = next(
        (b for b in document.blocks if b.kind == "paragraph" and b.end - b.start > 8), None
    )
    if first is None or document.sections[first.section].level > 1:
        return []
    stop = folded.find("。", first.start, first.end)
    second = folded.find("。", stop + 1, first.end) if stop >= 0 else -1
    end = second if second >= 0 else first.end
    return [
        name
        for match in _alias_list().finditer(folded, first.start, end + 1)
        for name in _names(match[1])
    ]


def _aliases_after(folded: str, surfaces: dict[str, Known]) -> list[tuple[str, Known]]:
    """Further names right after a known name, with what is known: 海心山又稱龍駒島."""
    found: list[tuple[str, Known]] = []
    if not surfaces:
        return found
    for match in _alias_list().finditer(folded):
        end = match.start()
        if end and folded[end - 1] in ",(":
            end -= 1
        for size in range(min(end, _LONGEST_NAME), 1, -1):
            known = surfaces.get(folded[end - size : end])
            if known is not None:
                found += [(name, known) for name in _names(match[1])]
                break
    return found


def _alias(name: str, known: Known, folded: str, text: str) -> Known:
    position = folded.find(name)
    return Known(
        text[position : position + len(name)],
        known.base,
        known.place_type,
        None,
        known.region,
        True,
    )


def _own_title(document: Document, folded: str) -> Known | None:
    """The article's title as a place, if the article is about one.

    The title itself and the first sentence (…是…湖, 位於…) have a say.
    """
    lexicon, names = load_lexicon(), load().names
    if not document.title:
        return None
    title, _ = split_title(document.title)
    base = fold(title)
    verdict = judge_title(document.title, None, folded)
    if verdict is False:
        return None
    first = next(
        (b for b in document.blocks if b.kind == "paragraph" and base in folded[b.start : b.end]),
        None,
    )
    sentence = folded[first.start : first.end].split("。", 1)[0] if first else ""
    placed = "位于" in sentence or "地处" in sentence
    defined = (
        re.search(r"(?:是|为|指)", sentence[sentence.find(base) + len(base) :])
        if base in sentence
        else None
    )
    head = None
    if defined:
        clause = re.split(
            r"[,;]", sentence[sentence.find(base) + len(base) + defined.end() :], maxsplit=1
        )[0]
        ending = lexicon.ending("…" + clause)
        head = ending[1].place_type if ending else _ordinary_type(clause, lexicon)
    if isinstance(verdict, Known):
        if placed or head is not None or not defined or verdict.place_type is not None:
            return verdict
        return verdict if base in names and len(base) > 2 else None
    if (placed or head is not None) and _place_ending(lexicon, base):
        return Known(title, base, head, document.title)
    if placed and head is None and _witnesses(folded, base, 0) > 0:
        return Known(title, base, "other", document.title)
    return None


def _ordinary_type(clause: str, lexicon: Lexicon) -> PlaceType | None:
    """The type of place that an ordinary word at the end of a definition tells (城市, 港口)."""
    for size in (3, 2):
        if clause[-size:] in lexicon.ordinary:
            ending = lexicon.ending("…" + clause[-1:])
            return ending[1].place_type if ending else None
    return None


def _countries(document: Document, surfaces: dict[str, Known]) -> Counter[str]:
    """Country codes that the article's linked places, qualifiers and categories point to."""
    gazetteer = load()
    found: Counter[str] = Counter()

    def count(folded: str, weight: int) -> None:
        entries = gazetteer.lookup(folded)
        if (
            entries
            and entries[0].country_code
            and (entries[0].rank <= 1 or len({entry.country_code for entry in entries}) == 1)
        ):
            found[entries[0].country_code] += weight

    for surface, known in surfaces.items():
        count(surface, 1)
        if known.region:
            count(known.region, 2)
    for category in document.categories:
        name = fold(category.name)
        for start in range(min(6, len(name))):
            size = next((n for n in (5, 4, 3, 2) if name[start : start + n] in gazetteer.names), 0)
            if size and not (start and is_boundary(name[start - 1])):
                count(name[start : start + size], 2)
                break
    return found
