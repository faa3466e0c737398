"""`datapackage.json`: the CSV files described for the tools of frictionlessdata.io."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files as resources
from typing import Any

import pyarrow as pa

from pipeline.schemas import TABLES, Column, Table
from pipeline.store.files import Written
from pipeline.store.manifest import Manifest, csv_path

FILE = "datapackage.json"

_CC_BY_SA = {
    "name": "CC-BY-SA-4.0",
    "title": "Creative Commons Attribution-ShareAlike 4.0 International",
    "path": "https://creativecommons.org/licenses/by-sa/4.0/",
}
_WIKIPEDIA = {
    "title": "Wikipedia, the free encyclopedia; the article of each row is in articles.source_url, its "
    "authors on the article's history page (CC BY-SA 4.0)",
    "path": "https://zh.wikipedia.org/",
}
_TYPES = (
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_integer, "integer"),
    (pa.types.is_floating, "number"),
    (pa.types.is_date, "date"),
    (pa.types.is_list, "array"),
)


def describe(manifest: Manifest) -> bytes:
    """The descriptor of the CSV files in `manifest`."""
    package = {
        "name": "wikifacts",
        "title": "Dates, places and numbers out of wiki articles",
        "description": "Each row is traceable to characters of the raw file and to the footnotes "
        "that support it. The same rows are in parquet/<table>/. In CSV, drop one leading "
        "apostrophe from a text cell that has one: it keeps spreadsheets from running the text.",
        "profile": "tabular-data-package",
        "licenses": [_CC_BY_SA],
        "sources": [_WIKIPEDIA, *_gazetteers()],
    }
    resources = [_resource(table, manifest) for table in TABLES]
    # A resource a line: indenting it all takes longer than writing a small table.
    head = json.dumps(package, ensure_ascii=False, indent=1).removesuffix("\n}")
    body = ",\n".join(json.dumps(resource, ensure_ascii=False) for resource in resources)
    return f'{head},\n "resources": [\n{body}\n]}}\n'.encode()


@lru_cache(maxsize=1)
def _gazetteers() -> Sequence[Mapping[str, str]]:
    """What the gazetteer was made of, and on which terms."""
    path = resources("pipeline.mentions.place").joinpath("data/sources.csv")
    rows = csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    return [
        {"title": f"{row['title']}: {row['what']} ({row['licence']})", "path": row["url"]}
        for row in rows
        if row["url"]
    ]


def _resource(table: Table, manifest: Manifest) -> dict[str, Any]:
    written: Written = manifest.others[csv_path(table.name)]
    return {
        "name": table.name,
        "path": csv_path(table.name),
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "description": table.description,
        "bytes": written.size,
        "hash": f"sha256:{written.sha256}",
        "schema": {
            "fields": [_field(column) for column in table.columns],
            "missingValues": [""],
            "primaryKey": [table.key],
            "foreignKeys": [_reference(table, c) for c in table.columns if c.refers],
        },
    }


def _field(column: Column) -> dict[str, Any]:
    kind = next((name for test, name in _TYPES if test(column.type)), "string")
    field: dict[str, Any] = {"name": column.name, "type": kind, "description": column.description}
    if column.unit:
        field["unit"] = column.unit
    # An empty text and no text are one to Frictionless, so only what is never empty is required.
    if column.required and (kind != "string" or column.name.endswith("_id")):
        field["constraints"] = {"required": True}
    return field


def _reference(table: Table, column: Column) -> dict[str, Any]:
    resource, field = column.refers.split(".")
    return {
        "fields": [column.name],
        "reference": {"resource": "" if resource == table.name else resource, "fields": [field]},
    }
