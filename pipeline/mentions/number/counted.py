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
_BEGINS_WITHIN, _LOOKED_AT = 10, 16  # characters after the number
_CLAUSE = 40  # characters of a clause that tells of the noun
_LONGEST_NOUN = 6  # of more, only the last words
_AHEAD = 8
_AND = frozenset("和与及跟")
_OR_MORE = re.compile("或更[多少]的?|或?以[上下]的?")
_NUMERALS = frozenset("0123456789一二三四五六七八九十百千万亿两")


class _Vocabulary(NamedTuple):
    """Words and what they are; how long those get that begin with two characters; what a
    character is that is a word of its own; the classes of noun_parts.csv."""

    words: dict[str, str]
    longest: dict[str, int]
    singles: dict[str, str]
    parts: dict[str, frozenset[str]]


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    parts = lexicon.noun_parts()
    words = {
        word: "attribute" if len(word) > 2 and word[-1] in parts["quality"] else kind
        for word, kind in lexicon.word_kinds().items()
    }
    words |= dict.fromkeys(parts["break"], "break")
    words |= dict.fromkeys(parts["verb-noun"], "verb-noun")
    singles = {word: kind for word, kind in words.items() if len(word) == 1}
    singles |= dict.fromkeys(parts["suffix"], "head")
    singles |= dict.fromkeys(parts["prefix"], "prefix")
    singles |= dict.fromkeys(parts["particle"], "particle")
    longest: dict[str, int] = {}
    for word in words:
        if len(word) > longest.get(word[:2], 1):
            longest[word[:2]] = len(word)
    return _Vocabulary(words, longest, singles, parts)


_PERSONS = re.compile("人(?=[来去喊说做出入同当才])")


class _Word(NamedTuple):
    start: int
    end: int
    kind: str


def _word(stretch: str, start: int) -> tuple[int, str]:
    """Where the longest word that begins at `start` ends, and what it is."""
    words, longest, singles, _ = _vocabulary()
    for length in range(longest.get(stretch[start : start + 2], 1), 1, -1):
        word = stretch[start : start + length]
        kind = words.get(word)
        if kind:
            return start + len(word), kind
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
    if folded[end : end + 1] in ("或", "以") and (more := _OR_MORE.match(folded, end)):
        end = more.end()  # 兩顆或更多的【恆星】
    if folded[end : end + 1] in _vocabulary().parts["agent"]:
        end = _behind_clause(folded, end)
    found = _HAN.match(folded, end, end + _LOOKED_AT)
    stretch = found.group() if found else ""
    if not stretch or stretch[0] in _AND:
        return None
    length, kind = _word(stretch, 0)
    if (
        kind == "head"
        and length < _LOOKED_AT
        and _ends(stretch, length)
        and stretch[length : length + 1] not in _vocabulary().parts["degree"]
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


def _behind_clause(folded: str, start: int) -> int:
    """Where the noun begins that a clause tells of: 一種由工人所造的【橋】; `start` if none does."""
    found = _HAN.match(folded, start, start + _CLAUSE)
    clause = found.group() if found else ""
    if _word(clause, 0)[0] > 1:
        return start  # 一名被告
    return start + clause.rfind("的") + 1


def _row(stretch: str, before: str) -> list[_Word]:
    """The words of the noun that a stretch begins with; `before` is the character before it."""
    parts = _vocabulary().parts
    row: list[_Word] = []
    is_skipped = False  # what stands before 的 and is no noun
    position = 0
    while position < len(stretch) and (row or position < _BEGINS_WITHIN):
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
        elif word.kind == "verb-noun" and row and not _ends(stretch, word.end):
            break  # 會議|決定成立
        elif (
            word.kind in ("particle", "break")
            and stretch[start:position] in parts["degree"]
            and "的" in stretch[position : position + 4]
        ):
            row, is_skipped = [], True  # 污染最嚴重的河流
        elif word.kind == "particle" or (word.kind == "break" and not (is_single and row)):
            if word.kind == "break" and before in parts["deed"] and _ends(stretch, word.end):
                # 兩次【選舉】; but 五十次武裝【暴動】 and 三場比賽【結束】 look the same.
                is_noun = (
                    not row
                    and not is_single
                    and stretch[word.start : word.end] not in parts["verb"]
                    and stretch[word.end : word.end + 1] not in parts["after-verb"]
                )
                return [word] if is_noun else []
            if not row and word.kind == "break" and before in parts["times"]:
                return []  # 兩次發動戰爭
            if row:
                break
            is_skipped = True
        elif word.kind != "head" and row and stretch[row[-1].end - 1] in parts["title"]:
            break  # 軍長|羅卓英
        elif word.kind == "attribute" and row and row[-1].end == 1:
            break  # 軍|成功突圍
        else:
            row.append(word)
    if is_skipped:
        return []
    end = len(row)
    while end and row[end - 1].kind not in ("head", "verb-noun"):
        end -= 1
    if end:
        # 馬|納沙斯 is no 馬, and 飛|地 no 飛.
        whole = len(row) - end < (1 if row[end - 1].end - row[end - 1].start == 1 else 2)
        return row[:end] if whole else []
    is_short = bool(row) and 2 <= row[-1].end - row[0].start <= 4
    return row if is_short and not any(word.kind for word in row) else []


def _is_owner(stretch: str, end: int, before: str) -> bool:
    """Whether the noun that ends there before 的 is not what is counted: 三名外國的記者."""
    parts = _vocabulary().parts
    return before in parts["of-person"] and stretch[end - 1] not in parts["person"]


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


def counts_ahead(folded: str, end: int) -> bool:
    """Whether a known noun stands behind two to four more characters: 4000毛利【戰士】."""
    found = _HAN.match(folded, end, end + _AHEAD)
    stretch = found.group() if found else ""
    nouns = lexicon.counted_nouns()
    position = 0
    while position < len(stretch):
        start = position
        position, kind = _word(stretch, start)
        if kind in ("particle", "break"):
            return False
        if 2 <= start < 5 and stretch[start:position] in nouns:
            return True
    return False
