"""Which footnotes support which mention (spec: provenance).

「A，B[1]，C[2]。」 A and B have `clause` 1 and `sentence` 2, C has `clause` 2 and `sentence` 1.
「D。E。[3]」 E has `clause` 3 and D has `paragraph` 3. A block never lends a marker to another.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from pipeline.records import (
    Attribution,
    Document,
    Marker,
    Mention,
    Mentions,
    MentionTable,
    Scope,
    Sentence,
)


def attribute(document: Document, mentions: Mentions) -> tuple[Attribution, ...]:
    """All supports of all mentions, ordered by table, mention, scope and marker.

    A marker whose footnote is unknown supports nothing (the reader has reported it). A footnote
    that stands twice in a scope is named once, by its nearest marker.
    """
    by_sentence = _markers_by_sentence(document)
    marked = [index for index, markers in enumerate(by_sentence) if markers]
    if not marked:
        return ()
    starts = [sentence.start for sentence in document.sentences]
    found: list[Attribution] = []
    tables: tuple[tuple[MentionTable, Sequence[Mention]], ...] = (
        ("dates", mentions.dates),
        ("numbers", mentions.numbers),
        ("places", mentions.places),
    )
    for table, sequence in tables:
        for index, mention in enumerate(sequence):
            sentence = document.sentences[max(0, bisect_right(starts, mention.start) - 1)]
            seen: set[tuple[Scope, int]] = set()
            for scope, marker in _supports(document, by_sentence, marked, sentence, mention.end):
                if marker.footnote is None or (scope, marker.footnote) in seen:
                    continue
                seen.add((scope, marker.footnote))
                footnote = document.footnotes[marker.footnote]
                distance = abs(marker.position - mention.end)
                found.append(
                    Attribution(table, index, marker.footnote, footnote.number, scope, distance)
                )
    return tuple(found)


def _markers_by_sentence(document: Document) -> list[list[Marker]]:
    """The markers of each sentence, in order. A marker at a sentence's end belongs to it."""
    ends = [sentence.end for sentence in document.sentences]
    groups: list[list[Marker]] = [[] for _ in ends]
    for marker in document.markers:
        # The first sentence that ends at or after the marker; the marker may also stand
        # before its block's first character, or in the white space after a sentence.
        index = bisect_left(ends, marker.position)
        if index == len(ends):
            index -= 1
        if index < 0:
            continue
        # A block of markers alone has no sentence: they support nothing.
        block = document.blocks[document.sentences[index].block]
        if block.start <= marker.position <= block.end:
            groups[index].append(marker)
    return groups


def _supports(
    document: Document,
    by_sentence: list[list[Marker]],
    marked: list[int],
    sentence: Sentence,
    position: int,
) -> Iterator[tuple[Scope, Marker]]:
    """`marked` are the sentences that have markers, in order."""
    own = by_sentence[sentence.index]
    if own:
        run = _run_after(document.text, own, position)
        yield from (("clause", marker) for marker in run)
        yield from (("sentence", marker) for marker in own if marker not in run)
        return
    after = bisect_right(marked, sentence.index)
    if after == len(marked):
        return
    later = document.sentences[marked[after]]
    if later.block == sentence.block:
        run = _run_after(document.text, by_sentence[later.index], later.start)
        yield from (("paragraph", marker) for marker in run)


def _run_after(text: str, markers: Sequence[Marker], position: int) -> list[Marker]:
    """The run of adjacent markers that ends the stretch `position` stands in; empty after the last.

    Markers are adjacent when nothing but white space stands between them.
    """
    index = bisect_left([marker.position for marker in markers], position)
    if index == len(markers):
        return []
    run = [markers[index]]
    for marker in markers[index + 1 :]:
        if text[run[-1].position : marker.position].strip():
            break
        run.append(marker)
    return run
