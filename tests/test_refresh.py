"""A folder of articles, good and bad, to published tables: what stays, what is said, what is redone."""

import datetime as dt
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline import refresh as steps
from pipeline.article import Options
from pipeline.changes import diff
from pipeline.deadline import OutOfTime
from pipeline.errors import SourceError
from pipeline.fetch import MANIFEST, Page
from pipeline.records import Source
from pipeline.stages import run_together
from pipeline.store.reading import published

RAW = Path(__file__).parent.parent / "raw" / "英雄城市_(蘇聯).md"
LAKE = '**湖**位於[芬蘭](https://zh.wikipedia.org/wiki/芬蘭 "wikilink")，1941年面積為18平方公里。\\[1\\]\n\n1.  註\n'


def refresh(
    raw: Path, output: Path, *, bucket_count: int = 64, **options: object
) -> tuple[steps.Survey, steps.Outcome]:
    """One refresh in this process."""
    with steps.opened(output, options=Options(), bucket_count=bucket_count) as opened:
        found = steps.survey(raw, opened, options=Options(), **options)
        for job in found.jobs:
            steps.work(job)
        return found, steps.finish(opened, found)


def rows(output: Path, table: str) -> list[dict]:
    return published(output).table(table).to_pylist()


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "湖.md").write_text(LAKE, "utf-8")
    return folder


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "raw"
    folder.mkdir()
    shutil.copy(RAW, folder)
    (folder / "湖.md").write_text(LAKE, "utf-8")
    for name in ("a", "b"):
        refresh(folder, tmp_path / name)
    for part in ("parquet", "csv"):
        first = digests(tmp_path / "a" / part)
        assert first
        assert first == digests(tmp_path / "b" / part)


def test_an_unchanged_refresh_works_and_writes_nothing(raw: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    refresh(raw, output)
    before = digests(output)
    found, outcome = refresh(raw, output)
    assert not found.jobs
    assert not outcome.snapshot.is_new
    assert digests(output) == before


def test_one_edited_article_is_worked_alone(raw: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    for n in range(30):
        (raw / f"湖{n}.md").write_text(LAKE.replace("18", str(100 + n)), "utf-8")
    refresh(raw, output)
    (raw / "湖7.md").write_text(LAKE.replace("1941", "1942"), "utf-8")
    found, outcome = refresh(raw, output)
    assert len(found.jobs) == 1
    assert outcome.changes is not None
    changed = [
        (row["kind"], row["old_value"], row["new_value"]) for row in outcome.changes.to_pylist()
    ]
    assert ("value_changed", "1941", "1942") in changed


def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the articles that are worked from here on."""
    real, paths = steps.process_in_stages, []

    def process(source: Source, options: Options) -> object:
        paths.append(source.path)
        return real(source, options)

    monkeypatch.setattr(steps, "process_in_stages", process)
    return paths


def test_neighbours_in_its_bucket_stay_byte_for_byte(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    for n in range(8):
        (raw / f"湖{n}.md").write_text(LAKE.replace("18", str(100 + n)), "utf-8")
    refresh(raw, output, bucket_count=2)
    (raw / "湖7.md").write_text(LAKE.replace("1941", "1942"), "utf-8")
    (raw / "湖2.md").unlink()
    paths = worked(monkeypatch)
    refresh(raw, output, bucket_count=2)
    assert paths == ["湖7.md"]
    refresh(raw, tmp_path / "anew", bucket_count=2)
    for folder in ("parquet", "csv", "report"):
        first, second = (digests(tmp_path / name / folder) for name in ("out", "anew"))
        told = {path for path in first if "changes" in path or path == "index.html"}
        assert {path for path in first | second if first.get(path) != second.get(path)} <= told


def test_rows_of_a_damaged_part_are_not_taken_over(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    (raw / "海.md").write_text(LAKE, "utf-8")
    refresh(raw, output, bucket_count=1)
    part = output / "parquet" / "dates" / "part-0.parquet"
    content = part.read_bytes()
    part.unlink()
    part.write_bytes(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
    (raw / "湖.md").write_text(LAKE.replace("1941", "1942"), "utf-8")
    paths = worked(monkeypatch)
    with steps.opened(output, options=Options(), bucket_count=1) as opened:
        [job] = steps.survey(raw, opened, options=Options()).jobs
        steps.work(job)
    assert sorted(paths) == ["海.md", "湖.md"]


BAD = {
    "latin1.md": (b"1941\xe5\xb9\xb4 \xff\xfe", "not-utf-8"),
    "empty.md": (b"", "empty"),
    "blank.md": (b" \n\n", "empty"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_fails_alone(name: str, raw: Path, tmp_path: Path) -> None:
    data, code = BAD[name]
    (raw / name).write_bytes(data)
    _, outcome = refresh(raw, tmp_path / "out")
    assert outcome.failed == (name,)
    problem = next(row for row in rows(tmp_path / "out", "problems") if row["path"] == name)
    assert problem["severity"] == "error"
    assert problem["code"].startswith(code)
    assert problem["message"]
    assert problem["cure"]
    assert [row["title"] for row in rows(tmp_path / "out", "articles")] == ["湖"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_an_unreadable_file_fails_alone(raw: Path, tmp_path: Path) -> None:
    (raw / "secret.md").write_text(LAKE, "utf-8")
    (raw / "secret.md").chmod(0)
    _, outcome = refresh(raw, tmp_path / "out")
    assert outcome.failed == ("secret.md",)


def test_an_unreadable_link_fails_alone(raw: Path, tmp_path: Path) -> None:
    (raw / "gone.md").symlink_to(raw / "nowhere.md")
    _, outcome = refresh(raw, tmp_path / "out")
    assert outcome.failed == ("gone.md",)


def test_two_files_with_one_title(raw: Path, tmp_path: Path) -> None:
    banner = "> 本文内容由[湖](https://zh.wikipedia.org/wiki/湖)转换而来。\n\n"
    (raw / "another.md").write_text(banner + LAKE, "utf-8")
    _, outcome = refresh(raw, tmp_path / "out")
    problem = rows(tmp_path / "out", "problems")[0]
    assert (problem["code"], len(rows(tmp_path / "out", "articles"))) == ("duplicate-title", 1)
    assert "another.md" in problem["message"] or "another.md" in problem["path"]
    assert outcome.failed


def test_a_file_without_a_banner_is_titled_by_its_name(raw: Path, tmp_path: Path) -> None:
    (raw / "芬蘭_(國家).md").write_text(LAKE, "utf-8")
    refresh(raw, tmp_path / "out")
    assert {row["title"] for row in rows(tmp_path / "out", "articles")} == {"湖", "芬蘭 (國家)"}


@pytest.mark.parametrize(("made", "code"), [(False, "missing-folder"), (True, "no-articles")])
def test_nothing_to_read(made: bool, code: str, tmp_path: Path) -> None:
    if made:
        (tmp_path / "raw").mkdir()
    with pytest.raises(SourceError) as caught:
        refresh(tmp_path / "raw", tmp_path / "out")
    assert caught.value.code == code
    assert caught.value.cure


def test_the_last_good_rows_stay_and_are_marked(raw: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    refresh(raw, output)
    good = rows(output, "dates")
    (raw / "湖.md").write_bytes(b"\xff\xfe")
    _, outcome = refresh(raw, output)
    assert outcome.failed == ("湖.md",)
    assert rows(output, "dates") == good
    assert [row["is_stale"] for row in rows(output, "articles")] == [True]
    _, outcome = refresh(raw, output, keep_stale=False)
    assert rows(output, "articles") == []
    (raw / "湖.md").write_text(LAKE, "utf-8")
    _, outcome = refresh(raw, output)
    assert not outcome.failed
    assert [row["is_stale"] for row in rows(output, "articles")] == [False]


def test_a_bug_costs_one_article(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (raw / "海.md").write_text(LAKE, "utf-8")
    real = steps.process_in_stages

    def process(source: object, options: Options) -> Iterator[None]:
        if source.path == "海.md":
            raise ZeroDivisionError("planted")
        return (yield from real(source, options))

    monkeypatch.setattr(steps, "process_in_stages", process)
    _, outcome = refresh(raw, tmp_path / "out")
    assert outcome.failed == ("海.md",)
    assert [row["title"] for row in rows(tmp_path / "out", "articles")] == ["湖"]


def test_an_article_out_of_time(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (raw / "海.md").write_text(LAKE, "utf-8")
    real = steps.process_in_stages

    def process(source: object, options: Options) -> Iterator[None]:
        yield
        while source.path == "海.md":
            pass
        return (yield from real(source, options))

    monkeypatch.setattr(steps, "process_in_stages", process)
    refresh(raw, tmp_path / "out", seconds=2, bucket_count=1)
    assert [row["code"] for row in rows(tmp_path / "out", "problems")] == ["out-of-time"]
    assert [row["title"] for row in rows(tmp_path / "out", "articles")] == ["湖"]


def test_time_is_counted_for_all_stages_of_an_article() -> None:
    def busy() -> Iterator[None]:
        while True:
            until = time.monotonic() + 0.02
            while time.monotonic() < until:
                pass
            yield

    def quick() -> Iterator[None]:
        for _ in range(3):
            yield
        return "made"

    endless, made = run_together([busy(), quick()], seconds=0.2)
    assert isinstance(endless, OutOfTime)
    assert made == "made"


def test_a_bucket_that_is_given_up(raw: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    refresh(raw, output)
    good = rows(output, "dates")
    (raw / "湖.md").write_text(LAKE.replace("1941", "1942"), "utf-8")
    with steps.opened(output, options=Options()) as opened:
        found = steps.survey(raw, opened, options=Options())
        for job in found.jobs:
            steps.give_up(job, "The process that worked on the article died.")
        outcome = steps.finish(opened, found)
    assert outcome.failed == ("湖.md",)
    assert rows(output, "dates") == good


def test_what_a_fetch_noted_reaches_the_rows(raw: Path, tmp_path: Path) -> None:
    text = "'''湖'''於1941年結冰。"
    (raw / "AC%2FDC.wikitext").write_text(text, "utf-8")
    page = Page(
        "AC/DC",
        "AC%2FDC.wikitext",
        7,
        99,
        "2026-01-02T03:04:05Z",
        sha256(text.encode()).hexdigest(),
    )
    (raw / MANIFEST).write_text(json.dumps({"pages": [asdict(page)]}), "utf-8")
    refresh(raw, tmp_path / "out")
    found = {row["title"]: row for row in rows(tmp_path / "out", "articles")}
    assert found["AC/DC"]["revision_id"] == 99
    assert found["AC/DC"]["page_id"] == 7
    assert found["湖"]["revision_id"] is None


def test_a_raw_file_is_compared_as_a_refresh_would_read_it(raw: Path, tmp_path: Path) -> None:
    (raw / "湖.md").unlink()
    text = "湖於7月24日結冰，-{zh-hans:计算机;zh-hant:電腦}-有30部。"
    path = raw / "A%2F湖.wikitext"
    path.write_text(text, "utf-8")
    page = Page("A/湖", path.name, 7, 99, "2026", sha256(text.encode()).hexdigest())
    (raw / MANIFEST).write_text(json.dumps({"pages": [asdict(page)]}), "utf-8")
    options = Options("zh-hans", dt.date(1941, 1, 1))
    output = tmp_path / "out"
    with steps.opened(output, options=options) as opened:
        found = steps.survey(raw, opened, options=options)
        for job in found.jobs:
            steps.work(job)
        steps.finish(opened, found)
    sides = steps.load_sides("latest", str(path), output=output)
    assert [
        (side["articles"]["title"][0].as_py(), side["dates"]["value"][0].as_py()) for side in sides
    ] == [("A/湖", "1941-07-24")] * 2
    assert "计算机" in sides[1]["sentences"]["text"][0].as_py()
    assert diff(*sides).to_pylist() == []


def test_members_of_an_archive(raw: Path, tmp_path: Path) -> None:
    import zipfile

    (raw / "湖.md").unlink()
    with zipfile.ZipFile(raw / "all.zip", "w") as archive:
        archive.writestr("湖.md", LAKE)
        archive.writestr("海.wikitext", "'''海'''在1942年結冰。")
    refresh(raw, tmp_path / "out")
    assert {row["title"] for row in rows(tmp_path / "out", "articles")} == {"湖", "海"}
    assert {row["value"] for row in rows(tmp_path / "out", "dates")} == {"1941", "1942"}


def test_an_edited_member_of_an_archive_is_worked_alone(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import zipfile

    (raw / "湖.md").unlink()
    paths = worked(monkeypatch)
    for year in ("1942", "1943"):
        with zipfile.ZipFile(raw / "all.zip", "w") as archive:
            archive.writestr("湖.md", LAKE)
            archive.writestr("海.wikitext", f"'''海'''在{year}年結冰。")
        refresh(raw, tmp_path / "out", bucket_count=1)
    assert [path.partition("#")[2] for path in sorted(paths)] == [
        "海.wikitext",
        "海.wikitext",
        "湖.md",
    ]
    assert {row["value"] for row in rows(tmp_path / "out", "dates")} == {"1941", "1943"}
