"""The Markdown reader: forms as cases, invariants as properties, hostile input, the corpus."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.formats.markdown import parse_markdown
from pipeline.records import Document, Source

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "markdown.toml").read_text("utf-8"))["case"]
MARKUP = ("](", "wikilink", "**", "\\[", "{{", "]]", "<ref", "File:")
# Converted articles, where a folder of them stands beside the project.
CORPUS = sorted((HERE.parents[2] / "shared" / "corpus").glob("**/*.md"))
ARTICLES = [*sorted((HERE.parents[1] / "raw").glob("*.md")), *CORPUS]


def read(raw: str, path: str = "甲.md", **options: str) -> Document:
    return parse_markdown(Source(path, "markdown", raw, ""), **options)


def check(raw: str, document: Document) -> None:
    """The invariants that `records` promises."""
    text, projection = document.text, document.projection
    position = 0
    for index, block in enumerate(document.blocks):
        assert block.index == index
        assert block.start == position
        content = text[block.start : block.end]
        assert content == content.strip()
        assert len(content.splitlines()) <= 1
        assert text[block.end : block.end + 1] in ("", "\n")
        position = block.end + 1
    assert position == (len(text) + 1 if document.blocks else 0)
    for sentence in document.sentences:
        block = document.blocks[sentence.block]
        assert block.start <= sentence.start < sentence.end <= block.end
        said = text[sentence.start : sentence.end]
        assert projection.read(raw, text, sentence.start, sentence.end) == said
        raw_start, raw_end = projection.raw(sentence.start, sentence.end)
        assert 0 <= raw_start < raw_end <= len(raw)
    covered = "".join(text[s.start : s.end] for s in document.sentences)
    assert "".join(covered.split()) == "".join(text.split())
    for link in document.links:
        assert 0 <= link.start <= link.end <= len(text)
        assert 0 <= link.raw_start < link.raw_end <= len(raw)
        if link.start < link.end:
            assert text[link.start : link.end] == link.anchor
    for marker in document.markers:
        assert 0 <= marker.position <= len(text)
        assert marker.footnote is None or (
            document.footnotes[marker.footnote].number == marker.number
            and document.footnotes[marker.footnote].group == marker.group
        )
    for record in (*document.footnotes, *document.cells, *document.media, *document.sections):
        assert 0 <= record.raw_start <= record.raw_end <= len(raw)
    for cell in document.cells:
        if cell.block is not None:
            block = document.blocks[cell.block]
            assert cell.text == text[block.start : block.end]


def shown(document: Document) -> dict[str, list[str]]:
    text = document.text
    return {
        "blocks": [f"{b.kind}: {text[b.start : b.end]}" for b in document.blocks],
        "paths": ["/".join(section.path) for section in document.sections],
        "links": [
            f"{link.kind} {link.anchor} → {link.target_title or ''}"
            for link in document.links
            if link.kind not in ("file", "category")
        ],
        "markers": [f"{marker.number}@{marker.position}" for marker in document.markers],
        "notes": [f"{note.number} {note.text}" for note in document.footnotes],
        "categories": [category.name for category in document.categories],
        "media": [
            f"{m.file_name} {m.caption}" if m.caption else m.file_name for m in document.media
        ],
        "cells": [f"{c.row},{c.column} {c.text} ← {'/'.join(c.headers)}" for c in document.cells],
        "problems": [problem.code for problem in document.problems],
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_form(case: dict[str, Any]) -> None:
    document = read(case["raw"])
    check(case["raw"], document)
    found = shown(document)
    assert {key: found[key] for key in case if key in found} == {
        key: case[key] for key in case if key in found
    }


def test_banner() -> None:
    raw = "> 本文内容由[甲 \\(乙\\)](https://zh.wikipedia.org/wiki/甲_\\(乙\\))转换而来。\n\n\n丙"
    document = read(raw, "丁.md")
    assert (document.title, document.text) == ("甲 (乙)", "丙")
    assert document.source_url == "https://zh.wikipedia.org/wiki/甲_(乙)"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("a/英雄城市_(蘇聯).md", "英雄城市 (蘇聯)"),
        (".40_S&W.md", ".40 S&W"),
        ("$6,000計劃.md", "$6,000計劃"),
        ("'s...TAEYEON_CONCERT.md", "'s...TAEYEON CONCERT"),
        ("articles.zip#x/AC／DC.markdown", "AC／DC"),
        ("GNU%2FLinux.md", "GNU/Linux"),
        (".md", ".md"),
    ],
)
def test_title_from_the_file_name(path: str, title: str) -> None:
    assert read("甲", path).title == title


def test_the_container_knows_the_title() -> None:
    assert parse_markdown(Source("甲.md", "markdown", "乙", "", title="丙_丁")).title == "丙 丁"


@pytest.mark.parametrize(
    ("variant", "text"), [("zh-hant", "乙"), ("zh-hans", "甲"), ("zh-hk", "丙"), ("zh-mo", "乙")]
)
def test_variant(variant: str, text: str) -> None:
    assert read("-{zh-hans:甲;zh-hant:乙;zh-hk:丙}-", variant=variant).text == text


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.name)
def test_article(path: Path) -> None:
    raw = path.read_bytes().decode("utf-8")
    document = read(raw, path.name)
    check(raw, document)
    for sentence in document.sentences:
        said = document.text[sentence.start : sentence.end]
        assert not [sign for sign in MARKUP if sign in said], said
    assert lost(raw, document) == {}


HAN = re.compile(r"[\u3400-\u9fff]")
ADDRESS = re.compile(r"\]\((?:\\.|[^()\\\s]|\([^()\s]*\))*(?:\s+\"(?:\\.|[^\"\\])*\")?\)")
NO_PROSE = re.compile(
    r"<!--.*?-->|https?://\S+|(?:File|Image|檔案):[^|>\n]*|\A> .*\n|<[^<>\n]*>|^```.*?^```"
    r"|\{#[^{}\n]*\}|\[\^[^\]]*\]|\\\[\\\[[^|\]]*\||\{\{#[^{}]*|\{\{[^|{}\n]*",
    re.DOTALL | re.MULTILINE,
)
VARIANTS = re.compile(r"-\{.*?\}-", re.S)


def lost(raw: str, document: Document) -> dict[str, int]:
    """CJK characters of the raw prose that are in no sentence, footnote or link, and how many."""
    prose = VARIANTS.sub("", NO_PROSE.sub("", ADDRESS.sub("]", raw)))
    kept: dict[str, int] = {}
    texts = [document.text, *(note.text for note in document.footnotes)]
    texts += [link.raw_anchor for link in document.links if link.start == link.end]
    for char in HAN.findall("".join(texts)):
        kept[char] = kept.get(char, 0) + 1
    for char in HAN.findall(prose):
        kept[char] = kept.get(char, 0) - 1
    return {char: -count for char, count in kept.items() if count < 0}


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "left out" not in case["name"]],
    ids=lambda case: case["name"],
)
def test_no_prose_is_lost(case: dict[str, str]) -> None:
    assert set(lost(case["raw"], read(case["raw"]))) == set()


PIECES = [
    "\n-- ---\n", "\n\n甲  乙\n-- --\n", "\n+--+--+\n", "|  |  |\n", "{.a}", "<sup>", "~2~",
    *"甲乙ab1 \n\n[](){}|<>*_`#-.:!&$\\\"'~^=",
    "[甲](../Page/甲.md \"wikilink\")", "\\[1\\]", "[^1]", "[^1]: ", "1. ", "  - ", "\\[\\[", "\\]\\]",
    "{{", "}}", "-{", "}-", "zh-hans:", "<table>", "<tr>", "<td rowspan=3>", "</td>", "</table>",
    "<ref>", "</ref>", "<!--", "-->", "<File:A> b.jpg | ", "File:a.jpg|", "```", "> ", "| a |\n|---|\n",
    '[a.jpg](File:a.jpg "fig:a.jpg")', "![", "](x)", "&amp;", "<br>", "http://a.b/", "ⓦ", "。", "《", "》",
    "\r\n", "\x0b", "\u2028", "\u3000", "\x00", "\U00020000", "\ufeff", "[Category:甲](Category:甲)",
    "<a href='x'>", "</a>", "\\====", "====", "<math>", "</math>", "'''", "<li>", "<h2>", "<gallery>",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_nasty_text(raw: str) -> None:
    check(raw, read(raw))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_any_text(raw: str) -> None:
    check(raw, read(raw))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(CASES),
    st.integers(0, 10_000),
    st.integers(0, 12),
    st.sampled_from([*PIECES, ""]),
)
def test_mutated_forms(case: dict[str, str], place: int, width: int, piece: str) -> None:
    raw = case["raw"]
    place %= len(raw) + 1
    raw = raw[:place] + piece + raw[place + width :]
    check(raw, read(raw))


HOSTILE = {
    "one long line": "蘇聯於1941年[甲](../Page/甲.md)宣佈。\\[1\\]" * 8_000,
    "open brackets": "[" * 100_000,
    "open escaped brackets": "\\[" * 20_000,
    "open links": "[a](b " * 10_000,
    "open images": "![" * 20_000,
    "open templates": "{{a|" * 10_000,
    "open tags": "<ref>" * 10_000,
    "open comments": "<!-- " * 10_000,
    "open code": "` `` " * 10_000,
    "underscores": "_a" * 20_000,
    "dollars": "$x" * 20_000,
    "nested lists": "".join("  " * depth + "- 項\n" for depth in range(1_000)),
    "items on one line": "- " * 20_000,
    "nested tables": "<table><tr><td>" * 500 + "甲" + "</td></tr></table>" * 500,
    "nested images": "![" * 2_000 + "甲" + "](x.jpg)" * 2_000,
    "nested anchors": "[" * 2_000 + "甲" + "](x)" * 2_000,
    "wide spans": "<table>" + "<tr><td rowspan=999 colspan=999>甲</td></tr>" * 300 + "</table>",
    "many trails": "".join(f"[元帥{chr(0x4E00 + n)}甲](x)，" for n in range(20_000)),
    "long titles": f"[{'甲' * 20_000}乙]({'甲' * 20_000}丙)，" * 5,
    "blank lines": "\n" * 100_000,
    "spaces": " " * 100_000 + "甲",
    "figures": '[a](File:b.jpg "fig:b.jpg")' * 3_000,
    "rules of dashes": "---\n甲\n-- --\n\n" * 5_000 + "-- --\n\n甲\n\n" * 5_000,
    "open grids": "+--+--+\n| a |\n\n" * 5_000,
    "fences": "".join("`" * (300 - depth) + "\n" for depth in range(297)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read(name: str) -> None:
    check(HOSTILE[name], read(HOSTILE[name]))
