"""An output at a URL: what is sent, what each reader finds at every instant, and how it is mended."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pyarrow.dataset
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem
from sampling import publish

from pipeline.cli import main
from pipeline.errors import PipelineError
from pipeline.schemas import SCHEMAS
from pipeline.store import deltas, history, manifest, reading, remote

ROOT = Path(__file__).parent.parent
URL = "memory://bucket/facts"
ONE = {"一": "1941年，甲城有30人[1]。\n[1]: 書", "二": "乙河長18公里。", "三": "1950年。"}
TWO = {**ONE, "二": "乙河長19公里。"}
THREE = {**TWO, "三": "1951年。"}
# What a system is asked for that changes something there.
CHANGING = ("put_file", "pipe_file", "cp_file", "rm_file", "mv")


@pytest.fixture(autouse=True)
def clean(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yield
    MemoryFileSystem.store.clear()
    MemoryFileSystem.pseudo_dirs[:] = [""]


@pytest.fixture(params=["memory", "file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "memory":
        return URL
    if request.param == "file":
        return f"file://{tmp_path}/there/facts"
    return request.getfixturevalue("bucket")


class Recorder:
    """A file system that notes each change asked for, and from number `limit` on does none of
    them, or does the first of these and says that it failed (`answers` False)."""

    def __init__(self, system: Any, limit: int | None = None, *, answers: bool = True) -> None:
        self.system, self.limit, self.answers = system, limit, answers
        self.done: list[tuple[str, str]] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.system, name)
        if name not in CHANGING:
            return found

        def change(*arguments: Any, **options: Any) -> Any:
            target = arguments[1] if name in ("put_file", "cp_file", "mv") else arguments[0]
            if self.limit is not None and len(self.done) >= self.limit:
                if not self.answers and len(self.done) == self.limit:
                    found(*arguments, **options)
                self.done.append((name, target))
                raise ConnectionError("the network is gone")
            self.done.append((name, target))
            return found(*arguments, **options)

        return change


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Recorder]:
    """Puts a recorder between us and the system, from the next opening on."""
    real = remote._filesystem

    def record(limit: int | None = None, **options: Any) -> Recorder:
        recorder = Recorder(None, limit, **options)

        def between(url: str) -> tuple[Any, str]:
            recorder.system, path = real(url)
            return recorder, path

        monkeypatch.setattr(remote, "_filesystem", between)
        return recorder

    return record


def refresh(url: str, articles: dict[str, str], copy: Path | None = None) -> Path:
    with remote.opened(url, copy=copy) as place:
        publish(place.folder, articles)
        place.publish()
    return place.folder


def there(url: str) -> dict[str, bytes]:
    """Every file there, by its path from the URL."""
    system, root = fsspec.core.url_to_fs(url)
    system.invalidate_cache()
    found = system.find(root)
    return {path[len(root) :].lstrip("/"): system.cat_file(path) for path in found}


def by_manifest(found: dict[str, bytes]) -> dict[str, bytes]:
    """What one reads who goes by the manifest: fails if anything it names is not to be had."""
    state = manifest.parse(found["manifest.json"], path="there")
    content = {}
    for path, (size, sha256) in state.outputs().items():
        content[path] = found[f"history/objects/{sha256[:2]}/{sha256}{Path(path).suffix}"]
        assert len(content[path]) == size
        assert hashlib.sha256(content[path]).hexdigest() == sha256
    return content


def by_folder(found: dict[str, bytes]) -> dict[str, bytes]:
    return {
        path: content
        for path, content in found.items()
        if not path.startswith(("history/", ".publishing/")) and path != "manifest.json"
    }


def locally(folder: Path) -> dict[str, bytes]:
    outputs = reading.published(folder).manifest.outputs()
    return {path: (folder / path).read_bytes() for path in outputs}


def names(folder: Path) -> list[str]:
    return [snapshot.name for snapshot in history.list_snapshots(folder)]


def tables(folder: Path, name: str) -> dict[str, Any]:
    state = history.open_snapshot(folder, name)
    return {table: state.table(table) for table in ("sentences", "dates", "numbers", "changes")}


def test_what_is_there_is_what_a_refresh_of_a_folder_gives(
    url: str, tmp_path: Path, recorded: Callable[..., Recorder]
) -> None:
    for articles in (ONE, TWO):
        publish(tmp_path / "out", articles)
        folder = refresh(url, articles)
        found = there(url)
        assert by_manifest(found) == by_folder(found) == locally(tmp_path / "out")
        assert found["manifest.json"] == (tmp_path / "out/manifest.json").read_bytes()
        assert not any(path.startswith(".publishing") for path in found)
    recorder = recorded()
    refresh(url, TWO)
    assert {kind for kind, _ in recorder.done} == {"rm_file"}  # what was left for late readers
    recorder.done.clear()
    refresh(url, TWO)
    assert recorder.done == []
    other = remote.brought(url, copy=tmp_path / "other")
    assert recorder.done == []
    assert locally(other) == by_manifest(there(url)) == locally(folder)
    assert names(other) == names(folder)
    for name in names(folder):
        assert tables(other, name) == tables(folder, name)


def test_an_edit_sends_what_it_changed(recorded: Callable[..., Recorder]) -> None:
    folder = refresh(URL, ONE)
    before, old = there(URL), reading.published(folder).manifest.outputs()
    recorder = recorded()
    refresh(URL, TWO)
    after, new = there(URL), reading.published(folder).manifest.outputs()
    changed = {path for path, written in new.items() if old[path] != written}
    tables = [Path(path).parent.name for path in changed if re.search(r"/part-\d", path)]
    assert {"numbers", "sentences", "articles"} <= set(tables) < set(SCHEMAS)
    assert len(tables) == len(set(tables))  # one part of each that the edit touched
    assert {path for path in before if before[path] != after.get(path)} == {
        *changed,
        "manifest.json",
    }
    added = set(after) - set(before)
    assert [kind for kind, _ in recorder.done].count("put_file") == len(added)
    contents = {new[path].sha256 for path in changed}
    assert {
        Path(path).stem
        for path in added
        if not path.endswith((".lines", names(folder)[-1] + ".json"))
    } == contents


def test_a_state_is_readable_till_the_one_after_the_next(tmp_path: Path) -> None:
    refresh(URL, ONE)
    first = there(URL)
    refresh(URL, TWO)
    assert by_manifest(there(URL) | {"manifest.json": first["manifest.json"]}) == by_manifest(first)
    refresh(URL, TWO)
    left = {Path(path).suffix for path in there(URL) if path.startswith("history/objects/")}
    assert left == {".parquet", ".lines", ".csv", ".json", ".geojson"}
    csv = [path for path in there(URL) if path.endswith(".csv") and path.startswith("history/")]
    assert len(csv) == len({content for p, content in by_folder(there(URL)).items() if ".csv" in p})


def telling(done: list[tuple[str, str]]) -> list[int]:
    """The changes at which to fail: first, second and last of each stretch of one kind."""
    kinds = [(kind, path.split("/")[2:4]) for kind, path in done]
    new = [n for n in range(len(kinds)) if n == 0 or kinds[n] != kinds[n - 1]]
    return sorted({m for n in new for m in (n - 1, n, n + 1) if 0 <= m < len(kinds)})


@pytest.mark.parametrize("mender", ["the same copy", "another copy"])
def test_a_publish_that_fails_at_any_step(
    mender: str, tmp_path: Path, recorded: Callable[..., Recorder]
) -> None:
    copy, seen = tmp_path / "copy", set()
    refresh(URL, ONE, copy)
    shutil.copytree(copy, tmp_path / "before")
    before = {path: file.getvalue() for path, file in MemoryFileSystem.store.items()}
    expected = {}
    for name, articles in (("one", ONE), ("two", TWO), ("three", THREE)):
        publish(tmp_path / name, articles)
        expected[name] = locally(tmp_path / name)
    recorder = recorded()
    refresh(URL, TWO, copy)
    for limit in telling(recorder.done):
        MemoryFileSystem.store.clear()
        for path, content in before.items():
            MemoryFileSystem().pipe_file(path, content)
        shutil.rmtree(copy)
        shutil.copytree(tmp_path / "before", copy)
        recorded(limit, answers=bool(limit % 2))
        with pytest.raises(PipelineError, match="the network is gone"):
            refresh(URL, TWO, copy)
        found = there(URL)
        is_new = found["manifest.json"] == (tmp_path / "two/manifest.json").read_bytes()
        seen.add(is_new)
        assert by_manifest(found) == expected["two" if is_new else "one"]
        if not is_new:  # nor does one who reads folders see anything of it
            assert by_folder(found) == expected["one"]
        elif by_folder(found) != expected["two"]:
            assert any(path.startswith(".publishing/") for path in found)
        recorded()
        # Mended by going on, or by what another makes of the raw files as they are by then.
        if mender == "the same copy":
            own, articles, state, count = copy, TWO, "two", 2
        else:
            own, articles, state, count = tmp_path / str(limit), THREE, "three", 2 + is_new
        folder = refresh(URL, articles, own)
        found = there(URL)
        assert by_manifest(found) == by_folder(found) == expected[state]
        assert not any(path.startswith(".publishing/") for path in found)
        rebuilt = remote.brought(URL, copy=tmp_path / f"rebuilt-{limit}")
        assert names(rebuilt) == names(folder) and len(names(rebuilt)) == count
        for name in names(rebuilt):
            assert tables(rebuilt, name) == tables(folder, name)
    assert seen == {True, False}


def test_a_damaged_copy_is_mended(recorded: Callable[..., Recorder]) -> None:
    for articles in (ONE, TWO, THREE, THREE):
        folder = refresh(URL, articles)
    before = there(URL)
    (folder / "csv/dates.csv").unlink()
    (folder / "datapackage.json").write_bytes(b"")
    for number, path in enumerate((folder / "history/objects").glob("*/*")):
        path.unlink()
        if number % 3 == 0 and path.suffix == ".parquet":
            path.write_bytes(b"cut short")
    (folder / "history/snapshots" / f"{names(folder)[0]}.json").unlink()
    shutil.rmtree(folder / "parquet")
    recorder = recorded()
    refresh(URL, THREE)
    assert recorder.done == []
    assert there(URL) == before
    assert locally(folder) == by_manifest(before)
    assert all(tables(folder, name) for name in names(folder)) and len(names(folder)) == 3


def test_what_failed_to_be_sent_is_dropped_if_another_published(
    tmp_path: Path, recorded: Callable[..., Recorder]
) -> None:
    mine, other = tmp_path / "mine", tmp_path / "other"
    refresh(URL, ONE, mine)
    recorded(3)
    with pytest.raises(PipelineError, match="what was published there stays"):
        refresh(URL, TWO, mine)
    recorded()
    refresh(URL, THREE, other)
    folder = remote.brought(URL, copy=mine)
    assert locally(folder) == by_manifest(there(URL))
    assert names(folder) == names(other / "output")
    assert all(tables(folder, name) == tables(other / "output", name) for name in names(folder))
    refresh(URL, {**THREE, "四": "1960年。"}, mine)
    assert [name[:6] for name in names(folder)] == ["000001", "000002", "000003"]
    assert by_manifest(there(URL)) == by_folder(there(URL)) == locally(folder)


def test_of_two_writers_the_later_is_told(tmp_path: Path) -> None:
    refresh(URL, ONE, tmp_path / "first")
    with remote.opened(URL, copy=tmp_path / "first") as place:
        publish(place.folder, TWO)
        refresh(URL, THREE, tmp_path / "second")
        with pytest.raises(PipelineError, match="another refresh has published there meanwhile"):
            place.publish()
    found = there(URL)
    assert by_manifest(found) == by_folder(found) == locally(tmp_path / "second/output")
    refresh(URL, TWO, tmp_path / "first")
    assert by_manifest(there(URL)) == by_folder(there(URL)) == locally(tmp_path / "first/output")
    assert len(names(tmp_path / "first/output")) == 3


def test_s3_itself_refuses_the_later_of_two(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other publishes after our last look, before our manifest is put: the first there, and
    then one in place of another."""
    real, others = remote._Copy._write, [THREE, ONE]

    def write(self: Any, path: str, content: bytes, **options: str) -> None:
        if path == "manifest.json" and self.root.name == "first":
            refresh(bucket, others.pop(0), tmp_path / "second")
        real(self, path, content, **options)

    monkeypatch.setattr(remote._Copy, "_write", write)
    while others:
        with pytest.raises(PipelineError, match="another refresh has published there meanwhile"):
            refresh(bucket, TWO, tmp_path / "first")
        assert by_manifest(there(bucket)) == locally(tmp_path / "second/output")


def test_two_that_publish_the_same_do_not_quarrel(tmp_path: Path) -> None:
    with remote.opened(URL, copy=tmp_path / "first") as place:
        publish(place.folder, ONE)
        refresh(URL, ONE, tmp_path / "second")
        place.publish()
    assert by_manifest(there(URL)) == by_folder(there(URL)) == locally(place.folder)


def test_what_another_is_sending_stays(tmp_path: Path, recorded: Callable[..., Recorder]) -> None:
    refresh(URL, ONE)
    recorded(8)
    with pytest.raises(PipelineError):
        refresh(URL, TWO, tmp_path / "sending")
    recorded()
    sent = there(URL)
    refresh(URL, ONE)
    assert there(URL) == sent
    # With a new state there, what was sent can never be published, and goes.
    refresh(URL, THREE)
    for articles in (ONE, THREE):
        refresh("memory://bucket/clean", articles)
    assert there(URL) == there("memory://bucket/clean")


def test_a_folder_that_was_copied_there_is_taken_over(tmp_path: Path) -> None:
    for articles in (ONE, TWO, THREE):
        publish(tmp_path / "out", articles)
    assert list((tmp_path / "out").rglob(f"*{deltas.SUFFIX}"))
    system, root = fsspec.core.url_to_fs(URL)
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file() and path.name != ".lock":
            system.put_file(str(path), f"{root}/{path.relative_to(tmp_path / 'out').as_posix()}")
    folder = refresh(URL, THREE)
    assert by_manifest(there(URL)) == by_folder(there(URL)) == locally(tmp_path / "out")
    assert not any(path.endswith(deltas.SUFFIX) for path in there(URL))
    shutil.rmtree(folder.parent)
    folder = remote.brought(URL)
    assert names(folder) == names(tmp_path / "out")
    for name in names(folder):
        assert tables(folder, name) == tables(tmp_path / "out", name)


def test_the_commands_at_a_url(capsys: pytest.CaptureFixture[str]) -> None:
    for articles in (ONE, TWO, THREE):
        folder = refresh(URL, articles)
    objects = len([path for path in there(URL) if path.startswith("history/objects/")])
    shutil.rmtree(folder.parent)
    assert main(["history", "--output", URL]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert main(["diff", "previous", "latest", "--output", URL, "--format", "jsonl"]) == 0
    assert json.loads(capsys.readouterr().out)["new_value"] == "1951"
    assert main(["diff", "1", URL, "--output", URL, "--format", "jsonl"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    part = next(path for path in there(URL) if path.startswith("parquet/dates/part-"))
    assert main(["show", f"{URL}/{part}"]) == 0
    assert "table dates" in capsys.readouterr().out
    assert main(["history", "--output", URL, "--restore", "1"]) == 0
    assert "1950" in there(URL)["csv/dates.csv"].decode()
    assert main(["history", "--output", URL, "--keep", "1"]) == 0
    snapshots = [path for path in there(URL) if path.startswith("history/snapshots/")]
    assert len(snapshots) == 1
    assert len([path for path in there(URL) if path.startswith("history/objects/")]) < objects
    capsys.readouterr()
    assert main(["report", "--output", URL]) == 0
    assert "index.html" in capsys.readouterr().out
    assert by_manifest(there(URL)) == by_folder(there(URL))
    assert "report/index.html" in there(URL)
    shutil.rmtree(folder.parent)
    assert names(remote.brought(URL)) == [Path(snapshots[0]).stem]


def test_a_reader_does_not_wait_for_a_refresh(capsys: pytest.CaptureFixture[str]) -> None:
    refresh(URL, ONE)
    with remote.opened(URL) as place:
        publish(place.folder, TWO)
        assert main(["history", "--output", URL]) == 0
        assert len(capsys.readouterr().out.splitlines()) == 2
        with pytest.raises(PipelineError, match="another refresh"), remote.opened(URL):
            pass


def test_other_programs_read_it() -> None:
    refresh(URL, ONE)
    system, root = fsspec.core.url_to_fs(URL)
    found = pyarrow.dataset.dataset(f"{root}/parquet/numbers", filesystem=system).to_table()
    assert sorted(found["value"].to_pylist()) == [18.0, 30.0]
    database = duckdb.connect()
    database.register_filesystem(system)
    # By the manifest, as docs/operations.md has it.
    state = json.loads(system.cat_file(f"{root}/manifest.json"))
    parts = [
        f"{URL}/history/objects/{entry['sha256'][:2]}/{entry['sha256']}.parquet"
        for entry in state["outputs"]
        if entry.get("table") == "numbers"
    ]
    rows = database.execute("SELECT value FROM read_parquet(?) ORDER BY value", [parts]).fetchall()
    assert rows == [(18.0,), (30.0,)]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nothing://bucket/facts", "Protocol not known"),
        ("memory://bucket/facts", "no refresh is published there"),
    ],
)
def test_a_place_that_is_none(url: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history", "--output", url]) == 1
    assert said in (err := capsys.readouterr().err)
    assert url in err and "Traceback" not in err


def test_a_system_that_cannot_replace_in_one_step_is_refused() -> None:
    with pytest.raises(PipelineError, match="cannot replace a file in one step"):
        refresh("http://127.0.0.1:9/facts", ONE)


class Sparing(LocalFileSystem):
    """What other packages do otherwise than most: `find` gives a list for what is no folder, as
    Azure's, or no size of a file, as SFTP's; a missing file is another error, as FTP's; and there
    is no copying, as on a server without a shell."""

    protocol = ("ftp", "sparing")

    def find(self, path: str, *arguments: Any, detail: bool = False, **options: Any) -> Any:
        if not self.isdir(path):
            return {path: {}} if self.exists(path) else []
        return super().find(path, *arguments, detail=detail, **options)

    def cat_file(self, path: str, *arguments: Any, **options: Any) -> bytes:
        if not self.exists(path):
            raise RuntimeError("550 No such file")
        return bytes(super().cat_file(path, *arguments, **options))

    def cp_file(self, *_: Any, **__: Any) -> None:
        raise RuntimeError("Session request failed")

    def put_file(self, source: str, target: str, **_: Any) -> None:
        super().cp_file(source, target)


def test_systems_that_differ(tmp_path: Path) -> None:
    fsspec.register_implementation("sparing", Sparing, clobber=True)
    url = f"sparing://{tmp_path}/there"
    for articles in (ONE, TWO):
        folder = refresh(url, articles)
        (tmp_path / "there/.manifest.json.0a1b2c3d").write_bytes(b"cut sh")
        (tmp_path / "there/.publishing/.note.json.0a1b2c3d").write_bytes(b"cut sh")
    refresh(url, THREE)
    found = there(url)
    assert by_manifest(found) == by_folder(found) == locally(folder)
    assert not any(path.startswith(".publishing") for path in found)


def test_what_is_to_be_installed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    loaded = sys.modules["fsspec.registry"]._registry
    monkeypatch.delitem(loaded, "s3", raising=False)
    assert main(["history", "--output", "s3://bucket/facts"]) == 1
    assert "pip install -e '.[s3]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError("AccessDenied"), "access was refused"),
        (ConnectionError("gone"), "it goes on from there"),
        (OSError(28, "full"), "no space is left"),
    ],
)
def test_what_a_system_says_is_explained(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refresh(URL, ONE)
    before = there(URL)

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(MemoryFileSystem, "pipe_file", fail)
    with pytest.raises(PipelineError, match=said) as caught:
        refresh(URL, TWO)
    assert URL in str(caught.value) and "what was published there stays" in str(caught.value)
    assert there(URL) == before


def test_no_bucket(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="there is no such place"):
        refresh(bucket.replace("s3://b", "s3://none"), ONE, tmp_path / "copy")


def test_a_place_that_was_emptied_is_not_filled_unasked() -> None:
    folder = refresh(URL, ONE)
    MemoryFileSystem.store.clear()
    with pytest.raises(PipelineError, match="nothing is there any more"):
        refresh(URL, ONE)
    shutil.rmtree(folder.parent)
    refresh(URL, ONE)
    assert by_manifest(there(URL)) == locally(folder)


def test_a_copy_is_of_one_url() -> None:
    folder = refresh(URL, ONE)
    with pytest.raises(PipelineError, match=f"is the working copy of {URL}"):
        refresh("memory://bucket/other", ONE, folder.parent)


def test_what_is_damaged_there_is_not_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refresh(URL, ONE)
    assert main(["verify", "--output", URL]) == 0
    path = next(
        path for path in MemoryFileSystem.store if path.endswith(".parquet") and "/objects/" in path
    )
    content = bytearray(MemoryFileSystem.store[path].getvalue())
    content[-1] ^= 1
    MemoryFileSystem().pipe_file(path, bytes(content))
    assert main(["verify", "--output", URL]) == 1
    assert capsys.readouterr().out.split() == [path.removeprefix("/bucket/facts/")]
    with pytest.raises(PipelineError, match="is damaged"):
        remote.brought(URL, copy=tmp_path / "other")
    # A copy that has it whole gives it back.
    MemoryFileSystem().rm_file(path)
    refresh(URL, ONE)
    assert main(["verify", "--output", URL]) == 0


def test_the_flow_at_a_url(
    prefect_server: dict[str, str], s3: dict[str, str], bucket: str, tmp_path: Path
) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "湖.md").write_text("**湖**於1941年結冰。\n", "utf-8")
    environment = {**prefect_server, "FSSPEC_S3": json.dumps(s3)}
    command = [sys.executable, "-m", "pipeline.cli", "refresh", "--raw", str(raw)]
    command += ["--output", bucket, "--working-copy", str(tmp_path / "copy")]
    for said in ("1 article published", "unchanged"):
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900
        )
        assert done.returncode == 0, done.stderr
        assert said in done.stderr
    found = there(bucket)
    assert by_manifest(found) == by_folder(found) == locally(tmp_path / "copy/output")
    assert "1941" in found["csv/dates.csv"].decode() and "report/index.html" in found
