"""Edits planted in a real article, and the changes that each shall give."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import opencc
import pyarrow as pa

from pipeline.article import process
from pipeline.changes import READ_TABLES
from pipeline.records import Source
from pipeline.tables import to_table

Tables = dict[str, pa.Table]
#: kind, table, field, old value, new value; "" stands for null.
Changes = list[list[str]]

PATH = next((Path(__file__).parents[1] / "raw").glob("*.md"))
RAW = PATH.read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def tables(raw: str, path: str = PATH.name) -> Tables:
    digest = hashlib.sha256(raw.encode()).hexdigest()
    rows = process(Source(path, "markdown", raw, digest))
    return {name: to_table(name, rows[name]) for name in READ_TABLES}


def told(table: pa.Table) -> list[list[str]]:
    fields = ("kind", "mention_table", "field", "old_value", "new_value")
    return sorted([row[name] or "" for name in fields] for row in table.to_pylist())


def replaced(old: str, new: str) -> str:
    assert RAW.count(old) == 1, f"{old!r} stands {RAW.count(old)} times in the article"
    return RAW.replace(old, new)


# Edits of the whole text


def rewrapped(raw: str) -> str:
    """Each line of prose wrapped at 72 columns: at a space, or between two Chinese characters; an
    entry of a list goes on indented. A link or a marker is not cut."""
    lines = []
    for line in raw.split("\n"):
        prose = line and not line.startswith((">", "#", "[", "<", " "))
        pieces = r"\[[^\]]*\]\((?:[^()\\]|\\.)*\)|\\\[\d+\\\]|[!-Z^-~]+| +|."
        row = ""
        for piece in re.findall(pieces, line) if prose else [line]:
            may_break = row.endswith(" ") or (row[-1:] > "\u3000" and piece > "\u3000")
            if may_break and prose and len(row) + len(piece) > 72:
                lines.append(row)
                row = ("    " if re.match(r"\d+\. ", line) else "") + piece.lstrip()
            else:
                row += piece
        lines.append(row)
    return "\n".join(lines)


def renumbered(
    raw: str, number: Callable[[int], int | None], entries: Callable[[list[str]], list[str]]
) -> str:
    """Markers and entries of the reference list with other numbers; None drops a marker."""
    body, entry, listed = raw.partition("\n1.\n")
    body = re.sub(
        r"\\\[(\d+)\\\]",
        lambda m: "" if (n := number(int(m[1]))) is None else f"\\[{n}\\]",
        body,
    )
    texts = [re.sub(r"^\d+\.", "", line) for line in (entry.strip() + "\n" + listed).split("\n")]
    return body + "\n" + "\n".join(f"{i}.{text}" for i, text in enumerate(entries(texts), 1))


def insert_footnote(raw: str) -> str:
    shifted = renumbered(raw, lambda n: n + 1, lambda texts: [" Reid 2010, p. 4.", *texts])
    return shifted.replace("本稱號被頒予", "本稱號\\[1\\]被頒予", 1)


def drop_footnote(raw: str) -> str:
    return renumbered(
        raw,
        lambda n: None if n == 13 else n - (n > 13),
        lambda texts: [text for i, text in enumerate(texts, 1) if i != 13],
    )


def swap_footnotes(raw: str) -> str:
    swap = {13: 14, 14: 13}
    return renumbered(
        raw,
        lambda n: swap.get(n, n),
        lambda texts: [texts[swap.get(i, i) - 1] for i in range(1, len(texts) + 1)],
    )


def swap_sentences(raw: str) -> str:
    first, second = re.findall(r"戰役中接近200萬.*?\\\[17\\\]|戰事中於軍工廠.*?\\\[18\\\]", raw)
    return raw.replace(first + second, second + first)


def move_section(raw: str) -> str:
    start, end = raw.index("### [摩爾曼斯克]"), raw.index("### [斯摩棱斯克]")
    place = raw.index("### [圖拉]")
    return raw[:place] + raw[start:end] + raw[place:start] + raw[end:]


WHOLE: dict[str, tuple[Callable[[str], str], list[list[str]]]] = {
    "every line rewrapped": (rewrapped, []),
    "line ends of another system": (lambda raw: raw.replace("\n", "\r\n"), []),
    "Traditional to Simplified": (opencc.OpenCC("t2s").convert, []),
    "two sentences swapped": (swap_sentences, []),
    "a section moved": (move_section, []),
    "two references swapped": (swap_footnotes, []),
    "a footnote before all others": (
        insert_footnote,
        [["added", "footnotes", "", "", "Reid 2010, p. 4."]],
    ),
    "a footnote taken out": (
        drop_footnote,
        [
            ["footnotes_changed", "places", "footnotes", "13", ""],
            ["footnotes_changed", "places", "footnotes", "13", ""],
            ["removed", "footnotes", "", "history.com on Leningrad", ""],
        ],
    ),
    "the banner lost": (lambda raw: raw.partition("\n")[2], []),
    "nothing": (lambda raw: raw, []),
}


def planted() -> dict[str, tuple[str, Changes]]:
    """Name → (the article with the edit, the changes it shall give)."""
    path = Path(__file__).parent / "planted_edits.toml"
    found = {
        edit["name"]: (replaced(edit["old"], edit["new"]), edit["changes"])
        for edit in tomllib.loads(path.read_text(encoding="utf-8"))["edit"]
    }
    return found | {name: (edit(RAW), changes) for name, (edit, changes) in WHOLE.items()}
