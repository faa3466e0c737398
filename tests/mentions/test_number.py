"""Numbers: what is found in plain text and what it says, case by case; what is refused."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from pipeline.fold import fold
from pipeline.mentions.found import extend_spacy
from pipeline.mentions.lexemes import build_lexer
from pipeline.mentions.number import component, lexicon
from pipeline.mentions.number.patterns import FOLLOWERS, RULES, forms, rule_of
from pipeline.mentions.number.units import si_conversion, to_si
from pipeline.mentions.wordlists import read_lexicon
from pipeline.records import NumberMention

PACKAGE = "pipeline.mentions.number"
CASES = tomllib.loads(Path(__file__).with_name("number.toml").read_text(encoding="utf-8"))
MEANS = [(case, surface) for case in CASES["means"] for surface in case["surfaces"]]
NOTHING = [surface for case in CASES["nothing"] for surface in case["surfaces"]]

Find = Callable[[str], list[NumberMention]]


@pytest.fixture(scope="module")
def find() -> Find:
    extend_spacy()
    nlp = spacy.blank("zh")
    numbers = component.create(nlp, "numbers")
    lexer = build_lexer(component.words())

    def find(text: str) -> list[NumberMention]:
        doc = Doc(nlp.vocab, words=list(text), spaces=[False] * len(text))
        doc._.lexemes = lexer.split(fold(text))
        return [
            component.to_mention(span.start, span.end, span.id_, span._.reading)
            for span in numbers(doc).spans["numbers"]
        ]

    return find


def unmark(marked: str) -> tuple[str, int, int]:
    start, end = marked.index("["), marked.index("]")
    return marked[:start] + marked[start + 1 : end] + marked[end + 1 :], start, end - 1


def close(a: float | None, b: float | None) -> bool:
    return a is not None and b is not None and math.isclose(a, b, rel_tol=1e-9)


@pytest.mark.parametrize(("case", "marked"), MEANS, ids=[surface for _, surface in MEANS])
def test_means(find: Find, case: dict[str, object], marked: str) -> None:
    text, start, end = unmark(marked)
    found = {(mention.start, mention.end): mention for mention in find(text)}
    assert (start, end) in found, [(text[a:b], m) for (a, b), m in found.items()]
    mention = found[start, end]
    if "value" in case:
        expected = float(case["value"])  # type: ignore[arg-type]
        assert close(mention.value, expected)
        assert mention.value_min == mention.value_max == mention.value
    else:
        least, most = case.get("range") or case["terms"]  # type: ignore[misc]
        assert mention.value is None
        assert close(mention.value_min, least)
        assert close(mention.value_max, most)
    for field in ("kind", "unit", "classifier", "counted", "modifier", "si_unit"):
        if field in case:
            assert (getattr(mention, field) or "") == case[field]
    if "si_value" in case:
        assert close(mention.si_value, case["si_value"])  # type: ignore[arg-type]


@pytest.mark.parametrize("text", NOTHING)
def test_nothing(find: Find, text: str) -> None:
    assert [text[mention.start : mention.end] for mention in find(text)] == []


def test_every_rule_has_a_case(find: Find) -> None:
    made = set()
    for case, marked in MEANS:
        text, start, end = unmark(marked)
        made |= {m.rule for m in find(text) if (m.start, m.end) == (start, end)}
        assert case.get("rule", "number") in RULES
    assert set(RULES) - made == set()


def test_rules_are_the_forms() -> None:
    ids = {rule_of(form, [name]) for form in forms() for name in FOLLOWERS}
    assert {rule for rule in ids if not rule.startswith("not-")} | {"bounds"} == set(RULES)


@given(
    st.text(
        alphabet="一二三四五六七八九十百千萬億兩半第分之至到-–~、約多餘幾個座人公里米°C%元角美元$k.,:/()0123456789 \nab北緯±負零下×10⁶",
        max_size=60,
    )
)
@settings(max_examples=400, deadline=None)
def test_any_text_is_read(find: Find, text: str) -> None:
    position = 0
    for mention in find(text):
        assert position <= mention.start < mention.end <= len(text)
        position = mention.end
        for value in (mention.value, mention.value_min, mention.value_max):
            assert value is None or math.isfinite(value)


@pytest.mark.parametrize(
    "text",
    ["1" * 50_000, "1.2" * 20_000, "第" * 20_000, "一又" * 10_000, "$1-" * 10_000, "5、" * 10_000],
)
def test_hostile_lines_are_read(find: Find, text: str) -> None:
    assert isinstance(find(text), list)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("signs.csv", ("word",)),
        ("units.csv", ("word",)),
        ("ucum.csv", ("code",)),
        ("classifiers.csv", ("word",)),
        ("nouns.csv", ("word",)),
        ("refusals.csv", ("word",)),
        ("heads.csv", ("word",)),
        ("attributes.csv", ("word",)),
        ("breaks.csv", ("word",)),
        ("currencies.csv", ("word", "code")),
        ("modifiers.csv", ("word", "place")),
        ("contexts.csv", ("word", "class")),
        ("noun_parts.csv", ("word", "class")),
        ("currency_cues.csv", ("word", "class")),
    ],
)
def test_lexicons_repeat_nothing(name: str, key: tuple[str, ...]) -> None:
    rows = read_lexicon(PACKAGE, name)
    seen = [tuple(row[field] for field in key) for row in rows]
    assert rows
    assert len(set(seen)) == len(seen)
    assert all(row[key[0]] for row in rows)
    assert all(None not in row and None not in row.values() for row in rows)


def test_every_unit_code_is_known() -> None:
    codes = {row["code"] for row in read_lexicon(PACKAGE, "ucum.csv")}
    assert {row["code"] for row in read_lexicon(PACKAGE, "units.csv")} - {""} <= codes
    assert {row["si"] for row in read_lexicon(PACKAGE, "ucum.csv")} - {""} <= codes


def test_every_unit_converts() -> None:
    for row in read_lexicon(PACKAGE, "ucum.csv"):
        conversion = si_conversion(row["code"])
        assert (conversion is not None) == bool(row["pint"])
        if conversion:
            assert conversion[0] > 0
            assert si_conversion(row["si"]) == (1.0, 0.0, row["si"])


@pytest.mark.parametrize(
    ("value", "code", "expected"),
    [
        (18, "km", (18000, "m")),
        (0, "Cel", (273.15, "K")),
        (1, "har", (10000, "m2")),
        (100, "[degF]", (310.927777778, "K")),
    ],
)
def test_si(value: float, code: str, expected: tuple[float, str]) -> None:
    assert to_si(value, code) == expected


def test_every_unit_word_is_found_by_its_rule(find: Find) -> None:
    apart = {"两", "两白银", "两银子"}
    missed = []
    for row in read_lexicon(PACKAGE, "units.csv"):
        text = f"共25 {row['word']}。"
        found = [m for m in find(text) if m.end >= len(text) - 1]
        if not found and fold(row["word"]) not in apart:
            missed.append(row["word"])
    assert missed == []


def test_currencies_of_a_name_say_when_they_were_valid() -> None:
    for word, rows in lexicon.currencies().items():
        assert len(rows) == 1 or all(row.since or row.until for row in rows), word


@pytest.mark.parametrize(
    "text", ["12座城市、30萬士兵、約18公里、第三次、百分之二十", "新台幣五百元，三倍，25歲"]
)
def test_script_makes_no_difference(find: Find, text: str) -> None:
    def what(mention: NumberMention) -> tuple[object, ...]:
        return (mention.start, mention.end, mention.kind, mention.value, mention.unit)

    assert [what(m) for m in find(text)] == [what(m) for m in find(fold(text))]
    assert re.search(r"\d|[一二三]", text)
