"""One linear pass over wikitext: what is no text is masked, and brackets that have no partner.

The mask has the length of the raw text, so an offset in one is an offset in the other. In it

    DROP      stands for what vanishes: comments, `__TOC__`, `<span …>`, the unchosen variants of
              `-{…}-`, code and formulas, a bracket without its partner
    BREAK     for what ends a block (`<p>`, `</div>`), ITEM for what begins a list item (`<li>`),
    SPACE     for what parts words (`<br />`, a verse's end)
    LITERAL   for a character that is text though it looks like markup (in `<nowiki>`, `a < b`)
    TABLE     for a table's beginning; ROW, CELL, HEADER, CAPTION, TABLE_END for its parts

All are noncharacters of Unicode (U+FDD0 …), which no text holds. What is left for a parser is
templates, links, entities and the tags of notes and galleries, each with its partner and none
nested deeper than `DEEPEST`: so the parser never has to go back, and its time is linear.

Brackets pair as in MediaWiki's preprocessor (includes/parser/Preprocessor_Hash.php): innermost
first, `{{{` before `{{`. Where they cross, the closing one wins and what it cuts off is masked.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from pipeline.formats.wiki import choose_variant

DROP, BREAK, ITEM, SPACE, LITERAL = "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4"
TABLE, ROW, CELL, HEADER, CAPTION, TABLE_END = "\ufdd8\ufdd9\ufdda\ufddb\ufddc\ufddd"
CONTROLS = "\ufdd0-\ufdef"
DEEPEST = 24

# Extension tags whose inside is no wikitext, and no prose either.
_OPAQUE = {
    *("math", "chem", "ce", "pre", "source", "syntaxhighlight", "code", "timeline", "score"),
    *("graph", "hiero", "imagemap", "inputbox", "templatedata", "templatestyles", "mapframe"),
    *("maplink", "indicator", "categorytree", "charinsert", "phonos", "style", "script"),
    *("includeonly", "rss", "section"),
}
# Tags that a parser has to see, as what is inside belongs to them.
_PAIRED = {"ref", "references", "gallery"}
_BREAKING = {
    *("p", "div", "center", "blockquote", "ul", "ol", "dl", "hr", "h1", "h2", "h3", "h4", "h5"),
    *("h6", "poem", "figure", "figcaption", "aside"),
}
_CELLS = {"td": CELL, "th": HEADER, "tr": ROW, "caption": CAPTION}
_KNOWN = {
    *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "col", "colgroup", "data", "del", "dfn"),
    *("em", "font", "i", "ins", "kbd", "mark", "noinclude", "onlyinclude", "q", "rb", "rp", "rt"),
    *("rtc", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tbody"),
    *("tfoot", "thead", "time", "tt", "u", "var", "wbr", "langconvert", "translate", "tvar"),
}

_TOKEN = re.compile(
    r"""
      (?P<comment><!--)
    | <(?P<close>/?)(?P<tag>[A-Za-z][A-Za-z0-9]{0,20}+)(?P<attributes>(?:[\s/][^<>]*+)?+)>
    | (?P<open_braces>\{{2,}+)
    | (?P<braces>\}{2,}+)
    | (?P<open_link>\[\[)
    | (?P<open_url>\[(?=(?:https?:|ftps?:|mailto:|news:|ircs?:|gopher:)?//|mailto:))
    | (?P<brackets>\]++)
    | (?P<open_variant>-\{(?!\{))
    | (?P<variant>\}-)
    | (?P<newline>\n(?P<blank>[ \t\r]*+\n)?+[ \t:*\#;]*+(?P<line>\{\|(?!\})|\|\}|\|-|\|\+|[|!])?)
    | (?P<cells>\|\||!!)
    | (?P<switch>__[A-Z]{2,30}__)
    | (?P<less><)
    """,
    re.VERBOSE,
)
_LINE_START = re.compile(r"[ \t:]*+(?P<line>\{\|(?!\}))")
_ATTRIBUTE = re.compile(r"([A-Za-z-]{1,40})\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'/>|]++))")
_CELL_ATTRIBUTES = re.compile(r"[^\n|\[\]{}<>!]*+\|(?!\|)")
_NOWIKI = re.compile(r"&(?:#?\w{1,30});|[\[\]{}|<>=*#:;!'_~\n-]")
# Longer than this is no title of a page, and no word that `<code>` sets off.
_LONGEST_TITLE, _LONGEST_WORD = 1000, 200
_HAN = re.compile(r"[\u3400-\u9fff]")
_NEWLINE = re.compile("\n")
_HEADING = re.compile(r"^=", re.MULTILINE)
_OTHER_LITERALS = re.compile(f"[{CONTROLS}]")
# `<ref name=甲` and its like, cut off by an edit.
_BROKEN_TAG = re.compile(
    r"</?(?:ref|references|gallery|nowiki)\b[^\n<>\[{。，]{0,120}+>?", re.IGNORECASE
)


class Pair(NamedTuple):
    """A bracket and its partner; the range holds both. `kind` is `{{`, `{{{`, `[[`, `[`, `{|`,
    or a tag's name."""

    kind: str
    start: int
    end: int
    inner_start: int
    inner_end: int


class Cell(NamedTuple):
    row_span: int
    column_span: int


class Scan(NamedTuple):
    """`pairs` are in order of start; `cells` are by the offset of their control character;
    `unmatched` are brackets and tags without a partner: kind, start, end."""

    mask: str
    pairs: list[Pair]
    cells: dict[int, Cell]
    unmatched: list[tuple[str, int, int]]

    def lines(self) -> Iterator[tuple[int, int]]:
        """Lines of the raw text; one goes on where a newline stands inside brackets or a table."""
        start, length, index = 0, len(self.mask), 0
        # Outermost pairs only: those inside end before.
        while start <= length:
            end = self.mask.find("\n", start)
            end = length if end < 0 else end
            while index < len(self.pairs) and self.pairs[index].start < end:
                pair = self.pairs[index]
                index += 1
                if pair.end > end:
                    end = self.mask.find("\n", pair.end)
                    end = length if end < 0 else end
            yield (start, end)
            start = end + 1


class _Open(NamedTuple):
    kind: str
    start: int
    end: int


def scan(raw: str, *, variant: str) -> Scan:
    """Mask `raw`. `variant` is the language variant that `-{…}-` is read in."""
    return _Scanner(raw, variant).run()


class _Scanner:
    """The state of the one pass."""

    def __init__(self, raw: str, variant: str) -> None:
        self.raw = raw
        self.variant = variant
        # What to write over the raw text: start, end, character (the rest of it is dropped).
        self.edits: list[tuple[int, int, str]] = []
        self.stack: list[_Open] = []
        self.open_count: dict[str, int] = {}
        self.pairs: list[Pair] = []
        self.cells: dict[int, Cell] = {}
        self.unmatched: list[tuple[str, int, int]] = []
        # Tags for which no end follows any more, so that it is not looked for again.
        self.endless: set[str] = set()
        # Where the verses end that were opened last.
        self.verse_end = 0
        self.header_line = False
        self.headings: list[int] | None = None

    def run(self) -> Scan:
        raw = self.raw
        position = 0
        if (match := _LINE_START.match(raw)) is not None:
            self._table_line(match, match.end())
            position = match.end()
        while (match := _TOKEN.search(raw, position)) is not None:
            position = self._token(match)
        while self.stack:
            self._unmatched(self.stack.pop(), None)
        self.pairs.sort(key=lambda pair: (pair.start, -pair.end))
        self._cut_deep()
        for match in _OTHER_LITERALS.finditer(raw):
            self._drop(match.start(), match.end())
        self.unmatched.sort(key=lambda bracket: bracket[1])
        return Scan(self._mask(), self.pairs, self.cells, self.unmatched)

    # ---- edits

    def _drop(self, start: int, end: int) -> None:
        self.edits.append((start, end, DROP))

    def _write(self, start: int, end: int, char: str) -> None:
        self.edits.append((start, end, char))

    def _mask(self) -> str:
        """Later edits never undo earlier ones that hold them: a drop swallows what is in it."""
        self.edits.sort(key=lambda edit: (edit[0], -edit[1]))
        parts: list[str] = []
        position = 0
        for start, end, char in self.edits:
            if end <= position:
                continue
            start = max(start, position)
            parts.append(self.raw[position:start])
            if char == LITERAL:
                parts.append(LITERAL * (end - start))
            else:
                parts.append(char + DROP * (end - start - 1))
            position = end
        parts.append(self.raw[position:])
        return "".join(parts)

    # ---- tokens

    def _token(self, match: re.Match[str]) -> int:
        """Deal with one token; where to look for the next."""
        kind = match.lastgroup
        start, end = match.span()
        if match["newline"]:
            return self._newline(match)
        if match["tag"]:
            return self._tag(match)
        if kind == "open_braces":
            self._push("{{", start, end)
        elif kind == "open_link":
            self._push("[[", start, end)
        elif kind == "open_url":
            self._push("[", start, end)
        elif kind == "open_variant":
            if self.open_count.get("-{", 0) < DEEPEST:
                self._push("-{", start, end)
            else:
                self._drop(start, end)
        elif kind == "braces":
            return self._close_braces(start, end)
        elif kind == "brackets":
            self._close_brackets(start, end)
        elif kind == "variant":
            self._close_variant(start, end)
        elif kind == "cells":
            self._cells_on_line(match)
        elif kind == "comment":
            stop = self._find_end("-->", end)
            stop = len(self.raw) if stop is None else stop
            self._drop(start, stop)
            return stop
        elif kind == "switch":
            self._drop(start, end)
        elif (broken := _BROKEN_TAG.match(self.raw, start)) is not None:
            self._drop(*broken.span())
            return broken.end()
        else:
            self._write(start, end, LITERAL)
        return end

    def _push(self, kind: str, start: int, end: int) -> None:
        self.stack.append(_Open(kind, start, end))
        self.open_count[kind] = self.open_count.get(kind, 0) + 1

    def _pop(self) -> _Open:
        top = self.stack.pop()
        self.open_count[top.kind] -= 1
        return top

    def _top(self) -> str:
        return self.stack[-1].kind if self.stack else ""

    def _unmatched(self, bracket: _Open, end: int | None) -> None:
        """A bracket without a partner vanishes. A table without its end lasts to `end`, where
        something around it ends, or to the next heading."""
        if bracket.kind == "{|":
            if end is None:
                if self.headings is None:
                    self.headings = [match.start() for match in _HEADING.finditer(self.raw)]
                index = bisect_right(self.headings, bracket.end)
                end = self.headings[index] if index < len(self.headings) else len(self.raw)
                end = max(bracket.end, end - 1)
            self.pairs.append(Pair("{|", bracket.start, end, bracket.end, end))
        elif bracket.kind == "[":
            self._write(bracket.start, bracket.end, LITERAL)
            return
        else:
            self._drop(bracket.start, bracket.end)
        kind = f"<{bracket.kind}>" if bracket.kind in _PAIRED else bracket.kind
        self.unmatched.append((kind, bracket.start, bracket.end))

    def _close_to(self, kind: str, place: int) -> _Open | None:
        """The innermost open `kind`, taken off the stack with all that its end at `place` cuts."""
        if not self.open_count.get(kind):
            return None
        while (top := self._pop()).kind != kind:
            self._unmatched(top, place)
        return top

    def _close_braces(self, start: int, end: int) -> int:
        """A run of `}`: it closes three or two at a time."""
        while end - start >= 2:
            opening = self._close_to("{{", start)
            if opening is None:
                self._drop(start, end)
                return end
            size = 3 if end - start >= 3 and opening.end - opening.start >= 3 else 2
            self.pairs.append(
                Pair("{" * size, opening.end - size, start + size, opening.end, start)
            )
            if opening.end - opening.start - size >= 2:
                self._push("{{", opening.start, opening.end - size)
            elif opening.end - opening.start > size:
                self._drop(opening.start, opening.end - size)
            start += size
        # `}` left over may be the first half of `}-`.
        return start

    def _close_brackets(self, start: int, end: int) -> None:
        """A run of `]`: it closes `[[` by two and `[` by one, else it is text (or, doubled,
        the leftover of a link)."""
        while start < end:
            double = end - start >= 2
            if self._top() == "[":
                opening = self._pop()
                self.pairs.append(Pair("[", opening.start, start + 1, opening.end, start))
                start += 1
            elif double and (opening_link := self._close_to("[[", start)) is not None:
                self._link(opening_link, start)
                start += 2
            elif double:
                self._drop(start, start + 2)
                start += 2
            else:
                self._write(start, start + 1, LITERAL)
                start += 1

    def _link(self, opening: _Open, start: int) -> None:
        """A link pairs only where its title could be one; else its brackets vanish."""
        limit = min(start, opening.end + _LONGEST_TITLE)
        bar = self.raw.find("|", opening.end, limit)
        title = self.raw[opening.end : bar if bar >= 0 else limit]
        too_long = bar < 0 and limit < start
        if too_long or ("\n" in title.strip("\n") and "<!--" not in title):
            self._drop(opening.start, opening.end)
            self._drop(start, start + 2)
        else:
            self.pairs.append(Pair("[[", opening.start, start + 2, opening.end, start))

    def _close_variant(self, start: int, end: int) -> None:
        opening = self._close_to("-{", start)
        if opening is None:
            self._drop(start, end)
            return
        chosen = choose_variant(self.raw, opening.end, start, self.variant)
        if chosen is None or chosen[0] >= chosen[1]:
            self._drop(opening.start, end)
        else:
            self._drop(opening.start, chosen[0])
            self._drop(chosen[1], end)

    def _newline(self, match: re.Match[str]) -> int:
        # A link to an address ends with its line; one to a page, with its paragraph.
        while self.stack and (
            self._top() == "[" or (match["blank"] is not None and self._top() == "[[")
        ):
            self._unmatched(self._pop(), match.start())
        self.header_line = False
        if match["line"] is None:
            # Spaces that follow belong to the next line; signs of a list are the reader's.
            return match.end()
        return self._table_line(match, match.start("line"))

    # ---- tables

    def _table_line(self, match: re.Match[str], position: int) -> int:
        """The sign that a line begins with: where to go on."""
        start, end = match.span("line")
        sign = match["line"]
        line_end = self.raw.find("\n", end)
        line_end = len(self.raw) if line_end < 0 else line_end
        if sign == "{|":
            self._push("{|", start, line_end)
            self._write(start, line_end, TABLE)
            return line_end
        if self._top() != "{|":
            return end
        if sign == "|}":
            opening = self._pop()
            self.pairs.append(Pair("{|", opening.start, end, opening.end, start))
            self._write(start, end, TABLE_END)
            return end
        if sign == "|-":
            self._write(start, line_end, ROW)
            return line_end
        if sign == "|+":
            self._cell(start, end, CAPTION)
        else:
            self.header_line = sign == "!"
            self._cell(start, end, HEADER if sign == "!" else CELL)
        return end

    def _cells_on_line(self, match: re.Match[str]) -> None:
        if self._top() != "{|" or (match[0] == "!!" and not self.header_line):
            return
        self._cell(match.start(), match.end(), HEADER if self.header_line else CELL)

    def _cell(self, start: int, end: int, sign: str) -> None:
        """A cell that begins at `start`, with the attributes before its `|`."""
        attributes = _CELL_ATTRIBUTES.match(self.raw, end)
        stop = attributes.end() if attributes else end
        self._write(start, stop, sign)
        if attributes:
            self._note_cell(start, attributes[0])

    def _note_cell(self, start: int, attributes: str) -> None:
        if "span" in attributes.lower():
            values = read_attributes(attributes)
            self.cells[start] = Cell(_span(values.get("rowspan")), _span(values.get("colspan")))

    # ---- tags

    def _find_end(self, end: str, start: int) -> int | None:
        """Where `end` ends, looked for from `start`; None where there is none any more."""
        if end in self.endless:
            return None
        place = re.compile(re.escape(end), re.IGNORECASE).search(self.raw, start)
        if place is None:
            self.endless.add(end)
            return None
        return place.end()

    def _tag(self, match: re.Match[str]) -> int:
        start, end = match.span()
        name = match["tag"].lower()
        empty = match["attributes"].rstrip().endswith("/")
        if name in _OPAQUE or name == "nowiki":
            if match["close"] or empty:
                self._drop(start, end)
                return end
            return self._opaque(name, start, end)
        if name in _PAIRED:
            return self._paired(name, start, end, bool(match["close"]), empty)
        if name == "table" or name in _CELLS:
            self._html_table(match, name)
        elif name in ("li", "dd", "dt"):
            self._write(start, end, DROP if match["close"] else ITEM)
        elif name == "br":
            self._write(start, end, SPACE)
        elif name == "poem" and not match["close"] and start >= self.verse_end:
            self.verse_end = self._find_end("</poem>", end) or end
            self._write(start, end, BREAK)
            for newline in _NEWLINE.finditer(self.raw, end, self.verse_end):
                self._write(newline.start(), newline.end(), SPACE)
        elif name in _BREAKING:
            self._write(start, end, BREAK)
        elif name in _KNOWN:
            self._drop(start, end)
        else:
            self._write(start, start + 1, LITERAL)
            return start + 1
        return end

    def _opaque(self, name: str, start: int, end: int) -> int:
        stop = self._find_end(f"</{name}>", end)
        if stop is None:
            self._drop(start, end)
            return end
        if name == "code" and stop - end < _LONGEST_WORD and _HAN.search(self.raw, end, stop):
            self._drop(start, end)  # a word that is set off, no code
            return end
        if name != "nowiki":
            self._drop(start, stop)
            return stop
        close = stop - len("</nowiki>")
        self._drop(start, end)
        for sign in _NOWIKI.finditer(self.raw, end, close):
            if sign[0][0] == "&":
                continue
            self._write(sign.start(), sign.end(), SPACE if sign[0] == "\n" else LITERAL)
        self._drop(close, stop)
        return stop

    def _paired(self, name: str, start: int, end: int, close: bool, empty: bool) -> int:
        if close:
            opening = self._close_to(name, start)
            if opening is None:
                self._drop(start, end)
            else:
                self.pairs.append(Pair(name, opening.start, end, opening.end, start))
        elif empty:
            self.pairs.append(Pair(name, start, end, end, end))
        else:
            self._push(name, start, end)
        return end

    def _html_table(self, match: re.Match[str], name: str) -> None:
        start, end = match.span()
        if name == "table":
            if not match["close"]:
                self._push("<table>", start, end)
                self._write(start, end, TABLE)
            elif (opening := self._close_to("<table>", start)) is not None:
                self.pairs.append(Pair("<table>", opening.start, end, opening.end, start))
                self._write(start, end, TABLE_END)
            else:
                self._drop(start, end)
        elif match["close"] or self._top() not in ("<table>", "{|"):
            self._drop(start, end)
        else:
            self._write(start, end, _CELLS[name])
            self._note_cell(start, match["attributes"])

    # ---- depth

    def _cut_deep(self) -> None:
        """Pairs nested deeper than `DEEPEST` vanish, templates with all they hold: so the parser's
        stack is bounded."""
        kept: list[Pair] = []
        ends: list[int] = []
        for pair in self.pairs:
            while ends and ends[-1] <= pair.start:
                ends.pop()
            if len(ends) >= DEEPEST and pair.kind != "{|":
                if pair.kind[0] == "{":
                    self._drop(pair.start, pair.end)
                else:
                    self._drop(pair.start, pair.inner_start)
                    self._drop(pair.inner_end, pair.end)
                continue
            ends.append(pair.end)
            kept.append(pair)
        self.pairs = kept


def read_attributes(text: str) -> dict[str, str]:
    """The attributes of a tag or cell, names in lower case; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        found.setdefault(match[1].lower(), value.strip())
    return found


# Wider cells than this are no table that anybody drew; a bound keeps the work linear.
_MOST_SPAN = 1000


def _span(value: str | None) -> int:
    if value is None or not value.isascii() or not value.isdigit():
        return 1
    return max(1, min(int(value[:6]), _MOST_SPAN))
