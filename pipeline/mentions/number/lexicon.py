"""The number words of the CSV files, as tables for the lexer and for reading.

    signs.csv        第 分之 倍 至 半 …, the small words that numbers are built with
    units.csv        公里 °C 畝 → UCUM code (`ucum.csv` has the codes)
    currencies.csv   美元 NT$ 盧布 → ISO 4217 code of its time
    currency_cues.csv  新台幣 香港, which 元 is meant
    classifiers.csv  個 座 輛
    nouns.csv        words after a numeral that are neither
    heads.csv        common nouns, attributes.csv what may stand before one, breaks.csv what ends one,
                     noun_parts.csv their parts
    refusals.csv     統一 十分 四川, words that hold a numeral and count nothing
    modifiers.csv    約 左右 以上, read beside a number
    contexts.csv     words near a number that tell a name or a coordinate from a quantity

All keys are folded text, but for units, whose letters' case matters (mW, MW).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import NamedTuple, cast

from pipeline.fold import fold
from pipeline.mentions.lexemes import Word
from pipeline.mentions.wordlists import read_lexicon, read_words
from pipeline.records import NumberModifier

_PACKAGE = __package__ or ""


class Currency(NamedTuple):
    """`factor` is what a minor unit is of the unit before it (角: 0.1); else 1."""

    code: str | None
    since: int | None
    until: int | None
    form: str
    factor: Decimal


@lru_cache(maxsize=1)
def words() -> dict[str, Word]:
    """All number words, each with the class that the forms call it by."""
    found: dict[str, Word] = {}

    def add(word: str, number_class: str, not_before: str = "", *, attached: bool) -> None:
        key = fold(word)
        if key not in found:
            inside = number_class in ("refusal", "vague") and not key.startswith("第")
            found[key] = Word("", number_class, _boundary(key, not_before, inside), attached)

    for row in read_lexicon(_PACKAGE, "signs.csv"):
        for word in _spaced(row["word"], row["class"]):
            add(word, row["class"], row["not_before"], attached=row["attached"] == "yes")
        if row["class"] == "vague":
            add(row["word"] + "分之一", "refusal", attached=False)
    for row in read_lexicon(_PACKAGE, "currencies.csv"):
        # 美元 stands before a number as well as after it, 元 only after.
        add(row["word"], "currency", attached=row["class"] in ("yuan", "minor", "after"))
    for row in read_lexicon(_PACKAGE, "units.csv"):
        add(row["word"], "unit", attached=True)
    for row in read_lexicon(_PACKAGE, "classifiers.csv"):
        add(row["word"], "classifier", row["not_before"], attached=True)
    for row in read_lexicon(_PACKAGE, "nouns.csv"):
        add(row["word"], "noun" if row["counted"] else "other", row["not_before"], attached=True)
    for row in read_lexicon(_PACKAGE, "refusals.csv"):
        add(row["word"], "refusal", row["not_before"], attached=False)
    for word in powers():
        add(word, "multiplier", attached=True)
    return found


def _spaced(word: str, number_class: str) -> list[str]:
    """`word`, and as it is written where characters are set apart: 百 分 点, 分  之."""
    if number_class not in ("of", "percent") or not word.strip("%") or word.isascii():
        return [word]
    gaps = product(("", " ", "  "), repeat=len(word) - 1)
    forms = ["".join(a + b for a, b in zip(word, (*gap, ""), strict=True)) for gap in gaps]
    # With the space before it too, so that no shorter word of dates, 「 分」, goes first.
    return forms + [f" {form}" for form in forms if " " in form]


def _boundary(word: str, not_before: str, inside: bool) -> str:
    """What must not stand beside a word: for Latin ones letters, that make it another word; for
    those that may begin `inside` a numeral (二|十分, 二十|几万) its first part."""
    parts = [not_before] if not_before else []
    if word[-1:].isascii() and word[-1:].isalpha():
        parts.append("[a-z]")
    if word[:1].isascii() and word[:1].isalpha():
        parts.append(rf"(?<=[a-z]{re.escape(word)})")
    if inside:
        parts.append(rf"(?<=[第0-9零〇一二三四五六七八九十拾百佰千仟万亿]{re.escape(word)})")
        parts.append(rf"(?<=[百千万亿十] {re.escape(word)})")
    return "|".join(parts)


@lru_cache(maxsize=1)
def powers() -> dict[str, Decimal]:
    """×10⁶, ×10^6 and × 10⁶ → what they multiply by."""
    superscript = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
    found = {}
    for times, space, exponent in product("×x*", ("", " "), range(-30, 31)):
        for tail in (
            f"10{str(exponent).translate(superscript)}",
            f"10^{exponent}",
            f"10^{{{exponent}}}",
        ):
            surface = f"{times}{space}{tail}"
            found[surface] = found[space + surface] = Decimal(10) ** exponent
    for times, exponent in product(("乘以", "乘"), range(-30, 31)):
        surface = f"{times}10的{exponent}次方".replace("-", "负")
        found[surface] = Decimal(10) ** exponent
    return found


@lru_cache(maxsize=1)
def signs() -> dict[str, tuple[str, Fraction | None]]:
    """Word → class and value."""
    table: dict[str, tuple[str, Fraction | None]] = {}
    for row in read_lexicon(_PACKAGE, "signs.csv"):
        value = Fraction(row["value"]) if row["value"] else None
        for word in _spaced(row["word"], row["class"]):
            table.setdefault(fold(word), (row["class"], value))
    for word, power in powers().items():
        table.setdefault(fold(word), ("multiplier", Fraction(power)))
    return table


@lru_cache(maxsize=1)
def units() -> tuple[dict[str, str], dict[str, str]]:
    """Unit word → UCUM code ("" for none): as written, and folded."""
    written: dict[str, str] = {}
    folded: dict[str, str] = {}
    for row in read_lexicon(_PACKAGE, "units.csv"):
        written.setdefault(row["word"], row["code"])
        folded.setdefault(fold(row["word"]), row["code"])
    return written, folded


@lru_cache(maxsize=1)
def currencies() -> dict[str, tuple[Currency, ...]]:
    """Currency word → its rows, in the file's order."""
    table: dict[str, tuple[Currency, ...]] = {}
    for row in read_lexicon(_PACKAGE, "currencies.csv"):
        currency = Currency(
            row["code"] or None,
            int(row["since"]) if row["since"] else None,
            int(row["until"]) if row["until"] else None,
            row["class"],
            Decimal(row["factor"] or 1),
        )
        key = fold(row["word"])
        table[key] = (*table.get(key, ()), currency)
    return table


@lru_cache(maxsize=1)
def classifiers() -> dict[str, int]:
    """Classifier → how many one of it stands for (打: 12)."""
    return {
        fold(row["word"]): int(row["factor"] or 1)
        for row in read_lexicon(_PACKAGE, "classifiers.csv")
    }


@lru_cache(maxsize=1)
def _traits() -> dict[str, frozenset[str]]:
    return {
        fold(row["word"]): frozenset(row["traits"].split())
        for row in read_lexicon(_PACKAGE, "classifiers.csv")
        if row["traits"]
    }


def traits(classifier: str) -> frozenset[str]:
    """What classifiers.csv says of a classifier beside its factor."""
    return _traits().get(classifier, frozenset())


@lru_cache(maxsize=1)
def currency_names() -> dict[str, re.Pattern[str]]:
    """Code → what names that currency; "" for those that never had a code."""
    return {code: _either(words) for code, words in _currency_cues("named").items()}


@lru_cache(maxsize=1)
def currency_regions() -> dict[str, list[str]]:
    """Code → names of where that currency is used."""
    return _currency_cues("region")


def _currency_cues(name: str) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for row in read_lexicon(_PACKAGE, "currency_cues.csv"):
        if row["class"] == name:
            table.setdefault(row["code"], []).append(fold(row["word"]))
    return table


def _either(words: Iterable[str]) -> re.Pattern[str]:
    """Any of `words`, longest first."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))


@lru_cache(maxsize=1)
def counted_nouns() -> frozenset[str]:
    """Nouns that a numeral may count without a classifier."""
    return frozenset(
        fold(row["word"]) for row in read_lexicon(_PACKAGE, "nouns.csv") if row["counted"]
    )


@lru_cache(maxsize=1)
def word_kinds() -> dict[str, str]:
    """Common words → `head`, a noun; `attribute`, before a noun; `break`, no part of one."""
    kinds = dict.fromkeys(read_words(_PACKAGE, "attributes.csv"), "attribute")
    kinds |= dict.fromkeys(read_words(_PACKAGE, "heads.csv"), "head")
    kinds |= dict.fromkeys(read_words(_PACKAGE, "breaks.csv"), "break")
    return kinds | dict.fromkeys(counted_nouns(), "head")


@lru_cache(maxsize=1)
def noun_parts() -> dict[str, frozenset[str]]:
    """Class of noun_parts.csv → its words."""
    table: dict[str, set[str]] = {}
    for row in read_lexicon(_PACKAGE, "noun_parts.csv"):
        table.setdefault(row["class"], set()).add(row["word"])
    return {name: frozenset(words) for name, words in table.items()}


@lru_cache(maxsize=1)
def modifiers() -> dict[str, dict[str, NumberModifier | None]]:
    """ "before" and "after" → word → modifier; None for a word that only looks like one."""
    table: dict[str, dict[str, NumberModifier | None]] = {"before": {}, "after": {}, "compared": {}}
    for row in read_lexicon(_PACKAGE, "modifiers.csv"):
        table[row["place"]].setdefault(
            fold(row["word"]), cast("NumberModifier | None", row["modifier"] or None)
        )
    return table


class Context(NamedTuple):
    """A pattern that matches any word of a class, and the characters that these end in."""

    pattern: re.Pattern[str]
    last_chars: frozenset[str]


@lru_cache(maxsize=1)
def contexts() -> dict[str, Context]:
    """Class of contexts.csv → what its words look like."""
    table: dict[str, list[str]] = {}
    for row in read_lexicon(_PACKAGE, "contexts.csv"):
        table.setdefault(row["class"], []).append(fold(row["word"]))
    return {
        name: Context(
            _either(words),
            frozenset(word[-1] for word in words),
        )
        for name, words in table.items()
    }
