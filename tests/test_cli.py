"""The command line: data on stdout, words on stderr, an exit status that tells."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import VERSION
from pipeline import refresh as steps
from pipeline.article import Options
from pipeline.cli import main

ROOT = Path(__file__).parent.parent
OLD = "**湖**位於芬蘭，1941年面積為18平方公里。\n"
NEW = "**湖**位於芬蘭，1942年面積為18平方公里。\n"


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output folder with two snapshots."""
    raw = tmp_path / "raw"
    raw.mkdir()
    for day, text in (("2026-01-01", OLD), ("2026-01-02", NEW)):
        (raw / "湖.md").write_text(text, "utf-8")
        with steps.opened(tmp_path / "out", options=Options()) as opened:
            found = steps.survey(raw, opened, options=Options())
            for job in found.jobs:
                steps.work(job)
            steps.finish(opened, found, now=f"{day}T00:00:00+00:00")
    return tmp_path / "out"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_extract_writes_a_line_a_mention(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "text"
    path.write_text("1941年12月德軍攻城，翌年6月再攻。", "utf-8")
    assert main(["extract", str(path)]) == 0
    assert [(row["table"], row["text"], row["value"]) for row in lines(capsys)] == [
        ("dates", "1941年12月", "1941-12"),
        ("dates", "翌年6月", "1942-06"),
    ]


def test_extract_reads_standard_input_and_a_reference(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("7月24日。".encode())))
    assert main(["extract", "-", "--reference", "1941-01-01"]) == 0
    assert [row["start_date"] for row in lines(capsys)] == ["1941-07-24"]


@pytest.mark.parametrize("data", [None, b"\xff\xfe"])
def test_extract_says_what_is_wrong(
    data: bytes | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "text"
    if data is not None:
        path.write_bytes(data)
    assert main(["extract", str(path)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert str(path) in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["extract"],
        ["refresh", "--reference", "1941"],
        ["refresh", "--workers", "-1"],
        ["refresh", "--article-seconds", "0"],
        ["history", "--keep", "all"],
        ["history", "--older-than", "nan"],
        ["nothing"],
    ],
)
def test_a_command_that_is_none(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize("sides", [("previous", "latest"), ("1", "2")])
def test_diff_of_snapshots(
    sides: tuple[str, str], output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["diff", *sides, "--output", str(output), "--format", "jsonl"]) == 0
    assert [(row["kind"], row["old_value"], row["new_value"]) for row in lines(capsys)] == [
        ("value_changed", "1941", "1942")
    ]


def test_diff_with_a_raw_file_and_a_folder(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "raw" / "湖.md"
    assert main(["diff", str(output), str(raw), "--exit-code", "--output", str(output)]) == 0
    raw.write_text(OLD, "utf-8")
    assert main(["diff", str(output), str(raw), "--exit-code", "--output", str(output)]) == 1
    assert "1941" in capsys.readouterr().out


def test_diff_of_nothing(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", "nowhere", "latest", "--output", str(output)]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_history_lists_restores_and_prunes(
    output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["history", "--output", str(output)]) == 0
    assert [row["time"][:10] for row in lines(capsys)] == ["2026-01-01", "2026-01-02"]
    assert main(["history", "--output", str(output), "--restore", "previous"]) == 0
    assert [row["restored_from"] for row in lines(capsys)] == [None, None, 1]
    assert "1941" in (output / "csv" / "dates.csv").read_text("utf-8")
    assert main(["history", "--output", str(output), "--keep", "1"]) == 0
    assert len(lines(capsys)) == 1


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"wikifacts {VERSION}\n"


def test_history_of_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "--output", str(tmp_path / "nowhere")]) == 1
    assert "no snapshot is kept there" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


def test_show_prints_a_part(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = next((output / "parquet" / "dates").glob("*.parquet"))
    assert main(["show", str(part)]) == 0
    assert "1942" in capsys.readouterr().out


def test_a_schedule_that_is_none() -> None:
    command = [sys.executable, "-m", "pipeline.cli", "serve", "--cron", "bad"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # it imports Prefect
    assert done.returncode == 1
    assert "'bad' is no schedule" in done.stderr
