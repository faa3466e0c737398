"""One edit, one change: edits planted in a real article."""

from __future__ import annotations

import pytest
from planting import RAW, Tables, move_section, planted, replaced, tables, told

from pipeline.changes import READ_TABLES, diff
from pipeline.schemas import SCHEMAS

EDITS = planted()
# Edits that change the words of each sentence, or the article's name, and with them all ids.
EVERY_WORD = ("Traditional to Simplified", "the banner lost")


def untouched_ids(before: Tables, after: Tables) -> None:
    """Mentions of sentences that are in both have the same ids in both."""
    for table in ("dates", "numbers", "places"):
        ids: list[dict[str, list[str]]] = []
        for state in (before, after):
            found: dict[str, list[str]] = {}
            for row in state[table].to_pylist():
                found.setdefault(row["sentence_id"], []).append(row["mention_id"])
            ids.append(found)
        both = set(before["sentences"]["sentence_id"].to_pylist()) & set(
            after["sentences"]["sentence_id"].to_pylist()
        )
        assert both
        assert all(ids[0].get(sentence) == ids[1].get(sentence) for sentence in both)


@pytest.mark.parametrize("name", EDITS)
def test_planted_edit(name: str) -> None:
    new, changes = EDITS[name]
    assert (new == RAW) == (name == "nothing")
    assert told(diff(tables(RAW), tables(new))) == sorted(changes)
    if name not in EVERY_WORD:
        untouched_ids(tables(RAW), tables(new))


def test_what_moved_is_told_when_asked() -> None:
    rows = diff(tables(RAW), tables(move_section(RAW)), moved=True).to_pylist()
    assert {row["kind"] for row in rows} == {"moved"}
    assert {row["old_sentence"] == row["new_sentence"] for row in rows} == {True}
    filled = diff(
        tables(RAW),
        tables(replaced("1941年7月10日，德軍發動", "1942年7月10日，德軍發動")),
        moved=True,
    )
    assert ["value_changed", "dates", "value", "1941-07-24", "1942-07-24"] in told(filled)


def test_a_change_shows_where_it_is() -> None:
    new = replaced("是次包圍總計30萬人被俘", "是次包圍總計40萬人被俘")
    (row,) = diff(tables(RAW), tables(new)).to_pylist()
    assert RAW[row["old_raw_start"] : row["old_raw_end"]] == "30萬人"
    assert new[row["new_raw_start"] : row["new_raw_end"]] == "40萬人"
    assert "30萬人被俘" in row["old_sentence"]
    assert "40萬人被俘" in row["new_sentence"]
    assert row["old_mention_id"] != row["new_mention_id"]
    assert row["title"] == tables(RAW)["articles"]["title"][0].as_py()


def test_an_article_that_came_or_went() -> None:
    nothing = {name: SCHEMAS[name].empty_table() for name in READ_TABLES}
    count = sum(tables(RAW)[name].num_rows for name in ("dates", "numbers", "places"))
    come, gone = diff(nothing, tables(RAW)), diff(tables(RAW), nothing)
    for table, kind in ((come, "added"), (gone, "removed")):
        facts = [row for row in table.to_pylist() if row["mention_table"] != "footnotes"]
        assert len(facts) == count
        assert set(table["kind"].to_pylist()) == {kind}
        assert len(set(table["change_id"].to_pylist())) == table.num_rows
    assert diff({}, {}).num_rows == 0
