"""Every command of the README runs, and gives what the README says it gives."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if kind == "sh" for line in text.splitlines()]


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
    if not (Path(sys.prefix) / "run-ready").exists():
        pytest.skip("the environment was not made by make; run make test")
    return folder


def test_every_command_runs(clone: Path, prefect_server: dict[str, str]) -> None:
    assert COMMANDS[0] == "make run"
    for command in COMMANDS:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command}" if " serve " in command else command],
            cwd=clone, env={**prefect_server, "PYTHONUNBUFFERED": "1"},
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
            process.communicate(timeout=120)
            assert "is being served" in said, said
            continue
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, f"{command}\n{said}"


def test_the_query_gives_the_rows(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    query = next(text for kind, text in BLOCKS if kind == "sql")
    table = README.split("| city | named | footnotes |\n|---|---|---|\n")[1].split("\n\n")[0]
    expected = [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table.splitlines()
    ]
    monkeypatch.chdir(clone)
    found = [
        (city, named, ", ".join(map(str, footnotes)) or "—")
        for city, named, footnotes in duckdb.sql(query).fetchall()
    ]
    assert found == expected


def test_the_example_prints_what_it_says() -> None:
    at = next(i for i, (kind, _) in enumerate(BLOCKS) if kind == "python")
    done = subprocess.run(
        [sys.executable, "-c", BLOCKS[at][1]], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert done.stdout == BLOCKS[at + 1][1]


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!https?:)[^)#]+)\)", README))
def test_links_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()
