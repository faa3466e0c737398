"""The refresh as a Prefect flow: `python flows.py` reads `raw/` and publishes `output/`.

The only module that knows Prefect and today's date. With no server set up it runs on Prefect's
own temporary one. Tasks are few and fat: a survey, batches of buckets, and the publishing.
"""

from __future__ import annotations

import os
import pickle

# Prefect reads these once, when it is imported. Whoever sets them outside wins.
os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("PREFECT_LOGGING_EXTRA_LOGGERS", "pipeline")

import datetime as dt
import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing import active_children
from pathlib import Path
from socket import gethostname
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore, Lock
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy, State
from prefect.client.schemas.schedules import CronSchedule
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelled, Completed, Failed
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from pipeline import fetch as fetching
from pipeline import refresh as steps
from pipeline.changes import artifact, summary
from pipeline.errors import PipelineError
from pipeline.fetch import Manners
from pipeline.records import Options
from pipeline.store import remote
from pipeline.store.publish import BUCKETS, Refresh

log = logging.getLogger("pipeline.flows")

#: Buckets go to tasks in at most this many batches: each task run costs Prefect's database
#: milliseconds and kilobytes, and its SQLite bears some hundreds a flow.
MOST_TASKS = 200
#: Characters of work below which starting processes costs more than it saves.
SMALL_WORK = 500_000
SECONDS_BETWEEN_LINES = 5.0
SECONDS_WITHOUT_WORKERS = 30.0
#: Lines of progress that the rate is taken over: half a minute and more.
MARKS = 7


@flow(name="refresh", validate_parameters=False)
def refresh(
    raw: str = "raw",
    output: str = "output",
    variant: str = "zh-hant",
    reference: dt.date | str | None = None,
    workers: int = 0,
    dask: str | None = None,
    buckets: int = BUCKETS,
    keep_stale: bool = True,
    article_seconds: float = steps.ARTICLE_SECONDS,
    wait: float = 0.0,
    working_copy: str | None = None,
) -> State[Any]:
    """Read every article of `raw` and publish the tables in `output`, a folder or a URL.

    `workers` is the number of processes on this machine, 0 for as many as are worth it; `dask` is `local` or a scheduler's
    address instead. `buckets` is how many the articles are cut into (at most 65,536), the same
    for one output always, or all is worked again. `keep_stale` leaves the last good rows of an
    article that cannot be read now. `wait` is how many seconds to wait for another refresh of the same output to end. `working_copy` is the folder to work in where `output` is a URL, by default one of
    the user's caches. The final state is Failed where an article failed, and says how many of how many; the others are
    published all the same.
    """
    options = Options(variant, _day(reference))
    clock = _Clock()
    try:
        if not 1 <= buckets <= 65_536:
            raise PipelineError(f"{buckets} is no number of buckets.", cure="Give 1 to 65536.")
        if workers < 0:
            raise PipelineError(f"{workers} is no number of workers.", cure="Give 0 or more.")
        with remote.opened(output, copy=working_copy, wait=wait) as place:
            # Dask's workers may stand elsewhere.
            folder = place.folder.resolve() if dask else place.folder
            with steps.opened(folder, options=options, bucket_count=buckets, wait=wait) as opened:
                with clock("survey"):
                    found = _or_raise(_survey(raw, opened, options, keep_stale, article_seconds))
                with clock("work"):
                    _work(found.jobs, workers, dask)
                with clock("publish"):
                    outcome = _or_raise(_finish(opened, found))
            if place.is_remote:
                with clock("upload"):
                    _or_raise(_upload(place))
    except PipelineError as error:
        return Failed(message=str(error))
    except KeyboardInterrupt:
        _leave()
        raise
    _tell(folder, found, outcome, clock.seconds)
    total = len({entry.path for entry in found.entries} | set(outcome.failed))
    name = outcome.snapshot.name
    if outcome.failed:
        return Failed(
            message=f"{len(outcome.failed)} of {total} articles failed, the first being "
            f"{outcome.failed[0]}; what could be read is published as {name}."
        )
    done = "published" if outcome.snapshot.is_new else "unchanged, published"
    return Completed(message=f"{total} article{'s' * (total != 1)} {done} as {name}.")


@task(name="survey", cache_policy=NO_CACHE)
def _survey(
    raw: str, opened: Refresh, options: Options, keep_stale: bool, seconds: float
) -> steps.Survey | PipelineError:
    try:
        found = steps.survey(raw, opened, options=options, keep_stale=keep_stale, seconds=seconds)
    except PipelineError as error:
        return error
    log.info(
        "articles: %d, in buckets: %d, of them to work: %d",
        len(found.entries), found.buckets, len(found.jobs),
    )  # fmt: skip
    return found


@task(name="publish", cache_policy=NO_CACHE)
def _finish(opened: Refresh, found: steps.Survey) -> steps.Outcome | PipelineError:
    now = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    try:
        return steps.finish(opened, found, now=now)
    except PipelineError as error:
        return error


@task(name="upload", cache_policy=NO_CACHE)
def _upload(place: remote.Place) -> PipelineError | None:
    try:
        place.publish()
    except PipelineError as error:
        return error
    return None


def _or_raise(result: Any) -> Any:
    """What a task gave; what went wrong in it is raised here. A task hands such an error back as a
    value, since Prefect prints a traceback for one that is raised, and a person needs none."""
    if isinstance(result, PipelineError):
        raise result
    return result


# ------------------------------------------------------------------------------------ the work


def _work(jobs: Sequence[steps.Job], workers: int, dask: str | None) -> None:
    """Work all jobs, here, in processes of this machine, or on a Dask cluster."""
    batches = list(_batches(jobs))
    if not batches:
        return
    share: Any = create_progress_artifact(
        0.0, key="refresh-progress", description="Buckets worked."
    )
    said = time.monotonic()

    def finished(count: int) -> None:
        """Tell the server, but no more often than a person looks."""
        nonlocal said
        if (now := time.monotonic()) - said >= SECONDS_BETWEEN_LINES or count == len(batches):
            said = now
            update_progress_artifact(share, 100.0 * count / len(batches))

    with _progress(jobs) as advance:
        count = workers or _workers_for(jobs)
        if dask:
            _work_on_dask(dask, workers, batches, advance)
            finished(len(batches))
        elif count == 1:
            for number, batch in enumerate(batches, start=1):
                _work_batch(batch, steps.work, advance)
                finished(number)
        else:
            with _Pool(count) as pool:
                futures = [_work_batch.submit(batch, pool.work, advance) for batch in batches]
                for number, future in enumerate(futures, start=1):
                    future.result()
                    finished(number)


def _batches(jobs: Sequence[steps.Job]) -> Iterator[Sequence[steps.Job]]:
    size = -(-len(jobs) // MOST_TASKS)
    for start in range(0, len(jobs), size or 1):
        yield jobs[start : start + size]


def _workers_for(jobs: Sequence[steps.Job]) -> int:
    """As many processes as cores, but none for work that is done before they have started."""
    if sum(job.chars for job in jobs) < SMALL_WORK:
        return 1
    return max(1, min(len(jobs), os.cpu_count() or 1))


@task(name="work", cache_policy=NO_CACHE)
def _work_batch(
    batch: Sequence[steps.Job],
    work: Callable[[steps.Job], steps.Done],
    advance: Callable[[steps.Done], None],
) -> int | State[Any]:
    for job in batch:
        try:
            advance(work(job))
        except _Stopped:
            return Cancelled(message="Interrupted.")
    return len(batch)


class _Stopped(Exception):
    """The refresh was interrupted while a bucket waited, or was worked."""


class _Pool:
    """Worker processes. One that dies costs its bucket a second try, alone in a process of its
    own, so that a bucket that kills its worker harms no other and is given up by itself."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.lock = Lock()
        # No job waits inside the pool, where the death of another's worker would end it too.
        self.free = BoundedSemaphore(count)
        self.stopped = False
        self.pool = steps.processes(count)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self.stopped = kind is not None
        # What a worker is at need not be waited for: a bucket is staged whole or not at all.
        self.pool.shutdown(wait=not self.stopped, cancel_futures=True)
        if self.stopped:
            for worker in active_children():
                worker.terminate()

    def work(self, job: steps.Job) -> steps.Done:
        """Work a bucket in one of the processes. Raises `_Stopped` where the pool was left early."""
        try:
            return self._work(job)
        except (Exception, KeyboardInterrupt, CancelledError) as error:
            # Ctrl-C is sent to the workers as well, and comes back as what they raised.
            if self.stopped or isinstance(error, KeyboardInterrupt):
                raise _Stopped from None
            raise

    def _work(self, job: steps.Job) -> steps.Done:
        with self.free:
            if self.stopped:
                raise _Stopped
            pool = self.pool
            try:
                return pool.submit(steps.work, job).result()
            except BrokenProcessPool:
                if self.stopped:
                    raise
                log.warning("bucket %s: a worker process died; working it again alone", job.bucket)
            with self.lock:
                if self.pool is pool:
                    self.pool = steps.processes(self.count)
            try:
                with steps.processes(1) as alone:
                    return alone.submit(steps.work, job).result()
            except BrokenProcessPool:
                log.error("bucket %s: its worker died twice; the bucket is left out", job.bucket)
                return steps.give_up(job, "The process that worked on the article died, twice.")


def _work_on_dask(
    address: str,
    workers: int,
    batches: Sequence[Sequence[steps.Job]],
    advance: Callable[[steps.Done], None],
) -> None:
    """Work on a Dask cluster: `local`, or a scheduler's address. Tasks take and give paths only.

    Dask works what a dead worker had again, and gives it up (`KilledWorker`) after its fourth
    death, with whatever else was on that worker. The buckets of such a batch are then worked one
    at a time, so that only the one that kills its workers is left out. What fails in another way
    is no article's fault, and ends the refresh: raises `PipelineError`.
    """
    try:
        from dask import config as dask_config
        from distributed import KilledWorker
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise PipelineError(
            "Dask is not installed.", cure="In a checkout: pip install -e '.[dask]'."
        ) from error
    logging.getLogger("distributed").setLevel(logging.WARNING)  # it tells of each connection
    runner: Any
    if address == "local":
        cluster = {
            "n_workers": workers or os.cpu_count() or 1,
            "threads_per_worker": 1,
            "dashboard_address": None,
        }
        runner = DaskTaskRunner(cluster_kwargs=cluster)
    else:
        runner = DaskTaskRunner(address=address)

    def work_all() -> PipelineError | None:
        again: list[steps.Job] = []
        try:
            futures = deque((submit(batch), batch) for batch in batches)
            while futures:
                # Held no longer than until it is read, or the death of its worker costs it again.
                future, batch = futures.popleft()
                try:
                    for done in _or_raise(_dask_result(future)):
                        advance(done)
                except KilledWorker as error:
                    log.warning("Dask gave a batch up, its buckets are worked singly: %s", error)
                    again += batch
            for job in again:
                try:
                    [done] = _or_raise(_dask_result(submit([job])))
                except KilledWorker as error:
                    log.error("bucket %s: left out: %s", job.bucket, error)
                    done = steps.give_up(job, "Dask gave the article up: KilledWorker.")
                advance(done)
        except PipelineError as error:
            return error
        except Exception as error:
            return PipelineError(
                f"Dask ({address}) failed: {type(error).__name__}: {error}; what was published last "
                "stays.",
                cure="See that scheduler, workers and Prefect's server (PREFECT_API_URL) reach each "
                "other, and what the workers say; the next refresh takes the finished buckets.",
            )
        return None

    own = _Own(work_all=work_all)

    # Takes no parameters: those of a flow are sent to Prefect's server, which bears 512 KiB.
    @flow(name="work-on-dask", task_runner=runner)
    def on_dask() -> PipelineError | None:
        error: PipelineError | None = own.work_all()
        return error

    # A task is given the path of its batch, for what it is given goes by way of the scheduler.
    # Nobody else can have a folder of that name, so that it tells a worker too whether it sees ours.
    with TemporaryDirectory(dir=batches[0][0].staging, prefix="dask-") as folder:

        def submit(batch: Sequence[steps.Job]) -> Any:
            path = Path(folder, uuid4().hex)
            path.write_bytes(pickle.dumps(batch))
            return _dask_batch.submit(str(path), steps.work, steps.code_fingerprint())

        # A local cluster starts a killed worker again, but drops it for good if it is down 15
        # seconds after an earlier death; with none left the work would wait for ever
        # (dask/distributed#3196).
        with (
            dask_config.set({"distributed.deploy.lost-worker-timeout": "1 day"}),
            _shared_server() if address == "local" else nullcontext(),
        ):
            _or_raise(on_dask())


class _Own(SimpleNamespace):
    """What stays in this process. Prefect sends each task its flow, and with it all that the flow
    holds, were it every job of the refresh; of this it sends the empty shell."""

    def __reduce__(self) -> tuple[type[_Own], tuple[()]]:
        return _Own, ()


def _shared_server() -> AbstractContextManager[Any]:
    """Within, other processes of this machine speak to the Prefect server that this one speaks to,
    be it a temporary one, and start none of their own."""
    with get_client(sync_client=True) as client:
        return temporary_settings({PREFECT_API_URL: str(client.api_url)})


@task(name="work", cache_policy=NO_CACHE)
def _dask_batch(
    path: str, work: Callable[[steps.Job], steps.Done], code: str
) -> list[steps.Done] | PipelineError:
    """Work the batch that `path` in the flow's staging holds, if this machine sees what the flow's
    does and has the same rules."""
    if not Path(path).is_file():
        return _unseen(str(Path(path).parents[2]))
    batch: Sequence[steps.Job] = pickle.loads(Path(path).read_bytes())
    articles = (entry.item for job in batch for entry in job.entries)
    for root in sorted({item.root for item in articles if item.kind == "article"}):
        if not Path(root).is_dir():
            return _unseen(root)
    if steps.code_fingerprint() != code:
        return PipelineError(
            f"The Dask worker on {gethostname()} has other rules than the flow.",
            cure="Bring its checkout to the same version, and start it again.",
        )
    try:
        return [work(job) for job in batch]
    except PipelineError as error:
        return error


def _unseen(place: str) -> PipelineError:
    return PipelineError(
        f"{place}: the Dask worker on {gethostname()} does not see it.",
        cure="Have the articles and the output (of a URL its working copy, --working-copy) "
        "where all machines see them under the same paths.",
    )


def _dask_result(future: Any) -> list[steps.Done] | PipelineError:
    """What a batch gave. Says so, now and then, while there is no worker to wait for."""
    from prefect_dask.utils import get_dask_client

    while True:
        try:
            done: list[steps.Done] | PipelineError = future.result(timeout=SECONDS_WITHOUT_WORKERS)
            return done
        except TimeoutError:
            if future.wrapped_future.done():  # it is the batch's own
                raise
            with get_dask_client() as client:
                if not client.scheduler_info()["workers"]:
                    log.warning("the Dask cluster has no workers; waiting for one")


# ------------------------------------------------------------------------------------- telling


class _Clock:
    """Seconds a stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.seconds[stage] = time.monotonic() - began


@contextmanager
def _progress(jobs: Sequence[steps.Job]) -> Iterator[Callable[[steps.Done], None]]:
    """Tell how far the work is: a bar with rate and time left on a terminal, else log lines."""
    total = sum(job.chars for job in jobs)
    if sys.stderr.isatty():
        with Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
            TextColumn("{task.speed:,.0f} chars/s"), TimeRemainingColumn(),
            console=Console(stderr=True), speed_estimate_period=10,
        ) as bar:  # fmt: skip
            handle = bar.add_task(f"{len(jobs)} buckets", total=total)
            yield lambda done: bar.advance(handle, done.chars)
        return
    said = time.monotonic()
    finished = 0
    # When so much was finished, of late: the start of the workers shall not slow the rate for long.
    marks = deque([(said, 0)], maxlen=MARKS)

    def advance(done: steps.Done) -> None:
        nonlocal finished, said
        finished += done.chars
        if (now := time.monotonic()) - said >= SECONDS_BETWEEN_LINES:
            said = now
            then, before = marks[0]
            rate = (finished - before) / (now - then)
            marks.append((now, finished))
            left = (total - finished) / rate if rate else 0
            log.info(
                "%d %% done, %.0f characters/s, %.0f s left",
                100 * finished // max(1, total),
                rate,
                left,
            )

    yield advance


def _tell(
    output: Path, found: steps.Survey, outcome: steps.Outcome, seconds: Mapping[str, float]
) -> None:
    """Say what a refresh did, in the log and as Prefect artifacts."""
    log.info(
        "%s %s: %s rows; %s",
        "published" if outcome.snapshot.is_new else "nothing changed since",
        outcome.snapshot.name,
        f"{sum(outcome.snapshot.rows.values()):,}",
        ", ".join(f"{stage} {took:.1f} s" for stage, took in seconds.items()),
    )
    table = [
        {"what": f"seconds: {stage}", "count": round(took, 2)} for stage, took in seconds.items()
    ]
    table += [
        {"what": "articles", "count": len(found.entries)},
        {"what": "articles in error", "count": len(outcome.failed)},
        {"what": "buckets worked", "count": len(found.jobs)},
        *(
            {"what": f"rows: {name}", "count": rows}
            for name, rows in sorted(outcome.snapshot.rows.items())
        ),
    ]
    create_table_artifact(table, key="refresh-summary", description="What the refresh did.")
    create_link_artifact(
        (output / "report" / "index.html").resolve().as_uri(),
        link_text="report",
        key="refresh-report",
        description="The tables as pages, on the machine that ran the refresh.",
    )
    if outcome.changes is not None and outcome.changes.num_rows:
        log.info("changes: %s", summary(outcome.changes))
        create_markdown_artifact(
            artifact(outcome.changes),
            key="refresh-changes",
            description="Facts that changed.",
        )


def _day(value: dt.date | str | None) -> dt.date | None:
    return dt.date.fromisoformat(value) if isinstance(value, str) else value


@flow(name="fetch", validate_parameters=False)
def fetch(
    raw: str = "raw",
    titles: str | None = None,
    api: str = "https://zh.wikipedia.org/w/api.php",
    mirror: str | None = None,
    user_agent: str | None = None,
) -> State[Any]:
    """Bring the newest articles into `raw`: those of the list file `titles`, else whatever changed
    since the last fetch, from the MediaWiki at `api`; or from the git mirror `mirror`."""
    try:
        if mirror:
            commit = _or_raise(_fetch_mirror(mirror, raw))
            return Completed(message=f"{raw} is at {commit[:12]} of {mirror}.")
        manners = Manners(user_agent=user_agent) if user_agent else Manners()
        wanted = fetching.read_titles(titles) if titles else None
        done = _or_raise(_fetch_pages(api, wanted, raw, manners))
    except PipelineError as error:
        return Failed(message=str(error))
    for title in done.missing:
        log.error("%s: the wiki has no such page", title)
    for title, reason in done.refused:
        log.error("%s: not kept: %s", title, reason)
    message = (
        f"Pages written: {len(done.written)}, unchanged: {len(done.unchanged)}, "
        f"missing: {len(done.missing)}, refused: {len(done.refused)}."
    )
    return (Failed if done.missing or done.refused else Completed)(message=message)


@task(name="fetch-pages", cache_policy=NO_CACHE)
def _fetch_pages(
    api: str, titles: Sequence[str] | None, raw: str, manners: Manners
) -> fetching.Fetched | PipelineError:
    try:
        if titles is None:
            return fetching.fetch_changed(api, raw, manners=manners)
        return fetching.fetch_titles(api, titles, raw, manners=manners)
    except PipelineError as error:
        return error


@task(name="fetch-mirror", cache_policy=NO_CACHE)
def _fetch_mirror(url: str, raw: str) -> str | PipelineError:
    try:
        return fetching.fetch_mirror(url, raw)
    except PipelineError as error:
        return error


def serve(*, cron: str, raw: str, output: str, working_copy: str | None = None) -> None:
    """Serve the refresh on a schedule till stopped; a newcomer is cancelled while one runs.

    Raises `PipelineError` for a schedule that is none.
    """
    try:
        CronSchedule(cron=cron)
    except ValueError as error:
        raise PipelineError(
            f"{cron!r} is no schedule.",
            cure="Give five fields as cron has them: minute hour day month weekday.",
        ) from error
    limit = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)
    refresh.serve(
        name="scheduled",
        cron=cron,
        global_limit=limit,
        parameters={
            "raw": str(Path(raw).resolve()),
            "output": output if remote.is_remote(output) else str(Path(output).resolve()),
            "working_copy": working_copy and str(Path(working_copy).resolve()),
        },
    )


def _run(which: Callable[..., Any], parameters: Mapping[str, Any]) -> int:
    """Run a flow as a command: words on stderr, exit status 1 where it failed."""
    logger = logging.getLogger("pipeline")
    logger.addHandler(RichHandler(console=Console(stderr=True), show_path=False))
    if logger.level == logging.NOTSET:  # the command line has set it, by -q and -v
        logger.setLevel(logging.INFO)
    logger.propagate = False
    state: State[Any] = which(**parameters, return_state=True)
    print(f"wikifacts: {state.message}", file=sys.stderr)
    return 0 if state.is_completed() else 1


def _leave() -> None:
    """End at once, if Prefect runs on its temporary server: Ctrl-C is sent to that too, and each
    state and event that it had still to be told of would be tried for seconds."""
    from prefect.server.api.server import SubprocessASGIServer

    servers = list(SubprocessASGIServer._instances.values())
    if not servers:
        return
    print(
        "wikifacts: interrupted; what was published before still stands, and the next refresh takes "
        "the buckets that were finished.",
        file=sys.stderr,
        flush=True,
    )
    for server in servers:
        server.stop()
    os._exit(130)


def run(**parameters: Any) -> int:
    """Run the refresh; returns the exit status."""
    return _run(refresh, parameters)


def run_fetch(**parameters: Any) -> int:
    """Run the fetch; returns the exit status."""
    return _run(fetch, parameters)


if __name__ == "__main__":
    sys.exit(run())
