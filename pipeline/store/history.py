"""Earlier states, kept under `history/`: what two have in common is kept once.

    history/objects/ab/abcd….parquet    a part, by its SHA-256; a second name of the published file
    history/objects/ab/abcd….delta      one no longer published, as what differs from its successor
    history/objects/ab/abcd….lines      a stretch of a manifest, compressed
    history/snapshots/000007-1f2e….json a state: number, id, time, rows, the stretches of its manifest

A manifest is cut where its own lines say so, not after so many of them, and an edit leaves the
other cuts where they are. CSV files and the report follow from the parts and are not kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import PipelineError
from pipeline.store import deltas, files
from pipeline.store.manifest import Manifest, parquet_path, parse, state_id
from pipeline.store.reading import State

FOLDER = "history"
# One line in so many ends a stretch.
_CUT = 16
# How much a refresh may shrink: what it leaves is kept in full, which costs space, not time.
_SHRINK_BYTES = 32 << 20
_NAME = re.compile(r"(\d{6,})-([0-9a-f]{12})\.json")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A state that was published. `time` is what its refresh was told (ISO 8601, UTC); `id` is the
    same for equal states. `is_new` is False where a refresh found nothing to publish."""

    number: int
    id: str
    time: str | None
    rows: Mapping[str, int]
    restored_from: int | None = None
    is_new: bool = True

    @property
    def name(self) -> str:
        return f"{self.number:06d}-{self.id}"


def list_snapshots(output: Path) -> list[Snapshot]:
    """The snapshots under `output`, oldest first."""
    found = []
    for path in _snapshot_files(output):
        data = _load(path)
        found.append(
            Snapshot(data["number"], data["id"], data["time"], data["rows"], data["restored_from"])
        )
    return found


def numbers(output: Path) -> list[int]:
    """The numbers of the snapshots under `output`, in order."""
    return [int(path.name.partition("-")[0]) for path in _snapshot_files(output)]


def find_snapshot(output: Path, name: str) -> Snapshot:
    """The snapshot of that name: `latest`, `previous`, a number, or the beginning of an id, of four
    digits or more (the newest of equal states). Raises `PipelineError` if there is none, or more than one."""
    snapshots = list_snapshots(output)
    if name in ("latest", "previous"):
        place = -1 if name == "latest" else -2
        found = snapshots[place:][:1] if len(snapshots) >= -place else []
    else:
        found = [s for s in snapshots if name.isdecimal() and s.number == int(name)]
        found = found or [s for s in snapshots if name in (s.name, s.id)]
        found = found or [s for s in snapshots if len(name) >= 4 and s.id.startswith(name)]
    if len({snapshot.id for snapshot in found}) == 1:
        return found[-1]
    known = ", ".join(snapshot.name for snapshot in snapshots[-5:]) or "none"
    raise PipelineError(
        f"{output}: {'more than one' if found else 'no'} snapshot is called {name!r}.",
        cure=f"Name it by number or id, or say latest or previous; the last ones are: {known}.",
    )


def open_snapshot(output: Path, name: str) -> State:
    """The state that a snapshot keeps; `name` as in `find_snapshot`."""
    snapshot = find_snapshot(output, name)
    manifest = load_manifest(output, snapshot)
    paths = {
        table: {
            label: _part(output, p.parquet.sha256) for label, p in manifest.parts(table).items()
        }
        for table in manifest.rows()
    }
    return State(manifest, paths)


def load_manifest(output: Path, snapshot: Snapshot) -> Manifest:
    """The manifest of a snapshot, checked against its id."""
    path = _snapshot_file(output, snapshot)
    content = b"".join(
        zlib.decompress(_object(output, digest, "lines").read_bytes())
        for digest in _load(path)["manifest"]
    )
    if state_id(content) != snapshot.id:
        raise PipelineError(
            f"{path}: what it keeps is damaged.", cure="Restore the folder from a backup."
        )
    return parse(content, path=path)


def keep(output: Path, content: bytes, manifest: Manifest, root: Path) -> list[str]:
    """Add the objects of a state whose parts lie under `root`; returns its manifest's stretches.

    Objects that no snapshot names do no harm; `prune` takes them away.
    """
    for table in manifest.rows():
        for label, part in manifest.parts(table).items():
            # Anew even if it is there, so that what is published and what is kept are one file,
            # and a kept one that was damaged is mended.
            files.link(
                root / parquet_path(table, label),
                _whole_part(output, part.parquet.sha256),
                replace=True,
            )
    stretches = []
    for stretch in _cut(content):
        digest = hashlib.sha256(stretch).hexdigest()[:32]
        target = _object(output, digest, "lines")
        if not target.exists():
            files.write(target, [zlib.compress(stretch, 9)])
        stretches.append(digest)
    return stretches


def render_snapshot(snapshot: Snapshot, stretches: list[str]) -> bytes:
    """The content of a snapshot's file."""
    data = {
        "number": snapshot.number, "id": snapshot.id, "time": snapshot.time,
        "restored_from": snapshot.restored_from, "rows": dict(snapshot.rows),
        "manifest": stretches,
    }  # fmt: skip
    return (json.dumps(data, indent=1) + "\n").encode()


def shrink(output: Path, old: Manifest, new: Manifest) -> None:
    """Keep the parts of `old` that `new` has others for as deltas to these.

    One in sixteen stays as it is, so that a state is never many deltas away.
    """
    budget = _SHRINK_BYTES
    for table in old.rows():
        successors = new.parts(table)
        published = {part.parquet.sha256 for part in successors.values()}
        for label, part in old.parts(table).items():
            size, digest = part.parquet
            path = _whole_part(output, digest)
            if digest in published or label not in successors or not path.exists():
                continue
            if digest[0] != "0" and size <= budget:
                budget -= size
                deltas.shrink(path, _whole_part(output, successors[label].parquet.sha256))


def prune(
    output: Path,
    *,
    keep: int | None = None,
    older_than: dt.datetime | None = None,
    wait: float = 0.0,
) -> list[Snapshot]:
    """Drop snapshots and what only they need; returns those dropped.

    Dropped are those that are not among the newest `keep`, and those from before `older_than`
    (with its time zone); the newest always stays, and so does one without a time, for its age.
    Raises `PipelineError` while a refresh is running.
    """
    with files.locked(output, wait=wait), files.explained(output):
        snapshots = list_snapshots(output)
        last = len(snapshots) - 1
        dropped = [
            snapshot
            for index, snapshot in enumerate(snapshots[:-1])
            if (keep is not None and last - index >= keep) or _is_before(snapshot, older_than)
        ]
        for snapshot in dropped:
            files.remove(_snapshot_file(output, snapshot))
        needed: set[Path] = set()
        for snapshot in list_snapshots(output):
            for path in _objects_of(output, snapshot):
                while path not in needed:
                    needed.add(path)
                    path = deltas.newer_of(path) if path.suffix == deltas.SUFFIX else path
        for path in files.files_under(output / FOLDER / "objects").values():
            if path not in needed:
                files.remove(path)
        return dropped


def _is_before(snapshot: Snapshot, limit: dt.datetime | None) -> bool:
    if limit is None or snapshot.time is None:
        return False
    time = dt.datetime.fromisoformat(snapshot.time)
    return (time if time.tzinfo else time.replace(tzinfo=dt.UTC)) < limit


def _objects_of(output: Path, snapshot: Snapshot) -> Iterator[Path]:
    for digest in _load(_snapshot_file(output, snapshot))["manifest"]:
        yield _object(output, digest, "lines")
    for bucket in load_manifest(output, snapshot).buckets.values():
        for part in bucket.parts.values():
            yield _part(output, part.parquet.sha256)


def _cut(content: bytes) -> Iterator[bytes]:
    stretch: list[bytes] = []
    for line in content.splitlines(keepends=True):
        stretch.append(line)
        # The separator of entries begins a line or ends it, so look at what is between.
        if zlib.crc32(line.strip(b",\n")) % _CUT == 0:
            yield b"".join(stretch)
            stretch = []
    if stretch:
        yield b"".join(stretch)


def _object(output: Path, digest: str, kind: str) -> Path:
    return output / FOLDER / "objects" / digest[:2] / f"{digest}.{kind}"


def _whole_part(output: Path, digest: str) -> Path:
    return _object(output, digest, "parquet")


def _part(output: Path, digest: str) -> Path:
    """Where a part is kept: as a file, or as a delta."""
    path = _whole_part(output, digest)
    delta = path.with_suffix(deltas.SUFFIX)
    return delta if delta.exists() and not path.exists() else path


def _snapshot_files(output: Path) -> list[Path]:
    folder = output / FOLDER / "snapshots"
    names = [path for path in folder.glob("*.json") if _NAME.fullmatch(path.name)]
    return sorted(names, key=lambda path: (len(path.name), path.name))


def _snapshot_file(output: Path, snapshot: Snapshot) -> Path:
    return output / FOLDER / "snapshots" / f"{snapshot.name}.json"


def _load(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
        return data
    except (OSError, ValueError) as error:
        raise PipelineError(f"{path} cannot be read: {error}.", cure="Delete it.") from error
