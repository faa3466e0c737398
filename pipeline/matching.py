"""Old text ↔ new text: which sentence became which, and where a span of the old one went.

Texts are compared by their words: folded (one script, one width) and without white space, so that
a text wrapped elsewhere, or converted to Simplified, is the same text. Memory and time are linear
but for stretches that differ, and those are bounded.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate, groupby
from typing import NamedTuple

import opencc
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel, Levenshtein

from pipeline.fold import fold

# Aligning two stretches takes memory and time with the product of their lengths; beyond these
# bounds they are taken to have nothing in common.
_LARGEST_LIST_PRODUCT = 250_000_000
_LARGEST_TEXT_PRODUCT = 1_000_000_000
# Similarity is `2 × common characters in order / all characters`, 0–100. Two sentences of one
# article on different things reach 35; a sentence with a clause replaced stays over 60.
_SAME_PLACE, _SAME_SECTION, _ANYWHERE = 45.0, 60.0, 75.0
_COMPARED = 2000  # characters of a sentence that its similarity is judged by
_SHINGLE = 3
_COMMON = 40  # a shingle in more sentences than this tells nothing
_SHORT = 12
_BRUTE = 400

_SPACE = re.compile(r"\s+")


def words(text: str) -> str:
    """What two texts are compared by."""
    return _SPACE.sub("", fold(text))


def same_words(old: str, new: str) -> bool:
    """Whether two texts say the same words, in whatever script.

    Folding goes by characters; a converter by words as well (計畫 → 计划), so that a text which
    differs in a few characters is converted and compared again.
    """
    if old == new:
        return True
    a, b = words(old), words(new)
    return a == b or (len(a) == len(b) and _simplified(old) == _simplified(new))


def _simplified(text: str) -> str:
    return words(_converter().convert(text))


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


class Line(NamedTuple):
    """A sentence: its words, the section it stands in (by words), and the kind of its block.

    `cell` names the cell it is, by the words that head its row and column; empty elsewhere.
    """

    words: str
    section: str
    kind: str
    cell: str = ""


def match_lines(old: Sequence[Line], new: Sequence[Line]) -> list[tuple[int, int]]:
    """Pairs of indices, each index in one at most, in order of the old: equal sentences first, then
    similar ones in one place, in one section, and at last anywhere."""
    pairs = _equal_in_order(old, new)
    matching = _Matching(old, new, pairs)
    matching.equal(lambda line: line.words if len(line.words) >= _SHORT else None)
    matching.same_cell()
    matching.in_gaps()
    matching.equal(lambda line: (line.words, line.section, line.kind))
    matching.equal(lambda line: (line.words, line.kind))
    matching.similar(_SAME_SECTION, same_section=True)
    matching.similar(_ANYWHERE, same_section=False)
    return sorted(matching.found.items())


def in_order(pairs: Sequence[tuple[int, int]]) -> set[int]:
    """The old indices of the most pairs that stand in one order in both (the rest have moved).

    The longest increasing subsequence, by patience: time n log n.
    """
    tails: list[int] = []
    places: list[int] = []
    back: list[int] = []
    for index, (_, new) in enumerate(pairs):
        place = bisect_left(tails, new)
        back.append(places[place - 1] if place else -1)
        tails[place : place + 1] = [new]
        places[place : place + 1] = [index]
    kept: set[int] = set()
    index = places[-1] if places else -1
    while index >= 0:
        kept.add(pairs[index][0])
        index = back[index]
    return kept


def align(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pairs of equal items in order, as many as can be (a longest common subsequence)."""
    first = 0
    while first < min(len(old), len(new)) and old[first] == new[first]:
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    pairs = [(i, i) for i in range(first)]
    middle_old, middle_new = old[first : len(old) - last], new[first : len(new) - last]
    if middle_old and middle_new and len(middle_old) * len(middle_new) <= _LARGEST_LIST_PRODUCT:
        # Equal items become equal numbers: the library compares items by their hashes.
        numbers: dict[Hashable, int] = {}
        a = [numbers.setdefault(item, len(numbers)) for item in middle_old]
        b = [numbers.setdefault(item, len(numbers)) for item in middle_new]
        for code in Indel.opcodes(a, b):
            if code.tag == "equal":
                length = code.src_end - code.src_start
                pairs += [
                    (first + code.src_start + k, first + code.dest_start + k) for k in range(length)
                ]
    pairs += [(len(old) - k, len(new) - k) for k in range(last, 0, -1)]
    return pairs


def _equal_in_order(old: Sequence[Line], new: Sequence[Line]) -> list[tuple[int, int]]:
    """Equal sentences in order. A cell equals one of the same row and column only: a number in a
    table is by chance the same as one in another row."""
    return align(
        [(line.words, line.cell) for line in old], [(line.words, line.cell) for line in new]
    )


class _Matching:
    """The pairs found so far, and the sentences that are left."""

    def __init__(
        self, old: Sequence[Line], new: Sequence[Line], pairs: Iterable[tuple[int, int]]
    ) -> None:
        self.old, self.new = old, new
        self.found = dict(pairs)
        self.taken = set(self.found.values())

    def _left(self) -> tuple[list[int], list[int]]:
        old = [i for i in range(len(self.old)) if i not in self.found]
        return (old, [j for j in range(len(self.new)) if j not in self.taken])

    def _add(self, scored: Iterable[tuple[float, int, int]]) -> None:
        """Pairs best first; of equals, the ones that lie nearest to each other."""
        for _, i, j in sorted(scored, key=lambda s: (-s[0], abs(s[1] - s[2]), s[1], s[2])):
            if i not in self.found and j not in self.taken:
                self.found[i] = j
                self.taken.add(j)

    def equal(self, key: Callable[[Line], Hashable]) -> None:
        """Sentences of equal key, in order. A key of None matches nothing."""
        left_old, left_new = self._left()
        waiting: defaultdict[Hashable, list[int]] = defaultdict(list)
        for j in reversed(left_new):
            waiting[key(self.new[j])].append(j)
        waiting.pop(None, None)
        for i in left_old:
            if stack := waiting.get(key(self.old[i])):
                self.found[i] = stack.pop()
                self.taken.add(self.found[i])

    def same_cell(self) -> None:
        """Cells with the same heads of row and column, where no other has them."""
        left_old, left_new = self._left()
        held: defaultdict[tuple[str, str], tuple[list[int], list[int]]] = defaultdict(
            lambda: ([], [])
        )
        for side, (lines, left) in enumerate(((self.old, left_old), (self.new, left_new))):
            for index in left:
                if lines[index].cell:
                    held[lines[index].section, lines[index].cell][side].append(index)
        for olds, news in held.values():
            if len(olds) == len(news) == 1:
                self.found[olds[0]] = news[0]
                self.taken.add(news[0])

    def in_gaps(self) -> None:
        """Between two neighbours that are matched: what stands in one place, if it is similar."""
        ordered = sorted(self.found.items())
        kept = in_order(ordered)
        fences = [pair for pair in ordered if pair[0] in kept]
        before = (-1, -1)
        for fence in [*fences, (len(self.old), len(self.new))]:
            left_old = [i for i in range(before[0] + 1, fence[0]) if i not in self.found]
            left_new = [j for j in range(before[1] + 1, fence[1]) if j not in self.taken]
            before = fence
            if not left_old or not left_new:
                continue
            if len(left_old) == len(left_new):
                self._add(
                    (101.0, i, j)
                    for i, j in zip(left_old, left_new, strict=True)
                    if self._is_small_cell(i, j)
                )
                left_old = [i for i in left_old if i not in self.found]
                left_new = [j for j in left_new if j not in self.taken]
            if len(left_old) * len(left_new) <= _BRUTE:
                pairs = [
                    (i, j)
                    for i in left_old
                    for j in left_new
                    if self.old[i].kind == self.new[j].kind
                ]
            else:
                pairs = list(self._candidates(left_old, left_new))
            self._add(self._score(pairs, _SAME_PLACE))

    def _is_small_cell(self, i: int, j: int) -> bool:
        """10 → 12 in one place of a table: nothing in common, and yet the same cell."""
        old, new = self.old[i], self.new[j]
        return (
            old.kind == new.kind == "table_cell" and max(len(old.words), len(new.words)) <= _SHORT
        )

    def similar(self, least: float, *, same_section: bool) -> None:
        left_old, left_new = self._left()
        pairs = self._candidates(left_old, left_new)
        self._add(
            self._score(
                (
                    (i, j)
                    for i, j in pairs
                    if not same_section or self.old[i].section == self.new[j].section
                ),
                least,
            )
        )

    def _candidates(self, old: Iterable[int], new: Iterable[int]) -> Iterable[tuple[int, int]]:
        """For each old sentence the few new ones that share the most rare shingles with it."""
        holders: defaultdict[str, list[int]] = defaultdict(list)
        for j in new:
            for shingle in _shingles(self.new[j].words):
                holders[shingle].append(j)
        for i in old:
            shared: defaultdict[int, int] = defaultdict(int)
            for shingle in _shingles(self.old[i].words):
                held = holders.get(shingle, ())
                if len(held) <= _COMMON:
                    for j in held:
                        shared[j] += 1
            for j in sorted(shared, key=lambda j: (-shared[j], abs(i - j), j))[:4]:
                yield (i, j)

    def _score(
        self, pairs: Iterable[tuple[int, int]], least: float
    ) -> list[tuple[float, int, int]]:
        scored = []
        for i, j in pairs:
            score = similarity(self.old[i].words, self.new[j].words, least=least)
            if score:
                scored.append((score, i, j))
        return scored


def _shingles(text: str) -> set[str]:
    text = text[:_COMPARED]
    return {text[k : k + _SHINGLE] for k in range(len(text) - _SHINGLE + 1)}


def similarity(old: str, new: str, *, least: float = 0.0) -> float:
    """0–100; 0 where it is under `least`."""
    return fuzz.ratio(old[:_COMPARED], new[:_COMPARED], score_cutoff=least)


class Carrier:
    """Carries spans of an old text over into a new one.

    Offsets are of the texts as given; the alignment is of their words.
    """

    def __init__(self, old: str, new: str) -> None:
        self._old_spaces, self._new_spaces = _Spaces(old), _Spaces(new)
        self.old, self.new = words(old), words(new)
        self._codes = _opcodes(self.old, self.new)
        self._starts = [code[0] for code in self._codes]

    def old_place(self, offset: int) -> int:
        """Where `offset` of the old text is in its words."""
        return self._old_spaces.without(offset)

    def new_place(self, offset: int) -> int:
        """Where `offset` of the new text is in its words."""
        return self._new_spaces.without(offset)

    def edits(self) -> list[tuple[int, int]]:
        """The stretches of the old words that were replaced or deleted, and, empty, the places
        where something was inserted."""
        found: list[tuple[int, int]] = []
        reached = 0
        for old_start, old_end, new_start, new_end, is_equal in self._codes:
            if new_start > reached:
                found.append((old_start, old_start))
            if not is_equal:
                found.append((old_start, old_end))
            reached = new_end
        if len(self.new) > reached:
            found.append((len(self.old), len(self.old)))
        return found

    def carry(self, start: int, end: int) -> tuple[int, int]:
        """The words of the new text that old [start, end) became, as a span of its words.

        A span that reaches into a replaced stretch takes in all of what replaced it.
        """
        a, b = self.old_place(start), self.old_place(end)
        return (self._carry(a, is_end=False), self._carry(b, is_end=True))

    def _carry(self, place: int, *, is_end: bool) -> int:
        if not self._codes:
            return 0
        index = (
            bisect_left(self._starts, place) - 1
            if is_end
            else bisect_right(self._starts, place) - 1
        )
        old_start, old_end, new_start, new_end, is_equal = self._codes[max(index, 0)]
        if is_equal:
            return new_start + min(max(place - old_start, 0), old_end - old_start)
        if is_end:
            return new_end if place > old_start else new_start
        return new_start if place < old_end else new_end


class _Spaces:
    """The white space of a text, which its words are without."""

    def __init__(self, text: str) -> None:
        spans = [match.span() for match in _SPACE.finditer(text)]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self.removed = [0, *accumulate(end - start for start, end in spans)]

    def without(self, offset: int) -> int:
        """Where `offset` is when the white space before it is gone."""
        index = bisect_left(self.starts, offset)
        inside = max(self.ends[index - 1] - offset, 0) if index else 0
        return offset - self.removed[index] + inside


@lru_cache(maxsize=256)
def _opcodes(old: str, new: str) -> tuple[tuple[int, int, int, int, bool], ...]:
    """(old start, old end, new start, new end, whether equal), covering both; none is empty in old."""
    first = 0
    for a, b in zip(old, new, strict=False):
        if a != b:
            break
        first += 1
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    codes: list[tuple[int, int, int, int, bool]] = []
    if first:
        codes.append((0, first, 0, first, True))
    middle_old, middle_new = old[first : len(old) - last], new[first : len(new) - last]
    if middle_old and len(middle_old) * max(len(middle_new), 1) > _LARGEST_TEXT_PRODUCT:
        codes.append((first, len(old) - last, first, len(new) - last, False))
    elif middle_old:
        for is_equal, run in groupby(
            Levenshtein.opcodes(middle_old, middle_new), key=lambda code: bool(code.tag == "equal")
        ):
            # 30 → 400 is one replacement, however it is taken apart.
            steps = list(run)
            start, end = first + steps[0].src_start, first + steps[-1].src_end
            if end > start:
                codes.append(
                    (start, end, first + steps[0].dest_start, first + steps[-1].dest_end, is_equal)
                )
    if last:
        codes.append((len(old) - last, len(old), len(new) - last, len(new), True))
    return tuple(codes)
