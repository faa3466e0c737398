"""The flow on a real Prefect server: by hand, deployed, scheduled, overlapping, and what it leaves."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mediawiki import Wiki, serving

from pipeline.store.files import locked
from pipeline.store.reading import published

ROOT = Path(__file__).parent.parent
GOOD = "**湖**於1941年結冰。\n"
Environment = dict[str, str]


def run(
    environment: Environment, *arguments: str, check: bool = True
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


def api(environment: Environment, path: str, body: object = None) -> Any:
    """A call of the server's REST interface; asked again while its database is busy (503)."""
    request = urllib.request.Request(
        f"{environment['PREFECT_API_URL']}/{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    for _ in range(30):
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
        time.sleep(1)
    pytest.fail(f"the server stayed busy at {path}")


def until(found: Callable[[], object], what: str) -> object:
    """What `found` gives as soon as it gives something; a busy machine may take minutes."""
    for _ in range(2000):
        if result := found():
            return result
        time.sleep(0.3)
    pytest.fail(f"waited in vain for {what}")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "湖.md").write_text(GOOD, "utf-8")
    return folder


def test_a_refresh_leaves_tables_and_artifacts(
    prefect_server: Environment, raw: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    command = ["pipeline.cli", "refresh", "--raw", str(raw), "--output", str(output)]
    done = run(prefect_server, *command)
    assert done.stdout == ""
    assert "1 article published" in done.stderr
    assert published(output).table("dates")["value"].to_pylist() == ["1941"]
    (raw / "湖.md").write_text(GOOD.replace("1941", "1942"), "utf-8")
    run(prefect_server, *command)
    summary = json.loads(api(prefect_server, "artifacts/refresh-summary/latest")["data"])
    assert {"what": "rows: dates", "count": 1} in summary
    assert api(prefect_server, "artifacts/refresh-progress/latest")["data"] == 100.0
    report = api(prefect_server, "artifacts/refresh-report/latest")["data"]
    assert f"({output.as_uri()}/report/index.html)" in report
    # As the documents have it.
    changes = run(prefect_server, "prefect", "artifact", "inspect", "refresh-changes").stdout
    assert "1942" in changes
    assert "unchanged" in run(prefect_server, *command).stderr


def test_the_state_says_how_many_failed(
    prefect_server: Environment, raw: Path, tmp_path: Path
) -> None:
    (raw / "bad.md").write_bytes(b"\xff\xfe")
    done = run(
        prefect_server,
        "pipeline.cli", "refresh", "--raw", str(raw), "--output", str(tmp_path / "out"),
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "1 of 2 articles failed" in done.stderr
    runs = api(prefect_server, "flow_runs/filter", {"sort": "START_TIME_DESC", "limit": 1})
    assert runs[0]["state"]["type"] == "FAILED"
    assert "1 of 2 articles failed" in runs[0]["state"]["message"]


def test_a_missing_folder_is_said_without_a_traceback(
    prefect_server: Environment, tmp_path: Path
) -> None:
    done = run(
        prefect_server,
        "pipeline.cli", "refresh", "--raw", str(tmp_path / "no"), "--output", str(tmp_path / "out"),
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "There is no such folder" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def worker(prefect_server: Environment, tmp_path: Path) -> Iterator[None]:
    """The deployments of prefect.yaml, and a worker for their pool."""
    run(
        prefect_server,
        "prefect",
        "work-pool",
        "create",
        "wikifacts",
        "--type",
        "process",
        "--overwrite",
    )
    run(prefect_server, "prefect", "deploy", "--all")
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", "wikifacts"],
            cwd=ROOT, env=prefect_server, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        yield
        process.terminate()
        process.wait(300)


def test_deployed_by_hand_on_schedule_and_overlapping(
    prefect_server: Environment, worker: None, raw: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"

    def state(flow_run: str) -> str:
        return str(api(prefect_server, f"flow_runs/{flow_run}")["state"]["type"])

    def start(**parameters: object) -> str:
        deployment = api(prefect_server, "deployments/name/refresh/refresh")
        body = {
            "parameters": {"raw": str(raw), "output": str(output), **parameters},
            "state": {"type": "SCHEDULED"},
        }
        return str(
            api(prefect_server, f"deployments/{deployment['id']}/create_flow_run", body)["id"]
        )

    # By hand, as the documents say.
    run(
        prefect_server,
        "prefect", "deployment", "run", "refresh/refresh",
        "-p", f'raw="{raw}"', "-p", f'output="{output}"', "--watch",
    )  # fmt: skip
    assert published(output).table("dates")["value"].to_pylist() == ["1941"]

    # While one runs (it waits for the output's lock), a newcomer is cancelled.
    with locked(output):
        first = start(wait=900)
        until(lambda: state(first) == "RUNNING", "the first run to start")
        second = start()
        until(lambda: state(second) == "CANCELLED", "the second run to be cancelled")
    until(lambda: state(first) == "COMPLETED", "the first run to end")

    # On schedule: the same deployment, every few seconds.
    (raw / "湖.md").write_text(GOOD.replace("1941", "1943"), "utf-8")
    deployment = api(prefect_server, "deployments/name/refresh/refresh")
    schedule = {
        "active": True,
        "schedule": {"interval": 5},
        "parameters": {"raw": str(raw), "output": str(output)},
    }
    api(prefect_server, f"deployments/{deployment['id']}/schedules", [schedule])
    until(
        lambda: published(output).table("dates")["value"].to_pylist() == ["1943"],
        "the scheduled run to publish",
    )
    # Or the server goes on making runs that nobody works, and later tests wait for it.
    api(prefect_server, f"deployments/{deployment['id']}/pause_deployment", {})


def test_fetch_by_title_and_again(prefect_server: Environment, tmp_path: Path) -> None:
    wiki = Wiki()
    wiki.edit("芬蘭灣", "'''芬蘭灣'''於1941年結冰。")
    titles = tmp_path / "titles.txt"
    titles.write_text("芬蘭灣\n", "utf-8")
    command = ["pipeline.cli", "fetch", "--raw", str(tmp_path / "raw")]
    with serving(wiki) as address:
        done = run(prefect_server, *command, "--api", address, "--titles", str(titles))
        assert "Pages written: 1, unchanged: 0" in done.stderr
        assert "written: 0, unchanged: 1" in run(prefect_server, *command, "--api", address).stderr
    assert (tmp_path / "raw" / "芬蘭灣.wikitext").exists()
