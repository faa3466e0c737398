"""What the components of the pipeline read from a `Doc`, and how they leave there what they find.

A component leaves its mentions in the `Doc` as plain records, and where the `Doc` has tokens also
in `doc.spans` under its kind: a span's `id_` is its rule, `span._.reading` what it says. `find`
wants the records alone, and tokens and spans take longer than most rules do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any, NamedTuple

from spacy.tokens import Doc, Span

from pipeline.fold import fold

_FOUND = "found "


class Found(NamedTuple):
    """A mention at [start, end) of a `Doc`, or of its article, before its context is known."""

    start: int
    end: int
    rule: str
    reading: Any


def extend_spacy() -> None:
    """Register the extension attributes: `doc._.lexemes` and `span._.reading`."""
    if not Doc.has_extension("lexemes"):
        Doc.set_extension("lexemes", default=None)
    if not Span.has_extension("reading"):
        Span.set_extension("reading", getter=_reading)


def put(doc: Doc, kind: str, found: Sequence[Found]) -> None:
    """Give `doc` the mentions of a kind, in order and apart."""
    doc.user_data[_FOUND + kind] = found
    if len(doc) or not found:
        doc.spans[kind] = [
            Span(doc, one.start, one.end, label=kind, span_id=one.rule) for one in found
        ]


def found_in(doc: Doc, kind: str) -> Sequence[Found]:
    """The mentions of a kind that `put` gave to `doc`; none if it never did."""
    found: Sequence[Found] = doc.user_data.get(_FOUND + kind, ())
    return found


def _reading(span: Span) -> Any:
    found = found_in(span.doc, span.label_)
    return found[bisect_left(found, (span.start,))].reading


def text_of(doc: Doc) -> str:
    """The text of a `Doc` of single characters: as it was given, where `user_data` has it, since
    `doc.text` puts it together anew, character by character."""
    text = doc.user_data.get("text")
    return text if isinstance(text, str) else str(doc.text)


def folded_of(doc: Doc) -> str:
    """The folded text of a `Doc` of single characters: as it was given, or folded here."""
    folded = doc.user_data.get("folded")
    return folded if isinstance(folded, str) else fold(text_of(doc))
