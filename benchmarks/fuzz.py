#!/usr/bin/env python3
"""Mutates articles and works on each: no exception may escape, nothing may hang.

usage: benchmarks/fuzz.py [FOLDER …] [--articles 20000] [--seconds 600] [--seed 1] [--workers 2]

Articles are taken from raw/, from the cases of the readers' tests, and from the folders given
(.md, .wikitext, .wiki, .mediawiki, .txt). Article N of a seed is the same in every run. A failure
is any exception but `SourceError`, or an article that takes longer than ten seconds; it is made
smaller as long as it fails in the same place, and saved under build/fuzz/.
"""

from __future__ import annotations

import argparse
import multiprocessing
import queue
import random
import sys
import time
import tomllib
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.article import process
from pipeline.deadline import OutOfTime, deadline
from pipeline.errors import SourceError
from pipeline.records import RawFormat, Source

ROOT = Path(__file__).parents[1]
#: Seconds for one article of at most `LONGEST` characters, which takes a few milliseconds.
LIMIT = 10.0
LONGEST = 3_000
FORMATS: dict[str, RawFormat] = {
    ".md": "markdown",
    ".wikitext": "wikitext",
    ".wiki": "wikitext",
    ".mediawiki": "wikitext",
    ".txt": "text",
}
SAVED = ROOT / "build/fuzz"

_MARKUP = (
    "[ ] [[ ]] [[File: [[分類: [[: ]( ](< ) {{ }} {{{ }}} {| |} |- ! || |+ -{ }- -{zh-hans: ;zh-hant: "
    "<ref <ref> <ref/> </ref> <ref\u3000name=甲> <references/> <nowiki> </nowiki> <math> </math> <!-- "
    "--> <table> <tr><td\u3000colspan=9 <td\u3000rowspan=99999999> </table> <gallery> </gallery> <br "
    "<script> <div </div> ''' '' ''''' == === * # : ; ---- ** *** __ ` ``` ~~~ \\ \\[ \\] \\[1\\] [^1] "
    "[^1]: \\( \\) $$ > >>>> {{cite {{sfn| {{convert|1e999|km}} {{lang| {{reflist}} __TOC__ #REDIRECT "
    '[[甲|乙 ](../Page/甲.md\u3000"wikilink") (https:// http://[::1 https://zh.wikipedia.org/wiki/%ZZ%FF '
    "ISBN\u30009780306406157 doi:10.1/ 10. ⓦ ![ &amp; &#0; &#x110000; &#xD800; &#99999999999; &nbsp; &lt; "
    "&;"
)
_SIGNS = (
    "\x00 \x01 \x0b \x0c \x1b \x1f \x7f \x85 \xa0 \xad \u061c \u200b \u200d \u200e \u202e \u2028 \u2029 "
    "\u2060 \u3000 \ufeff \ufffc \ufffd \ufffe \uffff \U0001f468\u200d\U0001f469 \U000e0001 \U0010ffff "
    "\U00020000 \u0300 \u0344 \u1e9e ß ﬁ İ ı ς 〇 零 ○ ㊿ ㍘ ½ ⅷ ௧ 𝟙 ² ⁻¹ ° ′ ″ ％ ‰ ㎞ ㎡ 円 － − – — ～ 〜"
)
_FACTS = (
    "9e999 1e-999 99999999999999999999年 0年 前0年 公元前99999年 2月30日 13月45日 0000-00-00 "
    "9999-12-31 25:61:61 民國0年 民國999999年 昭和百年 康熙六百年 乾隆元年閏十三月 翌年 次年 同年 當日 前一天 "
    "去年 三天後 幾億萬萬萬億兆年前 1941年6月22日 1941—1900年 1939/40年 二十世紀 負一世紀 第零世紀 １９９９年 "
    "一千零零一 十十十 半半 兩百萬億億 0/0 1/0 3:0 -0 +-5 1,2,3,4 1.2.3.4 1,000,000,000.000,001 "
    "${} $-1 ¥1e9 NaN inf 100%% 零下－273.15°C 北緯91度 東經181° 十分之零 倍 約約約 超過不到 莫斯科 "
    "列寧格勒州 在在在 位於 京 長江江 的"
)
# Half of what is put in is markup. U+3000 stands for the space within a token.
_TOKENS = tuple(
    tuple(token.replace("\u3000", " ") for token in group.split(" "))
    for group in (_MARKUP, _MARKUP, _SIGNS, _FACTS)
)


class Failure(NamedTuple):
    """`where` is the innermost line of ours, which tells one fault from another."""

    kind: str
    where: str
    detail: str


def seeds(folders: Sequence[Path] = ()) -> list[tuple[RawFormat, str]]:
    """Articles to mutate, each with its format, in a fixed order."""
    found: list[tuple[RawFormat, str]] = []
    files = [ROOT / "raw", ROOT / "tests/formats/pairs", *folders]
    for path in sorted(file for folder in files for file in folder.rglob("*")):
        if path.suffix in FORMATS and path.is_file():
            found.append((FORMATS[path.suffix], path.read_text("utf-8")))
    cases = tomllib.loads((ROOT / "tests/formats/markdown.toml").read_text("utf-8"))["case"]
    found += (("markdown", case["raw"]) for case in cases)
    cases = tomllib.loads((ROOT / "tests/formats/wikitext.toml").read_text("utf-8"))["case"]
    found += (("wikitext", case["text"]) for case in cases)
    return found


def article(number: int, seed: int, articles: Sequence[tuple[RawFormat, str]]) -> Source:
    """Mutated article `number` of a seed."""
    chance = random.Random(f"{seed}:{number}")
    raw_format, text = chance.choice(articles)
    length = min(LONGEST, int(chance.expovariate(1 / 700)) + 40)
    text = _slice(chance, text, length)
    for _ in range(1 + min(int(chance.expovariate(1 / 4)), 20)):
        text = chance.choice(_MUTATIONS)(chance, text, articles)[:LONGEST]
    if chance.random() < 0.1:
        raw_format = chance.choice(("markdown", "wikitext", "text"))
    name = chance.choice(
        ("甲", "..", "湖_(州)", "=1+1", "a/../b", "<b>", "1941年", "甲\x00乙", " ")
    )
    return Source(f"{name}{number}.md", raw_format, text, f"{number:064x}")


def _slice(chance: random.Random, text: str, length: int) -> str:
    start = chance.randrange(max(len(text) - length, 0) + 1)
    return text[start : start + length]


def _span(chance: random.Random, text: str) -> tuple[int, int]:
    start = chance.randrange(len(text) + 1)
    return start, min(start + int(chance.expovariate(1 / 20)) + 1, len(text))


def _delete(chance: random.Random, text: str, _: object) -> str:
    start, end = _span(chance, text)
    return text[:start] + text[end:]


def _duplicate(chance: random.Random, text: str, _: object) -> str:
    start, end = _span(chance, text)
    return text[:end] + text[start:end] * chance.choice((1, 1, 2, 30)) + text[end:]


def _swap(chance: random.Random, text: str, _: object) -> str:
    first, second, third, fourth = sorted(chance.randrange(len(text) + 1) for _ in range(4))
    return (
        text[:first] + text[third:fourth] + text[second:third] + text[first:second] + text[fourth:]
    )


def _insert(chance: random.Random, text: str, _: object) -> str:
    token = chance.choice(chance.choice(_TOKENS))
    place = chance.randrange(len(text) + 1)
    return text[:place] + token * chance.choice((1, 1, 1, 2, 100)) + text[place:]


def _break_lines(chance: random.Random, text: str, _: object) -> str:
    place = chance.randrange(len(text) + 1)
    ending = chance.choice(("\n", "\n\n", "\r\n", "\r", "\n    ", "\n\t", "\n> ", "\n|", "\n1.  "))
    return text[:place] + ending + text[place:]


def _change(chance: random.Random, text: str, _: object) -> str:
    if not text:
        return text
    place = chance.randrange(len(text))
    code = (ord(text[place]) ^ 1 << chance.randrange(8)) or 1
    sign = chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd"
    return text[:place] + sign + text[place + 1 :]


def _splice(chance: random.Random, text: str, articles: Sequence[tuple[RawFormat, str]]) -> str:
    other = _slice(chance, chance.choice(articles)[1], max(len(text) // 2, 20))
    place = chance.randrange(len(text) + 1)
    return text[:place] + other + (text[place:] if chance.random() < 0.5 else "")


_MUTATIONS: tuple[Callable[[random.Random, str, Any], str], ...] = (
    _delete, _duplicate, _swap, _insert, _insert, _insert, _break_lines, _change, _splice,
)  # fmt: skip


def attempt(source: Source, limit: float = LIMIT) -> Failure | None:
    """Work on one article; what went wrong, or None."""
    try:
        with deadline(limit):
            process(source)
    except SourceError:
        return None
    except OutOfTime as error:
        return Failure("hang", _place(error), f"It took longer than {limit:g} s.")
    except Exception as error:
        return Failure(type(error).__name__, _place(error), traceback.format_exc())
    return None


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "pipeline" in Path(frame.filename).parts]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else "unknown"


def smaller(source: Source, failure: Failure, seconds: float = 20.0) -> Source:
    """`source` with as much cut away as `seconds` allow while it fails in the same way."""
    ends = time.monotonic() + seconds
    text, size = source.text, len(source.text) // 2
    while size and failure.kind != "hang":
        place = 0
        while place < len(text):
            if time.monotonic() > ends:
                return _with(source, text)
            shorter = text[:place] + text[place + size :]
            now = attempt(_with(source, shorter))
            if now and (now.kind, now.where) == (failure.kind, failure.where):
                text = shorter
            else:
                place += size
        size //= 2
    return _with(source, text)


def _with(source: Source, text: str) -> Source:
    return Source(source.path, source.raw_format, text, source.sha256)


def _work(
    first: int, step: int, last: int, seed: int, folders: Sequence[Path], seconds: float,
    now: Any, results: Any,
) -> None:  # fmt: skip
    """A worker's share. `now` holds the article at work and when it was begun, for the watcher."""
    articles = seeds(folders)
    process(Source("甲.md", "markdown", "1941年，18公里外的莫斯科。", ""))  # reads the lexicons
    ends = time.monotonic() + seconds
    done = 0
    for number in range(first, last, step):
        if time.monotonic() > ends:
            break
        source = article(number, seed, articles)
        now[0], now[1] = number, time.time()
        failure = attempt(source)
        if failure:
            now[1] = time.time() + 2 * LIMIT
            source = smaller(source, failure)
            results.put(("failure", number, source, failure))
        done += 1
        if done % 100 == 0:
            results.put(("done", number, 100, None))
    now[1] = 0.0
    results.put(("end", first, done % 100, None))


def fuzz(
    count: int, seconds: float, seed: int, folders: Sequence[Path], workers: int
) -> Iterator[tuple[int, Source | None, Failure | None]]:
    """(articles done since the last item, a failing article and its failure or None)."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    ends = time.monotonic() + seconds

    def start(first: int) -> tuple[Any, Any]:
        now = context.Array("d", [first, 0.0])
        left = max(ends - time.monotonic(), 0.0)
        arguments = (first, workers, count, seed, folders, left, now, results)
        worker = context.Process(target=_work, args=arguments, daemon=True)
        worker.start()
        return worker, now

    running = [start(first) for first in range(workers)]
    while running:
        try:
            what, _, value, failure = results.get(timeout=1.0)
        except queue.Empty:
            what = "nothing"
        if what == "failure":
            yield 0, value, failure
        elif what in ("done", "end"):
            yield value, None, None
        kept = []
        for worker, now in running:
            number, since = int(now[0]), now[1]
            # Compiled code that hangs outlasts the deadline: only the process can be ended.
            stuck = since and time.time() - since > 3 * LIMIT
            if worker.is_alive() and not stuck:
                kept.append((worker, now))
            elif stuck or worker.exitcode:
                worker.kill()
                worker.join()
                reason = "hang" if stuck else f"exit {worker.exitcode}"
                yield 1, article(number, seed, seeds(folders)), Failure(reason, "compiled code", "")
                kept.append(start(number + workers))
        running = kept
        if not running:
            while True:
                try:
                    what, _, value, failure = results.get(timeout=0.5)
                except queue.Empty:
                    break
                yield (0, value, failure) if what == "failure" else (value, None, None)


def save(source: Source, failure: Failure, number: int) -> Path:
    SAVED.mkdir(parents=True, exist_ok=True)
    suffix = {"markdown": ".md", "wikitext": ".wikitext", "text": ".txt"}[source.raw_format]
    path = SAVED / f"{number:03d}-{failure.kind}-{failure.where.replace(':', '-')}{suffix}"
    path.write_text(source.text, "utf-8", newline="")
    path.with_suffix(suffix + ".log").write_text(f"{source.path!r}\n{failure.detail}", "utf-8")
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=1_800.0, help="time box")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    done, faults, hangs = 0, 0, 0
    known: set[tuple[str, str]] = set()
    for more, source, failure in fuzz(
        options.articles, options.seconds, options.seed, options.folders, options.workers
    ):
        done += more
        if source and failure:
            hangs += failure.kind == "hang"
            faults += failure.kind != "hang"
            if (failure.kind, failure.where) not in known:
                known.add((failure.kind, failure.where))
                path = save(source, failure, len(known))
                print(f"{failure.kind} at {failure.where}: {path}", flush=True)
    print(f"{done:,} articles, {faults} exceptions, {hangs} hangs")
    if done < options.articles:
        print(f"Not all of {options.articles:,} articles were worked on.", file=sys.stderr)
    return int(bool(faults or hangs))


if __name__ == "__main__":
    sys.exit(main())
