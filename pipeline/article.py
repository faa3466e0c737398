"""One article's whole road: Source → rows of every table, with nothing read or written."""

from __future__ import annotations

from typing import Any

from pipeline.attribution import attribute
from pipeline.formats.parse import parse
from pipeline.mentions.find import find_in_stages
from pipeline.plain import read_number
from pipeline.records import Options, Source
from pipeline.stages import Stages, run
from pipeline.tables import article_rows

__all__ = ["Options", "Rows", "process", "process_in_stages"]

Rows = dict[str, list[dict[str, Any]]]


def process(source: Source, options: Options | None = None) -> Rows:
    """The rows of `source` a table. Raises `SourceError` where it is no article."""
    return run(process_in_stages(source, options or Options()))


def process_in_stages(source: Source, options: Options) -> Stages[Rows]:
    """The same, pausing after each stage."""
    document = parse(source, variant=options.variant)
    yield
    mentions = yield from find_in_stages(document, reference=options.reference)
    yield
    support = attribute(document, mentions)
    return article_rows(source, document, mentions, support, read_number=read_number)
