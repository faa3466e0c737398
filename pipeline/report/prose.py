"""An article's sentences as HTML, with its mentions marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from operator import itemgetter
from typing import Any

Row = Mapping[str, Any]
#: Where a marker stands in its sentence, the number it shows, and the index of its footnote, -1 if
#: it cites none.
Cited = tuple[int, str, int]

#: What stands around the neighbours of one kind of block, and around each of them.
_AROUND = {"list_item": ("<ul>\n", "</ul>\n"), "table_cell": ('<div class="cells">\n', "</div>\n")}
_TAGS = {
    "list_item": ("<li>", "</li>"),
    "table_cell": ('<span class="cell">', "</span>"),
    "caption": ('<p class="caption">', "</p>"),
}


def html(
    sentences: Sequence[Row],
    mentions: Sequence[Row],
    citations: Iterable[Row],
    *,
    levels: Mapping[str, int],
    notes: Mapping[str, int],
) -> str:
    """The prose of an article as HTML, all its text escaped.

    `sentences` are in order, and so are `mentions`, which bear `table`; their place in the sequence
    is their index. `levels` are of headings by section id, `notes` the indexes of footnotes by id.
    """
    marked: dict[str, list[tuple[int, Row]]] = {}
    for item in enumerate(mentions):
        marked.setdefault(item[1]["sentence_id"], []).append(item)
    cited: dict[str, list[Cited]] = {}
    for row in citations:
        if row["sentence_id"] is not None:
            shown = "?" if row["number"] is None else str(row["number"])
            place = (row["sentence_start"] or 0, shown, notes.get(row["footnote_id"], -1))
            cited.setdefault(row["sentence_id"], []).append(place)
    printed: list[str] = []
    by_block = groupby(sentences, key=itemgetter("block", "block_kind"))
    for kind, group in groupby(by_block, key=lambda block: block[0][1]):
        before, after = _AROUND.get(kind, ("", ""))
        printed.append(before)
        for _, block in group:
            found = list(block)
            if kind == "heading":
                level = min(max(levels.get(found[-1]["section_id"], 2), 2), 6)
                opening, closing = f"<h{level}>", f"</h{level}>"
            else:
                opening, closing = _TAGS.get(kind, ("<p>", "</p>"))
            printed.append(opening)
            last = ""
            for row in found:
                # Sentences leave out the white space between them, which only some scripts need.
                space = " " if last and last[-1].isascii() else ""
                printed.append(f'<span class="s" id="s{row["position"]}">{space}')
                last = row["text"]
                own, name = marked.get(row["sentence_id"], ()), row["sentence_id"]
                printed += _pieces(last, own, sorted(cited.get(name, ()), key=itemgetter(0)))
                printed.append("</span>")
            printed.append(f"{closing}\n")
        printed.append(after)
    return "".join(printed)


def _pieces(
    text: str, mentions: Sequence[tuple[int, Row]], cited: Sequence[Cited]
) -> Iterable[str]:
    """A sentence cut at the ends of its mentions and at its markers."""
    printed: list[str] = []
    place = 0
    for index, row in () if cited else mentions:
        start, end = row["sentence_start"], row["sentence_end"]
        if start < place:
            break
        printed += (escape(text[place:start]), _mark((index,), (row["table"],), text[start:end]))
        place = end
    else:
        if not cited:
            printed.append(escape(text[place:]))
            return printed
    return _overlapping(text, mentions, cited)


def _overlapping(
    text: str, mentions: Sequence[tuple[int, Row]], cited: Sequence[Cited]
) -> Iterator[str]:
    """The same of any sentence. Overlaps give pieces of several mentions, never marks in marks."""
    ends = {0, len(text)}
    for _, row in mentions:
        ends |= {row["sentence_start"], row["sentence_end"]}
    ends |= {min(place, len(text)) for place, _, _ in cited}
    cuts = sorted(ends)
    active: list[tuple[int, Row]] = []
    next_mention = next_note = 0
    for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        while next_note < len(cited) and min(cited[next_note][0], len(text)) <= start:
            _, shown, note = cited[next_note]
            yield f'<a class="note" href="#note-{note}" data-note="{note}">[{escape(shown)}]</a>'
            next_note += 1
        if start == end:
            continue
        while next_mention < len(mentions) and mentions[next_mention][1]["sentence_start"] <= start:
            active.append(mentions[next_mention])
            next_mention += 1
        active = [item for item in active if item[1]["sentence_end"] > start]
        if not active:
            yield escape(text[start:end])
            continue
        by_length = sorted(
            active, key=lambda item: item[1]["sentence_end"] - item[1]["sentence_start"]
        )
        yield _mark(
            [index for index, _ in by_length],
            [row["table"] for _, row in by_length],
            text[start:end],
        )


def _mark(mentions: Iterable[int], tables: Iterable[str], text: str) -> str:
    """A piece that mentions cover, the shortest of them first."""
    return (
        f'<mark class="{" ".join(tables)}" data-m="{" ".join(map(str, mentions))}" role="button"'
        f' tabindex="-1">{escape(text)}</mark>'
    )
