#!/usr/bin/env python3
"""How fast, how big, how much again, and whether that is what it shall be: one command, a table.

usage: benchmarks/run.py [--bulk FILE.jsonl] [--full] [--peers]

--bulk takes paragraphs to make articles of: a JSON object a line, with "title" and "paragraphs".
Without it the article in raw/ is used, again and again. --full adds 10,000 articles to 100 and
1,000. --peers has other tools read the same paragraphs (see `peers.py`; it installs them).

Throughput is in characters of prose a second of processor time, on one core: as in a worker, articles
are read in groups of some 60,000 characters, each group in five rounds, by the pipeline and then by
spaCy's blank Chinese tokeniser, and the least time of each is taken, since what else goes on in a
machine only adds; so the ratio holds on a busy one too. The refreshes are run without Prefect, as `flows.py` runs them
on local processes, from an empty output folder to the published one. Each is a process of its own,
whose start and imports are in its time, and whose peak memory (and that of its largest worker) the
kernel tells. The bars, what the project asks of itself, are held against processor time, which
other work on the machine inflates less than it does the clock; the clock's is told beside it.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import chain, cycle, islice
from multiprocessing import forkserver
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

import peers

from pipeline import refresh as steps
from pipeline.article import Options, process_in_stages
from pipeline.formats.parse import parse
from pipeline.records import Source
from pipeline.sources import read_sources
from pipeline.stages import groups, run_together

ROOT = Path(__file__).parents[1]
ROUNDS = 5
#: Characters that the peers read: the slowest of them takes some ten seconds a round.
SAMPLE = 60_000
Article = tuple[str, list[str]]


class Row(NamedTuple):
    """A line of the table. `bar` says what was asked, `met` whether that is so; neither, if nothing."""

    what: str
    measured: str
    bar: str = ""
    met: bool | None = None


def articles(bulk: str | None) -> list[Article]:
    """Titles and paragraphs."""
    if bulk:
        lines = Path(bulk).read_text("utf-8").splitlines()
        return [(row["title"], row["paragraphs"]) for row in map(json.loads, lines)]
    found = []
    for source in read_sources(ROOT / "raw"):
        assert isinstance(source, Source)
        document = parse(source)
        prose = [document.text[block.start : block.end] for block in document.blocks]
        found.append((document.title, prose))
    return found


def markdown(title: str, paragraphs: list[str]) -> str:
    return "\n\n".join((f"**{title}**", *paragraphs)) + "\n"


def throughput(found: list[Article]) -> tuple[int, float, float]:
    """(characters of prose, seconds of the pipeline, seconds of blank tokenising)"""
    import spacy

    sources = [Source(f"{i}.md", "markdown", markdown(*one), "") for i, one in enumerate(found)]
    blank = spacy.blank("zh")

    parts = list(groups(range(len(found)), lambda index: len(sources[index].text)))

    def tokenise(part: list[int]) -> None:
        for index in part:
            for paragraph in found[index][1]:
                blank.make_doc(paragraph)

    def work(part: list[int]) -> None:
        options = Options()
        run_together(
            [process_in_stages(sources[index], options) for index in part],
            seconds=steps.ARTICLE_SECONDS,
        )

    for part in parts:
        work(part)  # once before, so that nothing is compiled in a round
    own, other = [math.inf] * len(parts), [math.inf] * len(parts)
    with steps.seldom_collected():  # as a worker does
        for _ in range(ROUNDS):
            for index, part in enumerate(parts):
                own[index] = min(own[index], seconds(lambda at=part: work(at)))
                other[index] = min(other[index], seconds(lambda at=part: tokenise(at)))
    return sum(len(text) for _, texts in found for text in texts), sum(own), sum(other)


def seconds(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def make_corpus(folder: Path, found: list[Article], count: int) -> int:
    """Write `count` articles, each of another title; returns the characters of prose in them."""
    total = 0
    for index, (title, paragraphs) in enumerate(islice(cycle(found), count)):
        text = markdown(f"{title}{index}", paragraphs)
        (folder / f"{index:06d}.md").write_text(text, "utf-8")
        total += sum(map(len, paragraphs))
    return total


def refresh(raw: str, output: str, workers: int) -> dict[str, float]:
    """Refresh in this process and `workers` others (none for 1); seconds and peak MiB."""
    began = time.monotonic()
    with steps.opened(output, options=Options()) as opened:
        found = steps.survey(raw, opened, options=Options())
        if workers > 1 and found.jobs:
            with steps.processes(workers) as pool:
                for _ in pool.map(steps.work, found.jobs):
                    pass
            # The workers are the children of their server, and counted when it has ended.
            forkserver._forkserver._stop()  # type: ignore[attr-defined]
        else:
            for job in found.jobs:
                steps.work(job)
        steps.finish(opened, found)
    return {
        "seconds": time.monotonic() - began,
        "buckets": len(found.jobs),
        "processor": sum(
            used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN))
        ),
        "self": getrusage(RUSAGE_SELF).ru_maxrss / 1024,
        "child": getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024,
    }


def measured(raw: Path, output: Path, workers: int = 1) -> dict[str, float]:
    """A refresh in a process of its own; `whole` is its time from start to end."""
    command = [sys.executable, __file__, "--one", str(raw), str(output), str(workers)]
    began = time.monotonic()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return {**json.loads(done.stdout), "whole": time.monotonic() - began}


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def rows(found: list[Article], full: bool) -> Iterator[Row]:
    chars, own, blank = throughput(found)
    yield at_least("characters of prose a second, one core", chars / own, 400_000)
    yield Row("blank tokenising, characters a second", f"{chars / blank:,.0f}")
    yield at_most("time in blank tokenisings of the same text", own / blank, 5)
    with tempfile.TemporaryDirectory() as scratch:
        rates: dict[int, float] = {}
        peaks: dict[int, float] = {}
        for count in (100, 1_000, 10_000) if full else (100, 1_000):
            raw, output = Path(scratch, f"raw{count}"), Path(scratch, f"out{count}")
            raw.mkdir()
            chars = make_corpus(raw, found, count)
            first = measured(raw, output)
            rates[count], peaks[count] = chars / first["processor"], first["self"]
            yield Row(f"refresh of {count:,} articles, 1 process", told(first, chars))
            yield Row(
                f"bytes of output for {count:,} articles, a character of prose",
                f"{bytes_of(output / 'parquet') / chars:.2f} Parquet, "
                f"{bytes_of(output / 'csv') / chars:.2f} CSV, "
                f"{bytes_of(output / 'report') / chars:.2f} report, "
                f"manifest {(output / 'manifest.json').stat().st_size / count:,.0f} an article",
            )
            again = measured(raw, output)
            yield at_most(
                f"the same again, nothing changed ({count:,}), s",
                again["processor"],
                10,
                told(again),
            )
            edited = raw / "000000.md"
            edited.write_text(edited.read_text("utf-8") + "\n1941年6月22日。\n", "utf-8")
            once = measured(raw, output)
            yield at_most(
                f"one article edited ({count:,}), s more than that",
                once["processor"] - again["processor"],
                3,
                told(once),
            )
        for workers in (1, 2, 4):
            one = measured(Path(scratch, "raw1000"), Path(scratch, f"workers{workers}"), workers)
            chars = sum(map(len, (t for _, ps in islice(cycle(found), 1_000) for t in ps)))
            yield Row(f"refresh of 1,000 articles, workers: {workers}", told(one, chars))
        few, many = min(rates), max(rates)
        yield at_least(
            f"characters a second of processor time at {many:,} to {few:,}",
            rates[many] / rates[few],
            0.9,
        )
        if many > 1_000:
            yield at_most(f"peak memory at {many:,} to 1,000", peaks[many] / peaks[1_000], 1.3)
    began = time.monotonic()
    code = "import pipeline; pipeline.extract('1941年')"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    yield Row(
        "start of Python to the first result of `extract`", f"{time.monotonic() - began:.1f} s"
    )


def peer_rows(found: list[Article]) -> Iterator[Row]:
    texts = list(takewhile_chars((text for _, texts in found for text in texts), SAMPLE))
    sample: list[Article] = [("樣本", texts)]
    chars, own, _ = throughput(sample)
    yield Row(
        f"the same {chars:,} characters: wikifacts, all it finds",
        f"{chars / own:,.0f} characters/s",
    )
    for name, told_ in peers.rows(texts):
        yield Row(f"the same: {name}", told_)


def takewhile_chars(texts: Iterable[str], limit: int) -> Iterator[str]:
    """Texts from the first on, till they have `limit` characters together."""
    for text in texts:
        if limit <= 0:
            return
        limit -= len(text)
        yield text


def at_least(what: str, value: float, bar: float) -> Row:
    return Row(what, number(value), f"≥ {number(bar)}", value >= bar)


def at_most(what: str, value: float, bar: float, more: str = "") -> Row:
    measured = f"{number(value)} ({more})" if more else number(value)
    return Row(what, measured, f"≤ {number(bar)}", value <= bar)


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"


def told(one: dict[str, float], chars: int = 0) -> str:
    parts = [f"{one['whole']:.1f} s, {one['processor']:.1f} s of processor time"]
    if chars:
        parts.append(f"{chars / one['whole']:,.0f} characters/s")
    parts += [f"{one['buckets']:.0f} buckets worked", f"peak {one['self']:.0f} MiB"]
    if one["child"]:
        parts.append(f"{one['child']:.0f} MiB the largest worker")
    return ", ".join(parts)


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        raw, output, workers = sys.argv[2:]
        print(json.dumps(refresh(raw, output, int(workers))))
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--bulk", metavar="FILE")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--peers", action="store_true")
    given = parser.parse_args()
    print(
        f"{dt.date.today()}, Python {platform.python_version()}, {processor()}, {os.cpu_count()} "
        f"cores, load {os.getloadavg()[0]:.1f} at the start\n"
    )
    print("| What | Measured | Bar | |\n|---|---|---|---|")
    found = articles(given.bulk)
    made = chain(peer_rows(found) if given.peers else (), rows(found, given.full))
    for row in made:
        met = "" if row.met is None else "met" if row.met else "**not met**"
        print(f"| {row.what} | {row.measured} | {row.bar} | {met} |", flush=True)
    print(f"\nLoad {os.getloadavg()[0]:.1f} at the end.")


def processor() -> str:
    """The processor's name, as far as the system tells."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
