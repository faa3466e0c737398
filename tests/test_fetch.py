"""Bringing articles from a MediaWiki API, against a server that answers, and fails, like one."""

import json
import subprocess
from pathlib import Path

import pytest
from mediawiki import Wiki, serving

from pipeline.errors import PipelineError
from pipeline.fetch import (
    MANIFEST,
    Manners,
    fetch_changed,
    fetch_mirror,
    fetch_titles,
    file_name,
    read_manifest,
    read_titles,
)


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def manners(waits: list[float]) -> Manners:
    return Manners(user_agent="test/1 (me@example.org)", pause=0.25, sleep=waits.append)


@pytest.fixture
def wiki() -> Wiki:
    wiki = Wiki()
    wiki.edit("芬蘭灣", "'''芬蘭灣'''是海灣。")
    wiki.edit("青海湖", "'''青海湖'''是湖。")
    return wiki


def test_titles_are_written_with_their_revision_and_licence(
    wiki: Wiki, manners: Manners, tmp_path: Path
) -> None:
    with serving(wiki) as api:
        done = fetch_titles(api, ["芬蘭灣", "青海湖", "沒有", "甲|乙"], tmp_path, manners=manners)
    assert sorted(done.written) == ["芬蘭灣", "青海湖"]
    assert done.missing == ("沒有",)
    assert done.refused == (("甲|乙", "no title holds |"),)
    assert (tmp_path / "芬蘭灣.wikitext").read_text("utf-8") == "'''芬蘭灣'''是海灣。"
    manifest = json.loads((tmp_path / MANIFEST).read_text("utf-8"))
    assert manifest["licence"]["text"] == "CC BY-SA 4.0"
    assert [(page["title"], page["revision_id"]) for page in manifest["pages"]] == [
        ("芬蘭灣", 101),
        ("青海湖", 102),
    ]
    assert manifest["pages"][0]["timestamp"] == "2026-01-02T03:04:05Z"
    assert all(asked["maxlag"] == "5" for asked in wiki.requests)
    assert all(header["User-Agent"] == "test/1 (me@example.org)" for header in wiki.headers)
    assert all("gzip" in header["Accept-Encoding"] for header in wiki.headers)


def test_only_what_changed_is_asked_for_again(wiki: Wiki, manners: Manners, tmp_path: Path) -> None:
    with serving(wiki) as api:
        fetch_titles(api, ["芬蘭灣", "青海湖"], tmp_path, manners=manners)
        wiki.edit("青海湖", "'''青海湖'''是鹹水湖。")
        wiki.requests.clear()
        done = fetch_changed(api, tmp_path, manners=manners)
    assert (done.written, done.unchanged) == (("青海湖",), ("芬蘭灣",))
    asked = [request["titles"] for request in wiki.requests if request.get("prop") == "revisions"]
    assert asked == ["青海湖"]
    assert read_manifest(tmp_path)["青海湖"].revision_id == 103


def test_nothing_changed_writes_nothing(wiki: Wiki, manners: Manners, tmp_path: Path) -> None:
    with serving(wiki) as api:
        fetch_titles(api, ["芬蘭灣"], tmp_path, manners=manners)
        before = (tmp_path / "芬蘭灣.wikitext").stat().st_mtime_ns
        done = fetch_changed(api, tmp_path, manners=manners)
    assert done.unchanged == ("芬蘭灣",)
    assert (tmp_path / "芬蘭灣.wikitext").stat().st_mtime_ns == before


def test_answers_are_continued(manners: Manners, tmp_path: Path) -> None:
    wiki = Wiki(pages_an_answer=2)
    titles = [f"條目{n}" for n in range(5)]
    for title in titles:
        wiki.edit(title, title)
    with serving(wiki) as api:
        done = fetch_titles(api, titles, tmp_path, manners=manners)
    assert sorted(done.written) == titles
    assert sum(request.get("prop") == "revisions" for request in wiki.requests) == 3


def test_a_page_edited_between_two_answers_is_whole(manners: Manners, tmp_path: Path) -> None:
    wiki = Wiki(pages_an_answer=1)
    wiki.edit("甲", "舊")
    wiki.edit("乙", "舊")
    wiki.between = lambda w: w.edit("乙", "新") if len(w.requests) == 2 else None
    with serving(wiki) as api:
        fetch_titles(api, ["甲", "乙"], tmp_path, manners=manners)
    assert read_manifest(tmp_path)["乙"].revision_id == 103
    assert (tmp_path / "乙.wikitext").read_text("utf-8") == "新"


def test_a_redirect_is_kept_under_its_target(wiki: Wiki, manners: Manners, tmp_path: Path) -> None:
    wiki.redirects["芬兰湾"] = "芬蘭灣"
    with serving(wiki) as api:
        fetch_titles(api, ["芬兰湾"], tmp_path, manners=manners)
    assert read_manifest(tmp_path)["芬蘭灣"].redirected_from == "芬兰湾"
    assert (tmp_path / "芬蘭灣.wikitext").exists()


@pytest.mark.parametrize("fault", [429, 503, 500, "truncate", "maxlag"])
def test_faults_are_waited_out(
    fault: int | str, wiki: Wiki, manners: Manners, waits: list[float], tmp_path: Path
) -> None:
    wiki.faults = [fault, fault]
    with serving(wiki) as api:
        done = fetch_titles(api, ["芬蘭灣"], tmp_path, manners=manners)
    assert done.written == ("芬蘭灣",)
    assert [wait for wait in waits if wait != 0.25] == [2.0, 4.0]


@pytest.mark.parametrize(
    ("header", "expected"), [("7", 7.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", 2.0)]
)
def test_the_server_says_how_long(
    header: str, expected: float, wiki: Wiki, manners: Manners, waits: list[float], tmp_path: Path
) -> None:
    wiki.faults, wiki.retry_after = [503], header
    with serving(wiki) as api:
        fetch_titles(api, ["芬蘭灣"], tmp_path, manners=manners)
    assert [wait for wait in waits if wait != 0.25] == [expected]


def test_giving_up_says_so_and_keeps_what_was_brought(
    wiki: Wiki, manners: Manners, tmp_path: Path
) -> None:
    with serving(wiki) as api:
        fetch_titles(api, ["芬蘭灣"], tmp_path, manners=manners)
        wiki.faults = [503] * 20
        with pytest.raises(PipelineError, match="no usable answer in 5 tries"):
            fetch_titles(api, ["青海湖"], tmp_path, manners=manners)
    assert list(read_manifest(tmp_path)) == ["芬蘭灣"]


def test_an_address_that_is_none(manners: Manners, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="no address of an API"):
        fetch_titles("api.php", ["甲"], tmp_path, manners=manners)


def test_no_fetch_before(manners: Manners, tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="names no page"):
        fetch_changed("http://127.0.0.1:9/", tmp_path, manners=manners)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("英雄城市 (蘇聯)", "英雄城市_(蘇聯).wikitext"),
        ("AC/DC", "AC%2FDC.wikitext"),
        ("..", "%2E..wikitext"),
        ("../../etc/passwd", "..%2F..%2Fetc%2Fpasswd.wikitext"),
        ("NUL", "%4EUL.wikitext"),
        ("What?\x00", "What%3F%00.wikitext"),
    ],
)
def test_titles_become_safe_names(title: str, expected: str) -> None:
    assert file_name(title) == expected


def test_long_titles_stay_apart() -> None:
    names = {file_name("長" * 255), file_name("長" * 254 + "短")}
    assert len(names) == 2
    assert all(len(name.encode()) < 255 for name in names)


def test_a_list_of_titles(tmp_path: Path) -> None:
    path = tmp_path / "titles.txt"
    path.write_text("\ufeff# mine\n芬蘭灣\n\n青海湖\n芬蘭灣\n", "utf-8")
    assert read_titles(path) == ["芬蘭灣", "青海湖"]
    path.write_bytes("芬蘭灣".encode("big5"))
    with pytest.raises(PipelineError, match="it is no UTF-8"):
        read_titles(path)


def test_a_git_mirror_is_cloned_and_brought_up_to_date(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(
            ["git", "-C", str(origin), *identity, *arguments], check=True, capture_output=True
        )

    git("init", "--quiet")
    for text in ("舊", "新"):
        (origin / "甲.md").write_text(text, "utf-8")
        git("add", ".")
        git("commit", "--quiet", "-m", text)
        fetch_mirror(origin.as_uri(), clone)
        assert (clone / "甲.md").read_text("utf-8") == text
    with pytest.raises(PipelineError, match="is a clone of"):
        fetch_mirror("file:///nowhere", clone)


def test_a_mirror_never_overwrites_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.md").write_text("甲", "utf-8")
    with pytest.raises(PipelineError, match="is no clone"):
        fetch_mirror("file:///nowhere", tmp_path)
