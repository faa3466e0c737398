"""A folder of articles → published tables, in three steps that any engine may run.

    survey    what there is to read, and which buckets it changes        (one process)
    work      one bucket: read, find, attribute, stage its parts         (any process)
    finish    assemble and publish, or leave all as it was               (one process)

A bucket is a set of articles by a stretch of their ids: the unit of work, of Parquet parts, of
reuse and of rewriting. It is worked again only when its fingerprint changed: the raw bytes of its
articles, the options, or this package itself. Steps hand each other small records and paths,
never rows.
"""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import json
import logging
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import chain
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline import VERSION
from pipeline import __path__ as PACKAGE_PATH
from pipeline.changes import READ_TABLES, diff
from pipeline.changes import load as load_tables
from pipeline.deadline import OutOfTime
from pipeline.errors import SourceError
from pipeline.fetch import MANIFEST, Page, read_manifest
from pipeline.formats.parse import identify
from pipeline.records import Options, Problem, Source
from pipeline.schemas import ARTICLE_TABLES, SCHEMAS
from pipeline.sources import Input, list_inputs, read_input
from pipeline.stages import Stages, groups, run, run_together
from pipeline.store import files, manifest, publish
from pipeline.store.history import Snapshot, open_snapshot
from pipeline.store.parts import bucket_of
from pipeline.store.parts import read as read_parts
from pipeline.store.publish import Refresh, Report, write_bucket
from pipeline.store.reading import State, differing_buckets, published
from pipeline.tables import article_id, problem_rows, to_table

if TYPE_CHECKING:
    from pipeline.article import Rows

log = logging.getLogger(__name__)

Tables = Mapping[str, pa.Table]

#: Seconds that one article may take.
ARTICLE_SECONDS = 60.0
#: Rows that a process holds as objects before it makes tables of them.
CHUNK_ROWS = 10_000
#: New objects after which a worker looks for cycles among them; Python's own figure is 700.
_COLLECT_AFTER = 20_000


def process_in_stages(source: Source, options: Options) -> Stages[Rows]:
    """`article.process_in_stages`, with all it reads by: a process that only surveys and publishes
    needs none of that, which is most of what there is to import."""
    from pipeline.article import process_in_stages

    return process_in_stages(source, options)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that was seen: all that is kept of it between survey and work."""

    path: str
    sha256: str
    article: str
    title: str
    revision: int | None
    chars: int
    item: Input


@dataclass(frozen=True, slots=True)
class Job:
    """A bucket to work: its articles, and what its rows depend on beside them.

    `lost` are articles that were published once and cannot be read now: id and path. `spool` is
    where the sources of archives and exports lie, whose members cannot be opened one by one.
    `last` are the parts of the bucket as it was published, by table. `same_rules` tells whether the same
    rules and options made them, `keep_stale` whether the last good rows of an article that fails stay.
    """

    bucket: str
    entries: tuple[Entry, ...]
    lost: tuple[tuple[str, str], ...]
    fingerprint: str
    staging: str
    spool: str | None
    last: Mapping[str, files.Placed]
    same_rules: bool
    keep_stale: bool
    options: Options
    seconds: float | None

    @property
    def chars(self) -> int:
        return sum(entry.chars for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a `Job`: counts for people. `failed` are the paths of articles in error."""

    bucket: str
    articles: int
    chars: int
    seconds: float
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is to do: `jobs` to work, buckets to `keep` as published, or to `take` as a
    refresh that was killed had staged them. `problems` are files that are no article."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    jobs: tuple[Job, ...]
    keep: tuple[str, ...]
    take: tuple[str, ...]

    @property
    def buckets(self) -> int:
        return len(self.jobs) + len(self.keep) + len(self.take)


@lru_cache(maxsize=1)
def code_fingerprint() -> str:
    """A hash over every file of this package: rules and lexicons are part of a row's version."""
    digest = hashlib.sha256()
    root = Path(PACKAGE_PATH[0])
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


@contextmanager
def opened(
    output: str | Path,
    *,
    options: Options,
    bucket_count: int = publish.BUCKETS,
    wait: float = 0.0,
) -> Iterator[Refresh]:
    """The refresh of `output` under its lock; see `store.publish.begin`."""
    versions = {"wikifacts": VERSION, "rules": code_fingerprint()}
    with publish.begin(
        output,
        versions=versions,
        options=_told(options),
        bucket_count=bucket_count,
        wait=wait,
    ) as refresh:
        yield refresh


def survey(
    raw: str | Path,
    refresh: Refresh,
    *,
    options: Options,
    keep_stale: bool = True,
    seconds: float | None = ARTICLE_SECONDS,
) -> Survey:
    """Look at every article of `raw`, and tell which buckets must be worked.

    Reads every file once, for its hash and title, and those of archives and exports once more if
    one of their buckets is to be worked. Raises `SourceError` where there is nothing to read.
    """
    entries, problems = _look(list_inputs(raw))
    members: dict[str, list[Entry]] = {}
    for entry in entries:
        members.setdefault(bucket_of(entry.article, refresh.bucket_count), []).append(entry)
    lost: dict[str, list[tuple[str, str]]] = {}
    for article, path in _lost(refresh, entries, problems) if keep_stale else ():
        lost.setdefault(bucket_of(article, refresh.bucket_count), []).append((article, path))
    same_rules = refresh.last is not None and (
        refresh.last.manifest.versions.get("rules") == refresh.versions["rules"]
        and refresh.last.manifest.options == _told(options)
    )
    jobs, keep, take = [], [], []
    for bucket in sorted(members.keys() | lost.keys()):
        own = tuple(sorted(members.get(bucket, ()), key=lambda entry: entry.article))
        gone = tuple(sorted(lost.get(bucket, ())))
        fingerprint = _fingerprint(own, gone, refresh.versions["rules"], options)
        if refresh.published.get(bucket) == fingerprint:
            keep.append(bucket)
        elif refresh.finished.get(bucket) == fingerprint:
            take.append(bucket)
        else:
            spooled = any(entry.item.kind != "article" for entry in own)
            jobs.append(
                Job(
                    bucket=bucket,
                    entries=own,
                    lost=gone,
                    fingerprint=fingerprint,
                    staging=str(refresh.staging),
                    spool=str(refresh.staging / "spool" / f"{bucket}.jsonl") if spooled else None,
                    last=_last_parts(refresh, bucket),
                    same_rules=same_rules,
                    keep_stale=keep_stale,
                    options=options,
                    seconds=seconds,
                )
            )
    _spool(jobs)
    return Survey(entries, problems, tuple(jobs), tuple(keep), tuple(take))


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Within, Python seldom looks for cycles, and never among what is there already.

    Rows and records make none, and lexicons stay; to look through them is a twentieth of the time.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


@seldom_collected()
def work(job: Job) -> Done:
    """Stage the rows of one bucket. Any process may do it, and doing it twice does no harm.

    Rows of articles that are as they were published stay, if the same rules made them. An article
    that cannot be read fails alone: it becomes a row of `problems`, and its last good rows, marked
    stale, stay.
    """
    from pipeline.report import pages

    began = time.monotonic()
    same, kept = _unchanged(job)
    chunks = [kept]
    report: dict[str, bytes | None] = dict.fromkeys(map(pages.page_path, sorted(same)))
    failed: list[tuple[str, str, Problem]] = [
        (
            article,
            path,
            Problem(
                path,
                "warning",
                "stale",
                "The article cannot be read now; its last good rows stay.",
                "See the file's other problem.",
            ),
        )
        for article, path in job.lost
    ]
    rows = _no_rows()
    for batch in groups(_sources(job, but=same), _chars):
        worked = _worked([source for _, source in batch], job)
        for (entry, _), found in zip(batch, worked, strict=True):
            if isinstance(found, Problem):
                log.error("%s: %s %s", found.path, found.message, found.cure)
                failed.append((entry.article, entry.path, found))
                continue
            for name, more in found.items():
                rows[name] += more
        # Rows as objects take many times the memory of rows in a table.
        if sum(map(len, rows.values())) >= CHUNK_ROWS:
            chunks.append(_tables(rows))
            report.update(pages.article_pages(chunks[-1]))
            rows = _no_rows()
    for chunk in (_tables(rows), _last_good(job, failed)):
        chunks.append(chunk)
        report.update(pages.article_pages(chunk))
    tables = {name: pa.concat_tables(chunk[name] for chunk in chunks) for name in ARTICLE_TABLES}
    report[pages.entries_path(job.bucket)] = pages.index_entries(tables)
    errors = tuple(path for _, path, problem in failed if problem.severity == "error")
    write_bucket(
        job.staging,
        job.bucket,
        tables,
        # A bucket with an error is worked again next time: it may have been a matter of time.
        fingerprint="" if errors else job.fingerprint,
        report=report,
    )
    return Done(job.bucket, len(job.entries), job.chars, time.monotonic() - began, errors)


def processes(count: int) -> ProcessPoolExecutor:
    """So many processes to `work` in, on this machine.

    Not forked from this process, which may have threads, and a fork of one may hang; but from a server
    that has none, and has imported once what all of them need.
    """
    context = get_context("forkserver")
    context.set_forkserver_preload(
        ["pipeline.article", "pipeline.refresh", "pipeline.report.pages"]
    )
    return ProcessPoolExecutor(count, mp_context=context)


def give_up(job: Job, reason: str) -> Done:
    """Stage a bucket that could not be worked (its worker died): problems, and last good rows."""
    cure = "Look at the machine's memory, or take out articles till it passes; then refresh again."
    failed = [
        (entry.article, entry.path, Problem(entry.path, "error", "not-worked", reason, cure))
        for entry in job.entries
    ]
    write_bucket(job.staging, job.bucket, _last_good(job, failed), fingerprint="")
    return Done(job.bucket, len(job.entries), job.chars, 0.0, tuple(path for _, path, _ in failed))


def make_report(refresh: Refresh) -> dict[str, files.Placed]:
    """The pages of the new state; for `Refresh.commit`."""
    from pipeline.report.pages import make

    assert refresh.next is not None
    return make(
        refresh.next,
        refresh.staging / "report",
        last=refresh.last,
        last_folder=refresh.output / "report",
        staged=refresh.staged_report,
    )


def remake_report(output: Path, *, now: str | None = None, wait: float = 0.0) -> Path:
    """Publish the tables of `output` again with pages made anew, if these are not there whole or
    were made by other code. Returns the path of the index page.

    Raises `PipelineError` if nothing is published there, or another refresh is under way.
    """
    from pipeline.report.pages import is_of_this_code

    state = published(output)
    with publish.begin(
        output,
        versions=state.manifest.versions,
        options=state.manifest.options,
        bucket_count=state.manifest.bucket_count,
        wait=wait,
    ) as refresh:
        assert refresh.last is not None
        refresh.take_state(refresh.last)
        refresh.commit(
            changes=refresh.last.table("changes"),
            report=make_report,
            time=now,
            anew=not is_of_this_code(refresh.last),
        )
    return output / "report" / "index.html"


def finish(
    refresh: Refresh,
    found: Survey,
    *,
    report: Report = make_report,
    now: str | None = None,
) -> Outcome:
    """Publish what the survey found and the jobs staged, or nothing where nothing changed.

    `report` is as for `Refresh.commit`. `now` (ISO 8601) goes into the history. Raises `PipelineError` if a job was not done.
    """
    for bucket in found.keep:
        refresh.keep_bucket(bucket)
    for bucket in (*found.take, *(job.bucket for job in found.jobs)):
        refresh.take_bucket(bucket)
    inputs = [
        {"path": entry.path, "sha256": entry.sha256, "article_id": entry.article}
        for entry in found.entries
    ]
    changed = refresh.seal(inputs=inputs, problems=found.problems)
    changes = compare(refresh.last, refresh.next) if changed and refresh.next else None
    snapshot = refresh.commit(changes=changes, report=report, time=now)
    assert refresh.next is not None
    return Outcome(snapshot, _failed(refresh.next), changes)


def compare(old: State | None, new: State, *, moved: bool = False) -> pa.Table:
    """The `changes` from one state to another, a bucket at a time; of all rows if `old` is None."""
    if old is None:
        return SCHEMAS["changes"].empty_table()
    parts = [SCHEMAS["changes"].empty_table()]
    for bucket in differing_buckets(old, new, ARTICLE_TABLES):
        buckets = None if bucket is None else [bucket]
        before = {name: old.table(name, buckets=buckets) for name in ARTICLE_TABLES}
        after = {name: new.table(name, buckets=buckets) for name in ARTICLE_TABLES}
        parts.append(diff(before, after, moved=moved))
    return pa.concat_tables(parts)


def load_sides(old: str, new: str, *, output: Path) -> tuple[Tables, Tables]:
    """The two states that a diff names, each a raw file, an output folder, or a snapshot of `output`.

    Where one is a raw file, only its article is taken of the other, and it is read as a refresh of
    `output` would read it. Raises `PipelineError` for what is none of these.
    """
    options = _options_of(output)
    sides = [_load_side(spec, output, options) for spec in (old, new)]
    raw = {article for tables, is_raw in sides if is_raw for article in _articles(tables)}
    if any(is_raw for _, is_raw in sides) and not all(is_raw for _, is_raw in sides):
        wanted = pa.array(sorted(raw), pa.string())
        sides = [
            (
                {name: t.filter(pc.is_in(t["article_id"], wanted)) for name, t in tables.items()},
                is_raw,
            )
            for tables, is_raw in sides
        ]
    return sides[0][0], sides[1][0]


def _load_side(spec: str, output: Path, options: Options) -> tuple[Tables, bool]:
    path = Path(spec)
    if path.is_file():
        rows = _no_rows()
        for source in chain.from_iterable(map(_read, list_inputs(path))):
            if isinstance(source, Problem):
                raise SourceError(
                    source.message, path=source.path, code=source.code, cure=source.cure
                )
            for name, more in run(process_in_stages(source, options)).items():
                rows[name] += more
        return {name: to_table(name, rows[name]) for name in READ_TABLES}, True
    if path.is_dir():
        return load_tables(path), False
    state = open_snapshot(output, spec)
    return {name: state.table(name) for name in READ_TABLES}, False


def _options_of(output: Path) -> Options:
    """The options that made what is published under `output`; the usual ones if nothing is."""
    found = manifest.load(output)
    if found is None:
        return Options()
    usual, told = Options(), found.options
    day = told.get("reference")
    return Options(told.get("variant", usual.variant), dt.date.fromisoformat(day) if day else None)


def _articles(tables: Tables) -> set[str]:
    return set(tables["articles"]["article_id"].to_pylist())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a refresh came to: the snapshot, the articles in error, and what changed, if anything."""

    snapshot: Snapshot
    failed: tuple[str, ...]
    changes: pa.Table | None


# ---------------------------------------------------------------------------------- the survey


def _look(inputs: Iterable[Input]) -> tuple[tuple[Entry, ...], tuple[Problem, ...]]:
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for item in inputs:
        for source in _read(item):
            if isinstance(source, Problem):
                problems.append(source)
                continue
            language, title = identify(source)
            article = article_id(language, title)
            if (first := entries.get(article)) is not None:
                problems.append(
                    Problem(
                        source.path,
                        "error",
                        "duplicate-title",
                        f"The title {title!r} is that of {first.path} too, which was read.",
                        "Remove one of the two files, or correct its title.",
                    )
                )
                continue
            entries[article] = Entry(
                source.path,
                source.sha256,
                article,
                title,
                source.revision_id,
                len(source.text),
                item,
            )
    for problem in problems:
        level = logging.ERROR if problem.severity == "error" else logging.WARNING
        log.log(level, "%s: %s %s", problem.path, problem.message, problem.cure)
    return tuple(sorted(entries.values(), key=lambda entry: entry.path)), tuple(problems)


def _read(item: Input) -> Iterator[Source | Problem]:
    """`read_input`, with what a fetch noted of the file: its title, page and revision."""
    pages = _fetched(item.root, _stamp(Path(item.root) / MANIFEST))
    for source in read_input(item):
        if isinstance(source, Source) and item.kind == "article":
            page = pages.get(source.path)
            if page is not None and page.sha256 == source.sha256:
                source = replace(
                    source,
                    title=page.title,
                    page_id=page.page_id,
                    revision_id=page.revision_id,
                    revision_timestamp=page.timestamp,
                )
        yield source


def _stamp(path: Path) -> int:
    """When the file was written; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _fetched(root: str, stamp: int) -> dict[str, Page]:
    """What `fetch.json` in `root`, as it was at `stamp`, tells, by file."""
    return {page.file: page for page in read_manifest(Path(root)).values()}


def _lost(
    refresh: Refresh, entries: Iterable[Entry], problems: Iterable[Problem]
) -> Iterator[tuple[str, str]]:
    """Articles published before whose files are still there but cannot be read."""
    if refresh.last is None:
        return
    readable = {entry.article for entry in entries}
    broken = {problem.path for problem in problems if problem.severity == "error"}
    for entry in refresh.last.manifest.inputs:
        article = entry.get("article_id")
        if article and article not in readable and entry["path"] in broken:
            yield article, entry["path"]


def _last_parts(refresh: Refresh, bucket: str) -> dict[str, files.Placed]:
    """The parts of a bucket as it was published last, if they are there."""
    if refresh.last is None or bucket not in refresh.published:
        return {}
    return {
        name: files.Placed(refresh.last.paths[name][bucket], part.parquet)
        for name, part in refresh.last.manifest.buckets[bucket].parts.items()
    }


def _fingerprint(
    entries: Sequence[Entry], lost: Sequence[tuple[str, str]], rules: str, options: Options
) -> str:
    told = [
        rules,
        _told(options),
        [(e.article, e.path, e.sha256, e.revision) for e in entries],
        lost,
    ]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _told(options: Options) -> dict[str, Any]:
    """Options as they go into the manifest and into fingerprints."""
    day = options.reference
    return {"variant": options.variant, "reference": day.isoformat() if day else None}


def _spool(jobs: Sequence[Job]) -> None:
    """Lay the sources of archives and exports beside the buckets that need them."""
    wanted = {
        (entry.path, entry.sha256): job.spool
        for job in jobs
        for entry in job.entries
        if job.spool and entry.item.kind != "article"
    }
    items = {entry.item for job in jobs for entry in job.entries if entry.item.kind != "article"}
    for job in jobs:
        if job.spool:
            Path(job.spool).parent.mkdir(parents=True, exist_ok=True)
            Path(job.spool).unlink(missing_ok=True)
    for item in sorted(items, key=lambda item: item.path):
        for source in read_input(item):
            if isinstance(source, Source) and (source.path, source.sha256) in wanted:
                spool = wanted.pop((source.path, source.sha256))
                with Path(spool or "").open(
                    "a", encoding="utf-8", errors="surrogatepass"
                ) as handle:
                    handle.write(json.dumps(asdict(source)) + "\n")


# ------------------------------------------------------------------------------------ the work


def _unchanged(job: Job) -> tuple[set[str], dict[str, pa.Table]]:
    """The articles of the job that are as they were published, and their rows."""
    none = set[str](), _tables(_no_rows())
    if not job.same_rules or "articles" not in job.last:
        return none
    if not all(files.is_whole(*part) for part in job.last.values()):
        return none
    now = {(e.article, e.path, e.sha256, e.revision) for e in job.entries}
    columns = ["article_id", "raw_path", "raw_sha256", "revision_id", "is_stale"]
    then = read_parts("articles", [job.last["articles"].path], columns=columns).to_pylist()
    same = {
        row["article_id"]
        for row in then
        if tuple(row[name] for name in columns[:-1]) in now and not row["is_stale"]
    }
    return (same, _last_rows(job, same)) if same else none


def _last_rows(job: Job, articles: Collection[str]) -> dict[str, pa.Table]:
    """The published rows of some articles of the job."""
    return {
        name: read_parts(
            name, [job.last[name].path] if name in job.last else [], articles=sorted(articles)
        )
        for name in ARTICLE_TABLES
    }


def _sources(job: Job, *, but: Collection[str]) -> Iterator[tuple[Entry, Source | Problem]]:
    """Each article of the job with its text, as it was when it was surveyed."""
    spooled: dict[str, Entry] = {}
    for entry in job.entries:
        if entry.article in but:
            continue
        if entry.item.kind != "article":
            spooled[entry.path] = entry
            continue
        for source in _read(entry.item):
            yield entry, source if _same(entry, source) else _moved(entry)
    if spooled and job.spool:
        with Path(job.spool).open(encoding="utf-8") as handle:
            for line in handle:
                source = Source(**json.loads(line))
                if source.path in spooled:
                    yield spooled.pop(source.path), source
    for entry in spooled.values():
        yield entry, _moved(entry)


def _chars(article: tuple[Entry, Source | Problem]) -> int:
    _, source = article
    return len(source.text) if isinstance(source, Source) else 0


def _worked(sources: Sequence[Source | Problem], job: Job) -> list[Rows | Problem]:
    """The rows of each article, or what was wrong with it."""
    readable = [source for source in sources if isinstance(source, Source)]
    works = [process_in_stages(source, job.options) for source in readable]
    ended = zip(readable, run_together(works, seconds=job.seconds), strict=True)
    return [
        source if isinstance(source, Problem) else _rows_or_problem(*next(ended), job)
        for source in sources
    ]


def _rows_or_problem(
    source: Source, made: Rows | Exception | OutOfTime, job: Job
) -> Rows | Problem:
    if isinstance(made, dict):
        return made
    if isinstance(made, OutOfTime):
        return Problem(
            source.path,
            "error",
            "out-of-time",
            f"The article took longer than {job.seconds:.0f} s.",
            "Give it more time, or look at what the file holds.",
        )
    if isinstance(made, SourceError):
        return Problem(
            source.path,
            "error",
            made.code,
            made.message,
            made.cure,
            made.raw_start,
            made.raw_end,
        )
    log.error("%s: a bug of ours", source.path, exc_info=made)
    return Problem(
        source.path,
        "error",
        "internal-error",
        f"A bug of ours: {type(made).__name__}: {made}",
        "Please report it with the file.",
    )


def _no_rows() -> dict[str, list[dict[str, Any]]]:
    return {name: [] for name in ARTICLE_TABLES}


def _tables(rows: Mapping[str, list[dict[str, Any]]]) -> dict[str, pa.Table]:
    return {name: to_table(name, rows[name]) for name in ARTICLE_TABLES}


def _same(entry: Entry, source: Source | Problem) -> bool:
    return isinstance(source, Source) and source.sha256 == entry.sha256


def _moved(entry: Entry) -> Problem:
    return Problem(
        entry.path,
        "error",
        "changed-while-read",
        "The file changed between two looks at it.",
        "Refresh again when nothing writes to it.",
    )


def _last_good(job: Job, failed: Sequence[tuple[str, str, Problem]]) -> dict[str, pa.Table]:
    """The last good rows of the failed articles, marked stale, and their problems."""
    kept = _tables(_no_rows())
    if failed and job.keep_stale:
        kept = _last_rows(job, {article for article, _, _ in failed})
        stale = pa.array([True] * kept["articles"].num_rows, pa.bool_())
        index = kept["articles"].schema.get_field_index("is_stale")
        field = kept["articles"].schema.field(index)
        kept["articles"] = kept["articles"].set_column(index, field, stale)
    problems = [
        row for article, _, problem in failed for row in problem_rows([problem], article=article)
    ]
    return {**kept, "problems": to_table("problems", problems)}


def _failed(state: State) -> tuple[str, ...]:
    """The paths that the problems of a state say are in error."""
    problems = state.table("problems", columns=["path", "severity"]).to_pylist()
    return tuple(sorted({row["path"] for row in problems if row["severity"] == "error"}))
