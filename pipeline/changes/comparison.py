"""Old tables, new tables → the rows of `changes`."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Literal

import pyarrow as pa

from pipeline.changes.entries import entry_difference, pair_equal, pair_left
from pipeline.changes.facts import Difference, Row, differences, fact, identity, is_own, same
from pipeline.changes.states import MENTION_TABLES, Article, Slices, article_pairs
from pipeline.matching import Carrier, in_order, match_lines, same_words, similarity, words
from pipeline.tables import to_table

Kind = Literal["added", "removed", "value_changed", "footnotes_changed", "reworded", "moved"]

# Characters on each side of a mention that are its surroundings, and how alike they must be for
# a mention of another sentence to be the same one.
_AROUND = 12
_ALIKE = 60.0
_CROWD = 40
_CLAUSE_END = re.compile(r"[,;:、。!?()「」『』]")  # of folded text


def diff(
    old: Mapping[str, pa.Table], new: Mapping[str, pa.Table], *, moved: bool = False
) -> pa.Table:
    """What differs between two states of the tables, as a table in the schema of `changes`.

    `old` and `new` hold tables by name (`READ_TABLES`; one that is missing is empty). With `moved`
    also what only moved or only follows from another change. Rows are sorted by article, then
    by position. An article under another name is the same one if the name differs in script only, if
    it is read from the same file, or if it has half of its sentences in common.
    """
    old_slices, new_slices = Slices(old), Slices(new)
    rows: list[Row] = []
    for before, after in article_pairs(old_slices, new_slices):
        if before and after and old_slices.equals(before, new_slices, after):
            continue
        rows += Comparison(
            Article.read(old_slices, before), Article.read(new_slices, after)
        ).changes(moved=moved)
    turns: Counter[str] = Counter()
    for row in rows:
        parts = ("article_id", "kind", "mention_table", "field", "old_mention_id", "new_mention_id")
        name = hashlib.sha256("\x1f".join(str(row[part]) for part in parts).encode()).hexdigest()[
            :16
        ]
        turns[name] += 1
        row["change_id"] = name if turns[name] == 1 else f"{name}-{turns[name]}"
    return to_table("changes", rows)


class Comparison:
    """An article then and now."""

    def __init__(self, old: Article, new: Article) -> None:
        self.old, self.new = old, new
        self.rewritten = (old.row or {}).get("raw_sha256") != (new.row or {}).get("raw_sha256")
        self.lines = match_lines(old.lines, new.lines)
        self.carriers: dict[tuple[int, int], Carrier] = {}
        self.notes = self._pair_footnotes()

    def carrier(self, pair: tuple[int, int]) -> Carrier:
        if pair not in self.carriers:
            self.carriers[pair] = Carrier(
                self.old.sentences[pair[0]]["text"], self.new.sentences[pair[1]]["text"]
            )
        return self.carriers[pair]

    def changes(self, *, moved: bool) -> list[Row]:
        """The rows of `changes`, without ids, in order of position."""
        rows = self._footnote_changes()
        kept = in_order(self.lines)
        left_old: list[Row] = []
        left_new: list[Row] = []
        pairs: list[tuple[tuple[int, int], list[tuple[Row, Row]]]] = []
        for pair in self.lines:
            together, only_old, only_new = self._pair_mentions(pair)
            pairs.append((pair, together))
            left_old += only_old
            left_new += only_new
        seen_old, seen_new = {i for i, _ in self.lines}, {j for _, j in self.lines}
        for index in range(len(self.old.sentences)):
            left_old += self.old.in_sentence(index) if index not in seen_old else []
        for index in range(len(self.new.sentences)):
            left_new += self.new.in_sentence(index) if index not in seen_new else []
        strays = self._pair_strays(left_old, left_new)
        gone = {id(old) for old, _ in strays}
        come = {id(new) for _, new in strays}
        left_old = [row for row in left_old if id(row) not in gone]
        left_new = [row for row in left_new if id(row) not in come]
        touched = {row["sentence_id"] for row in left_old} | {
            row["sentence_id"] for row in left_new
        }
        rows += [self._row("removed", row, None, _gone(fact(row))) for row in left_old]
        rows += [self._row("added", None, row, _come(fact(row))) for row in left_new]
        for pair, together in pairs:
            rows += self._classify(
                pair, together, touched, is_moved=pair[0] not in kept, moved=moved
            )
        for old, new in strays:
            rows += self._compare(old, new, moved=moved) or [self._reworded(old, new)]
        return sorted(rows, key=_position)

    # Mentions

    def _pair_mentions(
        self, pair: tuple[int, int]
    ) -> tuple[list[tuple[Row, Row]], list[Row], list[Row]]:
        """The mentions of two matched sentences: those of one place, and those left on each side."""
        old, new = self.old.in_sentence(pair[0]), self.new.in_sentence(pair[1])
        if not old or not new:
            return ([], list(old), list(new))
        if self.old.sentences[pair[0]]["text"] == self.new.sentences[pair[1]]["text"] and [
            _span(row) for row in old
        ] == [_span(row) for row in new]:
            return (list(zip(old, new, strict=True)), [], [])
        carrier = self.carrier(pair)
        new_spans = [
            (carrier.new_place(row["sentence_start"]), carrier.new_place(row["sentence_end"]))
            for row in new
        ]
        scored: list[tuple[float, int, int]] = []
        new_starts = [start for start, _ in new_spans]
        longest = max(end - start for start, end in new_spans)
        for i, row in enumerate(old):
            start, end = carrier.carry(row["sentence_start"], row["sentence_end"])
            # Only what begins near enough can meet it. Where all was replaced all do, which says
            # nothing.
            first, last = bisect_left(new_starts, start - longest), bisect_left(new_starts, end)
            for j in range(first, last if last - first <= _CROWD else first):
                shared = min(end, new_spans[j][1]) - max(start, new_spans[j][0])
                if shared > 0 and new[j]["table"] == row["table"]:
                    covered = shared / max(end - start, new_spans[j][1] - new_spans[j][0])
                    scored.append((covered + (identity(row) == identity(new[j])), i, j))
        taken_old: dict[int, int] = {}
        taken_new: set[int] = set()
        for _, i, j in sorted(scored, key=lambda s: (-s[0], abs(s[1] - s[2]), s[1], s[2])):
            if i not in taken_old and j not in taken_new:
                taken_old[i] = j
                taken_new.add(j)
        # Within one sentence the same words for the same fact are the same mention, wherever.
        rest: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
        for j in reversed(range(len(new))):
            if j not in taken_new:
                rest[identity(new[j])].append(j)
        for i, row in enumerate(old):
            if i not in taken_old and (stack := rest.get(identity(row))):
                taken_old[i] = stack.pop()
                taken_new.add(taken_old[i])
        return (
            [(old[i], new[j]) for i, j in sorted(taken_old.items())],
            [row for i, row in enumerate(old) if i not in taken_old],
            [row for j, row in enumerate(new) if j not in taken_new],
        )

    def _pair_strays(self, old: list[Row], new: list[Row]) -> list[tuple[Row, Row]]:
        """Mentions of other sentences that say the same in like surroundings: a sentence that was
        split, or joined to another, takes its mentions along."""
        waiting: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in new:
            waiting[identity(row)].append(row)
        pairs = []
        for row in old:
            stack = waiting.get(identity(row), [])[:50]
            scores = [
                similarity(self._around(self.old, row), self._around(self.new, other))
                for other in stack
            ]
            if scores and max(scores) >= _ALIKE:
                best = scores.index(max(scores))
                pairs.append((row, stack[best]))
                del waiting[identity(row)][best]
        return pairs

    @staticmethod
    def _around(article: Article, row: Row) -> str:
        """The words on both sides of a mention, over the ends of its sentence."""
        index = article.index.get(row["sentence_id"])
        if index is None:
            return ""
        text = article.sentences[index]["text"]
        before = text[: row["sentence_start"]]
        after = text[row["sentence_end"] :]
        if len(before) < _AROUND and index:
            before = article.sentences[index - 1]["text"][-_AROUND:] + before
        if len(after) < _AROUND and index + 1 < len(article.sentences):
            after += article.sentences[index + 1]["text"][:_AROUND]
        return words(before[-_AROUND:]) + words(after[:_AROUND])

    def _classify(
        self,
        pair: tuple[int, int],
        together: Sequence[tuple[Row, Row]],
        touched: set[str],
        *,
        is_moved: bool,
        moved: bool,
    ) -> list[Row]:
        """The changes of the mentions that two matched sentences share."""
        rows: list[Row] = []
        quiet: list[tuple[Row, Row]] = []
        old, new = self.old.sentences[pair[0]], self.new.sentences[pair[1]]
        for before, after in together:
            found = self._compare(before, after, moved=moved)
            rows += found
            if not found:
                quiet.append((before, after))
        is_same = same_words(old["text"], new["text"])
        is_explained = bool(rows) or not touched.isdisjoint(
            (old["sentence_id"], new["sentence_id"])
        )
        near: set[str] = set()
        if not is_same and not is_explained:
            near = self._near_edits(pair, [before for before, _ in quiet])
        for before, after in quiet:
            own_words = same_words(before["text"], after["text"])
            if not own_words or before["mention_id"] in near or (moved and not is_same):
                rows.append(self._reworded(before, after))
            elif moved:
                elsewhere = not same(
                    self.old.paths.get(before["section_id"]),
                    self.new.paths.get(after["section_id"]),
                )
                if is_moved or elsewhere:
                    value = Difference(None, fact(before), fact(after))
                    rows.append(self._row("moved", before, after, value))
        return rows

    def _near_edits(self, pair: tuple[int, int], mentions: Sequence[Row]) -> set[str]:
        """Ids of the mentions whose clause was edited; if there is none, of the one nearest to an
        edit."""
        carrier = self.carrier(pair)
        edits = carrier.edits()
        edit_ends = [b for _, b in edits]

        def around(place: int) -> Sequence[tuple[int, int]]:
            index = bisect_left(edit_ends, place)
            return edits[max(index - 1, 0) : index + 2]

        ends = [match.end() for match in _CLAUSE_END.finditer(carrier.old)]
        near: set[str] = set()
        nearest: tuple[int, str] | None = None
        for row in mentions:
            start = carrier.old_place(row["sentence_start"])
            end = carrier.old_place(row["sentence_end"])
            first = ends[place - 1] if (place := bisect_right(ends, start)) else 0
            last = (
                ends[place] if (place := bisect_left(ends, end)) < len(ends) else len(carrier.old)
            )
            if any(a < last and (b > first or a == b == first) for a, b in around(first)):
                near.add(row["mention_id"])
            distance = min((max(a - end, start - b, 0) for a, b in around(start)), default=0)
            if nearest is None or distance < nearest[0]:
                nearest = (distance, row["mention_id"])
        return near or ({nearest[1]} if nearest else set())

    def _compare(self, old: Row, new: Row, *, moved: bool) -> list[Row]:
        """What a mention says otherwise than before, and what else it is supported by."""
        rows: list[Row] = []
        found = differences(old, new)
        if found and (moved or is_own(old, new, rewritten=self.rewritten)):
            rows = [self._row("value_changed", old, new, difference) for difference in found]
        before = {
            self.notes.get(note, note) for note in self.old.support.get(old["mention_id"], ())
        }
        after = set(self.new.support.get(new["mention_id"], ()))
        if before != after:
            numbers = Difference(
                "footnotes", _numbers(old["footnotes"]), _numbers(new["footnotes"])
            )
            rows.append(self._row("footnotes_changed", old, new, numbers))
        return rows

    def _reworded(self, old: Row, new: Row) -> Row:
        for name in ("classifier", "counted"):
            if old["table"] == "numbers" and not same(old[name], new[name]):
                return self._row("reworded", old, new, Difference(name, old[name], new[name]))
        if not same(old["text"], new["text"]):
            return self._row("reworded", old, new, Difference("text", old["text"], new["text"]))
        return self._row("reworded", old, new, Difference(None, fact(old), fact(new)))

    def _row(self, kind: Kind, old: Row | None, new: Row | None, difference: Difference) -> Row:
        one = new or old
        assert one is not None
        return self._change(kind, one["table"], old, new, difference) | {
            "old_mention_id": old and old["mention_id"],
            "new_mention_id": new and new["mention_id"],
            "old_sentence": self.old.text(old),
            "new_sentence": self.new.text(new),
            "old_footnotes": old and old["footnotes"],
            "new_footnotes": new and new["footnotes"],
        }

    def _change(
        self, kind: Kind, table: str, old: Row | None, new: Row | None, difference: Difference
    ) -> Row:
        """What a row of `changes` says of a mention and of a reference entry alike."""
        article = self.new.row or self.old.row or {"article_id": "", "title": ""}
        return {
            "article_id": article["article_id"], "title": article["title"], "kind": kind,
            "mention_table": table, "field": difference.field,
            "old_value": difference.old, "new_value": difference.new,
        } | {
            f"{state}_raw_{end}": row and row[f"raw_{end}"]
            for state, row in (("old", old), ("new", new))
            for end in ("start", "end")
        }  # fmt: skip

    # Footnotes

    def _pair_footnotes(self) -> dict[str, str]:
        """Ids of the entries then → of the same entries now."""
        old, new = self.old.footnotes, self.new.footnotes
        pairs = pair_equal(old, new)
        votes = self._votes(old, new, pairs)
        taken = set(pairs.values())
        for (i, j), _ in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
            if i not in pairs and j not in taken:
                pairs[i] = j
                taken.add(j)
        pair_left(old, new, pairs)
        return {old[i]["footnote_id"]: new[j]["footnote_id"] for i, j in pairs.items()}

    def _votes(
        self, old: Sequence[Row], new: Sequence[Row], pairs: Mapping[int, int]
    ) -> dict[tuple[int, int], float]:
        """How often two entries are cited at the same place of matched sentences."""
        old_index = {row["footnote_id"]: i for i, row in enumerate(old)}
        new_index = {row["footnote_id"]: j for j, row in enumerate(new)}
        back = set(pairs.values())
        votes: defaultdict[tuple[int, int], float] = defaultdict(float)
        for pair in self.lines:
            before = self.old.citations.get(self.old.sentences[pair[0]]["sentence_id"], [])
            after = self.new.citations.get(self.new.sentences[pair[1]]["sentence_id"], [])
            if not before or not after:
                continue
            carrier = self.carrier(pair)
            places: defaultdict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
            for row in before:
                i = old_index.get(row["footnote_id"])
                if i is not None and i not in pairs:
                    places[carrier.carry(0, row["sentence_start"] or 0)[1]][0].append(i)
            for row in after:
                j = new_index.get(row["footnote_id"])
                if j is not None and j not in back:
                    places[carrier.new_place(row["sentence_start"] or 0)][1].append(j)
            for olds, news in places.values():
                if len(olds) == len(news):
                    for i, j in zip(olds, news, strict=True):
                        votes[i, j] += 1.0
                else:
                    # One of several went or came: each of the rest may be any.
                    for i, j in product(olds[:20], news[:20]):
                        votes[i, j] += 0.5
        for i, j in votes:
            # Without an entry more or less, a number says as much as half a citation.
            if len(old) == len(new) and old[i]["number"] == new[j]["number"]:
                votes[i, j] += 0.5
        return votes

    def _footnote_changes(self) -> list[Row]:
        rows: list[Row] = []
        new = {row["footnote_id"]: row for row in self.new.footnotes}
        partners = set(self.notes.values())
        for row in self.old.footnotes:
            partner = new.get(self.notes.get(row["footnote_id"], ""))
            if partner is not None:
                found = entry_difference(row, partner)
                if found:
                    rows.append(self._entry_row("value_changed", row, partner, found))
            elif not row["is_empty"]:
                rows.append(self._entry_row("removed", row, None, _gone(row["text"])))
        rows += [
            self._entry_row("added", None, row, _come(row["text"]))
            for row in self.new.footnotes
            if row["footnote_id"] not in partners and not row["is_empty"]
        ]
        return rows

    def _entry_row(
        self, kind: Kind, old: Row | None, new: Row | None, difference: Difference
    ) -> Row:
        return self._change(kind, "footnotes", old, new, difference) | {
            "old_mention_id": old and old["footnote_id"],
            "new_mention_id": new and new["footnote_id"],
            "old_sentence": old and old["text"],
            "new_sentence": new and new["text"],
            "old_footnotes": [old["number"]] if old else None,
            "new_footnotes": [new["number"]] if new else None,
        }


def _span(row: Row) -> tuple[str, int, int]:
    return (row["table"], row["sentence_start"], row["sentence_end"])


def _numbers(footnotes: Sequence[int] | None) -> str:
    return ", ".join(str(number) for number in footnotes or ())


def _gone(said: str) -> Difference:
    return Difference(None, said, None)


def _come(said: str) -> Difference:
    return Difference(None, None, said)


def _position(row: Row) -> tuple[int, int, str, str]:
    """Reading order of the new text; what is gone stands where it stood."""
    order = (*MENTION_TABLES, "footnotes").index(row["mention_table"])
    start = row["old_raw_start"] if row["new_raw_start"] is None else row["new_raw_start"]
    return (start, order, row["kind"], row["field"] or "")
