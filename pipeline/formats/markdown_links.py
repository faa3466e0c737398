"""What stands in brackets: links, images, markers; and addresses that stand alone."""

from __future__ import annotations

import re
from urllib.parse import unquote

from pipeline.formats import markdown_scan as scan
from pipeline.formats.markdown_files import (
    caption_within,
    read_figure,
    read_file_link,
    show_later,
)
from pipeline.formats.markdown_page import DEEPEST, How, Page
from pipeline.formats.markdown_targets import resolve, where
from pipeline.formats.wiki import IMAGE_OPTION, is_other_language, page_url, read_target


def read_bracket(page: Page, at: int, end: int, how: How) -> int | None:
    """What begins with `[`; where it is over, None where the sign is text."""
    text = page.text
    if link := scan.LINK.match(text, at, end):
        return _link(page, link.start("anchor"), link.end("anchor"), link, at, end, how)
    if marker := scan.MARKER.match(text, at, end):
        return _marker(page, marker)
    if left := scan.LEFT_WIKILINK.match(text, at, end):
        return read_left_link(page, left, how)
    close = _closing(page, at, end)
    if close is not None and (tail := scan.LINK_TAIL.match(text, close + 1, end)):
        return _link(page, at + 1, close, tail, at, end, how)
    if close is not None and how.depth < DEEPEST:
        attributes = scan.ATTRIBUTES.match(text, close + 1, end)
        if attributes:  # [甲]{lang="ru"}
            inside = How(how.depth + 1, flat=how.flat, in_anchor=how.in_anchor)
            page.inline(page, at + 1, close, inside)
            return attributes.end()
    return at + 2 if text.startswith("[[", at) else None


def _marker(page: Page, marker: re.Match[str]) -> int | None:
    """`[^甲]` and `[1]`, where there is such a note, or a list that lost it."""
    notes = page.notes
    if page.asm.in_note:
        return None
    group = ""
    if label := marker["label"]:
        if label in notes.labels:
            group, number = notes.labels[label]
        elif label.isdecimal():
            number = int(label[:6])
        else:
            return None
    else:
        number = int(marker["plain"])
        if number not in notes.numbers and number not in notes.gaps:
            return None
    page.asm.marker(number, group, *marker.span())
    return marker.end()


def read_escaped_marker(page: Page, marker: re.Match[str]) -> int | None:
    r"""`\[1\]`, as far as its number tells: without such a note, a year may be text."""
    number = int(marker["escaped"])
    if page.asm.in_note or (1000 <= number <= 2999 and number not in page.notes.numbers):
        return None
    page.asm.marker(number, "", *marker.span())
    return marker.end()


def _closing(page: Page, at: int, end: int) -> int | None:
    """Where the bracket at `at` closes. The brackets of a stretch are matched once for all."""
    start, stop, pairs = page.brackets
    if not (start <= at and end <= stop):
        pairs = {}
        open_at: list[int] = []
        for match in scan.BRACKET.finditer(page.text, at, end):
            if match[0] == "[":
                open_at.append(match.start())
            elif match[0] == "]" and open_at:
                pairs[open_at.pop()] = match.start()
        page.brackets = (at, end, pairs)
    return pairs.get(at)


def _link(
    page: Page, start: int, stop: int, match: re.Match[str], at: int, end: int, how: How
) -> int:
    """A link with the anchor [start, stop); `match` holds its address and title."""
    text, asm = page.text, page.asm
    title = match["title"] or ""
    target, url = where(page, match)
    after = match.end()
    anchor = text[start:stop]
    if title.startswith("fig:"):
        return read_figure(page, at, after, target, end, anchor)
    if target.kind == "category":
        asm.category((target.title or "").partition(":")[2], at, after)
        shown = scan.ESCAPED.sub(r"\1", anchor)
        asm.bare_link("category", shown, target=target.title, url=url, raw_start=at, raw_end=after)
        return after
    if target.kind == "file" and read_file_link(page, target, start, stop, at, after):
        return after
    if target.title and title == "wikilink":
        # What nobody gave a text shows its title: `:Category:甲` without the colon, and
        # `en:Foo` not at all, which names the same article in another language.
        shown = scan.ESCAPED.sub(r"\1", anchor).strip()
        if shown.startswith(":") and " ".join(shown[1:].split()) == target.title.replace("_", " "):
            start = text.index(":", start) + 1
        elif is_other_language(target) and shown.replace(" ", "_") == target.title:
            asm.bare_link("interwiki", shown, target=target.title, url=url, raw_start=at, raw_end=after)  # fmt: skip
            return after
    if target.kind == "external" and (address := scan.SWALLOWER.match(text, start, stop)):
        # A bare address took along what followed it, up to a space.
        add_address(page, address[1], start, address.end(1))
        page.inline(page, address.end(), stop, How(how.depth + 1, flat=how.flat))
        return after
    if target.kind == "external" and scan.COUNTED.fullmatch(anchor) and not asm.in_note:
        # `[http://…]` without a text: pandoc counts them.
        asm.bare_link("external", url or "", target=None, url=url, raw_start=at, raw_end=after)
        return after
    begin = asm.here
    if scan.SPECIAL.search(text, start, stop) is None or how.depth >= DEEPEST:
        asm.keep(start, stop)
    elif anchor.strip() != "ⓦ":
        inside = How(how.depth + 1, flat=True, is_html=how.is_html, in_anchor=True)
        page.inline(page, start, stop, inside)
    asm.link(begin, target.kind, target=target.title, url=url, raw_start=at, raw_end=after)
    return after


def read_left_link(page: Page, match: re.Match[str], how: How) -> int:
    r"""`[[甲|乙]]` or `\[\[甲|乙\]\]`, a link that the converter did not read."""
    asm = page.asm
    target = read_target(scan.ESCAPED.sub(r"\1", match["target"]))
    url = page_url(target.title, target.fragment) if target.title else None
    part = "target" if match["anchor"] is None else "anchor"
    if target.kind == "category":
        asm.category((target.title or "").partition(":")[2].replace("_", " "), *match.span())
        return match.end()
    if target.kind == "file":
        begin = match.start(part) + match[part].rfind("|") + 1
        caption = (begin, match.end(part)) if part == "anchor" else None
        show_later(page, target, match.start(), match.end(), caption)
        return match.end()
    begin = asm.here
    if how.depth < DEEPEST:
        page.inline(page, *match.span(part), How(how.depth + 1, flat=True, in_anchor=True))
    asm.link(begin, target.kind, target=target.title, url=url, raw_start=match.start(), raw_end=match.end())  # fmt: skip
    return match.end()


def read_image(page: Page, at: int, end: int, how: How) -> int | None:
    """`![說明](甲.jpg "…")`."""
    close = _closing(page, at + 1, end)
    tail = scan.LINK_TAIL.match(page.text, close + 1, end) if close is not None else None
    if close is None or tail is None:
        return None
    address = scan.ESCAPED.sub(r"\1", tail["url"].strip("<>"))
    target, _ = resolve(address, tail["title"] or "", page.language)
    if target.kind != "file":
        name = unquote(tail["url"]).rsplit("/", 1)[-1]
        target = read_target("File:" + scan.ESCAPED.sub(r"\1", name))
    anchor = page.text[at + 2 : close]
    name = "_".join(scan.ESCAPED.sub(r"\1", anchor).split())
    if not name or IMAGE_OPTION.fullmatch(name) or name in (target.title or ""):
        return read_figure(page, at, tail.end(), target, end, anchor)
    caption = caption_within(page, at + 2, close) if how.depth < DEEPEST else None
    show_later(page, target, at, tail.end(), caption, anchor)
    return tail.end()


def read_bare_address(page: Page, at: int, end: int, how: How) -> int | None:
    """A bare address: a link, and no prose."""
    text = page.text
    if at > 0 and text[at - 1].isascii() and text[at - 1].isalnum():
        return None
    match = scan.URL.match(text, at, end)
    if match is None:
        return None
    address = match[0]
    if tail := scan.URL_TAIL.search(address):
        address = address[: tail.start()]
    add_address(page, address, at, at + len(address))
    return at + len(address)


def add_address(page: Page, address: str, raw_start: int, raw_end: int) -> None:
    """A link that shows its address: only a note keeps it as text."""
    asm = page.asm
    if asm.in_note:
        begin = asm.here
        asm.keep(raw_start, raw_end)
        asm.link(begin, "external", target=None, url=address, raw_start=raw_start, raw_end=raw_end)
    else:
        asm.bare_link("external", address, target=None, url=address, raw_start=raw_start, raw_end=raw_end)  # fmt: skip
