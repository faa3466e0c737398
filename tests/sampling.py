"""Articles small enough to be read by a few regexes, for tests of what comes after reading.

A sample's raw text has a heading a line that begins with `#`, a table row a line that begins with
`|` (the first row heads the columns), footnotes as `[1]: text` at the end, and paragraphs. `**`
is markup, `[1]` a marker. 1941年 is a date, 30人 and 18公里 are numbers, 甲城 and 乙河 places.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.records import (
    Attribution,
    Block,
    Category,
    Cell,
    DateMention,
    Document,
    Footnote,
    Link,
    Marker,
    Media,
    Mentions,
    NumberMention,
    PlaceMention,
    Section,
    Sentence,
    Source,
)
from pipeline.spans import TextBuilder
from pipeline.store.history import Snapshot
from pipeline.store.parts import bucket_of
from pipeline.store.publish import Refresh, begin
from pipeline.tables import ARTICLE_TABLES, Rows, article_id, article_rows, to_table

_TOKEN = re.compile(r"\*\*|\[(\d+)\]|[^*\[\n]+|.")
_ENTRY = re.compile(r"^\[(\d+)\]: ?(.*)$", re.MULTILINE)
_SITES = {"甲城": ("settlement", 59.9, 30.3), "乙河": ("water", None, None)}


def source(raw: str, *, path: str = "sample.md") -> Source:
    return Source(path, "markdown", raw, hashlib.sha256(raw.encode()).hexdigest())


def document(raw: str, *, title: str = "樣本") -> Document:
    builder = TextBuilder(raw)
    body = raw[: match.start()] if (match := _ENTRY.search(raw)) else raw
    sections = [Section(0, None, 1, "", (), 0, 0, 0, 0)]
    blocks: list[Block] = []
    markers: list[Marker] = []
    cells: list[Cell] = []
    footnotes = [
        Footnote(int(m[1]), "", m[2], "web" if m[2] else "empty", m.start(), m.end())
        for m in _ENTRY.finditer(raw)
    ]
    numbers = {note.number: index for index, note in enumerate(footnotes)}

    def add(kind: str, start: int, end: int) -> int:
        if blocks:
            builder.put("\n", start, start)
        begin = builder.length
        for token in _TOKEN.finditer(raw, start, end):
            if token[1]:
                number = int(token[1])
                markers.append(
                    Marker(builder.length, number, "", numbers.get(number), *token.span())
                )
            elif token[0] != "**":
                builder.keep(*token.span())
        blocks.append(Block(len(blocks), kind, len(sections) - 1, begin, builder.length))
        return len(blocks) - 1

    table = row = -1
    header: list[str] = []
    for line in re.finditer(r"[^\n]+", body):
        start, end = line.span()
        if line[0].startswith("#"):
            level = len(line[0]) - len(line[0].lstrip("#"))
            heading = line[0].lstrip("# ")
            sections.append(Section(len(sections), 0, level, heading, (heading,), 0, 0, start, end))
            add("heading", end - len(heading), end)
        elif line[0].startswith("|"):
            table, row = (table, row + 1) if row >= 0 else (table + 1, 0)
            for column, part in enumerate(re.finditer(r"[^|]+", line[0])):
                block = add("table_cell", start + part.start(), start + part.end())
                text = builder.text()[blocks[block].start : blocks[block].end]
                header = [*header, text] if row == 0 else header
                cells.append(
                    Cell(
                        len(sections) - 1, table, row, column, 1, 1, row == 0,
                        () if row == 0 else (header[column],), block, text,
                        start + part.start(), start + part.end(),
                    )
                )  # fmt: skip
            continue
        else:
            add("paragraph", start, end)
        row, header = -1, []
    text = builder.text()
    sentences = [
        Sentence(0, block.index, block.section, block.start + m.start(), block.start + m.end())
        for block in blocks
        for m in re.finditer(r"[^。]+。?", text[block.start : block.end])
    ]
    projection = builder.projection()
    links = [
        Link("page", m.start(), m.end(), m[0], m[0], m[0], None, *projection.raw(*m.span()))
        for m in re.finditer("甲城", text)
    ]
    return Document(
        title, "zh", f"https://zh.wikipedia.org/wiki/{title}", text, projection,
        tuple(sections), tuple(blocks),
        tuple(Sentence(i, s.block, s.section, s.start, s.end) for i, s in enumerate(sentences)),
        tuple(links), tuple(markers), tuple(footnotes),
        (Media(0, "甲城.jpg", None, None, None, 0, 0),), (Category("樣本", 0, 0),), tuple(cells),
    )  # fmt: skip


def mentions(found: Document) -> Mentions:
    text = found.text
    dates = tuple(
        DateMention(
            m.start(), m.end(), "year", 1.0, "date", m[1],
            dt.date(int(m[1]), 1, 1), dt.date(int(m[1]), 12, 31), "year", None, "gregorian",
            "explicit", None,
        )
        for m in re.finditer(r"(\d{4})年", text)
    )  # fmt: skip
    numbers = tuple(
        NumberMention(
            m.start(), m.end(), "count", 0.9, "measure" if m[2] == "公里" else "count",
            *[float(m[1])] * 3, "km" if m[2] == "公里" else None,
            None if m[2] == "公里" else m[2], None, None, None, None,
        )
        for m in re.finditer(r"(\d+)(人|公里)", text)
    )  # fmt: skip
    places = tuple(
        PlaceMention(
            m.start(), m.end(), "site", 0.8, m[0], _SITES[m[0]][0], f"x:{m[0]}", None,
            *_SITES[m[0]][1:], None, "gazetteer", None, (f"x:{m[0]}",),
        )
        for m in re.finditer("|".join(_SITES), text)
    )  # fmt: skip
    return Mentions(dates, numbers, places)


def attributions(found: Document, said: Mentions) -> list[Attribution]:
    """Each mention's next marker in its block supports it."""
    support = []
    for table in ("dates", "numbers", "places"):
        for index, mention in enumerate(getattr(said, table)):
            block = next(b for b in found.blocks if b.start <= mention.start < b.end)
            for marker in found.markers:
                if mention.end <= marker.position <= block.end and marker.footnote is not None:
                    distance = marker.position - mention.end
                    support.append(
                        Attribution(
                            table, index, marker.footnote, marker.number, "clause", distance
                        )
                    )
                    break
    return support


def sample_rows(raw: str, *, title: str = "樣本", path: str = "sample.md") -> Rows:
    found = document(raw, title=title)
    said = mentions(found)
    return article_rows(source(raw, path=path), found, said, attributions(found, said))


RAW = """1941年，**甲**城有30人[1]。乙河長18公里[2]。
# 歷史
1941年，甲城有30人[1]。1941年，甲城有30人[1]。
|名稱|長（公里）|人口
|乙河|1,200|30人[2]
[1]: 一書
[2]:
[3]:
"""


def stage(refresh: Refresh, articles: Mapping[str, str], *, fingerprint: str = "") -> list[str]:
    """Put the buckets of `articles` (raw texts by title) into `refresh`; returns their labels."""
    buckets: dict[str, list[Rows]] = {}
    for title, raw in articles.items():
        label = bucket_of(article_id("zh", title), refresh.bucket_count)
        buckets.setdefault(label, []).append(sample_rows(raw, title=title, path=f"{title}.md"))
    for label, found in buckets.items():
        tables = {
            t: to_table(t, [row for rows in found for row in rows[t]]) for t in ARTICLE_TABLES
        }
        refresh.put_bucket(label, tables, fingerprint=fingerprint)
    return list(buckets)


def inputs(articles: Mapping[str, str]) -> list[dict[str, str]]:
    return [
        {"path": f"{title}.md", "sha256": source(raw).sha256, "article_id": article_id("zh", title)}
        for title, raw in articles.items()
    ]


def publish(
    output: Path, articles: Mapping[str, str], *, bucket_count: int = 64, problems=(), **commit
) -> Snapshot:
    with begin(output, versions={"wikifacts": "1"}, bucket_count=bucket_count) as refresh:
        stage(refresh, articles)
        refresh.seal(inputs=inputs(articles), problems=problems)
        return refresh.commit(**commit)
