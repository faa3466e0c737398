"""An output on another file system, by way of a working copy on this one.

    with opened("s3://bucket/facts") as place:   # the copy is what the bucket holds
        …                                        # refresh, prune, restore `place.folder`, as ever
        place.publish()                          # the bucket is what the copy holds

An object store can neither link nor swap, so what is new goes up under a name that no other content
ever has, and stays there:

    history/objects/ab/abcd….csv     a file of the state, by its SHA-256 and with its suffix
    history/snapshots/…json          as on a disk
    manifest.json                    the commit point: replaced in one step, once all it names is there
    parquet/…, csv/…, report/…, …    then copied there, file by file, for those who read folders
    .publishing/….json               while this is under way: what is added, what is replaced

Whoever goes by the manifest finds each file it names by its SHA-256 under `history/objects/`, at any
instant and as long as the state is kept. On the far side history keeps parts in full, no deltas,
so that nothing but the manifest and the copies for folder readers is ever overwritten.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.errors import PipelineError
from pipeline.store import deltas, files, history, manifest, publish

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

log = logging.getLogger(__name__)

_JOURNALS = ".publishing"
_RECORD = "remote.json"
# Where a name has its content as a whole or not at all.
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oss", "oci", "memory"}
# Where there are folders, files are not whole at once: they are written aside, and a rename puts
# them in the place of others in one step. To other systems fsspec's packages bring no such rename.
_RENAMING = {"file", "local", "sftp", "ssh", "ftp"}
# Requests under way at a time, where the file system can have more than one.
_AT_ONCE = 16
_BATCH = 1024
_SNAPSHOTS = f"{history.FOLDER}/snapshots/"
_OBJECTS = f"{history.FOLDER}/objects/"
_KEPT = (".parquet", deltas.SUFFIX, ".lines")


def is_remote(output: str | Path) -> bool:
    """Whether `output` is a URL, not a folder."""
    return "://" in str(output)


@dataclass(frozen=True, slots=True)
class Place:
    """An output to work on: `folder` is it, or its working copy."""

    folder: Path
    _copy: _Copy | None = None

    @property
    def is_remote(self) -> bool:
        return self._copy is not None

    def publish(self) -> None:
        """Bring the state of the copy to the place it is a copy of; a folder is there already.

        Raises `PipelineError` if that is not to be written or reached, or if another has
        published there since it was opened. The state published there stays then, and the next
        call goes on with what this one had done.
        """
        if self._copy is not None:
            self._copy.publish()


@contextmanager
def opened(
    output: str | Path, *, copy: str | Path | None = None, wait: float = 0.0
) -> Iterator[Place]:
    """Open `output`, a folder or a URL, to change it; of a URL, its copy is brought up to date.

    `copy` is the folder of the copy, by default one of the user's caches, named by a hash of the
    URL. It is locked till the block ends. What a copy has and its URL has not (an upload failed)
    stays in it, unless another published there meanwhile. Waits `wait` seconds for another use of the copy
    to end (for ever if negative), then raises `PipelineError`, as for a system that cannot replace
    a file in one step.
    """
    if not is_remote(output):
        yield Place(Path(output))
        return
    found = _Copy.of(str(output), copy)
    if not _protocols(found.system) & (_OBJECT_STORES | _RENAMING):
        raise PipelineError(
            f"{output}: fsspec's {str(output).partition('://')[0]} cannot replace a file in one step, "
            "so nothing can be published there safely.",
            cure=f"Name one of {', '.join(sorted(_OBJECT_STORES | _RENAMING))}, or a folder.",
        )
    with files.locked(found.root, wait=wait):
        found.update()
        yield Place(found.folder, found)


def brought(output: str | Path, *, copy: str | Path | None = None) -> Path:
    """The folder to read `output` from: itself, or the copy of a URL, brought up to date.

    While a refresh has the copy, it is read as it is. Raises `PipelineError` if nothing is
    published at a URL.
    """
    if not is_remote(output):
        return Path(output)
    found = _Copy.of(str(output), copy)
    with ExitStack() as held:
        try:
            held.enter_context(files.locked(found.root))
        except PipelineError as error:
            # In use is no fault of the system's, and no harm to readers.
            if error.__cause__ is not None or found.content() is None:
                raise
            log.warning("%s: in use by a refresh; reading what it held before", found.root)
        else:
            found.update()
    if found.content() is None:
        raise _unpublished(output)
    return found.folder


def damaged(output: str) -> list[str]:
    """The files at a URL that are not what its manifest says, by path; reads every byte of them.

    Raises `PipelineError` if nothing is published there.
    """
    place = _Copy.of(output, None)
    with _explained(output), TemporaryDirectory() as folder:
        there = place.look()
        if there.content is None:
            raise _unpublished(output)
        found: set[str] = set()

        def check(item: tuple[str, files.Written]) -> None:
            path, written = item
            draft = Path(folder, secrets.token_hex(8))
            with suppress(FileNotFoundError):
                place.system.get_file(place.at(path), str(draft))
            if not files.is_whole(draft, written):
                found.add(path)
            draft.unlink(missing_ok=True)

        outputs = manifest.parse(there.content, path=f"{output}/{manifest.FILE}").outputs()
        objects = {_object(path, written): written for path, written in outputs.items()}
        place.each(check, (objects | outputs).items())
        return sorted(found)


@contextmanager
def local_file(name: str) -> Iterator[Path]:
    """The file `name` on this machine, fetched for the time of the block if it is a URL."""
    if not is_remote(name):
        yield Path(name)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder, PurePosixPath(name).name)
        with _explained(name):
            system, there = _filesystem(name)
            system.get_file(there, str(path))
        yield path


class _Journal(NamedTuple):
    """A publish that is under way, or was killed. `base` and `target` are the SHA-256 of the
    manifest it found and of its own; `add` the files it adds, `replace` those it replaces."""

    base: str | None
    target: str
    add: frozenset[str]
    replace: frozenset[str]

    def to_json(self) -> bytes:
        lists = {"add": sorted(self.add), "replace": sorted(self.replace)}
        return json.dumps(self._asdict() | lists, indent=0).encode()

    @classmethod
    def from_json(cls, content: bytes) -> _Journal:
        data = json.loads(content)
        return cls(data["base"], data["target"], frozenset(data["add"]), frozenset(data["replace"]))


class _There(NamedTuple):
    """What is at the URL: size by path of every file of ours, the manifest, its version if the
    system has such (an ETag), and the journals by path."""

    sizes: Mapping[str, int]
    content: bytes | None
    version: str | None
    journals: Mapping[str, _Journal]

    @property
    def digest(self) -> str | None:
        return None if self.content is None else _sha256(self.content)


@dataclass(slots=True)
class _Copy:
    """The working copy of `url` under `root`: the output `folder`, and a record of its origin.

    `base` is the SHA-256 of the manifest that was there when both were last one.
    """

    url: str
    root: Path
    system: AbstractFileSystem
    prefix: str
    base: str | None = None

    @classmethod
    def of(cls, url: str, root: str | Path | None) -> _Copy:
        url = url.rstrip("/")
        with _explained(url):
            system, prefix = _filesystem(url)
        cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
        default = Path(cache).expanduser() / "wikifacts" / _sha256(url.encode())[:16]
        return cls(url, default if root is None else Path(root), system, prefix)

    @property
    def folder(self) -> Path:
        return self.root / "output"

    # ------------------------------------------------------------------------------- from there

    def update(self) -> None:
        """Make the copy what is published there, unless it is ahead of that."""
        self._read_record()
        if self.folder.exists():
            publish.recover(self.folder, sweep=False)
        with _explained(self.url):
            there = self.look()
        here = self.content()
        digest = None if here is None else _sha256(here)
        if there.digest is None and self.base is not None:
            raise PipelineError(
                f"{self.url}: nothing is there any more, though something was.",
                cure=f"See that it is the right place. To begin anew there, delete {self.root}.",
            )
        with _explained(self.url):
            if there.content is None or (here is not None and there.digest in (digest, self.base)):
                if digest != there.digest:
                    log.warning("%s: the copy has a state that is not published there", self.url)
                self._fetch_history(there)
                self._mend(there)
            else:
                self._adopt(there, there.content)
        self._write_record(there.digest)

    def _adopt(self, there: _There, content: bytes) -> None:
        """Make the copy the state of the manifest `content`, and its history the one there."""
        outputs = self._parse(content).outputs()
        mine = self.folder / history.FOLDER
        stems = {PurePosixPath(path).stem for path in there.sizes if path.endswith(_KEPT)}
        for path in files.files_under(mine / "objects").values():
            if not _counts_from(path) <= stems:
                files.remove(path)
        snapshots = set(_snapshots(there, content))
        for name, path in files.files_under(mine / "snapshots").items():
            if f"{_SNAPSHOTS}{name}" not in snapshots:
                log.warning("%s: %s was never published there, and is dropped", self.url, path.stem)
                files.remove(path)
        self._fetch_history(there)

        def stage(new: Path) -> None:
            lacking = []
            for path, written in outputs.items():
                own = (self.folder / path, self.folder / _object(path, written))
                whole = next((one for one in own if files.is_whole(one, written)), None)
                if whole is None:
                    lacking.append(path)
                else:
                    files.link(whole, new / path)
            with _explained(self.url):
                self.each(lambda path: self._fetch_output(path, outputs[path], there, new), lacking)

        publish.adopt(self.folder, content, stage)
        log.info("%s: the copy is at %s", self.url, manifest.state_id(content))

    def _fetch_history(self, there: _There) -> None:
        """Bring every object and snapshot that is there and not here."""
        pending = {
            path
            for journal in there.journals.values()
            if journal.base == there.digest != journal.target
            for path in journal.add
        }
        wanted = _snapshots(there, there.content) if there.content else []
        for path in there.sizes:
            if not path.startswith(_OBJECTS) or path in pending:
                continue
            suffix = PurePosixPath(path).suffix
            whole = path.removesuffix(suffix) + ".parquet"
            if suffix in _KEPT and not (suffix == deltas.SUFFIX and whole in there.sizes):
                wanted.append(path)
        self.each(
            lambda path: self._fetch(path, self.folder / path),
            [path for path in wanted if not self._has(path, there.sizes[path])],
        )

    def _has(self, path: str, size: int) -> bool:
        """Whether an object or snapshot is here: as it is there, or as a delta."""
        here = self.folder / path
        if here.exists():
            return here.stat().st_size == size
        return here.suffix == ".parquet" and here.with_suffix(deltas.SUFFIX).exists()

    def _mend(self, there: _There) -> None:
        """Bring files of the copy's own state that are lost or cut short, if they are there."""
        here = self.content()
        if here is None:
            return
        outputs = self._parse(here).outputs()
        lacking = [
            path
            for path, written in outputs.items()
            if not files.is_whole(self.folder / path, written, read=False)
            and there.sizes.get(_object(path, written)) == written.size
        ]
        self.each(lambda path: self._fetch_output(path, outputs[path], there, self.folder), lacking)

    def _fetch_output(self, path: str, written: files.Written, there: _There, root: Path) -> None:
        # A folder that was copied there as it was has no objects but its history's.
        kept = _object(path, written)
        self._fetch(kept if kept in there.sizes else path, root / path, written.sha256)

    def _fetch(self, path: str, target: Path, sha256: str | None = None) -> None:
        if sha256 is None and target.suffix == ".parquet":
            sha256 = target.stem
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            self.system.get_file(self.at(path), str(draft))
            if sha256 is not None and files.measure(draft).sha256 != sha256:
                raise PipelineError(
                    f"{self.url}/{path} is damaged: its content is not what its manifest says.",
                    cure="Restore it there from a backup.",
                )
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    # --------------------------------------------------------------------------------- to there

    def publish(self) -> None:
        """See `Place.publish`."""
        content = self.content()
        if content is None:
            return
        try:
            with _explained(self.url):
                self._publish(content)
        except PipelineError:
            log.error("%s: not all was published; the new state is in %s", self.url, self.folder)
            raise

    def _publish(self, content: bytes) -> None:
        there = self.look()
        target = _sha256(content)
        if there.digest not in (self.base, target):
            raise self._overtaken()
        new = self._parse(content).outputs()
        old = {} if there.content is None else self._parse(there.content).outputs()
        wanted = self._objects(new)
        add = [path for path, source in wanted.items() if not _is_there(source, path, there)]
        doubtful = {path for journal in there.journals.values() for path in journal.replace}
        replace = [
            path
            for path, written in new.items()
            if old.get(path) != written or there.sizes.get(path) != written.size or path in doubtful
        ]
        own = f"{_JOURNALS}/{target[:12]}-{secrets.token_hex(4)}.json"
        journal = _Journal(there.digest, target, frozenset(add), frozenset(replace))
        busy = bool(add or replace or target != there.digest)
        if busy:
            log.info("%s: sending %d files", self.url, len(add))
            self._write(own, journal.to_json())
        # A snapshot after what it names.
        snapshots = [path for path in add if path.startswith(_SNAPSHOTS)]
        for group in ([path for path in add if not path.startswith(_SNAPSHOTS)], snapshots):
            self.each(lambda path: self._send(wanted[path], path), group)
        if target != there.digest:
            self._commit(content, there.version)
        # What has no place in the new state goes first: to one who reads a folder, a row that is
        # missing for an instant does less harm than one that is there twice.
        self._remove(path for path in there.sizes if _is_for_folders(path) and path not in new)
        self.each(
            lambda path: self._duplicate(_object(path, new[path]), path, self.folder / path),
            replace,
        )
        if busy and self._digest_there() != target:
            # Another published after us, and we may have copied over it: the next one mends that.
            self._write(own, journal.to_json())
            raise self._overtaken()
        alive = {
            path: other
            for path, other in there.journals.items()
            if other.base == target != other.target
        }
        keep = {*wanted, *(path for other in alive.values() for path in other.add)}
        if there.digest != target:  # for those who still read it, till the next time
            keep.update(_object(path, written) for path, written in old.items())
        gone = [p for p in there.sizes if p.startswith(f"{history.FOLDER}/") and p not in keep]
        self._remove(path for path in gone if path.startswith(_SNAPSHOTS))
        self._remove(path for path in gone if not path.startswith(_SNAPSHOTS))
        notes = {path for path in there.sizes if path.startswith(f"{_JOURNALS}/")}
        self._remove({*notes, *([own] if busy else [])} - set(alive))
        log.info("%s: %d files added, %d replaced", self.url, len(add), len(replace))

    def _objects(self, outputs: Mapping[str, files.Written]) -> dict[str, Path]:
        """What is to be under `history/` there, by path, and the file here that has it."""
        wanted = {_object(path, written): self.folder / path for path, written in outputs.items()}
        for name, path in files.files_under(self.folder / history.FOLDER).items():
            if path.name.startswith("."):
                continue  # a draft that was left
            target = f"{history.FOLDER}/{name}"
            if path.suffix == deltas.SUFFIX:
                wanted.setdefault(target.removesuffix(deltas.SUFFIX) + ".parquet", path)
            else:
                wanted[target] = path
        return wanted

    def _send(self, source: Path, path: str) -> None:
        """Bring a file up, if it is what the name it gets there says."""
        if source.suffix == deltas.SUFFIX:
            self._write(path, deltas.load(source))
            return
        named = path.startswith(_OBJECTS) and not path.endswith(".lines")
        if named and files.measure(source).sha256 != PurePosixPath(path).stem:
            raise PipelineError(
                f"{source} is damaged.",
                cure=f"Delete {self.root} and refresh again; it is made anew from what is published.",
            )
        with self._written(path) as target:
            self.system.put_file(str(source), target)

    def _commit(self, content: bytes, version: str | None) -> None:
        """Replace the manifest, if it is still the one that was there."""
        if self._digest_there() != self.base:
            raise self._overtaken()
        condition: dict[str, str] = {}
        if _protocols(self.system) & {"s3", "s3a"}:
            # The store itself compares: no other can come between.
            condition = {"IfMatch": version} if version else {"IfNoneMatch": "*"}
        target = _sha256(content)
        try:
            try:
                self._write(manifest.FILE, content, **condition)
            except OSError as error:
                if not condition or error.errno != errno.ENOSYS:
                    raise
                self._write(manifest.FILE, content)  # it cannot compare
        except Exception as error:
            # Perhaps only the answer was lost, and the second try refused.
            found = self._digest_there()
            if found not in (self.base, target):
                raise self._overtaken() from error
            if found != target:
                raise
        self._write_record(target)

    def _duplicate(self, kept: str, path: str, source: Path) -> None:
        with self._written(path) as target:
            try:
                self.system.cp_file(self.at(kept), target)
            except Exception:  # each says in its own way that it cannot copy
                self.system.put_file(str(source), target)

    def _write(self, path: str, content: bytes, **options: str) -> None:
        with self._written(path) as target:
            self.system.pipe_file(target, content, **options)

    @contextmanager
    def _written(self, path: str) -> Iterator[str]:
        """The name to write to, that `path` may be as it was or whole, and nothing between."""
        target = self.at(path)
        if _protocols(self.system) & _OBJECT_STORES:
            yield target
            return
        folder, _, name = target.rpartition("/")
        self.system.makedirs(folder, exist_ok=True)
        draft = f"{folder}/.{name}.{secrets.token_hex(4)}"
        try:
            yield draft
            self.system.mv(draft, target)
        except BaseException:
            with suppress(Exception):
                self.system.rm_file(draft)
            raise

    def _remove(self, paths: Iterable[str]) -> None:
        def remove(path: str) -> None:
            with suppress(FileNotFoundError):
                self.system.rm_file(self.at(path))

        self.each(remove, paths)

    # ------------------------------------------------------------------------------------- both

    def look(self) -> _There:
        """What is there now. The manifest is read before the files, so that these are not gone
        that it names, and the journals after them, so that no file is seen without its journal."""
        content, version = self._manifest()
        found: dict[str, int] = {}
        folders = []
        for path, info in self._listed(self.system.ls, "").items():
            if info["type"] == "directory" and path in (*publish.ITEMS, history.FOLDER, _JOURNALS):
                folders.append(path)
            elif info["type"] == "file" and (path in publish.ITEMS or _is_draft(path)):
                found[path] = int(info["size"])
        for path in sorted(folders, key=_JOURNALS.__eq__):
            found |= {
                name: int(info["size"])
                for name, info in self._listed(self.system.find, path).items()
            }
        journals = {}
        for path in found:
            if path.startswith(f"{_JOURNALS}/"):
                with suppress(FileNotFoundError, ValueError, KeyError, TypeError):
                    journals[path] = _Journal.from_json(self.system.cat_file(self.at(path)))
        return _There(found, content, version, journals)

    def _listed(self, how: Callable[..., Any], folder: str) -> dict[str, dict[str, Any]]:
        """What the system lists at `folder`, by path from the URL; nothing if there is none."""
        try:
            found = how(self.at(folder).rstrip("/") or "/", detail=True)
        except FileNotFoundError:
            return {}
        if isinstance(found, dict):
            found = [{**info, "name": name} for name, info in found.items()]
        # Some systems name files with a leading slash, and some do not.
        start = len(self.prefix.strip("/")) + 1 if self.prefix.strip("/") else 0
        return {info["name"].strip("/")[start:]: info for info in found}

    def _manifest(self) -> tuple[bytes | None, str | None]:
        """The manifest there, and its version if the system has such (an ETag)."""
        self.system.invalidate_cache()
        path = self.at(manifest.FILE)
        try:
            version = self.system.info(path).get("ETag")
            return self.system.cat_file(path), version
        except FileNotFoundError:
            return None, None

    def _digest_there(self) -> str | None:
        content, _ = self._manifest()
        return None if content is None else _sha256(content)

    def _overtaken(self) -> PipelineError:
        return PipelineError(
            f"{self.url}: another refresh has published there meanwhile.",
            cure="Run it again: it begins from what is there now. Let one at a time write there.",
        )

    def content(self) -> bytes | None:
        """The manifest of the copy."""
        try:
            return (self.folder / manifest.FILE).read_bytes()
        except FileNotFoundError:
            return None

    def _parse(self, content: bytes) -> manifest.Manifest:
        return manifest.parse(content, path=f"{self.url}/{manifest.FILE}")

    def at(self, path: str) -> str:
        return f"{self.prefix}/{path}"

    def each(self, action: Callable[[Any], object], items: Iterable[Any]) -> None:
        """Do it for each item, for several at a time where the system bears it; the first failure
        is raised, and ends it."""
        todo = list(items)
        if not self.system.async_impl or len(todo) < 2:
            for item in todo:
                action(item)
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(todo), _BATCH):
                for _ in pool.map(action, todo[start : start + _BATCH]):
                    pass

    def _read_record(self) -> None:
        try:
            data = json.loads((self.root / _RECORD).read_bytes())
            url, self.base = data["url"], data["manifest"]
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError):
            self.base = None
            return
        if url != self.url:
            raise PipelineError(
                f"{self.root} is the working copy of {url}.", cure="Name another folder."
            )

    def _write_record(self, base: str | None) -> None:
        self.base = base
        record = {"url": self.url, "manifest": base}
        files.write(self.root / _RECORD, [json.dumps(record, indent=1).encode()])


def _unpublished(url: str | Path) -> PipelineError:
    return PipelineError(
        f"{url}: no refresh is published there.",
        cure="Run `wikifacts refresh` first, or name another place.",
    )


def _filesystem(url: str) -> tuple[AbstractFileSystem, str]:
    from fsspec.core import url_to_fs

    system, path = url_to_fs(url)
    return system, path.rstrip("/")


def _protocols(system: AbstractFileSystem) -> set[str]:
    return {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)


def _object(path: str, written: files.Written) -> str:
    """Where the content of an output is kept, whatever becomes of its path."""
    suffix = PurePosixPath(path).suffix
    return f"{_OBJECTS}{written.sha256[:2]}/{written.sha256}{suffix}"


def _counts_from(path: Path) -> set[str]:
    """The names of the objects that the one at `path` is made of."""
    if path.suffix != deltas.SUFFIX:
        return {path.stem}
    try:
        return {path.stem, deltas.newer_of(path).stem}
    except (ValueError, KeyError):
        return {""}  # damaged


def _is_there(source: Path, path: str, there: _There) -> bool:
    if path not in there.sizes:
        return False
    # A part that is kept as a delta here is in full there, where it was sent in one piece.
    return source.suffix == deltas.SUFFIX or source.stat().st_size == there.sizes[path]


def _is_for_folders(path: str) -> bool:
    return path != manifest.FILE and not path.startswith((f"{history.FOLDER}/", f"{_JOURNALS}/"))


def _is_draft(path: str) -> bool:
    """Whether a file beside the folders is one that was being written aside; see `_written`."""
    return path.startswith(".") and path[1:].rpartition(".")[0] in publish.ITEMS


def _snapshots(there: _There, content: bytes) -> list[str]:
    """The snapshots there up to that of the manifest `content`: later ones are of a publish that
    was not completed."""
    found = sorted(
        (int(number), name, path)
        for path in there.sizes
        if path.startswith(_SNAPSHOTS)
        for number, _, name in [PurePosixPath(path).stem.partition("-")]
        if number.isdecimal()
    )
    last = max(
        (number for number, name, _ in found if name == manifest.state_id(content)), default=None
    )
    return [path for number, _, path in found if last is None or number <= last]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Turn whatever a file system raises, each its own, into a `PipelineError` with a cure."""
    try:
        yield
    except PipelineError:
        raise
    except Exception as error:
        protocol = url.partition("://")[0]
        said = f"{type(error).__name__}: {error}".rstrip(": ")
        if isinstance(error, ImportError):
            extra = "-e '.[s3]'" if protocol in ("s3", "s3a") else "what fsspec names above"
            message = str(error)
            cure = f"Install it, in the project's folder: .venv/bin/python -m pip install {extra}."
        elif isinstance(error, ValueError) and "rotocol" in str(error):
            message, cure = str(error), "Name one that fsspec knows, as s3://bucket/prefix."
        elif isinstance(error, OSError) and error.errno in files.NO_SPACE:
            message, cure = f"no space is left ({said})", "Free some, and run it again."
        elif isinstance(error, PermissionError) or "Credentials" in type(error).__name__:
            message = f"access was refused ({said})"
            cure = (
                f"Give credentials as fsspec's {protocol} takes them, with the right to list, read, "
                "write and delete there."
            )
        elif isinstance(error, FileNotFoundError):
            message, cure = f"there is no such place ({said})", "Make the bucket, or name another."
        elif isinstance(error, NotImplementedError):
            message, cure = f"it cannot be written ({said})", "Name a place of another kind."
        else:
            message = f"it failed ({said})"
            cure = "See that the service can be reached, then run it again: it goes on from there."
        raise PipelineError(
            f"{url}: {message}; what was published there stays.", cure=cure
        ) from error
