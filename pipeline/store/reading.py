"""Reading what is published, or was: tables by name, whole or a bucket at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline.errors import PipelineError
from pipeline.schemas import SCHEMAS
from pipeline.store import files, parts
from pipeline.store.manifest import Manifest, load, parquet_path

#: While this file is there, what it names is on its way from staging to its place. The state's
#: manifest lies beside it.
JOURNAL = ".staging/commit/journal.json"
# A publish takes an instant, so that a reader that met two in a row is out of luck indeed.
_TRIES = 5
_BATCH_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class State:
    """The tables of one state: published, kept in the history, or about to be published.

    `paths` are the Parquet parts by table and bucket, in order of their rows.
    """

    manifest: Manifest
    paths: Mapping[str, Mapping[str, Path]]

    def table(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        buckets: Collection[str] | None = None,
        articles: Iterable[str] | None = None,
    ) -> pa.Table:
        """The rows of a table; of some buckets, or of some articles, if told so."""
        if name not in SCHEMAS:
            raise PipelineError(
                f"There is no table {name!r}.", cure=f"The tables are {', '.join(SCHEMAS)}."
            )
        found = self.paths.get(name, {})
        labels = found if buckets is None else sorted(found.keys() & set(buckets))
        paths = [found[label] for label in labels]
        return parts.read(name, paths, columns=columns, articles=articles)

    def batches(self, table: str) -> Iterator[list[str]]:
        """The buckets of a table, as many together as may be read at a time: many small or one large."""
        batch: list[str] = []
        total = 0
        for label, part in self.manifest.parts(table).items():
            if batch and total + part.rows > _BATCH_ROWS:
                yield batch
                batch, total = [], 0
            batch.append(label)
            total += part.rows
        if batch:
            yield batch

    def digest(self, table: str, bucket: str) -> str | None:
        """The SHA-256 of a part: equal digests, equal rows. None if there is no such part."""
        found = self.manifest.buckets.get(bucket)
        part = found.parts.get(table) if found else None
        return part.parquet.sha256 if part else None


def published(output: Path) -> State:
    """The state published under `output`. Raises `PipelineError` if there is none."""
    for _ in range(_TRIES):
        before = _mark(output)
        manifest = _target(output, before) or load(output)
        if before == _mark(output):
            break
    if manifest is None:
        raise PipelineError(
            f"{output}: no refresh is published there.",
            cure="Run `wikifacts refresh` first, or name another folder.",
        )
    return State(manifest, state_paths(output, manifest))


def _target(output: Path, mark: tuple[int, int] | None) -> Manifest | None:
    """The manifest of a state whose publishing stopped (or stands) between its Parquet parts, which
    are published first, and its manifest, which comes last."""
    try:
        journal = json.loads((output / JOURNAL).read_bytes())
        if mark is None or journal["parquet"] != mark[0]:
            return None
        return load((output / JOURNAL).parent)
    except (OSError, ValueError, KeyError):
        return None


def state_paths(root: Path, manifest: Manifest) -> dict[str, dict[str, Path]]:
    """The parts of `manifest` by table and bucket, as they lie under `root`."""
    return {
        table: {label: root / parquet_path(table, label) for label in manifest.parts(table)}
        for table in SCHEMAS
    }


def differing_buckets(old: State | None, new: State, tables: Iterable[str]) -> list[str | None]:
    """The buckets of articles in which any of `tables` differs, in order: what a comparison need
    look at.

    The one answer None, for all rows at once, if the two are not cut alike.
    """
    if old is not None and old.manifest.bucket_count != new.manifest.bucket_count:
        return [None]
    labels = set(new.manifest.buckets) | (set(old.manifest.buckets) if old else set())
    labels.discard(parts.WHOLE)
    names = list(tables)
    return [
        bucket
        for bucket in sorted(labels)
        if old is None or any(old.digest(n, bucket) != new.digest(n, bucket) for n in names)
    ]


def damaged(output: Path) -> list[str]:
    """The published files that are missing or not as the manifest says, by path: reads all of them.

    A refresh makes anew what is deleted. Raises `PipelineError` if nothing is published there.
    """
    outputs = published(output).manifest.outputs()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        whole = pool.map(lambda item: files.is_whole(output / item[0], item[1]), outputs.items())
        return [path for path, is_whole in zip(outputs, whole, strict=True) if not is_whole]


def read_table(output: Path, name: str, columns: Sequence[str] | None = None) -> pa.Table:
    """A published table. If a refresh is published meanwhile, it is read again: all of one state."""
    for turn in range(_TRIES):
        before = _mark(output)
        try:
            table = published(output).table(name, columns=columns)
        except PipelineError:
            if turn == _TRIES - 1 or before == _mark(output):
                raise
            continue
        if before == _mark(output):
            return table
    raise PipelineError(
        f"{output}: it was published anew each time it was read.", cure="Try again."
    )


def _mark(output: Path) -> tuple[int, int] | None:
    """Changes whenever the folder of Parquet parts is another one."""
    try:
        found = (output / "parquet").stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns)
