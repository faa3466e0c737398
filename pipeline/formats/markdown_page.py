"""One article in Markdown while it is read: what the parts of the reader need to know of the whole.

The parts call each other in circles, as a link stands in a cell and a table in a link's footnote;
what closes the circle is `Page.inline`, which reads prose wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from pipeline.formats.assemble import Assembler
from pipeline.formats.markdown_notes import Notes
from pipeline.formats.markdown_scan import Region
from pipeline.formats.wiki import Target

# Items inside items on one line (`- - - 甲`) and links inside links: deeper is read as text.
DEEPEST = 16


class How(NamedTuple):
    """How a stretch is read.

    `depth`: links and templates around it. `flat`: tags that would begin a block part words only.
    `is_html`: asterisks are text, as Markdown ends where HTML begins. `in_anchor`: code is kept,
    as a link needs a text.
    """

    depth: int = 0
    flat: bool = False
    is_html: bool = False
    in_anchor: bool = False


PLAIN = How()
IN_CELL = How(flat=True)


class Inline(Protocol):
    """Reads the prose of raw [start, end) into the open block: `markdown_inline.read_inline`."""

    def __call__(self, page: Page, start: int, end: int, how: How = ..., /) -> None: ...


@dataclass(slots=True)
class Page:
    """What stays the same while the article is read, and below it what its parts remember."""

    text: str
    asm: Assembler
    inline: Inline
    variant: str
    # That of the wiki, for addresses.
    language: str
    regions: dict[int, Region]
    notes: Notes

    # Blocks within blocks: captions, tables in cells.
    nesting: int = 0
    # Of the HTML table that stands right before.
    caption_words: str = ""
    # Where marks of emphasis end that were seen to begin; an underscore's with its width.
    closing_underscores: dict[int, int] = field(default_factory=dict)
    closing_carets: set[int] = field(default_factory=set)
    closing_quotes: set[int] = field(default_factory=set)
    # What was looked for once and need not be again: what addresses mean; the pairs of brackets of
    # a stretch; from where to where no `\]\]` stands; for so many backticks, where none closes.
    resolved: dict[tuple[str, str], tuple[Target, str | None]] = field(default_factory=dict)
    brackets: tuple[int, int, dict[int, int]] = (0, 0, {})
    figure_tail: tuple[int, int] = (0, -1)
    no_code: dict[int, int] = field(default_factory=dict)


def defer(page: Page, action: Callable[[], None]) -> None:
    """Read something that is a block of its own once the open block has ended."""

    def nested() -> None:
        page.nesting += 1
        action()
        page.nesting -= 1

    page.asm.defer(nested)
