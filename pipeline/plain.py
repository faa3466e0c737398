"""The rules on a plain string: what `pipeline.extract` does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from types import SimpleNamespace

from pipeline.errors import PipelineError
from pipeline.formats.plaintext import parse_plaintext
from pipeline.mentions.find import find
from pipeline.records import Mention, NumberMention

LANGUAGES = ("zh",)


@dataclass(frozen=True, slots=True)
class Extraction:
    """What the rules found in a string, each sequence in order.

    An item has the table's fields as attributes, its `text`, and `start_char`, `end_char`, its
    half-open span in the string.
    """

    dates: tuple[SimpleNamespace, ...]
    numbers: tuple[SimpleNamespace, ...]
    places: tuple[SimpleNamespace, ...]


def extract_plain(text: str, *, reference: dt.date | None, language: str) -> Extraction:
    """See `pipeline.extract`."""
    if language not in LANGUAGES:
        raise PipelineError(
            f"There are no rules for the language {language!r}.",
            cure=f"Choose one of: {', '.join(LANGUAGES)}.",
        )
    mentions = find(parse_plaintext(text, language=language), reference=reference)
    return Extraction(
        dates=_items(text, mentions.dates),
        numbers=_items(text, mentions.numbers),
        places=_items(text, mentions.places),
    )


@lru_cache(maxsize=4096)
def read_number(text: str) -> NumberMention | None:
    """The number that all of a short text is, such as 1km² or 1萬人; None if it is not one.

    Kept for texts read before: the headers of a table ask again for every cell below them.
    """
    document = parse_plaintext(text, language="zh")
    for number in find(document).numbers:
        if (number.start, number.end) == (0, len(document.text)):
            return number
    return None


def _items(text: str, mentions: Iterable[Mention]) -> tuple[SimpleNamespace, ...]:
    return tuple(
        SimpleNamespace(
            text=text[mention.start : mention.end],
            start_char=mention.start,
            end_char=mention.end,
            **{
                name: value
                for name, value in mention._asdict().items()
                if name not in ("start", "end")
            },
        )
        for mention in mentions
    )
