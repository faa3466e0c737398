"""Which notes an article's wikitext has, and what they are called where they are used.

`<ref>`, its templates, names and groups are looked through before the article is read, as a note may
be used before it is defined.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.formats.wikitext_scan import CONTROLS, DROP, Pair, read_attributes
from pipeline.formats.wikitext_templates import find_template

MASKED = re.compile(f"[{CONTROLS}]+")


class Use(NamedTuple):
    """A note as it is used or defined at one place."""

    number: int
    group: str


_PARAMETER = re.compile(r"\|\s*(name|group)\s*=\s*[\"']?([^|{}\[\]\"'\n]{1,200})")


def number_notes(raw: str, mask: str, pairs: list[Pair]) -> dict[int, tuple[Use, ...]]:
    """Where notes are used or defined → which they are.

    A group's notes are numbered from 1 in the order of the article; all uses of a name are one
    note. What stands in a list of notes defines and does not use, but is numbered all the same
    when nothing used it before.
    """
    uses: dict[int, tuple[Use, ...]] = {}
    counts: dict[str, int] = {}
    named: dict[tuple[str, str], int] = {}
    list_end, list_group = 0, ""

    def use(group: str, name: str) -> Use:
        number = named.get((group, name)) if name else None
        if number is None:
            number = counts[group] = counts.get(group, 0) + 1
            if name:
                named[group, name] = number
        return Use(number, group)

    for pair in pairs:
        if mask[pair.start] == DROP:
            continue
        inner_group = list_group if pair.start < list_end else ""
        if pair.kind in ("ref", "references"):
            attributes = read_attributes(raw[pair.start + 4 : pair.inner_start])
            group = attributes.get("group", inner_group)
            if pair.kind == "references":
                list_end, list_group = pair.end, group
            else:
                uses[pair.start] = (use(group, attributes.get("name", "")),)
            continue
        if pair.kind != "{{":
            continue
        bar = mask.find("|", pair.inner_start, pair.inner_end)
        name_end = bar if bar >= 0 else pair.inner_end
        template = find_template(MASKED.sub("", mask[pair.inner_start : name_end]))
        if template is None or template.reading not in ("note", "short", "reuse", "list"):
            continue
        inside = MASKED.sub("", mask[name_end : pair.inner_end])
        given = {match[1]: match[2].strip() for match in _PARAMETER.finditer(inside)}
        group = given.get("group") or template.more or inner_group
        if template.reading == "list":
            list_end, list_group = pair.end, group
        elif template.reading == "note":
            uses[pair.start] = (use(group, given.get("name", "")),)
        elif template.reading == "short":
            uses[pair.start] = (use(group, "sfn " + "|".join(inside.split())),)
        else:
            names = [part.strip() for part in inside.split("|")[1:]]
            uses[pair.start] = tuple(use(group, name) for name in names if name and "=" not in name)
    return uses
