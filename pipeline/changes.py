"""Old tables, new tables → which facts changed.

An article whose rows differ is looked at in four steps:

1. Its sentences are matched (`matching`), and spans carried from the old text to the new.
2. Footnotes are paired by what they say and by where they are cited, never by their number.
3. Mentions are paired: same sentence and place, then same value in like surroundings.
4. A pair, or what is left without a partner, is classified:

    added, removed      no partner
    value_changed       the fact itself differs: value, unit, modifier, name … (`field`)
    footnotes_changed   supported (scope `clause`) by other entries than before
    reworded            the same fact in other words
    moved               the same fact, the same sentence, in another order or section

A reference entry is compared in the same way and has `mention_table` `footnotes`.

One edit shall give one change. So a fact that only follows from another, such as 7月24日 whose
year was filled in from a sentence that now says 1942, is left out as a moved one is, unless asked
for: its own words did not change. And a sentence in which a value changed is not also `reworded`, and in one that is, only the facts of
the clauses that were edited are, or else the nearest one.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import PipelineError
from pipeline.matching import (
    Carrier,
    Line,
    in_order,
    match_lines,
    same_words,
    similarity,
    words,
)
from pipeline.schemas import SCHEMAS
from pipeline.store import sheets
from pipeline.tables import in_order as sorted_by_article
from pipeline.tables import to_table

Row = dict[str, Any]
Kind = Literal["added", "removed", "value_changed", "footnotes_changed", "reworded", "moved"]
Format = Literal["table", "jsonl", "markdown", "csv"]

MENTION_TABLES = ("dates", "numbers", "places")
#: The tables that `diff` reads; others are not needed.
READ_TABLES = (
    "articles", "sections", "sentences", "footnotes", "citations", *MENTION_TABLES, "mention_footnotes",
    "table_cells",
)  # fmt: skip

# Characters on each side of a mention that are its surroundings, and how alike they must be for
# a mention of another sentence to be the same one.
_AROUND = 12
_ALIKE = 60.0
_RENAMED = 0.5  # share of its sentences that make an article of another name the same one
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
    old_slices, new_slices = _Slices(old), _Slices(new)
    rows: list[Row] = []
    for before, after in _article_pairs(old_slices, new_slices):
        if before and after and old_slices.equals(before, new_slices, after):
            continue
        rows += _Comparison(
            _Article.read(old_slices, before), _Article.read(new_slices, after)
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


# ---------------------------------------------------------------------------------------------
# Articles


class _Slices:
    """Tables cut by article."""

    def __init__(self, tables: Mapping[str, pa.Table]) -> None:
        self.tables: dict[str, pa.Table] = {}
        self.ranges: dict[str, dict[str, tuple[int, int]]] = {}
        for name in READ_TABLES:
            table = tables.get(name)
            if table is None:
                table = SCHEMAS[name].empty_table()
            table = table.combine_chunks()
            ids = table["article_id"]
            if (
                table.num_rows > 1
                and not pc.all(pc.less_equal(ids.slice(0, len(ids) - 1), ids.slice(1))).as_py()
            ):
                table = sorted_by_article(table)
            self.tables[name] = table
            self.ranges[name] = _runs(table["article_id"])

    def articles(self) -> dict[str, Row]:
        return {row["article_id"]: row for row in self.tables["articles"].to_pylist()}

    def slice(self, name: str, article: str) -> pa.Table:
        start, end = self.ranges[name].get(article, (0, 0))
        return self.tables[name].slice(start, end - start)

    def rows(self, name: str, article: str) -> list[Row]:
        found: list[Row] = self.slice(name, article).to_pylist()
        return found

    def sentences(self, article: str) -> set[str]:
        """The words of an article's sentences, of those that say something."""
        texts = self.slice("sentences", article)["text"].to_pylist()
        return {said for text in texts if len(said := words(text)) >= 8}

    def equals(self, article: str, other: _Slices, other_article: str) -> bool:
        """Whether all facts of an article, and where they stand, are the same."""
        return article == other_article and all(
            self.slice(name, article).equals(other.slice(name, other_article))
            for name in READ_TABLES
            if name != "articles"
        )


def _runs(ids: pa.ChunkedArray) -> dict[str, tuple[int, int]]:
    """Where the rows of each article begin and end, rows being sorted by article."""
    if not len(ids):
        return {}
    counts = pa.table({"id": ids}).group_by("id", use_threads=False).aggregate([([], "count_all")])
    runs, position = {}, 0
    for name, count in zip(counts["id"].to_pylist(), counts["count_all"].to_pylist(), strict=True):
        runs[name] = (position, position + count)
        position += count
    return runs


def _article_pairs(old: _Slices, new: _Slices) -> list[tuple[str | None, str | None]]:
    """Ids of the same article then and now; one of two is None where it came or went."""
    before, after = old.articles(), new.articles()
    pairs: list[tuple[str | None, str | None]] = [(name, name) for name in before if name in after]
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]

    def pair(name: str, other: str) -> None:
        pairs.append((name, other))
        gone.remove(name)
        come.remove(other)

    ways: tuple[Callable[[Row], str], ...] = (
        lambda row: words(row["title"]),
        lambda row: row["raw_path"],
    )
    for way in ways:
        waiting = {way(after[name]): name for name in reversed(come)}
        for name in list(gone):
            if other := waiting.pop(way(before[name]), None):
                pair(name, other)
    if gone and come:
        # What was renamed altogether still says the same.
        said: defaultdict[str, set[str]] = defaultdict(set)
        for other in come:
            for text in new.sentences(other):
                said[text].add(other)
        for name in list(gone):
            texts = old.sentences(name)
            shared = Counter(other for text in texts for other in said.get(text, ()))
            best = max(sorted(shared), key=lambda other: shared[other], default=None)
            if best in come and shared[best] >= len(texts) * _RENAMED:
                pair(name, best)
    pairs += [(name, None) for name in gone] + [(None, name) for name in come]
    return sorted(pairs, key=lambda pair: pair[1] or pair[0] or "")


def _cell_names(rows: Sequence[Row]) -> dict[int, str]:
    """Block → what heads the row and the column of its cell."""
    first = {
        (row["table_index"], row["row_index"]): words(row["text"])
        for row in rows
        if row["column_index"] == 0
    }
    return {
        row["block"]: "\x1f".join(
            [
                first.get((row["table_index"], row["row_index"]), "")
                if row["column_index"]
                else "",
                *map(words, row["headers"] or ()),
            ]
        )
        for row in rows
        if row["block"] is not None
    }


@dataclass
class _Article:
    """The rows of one article in one state, by what the comparison asks for."""

    row: Row | None
    sentences: list[Row] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    paths: dict[str, str] = field(default_factory=dict)
    footnotes: list[Row] = field(default_factory=list)
    citations: dict[str, list[Row]] = field(default_factory=dict)
    mentions: dict[str, list[Row]] = field(default_factory=dict)
    support: dict[str, frozenset[str]] = field(default_factory=dict)
    index: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, slices: _Slices, article: str | None) -> _Article:
        if article is None:
            return cls(None)
        rows = slices.rows("articles", article)
        paths = {row["section_id"]: row["path"] for row in slices.rows("sections", article)}
        sentences = sorted(slices.rows("sentences", article), key=lambda row: row["position"])
        cells = _cell_names(slices.rows("table_cells", article))
        citations: defaultdict[str, list[Row]] = defaultdict(list)
        for row in slices.rows("citations", article):
            citations[row["sentence_id"] or ""].append(row)
        mentions: defaultdict[str, list[Row]] = defaultdict(list)
        for table in MENTION_TABLES:
            for row in slices.rows(table, article):
                row["table"] = table
                mentions[row["sentence_id"]].append(row)
        support: defaultdict[str, set[str]] = defaultdict(set)
        for row in slices.rows("mention_footnotes", article):
            if row["scope"] == "clause":
                support[row["mention_id"]].add(row["footnote_id"])
        for found in mentions.values():
            found.sort(key=lambda row: (row["sentence_start"], row["sentence_end"], row["table"]))
        return cls(
            rows[0] if rows else None,
            sentences,
            [
                Line(
                    words(row["text"]),
                    words(paths.get(row["section_id"], "")),
                    row["block_kind"],
                    cells.get(row["block"], ""),
                )
                for row in sentences
            ],
            paths,
            slices.rows("footnotes", article),
            dict(citations),
            dict(mentions),
            {mention: frozenset(notes) for mention, notes in support.items()},
            {row["sentence_id"]: index for index, row in enumerate(sentences)},
        )

    def in_sentence(self, index: int) -> list[Row]:
        return self.mentions.get(self.sentences[index]["sentence_id"], [])

    def text(self, row: Row | None) -> str | None:
        """The sentence that a mention stands in."""
        if row is None or row["sentence_id"] not in self.index:
            return None
        return str(self.sentences[self.index[row["sentence_id"]]]["text"])


# ---------------------------------------------------------------------------------------------
# What a fact says


def _number(value: float | None) -> str | None:
    if value is None:
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _quantity(row: Row) -> str | None:
    """The number of a row: 300000, or 30..40 for a range, 3:2 for a ratio."""
    if row["value"] is not None or row["value_min"] is None:
        return _number(row["value"])
    sign = ":" if row["kind"] == "ratio" else ".."
    return f"{_number(row['value_min'])}{sign}{_number(row['value_max'])}"


def fact(row: Row) -> str:
    """What a mention says, for people: 1941-08, 300000 人, 18 km, 列寧格勒."""
    if row["table"] == "numbers":
        unit = row["unit"] or row["classifier"]
        value = _quantity(row) or row["text"]
        return f"{value} {unit}" if unit else str(value)
    return str(row["name"] if row["table"] == "places" else row["value"] or row["text"])


def _same(old: Any, new: Any) -> bool:
    """Equal, but for script and width of texts."""
    if isinstance(old, str) and isinstance(new, str):
        return old == new or same_words(old, new)
    return bool(old == new)


def _differences(old: Row, new: Row) -> list[tuple[str, str | None, str | None]]:
    """(field, old, new) for each thing that the fact says otherwise; what is computed from another
    column (days covered, precision, SI value, coordinates) is not told twice."""
    found: list[tuple[str, str | None, str | None]] = []

    def compare(name: str) -> None:
        if not _same(old[name], new[name]):
            found.append((name, old[name], new[name]))

    if old["table"] == "places":
        compare("name")
        if not found and old["geonames_id"] != new["geonames_id"]:
            then, now = old["geonames_id"], new["geonames_id"]
            found.append(
                (
                    "geonames_id",
                    None if then is None else str(then),
                    None if now is None else str(now),
                )
            )
        return found
    if old["table"] == "dates":
        if old["value"] is None and new["value"] is None:
            compare("text")
        else:
            compare("value")
    else:
        ends = [name for name in ("value_min", "value_max") if old[name] != new[name]]
        if _quantity(old) != _quantity(new):
            if old["value"] is None and new["value"] is None and len(ends) == 1:
                found.append((ends[0], _number(old[ends[0]]), _number(new[ends[0]])))
            else:
                found.append(("value", _quantity(old), _quantity(new)))
        compare("unit")
        if old["kind"] == new["kind"] in ("measure", "money") and not new["unit"]:
            compare("classifier")
    compare("modifier")
    if not found:
        compare("kind")
    return found


def _identity(row: Row) -> tuple[Any, ...]:
    """Equal for two mentions that say the same in the same words."""
    return (row["table"], words(row["text"]), words(fact(row)))


def _is_own(old: Row, new: Row, *, rewritten: bool) -> bool:
    """Whether a difference comes from the mention's own words, not from what stands elsewhere.

    `rewritten`: the article's raw text differs; where it does not, the rules do, and each
    difference counts.
    """
    if not rewritten or not same_words(old["text"], new["text"]):
        return True
    if old["table"] == "dates":
        return bool(old["resolution"] == new["resolution"] == "explicit")
    if old["table"] == "places":
        return not _same(old["link_target"], new["link_target"])
    return True


# ---------------------------------------------------------------------------------------------
# The comparison of one article


class _Comparison:
    """An article then and now."""

    def __init__(self, old: _Article, new: _Article) -> None:
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
        rows += [self._row("removed", row, None, None, fact(row), None) for row in left_old]
        rows += [self._row("added", None, row, None, None, fact(row)) for row in left_new]
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
                    scored.append((covered + (_identity(row) == _identity(new[j])), i, j))
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
                rest[_identity(new[j])].append(j)
        for i, row in enumerate(old):
            if i not in taken_old and (stack := rest.get(_identity(row))):
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
            waiting[_identity(row)].append(row)
        pairs = []
        for row in old:
            stack = waiting.get(_identity(row), [])[:50]
            scores = [
                similarity(self._around(self.old, row), self._around(self.new, other))
                for other in stack
            ]
            if scores and max(scores) >= _ALIKE:
                best = scores.index(max(scores))
                pairs.append((row, stack[best]))
                del waiting[_identity(row)][best]
        return pairs

    @staticmethod
    def _around(article: _Article, row: Row) -> str:
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
                elsewhere = not _same(
                    self.old.paths.get(before["section_id"]),
                    self.new.paths.get(after["section_id"]),
                )
                if is_moved or elsewhere:
                    value = (fact(before), fact(after))
                    rows.append(self._row("moved", before, after, None, *value))
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
        differences = _differences(old, new)
        if differences and (moved or _is_own(old, new, rewritten=self.rewritten)):
            rows = [self._row("value_changed", old, new, *found) for found in differences]
        before = {
            self.notes.get(note, note) for note in self.old.support.get(old["mention_id"], ())
        }
        after = set(self.new.support.get(new["mention_id"], ()))
        if before != after:
            numbers = (_numbers(old["footnotes"]), _numbers(new["footnotes"]))
            rows.append(self._row("footnotes_changed", old, new, "footnotes", *numbers))
        return rows

    def _reworded(self, old: Row, new: Row) -> Row:
        for name in ("classifier", "counted"):
            if old["table"] == "numbers" and not _same(old[name], new[name]):
                return self._row("reworded", old, new, name, old[name], new[name])
        if not _same(old["text"], new["text"]):
            return self._row("reworded", old, new, "text", old["text"], new["text"])
        return self._row("reworded", old, new, None, fact(old), fact(new))

    def _row(
        self,
        kind: Kind,
        old: Row | None,
        new: Row | None,
        name: str | None,
        old_value: str | None,
        new_value: str | None,
    ) -> Row:
        one = new or old
        assert one is not None
        old_sentence, new_sentence = self.old.text(old), self.new.text(new)
        return self._change(kind, one["table"], name, old_value, new_value) | {
            "old_mention_id": old and old["mention_id"],
            "new_mention_id": new and new["mention_id"],
            "old_sentence": old_sentence,
            "new_sentence": new_sentence,
            **_spans(old, new),
            "old_footnotes": old and old["footnotes"],
            "new_footnotes": new and new["footnotes"],
        }

    def _change(
        self, kind: Kind, table: str, name: str | None, old_value: str | None, new_value: str | None
    ) -> Row:
        article = self.new.row or self.old.row or {"article_id": "", "title": ""}
        return {
            "article_id": article["article_id"], "title": article["title"], "kind": kind,
            "mention_table": table, "field": name, "old_value": old_value, "new_value": new_value,
        }  # fmt: skip

    # Footnotes

    def _pair_footnotes(self) -> dict[str, str]:
        """Ids of the entries then → of the same entries now."""
        old, new = self.old.footnotes, self.new.footnotes
        pairs = _pair_equal_entries(old, new)
        votes = self._votes(old, new, pairs)
        taken = set(pairs.values())
        for (i, j), _ in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
            if i not in pairs and j not in taken:
                pairs[i] = j
                taken.add(j)
        _pair_left_entries(old, new, pairs)
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
                found = _entry_difference(row, partner)
                if found:
                    rows.append(self._footnote_row("value_changed", row, partner, *found))
            elif not row["is_empty"]:
                rows.append(self._footnote_row("removed", row, None, None, row["text"], None))
        rows += [
            self._footnote_row("added", None, row, None, None, row["text"])
            for row in self.new.footnotes
            if row["footnote_id"] not in partners and not row["is_empty"]
        ]
        return rows

    def _footnote_row(
        self,
        kind: Kind,
        old: Row | None,
        new: Row | None,
        name: str | None,
        old_value: str | None,
        new_value: str | None,
    ) -> Row:
        return self._change(kind, "footnotes", name, old_value, new_value) | {
            "old_mention_id": old and old["footnote_id"],
            "new_mention_id": new and new["footnote_id"],
            "old_sentence": old and old["text"],
            "new_sentence": new and new["text"],
            **_spans(old, new),
            "old_footnotes": [old["number"]] if old else None,
            "new_footnotes": [new["number"]] if new else None,
        }


def _span(row: Row) -> tuple[str, int, int]:
    return (row["table"], row["sentence_start"], row["sentence_end"])


def _numbers(footnotes: Sequence[int] | None) -> str:
    return ", ".join(str(number) for number in footnotes or ())


def _spans(old: Row | None, new: Row | None) -> Row:
    return {
        f"{state}_raw_{end}": row and row[f"raw_{end}"]
        for state, row in (("old", old), ("new", new))
        for end in ("start", "end")
    }


def _position(row: Row) -> tuple[int, int, str, str]:
    """Reading order of the new text; what is gone stands where it stood."""
    order = (*MENTION_TABLES, "footnotes").index(row["mention_table"])
    start = row["old_raw_start"] if row["new_raw_start"] is None else row["new_raw_start"]
    return (start, order, row["kind"], row["field"] or "")


# Entries of the reference list

_ENTRY_FIELDS = ("title", "authors", "publisher", "published", "pages", "isbn", "doi")


def _entry_key(row: Row) -> tuple[str, str, str] | None:
    """Equal for entries that say the same; None for one without text."""
    if row["is_empty"]:
        return None
    return (row["footnote_group"], words(row["text"]), words(row["url"] or ""))


def _pair_equal_entries(old: Sequence[Row], new: Sequence[Row]) -> dict[int, int]:
    """Entries that say the same, in order."""
    waiting: defaultdict[Any, list[int]] = defaultdict(list)
    for j in reversed(range(len(new))):
        waiting[_entry_key(new[j])].append(j)
    pairs = {}
    for i, row in enumerate(old):
        key = _entry_key(row)
        if key is not None and waiting.get(key):
            pairs[i] = waiting[key].pop()
    return pairs


def _pair_left_entries(old: Sequence[Row], new: Sequence[Row], pairs: dict[int, int]) -> None:
    """Entries without a partner that stand between the same neighbours, in order, as long as
    there are as many on both sides, or they are alike."""
    ordered = sorted(pairs.items())
    kept = in_order(ordered)
    before = (-1, -1)
    taken = set(pairs.values())
    for fence in [*(p for p in ordered if p[0] in kept), (len(old), len(new))]:
        left_old = [i for i in range(before[0] + 1, fence[0]) if i not in pairs]
        left_new = [j for j in range(before[1] + 1, fence[1]) if j not in taken]
        before = fence
        if len(left_old) == len(left_new):
            pairs.update(zip(left_old, left_new, strict=True))
            continue
        scored = [
            (similarity(words(old[i]["text"]), words(new[j]["text"]), least=50.0), i, j)
            for i in left_old[:60]
            for j in left_new[:60]
            if old[i]["is_empty"] == new[j]["is_empty"]
        ]
        for score, i, j in sorted(scored, key=lambda s: (-s[0], abs(s[1] - s[2]), s[1], s[2])):
            both_empty = old[i]["is_empty"] and new[j]["is_empty"]
            if (score or both_empty) and i not in pairs and j not in taken:
                pairs[i] = j
                taken.add(j)


def _entry_difference(old: Row, new: Row) -> tuple[str, str | None, str | None] | None:
    """(field, old, new) of two states of an entry; the one field that tells the most."""
    fields = [name for name in _ENTRY_FIELDS if not _same_entry_field(old[name], new[name])]
    urls = [name for name in ("url", "archive_url") if not _same_url(old[name], new[name])]
    if not _same(old["text"], new["text"]):
        # Where one field alone differs, it is what the text differs in: a bare URL, the pages.
        only = fields + urls
        if len(only) == 1 and not (old["is_empty"] or new["is_empty"]):
            name = only[0]
        else:
            name = "text"
    elif urls:
        name = urls[0]
    elif fields:
        name = fields[0]
    else:
        return None
    return (name, _shown(old[name]), _shown(new[name]))


def _same_url(old: str | None, new: str | None) -> bool:
    """Case counts in a URL; script does not, as a converted text has its URLs converted."""
    return old == new or (bool(old and new and not old.isascii()) and _same(old, new))


def _same_entry_field(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same, old, new))
    return _same(old, new)


def _shown(value: Any) -> str | None:
    return "; ".join(value) if isinstance(value, list) else value


# ---------------------------------------------------------------------------------------------
# States on disk


def load(spec: str | Path, *, output: Path | None = None) -> dict[str, pa.Table]:
    """The tables of a folder, as `diff` reads them.

    `spec` is an output folder (with `parquet/` in it) or a folder of tables (`dates/*.parquet` …);
    relative to `output` where it is not found as it is. Raises `PipelineError` for what is neither.
    """
    places = [Path(spec), *([output / spec] if output else [])]
    for place in places:
        for root in (place / "parquet", place):
            if any((root / name).is_dir() for name in ("articles", "sentences")):
                return {name: _read_parts(root / name, name) for name in READ_TABLES}
    raise PipelineError(
        f"{spec}: no tables are there.",
        cure="Name an output folder, a folder of Parquet tables, a snapshot or a raw file.",
    )


def _read_parts(folder: Path, name: str) -> pa.Table:
    schema = SCHEMAS[name]
    parts = sorted(folder.glob("*.parquet"))
    if not parts:
        return schema.empty_table()
    tables = [pq.ParquetFile(part).read() for part in parts]
    missing = set(schema.names) - set(tables[0].column_names)
    if missing:
        raise PipelineError(
            f"{folder}: the column {', '.join(sorted(missing))} is missing.",
            cure="Refresh once with this version; tables of an older one cannot be compared.",
        )
    return pa.concat_tables([table.select(schema.names).cast(schema) for table in tables])


# ---------------------------------------------------------------------------------------------
# For people and pipes

# Control characters move a terminal's cursor; the others turn the order of what is read, or
# cannot be seen.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$&:@])")
_COLUMNS = (("kind", 17), ("table", 9), ("field", 10), ("old", 22), ("new", 22))
_SENTENCE = 60


def summary(table: pa.Table) -> str:
    """One line: `3 changes in 2 articles: 1 added, 2 values changed (1 in references).`"""
    if not table.num_rows:
        return "No fact changed."
    kinds = Counter(table["kind"].to_pylist())
    articles = pc.count_distinct(table["article_id"]).as_py()
    notes = sum(name == "footnotes" for name in table["mention_table"].to_pylist())
    told = ", ".join(
        f"{kinds[kind]} {kind.replace('_', ' ')}" for kind in get_args(Kind) if kinds[kind]
    )
    extra = f" ({notes} in references)" if notes else ""
    return f"{_count(table.num_rows, 'change')} in {_count(articles, 'article')}: {told}{extra}."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def render(table: pa.Table, format: str = "table") -> Iterator[str]:
    """The table `changes` as text, a piece at a time; each ends its line.

    `format` is `table` (for people at a terminal), `jsonl` (an object a row), `markdown` or `csv`
    (RFC 4180, as the published tables). Raises `PipelineError` for another one.
    """
    if format == "table":
        return _as_table(table)
    if format == "jsonl":
        return _as_jsonl(table)
    if format == "markdown":
        return _as_markdown(_rows(table), summary(table))
    if format == "csv":
        return _as_csv(table)
    raise PipelineError(
        f"There is no format {format!r}.", cure=f"The formats are {', '.join(get_args(Format))}."
    )


def artifact(table: pa.Table, *, rows: int = 50, characters: int = 20_000) -> str:
    """Markdown of bounded size for a page: the summary, and the first changes."""
    pieces: list[str] = []
    size = shown = 0
    for piece in _as_markdown(_rows(table.slice(0, rows)), summary(table), clip=80):
        if size + len(piece) > characters - 100:
            break
        pieces.append(piece)
        size += len(piece)
        shown += piece.startswith("| ") and not piece.startswith("| kind")
    if shown < table.num_rows:
        pieces.append(f"\n… and {_count(table.num_rows - shown, 'change')} more.\n")
    return "".join(pieces)


def _rows(table: pa.Table) -> Iterator[Row]:
    for batch in table.to_batches(max_chunksize=5_000):
        yield from batch.to_pylist()


def _visible(text: str) -> str:
    """`text` with what a terminal would obey, or hide, written out: ␛ → \\x1b."""
    return _UNSAFE.sub(
        lambda match: " " if match[0] in "\t\n\r" else match[0].encode("unicode_escape").decode(),
        text,
    )


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _fit(text: str | None, width: int, *, pad: bool = True) -> str:
    """`text` cut or filled to `width` columns of a terminal."""
    text = _visible(text or "")[: width + 1]
    if _width(text) > width:
        while _width(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text + " " * (width - _width(text)) if pad else text


def _excerpt(row: Row) -> str:
    """The sentence of a change around what changed."""
    sentence = row["old_sentence"] if row["new_sentence"] is None else row["new_sentence"]
    other = row["old_sentence"] or ""
    sentence = sentence or ""
    first = 0
    if row["new_sentence"] is not None and other:
        for a, b in zip(sentence, other, strict=False):
            if a != b:
                break
            first += 1
        first = 0 if first == len(sentence) else first
    start = max(0, first - 12)
    return ("…" if start else "") + sentence[start : start + 2 * _SENTENCE]


def _as_table(table: pa.Table) -> Iterator[str]:
    if not table.num_rows:
        return
    title = None
    yield "  ".join(_fit(name, width) for name, width in _COLUMNS) + "  sentence\n"
    for row in _rows(table):
        if row["title"] != title:
            title = row["title"]
            yield f"\n{_visible(title)}\n"
        values = (
            row["kind"], row["mention_table"], row["field"], row["old_value"], row["new_value"],
        )  # fmt: skip
        cells = [_fit(value, width) for value, (_, width) in zip(values, _COLUMNS, strict=True)]
        yield "  ".join([*cells, _fit(_excerpt(row), _SENTENCE, pad=False)]).rstrip() + "\n"


def _as_jsonl(table: pa.Table) -> Iterator[str]:
    for row in _rows(table):
        line = json.dumps(row, ensure_ascii=False)
        # JSON lets a control character beyond ASCII stand as it is; a terminal would obey it.
        yield _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", line) + "\n"


def _escaped(text: str | None) -> str:
    return _MARKDOWN.sub(r"\\\1", _visible(text or ""))


def _as_markdown(rows: Iterable[Row], told: str, *, clip: int = 200) -> Iterator[str]:
    yield f"{told}\n"
    title = None
    for row in rows:
        if row["title"] != title:
            title = row["title"]
            yield f"\n### {_escaped(title)}\n\n"
            yield "| kind | table | field | old | new | sentence |\n|---|---|---|---|---|---|\n"
        cells = (
            row["kind"], row["mention_table"], row["field"],
            row["old_value"], row["new_value"], _excerpt(row),
        )  # fmt: skip
        yield (
            "| "
            + " | ".join(
                _escaped(cell[:clip] + "…" if cell and len(cell) > clip else cell) for cell in cells
            )
            + " |\n"
        )


def _as_csv(table: pa.Table) -> Iterator[str]:
    yield sheets.header(table.schema).decode()
    for batch in table.to_batches(max_chunksize=5_000):
        yield sheets.rows(pa.Table.from_batches([batch])).decode()
