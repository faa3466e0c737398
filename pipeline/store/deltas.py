"""An older part of a table, kept as what differs from a newer one.

Parquet compresses each column for itself, so where an edit left a column alone the two files hold the
same bytes, at nearly the same place. The older file is cut into stretches and each is deflated with
the newer one's bytes around that place as its dictionary.

    ab/abcd….delta    a line of JSON (digest of the newer file, sizes), then the stretches
"""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.store import files

SUFFIX = ".delta"
# Deflate looks back 32 KiB: a stretch of half of that, with a quarter of it on either side.
_WINDOW = 32 * 1024
_STRETCH = _WINDOW // 2


def encode(old: bytes, newer: bytes) -> bytes:
    """The content of a delta that gives `old` back, given `newer`."""
    stretches = []
    for start in range(0, len(old), _STRETCH):
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15, zdict=_around(newer, start, len(old)))
        stretches.append(deflate.compress(old[start : start + _STRETCH]) + deflate.flush())
    head = {
        "newer": hashlib.sha256(newer).hexdigest(),
        "size": len(old),
        "stretches": [len(stretch) for stretch in stretches],
    }
    return b"".join([json.dumps(head).encode(), b"\n", *stretches])


def newer_of(path: Path) -> Path:
    """The file that the delta at `path` counts from: a Parquet file, or a delta again."""
    with path.open("rb") as file:
        digest: str = json.loads(file.readline())["newer"]
    folder = path.parent.parent / digest[:2]
    whole = folder / f"{digest}.parquet"
    return whole if whole.exists() else folder / f"{digest}{SUFFIX}"


def load(path: Path) -> bytes:
    """The Parquet file that is kept at `path`, a delta or the file itself.

    Raises `PipelineError` if it, or one that it counts from, is missing or damaged.
    """
    chain = [path]
    try:
        while chain[-1].suffix == SUFFIX:
            chain.append(newer_of(chain[-1]))
            if chain[-1] in chain[:-1]:
                raise ValueError("it counts from itself")
        content = chain.pop().read_bytes()
        while chain:
            content = _decode(chain.pop().read_bytes(), content)
        if path.suffix == SUFFIX and hashlib.sha256(content).hexdigest() != path.stem:
            raise ValueError("its content is not what its name says")
    except (OSError, ValueError, KeyError, zlib.error) as error:
        raise PipelineError(
            f"{path} is missing or damaged: {error}.", cure="Restore it from a backup."
        ) from error
    return content


def shrink(path: Path, newer: Path) -> None:
    """Keep the file at `path` as a delta to `newer`, if that saves half of it or more."""
    old = path.read_bytes()
    delta = encode(old, newer.read_bytes())
    if len(delta) * 2 <= len(old):
        files.write(path.with_suffix(SUFFIX), [delta])
        files.remove(path)


def _around(newer: bytes, start: int, size: int) -> bytes:
    """The bytes of `newer` around the place that `start` of `size` is in the older file."""
    place = start * len(newer) // size
    first = max(0, min(place - _STRETCH // 2, len(newer) - _WINDOW))
    return newer[first : first + _WINDOW]


def _decode(delta: bytes, newer: bytes) -> bytes:
    line, _, rest = delta.partition(b"\n")
    head = json.loads(line)
    pieces, start = [], 0
    for index, length in enumerate(head["stretches"]):
        inflate = zlib.decompressobj(-15, zdict=_around(newer, index * _STRETCH, head["size"]))
        pieces.append(inflate.decompress(rest[start : start + length]) + inflate.flush())
        start += length
    return b"".join(pieces)
