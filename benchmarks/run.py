#!/usr/bin/env python3
"""How fast, how big, how much again: one command, a Markdown table.

usage: benchmarks/run.py [--bulk FILE.jsonl] [--full]

--bulk takes paragraphs to make articles of: a JSON object a line, with "title" and "paragraphs".
Without it the article in raw/ is used, again and again. --full adds 10,000 articles to 100 and 1,000.

Throughput is in characters of prose a second of processor time, on one core, the best of three
rounds; each round also has spaCy's blank Chinese tokeniser read the same paragraphs, so that the
ratio holds on a busy machine too. The refreshes are run without Prefect, as `flows.py` runs them
on local processes: wall-clock seconds from an empty output folder to the published one. Each is a
process of its own, whose peak memory (and that of its largest worker) the kernel tells.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice, pairwise
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline import refresh as steps
from pipeline.article import Options, process
from pipeline.formats.parse import parse
from pipeline.records import Source
from pipeline.sources import read_sources

ROOT = Path(__file__).parents[1]
ROUNDS = 3
Article = tuple[str, list[str]]


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
    prose = [paragraph for _, paragraphs in found for paragraph in paragraphs]
    blank = spacy.blank("zh")

    def tokenise() -> None:
        for paragraph in prose:
            blank.make_doc(paragraph)

    def work() -> None:
        for source in sources:
            process(source)

    tokenise()
    work()  # once before, so that nothing is compiled in a round
    rounds = [(seconds(work), seconds(tokenise)) for _ in range(ROUNDS)]
    return sum(map(len, prose)), min(a for a, _ in rounds), min(b for _, b in rounds)


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
            with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
                for _ in pool.map(steps.work, found.jobs):
                    pass
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
    command = [sys.executable, __file__, "--one", str(raw), str(output), str(workers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


def bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def rows(bulk: str | None, full: bool) -> Iterator[tuple[str, str]]:
    found = articles(bulk)
    chars, own, blank = throughput(found)
    yield "characters of prose a second, one core", f"{chars / own:,.0f}"
    yield "blank tokenising, characters a second", f"{chars / blank:,.0f}"
    yield "time in blank tokenisings of the same text", f"{own / blank:.1f}"
    with tempfile.TemporaryDirectory() as scratch:
        rates: dict[int, float] = {}
        peaks: dict[int, float] = {}
        for count in (100, 1_000, 10_000) if full else (100, 1_000):
            raw, output = Path(scratch, f"raw{count}"), Path(scratch, f"out{count}")
            raw.mkdir()
            chars = make_corpus(raw, found, count)
            first = measured(raw, output)
            rates[count], peaks[count] = chars / first["processor"], first["self"]
            yield f"refresh of {count:,} articles, 1 process", told(first, chars)
            yield (
                f"bytes of output for {count:,} articles, a character of prose",
                f"{bytes_of(output / 'parquet') / chars:.2f} Parquet, "
                f"{bytes_of(output / 'csv') / chars:.2f} CSV",
            )
            yield f"the same again, nothing changed ({count:,})", told(measured(raw, output))
            edited = raw / "000000.md"
            edited.write_text(edited.read_text("utf-8") + "\n1941年6月22日。\n", "utf-8")
            yield f"the same, one article edited ({count:,})", told(measured(raw, output))
        raw = Path(scratch, "raw1000")
        chars = sum(map(len, (t for _, ps in islice(cycle(found), 1_000) for t in ps)))
        for workers in (2, 4):
            one = measured(raw, Path(scratch, f"workers{workers}"), workers)
            yield f"refresh of 1,000 articles, {workers} processes", told(one, chars)
        counts = sorted(rates)
        for few, many in pairwise(counts):
            yield (
                f"characters a second of processor time at {many:,} to {few:,}",
                f"{rates[many] / rates[few]:.2f}",
            )
            yield f"peak memory at {many:,} to {few:,}", f"{peaks[many] / peaks[few]:.2f}"
    began = time.monotonic()
    code = "import pipeline; pipeline.extract('1941年')"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    yield "start of Python to the first result of `extract`", f"{time.monotonic() - began:.1f} s"


def told(one: dict[str, float], chars: int = 0) -> str:
    parts = [f"{one['seconds']:.1f} s ({one['processor']:.1f} s of processor time, start included)"]
    if chars:
        parts.append(f"{chars / one['seconds']:,.0f} characters/s")
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
    given = parser.parse_args()
    load = os.getloadavg()[0]
    print(
        f"{dt.date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"load {load:.1f} at the start\n"
    )
    print("| What | Measured |\n|---|---|")
    for what, value in rows(given.bulk, given.full):
        print(f"| {what} | {value} |", flush=True)


if __name__ == "__main__":
    main()
