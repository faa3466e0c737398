"""Markdown that pandoc made of a wiki page, every generation of it → Document.

The reader walks the raw text once. A pass over the lines (`markdown_blocks`) finds the blocks,
a second one over each block's characters (`markdown_inline`) the links, markers and tags in it;
what is prose goes to the `Assembler`. Older converters broke some things, which are mended in
the part that meets them and in `anchors`: figures whose caption ran out of its link, galleries
that became autolinks, headings that stayed `\\====甲====`, wikitext that was left as it was.

Prose is paragraphs, list items, table cells, captions and headings. Not prose are addresses,
file names, categories, mathematics, fenced code, code in the line unless it holds Chinese
characters, and the reference list.
"""

from __future__ import annotations

import re

from pipeline.formats import markdown_scan as scan
from pipeline.formats.anchors import repair_anchors
from pipeline.formats.assemble import Assembler
from pipeline.formats.markdown_blocks import read_blocks
from pipeline.formats.markdown_entries import read_note_list
from pipeline.formats.markdown_inline import read_inline
from pipeline.formats.markdown_notes import find_notes
from pipeline.formats.markdown_page import Page
from pipeline.formats.wiki import title_of_file
from pipeline.records import Document, Source


def parse_markdown(source: Source, *, variant: str = "zh-hant") -> Document:
    """Read a converted article. `variant` says which reading of `-{zh-hans:…;zh-hant:…}-` to take.

    The title is the source's own, else the banner's, else the file's name, with spaces for `_`.
    """
    banner = scan.BANNER.match(source.text)
    start = banner.end() if banner else 0
    text, quotes = _leveled(source.text)
    regions = scan.find_regions(text)
    page = Page(
        text=text,
        asm=Assembler(source, text=text, language="zh"),
        inline=read_inline,
        variant=variant,
        language=banner["language"] if banner else "zh",
        regions={region.start: region for region in regions},
        notes=find_notes(text, start, regions),
    )
    heads = page.notes.heads
    read_blocks(page, start, heads[0].start() if heads else len(text), quotes)
    read_note_list(page)
    return page.asm.finish(
        title=_title(source, banner),
        source_url=scan.ESCAPED.sub(r"\1", banner["url"]) if banner else None,
        repair=lambda text, links: repair_anchors(source.text, text, links),
    )


def title_of(source: Source) -> str:
    """The title that `parse_markdown` gives `source`, without reading all of it."""
    return _title(source, scan.BANNER.match(source.text))


def _title(source: Source, banner: re.Match[str] | None) -> str:
    title = source.title or (scan.ESCAPED.sub(r"\1", banner["title"]).strip() if banner else "")
    return (title or title_of_file(source.path)).replace("_", " ").strip()


def _leveled(text: str) -> tuple[str, dict[int, tuple[int, int]]]:
    """The raw text, as long as it is, with spaces for what would hide a line's shape; and where
    the marks of quotations stood: a line's begin → how far it was to the first, where the last
    one ended. A quotation reads like other text."""
    quotes: dict[int, tuple[int, int]] = {}

    def unquoted(match: re.Match[str]) -> str:
        quotes[match.start()] = (match[0].index(">"), match.end())
        return " " * len(match[0])

    if ">" in text:
        text = scan.QUOTED.sub(unquoted, text)
    if "<figure>" in text:
        text = scan.FIGURE_IN_ROW.sub(lambda match: match[0].replace("\n", " "), text)
    if text.startswith("\ufeff"):
        text = " " + text[1:]
    return text, quotes
