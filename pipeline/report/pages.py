"""The tables of a state → `index.html`, a page per article, and what all pages share.

    report/index.html            counts, search, unresolved dates, problems, changes
    report/articles/<id>.html    an article's prose with its mentions, timeline, map, tables
    report/assets/…              style, scripts, base map: the same for every page
    report/data/<list>-<n>.js    rows of long lists, fetched by the index when they are wanted
    report/data/index-<b>.json   what the index says of a bucket's articles, for the next report

Pages open from `file://` and ask nothing of the network. Text from the articles gets into a page
in two ways only: escaped, by the template engine or by `prose.html`, or as JSON with `<` escaped, in
a block that is no script. The policy of the pages runs one inline script by its hash, and what that one loads.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from markupsafe import Markup

from pipeline.report.prose import html
from pipeline.schemas import SCHEMAS
from pipeline.store import files
from pipeline.store.reading import State, differing_buckets
from pipeline.tables import in_order

if TYPE_CHECKING:
    from jinja2 import Environment

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
MENTION_TABLES = ("dates", "numbers", "places")
#: What an article's page shows; the index has the rest.
PAGE_TABLES = (
    "articles", "sections", "sentences", "footnotes", "citations", *MENTION_TABLES,
    "mention_footnotes", "problems",
)  # fmt: skip
_MADE_BY = "assets/made-by.txt"
#: Rows of a list in the index page itself, and in each file beside it.
FIRST_ROWS, CHUNK_ROWS = 500, 5_000

_MENTION_COLUMNS = (
    "mention_id", "article_id", "sentence_id", "text", "sentence_start", "sentence_end",
    "raw_start", "raw_end", "rule", "confidence", "kind", "value", "modifier", "resolution",
)  # fmt: skip
_COLUMNS: dict[str, tuple[str, ...]] = {
    "articles": ("article_id", "title", "language", "source_url", "raw_path", "text_chars", "is_stale",
                 "date_count", "number_count", "place_count", "footnote_count"),
    "sections": ("article_id", "section_id", "level"),
    "sentences": ("article_id", "sentence_id", "section_id", "block_kind", "block", "position", "text"),
    "footnotes": ("article_id", "footnote_id", "number", "footnote_group", "text", "kind", "title", "url",
                  "archive_url", "short_target_footnote_id", "citation_count"),
    "citations": ("article_id", "footnote_id", "number", "sentence_id", "sentence_start"),
    "dates": (*_MENTION_COLUMNS, "start_date", "end_date", "precision", "calendar", "anchor_mention_id"),
    "numbers": (*_MENTION_COLUMNS[:-1], "value_min", "value_max", "unit", "classifier", "counted",
                "si_value", "si_unit"),
    "places": (*(c for c in _MENTION_COLUMNS if c not in ("kind", "value", "modifier")), "name",
               "place_type", "place_id", "geonames_id", "latitude", "longitude", "country_code",
               "link_target"),
    "mention_footnotes": ("article_id", "mention_id", "footnote_id", "scope", "distance"),
    "problems": ("article_id", "severity", "code", "message", "cure"),
}  # fmt: skip

#: Loads what its own `data-load` names. Its hash is all that the policy allows; what it loads is
#: trusted as it is (`strict-dynamic`), as a page opened from a file has no origin to name.
LOADER = (
    "for(const n of document.currentScript.dataset.load.split(' '))"
    "{const s=document.createElement('script');s.async=false;s.src=n;document.head.append(s)}"
)
POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'strict-dynamic' 'sha256-{base64.b64encode(hashlib.sha256(LOADER.encode()).digest()).decode()}'",
        "style-src 'self' file:",
        "base-uri 'none'",
        "form-action 'none'",
    )
)


def make(
    state: State,
    folder: Path,
    *,
    last: State | None = None,
    last_folder: Path | None = None,
    staged: Mapping[str, files.Placed | None] | None = None,
) -> dict[str, files.Placed]:
    """The files of the report of `state`, by path; those not found elsewhere are made in `folder`.

    `staged` are files that are made already; None stands for one that is as it was in `last`. So are
    those of a bucket whose rows are those of `last`. If the same code made that report, they are
    taken from `last_folder`, if they are there in the size that the manifest says.
    """
    if last is not None and not is_of_this_code(last):
        last = None
    changed = set(differing_buckets(last, state, PAGE_TABLES))
    staged = staged or {}
    taken: dict[str, files.Placed] = {}

    def is_there(path: str, bucket: str) -> bool:
        found = staged.get(path)
        if found is None and (path in staged or not {bucket, None} & changed):
            found = _of_last(path, last, last_folder)
        if found is not None:
            taken[path] = found
        return found is not None

    index = _Index([], [])
    for bucket in state.manifest.parts("articles"):
        path = entries_path(bucket)
        if is_there(path, bucket):
            content = taken[path].path.read_bytes()
        else:
            content = index_entries(_rows_of(state, bucket))
            files.write(folder / path, [content])
        articles = index.add(content)
        wanted = [article for article in articles if not is_there(page_path(article), bucket)]
        if wanted:
            for path, content in article_pages(_rows_of(state, bucket, wanted)):
                files.write(folder / path, [content])
    _write_assets(folder)
    _write_index(folder, index.by_title(), state)
    return {**files.placed(folder), **taken}


def page_path(article: str) -> str:
    """Where the page of an article is in the report."""
    return f"articles/{article}.html"


def entries_path(bucket: str) -> str:
    """Where the report keeps what its index says of the articles of a bucket."""
    return f"data/index-{bucket}.json"


def article_pages(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, bytes]]:
    """The page of each article in `tables`, which hold the rows of `PAGE_TABLES`, by its path."""
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name in PAGE_TABLES:
        grouped = rows.setdefault(name, {})
        for row in tables[name].select(_COLUMNS[name]).to_pylist():
            grouped.setdefault(row["article_id"], []).append(row)
    for article, (row,) in rows["articles"].items():
        own = {name: rows[name].get(article, []) for name in PAGE_TABLES}
        yield page_path(article), _article_page(row, own).encode("utf-8", "replace")


def index_entries(tables: Mapping[str, pa.Table]) -> bytes:
    """What the index says of the articles in `tables` (as for `article_pages`): JSON, in order a row
    an article, and one for each of their dates without a value."""
    pairs = tables["mention_footnotes"].group_by(["article_id", "mention_id"]).aggregate([])
    dates = tables["dates"].select(
        ["article_id", "mention_id", "text", "sentence_id", "resolution"]
    )
    dates = in_order(dates.filter(pc.equal(dates["resolution"], "unresolved")))
    supported, waiting, problems = (
        _counts(table["article_id"]) for table in (pairs, dates, tables["problems"])
    )
    articles = [
        [
            row["article_id"], row["title"], row["text_chars"], row["date_count"], row["place_count"],
            row["number_count"], row["footnote_count"], supported.get(row["article_id"], 0),
            waiting.get(row["article_id"], 0), problems.get(row["article_id"], 0),
            int(row["is_stale"]),
        ]
        for row in in_order(tables["articles"].select(_COLUMNS["articles"])).to_pylist()
    ]  # fmt: skip
    sentences = tables["sentences"].select(["sentence_id", "text"])
    sentences = sentences.filter(pc.is_in(sentences["sentence_id"], dates["sentence_id"]))
    texts = {row["sentence_id"]: row["text"] for row in sentences.to_pylist()}
    places = {row[0]: place for place, row in enumerate(articles)}
    unresolved = [
        [places[row["article_id"]], row["mention_id"], row["text"], texts[row["sentence_id"]]]
        for row in dates.to_pylist()
    ]
    told = {"articles": articles, "unresolved": unresolved}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _counts(ids: pa.ChunkedArray) -> dict[str, int]:
    return {found["values"]: found["counts"] for found in pc.value_counts(ids).to_pylist()}


def _rows_of(
    state: State, bucket: str, articles: Sequence[str] | None = None
) -> dict[str, pa.Table]:
    return {
        name: state.table(name, columns=_COLUMNS[name], buckets=[bucket], articles=articles)
        for name in PAGE_TABLES
    }


def is_of_this_code(state: State) -> bool:
    """Whether the report that was published with `state` was made by the code that runs now."""
    return state.manifest.others.get(f"report/{_MADE_BY}") == files.Written.of(_made_by().encode())


def _of_last(path: str, last: State | None, last_folder: Path | None) -> files.Placed | None:
    """A file of the last report, if it is there in its size."""
    written = last.manifest.others.get(f"report/{path}") if last is not None else None
    if written is None or last_folder is None:
        return None
    found = files.Placed(last_folder / path, written)
    return found if files.is_whole(*found, read=False) else None


# ---------------------------------------------------------------------------------- an article


def _article_page(row: Mapping[str, Any], own: Mapping[str, Sequence[dict[str, Any]]]) -> str:
    sentences = {sentence["sentence_id"]: sentence["position"] for sentence in own["sentences"]}
    mentions = [m | {"table": name} for name in MENTION_TABLES for m in own[name]]
    mentions.sort(
        key=lambda m: (
            sentences[m["sentence_id"]],
            m["sentence_start"],
            m["sentence_end"],
            m["table"],
        )
    )
    notes = {note["footnote_id"]: index for index, note in enumerate(own["footnotes"])}
    levels = {section["section_id"]: section["level"] for section in own["sections"]}
    prose = html(own["sentences"], mentions, own["citations"], levels=levels, notes=notes)
    return (
        _environment()
        .get_template("article.html")
        .render(
            article=row,
            prose=Markup(prose),
            problems=own["problems"],
            data=_script_json(_page_data(own, mentions, sentences, notes)),
        )
    )


def _page_data(
    own: Mapping[str, Sequence[dict[str, Any]]],
    mentions: Sequence[Mapping[str, Any]],
    sentences: Mapping[str, int],
    notes: Mapping[str, int],
) -> dict[str, Any]:
    """What an article's scripts know. Keys without a value are left out."""
    indexes = {mention["mention_id"]: index for index, mention in enumerate(mentions)}
    support: list[list[tuple[int, str, int]]] = [[] for _ in mentions]
    for pair in own["mention_footnotes"]:
        if pair["mention_id"] in indexes and pair["footnote_id"] in notes:
            support[indexes[pair["mention_id"]]].append(
                (notes[pair["footnote_id"]], pair["scope"], pair["distance"])
            )
    left_out = {"article_id", "sentence_id", "sentence_start", "sentence_end", "mention_id"}
    told_mentions = []
    for mention, supported in zip(mentions, support, strict=True):
        # What JSON has no way to write (an infinite number) is not told either.
        told = {
            key: value
            for key, value in mention.items()
            if value is not None
            and key not in left_out
            and (type(value) is not float or isfinite(value))
        }
        told["id"] = mention["mention_id"]
        told["confidence"] = round(mention["confidence"], 3)
        told["raw"] = [told.pop("raw_start"), told.pop("raw_end")]
        told["sentence"] = sentences[mention["sentence_id"]]
        anchor = indexes.get(told.pop("anchor_mention_id", None))
        if anchor is not None:
            told["anchor"] = anchor
        for name in ("start_date", "end_date"):
            if name in told:
                told[name] = told[name].isoformat()
        if supported:
            told["support"] = supported
        told_mentions.append(told)
    footnotes = []
    for note in own["footnotes"]:
        told = {
            k: v for k, v in note.items() if v not in (None, "") and not k.endswith(("_id", "url"))
        }
        for name in ("url", "archive_url"):
            if address := _address(note[name]):
                told[name] = address
        target = notes.get(note["short_target_footnote_id"])
        if target is not None:
            told["target"] = target
        footnotes.append(told)
    return {"mentions": told_mentions, "notes": footnotes}


# ----------------------------------------------------------------------------------- the index


class _Index(NamedTuple):
    """What the index page says of the articles: a row each, and their dates without a value."""

    articles: list[list[Any]]
    unresolved: list[list[Any]]

    def add(self, entries: bytes) -> list[str]:
        """Add what `index_entries` gave; returns the ids of its articles."""
        told = json.loads(entries)
        before = len(self.articles)
        self.articles.extend(told["articles"])
        self.unresolved.extend([before + place, *rest] for place, *rest in told["unresolved"])
        return [row[0] for row in told["articles"]]

    def by_title(self) -> _Index:
        """The same in order of titles, as a person looks for them; ids have no order to go by."""
        order = sorted(
            range(len(self.articles)),
            key=lambda place: (self.articles[place][1], self.articles[place][0]),
        )
        now = {old: new for new, old in enumerate(order)}
        unresolved = [[now[place], *rest] for place, *rest in self.unresolved]
        return _Index([self.articles[place] for place in order], _by_article(unresolved))


def _by_article(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows in the order of their articles, each article's as they were."""
    return sorted(rows, key=lambda row: row[0])


_CHANGE_COLUMNS = (
    "article_id", "title", "kind", "mention_table", "field", "old_value", "new_value",
    "new_mention_id", "old_sentence", "new_sentence",
)  # fmt: skip
_PROBLEM_COLUMNS = ("article_id", "path", "severity", "code", "message", "cure")


def _write_index(folder: Path, index: _Index, state: State) -> None:
    places = {row[0]: place for place, row in enumerate(index.articles)}

    def rows_of(name: str, columns: Sequence[str]) -> list[list[Any]]:
        found = state.table(name, columns=columns)
        return _by_article(
            [
                [places.get(row[columns[0]], -1), *(row[column] for column in columns[1:])]
                for row in found.to_pylist()
            ]
        )

    lists = {
        "changes": rows_of("changes", _CHANGE_COLUMNS),
        "unresolved": index.unresolved,
        "problems": rows_of("problems", _PROBLEM_COLUMNS),
    }
    told = {name: _write_list(folder, name, rows) for name, rows in lists.items()}
    counts = {
        "articles": len(index.articles),
        "dates": sum(row[3] for row in index.articles),
        "places": sum(row[4] for row in index.articles),
        "numbers": sum(row[5] for row in index.articles),
        "footnotes": sum(row[6] for row in index.articles),
    }
    mentions = counts["dates"] + counts["places"] + counts["numbers"]
    supported = sum(row[7] for row in index.articles)
    page = _environment().get_template("index.html").render(
        counts=counts,
        share=supported / mentions if mentions else 0.0,
        totals={name: len(rows) for name, rows in lists.items()},
        tables=tuple(SCHEMAS),
        data=_script_json({"articles": index.articles, "lists": told}),
    )  # fmt: skip
    _write(folder / "index.html", page)


def _write_list(folder: Path, name: str, rows: Sequence[list[Any]]) -> dict[str, Any]:
    rest = iter(rows[FIRST_ROWS:])
    chunks = 0
    while chunk := list(islice(rest, CHUNK_ROWS)):
        chunks += 1
        told = f"report.take({json.dumps(name)},{chunks},{_json(chunk)});\n"
        _write(folder / "data" / f"{name}-{chunks}.js", told)
    return {"rows": rows[:FIRST_ROWS], "chunks": chunks, "total": len(rows)}


# ---------------------------------------------------------------------------------- the making


def _write_assets(folder: Path) -> None:
    for source in sorted((HERE / "assets").iterdir()):
        _write(folder / "assets" / source.name, source.read_text(encoding="utf-8"))
    vendor = HERE / "vendor"
    _write(folder / "assets/d3.js", (vendor / "d3.js").read_text(encoding="utf-8"))
    _write(folder / "assets/licences.txt", (vendor / "licences.txt").read_text(encoding="utf-8"))
    world = (vendor / "world.json").read_text(encoding="utf-8").strip()
    _write(folder / "assets/world.js", f"const WORLD={world};\n")
    _write(folder / "assets/texts.js", f"const TEXTS={_json(_texts())};\n")
    _write(folder / _MADE_BY, _made_by())


@lru_cache(maxsize=1)
def _made_by() -> str:
    """A fingerprint of what makes pages: this package's code, templates and assets."""
    digest = hashlib.sha256()
    for name, path in files.files_under(HERE).items():
        if "__pycache__" not in name:
            digest.update(f"{name} {files.measure(path).sha256}\n".encode())
    return digest.hexdigest() + "\n"


def _write(path: Path, text: str) -> None:
    # A lone surrogate can stand in what was read; it can not in what is UTF-8.
    files.write(path, [text.encode("utf-8", "replace")])


def _json(value: object) -> str:
    """JSON that is a literal of JavaScript too, and holds no markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _script_json(value: object) -> Markup:
    return Markup(_json(value))


def _address(url: str | None) -> str | None:
    """A link to follow, if it leads to the web: `javascript:` and its kin are none."""
    return url if url and url.lower().startswith(("https://", "http://")) else None


@lru_cache(maxsize=1)
def _texts() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads((HERE / "texts.json").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=256)
def _interface(key: str, tag: str = "span") -> Markup:
    """An interface text in Traditional Chinese, for the script to put into another language."""
    return Markup('<{0} data-t="{1}">{2}</{0}>').format(Markup(tag), key, _texts()[key][0])


@lru_cache(maxsize=256)
def _spoken(key: str) -> Markup:
    """The same as a label for screen readers."""
    return Markup('aria-label="{1}" data-t-label="{0}"').format(key, _texts()[key][0])


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    # Filters, since one of a constant is looked up once, when the template is compiled.
    environment.filters.update(address=_address, t=_interface, label=_spoken)
    environment.globals.update(loader=Markup(LOADER), policy=Markup(POLICY))
    return environment
