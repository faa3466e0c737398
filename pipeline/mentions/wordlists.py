"""Lexicons shipped as package data: CSV files with a header line; lines that begin with `#` are
notes."""

from __future__ import annotations

import csv
from importlib.resources import files


def read_lexicon(package: str, name: str) -> list[dict[str, str]]:
    """The rows of a lexicon."""
    rows = csv.reader(_lines(package, name))
    header = next(rows)
    # By hand: `csv.DictReader` takes three times as long, and start-up waits for it.
    return [dict(zip(header, row, strict=True)) for row in rows]


def read_words(package: str, name: str) -> list[str]:
    """The words of a lexicon whose one column is `word`: without a row each, so at once."""
    header, *words = _lines(package, name)
    if header != "word":
        raise ValueError(f"{name} has the columns {header}, not word alone")
    return words


def _lines(package: str, name: str) -> list[str]:
    text = files(package).joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
