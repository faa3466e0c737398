import dataclasses
import datetime as dt
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sampling import RAW, document, mentions, sample_rows, source

from pipeline.errors import OffsetError, PipelineError
from pipeline.plain import read_number
from pipeline.records import Mentions, Problem
from pipeline.schemas import ARTICLE_TABLES, REFRESH_TABLES, SCHEMAS, TABLES, column_reference
from pipeline.tables import (
    article_id,
    article_rows,
    geojson,
    in_order,
    place_entities,
    problem_rows,
    to_table,
)

ROWS = sample_rows(RAW)


def column(rows, table, name):
    return [row[name] for row in rows[table]]


def test_every_table_fits_its_schema():
    assert set(ROWS) == set(ARTICLE_TABLES)
    for name in ARTICLE_TABLES:
        table = to_table(name, ROWS[name])
        assert table.schema.equals(SCHEMAS[name], check_metadata=True)
        assert table.num_rows == len(ROWS[name])
    assert [name for name in ARTICLE_TABLES if not ROWS[name]] == ["problems"]


def test_schemas_say_what_they_hold():
    for table in TABLES:
        schema = SCHEMAS[table.name]
        assert schema.metadata[b"primary_key"].decode() in schema.names
        for field in schema:
            assert field.metadata[b"description"].endswith((b".", b"`."))
        for name in schema.names:
            if name.endswith(("_start", "_end")):
                assert schema.field(name).metadata[b"unit"] == b"code points"
        for refers in (c.refers for c in table.columns if c.refers):
            other, target = refers.split(".")
            assert target == next(t.key for t in TABLES if t.name == other)
    assert (*ARTICLE_TABLES, *REFRESH_TABLES) == tuple(SCHEMAS)


def test_column_reference_is_current():
    page = Path(__file__).parents[1] / "docs" / "tables.md"
    assert page.read_text(encoding="utf-8").endswith(column_reference())


def test_ids_are_unique():
    for table in TABLES:
        if table.per_article:
            ids = column(ROWS, table.name, table.key)
            assert len(ids) == len(set(ids)), table.name


def test_raw_slice_holds_the_mention():
    city = ROWS["places"][0]
    assert (city["text"], RAW[city["raw_start"] : city["raw_end"]]) == ("甲城", "甲**城")
    sentence = ROWS["sentences"][0]["text"]
    assert sentence[city["sentence_start"] : city["sentence_end"]] == "甲城"


def test_a_repeated_sentence_gets_a_suffix():
    ids = column(ROWS, "sentences", "sentence_id")
    same = [i for i in ids if i.startswith(ids[0])]
    assert same == [ids[0], ids[0] + "-2", ids[0] + "-3"]


@pytest.mark.parametrize(
    ("edit", "touched"),
    [
        (lambda raw: "乙河在1999年。\n" + raw, set()),
        (lambda raw: raw.replace("# 歷史", "新的一段。\n# 歷史"), set()),
        (lambda raw: raw.replace("**", ""), set()),
        (lambda raw: raw.replace("[1]", "[7]").replace("[2]:", "[9]:").replace("[2]", "[9]"), set()),
        (lambda raw: raw.replace("長18", "長 18"), set()),
        (lambda raw: raw.replace("18公里", "19公里"), {"乙河", "18公里"}),
    ],
)  # fmt: skip
def test_ids_survive_edits_elsewhere(edit, touched):
    after = sample_rows(edit(RAW))
    for table in ("dates", "numbers", "places"):
        kept = set(column(after, table, "mention_id"))
        gone = [row["text"] for row in ROWS[table] if row["mention_id"] not in kept]
        assert set(gone) <= touched
    if not touched:
        assert set(column(ROWS, "sentences", "sentence_id")) <= set(
            column(after, "sentences", "sentence_id")
        )
        footnotes = column(after, "footnotes", "footnote_id")
        assert column(ROWS, "footnotes", "footnote_id") == footnotes


def test_footnotes_and_citations_meet():
    assert column(ROWS, "footnotes", "citation_count") == [3, 2, 0]
    assert column(ROWS, "footnotes", "is_empty") == [False, True, True]
    ids = column(ROWS, "footnotes", "footnote_id")
    assert column(ROWS, "citations", "footnote_id") == [ids[0], ids[1], ids[0], ids[0], ids[1]]
    first = ROWS["citations"][0]
    sentence = next(s for s in ROWS["sentences"] if s["sentence_id"] == first["sentence_id"])
    assert sentence["text"][: first["sentence_start"]] == "1941年，甲城有30人"
    assert RAW[first["raw_start"] : first["raw_end"]] == "[1]"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [("甲。[1]乙。", "甲。"), ("[1]甲。乙。", "甲。"), ("甲\n乙。[1]\n丙", "乙。"), ("甲\n[1]乙。", "乙。")],
)  # fmt: skip
def test_a_marker_belongs_to_the_sentence_it_follows(raw, sentence):
    rows = sample_rows(raw + "\n[1]: 書")
    found = {row["sentence_id"]: row["text"] for row in rows["sentences"]}
    assert found[rows["citations"][0]["sentence_id"]] == sentence


def test_statements_list_what_a_sentence_says():
    first = ROWS["statements"][0]
    assert first["dates"] == ["1941"]
    assert first["places"] == ["甲城"]
    assert first["numbers"] == [30.0]
    assert first["number_units"] == ["人"]
    assert first["footnotes"] == [1]
    assert ROWS["statements"][2]["section_path"] == "歷史"


def test_counts_are_of_the_rows():
    article = ROWS["articles"][0]
    assert (article["place_count"], article["sentence_count"]) == (5, len(ROWS["sentences"]))
    assert article["article_id"] == article_id("zh", "樣本")


def test_cells_take_their_unit_from_cell_or_header():
    raw = "|名稱|長（公里）|人口 [萬人]|造價/億美元|年份|寬\n|乙河[1]|1,200|３.5|−2|1941|18公里\n[1]: 書"
    found = document(raw)
    rows = article_rows(source(raw), found, mentions(found), [], read_number=read_number)
    cells = [(c["value"], c["unit"]) for c in rows["table_cells"] if not c["is_header"]]
    assert cells == [
        (None, None), (1200.0, "km"), (35_000.0, None), (-2e8, "USD"), (1941.0, None), (18.0, "km"),
    ]  # fmt: skip
    cell = rows["table_cells"][6]
    assert (cell["headers"], cell["footnotes"], cell["text"]) == (("名稱",), [1], "乙河")


def test_a_span_that_reads_otherwise_is_refused():
    found = document(RAW)
    said = mentions(found)
    shifted = dataclasses.replace(source(RAW), text="甲" + RAW)
    with pytest.raises(OffsetError, match="reads"):
        article_rows(shifted, found, said, [])
    across = said.dates[0]._replace(end=len(found.text) - 1)
    with pytest.raises(OffsetError, match="one sentence"):
        article_rows(source(RAW), found, Mentions(dates=(across,)), [])


NASTY = st.text(st.sampled_from("**[]1甲城乙河年人。\n#| \u200b𠮷\u0301公里9"), max_size=80)


@given(NASTY)
def test_any_text_makes_rows(raw):
    rows = sample_rows(raw)
    sentences = {row["sentence_id"]: row for row in rows["sentences"]}
    for name in ("dates", "numbers", "places"):
        for row in rows[name]:
            text = sentences[row["sentence_id"]]["text"]
            assert text[row["sentence_start"] : row["sentence_end"]] == row["text"]
            slice_ = raw[row["raw_start"] : row["raw_end"]].replace("**", "")
            assert slice_ == row["text"] or "[" in slice_
    for name in ARTICLE_TABLES:
        to_table(name, rows[name])


def test_rows_are_in_order_of_article():
    rows = [*sample_rows(RAW, title="乙")["sentences"], *sample_rows(RAW, title="甲")["sentences"]]
    table = to_table("sentences", rows)
    ids = table["article_id"].to_pylist()
    assert ids == sorted(ids)
    parts = [to_table("sentences", sample_rows(RAW, title=t)["sentences"]) for t in "甲乙"]
    assert in_order(pa.concat_tables(parts)).equals(table)
    assert in_order(pa.concat_tables(parts[::-1])).equals(table)


def test_wrong_rows_are_refused():
    row = ROWS["categories"][0]
    with pytest.raises(PipelineError, match="has no name"):
        to_table("categories", [{**row, "name": None}])
    with pytest.raises(PipelineError, match="wrong type"):
        to_table("categories", [{**row, "raw_start": "x"}])
    with pytest.raises(PipelineError, match="no column"):
        to_table("categories", [{}])
    with pytest.raises(PipelineError, match="There is no table"):
        to_table("nothing", [])


def test_half_a_surrogate_pair_becomes_a_replacement_character():
    table = to_table("categories", [{**ROWS["categories"][0], "name": "a\ud800b"}])
    assert table["name"].to_pylist() == ["a\ufffdb"]


def test_problems_of_unread_files_have_no_article():
    problem = Problem("a.md", "error", "not-utf8", "It is no UTF-8.", "Save it as UTF-8.")
    table = to_table("problems", [*problem_rows([problem]), *problem_rows([problem], article="00")])
    assert table["article_id"].to_pylist() == ["00", None]


def test_place_entities_are_counted():
    parts = [
        to_table("places", sample_rows(RAW, title="一")["places"]),
        to_table("places", sample_rows("甲城。", title="二")["places"]),
    ]
    table = place_entities(parts)
    assert table.equals(place_entities(reversed(parts)))
    rows = {row["name"]: row for row in table.to_pylist()}
    assert (rows["甲城"]["mention_count"], rows["甲城"]["article_count"]) == (4, 2)
    assert (rows["乙河"]["mention_count"], rows["乙河"]["article_count"]) == (2, 1)
    assert rows["甲城"]["names"] == ["甲城"]
    assert place_entities([]).num_rows == 0


def test_what_most_mentions_say_of_a_place_wins():
    rows = sample_rows("甲城。甲城。甲城。")["places"]
    rows[0]["name"], rows[0]["latitude"], rows[0]["text"] = "舊名", None, "舊"
    (entity,) = place_entities([to_table("places", rows)]).to_pylist()
    assert (entity["name"], entity["latitude"], entity["names"]) == ("甲城", 59.9, ["甲城", "舊"])


def test_geojson_holds_the_mapped_places():
    import json

    table = place_entities([to_table("places", ROWS["places"])])
    found = json.loads("".join(geojson(table)))
    assert found["type"] == "FeatureCollection"
    (feature,) = found["features"]
    assert feature["geometry"] == {"type": "Point", "coordinates": [30.3, 59.9]}
    assert feature["properties"]["name"] == "甲城"
    assert json.loads("".join(geojson(place_entities([]))))["features"] == []


def test_dates_are_dates():
    table = to_table("dates", ROWS["dates"])
    assert table["start_date"][0].as_py() == dt.date(1941, 1, 1)
