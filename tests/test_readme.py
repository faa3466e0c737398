"""Every command and query of the README and of docs/queries.md runs, and gives what it is said to give."""

import contextlib
import datetime as dt
import io
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline import refresh as steps
from pipeline.article import Options
from pipeline.store.reading import published

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]
PAGES = README + (ROOT / "docs" / "queries.md").read_text("utf-8")
# A query, and the table that follows it.
QUERIES = re.findall(r"^```sql\n(.*?)^```\n\n(.*?\n)\n", PAGES, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a new user has it, but with this environment as its `.venv`."""
    folder = tmp_path_factory.mktemp("clone") / "wikifacts"
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in listed.split("\0"):
        if name and (ROOT / name).exists():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)  # with its time, by which make judges
    (folder / ".venv").symlink_to(sys.prefix)
    ready = Path(sys.prefix) / "run-ready"
    asked = [ROOT / name for name in ("requirements.lock", "pyproject.toml")]
    # Else make would install the clone into this environment.
    if not ready.exists() or ready.stat().st_mtime < max(p.stat().st_mtime for p in asked):
        pytest.skip("the environment was not made by make, or is out of date; run make test")
    return folder


def test_every_command_runs(clone: Path, prefect_server: dict[str, str]) -> None:
    assert COMMANDS[0] == "make run"
    for command in COMMANDS:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}" if " serve " in command else command],
            cwd=clone, env={**prefect_server, "PYTHONUNBUFFERED": "1", "BROWSER": "true"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        if " serve " in command:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if "is being served" in said:
                    break
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=300)
            assert "is being served" in said, said
            continue
        said, _ = process.communicate(timeout=900)
        assert process.returncode == 0, f"{command}\n{said}"


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the output of a refresh of raw/."""
    folder = tmp_path_factory.mktemp("refreshed")
    with steps.opened(folder / "output", options=Options()) as opened:
        found = steps.survey(ROOT / "raw", opened, options=Options())
        for job in found.jobs:
            steps.work(job)
        steps.finish(opened, found)
    return folder


def shown(cell: object) -> str:
    """A cell of a query's result as the pages write it."""
    if isinstance(cell, list):
        return "、".join(map(str, cell)) or "—"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "—" if cell is None else f"{cell:g}" if isinstance(cell, float) else str(cell)


def test_the_row_is_as_shown(refreshed: Path) -> None:
    shown = dict(re.findall(r"^\| (`.*?`) \| (.*?) \|", README, re.MULTILINE))
    dates = published(refreshed / "output").table("dates").to_pylist()
    (row,) = (row for row in dates if row["text"] == shown["`text`"])
    days = f"{row['start_date']}, {row['end_date']}"
    assert shown["`value`, `start_date`, `end_date`"] == f"`{row['value']}`, {days}"
    assert shown["`resolution`, `anchor_mention_id`"] == f"`{row['resolution']}`, …"
    assert f"counted from {anchor_of(row, dates)} in" in README
    assert shown["`footnotes`"] == f"`{row['footnotes']}`"
    assert shown["`rule`"] == f"`{row['rule']}`"


def anchor_of(row: dict[str, Any], dates: list[dict[str, Any]]) -> str:
    (found,) = (d["text"] for d in dates if d["mention_id"] == row["anchor_mention_id"])
    return str(found)


@pytest.mark.parametrize(("query", "table"), QUERIES)
def test_a_query_gives_the_rows_below_it(
    query: str, table: str, refreshed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(refreshed)
    found = duckdb.sql(query)
    rows = [found.columns, *([shown(cell) for cell in row] for row in found.fetchall())]
    lines = table.splitlines()
    assert [f"| {' | '.join(row)} |" for row in rows] == [lines[0], *lines[2:]]


def test_all_queries_are_tried() -> None:
    assert len(QUERIES) == PAGES.count("```sql") == 5


def test_the_pandas_example_runs(refreshed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(refreshed)
    (example,) = re.findall(r"```python\n(import json.*?)```", PAGES, re.DOTALL)
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(example, {})
    assert said.getvalue().startswith("True {'date': ")


def test_the_example_prints_what_it_says() -> None:
    at = next(i for i, (kind, _) in enumerate(BLOCKS) if kind == "python")
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS[at][1]], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == BLOCKS[at + 1][1]


def anchor(heading: str) -> str:
    """The name that a heading is linked by: small letters, words joined by hyphens."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


MARKDOWN = [
    ROOT / "README.md",
    ROOT / "output" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    for name, place in re.findall(
        r"\]\(((?!https?:)[^)#]*)(?:#([^)]*))?\)", page.read_text("utf-8")
    ):
        target = page.parent / name if name else page
        assert target.exists(), name
        if place:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert place in map(anchor, headings), f"{name}#{place}"


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_are_named_are_there(page: Path) -> None:
    named = re.findall(
        r"`((?:pipeline|tests|docs|benchmarks|gazetteer)/[\w/.-]*)`", page.read_text("utf-8")
    )
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_each_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed = [
        *project["project"]["dependencies"],
        *chain.from_iterable(project["project"]["optional-dependencies"].values()),
        *chain.from_iterable(project["dependency-groups"].values()),
    ]
    names = {re.split(r"[\[<>=]", one)[0] for one in listed}
    page = (ROOT / "docs" / "dependencies.md").read_text("utf-8")
    assert {name for name in names if not re.search(rf"\b{name}\b", page)} == set()
