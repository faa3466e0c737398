"""The modifier beside a date or length of time: 約, 近, 以前, 左右 …"""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.mentions.date import lexicon
from pipeline.mentions.date.row import Item, Row
from pipeline.records import DateModifier

_BRACKET = re.compile(r"[(][^()\n]{0,60}[)]")


def modified(row: Row, item: Item, kind: str) -> Item:
    """The item with the modifier that stands beside it, unless it has one inside."""
    if item.reading.modifier is not None:
        return item
    meanings = lexicon.modifier_meanings()
    before = lexicon.modifiers_before(kind).search(
        row.folded[max(0, item.start - 6) : item.start].rstrip(" ")
    )
    if before and before.group() == "近" and row.folded.startswith(("来", "以来", "间"), item.end):
        before = None  # 近16年來 are the last 16 years
    after = lexicon.modifiers_after(kind).match(row.folded, item.end)
    if after is None and kind == "date" and (aside := _BRACKET.match(row.folded, item.end)):
        after = lexicon.modifiers_after(kind).match(row.folded, aside.end())
    found: DateModifier | None = None
    if before:
        found = meanings["before", before.group()]
    if after and item.reading.kind != "set":
        said = meanings["after", after["word"]]
        if found is None or said in ("before", "after"):
            found = said
    return item._replace(reading=replace(item.reading, modifier=found)) if found else item
