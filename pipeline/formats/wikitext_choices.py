"""`{{#if:…}}` and its like: which of their arguments they show, or what they work out."""

from __future__ import annotations

import datetime as dt
import html
import re
from bisect import bisect_left

from pipeline.formats.reference_parts import read_date
from pipeline.formats.wikitext_functions import calculate, choose, number_text, switch, time_text
from pipeline.formats.wikitext_notes import MASKED
from pipeline.formats.wikitext_page import Page, clean, cut, deeper, ready, trim
from pipeline.formats.wikitext_scan import Pair


def read_function(page: Page, name: str, pair: Pair) -> None:
    """`{{#if:…}}` and its like: the argument that it shows, or what it works out."""
    text, start, end = _worked_out(page, name, pair)
    if start >= end or not ready(page):
        return
    if text is not None:
        page.asm.put(text, start, end)
        return
    with deeper(page):
        page.range(page, start, end)


def _worked_out(page: Page, name: str, pair: Pair) -> tuple[str | None, int, int]:
    """A function's own text, or None and the argument that it shows; nothing in [start, start)."""
    parts = cut(page, pair.inner_start, pair.inner_end)
    colon = page.mask.find(":", pair.inner_start) + 1
    parts[0] = (colon, max(colon, parts[0][1]))
    nothing = (None, colon, colon)
    if name == "#expr":
        value = calculate(_said(page, *parts[0]))
        return nothing if value is None else (number_text(value), *trim(page, *parts[0]))
    if name in ("#time", "#timel"):
        said = read_date(_said(page, *parts[1])) if len(parts) > 1 else None
        if said is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", said):
            return nothing  # of today, or of a part of a day
        text = time_text(_said(page, *parts[0]), dt.date.fromisoformat(said))
        return nothing if text is None else (text, *trim(page, *parts[1]))
    if name == "#switch":
        cases = [cut(page, start, end, "=") for start, end in parts[1:]]
        chosen = switch(
            _said(page, *parts[0]), [(_said(page, *case[0]), len(case) > 1) for case in cases]
        )
        if chosen is None:
            return nothing
        case = cases[chosen]
        return (None, *trim(page, case[-1][0] if len(case) == 1 else case[1][0], case[-1][1]))
    if name not in ("#if", "#ifeq", "#ifexpr", "#ifexist", "#iferror"):
        return nothing
    chosen = choose(name, len(parts), lambda index: _said(page, *parts[index]))
    return nothing if chosen is None else (None, *trim(page, *parts[chosen]))


def _said(page: Page, start: int, end: int) -> str:
    """The text of an argument, as far as choosing needs it: functions in it are worked out, of
    other templates only that they are there."""
    parts: list[str] = []
    position = start
    index = bisect_left(page.starts, start)
    while index < len(page.pairs) and page.starts[index] < end:
        pair = page.pairs[index]
        index += 1
        if pair.start < position or pair.end > end:
            continue
        parts.append(page.mask[position : pair.start])
        inside = clean(page, pair.inner_start, pair.inner_end)
        name = inside.partition(":")[0].strip().casefold()
        if pair.kind == "{{" and name.startswith("#"):
            text, inner_start, inner_end = _worked_out(page, name, pair)
            parts.append(_said(page, inner_start, inner_end) if text is None else text)
        elif pair.kind != "{{{":
            parts.append(inside)
        position = pair.end
        index = bisect_left(page.starts, position, index)
    parts.append(page.mask[position:end])
    return html.unescape(MASKED.sub("", "".join(parts))).strip()
