"""Lines and the blocks they make: headings, items, paragraphs."""

from __future__ import annotations

import re

from pipeline.formats.wikitext_page import Page, close, cut, deeper
from pipeline.formats.wikitext_scan import DROP
from pipeline.formats.wikitext_tables import end_table

_HEADING = re.compile(rf"(?P<open>={{1,6}}+)(?P<title>[^\n]*?)(?P<close>={{1,6}})[\s{DROP}]*$")
LIST = re.compile(r"[*#:;]+")
_RULE = re.compile(r"-{4,}")


def read_line(page: Page, start: int, end: int) -> None:
    """A line, with all that its brackets and tables hold."""
    mask = page.mask
    text_start = start
    while text_start < end and mask[text_start] == DROP:
        text_start += 1
    first = mask[text_start : text_start + 1]
    if not mask[text_start:end].strip(f"{DROP} \t\r"):
        if text_start == start or not mask[start:end].strip(" \t\r"):
            close(page)  # a blank line; a comment's own line is none
        return
    if first == "=" and (heading := _HEADING.match(mask, text_start, end)) is not None:
        _heading(page, heading, start)
        return
    if first and first in "*#:;" and (item := LIST.match(mask, text_start, end)) is not None:
        close(page)
        page.state.kind = "list_item"
        _item(page, item, end)
        close(page)
        page.state.kind = "paragraph"
        return
    if (rule := _RULE.match(mask, text_start, end)) is not None:
        close(page)
        text_start = rule.end()
    if first in (" ", "\t"):
        close(page)  # preformatted: its lines do not run on
    elif page.state.open:
        page.asm.keep(start - 1, start)  # the newline
    page.state.shown = False
    page.range(page, text_start, end)
    end_table(page, end)
    if not page.state.shown or first in (" ", "\t"):
        close(page)


def _item(page: Page, item: re.Match[str], end: int) -> None:
    start = item.end()
    if item[0].endswith(";"):
        # `;甲:乙` is a term and what it means; a colon inside brackets is none.
        colon = cut(page, start, end, ":")[0][1]
        if colon < end and not page.mask.startswith("//", colon + 1):
            page.range(page, start, colon)
            close(page)
            start = colon + 1
    page.range(page, start, end)
    end_table(page, end)


def _heading(page: Page, match: re.Match[str], start: int) -> None:
    close(page)
    level = min(len(match["open"]), len(match["close"]))
    title_start = match.start() + level
    title_end = match.end("close") - level
    if title_start >= title_end:
        return
    page.asm.open_section(level, start)
    page.asm.open_block("heading")
    page.state.open = True
    with deeper(page):
        page.range(page, title_start, title_end)
    close(page)
