"""Refreshes killed by SIGKILL at random instants, over input that changes each time.

`PYTHONPATH=. python tests/test_store_crash.py 60` prints `60 kills, 0 losses`; the test does a few. After each
kill a plain reader must find one complete state, the one before or the one under way, and the next
refresh must succeed.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
from sampling import publish

from pipeline.schemas import COUNTS
from pipeline.store import files, history, reading

# The history is pruned in between, as an owner's would be.
KEPT = 8


def articles(state: int) -> dict[str, str]:
    """What there is to read at a state: every number in it is the state's, and so is its length."""
    line = f"1941年，甲城有{state}人[1]。"
    raw = "\n".join([line] * (1 + state % 5)) + "\n[1]: 書"
    return dict.fromkeys(("一", "二", "三", f"第{state % 3}"), raw)


def refresh_for_ever(output: Path, state: int) -> None:
    """Publish state after state, telling each before it begins."""
    while True:
        state += 1
        print(state, flush=True)
        publish(output, articles(state))


def read_state(output: Path) -> int:
    """The state that a reader finds who knows nothing of this project. Fails if there are two."""
    tables = {name: pq.read_table(output / "parquet" / name) for name in ("articles", *COUNTS)}
    numbers = Counter(tables["numbers"]["value"].to_pylist())
    (value,) = numbers
    state = int(value)
    assert set(tables["articles"]["title"].to_pylist()) == set(articles(state))
    for name, column in COUNTS.items():
        assert sum(tables["articles"][column].to_pylist()) == tables[name].num_rows, name
    assert numbers[value] == 4 * (1 + state % 5)
    return state


def read_csv_state(output: Path) -> int:
    with (output / "csv" / "numbers.csv").open(encoding="utf-8", newline="") as file:
        values = Counter(row["value"] for row in csv.DictReader(file))
    (value,) = values
    assert values[value] == 4 * (1 + int(value) % 5)
    return int(value)


def crash(output: Path, *, seed: int) -> tuple[int, int]:
    """Kill a refresh once; returns the state found and the one after it. Fails at any loss."""
    chance = random.Random(seed)
    before = read_state(output)
    command = [sys.executable, __file__, "--refresh", str(output), str(before)]
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=here)
    assert child.stdout is not None
    started = int(child.stdout.readline())
    time.sleep(chance.uniform(0, 0.8))
    os.kill(child.pid, signal.SIGKILL)
    started = int((child.stdout.read().split() or [started])[-1])
    assert child.wait() == -signal.SIGKILL
    found = read_state(output)
    assert found in (started - 1, started)
    assert read_csv_state(output) in (started - 1, started)
    assert 4 * (1 + found % 5) == reading.read_table(output, "numbers").num_rows
    publish(output, articles(started + 1))
    assert read_state(output) == read_csv_state(output) == started + 1
    for path, written in reading.published(output).manifest.outputs().items():
        assert files.is_whole(output / path, written), path
    for snapshot in history.list_snapshots(output):
        assert history.open_snapshot(output, snapshot.name).table("numbers").num_rows
    assert not (output / ".staging").exists()
    history.prune(output, keep=KEPT)
    return found, started


def test_a_killed_refresh_loses_nothing(tmp_path):
    output = tmp_path / "output"
    publish(output, articles(0))
    for seed in range(int(os.environ.get("WIKIFACTS_KILLS", "3"))):
        crash(output, seed=seed)


def main(kills: int) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        output = Path(folder)
        publish(output, articles(0))
        kept, losses = 0, 0
        for seed in range(kills):
            try:
                found, started = crash(output, seed=seed)
            except AssertionError as error:
                losses += 1
                print(f"kill {seed}: {error!r}", file=sys.stderr)
            else:
                kept += found < started
        print(
            f"{kills} kills, {losses} losses ({kept} left the old state, {kills - losses - kept} the new)"
        )
        sys.exit(losses > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--refresh"]:
        refresh_for_ever(Path(sys.argv[2]), int(sys.argv[3]))
    main(int(sys.argv[1]) if sys.argv[1:] else 60)
