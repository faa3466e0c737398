"""What an article as a whole tells about places, before its prose is searched.

A link whose target is a place is a mention, and the linked title is known from there on. A
link to anything else tells that its title is no place, whatever place name it holds
(德蘇戰爭, 古斯塔夫超重型鐵道炮). The article's own title is one or the other as well.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

import ahocorasick_rs

from pipeline.mentions.fold import fold
from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.lexicon import FUNCTION, Lexicon, load_lexicon
from pipeline.records import Document, PlaceType

_QUALIFIED = re.compile(r"(.+?)[_ ]?[(（]([^()（）]*)[)）]$")
# Words before a linked name after which it can only be a place, and words after it likewise.
_BEFORE = re.compile(r"(?:位[于於]|地[处處]|前往|抵[达達]|到[达達]|[来來]自|出生[于於]|生[于於]|逝世[于於]|[迁遷]至|攻[占佔]|[占佔][领領]|攻克|收[复復]|公里的|以[东東西南北]的|小[镇鎮]|城市|流[经經])$")  # fmt: skip
_AFTER = re.compile(
    r"(?:附近|一[带帶]|境[内內]|以[东東西南北外]|[东東西南北][部岸侧側]|[东東西]?[南北]部|市区|市區|沿岸|的首都|的首府|上游|下游|流域)"
)
# What a title says that has a place in it but is no name of something else: 台灣歷史, 蘇聯解體.
_TOPIC = re.compile(
    r"(?:解体|独立|统一|历史|地理|经济|文化|政治|人口|交通|行政区划|列表|区划|气候|旅游)$"
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
_GIVEN_NAME_ENDINGS = frozenset("山海江河洋峰岭州城港湖林原川泉洲岛岩关门桥国堡宫楼台")


class Known(NamedTuple):
    """A place that the article makes known. `base` is the folded name to look it up by."""

    name: str
    base: str
    place_type: PlaceType | None
    target: str | None
    region: str | None


@dataclass(frozen=True, slots=True)
class ArticlePlaces:
    """`links` are the spans of links to places, in order; `blocked` spans of links whose anchor
    names something else. `surfaces` are folded names that the article makes known, `nothing`
    folded names of what is no place. `countries` counts the country codes that links,
    categories and qualifiers point to."""

    title: Known | None = None
    links: tuple[tuple[int, int, Known], ...] = ()
    blocked: tuple[tuple[int, int], ...] = ()
    surfaces: dict[str, Known] = field(default_factory=dict)
    nothing: frozenset[str] = frozenset()
    countries: Counter[str] = field(default_factory=Counter)
    automaton: ahocorasick_rs.AhoCorasick | None = None
    words: tuple[str, ...] = ()


def split_title(title: str) -> tuple[str, str | None]:
    """圖拉_(圖拉州) → 圖拉, 圖拉州; a title without qualifier has None."""
    match = _QUALIFIED.match(title.replace("_", " ").strip())
    if match:
        return match[1].strip(), match[2].strip()
    return title.replace("_", " ").strip(), None


def prepare(document: Document) -> ArticlePlaces:
    """Reads links, title and categories of `document`; cheap where there are none."""
    if not document.links and not document.title:
        return ArticlePlaces()
    links: list[tuple[int, int, Known]] = []
    blocked: list[tuple[int, int]] = []
    surfaces: dict[str, Known] = {}
    nothing: set[str] = set()
    text = document.text
    judged: dict[str, Known | bool | None] = {}
    pages = [
        link
        for link in document.links
        if link.kind == "page" and link.target_title and link.end > link.start
    ]
    for link in pages:
        target = link.target_title or ""
        before, after = text[max(0, link.start - 6) : link.start], text[link.end : link.end + 6]
        verdict = judged.get(target)
        if verdict is None:
            verdict = judge_title(target, text[link.start : link.end], before, after)
            judged[target] = verdict
    for link in pages:
        target = link.target_title or ""
        verdict = judged[target]
        anchor = fold(text[link.start : link.end])
        base = fold(split_title(target)[0])
        alike = anchor in base or base in anchor
        if isinstance(verdict, Known):
            if _names_something_else(anchor, base):
                continue
            links.append((link.start, link.end, verdict))
            surfaces.setdefault(base, verdict)
            if alike and len(anchor) > 1:
                surfaces.setdefault(anchor, verdict)
            for short in _shorter(base):
                surfaces.setdefault(short, verdict)
        elif verdict is False:
            nothing.add(base)
            if alike and not _TOPIC.search(base):
                blocked.append((link.start, link.end))
                nothing.add(anchor)
                nothing.update(part for part in re.split("[·‧・]", base) if len(part) > 1)
    title = _own_title(document)
    if title is not None:
        surfaces[title.base] = title
    elif document.title:
        nothing.add(fold(split_title(document.title)[0]))
    nothing = {
        word
        for word in nothing
        if word not in surfaces and len(word) > 1 and not _TOPIC.search(word)
    }
    surfaces = {word: known for word, known in surfaces.items() if len(word) > 1}
    words = (*surfaces, *nothing)
    return ArticlePlaces(
        title=title,
        links=tuple(sorted(links, key=lambda item: item[:2])),
        blocked=tuple(blocked),
        surfaces=surfaces,
        nothing=frozenset(nothing),
        countries=_countries(document, surfaces),
        automaton=ahocorasick_rs.AhoCorasick(
            list(words), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest
        )
        if words
        else None,
        words=words,
    )


def judge_title(target: str, anchor: str, before: str, after: str) -> Known | bool | None:
    """Whether a linked title is a place: what is known of it, False if it is something else,
    None if there is no telling. `before` and `after` are the characters about the anchor."""
    lexicon, names = load_lexicon(), load().names
    title, qualifier = split_title(target)
    base = fold(title)
    ending = lexicon.ending(base)
    place_type = ending[1].place_type if ending else None
    if "·" in base or "‧" in base or not base or ":" in base:
        return False
    if base in lexicon.ordinary or base in lexicon.after:
        return False
    in_gazetteer = base in names
    if ending and place_type is None and not in_gazetteer:
        return False
    if qualifier is not None:
        folded = fold(qualifier)
        if folded in _QUALIFIER_TYPES:
            return Known(title, base, _QUALIFIER_TYPES[folded], target, None)
        if folded in names or (place_ending(lexicon, folded) and len(folded) > 2):
            if in_gazetteer or place_type:
                return Known(title, base, place_type, target, folded)
            return None
        return False
    placed = bool(_BEFORE.search(before) or _AFTER.match(after))
    if in_gazetteer:
        entry = load().lookup(base)[0]
        small = entry.rank == 3 and len(base) <= 3 and entry.population < 100_000
        # A short name of a small town is as often something else (洛基, 林森).
        if small and not placed and (_like_person(lexicon, base) or fold(anchor) != base):
            return None
        return Known(title, base, None, target, None)
    if ending and place_type:
        if not placed and _like_person(lexicon, base) and base[-1] in _GIVEN_NAME_ENDINGS:
            return None
        if len(ending[0]) == 1 and len(base) < 3 and not placed:
            return None
        return Known(title, base, place_type, target, None)
    if placed and 2 <= len(base) <= 9 and all(char in lexicon.transliteration for char in base):
        return Known(title, base, "settlement", target, None)
    return None


def place_ending(lexicon: Lexicon, folded: str) -> bool:
    ending = lexicon.ending(folded)
    return ending is not None and ending[1].place_type is not None


def _like_person(lexicon: Lexicon, base: str) -> bool:
    return 2 <= len(base) <= 3 and base[0] in lexicon.surnames


def _names_something_else(anchor: str, base: str) -> bool:
    """Whether the anchor of a link to a place says another thing (俄軍 for 俄羅斯)."""
    lexicon = load_lexicon()
    if anchor in load().names or anchor == base:
        return False
    ending = lexicon.ending(anchor)
    return (
        len(anchor) == 1
        or (ending is not None and ending[1].place_type is None and ending[1].kind != "PART")
        or any(char in FUNCTION or char in "，。、；：" for char in anchor)
    )


def _shorter(base: str) -> list[str]:
    """The name without its administrative generic: 梅山鄉 → 梅山."""
    stem = base.rstrip("市县区镇乡村庄省州厅")
    return [stem] if len(stem) >= 2 and len(base) - len(stem) == 1 else []


def _own_title(document: Document) -> Known | None:
    """The article's title as a place, if the article is about one.

    The title itself, the first sentence (…是…湖) and the categories have a say.
    """
    lexicon, names = load_lexicon(), load().names
    if not document.title:
        return None
    title, _ = split_title(document.title)
    base = fold(title)
    lead = (
        fold(document.text[document.sections[0].start : document.sections[0].start + 400])
        if document.sections
        else ""
    )
    sentence = lead.split("。", 1)[0]
    verdict = judge_title(document.title, title, "", "")
    if verdict is False:
        return None
    defined = re.search(r"(?:[是为]|位于|地处|属于)", sentence)
    head = None
    if defined:
        first = re.split(r"[，；]", sentence[defined.end() :], maxsplit=1)[0]
        ending = lexicon.ending("…" + first)
        if ending is None and first[-2:] in lexicon.ordinary:
            ending = lexicon.ending(first)
        head = ending[1].place_type if ending else None
    placed = "位于" in sentence or "地处" in sentence
    if isinstance(verdict, Known):
        if verdict.base in names or placed or head is not None or not defined:
            return verdict
        return (
            verdict
            if len(base) > 3 or verdict.place_type in ("water", "landform", "region")
            else None
        )
    if (placed or head is not None) and place_ending(lexicon, base):
        return Known(title, base, head, document.title, None)
    return None


def _countries(document: Document, surfaces: dict[str, Known]) -> Counter[str]:
    """Country codes that the article's categories, title and linked places point to."""
    gazetteer = load()
    found: Counter[str] = Counter()

    def count(folded: str, weight: int) -> None:
        entries = gazetteer.lookup(folded)
        if entries and entries[0].country_code and len({e.country_code for e in entries}) == 1:
            found[entries[0].country_code] += weight

    for word, known in surfaces.items():
        count(word, 1)
        if known.region:
            count(known.region, 2)
    for category in document.categories:
        folded = fold(category.name)
        for size in (4, 3, 2):
            if folded[:size] in gazetteer.names:
                count(folded[:size], 2)
                break
    return found
