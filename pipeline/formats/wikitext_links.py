"""Links to pages and to other sites, and addresses that stand alone."""

from __future__ import annotations

import re

from pipeline.formats.wiki import is_other_language, page_url, read_target
from pipeline.formats.wikitext_files import add_bare_page, read_file
from pipeline.formats.wikitext_page import Page, clean, cut, deeper, keep, ready, trim
from pipeline.formats.wikitext_scan import BREAK, SPACE, Pair

_URL_TAIL = re.compile(r"[.,;:!?'\\)]++$")
# Letters right behind a link are a part of it.
TRAIL = re.compile("[a-z]+")


def read_bare_url(page: Page, match: re.Match[str]) -> int:
    """An address in the text is a link without an anchor; only a note shows it."""
    url = _URL_TAIL.sub("", match[0])
    end = match.start() + len(url)
    _address(page, url, match.start(), end, match.start(), end)
    return end


def _address(page: Page, url: str, start: int, end: int, raw_start: int, raw_end: int) -> None:
    if page.asm.in_note:
        here = page.asm.here
        keep(page, start, end)
        page.asm.link(here, "external", target=None, url=url, raw_start=raw_start, raw_end=raw_end)
    else:
        page.asm.bare_link(
            "external", url, target=None, url=url, raw_start=raw_start, raw_end=raw_end
        )


def read_external(page: Page, pair: Pair) -> None:
    """`[http://a.b 甲]`: a link; without a text, as a bare address."""
    inside = page.mask[pair.inner_start : pair.inner_end]
    stop = re.search(rf"[\s{BREAK}{SPACE}]", inside)
    url_end = pair.inner_start + (stop.start() if stop else len(inside))
    url = clean(page, pair.inner_start, url_end)
    start, end = trim(page, url_end, pair.inner_end)
    if start >= end:
        _address(page, url, pair.inner_start, url_end, pair.start, pair.end)
        return
    if not ready(page):
        return
    here = page.asm.here
    with deeper(page):
        page.range(page, start, end)
    page.asm.link(here, "external", target=None, url=url, raw_start=pair.start, raw_end=pair.end)


def read_wikilink(page: Page, pair: Pair) -> None:
    """`[[甲|乙]]`: a link, a file, a category, or the same article in another language."""
    title_end = cut(page, pair.inner_start, pair.inner_end)[0][1]
    target = read_target(clean(page, pair.inner_start, title_end))
    bar = title_end if title_end < pair.inner_end else None
    if target.kind == "file" and not page.mask.startswith(":", pair.inner_start):
        read_file(page, target, pair, title_end)
    elif target.kind == "category":
        name = (target.title or "").partition(":")[2].replace("_", " ")
        page.asm.category(name, pair.start, pair.end)
        add_bare_page(page, target, pair)
    elif is_other_language(target) and not page.mask.startswith(":", pair.inner_start):
        add_bare_page(page, target, pair)  # it stands in the side bar
    elif ready(page):
        start = pair.inner_start if bar is None else bar + 1
        if start >= pair.inner_end:
            start, bar = pair.inner_start, None  # `[[甲|]]`
        end = pair.inner_end
        if bar is None:
            start, end = trim(page, start, title_end)
            start += page.mask.startswith(":", start)
        trail = TRAIL.match(page.mask, pair.end)
        here = page.asm.here
        with deeper(page):
            page.range(page, start, end)
        if trail is not None:
            keep(page, *trail.span())
        page.asm.link(
            here,
            target.kind,
            target=target.title,
            url=page_url(target.title, target.fragment) if target.title else None,
            raw_start=pair.start,
            raw_end=pair.end if trail is None else trail.end(),
        )
