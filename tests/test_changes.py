"""Comparing and rendering, on articles small enough to see it all."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import sample_rows

from pipeline.changes import READ_TABLES, artifact, diff, load, render, summary
from pipeline.errors import PipelineError
from pipeline.matching import Carrier, Line, align, in_order, match_lines, words
from pipeline.schemas import SCHEMAS
from pipeline.tables import to_table

Tables = dict[str, pa.Table]


def told(table: pa.Table) -> list[list[str]]:
    fields = ("kind", "mention_table", "field", "old_value", "new_value")
    return sorted([row[name] or "" for name in fields] for row in table.to_pylist())


BODY = "# 歷史\n甲城在1941年有30人。乙河長18公里。\n甲城在1950年有60人。\n"
ENTRIES = "[1]: Reid 2010, p. 4.\n"


def sample(raw: str, **names: str) -> Tables:
    rows = sample_rows(raw, **names)
    return {name: to_table(name, rows[name]) for name in READ_TABLES}


def test_articles_are_compared_by_themselves() -> None:
    def state(first: str, second: str) -> Tables:
        parts = [sample(first, title="甲", path="a.md"), sample(second, title="乙", path="b.md")]
        return {
            name: pa.concat_tables([part[name] for part in reversed(parts)]) for name in READ_TABLES
        }

    found = diff(state(BODY, BODY), state(BODY, BODY.replace("30人", "31人"))).to_pylist()
    assert [(row["title"], row["old_value"], row["new_value"]) for row in found] == [
        ("乙", "30", "31")
    ]


@pytest.mark.parametrize(("title", "path"), [("苏联", "b.md"), ("別名", "a.md"), ("別名", "b.md")])
def test_a_renamed_article_is_the_same_one(title: str, path: str) -> None:
    old = sample(BODY, title="蘇聯", path="a.md")
    new = sample(BODY.replace("30人", "31人"), title=title, path=path)
    assert told(diff(old, new)) == [["value_changed", "numbers", "value", "30", "31"]]


def test_another_article_is_another() -> None:
    other = sample("# 沿革\n甲城一帶在1960年有學校8公里。\n", title="別名", path="b.md")
    assert set(diff(sample(BODY), other)["kind"].to_pylist()) == {"added", "removed"}


def test_what_the_rules_changed_is_told_of_an_unchanged_text() -> None:
    old, new = sample(BODY), sample(BODY)
    places = new["places"].to_pylist()
    places[0]["geonames_id"] = 12
    new["places"] = to_table("places", places)
    assert told(diff(old, new)) == [["value_changed", "places", "geonames_id", "", "12"]]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("有30人。乙河", "有30人，乙河", [("dates", "1941"), ("numbers", "18 km"), ("numbers", "30 人"), ("places", "乙河"), ("places", "甲城")]),
        ("有30人。", "，有30人。", [("dates", "1941"), ("numbers", "30 人"), ("places", "甲城")]),
        ("有30人。", "有30人，他們都在城中。", [("dates", "1941"), ("numbers", "30 人"), ("places", "甲城")]),
    ],
)  # fmt: skip
def test_reworded(old: str, new: str, changes: list[tuple[str, str]]) -> None:
    assert BODY.count(old) == 1
    found = diff(sample(BODY), sample(BODY.replace(old, new)))
    assert told(found) == [["reworded", table, "", value, value] for table, value in changes]


def test_support_is_compared_by_what_the_entries_say() -> None:
    body = BODY.replace("18公里。", "18公里[1]。")
    new = body.replace("[1]", "[2]") + "[1]: Lis 2001, p. 1.\n[2]: Reid 2010, p. 4.\n"
    assert told(diff(sample(body + ENTRIES), sample(new))) == [
        ["added", "footnotes", "", "", "Lis 2001, p. 1."]
    ]


TABLE = "|年|人口|\n|1941年|{}人|\n|1950年|{}人|\n|1960年|{}人|\n"


def test_cells_keep_their_place() -> None:
    old, new = sample(TABLE.format(10, 20, 30)), sample(TABLE.format(10, 30, 20))
    assert told(diff(old, new)) == [
        ["value_changed", "numbers", "value", "20", "30"],
        ["value_changed", "numbers", "value", "30", "20"],
    ]


# Matching

SENTENCES = st.lists(
    st.sampled_from(["甲城在北岸。", "乙河長。", "12", "13", "城市的人口有一千人左右。", "圖"]),
    max_size=12,
)


@given(SENTENCES, SENTENCES)
def test_matching_takes_each_sentence_once(old: list[str], new: list[str]) -> None:
    lines = [[Line(words(text), "", "paragraph") for text in texts] for texts in (old, new)]
    pairs = match_lines(*lines)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert [(i, i) for i in range(len(old))] == match_lines(lines[0], lines[0])
    kept = [pair for pair in pairs if pair[0] in in_order(pairs)]
    assert kept == sorted(kept, key=lambda pair: pair[1])


@given(st.text("甲乙丙 \n1", max_size=30), st.text("甲乙丙 \n1", max_size=30), st.data())
def test_a_carried_span_lies_in_the_new_text(old: str, new: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(old)))
    end = data.draw(st.integers(start, len(old)))
    carrier = Carrier(old, new)
    first, last = carrier.carry(start, end)
    assert 0 <= first <= len(words(new)) or first > last
    assert last <= len(words(new))
    whole = Carrier(old, old)
    assert whole.carry(start, end) == (whole.new_place(start), whole.new_place(end))


@pytest.mark.parametrize(
    ("old", "new", "span", "carried"),
    [
        ("有30人在", "有400人在", "30", "400"),
        ("有30人在", "曾有30人在", "30", "30"),
        ("有30人 在城", "有30人在城", "在", "在"),
        ("在甲城。", "在乙丙。", "甲城", "乙丙"),
    ],
)
def test_carry(old: str, new: str, span: str, carried: str) -> None:
    start, end = Carrier(old, new).carry(old.index(span), old.index(span) + len(span))
    assert words(new)[start:end] == carried


@given(st.lists(st.integers(0, 3), max_size=8), st.lists(st.integers(0, 3), max_size=8))
def test_align_pairs_equals_in_order(old: list[int], new: list[int]) -> None:
    pairs = align(old, new)
    assert all(old[i] == new[j] for i, j in pairs)
    assert pairs == sorted(pairs)
    assert len({j for _, j in pairs}) == len(pairs)


def test_long_texts_are_compared_in_time() -> None:
    old = "".join(chr(0x4E00 + i % 5000) for i in range(100_000))
    new = "".join(chr(0x4E00 + i * 7 % 5000) for i in range(100_000))
    assert Carrier(old, new).carry(10, 20)[1] <= len(new)
    lines = [Line(f"第{i}句有{i * 7919 % 10007}人在城中", "", "paragraph") for i in range(10_000)]
    assert len(match_lines(lines, lines[5_000:] + lines[:5_000])) == len(lines)


def test_a_sentence_of_many_mentions_is_compared_in_time() -> None:
    old = "、".join(f"{i}人 在" for i in range(2_000))
    found = diff(sample(old), sample(old.replace("9人", "8人").replace("在", "在於")))
    assert Counter(found["kind"].to_pylist()) == {"value_changed": 200}


# For people and pipes

NASTY = "a|b\x1b[31m`c`\n<b>\u202e[d](javascript:e)"


def nasty() -> pa.Table:
    row = dict.fromkeys(SCHEMAS["changes"].names)
    row |= {
        "change_id": "1", "article_id": "2", "title": NASTY, "kind": "value_changed",
        "mention_table": "dates", "field": "value", "old_value": NASTY, "new_value": "=1+1",
        "old_sentence": NASTY, "new_sentence": NASTY + "。", "new_footnotes": [1, 2],
    }  # fmt: skip
    return to_table("changes", [row])


@pytest.mark.parametrize("format", ["table", "jsonl", "markdown", "csv"])
def test_nothing_reaches_the_terminal(format: str) -> None:
    text = "".join(render(nasty(), format))
    assert text.endswith("\n")
    if format != "csv":
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_jsonl_gives_the_rows_back() -> None:
    (line,) = render(nasty(), "jsonl")
    assert json.loads(line) == nasty().to_pylist()[0]


def test_markdown_markup_is_escaped() -> None:
    text = "".join(render(nasty(), "markdown"))
    assert "<b>" not in text
    assert "](" not in text
    assert (
        len(
            {
                line.count("|") - line.count("\\|")
                for line in text.splitlines()
                if line.startswith("|")
            }
        )
        == 1
    )


def test_csv_has_the_columns_and_runs_nothing() -> None:
    header, row = csv.reader(io.StringIO("".join(render(nasty(), "csv")), newline=""))
    assert header == SCHEMAS["changes"].names
    assert row[header.index("new_value")] == "'=1+1"
    assert row[header.index("new_footnotes")] == "[1,2]"


def test_table_is_aligned() -> None:
    changes = diff(sample(BODY), sample(BODY.replace("30人", "31人").replace("18公里", "180公里")))
    lines = [line for line in "".join(render(changes)).splitlines() if line.startswith("value")]
    assert len(lines) == 2
    assert len({line.index("numbers") for line in lines}) == 1


def test_summary() -> None:
    assert summary(diff({}, {})) == "No fact changed."
    changes = diff(
        sample(BODY + ENTRIES), sample(BODY.replace("30人", "31人") + "[1]: Reid 2010, p. 5.\n")
    )
    assert summary(changes) == "2 changes in 1 article: 2 value changed (1 in references)."


def test_an_artifact_is_small() -> None:
    many = pa.concat_tables([nasty()] * 500)
    assert len(artifact(many)) <= 20_000
    assert "… and" in artifact(many)
    assert "… and" not in artifact(nasty())


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(PipelineError, match="format"):
        render(nasty(), "xml")


def test_load_reads_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path.parent)  # where no folder is called `output`
    old = sample(BODY)
    for name, table in old.items():
        folder = tmp_path / "output" / "parquet" / name
        folder.mkdir(parents=True)
        pq.write_table(table, folder / "part-0.parquet")
    for spec in (tmp_path / "output", tmp_path / "output" / "parquet", "output"):
        assert diff(load(spec, output=tmp_path), old).num_rows == 0
    (folder / "part-1.parquet").write_bytes(b"PAR1")
    with pytest.raises(PipelineError, match=r"part-1\.parquet is missing or damaged"):
        load(tmp_path / "output")
    with pytest.raises(PipelineError, match="no tables"):
        load(tmp_path / "elsewhere")
