"""The same tables whoever works: local processes, Dask, and workers that are killed on the way."""

import hashlib
import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import fsspec
import pytest

from pipeline import refresh as steps
from pipeline.article import Options
from pipeline.errors import PipelineError
from pipeline.store.reading import published
from tests.conftest import free_port

ROOT = Path(__file__).parent.parent
ARTICLES = 24
BUCKETS = 16  # few, since each costs its files; each with few articles
DEADLY = "第7湖"
Environment = dict[str, str]
Digests = dict[str, str]


def article(index: int) -> str:
    """A short article with dates, numbers, places, a footnote, and dates that count from others."""
    year = 1900 + index
    return (
        f"**第{index}湖**位於[俄羅斯](俄羅斯)，{year}年{index % 12 + 1}月{index % 28 + 1}日"
        f"測得水深{index * 3 + 2}公尺，面積{index}.5平方公里。\\[1\\]翌年冬天結冰，"
        f"湖上有{index * 100 + 50}人。\n\n## 歷史\n\n"
        f"北京的旅行者在同年到達，走了約{index + 10}天。\n\n1.  《湖》，{year + 50}年。\n"
    )


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("raw")
    for index in range(ARTICLES):
        (folder / f"第{index}湖.md").write_text(article(index), "utf-8")
    return folder


def refresh(
    environment: Environment, raw: Path, output: Path | str, **parameters: object
) -> subprocess.CompletedProcess[str]:
    given = json.dumps({"raw": str(raw), "output": str(output), "buckets": BUCKETS, **parameters})
    return subprocess.run(
        [sys.executable, "-m", "tests.dying", given],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=480,
    )  # fmt: skip


def digests(output: Path) -> Digests:
    """The hash of every published file under `parquet` and `csv`."""
    return {
        path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in ("parquet", "csv")
        for path in sorted((output / kind).rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def expected(
    prefect_server: Environment, raw: Path, tmp_path_factory: pytest.TempPathFactory
) -> Digests:
    """What one process makes."""
    output = tmp_path_factory.mktemp("one") / "out"
    done = refresh(prefect_server, raw, output, workers=1)
    assert done.returncode == 0, done.stderr
    assert len(published(output).table("articles")) == ARTICLES
    assert len(published(output).table("dates")) >= 3 * ARTICLES
    return digests(output)


@pytest.fixture
def dying_once(prefect_server: Environment, tmp_path: Path) -> Environment:
    return {**prefect_server, "DYING_TITLE": DEADLY, "DYING_ONCE": str(tmp_path / "died")}


@pytest.fixture
def cluster(dying_once: Environment, tmp_path: Path) -> Iterator[str]:
    """A Dask scheduler and two worker processes, as one starts them by hand; its address."""
    address = f"tcp://127.0.0.1:{free_port()}"
    commands = [
        ["scheduler", "--host", "127.0.0.1", "--port", address.rsplit(":", 1)[1], "--no-dashboard"],
        ["worker", address, "--nworkers", "2", "--nthreads", "1", "--no-dashboard"],
    ]
    with (tmp_path / "dask.log").open("wb") as log:
        processes = [
            subprocess.Popen(
                [sys.executable, "-m", "dask", *command],
                cwd=ROOT, env=dying_once, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            for command in commands
        ]  # fmt: skip
        yield address
        for process in reversed(processes):
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize(
    "parameters", [{"workers": 2}, {"workers": 4}, {"workers": 2, "dask": "local"}]
)
def test_the_same_bytes_whoever_works(
    prefect_server: Environment,
    raw: Path,
    expected: Digests,
    tmp_path: Path,
    parameters: dict[str, object],
) -> None:
    done = refresh(prefect_server, raw, tmp_path / "out", **parameters)
    assert done.returncode == 0, done.stderr
    assert digests(tmp_path / "out") == expected


def test_a_worker_killed_on_the_way(
    dying_once: Environment, raw: Path, expected: Digests, tmp_path: Path
) -> None:
    done = refresh(dying_once, raw, tmp_path / "out", workers=2)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "died").exists()
    assert digests(tmp_path / "out") == expected


def test_a_cluster_given_by_its_address_with_the_output_at_a_url(
    dying_once: Environment,
    raw: Path,
    expected: Digests,
    tmp_path: Path,
    cluster: str,
    s3: dict[str, str],
    bucket: str,
) -> None:
    """A worker is killed on the way, too; what is there in the end is what one process makes."""
    environment = {**dying_once, "FSSPEC_S3": json.dumps(s3)}
    done = refresh(environment, raw, bucket, dask=cluster, working_copy=str(tmp_path / "copy"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "died").exists()
    system, root = fsspec.core.url_to_fs(bucket)
    found = {path.removeprefix(f"{root}/"): system.cat_file(path) for path in system.find(root)}
    assert {
        path: hashlib.sha256(content).hexdigest()
        for path, content in found.items()
        if path.startswith(("parquet/", "csv/"))
    } == expected
    assert found["manifest.json"] == (tmp_path / "copy/output/manifest.json").read_bytes()


def test_a_cluster_that_cannot_work_publishes_nothing(
    prefect_server: Environment, raw: Path, tmp_path: Path
) -> None:
    done = refresh(prefect_server, raw, tmp_path / "out", dask="nowhere")
    assert done.returncode == 1
    assert "Dask (nowhere) failed" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "out/manifest.json").exists()


def full(job: steps.Job) -> steps.Done:
    raise PipelineError("no space is left")


def refusals(raw: Path, output: Path) -> list[str]:
    """What a worker says that sees not the output, nor the articles, has other rules, or a full
    disk."""
    import flows

    code = steps.code_fingerprint()
    with steps.opened(output, options=Options(), bucket_count=BUCKETS) as opened:
        job = steps.survey(str(raw), opened, options=Options()).jobs[0]
        lost = replace(job.entries[0].item, root=str(output / "elsewhere"))
        unseen = replace(job, entries=(replace(job.entries[0], item=lost),))
        seen, lacking = (opened.staging / "buckets" / name for name in ("seen", "lacking"))
        seen.write_bytes(pickle.dumps([job]))
        lacking.write_bytes(pickle.dumps([unseen]))
        none = opened.staging / "none" / "none"
        given = [(none, code), (lacking, code), (seen, ""), (seen, code)]
        return [str(flows._dask_batch.fn(str(path), full, rules)) for path, rules in given]


def test_a_dask_worker_refuses_what_it_cannot_do_right(raw: Path, tmp_path: Path) -> None:
    # In a process of its own: Prefect, once imported, listens to every log of the tests to come.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        said = pool.submit(refusals, raw, tmp_path / "out").result()
    expected = (
        "out: the Dask worker", "elsewhere: the Dask worker", "has other rules", "no space is left",
    )  # fmt: skip
    assert [part in told for part, told in zip(expected, said, strict=True)] == [True] * 4


@pytest.mark.parametrize("dask", [None, "local"])
def test_a_bucket_that_always_kills_its_worker_is_left_out(
    prefect_server: Environment, raw: Path, tmp_path: Path, dask: str | None
) -> None:
    environment = {
        **prefect_server,
        "DYING_TITLE": DEADLY,
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",  # each death costs a start
    }
    done = refresh(environment, raw, tmp_path / "out", workers=2, dask=dask)
    check_left_out(done, raw, tmp_path / "out")


def check_left_out(done: subprocess.CompletedProcess[str], raw: Path, output: Path) -> None:
    """The articles of the deadly bucket are told as problems, all others are published."""
    assert done.returncode == 1, done.stderr
    state = published(output)
    problems = state.table("problems").to_pylist()
    missing = {row["path"] for row in problems if row["code"] == "not-worked"}
    assert f"{DEADLY}.md" in missing
    assert len(missing) < 5
    titles = set(state.table("articles")["title"].to_pylist())
    assert {f"{title}.md" for title in titles} == {path.name for path in raw.iterdir()} - missing


def test_an_interrupted_refresh_ends_and_leaves_what_was_published(
    prefect_server: Environment, raw: Path, tmp_path: Path
) -> None:
    """Ctrl-C, which a terminal sends to every process, while Prefect runs on its own server."""
    output = tmp_path / "out"
    with steps.opened(output, options=Options(), bucket_count=BUCKETS) as opened:
        found = steps.survey(str(raw), opened, options=Options())
        for job in found.jobs:
            steps.work(job)
        steps.finish(opened, found)
    before = (output / "manifest.json").read_bytes()

    longer = tmp_path / "longer"
    longer.mkdir()
    for index in range(ARTICLES):
        (longer / f"第{index}湖.md").write_text(article(index) * 500, "utf-8")
    environment = {**prefect_server, "PREFECT_HOME": str(tmp_path / "home")}
    del environment["PREFECT_API_URL"]
    given = json.dumps(
        {"raw": str(longer), "output": str(output), "buckets": BUCKETS, "workers": 2}
    )
    with subprocess.Popen(
        [sys.executable, "-m", "tests.dying", given],
        cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        told = []
        for line in process.stderr:
            told.append(line)
            if "% done" in line:
                break
        assert process.poll() is None, "".join(told)
        os.killpg(process.pid, signal.SIGINT)
        told += process.stderr  # to its end: every process that held it is gone
        assert process.wait(60) == 130, "".join(told)
    assert "interrupted" in "".join(told)
    assert (output / "manifest.json").read_bytes() == before
    assert len(published(output).table("articles")) == ARTICLES
