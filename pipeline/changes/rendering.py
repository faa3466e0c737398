"""The table `changes` as text, for people and pipes."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.changes.comparison import Kind
from pipeline.changes.facts import Row
from pipeline.errors import PipelineError
from pipeline.store import sheets

Format = Literal["table", "jsonl", "markdown", "csv"]


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
