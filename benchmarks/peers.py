"""Other tools on the same text, each in an environment of its own.

The environments are made once, under `$XDG_CACHE_HOME/wikifacts/peers` (`~/.cache` by default), with
pip. A tool that does not install there, or does not run, is told so in its row.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MINUTES = 10
#: What each tool's own script begins and ends with. `run(text)` gives what was found in it.
_FRAME = """
import json, sys, time
{use}
source, target = sys.argv[1:]
texts = json.load(open(source, encoding="utf-8"))
found = sum(len(run(text) or ()) for text in texts)
rounds = []
for _ in range(3):
    began = time.process_time()
    for text in texts:
        run(text)
    rounds.append(time.process_time() - began)
json.dump([min(rounds), found], open(target, "w"))
"""


class Peer(NamedTuple):
    """A tool: what to install (pinned), and the Python that defines `run`."""

    name: str
    packages: tuple[str, ...]
    use: str


# emoji 2 lacks what Recognizers-Text imports of it.
_RECOGNIZERS = ("recognizers-text-suite==1.0.2a2", "emoji<2")
PEERS = (
    Peer(
        "JioNLP 1.5.31, times",
        ("jionlp==1.5.31",),
        "import jionlp\nrun = lambda text: jionlp.ner.extract_time(text, time_base={'year': 2020})",
    ),
    Peer(
        "Recognizers-Text 1.0.2a2, dates and times",
        _RECOGNIZERS,
        "import datetime\n"
        "from recognizers_date_time import Culture, recognize_datetime\n"
        "now = datetime.datetime(2020, 1, 1)\n"
        "run = lambda text: recognize_datetime(text, Culture.Chinese, reference=now)",
    ),
    Peer(
        "Recognizers-Text 1.0.2a2, numbers",
        _RECOGNIZERS,
        "from recognizers_number import Culture, recognize_number\n"
        "run = lambda text: recognize_number(text, Culture.Chinese)",
    ),
)


def rows(texts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each peer's speed on `texts`, in characters a second of processor time."""
    chars = sum(map(len, texts))
    for peer in PEERS:
        try:
            seconds, found = _measured(peer, texts)
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            yield peer.name, f"does not run here ({_reason(error)})"
        else:
            yield peer.name, f"{chars / seconds:,.0f} characters/s, {found} found"


def _measured(peer: Peer, texts: Sequence[str]) -> tuple[float, int]:
    python = _environment(peer.packages)
    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch, "texts.json"), Path(scratch, "result.json")
        source.write_text(json.dumps(texts), "utf-8")
        _run([str(python), "-c", _FRAME.format(use=peer.use), str(source), str(target)])
        seconds, found = json.loads(target.read_text())
    return seconds, found


def _environment(packages: Sequence[str]) -> Path:
    """The Python of an environment with `packages`; what failed before is tried again."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "wikifacts" / "peers" / packages[0].replace("==", "-")
    python, whole = folder / "bin" / "python", folder / "whole"
    if not whole.exists():
        print(f"installing {', '.join(packages)} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        _run([str(python), "-m", "pip", "install", "-q", *packages])
        whole.touch()
    return python


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=60 * MINUTES)


def _reason(error: Exception) -> str:
    said = str(getattr(error, "stderr", None) or error).strip().splitlines()
    return said[-1][:120] if said else type(error).__name__
