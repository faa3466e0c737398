"""Images and their captions: figures, galleries, and what the converter made of either.

An image is a record of its own, its caption a block that comes after the one the image stands in.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

from pipeline.formats import markdown_scan as scan
from pipeline.formats.markdown_page import DEEPEST, Page, defer
from pipeline.formats.markdown_targets import resolve
from pipeline.formats.wiki import IMAGE_OPTION, Target, page_url, read_target

Range = tuple[int, int]


def show_later(
    page: Page,
    target: Target,
    raw_start: int,
    raw_end: int,
    caption: Range | None,
    shown: str = "",
) -> None:
    """Add an image now, and its caption as a block of its own once the open one has ended."""
    asm = page.asm
    if asm.in_note or page.nesting >= DEEPEST:
        if caption and page.nesting < DEEPEST:
            page.nesting += 1
            asm.space(raw_start, raw_start)
            page.inline(page, *caption)
            page.nesting -= 1
        return

    def add() -> None:
        block = None
        if caption:
            asm.open_block("caption")
            page.inline(page, *caption)
            block = asm.close_block()
        _add(page, target, raw_start, raw_end, block, shown)

    defer(page, add)


def _add(
    page: Page, target: Target, raw_start: int, raw_end: int, block: int | None, shown: str = ""
) -> None:
    """An image and its link; `shown` is what the file has in the link's place."""
    title = target.title or ""
    url = page_url(title, language=page.language)
    name = title.partition(":")[2] or title
    raw_end = raw_start + len(page.text[raw_start:raw_end].rstrip())
    page.asm.media(name, url, raw_start, raw_end, block=block)
    page.asm.bare_link(
        "file",
        name,
        raw_anchor=shown or name,
        target=title,
        url=url,
        raw_start=raw_start,
        raw_end=raw_end,
    )


def read_figure(page: Page, at: int, after: int, target: Target, end: int, shown: str) -> int:
    """A figure's link. Its caption, where it ran out of the link, goes on to `\\]\\]`."""
    text = page.text
    searched, stop = page.figure_tail
    if not searched <= after <= stop:
        found = text.find("\\]\\]", after)
        stop = found if found >= 0 else len(text)
        page.figure_tail = (after, stop)
    broken = stop < end and all(
        text.find(sign, after, stop) < 0 for sign in ('"fig:', "![", "\\[\\[")
    )
    caption = (after, stop) if broken else None
    after = stop + 4 if broken else after
    show_later(page, target, at, after, caption, shown)
    return after


def read_left_figure(page: Page, figure: re.Match[str], end: int) -> int:
    r"""A `\[\[File:甲.jpg|thumb|說明\]\]` whose end stands in another block, or none at all."""
    name = scan.ESCAPED.sub(r"\1", figure["name"] or figure["angle"])
    stop = page.text.find("\\]\\]", figure.end(), end)
    stop = stop if stop >= 0 else end
    caption = caption_within(page, figure.end(), stop)
    show_later(page, read_target(name), figure.start(), stop, caption, name)
    return stop


def read_file_link(page: Page, target: Target, start: int, stop: int, at: int, after: int) -> bool:
    """Whether a link to a file shows it: its text is the file's name, or `縮圖|右|說明`."""
    anchor = page.text[start:stop]
    bar = scan.GALLERY_BAR.search(page.text, start, stop)
    if not anchor.strip() or scan.NAME_END.search(anchor):
        caption = (bar.end(), stop) if bar and bar.end() < stop else None
    else:
        caption = caption_within(page, start, stop)
        if caption == (start, stop):
            return False
    title = (target.title or "").partition("|")[0]
    show_later(page, target._replace(title=title), at, after, caption, anchor)
    return True


def read_img(page: Page, tag: re.Match[str], source: str, end: int) -> int:
    """An `<img>` with the caption that follows it or stands in it; returns where it is over."""
    text = page.text
    at, after = tag.span()
    target, _ = resolve(html.unescape(source), "wikilink", page.language)
    if target.kind != "file":
        target = read_target("File:" + unquote(source).rsplit("/", 1)[-1])
    caption: Range | None
    figcaption = scan.FIGCAPTION.match(text, after, min(end, after + 4000))
    if figcaption:
        after = figcaption.end()
        is_name = "_".join(figcaption["said"].split()) in (target.title or "")
        caption = None if is_name else figcaption.span("said")
    else:
        caption = _alternative(page, tag, target)
    show_later(page, target, at, after, caption)
    return after


def _alternative(page: Page, tag: re.Match[str], target: Target) -> Range | None:
    """The caption that pandoc wrote into `alt="…"`; None where that is a name or an option."""
    for attribute in scan.ATTRIBUTE.finditer(page.text, *tag.span("rest")):
        if attribute[1].lower() == "alt" and (group := 2 if attribute[2] else 3):
            said = (attribute[group] or "").strip()
            if said.replace(" ", "_") not in (target.title or ""):
                return caption_within(page, *attribute.span(group))
    return None


def caption_within(page: Page, start: int, stop: int) -> Range | None:
    """Where in [start, stop) the caption stands: `縮圖\\|右\\|` before it is none, nor `|左` after."""
    text = page.text
    while (bar := scan.BAR.search(text, start, stop)) and IMAGE_OPTION.fullmatch(
        text, start, bar.start()
    ):
        start = bar.end()
    bars = list(scan.BAR.finditer(text, start, stop))
    while bars and IMAGE_OPTION.fullmatch(text, bars[-1].end(), stop):
        stop = bars.pop().start()
    return None if IMAGE_OPTION.fullmatch(text, start, stop) else (start, stop)


# ---- galleries


def find_gallery(page: Page, start: int, end: int) -> tuple[re.Match[str], re.Pattern[str]] | None:
    """The first entry of a gallery that lost its tags, and the pattern of the others."""
    text = page.text
    bar = text.find("|", start, end)
    pattern = scan.GALLERY
    if bar >= 0 and scan.FILE_BAR.search(text, start, end):
        pattern = scan.BARE_GALLERY
    elif text.find(":", start, end) < 0:
        return None
    match = pattern.search(text, start, end)
    if match is None or scan.GALLERY_TAG.search(text, start, match.start()):
        return None
    return match, pattern


def read_gallery(
    page: Page, match: re.Match[str] | None, end: int, pattern: re.Pattern[str]
) -> None:
    """The entries of a gallery that lost its tags, from the first one to `end`."""
    while match is not None:
        begin = match.end()
        if match["angle"] is not None and not scan.NAME_END.search(match["angle"]):
            bar = scan.BAR.search(page.text, begin, end)
            ending = scan.NAME_END.search(page.text, begin, bar.start() if bar else end)
            begin = ending.end() if ending else begin
        following = pattern.search(page.text, begin, end)
        _gallery_entry(page, match, following.start() if following else end)
        match = following


def _gallery_entry(page: Page, match: re.Match[str], end: int) -> None:
    """`<File:甲> 乙.jpg | 說明`, `[File:甲.jpg|說明](File:…)說明` or `File:甲.jpg|說明`."""
    text = page.text
    ranges: list[Range] = []
    if match["anchor"] is not None:
        inside = match.span("anchor")
        bar = scan.GALLERY_BAR.search(text, *inside)
        name = text[inside[0] : bar.start() if bar else inside[1]]
        if bar:
            ranges.append((bar.end(), inside[1]))
        ranges.append((match.end(), end))
    else:
        name = match["angle"] or match["plain"] or f"File:{match['bare']}"
        rest = match.end()
        bar = scan.GALLERY_BAR.search(text, rest, end)
        if match["angle"] is not None and not scan.NAME_END.search(name):
            ending = scan.NAME_END.search(text, rest, bar.start() if bar else end)
            stop = ending.end() if ending else bar.start() if bar else rest
            name += text[rest:stop]
            rest = stop
        ranges.append((bar.end() if bar and not text[rest : bar.start()].strip() else rest, end))
    target = read_target(scan.ESCAPED.sub(r"\1", " ".join(name.split())))
    page.asm.open_block("caption")
    for start, stop in ranges:
        page.inline(page, start, stop)
    _add(page, target, match.start(), end, page.asm.close_block())


def read_tagged_gallery(page: Page, region: scan.Region) -> None:
    """The lines of a `<gallery>` that kept its tags: `甲.jpg|說明`."""
    text = page.text
    position = region.inner_start
    while position < region.inner_end:
        stop = text.find("\n", position, region.inner_end)
        stop = region.inner_end if stop < 0 else stop
        start = scan.skip(text, position, stop)
        if start < stop:
            bar = text.find("|", start, stop)
            name = text[start : bar if bar >= 0 else stop].strip().removesuffix("\\")
            target = read_target(name)
            if target.kind != "file":
                target = read_target(f"File:{name}")
            page.asm.open_block("caption")
            if bar >= 0:
                page.inline(page, bar + 1, stop)
            _add(page, target, start, stop, page.asm.close_block())
        position = stop + 1
