"""`manifest.json`: what was read, what was written, and by which version. No clock, no host.

One entry a line, in order, so that two manifests differ in the lines whose facts differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.schemas import TABLES
from pipeline.store import files
from pipeline.store.parts import Bucket, Part, file_name

FILE = "manifest.json"
LAYOUT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """A published state. `inputs` have at least `path` and `sha256`, and `article_id` where the
    file was read. `buckets` are by label, `others` (CSV, report, descriptor …) by path."""

    versions: Mapping[str, str]
    options: Mapping[str, Any]
    bucket_count: int
    inputs: Sequence[Mapping[str, Any]] = ()
    buckets: Mapping[str, Bucket] = field(default_factory=dict)
    others: Mapping[str, files.Written] = field(default_factory=dict)

    def rows(self) -> dict[str, int]:
        """Rows a table."""
        counts = {table.name: 0 for table in TABLES}
        for bucket in self.buckets.values():
            for name, part in bucket.parts.items():
                counts[name] = counts.get(name, 0) + part.rows
        return counts

    def parts(self, table: str) -> dict[str, Part]:
        """The parts of `table` by bucket, in order of their rows."""
        return {
            label: bucket.parts[table]
            for label, bucket in sorted(self.buckets.items())
            if table in bucket.parts
        }

    def outputs(self) -> dict[str, files.Written]:
        """Every file of the state but the manifest itself, by path."""
        found = dict(self.others)
        for label, bucket in self.buckets.items():
            for name, part in bucket.parts.items():
                found[parquet_path(name, label)] = part.parquet
        return dict(sorted(found.items()))


def parquet_path(table: str, bucket: str) -> str:
    """Where a part is, from the output folder."""
    return f"parquet/{table}/{file_name(bucket)}"


def csv_path(table: str) -> str:
    return f"csv/{table}.csv"


def render(manifest: Manifest) -> bytes:
    """The file's content; equal states give equal bytes."""
    return "".join(_lines(manifest)).encode("utf-8", "backslashreplace")


def state_id(content: bytes) -> str:
    """The name of a state: the first 12 hexadecimal digits of its manifest's SHA-256."""
    return hashlib.sha256(content).hexdigest()[:12]


def _lines(manifest: Manifest) -> Iterator[str]:
    rows = manifest.rows()
    inputs = sorted(manifest.inputs, key=lambda entry: (entry["path"], entry["sha256"]))
    written = []
    for label, bucket in sorted(manifest.buckets.items()):
        for name, part in sorted(bucket.parts.items()):
            entry = {
                "path": parquet_path(name, label), "sha256": part.parquet.sha256,
                "bytes": part.parquet.size, "rows": part.rows, "table": name, "bucket": label,
                "csv_sha256": part.csv.sha256, "csv_bytes": part.csv.size,
            }  # fmt: skip
            written.append(entry)
    for path, (size, sha256) in manifest.others.items():
        entry = {"path": path, "sha256": sha256, "bytes": size}
        if path.startswith("csv/"):
            entry["rows"] = rows[Path(path).stem]
        written.append(entry)
    written.sort(key=lambda entry: str(entry["path"]))
    yield f'{{\n"layout": {LAYOUT},\n"versions": {_json(manifest.versions)},\n'
    yield f'"options": {_json(manifest.options)},\n"bucket_count": {manifest.bucket_count},\n'
    yield '"inputs": ['
    yield from _entries([{"path": e["path"], "sha256": e["sha256"], **e} for e in inputs])
    yield '],\n"buckets": ['
    yield from _entries(
        [{"bucket": k, "fingerprint": b.fingerprint} for k, b in sorted(manifest.buckets.items())]
    )
    yield '],\n"outputs": ['
    yield from _entries(written)
    yield "]\n}\n"


def _entries(entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for index, entry in enumerate(entries):
        yield f"{',' if index else ''}\n{_json(entry)}"
    yield "\n" if entries else ""


_json = json.JSONEncoder(ensure_ascii=False).encode


def parse(content: bytes, *, path: Path | str) -> Manifest:
    """Raises `PipelineError` if `content`, of the file `path`, is no manifest of ours."""
    try:
        data = json.loads(content)
        if data["layout"] != LAYOUT:
            raise PipelineError(
                f"{path} has layout {data['layout']}; this version knows {LAYOUT}.",
                cure="Use the version that wrote it, or move the output folder away.",
            )
        fingerprints = {entry["bucket"]: entry["fingerprint"] for entry in data["buckets"]}
        parts: dict[str, dict[str, Part]] = {label: {} for label in fingerprints}
        others = {}
        for entry in data["outputs"]:
            written = files.Written(entry["bytes"], entry["sha256"])
            if "bucket" in entry:
                csv = files.Written(entry["csv_bytes"], entry["csv_sha256"])
                parts[entry["bucket"]][entry["table"]] = Part(entry["rows"], written, csv)
            else:
                others[entry["path"]] = written
        return Manifest(
            data["versions"],
            data["options"],
            data["bucket_count"],
            data["inputs"],
            {label: Bucket(print_, parts[label]) for label, print_ in fingerprints.items()},
            others,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise PipelineError(
            f"{path} is no manifest: {error!r}.",
            cure="Delete it; the next refresh writes everything anew.",
        ) from error


def load(output: Path) -> Manifest | None:
    """The state published under `output`, if there is one."""
    path = output / FILE
    try:
        return parse(path.read_bytes(), path=path)
    except FileNotFoundError:
        return None
