"""What `raw` may be, and that hostile input is one problem each while the rest goes on."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import os
import pickle
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from pipeline import sources
from pipeline.errors import SourceError
from pipeline.records import Problem, Source
from pipeline.sources import list_inputs, read_input, read_sources

TEXT = "**甲**位於乙。\r\n\r\n丙。\n"


def read(raw: Path | str, **options: int) -> tuple[list[Source], list[Problem]]:
    results = list(read_sources(raw, **options))
    return (
        [result for result in results if isinstance(result, Source)],
        [result for result in results if isinstance(result, Problem)],
    )


def codes(raw: Path | str, **options: int) -> list[str]:
    return [problem.code for problem in read(raw, **options)[1]]


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def zip_of(path: Path, files: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tar_of(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


# ------------------------------------------------------------------------------ folders


def test_a_folder_is_read_in_order_of_path(tmp_path: Path) -> None:
    names = [
        "Page/.40_S&W.md",
        "Page/$6,000計劃.md",
        "Page/'s...(乙).MD",
        "b.wiki",
        "c.wikitext",
        "a.markdown",
    ]
    write(tmp_path, dict.fromkeys(names, TEXT))
    found, problems = read(tmp_path)
    assert [source.path for source in found] == sorted(names)
    assert not problems
    assert {source.path: source.raw_format for source in found}["b.wiki"] == "wikitext"
    assert found[0].text == TEXT
    assert found[0].sha256 == hashlib.sha256(TEXT.encode()).hexdigest()


def test_what_is_no_article_is_passed_over(tmp_path: Path) -> None:
    write(
        tmp_path,
        dict.fromkeys(
            ["README.md", "NOTICE", "LICENSE.md", "x.txt", ".git/a.md", "p/.github/b.md", "p/c.md"],
            TEXT,
        ),
    )
    assert [source.path for source in read(tmp_path)[0]] == ["p/c.md"]


def test_listing_tells_size_and_time_and_travels_between_processes(tmp_path: Path) -> None:
    write(tmp_path, {"甲.md": TEXT})
    (item,) = pickle.loads(pickle.dumps(list_inputs(tmp_path)))
    status = (tmp_path / "甲.md").stat()
    assert (item.path, item.size, item.mtime_ns) == ("甲.md", status.st_size, status.st_mtime_ns)
    (source,) = read_input(item)
    assert isinstance(source, Source)
    assert source.text == TEXT


def test_a_single_file_and_a_pattern(tmp_path: Path) -> None:
    write(
        tmp_path,
        dict.fromkeys(["p/甲.md", "p/.乙.md", "p/q/丙.md", "p/.git/丁.md", "[1].md"], TEXT),
    )
    assert [s.path for s in read(tmp_path / "p/甲.md")[0]] == ["甲.md"]
    assert [s.path for s in read(tmp_path / "[1].md")[0]] == ["[1].md"]
    assert [s.path for s in read(f"{tmp_path}/p/*.md")[0]] == [".乙.md", "甲.md"]
    assert [s.path for s in read(f"{tmp_path}/p/**/*.md")[0]] == [".乙.md", "q/丙.md", "甲.md"]
    assert [s.path for s in read(f"{tmp_path}/?")[0]] == ["p/.乙.md", "p/q/丙.md", "p/甲.md"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("none", "missing-folder"),
        ("none.md", "missing-file"),
        ("empty", "no-articles"),
        ("empty/*.md", "no-articles"),
        ("empty/x.pdf", "unknown-format"),
    ],
)
def test_nothing_to_read_is_an_error_with_a_cure(tmp_path: Path, raw: str, code: str) -> None:
    write(tmp_path, {"empty/x.pdf": "x"})
    with pytest.raises(SourceError) as caught:
        read_sources(tmp_path / raw)
    assert caught.value.code == code
    assert raw in str(caught.value)
    assert caught.value.cure


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"p/a.md": TEXT, "q/b.md": TEXT})
    scandir = os.scandir

    def refuse(place: str) -> object:
        if str(place).endswith(refused):
            raise PermissionError(13, "Permission denied", str(place))
        return scandir(place)

    monkeypatch.setattr(os, "scandir", refuse)
    refused = "/p"
    found, problems = read(tmp_path)
    assert [source.path for source in found] == ["q/b.md"]
    assert [(problem.path, problem.code) for problem in problems] == [("p", "unreadable")]
    refused = tmp_path.name
    with pytest.raises(SourceError, match="Permission denied"):
        read_sources(tmp_path)


# ------------------------------------------------------------------------------ bad files


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (" \n\ufeff".encode(), "empty"),
        ("\ufeff \n".encode(), "empty"),
        ("乙".encode("gb18030"), "not-utf-8"),
        ("乙".encode("utf-16"), "not-utf-8"),
        (b"x" * 101, "too-large"),
    ],
)
def test_a_bad_file_is_one_problem_and_the_rest_goes_on(
    tmp_path: Path, content: bytes, code: str
) -> None:
    write(tmp_path, {"a.md": TEXT, "b.md": content, "c.md": TEXT})
    found, problems = read(tmp_path, max_bytes=100)
    if content == " \n\ufeff".encode():
        # A mark that is not the file's first character is a character like others.
        assert len(found) == 3
        return
    assert [source.path for source in found] == ["a.md", "c.md"]
    (problem,) = problems
    assert (problem.path, problem.severity, problem.code) == ("b.md", "error", code)
    assert "b.md" in problem.message
    assert problem.cure


def test_the_place_of_the_first_bad_byte_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "甲\n乙".encode() + b"\xff"})
    (problem,) = read(tmp_path)[1]
    assert problem.raw_start == 3
    assert "Byte 7, in line 2" in problem.message


def test_a_byte_order_mark_stays_so_that_offsets_hold(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": b"\xef\xbb\xbf" + TEXT.encode()})
    assert read(tmp_path)[0][0].text == "\ufeff" + TEXT


def test_links_may_not_lead_out(tmp_path: Path) -> None:
    write(tmp_path, {"secret/s.md": TEXT, "raw/a.md": TEXT, "raw/p/b.md": TEXT})
    (tmp_path / "raw/out.md").symlink_to(tmp_path / "secret/s.md")
    (tmp_path / "raw/folder").symlink_to(tmp_path / "secret")
    (tmp_path / "raw/in.md").symlink_to("p/b.md")
    (tmp_path / "raw/again").symlink_to("p")
    (tmp_path / "raw/round.md").symlink_to("round.md")
    (tmp_path / "raw/gone.md").symlink_to("nowhere.md")
    found, problems = read(tmp_path / "raw")
    assert [source.path for source in found] == ["a.md", "in.md", "p/b.md"]
    assert [(problem.path, problem.code) for problem in problems] == [
        ("folder", "link-out-of-raw"),
        ("gone.md", "unreadable"),
        ("out.md", "link-out-of-raw"),
        ("round.md", "unreadable"),
    ]
    assert codes(f"{tmp_path}/raw/fold*") == ["link-out-of-raw"]
    # A link that the person names is what they mean; so is a raw folder that is one.
    assert [source.path for source in read(tmp_path / "raw/out.md")[0]] == ["out.md"]
    assert [source.path for source in read(tmp_path / "raw/folder")[0]] == ["s.md"]


def test_a_link_that_is_turned_outward_after_the_listing(tmp_path: Path) -> None:
    write(tmp_path, {"s.md": TEXT, "raw/a.md": TEXT})
    (item,) = list_inputs(tmp_path / "raw")
    (tmp_path / "raw/a.md").unlink()
    (tmp_path / "raw/a.md").symlink_to(tmp_path / "s.md")
    (problem,) = read_input(item)
    assert isinstance(problem, Problem)
    assert problem.code == "link-out-of-raw"
    (tmp_path / "raw/a.md").unlink()
    (problem,) = read_input(item)
    assert isinstance(problem, Problem)
    assert problem.code == "unreadable"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    assert codes(tmp_path) == ["not-a-file"]


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "a.md").open("wb") as handle:
        handle.truncate(2**30)
    assert codes(tmp_path) == ["too-large"]


def test_names_that_are_no_utf8(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xb9\xfe.md")).write_text(TEXT)
    (problem,) = read(tmp_path)[1]
    assert (problem.code, problem.path) == ("bad-name", "\\xb9\\xfe.md")
    problem.message.encode()


def test_a_file_that_changes_under_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.md": TEXT, "b.md": TEXT})
    decode = sources._source

    def meddle(path: str, *rest: object) -> object:
        if path == "a.md":
            write(tmp_path, {"a.md": TEXT + "丁。"})
        return decode(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sources, "_source", meddle)
    found, problems = read(tmp_path)
    assert [source.path for source in found] == ["b.md"]
    assert [problem.code for problem in problems] == ["changed-while-read"]


# ------------------------------------------------------------------------------ archives


@pytest.mark.parametrize("name", ["x.zip", "x.tar", "x.tar.gz", "x.tgz", "x.tar.bz2", "x.tar.xz"])
@pytest.mark.parametrize("beside_others", [False, True])
def test_archives_of_articles(tmp_path: Path, name: str, beside_others: bool) -> None:
    files = {"m/甲.md": TEXT.encode(), "m/乙.wiki": b"x", "m/README.md": b"x", ".git/c.md": b"x"}
    if name.endswith(".zip"):
        zip_of(tmp_path / name, dict(files))
    else:
        tar_of(tmp_path / name, files, "w:" + {"tar": "", "tgz": "gz"}.get(name[2:], name[6:]))
    found, problems = read(tmp_path if beside_others else tmp_path / name)
    assert not problems
    assert sorted(source.path for source in found) == [f"{name}#m/乙.wiki", f"{name}#m/甲.md"]
    assert TEXT in [source.text for source in found]


HOSTILE = {
    "/abs.md": "unsafe-path",
    "../up.md": "unsafe-path",
    "a/../../up.md": "unsafe-path",
    "..\\up.md": "unsafe-path",
    "C:\\x.md": "unsafe-path",
    "empty.md": "empty",
    "inner.zip": "nested-archive",
    "pages.xml.bz2": "nested-archive",
}


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz"])
def test_members_that_mean_harm(tmp_path: Path, name: str) -> None:
    files = {
        member: b"" if member == "empty.md" else b"x" for member in ["ok.md", *HOSTILE, "z.md"]
    }
    path = tmp_path / name
    zip_of(path, dict(files)) if name == "x.zip" else tar_of(path, files)
    found, problems = read(path)
    assert [source.path for source in found] == [f"{name}#ok.md", f"{name}#z.md"]
    assert {problem.path.partition("#")[2]: problem.code for problem in problems} == HOSTILE


def test_links_in_archives_are_not_followed(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for name, kind in [
            ("s.md", tarfile.SYMTYPE),
            ("h.md", tarfile.LNKTYPE),
            ("d.md", tarfile.CHRTYPE),
        ]:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert codes(tmp_path / "x.tar") == ["member-link"] * 3
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        member = zipfile.ZipInfo("s.md")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(member, "/etc/passwd")
    assert codes(tmp_path / "x.zip") == ["member-link"]


def test_bombs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    zip_of(tmp_path / "x.zip", {"a.md": b"0" * 3_000_000, "b.md": TEXT})
    found, problems = read(tmp_path / "x.zip")
    assert [source.path for source in found] == ["x.zip#b.md"]
    assert [(problem.path, problem.code) for problem in problems] == [("x.zip#a.md", "bomb")]
    monkeypatch.setattr(sources, "_TOTAL_FLOOR", 1_000_000)
    tar_of(tmp_path / "x.tar.gz", {"a.bin": b"0" * 3_000_000, "b.md": TEXT.encode()})
    assert codes(tmp_path / "x.tar.gz") == ["bomb"]
    (tmp_path / "x.xml.gz").write_bytes(gzip.compress(b"<mediawiki>" + b" " * 3_000_000))
    assert codes(tmp_path / "x.xml.gz") == ["bomb"]


def test_a_tar_header_cannot_ask_for_memory(tmp_path: Path) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 2**29
    with gzip.open(tmp_path / "x.tar.gz", "wb", compresslevel=1) as handle:
        handle.write(info.tobuf(tarfile.GNU_FORMAT))
        for _ in range(4):
            handle.write(b"a" * 2**20)
    assert codes(tmp_path / "x.tar.gz", max_bytes=2**20) == ["bomb"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_too_large_broken_or_twice(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    members = [("a.md", "first"), ("a.md", "second"), ("b.md", "b" * 101), ("c.md", "cccc")]
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members:
            archive.writestr(name, text)
    path.write_bytes(path.read_bytes().replace(b"cccc", b"cxcc"))
    found, problems = read(path, max_bytes=100)
    assert [source.text for source in found] == ["first"]
    assert [problem.code for problem in problems] == [
        "duplicate-member",
        "too-large",
        "broken-member",
    ]
    tar_of(tmp_path / "x.tar", {"a.md": b"a" * 101, "b.md": b"b"}, "w")
    assert codes(tmp_path / "x.tar", max_bytes=100) == ["too-large"]


@pytest.mark.parametrize(
    "name", ["x.zip", "x.tar", "x.tar.gz", "x.tar.bz2", "x.tar.xz", "x.xml.bz2"]
)
def test_broken_archives(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: b"no archive" * 100, "a.md": TEXT})
    found, problems = read(tmp_path)
    assert [source.path for source in found] == ["a.md"]
    assert [problem.code for problem in problems] == ["broken-archive"]


def test_a_truncated_archive_gives_what_came_before(tmp_path: Path) -> None:
    noise = os.urandom(50_000).hex().encode()
    tar_of(tmp_path / "x.tar.gz", {"a.md": TEXT.encode(), "b.md": noise})
    whole = (tmp_path / "x.tar.gz").read_bytes()
    (tmp_path / "x.tar.gz").write_bytes(whole[: len(whole) // 2])
    found, problems = read(tmp_path / "x.tar.gz")
    assert [source.path for source in found] == ["x.tar.gz#a.md"]
    assert [problem.code for problem in problems] == ["broken-archive"]


def test_an_archive_without_articles(tmp_path: Path) -> None:
    zip_of(tmp_path / "x.zip", {"a.txt": TEXT})
    assert codes(tmp_path / "x.zip") == ["no-articles"]
    tar_of(tmp_path / "y.tar", {"a.txt": b"x"}, "w")
    assert codes(tmp_path / "y.tar") == ["no-articles"]


# ------------------------------------------------------------------------------ exports


def page(title: str, *revisions: str, ns: int = 0, more: str = "") -> str:
    return f"<page><title>{title}</title><ns>{ns}</ns><id>7</id>{more}{''.join(revisions)}</page>"


def revision(number: int, day: int, text: str, model: str = "wikitext") -> str:
    return (
        f"<revision><id>{number}</id><timestamp>2020-01-{day:02}T00:00:00Z</timestamp>"
        f"<contributor><id>99</id></contributor><model>{model}</model>"
        f'<text xml:space="preserve">{text}</text></revision>'
    )


def export(*pages: str, head: str = "") -> bytes:
    body = "".join(pages)
    return f'{head}<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">{body}</mediawiki>'.encode()


@pytest.mark.parametrize("suffix", [".xml", ".xml.gz", ".xml.bz2"])
def test_exports(tmp_path: Path, suffix: str, caplog: pytest.LogCaptureFixture) -> None:
    data = export(
        page(
            "甲 (乙)",
            revision(12, 3, "新&amp;&lt;ref&gt;"),
            revision(11, 1, "舊"),
            revision(9, 2, "中"),
        ),
        page("轉", revision(1, 1, "#重定向 [[甲]]"), more='<redirect title="甲" />'),
        page("Talk:甲", revision(1, 1, "談"), ns=1),
        page("表", revision(1, 1, "{}", model="json")),
        page("丙", revision(2, 1, "一\n二")),
    )
    packed = {".xml": data, ".xml.gz": gzip.compress(data), ".xml.bz2": bz2.compress(data)}[suffix]
    write(tmp_path, {f"d{suffix}": packed})
    with caplog.at_level("INFO", logger="pipeline.sources"):
        found, problems = read(tmp_path)
    assert not problems
    first, second = found
    assert first == Source(
        f"d{suffix}#甲 (乙)", "wikitext", "新&<ref>", hashlib.sha256("新&<ref>".encode()).hexdigest(),
        title="甲 (乙)", page_id=7, revision_id=12, revision_timestamp="2020-01-03T00:00:00Z",
    )  # fmt: skip
    assert second.text == "一\n二"
    assert "2 articles; passed over 1 redirects and 2 pages" in caplog.text


BOMB = '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "code", "read_before"),
    [
        (export(page("甲", revision(1, 1, "&b;")), head=BOMB), "xml-doctype", 0),
        (export(page("甲", revision(1, 1, "x")), head='<!DOCTYPE m SYSTEM "file:///etc/passwd">'), "xml-doctype", 0),
        (export(page("甲", revision(1, 1, "x")))[:-9], "malformed-xml", 1),
        (export(page("甲", revision(1, 1, "x")), "<page></wrong>"), "malformed-xml", 1),
        (export(page("甲", revision(1, 1, "x"))).replace(b"x", b"\xff"), "malformed-xml", 0),
        (b"<project><title>x</title></project>", "not-an-export", 0),
        (b"", "malformed-xml", 0),
        (export(), "no-articles", 0),
        (export(page("甲", revision(1, 1, " "))), "empty", 0),
        (export(page("甲", revision(1, 1, "字" * 400))), "too-large", 0),
        (export(page("甲", revision(1, 1, "x" * 1001))), "too-large", 0),
        (export(page("字" * 86, revision(1, 1, "x"))), "bad-name", 0),
        (export(page("", revision(1, 1, "x"))), "bad-name", 0),
    ],
)  # fmt: skip
def test_bad_exports(tmp_path: Path, data: bytes, code: str, read_before: int) -> None:
    write(tmp_path, {"d.xml": data})
    found, problems = read(tmp_path, max_bytes=1000)
    assert [problem.code for problem in problems] == [code]
    assert len(found) == read_before
    assert problems[0].cure


def test_an_endless_tag_is_not_held_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "_MAX_XML_TOKEN", 2**20)
    (tmp_path / "d.xml").write_bytes(b'<mediawiki a="' + b"x" * 2**22 + b'"/>')
    assert codes(tmp_path) == ["malformed-xml"]


def test_a_long_text_is_no_endless_tag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "_MAX_XML_TOKEN", 2**20)
    text = "字" * 2**20
    (tmp_path / "d.xml").write_bytes(export(page("甲", revision(1, 1, text))))
    assert [len(source.text) for source in read(tmp_path)[0]] == [2**20]
