"""Files, archives and dumps → `Source`s; what cannot be read becomes a `Problem`.

`raw` may be a folder (read whole, a git checkout too), a file, a glob pattern, an archive of
articles (`.zip`, `.tar`, `.tar.gz`, `.tar.bz2`, `.tar.xz`) or a MediaWiki XML export (`.xml`,
`.xml.bz2`, `.xml.gz`); archives and exports may also lie in a folder beside articles.

    list_inputs    what there is, without reading it: path, size, time of change
    read_input     one of these → its articles, and a problem for each that cannot be read
    read_sources   both in one

Input is hostile until read: links that lead out of `raw`, member paths with `..`, archives that
unpack to a thousand times their size, entity declarations, pipes and files that change under
the reader are each one problem, and the rest goes on. Nothing is ever unpacked to disk, and
memory is bounded by the largest article (`max_bytes`), whatever the container's size.

Text is decoded as strict UTF-8, newlines as stored. A byte order mark stays in the text as its
first character, so that offsets count the file's code points; readers step over it.
"""

from __future__ import annotations

import bz2
import errno
import glob
import gzip
import hashlib
import itertools
import logging
import lzma
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal, cast
from xml.parsers import expat

from pipeline.errors import SourceError
from pipeline.records import Problem, RawFormat, Severity, Source

log = logging.getLogger(__name__)

FORMATS: dict[str, RawFormat] = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".wikitext": "wikitext",
    ".mediawiki": "wikitext",
    ".wiki": "wikitext",
}
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
DUMPS = (".xml", ".xml.bz2", ".xml.gz")
# Files that a repository of articles has about itself.
_ABOUT = re.compile(
    r"(?:README|Readme|readme|NOTICE|LICEN[CS]E|COPYING|CHANGELOG|CONTRIBUTING|AUTHORS)\.[a-z]+"
)
_NO_ARTICLES = "__MACOSX"

MAX_BYTES = 64 * 2**20
# Prose compresses 3 to 10 times, a full history some 50 times; a bomb a thousand times.
MAX_RATIO = 200
_RATIO_FLOOR = 2**20
_TOTAL_FLOOR = 2**30
_CHUNK = 2**18
# The largest tag, comment or attribute of an export that is held while its end is awaited.
_MAX_XML_TOKEN = 4 * 2**20
# page_title is a varbinary(255) in MediaWiki's tables-generated.sql.
_MAX_TITLE_BYTES = 255
# Absolute, or with a `..` between separators of either system.
_UNSAFE = re.compile(r"^[/\\]|^[A-Za-z]:[/\\]|(?:^|[/\\])\.\.(?:[/\\]|$)|\0")

InputKind = Literal["article", "archive", "dump"]


@dataclass(frozen=True, slots=True)
class Input:
    """A file to read. Cheap to make, and picklable, so that any process can read it.

    `path` is as in `Source`; `file` the place on disk; `root` the folder that links may not lead
    out of. `fault` is what the listing already knows to be wrong.
    """

    path: str
    kind: InputKind
    file: str
    root: str
    size: int
    mtime_ns: int
    fault: Problem | None = None


def read_sources(raw: str | Path, *, max_bytes: int = MAX_BYTES) -> Iterator[Source | Problem]:
    """Every article of `raw`, in order of path (in an archive or export, in its own order).

    Raises `SourceError` before anything is read: `missing-folder`, `missing-file`,
    `unknown-format`, `unreadable-folder`, or `no-articles` where there is nothing to read.
    """
    inputs = list_inputs(raw)
    return itertools.chain.from_iterable(read_input(item, max_bytes=max_bytes) for item in inputs)


def list_inputs(raw: str | Path) -> list[Input]:
    """What there is to read in `raw`, sorted by path. Looks at names and sizes only.

    Hidden folders (`.git`), files about the collection (README, NOTICE, LICENSE …) and files of
    other suffixes are passed over. Raises `SourceError` as `read_sources` does.
    """
    name = os.fspath(raw)
    given = Path(name)
    if given.is_dir():
        root = given.resolve()
        inputs = list(_walk(root, root, strict=True))
    elif os.path.lexists(given):
        if _kind(given.name) is None:
            raise SourceError(
                "The suffix says nothing of the format.",
                path=_shown(name),
                code="unknown-format",
                cure=f"Rename it to one of {', '.join([*FORMATS, *ARCHIVES, *DUMPS])}.",
            )
        inputs = [_file_input(given, given.name, root=None)]
    elif glob.has_magic(name):
        inputs = _matches(name)
    else:
        known = _kind(given.name) is not None
        raise SourceError(
            "There is no such file." if known else "There is no such folder.",
            path=_shown(name),
            code="missing-file" if known else "missing-folder",
            cure="Name a folder of articles, an article, an archive or a MediaWiki export.",
        )
    if not inputs:
        raise SourceError(
            "Nothing here is an article.",
            path=_shown(name),
            code="no-articles",
            cure=f"Put articles there; their suffixes are {', '.join(FORMATS)}.",
        )
    return sorted(inputs, key=lambda item: item.path)


def read_input(item: Input, *, max_bytes: int = MAX_BYTES) -> Iterator[Source | Problem]:
    """The articles of `item`, each a `Source`, or a `Problem` for what cannot be read.

    Problems' codes: `unreadable`, `not-a-file`, `link-out-of-raw`, `too-large`, `empty`,
    `not-utf-8`, `bad-name`, `changed-while-read`; in archives `broken-archive`,
    `broken-member`, `unsafe-path`, `member-link`, `encrypted`, `bomb`, `duplicate-member`,
    `nested-archive`, `no-articles`; in exports `not-an-export`, `malformed-xml`, `xml-doctype`.
    `max_bytes` is the largest article accepted. Raises nothing of the input's making.
    """
    if item.fault is not None:
        yield item.fault
        return
    try:
        with _opened(item) as handle:
            before = os.fstat(handle.fileno())
            article = None
            if item.kind == "article":
                # Held back until the file is known to have kept still.
                article = _article(item, handle, before.st_size, max_bytes)
            elif item.kind == "dump":
                yield from _dump(item, handle, max_bytes)
            elif item.path.lower().endswith(".zip"):
                yield from _zip(item, handle, max_bytes)
            else:
                yield from _tar(item, handle, max_bytes)
            after = os.fstat(handle.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            yield _problem(
                item.path,
                "changed-while-read",
                "The file changed while it was read.",
                "Refresh again when nothing writes to it.",
            )
        elif article is not None:
            yield article
    except _Refused as refusal:
        yield refusal.problem
    except OSError as error:
        yield _unreadable(item.path, error)


# ---------------------------------------------------------------------------------- listing


def _kind(name: str) -> InputKind | None:
    """What a file of this name is read as; None for what is passed over."""
    lower = name.lower()
    if Path(lower).suffix in FORMATS:
        return None if _ABOUT.fullmatch(name) else "article"
    if lower.endswith(ARCHIVES):
        return "archive"
    if lower.endswith(DUMPS):
        return "dump"
    return None


def _raw_format(name: str) -> RawFormat:
    return FORMATS[Path(name.lower()).suffix]


def _walk(folder: Path, root: Path, *, strict: bool) -> Iterator[Input]:
    """The inputs under `folder`; `strict` raises when the folder itself cannot be read."""
    faults: list[OSError] = []
    for place, folders, names in os.walk(folder, onerror=faults.append):
        for fault in faults:
            yield _folder_fault(fault, folder, root, strict)
        faults.clear()
        here = Path(place)
        folders[:] = [name for name in folders if not _hidden(name)]
        for name in folders:
            # os.walk does not follow links; one that stays inside leads to what is read anyway.
            if (here / name).is_symlink() and not _inside(here / name, root):
                yield _fault_input(_link_out((here / name).relative_to(root).as_posix()), root)
        for name in names:
            if _kind(name) is not None:
                yield _file_input(here / name, (here / name).relative_to(root).as_posix(), root)
    for fault in faults:
        yield _folder_fault(fault, folder, root, strict)


def _hidden(folder: str) -> bool:
    return folder.startswith(".") or folder == _NO_ARTICLES


def _folder_fault(error: OSError, folder: Path, root: Path, strict: bool) -> Input:
    place = Path(error.filename or folder)
    if strict and place == folder:
        raise SourceError(
            f"The folder cannot be read ({error.strerror}).",
            path=_shown(str(folder)),
            code="unreadable-folder",
            cure="Give yourself the right to read it, or name another.",
        ) from error
    return _fault_input(_unreadable(place.relative_to(root).as_posix(), error), root)


def _fault_input(problem: Problem, root: Path) -> Input:
    return Input(problem.path, "article", "", str(root), 0, 0, problem)


def _file_input(file: Path, path: str, root: Path | None) -> Input:
    """`root` None: the person named this very file, so wherever it leads is what they meant."""
    kind = _kind(file.name)
    assert kind is not None
    base = root if root is not None else file.resolve().parent
    try:
        os.fsencode(path).decode("utf-8")
    except UnicodeDecodeError:
        fault = _problem(
            path, "bad-name", "The file's name is no UTF-8.", "Rename it, for example with convmv."
        )
        return _fault_input(fault, base)
    place = file if root is not None else file.resolve()
    try:
        status = place.stat()
    except OSError as error:
        return _fault_input(_unreadable(path, error), base)
    return Input(path, kind, str(place), str(base), status.st_size, status.st_mtime_ns)


def _matches(pattern: str) -> list[Input]:
    """Inputs for a glob pattern; paths are relative to its last folder without a wildcard."""
    fixed: list[str] = []
    for part in Path(pattern).parts:
        if glob.has_magic(part):
            break
        fixed.append(part)
    root = Path(*fixed).resolve()
    found: dict[str, Input] = {}
    for name in glob.glob(pattern, recursive=True, include_hidden=True):  # noqa: PTH207
        place = Path(name)
        relative = Path(*place.parts[len(fixed) :])
        if any(_hidden(part) for part in relative.parts[:-1]):
            continue
        file = root / relative
        if not _inside(file, root):
            fault = _fault_input(_link_out(relative.as_posix()), root)
            found[fault.path] = fault
        elif file.is_dir():
            if not _hidden(relative.name):
                found.update((item.path, item) for item in _walk(file, root, strict=False))
        elif _kind(file.name) is not None:
            found[relative.as_posix()] = _file_input(file, relative.as_posix(), root)
    return list(found.values())


def _inside(file: str | Path, root: str | Path) -> bool:
    # By names, as it is asked of each file: a `Path` costs more than the answer.
    return (os.path.realpath(file) + os.sep).startswith(str(root).rstrip(os.sep) + os.sep)


# ---------------------------------------------------------------------------------- problems


class _Refused(Exception):
    """Ends the reading of one input; carries the problem to report."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _shown(path: str) -> str:
    """`path` fit for a message and a table: no lone surrogates, no control characters."""
    clean = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in clean)


def _problem(
    path: str,
    code: str,
    message: str,
    cure: str,
    *,
    severity: Severity = "error",
    raw_start: int | None = None,
) -> Problem:
    path = _shown(path)
    return Problem(path, severity, code, f"{path}: {message}", cure, raw_start, raw_start)


def _unreadable(path: str, error: OSError) -> Problem:
    if error.errno == errno.ELOOP:
        return _problem(path, "unreadable", "The link leads round in a circle.", "Remove it.")
    return _problem(
        path,
        "unreadable",
        f"It cannot be read ({error.strerror or error}).",
        "Give yourself the right to read it, or remove it.",
    )


def _link_out(path: str) -> Problem:
    return _problem(
        path,
        "link-out-of-raw",
        "The link leads out of the raw folder.",
        "Put the file itself there, or remove the link.",
    )


def _too_large(path: str, size: int | None, max_bytes: int) -> Problem:
    told = "more" if size is None else f"{size:,} bytes, more"
    return _problem(
        path,
        "too-large",
        f"It has {told} than the {max_bytes:,} bytes allowed for an article.",
        "Split it, or raise the limit.",
    )


def _bomb(path: str) -> Problem:
    return _problem(
        path,
        "bomb",
        f"It unpacks to more than {MAX_RATIO} times its size.",
        "Leave it out; if you trust it, unpack it yourself.",
    )


# ---------------------------------------------------------------------------------- articles


@contextmanager
def _opened(item: Input) -> Iterator[IO[bytes]]:
    """The file of `item`, open; refuses links out of the root, pipes and devices."""
    if not _inside(item.file, item.root):
        raise _Refused(_link_out(item.path))
    # Without O_NONBLOCK the opening of a pipe waits for a writer for ever.
    descriptor = os.open(item.file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as handle:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _Refused(
                _problem(item.path, "not-a-file", "It is no regular file.", "Remove it.")
            )
        yield handle


def _article(item: Input, handle: IO[bytes], size: int, max_bytes: int) -> Source | Problem:
    if size > max_bytes:
        return _too_large(item.path, size, max_bytes)
    # Room is made for as much as is asked for, so first for what is there, as far as one knows.
    data = handle.read(size + 1)
    if len(data) > size:
        data += handle.read(max_bytes + 1 - len(data))
    if len(data) > max_bytes:
        return _too_large(item.path, None, max_bytes)
    return _source(item.path, _raw_format(item.path), data)


def _source(path: str, raw_format: RawFormat, data: bytes) -> Source | Problem:
    """Decode one article's bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            cure = "It looks like UTF-16: convert it with iconv -f UTF-16 -t UTF-8."
        else:
            cure = "Convert it, for example with iconv -f GB18030 -t UTF-8."
        line = data.count(b"\n", 0, error.start) + 1
        return _problem(
            path,
            "not-utf-8",
            f"Byte {error.start}, in line {line}, is no UTF-8.",
            cure,
            raw_start=len(data[: error.start].decode("utf-8")),
        )
    if not text.lstrip("\ufeff").strip():
        return _problem(path, "empty", "The article is empty.", "Fetch it again, or remove it.")
    return Source(path, raw_format, text, hashlib.sha256(data).hexdigest())


# ---------------------------------------------------------------------------------- archives


@dataclass(slots=True)
class _Members:
    """What the members of one archive have in common, and what was seen of them so far."""

    item: Input
    seen: set[str] = field(default_factory=set)

    def path(self, name: str) -> str:
        return f"{self.item.path}#{name}"

    def wanted(self, name: str) -> Problem | bool:
        """Whether a member of this name is an article to read; a problem if it is one but
        must not be."""
        path = self.path(name)
        kind = _kind(name.rsplit("/", 1)[-1])
        parts = name.split("/")
        if kind is None or any(
            _hidden(part) and part not in ("", ".", "..") for part in parts[:-1]
        ):
            return False
        if (
            name.startswith("/")
            or ".." in parts
            or "\\" in name
            or name[1:2] == ":"
            or "\0" in name
        ):
            return _problem(
                path,
                "unsafe-path",
                "The member's path is absolute or leads out of the archive.",
                "Pack it again with relative paths.",
            )
        if kind != "article":
            return _problem(
                path,
                "nested-archive",
                "An archive or export inside an archive is not read.",
                "Unpack the outer one.",
                severity="warning",
            )
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            return _bad_member_name(path)
        if name in self.seen:
            return _problem(
                path,
                "duplicate-member",
                "The archive holds this name twice; the first is read.",
                "Pack it again.",
                severity="warning",
            )
        self.seen.add(name)
        return True

    def link(self, name: str) -> Problem:
        return _problem(
            self.path(name),
            "member-link",
            "The member is a link or a device, no file.",
            "Pack the file itself (tar --dereference --hard-dereference).",
        )

    def broken(self, error: Exception) -> Problem:
        return _problem(
            self.item.path,
            "broken-archive",
            f"The archive cannot be read ({error or type(error).__name__}).",
            "Fetch or pack it again.",
        )

    def none_found(self) -> Iterator[Problem]:
        if not self.seen:
            yield _problem(
                self.item.path,
                "no-articles",
                "Nothing in the archive is an article.",
                f"Pack articles; their suffixes are {', '.join(FORMATS)}.",
            )


def _bad_member_name(path: str) -> Problem:
    return _problem(
        path, "bad-name", "The member's name is no UTF-8.", "Pack it again with UTF-8 names."
    )


# What the standard library raises on archives that lie or end too soon.
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
)


def _zip(item: Input, handle: IO[bytes], max_bytes: int) -> Iterator[Source | Problem]:
    """The articles of a zip archive, in order of name."""
    members = _Members(item)
    try:
        archive = zipfile.ZipFile(handle)
    except _BROKEN as error:
        yield members.broken(error)
        return
    total = 0
    for info in sorted(archive.infolist(), key=lambda info: info.filename):
        if info.is_dir():
            continue
        name = _zip_name(info)
        path = members.path(name if name is not None else info.filename)
        if name is None:
            if _kind(info.filename) is not None:
                yield _bad_member_name(path)
            continue
        wanted = members.wanted(name)
        if wanted is False:
            continue
        if isinstance(wanted, Problem):
            yield wanted
        elif stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
            yield members.link(name)
        elif info.flag_bits & 1:
            yield _problem(
                path, "encrypted", "The member is encrypted.", "Pack it without a password."
            )
        elif info.file_size > max(_RATIO_FLOOR, MAX_RATIO * info.compress_size):
            yield _bomb(path)
        elif info.file_size > max_bytes:
            yield _too_large(path, info.file_size, max_bytes)
        else:
            total += info.file_size
            if total > max(_TOTAL_FLOOR, MAX_RATIO * item.size):
                # Members may share one stretch of compressed bytes.
                yield _bomb(item.path)
                return
            try:
                with archive.open(info) as member:
                    data = member.read(max_bytes + 1)
            except _BROKEN as error:
                yield _problem(
                    path,
                    "broken-member",
                    f"The member cannot be unpacked ({error or type(error).__name__}).",
                    "Fetch or pack the archive again.",
                )
                continue
            yield _source(path, _raw_format(name), data)
    yield from members.none_found()


def _zip_name(info: zipfile.ZipInfo) -> str | None:
    """The member's name; None if it is neither marked as UTF-8 nor UTF-8 without the mark."""
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return None


class _Metered:
    """A decompressed stream that ends with `_TooMuch` when its budget is used up."""

    def __init__(self, stream: IO[bytes], budget: int) -> None:
        self._stream = stream
        self._total = budget
        self.budget = budget

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._total -= len(data)
        self.budget -= len(data)
        if self._total < 0 or self.budget < 0:
            raise _TooMuch
        return data


class _TooMuch(Exception):
    pass


_OPENERS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": gzip.open,
    ".tgz": gzip.open,
    ".bz2": bz2.open,
    ".tbz2": bz2.open,
    ".xz": lzma.open,
    ".txz": lzma.open,
}


def _decompressed(item: Input, handle: IO[bytes]) -> _Metered:
    """The bytes inside `.gz`, `.bz2`, `.xz` (by the name), or the file itself."""
    opener = _OPENERS.get(Path(item.path.lower()).suffix)
    stream = opener(handle) if opener else handle
    size = os.fstat(handle.fileno()).st_size
    return _Metered(stream, max(_TOTAL_FLOOR, MAX_RATIO * size))


def _tar(item: Input, handle: IO[bytes], max_bytes: int) -> Iterator[Source | Problem]:
    """The articles of a tar archive, in its order: it is read once, front to back."""
    members = _Members(item)
    stream = _decompressed(item, handle)
    # What may be read before the next member's head is done: a name "of 10 GB" is refused.
    slack = max(max_bytes, 2**20)
    stream.budget = slack
    try:
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as archive:
            while info := archive.next():
                name = info.name.removeprefix("./")
                stream.budget = info.size + slack
                wanted = False if info.isdir() else members.wanted(name)
                path = members.path(name)
                if isinstance(wanted, Problem):
                    yield wanted
                elif wanted and not info.isreg():
                    yield members.link(name)
                elif wanted and info.size > max_bytes:
                    yield _too_large(path, info.size, max_bytes)
                elif wanted:
                    member = archive.extractfile(info)
                    data = member.read() if member else b""
                    if len(data) < info.size:
                        raise EOFError("it ends too soon")
                    yield _source(path, _raw_format(name), data)
                # A stream is never sought back; else the list grows by a record a member.
                archive.members = []  # type: ignore[attr-defined]
    except _TooMuch:
        yield _bomb(item.path)
        return
    except _BROKEN as error:
        yield members.broken(error)
        return
    yield from members.none_found()


# ---------------------------------------------------------------------------------- exports


@dataclass(slots=True)
class _Page:
    """A `<page>` of an export, as far as it has been read; of its revisions the newest."""

    title: str = ""
    namespace: str = "0"
    page_id: str = ""
    is_redirect: bool = False
    newest: _Revision | None = None


@dataclass(slots=True)
class _Revision:
    revision_id: str = ""
    timestamp: str = ""
    model: str = "wikitext"
    text: str = ""
    too_large: bool = False

    def age(self) -> tuple[str, int]:
        return (self.timestamp, _integer(self.revision_id) or 0)


def _integer(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class _Export:
    """Expat's handlers for the MediaWiki export format (export-0.11.xsd and its elders).

    Finished pages gather in `pages`. Exports have no document type, so any is refused before
    an entity can be declared in it.
    """

    def __init__(self, path: str, max_bytes: int) -> None:
        self.path = path
        self.max_bytes = max_bytes
        self.pages: list[_Page] = []
        self._stack: list[str] = []
        self._page = _Page()
        self._revision = _Revision()
        self._text: list[str] | None = None
        self._room = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype

    def _doctype(self, *_: object) -> None:
        raise _Refused(
            _problem(
                self.path,
                "xml-doctype",
                "It declares a document type or entities, which no MediaWiki export does.",
                "Export it again from the wiki.",
            )
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._stack[-1] if self._stack else None
        if parent is None and name != "mediawiki":
            raise _Refused(
                _problem(
                    self.path,
                    "not-an-export",
                    f"Its root is <{name[:40]}>, not <mediawiki>: it is no MediaWiki export.",
                    "Leave it out, or export the articles with Special:Export.",
                    severity="warning",
                )
            )
        self._stack.append(name)
        if name == "page":
            self._page = _Page()
        elif name == "revision":
            self._revision = _Revision()
        elif name == "redirect" and parent == "page":
            self._page.is_redirect = True
        if (parent, name) in _FIELDS:
            self._text = []
            self._room = self.max_bytes

    def _characters(self, text: str) -> None:
        if self._text is not None:
            # A character takes a byte at least: what is over by this count is over by bytes.
            self._room -= len(text)
            if self._room >= 0:
                self._text.append(text)

    def _end(self, name: str) -> None:
        self._stack.pop()
        parent = self._stack[-1] if self._stack else None
        if self._text is not None and (parent, name) in _FIELDS:
            value = "".join(self._text)
            record: object = self._page if parent == "page" else self._revision
            setattr(record, _FIELDS[parent, name], value)
            if name == "text":
                self._revision.too_large = self._room < 0 or (
                    len(value) * 4 > self.max_bytes and len(value.encode()) > self.max_bytes
                )
            self._text = None
        elif (parent, name) == ("page", "revision"):
            newest = self._page.newest
            if newest is None or self._revision.age() >= newest.age():
                self._page.newest = self._revision
        elif (parent, name) == ("mediawiki", "page"):
            self.pages.append(self._page)


_FIELDS: dict[tuple[str | None, str], str] = {
    ("page", "title"): "title",
    ("page", "ns"): "namespace",
    ("page", "id"): "page_id",
    ("revision", "id"): "revision_id",
    ("revision", "timestamp"): "timestamp",
    ("revision", "model"): "model",
    ("revision", "text"): "text",
}


def _dump(item: Input, handle: IO[bytes], max_bytes: int) -> Iterator[Source | Problem]:
    """The articles of a MediaWiki export, in its order: namespace 0, redirects left out."""
    export = _Export(item.path, max_bytes)
    stream = _decompressed(item, handle)
    found = redirects = others = fed = 0
    try:
        for chunk in itertools.chain(iter(lambda: stream.read(_CHUNK), b""), (b"",)):
            fault = None
            try:
                export.parser.Parse(chunk, not chunk)
            except expat.ExpatError as error:
                fault = error
            fed += len(chunk)
            if fault is None and fed - export.parser.CurrentByteIndex > _MAX_XML_TOKEN:
                fault = expat.ExpatError("a tag or comment without an end")
            for page in export.pages:
                if page.namespace.strip() != "0":
                    others += 1
                elif page.is_redirect:
                    redirects += 1
                elif page.newest is not None and page.newest.model.strip() != "wikitext":
                    others += 1
                else:
                    found += 1
                    yield _page_source(item.path, page, max_bytes)
            export.pages.clear()
            if fault is not None:
                raise fault
    except expat.ExpatError as error:
        place = f"line {export.parser.CurrentLineNumber}"
        yield _problem(
            item.path,
            "malformed-xml",
            f"The XML is broken at {place} ({error}); {found} articles were read before it.",
            "Fetch or export it again.",
        )
    except _TooMuch:
        yield _bomb(item.path)
    except (zlib.error, EOFError, OSError) as error:
        yield _problem(
            item.path,
            "broken-archive",
            f"It cannot be unpacked ({error}); {found} articles were read before that.",
            "Fetch it again.",
        )
    else:
        if not found:
            yield _problem(
                item.path,
                "no-articles",
                "The export holds no article (namespace 0, no redirect).",
                "Export articles.",
            )
    log.info(
        "%s: %d articles; passed over %d redirects and %d pages of other namespaces or models",
        _shown(item.path), found, redirects, others,
    )  # fmt: skip


def _page_source(container: str, page: _Page, max_bytes: int) -> Source | Problem:
    path = f"{container}#{page.title}"
    revision = page.newest
    if not 0 < len(page.title.encode("utf-8")) <= _MAX_TITLE_BYTES:
        return _problem(
            f"{container}#{page.title[:80]}",
            "bad-name",
            "The page's title is empty or longer than any wiki allows.",
            "Export it again, or leave it out.",
        )
    if revision is not None and revision.too_large:
        return _too_large(path, None, max_bytes)
    if revision is None or not revision.text.strip():
        return _problem(path, "empty", "The page has no text.", "Export it again, or leave it out.")
    return Source(
        path,
        "wikitext",
        revision.text,
        hashlib.sha256(revision.text.encode("utf-8")).hexdigest(),
        title=page.title,
        page_id=_integer(page.page_id),
        revision_id=_integer(revision.revision_id),
        revision_timestamp=revision.timestamp.strip() or None,
    )
