"""What is done to files: write, link, swap, remove, lock. All else in `store` is bookkeeping.

All of it is for file systems that link and swap; an object store, which can do neither, is brought what
was published here (see `remote`).
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock, Timeout

from pipeline.errors import PipelineError

_CHUNK = 1 << 20
# linux/fcntl.h, linux/fs.h
_AT_FDCWD, _RENAME_EXCHANGE = -100, 2
# A file system that cannot swap, or a kernel before 3.15, answers with one of these.
_NO_SWAP = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EXDEV}
NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
# Likewise one that cannot link.
_NO_LINK = {errno.EPERM, errno.ENOTSUP, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.EACCES}


class Written(NamedTuple):
    """Size in bytes and SHA-256 (hexadecimal) of a file's content."""

    size: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> Written:
        return cls(len(content), hashlib.sha256(content).hexdigest())


class Placed(NamedTuple):
    """A file where it lies, and what it is."""

    path: Path
    written: Written


@contextmanager
def explained(output: Path) -> Iterator[None]:
    """Turn what the system says about `output` into a `PipelineError` with a cure."""
    try:
        yield
    except OSError as error:
        place = error.filename or output
        if error.errno in NO_SPACE:
            message, cure = "no space is left", "Free some, or prune the history, and run it again."
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            message, cure = (
                "it may not be written",
                "Give the right to write there, or name another folder.",
            )
        elif error.errno in (errno.ENOTDIR, errno.EEXIST, errno.EISDIR):
            message, cure = "a file is in the way", "Name a folder, or move the file away."
        else:
            message, cure = error.strerror or str(error), "See what is wrong with the disk."
        raise PipelineError(
            f"{place}: {message}; what was published last is untouched.", cure=cure
        ) from error


@contextmanager
def locked(output: Path, *, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock of `output`. It goes with the process, however that ends.

    Waits up to `wait` seconds (for ever if negative) for another holder, then raises
    `PipelineError`. Makes the folder if there is none.
    """
    with explained(output):
        output.mkdir(parents=True, exist_ok=True)
        lock = FileLock(output / ".lock", timeout=wait, thread_local=False, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout:
            raise PipelineError(
                f"{output}: another refresh is writing there.",
                cure="Wait for it to end (or give it time with --wait), or name another folder.",
            ) from None
    try:
        yield
    finally:
        lock.release()


def write(path: Path, pieces: Iterable[bytes]) -> Written:
    """A new file at `path`, made with its folders; not there under its name before it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    digest, size = hashlib.sha256(), 0
    try:
        with draft.open("wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    return Written(size, digest.hexdigest())


def content(path: Path) -> Iterator[bytes]:
    """The bytes of a file, in pieces."""
    with path.open("rb", buffering=0) as file:
        while piece := file.read(_CHUNK):
            yield piece


def stretch(path: Path, start: int, size: int) -> bytes:
    """That many bytes of a file from `start`; fewer where it ends."""
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        return file.read(size)


def measure(path: Path) -> Written:
    """Size and hash of a file as it is now."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as file:
        # A piece is made as long as is asked for, which for many small files is what takes time.
        length = min(_CHUNK, os.fstat(file.fileno()).st_size + 1)
        while piece := file.read(length):
            digest.update(piece)
            size += len(piece)
    return Written(size, digest.hexdigest())


def placed(root: Path) -> dict[str, Placed]:
    """Every file under `root`, measured, by its path from there."""
    return {path: Placed(found, measure(found)) for path, found in files_under(root).items()}


def is_whole(path: Path, expected: Written, *, read: bool = True) -> bool:
    """Whether `path` is the file that was written; without `read` only its size is compared."""
    try:
        return measure(path) == expected if read else path.stat().st_size == expected.size
    except OSError:
        return False


def link(source: Path, target: Path, *, replace: bool = False) -> None:
    """`target` becomes the file that `source` is: a second name, or a copy where there is none.

    A file that is at `target` stays, unless `replace`.
    """
    try:
        os.link(source, target)
    except FileNotFoundError:
        # Not asked of the target's folder, which another thread may have made meanwhile.
        if not source.exists():
            raise
        target.parent.mkdir(parents=True, exist_ok=True)
        link(source, target, replace=replace)
    except FileExistsError:
        if replace and not target.samefile(source):
            draft = target.with_name(f".{target.name}.{os.getpid()}")
            link(source, draft)
            draft.replace(target)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        write(target, content(source))


def swap(new: Path, published: Path) -> None:
    """`new` becomes `published`, and what was there becomes `new`, in one step.

    Where the system cannot swap, in two, between which `published` is missing.
    """
    if not published.exists():
        new.rename(published)
    elif not _exchange(new, published):
        aside = new.with_name(new.name + ".old")
        remove(aside)
        published.rename(aside)
        new.rename(published)
        aside.rename(new)


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL | None:
    with suppress(OSError, AttributeError):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.renameat2.argtypes = (
            ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint,
        )  # fmt: skip
        libc.syncfs.argtypes = (ctypes.c_int,)
        return libc
    return None


def _exchange(a: Path, b: Path) -> bool:
    libc = _libc()
    if libc is None:
        return False
    if not libc.renameat2(_AT_FDCWD, os.fsencode(a), _AT_FDCWD, os.fsencode(b), _RENAME_EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in _NO_SWAP:
        return False
    raise OSError(code, os.strerror(code), str(b))


def remove(path: Path) -> None:
    """`path` is no more, whatever it was."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def flush(folder: Path) -> None:
    """All that was written on the file system of `folder` is on its disk, not only on the way."""
    libc = _libc()
    handle = os.open(folder, os.O_RDONLY)
    try:
        if libc is None or libc.syncfs(handle):
            os.sync()
    finally:
        os.close(handle)


def files_under(root: Path) -> dict[str, Path]:
    """Every file under `root` by its path from there, with `/`, in order; `root` may be missing."""
    found = {
        Path(folder, name).relative_to(root).as_posix(): Path(folder, name)
        for folder, _, names in os.walk(root)
        for name in names
    }
    return dict(sorted(found.items()))
