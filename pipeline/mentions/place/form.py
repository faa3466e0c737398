"""The classes of what stands before a name and of what follows it (see `patterns`)."""

from __future__ import annotations

from pipeline.mentions.place.lexicon import DIVISION, DOTS, JOINS, SIDES, Lexicon, Word
from pipeline.mentions.place.scan import Seed

_MAX_AFTER = 7
# Characters that do not go on in a facility's name (俄羅斯帝國年間本要塞).
_NO_FILLER = frozenset("本年月日间时期除首")
# 上海鐵路 and 浙江公路 are no lines but all of a region's.
_RAILWAYS = frozenset(("铁路", "公路"))
_WITHIN = frozenset("内外近带地")
_QUOTES = frozenset("」”』")
_TELLING = DOTS | JOINS | _QUOTES


def before_of(folded: str, seed: Seed, previous_end: int, lexicon: Lexicon) -> str:
    start = seed.start
    if start == 0:
        return "BOUND"
    if previous_end == start:
        return "PLACE"
    char = folded[start - 1]
    if char in DOTS:
        return "DOT"
    if char in lexicon.office_ends and any(
        folded[max(0, start - size) : start] in lexicon.offices for size in (2, 3, 4)
    ):
        return "OFFICE"
    if previous_end == start - 1 and char in JOINS:
        return "LISTED"
    for size in (4, 3, 2, 1) if char in lexicon.before_ends else ():
        kind = lexicon.before.get(folded[max(0, start - size) : start])
        if kind == "LOCATIVE":
            if size > 1:
                return kind
            # 於 of 由於 and 到 of 得到 do not place anything.
            if folded[start - 2 : start] not in lexicon.vocabulary:
                return "IN"
        if kind == "DIRECTION":
            far = folded[start - size - 1] if start > size else ","
            whole = folded[max(0, start - size - 1) : start]
            if (
                far not in lexicon.goes_on
                and far not in "以向往朝"
                and whole not in lexicon.vocabulary
            ):
                return kind
    if char not in lexicon.goes_on:
        return "BOUND"
    if char in (lexicon.transliteration if seed.kind in ("FAINT", "PERSON") else lexicon.foreign):
        return "FOREIGN_CHARACTER"
    if seed.kind == "FOREIGN" and seed.end - start == 2 and start > 1:
        pair = folded[start - 2 : start]
        word = pair in lexicon.vocabulary or pair in lexicon.ordinary
        if not word and lexicon.transliteration.issuperset(pair):
            return "FOREIGN_CHARACTER"  # 克林 of 富蘭克林
    if char in lexicon.surnames and (start == 1 or folded[start - 2] not in lexicon.goes_on):
        return "SURNAME"
    return "OTHER"


def after_of(
    folded: str, far: bytearray, end: int, next_seed: Seed | None, lexicon: Lexicon
) -> tuple[list[str], list[tuple[int, Word | None]]]:
    """Classes of what follows a name up to the next boundary or name, and where each ends."""
    classes: list[str] = []
    words: list[tuple[int, Word | None]] = []
    next_start = next_seed.start if next_seed is not None else len(folded)
    char, pair = folded[end : end + 1], folded[end : end + 2]
    if (
        next_start > end
        and char not in lexicon.goes_on
        and pair not in lexicon.lengths
        and char not in _TELLING
    ):
        return classes, words  # a boundary, as after most names
    position, stop = end, min(len(folded), next_start, end + 10)
    if next_seed is not None and next_start == end + 1 and char in JOINS:
        return ["LISTED"], [(end, None)]
    if char in _QUOTES and folded[end + 1 : end + 2] == "号":
        return ["THING"], [(end, None)]  # a ship's name: 「太平」號
    most = _MAX_AFTER if far.find(1, end, stop) >= 0 else 1
    while position < stop and len(classes) < most:
        char, pair = folded[position], folded[position : position + 2]
        for size in lexicon.lengths.get(pair) or lexicon.lengths.get(char, ()):
            piece = folded[position : position + size]
            if len(piece) == size:
                word = lexicon.after.get(piece)
                if word is not None and position + size <= stop:
                    kind = word.kind
                    if kind == "SUFFIX" and size > 1:
                        kind = "LONG_SUFFIX"
                    elif (
                        size == 1
                        and kind != "NEAR"
                        and position == end
                        and (
                            # The generic begins a word (道地), or a name (奉天省|海城).
                            folded[end - 1] in DIVISION
                            or (word.stem == 0 and pair in lexicon.vocabulary)
                        )
                    ):
                        kind = "CHARACTER"
                    elif piece in _RAILWAYS or (piece == "线" and pair in lexicon.vocabulary):
                        kind = "WORD"
                    classes.append(kind)
                    words.append((position + size, word))
                    position += size
                    if kind == "PART" and piece[-1] in _WITHIN:
                        stop = position  # no site's name goes on over 境內
                    break
                if piece in lexicon.ordinary:
                    if size == 2 and position == end:
                        word = lexicon.after.get(char)
                        if word is not None and word.kind == "NEAR" and piece[1] in SIDES:
                            continue  # 中山門|外
                        if (
                            word is not None
                            and folded[position + 1 : position + 3] in lexicon.after
                        ):
                            continue  # 恆河|流域
                    classes.append("WORD")
                    words.append((position + size, None))
                    position += size
                    break
        else:
            if char in DOTS:
                classes.append("DOT")
                words.append((position + 1, None))
                break
            if char not in lexicon.goes_on or char in _NO_FILLER:
                break
            if pair in lexicon.before or pair in lexicon.verbs:
                break
            if position == end and char in lexicon.foreign:
                classes.append("FOREIGN_CHARACTER")
            else:
                classes.append("CHARACTER")
            words.append((position + 1, None))
            position += 1
    else:
        if next_seed is not None and next_seed.kind != "NOTHING" and next_start == end:
            classes.append("PLACE")
            words.append((position, None))
    # What follows matters only up to the last class that some form asks for.
    while classes and classes[-1] in ("CHARACTER", "WORD"):
        classes.pop()
        words.pop()
    return classes, words


def has_generic(seed: Seed, word: Word | None, lexicon: Lexicon) -> bool:
    """Whether a name ends with a generic of the kind that `word` is (拉多加湖 before 湖)."""
    ending = lexicon.ending(seed.base) if len(seed.base) > 2 else None
    return ending is not None and word is not None and ending[1].place_type == word.place_type
