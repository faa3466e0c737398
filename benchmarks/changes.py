"""Precision and recall of the classified changes, ours beside csv-diff's, on the same pairs.

    PYTHONPATH=. uv run --active --with csv-diff python benchmarks/changes.py

The pairs are the edits of `tests/planting.py`: each says which changes it shall give. csv-diff
compares the rows of two tables by a key, here of the tables
dates, numbers, places and footnotes, without the columns that say where a row stands or that
follow from another column. It is run with two keys: the row's id, and its running number. A row
that it calls changed is taken for `value_changed` (`footnotes_changed` if that is the column).
"""

from __future__ import annotations

import io
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from planting import RAW, Tables, planted, tables, told

from pipeline.changes import MENTION_TABLES, diff, fact
from pipeline.store import sheets

try:
    import csv_diff
except ImportError:
    csv_diff = None

COLUMNS = {
    "dates": ["text", "value", "modifier", "footnotes"],
    "numbers": ["text", "value", "value_min", "value_max", "unit", "classifier", "counted", "modifier", "footnotes"],
    "places": ["text", "name", "geonames_id", "link_target", "footnotes"],
    "footnotes": ["text", "url", "pages"],
}  # fmt: skip
# Told of a mention as the change of its value, or not at all.
IGNORED = {"text", "counted", "classifier", "link_target"}

Found = list[tuple[str, ...]]


def ours(old: Tables, new: Tables) -> Found:
    return [tuple(change) for change in told(diff(old, new))]


def rows_of(state: Tables, table: str) -> list[dict[str, Any]]:
    return [row | {"table": table} for row in state[table].to_pylist()]


def by_csv_diff(key: str) -> Callable[[Tables, Tables], Found]:
    def compare(old: Tables, new: Tables) -> Found:
        found: Found = []
        for table, columns in COLUMNS.items():
            keyed, facts = [], []
            for state in (old, new):
                rows = rows_of(state, table)
                id_column = "footnote_id" if table == "footnotes" else "mention_id"
                keys = [row[id_column] if key == "id" else str(i) for i, row in enumerate(rows)]
                cut = state[table].select(columns).append_column("key", [keys])
                text = (sheets.header(cut.schema) + sheets.rows(cut)).decode()
                keyed.append(csv_diff.load_csv(io.StringIO(text), key="key", dialect="excel"))
                show = fact if table in MENTION_TABLES else lambda row: row["text"]
                facts.append(dict(zip(keys, map(show, rows), strict=True)))
            result = csv_diff.compare(*keyed)
            found += [("removed", table, "", facts[0][row["key"]], "") for row in result["removed"]]
            found += [("added", table, "", "", facts[1][row["key"]]) for row in result["added"]]
            for change in result["changed"]:
                for field, (before, after) in change["changes"].items():
                    if field in IGNORED and table != "footnotes":
                        continue
                    kind = "footnotes_changed" if field == "footnotes" else "value_changed"
                    found.append((kind, table, field, before.strip("[]"), after.strip("[]")))
        return found

    return compare


def score(compare: Callable[[Tables, Tables], Found]) -> tuple[int, int, int, int]:
    """(true, false, missed, edits told exactly)"""
    true = false = missed = exact = 0
    for new, changes in planted().values():
        expected = Counter(tuple(change) for change in changes)
        found = Counter(compare(tables(RAW), tables(new)))
        shared = (expected & found).total()
        true += shared
        false += found.total() - shared
        missed += expected.total() - shared
        exact += expected == found
    return (true, false, missed, exact)


def main() -> None:
    ways: dict[str, Callable[[Tables, Tables], Found]] = {"ours": ours}
    if csv_diff is None:
        print("csv-diff is not installed; ours alone.", file=sys.stderr)
    else:
        ways["csv-diff, key: id"] = by_csv_diff("id")
        ways["csv-diff, key: running number"] = by_csv_diff("number")
    print(f"{len(planted())} edits of one article\n")
    print(f"{'':30} {'changes':>8} {'precision':>9} {'recall':>7} {'edits told exactly':>19}")
    for name, compare in ways.items():
        true, false, missed, exact = score(compare)
        precision = true / (true + false) if true + false else 1.0
        print(
            f"{name:30} {true + false:8,} {precision:9.3f} {true / (true + missed):7.3f} {exact:19}"
        )


if __name__ == "__main__":
    main()
