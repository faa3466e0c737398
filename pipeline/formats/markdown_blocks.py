"""The blocks of an article, line by line: headings, paragraphs, items, code, and where tables are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping

from pipeline.formats import markdown_scan as scan
from pipeline.formats.aligned_tables import read_aligned_table
from pipeline.formats.markdown_entries import read_definition
from pipeline.formats.markdown_files import find_gallery, read_gallery
from pipeline.formats.markdown_page import DEEPEST, Page
from pipeline.formats.markdown_tables import find_captioned_table, find_pipe_table, read_table
from pipeline.records import BlockKind


def read_blocks(page: Page, start: int, end: int, quotes: Mapping[int, tuple[int, int]]) -> None:
    """Read raw [start, end) line by line. `quotes`: where a line begins with the marks of a
    quotation → where the first of them stands from there, and where the last one ends."""
    text = page.text
    multiline = [
        region for region in page.regions.values() if text.find("\n", region.start, region.end) >= 0
    ]
    multiline.sort()
    next_region = bisect_left(multiline, (start,))
    position = start
    open_from: int | None = None  # the open paragraph's start
    kind: BlockKind = "paragraph"
    in_list = False
    after_blank = True
    defines = False
    defined = (-1, 0)  # where an item that was a definition list ended, and its indent
    depth = 0
    failed_fences = 0

    def close(until: int) -> None:
        nonlocal open_from
        if open_from is not None:
            _paragraph(page, open_from, until, kind)
            open_from = None

    while position < end:
        stop = text.find("\n", position, end)
        stop = end if stop < 0 else stop + 1
        while next_region < len(multiline) and multiline[next_region].start < stop:
            region = multiline[next_region]
            next_region += 1
            if region.start >= position and stop < region.end <= end:
                stop = text.find("\n", region.end - 1, end)
                stop = end if stop < 0 else stop + 1
        line = scan.LINE.match(text, position, stop)
        assert line is not None
        shape = line.lastgroup
        content = line.end()
        indent = content - position - len(line[shape]) if shape else content - position
        if (quote := quotes.get(position)) is not None:
            # What is indented in a quotation is so from its mark on, and the space after that.
            before, mark_end = quote
            indent = before + max(0, indent - (mark_end - position) - 1)

        if shape == "blank":
            close(position)
            after_blank, depth = True, 0
            # A term that is empty, before what defines it: `:甲` is set so on wikis.
            defines = text[position:stop].rstrip("\r\n") == "  "
            position = stop
            continue
        if in_list and after_blank and indent == 0 and shape != "item":
            in_list = False
        if after_blank and open_from is None and shape not in ("heading", "row", "fence"):
            aligned = read_aligned_table(text, position, stop, end)
            if aligned is not None:
                position = read_table(page, aligned, end)
                continue
            if (shape == "definition" or text[content : content + 1] in ("T", "t")) and (
                table := find_captioned_table(page, position, end)
            ):
                position = read_table(page, *table)
                continue
        if after_blank and not in_list and indent >= 4 and depth == 0 and open_from is None:
            # Indented code; with Chinese in it, it is a paragraph that someone indented.
            if not scan.HAN.search(text, position, stop):
                position = stop
                continue
            shape, content = None, scan.skip(text, position, stop)
        if shape == "fence" and failed_fences < 50:
            after = _fence_end(page, line, stop, end)
            if after is not None:
                close(position)
                position, after_blank = after, True
                continue
            failed_fences += 1
        if shape == "underline" and open_from is not None and not in_list:
            level = 1 if line["underline"][0] == "=" else 2
            _heading(page, open_from, position, level)
            open_from = None
        elif shape in ("underline", "rule", "div"):
            close(position)
        elif shape == "heading":
            close(position)
            _heading(page, content, stop, len(line["heading"]))
            in_list = False
        elif shape == "wikiheading" and (title := _wiki_heading(page, line, stop)) is not None:
            close(position)
            _heading(page, content, title[0], len(line["wikiheading"].lstrip("\\")))
            in_list = False
            open_from, kind = title[1], "paragraph"
        elif shape == "note" and line["note"][2:-2] in page.notes.labels:
            close(position)
            position = read_definition(page, line, stop, end)
            after_blank = True
            continue
        elif shape == "row" and (after_table := find_pipe_table(page, stop, end)) is not None:
            close(position)
            position = read_table(page, (position, after_table), end)
            after_blank = True
            continue
        elif (
            shape in ("item", "definition")
            and depth < DEEPEST
            and _interrupts(line, open_from is None, in_list)
        ):
            if shape == "definition" and not after_blank:
                kind = "list_item"  # the term before it
            close(position)
            in_list, kind = True, "list_item"
            depth += 1
            position = content
            after_blank = False
            after_such = (line.start(), indent) == defined
            pieces = scan.definitions(text, content, end, after_such=after_such)
            if pieces:
                for piece in pieces:
                    _paragraph(page, *piece, kind)
                position, depth = pieces[-1][1], 0
                defined = (position, indent)
                continue
            if position < stop:
                continue
        elif open_from is None:
            open_from = scan.skip(text, position, stop)
            if left := scan.LEFT_ITEM.match(text, open_from, stop):
                open_from, defines = left.end(), True
            kind = "list_item" if in_list or defines else "paragraph"
            defines = False
        after_blank, depth = False, 0
        position = stop
    close(end)
    page.asm.close_block()


def _interrupts(line: re.Match[str], at_start: bool, in_list: bool) -> bool:
    """Whether an item's mark begins an item, not a line of the open paragraph (CommonMark 5.3)."""
    mark = line["item"]
    if at_start or mark is None:
        return True
    return in_list or not mark[0].isdigit() or mark[:-1] == "1"


def _fence_end(page: Page, line: re.Match[str], stop: int, end: int) -> int | None:
    """Where the fenced code that `line` opens is over; None if it is never closed."""
    mark = line["fence"]
    if mark[0] == "`" and "`" in page.text[line.end() : stop]:
        return None
    closing = re.compile(rf"^[ \t]*{re.escape(mark)}{re.escape(mark[0])}*[ \t\r]*$", re.MULTILINE)
    match = closing.search(page.text, stop, end)
    if match is None:
        return None
    after = page.text.find("\n", match.end(), end)
    return end if after < 0 else after + 1


def _wiki_heading(page: Page, line: re.Match[str], stop: int) -> tuple[int, int] | None:
    """For `\\====甲==== 乙`: where the heading's text ends and where the text after it begins."""
    mark = line["wikiheading"].lstrip("\\")
    close = page.text.find(mark, line.end(), stop)
    if close < 0:
        return None
    after = close + len(mark)
    return (close, after) if not page.text.startswith("=", after) else None


def _heading(page: Page, start: int, end: int, level: int) -> None:
    text = page.text
    stop = start + len(text[start:end].rstrip())
    closing = stop
    while closing > start and text[closing - 1] == "#":
        closing -= 1
    if closing < stop and (closing == start or text[closing - 1] in " \t"):
        stop = closing
    if attributes := scan.HEADING_ATTRIBUTES.search(text, start, stop):
        stop = attributes.start()
    page.asm.open_section(level, text.rfind("\n", 0, start) + 1)
    page.asm.open_block("heading")
    page.inline(page, start, stop)
    page.asm.close_block()


def _paragraph(page: Page, start: int, end: int, kind: BlockKind) -> None:
    caption, page.caption_words = page.caption_words, ""
    if caption and caption == scan.NO_WORDS.sub("", page.text[start:end]):
        return  # pandoc writes the caption of a table in HTML once more below it
    gallery = find_gallery(page, start, end)
    if gallery is not None:
        match, pattern = gallery
        page.asm.open_block(kind)
        page.inline(page, start, match.start())
        page.asm.close_block()
        read_gallery(page, match, end, pattern)
        return
    page.asm.open_block(kind)
    page.inline(page, start, end)
    page.asm.close_block()
