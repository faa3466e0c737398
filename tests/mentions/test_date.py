"""Dates: what is found in plain text and what it means, case by case; what is refused; context."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.fold import fold
from pipeline.mentions.date import calendars, component, context
from pipeline.mentions.date.patterns import ELEMENTS, NOTATIONS, UNITS
from pipeline.mentions.date.row import Unit
from pipeline.mentions.date.value import Parts, settle
from pipeline.mentions.found import extend_spacy
from pipeline.mentions.lexemes import build_lexer
from pipeline.mentions.wordlists import read_lexicon
from pipeline.records import Block, DateMention, Document, Section
from pipeline.spans import Projection

CASES = tomllib.loads(Path(__file__).with_name("date.toml").read_text(encoding="utf-8"))
MEANS = [(case, surface) for case in CASES["means"] for surface in case["surfaces"]]
NOTHING = [surface for case in CASES["nothing"] for surface in case["surfaces"]]

Find = Callable[..., tuple[DateMention, ...]]
Units = Callable[[str], list[Unit]]


def document(text: str) -> Document:
    """Each line a block; `# …` a heading that begins a section, under the last of a higher level."""
    sections = [Section(0, None, 1, "", (), 0, len(text), 0, len(text))]
    blocks: list[Block] = []
    position = 0
    open_levels = {1: 0}
    for line in text.split("\n"):
        level = len(re.match("#*", line).group())  # type: ignore[union-attr]
        if level:
            open_levels = {at: index for at, index in open_levels.items() if at <= level}
            parent = open_levels[max(open_levels)]
            open_levels[level + 1] = len(sections)
            sections.append(
                Section(len(sections), parent, level + 1, line, (), position, len(text), 0, 0)
            )
        kind = "heading" if level else "paragraph"
        blocks.append(Block(len(blocks), kind, len(sections) - 1, position, position + len(line)))
        position += len(line) + 1
    return Document("題目", "zh", None, text, Projection(()), tuple(sections), tuple(blocks))


@pytest.fixture(scope="module")
def read_doc() -> Callable[[str], Doc]:
    extend_spacy()
    lexer, characters = build_lexer(component.words()), Vocab()

    def read_doc(text: str) -> Doc:
        doc = Doc(characters, words=list(text), spaces=[False] * len(text))
        doc._.lexemes = lexer.split(fold(text))
        return doc

    return read_doc


@pytest.fixture(scope="module")
def units(read_doc: Callable[[str], Doc]) -> Units:
    finder = component.DateFinder()
    return lambda text: finder.units(read_doc(text)._.lexemes, fold(text))


@pytest.fixture(scope="module")
def find(read_doc: Callable[[str], Doc]) -> Find:
    finder = component.DateFinder()

    def find(text: str, *, reference: dt.date | None = None) -> tuple[DateMention, ...]:
        doc = finder(read_doc(text))
        spans = doc.spans["dates"]
        readings = [(span.start, span.end, span.id_, span._.reading) for span in spans]
        return context.resolve(readings, document(text), reference=reference)

    return find


def unmark(marked: str) -> tuple[str, list[tuple[int, int]]]:
    text, spans = "", []
    for piece in re.split(r"(\[[^\]]*\])", marked):
        if piece.startswith("["):
            spans.append((len(text), len(text) + len(piece) - 2))
            piece = piece[1:-1]
        text += piece
    return text, spans


@pytest.mark.parametrize(("case", "marked"), MEANS, ids=[surface for _, surface in MEANS])
def test_means(find: Find, case: dict[str, str], marked: str) -> None:
    text, [expected] = unmark(marked)
    mentions = {(mention.start, mention.end): mention for mention in find(text)}
    assert expected in mentions, f"found {[text[a:b] for a, b in mentions]}"
    mention = mentions[expected]
    assert (mention.value or "") == case["value"]
    for field in ("kind", "precision", "calendar", "resolution"):
        if field in case:
            assert getattr(mention, field) == case[field]
    if "days" in case:
        days = (mention.start_date, mention.end_date)
        assert "..".join(str(day or "") for day in days) == case["days"]
    if case["value"]:
        assert mention.modifier == case.get("modifier")


@pytest.mark.parametrize(
    "case", CASES["context"], ids=[case["text"][:20] for case in CASES["context"]]
)
def test_context(find: Find, case: dict[str, list[str]]) -> None:
    text, expected = unmark(case["text"].strip())  # type: ignore[attr-defined]
    mentions = find(text)
    assert [(m.start, m.end) for m in mentions] == expected
    assert [m.value or "" for m in mentions] == case["values"]
    for mention in mentions:
        if mention.anchor is not None:
            assert mentions[mention.anchor].start < mention.start
            assert mention.resolution in ("inherited", "relative")
        if mention.value is None:
            assert mention.resolution == "unresolved"


@pytest.mark.parametrize("text", NOTHING)
def test_nothing(find: Find, text: str) -> None:
    assert [text[mention.start : mention.end] for mention in find(text)] == []


def test_reference_is_what_is_counted_from_when_the_text_gives_nothing(find: Find) -> None:
    day = dt.date(2021, 6, 14)
    for text, value in {
        "12月30日": "2021-12-30", "29日": "2021-06-29", "去年": "2020", "昨天": "2021-06-13", "兩年前": "2019",
        "翌日": "2021-06-15", "七年後": "2028", "17天後": "2021-07-01", "80年代": "198X",
        "前年": "2019", "大前年3月": "2018-03", "本月": "2021-06", "本月5日": "2021-06-05", "上月": "2021-05",
        "大後天": "2021-06-17", "昨晚8點": "2021-06-13T20:00", "本週": "2021-06-14/2021-06-20",
        "上个星期五": "2021-06-11", "下一个周日": "2021-06-27", "上周末": "2021-06-12/2021-06-13", "下下個月": "2021-08", "次週": "2021-06-21/2021-06-27", "上季度": "2021-33",
        "下半年": "2021-07/2021-12", "中秋節": "2021-09-21", "上世紀七、八十年代": "197X/198X",
    }.items():  # fmt: skip
        assert [m.value for m in find(text, reference=day)] == [value], text
    # What the text gives goes before the reference.
    assert [m.value for m in find("1941年6月，8月", reference=day)] == ["1941-06", "1941-08"]
    # 2月29日 is the last there was; the 31st of a month of 30 days that of the month before.
    assert [m.value for m in find("2月29日", reference=day)] == ["2020-02-29"]
    assert [m.value for m in find("31日", reference=day)] == ["2021-05-31"]


def test_a_length_before_or_after_the_reference_leaves_an_end_open(find: Find) -> None:
    day = dt.date(2021, 6, 14)
    for text, days in {
        "三年以前": (None, dt.date(2018, 12, 31)),
        "半年之後": (dt.date(2021, 12, 1), None),
        "三年前": (dt.date(2018, 1, 1), dt.date(2018, 12, 31)),
    }.items():
        [mention] = find(text, reference=day)
        assert (mention.start_date, mention.end_date) == days, text
    # Told from a date of the text it is that year.
    later = find("1941年，三年以後", reference=day)[1]
    assert (later.start_date, later.end_date) == (dt.date(1944, 1, 1), dt.date(1944, 12, 31))


def test_what_is_counted_in_weeks_is_no_finer_than_a_week(find: Find) -> None:
    # Monday to Sunday, whatever day it is counted from.
    [mention] = find("4周後", reference=dt.date(2021, 6, 16))
    assert mention.value == "2021-07-14"
    assert mention.precision is None
    assert (mention.start_date, mention.end_date) == (dt.date(2021, 7, 12), dt.date(2021, 7, 18))


def test_words_of_the_present_are_mentions_only_with_a_reference(find: Find) -> None:
    assert find("今年、去年和昨天") == ()


def days_of_a_year(year: int) -> list[str]:
    return [f"{year}年{month}月{day}日" for month in range(1, 13) for day in range(1, 32)]


def test_only_days_that_exist_have_a_value(find: Find) -> None:
    for year in (1900, 2000, 2023, 2024):
        text = "，".join(days_of_a_year(year))
        mentions = find(text)
        assert len(mentions) == 12 * 31
        values = [mention.value for mention in mentions if mention.value]
        day = dt.date(year, 1, 1)
        assert values == [
            (day + dt.timedelta(days=i)).isoformat()
            for i in range(366 if year % 4 == 0 and year != 1900 else 365)
        ]


@pytest.mark.parametrize("name", UNITS)
def test_each_unit_matches_its_own_example(units: Units, name: str) -> None:
    assert [unit.form for unit in units(UNITS[name].example)] == [name]


@pytest.mark.parametrize("name", NOTATIONS)
def test_each_notation_matches_its_own_example(units: Units, name: str) -> None:
    assert [unit.form for unit in units(NOTATIONS[name].example)] == [name]


@pytest.mark.parametrize("nth", [(52, 0), (-1, 0), (-1, 7)])
def test_weeks_past_the_last_year_have_no_value(nth: tuple[int, int]) -> None:
    assert settle(Parts(year=9999, nth=nth)) is None
    assert settle(Parts(year=9998, nth=nth)) is not None


def names_in(rule: str) -> set[str]:
    return set(re.split(r"[+…]", rule)) - {""}


@pytest.mark.parametrize("name", ELEMENTS)
def test_each_element_of_a_rule_has_its_example(find: Find, name: str) -> None:
    [mention] = find(ELEMENTS[name])
    assert name in names_in(mention.rule)


def test_rules_are_made_of_known_names(find: Find) -> None:
    texts = [surface for _, surface in MEANS] + [case["text"] for case in CASES["context"]]
    rules = {mention.rule for text in texts for mention in find(unmark(text)[0])}
    known = {*UNITS, *NOTATIONS, *ELEMENTS}
    assert {rule for rule in rules if not names_in(rule) <= known} == set()


LEXICONS = sorted(
    path.name
    for path in resources.files("pipeline.mentions.date").iterdir()
    if path.name.endswith(".csv")
)


@pytest.mark.parametrize("name", LEXICONS)
def test_lexicons_are_sound(name: str) -> None:
    rows = read_lexicon("pipeline.mentions.date", name)
    columns = list(rows[0])
    key = columns[0]
    told = ("modifier", "share") if key == "unit" else ("dynasty", "side", "says", "start")
    seen = [tuple(row[c] for c in (key, *told) if c in columns) for row in rows]
    assert len(seen) == len(set(seen)), "a word stands twice"
    for row in rows:
        assert None not in row, f"too many columns: {row}"
        assert None not in row.values(), f"too few columns: {row}"
        assert row[key] == fold(row[key]), f"not folded: {row[key]}"


def test_every_holiday_has_a_day() -> None:
    for row in read_lexicon("pipeline.mentions.date", "holidays.csv"):
        for year in (1987, 2019, 2024):
            found = calendars.holiday(row["word"], year)
            assert found is not None, row["word"]
            assert dt.date(*found[0]) <= dt.date(*found[1]), row["word"]


@pytest.mark.parametrize(
    ("name", "year", "days"),
    [
        ("复活节", 2024, ((2024, 3, 31), (2024, 3, 31))),
        ("东正教复活节", 2024, ((2024, 5, 5), (2024, 5, 5))),
        ("清明节", 2020, ((2020, 4, 4), (2020, 4, 4))),
        ("冬至", 2021, ((2021, 12, 21), (2021, 12, 21))),
        ("除夕", 2020, ((2021, 2, 11), (2021, 2, 11))),
        ("感恩节", 2019, ((2019, 11, 28), (2019, 11, 28))),
        ("犹太新年", 2018, ((2018, 9, 9), (2018, 9, 11))),
        ("普珥节", 2024, ((2024, 3, 23), (2024, 3, 24))),
        ("斋月", 2034, ((2034, 11, 12), (2034, 12, 11))),
    ],
)
def test_holidays(name: str, year: int, days: tuple[calendars.Day, calendars.Day]) -> None:
    assert calendars.holiday(name, year) == days


def test_reigns_follow_each_other() -> None:
    """First years of each of these dynasties' reigns rise, and each ends when or after it began."""
    for era, rows in calendars.reigns().items():
        for reign in rows:
            assert reign.end is None or reign.end >= reign.start, era
    for era, number, year in [
        ("康熙", 30, 1691),
        ("乾隆", 1, 1736),
        ("贞观", 3, 629),
        ("洪武", 31, 1398),
        ("昭和", 64, 1989),
    ]:
        reign = calendars.pick_reign(era, before="", number=number)
        assert reign is not None
        assert reign.start + number - 1 == year
    japanese = calendars.pick_reign("天保", before="日本", number=5)
    assert japanese is not None
    assert japanese.start == 1831


@given(st.integers(1, 9999), st.integers(1, 12), st.integers(1, 31))
def test_settle_writes_what_it_covers(year: int, month: int, day: int) -> None:
    fixed = settle(Parts(year=year, month=month, day=day))
    try:
        expected = dt.date(year, month, day).isoformat()
    except ValueError:
        julian = year < 1583 and month == 2 and day == 29 and year % 4 == 0
        assert fixed is None or julian
    else:
        assert fixed is not None
        assert fixed.value == expected


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet="一二三十百元〇0123456789年月日號時分秒半個天週世紀代至、-–~/.:：（）()前後多餘每第上下旬初末底春節農曆閏康熙民國同翌該 \n零點刻又",
        max_size=60,
    ),
    st.none() | st.dates(),
)
def test_any_text_gives_mentions_in_order_inside_it(
    find: Find, text: str, reference: dt.date | None
) -> None:
    position = 0
    for mention in find(text, reference=reference):
        assert position <= mention.start < mention.end <= len(text)
        position = mention.end
        if mention.start_date and mention.end_date:
            assert mention.start_date <= mention.end_date
        assert (mention.value is None) == (mention.resolution == "unresolved")


def test_a_year_that_only_the_section_before_gives_is_doubtful(find: Find) -> None:
    found = find("城在北方。\n# 北伐\n1928年4月1日出發。\n# 慘案\n五月三日進城，5月4日停火。")
    assert [date.value for date in found] == ["1928-04-01", "1928-05-03", "1928-05-04"]
    assert found[1].confidence < found[2].confidence
    assert found[1].anchor == 0
