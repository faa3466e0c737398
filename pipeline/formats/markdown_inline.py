"""The prose of a stretch: what stands in it by its first sign, and the text between.

Each way begins with one of the signs of `markdown_scan.SPECIAL`. What reads it tells where the
text goes on, or None where the sign is text like any other.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from pipeline.formats import markdown_scan as scan
from pipeline.formats.markdown_files import read_left_figure
from pipeline.formats.markdown_leftovers import read_template, read_variant
from pipeline.formats.markdown_links import (
    read_bare_address,
    read_bracket,
    read_escaped_marker,
    read_image,
    read_left_link,
)
from pipeline.formats.markdown_page import DEEPEST, PLAIN, How, Page
from pipeline.formats.markdown_tags import read_angle
from pipeline.formats.wiki import SIGNED, script_digits


def read_inline(page: Page, start: int, end: int, how: How = PLAIN, /) -> None:
    """Read the prose of raw [start, end) into the open block."""
    text, asm = page.text, page.asm
    if not how.flat and (how.in_anchor or asm.in_note):
        how = how._replace(flat=True)
    run = position = start
    italic: int | None = None
    while special := scan.SPECIAL.search(text, position, end):
        at = special.start()
        if run < at:
            asm.keep(run, at)
            run = at
        sign = text[at]
        after: int | None
        if sign == "*":
            after = scan.run_end(text, at, end)
            if how.is_html and after == at + 1:
                after = None
            elif after - at in scan.ITALIC_WIDTHS:
                if italic is not None:
                    asm.emphasis(italic)
                italic = asm.here if italic is None else None
        elif (read := _READERS.get(sign)) is not None:
            after = read(page, at, end, how)
        else:  # ]] or }}: what is left of wikitext
            after = scan.run_end(text, at, end)
        if after is None:
            position = special.end()
        elif sign == "\\" and after == at + 1:  # the sign after it is text
            run, position = after, after + 1
        else:
            if sign in "[!" and (attributes := scan.ATTRIBUTES.match(text, after, end)):
                after = attributes.end()
            run = position = min(after, end)
    if run < end:
        asm.keep(run, end)


def _newline(page: Page, at: int, end: int, how: How) -> int:
    """A line's end joins lines, but two spaces before it or a blank line after it part them."""
    text = page.text
    match = scan.WHITE.match(text, at, end)
    after = match.end() if match else at + 1
    before = at - 1 if text[at - 1 : at] == "\r" else at
    if text[before - 2 : before] == "  " or text.count("\n", at, after) > 1:
        page.asm.space(at, after)
    else:
        page.asm.keep(at, after)
    return after


def _backslash(page: Page, at: int, end: int, how: How) -> int | None:
    """An escape. Returns `at + 1` where the next sign is meant as text."""
    text, asm = page.text, page.asm
    following = text[at + 1 : at + 2]
    if following == "[":
        if figure := scan.LEFT_FIGURE.match(text, at, end):
            return read_left_figure(page, figure, end)
        if marker := scan.MARKER.match(text, at, end):
            if (after := read_escaped_marker(page, marker)) is not None:
                return after
        elif link := scan.LEFT_LINK.match(text, at, end):
            return read_left_link(page, link, how)
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
    if following == "-" and at + 1 in page.regions:
        return read_variant(page, at + 1, end, how)
    if following == "[" and scan.BRACKETED_ADDRESS.match(text, at, end):
        return at + 2  # its end went into the address
    if following == "_" and (switch := scan.SWITCH.match(text, at, end)):
        return switch.end()
    if following in ("\n", "\r"):
        asm.space(at, at + 1)
        return at + 1
    return at + 1 if at + 1 < end and scan.ESCAPED.match(text, at, end) else None


def _code(page: Page, at: int, end: int, how: How) -> int | None:
    """Code in the line: left out, unless it holds Chinese characters or is a link's text."""
    text, asm = page.text, page.asm
    width = scan.run_end(text, at, end) - at
    start = at + width
    known = page.no_code.get(width)
    if known is not None and known >= end:
        return start
    match = re.compile(rf"(?<!`)`{{{width}}}(?!`)").search(text, start, end) if width < 9 else None
    if match is None:
        page.no_code[width] = end
        return start
    stop, after = match.span()
    raw = scan.RAW_ATTRIBUTE.match(text, after, end)
    if raw:  # wikitext that pandoc could not read
        if how.depth < DEEPEST:
            page.inline(page, start, stop, How(how.depth + 1, flat=how.flat))
        return raw.end()
    if how.in_anchor or scan.HAN.search(text, start, stop):
        asm.keep(start, stop)
    return after


def _dollar(page: Page, at: int, end: int, how: How) -> int | None:
    """`$x^2$` is left out; `$6,000` is money."""
    math = scan.MATH.match(page.text, at, end)
    if math and scan.is_tex((math["line"] or math["block"]).strip()):
        return math.end()
    return None


def _underscore(page: Page, at: int, end: int, how: How) -> int | None:
    """`_甲_` is emphasis where the signs stand at words' edges; else they are text."""
    if at in page.closing_underscores:
        return at + page.closing_underscores.pop(at)
    if switch := scan.SWITCH.match(page.text, at, end):
        return switch.end()
    match = scan.UNDERSCORED.match(page.text, at, end)
    if match is None:
        return None
    width = len(match[1])
    page.closing_underscores[match.end() - width] = width
    return at + width


def _quotes(page: Page, at: int, end: int, how: How) -> int | None:
    """`''甲''` and `'''乙'''` are emphasis that was left; two signs alone are text."""
    after = scan.run_end(page.text, at, end)
    if after - at > 2:
        return after
    if at in page.closing_quotes:
        page.closing_quotes.discard(at)
        return after
    match = scan.QUOTES.match(page.text, at, end)
    if match is None:  # nobody closed them: no seconds where a Chinese word begins
        begins = at == 0 or not page.text[at - 1].isdigit()
        return after if begins and scan.HAN.match(page.text, after, end) else None
    page.closing_quotes.add(match.end() - 2)
    return after


def _caret(page: Page, at: int, end: int, how: How) -> int | None:
    """`10^6^` is a superscript: 10⁶; where it is no number the signs alone go."""
    if at in page.closing_carets:
        page.closing_carets.discard(at)
        return at + 1
    match = scan.RAISED.match(page.text, at, end)
    if match is None:
        return None
    inside = (match.start() + 1, match.end() - 1)
    if SIGNED.fullmatch(page.text, *inside):
        page.asm.put(script_digits(page.text[inside[0] : inside[1]]), *inside)
        return match.end()
    page.closing_carets.add(match.end() - 1)
    return at + 1


def _tilde(page: Page, at: int, end: int, how: How) -> int | None:
    """`H~2~O` is a subscript: H₂O; two signs and more strike text out."""
    if match := scan.LOWERED.match(page.text, at, end):
        page.asm.put(script_digits(match["said"], below=True), *match.span("said"))
        return match.end()
    after = scan.run_end(page.text, at, end)
    return after if after > at + 1 else None


def _entity(page: Page, at: int, end: int, how: How) -> int | None:
    entity = scan.ENTITY.match(page.text, at, end)
    if entity is None:
        return None
    page.asm.put(html.unescape(entity[0]), at, entity.end())
    return entity.end()


def _no_break_space(page: Page, at: int, end: int, how: How) -> int:
    page.asm.put(" ", at, at + 1)
    return at + 1


def _other_wiki(page: Page, at: int, end: int, how: How) -> int | None:
    """The sign after a link that leads to another language's article."""
    return at + 1 if how.in_anchor or page.text[at - 1 : at] in (")", "]") else None


# By the first sign of what they read; a run of `*` may be italics, which go on.
_READERS: dict[str, Callable[[Page, int, int, How], int | None]] = {
    "[": read_bracket,
    "\\": _backslash,
    "\n": _newline,
    "<": read_angle,
    "&": _entity,
    "`": _code,
    "!": read_image,
    "{": read_template,
    "-": read_variant,
    "$": _dollar,
    "h": read_bare_address,
    "f": read_bare_address,
    "_": _underscore,
    "^": _caret,
    "~": _tilde,
    "'": _quotes,
    "\u00a0": _no_break_space,
    "ⓦ": _other_wiki,
}
