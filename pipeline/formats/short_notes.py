"""Short notes (`Forczyk 2008, p. 12`) → the full entries that they stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from pipeline.formats.reference_forms import read_short
from pipeline.formats.reference_parts import CYRILLIC_PERSON, HAN, INITIAL
from pipeline.formats.references import read_entry
from pipeline.records import Footnote


def _fold_name(name: str) -> str:
    """Letters only, no accents, no case."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def _surname(author: str) -> str:
    """Glantz for `Glantz, David M.` and for `David M. Glantz`; 林瑞明 as it is."""
    author = re.sub(r"\s?[\[(（][^\])）]*[\])）]\s?", "", author).strip()
    if "," in author:
        return _fold_name(author.partition(",")[0])
    if re.search(HAN, author) or CYRILLIC_PERSON.fullmatch(
        author + ("" if author.endswith(".") else ".")
    ):
        return _fold_name(author.split()[0] if author.split() else author)
    words = [word for word in author.split() if not re.fullmatch(INITIAL + r"|Jr\.|Sr\.", word)]
    return _fold_name(words[-1] if words else author)


def _year(published: str | None) -> str | None:
    return published[:4] if published else None


def _matches(surnames: Sequence[str], year: str | None, entry: Footnote) -> bool:
    if not entry.authors or not surnames:
        return False
    have = [_surname(author) for author in entry.authors]
    if have[0] != surnames[0] or not set(surnames) <= set(have):
        return False
    return year is None or year == _year(entry.published)


def link_short_notes(
    footnotes: Sequence[Footnote], *, further: Sequence[str] = ()
) -> tuple[Footnote, ...]:
    """Point each short note at the full entry that it stands for, when there is exactly one.

    A full entry stands for `Forczyk 2008` when its first author is Forczyk, all names given are
    among its authors, and its year is 2008; without a year the names alone decide. `further` are
    lines of a bibliography, which may hold full entries as well: one that fits makes a note
    ambiguous unless it is the same work, and when the only one that fits stands there, it gives
    the note its title, publisher, ISBN and DOI, as there is no footnote to point at. 同上 and
    `Ibid.` are left open: a footnote put in between later would turn them to another work.
    """
    full = [
        (index, note)
        for index, note in enumerate(footnotes)
        if note.kind not in ("short", "empty", "other")
    ]
    lines = [
        entry
        for line in further
        if (entry := read_entry(0, "", line, raw_start=0, raw_end=0)).authors
        and entry.kind != "short"
    ]
    linked: list[Footnote] = []
    for note in footnotes:
        names, year, shortened = note.authors, note.published, note
        if note.kind == "other" and len(note.text) < 80 and not note.url:
            # `Forczyk 2008.` cites no page: only a full entry proves that it is a short note.
            short = read_short(re.sub(r"[\ue000-\uf8ff]", " ", note.text))
            if not short or not short.names or not short.year:
                linked.append(note)
                continue
            names, year = short.names, short.year
            shortened = replace(note, kind="short", authors=names, published=year)
        elif note.kind != "short" or not names:
            linked.append(note)
            continue
        surnames = [_surname(name) for name in names]
        found = [(index, entry) for index, entry in full if _matches(surnames, year, entry)]
        beside = [entry for entry in lines if _matches(surnames, year, entry)]
        works = {_fold_name(entry.title or entry.text) for _, entry in found} | {
            _fold_name(entry.title or entry.text) for entry in beside
        }
        if len(works) != 1 or len(found) > 1:
            linked.append(note)
        elif found:
            linked.append(replace(shortened, short_target=found[0][0]))
        else:
            work = beside[0]
            linked.append(
                replace(
                    shortened,
                    title=work.title,
                    publisher=work.publisher,
                    isbn=work.isbn,
                    doi=work.doi,
                )
            )
    return tuple(linked)
