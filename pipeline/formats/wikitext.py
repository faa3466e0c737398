"""Wikitext → Document.

`wikitext_scan` masks what is no text and pairs the brackets; here the mask is walked once, from
line to line and from pair to pair, and what is prose is handed to the `Assembler` by its raw
offsets. Templates are taken apart by mwparserfromhell, which keeps no offsets but is lossless: the
lengths of its nodes add up to them. What a template shows is the lexicon's
business (`wikitext_templates`); one that it does not know shows nothing.

Prose is paragraphs, list items, headings, captions, table cells and the values of infoboxes.
Notes are numbered as MediaWiki's Cite does: each group by itself, in the order of the article,
a name's number at its first use. Works that stand in a bibliography as citation templates are
footnotes of the group `bibliography`, so that short notes find them.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import mwparserfromhell
from mwparserfromhell.nodes import Template as TemplateNode
from mwparserfromhell.parser import ParserError

from pipeline.formats.assemble import Assembler, Note
from pipeline.formats.reference_parts import read_date
from pipeline.formats.wiki import (
    IMAGE_OPTION,
    SCRIPT,
    SIGNED,
    Target,
    is_other_language,
    page_url,
    read_target,
    script_digits,
    title_of_file,
)
from pipeline.formats.wikitext_functions import (
    calculate,
    choose,
    number_text,
    switch,
    time_text,
)
from pipeline.formats.wikitext_notes import MASKED, Use, number_notes
from pipeline.formats.wikitext_scan import (
    BREAK,
    CAPTION,
    CELL,
    DROP,
    HEADER,
    ITEM,
    LITERAL,
    ROW,
    SPACE,
    TABLE,
    TABLE_END,
    Cell,
    Pair,
    Scan,
    scan,
)
from pipeline.formats.wikitext_templates import (
    Literally,
    Optional,
    Parameter,
    Part,
    Template,
    citation_parameter,
    find_template,
    infobox_parameter,
    unit_text,
)
from pipeline.formats.works import show_work
from pipeline.records import BlockKind, Document, Footnote, Source

BIBLIOGRAPHY = "bibliography"

# All that is not copied as it stands. LITERAL is: the raw text has the character it stands for.
_SPECIAL = re.compile(
    rf"(?P<drop>{DROP}+)|(?P<control>[{BREAK}{ITEM}{SPACE}{TABLE}-{TABLE_END}])"
    r"|(?P<quotes>'{2,})|(?P<nobreak>\u00a0)|(?P<blank>\n[ \t\r]*\n\s*)|(?P<list>\n[*#:;]+)"
    r"|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<url>(?:https?|ftp)://[!\#-;=?-Z\\^_a-z~%]++)"
    r"|(?P<left>\{{2,}|\}{2,}|\[\[|\]\]|\{\||\|\})"
)
_URL_TAIL = re.compile(r"[.,;:!?'\\)]++$")
_HEADING = re.compile(rf"(?P<open>={{1,6}}+)(?P<title>[^\n]*?)(?P<close>={{1,6}})[\s{DROP}]*$")
_LIST = re.compile(r"[*#:;]+")
_RULE = re.compile(r"-{4,}")
_REDIRECT = re.compile(
    r"\s*#(?:redirect|重定向|重新導向|重新导向)\s*[:：]?\s*(?=\[\[)", re.IGNORECASE
)
_TRAIL = re.compile("[a-z]+")
_FILE_NAME = re.compile(
    r"\s*(?:(?:File|Image|文件|檔案|档案|圖像|图像)\s*:)?\s*(?P<name>[^|\[\]{}<>\n]{1,240}?\.(?:jpe?g|png|svg|gif|tiff?|webp|bmp|djvu|pdf|og[gvax]|webm|mp[34]|wav|flac))\s*",
    re.IGNORECASE,
)
# Words between the two numbers of `{{convert|30|to|40|km}}` (Module:Convert, range_types).
_RANGES = {
    **{"to": "至", "-": "–", "–": "–", "—": "–", "to(-)": "–", "to about": "至", "and": "和"},
    **{"and(-)": "和", "&": "和", "or": "或", "by": "×", "x": "×", "×": "×", "xx": "×", "+/-": "±"},
    **{"±": "±", "+": "+", ",": "、", ", ": "、"},
}
_BOX_PART = re.compile(r"(header|label|data)(\d{1,3})")
# Unclosed brackets that are reported one by one: an article with more is broken anyway.
_MOST_REPORTS = 20
# Columns right of this one take no part in row spans: a bound keeps the work linear.
_MOST_COLUMNS = 250


class Value(NamedTuple):
    """A template's parameter without the white space around it, and where its name stands."""

    name: str
    start: int
    end: int
    name_start: int
    name_end: int


@dataclass(slots=True)
class _Table:
    """A table that is being read; `level` is the reader's level at which its cells stand."""

    number: int
    level: int
    row: int = 0
    column: int = 0
    row_used: bool = False
    # Column → the first row that a cell from above leaves free.
    taken: dict[int, int] = field(default_factory=dict)
    # Tables inside a cell that is open.
    nested: int = 0
    cell_start: int | None = None
    sign: str = ""


@dataclass(slots=True)
class _State:
    """Where in the article's blocks the reader stands; put aside while something else is read."""

    open: bool = False
    kind: BlockKind = "paragraph"
    # 0 between blocks, where lines tell what they are; deeper inside a cell, a note, a caption.
    level: int = 0
    # In a table, outside its cells: nothing there is prose.
    muted: bool = False
    table: _Table | None = None
    # Where the italics began that are open.
    italic: int | None = None
    # Whether the line has shown anything: one that did not parts paragraphs.
    shown: bool = False


def parse_wikitext(source: Source, *, variant: str = "zh-hant") -> Document:
    """Read an article's wikitext. `variant` is the language variant that `-{…}-` is read in.

    The title is the source's own, else the file's name. A redirect has no prose: it is a
    `redirect` problem (a warning) and a link. Never raises on any text.
    """
    return _Reader(source, variant).read()


class _Reader:
    """One article's reading."""

    def __init__(self, source: Source, variant: str) -> None:
        self.raw = source.text
        self.title = (source.title or title_of_file(source.path)).replace("_", " ")
        self.asm = Assembler(source)
        self.scan: Scan = scan(self.raw, variant=variant)
        self.mask = self.scan.mask
        self.pairs = [pair for pair in self.scan.pairs if pair.kind not in ("{|", "<table>")]
        self.starts = [pair.start for pair in self.pairs]
        self.uses = number_notes(self.raw, self.mask, self.pairs)
        self.noted: set[Use] = set()
        self.works = 0
        self.state = _State()

    # ---- the whole

    def read(self) -> Document:
        start = 1 if self.raw.startswith("\ufeff") else 0
        if (match := _REDIRECT.match(self.mask, start)) is not None:
            self._redirect(match.end())
        else:
            for begin, end in self.scan.lines():
                self._line(max(begin, start), end)
            self._close()
            self._report_unmatched()
        return self.asm.finish(title=self.title, source_url=page_url(self.title))

    def _report_unmatched(self) -> None:
        for kind, start, end in self.scan.unmatched[:_MOST_REPORTS]:
            self.asm.problem(
                "unclosed-markup",
                f"{kind} is opened here and nowhere closed; it was passed over.",
                cure="Close or remove it on the wiki.",
                raw_start=start,
                raw_end=end,
            )

    def _redirect(self, start: int) -> None:
        pair = self._pair_at(start)
        if pair is not None:
            bar = self.mask.find("|", pair.inner_start, pair.inner_end)
            name = self._clean(pair.inner_start, bar if bar >= 0 else pair.inner_end)
            self._bare_page(read_target(name), pair)
        self.asm.problem(
            "redirect",
            "The page is a redirect: it has no text of its own.",
            cure="Fetch the page that it leads to.",
            raw_start=start,
            raw_end=pair.end if pair else start,
        )

    # ---- lines and blocks

    def _line(self, start: int, end: int) -> None:
        """A line, with all that its brackets and tables hold."""
        mask = self.mask
        text_start = start
        while text_start < end and mask[text_start] == DROP:
            text_start += 1
        first = mask[text_start : text_start + 1]
        if not mask[text_start:end].strip(f"{DROP} \t\r"):
            if text_start == start or not mask[start:end].strip(" \t\r"):
                self._close()  # a blank line; a comment's own line is none
            return
        if first == "=" and (heading := _HEADING.match(mask, text_start, end)) is not None:
            self._heading(heading, start)
            return
        if first and first in "*#:;" and (item := _LIST.match(mask, text_start, end)) is not None:
            self._close()
            self.state.kind = "list_item"
            self._item(item, end)
            self._close()
            self.state.kind = "paragraph"
            return
        if (rule := _RULE.match(mask, text_start, end)) is not None:
            self._close()
            text_start = rule.end()
        if first in (" ", "\t"):
            self._close()  # preformatted: its lines do not run on
        elif self.state.open:
            self.asm.keep(start - 1, start)  # the newline
        self.state.shown = False
        self._range(text_start, end)
        self._end_table(end)
        if not self.state.shown or first in (" ", "\t"):
            self._close()

    def _item(self, item: re.Match[str], end: int) -> None:
        start = item.end()
        if item[0].endswith(";"):
            # `;甲:乙` is a term and what it means; a colon inside brackets is none.
            colon = self._cut(start, end, ":")[0][1]
            if colon < end and not self.mask.startswith("//", colon + 1):
                self._range(start, colon)
                self._close()
                start = colon + 1
        self._range(start, end)
        self._end_table(end)

    def _heading(self, match: re.Match[str], start: int) -> None:
        self._close()
        level = min(len(match["open"]), len(match["close"]))
        title_start = match.start() + level
        title_end = match.end("close") - level
        if title_start >= title_end:
            return
        self.asm.open_section(level, start)
        self.asm.open_block("heading")
        self.state.open = True
        with self._inside():
            self._range(title_start, title_end)
        self._close()

    def _close(self) -> None:
        """End the open block. What stood inside it but is no part of it is read now."""
        if self.state.open:
            self.state.open = False
            self.asm.close_block()

    def _ready(self) -> bool:
        """Whether text may be kept here; opens a block where one is wanted."""
        if self.state.muted:
            return False
        if not self.state.open and self.state.level == 0:
            self.asm.open_block(self.state.kind)
            self.state.open = True
        self.state.shown = True
        return True

    @contextmanager
    def _inside(self) -> Iterator[None]:
        """Within, the reader is one level deeper: lines and breaks make no blocks."""
        self.state.level += 1
        try:
            yield
        finally:
            self.state.level -= 1

    def _later(self, action: Callable[[], None]) -> None:
        """Do `action`, which makes blocks of its own, when the block around is closed."""

        def run() -> None:
            outer, self.state = self.state, _State()
            try:
                action()
                self._close()
            finally:
                self.state = outer

        if self.state.open or self.state.level:
            self.asm.defer(run)
        else:
            run()

    # ---- ranges

    def _range(self, start: int, end: int) -> None:
        """Read [start, end): the pairs in it one by one, and the text between them."""
        index = bisect_left(self.starts, start)
        position = start
        while index < len(self.pairs) and self.starts[index] < end:
            pair = self.pairs[index]
            index += 1
            if pair.start < position or pair.end > end or self.mask[pair.start] == DROP:
                continue
            if position < pair.start:
                self._text(position, pair.start)
            self._pair(pair)
            position = pair.end
            if pair.kind == "[[" and (trail := _TRAIL.match(self.mask, position, end)):
                position = trail.end()
            index = bisect_left(self.starts, position, index)
        if position < end:
            self._text(position, end)

    def _text(self, start: int, end: int) -> None:
        """Text that holds no pair."""
        mask = self.mask
        for match in _SPECIAL.finditer(mask, start, end):
            if start < match.start():
                self._keep(start, match.start())
            start = match.end()
            kind = match.lastgroup
            if kind == "drop":
                start = self._script(start, end)
            elif kind == "control":
                self._control(match[0], match.start())
            elif kind == "quotes":
                self._quotes(match)
            elif kind == "nobreak":
                if not self.state.muted and (self.state.open or self.state.level):
                    self.asm.put(" ", *match.span())
            elif kind == "entity":
                text = html.unescape(match[0])
                if text == match[0]:
                    self._keep(*match.span())
                elif self._ready():
                    self.asm.put(MASKED.sub("", text), *match.span())
            elif kind == "url":
                start = self._bare_url(match)
            elif kind in ("blank", "list") and not self.state.muted:
                self.asm.space(match.start(), match.start())
        if start < end:
            self._keep(start, end)

    def _script(self, start: int, end: int) -> int:
        """After a tag: where it is `<sup>6</sup>`, put ⁶. Returns where the text goes on."""
        raw = self.raw
        if raw[start - 5 : start].lower() not in ("<sup>", "<sub>"):
            return start
        if script := SCRIPT.match(raw, start):
            if script.end() < end and self.mask.startswith(script[0], start) and self._ready():
                below = raw[start - 2] in "bB"
                self.asm.put(script_digits(script[0], below=below), *script.span())
                return script.end()
            return start
        digits = raw[start - 6 : start - 5].isdigit() and self.mask[start : start + 1].isdigit()
        if digits and raw[start - 2] in "pP" and self._ready():
            self.asm.put("^", start - 5, start)  # 2^1.5 must not be read as 21.5
        return start

    def _keep(self, start: int, end: int) -> None:
        if self.state.open or self.state.level:
            if not self.state.muted:
                self.state.shown = True
                self.asm.keep(start, end)
        elif not self.raw[start:end].isspace() and self._ready():
            self.asm.keep(start, end)

    def _put(self, text: str, place: int) -> None:
        if self._ready():
            self.asm.put(text, place, place)

    def _quotes(self, match: re.Match[str]) -> None:
        """Two signs are italics, three bold, five both; what is over is text (four: one and
        bold)."""
        count = len(match[0])
        over = 1 if count == 4 else max(0, count - 5)
        if over:
            self._keep(match.start(), match.start() + over)
        if count - over in (2, 5) and self.asm.in_note:
            if self.state.italic is None:
                self.state.italic = self.asm.here
            else:
                self.asm.emphasis(self.state.italic)
                self.state.italic = None

    def _bare_url(self, match: re.Match[str]) -> int:
        """An address in the text is a link without an anchor; only a note shows it."""
        url = _URL_TAIL.sub("", match[0])
        end = match.start() + len(url)
        self._address(url, match.start(), end, match.start(), end)
        return end

    def _address(self, url: str, start: int, end: int, raw_start: int, raw_end: int) -> None:
        if self.asm.in_note:
            here = self.asm.here
            self._keep(start, end)
            self.asm.link(
                here, "external", target=None, url=url, raw_start=raw_start, raw_end=raw_end
            )
        else:
            self.asm.bare_link(
                "external", url, target=None, url=url, raw_start=raw_start, raw_end=raw_end
            )

    def _clean(self, start: int, end: int) -> str:
        """The mask's text without what is masked, entities resolved: names, addresses."""
        text = self.mask[start:end]
        if LITERAL in text:
            text = "".join(
                self.raw[start + i] if char == LITERAL else char for i, char in enumerate(text)
            )
        text = MASKED.sub("", text)
        return html.unescape(text).strip() if "&" in text else text.strip()

    def _pair_at(self, start: int) -> Pair | None:
        index = bisect_left(self.starts, start)
        if index < len(self.starts) and self.starts[index] == start:
            return self.pairs[index]
        return None

    # ---- pairs

    def _pair(self, pair: Pair) -> None:
        if pair.kind == "[[":
            self._wikilink(pair)
        elif pair.kind == "{{":
            self._template(pair)
        elif pair.kind == "[":
            self._external(pair)
        elif pair.kind == "ref":
            self._note(pair, pair.inner_start, pair.inner_end)
        elif pair.kind == "references":
            self._definitions(pair.inner_start, pair.inner_end)
        elif pair.kind == "gallery":
            self._gallery(pair.inner_start, pair.inner_end)
        # `{{{1|…}}}` has a value only inside a template.

    def _external(self, pair: Pair) -> None:
        inside = self.mask[pair.inner_start : pair.inner_end]
        stop = re.search(rf"[\s{BREAK}{SPACE}]", inside)
        url_end = pair.inner_start + (stop.start() if stop else len(inside))
        url = self._clean(pair.inner_start, url_end)
        start, end = self._trim(url_end, pair.inner_end)
        if start >= end:
            self._address(url, pair.inner_start, url_end, pair.start, pair.end)
            return
        if not self._ready():
            return
        here = self.asm.here
        with self._inside():
            self._range(start, end)
        self.asm.link(
            here, "external", target=None, url=url, raw_start=pair.start, raw_end=pair.end
        )

    def _wikilink(self, pair: Pair) -> None:
        title_end = self._cut(pair.inner_start, pair.inner_end)[0][1]
        target = read_target(self._clean(pair.inner_start, title_end))
        bar = title_end if title_end < pair.inner_end else None
        if target.kind == "file" and not self.mask.startswith(":", pair.inner_start):
            self._file(target, pair, title_end)
        elif target.kind == "category":
            name = (target.title or "").partition(":")[2].replace("_", " ")
            self.asm.category(name, pair.start, pair.end)
            self._bare_page(target, pair)
        elif is_other_language(target) and not self.mask.startswith(":", pair.inner_start):
            self._bare_page(target, pair)  # it stands in the side bar
        elif self._ready():
            start = pair.inner_start if bar is None else bar + 1
            if start >= pair.inner_end:
                start, bar = pair.inner_start, None  # `[[甲|]]`
            end = pair.inner_end
            if bar is None:
                start, end = self._trim(start, title_end)
                start += self.mask.startswith(":", start)
            trail = _TRAIL.match(self.mask, pair.end)
            here = self.asm.here
            with self._inside():
                self._range(start, end)
            if trail is not None:
                self._keep(*trail.span())
            self.asm.link(
                here,
                target.kind,
                target=target.title,
                url=page_url(target.title, target.fragment) if target.title else None,
                raw_start=pair.start,
                raw_end=pair.end if trail is None else trail.end(),
            )

    def _bare_page(self, target: Target, pair: Pair) -> None:
        if target.title is not None:
            self.asm.bare_link(
                target.kind,
                target.title,
                target=target.title,
                url=page_url(target.title, target.fragment),
                raw_start=pair.start,
                raw_end=pair.end,
            )

    # ---- files

    def _cut(self, start: int, end: int, sign: str = "|") -> list[tuple[int, int]]:
        """[start, end) cut at each `sign` that stands in no pair."""
        cuts = [start - 1]
        index = bisect_left(self.starts, start)
        position = self.mask.find(sign, start, end)
        while position >= 0:
            while index < len(self.pairs) and self.starts[index] < position:
                pair = self.pairs[index]
                index += 1
                if position < pair.end <= end:
                    position = self.mask.find(sign, pair.end, end)
                    break
            else:
                cuts.append(position)
                position = self.mask.find(sign, position + 1, end)
        cuts.append(end)
        return [(a + 1, b) for a, b in pairwise(cuts)]

    def _file(self, target: Target, pair: Pair, title_end: int) -> None:
        """`[[File:甲.jpg|thumb|說明]]`; in a note it is an icon and nothing else."""
        self._bare_page(target, pair)
        if self.asm.in_note:
            return
        name = (target.title or "").partition(":")[2]
        caption = None
        if title_end < pair.inner_end:
            for start, end in self._cut(title_end + 1, pair.inner_end):
                if not IMAGE_OPTION.fullmatch(self._clean(start, end)):
                    caption = (start, end)
        self._media(name, caption, pair.start, pair.end)

    def _media(self, name: str, caption: tuple[int, int] | None, start: int, end: int) -> None:
        url = page_url(f"File:{name}")

        def read() -> None:
            block = None
            if caption is not None:
                self.asm.open_block("caption")
                with self._inside():
                    self._range(*caption)
                block = self.asm.close_block()
            self.asm.media(name, url, start, end, block=block)

        self._later(read)

    def _gallery(self, start: int, end: int) -> None:
        """Lines of `甲.jpg|說明`."""
        if self.asm.in_note:
            return
        for line_start, line_end in self._lines_within(start, end):
            file = _FILE_NAME.match(self.mask, line_start, line_end)
            if file is None:
                continue
            parts = self._cut(file.end(), line_end)[1:]
            captions = [part for part in parts if not IMAGE_OPTION.fullmatch(self._clean(*part))]
            self._media(file["name"], captions[-1] if captions else None, line_start, line_end)

    def _lines_within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The lines of [start, end); one goes on where a newline stands inside a pair."""
        index = bisect_left(self.starts, start)
        while start < end:
            stop = self.mask.find("\n", start, end)
            stop = end if stop < 0 else stop
            while index < len(self.pairs) and self.starts[index] < stop:
                if stop < self.pairs[index].end <= end:
                    stop = self.mask.find("\n", self.pairs[index].end, end)
                    stop = end if stop < 0 else stop
                index += 1
            if self.mask[start:stop].strip():
                yield (start, stop)
            start = stop + 1

    # ---- notes

    def _note(self, pair: Pair, start: int, end: int) -> None:
        """A note's marker here, and its entry where it has content."""
        use = self.uses.get(pair.start)
        if use is None:
            return
        for each in use:
            if not self.state.muted:
                self.state.shown = True
                if not self.state.open and self.state.level == 0:
                    self._ready()
                self.asm.marker(each.number, each.group, pair.start, pair.end)
        self._entry(pair, start, end, use[0])

    def _entry(self, pair: Pair, start: int, end: int, use: Use, *, lone: bool = False) -> None:
        if use in self.noted or not self.mask[start:end].strip(f"{DROP}{SPACE} \t\r\n"):
            return
        self.noted.add(use)
        with self._noting(use, pair, lone=lone):
            self._range(start, end)

    @contextmanager
    def _noting(self, use: Use, pair: Pair, *, lone: bool = False) -> Iterator[Note]:
        """Within, what is read goes to the entry of the note `use`."""
        outer, self.state = self.state, _State(open=True, level=1)
        try:
            with self.asm.note(use.number, use.group, pair.start, pair.end, lone=lone) as note:
                yield note
        finally:
            self.state = outer

    def _definitions(self, start: int, end: int) -> None:
        """The notes that stand in [start, end), whatever is around them: entries, no markers."""
        index = bisect_left(self.starts, start)
        position = start
        while index < len(self.pairs) and self.starts[index] < end:
            pair = self.pairs[index]
            index += 1
            uses = self.uses.get(pair.start)
            if pair.start < position or not uses or self.mask[pair.start] == DROP:
                continue
            if pair.kind == "ref":
                self._entry(pair, pair.inner_start, pair.inner_end, uses[0], lone=True)
            else:
                self._template(pair, marked=False)
            position = pair.end

    # ---- templates

    def _values(self, pair: Pair) -> list[Value]:
        """A template's parameters in order; a later one of a name stands for an earlier."""
        node = _parse_template(self._flat(pair))
        if node is None:
            return []
        place = pair.start + 2 + len(str(node.name))
        values: list[Value] = []
        for parameter in node.params:
            place += 1
            name_start = name_end = place
            if parameter.showkey:
                name_end = place + len(str(parameter.name))
                place = name_end + 1
            end = place + len(str(parameter.value))
            key = self._clean(name_start, name_end) if parameter.showkey else str(parameter.name)
            start, stop = self._trim(place, end)
            values.append(Value(key.strip(), start, stop, *self._trim(name_start, name_end)))
            place = end
        return values

    def _flat(self, pair: Pair) -> str:
        """The mask of `pair` with what is nested in it painted over: its own signs are left."""
        parts: list[str] = []
        position = pair.start
        index = bisect_left(self.starts, pair.inner_start)
        while index < len(self.pairs) and self.starts[index] < pair.inner_end:
            inner = self.pairs[index]
            parts.append(self.mask[position : inner.start])
            parts.append(LITERAL * (inner.end - inner.start))
            position = inner.end
            index = bisect_left(self.starts, position, index)
        parts.append(self.mask[position : pair.end])
        return "".join(parts)

    def _trim(self, start: int, end: int) -> tuple[int, int]:
        text = self.mask[start:end]
        blank = f"{DROP} \t\r\n"
        return (
            start + len(text) - len(text.lstrip(blank)),
            end - len(text) + max(len(text.rstrip(blank)), len(text) - len(text.lstrip(blank))),
        )

    def _template(self, pair: Pair, *, marked: bool = True) -> None:
        bar = self.mask.find("|", pair.inner_start, pair.inner_end)
        name = self._clean(pair.inner_start, bar if bar >= 0 else pair.inner_end)
        head, colon, _ = name.partition(":")
        template = find_template(name)
        if template is None and colon and len(head) < 30:
            template = find_template(f"{head}:")
        if template is None:
            if name.startswith("#"):
                self._function(head.strip().casefold(), pair)
            else:
                self._definitions(pair.inner_start, pair.inner_end)
            return
        values = self._values(pair)
        given = {value.name: value for value in values if value.start < value.end}
        if colon and not head.startswith("#"):
            place = self.mask.find(":", pair.inner_start) + 1
            stop = min((value.name_start - 1 for value in values), default=pair.inner_end)
            given["0"] = Value("0", *self._trim(place, max(place, stop)), place, place)
        reading = template.reading
        if reading in ("prose", "link"):
            self._shown(template, given, pair)
        elif reading == "cite":
            self._cite(f"cite {template.more}", given, pair)
        elif reading in ("note", "short"):
            self._note_template(template, given, pair, marked)
        elif reading == "harv":
            if self.asm.in_note:
                self._short(given, pair.start)
        elif reading == "reuse":
            for use in self.uses.get(pair.start, ()):
                if marked and self._ready():
                    self.asm.marker(use.number, use.group, pair.start, pair.end)
        elif reading == "list":
            self._definitions(pair.inner_start, pair.inner_end)
        elif reading == "convert":
            self._convert(given)
        elif reading == "infobox":
            self._infobox(values)
        elif reading == "gallery":
            self._gallery_template(values)
        elif reading == "quote":
            self._quote(template, given)
        elif reading == "title":
            self._put(self.title, pair.start)

    # ---- parser functions

    def _function(self, name: str, pair: Pair) -> None:
        """`{{#if:…}}` and its like: the argument that it shows, or what it works out."""
        text, start, end = self._worked_out(name, pair)
        if start >= end or not self._ready():
            return
        if text is not None:
            self.asm.put(text, start, end)
            return
        with self._inside():
            self._range(start, end)

    def _worked_out(self, name: str, pair: Pair) -> tuple[str | None, int, int]:
        """A function's own text, or None and the argument that it shows; nothing in [start, start)."""
        parts = self._cut(pair.inner_start, pair.inner_end)
        colon = self.mask.find(":", pair.inner_start) + 1
        parts[0] = (colon, max(colon, parts[0][1]))
        nothing = (None, colon, colon)
        if name == "#expr":
            value = calculate(self._said(*parts[0]))
            return nothing if value is None else (number_text(value), *self._trim(*parts[0]))
        if name in ("#time", "#timel"):
            said = read_date(self._said(*parts[1])) if len(parts) > 1 else None
            if said is None or not re.fullmatch(r"\d{4}-\d\d-\d\d", said):
                return nothing  # of today, or of a part of a day
            text = time_text(self._said(*parts[0]), dt.date.fromisoformat(said))
            return nothing if text is None else (text, *self._trim(*parts[1]))
        if name == "#switch":
            cases = [self._cut(start, end, "=") for start, end in parts[1:]]
            chosen = switch(
                self._said(*parts[0]), [(self._said(*case[0]), len(case) > 1) for case in cases]
            )
            if chosen is None:
                return nothing
            case = cases[chosen]
            return (None, *self._trim(case[-1][0] if len(case) == 1 else case[1][0], case[-1][1]))
        if name not in ("#if", "#ifeq", "#ifexpr", "#ifexist", "#iferror"):
            return nothing
        chosen = choose(name, len(parts), lambda index: self._said(*parts[index]))
        return nothing if chosen is None else (None, *self._trim(*parts[chosen]))

    def _said(self, start: int, end: int) -> str:
        """The text of an argument, as far as choosing needs it: functions in it are worked out, of
        other templates only that they are there."""
        parts: list[str] = []
        position = start
        index = bisect_left(self.starts, start)
        while index < len(self.pairs) and self.starts[index] < end:
            pair = self.pairs[index]
            index += 1
            if pair.start < position or pair.end > end:
                continue
            parts.append(self.mask[position : pair.start])
            inside = self._clean(pair.inner_start, pair.inner_end)
            name = inside.partition(":")[0].strip().casefold()
            if pair.kind == "{{" and name.startswith("#"):
                text, inner_start, inner_end = self._worked_out(name, pair)
                parts.append(self._said(inner_start, inner_end) if text is None else text)
            elif pair.kind != "{{{":
                parts.append(inside)
            position = pair.end
            index = bisect_left(self.starts, position, index)
        parts.append(self.mask[position:end])
        return html.unescape(MASKED.sub("", "".join(parts))).strip()

    def _shown(self, template: Template, given: dict[str, Value], pair: Pair) -> None:
        if not template.show or not self._ready():
            return
        here = self.asm.here
        with self._inside():
            if template.more in ("raised", "lowered") and "1" in given:
                first = given["1"]
                said = self.mask[first.start : first.end]
                if SIGNED.fullmatch(said):
                    below = template.more == "lowered"
                    self.asm.put(script_digits(said, below=below), first.start, first.end)
                    return
            self._parts(template.show, given, pair.start)
        if template.reading == "link":
            value = next((given[key] for key in template.more.split("|") if key in given), None)
            target = read_target(self._clean(value.start, value.end)) if value else None
            if target is not None and target.title is not None:
                self.asm.link(
                    here,
                    target.kind,
                    target=target.title,
                    url=page_url(target.title, target.fragment),
                    raw_start=pair.start,
                    raw_end=pair.end,
                )

    def _parts(self, parts: tuple[Part, ...], given: dict[str, Value], place: int) -> int:
        """Show `parts`; the place where the last of them stood."""
        for part in parts:
            if isinstance(part, Literally):
                self._put(part.text, place)
            elif isinstance(part, Parameter):
                value = _first(given, part.names)
                if value is not None:
                    self._argument(value.start, value.end)
                    place = value.end
            elif isinstance(part, Optional):
                wanted = [inner for inner in part.parts if isinstance(inner, Parameter)]
                if all(_first(given, inner.names) is not None for inner in wanted):
                    place = self._parts(part.parts, given, place)
            else:
                unnamed = [value for value in given.values() if value.name.isdigit()]
                for index, value in enumerate(unnamed):
                    if index and part.between:
                        self._put(part.between, value.start)
                    self._range(value.start, value.end)
                    place = value.end
        return place

    def _argument(self, start: int, end: int) -> None:
        """A template's argument that is shown: a list in it makes items where blocks may be."""
        item = _LIST.match(self.mask, start, end)
        if item is None or item[0][0] != "*":
            self._range(start, end)
        elif self.asm.in_note or self.state.table is not None:
            self._range(item.end(), end)
        else:

            def read() -> None:
                for line in self._lines_within(start, end):
                    self._line(*line)

            if self.state.level == 1:
                self._close()
            self._later(read)

    def _convert(self, given: dict[str, Value]) -> None:
        """`{{convert|30|to|40|km|mi}}` → 30至40公里: what was written, not what it comes to."""
        if "1" not in given or not self._ready():
            return
        with self._inside():
            self._range(given["1"].start, given["1"].end)
            number = 2
            while (value := given.get(str(number))) is not None:
                word = self._clean(value.start, value.end)
                following = given.get(str(number + 1))
                if word in _RANGES and following is not None:
                    self._put(_RANGES[word], value.start)
                    self._range(following.start, following.end)
                    number += 2
                    continue
                if self._ready():
                    self.asm.put(unit_text(word), value.start, value.end)
                # `{{convert|5|ft|8|in}}`: another number with its unit.
                second, unit = following, given.get(str(number + 2))
                if (
                    second is None
                    or unit is None
                    or not _is_number(self._clean(second.start, second.end))
                    or _is_number(self._clean(unit.start, unit.end))
                ):
                    break
                self._range(second.start, second.end)
                number += 2

    def _quote(self, template: Template, given: dict[str, Value]) -> None:
        value = next(
            (
                found
                for part in template.show
                if isinstance(part, Parameter) and (found := _first(given, part.names))
            ),
            None,
        )
        if value is None or self.asm.in_note:
            return
        start, end = value.start, value.end

        def read() -> None:
            self.asm.open_block("paragraph")
            with self._inside():
                self._range(start, end)
            self.asm.close_block()

        self._later(read)

    def _infobox(self, values: list[Value]) -> None:
        """Its parameters as a table of two columns, the names its headers."""
        if self.asm.in_note:
            return

        given = {value.name: value for value in values if value.start < value.end}

        def read() -> None:
            table: int | None = None
            row = 0
            captioned: Value | None = None
            for index, value in enumerate(values):
                what = infobox_parameter(value.name)
                if (
                    value is captioned
                    or value.start >= value.end
                    or value.name_start >= value.name_end
                    or what == "none"
                ):
                    continue
                # The general box names its rows itself: label3, data3; header4 stands over others.
                part = _BOX_PART.fullmatch(value.name)
                if part is not None and part[1] == "label" and f"data{part[2]}" in given:
                    continue
                label = given.get(f"label{part[2]}") if part and part[1] == "data" else None
                lone = part is not None and part[1] != "data"
                file = _FILE_NAME.fullmatch(self.mask, value.start, value.end)
                if file is not None:
                    captioned = self._box_caption(values, index)
                    caption = None if captioned is None else (captioned.start, captioned.end)
                    self._media(file["name"].replace("_", " "), caption, value.start, value.end)
                    continue
                if what == "file":
                    self._definitions(value.start, value.end)
                    for pair in self._within(value, "[["):
                        self._pair(pair)
                    continue
                if table is None:
                    table = self.asm.open_table()
                start, end = value.name_start, value.name_end
                if lone or label is not None:
                    start, end = (label or value)[1:3]
                self.asm.open_block("table_cell")
                with self._inside():
                    self._range(start, end)
                self.asm.cell(
                    table, row, 0, start, end, block=self.asm.close_block(), is_header=True,
                    column_span=2 if lone else 1,
                )  # fmt: skip
                if not lone:
                    self.asm.open_block("table_cell")
                    with self._inside():
                        self._range(value.start, value.end)
                    block = self.asm.close_block()
                    self.asm.cell(table, row, 1, value.start, value.end, block=block)
                row += 1

        self._later(read)

    def _box_caption(self, values: list[Value], file: int) -> Value | None:
        """The caption that an infobox gives the file at `file`: before the next file's."""
        for value in values[file + 1 :]:
            what = infobox_parameter(value.name)
            if what == "caption" and value.start < value.end:
                return value
            if what == "prose" or _FILE_NAME.fullmatch(self.mask, value.start, value.end):
                return None
        return None

    def _within(self, value: Value, kind: str) -> Iterator[Pair]:
        """The pairs of `kind` in a value, those inside others left out."""
        position = value.start
        first = bisect_left(self.starts, value.start)
        for index in range(first, bisect_left(self.starts, value.end)):
            pair = self.pairs[index]
            if pair.start >= position and pair.kind == kind:
                yield pair
                position = pair.end

    def _gallery_template(self, values: list[Value]) -> None:
        """`{{gallery|甲.jpg|說明|乙.jpg|說明}}`."""
        if self.asm.in_note:
            return
        unnamed = [value for value in values if value.name.isdigit()]
        for index, value in enumerate(unnamed):
            file = _FILE_NAME.fullmatch(self.mask, value.start, value.end)
            if file is None:
                continue
            after = unnamed[index + 1] if index + 1 < len(unnamed) else None
            caption = None
            if (
                after is not None
                and after.start < after.end
                and not _FILE_NAME.fullmatch(self.mask, after.start, after.end)
            ):
                caption = (after.start, after.end)
            self._media(file["name"], caption, value.start, value.end)

    # ---- templates that cite

    def _note_template(
        self, template: Template, given: dict[str, Value], pair: Pair, marked: bool
    ) -> None:
        uses = self.uses.get(pair.start)
        if not uses:
            return
        use = uses[0]
        if marked and not self.asm.in_note and self._ready():
            self.asm.marker(use.number, use.group, pair.start, pair.end)
        if template.reading == "note":
            value = _first(given, ("1", "content", "text"))
            if value is not None:
                self._entry(pair, value.start, value.end, use, lone=not marked)
        elif use not in self.noted:
            self.noted.add(use)
            with self._noting(use, pair, lone=not marked):
                self._short(given, pair.start)

    def _short(self, given: dict[str, Value], place: int) -> None:
        """`{{sfn|Forczyk|2008|p=12}}` → Forczyk 2008, p. 12."""
        note = self.asm.current_note
        if note is None:
            return
        words = [
            self._clean(value.start, value.end) for key, value in given.items() if key.isdigit()
        ]
        years = [word for word in words if re.fullmatch(r"\d{4}[a-z]?", word)]
        names = tuple(word for word in words if word not in years)
        page = _first(given, ("p", "pp", "page", "pages", "頁", "页", "loc"))
        pages = self._clean(page.start, page.end) if page is not None else None
        text = " & ".join(names) if len(names) < 3 else ", ".join(names)
        text = " ".join([text, *years[:1]])
        if pages:
            text += f", p. {pages}" if pages.isdigit() else f", pp. {pages}"
        self._put(text, place)
        if note.read is None:
            year = read_date(years[0][:4]) if years else None

            def read(note: Note) -> Footnote:
                return Footnote(
                    note.number, note.group, note.text, "short", note.raw_start, note.raw_end,
                    authors=names, published=year, pages=pages,
                )  # fmt: skip

            note.read = read

    def _cite(self, name: str, given: dict[str, Value], pair: Pair) -> None:
        """A citation template: the entry of the note around it, else one of the bibliography."""
        if self.asm.in_note:
            self._work(name, given, pair)
            return
        self.works += 1
        with self._noting(Use(self.works, BIBLIOGRAPHY), pair, lone=True):
            self._work(name, given, pair)

    def _work(self, name: str, given: dict[str, Value], pair: Pair) -> None:
        """Show a work's parameters in the usual order, and tell the note what they are."""
        values = {
            known: value
            for key, value in given.items()
            if (known := citation_parameter(key)) is not None
        }
        spans = {known: (value.start, value.end) for known, value in values.items()}
        show_work(self.asm, name, spans, self._range, self._clean, (pair.start, pair.end))

    # ---- tables

    def _control(self, sign: str, place: int) -> None:
        state = self.state
        table = state.table
        if sign in (BREAK, ITEM) and state.level == 0:
            self._close()
            state.kind = "list_item" if sign == ITEM else "paragraph"
        elif sign == TABLE and state.level == 0:
            self._close()
            state.shown = True
            state.level += 1
            state.muted = True
            state.table = _Table(self.asm.open_table(), state.level)
        elif table is None or table.level != state.level or sign in (BREAK, ITEM, SPACE):
            if not state.muted and (state.open or state.level):
                self.asm.space(place, place)
        elif sign == TABLE or table.nested:
            table.nested += {TABLE: 1, TABLE_END: -1}.get(sign, 0)
            if not state.muted:
                self.asm.space(place, place)
        elif sign == TABLE_END:
            self._end_table(place)
        else:
            self._end_cell(table, place)
            if sign == ROW:
                if table.row_used:
                    table.row, table.column, table.row_used = table.row + 1, 0, False
            elif sign in (CELL, HEADER, CAPTION):
                self.asm.open_block("caption" if sign == CAPTION else "table_cell")
                table.cell_start, table.sign = place, sign
                state.open, state.muted = True, False

    def _end_cell(self, table: _Table, end: int) -> None:
        state = self.state
        state.muted = True
        if table.cell_start is None:
            return
        start, table.cell_start = table.cell_start, None
        state.open = False
        block = self.asm.close_block()
        if table.sign == CAPTION:
            return
        spans = self.scan.cells.get(start, Cell(1, 1))
        while table.taken.get(table.column, 0) > table.row:
            table.column += 1
        if spans.row_span > 1:
            right = min(table.column + spans.column_span, _MOST_COLUMNS)
            for column in range(table.column, right):
                table.taken[column] = table.row + spans.row_span
        self.asm.cell(
            table.number,
            table.row,
            table.column,
            start,
            end,
            block=block,
            row_span=spans.row_span,
            column_span=spans.column_span,
            is_header=table.sign == HEADER,
        )
        table.column += spans.column_span
        table.row_used = True

    def _end_table(self, end: int) -> None:
        """End the table that is open at this level, if one is."""
        state = self.state
        if state.table is not None and state.table.level == state.level:
            self._end_cell(state.table, end)
            state.table = None
            state.level -= 1
            state.muted = False


def _parse_template(text: str) -> TemplateNode | None:
    """`text` as the one template that it is, else None."""
    try:
        nodes = mwparserfromhell.parse(text, skip_style_tags=True).nodes
    except ParserError:
        return None
    return nodes[0] if len(nodes) == 1 and isinstance(nodes[0], TemplateNode) else None


def _first(given: dict[str, Value], names: tuple[str, ...]) -> Value | None:
    return next((given[name] for name in names if name in given), None)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-−+]?[\d.,/]+", text))
