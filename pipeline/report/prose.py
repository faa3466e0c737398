"""An article's sentences with its mentions marked, as pieces, and these as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any, Literal, NamedTuple

Row = Mapping[str, Any]


class Piece(NamedTuple):
    """A stretch of a sentence.

    `mentions` are the indexes of those that cover it, the shortest first. `note` is the index of
    the footnote of a marker, -1 if it cites none; its `text` is then the number shown.
    """

    kind: Literal["text", "mark", "note"]
    text: str
    mentions: tuple[int, ...] = ()
    tables: tuple[str, ...] = ()
    note: int = -1


class Block(NamedTuple):
    """A block of prose: its sentences, each with its running number and its pieces."""

    kind: str
    level: int
    sentences: tuple[tuple[int, tuple[Piece, ...]], ...]


#: What stands around the neighbours of one kind of block, and around each of them.
_AROUND = {"list_item": ("<ul>\n", "</ul>\n"), "table_cell": ('<div class="cells">\n', "</div>\n")}
_TAGS = {
    "list_item": ("<li>", "</li>"),
    "table_cell": ('<span class="cell">', "</span>"),
    "caption": ('<p class="caption">', "</p>"),
}


def html(found: Iterable[Block]) -> str:
    """The blocks as HTML, all text of the article escaped."""
    printed: list[str] = []
    for kind, group in groupby(found, key=lambda block: block.kind):
        before, after = _AROUND.get(kind, ("", ""))
        printed.append(before)
        for block in group:
            if kind == "heading":
                opening, closing = f"<h{block.level}>", f"</h{block.level}>"
            else:
                opening, closing = _TAGS.get(kind, ("<p>", "</p>"))
            printed.append(opening)
            for number, cut in block.sentences:
                printed.append(f'<span class="s" id="s{number}">')
                printed += map(_piece_html, cut)
                printed.append("</span>")
            printed.append(f"{closing}\n")
        printed.append(after)
    return "".join(printed)


def _piece_html(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.kind == "text":
        return text
    if piece.kind == "note":
        return f'<a class="note" href="#note-{piece.note}" data-note="{piece.note}">[{text}]</a>'
    mentions = " ".join(map(str, piece.mentions))
    return (
        f'<mark class="{" ".join(piece.tables)}" data-m="{mentions}" role="button" tabindex="-1">'
        f"{text}</mark>"
    )


def blocks(
    sentences: Sequence[Row],
    mentions: Sequence[Row],
    citations: Iterable[Row],
    *,
    levels: Mapping[str, int],
    notes: Mapping[str, int],
) -> Iterator[Block]:
    """The blocks of an article.

    `sentences` are in order; `mentions` bear `table`, and their place in the sequence is their
    index; `levels` are of headings by section id, `notes` the indexes of footnotes by id.
    """
    marked: dict[str, list[int]] = {}
    for index, mention in enumerate(mentions):
        marked.setdefault(mention["sentence_id"], []).append(index)
    cited: dict[str, list[tuple[int, str, int]]] = {}
    for row in citations:
        if row["sentence_id"] is not None:
            shown = "?" if row["number"] is None else str(row["number"])
            place = (row["sentence_start"] or 0, shown, notes.get(row["footnote_id"], -1))
            cited.setdefault(row["sentence_id"], []).append(place)
    for (_, kind), group in groupby(sentences, key=lambda row: (row["block"], row["block_kind"])):
        found: list[tuple[int, tuple[Piece, ...]]] = []
        level = 2
        before = ""
        for row in group:
            level = levels.get(row["section_id"], 2)
            text = row["text"]
            cut = tuple(
                _pieces(
                    text,
                    [(index, mentions[index]) for index in marked.get(row["sentence_id"], ())],
                    sorted(cited.get(row["sentence_id"], ()), key=lambda place: place[0]),
                )
            )
            # Sentences leave out the white space between them, which only some scripts need.
            space = (Piece("text", " "),) if before[-1:].isascii() and before else ()
            found.append((row["position"], space + cut))
            before = text
        yield Block(kind, min(max(level, 2), 6), tuple(found))


def _pieces(
    text: str, mentions: Sequence[tuple[int, Row]], cited: Sequence[tuple[int, str, int]]
) -> Iterator[Piece]:
    """Cut a sentence at the ends of its mentions and at its markers. Overlaps give pieces of
    several mentions, never marks in marks."""
    ends = {0, len(text)}
    for _, row in mentions:
        ends |= {row["sentence_start"], row["sentence_end"]}
    ends |= {min(place, len(text)) for place, _, _ in cited}
    cuts = sorted(ends)
    opened = sorted(mentions, key=lambda item: item[1]["sentence_start"])
    active: list[tuple[int, Row]] = []
    next_mention = next_note = 0
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        while next_note < len(cited) and min(cited[next_note][0], len(text)) <= start:
            _, shown, note = cited[next_note]
            yield Piece("note", shown, note=note)
            next_note += 1
        if start == end:
            continue
        while next_mention < len(opened) and opened[next_mention][1]["sentence_start"] <= start:
            active.append(opened[next_mention])
            next_mention += 1
        active = [item for item in active if item[1]["sentence_end"] > start]
        if active:
            by_length = sorted(
                active, key=lambda item: item[1]["sentence_end"] - item[1]["sentence_start"]
            )
            yield Piece(
                "mark",
                text[start:end],
                tuple(index for index, _ in by_length),
                tuple(row["table"] for _, row in by_length),
            )
        else:
            yield Piece("text", text[start:end])
