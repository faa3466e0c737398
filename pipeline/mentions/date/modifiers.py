"""The modifier beside a date or length of time: 約, 近, 以前, 左右 …; and what opens its end: 起."""

from __future__ import annotations

import re

from pipeline.mentions.date import lexicon
from pipeline.mentions.date.row import Item, Row
from pipeline.records import DateModifier

# 1941年開始建造 is an event of that year; 自1941年開始 and 「1941年開始，…」 are all from then on.
_BEGINNING = re.compile(" ?(?:开始|始)(?P<stop>[,。;:、)」』\n]|$)?")
_BRACKET = re.compile(r"[(][^()\n]{0,60}[)]")


def _word_before(text: str, kind: str) -> str:
    """The longest modifier that `text` ends with."""
    words = lexicon.modifiers_before(kind)
    if not text.endswith(words):
        return ""
    return next(word for word in words if text.endswith(word))


def modified(row: Row, item: Item, kind: str) -> Item:
    """The item with the modifier that stands beside it, unless it has one inside."""
    meanings = lexicon.modifier_meanings()
    if item.reading.modifier is not None:
        after = lexicon.modifiers_after(kind).match(row.folded, item.end)
        covers = meanings["after", after["word"]].covers if after else None
        return item._replace(reading=item.reading._replace(covers=covers)) if covers else item
    before = _word_before(row.folded[max(0, item.start - 6) : item.start].rstrip(" "), kind)
    if before == "近" and row.folded.startswith(("来", "以来", "间"), item.end):
        before = ""  # 近16年來 are the last 16 years
    after = lexicon.modifiers_after(kind).match(row.folded, item.end)
    if after is None and kind == "date" and (aside := _BRACKET.match(row.folded, item.end)):
        after = lexicon.modifiers_after(kind).match(row.folded, aside.end())
    found: DateModifier | None = None
    covers = item.reading.covers
    if before:
        found, covers = meanings["before", before]
    if after and item.reading.kind != "set":
        said, opened = meanings["after", after["word"]]
        covers = opened or covers
        if found is None or said in ("before", "after"):
            found = said or found
    elif kind == "date" and (begins := _BEGINNING.match(row.folded, item.end)):
        from_then = row.before(item.start, "从", "自", "由")
        if from_then or (begins["stop"] is not None and row.heads_clause(item.start)):
            covers = covers or "since"
    if found is None and covers is item.reading.covers:
        return item
    return item._replace(reading=item.reading._replace(modifier=found, covers=covers))
