"""Dates, places and numbers out of converted wiki articles, each traceable to its source.

The road of one datum goes up these floors, one way. A module imports only from lower floors;
modules of equal floors are strangers, but inside `formats` and `mentions`, whose own order
their `__init__` gives. `docs/architecture.md` walks the road; a test holds us to it.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.plain import Extraction

VERSION = "0.1.0"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "fold", "deadline"),
    ("spans", "stages"),
    ("records", "schemas"),
    ("sources", "formats", "mentions", "attribution", "matching"),
    ("tables", "plain"),
    ("article",),
    ("store",),
    ("changes",),
    ("report", "fetch"),
    ("refresh",),
    ("cli",),
)


def extract(text: str, *, reference: dt.date | None = None, language: str = "zh") -> Extraction:
    """Run the rules on a string.

    Returns an object with the sequences `dates`, `numbers` and `places`; their items bear the
    tables' field names and `start_char`, `end_char`, the half-open span in `text`. `reference`
    is what a relative or incomplete date counts from when the text gives nothing earlier.
    Raises `PipelineError` for a `language` there are no rules for.
    """
    from pipeline.plain import extract_plain

    return extract_plain(text, reference=reference, language=language)
