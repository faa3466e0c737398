"""From what a reader finds in the raw text, piece by piece, to the `Document`.

A reader walks the raw text and tells the `Assembler` what it meets: a section, a block, a
stretch of prose to keep, a link, a marker, a footnote … The assembler keeps the invariants of
`records`: blocks in order and one newline apart, no newline and no outer white space in a
block, every plain character with its way back, sentences, markers tied to footnotes.

White space is held back until more text comes, so none is left at a block's ends; a line wrap
becomes nothing between wide characters (CJK), else one space.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pipeline.formats.references import read_entry
from pipeline.formats.sentences import split_sentences
from pipeline.formats.short_notes import link_short_notes
from pipeline.records import (
    Block,
    BlockKind,
    Category,
    Cell,
    Document,
    Footnote,
    Link,
    LinkKind,
    Marker,
    Media,
    Problem,
    Section,
    Sentence,
    Severity,
    Source,
)
from pipeline.spans import TextBuilder

# All that `str.splitlines` takes for the end of a line.
_ENDS = r"\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029"
_LINE_END = re.compile(f"[{_ENDS}]")
_WRAP = re.compile(rf"[^\S{_ENDS}]*+[{_ENDS}]\s*+")
# What held white space becomes: as written; what joins two lines; one space.
_SPACES, _WRAPS, _BREAKS = range(3)
# Characters that fill a full square. Hangul is none of them: Korean parts words by spaces.
_WIDE = r"\u2e80-\u30ff\u3105-\u312f\u31a0-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003fffd"
_IS_WIDE = re.compile(f"[{_WIDE}]")
# Signs that Chinese and Latin text share: as wide as what stands on the other side of the wrap.
_SHARED = frozenset("“”‘’—…·")


_BIBLIOGRAPHY = re.compile("參考|参考|文獻|文献|書目|书目|來源|来源|引用|資料|资料")


@dataclass(slots=True)
class _Stream:
    """One text in the making: the document's, or a footnote's."""

    builder: TextBuilder
    # White space that awaits text: raw start, raw end, what it becomes.
    held: tuple[int, int, int] | None = None
    last: str = ""
    # A block is open but has no text yet.
    fresh: bool = True
    raw_end: int = 0


@dataclass(slots=True)
class Note:
    """A footnote's entry while it is read: what `references` makes the fields of."""

    number: int
    group: str
    raw_start: int
    raw_end: int
    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    emphasis: list[str] = field(default_factory=list)
    # No marker is expected for it: a work of the bibliography.
    lone: bool = False
    # What makes the footnote of it, where the reader knows its fields; else `read_entry` does.
    read: Callable[[Note], Footnote] | None = None


class _Heading(NamedTuple):
    level: int
    block: int
    raw_start: int


class Assembler:
    """Collects one article. Call `finish` once, at the end; nothing else afterwards."""

    def __init__(self, source: Source, *, text: str | None = None, language: str = "zh") -> None:
        """`text` is the raw text where the reader has put spaces over what is no prose (the `>`
        of a quotation): as long as the raw text, and the same where anything is kept.
        """
        self.source = source
        self.raw = source.text if text is None else text
        self.language = language
        self._stream = _Stream(TextBuilder(self.raw))
        self._main = self._stream
        self._blocks: list[Block] = []
        self._block: tuple[BlockKind, int] | None = None
        self._marked = False
        self._deferred: list[Callable[[], None]] = []
        self._sections: list[_Heading] = [_Heading(1, 0, 0)]
        self._links: list[Link] = []
        self._markers: list[Marker] = []
        self._notes: list[Note] = []
        self._note: Note | None = None
        self._media: list[Media] = []
        self._categories: list[Category] = []
        self._cells: list[Cell] = []
        self._tables = 0
        self._problems: list[Problem] = []

    # ---- sections and blocks

    def open_section(self, level: int, raw_start: int) -> None:
        """Begin a section; the heading block that the reader opens next gives its title."""
        self.close_block()
        self._sections.append(_Heading(level, len(self._blocks), raw_start))

    def open_block(self, kind: BlockKind) -> None:
        """Begin a block, closing the one before."""
        self.close_block()
        self._block = (kind, self._stream.builder.length)
        self._marked = False
        self._stream.held = None
        self._stream.fresh = True

    def close_block(self) -> int | None:
        """End the open block; its index, or None where it has neither text nor a marker.

        A block that holds markers alone keeps its place with an empty text, so that the
        markers are in no other block. What was deferred inside the block is done now.
        """
        if self._block is None:
            return None
        kind, start = self._block
        stream = self._stream
        if stream.fresh and self._marked:
            self._part_blocks(stream.raw_end)
        self._block = None
        index = None
        if not stream.fresh:
            index = len(self._blocks)
            section = len(self._sections) - 1
            # The newline that parts blocks stands before the text.
            start += bool(self._blocks)
            self._blocks.append(Block(index, kind, section, start, stream.builder.length))
        stream.held = None
        stream.fresh = True
        deferred, self._deferred = self._deferred, []
        for action in deferred:
            action()
        return index

    def defer(self, action: Callable[[], None]) -> None:
        """Do `action` when the open block has ended (now, where none is open).

        For blocks that stand inside another's raw text: a figure's caption in a paragraph.
        """
        if self._block is None or (self._stream.fresh and not self._marked):  # nothing to wait for
            block, marked = self._block, self._marked
            self._block = None
            action()
            self.close_block()
            if block is not None:
                self.open_block(block[0])
                self._marked = marked
        else:
            self._deferred.append(action)

    # ---- text

    @property
    def here(self) -> int:
        """The length of the text so far: the start of what is kept next, white space apart."""
        return self._stream.builder.length

    def keep(self, raw_start: int, raw_end: int) -> None:
        """Copy raw [raw_start, raw_end) into the open block; line wraps in it are joined."""
        piece = self.raw[raw_start:raw_end]
        body = piece.strip()
        if not body:
            if piece:
                self._hold(raw_start, raw_end, _WRAPS if _LINE_END.search(piece) else _SPACES)
            return
        if len(body) == len(piece):
            self._keep_body(body, raw_start)
            return
        head = len(piece) - len(piece.lstrip())
        tail = head + len(body)
        if head:
            wraps = _LINE_END.search(piece, 0, head)
            self._hold(raw_start, raw_start + head, _WRAPS if wraps else _SPACES)
        self._keep_body(body, raw_start + head)
        if tail < len(piece):
            wraps = _LINE_END.search(piece, tail)
            self._hold(raw_start + tail, raw_end, _WRAPS if wraps else _SPACES)

    def put(self, text: str, raw_start: int, raw_end: int) -> None:
        """Add `text` that stands for raw [raw_start, raw_end) (`&` for `&amp;`)."""
        body = " ".join(text.split())
        if not body:
            if text:
                self._hold(raw_start, raw_end, _SPACES)
            return
        if text[0].isspace():
            self._hold(raw_start, raw_start, _SPACES)
        self._comes(body[0], raw_start)
        stream = self._stream
        stream.builder.put(body, raw_start, raw_end)
        stream.last = body[-1]
        stream.raw_end = raw_end
        if text[-1].isspace():
            self._hold(raw_end, raw_end, _SPACES)

    def space(self, raw_start: int, raw_end: int) -> None:
        """A break written as markup (`<br/>`): one space, if text stands on both sides."""
        self._hold(raw_start, raw_end, _BREAKS)

    def _hold(self, raw_start: int, raw_end: int, strength: int) -> None:
        """White space that waits for text; what is told of first gives the place."""
        stream = self._stream
        if stream.fresh:
            return
        if stream.held is None:
            stream.held = (raw_start, raw_end, strength)
        elif strength > stream.held[2]:
            stream.held = (stream.held[0], max(stream.held[0], raw_end), strength)

    def _keep_body(self, body: str, raw_start: int) -> None:
        """Keep a stretch without outer white space, its lines joined."""
        if _LINE_END.search(body) is None:
            self._keep_line(body, raw_start)
            return
        position = 0
        for match in _WRAP.finditer(body):
            self._keep_line(body[position : match.start()], raw_start + position)
            self._hold(raw_start + match.start(), raw_start + match.end(), _WRAPS)
            position = match.end()
        self._keep_line(body[position:], raw_start + position)

    def _keep_line(self, line: str, raw_start: int) -> None:
        stream = self._stream
        if stream.fresh or stream.held:
            self._comes(line[0], raw_start)
        raw_end = raw_start + len(line)
        stream.builder.keep(raw_start, raw_end)
        stream.last = line[-1]
        stream.raw_end = raw_end

    def _comes(self, char: str, raw_start: int) -> None:
        """Text that begins with `char` comes next: settle what stands between it and the last."""
        stream = self._stream
        if stream.fresh:
            if self._block is None and self._note is None:
                self.open_block("paragraph")
            self._part_blocks(raw_start)
        elif stream.held:
            start, end, strength = stream.held
            stream.held = None
            if strength == _BREAKS or (strength == _WRAPS and not joins(stream.last, char)):
                stream.builder.put(" ", start, end)
            elif strength == _SPACES:
                if start < end and self.raw[start].isspace() and self.raw[start] != "\u00a0":
                    stream.builder.keep(start, start + 1)
                else:
                    stream.builder.put(" ", start, end)

    def _part_blocks(self, raw_start: int) -> None:
        """The newline before a block's text; none before the first block, or in a footnote."""
        stream = self._stream
        if self._note is None and self._blocks:
            gap = stream.raw_end if stream.raw_end <= raw_start else raw_start
            stream.builder.put("\n", gap, raw_start)
        stream.fresh = False

    # ---- what stands in the text

    def link(
        self,
        start: int,
        kind: LinkKind,
        *,
        target: str | None,
        url: str | None,
        raw_start: int,
        raw_end: int,
    ) -> None:
        """A link whose anchor is the text kept since `start` (an earlier value of `here`).

        In a footnote it becomes one of the entry's links, with no span in the document.
        """
        builder = self._stream.builder
        anchor = builder.since(start)
        head = len(anchor) - len(anchor.lstrip())
        anchor = anchor.strip()
        if self._note is not None:
            if url:
                self._note.links.append((anchor, url))
            begin = end = self._main.builder.length
        else:
            begin = start + head
            end = begin + len(anchor)
        self._links.append(Link(kind, begin, end, anchor, anchor, target, url, raw_start, raw_end))

    def bare_link(
        self,
        kind: LinkKind,
        anchor: str,
        *,
        target: str | None,
        url: str | None,
        raw_start: int,
        raw_end: int,
        raw_anchor: str | None = None,
    ) -> None:
        """A link with no place in the prose: a file's, a category's."""
        place = self._main.builder.length
        shown = anchor if raw_anchor is None else raw_anchor
        self._links.append(Link(kind, place, place, anchor, shown, target, url, raw_start, raw_end))

    def emphasis(self, start: int) -> None:
        """The text kept since `start` is set in italics; only footnotes want to know."""
        if self._note is not None and (text := self._stream.builder.since(start).strip()):
            self._note.emphasis.append(text)

    def marker(self, number: int | None, group: str, raw_start: int, raw_end: int) -> None:
        """A footnote marker. It stands right after the text so far, before any white space.

        Inside a footnote there are none: the call does nothing.
        """
        if self._note is not None:
            return
        if self._block is None:
            self.open_block("paragraph")
        stream = self._stream
        position = stream.builder.length
        if stream.fresh:
            # Before the block's first character, which the parting newline precedes.
            self._marked = True
            stream.raw_end = max(stream.raw_end, raw_start)
            position += bool(self._blocks)
        self._markers.append(Marker(position, number, group, None, raw_start, raw_end))

    @contextmanager
    def note(
        self, number: int, group: str, raw_start: int, raw_end: int, *, lone: bool = False
    ) -> Iterator[Note]:
        """Within, text and links go to a footnote's entry and not to the document."""
        outer, outer_note = self._stream, self._note
        note = self._note = Note(number, group, raw_start, raw_end, lone=lone)
        self._stream = _Stream(TextBuilder(self.raw))
        try:
            yield note
        finally:
            self._note = outer_note
            note.text = self._stream.builder.text()
            self._stream = outer
            self._notes.append(note)

    @property
    def in_note(self) -> bool:
        return self._note is not None

    @property
    def current_note(self) -> Note | None:
        return self._note

    def since(self, start: int) -> str:
        """The text kept since `start`, an earlier value of `here`."""
        return self._stream.builder.since(start)

    def media(
        self, file_name: str, url: str | None, raw_start: int, raw_end: int, *, block: int | None
    ) -> None:
        """An image; `block` is that of its caption, as `close_block` gave it."""
        section = len(self._sections) - 1
        file_name = file_name.replace("_", " ")
        self._media.append(Media(section, file_name, None, url, block, raw_start, raw_end))

    def category(self, name: str, raw_start: int, raw_end: int) -> None:
        self._categories.append(Category(name.replace("_", " "), raw_start, raw_end))

    def open_table(self) -> int:
        """A new table's number, counted from 0 through the article."""
        self._tables += 1
        return self._tables - 1

    def cell(
        self,
        table: int,
        row: int,
        column: int,
        raw_start: int,
        raw_end: int,
        *,
        block: int | None,
        row_span: int = 1,
        column_span: int = 1,
        is_header: bool = False,
    ) -> None:
        """A table's cell; `block` is that of its text, as `close_block` gave it."""
        section = len(self._sections) - 1
        self._cells.append(
            Cell(
                section, table, row, column, row_span, column_span, is_header,
                (), block, "", raw_start, raw_end,
            )
        )  # fmt: skip

    def problem(
        self,
        code: str,
        message: str,
        *,
        cure: str,
        severity: Severity = "warning",
        raw_start: int | None = None,
        raw_end: int | None = None,
    ) -> None:
        self._problems.append(
            Problem(self.source.path, severity, code, message, cure, raw_start, raw_end)
        )

    # ---- the end

    def finish(
        self,
        *,
        title: str,
        source_url: str | None,
        repair: Callable[[str, Sequence[Link]], Sequence[Link]] | None = None,
    ) -> Document:
        """The document. `repair` gets the text and the page links, and gives them back mended."""
        self.close_block()
        text = self._main.builder.text()
        notes = sorted(self._notes, key=lambda note: note.raw_start)
        footnotes = link_short_notes(
            [note.read(note) if note.read else _read(note) for note in notes],
            further=self._bibliography(text),
        )
        markers = self._match(footnotes, [note.lone for note in notes])
        links = sorted(self._links, key=lambda link: (link.raw_start, link.raw_end))
        if repair is not None:
            links = list(repair(text, links))
        blocks = tuple(self._blocks)
        return Document(
            title=title,
            language=self.language,
            source_url=source_url,
            text=text,
            projection=self._main.builder.projection(),
            sections=_sections(self._sections, blocks, text, len(self.raw)),
            blocks=blocks,
            sentences=_sentences(text, blocks),
            links=tuple(links),
            markers=markers,
            footnotes=footnotes,
            media=tuple(
                item
                if item.block is None
                else replace(item, caption=text[blocks[item.block].start : blocks[item.block].end])
                for item in sorted(self._media, key=lambda item: item.raw_start)
            ),
            categories=tuple(self._categories),
            cells=_govern(
                [
                    cell
                    if cell.block is None
                    else replace(cell, text=text[blocks[cell.block].start : blocks[cell.block].end])
                    for cell in sorted(self._cells, key=_cell_order)
                ]
            ),
            problems=tuple(self._problems),
        )

    def _bibliography(self, text: str) -> list[str]:
        """The items under headings like 參考文獻: works that short notes may stand for."""
        sections = {
            block.section
            for block in self._blocks
            if block.kind == "heading" and _BIBLIOGRAPHY.search(text, block.start, block.end)
        }
        return [
            text[block.start : block.end]
            for block in self._blocks
            if block.kind == "list_item" and block.section in sections
        ]

    def _match(self, footnotes: Sequence[Footnote], lone: Sequence[bool]) -> tuple[Marker, ...]:
        """Tie markers to footnotes by group and number; report what stays alone and is not
        `lone`."""
        known: dict[tuple[str, int], int] = {}
        for index, footnote in enumerate(footnotes):
            key = (footnote.group, footnote.number)
            if key in known:
                self.problem(
                    "repeated-footnote",
                    f"Two entries of the reference list bear the number {_name(*key)}.",
                    cure="Markers are tied to the first; see which of them is meant.",
                    raw_start=footnote.raw_start,
                    raw_end=footnote.raw_end,
                )
            else:
                known[key] = index
        matched: list[Marker] = []
        used: set[int] = set()
        self._markers.sort(key=lambda marker: (marker.position, marker.raw_start))
        for marker in self._markers:
            tied = None if marker.number is None else known.get((marker.group, marker.number))
            if tied is None:
                self.problem(
                    "marker-without-footnote",
                    f"The marker {_name(marker.group, marker.number)} has no entry in the list.",
                    cure="Look whether the conversion lost the list, or whether it is no marker.",
                    raw_start=marker.raw_start,
                    raw_end=marker.raw_end,
                )
            else:
                used.add(tied)
            matched.append(
                Marker(
                    marker.position,
                    marker.number,
                    marker.group,
                    tied,
                    marker.raw_start,
                    marker.raw_end,
                )
            )
        for index, footnote in enumerate(footnotes):
            if index not in used and not lone[index]:
                self.problem(
                    "footnote-without-marker",
                    f"No marker in the text points at footnote {_name(footnote.group, footnote.number)}.",
                    cure="Look whether the conversion lost the marker.",
                    raw_start=footnote.raw_start,
                    raw_end=footnote.raw_end,
                )
        return tuple(matched)


def _read(note: Note) -> Footnote:
    return read_entry(
        note.number,
        note.group,
        note.text,
        links=note.links,
        emphasis=note.emphasis,
        raw_start=note.raw_start,
        raw_end=note.raw_end,
    )


def joins(before: str, after: str) -> bool:
    """Whether a line wrap between these two characters stands for nothing (else for a space)."""
    wide = (_IS_WIDE.match(before), _IS_WIDE.match(after))
    if all(wide):
        return True
    return any(wide) and (before in _SHARED or after in _SHARED)


def _cell_order(cell: Cell) -> tuple[int, int, int, int]:
    return (cell.table, cell.row, cell.column, cell.raw_start)


def _name(group: str, number: int | None) -> str:
    return f"{group} {number or ''}".strip()


def _sentences(text: str, blocks: Sequence[Block]) -> tuple[Sentence, ...]:
    found: list[Sentence] = []
    for block in blocks:
        index, section = block.index, block.section
        for start, end in split_sentences(text, block.start, block.end):
            found.append(Sentence(len(found), index, section, start, end))
    return tuple(found)


def _sections(
    headings: Sequence[_Heading], blocks: Sequence[Block], text: str, raw_length: int
) -> tuple[Section, ...]:
    """Sections with their places and their tree; a section's parent has a lower level."""
    starts = [
        blocks[heading.block].start if heading.block < len(blocks) else len(text)
        for heading in headings
    ]
    starts[0] = 0
    ends = [*starts[1:], len(text)]
    raw_ends = [*(heading.raw_start for heading in headings[1:]), raw_length]
    found: list[Section] = []
    path: list[int] = []
    for index, heading in enumerate(headings):
        while path and headings[path[-1]].level >= heading.level:
            path.pop()
        title = ""
        if index and heading.block < len(blocks):
            block = blocks[heading.block]
            if block.kind == "heading" and block.section == index:
                title = text[block.start : block.end]
        parent = path[-1] if path else None
        above = found[parent].path if parent is not None else ()
        found.append(
            Section(
                index,
                parent,
                heading.level,
                title,
                (*above, title) if index else (),
                starts[index],
                ends[index],
                heading.raw_start,
                raw_ends[index],
            )
        )
        path.append(index)
    return tuple(found)


# Deeper heads than this are no heads; a bound keeps the work linear.
_HEADER_ROWS = 6


def _govern(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Give each cell the texts of its headers: those over it, then those before it in its row.

    A row of headers alone stands over what follows; a header in a row with data governs the
    row. A later row of headers takes the place of one below which data came already, where it
    spans the same columns (a subtitle gives way to the next).
    """
    data_rows = {(cell.table, cell.row) for cell in cells if not cell.is_header}
    data_tables: set[int] = set()
    over: dict[tuple[int, int], list[tuple[Cell, bool]]] = {}
    beside: dict[tuple[int, int], list[Cell]] = {}
    found: list[Cell] = []
    for cell in cells:
        columns = range(cell.column, cell.column + cell.column_span)
        if cell.is_header:
            if (cell.table, cell.row) in data_rows:
                for row in range(cell.row, cell.row + cell.row_span):
                    heads_of_row = beside.setdefault((cell.table, row), [])
                    if len(heads_of_row) < _HEADER_ROWS:
                        heads_of_row.append(cell)
            else:
                late = cell.table in data_tables
                for column in columns:
                    heads = over.setdefault((cell.table, column), [])
                    while heads and (
                        len(heads) >= _HEADER_ROWS
                        or (late and heads[-1][1] and heads[-1][0].column_span == cell.column_span)
                    ):
                        heads.pop()
                    heads.append((cell, late))
            found.append(cell)
            continue
        data_tables.add(cell.table)
        headers = [
            head for column in columns for head, _ in over.get((cell.table, column), ())
        ] + beside.get((cell.table, cell.row), [])
        texts = tuple(dict.fromkeys(head.text for head in headers if head.text))
        found.append(replace(cell, headers=texts) if texts else cell)
    return tuple(found)
