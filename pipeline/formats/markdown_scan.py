"""The shapes of Markdown as pandoc writes it: patterns, regions and small scanners.

A region is a stretch that belongs together whatever the lines in it look like: a comment, a
table, a template, a pair of tags. The scanners look at raw text alone and keep nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import east_asian_width

import mwparserfromhell

from pipeline.formats.wiki import CATEGORY_WORDS, FILE_WORDS, arguments

# ---- the shapes of lines

LINE = re.compile(
    r"""[ \t]*+(?:
      (?P<blank>(?=\r?\n|\Z))
    | (?P<fence>`{3,}+|~{3,}+)
    | (?P<heading>\#{1,6}+)(?=[ \t\r\n]|\Z)
    | (?P<underline>={2,}+|-{3,}+)(?=[ \t]*+\r?(?:\n|\Z))
    | (?P<rule>(?:\*[ \t]*+){3,}+|(?:-[ \t]*+){3,}+|(?:_[ \t]*+){3,}+)(?=\r?\n|\Z)
    | (?P<wikiheading>\\?={2,6}+)(?=[^=\r\n])
    | (?P<div>:{3,}+[ \t]*+(?:\{[^{}\n]*+\}|[\w.-]++)?[ \t]*+:*+)(?=[ \t]*+\r?(?:\n|\Z))
    | (?P<row>\|)
    | (?P<item>[-*+]|\d{1,9}[.)])(?=[ \t\r\n]|\Z)
    | (?P<definition>:)(?=[ \t])
    | (?P<note>\[\^[^\]\s]{1,80}+\]:)
    )?""",
    re.VERBOSE,
)
QUOTED = re.compile(r"^(?:[ \t]*+>)++", re.MULTILINE)
TABLE_RULE = re.compile(
    r"[ \t]*+\|?[ \t]*+:?-+:?[ \t]*+(?:\|[ \t]*+:?-*+:?[ \t]*+)*+\r?$", re.MULTILINE
)
ROW = re.compile(r"[ \t]*+\|")
ROW_PART = re.compile(r"\\.|\|")
HAN = re.compile(
    r"[\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]"
)

# ---- the shapes of what stands in a line

# Each way begins with one literal, so that the search for them is a plain scan.
SPECIAL = re.compile(
    r"\\|\[|\n|\*|<|&|`|!\[|\]\]|\{\{|\}\}|-\{|-->|''|http|ftp:|\$|_|~|\^|ⓦ|\u00a0"
)
DESTINATION = (
    r"\([ \t]*+(?P<url><[^<>\n]*+>|(?:[^()\\\s]|\\.|\((?:[^()\\\s]|\\.)*+\))*+)"
    r"(?:\s++(?:\"(?P<title>(?:[^\"\\]|\\.)*+)\"|'(?:[^'\\]|\\.)*+'))?+\s*+\)"
)
LINK = re.compile(rf"\[(?P<anchor>(?:[^\[\]\\]|\\.)*+)\]{DESTINATION}", re.DOTALL)
LINK_TAIL = re.compile(DESTINATION, re.DOTALL)
BRACKET = re.compile(r"\\.|[\[\]]", re.DOTALL)
MARKER = re.compile(
    r"\\\[(?P<escaped>\d{1,4})\\\]|\[(?P<plain>\d{1,4})\](?!\()|\[\^(?P<label>[^\]\s]{1,80})\]"
)
NAMESPACED = rf"(?:{'|'.join(FILE_WORDS)}|file|image)"
LEFT_LINK = re.compile(
    r"\\\[\\\[(?P<target>[^\[\]|\\\n]{1,255}+)(?:\\?\|(?P<anchor>(?:[^\[\]\\]|\\[^\[\]])*+))?\\\]\\\]"
)
ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
URL = re.compile(r"(?:https?://|ftp://)[!#-;=?-Z\\^_a-z|~%]++")
URL_TAIL = re.compile(r"[.,;:!?'\\|)]++$")
AUTOLINK = re.compile(r"<((?:https?|ftp|mailto|news|irc)[:][^<>\s]*+)>")
TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*+)(?P<rest>(?:\s[^<>]*+)?+)/?>")
ATTRIBUTE = re.compile(r"([A-Za-z][\w:-]*+)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>/]++))")
MATH = re.compile(r"\$\$(?P<block>[^$]{1,4000}+)\$\$|\$(?P<line>[^$\n]{1,1000}+)\$(?!\d)")
ESCAPED_MATH = re.compile(r"\\\\?\((?P<line>[^\n]+?)\\\\?\)|\\\\?\[(?P<block>[^\[\]]+?)\\\\?\]")
LONGEST_MATH = 400
TEX = re.compile(r"\\[A-Za-z]+|[\^_{}=]|^[A-Za-z]$")
# `{#id .class width="250"}` after a link, an image or a bracketed span.
ATTRIBUTES = re.compile(
    r"\{(?:\s*+(?:[#.][\w:.-]++|[A-Za-z][\w:-]*+=(?:\"[^\"{}]*+\"|'[^'{}]*+'|[^\s\"'{}]++)))++\s*+\}"
)
FIGCAPTION = re.compile(r"\s*+<figcaption\b[^<>]*+>(?P<said>.*?)</figcaption\s*+>", re.DOTALL)
RAW_ATTRIBUTE = re.compile(r"\{=[a-z]++\}")
UNDERSCORED = re.compile(
    r"(?<![\w\\])(_{1,3})(?=[^\s_])(?:[^_\n\\]|\\.|(?<=\w)_(?=\w)){1,500}?(?<=[^\s_])\1(?!\w)"
)
# `__NOTOC__` and its like, which tell the wiki how to set the page.
SWITCH = re.compile(r"(?:\\?_){2}[A-Z]{2,30}(?:\\?_){2}(?!\w)")
# Italics that were left: in seconds and inches the sign follows a digit.
QUOTES = re.compile(r"(?<![\d'])''(?=[^'\s])[^'\n]{1,200}+''(?!')")
# `[http://a.b]甲` and `http://a.b，甲` as converters before pandoc 2.10 read them: an address ends at
# a space or a sign that no address has, and what follows is text.
SWALLOWER = re.compile(r"(https?://[!#-;=?-Z^_a-z~%]++)(?:\\\]|(?=[\u3000-\u303f\uff01-\uff20]))")
BRACKETED_ADDRESS = re.compile(r"\\\[(?=\[https?://[!#-;=?-Z^_a-z~%]++\\\])")
COUNTED = re.compile(r"[0-9]{1,3}")
RAISED = re.compile(r"\^(?:[^\s^\[\]\\]|\\[^\s^]){1,60}+\^")
LOWERED = re.compile(r"(?<=[A-Za-z)])~(?P<said>\d{1,3})~")
ITALIC_WIDTHS = (1, 3)

# Text spans that may run over several lines and belong together whatever the lines look like.
PAIRED = "ref|math|chem|ce|gallery|pre|source|syntaxhighlight|timeline|score|imagemap|nowiki|references|hiero|style|script|code|section"
SPAN = re.compile(
    rf"<!--|-->|(?i:<(?P<close>/?)(?P<name>table|{PAIRED})(?=[\s>/])[^<>]*+>)|\{{\{{|\}}\}}|-\{{|\}}-"
)
# What stands in these is no prose.
SILENT = frozenset(
    ("math", "chem", "ce", "pre", "source", "syntaxhighlight", "timeline", "score", "imagemap",
     "hiero", "style", "script")
)  # fmt: skip
BREAKING = frozenset(
    ("p", "div", "center", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li",
     "dl", "dt", "dd", "poem", "section", "figure", "figcaption", "table", "thead", "tbody",
     "tfoot", "tr", "td", "th", "caption")
)  # fmt: skip
ITEM_TAGS = frozenset(("li", "dt", "dd"))
KNOWN_TAGS = SILENT | BREAKING | frozenset(
    ("br", "hr", "wbr", "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em",
     "font", "i", "img", "ins", "kbd", "mark", "nowiki", "q", "rb", "rp", "rt", "rtc", "ruby", "s",
     "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "ref",
     "references", "gallery", "noinclude", "includeonly", "onlyinclude", "templatestyles",
     "indicator", "time", "data", "input", "col", "colgroup")
)  # fmt: skip

# ---- figures and galleries

EXTENSION = r"\.(?:jpe?g|png|svg|gif|tiff?|webp|bmp|xcf|djvu|pdf|og[gvax]|webm|mp[34]|mpe?g|wav|flac|midi?|stl)"
_GALLERY = (
    rf"(?<!\S)(?:<(?P<angle>{NAMESPACED}:[^<>\n]{{1,240}}+)>"
    rf"|\[(?P<anchor>{NAMESPACED}:(?:[^\[\]\\]|\\.)*+)\]\({NAMESPACED}:[^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+\)"
    rf"|(?P<plain>{NAMESPACED}:[^|<>\[\]\n]{{1,240}}?(?i:{EXTENSION})(?=[\s|\\]|$))"
)
GALLERY = re.compile(rf"{_GALLERY}|(?P<bare>(?!)))")
# Entries may lack the namespace; then the sign tells them that parts a name from its caption.
FILE_BAR = re.compile(rf"(?i:{EXTENSION})[ \t]*+\\?\|(?![.\s])")
BARE_GALLERY = re.compile(
    rf"{_GALLERY}|(?P<bare>(?:(?<![^\n])(?:[^|<>\[\]\\\n]|\\[^|\n]){{1,240}}?"
    rf"|(?:[^|<>\[\]\\\s]|\\[^|\s]){{1,200}}?)(?i:{EXTENSION})(?=[ \t]*+\\?\|(?![.\s]))))"
)
# `[[File:甲.jpg|thumb|說明` whose caption holds a list, so that its end stands in another block.
LEFT_FIGURE = re.compile(
    rf"\\\[\\\[(?:\[(?P<name>{NAMESPACED}:[^\[\]|\\]++)[^\[\]]*+\]\({NAMESPACED}:[^()\s]*+\)"
    rf"|<(?P<angle>{NAMESPACED}:[^<>%\n]++)(?:%7C[^<>\n]*+)?>)\\?\|"
)
# An image in a pipe table's cell, which pandoc 2.17 spreads over lines.
FIGURE_IN_ROW = re.compile(
    r"^[ \t]*+\|[^\n]*?<figure>[ \t]*+\n(?:[^\n]*+\n){0,3}?[^\n]*?</figure>", re.MULTILINE
)
GALLERY_TAG = re.compile(r"<gallery\b", re.IGNORECASE)
GALLERY_BAR = re.compile(
    r"\\?\|[ \t]*+(?:(?:thumb|left|right|center|none|\d{1,4}px|(?:alt|link)=[^|]*+)[ \t]*+\\?\|[ \t]*+)*+"
)
BAR = re.compile(r"\\?\|")
NAME_END = re.compile(rf"(?i:{EXTENSION})(?=[\s|\\]|$)")

# ---- what an article is framed by

PAGE_FILE = re.compile(
    r"(?:\.\./)+(?P<folder>[A-Za-z]+)/(?P<title>.+?)(?:\.md)?(?P<fragment>#.*)?$"
)
WIKI_URL = re.compile(
    r"(?:https?:)?//(?P<language>[a-z-]+)\.(?:m\.)?wikipedia\.org/(?:wiki|zh(?:-[a-z]+)?)/(?P<title>[^?]+)$"
)
BANNER = re.compile(
    r"[\s\ufeff]*+>[ \t]*+[^\[\]\n]{1,20}\[(?P<title>(?:[^\[\]\\]|\\.)++)\]"
    r"\((?P<url>https?://(?P<language>[a-z-]+)\.[a-z]+\.org/wiki/(?:[^()\\\s]|\\.|\((?:[^()\\\s]|\\.)*+\))++)\)"
    r"[^\[\]\n]{0,30}(?:\n|$)"
)
HEADING_ATTRIBUTES = re.compile(r"(?<=\S)\s*+\{[#.][^{}\n]*+\}$")
CATEGORY_LINE = re.compile(
    rf"^[ \t]*\[[^\[\]\n]*+\]\((?:[^\s()]*/)?(?:{'|'.join(CATEGORY_WORDS)})[:/]", re.MULTILINE
)
# Before the head of a note's entry; it begins with the newline, so that the search is a plain scan.
NUMBERED_LINE = re.compile(r"\n(?=[\d\[\\])")
NUMBERED = re.compile(r"^(?P<number>\d{1,9})\.(?=[ \t\r\n]|\Z)", re.MULTILINE)
BRACKETED = re.compile(r"^\\?\[(?P<number>\d{1,4})\\?\](?=[ \t\r\n]|\Z)", re.MULTILINE)
# A paragraph of its own: after a blank line, and not indented.
LOOSE_LINE = re.compile(r"\n[ \t\r]*+\n(?=[^\s\d\[\\])")
SECTION_NOTE = re.compile(r"<li\b[^<>]*?\bid=[\"']fn(?P<number>\d{1,4})[\"'][^<>]*+>")
NOTE_ADDRESS = re.compile(r"#fn(\d{1,4})")
HEADING = re.compile(r"^#{1,6}[ \t]", re.MULTILINE)
DEFINITION = re.compile(r"^[ \t]{0,3}\[\^(?P<label>[^\]\s]{1,80})\]:", re.MULTILINE)
REF_NAME = re.compile(r"\bname\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'/>]+))")
REF_GROUP = re.compile(r"\bgroup\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'/>]+))")

# ---- addresses, tags and templates

SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?=\S)")
NAMED = re.compile(rf"(?:{NAMESPACED}|{'|'.join(CATEGORY_WORDS)}):")
WHITE = re.compile(r"\s++")
ESCAPED_STARS = re.compile(r"(?:\\\*)++")
LEFT_WIKILINK = re.compile(
    r"\[\[(?P<target>[^\[\]|\n]{1,255}+)(?:\|(?P<anchor>[^\[\]]{0,2000}+))?\]\]"
)
END_OF_A = re.compile(r"</a\s*+>", re.IGNORECASE)
TABLE_TAG = re.compile(
    r"<(?P<close>/?)(?i:(?P<name>tr|td|th|caption|thead|tbody|tfoot))(?P<rest>(?:\s[^<>]*+)?+)/?>"
    r"|<(?:!--|(?i:table|math|pre|source|syntaxhighlight|nowiki|code|gallery|timeline)\b)"
)
CITE = re.compile(r"(?:cite|citation|引用|引文|harvnb|sfn)\b", re.IGNORECASE)
# Pandoc's caption of a table, before or after it, to the next blank line. A definition, which
# pandoc sets three spaces off its colon, is none.
TABLE_CAPTION = re.compile(
    r"(?:[ \t]*+\r?\n){0,2}+[ ]{0,4}+(?:[Tt]able:[ \t]*+|:[ ])(?P<said>[^\s]"
    r"[^\n]*+(?:\n(?![ \t]*+\r?(?:\n|\Z))[^\n]++)*+)(?:\n|\Z)"
)
# An item's mark at the begin of a line in a cell, and a break at the end of one.
LIST_MARK = re.compile(r"[ \t]*+(?:[-*+]|\d{1,3}[.)]|#\.)[ \t]{1,3}(?=\S)")
BREAK_MARK = re.compile(r"(?<!\\)\\(?=[ \t]*+\Z)")
BLANK_LINES = re.compile(r"(?:[ \t]*+\r?\n)++")
# What two ways of writing one text have in common is what this leaves.
NO_WORDS = re.compile(r"<[^<>]*+>|\]\([^()\s]*+(?:\s++\"[^\"]*+\")?\)|[\W_]++")
# A citation that lost an end brace goes to the first one, or as far as its block; a link that
# pandoc made of its address has taken the next parameter with it.
BROKEN_CITE = re.compile(
    r"\{\{\s*+(?:cite|citation|引用|引文)\b[^|{}]{0,40}+(?P<values>\|[^{}]*+)\}*+", re.IGNORECASE
)
BROKEN_VALUE = re.compile(r"\|\s*+([a-z-]{1,20}+)\s*+=([^|]*+)")
LINK_END = re.compile(r"\]\([^()\s]*+\)")
# Templates whose last parameter is what the reader sees.
LAST_SHOWN = re.compile(
    r"(?:lang|rtl-lang|transl?|tsl|translink|color|font color|link-..|ill)\b", re.IGNORECASE
)
# A template that is longer is something else, or hostile.
TEMPLATE_LIMIT = 20_000
# Columns or rows that one cell may span; a bound keeps hostile tables cheap.
WIDEST = 200


class Region(NamedTuple):
    """A stretch of raw text that belongs together; `kind` is a tag's name or `{{`, `-{`, `<!--`."""

    start: int
    end: int
    kind: str
    inner_start: int
    inner_end: int


class Parameter(NamedTuple):
    """A template's parameter: its key (empty where it goes by position) and where both stand."""

    key: str
    key_start: int
    key_end: int
    start: int
    end: int


def find_regions(text: str) -> list[Region]:
    """Comments, tables, paired tags, templates and variants, with what they enclose.

    A region that is never closed is none, and neither is one that holds a heading or a note's
    definition: its end belongs to something else.
    """
    regions: list[Region] = []
    if "<" not in text and "{" not in text:
        return regions
    # Looked at for templates and variants alone.
    barriers = [m.start() for m in BARRIER.finditer(text)] if "{{" in text or "-{" in text else []
    open_at: dict[str, list[tuple[int, int]]] = {}
    skip_to = 0
    last_comment_end = text.rfind("-->")  # looked for once: comments may be open by the thousand

    def close(kind: str, start: int, end: int) -> None:
        stack = open_at.get(kind)
        if not stack:
            return
        begin, inner = stack.pop()
        if kind in ("{{", "-{") and bisect_left(barriers, begin) != bisect_left(barriers, start):
            return
        regions.append(Region(begin, end, kind, inner, start))

    for match in SPAN.finditer(text):
        start, end = match.span()
        if start < skip_to:
            continue
        sign = match[0]
        if sign == "<!--":
            stop = text.find("-->", end) if end <= last_comment_end else -1
            if stop < 0:
                continue
            skip_to = stop + 3
            regions.append(Region(start, skip_to, "<!--", end, stop))
        elif sign == "{{" or sign == "-{":
            open_at.setdefault(sign, []).append((start, end))
        elif sign == "}}":
            close("{{", start, end)
        elif sign == "}-":
            close("-{", start, end)
        elif match["name"]:
            name = match["name"].lower()
            if match["close"]:
                close(name, start, end)
            elif not sign.endswith("/>"):
                stack = open_at.setdefault(name, [])
                if name != "table":
                    stack.clear()
                stack.append((start, end))
    regions.sort()
    return regions


BARRIER = re.compile(
    r"^(?:#{1,6}[ \t]|\[\^[^\]\s]{1,80}\]:|\d{1,9}\.[ \t]{2,}|\[Category:)", re.MULTILINE
)


def read_template(text: str, region: Region) -> tuple[str, list[Parameter]]:
    """The name and the parameters of a template, with their places in `text`."""
    inside = text[region.inner_start : region.inner_end]
    if "|" not in inside or len(inside) > TEMPLATE_LIMIT:
        return inside.strip()[:1], []
    nodes = mwparserfromhell.parse(text[region.start : region.end]).nodes
    if len(nodes) != 1 or not isinstance(nodes[0], mwparserfromhell.nodes.Template):
        return "", []
    template = nodes[0]
    found = [
        Parameter(given.name.strip().lower() if given.is_named else "", *given[2:])
        for given in arguments(template, region.start)
    ]
    return str(template.name).strip(), found


def with_ends(heads: list[re.Match[str]], end: int) -> Iterator[tuple[re.Match[str], int]]:
    """Each entry's head and where the entry ends: at the next head, the last one at `end`."""
    return zip(heads, [*(head.start() for head in heads[1:]), end], strict=False)


def gaps(numbers: list[int]) -> tuple[int, ...]:
    """The numbers that a list lacks from 1 to its greatest; none where it lacks more than it has."""
    missing = max(numbers, default=0) - len(set(numbers))
    if not 0 < missing <= len(numbers):
        return ()
    return tuple(sorted(set(range(1, max(numbers) + 1)) - set(numbers)))


def first_address(text: str) -> str | None:
    match = re.search(r"https?://[^\s|\]()<>]++", text)
    return match[0] if match else None


def attributes(text: str) -> dict[str, str]:
    return {
        match[1].lower(): next(value for value in match.groups()[1:] if value is not None)
        for match in ATTRIBUTE.finditer(text)
    }


# What is left of a list that the converter did not read: `:\\* 甲`.
LEFT_ITEM = re.compile(r":(?:\\?[*#:;])*+[ \t]*+(?=[^\s:])")
_DEFINED = re.compile(r"[^\n]*+\n?")
_FIRST_WORD = re.compile(r"[ \t]*+([^\s]{1,80})")
# Pandoc wraps lines at so many columns.
_WRAP_WIDTH = 72


def definitions(
    text: str, start: int, end: int, *, after_such: bool = False
) -> list[tuple[int, int]]:
    """A term and what defines it, where pandoc set them as one item of a list.

        - 甲␣␣          the term that begins at `start`, maybe empty; a break
          乙            a definition a line
          丙 is long
          and wrapped

    Nothing where there are not two definitions, as a break and one more line may be anything; one
    does `after_such` an item. The item ends at a blank line, or one that begins something else.
    """
    stop = text.find("\n", start, end) + 1
    if not stop or not text.endswith("  ", start, stop - 1):
        return []
    found = [(start, stop)]
    last = text.rfind("\n", 0, start) + 1
    while stop < end:
        line = LINE.match(text, stop, end)
        if line is None or line.lastgroup:
            break
        after = _DEFINED.match(text, stop, end)
        assert after is not None
        goes_on = len(found) > 1 and (
            text.endswith("  ", last, stop - 1) or _is_wrapped(text, last, stop, end)
        )
        found[-1:] = [(found[-1][0], after.end())] if goes_on else [found[-1], after.span()]
        last, stop = stop, after.end()
    return found if len(found) > (1 if after_such else 2) else []


def _is_wrapped(text: str, start: int, stop: int, end: int) -> bool:
    """Whether the line [start, stop) may be one that went on: it had no room for the next word."""
    word = _FIRST_WORD.match(text, stop, end)
    shown = text[start : stop - 1][: 2 * _WRAP_WIDTH] + " " + (word[1] if word else "")
    return sum(1 + (east_asian_width(sign) in "WF") for sign in shown) > _WRAP_WIDTH


def span_of(value: str | None) -> int:
    """A cell's span, within what a page can show."""
    digits = (value or "")[:4]
    return min(max(int(digits), 1), WIDEST) if digits.isascii() and digits.isdigit() else 1


def ref_key(attributes: str) -> tuple[str, str]:
    """The (group, name) that a `<ref …>` tag bears."""
    group, name = REF_GROUP.search(attributes), REF_NAME.search(attributes)
    return tuple(  # type: ignore[return-value]
        next(value for value in match.groups() if value is not None).strip() if match else ""
        for match in (group, name)
    )


def is_tex(text: str) -> bool:
    return bool(TEX.search(text)) and not HAN.search(text)


def skip(text: str, start: int, end: int) -> int:
    """The first place from `start` on that holds no white space."""
    match = WHITE.match(text, start, end)
    return match.end() if match else start


def run_end(text: str, start: int, end: int) -> int:
    """Where the run of the sign at `start` ends."""
    sign = text[start]
    stop = start
    while stop < end and text[stop] == sign:
        stop += 1
    return stop
