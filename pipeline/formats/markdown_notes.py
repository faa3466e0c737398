"""Which notes a converted article has, and what they are called where they are used.

They stand in a list at the article's end (`1. 甲`, `[1] 甲`), as definitions (`[^1]: 甲`), in
sections under tables that pandoc wrote in HTML, or in a `<ref>` that was left. All this is
looked through before the article is read, as it tells which `[1]` in the text is a marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.formats import markdown_scan as scan

_LABEL = re.compile(r"(\D*?)[-_.:]?(\d{1,6})")


@dataclass(slots=True)
class Notes:
    """The notes of one article; `named` and `next_number` grow while it is read."""

    # The entries' heads of the list at the end, the numbers in it, and those it lacks.
    heads: list[re.Match[str]]
    numbers: frozenset[int]
    gaps: tuple[int, ...]
    # Where the sections of notes under tables begin.
    sections: list[int]
    # `[^label]` → group and number.
    labels: dict[str, tuple[str, int]]
    # What has a name and no number (`<ref name="甲">`) is numbered after the list, as it comes.
    next_number: int
    named: dict[tuple[str, str], int] = field(default_factory=dict)


def find_notes(text: str, start: int, regions: Iterable[scan.Region]) -> Notes:
    """The notes of `text`, whose article begins at `start`."""
    heads = _find_list(text, start)
    listed = [int(head["number"]) for head in heads]
    labels = _find_labels(text, start)
    ungrouped = [number for group, number in labels.values() if not group]
    return Notes(
        heads=heads,
        numbers=frozenset(listed),
        gaps=scan.gaps(listed),
        sections=[region.start for region in regions if holds_notes(text, region)],
        labels=labels,
        next_number=1 + max([*listed, *ungrouped, 0]),
    )


def number_of(notes: Notes, key: tuple[str, str] | None = None) -> int:
    """The number of the note of this (group, name), the next free one at its first use; without
    a name it is another note each time."""
    number = notes.named.get(key) if key else None
    if number is None:
        number = notes.next_number
        notes.next_number += 1
        if key:
            notes.named[key] = number
    return number


def holds_notes(text: str, region: scan.Region) -> bool:
    """Whether the region is a section of notes, as pandoc sets them under a table in HTML."""
    return region.kind == "section" and "footnotes" in text[region.start : region.inner_start]


def _find_list(text: str, start: int) -> list[re.Match[str]]:
    """The heads of the entries of the list of notes at the end; none where there is no list.

    It is the last list (`1. 甲`, or `[1] 甲`) that counts from 1 without a gap to the end of
    the file, with no heading and no category after it, if a marker in the text points into
    it, or the categories stand right before it. (A list of the article's own has none of
    these.) A list that lost entries, or whose entries changed places, is taken as well
    where markers point into it.
    """
    begins = [match.end() for match in scan.NUMBERED_LINE.finditer(text, max(start - 1, 0))]
    if start == 0:
        begins.insert(0, 0)
    for pattern in (scan.NUMBERED, scan.BRACKETED):
        heads = [head for begin in begins if (head := pattern.match(text, begin))]
        if not heads:
            continue
        first = next(
            (i for i in reversed(range(len(heads))) if heads[i]["number"] == "1"), len(heads)
        )
        counted = heads[first:]
        if any(head["number"] != str(i) for i, head in enumerate(counted, 1)) or not (
            counted and _is_list(text, start, counted)
        ):
            counted = []
        broken = _broken_list(text, start, heads)
        numbers = {head["number"] for head in broken}
        if len(broken) > len(counted) and (not counted or len(numbers) == len(broken)):
            return broken
        if counted:
            return counted
    return []


def _is_list(text: str, start: int, heads: list[re.Match[str]]) -> bool:
    begin = heads[0].start()
    if scan.HEADING.search(text, begin) or scan.CATEGORY_LINE.search(text, begin):
        return False
    return _follows_categories(text, start, begin) or any(
        number <= len(heads) for number in _marked_numbers(text, start, begin)
    )


def _follows_categories(text: str, start: int, begin: int) -> bool:
    """Whether the last line of text before `begin` is one of categories."""
    end_of_text = begin
    while end_of_text > start and text[end_of_text - 1].isspace():
        end_of_text -= 1
    last_line = text.rfind("\n", 0, end_of_text) + 1
    return scan.CATEGORY_LINE.match(text, last_line) is not None


def _marked_numbers(text: str, start: int, end: int) -> set[int]:
    """The numbers of the markers before `end`, and other numbers in brackets (years)."""
    return {
        int(match["escaped"] or match["plain"])
        for match in scan.MARKER.finditer(text, start, end)
        if not match["label"]
    }


def _broken_list(text: str, start: int, heads: list[re.Match[str]]) -> list[re.Match[str]]:
    """The heads of a list of notes at the end that lacks numbers, or has them in disorder.

    It runs to the end of the file with no other paragraph between its entries, and the
    markers of the text point at half of its entries, or at one if categories precede it.
    """
    begin = len(heads)
    while begin and (
        begin == len(heads)
        or not scan.LOOSE_LINE.search(text, heads[begin - 1].end(), heads[begin].start())
    ):
        begin -= 1
    run = heads[begin:]
    if not run:
        return []
    for pattern in (scan.HEADING, scan.CATEGORY_LINE):
        if run and (last := [m.end() for m in pattern.finditer(text, run[0].start())]):
            run = [head for head in run if head.start() > last[-1]]
    if not run:
        return []
    marked = _marked_numbers(text, start, run[0].start())
    most = max((number for number in marked if number < 1000), default=0)
    kept: list[re.Match[str]] = []
    for head in run:  # a year at a line's begin is a part of the entry before
        number = int(head["number"])
        follows = kept and number == int(kept[-1]["number"]) + 1
        if number in marked or number < most or follows:
            kept.append(head)
    pointed = sum(int(head["number"]) in marked for head in kept)
    enough = 2 * pointed >= len(kept) or _follows_categories(text, start, run[0].start())
    return kept if pointed and enough else []


def _find_labels(text: str, start: int) -> dict[str, tuple[str, int]]:
    """`[^label]` → (group, number): `[^3]` is 3, `[^註1]` is 1 of the group 註, others get the next free."""
    labels: dict[str, tuple[str, int]] = {}
    if "[^" not in text:
        return labels
    taken: set[tuple[str, int]] = set()
    open_labels = []
    for match in scan.DEFINITION.finditer(text, start):
        label = match["label"]
        if label in labels:
            continue
        parts = _LABEL.fullmatch(label)
        key = (parts[1], int(parts[2])) if parts else None
        if key is None or key in taken:
            open_labels.append(label)
        else:
            labels[label] = key
            taken.add(key)
    number = 1
    for label in open_labels:
        while ("", number) in taken:
            number += 1
        labels.setdefault(label, ("", number))
        taken.add(("", number))
    return labels
