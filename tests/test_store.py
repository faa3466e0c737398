import csv
import datetime as dt
import errno
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import RAW, inputs, publish, sample_rows, stage

from pipeline.errors import PipelineError
from pipeline.records import Problem
from pipeline.schemas import ARTICLE_TABLES, SCHEMAS, TABLES
from pipeline.store import deltas, files, history, manifest, parts, reading, sheets
from pipeline.store.publish import begin, recover, restore
from pipeline.store.show import show
from pipeline.tables import article_id, to_table

ARTICLES = {"一": RAW, "二": RAW, "三": "1950年，乙河。"}
EDITED = {**ARTICLES, "一": RAW.replace("30人", "40人")}


@pytest.fixture
def output(tmp_path):
    return tmp_path / "output"


def snapshot_of_files(output, *, but=()):
    return {
        path: (found.read_bytes(), found.stat().st_mtime_ns)
        for path, found in files.files_under(output).items()
        if not path.startswith(but)
    }


def contents(output, *folders):
    return {
        path: found.read_bytes()
        for path, found in files.files_under(output).items()
        if path.startswith(folders or ("parquet/", "csv/", "manifest", "datapackage", "places"))
    }


def test_every_table_is_published(output):
    publish(output, ARTICLES)
    for table in TABLES:
        read = pq.read_table(output / "parquet" / table.name)
        assert read.schema.equals(SCHEMAS[table.name], check_metadata=True)
        assert reading.read_table(output, table.name).equals(read)
        with (output / "csv" / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        assert lines[0] == SCHEMAS[table.name].names
        assert len(lines) == 1 + read.num_rows
    assert reading.read_table(output, "articles")["title"].to_pylist() != []
    ids = reading.read_table(output, "dates", ["article_id"])["article_id"].to_pylist()
    assert ids == sorted(ids)
    assert not (output / ".staging").exists()


def test_bytes_do_not_depend_on_order_of_arrival(tmp_path):
    publish(tmp_path / "a", ARTICLES)
    publish(tmp_path / "b", dict(reversed(ARTICLES.items())))
    publish(tmp_path / "c", {"四": RAW})
    publish(tmp_path / "c", ARTICLES)
    first = contents(tmp_path / "a")
    assert len(first) > 40
    assert contents(tmp_path / "b") == first
    assert contents(tmp_path / "c") == first


def test_buckets_hold_the_articles_in_order():
    ids = sorted(article_id("zh", str(n)) for n in range(500))
    for count in (1, 7, 64, 1000):
        labels = [parts.bucket_of(i, count) for i in ids]
        assert labels == sorted(labels)
        assert len({len(label) for label in labels}) == 1
        assert labels[-1] <= parts.label(count - 1, count)
        assert parts.label(count - 1, count) < parts.WHOLE


def test_an_unchanged_refresh_touches_nothing(output):
    first = publish(output, ARTICLES)
    before = snapshot_of_files(output, but=(".lock",))
    second = publish(output, ARTICLES)
    assert snapshot_of_files(output, but=(".lock",)) == before
    assert (first.is_new, second.is_new) == (True, False)
    assert (second.number, second.id) == (first.number, first.id)


def test_a_missing_file_is_put_back(output):
    publish(output, ARTICLES)
    before = contents(output)
    (output / "csv" / "dates.csv").unlink()
    assert publish(output, ARTICLES).is_new
    assert contents(output) == before


def test_a_link_into_a_folder_that_another_thread_makes_meanwhile(tmp_path, monkeypatch):
    source, target = tmp_path / "file", tmp_path / "folder" / "file"
    source.write_bytes(b"1")
    real = os.link

    def late(source, target):
        monkeypatch.undo()
        try:
            real(source, target)
        finally:
            target.parent.mkdir()

    monkeypatch.setattr(os, "link", late)
    files.link(source, target)
    assert target.read_bytes() == b"1"
    with pytest.raises(FileNotFoundError):
        files.link(tmp_path / "nothing", tmp_path / "folder" / "other")


def test_a_reader_that_a_publish_overtakes_reads_again(output, monkeypatch):
    publish(output, ARTICLES)
    real = reading.published

    def overtaken(folder):
        state = real(folder)
        monkeypatch.undo()
        publish(output, {"四": RAW})
        return state  # of parts that are gone

    monkeypatch.setattr(reading, "published", overtaken)
    assert reading.read_table(output, "articles")["title"].to_pylist() == ["四"]


def test_damage_is_named_and_mended(output):
    publish(output, ARTICLES)
    assert reading.damaged(output) == []
    part = next((output / "parquet" / "dates").iterdir())
    part.write_bytes(bytes(part.stat().st_size))
    (output / "csv" / "dates.csv").unlink()
    assert reading.damaged(output) == ["csv/dates.csv", f"parquet/dates/{part.name}"]
    part.unlink()
    publish(output, ARTICLES)
    assert reading.damaged(output) == []


def test_editing_one_article_rewrites_one_part_a_table(output):
    publish(output, ARTICLES)
    before = snapshot_of_files(output)
    with begin(output, versions={"wikifacts": "1"}, bucket_count=64) as refresh:
        bucket = stage(refresh, {"一": EDITED["一"]})[0]
        for label in refresh.published:
            if label != bucket:
                refresh.keep_bucket(label)
        assert refresh.seal(inputs=[])
        states = (refresh.last, refresh.next)
        differing = reading.differing_buckets(*states, ["dates", "numbers", "places"])
        assert differing == [bucket]
        refresh.commit()
    after = snapshot_of_files(output)
    for path in after:
        if path.startswith("parquet/") and f"-{bucket}." not in path and "whole" not in path:
            assert after[path] == before[path], path


def test_kept_buckets_give_what_doing_them_again_gives(tmp_path):
    publish(tmp_path / "a", ARTICLES)
    with begin(tmp_path / "a", versions={"wikifacts": "1"}, bucket_count=64) as refresh:
        bucket = stage(refresh, {"一": EDITED["一"]})[0]
        for label in refresh.published.keys() - {bucket}:
            refresh.keep_bucket(label)
        # A spreadsheet saved the file its own way: its rows are made anew.
        path = tmp_path / "a" / "csv" / "dates.csv"
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
        refresh.seal(inputs=inputs(EDITED))
        refresh.commit()
    publish(tmp_path / "b", EDITED)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_files_of_others_stay(output):
    output.mkdir()
    (output / "README.md").write_text("mine")
    publish(output, ARTICLES)
    publish(output, EDITED)
    assert (output / "README.md").read_text() == "mine"
    assert sorted(p.name for p in output.iterdir() if not p.name.startswith(".")) == [
        "README.md", "csv", "datapackage.json", "history", "manifest.json", "parquet",
        "places.geojson",
    ]  # fmt: skip


def test_manifest_tells_what_was_read_and_written(output):
    publish(output, ARTICLES)
    found = json.loads((output / "manifest.json").read_bytes())
    assert [entry["path"] for entry in found["inputs"]] == sorted(f"{t}.md" for t in ARTICLES)
    listed = {entry["path"]: entry for entry in found["outputs"]}
    there = contents(output)
    del there["manifest.json"]
    assert set(listed) == set(there)
    for path, content in there.items():
        assert files.Written.of(content) == (listed[path]["bytes"], listed[path]["sha256"])
    for table in TABLES:
        rows = sum(e["rows"] for e in found["outputs"] if e.get("table") == table.name)
        assert rows == listed[f"csv/{table.name}.csv"]["rows"] == len(reading.read_table(output, table.name))  # fmt: skip
    loaded = manifest.load(output)
    assert manifest.render(loaded) == (output / "manifest.json").read_bytes()


def test_a_damaged_part_is_named_to_who_reads_it(output):
    publish(output, ARTICLES)
    damaged = sorted((output / "parquet" / "sentences").glob("*.parquet"))[-1]
    content = damaged.read_bytes()
    for broken in (content[: len(content) // 2], b"PAR1" + bytes(len(content) - 4)):
        damaged.unlink()  # not written over: the history may have it under another name
        damaged.write_bytes(broken)
        with pytest.raises(PipelineError, match=re.escape(damaged.name) + ".* damaged"):
            reading.published(output).table("sentences")


def test_a_damaged_manifest_is_told(output):
    publish(output, ARTICLES)
    (output / "manifest.json").write_text("{}")
    with pytest.raises(PipelineError, match=r"manifest\.json is no manifest.* Delete it"):
        publish(output, ARTICLES)


def test_descriptor_is_valid_for_frictionless(output):
    from frictionless import Package, system

    publish(output, {**ARTICLES, "=2+5": "'1950年，\t甲城。\n-1950年。"})
    with system.use_context(trusted=True):
        report = Package(str(output / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "fieldName", "message"])
    package = json.loads((output / "datapackage.json").read_text(encoding="utf-8"))
    assert package["licenses"][0]["name"] == "CC-BY-SA-4.0"
    assert any("GeoNames" in source["title"] for source in package["sources"])


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "　＝1", "＋1", "－1", "＠A", "'=1", "'"],
)  # fmt: skip
def test_no_text_cell_runs_as_a_formula(text):
    table = pa.table({"title": [text], "number": [-1], "names": [[text]]})
    ((cell, number, names),) = csv.reader(io.StringIO(sheets.rows(table).decode(), newline=""))
    assert cell == "'" + text
    assert sheets.unguarded(cell) == text
    assert number == "-1"
    assert json.loads(names) == [text]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["=1", "'", "−1", ""])


@given(
    st.lists(
        st.tuples(
            st.none() | TEXTS,
            st.none() | st.lists(st.none() | TEXTS, max_size=3),
            st.none() | st.lists(st.none() | st.integers(-9, 9), max_size=3),
            st.none() | st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=3),
        ),
        max_size=5,
    )
)  # fmt: skip
def test_csv_gives_back_the_rows(rows):
    types = [pa.string(), *(pa.list_(t) for t in (pa.string(), pa.int32(), pa.float64()))]
    columns = [pa.array([row[i] for row in rows], types[i]) for i in range(4)]
    text = sheets.rows(pa.table(columns, names=list("abcd"))).decode()
    # Reading line by line: Python's reader takes a bare CR or LF outside quotes for a row's end.
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert len(read) == len(rows)
    for (a, *lists), row in zip(read, rows, strict=True):
        assert sheets.unguarded(a) == (row[0] or "")
        assert [json.loads(cell) if cell else None for cell in lists] == list(row[1:])


def test_null_and_empty_text_differ():
    table = pa.table({"a": pa.array(["", None]), "b": [1, 2]})
    assert sheets.rows(table) == b'"",1\r\n,2\r\n'


def test_hostile_titles_reach_no_path(output):
    titles = ["../../evil", "a/b", "CON", "\x00", "x" * 400, "-rf", "\u202e", "😀"]
    publish(output, dict.fromkeys(titles, RAW))
    names = [name for path in files.files_under(output) for name in path.split("/")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)
    assert set(reading.read_table(output, "articles")["title"].to_pylist()) == set(titles)
    assert not (output.parent / "evil").exists()


def test_problems_of_the_refresh_join_those_of_articles(output):
    problem = Problem("x.md", "error", "not-utf8", "It is no UTF-8.", "Save it as UTF-8.")
    publish(output, ARTICLES, problems=[problem])
    (row,) = reading.read_table(output, "problems").to_pylist()
    assert (row["path"], row["article_id"]) == ("x.md", None)


def test_changes_and_report_are_published_with_the_state(output, tmp_path):
    publish(output, ARTICLES)
    row = dict.fromkeys(SCHEMAS["changes"].names)
    row |= {"change_id": "c", "article_id": "a", "title": "一", "kind": "added", "mention_table": "dates"}  # fmt: skip
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "index.html").write_text("new")
    publish(output, EDITED, changes=to_table("changes", [row]), report=tmp_path / "report")
    assert reading.read_table(output, "changes").num_rows == 1
    assert (output / "report" / "index.html").read_text() == "new"
    # What it says of the step before is no difference.
    assert not publish(output, EDITED).is_new
    assert reading.read_table(output, "changes").num_rows == 1
    publish(output, ARTICLES)
    assert reading.read_table(output, "changes").num_rows == 0
    assert not (output / "report").exists()


def test_a_report_may_be_made_of_the_new_state(output):
    def report(refresh):
        folder = refresh.staging / "report"
        folder.mkdir()
        (folder / "index.html").write_text(str(refresh.next.table("dates").num_rows))
        return files.placed(folder)

    publish(output, ARTICLES, report=report)
    assert (output / "report" / "index.html").read_text() == "7"


def test_last_good_rows_can_be_kept(output):
    publish(output, ARTICLES)
    with begin(output, versions={}, bucket_count=64) as refresh:
        wanted = article_id("zh", "一")
        bucket = parts.bucket_of(wanted, 64)
        old = refresh.last.table("dates", buckets=[bucket], articles=[wanted])
    assert old.num_rows == 3


def test_a_bucket_must_be_whole_and_its_own(output):
    with begin(output, versions={}, bucket_count=64) as refresh:
        with pytest.raises(PipelineError, match="not whole"):
            refresh.take_bucket("00")
        rows = sample_rows(RAW, title="一")
        own = parts.bucket_of(article_id("zh", "一"), 64)
        tables = {name: to_table(name, rows[name]) for name in ARTICLE_TABLES}
        other = parts.label(int(own, 16) ^ 1, 64)
        with pytest.raises(PipelineError, match="another bucket"):
            refresh.put_bucket(other, tables)
        twice = {name: pa.concat_tables([table] * 2) for name, table in tables.items()}
        with pytest.raises(PipelineError, match="twice"):
            refresh.put_bucket(own, twice)
        with pytest.raises(PipelineError, match="no bucket"):
            refresh.keep_bucket(own)
        with pytest.raises(PipelineError, match="no table changes"):
            refresh.put_bucket(own, {"changes": SCHEMAS["changes"].empty_table()})
        with pytest.raises(PipelineError, match="not sealed"):
            refresh.commit()
    assert not (output / "parquet").exists()


def test_staged_buckets_outlive_a_refresh_that_stopped(output):
    with begin(output, versions={}, bucket_count=64) as refresh:
        (bucket,) = stage(refresh, {"一": RAW}, fingerprint="f1")
        (draft := output / ".staging" / "buckets" / ".zz").mkdir()
        (damaged := output / ".staging" / "buckets" / "zz").mkdir()
    with begin(output, versions={}, bucket_count=64) as refresh:
        assert refresh.finished == {bucket: "f1"}
        assert not draft.exists()
        assert not damaged.exists()
        refresh.take_bucket(bucket)
        refresh.seal(inputs=[])
        refresh.commit()
    assert reading.read_table(output, "articles").num_rows == 1
    with begin(output, versions={}, bucket_count=64) as refresh:
        assert refresh.finished == {}
        assert refresh.published == {bucket: "f1"}


def test_a_second_refresh_is_told_to_wait(output):
    with (
        begin(output, versions={}),
        pytest.raises(PipelineError, match="another refresh is writing"),
        begin(output, versions={}),
    ):
        pass
    with begin(output, versions={}), pytest.raises(PipelineError, match="another refresh"):
        history.prune(output, keep=1)
    publish(output, ARTICLES)


def test_the_lock_goes_with_its_process(output):
    code = (
        "import os, sys; from pipeline.store.publish import begin\n"
        "with begin(sys.argv[1], versions={}): os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(output)], cwd=Path(__file__).parents[1])
    assert done.returncode == -9
    assert (output / ".staging").exists()
    publish(output, ARTICLES)
    assert not (output / ".staging").exists()


# --- faults ----------------------------------------------------------------------------------


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it runs."""


OPERATIONS = ("write", "link", "swap", "remove", "flush")


def break_at(monkeypatch, turn, error):
    """The file operation of number `turn` raises `error`; returns the list of those made."""
    made = []

    def wrap(name, function):
        def call(*args, **kwargs):
            made.append(name)
            if len(made) == turn:
                raise error
            if len(made) < turn or isinstance(error, OSError):
                return function(*args, **kwargs) if name != "flush" else None
            raise error

        return call

    for name in OPERATIONS:
        monkeypatch.setattr(files, name, wrap(name, getattr(files, name)))
    return made


def operations(output, articles):
    with pytest.MonkeyPatch.context() as patch:
        made = break_at(patch, 10**9, Killed())
        publish(output, articles, bucket_count=2)
    return made


SHORT = "1941年，甲城有30人。"


@pytest.mark.parametrize("can_swap", [True, False])
def test_killed_at_any_operation_old_or_new_is_there(tmp_path, can_swap):
    old, new = tmp_path / "old", tmp_path / "new"
    edited = {"一": SHORT.replace("30", "40")}
    publish(old, {"一": SHORT}, bucket_count=2)
    shutil.copytree(old, new)
    with pytest.MonkeyPatch.context() as patch:
        if not can_swap:
            patch.setattr(files, "_exchange", lambda a, b: False)
        made = operations(new, edited)
        states = [contents(old, "parquet/", "csv/"), contents(new, "parquet/", "csv/")]
        swaps = [turn for turn, name in enumerate(made, 1) if name == "swap"]
        turns = {swaps[0], swaps[1], swaps[-1], swaps[-1] + 1}
        if can_swap:
            turns |= {*range(1, swaps[0], 41), *swaps, swaps[0] - 1, swaps[0] - 2, len(made)}
        seen = set()
        for turn in sorted(turns):
            output = tmp_path / "broken"
            shutil.rmtree(output, ignore_errors=True)
            shutil.copytree(old, output)
            with pytest.MonkeyPatch.context() as kill:
                break_at(kill, turn, Killed())
                with pytest.raises(Killed):
                    publish(output, edited, bucket_count=2)
            for kind in ("parquet/", "csv/"):
                found = contents(output, kind)
                whole = [{k: v for k, v in s.items() if k.startswith(kind)} for s in states]
                assert found in whole, (turn, made[turn - 1])
            values = reading.published(output).table("numbers")["value"].to_pylist()
            assert values in ([30.0], [40.0])
            seen.add(values == [40.0])
            if turn == swaps[1]:
                # A copy of what was left is as good as the original.
                shutil.copytree(output, tmp_path / "copy")
                assert recover(tmp_path / "copy")
                assert contents(tmp_path / "copy", "parquet/", "csv/") == states[1]
            publish(output, edited, bucket_count=2)
            assert contents(output, "parquet/", "csv/") == states[1]
            assert not (output / ".staging").exists()
            assert [s.number for s in history.list_snapshots(output)] == [1, 2]
        assert seen == {False, True}


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (errno.ENOSPC, "no space is left.*untouched.*Free some"),
        (errno.EROFS, "may not be written.*untouched.*another folder"),
        (errno.EIO, "untouched"),
    ],
)
def test_a_disk_that_fails_loses_nothing(output, monkeypatch, code, says):
    publish(output, ARTICLES, bucket_count=2)
    before = snapshot_of_files(output, but=(".lock", "history/objects"))
    shutil.copytree(output, output.parent / "dry")
    made = operations(output.parent / "dry", EDITED)
    for turn in range(1, made.index("swap"), 37):
        with pytest.MonkeyPatch.context() as patch:
            break_at(patch, turn, OSError(code, os.strerror(code)))
            with pytest.raises(PipelineError, match=says):
                publish(output, EDITED, bucket_count=2)
        after = snapshot_of_files(output, but=(".lock", "history/objects", ".staging/buckets"))
        assert after == before
        if code == errno.ENOSPC:
            assert not (output / ".staging").exists()
    publish(output, EDITED, bucket_count=2)


def test_an_output_that_is_a_file_is_told(tmp_path):
    (tmp_path / "output").write_text("")
    with pytest.raises(PipelineError, match="file is in the way"), begin(tmp_path / "output", versions={}):  # fmt: skip
        pass


# --- history ---------------------------------------------------------------------------------


def years(count):
    return [{**ARTICLES, "一": f"{1900 + n}年，甲城。"} for n in range(count)]


def test_history_shares_what_did_not_change(output):
    time = "2026-11-01T00:00:00+00:00"
    for articles in years(4):
        publish(output, articles, time=time)
    snapshots = history.list_snapshots(output)
    assert [s.number for s in snapshots] == [1, 2, 3, 4]
    assert snapshots[0].time == time
    for number in range(4):
        table = history.open_snapshot(output, str(number + 1)).table("dates", columns=["value"])
        assert str(1900 + number) in table["value"].to_pylist()
    bucket = parts.bucket_of(article_id("zh", "三"), 64)
    digests = {history.open_snapshot(output, str(n)).digest("dates", bucket) for n in range(1, 5)}
    assert len(digests) == 1
    published = {p.stat().st_ino for p in (output / "parquet" / "dates").iterdir()}
    kept = {p.stat().st_ino for p in (output / "history" / "objects").rglob("*.parquet")}
    assert published <= kept


def test_snapshots_have_names(output):
    for articles in years(3):
        publish(output, articles)
    first, second, third = history.list_snapshots(output)
    assert history.find_snapshot(output, "latest") == third
    assert history.find_snapshot(output, "previous") == second
    assert history.find_snapshot(output, "1") == first
    assert history.find_snapshot(output, first.id[:6]) == first
    assert history.find_snapshot(output, first.name) == first
    for name in ("", "9", "nothing"):
        with pytest.raises(PipelineError, match=f"no snapshot is called '{name}'"):
            history.find_snapshot(output, name)


def test_restoring_gives_the_very_bytes(output):
    publish(output, ARTICLES)
    before = contents(output)
    publish(output, EDITED)
    restored = restore(output, "previous", time="2026-01-01T00:00:00+00:00")
    assert contents(output) == before
    assert (restored.number, restored.restored_from) == (3, 1)
    assert history.find_snapshot(output, restored.id[:8]).number == 3
    assert not restore(output, "latest").is_new


@pytest.mark.parametrize("name", ["1", "2"])
def test_a_damaged_object_is_not_restored(output, name):
    for articles in years(3):
        publish(output, articles)
    before = contents(output)
    state = history.open_snapshot(output, name)
    path = state.paths["dates"][parts.bucket_of(article_id("zh", "一"), 64)]
    content = path.read_bytes()
    path.write_bytes(content[:-9] + bytes(byte ^ 1 for byte in content[-9:]))
    with pytest.raises(PipelineError, match="damaged"):
        restore(output, name)
    assert contents(output) == before


def test_a_refresh_of_one_changed_article_costs_little(output):
    """Most of a part is as it was: what is kept of it is a fraction, however long the chain."""
    one = {
        "一": "\n".join(f"{1900 + n}年，甲城有{n}人[1]。乙河長{n}公里。" for n in range(99))
        + "\n[1]: 書"
    }
    count = 8
    for year in range(count):
        publish(output, {"一": one["一"].replace("1950年", f"{1600 + year}年")}, bucket_count=1)
    published = sum(p.stat().st_size for p in (output / "parquet").rglob("*.parquet"))
    kept = sum(path.stat().st_size for path in files.files_under(output / "history").values())
    assert kept < published * (1 + count * 0.4)
    for number in range(1, count + 1):
        dates = history.open_snapshot(output, str(number)).table("dates", columns=["value"])
        assert f"{1599 + number}" in dates["value"].to_pylist()
    restore(output, "1")
    assert "1600" in reading.read_table(output, "dates")["value"].to_pylist()
    history.prune(output, keep=2)
    for snapshot in history.list_snapshots(output):
        assert history.open_snapshot(output, snapshot.name).table("dates").num_rows == 99


@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 300))
def test_a_delta_gives_back_the_file(a, b, times):
    newer, old = a * times + b, b + a * times
    assert deltas._decode(deltas.encode(old, newer), newer) == old


def test_pruning_keeps_what_is_needed(output):
    for day, articles in enumerate(years(5), 1):
        publish(output, articles, time=f"2026-11-0{day}T00:00:00+00:00")
    before = contents(output)
    objects = len(files.files_under(output / "history" / "objects"))
    limit = dt.datetime(2026, 11, 3, tzinfo=dt.UTC)
    assert [s.number for s in history.prune(output, older_than=limit)] == [1, 2]
    assert [s.number for s in history.prune(output, keep=2)] == [3]
    assert [s.number for s in history.prune(output, keep=0)] == [4]
    assert history.prune(output, keep=1) == []
    assert len(files.files_under(output / "history" / "objects")) < objects
    assert history.open_snapshot(output, "latest").table("dates").num_rows == 5
    assert contents(output) == before
    assert publish(output, ARTICLES).number == 6


def test_comparing_states_cut_otherwise_takes_all_rows(output):
    publish(output, ARTICLES, bucket_count=2)
    publish(output, ARTICLES, bucket_count=8)
    old, new = history.open_snapshot(output, "1"), reading.published(output)
    assert reading.differing_buckets(old, new, ["dates"]) == [None]
    assert old.table("dates").equals(new.table("dates"))


def test_no_state_is_told(output):
    with pytest.raises(PipelineError, match="no refresh is published"):
        reading.read_table(output, "dates")
    publish(output, ARTICLES)
    with pytest.raises(PipelineError, match="no column colour"):
        reading.read_table(output, "dates", ["colour"])
    with pytest.raises(PipelineError, match="no table 'x'"):
        reading.read_table(output, "x")


def test_show_leaves_out_what_moves(output, tmp_path):
    publish(output, {"一": "1941年，甲城有30人。"})
    publish(tmp_path / "b", {"一": "乙河。1941年，甲城有30人。"})
    (a,) = (output / "parquet" / "numbers").iterdir()
    (b,) = (tmp_path / "b" / "parquet" / "numbers").iterdir()
    lines = list(show(a))
    assert lines == list(show(b))
    assert lines[0] == "table numbers"
    assert "text=30人" in lines[1]
    assert "value=30  " in lines[1]
    with pytest.raises(PipelineError, match="cannot be read as Parquet"):
        list(show(output / "manifest.json"))
