"""Where a sentence ends: at 。！？； and their kin, or at the end of its block (spec: provenance).

「甲。（乙！）丙；丁」 has four: closing brackets and quotes after a stop still belong to the
sentence, and footnote markers, which take no room in the text, stand at its end. A stop inside
the brackets of a title (《…》, 〈…〉) ends nothing.
"""

from __future__ import annotations

import re

# ASCII ! and ? are stops in prose, where a wide character stands before them (not in `Yahoo!`).
# The pattern begins with all that it can begin with, so that the search for it is a plain scan.
_SIGN = re.compile(
    r"[《〈》〉。！？；｡‼⁇⁈⁉!?]"
    r"(?:(?<=[《〈》〉])"
    r"|(?:(?<![!?])|(?<=[\u3000-\u9fff\uff00-\uffef][!?]))"
    r"[。！？；｡‼⁇⁈⁉!?]*+[」』）】〕〗］｝〞”’)\]]*+)"
)
_TITLE = frozenset("《〈》〉")
# A title's bracket that stays open longer than this was never meant to close there.
_LONGEST_TITLE = 120
# What stands between words and is none, and the brackets that may stand before.
_JOINTS = frozenset("，、；：,;:")
_BRACKETS = frozenset("（(")
_LOOSE = _JOINTS | _BRACKETS


def split_sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of `text[start:end]`, in order, without the white space around them.

    They cover the range but for that white space; a range of white space has none.
    """
    found: list[tuple[int, int]] = []
    position = start
    for stop in (*_stops(text, start, end), end):
        first, last = position, stop
        while first < last and text[first].isspace():
            first += 1
        while first < last and text[last - 1].isspace():
            last -= 1
        if first < last:
            found.append((first, last))
        position = stop
    return found


def _stops(text: str, start: int, end: int) -> list[int]:
    """The ends of sentences, those inside titles left out."""
    stops: list[int] = []
    position = start
    # For each open bracket: where it stands, and how many stops came before it.
    open_at: list[tuple[int, int]] = []
    quoted = text.find('"', start, end) >= 0
    for match in _SIGN.finditer(text, start, end):
        begin, stop = match.span()
        sign = text[begin]
        if sign in _TITLE:
            if sign in "《〈":
                open_at.append((begin, len(stops)))
            elif open_at:
                opened, before = open_at.pop()
                if begin - opened <= _LONGEST_TITLE:
                    del stops[before:]
        elif not (
            ((before_sign := text[begin - 1]) in _LOOSE or before_sign.isspace())
            and _is_left_open(text, max(position, begin - 20), begin)
        ):
            # A straight quote closes what one before it in the sentence has opened.
            if quoted and text.startswith('"', stop, end) and text.count('"', position, stop) % 2:
                stop += 1
            stops.append(stop)
            position = stop
    return stops


def _is_left_open(text: str, start: int, end: int) -> bool:
    """Whether since a bracket there are signs alone: what stood there was lost, and `（；）` ends
    nothing."""
    while start < end and (text[end - 1] in _JOINTS or text[end - 1].isspace()):
        end -= 1
    return start < end and text[end - 1] in _BRACKETS
