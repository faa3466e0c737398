"""What begins with `<`: tags, comments, and addresses in angle brackets."""

from __future__ import annotations

import html
import re

from pipeline.formats import markdown_scan as scan
from pipeline.formats.markdown_entries import (
    mark_ref,
    mark_section_note,
    read_list_of_refs,
    read_note_section,
    read_ref,
)
from pipeline.formats.markdown_files import read_file_link, read_img, read_tagged_gallery
from pipeline.formats.markdown_links import add_address
from pipeline.formats.markdown_notes import holds_notes
from pipeline.formats.markdown_page import DEEPEST, How, Page, defer
from pipeline.formats.markdown_tables import read_html_table
from pipeline.formats.markdown_targets import resolve
from pipeline.formats.wiki import SCRIPT, script_digits

# As far as this the end of a link is looked for.
_LONGEST = 4000


def read_angle(page: Page, at: int, end: int, how: How) -> int | None:
    """A comment, a tag or an address; None where the sign is text."""
    text = page.text
    region = page.regions.get(at)
    if region is not None and region.end <= end:
        after = _region(page, region, how)
        if after is not None:
            return after
    if text.startswith("<!--", at):
        return at + 4
    if match := scan.AUTOLINK.match(text, at, end):
        add_address(page, match[1], *match.span(1))
        return match.end()
    if tag := scan.TAG.match(text, at, end):
        return _tag(page, tag, end, how)
    return None


def _region(page: Page, region: scan.Region, how: How) -> int | None:
    """A pair of tags with what it encloses; None where the tags stand in prose like any other."""
    kind, in_note = region.kind, page.asm.in_note
    if kind in ("table", "gallery"):
        if in_note or page.nesting >= DEEPEST:
            return region.inner_start
        read = read_html_table if kind == "table" else read_tagged_gallery
        defer(page, lambda: read(page, region))
    elif kind == "ref":
        read_ref(page, region)
    elif kind == "references":
        read_list_of_refs(page, region)
    elif holds_notes(page.text, region):
        if not in_note:
            read_note_section(page, region)
    elif kind == "code":
        if how.in_anchor or scan.HAN.search(page.text, region.inner_start, region.inner_end):
            return None
    elif kind != "<!--" and kind not in scan.SILENT:
        return None
    return region.end


def _tag(page: Page, tag: re.Match[str], end: int, how: How) -> int | None:
    """A tag by itself; where the text goes on, None where it is none that wikis know."""
    text, asm = page.text, page.asm
    name = tag["name"].lower()
    at, after = tag.span()
    closes = bool(tag["close"])
    if name not in scan.KNOWN_TAGS:
        return None
    if name == "a" and not closes:
        return _anchor(page, tag, end, how)
    if name == "img":
        if source := scan.attributes(tag["rest"]).get("src"):
            return read_img(page, tag, source, end)
    elif name == "ref" and not closes:
        mark_ref(page, tag["rest"], at, after)
    elif name in ("br", "hr", "wbr"):
        asm.space(at, after)
    elif name in ("sup", "sub") and not closes:
        if script := SCRIPT.match(text, after, end):
            asm.put(script_digits(script[0], below=name == "sub"), *script.span())
            return script.end()
        if name == "sup" and text[at - 1].isdigit() and text[after : after + 1].isdigit():
            asm.put("^", at, after)  # 2^1.5 must not be read as 21.5
    elif name in scan.BREAKING:
        if how.flat:
            asm.space(at, after)
        elif name[0] == "h" and name[1:].isdigit() and not closes:
            asm.open_section(int(name[1:]), at)
            asm.open_block("heading")
        else:
            asm.open_block("list_item" if name in scan.ITEM_TAGS and not closes else "paragraph")
    return after


def _anchor(page: Page, tag: re.Match[str], end: int, how: How) -> int:
    """`<a href="…">甲</a>`: a link, a file or the marker of a note under a table."""
    text, asm = page.text, page.asm
    at, after = tag.span()
    attributes = scan.attributes(tag["rest"])
    close = scan.END_OF_A.search(text, after, min(end, after + _LONGEST))
    if close is None:
        return after
    if "footnote-" in attributes.get("class", ""):
        mark_section_note(page, attributes.get("href", ""), at, close.end())
        return close.end()
    if "href" not in attributes or how.depth >= DEEPEST:
        return after
    address = html.unescape(attributes["href"])
    target, url = resolve(address, attributes.get("title", ""), page.language)
    if target.kind == "file" and read_file_link(
        page, target, after, close.start(), at, close.end()
    ):
        return close.end()
    begin = asm.here
    page.inline(page, after, close.start(), How(how.depth + 1, is_html=True, in_anchor=True))
    asm.link(begin, target.kind, target=target.title, url=url, raw_start=at, raw_end=close.end())
    return close.end()
