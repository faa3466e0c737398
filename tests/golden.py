"""The mentions of whole articles, a line each: what a change of rules or readers does to them is
reviewed as a diff of these files. `python tests/golden.py` writes them anew."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
ARTICLES = [ROOT / "raw" / "英雄城市_(蘇聯).md", *sorted((HERE / "formats" / "pairs").glob("*.md"))]
FILES = {article: HERE / "golden" / f"{article.stem}.txt" for article in ARTICLES}


def lines(path: Path) -> list[str]:
    """One line a mention, in reading order: where, table, rule, text, what it says, its support."""
    from pipeline.article import process
    from pipeline.records import Source

    text = path.read_text(encoding="utf-8")
    rows = process(Source(path.name, "markdown", text, "0" * 64))
    support: dict[str, list[str]] = {}
    for row in rows["mention_footnotes"]:
        support.setdefault(row["mention_id"], []).append(f"{row['scope'][0]}{row['number']}")
    found = []
    for table, fields in (
        ("dates", ("kind", "value", "modifier", "calendar", "resolution")),
        ("numbers", ("kind", "value", "value_min", "value_max", "unit", "classifier", "counted", "modifier")),
        ("places", ("name", "place_type", "place_id", "country_code", "resolution")),
    ):  # fmt: skip
        for row in rows[table]:
            assert text[row["raw_start"]] == row["text"][0]
            said = " ".join(f"{name}={row[name]}" for name in fields if row[name] is not None)
            notes = " ".join(support.get(row["mention_id"], ["-"]))
            found.append((row["raw_start"], table, f"{row['rule']} {row['text']} {said} [{notes}]"))
    return [f"{start:6d} {table} {rest}\n" for start, table, rest in sorted(found)]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for source, golden in FILES.items():
        golden.parent.mkdir(exist_ok=True)
        golden.write_text("".join(lines(source)), encoding="utf-8")
