"""Wikitext that the converter left as it was: templates, citations, language variants."""

from __future__ import annotations

import re

from pipeline.formats import markdown_scan as scan
from pipeline.formats.markdown_page import DEEPEST, How, Page, defer
from pipeline.formats.markdown_tables import add_cell
from pipeline.formats.wiki import choose_variant
from pipeline.formats.wikitext_templates import citation_parameter
from pipeline.formats.works import show_work


def read_variant(page: Page, at: int, end: int, how: How) -> int:
    """`-{zh-hans:甲;zh-hant:乙}-`: the reading that was asked for."""
    region = page.regions.get(at)
    if region is None or region.end > end:
        return at + 3 if page.text.startswith("-->", at) else at + 2
    chosen = choose_variant(page.text, region.inner_start, region.inner_end, page.variant)
    if chosen and how.depth < DEEPEST:
        page.inline(page, *chosen, How(how.depth + 1, flat=how.flat, is_html=how.is_html))
    return region.end


def read_template(page: Page, at: int, end: int, how: How) -> int:
    """A template that the converter left: its text in the line, or its fields as a table."""
    region = page.regions.get(at)
    if region is None or region.end > end or how.depth >= DEEPEST:
        if not page.asm.in_note and (broken := scan.BROKEN_CITE.match(page.text, at, end)):
            return _broken_citation(page, broken)
        return scan.run_end(page.text, at, end)
    name, parameters = scan.read_template(page.text, region)
    if name.startswith("#") or not parameters:
        return region.end
    named = [parameter for parameter in parameters if parameter.key]
    if scan.CITE.match(name):
        _citation(page, name, parameters, region, how)
    elif named and not page.asm.in_note:
        defer(page, lambda: _fields(page, parameters))
    else:
        positional = [parameter for parameter in parameters if not parameter.key]
        chosen = positional or named
        shown = chosen[-1] if scan.LAST_SHOWN.match(name) else chosen[0]
        page.inline(page, shown.start, shown.end, How(how.depth + 1, flat=True))
    return region.end


def _citation(
    page: Page, name: str, parameters: list[scan.Parameter], region: scan.Region, how: How
) -> None:
    """A `{{cite …}}` that was left: its values in a footnote, else a link with its title."""
    text, asm = page.text, page.asm
    values = {parameter.key: parameter for parameter in parameters}
    url, title = values.get("url"), values.get("title") or values.get("script-title")
    address = scan.first_address(text[url.start : url.end]) if url else None
    if not asm.in_note:
        anchor = text[title.start : title.end].strip() if title else ""
        asm.bare_link("external", anchor, target=None, url=address, raw_start=region.start, raw_end=region.end)  # fmt: skip
        return
    spans = {
        known: (value.start, value.end)
        for key, value in values.items()
        if text[value.start : value.end].strip() and (known := citation_parameter(key)) is not None
    }

    def keep(start: int, end: int) -> None:
        page.inline(page, start, end, How(how.depth + 1))

    def clean(start: int, end: int) -> str:
        return scan.first_address(text[start:end]) or ""

    show_work(asm, name, spans, keep, clean, (region.start, region.end))
    for parameter in parameters:  # a quotation, a remark
        begin, end = parameter.start, parameter.end
        if (
            citation_parameter(parameter.key) is None
            and parameter.key != "language"
            and scan.HAN.search(text, begin, end)
        ):
            asm.space(begin, begin)
            keep(begin, end)


def _broken_citation(page: Page, cite: re.Match[str]) -> int:
    """A `{{cite …}` that lost its end: no prose, but the link that it makes."""
    values = dict(scan.BROKEN_VALUE.findall(cite["values"]))
    title = scan.LINK_END.sub("", values.get("title", ""))
    url = scan.first_address(values.get("url", ""))
    if title or url:
        page.asm.bare_link("external", " ".join(title.split()), target=None, url=url, raw_start=cite.start(), raw_end=cite.end())  # fmt: skip
    return cite.end()


def _fields(page: Page, parameters: list[scan.Parameter]) -> None:
    """An information box that was left: a table with a row for each field."""
    table = page.asm.open_table()
    for row, parameter in enumerate(parameters):
        if parameter.key_start < parameter.key_end:
            add_cell(page, table, row, 0, parameter.key_start, parameter.key_end, True)
        add_cell(page, table, row, 1, parameter.start, parameter.end, False)
