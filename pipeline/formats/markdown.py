"""Markdown that pandoc made of a wiki page, every generation of it → Document.

The reader walks the raw text once. A pass over the lines finds the blocks (headings, list
items, tables, paragraphs …), a second one over each block's characters the links, markers and
tags in it; what is prose goes to the `Assembler`. Older converters broke some things, which
are mended here and in `anchors`: figures whose caption ran out of its link, galleries that
became autolinks, headings that stayed `\\====甲====`, wikitext that was left as it was.

Prose is paragraphs, list items, table cells, captions and headings. Not prose are addresses,
file names, categories, mathematics, fenced code, code in the line unless it holds Chinese
characters, and the reference list.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import unquote

from pipeline.formats import markdown_scan as scan
from pipeline.formats.aligned_tables import AlignedTable, read_aligned_table
from pipeline.formats.anchors import repair_anchors
from pipeline.formats.assemble import Assembler
from pipeline.formats.table_rows import repair_rows
from pipeline.formats.wiki import (
    IMAGE_OPTION,
    SCRIPT,
    SIGNED,
    Target,
    choose_variant,
    is_other_language,
    page_url,
    read_target,
    script_digits,
    title_of_file,
)
from pipeline.formats.wikitext_templates import citation_parameter
from pipeline.formats.works import show_work
from pipeline.records import BlockKind, Document, Source

# Items inside items on one line (`- - - 甲`) and links inside links: deeper is read as text.
_DEEPEST = 16
# A cell further to the right is not moved by those above it: a bound for hostile tables.
_MOST_COLUMNS = 1_000


class _HtmlPart(NamedTuple):
    """What a tag of an HTML table encloses, raw [start, end); `name` is empty for loose text."""

    name: str
    row: int
    start: int
    end: int
    row_span: int
    column_span: int


class _How(NamedTuple):
    """How a stretch is read; see `_Reader._inline`."""

    depth: int
    flat: bool
    is_html: bool
    in_anchor: bool


def parse_markdown(source: Source, *, variant: str = "zh-hant") -> Document:
    """Read a converted article. `variant` says which reading of `-{zh-hans:…;zh-hant:…}-` to take.

    The title is the source's own, else the banner's, else the file's name, with spaces for `_`.
    """
    return _Reader(source, variant).read()


def title_of(source: Source) -> str:
    """The title that `parse_markdown` gives `source`, without reading all of it."""
    banner = scan.BANNER.match(source.text)
    title = source.title or (scan.ESCAPED.sub(r"\1", banner["title"]).strip() if banner else "")
    return (title or title_of_file(source.path)).replace("_", " ").strip()


class _Reader:
    """One article's reading; the fields are what its parts need to know of the whole."""

    def __init__(self, source: Source, variant: str) -> None:
        self.source = source
        self.variant = variant
        banner = scan.BANNER.match(source.text)
        self.url: str | None = None
        self.language = "zh"
        self.start = 0
        if banner:
            self.url = scan.ESCAPED.sub(r"\1", banner["url"])
            self.language = banner["language"]
            self.start = banner.end()
        self.quotes: dict[int, tuple[int, int]] = {}
        # Quotation marks become spaces: offsets stay, and a quotation reads like other text.
        self.text = source.text
        if ">" in self.text:
            self.text = scan.QUOTED.sub(self._unquoted, self.text)
        if "<figure>" in self.text:
            self.text = scan.FIGURE_IN_ROW.sub(lambda match: match[0].replace("\n", " "), self.text)
        if self.text.startswith("\ufeff"):
            self.text = " " + self.text[1:]
        self.asm = Assembler(source, text=self.text, language="zh")
        self.regions = {region.start: region for region in scan.find_regions(self.text)}
        self.note_heads = self._find_note_list()
        listed = [int(head["number"]) for head in self.note_heads]
        self.list_numbers = frozenset(listed)
        self.list_gaps = scan.gaps(listed)
        self.list_is_ordered = listed == sorted(listed)
        self.note_sections = [
            region.start for region in self.regions.values() if self._holds_notes(region)
        ]
        self.labels = self._find_labels()
        self.ref_names: dict[tuple[str, str], int] = {}
        self.next_ref = 1 + max(
            [
                *self.list_numbers,
                *(number for group, number in self.labels.values() if not group),
                0,
            ]
        )
        self.figure_tail = (0, -1)  # from the first to the second place no `\]\]` stands
        self.brackets: tuple[int, int, dict[int, int]] = (0, 0, {})
        self.no_code: dict[int, int] = {}  # for backticks so many: none closes before here
        self.closing_carets: set[int] = set()
        self.closing_quotes: set[int] = set()
        self.resolved: dict[tuple[str, str], tuple[Target, str | None]] = {}
        self.nesting = 0  # blocks within blocks: captions, tables in cells
        self.caption_words = ""  # of the HTML table that stands right before
        self.closing_underscores: dict[int, int] = {}  # where emphasis ends, and its width

    def _unquoted(self, match: re.Match[str]) -> str:
        self.quotes[match.start()] = (match[0].index(">"), match.end())
        return " " * len(match[0])

    def _holds_notes(self, region: scan.Region) -> bool:
        tag = self.text[region.start : region.inner_start]
        return region.kind == "section" and "footnotes" in tag

    # ---- the whole

    def read(self) -> Document:
        end = self.note_heads[0].start() if self.note_heads else len(self.text)
        self._blocks(self.start, end)
        self._note_list()
        return self.asm.finish(
            title=title_of(self.source),
            source_url=self.url,
            repair=lambda text, links: repair_anchors(self.source.text, text, links),
        )

    def _find_note_list(self) -> list[re.Match[str]]:
        """The heads of the entries of the list of notes at the end; none where there is no list.

        It is the last list (`1. 甲`, or `[1] 甲`) that counts from 1 without a gap to the end of
        the file, with no heading and no category after it, if a marker in the text points into
        it, or the categories stand right before it. (A list of the article's own has none of
        these.) A list that lost entries, or whose entries changed places, is taken as well
        where markers point into it.
        """
        for pattern in (scan.NUMBERED, scan.BRACKETED):
            heads = list(pattern.finditer(self.text, self.start))
            first = next(
                (i for i in reversed(range(len(heads))) if heads[i]["number"] == "1"), len(heads)
            )
            counted = heads[first:]
            if any(head["number"] != str(i) for i, head in enumerate(counted, 1)) or not (
                counted and self._is_note_list(counted)
            ):
                counted = []
            broken = self._broken_note_list(heads)
            numbers = {head["number"] for head in broken}
            if len(broken) > len(counted) and (not counted or len(numbers) == len(broken)):
                return broken
            if counted:
                return counted
        return []

    def _is_note_list(self, heads: list[re.Match[str]]) -> bool:
        begin = heads[0].start()
        if scan.HEADING.search(self.text, begin) or scan.CATEGORY_LINE.search(self.text, begin):
            return False
        return self._follows_categories(begin) or any(
            number <= len(heads) for number in self._marked_numbers(begin)
        )

    def _follows_categories(self, begin: int) -> bool:
        """Whether the last line of text before `begin` is one of categories."""
        end_of_text = begin
        while end_of_text > self.start and self.text[end_of_text - 1].isspace():
            end_of_text -= 1
        last_line = self.text.rfind("\n", 0, end_of_text) + 1
        return scan.CATEGORY_LINE.match(self.text, last_line) is not None

    def _marked_numbers(self, end: int) -> set[int]:
        """The numbers of the markers before `end`, and other numbers in brackets (years)."""
        return {
            int(match["escaped"] or match["plain"])
            for match in scan.MARKER.finditer(self.text, self.start, end)
            if not match["label"]
        }

    def _broken_note_list(self, heads: list[re.Match[str]]) -> list[re.Match[str]]:
        """The heads of a list of notes at the end that lacks numbers, or has them in disorder.

        It runs to the end of the file with no other paragraph between its entries, and the
        markers of the text point at half of its entries, or at one if categories precede it.
        """
        text = self.text
        begin = len(heads)
        while begin and (
            begin == len(heads) or not scan.LOOSE_LINE.search(
                text, heads[begin - 1].end(), heads[begin].start()
            )
        ):  # fmt: skip
            begin -= 1
        run = heads[begin:]
        if not run:
            return []
        for pattern in (scan.HEADING, scan.CATEGORY_LINE):
            if run and (last := [m.end() for m in pattern.finditer(text, run[0].start())]):
                run = [head for head in run if head.start() > last[-1]]
        if not run:
            return []
        marked = self._marked_numbers(run[0].start())
        most = max((number for number in marked if number < 1000), default=0)
        kept: list[re.Match[str]] = []
        for head in run:  # a year at a line's begin is a part of the entry before
            number = int(head["number"])
            follows = kept and number == int(kept[-1]["number"]) + 1
            if number in marked or number < most or follows:
                kept.append(head)
        pointed = sum(int(head["number"]) in marked for head in kept)
        enough = 2 * pointed >= len(kept) or self._follows_categories(run[0].start())
        return kept if pointed and enough else []

    def _find_labels(self) -> dict[str, tuple[str, int]]:
        """`[^label]` → (group, number): `[^3]` is 3, `[^註1]` is 1 of the group 註, others get the next free."""
        labels: dict[str, tuple[str, int]] = {}
        if "[^" not in self.text:
            return labels
        taken: set[tuple[str, int]] = set()
        open_labels = []
        for match in scan.DEFINITION.finditer(self.text, self.start):
            label = match["label"]
            if label in labels:
                continue
            parts = re.fullmatch(r"(\D*?)[-_.:]?(\d{1,6})", label)
            key = (parts[1], int(parts[2])) if parts else None
            if key is None or key in taken:
                open_labels.append(label)
            else:
                labels[label] = key
                taken.add(key)
        number = 1
        for label in open_labels:
            while ("", number) in taken:
                number += 1
            labels.setdefault(label, ("", number))
            taken.add(("", number))
        return labels

    # ---- blocks

    def _blocks(self, start: int, end: int) -> None:
        """Read raw [start, end) line by line."""
        text, asm = self.text, self.asm
        multiline = [
            region
            for region in self.regions.values()
            if text.find("\n", region.start, region.end) >= 0
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
                self._paragraph(open_from, until, kind)
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
            if (quote := self.quotes.get(position)) is not None:
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
                    position = self._table(aligned, end)
                    continue
                if (shape == "definition" or text[content : content + 1] in ("T", "t")) and (
                    table := self._captioned_table(position, end)
                ):
                    position = self._table(*table)
                    continue
            if after_blank and not in_list and indent >= 4 and depth == 0 and open_from is None:
                # Indented code; with Chinese in it, it is a paragraph that someone indented.
                if not scan.HAN.search(text, position, stop):
                    position = stop
                    continue
                shape, content = None, scan.skip(text, position, stop)
            if shape == "fence" and failed_fences < 50:
                after = self._fence_end(line, stop, end)
                if after is not None:
                    close(position)
                    position, after_blank = after, True
                    continue
                failed_fences += 1
            if shape == "underline" and open_from is not None and not in_list:
                level = 1 if line["underline"][0] == "=" else 2
                self._heading(open_from, position, level)
                open_from = None
            elif shape in ("underline", "rule", "div"):
                close(position)
            elif shape == "heading":
                close(position)
                self._heading(content, stop, len(line["heading"]))
                in_list = False
            elif shape == "wikiheading" and (title := self._wiki_heading(line, stop)) is not None:
                close(position)
                self._heading(content, title[0], len(line["wikiheading"].lstrip("\\")))
                in_list = False
                open_from, kind = title[1], "paragraph"
            elif shape == "note" and line["note"][2:-2] in self.labels:
                close(position)
                position = self._definition(line, stop, end)
                after_blank = True
                continue
            elif (
                shape == "row"
                and (after_table := self._pipe_table(position, stop, end)) is not None
            ):
                close(position)
                position = self._table((position, after_table), end)
                after_blank = True
                continue
            elif (
                shape in ("item", "definition")
                and depth < _DEEPEST
                and self._interrupts(line, open_from is None, in_list)
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
                        self._paragraph(*piece, kind)
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
        asm.close_block()

    @staticmethod
    def _interrupts(line: re.Match[str], at_start: bool, in_list: bool) -> bool:
        """Whether an item's mark begins an item, not a line of the open paragraph (CommonMark 5.3)."""
        mark = line["item"]
        if at_start or mark is None:
            return True
        return in_list or not mark[0].isdigit() or mark[:-1] == "1"

    def _fence_end(self, line: re.Match[str], stop: int, end: int) -> int | None:
        """Where the fenced code that `line` opens is over; None if it is never closed."""
        mark = line["fence"]
        if mark[0] == "`" and "`" in self.text[line.end() : stop]:
            return None
        closing = re.compile(
            rf"^[ \t]*{re.escape(mark)}{re.escape(mark[0])}*[ \t\r]*$", re.MULTILINE
        )
        match = closing.search(self.text, stop, end)
        if match is None:
            return None
        after = self.text.find("\n", match.end(), end)
        return end if after < 0 else after + 1

    def _wiki_heading(self, line: re.Match[str], stop: int) -> tuple[int, int] | None:
        """For `\\====甲==== 乙`: where the heading's text ends and where the text after it begins."""
        mark = line["wikiheading"].lstrip("\\")
        close = self.text.find(mark, line.end(), stop)
        if close < 0:
            return None
        after = close + len(mark)
        return (close, after) if not self.text.startswith("=", after) else None

    def _heading(self, start: int, end: int, level: int) -> None:
        text = self.text
        stop = start + len(text[start:end].rstrip())
        closing = stop
        while closing > start and text[closing - 1] == "#":
            closing -= 1
        if closing < stop and (closing == start or text[closing - 1] in " \t"):
            stop = closing
        if attributes := scan.HEADING_ATTRIBUTES.search(text, start, stop):
            stop = attributes.start()
        self.asm.open_section(level, text.rfind("\n", 0, start) + 1)
        self.asm.open_block("heading")
        self._inline(start, stop)
        self.asm.close_block()

    def _paragraph(self, start: int, end: int, kind: BlockKind) -> None:
        caption, self.caption_words = self.caption_words, ""
        if caption and caption == scan.NO_WORDS.sub("", self.text[start:end]):
            return  # pandoc writes the caption of a table in HTML once more below it
        colon = self.text.find(":", start, end)
        bar = self.text.find("|", start, end)
        pattern = scan.GALLERY
        if bar >= 0 and scan.FILE_BAR.search(self.text, start, end):
            pattern = scan.BARE_GALLERY
        elif colon < 0:
            bar = -1
        match = pattern.search(self.text, start, end) if colon >= 0 or bar >= 0 else None
        if match and not scan.GALLERY_TAG.search(self.text, start, match.start()):
            self.asm.open_block(kind)
            self._inline(start, match.start())
            self.asm.close_block()
            self._gallery(match, end, pattern)
            return
        self.asm.open_block(kind)
        self._inline(start, end)
        self.asm.close_block()

    # ---- reference list

    def _note_list(self) -> None:
        """The numbered list at the end: each entry a footnote."""
        if self.list_gaps or not self.list_is_ordered:
            lacking = ", ".join(map(str, self.list_gaps[:20]))
            self.asm.problem(
                "footnote-list-broken",
                f"The list of notes lacks the entries {lacking}."
                if lacking
                else "The entries of the list of notes are not in the order of their numbers.",
                cure="Markers are tied by number; look whether the entries bear the right ones.",
                raw_start=self.note_heads[0].start(),
                raw_end=self.note_heads[0].end(),
            )
        for head, end in scan.with_ends(self.note_heads, len(self.text)):
            self._note(int(head["number"]), "", head.start(), head.end(), end)

    def _note_section(self, region: scan.Region) -> None:
        """The notes of a table that pandoc wrote in HTML, in a section after the table."""
        heads = list(scan.SECTION_NOTE.finditer(self.text, region.inner_start, region.inner_end))
        for head, end in scan.with_ends(heads, region.inner_end):
            number = self._ref_number(("", f"{region.start}#{head['number']}"))
            self._note(number, "", head.start(), head.end(), end)

    def _definition(self, line: re.Match[str], stop: int, end: int) -> int:
        """A `[^label]: …` with its continuation lines; returns where the next block begins."""
        label = line["note"][2:-2]
        after = stop
        blank = False
        while after < end:
            next_stop = self.text.find("\n", after, end)
            next_stop = end if next_stop < 0 else next_stop + 1
            next_line = self.text[after:next_stop]
            if not next_line.strip():
                blank = True
            elif (
                scan.DEFINITION.match(next_line)
                or scan.HEADING.match(next_line)
                or (blank and not next_line.startswith(("    ", "\t")))
            ):
                break
            else:
                blank = False
            after = next_stop
        group, number = self.labels[label]
        self._note(number, group, line.start("note"), line.end(), after)
        return after

    def _note(self, number: int, group: str, raw_start: int, start: int, end: int) -> None:
        stop = start + len(self.text[start:end].rstrip())
        with self.asm.note(number, group, raw_start, max(stop, start)):
            self._inline(start, stop)

    # ---- galleries and figures

    def _gallery(self, match: re.Match[str] | None, end: int, pattern: re.Pattern[str]) -> None:
        """The entries of a gallery that lost its tags, from the first one to `end`."""
        while match is not None:
            begin = match.end()
            if match["angle"] is not None and not scan.NAME_END.search(match["angle"]):
                bar = scan.BAR.search(self.text, begin, end)
                ending = scan.NAME_END.search(self.text, begin, bar.start() if bar else end)
                begin = ending.end() if ending else begin
            following = pattern.search(self.text, begin, end)
            self._gallery_entry(match, following.start() if following else end)
            match = following

    def _gallery_entry(self, match: re.Match[str], end: int) -> None:
        """`<File:甲> 乙.jpg | 說明`, `[File:甲.jpg|說明](File:…)說明` or `File:甲.jpg|說明`."""
        text = self.text
        ranges: list[tuple[int, int]] = []
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
            ranges.append(
                (bar.end() if bar and not text[rest : bar.start()].strip() else rest, end)
            )
        target = read_target(scan.ESCAPED.sub(r"\1", " ".join(name.split())))
        self.asm.open_block("caption")
        for start, stop in ranges:
            self._inline(start, stop)
        block = self.asm.close_block()
        self._media(target, match.start(), end, block)

    def _media(
        self, target: Target, raw_start: int, raw_end: int, block: int | None, shown: str = ""
    ) -> None:
        """An image and its link; `shown` is what the file has in the link's place."""
        title = target.title or ""
        url = page_url(title, language=self.language)
        name = title.partition(":")[2] or title
        raw_end = raw_start + len(self.text[raw_start:raw_end].rstrip())
        self.asm.media(name, url, raw_start, raw_end, block=block)
        self.asm.bare_link(
            "file",
            name,
            raw_anchor=shown or name,
            target=title,
            url=url,
            raw_start=raw_start,
            raw_end=raw_end,
        )

    def _figure(self, at: int, after: int, target: Target, end: int, shown: str) -> int:
        """A figure's link. Its caption, where it ran out of the link, goes on to `\\]\\]`."""
        searched, stop = self.figure_tail
        if not searched <= after <= stop:
            found = self.text.find("\\]\\]", after)
            stop = found if found >= 0 else len(self.text)
            self.figure_tail = (after, stop)
        broken = stop < end and all(
            self.text.find(sign, after, stop) < 0 for sign in ('"fig:', "![", "\\[\\[")
        )
        caption = (after, stop) if broken else None
        after = stop + 4 if broken else after
        self._media_later(target, at, after, caption, shown)
        return after

    def _media_later(
        self,
        target: Target,
        raw_start: int,
        raw_end: int,
        caption: tuple[int, int] | None,
        shown: str = "",
    ) -> None:
        """Add an image now, and its caption as a block of its own once the open one has ended."""
        asm = self.asm
        if asm.in_note or self.nesting >= _DEEPEST:
            if caption and self.nesting < _DEEPEST:
                self.nesting += 1
                asm.space(raw_start, raw_start)
                self._inline(*caption)
                self.nesting -= 1
            return

        def add() -> None:
            block = None
            if caption:
                asm.open_block("caption")
                self._inline(*caption)
                block = asm.close_block()
            self._media(target, raw_start, raw_end, block, shown)

        self._defer(add)

    def _defer(self, action: Callable[[], None]) -> None:
        """Read something that is a block of its own once the open block has ended."""

        def nested() -> None:
            self.nesting += 1
            action()
            self.nesting -= 1

        self.asm.defer(nested)

    # ---- tables

    def _table(
        self, table: AlignedTable | tuple[int, int], end: int, above: re.Match[str] | None = None
    ) -> int:
        """Read a table and its caption, the one `above` it or else below; where the text goes on.

        The caption's block comes before the cells, wherever it stands: it is their heading.
        """
        after = table.end if isinstance(table, AlignedTable) else table[1]
        caption = above or scan.TABLE_CAPTION.match(self.text, after, end)
        if caption:
            self.asm.open_block("caption")
            self._inline(*caption.span("said"), flat=True)
            self.asm.close_block()
            after = max(after, caption.end())
        if isinstance(table, AlignedTable):
            self._read_aligned_table(table)
        else:
            self._read_pipe_table(*table)
        return after

    def _captioned_table(
        self, start: int, end: int
    ) -> tuple[AlignedTable | tuple[int, int], int, re.Match[str]] | None:
        """The table under the caption that begins at `start`, and what `_table` is to know of it."""
        text = self.text
        caption = scan.TABLE_CAPTION.match(text, start, end)
        blank = scan.BLANK_LINES.match(text, caption.end(), end) if caption else None
        if caption is None or blank is None:
            return None
        first = blank.end()
        stop = text.find("\n", first, end)
        stop = end if stop < 0 else stop + 1
        if scan.ROW.match(text, first, stop):
            after = self._pipe_table(first, stop, end)
            return None if after is None else ((first, after), end, caption)
        aligned = read_aligned_table(text, first, stop, end)
        return None if aligned is None else (aligned, end, caption)

    def _pipe_table(self, start: int, stop: int, end: int) -> int | None:
        """Where the table is over whose first row is the line [start, stop); None if it is none."""
        text = self.text
        if stop >= end or not scan.TABLE_RULE.match(text, stop, end):
            return None
        position = stop
        while position < end and scan.ROW.match(text, position, end):
            after = text.find("\n", position, end)
            position = end if after < 0 else after + 1
        return position

    def _read_pipe_table(self, start: int, end: int) -> None:
        asm, text = self.asm, self.text
        table = asm.open_table()
        rows: list[list[tuple[int, int]]] = []
        position = start
        while position < end:
            stop = text.find("\n", position, end)
            stop = end if stop < 0 else stop
            cells: list[tuple[int, int]] = []
            begin = scan.skip(text, position, stop) + 1
            for part in scan.ROW_PART.finditer(text, begin, stop):
                if part[0] == "|":
                    cells.append((begin, part.start()))
                    begin = part.end()
            if text[begin:stop].strip():
                cells.append((begin, stop))
            rows.append(cells)
            position = stop + 1
        del rows[1:2]  # the rule between head and body
        repair = repair_rows([[text[first:last] for first, last in cells] for cells in rows])
        if repair.unclear is not None and rows[repair.unclear]:
            asm.problem(
                "table-row-shifted",
                "Cells of this table seem to stand in a wrong column, under a cell that spanned rows.",
                cure="Look at the table in the article; its cells are kept as the file has them.",
                raw_start=rows[repair.unclear][0][0],
                raw_end=rows[repair.unclear][-1][1],
            )
        # A table without a head has an empty one in Markdown, which knows no other.
        headless = len(rows) > 1 and not any(text[first:last].strip() for first, last in rows[0])
        for row, cells in enumerate(rows[headless:], headless):
            gap = repair.gaps.get(row)
            for index, (first, last) in enumerate(
                cells[: len(cells) - gap.padding] if gap else cells
            ):
                column = index + gap.width if gap and index >= gap.column else index
                row_span = repair.row_spans.get((row, column), 1)
                self._cell(table, row - headless, column, first, last, row == 0, row_span=row_span)

    def _read_aligned_table(self, aligned: AlignedTable) -> None:
        table = self.asm.open_table()
        for row, cells in enumerate(aligned.rows):
            for column, lines in enumerate(cells):
                if lines:
                    broken: set[int] = set()
                    if aligned.has_blocks:
                        lines, broken = self._unlisted(lines)
                    first, *further = lines
                    high, wide = aligned.spans.get((row, column), (1, 1))
                    self._cell(
                        table, row, column, *first, row < aligned.head_rows,
                        row_span=high, column_span=wide, further=further, broken=broken,
                    )  # fmt: skip

    def _unlisted(self, lines: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], set[int]]:
        """A cell's lines without the marks of lists and breaks, and which begin something new."""
        text = self.text
        found: list[tuple[int, int]] = []
        broken: set[int] = set()
        for number, (first, last) in enumerate(lines):
            if mark := scan.LIST_MARK.match(text, first, last):
                first = mark.end()
            if mark or (number and text.count("\n", lines[number - 1][1], first) > 1):
                broken.add(number)
            if line_break := scan.BREAK_MARK.search(text, first, last):
                last = line_break.start()
                broken.add(number + 1)
            found.append((first, last))
        return found, broken

    def _cell_lines(self, lines: Sequence[tuple[int, int]], broken: AbstractSet[int]) -> None:
        """A cell's lines, what stands between them left out; a link may run over several.

        A space parts the lines whose number is in `broken` from those before them.
        """
        joined = "\n".join(self.text[first:last] for first, last in lines)
        begins = [0, *accumulate(last - first + 1 for first, last in lines)]

        def read(start: int, stop: int, *, in_anchor: bool = False) -> None:
            """Read [start, stop) of the joined lines."""
            for number in range(bisect_right(begins, start) - 1, bisect_left(begins, stop)):
                begin, (first, last) = begins[number], lines[number]
                a, b = max(first, first + start - begin), min(last, first + stop - begin)
                if a < b:
                    if a == first and begin > start:
                        newline = self.text.rfind("\n", 0, first)
                        join = self.asm.space if number in broken else self.asm.keep
                        join(newline, newline + 1)
                    self._inline(a, b, flat=True, in_anchor=in_anchor)

        def raw(place: int) -> int:
            number = bisect_right(begins, place) - 1
            return lines[number][0] + place - begins[number]

        position = 0
        for link in scan.LINK.finditer(joined):
            if "\n" not in link[0] or joined[link.start() - 1 : link.start()] in ("!", "\\"):
                continue
            target, url = self._where(link)
            if target.kind not in ("page", "interwiki", "external"):
                continue
            read(position, link.start())
            here = self.asm.here
            read(*link.span("anchor"), in_anchor=True)
            self.asm.link(
                here, target.kind, target=target.title, url=url,
                raw_start=raw(link.start()), raw_end=raw(link.end() - 1) + 1,
            )  # fmt: skip
            position = link.end()
        read(position, len(joined))

    def _cell(
        self,
        table: int,
        row: int,
        column: int,
        start: int,
        end: int,
        is_header: bool,
        *,
        row_span: int = 1,
        column_span: int = 1,
        is_html: bool = False,
        further: Sequence[tuple[int, int]] = (),
        broken: AbstractSet[int] = frozenset(),
    ) -> None:
        """A cell's text, one block whatever stands in it; `further` are its other lines, and
        `broken` see `_cell_lines`."""
        asm = self.asm
        start = scan.skip(self.text, start, end)
        end = start + len(self.text[start:end].rstrip())
        asm.open_block("table_cell")
        if further:
            self._cell_lines([(start, end), *further], broken)
            end = further[-1][1]
        else:
            self._inline(start, end, flat=True, is_html=is_html)
        block = asm.close_block()
        asm.cell(
            table, row, column, start, end,
            block=block, row_span=row_span, column_span=column_span, is_header=is_header,
        )  # fmt: skip

    def _html_table(self, region: scan.Region) -> None:
        """`<table>` … `</table>`: a grid in which a cell that spans rows pushes those below it."""
        text, asm = self.text, self.asm
        table = asm.open_table()
        parts = self._html_parts(region)
        rows: list[list[_HtmlPart]] = [
            [] for _ in range(max((p.row for p in parts), default=-1) + 1)
        ]
        for part in parts:
            if part.name in ("td", "th"):
                rows[part.row].append(part)
        spanned = any(part.row_span > 1 or part.column_span > 1 for part in parts)
        # A converter that knows no spans left the same gaps as in a pipe table.
        repair = repair_rows(
            [] if spanned else [[text[part.start : part.end] for part in row] for row in rows]
        )
        taken: dict[int, int] = {}  # column → the row from which it is free again
        row, index, column = -1, 0, 0
        for part in parts:
            if part.name not in ("td", "th"):
                asm.open_block("caption" if part.name == "caption" else "paragraph")
                self._inline(part.start, part.end, flat=True, is_html=True)
                asm.close_block()
                if part.name == "caption":
                    self.caption_words = scan.NO_WORDS.sub("", text[part.start : part.end])
                continue
            row, index, column = (row, index + 1, column) if part.row == row else (part.row, 0, 0)
            row_span = part.row_span
            if gap := repair.gaps.get(row):
                if index >= len(rows[row]) - gap.padding:
                    continue
                column += gap.width if index == gap.column else 0
            while column < _MOST_COLUMNS and taken.get(column, 0) > row:
                column += 1
            row_span = repair.row_spans.get((row, column), row_span)
            self._cell(
                table, row, column, part.start, part.end, part.name == "th",
                row_span=row_span, column_span=part.column_span, is_html=True,
            )  # fmt: skip
            if part.row_span > 1:
                for reached in range(column, column + part.column_span):
                    taken[reached] = row + part.row_span
            column += part.column_span

    def _html_parts(self, region: scan.Region) -> list[_HtmlPart]:
        """The cells of an HTML table, its caption, and other text in it, in their order."""
        text = self.text
        parts: list[_HtmlPart] = []
        row = -1
        name, row_span, column_span = "", 1, 1
        begin = position = region.inner_start

        def close(until: int) -> None:
            if name in ("td", "th") or text[begin:until].strip():
                parts.append(_HtmlPart(name, max(row, 0), begin, until, row_span, column_span))

        while tag := scan.TABLE_TAG.search(text, position, region.inner_end):
            position = tag.end()
            inner = self.regions.get(tag.start())
            if inner is not None:  # a table in a cell, a comment, mathematics: no tags of ours
                position = max(position, inner.end)
                continue
            if tag["name"] is None:
                continue
            close(tag.start())
            begin, row_span, column_span = position, 1, 1
            name = "" if tag["close"] else tag["name"].lower()
            if name == "tr":
                row += 1
            elif name in ("td", "th"):
                row = max(row, 0)
                attributes = scan.attributes(tag["rest"])
                row_span = scan.span_of(attributes.get("rowspan"))
                column_span = scan.span_of(attributes.get("colspan"))
        close(region.inner_end)
        return parts

    # ---- the line

    def _inline(
        self,
        start: int,
        end: int,
        *,
        depth: int = 0,
        flat: bool = False,
        is_html: bool = False,
        in_anchor: bool = False,
    ) -> None:
        """Read the prose of raw [start, end) into the open block.

        `flat`: tags that would begin a block part words only. `is_html`: asterisks are text, as
        Markdown ends where HTML begins. `in_anchor`: code is kept, as a link needs a text.
        """
        text, asm = self.text, self.asm
        flat = flat or in_anchor or asm.in_note
        how = _How(depth, flat, is_html, in_anchor)
        run = position = start
        italic: int | None = None
        while special := scan.SPECIAL.search(text, position, end):
            at = special.start()
            if run < at:
                asm.keep(run, at)
                run = at
            sign = text[at]
            after: int | None
            if sign == "[":
                after = self._bracket(at, end, how)
                if after is not None and (attributes := scan.ATTRIBUTES.match(text, after, end)):
                    after = attributes.end()
            elif sign == "\\":
                after = self._backslash(at, end, how)
                if after == at + 1:  # the sign after it is text
                    run, position = after, after + 1
                    continue
            elif sign == "\n":
                after = self._newline(at, end)
            elif sign == "*":
                after = scan.run_end(text, at, end)
                if is_html and after == at + 1:
                    after = None
                elif after - at in scan.ITALIC_WIDTHS:
                    if italic is not None:
                        asm.emphasis(italic)
                    italic = asm.here if italic is None else None
            elif sign == "<":
                after = self._angle(at, end, how)
            elif sign == "&":
                entity = scan.ENTITY.match(text, at, end)
                after = entity.end() if entity else None
                if entity:
                    asm.put(html.unescape(entity[0]), at, entity.end())
            elif sign == "`":
                after = self._code(at, end, how)
            elif sign == "!":
                after = self._image(at, end, how)
                if after is not None and (attributes := scan.ATTRIBUTES.match(text, after, end)):
                    after = attributes.end()
            elif sign == "{":
                after = self._template(at, end, how)
            elif sign == "-":
                after = self._variant(at, end, how)
            elif sign == "$":
                after = self._dollar(at, end)
            elif sign in "hf":
                after = self._address(at, end)
            elif sign == "_":
                after = self._underscore(at, end)
            elif sign == "^":
                after = self._caret(at, end)
            elif sign == "\u00a0":
                after = at + 1
                asm.put(" ", at, after)
            elif sign == "~":
                after = self._tilde(at, end)
            elif sign == "'":
                after = self._quotes(at, end)
            elif sign == "ⓦ":
                after = at + 1 if in_anchor or text[at - 1 : at] in (")", "]") else None
            else:  # ]] or }}: what is left of wikitext
                after = scan.run_end(text, at, end)
            if after is None:
                position = special.end()
            else:
                run = position = min(after, end)
        if run < end:
            asm.keep(run, end)

    def _newline(self, at: int, end: int) -> int:
        """A line's end joins lines, but two spaces before it or a blank line after it part them."""
        text = self.text
        match = scan.WHITE.match(text, at, end)
        after = match.end() if match else at + 1
        before = at - 1 if text[at - 1 : at] == "\r" else at
        if text[before - 2 : before] == "  " or text.count("\n", at, after) > 1:
            self.asm.space(at, after)
        else:
            self.asm.keep(at, after)
        return after

    def _backslash(self, at: int, end: int, how: _How) -> int | None:
        """An escape. Returns `at + 1` where the next sign is meant as text."""
        text, asm = self.text, self.asm
        following = text[at + 1 : at + 2]
        if following == "[" and (figure := scan.LEFT_FIGURE.match(text, at, end)):
            name = scan.ESCAPED.sub(r"\1", figure["name"] or figure["angle"])
            target = read_target(name)
            stop = text.find("\\]\\]", figure.end(), end)
            stop = stop if stop >= 0 else end
            self._media_later(target, at, stop, self._caption(figure.end(), stop), name)
            return stop
        if following == "[":
            if marker := scan.MARKER.match(text, at, end):
                number = int(marker["escaped"])
                if not asm.in_note and self._is_marker(number):
                    asm.marker(number, "", at, marker.end())
                    return marker.end()
            elif link := scan.LEFT_LINK.match(text, at, end):
                return self._left_link(link, how)
        math = None
        if following in ("[", "(", "\\") and text.find("\\", at + 3, at + scan.LONGEST_MATH) > 0:
            math = scan.ESCAPED_MATH.match(text, at, min(end, at + scan.LONGEST_MATH))
        if math and scan.is_tex(math["line"] or math["block"]):
            return math.end()
        if text.startswith(("\\]\\]", "\\[\\["), at):
            return at + 4
        if following == "*" and text.startswith("\\*", at + 2):
            match = scan.ESCAPED_STARS.match(text, at, end)
            return match.end() if match else at + 2
        if following == "-" and at + 1 in self.regions:
            return self._variant(at + 1, end, how)
        if following == "[" and scan.BRACKETED_ADDRESS.match(text, at, end):
            return at + 2  # its end went into the address
        if following == "_" and (switch := scan.SWITCH.match(text, at, end)):
            return switch.end()
        if following in ("\n", "\r"):
            asm.space(at, at + 1)
            return at + 1
        return at + 1 if at + 1 < end and scan.ESCAPED.match(text, at, end) else None

    def _is_marker(self, number: int) -> bool:
        r"""Whether `\[number\]` is a footnote's, as far as its number tells: a year may be text."""
        return number in self.list_numbers or not 1000 <= number <= 2999

    def _bracket(self, at: int, end: int, how: _How) -> int | None:
        text, asm = self.text, self.asm
        if link := scan.LINK.match(text, at, end):
            return self._link(link.start("anchor"), link.end("anchor"), link, at, end, how)
        if marker := scan.MARKER.match(text, at, end):
            if asm.in_note:
                return None
            if label := marker["label"]:
                if label in self.labels:
                    group, number = self.labels[label]
                elif label.isdecimal():
                    group, number = "", int(label[:6])
                else:
                    return None
                asm.marker(number, group, at, marker.end())
                return marker.end()
            if int(marker["plain"]) in self.list_numbers or int(marker["plain"]) in self.list_gaps:
                asm.marker(int(marker["plain"]), "", at, marker.end())
                return marker.end()
            return None
        if link := scan.LEFT_WIKILINK.match(text, at, end):
            return self._left_link(link, how)
        close = self._closing(at, end)
        if close is not None and (tail := scan.LINK_TAIL.match(text, close + 1, end)):
            return self._link(at + 1, close, tail, at, end, how)
        if close is None or how.depth >= _DEEPEST:
            attributes = None
        else:
            attributes = scan.ATTRIBUTES.match(text, close + 1, end)
        if attributes and close is not None:  # [甲]{lang="ru"}
            inside = (at + 1, close)
            self._inline(*inside, depth=how.depth + 1, flat=how.flat, in_anchor=how.in_anchor)
            return attributes.end()
        return at + 2 if text.startswith("[[", at) else None

    def _closing(self, at: int, end: int) -> int | None:
        """Where the bracket at `at` closes. The brackets of a stretch are matched once for all."""
        start, stop, pairs = self.brackets
        if not (start <= at and end <= stop):
            pairs = {}
            open_at: list[int] = []
            for match in scan.BRACKET.finditer(self.text, at, end):
                if match[0] == "[":
                    open_at.append(match.start())
                elif match[0] == "]" and open_at:
                    pairs[open_at.pop()] = match.start()
            self.brackets = (at, end, pairs)
        return pairs.get(at)

    def _link(
        self, start: int, stop: int, match: re.Match[str], at: int, end: int, how: _How
    ) -> int:
        """A link with the anchor [start, stop); `match` holds its address and title."""
        text, asm = self.text, self.asm
        title = match["title"] or ""
        target, url = self._where(match)
        after = match.end()
        if title.startswith("fig:"):
            return self._figure(at, after, target, end, text[start:stop])
        if target.kind == "category":
            name = (target.title or "").partition(":")[2]
            asm.category(name, at, after)
            anchor = scan.ESCAPED.sub(r"\1", text[start:stop])
            asm.bare_link(
                "category", anchor, target=target.title, url=url, raw_start=at, raw_end=after
            )
            return after
        anchor = text[start:stop]
        if target.kind == "file" and self._file_link(target, start, stop, at, after):
            return after
        if target.title and match["title"] == "wikilink":
            # What nobody gave a text shows its title: `:Category:甲` without the colon, and
            # `en:Foo` not at all, which names the same article in another language.
            shown = scan.ESCAPED.sub(r"\1", anchor).strip()
            if shown.startswith(":") and " ".join(shown[1:].split()) == target.title.replace(
                "_", " "
            ):
                start = text.index(":", start) + 1
            elif is_other_language(target) and shown.replace(" ", "_") == target.title:
                asm.bare_link("interwiki", shown, target=target.title, url=url, raw_start=at, raw_end=after)  # fmt: skip
                return after
        if target.kind == "external" and (address := scan.SWALLOWER.match(text, start, stop)):
            # A bare address took along what followed it, up to a space.
            self._add_address(address[1], start, address.end(1))
            self._inline(address.end(), stop, depth=how.depth + 1, flat=how.flat)
            return after
        if target.kind == "external" and scan.COUNTED.fullmatch(anchor) and not asm.in_note:
            # `[http://…]` without a text: pandoc counts them.
            asm.bare_link("external", url or "", target=None, url=url, raw_start=at, raw_end=after)
            return after
        begin = asm.here
        if scan.SPECIAL.search(text, start, stop) is None or how.depth >= _DEEPEST:
            asm.keep(start, stop)
        elif anchor.strip() != "ⓦ":
            self._inline(
                start, stop, depth=how.depth + 1, flat=True, is_html=how.is_html, in_anchor=True
            )
        asm.link(begin, target.kind, target=target.title, url=url, raw_start=at, raw_end=after)
        return after

    def _where(self, match: re.Match[str]) -> tuple[Target, str | None]:
        """What the address and the title that `match` holds lead to."""
        title = match["title"] or ""
        address = match["url"].strip("<>")
        if "\\" in address:
            address = scan.ESCAPED.sub(r"\1", address)
        resolved = self.resolved.get((address, title))
        if resolved is None:
            resolved = self.resolved[address, title] = self._resolve(address, title)
        return resolved

    def _resolve(self, address: str, title: str) -> tuple[Target, str | None]:
        """What a link's address means, and its full address."""
        if match := scan.PAGE_FILE.match(address):
            name = match["title"]
            if match["folder"].lower() in ("category", "file"):
                name = f"{match['folder']}:{name}"
            target = read_target(unquote(name + (match["fragment"] or "")))
        elif match := scan.WIKI_URL.match(address):
            target = read_target(unquote(match["title"]))
            if match["language"] != self.language and target.kind == "page":
                return Target("interwiki", target.title, target.fragment), address
        elif (
            (scan.SCHEME.match(address) and title != "wikilink" and not scan.NAMED.match(address))
            or address.startswith("//")
            or (not title and "/" in address and "." in address.partition("/")[0])
        ):
            return Target("external", None, None), address
        else:
            target = read_target(unquote(address))
        if target.kind == "interwiki" or target.title is None:
            return target, address or None
        return target, page_url(target.title, target.fragment, language=self.language)

    def _file_link(self, target: Target, start: int, stop: int, at: int, after: int) -> bool:
        """Whether a link to a file shows it: its text is the file's name, or `縮圖|右|說明`."""
        anchor = self.text[start:stop]
        bar = scan.GALLERY_BAR.search(self.text, start, stop)
        if not anchor.strip() or scan.NAME_END.search(anchor):
            caption = (bar.end(), stop) if bar and bar.end() < stop else None
        else:
            caption = self._caption(start, stop)
            if caption == (start, stop):
                return False
        title = (target.title or "").partition("|")[0]
        self._media_later(target._replace(title=title), at, after, caption, anchor)
        return True

    def _left_link(self, match: re.Match[str], how: _How) -> int:
        r"""`\[\[甲|乙\]\]`, a link that the converter did not read."""
        asm = self.asm
        target = read_target(scan.ESCAPED.sub(r"\1", match["target"]))
        url = page_url(target.title, target.fragment) if target.title else None
        part = "target" if match["anchor"] is None else "anchor"
        if target.kind == "category":
            asm.category((target.title or "").partition(":")[2].replace("_", " "), *match.span())
            return match.end()
        if target.kind == "file":
            begin = match.start(part) + match[part].rfind("|") + 1
            caption = (begin, match.end(part)) if part == "anchor" else None
            self._media_later(target, match.start(), match.end(), caption)
            return match.end()
        begin = asm.here
        if how.depth < _DEEPEST:
            self._inline(*match.span(part), depth=how.depth + 1, flat=True, in_anchor=True)
        asm.link(begin, target.kind, target=target.title, url=url, raw_start=match.start(), raw_end=match.end())  # fmt: skip
        return match.end()

    def _image(self, at: int, end: int, how: _How) -> int | None:
        """`![說明](甲.jpg "…")`."""
        close = self._closing(at + 1, end)
        tail = scan.LINK_TAIL.match(self.text, close + 1, end) if close is not None else None
        if close is None or tail is None:
            return None
        target, _ = self._resolve(
            scan.ESCAPED.sub(r"\1", tail["url"].strip("<>")), tail["title"] or ""
        )
        if target.kind != "file":
            address = unquote(tail["url"]).rsplit("/", 1)[-1]
            target = read_target("File:" + scan.ESCAPED.sub(r"\1", address))
        anchor = self.text[at + 2 : close]
        name = "_".join(scan.ESCAPED.sub(r"\1", anchor).split())
        if not name or IMAGE_OPTION.fullmatch(name) or name in (target.title or ""):
            return self._figure(at, tail.end(), target, end, anchor)
        caption = self._caption(at + 2, close) if how.depth < _DEEPEST else None
        self._media_later(target, at, tail.end(), caption, anchor)
        return tail.end()

    def _caption(self, start: int, stop: int) -> tuple[int, int] | None:
        """Where in [start, stop) the caption stands: `縮圖\\|右\\|` before it is none, nor `|左` after."""
        text = self.text
        while (bar := scan.BAR.search(text, start, stop)) and IMAGE_OPTION.fullmatch(
            text, start, bar.start()
        ):
            start = bar.end()
        bars = list(scan.BAR.finditer(text, start, stop))
        while bars and IMAGE_OPTION.fullmatch(text, bars[-1].end(), stop):
            stop = bars.pop().start()
        return None if IMAGE_OPTION.fullmatch(text, start, stop) else (start, stop)

    def _code(self, at: int, end: int, how: _How) -> int | None:
        """Code in the line: left out, unless it holds Chinese characters or is a link's text."""
        text, asm = self.text, self.asm
        width = scan.run_end(text, at, end) - at
        start = at + width
        known = self.no_code.get(width)
        if known is not None and known >= end:
            return start
        match = (
            re.compile(rf"(?<!`)`{{{width}}}(?!`)").search(text, start, end) if width < 9 else None
        )
        if match is None:
            self.no_code[width] = end
            return start
        stop, after = match.span()
        raw = scan.RAW_ATTRIBUTE.match(text, after, end)
        if raw:  # wikitext that pandoc could not read
            self._inline(
                start, stop, depth=how.depth + 1, flat=how.flat
            ) if how.depth < _DEEPEST else None
            return raw.end()
        if how.in_anchor or scan.HAN.search(text, start, stop):
            asm.keep(start, stop)
        return after

    def _dollar(self, at: int, end: int) -> int | None:
        """`$x^2$` is left out; `$6,000` is money."""
        math = scan.MATH.match(self.text, at, end)
        if math and scan.is_tex((math["line"] or math["block"]).strip()):
            return math.end()
        return None

    def _address(self, at: int, end: int) -> int | None:
        """A bare address: a link, and no prose."""
        text = self.text
        if at > 0 and text[at - 1].isascii() and text[at - 1].isalnum():
            return None
        match = scan.URL.match(text, at, end)
        if match is None:
            return None
        address = match[0]
        if tail := scan.URL_TAIL.search(address):
            address = address[: tail.start()]
        self._add_address(address, at, at + len(address))
        return at + len(address)

    def _add_address(self, address: str, raw_start: int, raw_end: int) -> None:
        asm = self.asm
        if asm.in_note:
            begin = asm.here
            asm.keep(raw_start, raw_end)
            asm.link(
                begin, "external", target=None, url=address, raw_start=raw_start, raw_end=raw_end
            )
        else:
            asm.bare_link("external", address, target=None, url=address, raw_start=raw_start, raw_end=raw_end)  # fmt: skip

    def _underscore(self, at: int, end: int) -> int | None:
        """`_甲_` is emphasis where the signs stand at words' edges; else they are text."""
        if at in self.closing_underscores:
            return at + self.closing_underscores.pop(at)
        if switch := scan.SWITCH.match(self.text, at, end):
            return switch.end()
        match = scan.UNDERSCORED.match(self.text, at, end)
        if match is None:
            return None
        width = len(match[1])
        self.closing_underscores[match.end() - width] = width
        return at + width

    def _quotes(self, at: int, end: int) -> int | None:
        """`''甲''` and `'''乙'''` are emphasis that was left; two signs alone are text."""
        after = scan.run_end(self.text, at, end)
        if after - at > 2:
            return after
        if at in self.closing_quotes:
            self.closing_quotes.discard(at)
            return after
        match = scan.QUOTES.match(self.text, at, end)
        if match is None:  # nobody closed them: no seconds where a Chinese word begins
            begins = at == 0 or not self.text[at - 1].isdigit()
            return after if begins and scan.HAN.match(self.text, after, end) else None
        self.closing_quotes.add(match.end() - 2)
        return after

    def _caret(self, at: int, end: int) -> int | None:
        """`10^6^` is a superscript: 10⁶; where it is no number the signs alone go."""
        if at in self.closing_carets:
            self.closing_carets.discard(at)
            return at + 1
        match = scan.RAISED.match(self.text, at, end)
        if match is None:
            return None
        inside = (match.start() + 1, match.end() - 1)
        if SIGNED.fullmatch(self.text, *inside):
            self.asm.put(script_digits(self.text[inside[0] : inside[1]]), *inside)
            return match.end()
        self.closing_carets.add(match.end() - 1)
        return at + 1

    def _tilde(self, at: int, end: int) -> int | None:
        """`H~2~O` is a subscript: H₂O; two signs and more strike text out."""
        if match := scan.LOWERED.match(self.text, at, end):
            self.asm.put(script_digits(match["said"], below=True), *match.span("said"))
            return match.end()
        after = scan.run_end(self.text, at, end)
        return after if after > at + 1 else None

    def _angle(self, at: int, end: int, how: _How) -> int | None:
        """What begins with `<`: a comment, a tag, an address, or just the sign."""
        text, asm = self.text, self.asm
        region = self.regions.get(at)
        if region is not None and region.end <= end:
            if region.kind == "table":
                if asm.in_note or self.nesting >= _DEEPEST:
                    return region.inner_start
                self._defer(lambda: self._html_table(region))
                return region.end
            if region.kind == "ref":
                self._ref(region)
                return region.end
            if region.kind == "gallery":
                if asm.in_note or self.nesting >= _DEEPEST:
                    return region.inner_start
                self._defer(lambda: self._tagged_gallery(region))
                return region.end
            if region.kind == "<!--" or region.kind in scan.SILENT:
                return region.end
            if self._holds_notes(region):
                if not asm.in_note:
                    self._note_section(region)
                return region.end
            if region.kind == "references":
                self._list_of_refs(region)
                return region.end
            if region.kind == "code" and not (
                how.in_anchor or scan.HAN.search(text, region.inner_start, region.inner_end)
            ):
                return region.end
        if text.startswith("<!--", at):
            return at + 4
        if match := scan.AUTOLINK.match(text, at, end):
            start = match.start(1)
            self._add_address(match[1], start, match.end(1))
            return match.end()
        if tag := scan.TAG.match(text, at, end):
            return self._tag(tag, end, how)
        return None

    def _tag(self, tag: re.Match[str], end: int, how: _How) -> int | None:
        text, asm = self.text, self.asm
        name = tag["name"].lower()
        at, after = tag.span()
        if name not in scan.KNOWN_TAGS:
            return None
        if name == "a" and not tag["close"]:
            close = scan.END_OF_A.search(text, after, min(end, after + 4000))
            attributes = scan.attributes(tag["rest"])
            if close and "footnote-" in attributes.get("class", ""):
                self._section_marker(attributes, at, close.end())
                return close.end()
            if close and "href" in attributes and how.depth < _DEEPEST:
                address = html.unescape(attributes["href"])
                target, url = self._resolve(address, attributes.get("title", ""))
                if target.kind == "file" and self._file_link(
                    target, after, close.start(), at, close.end()
                ):
                    return close.end()
                begin = asm.here
                self._inline(
                    after, close.start(), depth=how.depth + 1, is_html=True, in_anchor=True
                )
                asm.link(begin, target.kind, target=target.title, url=url, raw_start=at, raw_end=close.end())  # fmt: skip
                return close.end()
        elif name == "img":
            attributes = scan.attributes(tag["rest"])
            if source := attributes.get("src"):
                target, _ = self._resolve(html.unescape(source), "wikilink")
                if target.kind != "file":
                    target = read_target("File:" + unquote(source).rsplit("/", 1)[-1])
                caption: tuple[int, int] | None
                figcaption = scan.FIGCAPTION.match(text, after, min(end, after + 4000))
                if figcaption:
                    after = figcaption.end()
                    said = "_".join(figcaption["said"].split())
                    is_name = said in (target.title or "")
                    caption = None if is_name else figcaption.span("said")
                else:
                    caption = self._alternative(tag, target)
                self._media_later(target, at, after, caption)
        elif name == "ref" and not tag["close"]:
            name_group = scan.ref_key(tag["rest"])
            if name_group[1] and not asm.in_note:
                asm.marker(self._ref_number(name_group), name_group[0], at, after)
        elif name in ("br", "hr", "wbr"):
            asm.space(at, after)
        elif name in ("sup", "sub") and not tag["close"]:
            if script := SCRIPT.match(text, after, end):
                asm.put(script_digits(script[0], below=name == "sub"), *script.span())
                return script.end()
            if name == "sup" and text[at - 1].isdigit() and text[after : after + 1].isdigit():
                asm.put("^", at, after)  # 2^1.5 must not be read as 21.5
        elif name in scan.BREAKING:
            if how.flat:
                asm.space(at, after)
            elif name[0] == "h" and name[1:].isdigit() and not tag["close"]:
                asm.open_section(int(name[1:]), at)
                asm.open_block("heading")
            else:
                asm.open_block(
                    "list_item" if name in scan.ITEM_TAGS and not tag["close"] else "paragraph"
                )
        return after

    def _alternative(self, tag: re.Match[str], target: Target) -> tuple[int, int] | None:
        """The caption that pandoc wrote into `alt="…"`; None where that is a name or an option."""
        for attribute in scan.ATTRIBUTE.finditer(self.text, *tag.span("rest")):
            if attribute[1].lower() == "alt" and (group := 2 if attribute[2] else 3):
                said = (attribute[group] or "").strip()
                if said.replace(" ", "_") not in (target.title or ""):
                    return self._caption(*attribute.span(group))
        return None

    def _section_marker(self, attributes: dict[str, str], at: int, after: int) -> None:
        """The marker of a note that stands in the next section of notes."""
        note = scan.NOTE_ADDRESS.fullmatch(attributes.get("href", ""))
        following = bisect_left(self.note_sections, at)
        if note and following < len(self.note_sections):
            section = self.note_sections[following]
            self.asm.marker(self._ref_number(("", f"{section}#{note[1]}")), "", at, after)

    def _ref_number(self, key: tuple[str, str]) -> int:
        """The number of the named `<ref>`; numbers go on after the list's."""
        if key not in self.ref_names:
            self.ref_names[key] = self.next_ref
            self.next_ref += 1
        return self.ref_names[key]

    def _ref(self, region: scan.Region, *, is_marker: bool = True) -> None:
        """A `<ref>…</ref>` that was left as it was: a footnote and its marker."""
        asm = self.asm
        group, name = scan.ref_key(self.text[region.start : region.inner_start])
        if name:
            number = self._ref_number((group, name))
        else:
            number, self.next_ref = self.next_ref, self.next_ref + 1
        if asm.in_note:
            return
        if is_marker:
            asm.marker(number, group, region.start, region.end)
        if region.inner_start < region.inner_end:
            with asm.note(number, group, region.start, region.end):
                self._inline(region.inner_start, region.inner_end)

    def _list_of_refs(self, region: scan.Region) -> None:
        """`<references>` with the named notes inside it."""
        inner = [
            other
            for start, other in self.regions.items()
            if region.inner_start <= start < region.inner_end and other.kind == "ref"
        ]
        for other in inner:
            self._ref(other, is_marker=False)

    def _tagged_gallery(self, region: scan.Region) -> None:
        """The lines of a `<gallery>` that kept its tags: `甲.jpg|說明`."""
        text = self.text
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
                self.asm.open_block("caption")
                if bar >= 0:
                    self._inline(bar + 1, stop)
                block = self.asm.close_block()
                self._media(target, start, stop, block)
            position = stop + 1

    # ---- wikitext that was left

    def _variant(self, at: int, end: int, how: _How) -> int | None:
        """`-{zh-hans:甲;zh-hant:乙}-`: the reading that was asked for."""
        region = self.regions.get(at)
        if region is None or region.end > end:
            return at + 3 if self.text.startswith("-->", at) else at + 2
        chosen = choose_variant(self.text, region.inner_start, region.inner_end, self.variant)
        if chosen and how.depth < _DEEPEST:
            self._inline(*chosen, depth=how.depth + 1, flat=how.flat, is_html=how.is_html)
        return region.end

    def _template(self, at: int, end: int, how: _How) -> int | None:
        """A template that the converter left: its text in the line, or its fields as a table."""
        region = self.regions.get(at)
        if region is None or region.end > end or how.depth >= _DEEPEST:
            if not self.asm.in_note and (broken := scan.BROKEN_CITE.match(self.text, at, end)):
                return self._broken_citation(broken)
            return scan.run_end(self.text, at, end)
        asm = self.asm
        name, parameters = scan.read_template(self.text, region)
        if name.startswith("#") or not parameters:
            return region.end
        named = [parameter for parameter in parameters if parameter.key]
        if scan.CITE.match(name):
            self._citation(name, parameters, region, how)
        elif named and not asm.in_note:
            self._defer(lambda: self._fields(parameters))
        else:
            positional = [parameter for parameter in parameters if not parameter.key]
            chosen = positional or named
            shown = chosen[-1] if scan.LAST_SHOWN.match(name) else chosen[0]
            self._inline(shown.start, shown.end, depth=how.depth + 1, flat=True)
        return region.end

    def _citation(
        self, name: str, parameters: list[scan.Parameter], region: scan.Region, how: _How
    ) -> None:
        """A `{{cite …}}` that was left: its values in a footnote, else a link with its title."""
        asm = self.asm
        values = {parameter.key: parameter for parameter in parameters}
        url, title = values.get("url"), values.get("title") or values.get("script-title")
        address = scan.first_address(self.text[url.start : url.end]) if url else None
        if not asm.in_note:
            anchor = self.text[title.start : title.end].strip() if title else ""
            asm.bare_link("external", anchor, target=None, url=address, raw_start=region.start, raw_end=region.end)  # fmt: skip
            return
        spans = {
            known: (value.start, value.end)
            for key, value in values.items()
            if self.text[value.start : value.end].strip()
            and (known := citation_parameter(key)) is not None
        }

        def keep(start: int, end: int) -> None:
            self._inline(start, end, depth=how.depth + 1)

        def clean(start: int, end: int) -> str:
            return scan.first_address(self.text[start:end]) or ""

        show_work(asm, name, spans, keep, clean, (region.start, region.end))
        for parameter in parameters:  # a quotation, a remark
            begin, end = parameter.start, parameter.end
            if (
                citation_parameter(parameter.key) is None
                and parameter.key != "language"
                and scan.HAN.search(self.text, begin, end)
            ):
                asm.space(begin, begin)
                keep(begin, end)

    def _broken_citation(self, cite: re.Match[str]) -> int:
        """A `{{cite …}` that lost its end: no prose, but the link that it makes."""
        values = dict(scan.BROKEN_VALUE.findall(cite["values"]))
        title = scan.LINK_END.sub("", values.get("title", ""))
        url = scan.first_address(values.get("url", ""))
        if title or url:
            self.asm.bare_link("external", " ".join(title.split()), target=None, url=url, raw_start=cite.start(), raw_end=cite.end())  # fmt: skip
        return cite.end()

    def _fields(self, parameters: list[scan.Parameter]) -> None:
        """An information box that was left: a table with a row for each field."""
        table = self.asm.open_table()
        for row, parameter in enumerate(parameters):
            if parameter.key_start < parameter.key_end:
                self._cell(table, row, 0, parameter.key_start, parameter.key_end, True)
            self._cell(table, row, 1, parameter.start, parameter.end, False)
