"""The records that stages hand to each other: frozen, picklable, knowing no library.

Those made by the thousand are named tuples, whose making takes a third of the time.

Offsets named `start`, `end` count code points of `Document.text`; `raw_start`, `raw_end` of
the raw file as decoded. All are half-open. An integer that names another record is its index
in the sequence of the `Document` (or `Mentions`) that holds both.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pipeline.spans import Projection

RawFormat = Literal["markdown", "wikitext", "text"]
BlockKind = Literal["paragraph", "list_item", "heading", "caption", "table_cell"]
LinkKind = Literal["page", "file", "category", "external", "interwiki"]
FootnoteKind = Literal["web", "book", "journal", "news", "short", "other", "empty"]
Severity = Literal["error", "warning"]
MentionTable = Literal["dates", "numbers", "places"]
Scope = Literal["clause", "sentence", "paragraph"]

DateKind = Literal["date", "interval", "duration", "set", "time"]
Precision = Literal["day", "month", "season", "year", "decade", "century", "millennium", "interval"]
DateModifier = Literal[
    "start", "mid", "end", "before", "after", "approx", "nearly", "more_than", "less_than",
    "at_least", "at_most", "only",
]  # fmt: skip
DateResolution = Literal["explicit", "inherited", "relative", "unresolved"]
NumberKind = Literal[
    "count", "measure", "money", "percent", "fraction", "ratio", "ordinal", "multiple", "age"
]
NumberModifier = Literal[
    "approx", "nearly", "more_than", "less_than", "at_least", "at_most", "only"
]
PlaceType = Literal[
    "country", "region", "settlement", "district", "water", "landform", "site", "other"
]
PlaceResolution = Literal["link", "gazetteer", "pattern"]


@dataclass(frozen=True, slots=True)
class Options:
    """What changes the rows of an article beside its text; part of every fingerprint.

    `variant` is the language variant that `-{zh-hans:…;zh-hant:…}-` is read in. `reference` is
    what a date counts from when its article gives nothing.
    """

    variant: str = "zh-hant"
    reference: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One article as it was found: decoded text and where it came from.

    `path` is relative to the raw folder, with `/`, whatever the system; for a member of an
    archive or a dump it is the container's path, `#`, and the member's name. `title` is what
    the container says (a dump's `<title>`), else None: the reader finds it. `sha256` is of the
    article's raw bytes.
    """

    path: str
    raw_format: RawFormat
    text: str
    sha256: str
    title: str | None = None
    page_id: int | None = None
    revision_id: int | None = None
    revision_timestamp: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should look at. `code` is a short, stable name of the kind of fault."""

    path: str
    severity: Severity
    code: str
    message: str
    cure: str
    raw_start: int | None = None
    raw_end: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows, up to the next heading of any level.

    Section 0 is the lead, of level 1, with an empty `title` and `path` (the article's own title
    is `Document.title`). `path` holds the titles from the outermost heading to this one.
    """

    index: int
    parent: int | None
    level: int
    title: str
    path: tuple[str, ...]
    start: int
    end: int
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of prose that stands by itself. A footnote never supports another block.

    Blocks are in reading order, never overlap, never nest, and are parted in
    `Document.text` by exactly one newline; no block's text holds a newline.
    """

    index: int
    kind: BlockKind
    section: int
    start: int
    end: int


class Sentence(NamedTuple):
    """A sentence of a block; sentences cover the block but for the white space between them."""

    index: int  # type: ignore[assignment]  # tuple.index is of no use here
    block: int
    section: int
    start: int
    end: int


class Link(NamedTuple):
    """A link. `start`, `end` is the anchor that the author linked, in `Document.text`.

    `raw_anchor` is what the converted file shows, with the text the converter glued on.
    Files and categories, which have no place in the prose, have an empty span.
    `target_title` is the page's title with spaces as `_`, without its fragment (`#…`).
    """

    kind: LinkKind
    start: int
    end: int
    anchor: str
    raw_anchor: str
    target_title: str | None
    url: str | None
    raw_start: int
    raw_end: int


class Marker(NamedTuple):
    """A footnote marker: it stands before the character at `position` of `Document.text`."""

    position: int
    number: int | None
    group: str
    footnote: int | None
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Footnote:
    """An entry of the reference list. `text` has its markup removed; fields are None unless read.

    `authors` are as written, in order. `published` is EDTF. `isbn` is checked and hyphenated.
    `short_target` is the index of the full entry that a short one (`Forczyk 2008, p. 12`) stands for.
    """

    number: int
    group: str
    text: str
    kind: FootnoteKind
    raw_start: int
    raw_end: int
    title: str | None = None
    url: str | None = None
    domain: str | None = None
    archive_url: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    pages: str | None = None
    isbn: str | None = None
    doi: str | None = None
    short_target: int | None = None

    @property
    def is_empty(self) -> bool:
        return self.kind == "empty"


@dataclass(frozen=True, slots=True)
class Media:
    """An image or a gallery entry; `block` is its caption's block, where it has one."""

    section: int
    file_name: str
    caption: str | None
    url: str | None
    block: int | None
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table in the article. `headers` are the texts of the header cells over it."""

    section: int
    table: int
    row: int
    column: int
    row_span: int
    column_span: int
    is_header: bool
    headers: tuple[str, ...]
    block: int | None
    text: str
    raw_start: int
    raw_end: int


@dataclass(frozen=True, slots=True)
class Document:
    """An article as read: its prose as one plain text, and everything that stands in it."""

    title: str
    language: str
    source_url: str | None
    text: str
    projection: Projection
    sections: tuple[Section, ...] = ()
    blocks: tuple[Block, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    links: tuple[Link, ...] = ()
    markers: tuple[Marker, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    media: tuple[Media, ...] = ()
    categories: tuple[Category, ...] = ()
    cells: tuple[Cell, ...] = ()
    problems: tuple[Problem, ...] = ()


class DateMention(NamedTuple):
    """A date; values as in spec: EDTF, ISO 8601 durations and times, `R/…` sets.

    `start_date` and `end_date` are the first and last day covered, inclusive: with 以前
    (`modifier` before) the days before the unit, with 以後 (after) those after it, with 以來 and 起
    from its first day on, with 為止 up to its last; of 初, 中 and 末 those of that part (1940年代末:
    1947 to 1949); an open end is null. `anchor` is the index, in
    `Mentions.dates`, of the mention that an inherited or relative value counts from.
    """

    start: int
    end: int
    rule: str
    confidence: float
    kind: DateKind
    value: str | None
    start_date: dt.date | None
    end_date: dt.date | None
    precision: Precision | None
    modifier: DateModifier | None
    calendar: str
    resolution: DateResolution
    anchor: int | None


class NumberMention(NamedTuple):
    """A number. `unit` is a UCUM code or an ISO 4217 code; `si_value`, `si_unit` the same in SI."""

    start: int
    end: int
    rule: str
    confidence: float
    kind: NumberKind
    value: float | None
    value_min: float | None
    value_max: float | None
    unit: str | None
    classifier: str | None
    counted: str | None
    modifier: NumberModifier | None
    si_value: float | None
    si_unit: str | None


class PlaceMention(NamedTuple):
    """A place. `place_id` names the entity; `candidates` are the ids considered, best first."""

    start: int
    end: int
    rule: str
    confidence: float
    name: str
    place_type: PlaceType
    place_id: str
    geonames_id: int | None
    latitude: float | None
    longitude: float | None
    country_code: str | None
    resolution: PlaceResolution
    link_target: str | None
    candidates: tuple[str, ...] = ()


#: A mention found in `Document.text`. `rule` is the id of the rule that made it, `confidence` 0–1.
Mention = DateMention | NumberMention | PlaceMention


@dataclass(frozen=True, slots=True)
class Mentions:
    """All mentions of a document, each sequence in order of (start, end)."""

    dates: tuple[DateMention, ...] = ()
    numbers: tuple[NumberMention, ...] = ()
    places: tuple[PlaceMention, ...] = ()


class Attribution(NamedTuple):
    """A footnote that supports a mention.

    `mention` is the index in the sequence of `table`; `footnote` the index in
    `Document.footnotes`; `distance` the characters from the mention's end to the marker.
    """

    table: MentionTable
    mention: int
    footnote: int
    number: int
    scope: Scope
    distance: int
