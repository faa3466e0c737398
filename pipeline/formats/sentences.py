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
# A title's bracket that stays open longer than this was never meant to close there.
_LONGEST_TITLE = 120


def split_sentences(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """The sentences of `text[start:end]`, in order, without the white space around them.

    They cover the range but for that white space; a range of white space has none.
    """
    found: list[tuple[int, int]] = []
    position = start
    for stop in _stops(text, start, end):
        _add(found, text, position, stop)
        position = stop
    _add(found, text, position, end)
    return found


def _stops(text: str, start: int, end: int) -> list[int]:
    """The ends of sentences, those inside titles left out."""
    stops: list[int] = []
    position = start
    # For each open bracket: where it stands, and how many stops came before it.
    open_at: list[tuple[int, int]] = []
    for match in _SIGN.finditer(text, start, end):
        begin, stop = match.span()
        sign = text[begin]
        if sign in "《〈":
            open_at.append((begin, len(stops)))
        elif sign in "》〉":
            if open_at:
                opened, before = open_at.pop()
                if begin - opened <= _LONGEST_TITLE:
                    del stops[before:]
        elif not _is_left_open(text, max(position, begin - 20), begin):
            # A straight quote closes what one before it in the sentence has opened.
            if text.startswith('"', stop, end) and text.count('"', position, stop) % 2:
                stop += 1
            stops.append(stop)
            position = stop
    return stops


def _is_left_open(text: str, start: int, end: int) -> bool:
    """Whether since a bracket there are signs alone: what stood there was lost, and `（；）` ends
    nothing."""
    while start < end and (text[end - 1] in "，、；：,;:" or text[end - 1].isspace()):
        end -= 1
    return start < end and text[end - 1] in "（("


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add `text[start:end]` without the white space around it, if anything is left."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append((start, end))
