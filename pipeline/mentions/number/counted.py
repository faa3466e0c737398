"""The noun that a number counts: 12座【城市】, 兩枚精美的【紀念幣】.

A guess for the reader of a table. The characters that follow are cut into words, few and long;
the row of nouns they begin with is what is counted, up to the first verb or particle. Where
they are none that the lexicons tell, there is no guess: half a word helps nobody.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pipeline.mentions.number import lexicon

_HAN = re.compile("[\u3400-\u9fff]*")
_LOOKED_AT = 10  # characters after the number
_LONGEST_NOUN = 6  # of more, only the last words
# Verbs' own classifiers: what they count is done, 兩次【選舉】.
_OF_DEEDS = frozenset("次场轮回届番项起")
# What follows a verb that is none of a noun: 第一次遇到【一】種.
_OBJECTS = frozenset("的了着过一两三四五六七八九十")
# Those of persons: 三名外國的【記者】, but 九個【球員】的生命.
_OF_PERSONS = frozenset("名位")
_PERSON_ENDS = frozenset("者员师生手人众兵家民长客工童军友迷")
# What persons are called ends in, before their names.
_TITLES = frozenset("长王帝师官相统理席记侯公爵将后妃")
# Ends of words that are no nouns before another: 現代【化】巡防艦.
_QUALITIES = frozenset("性级式型化")
_NUMERALS = frozenset("0123456789一二三四五六七八九十百千万亿两")
# Particles, conjunctions, prepositions and verbs of one character: as words of their own, not as
# parts of others (委員【會】), they end the noun.
_PARTICLES = frozenset(
    "的了着过地得之在是和与及或被将把已曾为于从以而且其不并等到向对由也就都则可会能使让给共又更很最还再仍"
    "前后外内上下中里间时有无没未皆应均先但只即若如第因所跟各每此该这那何来去出入进叫称说见做令经自随按靠起略达"
    "筑乘死伤败胜负打攻杀受至属唱带派写拍演玩吃喝买卖看听想要找搞造开寄送交换请愿无没太都"
)
# One character that stands before a noun and is a part of it: 聯盟【總】冠軍.
_PREFIXES = frozenset("大小新旧总副正主高低长短男女老幼非准半全多单双")
# One character that makes a noun of the word before: 合資【廠】.
_SUFFIXES = frozenset(
    "园厂站队团器机员者家馆院所室店线点面体民东兵车船区会社校场房户客城桥塔寺庙岛河湖山路街道"
)


class _Vocabulary(NamedTuple):
    """Words and what they are; how long those get that begin with two characters; what a
    character is that is a word of its own."""

    words: dict[str, str]
    longest: dict[str, int]
    singles: dict[str, str]


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    words = {
        word: "attribute" if len(word) > 2 and word[-1] in _QUALITIES else kind
        for word, kind in lexicon.word_kinds().items()
    }
    singles = {word: kind for word, kind in words.items() if len(word) == 1}
    singles |= dict.fromkeys(_SUFFIXES, "head")
    singles |= dict.fromkeys(_PREFIXES, "prefix")
    singles |= dict.fromkeys(_PARTICLES | _NUMERALS, "particle")
    longest: dict[str, int] = {}
    for word in words:
        if len(word) > longest.get(word[:2], 1):
            longest[word[:2]] = len(word)
    return _Vocabulary(words, longest, singles)


_PERSONS = re.compile("人(?=[来去喊说做出入同当才])")


class _Word(NamedTuple):
    start: int
    end: int
    kind: str


def _word(stretch: str, start: int) -> tuple[int, str]:
    """Where the longest word that begins at `start` ends, and what it is."""
    words, longest, singles = _vocabulary()
    for length in range(longest.get(stretch[start : start + 2], 1), 1, -1):
        word = stretch[start : start + length]
        if word in words:
            return start + len(word), words[word]
    return start + 1, singles.get(stretch[start], "")


def noun_after(text: str, folded: str, end: int) -> str | None:
    """The noun that a number ending at `end` counts; None where no word there is known as one."""
    if _PERSONS.match(folded, end):
        return text[end]
    before = folded[end - 1]
    if before == "人":
        return None
    if folded.startswith("大", end) and before in _NUMERALS:
        end += 1  # 第三【大】島
    found = _HAN.match(folded, end, end + _LOOKED_AT)
    stretch = found.group() if found else ""
    if not stretch:
        return None
    length, kind = _word(stretch, 0)
    if (
        kind == "head"
        and length < _LOOKED_AT
        and _ends(stretch, length)
        and not (stretch.startswith("的", length) and _is_owner(stretch, length, before))
    ):
        return text[end : end + length]  # most are one word
    row = _row(stretch, before)
    while row and row[0].kind == "attribute":
        row.pop(0)
    while row and row[-1].end - row[0].start > _LONGEST_NOUN:
        row.pop(0)
        while row and not row[0].kind:
            row.pop(0)
    return text[end + row[0].start : end + row[-1].end] if row else None


def _row(stretch: str, before: str) -> list[_Word]:
    """The words of the noun that a stretch begins with; `before` is the character before it."""
    row: list[_Word] = []
    is_skipped = False  # what stands before 的 and is no noun
    position = 0
    while position < len(stretch):
        start = position
        position, kind = _word(stretch, start)
        if position == _LOOKED_AT and row:
            break  # the word may go on
        word = _Word(start, position, kind)
        is_single = word.end - word.start == 1
        if word.kind == "particle" and stretch[word.start] == "的":
            if row and row[-1].kind == "head" and not _is_owner(stretch, word.start, before):
                break
            row, is_skipped = [], False  # 精美【的】紀念幣
        elif is_skipped:
            continue
        elif word.kind == "particle" or (word.kind == "break" and not (is_single and row)):
            if word.kind == "break" and before in _OF_DEEDS and _ends(stretch, word.end):
                # 兩次【選舉】; but 五十次武裝【暴動】 and 三場比賽【結束】 look the same.
                is_noun = not row and stretch[word.end : word.end + 1] not in _OBJECTS
                return [word] if is_noun else []
            if row:
                break
            is_skipped = True
        elif word.kind != "head" and row and stretch[row[-1].end - 1] in _TITLES:
            break  # 軍長|羅卓英
        elif word.kind == "attribute" and row and row[-1].end == 1:
            break  # 軍|成功突圍
        else:
            row.append(word)
    if is_skipped:
        return []
    end = len(row)
    while end and row[end - 1].kind != "head":
        end -= 1
    if end:
        return row[:end] if len(row) - end < 2 else []  # 馬|納沙斯 is no 馬
    is_short = bool(row) and 2 <= row[-1].end - row[0].start <= 4
    return row if is_short and not any(word.kind for word in row) else []


def _is_owner(stretch: str, end: int, before: str) -> bool:
    """Whether the noun that ends there before 的 is not what is counted: 三名外國的記者."""
    return before in _OF_PERSONS and stretch[end - 1] not in _PERSON_ENDS


def _ends(stretch: str, position: int) -> bool:
    """Whether the stretch, or a row of nouns in it, ends at `position`."""
    return position == len(stretch) or _word(stretch, position)[1] == "particle"


_COUNT_LINK = re.compile(
    "(?:共计|总计|合计|共有|分别有|共|有|约|大约|达|计|逾|近|超过|各|，){0,3}\\Z"
)


def noun_before(text: str, folded: str, start: int) -> str | None:
    """The known noun that a number with a classifier follows: 一般【醫院】58所, 【碼頭】共有16座."""
    window = max(0, start - 12)
    link = _COUNT_LINK.search(folded, window, start)
    end = link.start() if link else start
    nouns = lexicon.counted_nouns()
    for size in range(min(5, end), 1, -1):
        if folded[end - size : end] in nouns:
            return text[end - size : end]
    return None


# Where a counted noun ends: particles, verbs and prepositions that rarely stand in one.
_NOUN_END = re.compile(
    r"[^\u3400-\u9fff]|[的了在是和与及或被将已曾为于从以而且其不并等到向对由把之也就都则可会能使让给"
    r"共又更很最还再仍后前时有皆应均先但只即若如第因所跟各每此该这那何无未没筑乘]|减少|增长|增加|下降|上升|上涨"
    r"|前往|镇守|居住|用于|用来|用作|高于|低于|属于|取得|获得|获选|出席|选出|负责|担任|就读|毕业"
    r"|作为|名为|名叫|称为|称作|叫作|叫做|面向|基于|分别|荣获|讲述|出任|当选|接受|使用|采用|设有|附近|之间|其中"
    r"|建立|建造|生产|发行|出版|发表|销售|举行|举办|开始|结束|离开|进入|返回|到达|抵达|失踪|受伤|阵亡|遇难"
    r"|参加|组成|进行|以上|以下|左右|来自|位于|成为|受(?![奖害难灾众])|包括|投入|死|伤|得以"
)


def counts_ahead(folded: str, end: int) -> bool:
    """Whether a known noun stands behind two to four more characters: 4000毛利【戰士】."""
    stop = _NOUN_END.search(folded, end, end + 8)
    limit = stop.start() if stop else min(len(folded), end + 8)
    nouns = lexicon.counted_nouns()
    return any(
        folded[position : position + size] in nouns
        for position in range(end + 2, min(end + 5, limit - 1))
        for size in (2, 3)
        if position + size <= limit
    )
