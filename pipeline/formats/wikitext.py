"""Wikitext → Document.

`wikitext_scan` masks what is no text and pairs the brackets; here the mask is walked once, from
line to line and from pair to pair, and what is prose is handed to the `Assembler` by its raw
offsets. Templates are taken apart by mwparserfromhell (`wikitext_shown`), which keeps no offsets
but is lossless: the lengths of its nodes add up to them. What a template shows is the lexicon's
business (`wikitext_templates`); one that it does not know shows nothing.

Prose is paragraphs, list items, headings, captions, table cells and the values of infoboxes.
Notes are numbered as MediaWiki's Cite does: each group by itself, in the order of the article,
a name's number at its first use. Works that stand in a bibliography as citation templates are
footnotes of the group `bibliography`, so that short notes find them.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left

from pipeline.formats.assemble import Assembler
from pipeline.formats.wiki import SCRIPT, page_url, read_target, script_digits, title_of_file
from pipeline.formats.wikitext_blocks import read_line
from pipeline.formats.wikitext_entries import read_definitions, read_note
from pipeline.formats.wikitext_files import add_bare_page, read_gallery
from pipeline.formats.wikitext_links import TRAIL, read_bare_url, read_external, read_wikilink
from pipeline.formats.wikitext_notes import MASKED, number_notes
from pipeline.formats.wikitext_page import Page, clean, close, keep, pair_at, ready
from pipeline.formats.wikitext_scan import BREAK, DROP, ITEM, SPACE, TABLE, TABLE_END, Pair, scan
from pipeline.formats.wikitext_shown import read_template
from pipeline.formats.wikitext_tables import read_control
from pipeline.records import Document, Source

# All that is not copied as it stands. LITERAL is: the raw text has the character it stands for.
_SPECIAL = re.compile(
    rf"(?P<drop>{DROP}+)|(?P<control>[{BREAK}{ITEM}{SPACE}{TABLE}-{TABLE_END}])"
    r"|(?P<quotes>'{2,})|(?P<nobreak>\u00a0)|(?P<blank>\n[ \t\r]*\n\s*)|(?P<list>\n[*#:;]+)"
    r"|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<url>(?:https?|ftp)://[!\#-;=?-Z\\^_a-z~%]++)"
    r"|(?P<left>\{{2,}|\}{2,}|\[\[|\]\]|\{\||\|\})"
)
_REDIRECT = re.compile(
    r"\s*#(?:redirect|重定向|重新導向|重新导向)\s*[:：]?\s*(?=\[\[)", re.IGNORECASE
)
# Unclosed brackets that are reported one by one: an article with more is broken anyway.
_MOST_REPORTS = 20


def parse_wikitext(source: Source, *, variant: str = "zh-hant") -> Document:
    """Read an article's wikitext. `variant` is the language variant that `-{…}-` is read in.

    The title is the source's own, else the file's name. A redirect has no prose: it is a
    `redirect` problem (a warning) and a link. Never raises on any text.
    """
    raw = source.text
    found = scan(raw, variant=variant)
    pairs = [pair for pair in found.pairs if pair.kind not in ("{|", "<table>")]
    page = Page(
        raw=raw,
        title=(source.title or title_of_file(source.path)).replace("_", " "),
        asm=Assembler(source),
        scan=found,
        mask=found.mask,
        pairs=pairs,
        starts=[pair.start for pair in pairs],
        uses=number_notes(raw, found.mask, pairs),
        range=_range,
        template=read_template,
    )
    start = 1 if raw.startswith("\ufeff") else 0
    if (match := _REDIRECT.match(page.mask, start)) is not None:
        _redirect(page, match.end())
    else:
        for begin, end in found.lines():
            read_line(page, max(begin, start), end)
        close(page)
        _report_unmatched(page)
    return page.asm.finish(title=page.title, source_url=page_url(page.title))


def _report_unmatched(page: Page) -> None:
    for kind, start, end in page.scan.unmatched[:_MOST_REPORTS]:
        page.asm.problem(
            "unclosed-markup",
            f"{kind} is opened here and nowhere closed; it was passed over.",
            cure="Close or remove it on the wiki.",
            raw_start=start,
            raw_end=end,
        )


def _redirect(page: Page, start: int) -> None:
    pair = pair_at(page, start)
    if pair is not None:
        bar = page.mask.find("|", pair.inner_start, pair.inner_end)
        name = clean(page, pair.inner_start, bar if bar >= 0 else pair.inner_end)
        add_bare_page(page, read_target(name), pair)
    page.asm.problem(
        "redirect",
        "The page is a redirect: it has no text of its own.",
        cure="Fetch the page that it leads to.",
        raw_start=start,
        raw_end=pair.end if pair else start,
    )


def _range(page: Page, start: int, end: int) -> None:
    """Read [start, end): the pairs in it one by one, and the text between them."""
    index = bisect_left(page.starts, start)
    position = start
    while index < len(page.pairs) and page.starts[index] < end:
        pair = page.pairs[index]
        index += 1
        if pair.start < position or pair.end > end or page.mask[pair.start] == DROP:
            continue
        if position < pair.start:
            _text(page, position, pair.start)
        _pair(page, pair)
        position = pair.end
        if pair.kind == "[[" and (trail := TRAIL.match(page.mask, position, end)):
            position = trail.end()
        index = bisect_left(page.starts, position, index)
    if position < end:
        _text(page, position, end)


def _text(page: Page, start: int, end: int) -> None:
    """Text that holds no pair."""
    mask = page.mask
    for match in _SPECIAL.finditer(mask, start, end):
        if start < match.start():
            keep(page, start, match.start())
        start = match.end()
        kind = match.lastgroup
        if kind == "drop":
            start = _script(page, start, end)
        elif kind == "control":
            read_control(page, match[0], match.start())
        elif kind == "quotes":
            _quotes(page, match)
        elif kind == "nobreak":
            if not page.state.muted and (page.state.open or page.state.level):
                page.asm.put(" ", *match.span())
        elif kind == "entity":
            text = html.unescape(match[0])
            if text == match[0]:
                keep(page, *match.span())
            elif ready(page):
                page.asm.put(MASKED.sub("", text), *match.span())
        elif kind == "url":
            start = read_bare_url(page, match)
        elif kind in ("blank", "list") and not page.state.muted:
            page.asm.space(match.start(), match.start())
    if start < end:
        keep(page, start, end)


def _script(page: Page, start: int, end: int) -> int:
    """After a tag: where it is `<sup>6</sup>`, put ⁶. Returns where the text goes on."""
    raw = page.raw
    if raw[start - 5 : start].lower() not in ("<sup>", "<sub>"):
        return start
    if script := SCRIPT.match(raw, start):
        if script.end() < end and page.mask.startswith(script[0], start) and ready(page):
            below = raw[start - 2] in "bB"
            page.asm.put(script_digits(script[0], below=below), *script.span())
            return script.end()
        return start
    digits = raw[start - 6 : start - 5].isdigit() and page.mask[start : start + 1].isdigit()
    if digits and raw[start - 2] in "pP" and ready(page):
        page.asm.put("^", start - 5, start)  # 2^1.5 must not be read as 21.5
    return start


def _quotes(page: Page, match: re.Match[str]) -> None:
    """Two signs are italics, three bold, five both; what is over is text (four: one and
    bold)."""
    count = len(match[0])
    over = 1 if count == 4 else max(0, count - 5)
    if over:
        keep(page, match.start(), match.start() + over)
    if count - over in (2, 5) and page.asm.in_note:
        if page.state.italic is None:
            page.state.italic = page.asm.here
        else:
            page.asm.emphasis(page.state.italic)
            page.state.italic = None


def _pair(page: Page, pair: Pair) -> None:
    if pair.kind == "[[":
        read_wikilink(page, pair)
    elif pair.kind == "{{":
        page.template(page, pair)
    elif pair.kind == "[":
        read_external(page, pair)
    elif pair.kind == "ref":
        read_note(page, pair, pair.inner_start, pair.inner_end)
    elif pair.kind == "references":
        read_definitions(page, pair.inner_start, pair.inner_end)
    elif pair.kind == "gallery":
        read_gallery(page, pair.inner_start, pair.inner_end)
