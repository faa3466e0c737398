"""Records → rows: the rows of one article, and of what all articles have in common.

Ids come from words, not from offsets or counters, so they survive edits elsewhere in the article.
The columns are in `schemas`.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import OffsetError, PipelineError
from pipeline.fold import fold
from pipeline.records import (
    Attribution,
    Cell,
    Document,
    Footnote,
    Marker,
    Mention,
    Mentions,
    NumberMention,
    Problem,
    Sentence,
    Source,
)
from pipeline.schemas import ARTICLE_TABLES, COUNTS, REFRESH_TABLES, SCHEMAS

__all__ = [
    "ARTICLE_TABLES",
    "REFRESH_TABLES",
    "SCHEMAS",
    "article_id",
    "article_rows",
    "geojson",
    "in_order",
    "place_entities",
    "problem_rows",
    "to_table",
]

Row = dict[str, Any]
Rows = dict[str, list[Row]]
# Reads a short text that may be one number with its unit (1km², 1萬人); None if it is not.
NumberReader = Callable[[str], NumberMention | None]

_SURROGATE = re.compile("[\ud800-\udfff]")


def article_id(language: str, title: str) -> str:
    """The id of an article: the first 16 hexadecimal digits of a SHA-256, so evenly spread."""
    return _hash(f"{language}:{title}")


def article_rows(
    source: Source,
    document: Document,
    mentions: Mentions,
    attributions: Sequence[Attribution],
    *,
    read_number: NumberReader = lambda text: None,
) -> Rows:
    """The rows of one article, a list a table of `ARTICLE_TABLES`, in reading order.

    `read_number` tells what a table's header means by (km²) or (萬人); without it a bare number
    in a cell has no unit.

    Raises `OffsetError` if a mention's raw slice, markup removed, is not its text, or if a
    mention does not lie within one sentence.
    """
    frame = _Frame(source, document)
    rows: Rows = {name: [] for name in ARTICLE_TABLES}
    rows["sections"] = _section_rows(frame)
    rows["sentences"] = _sentence_rows(frame)
    rows["links"] = _link_rows(frame)
    rows["media"] = _media_rows(frame)
    rows["categories"] = _category_rows(frame)
    rows["footnotes"] = _footnote_rows(frame)
    rows["citations"] = _citation_rows(frame)
    support = sorted(attributions, key=_support_order(mentions))
    rows["dates"] = _date_rows(frame, mentions, support)
    rows["numbers"] = _number_rows(frame, mentions, support)
    rows["places"] = _place_rows(frame, mentions, support)
    rows["mention_footnotes"] = _support_rows(frame, rows, support)
    rows["table_cells"] = _cell_rows(frame, mentions.numbers, read_number)
    rows["statements"] = _statement_rows(frame, rows, support)
    rows["problems"] = problem_rows(document.problems, article=frame.article)
    rows["articles"] = [_article_row(source, document, frame.article, rows)]
    return rows


def problem_rows(problems: Iterable[Problem], *, article: str | None = None) -> list[Row]:
    """Rows of `problems`; without `article` those of files that could not be read as one."""
    ids = _Ids()
    return [
        {
            "problem_id": ids(problem.path, problem.code, problem.message),
            "article_id": article,
            "path": problem.path,
            "severity": problem.severity,
            "code": problem.code,
            "message": problem.message,
            "cure": problem.cure,
            "raw_start": problem.raw_start,
            "raw_end": problem.raw_end,
        }
        for problem in problems
    ]


def to_table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """`rows` as a table in its schema and canonical order: by article, then as given.

    Raises `PipelineError` for an unknown `name`, for a value of a wrong type, and for null in a
    required column, all of which are bugs.
    """
    schema = _known(name)
    if not rows:
        return schema.empty_table()
    try:
        if "article_id" in schema.names:
            # None (a problem of a file that was not read) comes last.
            rows = sorted(rows, key=lambda row: row["article_id"] or "~")
        columns = [_array(list(map(itemgetter(f.name), rows)), f.type) for f in schema]
    except KeyError as error:
        raise PipelineError(f"A row of {name} has no column {error}.") from error
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise PipelineError(f"A row of {name} has a value of a wrong type: {error}.") from error
    for column, kind in zip(columns, schema, strict=True):
        if not kind.nullable and column.null_count:
            raise PipelineError(f"A row of {name} has no {kind.name}.")
    return pa.table(columns, schema=schema)


def in_order(table: pa.Table) -> pa.Table:
    """`table` in canonical order, given that the rows of each article are."""
    if "article_id" not in table.column_names or table.num_rows < 2:
        return table
    ids = table["article_id"].combine_chunks()
    if not ids.null_count and pc.all(pc.less_equal(ids[:-1], ids[1:])).as_py():
        return table
    return table.take(pc.sort_indices(table, sort_keys=[("article_id", "ascending")]))


def place_entities(parts: Iterable[pa.Table]) -> pa.Table:
    """The table `place_entities` out of parts of `places`, no article being in two of them.

    Memory grows with the places, not with the mentions. What most mentions say wins; a tie
    goes to the lesser in order.
    """
    said = ("name", "place_type", "geonames_id", "latitude", "longitude", "country_code")
    mentions: defaultdict[str, int] = defaultdict(int)
    articles: defaultdict[str, int] = defaultdict(int)
    names: defaultdict[str, set[str]] = defaultdict(set)
    votes: defaultdict[str, defaultdict[tuple[Any, ...], int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for part in parts:
        counted = part.group_by("place_id").aggregate(
            [("article_id", "count_distinct"), ([], "count_all")]
        )
        for row in counted.to_pylist():
            articles[row["place_id"]] += row["article_id_count_distinct"]
            mentions[row["place_id"]] += row["count_all"]
        for row in part.group_by(["place_id", "text"]).aggregate([]).to_pylist():
            names[row["place_id"]].add(row["text"])
        grouped = part.group_by(["place_id", *said]).aggregate([([], "count_all")])
        for row in grouped.to_pylist():
            votes[row["place_id"]][tuple(row[field] for field in said)] += row["count_all"]
    rows = []
    for place_id in sorted(votes):
        best = min(votes[place_id].items(), key=lambda item: (-item[1], json.dumps(item[0])))[0]
        rows.append(
            {
                "place_id": place_id,
                **dict(zip(said, best, strict=True)),
                "names": sorted(names[place_id]),
                "mention_count": mentions[place_id],
                "article_count": articles[place_id],
            }
        )
    return to_table("place_entities", rows)


def geojson(entities: pa.Table) -> Iterator[str]:
    """The mapped places as GeoJSON (RFC 7946), in pieces: a feature a line."""
    yield '{"type": "FeatureCollection", "features": ['
    separator = "\n"
    for batch in entities.to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            latitude, longitude = row.pop("latitude"), row.pop("longitude")
            if latitude is None or longitude is None:
                continue
            feature = {
                "type": "Feature",
                "id": row["place_id"],
                "geometry": {"type": "Point", "coordinates": [longitude, latitude]},
                "properties": row,
            }
            yield separator + json.dumps(feature, ensure_ascii=False)
            separator = ",\n"
    yield "\n]}\n"


def _known(name: str) -> pa.Schema:
    try:
        return SCHEMAS[name]
    except KeyError:
        raise PipelineError(
            f"There is no table {name!r}.", cure=f"The tables are {', '.join(SCHEMAS)}."
        ) from None


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        # Half a surrogate pair, from a broken entity or an odd file name, is no UTF-8.
        return pa.array([_encodable(value) for value in values], kind)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value


def _hash(*parts: str) -> str:
    text = "\x1f".join(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _words(text: str) -> str:
    """What an id sees of a text: a line wrapped elsewhere leaves it as it is."""
    return "".join(text.split())


class _Ids:
    """Ids from what rows say; equals get a running suffix: `x`, `x-2`, `x-3` …"""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def __call__(self, *parts: str) -> str:
        name = _hash(*parts)
        if name not in self._seen:
            self._seen[name] = 1
            return name
        turn = self._seen[name] = self._seen[name] + 1
        return f"{name}-{turn}"


class _Frame:
    """What the rows of an article share: ids, and the way from an offset to its sentence."""

    def __init__(self, source: Source, document: Document) -> None:
        self.source = source
        self.document = document
        self.article = article_id(document.language, document.title)
        ids = _Ids()
        self.sections = [
            ids(self.article, "sections", *section.path) for section in document.sections
        ]
        # Of many sentences and mentions, to take tuples apart is faster than to ask for fields.
        spans = [(start, end) for _, _, _, start, end in document.sentences]
        self.texts = [document.text[start:end] for start, end in spans]
        ids = _Ids()
        self.sentences = [ids(self.article, "sentences", _words(text)) for text in self.texts]
        self.raws = [document.projection.raw(start, end) for start, end in spans]
        self.footnotes = self._footnotes()
        self._starts = [start for start, _ in spans]
        self._ends = [block.end for block in document.blocks]

    def _footnotes(self) -> list[str]:
        ids = _Ids()
        return [
            ids(self.article, "footnotes", note.group, _words(note.text))
            for note in self.document.footnotes
        ]

    def shift_of(self, sentence: Sentence) -> int | None:
        """How far off its place in the plain text the sentence stands in the raw text, if it stands
        there as it is; None if there is markup in it."""
        raw_start, raw_end = self.raws[sentence.index]
        if self.source.text[raw_start:raw_end] != self.texts[sentence.index]:
            return None
        return raw_start - sentence.start

    def sentence_at(self, offset: int) -> Sentence | None:
        """The sentence that holds the character at `offset`."""
        index = bisect_right(self._starts, offset) - 1
        if index < 0 or offset >= self.document.sentences[index].end:
            return None
        return self.document.sentences[index]

    def sentence_of(self, marker: Marker) -> Sentence | None:
        """The sentence that `marker` stands in or behind; at a block's start, the one before it."""
        sentences = self.document.sentences
        index = bisect_left(self._starts, marker.position) - 1
        if index < 0 or marker.position > self._ends[sentences[index].block]:
            index += 1
        if index >= len(sentences):
            return None
        block = self.document.blocks[sentences[index].block]
        return sentences[index] if block.start <= marker.position <= block.end else None

    def markers_in(self, start: int, end: int) -> list[int]:
        """Numbers of the markers from `start` to `end`, both included, once each, in order."""
        markers = self.document.markers
        first = bisect_left(markers, start, key=lambda marker: marker.position)
        last = bisect_right(markers, end, key=lambda marker: marker.position)
        numbers = (marker.number for marker in markers[first:last])
        return list(dict.fromkeys(number for number in numbers if number is not None))


def _article_row(source: Source, document: Document, article: str, rows: Rows) -> Row:
    return {
        "article_id": article,
        "title": document.title,
        "language": document.language,
        "source_url": document.source_url,
        "raw_path": source.path,
        "raw_sha256": source.sha256,
        "raw_format": source.raw_format,
        "raw_chars": len(source.text),
        "text_chars": len(document.text),
        "page_id": source.page_id,
        "revision_id": source.revision_id,
        "revision_timestamp": source.revision_timestamp,
        "is_stale": False,
        **{column: len(rows[table]) for table, column in COUNTS.items()},
    }


def _section_rows(frame: _Frame) -> list[Row]:
    return [
        {
            "section_id": frame.sections[section.index],
            "article_id": frame.article,
            "parent_section_id": None if section.parent is None else frame.sections[section.parent],
            "position": section.index,
            "level": section.level,
            "title": section.title,
            "path": " / ".join(section.path),
            "raw_start": section.raw_start,
            "raw_end": section.raw_end,
        }
        for section in frame.document.sections
    ]


def _sentence_rows(frame: _Frame) -> list[Row]:
    kinds = [block.kind for block in frame.document.blocks]
    rows = []
    for sentence, sentence_id, text, (raw_start, raw_end) in zip(
        frame.document.sentences, frame.sentences, frame.texts, frame.raws, strict=True
    ):
        index, block, section, _, _ = sentence
        rows.append(
            {
                "sentence_id": sentence_id,
                "article_id": frame.article,
                "section_id": frame.sections[section],
                "block_kind": kinds[block],
                "block": block,
                "position": index,
                "text": text,
                "raw_start": raw_start,
                "raw_end": raw_end,
            }
        )
    return rows


def _link_rows(frame: _Frame) -> list[Row]:
    ids, rows = _Ids(), []
    for link in sorted(frame.document.links, key=lambda link: (link.raw_start, link.raw_end)):
        sentence = frame.sentence_at(link.start) if link.end > link.start else None
        parent = frame.article if sentence is None else frame.sentences[sentence.index]
        target = link.target_title or link.url or ""
        rows.append(
            {
                "link_id": ids(parent, "links", link.kind, target, link.anchor),
                "article_id": frame.article,
                "sentence_id": None if sentence is None else parent,
                "kind": link.kind,
                "anchor": link.anchor,
                "raw_anchor": link.raw_anchor,
                "target_title": link.target_title,
                "url": link.url,
                "sentence_start": None if sentence is None else link.start - sentence.start,
                "sentence_end": None
                if sentence is None
                else min(link.end, sentence.end) - sentence.start,
                "raw_start": link.raw_start,
                "raw_end": link.raw_end,
            }
        )
    return rows


def _media_rows(frame: _Frame) -> list[Row]:
    ids = _Ids()
    return [
        {
            "media_id": ids(frame.article, "media", media.file_name),
            "article_id": frame.article,
            "section_id": frame.sections[media.section],
            "file_name": media.file_name,
            "caption": media.caption,
            "url": media.url,
            "block": media.block,
            "raw_start": media.raw_start,
            "raw_end": media.raw_end,
        }
        for media in sorted(frame.document.media, key=lambda media: media.raw_start)
    ]


def _category_rows(frame: _Frame) -> list[Row]:
    ids = _Ids()
    return [
        {
            "category_id": ids(frame.article, "categories", category.name),
            "article_id": frame.article,
            "name": category.name,
            "raw_start": category.raw_start,
            "raw_end": category.raw_end,
        }
        for category in sorted(frame.document.categories, key=lambda found: found.raw_start)
    ]


def _footnote_rows(frame: _Frame) -> list[Row]:
    cited: defaultdict[int, int] = defaultdict(int)
    for marker in frame.document.markers:
        if marker.footnote is not None:
            cited[marker.footnote] += 1
    return [
        _footnote_row(frame, index, note, cited[index])
        for index, note in enumerate(frame.document.footnotes)
    ]


def _footnote_row(frame: _Frame, index: int, note: Footnote, citations: int) -> Row:
    target = note.short_target
    return {
        "footnote_id": frame.footnotes[index],
        "article_id": frame.article,
        "number": note.number,
        "footnote_group": note.group,
        "text": note.text,
        "kind": note.kind,
        "is_empty": note.is_empty,
        "title": note.title,
        "url": note.url,
        "domain": note.domain,
        "archive_url": note.archive_url,
        "authors": note.authors,
        "publisher": note.publisher,
        "published": note.published,
        "pages": note.pages,
        "isbn": note.isbn,
        "doi": note.doi,
        "short_target_footnote_id": None if target is None else frame.footnotes[target],
        "citation_count": citations,
        "raw_start": note.raw_start,
        "raw_end": note.raw_end,
    }


def _citation_rows(frame: _Frame) -> list[Row]:
    ids, rows = _Ids(), []
    for marker in frame.document.markers:
        sentence = frame.sentence_of(marker)
        place = None
        if sentence is not None:
            length = sentence.end - sentence.start
            place = min(max(marker.position - sentence.start, 0), length)
        parent = frame.article if sentence is None else frame.sentences[sentence.index]
        footnote = None if marker.footnote is None else frame.footnotes[marker.footnote]
        # A marker without an entry has only its number to be known by.
        cited = footnote or f"{marker.group}:{marker.number}"
        rows.append(
            {
                "citation_id": ids(parent, "citations", cited),
                "article_id": frame.article,
                "footnote_id": footnote,
                "number": marker.number,
                "footnote_group": marker.group,
                "sentence_id": None if sentence is None else parent,
                "sentence_start": place,
                "raw_start": marker.raw_start,
                "raw_end": marker.raw_end,
            }
        )
    return rows


def _mention_rows(
    frame: _Frame, table: str, mentions: Sequence[Mention], support: Sequence[Attribution]
) -> list[Row]:
    """The mention columns of `mentions`, each checked against its raw slice."""
    clause: defaultdict[int, list[int]] = defaultdict(list)
    for found in support:
        if found.table == table and found.scope == "clause":
            numbers = clause[found.mention]
            if found.number not in numbers:
                numbers.append(found.number)
    ids, rows = _Ids(), []
    document, raw_text = frame.document, frame.source.text
    begin = stop = 0  # the sentence of the mention before
    for index, mention in enumerate(mentions):
        start, end, rule, confidence = mention[:4]
        text = document.text[start:end]
        if not begin <= start < stop:
            sentence = frame.sentence_at(start)
            begin, stop = (sentence.start, sentence.end) if sentence else (start, start)
            if sentence is not None:
                sentence_id = frame.sentences[sentence.index]
                section_id = frame.sections[sentence.section]
                shift = frame.shift_of(sentence)
        if end > stop or not text:
            raise OffsetError(
                f"{frame.source.path}: the {table} mention [{start}, {end}) "
                f"{text!r} (rule {rule}) does not lie in one sentence."
            )
        if shift is None:
            raw_start, raw_end = document.projection.raw(start, end)
            read = document.projection.read(raw_text, document.text, start, end)
            if read != text:
                raise OffsetError(
                    f"{frame.source.path}:{raw_start}: the {table} mention {text!r} (rule "
                    f"{rule}) reads {read!r} in the raw text."
                )
        else:
            raw_start, raw_end = start + shift, end + shift
        rows.append(
            {
                "mention_id": ids(sentence_id, table, _words(text)),
                "article_id": frame.article,
                "section_id": section_id,
                "sentence_id": sentence_id,
                "text": text,
                "sentence_start": start - begin,
                "sentence_end": end - begin,
                "raw_start": raw_start,
                "raw_end": raw_end,
                "footnotes": clause.get(index, []),
                "rule": rule,
                "confidence": confidence,
            }
        )
    return rows


def _date_rows(frame: _Frame, mentions: Mentions, support: Sequence[Attribution]) -> list[Row]:
    rows = _mention_rows(frame, "dates", mentions.dates, support)
    for row, date in zip(rows, mentions.dates, strict=True):
        row["kind"] = date.kind
        row["value"] = date.value
        row["start_date"] = date.start_date
        row["end_date"] = date.end_date
        row["precision"] = date.precision
        row["modifier"] = date.modifier
        row["calendar"] = date.calendar
        row["resolution"] = date.resolution
        row["anchor_mention_id"] = None if date.anchor is None else rows[date.anchor]["mention_id"]
    return rows


def _number_rows(frame: _Frame, mentions: Mentions, support: Sequence[Attribution]) -> list[Row]:
    rows = _mention_rows(frame, "numbers", mentions.numbers, support)
    for row, number in zip(rows, mentions.numbers, strict=True):
        row["kind"] = number.kind
        row["value"] = number.value
        row["value_min"] = number.value_min
        row["value_max"] = number.value_max
        row["unit"] = number.unit
        row["classifier"] = number.classifier
        row["counted"] = number.counted
        row["modifier"] = number.modifier
        row["si_value"] = number.si_value
        row["si_unit"] = number.si_unit
    return rows


def _place_rows(frame: _Frame, mentions: Mentions, support: Sequence[Attribution]) -> list[Row]:
    rows = _mention_rows(frame, "places", mentions.places, support)
    for row, place in zip(rows, mentions.places, strict=True):
        (
            _, _, _, _, name, place_type, place_id, geonames_id, latitude, longitude, country_code,
            resolution, link_target, candidates,
        ) = place  # fmt: skip
        row["name"] = name
        row["place_type"] = place_type
        row["place_id"] = place_id
        row["geonames_id"] = geonames_id
        row["latitude"] = latitude
        row["longitude"] = longitude
        row["country_code"] = country_code
        row["resolution"] = resolution
        row["link_target"] = link_target
        row["candidates"] = candidates
    return rows


def _support_order(mentions: Mentions) -> Any:
    kinds: dict[str, tuple[int, Sequence[Mention]]] = {
        "dates": (0, mentions.dates),
        "numbers": (1, mentions.numbers),
        "places": (2, mentions.places),
    }

    def key(found: Attribution) -> tuple[int, ...]:
        order, sequence = kinds[found.table]
        mention = sequence[found.mention]
        return (mention.start, mention.end, order, found.mention, found.distance, found.footnote)

    return key


def _support_rows(frame: _Frame, rows: Rows, support: Sequence[Attribution]) -> list[Row]:
    ids, found = _Ids(), []
    for attribution in support:
        mention = rows[attribution.table][attribution.mention]["mention_id"]
        footnote = frame.footnotes[attribution.footnote]
        found.append(
            {
                "mention_footnote_id": ids(mention, footnote),
                "article_id": frame.article,
                "mention_id": mention,
                "mention_table": attribution.table,
                "footnote_id": footnote,
                "number": attribution.number,
                "scope": attribution.scope,
                "distance": attribution.distance,
            }
        )
    return found


def _cell_rows(
    frame: _Frame, numbers: Sequence[NumberMention], read_number: NumberReader
) -> list[Row]:
    spans = {(number.start, number.end): number for number in numbers}
    ids, rows = _Ids(), []
    order = sorted(frame.document.cells, key=lambda cell: (cell.table, cell.row, cell.column))
    for cell in order:
        section = frame.sections[cell.section]
        value, unit = _cell_value(frame, cell, spans, read_number)
        footnotes: list[int] = []
        if cell.block is not None:
            block = frame.document.blocks[cell.block]
            footnotes = frame.markers_in(block.start, block.end)
        words = map(_words, (*cell.headers, cell.text))
        rows.append(
            {
                "table_cell_id": ids(section, "table_cells", *words),
                "article_id": frame.article,
                "section_id": section,
                "table_index": cell.table,
                "row_index": cell.row,
                "column_index": cell.column,
                "row_span": cell.row_span,
                "column_span": cell.column_span,
                "is_header": cell.is_header,
                "headers": cell.headers,
                "text": cell.text,
                "value": value,
                "unit": unit,
                "block": cell.block,
                "raw_start": cell.raw_start,
                "raw_end": cell.raw_end,
                "footnotes": footnotes,
            }
        )
    return rows


# A number and nothing else: 1941, 1,234.5, -3; read on folded text, so １２ and −3 as well.
_BARE_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")


# What a header says its column is measured in: 面積（km²）, 人口 [萬人], 重量/kg.
_HEADER_UNIT = re.compile(
    r"(?:[（(\[【]([^（）()\[\]【】]{1,20})[)）\]】]|[/／:：]([^/／:：]{1,20}))\s*$"
)


def _cell_value(
    frame: _Frame,
    cell: Cell,
    spans: Mapping[tuple[int, int], NumberMention],
    read_number: NumberReader,
) -> tuple[float | None, str | None]:
    """The number that the whole cell is, and its unit, from the cell or the header over it."""
    if cell.is_header:
        return (None, None)
    number = None
    if cell.block is not None:
        block = frame.document.blocks[cell.block]
        text = frame.document.text[block.start : block.end]
        start = block.start + len(text) - len(text.lstrip())
        number = spans.get((start, block.start + len(text.rstrip())))
        if number is not None and (number.unit is not None or number.classifier is not None):
            return (number.value, number.unit)
    plain = fold(cell.text.strip())
    if not plain.isascii() or not _BARE_NUMBER.fullmatch(plain):
        return (None, None) if number is None else (number.value, None)
    value = float(plain.replace(",", ""))
    if not math.isfinite(value):
        return (None, None)
    for header in reversed(cell.headers):
        match = _HEADER_UNIT.search(header)
        one = read_number("1" + (match[1] or match[2]).strip()) if match else None
        if one is not None and one.value is not None:
            # 萬人 makes a cell's 3.5 into 35,000.
            return (value * one.value, one.unit)
    return (value, None)


def _statement_rows(frame: _Frame, rows: Rows, support: Sequence[Attribution]) -> list[Row]:
    kinds = (rows["dates"], rows["places"], rows["numbers"])
    mentioning = {row["sentence_id"] for kind in kinds for row in kind}
    paths = [" / ".join(section.path) for section in frame.document.sections]
    said: dict[str, Row] = {}
    for (_, _, section, _, _), sentence_id, text in zip(
        frame.document.sentences, frame.sentences, frame.texts, strict=True
    ):
        if sentence_id in mentioning:
            said[sentence_id] = {
                "sentence_id": sentence_id,
                "article_id": frame.article,
                "section_id": frame.sections[section],
                "section_path": paths[section],
                "text": text,
                "dates": [],
                "places": [],
                "numbers": [],
                "number_units": [],
                "footnotes": [],
            }
    for row in rows["dates"]:
        said[row["sentence_id"]]["dates"].append(row["value"])
    for row in rows["places"]:
        said[row["sentence_id"]]["places"].append(row["name"])
    for row in rows["numbers"]:
        statement = said[row["sentence_id"]]
        statement["numbers"].append(row["value"])
        statement["number_units"].append(row["unit"] or row["classifier"])
    for found in support:
        said[rows[found.table][found.mention]["sentence_id"]]["footnotes"].append(found.number)
    if support:
        for statement in said.values():
            statement["footnotes"] = sorted(set(statement["footnotes"]))
    return list(said.values())
