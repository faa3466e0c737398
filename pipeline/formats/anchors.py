"""Gives links back the anchors that their authors wrote.

Pandoc before 3.0 takes all letters after `]]` for a link trail, as English has it
(`[[bus]]es`), and Chinese characters are letters: `[[蘇聯]]政府正式宣佈` became
`[蘇聯政府正式宣佈](…/蘇聯 "wikilink")`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.fold import fold
from pipeline.records import Link


def repair_anchors(raw: str, text: str, links: Sequence[Link]) -> list[Link]:
    """`links` with `anchor`, `start` and `end` as in the wiki page."""
    mended: list[Link] = []
    for link in links:
        if link.target_title and link.end > link.start:
            title = link.target_title.replace("_", " ").partition(" (")[0]
            if fold(link.raw_anchor).startswith(fold(title)):
                end = link.start + len(title)
                link = replace(link, end=end, anchor=text[link.start : end])
        mended.append(link)
    return mended
