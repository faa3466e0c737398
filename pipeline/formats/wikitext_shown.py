"""What a template shows: the lexicon (`wikitext_templates`) tells how it is read."""

from __future__ import annotations

import re
from bisect import bisect_left

import mwparserfromhell
from mwparserfromhell.nodes import Template as TemplateNode
from mwparserfromhell.parser import ParserError

from pipeline.formats.wiki import SIGNED, arguments, page_url, read_target, script_digits
from pipeline.formats.wikitext_blocks import LIST, read_line
from pipeline.formats.wikitext_boxes import read_infobox
from pipeline.formats.wikitext_choices import read_function
from pipeline.formats.wikitext_entries import (
    read_cite,
    read_definitions,
    read_note_template,
    show_short,
)
from pipeline.formats.wikitext_files import read_gallery_template
from pipeline.formats.wikitext_page import (
    Page,
    Value,
    clean,
    close,
    deeper,
    first_of,
    later,
    lines_within,
    put,
    ready,
    trim,
)
from pipeline.formats.wikitext_scan import LITERAL, Pair
from pipeline.formats.wikitext_templates import (
    Literally,
    Optional,
    Parameter,
    Part,
    Template,
    find_template,
    unit_text,
)

# Words between the two numbers of `{{convert|30|to|40|km}}` (Module:Convert, range_types).
_RANGES = {
    **{"to": "至", "-": "–", "–": "–", "—": "–", "to(-)": "–", "to about": "至", "and": "和"},
    **{"and(-)": "和", "&": "和", "or": "或", "by": "×", "x": "×", "×": "×", "xx": "×", "+/-": "±"},
    **{"±": "±", "+": "+", ",": "、", ", ": "、"},
}


def _values(page: Page, pair: Pair) -> list[Value]:
    """A template's parameters in order; a later one of a name stands for an earlier."""
    node = _parse_template(_flat(page, pair))
    if node is None:
        return []
    values: list[Value] = []
    for given in arguments(node, pair.start):
        named = (given.name_start, given.name_end)
        name = clean(page, *named) if given.is_named else given.name
        start, stop = trim(page, given.start, given.end)
        values.append(Value(name.strip(), start, stop, *trim(page, *named)))
    return values


def _flat(page: Page, pair: Pair) -> str:
    """The mask of `pair` with what is nested in it painted over: its own signs are left."""
    parts: list[str] = []
    position = pair.start
    index = bisect_left(page.starts, pair.inner_start)
    while index < len(page.pairs) and page.starts[index] < pair.inner_end:
        inner = page.pairs[index]
        parts.append(page.mask[position : inner.start])
        parts.append(LITERAL * (inner.end - inner.start))
        position = inner.end
        index = bisect_left(page.starts, position, index)
    parts.append(page.mask[position : pair.end])
    return "".join(parts)


def read_template(page: Page, pair: Pair, *, marked: bool = True) -> None:
    """A template, in the way of reading that the lexicon has for it; see `ReadTemplate`."""
    bar = page.mask.find("|", pair.inner_start, pair.inner_end)
    name = clean(page, pair.inner_start, bar if bar >= 0 else pair.inner_end)
    head, colon, _ = name.partition(":")
    template = find_template(name)
    if template is None and colon and len(head) < 30:
        template = find_template(f"{head}:")
    if template is None:
        if name.startswith("#"):
            read_function(page, head.strip().casefold(), pair)
        else:
            read_definitions(page, pair.inner_start, pair.inner_end)
        return
    values = _values(page, pair)
    given = {value.name: value for value in values if value.start < value.end}
    if colon and not head.startswith("#"):
        place = page.mask.find(":", pair.inner_start) + 1
        stop = min((value.name_start - 1 for value in values), default=pair.inner_end)
        given["0"] = Value("0", *trim(page, place, max(place, stop)), place, place)
    reading = template.reading
    if reading in ("prose", "link"):
        show_template(page, template, given, pair)
    elif reading == "cite":
        read_cite(page, f"cite {template.more}", given, pair)
    elif reading in ("note", "short"):
        read_note_template(page, template, given, pair, marked)
    elif reading == "harv":
        if page.asm.in_note:
            show_short(page, given, pair.start)
    elif reading == "reuse":
        for use in page.uses.get(pair.start, ()):
            if marked and ready(page):
                page.asm.marker(use.number, use.group, pair.start, pair.end)
    elif reading == "list":
        read_definitions(page, pair.inner_start, pair.inner_end)
    elif reading == "convert":
        read_convert(page, given)
    elif reading == "infobox":
        read_infobox(page, values)
    elif reading == "gallery":
        read_gallery_template(page, values)
    elif reading == "quote":
        read_quote(page, template, given)
    elif reading == "title":
        put(page, page.title, pair.start)


def show_template(page: Page, template: Template, given: dict[str, Value], pair: Pair) -> None:
    """The parts of a template's parameters that its readers see, and the link they make."""
    if not template.show or not ready(page):
        return
    here = page.asm.here
    with deeper(page):
        if template.more in ("raised", "lowered") and "1" in given:
            first = given["1"]
            said = page.mask[first.start : first.end]
            if SIGNED.fullmatch(said):
                below = template.more == "lowered"
                page.asm.put(script_digits(said, below=below), first.start, first.end)
                return
        _parts(page, template.show, given, pair.start)
    if template.reading == "link":
        value = next((given[key] for key in template.more.split("|") if key in given), None)
        target = read_target(clean(page, value.start, value.end)) if value else None
        if target is not None and target.title is not None:
            page.asm.link(
                here,
                target.kind,
                target=target.title,
                url=page_url(target.title, target.fragment),
                raw_start=pair.start,
                raw_end=pair.end,
            )


def _parts(page: Page, parts: tuple[Part, ...], given: dict[str, Value], place: int) -> int:
    """Show `parts`; the place where the last of them stood."""
    for part in parts:
        if isinstance(part, Literally):
            put(page, part.text, place)
        elif isinstance(part, Parameter):
            value = first_of(given, part.names)
            if value is not None:
                _argument(page, value.start, value.end)
                place = value.end
        elif isinstance(part, Optional):
            wanted = [inner for inner in part.parts if isinstance(inner, Parameter)]
            if all(first_of(given, inner.names) is not None for inner in wanted):
                place = _parts(page, part.parts, given, place)
        else:
            unnamed = [value for value in given.values() if value.name.isdigit()]
            for index, value in enumerate(unnamed):
                if index and part.between:
                    put(page, part.between, value.start)
                page.range(page, value.start, value.end)
                place = value.end
    return place


def _argument(page: Page, start: int, end: int) -> None:
    """A template's argument that is shown: a list in it makes items where blocks may be."""
    item = LIST.match(page.mask, start, end)
    if item is None or item[0][0] != "*":
        page.range(page, start, end)
    elif page.asm.in_note or page.state.table is not None:
        page.range(page, item.end(), end)
    else:

        def read() -> None:
            for line in lines_within(page, start, end):
                read_line(page, *line)

        if page.state.level == 1:
            close(page)
        later(page, read)


def read_convert(page: Page, given: dict[str, Value]) -> None:
    """`{{convert|30|to|40|km|mi}}` → 30至40公里: what was written, not what it comes to."""
    if "1" not in given or not ready(page):
        return
    with deeper(page):
        page.range(page, given["1"].start, given["1"].end)
        number = 2
        while (value := given.get(str(number))) is not None:
            word = clean(page, value.start, value.end)
            following = given.get(str(number + 1))
            if word in _RANGES and following is not None:
                put(page, _RANGES[word], value.start)
                page.range(page, following.start, following.end)
                number += 2
                continue
            if ready(page):
                page.asm.put(unit_text(word), value.start, value.end)
            # `{{convert|5|ft|8|in}}`: another number with its unit.
            second, unit = following, given.get(str(number + 2))
            if (
                second is None
                or unit is None
                or not _is_number(clean(page, second.start, second.end))
                or _is_number(clean(page, unit.start, unit.end))
            ):
                break
            page.range(page, second.start, second.end)
            number += 2


def read_quote(page: Page, template: Template, given: dict[str, Value]) -> None:
    """A quotation is a paragraph of its own; a note has none."""
    value = next(
        (
            found
            for part in template.show
            if isinstance(part, Parameter) and (found := first_of(given, part.names))
        ),
        None,
    )
    if value is None or page.asm.in_note:
        return
    start, end = value.start, value.end

    def read() -> None:
        page.asm.open_block("paragraph")
        with deeper(page):
            page.range(page, start, end)
        page.asm.close_block()

    later(page, read)


def _parse_template(text: str) -> TemplateNode | None:
    """`text` as the one template that it is, else None."""
    try:
        nodes = mwparserfromhell.parse(text, skip_style_tags=True).nodes
    except ParserError:
        return None
    return nodes[0] if len(nodes) == 1 and isinstance(nodes[0], TemplateNode) else None


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[-−+]?[\d.,/]+", text))
