"""Names that only their generic tells: Chinese characters between a boundary and 寺, 村, 車站 …"""

from __future__ import annotations

from pipeline.mentions.place.article import GIVEN_NAME_ENDINGS
from pipeline.mentions.place.lexicon import (
    DIVISIONS,
    GENERIC_KINDS,
    LEADING,
    NUMERALS,
    UNITS_OF_TIME,
    Lexicon,
    Word,
)
from pipeline.mentions.place.runs import strength
from pipeline.mentions.place.scan import Finder, Seed

_FAR = frozenset(("HEAD", "EVENT"))
_COUNTED = frozenset(("region", "settlement", "district", "other"))
_CLASSIFIERS = frozenset("个座条所家间处片块段栋幢层号级种类名位次批组对份项")
_NO_NAME_START = frozenset(
    "一二三四五六七八九十两几数多少大小高新旧老首主另整双单前后上下左右内外本同全副总分第年月日时建跨"
)
# What stands before a generic that is meant as a common noun (以後本要塞, 江底).
_DEICTIC = frozenset("本该此这那各每某后前旧新大小主两几数")
# Characters of no Chinese place's name: verbs, mostly (朱棣謁孝陵, 襲剿斷藤峽, 整條河).
_UNNAMED = frozenset("曰距谒剿袭率售卖享奖遭拖杀剩较陷削废撤拆除这整诸敌派欲乘请遣全谋击败被")


def generics_of(folded: str, finder: Finder, taken: bytearray) -> tuple[list[Seed], bytearray]:
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
        if taken[start] or word.kind not in GENERIC_KINDS:
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
        while start - left > least and folded[left] in LEADING:
            left += 1
        if left and taken[left - 1] and start - left > least and folded[left] in lexicon.after:
            left += 1  # the 路 of 秣陵路|梅園路
        stem = folded[left:start]
        if not stem:
            continue
        if not bounded:
            # No boundary near: before a division's name a common word will do (撤銷|南匯區).
            if word.place_type not in DIVISIONS:
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
        if spelt and strength(stem, lexicon) * 2 > len(stem) and stem not in lexicon.vocabulary:
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


def _nameable(stem: str, whole: str, word: Word, lexicon: Lexicon) -> bool:
    """Whether a stem and its generic can be a name: no ordinary word makes it up."""
    if whole in lexicon.ordinary or whole in lexicon.vocabulary or stem in lexicon.after:
        return False
    if len(stem) == 1:
        return not any(stem in kind for kind in (_NO_NAME_START, _CLASSIFIERS, LEADING))
    ending = lexicon.ending(whole)
    if ending is not None and len(ending[0]) > len(whole) - len(stem):
        stem = whole[: -len(ending[0])]
    if stem in lexicon.kinds or stem[-1] in _DEICTIC or stem[0] in UNITS_OF_TIME:
        return False
    if stem in lexicon.verbs or stem in lexicon.before:
        return False  # 流注湖內
    if stem[0] in NUMERALS and (stem[1:2] in _CLASSIFIERS or stem[1:2] in lexicon.after):
        return False
    if stem[-1] in NUMERALS and word.place_type in _COUNTED:
        return False  # 望平四縣
    if not _UNNAMED.isdisjoint(stem):
        return False
    tails = (whole[-size:] for size in range(2, min(len(whole), 5)))
    if any(tail in lexicon.ordinary and tail not in lexicon.after for tail in tails):
        return False
    words = lexicon.verbs if word.common else lexicon.vocabulary
    return not any(stem[i : i + 2] in words for i in range(len(stem) - 1))
