"""What the tables are: every column's type, unit, meaning and whether it may be null.

`TABLES` is the one description; the Arrow schemas (and with them the Parquet files' metadata), the
Frictionless descriptor and `docs/tables.md` are read off it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

CODE_POINTS = "code points"
# The unit of the two columns that hold degrees of latitude and longitude (UCUM).
DEGREES = "deg"


class Column(NamedTuple):
    """A column. `refers` is the `table.column` that its values name, if any; `unit` is a word
    or a UCUM code. A `required` column holds no null."""

    name: str
    type: pa.DataType
    description: str
    required: bool = True
    unit: str = ""
    refers: str = ""


class Table(NamedTuple):
    """A table: `key` is its primary key; `per_article` tables have one part a bucket."""

    name: str
    key: str
    description: str
    columns: tuple[Column, ...]
    per_article: bool = True


_STRING, _INT, _FLOAT, _DATE = pa.string(), pa.int32(), pa.float64(), pa.date32()
# Parquet's name for what is in a list, so that what is read back is what was written.
_STRINGS, _INTS, _FLOATS = (pa.list_(pa.field("element", t)) for t in (_STRING, _INT, _FLOAT))

_ARTICLE = Column("article_id", _STRING, "The article.", refers="articles.article_id")
_SECTION = Column("section_id", _STRING, "The section it stands in.", refers="sections.section_id")
_RAW = (
    Column("raw_start", _INT, "Where it begins in the raw file as decoded.", unit=CODE_POINTS),
    Column("raw_end", _INT, "Where it ends in the raw file, exclusive.", unit=CODE_POINTS),
)


def _optional(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(column._replace(required=False) for column in columns)


_MENTION = (
    Column("mention_id", _STRING, "Id of the mention: from article, table, sentence's words and text."),
    _ARTICLE,
    _SECTION,
    Column("sentence_id", _STRING, "The sentence it stands in.", refers="sentences.sentence_id"),
    Column("text", _STRING, "The mention as written, markup removed."),
    Column("sentence_start", _INT, "Where it begins in the sentence's text.", unit=CODE_POINTS),
    Column("sentence_end", _INT, "Where it ends in the sentence's text, exclusive.", unit=CODE_POINTS),
    *_RAW,
)  # fmt: skip
_MENTION_TAIL = (
    Column("footnotes", _INTS, "Numbers of the footnotes that support it with scope `clause`."),
    Column("rule", _STRING, "Id of the rule that made it."),
    Column("confidence", pa.float32(), "How sure the rule is, 0 to 1."),
)

# The tables whose number of rows an article is counted in `articles`, and the column's name.
COUNTS = {
    "sections": "section_count", "sentences": "sentence_count", "links": "link_count",
    "media": "media_count", "categories": "category_count", "footnotes": "footnote_count",
    "citations": "citation_count", "dates": "date_count", "numbers": "number_count",
    "places": "place_count", "mention_footnotes": "mention_footnote_count",
    "table_cells": "table_cell_count", "statements": "statement_count",
    "problems": "problem_count",
}  # fmt: skip

TABLES: tuple[Table, ...] = (
    Table("articles", "article_id", "A raw file, one row an article.", (
        Column("article_id", _STRING, "Id of the article: from its language and title."),
        Column("title", _STRING, "Title of the article."),
        Column("language", _STRING, "Language of the wiki, as in its host name (zh)."),
        Column("source_url", _STRING, "Address of the article.", required=False),
        Column("raw_path", _STRING, "File it was read from, relative to the raw folder; `container#member` in an archive."),
        Column("raw_sha256", _STRING, "SHA-256 of the article's raw bytes, in hexadecimal."),
        Column("raw_format", _STRING, "Format it was read as: markdown, wikitext, text."),
        Column("raw_chars", _INT, "Length of the raw text.", unit=CODE_POINTS),
        Column("text_chars", _INT, "Length of the prose that was read.", unit=CODE_POINTS),
        Column("page_id", pa.int64(), "MediaWiki's page id, where the source tells.", required=False),
        Column("revision_id", pa.int64(), "MediaWiki's revision id, where the source tells.", required=False),
        Column("revision_timestamp", _STRING, "When the revision was saved (ISO 8601), where the source tells.", required=False),
        Column("is_stale", pa.bool_(), "Whether the rows are from an earlier refresh, as the newest text could not be read."),
        *(Column(name, _INT, f"Rows of this article in `{table}`.", unit="rows") for table, name in COUNTS.items()),
    )),
    Table("sections", "section_id", "A heading and what follows it; the lead is level 1.", (
        Column("section_id", _STRING, "Id of the section: from the article and the headings over it."),
        _ARTICLE,
        Column("parent_section_id", _STRING, "The section it is part of.", required=False, refers="sections.section_id"),
        Column("position", _INT, "Running number in the article, from 0."),
        Column("level", _INT, "Level of its heading; the lead has 1."),
        Column("title", _STRING, "Its heading; empty for the lead."),
        Column("path", _STRING, "The headings from the outermost to this one, joined with ` / `."),
        *_RAW,
    )),
    Table("sentences", "sentence_id", "A sentence of prose.", (
        Column("sentence_id", _STRING, "Id of the sentence: from the article and its words."),
        _ARTICLE, _SECTION,
        Column("block_kind", _STRING, "What it is part of: paragraph, list_item, heading, caption, table_cell."),
        Column("block", _INT, "Running number of its block in the article, from 0."),
        Column("position", _INT, "Running number in the article, from 0."),
        Column("text", _STRING, "The sentence, markup and footnote markers removed."),
        *_RAW,
    )),
    Table("links", "link_id", "A link.", (
        Column("link_id", _STRING, "Id of the link: from its sentence, kind, target and anchor."),
        _ARTICLE,
        Column("sentence_id", _STRING, "The sentence it begins in.", required=False, refers="sentences.sentence_id"),
        Column("kind", _STRING, "page, file, category, external or interwiki."),
        Column("anchor", _STRING, "The text that the link covered in the article."),
        Column("raw_anchor", _STRING, "The text that the converted file shows as linked."),
        Column("target_title", _STRING, "Title of the page it leads to, with `_` for spaces.", required=False),
        Column("url", _STRING, "Address it leads to.", required=False),
        Column("sentence_start", _INT, "Where the anchor begins in the sentence's text.", required=False, unit=CODE_POINTS),
        Column("sentence_end", _INT, "Where the anchor ends in the sentence's text, exclusive.", required=False, unit=CODE_POINTS),
        *_RAW,
    )),
    Table("media", "media_id", "An image or a gallery entry.", (
        Column("media_id", _STRING, "Id of the entry: from the article and the file's name."),
        _ARTICLE, _SECTION,
        Column("file_name", _STRING, "Name of the file."),
        Column("caption", _STRING, "Its caption.", required=False),
        Column("url", _STRING, "Address of the file.", required=False),
        Column("block", _INT, "The block that holds the caption (as in `sentences`).", required=False),
        *_RAW,
    )),
    Table("categories", "category_id", "A category of an article.", (
        Column("category_id", _STRING, "Id of the row: from the article and the name."),
        _ARTICLE,
        Column("name", _STRING, "Name of the category, without its namespace."),
        *_RAW,
    )),
    Table("footnotes", "footnote_id", "An entry of the reference list.", (
        Column("footnote_id", _STRING, "Id of the footnote: from the article, the group and its text, so that a renumbering leaves it."),
        _ARTICLE,
        Column("number", _INT, "Its number in the list."),
        Column("footnote_group", _STRING, "Its group; empty for the main list."),
        Column("text", _STRING, "The entry, markup removed."),
        Column("kind", _STRING, "web, book, journal, news, short, other or empty."),
        Column("is_empty", pa.bool_(), "Whether the converter lost its text."),
        Column("title", _STRING, "Title of the source.", required=False),
        Column("url", _STRING, "Address of the source.", required=False),
        Column("domain", _STRING, "Host name of the address.", required=False),
        Column("archive_url", _STRING, "Address of an archived copy.", required=False),
        Column("authors", _STRINGS, "Authors as written, in order."),
        Column("publisher", _STRING, "Publisher, newspaper, journal or site.", required=False),
        Column("published", _STRING, "When it was published (EDTF).", required=False),
        Column("pages", _STRING, "Pages cited.", required=False),
        Column("isbn", _STRING, "ISBN, checked and hyphenated.", required=False),
        Column("doi", _STRING, "DOI.", required=False),
        Column("short_target_footnote_id", _STRING, "The full entry that a short one stands for.", required=False, refers="footnotes.footnote_id"),
        Column("citation_count", _INT, "Markers in the prose that cite it.", unit="markers"),
        *_RAW,
    )),
    Table("citations", "citation_id", "A footnote marker in the prose.", (
        Column("citation_id", _STRING, "Id of the marker: from its sentence and footnote."),
        _ARTICLE,
        Column("footnote_id", _STRING, "The footnote it cites.", required=False, refers="footnotes.footnote_id"),
        Column("number", _INT, "The number it shows.", required=False),
        Column("footnote_group", _STRING, "The group it names; empty for the main list."),
        Column("sentence_id", _STRING, "The sentence it stands in or after.", required=False, refers="sentences.sentence_id"),
        Column("sentence_start", _INT, "Where in the sentence's text it stands: before the character of this offset.", required=False, unit=CODE_POINTS),
        *_RAW,
    )),
    Table("dates", "mention_id", "A mention of a date, an interval, a length of time, a repeated time or a clock time.", (
        *_MENTION,
        Column("kind", _STRING, "date, interval, duration, set or time."),
        Column("value", _STRING, "EDTF for dates and intervals, ISO 8601 for durations and times, `R/…` for sets; null where the text does not settle it.", required=False),
        Column("start_date", _DATE, "First day covered; null where that end is open (以前, 為止), and for lengths of time, repeated times, bare clock times, and years outside 1 to 9999.", required=False),
        Column("end_date", _DATE, "Last day covered, inclusive; null where that end is open (以後, 以來, 起), and as `start_date`.", required=False),
        Column("precision", _STRING, "day, month, season, year, decade, century, millennium or interval.", required=False),
        Column("modifier", _STRING, "start, mid, end, before, after, approx, nearly, more_than, less_than, at_least, at_most or only.", required=False),
        Column("calendar", _STRING, "The calendar it was written in."),
        Column("resolution", _STRING, "explicit, inherited, relative or unresolved."),
        Column("anchor_mention_id", _STRING, "The date that an inherited or relative value counts from.", required=False, refers="dates.mention_id"),
        *_MENTION_TAIL,
    )),
    Table("numbers", "mention_id", "A mention of a quantity.", (
        *_MENTION,
        Column("kind", _STRING, "count, measure, money, percent, fraction, ratio, ordinal, multiple or age."),
        Column("value", _FLOAT, "The value, in `unit`; null for ranges and ratios.", required=False),
        Column("value_min", _FLOAT, "The lower end of a range, the first term of a ratio; else the value.", required=False),
        Column("value_max", _FLOAT, "The upper end of a range, the second term of a ratio; else the value.", required=False),
        Column("unit", _STRING, "UCUM code, or ISO 4217 code for money.", required=False),
        Column("classifier", _STRING, "The measure word, or a unit without a code, as written.", required=False),
        Column("counted", _STRING, "What is counted, as written.", required=False),
        Column("modifier", _STRING, "approx, nearly, more_than, less_than, at_least, at_most or only.", required=False),
        Column("si_value", _FLOAT, "The value in `si_unit`; null for a range, and for what SI does not measure (money, percent, counts).", required=False),
        Column("si_unit", _STRING, "SI unit (UCUM) of the same dimension.", required=False),
        *_MENTION_TAIL,
    )),
    Table("places", "mention_id", "A mention of a named place.", (
        *_MENTION,
        Column("name", _STRING, "Canonical name."),
        Column("place_type", _STRING, "country, region, settlement, district, water, landform, site or other."),
        Column("place_id", _STRING, "The place it names.", refers="place_entities.place_id"),
        Column("geonames_id", pa.int64(), "GeoNames' id.", required=False),
        Column("latitude", _FLOAT, "Latitude, WGS 84.", required=False, unit=DEGREES),
        Column("longitude", _FLOAT, "Longitude, WGS 84.", required=False, unit=DEGREES),
        Column("country_code", _STRING, "Country of today (ISO 3166-1 alpha-2).", required=False),
        Column("resolution", _STRING, "What settled it: link, gazetteer or pattern."),
        Column("link_target", _STRING, "Title of the page that the mention links to.", required=False),
        Column("candidates", _STRINGS, "Ids of the places considered, best first."),
        *_MENTION_TAIL,
    )),
    Table("mention_footnotes", "mention_footnote_id", "A mention and a footnote that supports it.", (
        Column("mention_footnote_id", _STRING, "Id of the pair: from the two ids."),
        _ARTICLE,
        Column("mention_id", _STRING, "The mention, in `mention_table`."),
        Column("mention_table", _STRING, "dates, numbers or places."),
        Column("footnote_id", _STRING, "The footnote.", refers="footnotes.footnote_id"),
        Column("number", _INT, "The footnote's number."),
        Column("scope", _STRING, "How near it stands: clause, sentence or paragraph."),
        Column("distance", _INT, "From the mention's end to the marker.", unit=CODE_POINTS),
    )),
    Table("table_cells", "table_cell_id", "A cell of a table in the article.", (
        Column("table_cell_id", _STRING, "Id of the cell: from its section, headers and text."),
        _ARTICLE, _SECTION,
        Column("table_index", _INT, "Running number of the table in the article, from 0."),
        Column("row_index", _INT, "Row, from 0."),
        Column("column_index", _INT, "Column, from 0."),
        Column("row_span", _INT, "Rows it spans.", unit="rows"),
        Column("column_span", _INT, "Columns it spans.", unit="columns"),
        Column("is_header", pa.bool_(), "Whether it heads a row or column."),
        Column("headers", _STRINGS, "Texts of the header cells over it."),
        Column("text", _STRING, "Text of the cell, markup removed."),
        Column("value", _FLOAT, "The number that the whole cell is, in `unit`.", required=False),
        Column("unit", _STRING, "Its unit, from the cell or its header (UCUM or ISO 4217).", required=False),
        Column("block", _INT, "The block that holds its text (as in `sentences`).", required=False),
        *_RAW,
        Column("footnotes", _INTS, "Numbers of the footnotes cited in the cell."),
    )),
    Table("statements", "sentence_id", "A sentence with at least one mention, and what it says.", (
        Column("sentence_id", _STRING, "The sentence.", refers="sentences.sentence_id"),
        _ARTICLE, _SECTION,
        Column("section_path", _STRING, "Path of its section (as in `sections`)."),
        Column("text", _STRING, "The sentence."),
        Column("dates", _STRINGS, "Values of its dates, in reading order."),
        Column("places", _STRINGS, "Canonical names of its places, in reading order."),
        Column("numbers", _FLOATS, "Values of its numbers, in reading order; null for a range or ratio."),
        Column("number_units", _STRINGS, "For each of `numbers` its unit, else its classifier."),
        Column("footnotes", _INTS, "Numbers of the footnotes that support its mentions, ascending."),
    )),
    Table("problems", "problem_id", "Something a person should look at.", (
        Column("problem_id", _STRING, "Id of the row: from path, code and message."),
        Column("article_id", _STRING, "The article, where the file could be read as one.", required=False),
        Column("path", _STRING, "The file, relative to the raw folder."),
        Column("severity", _STRING, "error (the file was not read) or warning."),
        Column("code", _STRING, "Short, stable name of the kind of fault."),
        Column("message", _STRING, "What is wrong."),
        Column("cure", _STRING, "What to do about it."),
        *_optional(_RAW),
    )),
    Table("place_entities", "place_id", "A place of the whole refresh.", (
        Column("place_id", _STRING, "Id of the place."),
        Column("name", _STRING, "Canonical name; the most frequent where mentions differ."),
        Column("names", _STRINGS, "The names it was mentioned by, sorted."),
        Column("place_type", _STRING, "country, region, settlement, district, water, landform, site or other."),
        Column("geonames_id", pa.int64(), "GeoNames' id.", required=False),
        Column("latitude", _FLOAT, "Latitude, WGS 84.", required=False, unit=DEGREES),
        Column("longitude", _FLOAT, "Longitude, WGS 84.", required=False, unit=DEGREES),
        Column("country_code", _STRING, "Country of today (ISO 3166-1 alpha-2).", required=False),
        Column("mention_count", _INT, "Its rows in `places`.", unit="mentions"),
        Column("article_count", _INT, "Articles that mention it.", unit="articles"),
    ), per_article=False),
    Table("changes", "change_id", "A fact that differs from the last snapshot.", (
        Column("change_id", _STRING, "Id of the row."),
        Column("article_id", _STRING, "The article; it may be gone by now."),
        Column("title", _STRING, "Title of the article."),
        Column("kind", _STRING, "added, removed, value_changed, footnotes_changed, reworded or moved."),
        Column("mention_table", _STRING, "dates, numbers, places or footnotes."),
        Column("field", _STRING, "The column that differs; null where the whole row came or went.", required=False),
        Column("old_value", _STRING, "What the field was.", required=False),
        Column("new_value", _STRING, "What the field is.", required=False),
        Column("old_mention_id", _STRING, "Id of the mention (or footnote) then.", required=False),
        Column("new_mention_id", _STRING, "Id of the mention (or footnote) now.", required=False),
        Column("old_sentence", _STRING, "The sentence (or entry) then.", required=False),
        Column("new_sentence", _STRING, "The sentence (or entry) now.", required=False),
        Column("old_raw_start", _INT, "Where it began in the raw file then.", required=False, unit=CODE_POINTS),
        Column("old_raw_end", _INT, "Where it ended in the raw file then, exclusive.", required=False, unit=CODE_POINTS),
        Column("new_raw_start", _INT, "Where it begins in the raw file now.", required=False, unit=CODE_POINTS),
        Column("new_raw_end", _INT, "Where it ends in the raw file now, exclusive.", required=False, unit=CODE_POINTS),
        Column("old_footnotes", _INTS, "Numbers of the footnotes with scope `clause` then.", required=False),
        Column("new_footnotes", _INTS, "Numbers of the footnotes with scope `clause` now.", required=False),
    ), per_article=False),
)  # fmt: skip

ARTICLE_TABLES: tuple[str, ...] = tuple(t.name for t in TABLES if t.per_article)
REFRESH_TABLES: tuple[str, ...] = tuple(t.name for t in TABLES if not t.per_article)


def _schema(table: Table) -> pa.Schema:
    fields = []
    for column in table.columns:
        metadata = {"description": column.description}
        if column.unit:
            metadata["unit"] = column.unit
        if column.refers:
            metadata["refers_to"] = column.refers
        fields.append(
            pa.field(column.name, column.type, nullable=not column.required, metadata=metadata)
        )
    return pa.schema(
        fields,
        metadata={"table": table.name, "description": table.description, "primary_key": table.key},
    )


SCHEMAS: dict[str, pa.Schema] = {table.name: _schema(table) for table in TABLES}


def column_reference() -> str:
    """The tables and their columns as Markdown, for `docs/tables.md`."""
    lines: list[str] = []
    for table in TABLES:
        lines += [f"## {table.name}", "", f"{table.description} Key: `{table.key}`.", ""]
        lines += ["| column | type | unit | what it says |", "|---|---|---|---|"]
        for column in table.columns:
            kind = str(column.type).replace("element: ", "")
            kind += "" if column.required else ", may be null"
            refers = f" → `{column.refers}`" if column.refers else ""
            lines.append(
                f"| `{column.name}` | {kind} | {column.unit} | {column.description}{refers} |"
            )
        lines.append("")
    return "\n".join(lines)
