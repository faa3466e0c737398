"""A Parquet file as lines of text, a row a line: what `git diff` compares (textconv).

Offsets and running numbers are left out, so that a line differs only if its facts do.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import PipelineError

# Columns that an edit elsewhere in the article moves, and those that say where a row hangs: its
# own id and its text tell that already.
_MOVING = ("_start", "_end", "position", "block", "number", "raw_sha256", "raw_chars", "text_chars")
_HANGING = {"article_id", "section_id", "sentence_id", "parent_section_id", "anchor_mention_id"}
_BATCH = 10_000


def show(path: Path | str) -> Iterator[str]:
    """The rows of the Parquet file `path`, each as `key  column=value …` without its nulls.

    Raises `PipelineError` if it cannot be read as Parquet.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            metadata = schema.metadata or {}
            key = metadata.get(b"primary_key", b"").decode()
            yield f"table {metadata.get(b'table', b'?').decode()}"
            names = [
                name
                for name in schema.names
                if name != key and name not in _HANGING and not name.endswith(_MOVING)
            ]
            for batch in file.iter_batches(batch_size=_BATCH):
                for row in batch.to_pylist():
                    said = [
                        f"{name}={_text(row[name])}"
                        for name in names
                        if row[name] not in (None, [], "")
                    ]
                    yield "  ".join([str(row.get(key, "")), *said]).rstrip()
    except (OSError, pa.ArrowInvalid) as error:
        raise PipelineError(
            f"{path} cannot be read as Parquet: {str(error).rstrip('.')}.",
            cure="Name a file under parquet/.",
        ) from error


def _text(value: object) -> str:
    if isinstance(value, str):
        # A line end inside a cell shall not end the row's line.
        return value if value.isprintable() else json.dumps(value, ensure_ascii=False)
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
