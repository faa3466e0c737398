"""Two states of the tables, cut into articles, and which article is which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.changes.facts import Row
from pipeline.errors import PipelineError
from pipeline.matching import Line, words
from pipeline.schemas import SCHEMAS
from pipeline.store import parts
from pipeline.tables import in_order as sorted_by_article

MENTION_TABLES = ("dates", "numbers", "places")
#: The tables that are compared; others are not needed.
READ_TABLES = (
    "articles", "sections", "sentences", "footnotes", "citations", *MENTION_TABLES, "mention_footnotes",
    "table_cells",
)  # fmt: skip

_RENAMED = 0.5  # share of its sentences that make an article of another name the same one


class Slices:
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

    def equals(self, article: str, other: Slices, other_article: str) -> bool:
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


def article_pairs(old: Slices, new: Slices) -> list[tuple[str | None, str | None]]:
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
class Article:
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
    def read(cls, slices: Slices, article: str | None) -> Article:
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


def load(spec: str | Path, *, output: Path | None = None) -> dict[str, pa.Table]:
    """The tables of a folder, as `diff` reads them.

    `spec` is an output folder (with `parquet/` in it) or a folder of tables (`dates/*.parquet` …);
    relative to `output` where it is not found as it is. Columns that an older version did not write
    are null. Raises `PipelineError` for what is neither, and for a part that is damaged.
    """
    places = [Path(spec), *([output / spec] if output else [])]
    for place in places:
        for root in (place / "parquet", place):
            if any((root / name).is_dir() for name in ("articles", "sentences")):
                return {
                    name: parts.read(name, sorted((root / name).glob("*.parquet")))
                    for name in READ_TABLES
                }
    raise PipelineError(
        f"{spec}: no tables are there.",
        cure="Name an output folder, a folder of Parquet tables, a snapshot or a raw file.",
    )
