"""What the reader knows of templates, magic words and their parameters: the lexicons, compiled.

The words are in `wikitext_templates.csv`, `wikitext_parameters.csv` and `wikitext_units.csv`;
their first lines tell the grammar. A template that is in none of them is no prose.
"""

from __future__ import annotations

import csv
import re
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple, TypeVar


class Literally(NamedTuple):
    """Text that the template adds."""

    text: str


class Parameter(NamedTuple):
    """The first of these parameters that is given."""

    names: tuple[str, ...]


class Unnamed(NamedTuple):
    """All unnamed parameters, with `between` between them."""

    between: str


class Optional(NamedTuple):
    """Parts that are shown only if every parameter among them is given."""

    parts: tuple[Part, ...]


Part = Literally | Parameter | Unnamed | Optional


class Template(NamedTuple):
    """`reading` is one of the readings that the lexicon's first lines explain."""

    reading: str
    show: tuple[Part, ...]
    more: str


_SHOW = re.compile(r"\{([^{}]+)\}|\[([^\[\]]*)\]|([^{}\[\]]+)")
_PREFIX = re.compile(r"^(?:(?:template|模板|样板|樣板|t|subst|safesubst)[ _]*:[ _]*)+")
_SPACES = re.compile(r"[\s_]+")
_NUMBER = re.compile(r"\d{1,3}(?=$|-)")
_LONGEST_NAME = 200
# `{{convert|1.5|e6m3}}` is a million cubic metres.
_POWER = re.compile(r"e(3|6|9|12)(?=[a-zA-Z])")
_POWERS = {"3": "千", "6": "百萬", "9": "十億", "12": "兆"}
_Value = TypeVar("_Value")


def _rows(name: str) -> list[dict[str, str]]:
    text = files("pipeline.formats").joinpath(name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("# ")]
    return list(csv.DictReader(lines))


def _parts(show: str) -> tuple[Part, ...]:
    found: list[Part] = []
    for name, optional, text in _SHOW.findall(show):
        if name.startswith("*"):
            found.append(Unnamed(name[1:]))
        elif name:
            found.append(Parameter(tuple(name.split("|"))))
        elif optional:
            found.append(Optional(_parts(optional)))
        else:
            found.append(Literally(text))
    return tuple(found)


class _Lexicon(NamedTuple):
    """Names → rows, with those that stand for all names with their beginning or end."""

    exact: dict[str, dict[str, str]]
    heads: tuple[tuple[str, dict[str, str]], ...]
    tails: tuple[tuple[str, dict[str, str]], ...]

    def find(self, name: str) -> dict[str, str] | None:
        row = self.exact.get(name)
        if row is None:
            row = next((row for head, row in self.heads if name.startswith(head)), None)
        if row is None:
            row = next((row for tail, row in self.tails if name.endswith(tail)), None)
        return row


def _lexicon(rows: list[dict[str, str]]) -> _Lexicon:
    exact: dict[str, dict[str, str]] = {}
    heads: list[tuple[str, dict[str, str]]] = []
    tails: list[tuple[str, dict[str, str]]] = []
    for row in rows:
        name = row["name"].casefold()
        if name.endswith("*"):
            heads.append((name[:-1], row))
        elif name.endswith(":"):
            heads.append((name, row))
        elif name.startswith("*"):
            tails.append((name[1:], row))
        else:
            exact[name] = row
    return _Lexicon(exact, tuple(heads), tuple(tails))


@lru_cache(maxsize=1)
def _templates() -> _Lexicon:
    return _lexicon(_rows("wikitext_templates.csv"))


@lru_cache(maxsize=2)
def _parameters(kind: str) -> _Lexicon:
    rows = _rows("wikitext_parameters.csv")
    return _lexicon([row for row in rows if row["kind"] == kind])


@lru_cache(maxsize=1)
def _units() -> dict[str, str]:
    return {row["code"]: row["text"] for row in _rows("wikitext_units.csv")}


@lru_cache(maxsize=4096)
def find_template(name: str) -> Template | None:
    """The template of this name as it stands after `{{`, or None for one that is no prose.

    `Template:`, `subst:` and the like, the case of letters and `_` for spaces make no difference.
    """
    if len(name) > _LONGEST_NAME:
        return None
    folded = _SPACES.sub(" ", name).strip().casefold()
    folded = _PREFIX.sub("", folded, count=1) if ":" in folded else folded
    row = _templates().find(folded)
    if row is None:
        return None
    return Template(row["reading"], _parts(row["show"]), row["more"])


@lru_cache(maxsize=4096)
def citation_parameter(name: str) -> str | None:
    """The name that `reference_templates.read_template` knows a citation's parameter by, its number kept
    (`作者2` → `author2`); None for parameters that say nothing of the work."""
    folded = _SPACES.sub("-", name.strip()).casefold()
    # `author2-last` and `last2` are one; `archive-url` has no number.
    number = _NUMBER.search(folded)
    bare = folded[: number.start()] + folded[number.end() :] if number else folded
    row = _parameters("cite").find(bare)
    if row is None:
        return None
    return row["field"] + (number[0] if number else "")


@lru_cache(maxsize=4096)
def infobox_parameter(name: str) -> str:
    """What an infobox says under this name: `prose`, a `file` name or its `caption`, or `none` of it
    for readers."""
    folded = _SPACES.sub(" ", name).strip().casefold().rstrip("0123456789 ")
    row = _parameters("infobox").find(folded)
    return "prose" if row is None else row["field"]


def unit_text(code: str) -> str:
    """The word for a unit of `{{convert}}`; the code itself where there is none."""
    units = _units()
    if (power := _POWER.match(code)) is not None and (word := units.get(code[power.end() :])):
        return _POWERS[power[1]] + word
    return units.get(code, units.get(code.lower(), f" {code}"))
