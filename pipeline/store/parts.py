"""Parts of tables: Parquet files, the same bytes for the same rows, and how to read them.

A bucket is a stretch of article ids, given by their leading bits, so the buckets in order hold
the articles in order. Its label is as many hexadecimal digits as the last bucket needs. Rows that
belong to the refresh as a whole are in the part `whole`, which sorts behind all of these.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset
import pyarrow.fs
import pyarrow.parquet as pq

from pipeline.errors import PipelineError
from pipeline.schemas import SCHEMAS, TABLES
from pipeline.store import deltas, files, sheets

WHOLE = "whole"
_PARQUET = pa.dataset.ParquetFileFormat()
RECORD = "bucket.json"
_ROW_GROUP = 131_072
# Columns whose values hardly repeat: a dictionary makes them longer, and slower to write.
_DISTINCT = {
    column.name
    for table in TABLES
    for column in table.columns
    if column.name in ("text", "raw_start", "raw_end")
    or (column.name.endswith("_id") and column.name not in ("article_id", "section_id"))
}


class Part(NamedTuple):
    """What a part is: its rows, its Parquet file, and its stretch of the table's CSV file."""

    rows: int
    parquet: files.Written
    csv: files.Written


class Bucket(NamedTuple):
    """The parts of a bucket, by table; tables without a row there have none.

    `fingerprint` is what its maker says it was made from.
    """

    fingerprint: str
    parts: Mapping[str, Part]


class Staged(NamedTuple):
    """A bucket in staging: its parts, and the files of the report that were made with it, by their
    path in that. None stands for one that is as it was published last."""

    bucket: Bucket
    report: Mapping[str, files.Placed | None]


def bucket_of(article_id: str, count: int) -> str:
    """The label of an article's bucket among `count` of them (at most 65,536)."""
    return label(int(article_id[:4], 16) * count >> 16, count)


def label(index: int, count: int) -> str:
    """The label of the bucket of this index: 0 → `00` of 64."""
    return f"{index:0{len(f'{count - 1:x}')}x}"


def file_name(bucket: str) -> str:
    """The name of a part's file in its table's folder."""
    return f"part-{bucket}.parquet"


def write_part(table: pa.Table, parquet: Path, csv: Path) -> Part:
    """Write `table`, in its schema and order, as Parquet and as rows of CSV.

    The bytes depend on the rows and on the version of pyarrow, and on nothing else.
    """
    table = table.combine_chunks()
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=_ROW_GROUP,
        version="2.6",
        compression="zstd",
        compression_level=1,
        use_dictionary=[name for name in table.column_names if name not in _DISTINCT],
        write_statistics=True,
        data_page_version="1.0",
        store_schema=True,
    )
    written = files.write(parquet, [sink.getvalue()])
    return Part(table.num_rows, written, files.write(csv, [sheets.rows(table)]))


def write_bucket(
    folder: Path,
    tables: Mapping[str, pa.Table],
    fingerprint: str,
    report: Mapping[str, bytes | None],
) -> None:
    """Write the parts of a bucket into `folder`, and last of all the record that it is whole."""
    parts = {
        name: write_part(table, folder / f"{name}.parquet", folder / f"{name}.csv")
        for name, table in tables.items()
        if table.num_rows
    }
    record = {
        "fingerprint": fingerprint,
        "parts": {name: [p.rows, *p.parquet, *p.csv] for name, p in parts.items()},
        "report": {
            path: None if content is None else files.write(folder / "report" / path, [content])
            for path, content in report.items()
        },
    }
    files.write(folder / RECORD, [json.dumps(record).encode()])


def read_bucket(folder: Path, *, verify: bool = False) -> Staged | None:
    """What is staged in `folder`; None if it is not whole."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        parts = {
            name: Part(rows, files.Written(size, sha256), files.Written(csv_size, csv_sha256))
            for name, (rows, size, sha256, csv_size, csv_sha256) in record["parts"].items()
        }
        report = {
            path: files.Placed(folder / "report" / path, files.Written(*written))
            if written
            else None
            for path, written in record["report"].items()
        }
        staged = Staged(Bucket(record["fingerprint"], parts), report)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    placed = [file for file in report.values() if file]
    for name, part in parts.items():
        placed.append(files.Placed(folder / f"{name}.parquet", part.parquet))
        placed.append(files.Placed(folder / f"{name}.csv", part.csv))
    return staged if all(files.is_whole(*file, read=verify) for file in placed) else None


def read(
    name: str,
    paths: Sequence[Path],
    *,
    columns: Sequence[str] | None = None,
    articles: Iterable[str] | None = None,
) -> pa.Table:
    """The rows of table `name` in `paths`, in that order, in today's schema.

    Columns that a part was written without are null. `articles` are the ids to keep; all if None.
    Raises `PipelineError` for a column that the table has not, and for a part that is damaged.
    """
    schema = SCHEMAS[name]
    if columns is not None:
        if unknown := [column for column in columns if column not in schema.names]:
            raise PipelineError(
                f"The table {name} has no column {', '.join(unknown)}.",
                cure=f"It has {', '.join(schema.names)}.",
            )
        schema = pa.schema([schema.field(column) for column in columns], schema.metadata)
    if not paths:
        return schema.empty_table()
    data = pa.dataset.FileSystemDataset(
        [_fragment(path) for path in paths], SCHEMAS[name], _PARQUET
    )
    chosen = None if articles is None else pc.field("article_id").isin(list(articles))
    try:
        found = data.to_table(columns=schema.names, filter=chosen)
    except (OSError, pa.ArrowInvalid) as error:
        # Arrow tells what is wrong, but not with which file.
        place = next(filter(_is_damaged, paths), paths[0])
        raise PipelineError(
            f"{place} is missing or damaged: {str(error).rstrip('.')}.",
            cure="Restore the folder from a backup, or delete all of it but history/ and refresh.",
        ) from error
    return pa.Table.from_arrays(found.columns, schema=schema)


def _is_damaged(path: Path) -> bool:
    try:
        _fragment(path).to_table()
    except (OSError, pa.ArrowInvalid):
        return True
    return False


def _fragment(path: Path) -> pa.dataset.Fragment:
    if not path.exists() and path.with_suffix(deltas.SUFFIX).exists():
        path = path.with_suffix(deltas.SUFFIX)  # a refresh has shrunk it meanwhile
    if path.suffix == deltas.SUFFIX:
        return _PARQUET.make_fragment(pa.BufferReader(deltas.load(path)))
    return _PARQUET.make_fragment(str(path), pa.fs.LocalFileSystem())
