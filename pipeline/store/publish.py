"""A refresh of an output folder: stage buckets, seal them, publish all of it or nothing.

    with begin(output, versions={"wikifacts": "0.1.0"}) as refresh:
        refresh.keep_bucket("00")                        # as it was published last
        write_bucket(refresh.staging, "01", tables)      # in any process
        refresh.take_bucket("01")
        if refresh.seal(inputs=inputs, problems=problems):
            changes = …                                  # from refresh.last and refresh.next
        refresh.commit(changes=changes, report=folder, time=now)

`commit` completes the new state in staging, then writes a journal: that is the instant from which
the refresh has happened. Then each top folder and file is swapped with its new one. Whatever is
killed before the journal leaves the last state; after it, the next `begin` (or `recover`) finishes
the swapping. Buckets that were staged whole outlive a refresh that was killed, for the next one
to take.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.errors import PipelineError
from pipeline.records import Problem
from pipeline.schemas import ARTICLE_TABLES, SCHEMAS, TABLES
from pipeline.store import deltas, descriptor, files, history, manifest, parts, reading, sheets
from pipeline.store.history import Snapshot
from pipeline.store.manifest import Manifest, csv_path, parquet_path
from pipeline.store.parts import WHOLE, Bucket
from pipeline.store.reading import JOURNAL, State
from pipeline.tables import geojson, in_order, place_entities, problem_rows, to_table

log = logging.getLogger(__name__)

BUCKETS = 64
STAGING = ".staging"
_MAP = "places.geojson"
# Beside the journal: what becomes the history's file of the new state.
_SNAPSHOT = ".staging/commit/snapshot.json"
# Published in this order; the manifest last.
ITEMS = ("parquet", "csv", _MAP, descriptor.FILE, "report", manifest.FILE)
_PLACE_COLUMNS = (
    "place_id", "article_id", "text", "name", "place_type", "geonames_id", "latitude", "longitude",
    "country_code",
)  # fmt: skip

Report = Path | Callable[["Refresh"], Mapping[str, files.Placed]] | None


def write_bucket(
    staging: Path | str,
    bucket: str,
    tables: Mapping[str, pa.Table],
    *,
    fingerprint: str = "",
    report: Mapping[str, bytes | None] | None = None,
) -> None:
    """Stage a bucket: the rows of its articles, by table. Any process may do it; twice does no harm.

    Tables that are not named have no rows. `report` are files of the report as far as they
    are made here, by their path in it, None where one is as it was published last. Raises `PipelineError` for a table that is none of
    `ARTICLE_TABLES`, or if the disk does not take it.
    """
    if unknown := set(tables) - set(ARTICLE_TABLES):
        raise PipelineError(f"A bucket has no table {', '.join(sorted(unknown))}.")
    folder = Path(staging) / "buckets"
    draft = folder / f".{bucket}.{secrets.token_hex(4)}"
    with files.explained(Path(staging).parent):
        try:
            ordered = {name: in_order(tables[name]) for name in sorted(tables)}
            parts.write_bucket(draft, ordered, fingerprint, report or {})
            files.remove(folder / bucket)
            draft.rename(folder / bucket)
        finally:
            if draft.exists():
                files.remove(draft)


@contextmanager
def begin(
    output: Path | str,
    *,
    versions: Mapping[str, str],
    options: Mapping[str, Any] | None = None,
    bucket_count: int = BUCKETS,
    wait: float = 0.0,
) -> Iterator[Refresh]:
    """Open a refresh of `output`: take its lock, finish or sweep what a killed one left.

    `versions` (of the pipeline, its rules) and `options` go into the manifest, so they must not
    tell the time. Waits `wait` seconds for another refresh to end (for ever if negative), then
    raises `PipelineError`. What is not committed when the block ends is not published.
    """
    output = Path(output)
    with files.locked(output, wait=wait):
        with files.explained(output):
            _recover(output)
            refresh = Refresh(output, dict(versions), dict(options or {}), bucket_count)
        try:
            yield refresh
        except PipelineError as error:
            cause = error.__cause__
            refresh.close(sweep=isinstance(cause, OSError) and cause.errno in files.NO_SPACE)
            raise
        finally:
            refresh.close()


def recover(output: Path | str, *, wait: float = 0.0, sweep: bool = True) -> bool:
    """Finish a publish that was killed, or sweep what a refresh left that was: without `sweep`, all
    but the buckets that it had staged whole.

    Returns whether there was a publish to finish. Raises `PipelineError` while one is running.
    """
    output = Path(output)
    with files.locked(output, wait=wait), files.explained(output):
        finished = _recover(output)
        if sweep:
            files.remove(output / STAGING)
        return finished


def adopt(output: Path | str, content: bytes, stage: Callable[[Path], None]) -> None:
    """Publish a state that was made elsewhere. `content` is its manifest; `stage` brings the files
    that it names to the folder it is given. The history is left as it is."""
    output = Path(output)
    with files.locked(output), files.explained(output):
        _recover(output)
        new = output / STAGING / "next"
        stage(new)
        files.write(new / manifest.FILE, [content])
        _publish(output, content)
        _recover(output)


def restore(
    output: Path | str,
    name: str,
    *,
    time: str | None = None,
    report: Report = None,
    wait: float = 0.0,
) -> Snapshot:
    """Publish an earlier snapshot again (`name` as in `find_snapshot`), as a snapshot of its own.

    CSV, map and descriptor follow from its parts. `report` is as for `Refresh.commit`.
    """
    output = Path(output)
    found = history.find_snapshot(output, name)
    kept = history.open_snapshot(output, name)
    old = kept.manifest
    with begin(
        output, versions=old.versions, options=old.options, bucket_count=old.bucket_count, wait=wait
    ) as refresh:
        refresh.take_state(kept)
        refresh.commit(report=report, time=time, restored_from=found.number)
        return refresh.snapshot


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the files of a chosen bucket are. `csv` gives a part's rows of CSV, or None if they
    are not to be had; they are then made from its Parquet file."""

    bucket: Bucket
    parquet: Mapping[str, Path]
    csv: Callable[[str], bytes | None]


@dataclass(slots=True)
class Refresh:
    """A refresh under way; see `begin`.

    `last` is the state published before, None if there is none. `next` is the new one, once it is
    sealed. `published` and `finished` are the buckets that `keep_bucket` and `take_bucket` would
    accept, each with its fingerprint: those of the last state that are whole, and those that a
    killed refresh had staged. `staged_report` are the files of the report that were staged with the
    buckets taken; None where one is as it was published last. `snapshot` is what came of it.
    """

    output: Path
    versions: Mapping[str, str]
    options: Mapping[str, Any]
    bucket_count: int
    last: State | None = field(init=False, default=None)
    next: State | None = field(init=False, default=None)
    published: Mapping[str, str] = field(init=False, default_factory=dict)
    finished: Mapping[str, str] = field(init=False, default_factory=dict)
    staged_report: dict[str, files.Placed | None] = field(init=False, default_factory=dict)
    _chosen: dict[str, _Source] = field(init=False, default_factory=dict)
    _stretches: dict[str, dict[str, tuple[int, files.Written]]] = field(
        init=False, default_factory=dict
    )
    _inputs: Sequence[Mapping[str, Any]] = field(init=False, default=())
    _changed: bool = field(init=False, default=False)
    _snapshot: Snapshot | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        (self.staging / "buckets").mkdir(parents=True, exist_ok=True)
        if (self.output / manifest.FILE).exists():
            self.last = reading.published(self.output)
            if self.last.manifest.bucket_count == self.bucket_count:
                self.published = {
                    label: bucket.fingerprint
                    for label, bucket in self.last.manifest.buckets.items()
                    if label != WHOLE and self._is_whole(label, bucket)
                }
        finished = {}
        for folder in sorted((self.staging / "buckets").iterdir()):
            staged = parts.read_bucket(folder, verify=True)
            if staged is None or folder.name.startswith("."):
                files.remove(folder)
            else:
                finished[folder.name] = staged.bucket.fingerprint
        self.finished = finished

    @property
    def staging(self) -> Path:
        """Where `write_bucket` is to write."""
        return self.output / STAGING

    @property
    def snapshot(self) -> Snapshot:
        """What `commit` gave."""
        if self._snapshot is None:
            raise PipelineError("The refresh is not committed.")
        return self._snapshot

    def close(self, *, sweep: bool = False) -> None:
        """Leave nothing in staging but, where nothing was committed, the buckets staged whole.

        With `sweep` not even these: a full disk shall not stay full of what cannot be published.
        """
        if (self.output / JOURNAL).exists():
            return  # to be finished by the next one
        with suppress(OSError):
            for path in list(self.staging.iterdir()):
                if sweep or self._snapshot or path.name != "buckets":
                    files.remove(path)
            if not any(self.staging.iterdir()):
                self.staging.rmdir()

    def put_bucket(
        self, bucket: str, tables: Mapping[str, pa.Table], *, fingerprint: str = ""
    ) -> None:
        """Stage a bucket and take it."""
        write_bucket(self.staging, bucket, tables, fingerprint=fingerprint)
        self.take_bucket(bucket)

    def take_bucket(self, bucket: str) -> None:
        """Have a staged bucket published.

        Raises `PipelineError` if it is not whole, holds an article twice, or one of another bucket.
        """
        folder = self.staging / "buckets" / bucket
        staged = parts.read_bucket(folder)
        # Rows without an article are possible: a problem of one that could not be read.
        if staged is None or (
            set(staged.bucket.parts) - {"problems"} and "articles" not in staged.bucket.parts
        ):
            raise PipelineError(
                f"{folder}: the bucket is not whole.", cure="Refresh again; it will be done anew."
            )
        found = staged.bucket
        parquet = {name: folder / f"{name}.parquet" for name in found.parts}
        names: list[str] = []
        if "articles" in parquet:
            ids = parts.read("articles", [parquet["articles"]], columns=["article_id"])
            names = ids["article_id"].to_pylist()
        if len(set(names)) < len(names):
            raise PipelineError(f"{folder}: an article is in it twice.")
        if any(parts.bucket_of(name, self.bucket_count) != bucket for name in names):
            raise PipelineError(f"{folder}: an article of another bucket is in it.")
        self._chosen[bucket] = _Source(
            found, parquet, lambda name: (folder / f"{name}.csv").read_bytes()
        )
        self.staged_report.update(staged.report)

    def keep_bucket(self, bucket: str) -> None:
        """Have a bucket of the last state published again, byte for byte.

        Raises `PipelineError` for a bucket that is not in `published`.
        """
        if self.last is None or bucket not in self.published:
            raise PipelineError(f"{self.output}: there is no bucket {bucket} to keep.")
        self._chosen[bucket] = self._of_last(bucket)

    def take_state(self, state: State) -> None:
        """Have all of another state published, its changes too: seals."""
        for label, bucket in state.manifest.buckets.items():
            paths = {name: state.paths[name][label] for name in bucket.parts}
            for name, path in paths.items():
                whole = self.staging / "kept" / label / f"{name}.parquet"
                if files.write(whole, [deltas.load(path)]) != bucket.parts[name].parquet:
                    raise PipelineError(f"{path} is damaged.", cure="Restore it from a backup.")
                paths[name] = whole
            self._chosen[label] = _Source(bucket, paths, lambda name: None)
        self._inputs = state.manifest.inputs
        self.next = self._state()
        self._changed = not self._is_published()

    def seal(
        self, *, inputs: Iterable[Mapping[str, Any]], problems: Iterable[Problem] = ()
    ) -> bool:
        """All buckets are chosen; returns whether anything differs from what is published.

        `inputs` are entries of the manifest: `path`, `sha256`, `article_id` where the file could
        be read as an article, and what else is worth keeping. `problems` are those that belong
        to no article's rows. From here on `next` may be read.
        """
        self._inputs = sorted(inputs, key=lambda entry: (entry["path"], entry["sha256"]))
        with files.explained(self.output):
            return self._seal(problems)

    def _seal(self, problems: Iterable[Problem]) -> bool:
        self._stage_whole("problems", to_table("problems", problem_rows(problems)))
        self._stage_places()
        for table in TABLES:
            if not any(table.name in source.bucket.parts for source in self._chosen.values()):
                self._stage_whole(table.name, SCHEMAS[table.name].empty_table(), even_empty=True)
        self.next = self._state()
        self._changed = not self._is_published()
        return self._changed

    def commit(
        self,
        *,
        changes: pa.Table | None = None,
        report: Report = None,
        time: str | None = None,
        restored_from: int | None = None,
        anew: bool = False,
    ) -> Snapshot:
        """Publish what was sealed; not one byte is written if it is published already, unless
        `anew`.

        `changes` are the rows against `last`. `report` is a folder to be published as `report/`, or
        a function of this refresh that gives the files of one by path. `time` (ISO 8601) is kept in the history only.
        """
        if self.next is None:
            raise PipelineError("The refresh is not sealed.")
        self._changed = self._changed or anew
        with files.explained(self.output):
            self._snapshot = self._commit(changes, report, time, restored_from)
        return self._snapshot

    def _commit(
        self, changes: pa.Table | None, report: Report, time: str | None, restored_from: int | None
    ) -> Snapshot:
        assert self.next is not None
        if not self._changed:
            newest = history.list_snapshots(self.output)[-1:]
            old = newest[0] if newest else Snapshot(0, self._id(), None, self.next.manifest.rows())
            return replace(old, is_new=False)
        if restored_from is None:
            if changes is None:
                changes = SCHEMAS["changes"].empty_table()
            self._stage_whole("changes", changes, even_empty=True)
            self.next = self._state()
        new = self.staging / "next"
        content = self._complete(new, report)
        complete = self.next.manifest
        numbers = history.numbers(self.output)
        snapshot = Snapshot(
            numbers[-1] + 1 if numbers else 1,
            manifest.state_id(content), time, complete.rows(), restored_from,
        )  # fmt: skip
        stretches = history.keep(self.output, content, complete, new)
        files.write(self.output / _SNAPSHOT, [history.render_snapshot(snapshot, stretches)])
        _publish(self.output, content, snapshot.name)
        if self.last is not None:
            history.shrink(self.output, self.last.manifest, complete)
        log.info("published snapshot %s of %s", snapshot.name, self.output)
        return snapshot

    def _is_whole(self, label: str, bucket: Bucket) -> bool:
        return all(
            files.is_whole(self.output / parquet_path(name, label), part.parquet, read=False)
            for name, part in bucket.parts.items()
        )

    def _of_last(self, label: str) -> _Source:
        assert self.last is not None
        bucket = self.last.manifest.buckets[label]
        paths = {name: self.output / parquet_path(name, label) for name in bucket.parts}
        return _Source(bucket, paths, lambda name: self._csv_of_last(name, label))

    def _csv_of_last(self, table: str, label: str) -> bytes | None:
        """The rows of a part as the last CSV file has them, if nobody touched them there."""
        assert self.last is not None
        if table not in self._stretches:
            start, stretches = len(sheets.header(SCHEMAS[table])), {}
            for name, part in self.last.manifest.parts(table).items():
                stretches[name] = (start, part.csv)
                start += part.csv.size
            self._stretches[table] = stretches
        start, written = self._stretches[table][label]
        try:
            found = files.stretch(self.output / csv_path(table), start, written.size)
        except OSError:
            return None
        return found if files.Written.of(found) == written else None

    def _stage_whole(self, name: str, table: pa.Table, *, even_empty: bool = False) -> None:
        """Stage rows that belong to no bucket."""
        source = self._chosen.get(WHOLE) or _Source(Bucket("", {}), {}, lambda name: None)
        folder = self.staging / WHOLE
        staged = {k: v for k, v in source.bucket.parts.items() if k != name}
        if table.num_rows or even_empty:
            staged[name] = parts.write_part(
                table, folder / f"{name}.parquet", folder / f"{name}.csv"
            )
        self._chosen[WHOLE] = _Source(
            Bucket("", staged),
            {**source.parquet, name: folder / f"{name}.parquet"},
            lambda name: (folder / f"{name}.csv").read_bytes(),
        )

    def _stage_places(self) -> None:
        state = self._state()
        if self.last is not None and self.last.manifest.parts("places") == state.manifest.parts(
            "places"
        ):
            entities = self.last.table("place_entities")
        else:
            entities = place_entities(
                state.table("places", columns=_PLACE_COLUMNS, buckets=labels)
                for labels in state.batches("places")
            )
        self._stage_whole("place_entities", entities)

    def _state(self, others: Mapping[str, files.Written] | None = None) -> State:
        chosen = dict(sorted(self._chosen.items()))
        found = Manifest(
            self.versions, self.options, self.bucket_count, self._inputs,
            {label: source.bucket for label, source in chosen.items()}, others or {},
        )  # fmt: skip
        paths = {
            table: {label: chosen[label].parquet[table] for label in found.parts(table)}
            for table in SCHEMAS
        }
        return State(found, paths)

    def _is_published(self) -> bool:
        """Whether the last state is this one, and is there."""
        if self.last is None or self.next is None:
            return False
        old, new = (_without_others(state.manifest) for state in (self.last, self.next))
        if old.buckets != new.buckets:
            return False
        # What was read back from JSON has lists for tuples, so unequal may still be the same.
        if old != new and manifest.render(old) != manifest.render(new):
            return False
        return all(
            files.is_whole(self.output / path, written, read=False)
            for path, written in self.last.manifest.outputs().items()
        )

    def _id(self) -> str:
        return manifest.state_id((self.output / manifest.FILE).read_bytes())

    def _complete(self, new: Path, report: Report) -> bytes:
        """Everything that will be published, under `new`; returns the manifest's content."""
        assert self.next is not None
        for source_label, source in self._chosen.items():
            for name in source.bucket.parts:
                files.link(source.parquet[name], new / parquet_path(name, source_label))
        others = self._write_csvs(new)
        others[_MAP] = self._write_map(new)
        described = descriptor.describe(self._state(others).manifest)
        others[descriptor.FILE] = files.write(new / descriptor.FILE, [described])
        pages = report(self) if callable(report) else files.placed(report) if report else {}
        for path, page in pages.items():
            files.link(page.path, new / "report" / path)
            others[f"report/{path}"] = page.written
        self.next = self._state(dict(sorted(others.items())))
        content = manifest.render(self.next.manifest)
        files.write(new / manifest.FILE, [content])
        return content

    def _write_csvs(self, new: Path) -> dict[str, files.Written]:
        """Every table's CSV file; several at a time, as hashing and writing leave Python alone."""
        with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            found = list(pool.map(lambda table: self._write_csv(table.name, new), TABLES))
        for table, (_, renewed) in zip(TABLES, found, strict=True):
            for label, part in renewed.items():
                source = self._chosen[label]
                bucket = Bucket(
                    source.bucket.fingerprint, {**source.bucket.parts, table.name: part}
                )
                self._chosen[label] = _Source(bucket, source.parquet, source.csv)
        return {
            csv_path(table.name): written for table, (written, _) in zip(TABLES, found, strict=True)
        }

    def _write_csv(self, table: str, new: Path) -> tuple[files.Written, dict[str, parts.Part]]:
        """A table's CSV file: what it is, and the parts whose stretches of it were made anew."""
        path = csv_path(table)
        labels = [label for label, s in sorted(self._chosen.items()) if table in s.bucket.parts]
        same = {label: self._chosen[label].bucket.parts[table] for label in labels}
        is_same = self.last is not None and same == self.last.manifest.parts(table)
        if is_same and (written := self._link_last(path, new)):
            return written, {}
        renewed: dict[str, parts.Part] = {}
        return files.write(new / path, self._csv_pieces(table, labels, renewed)), renewed

    def _csv_pieces(
        self, table: str, labels: Sequence[str], renewed: dict[str, parts.Part]
    ) -> Iterator[bytes]:
        yield sheets.header(SCHEMAS[table])
        for label in labels:
            source = self._chosen[label]
            rows = source.csv(table)
            if rows is None:
                rows = sheets.rows(parts.read(table, [source.parquet[table]]))
                part = source.bucket.parts[table]
                renewed[label] = part._replace(csv=files.Written.of(rows))
            yield rows

    def _write_map(self, new: Path) -> files.Written:
        assert self.next is not None
        drawn = [
            state.manifest.parts("place_entities") for state in (self.next, self.last) if state
        ]
        if drawn[1:] == drawn[:1] and (written := self._link_last(_MAP, new)):
            return written
        entities = self.next.table("place_entities")
        return files.write(new / _MAP, (piece.encode() for piece in geojson(entities)))

    def _link_last(self, path: str, new: Path) -> files.Written | None:
        """Have a file of the last state published again; None if it is not there as it was."""
        written = self.last.manifest.others.get(path) if self.last else None
        if written is None or not files.is_whole(self.output / path, written):
            return None
        files.link(self.output / path, new / path)
        return written


def _without_others(state: Manifest) -> Manifest:
    """The state without what follows from it, and without what it says of the one before."""
    buckets = dict(state.buckets)
    if WHOLE in buckets:
        kept = {name: part for name, part in buckets[WHOLE].parts.items() if name != "changes"}
        buckets[WHOLE] = Bucket("", kept)
    return Manifest(state.versions, state.options, state.bucket_count, state.inputs, buckets)


def _recover(output: Path) -> bool:
    """Finish a publish whose journal is there. Staged buckets stay, for `Refresh` to look at."""
    finished = (output / JOURNAL).exists()
    if finished:
        log.warning("%s: finishing a publish that was interrupted", output)
        _roll_forward(output, verify=True)
    if (output / STAGING).exists():
        for path in list((output / STAGING).iterdir()):
            if path.name != "buckets":
                files.remove(path)
    return finished


def _publish(output: Path, content: bytes, snapshot: str | None = None) -> None:
    """Publish what is complete under `.staging/next`, with `content` as its manifest."""
    files.write((output / JOURNAL).parent / manifest.FILE, [content])
    files.flush(output)
    parquet = output / STAGING / "next/parquet"
    journal = {"snapshot": snapshot, "parquet": parquet.stat().st_ino}
    files.write(output / JOURNAL, [json.dumps(journal).encode()])
    files.flush(output)
    _roll_forward(output)


def _roll_forward(output: Path, *, verify: bool = False) -> None:
    """Bring what the journal names to its place. Doing it again does no harm if `verify`, which
    compares each item with the manifest to know whether it is there yet."""
    journal = output / JOURNAL
    content = (journal.parent / manifest.FILE).read_bytes()
    target = manifest.parse(content, path=journal.parent / manifest.FILE)
    expected = {**target.outputs(), manifest.FILE: files.Written.of(content)}
    new = output / STAGING / "next"
    for item in ITEMS:
        own = {
            path: written
            for path, written in expected.items()
            if path == item or path.startswith(item + "/")
        }
        if not own:
            if (output / item).exists():
                files.remove(new / f"{item}.old")
                (output / item).rename(new / f"{item}.old")
        elif not verify or _holds(new, own):
            files.swap(new / item, output / item)
        elif not _holds(output, own):
            raise PipelineError(
                f"{output / item} is damaged, and so is the copy that was to replace it.",
                cure="Restore the folder from a backup, or delete all of it but history/ and refresh.",
            )
    snapshot = output / _SNAPSHOT
    if snapshot.exists():
        name = json.loads(journal.read_bytes())["snapshot"]
        folder = output / history.FOLDER / "snapshots"
        folder.mkdir(parents=True, exist_ok=True)
        snapshot.replace(folder / f"{name}.json")
    files.flush(output)
    journal.unlink()


def _holds(root: Path, expected: Mapping[str, files.Written]) -> bool:
    return all(files.is_whole(root / path, written) for path, written in expected.items())
