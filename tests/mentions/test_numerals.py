"""Numerals read back: every integer to 100,000 and random ones to 10^16, in five spellings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.fold import fold
from pipeline.mentions.numerals import NUMERAL, read_approximation, read_digits, read_numeral

CASES = tomllib.loads(Path(__file__).with_name("numerals.toml").read_text(encoding="utf-8"))

SECTIONS = ("", "萬", "億", "兆", "萬兆")
PLAIN = ("零一二三四五六七八九", ("", "十", "百", "千"))
FINANCIAL = ("零壹貳叁肆伍陸柒捌玖", ("", "拾", "佰", "仟"))


def han_section(number: int, digits: str, units: tuple[str, ...]) -> str:
    text, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += ("零" if gap and text else "") + digits[digit] + units[place]
        gap = not digit
    return text


def han(number: int, digits: str, units: tuple[str, ...]) -> str:
    """The standard spelling: a single 零 wherever places are skipped."""
    if number == 0:
        return "零"
    text = ""
    for place in range(4, -1, -1):
        section = number // 10 ** (4 * place) % 10**4
        if not section:
            continue
        skipped = text and (section < 1000 or number // 10 ** (4 * place + 4) % 10**4 == 0)
        text += ("零" if skipped else "") + han_section(section, digits, units) + SECTIONS[place]
    return text


def spoken(number: int) -> str:
    """The spelling of prose: 十二 for 一十二, 兩 before 百, 千, 萬 and 億."""
    text = han(number, *PLAIN)
    for unit in "百千萬億兆":
        text = text.replace("二" + unit, "兩" + unit).replace("十兩" + unit, "十二" + unit)
    return text.removeprefix("一") if text.startswith("一十") else text


def mixed(number: int) -> str:
    """12億3,400萬5,678: Arabic digits with large units."""
    if number < 10**4:
        return str(number)
    parts = []
    for place in range(4, -1, -1):
        section = number // 10 ** (4 * place) % 10**4
        if section:
            parts.append(f"{section:,}{SECTIONS[place]}")
    # A lone digit after a unit would be short for the next lower one (1萬5 is 15,000).
    if number % 10**4 in range(1, 10):
        parts[-1] = "0" + parts[-1]
    return "".join(parts)


def spellings(number: int) -> tuple[str, ...]:
    return (
        str(number),
        f"{number:,}".replace(",", "，").translate(
            {ord("0") + i: ord("０") + i for i in range(10)}
        ),
        spoken(number),
        han(number, *FINANCIAL),
        mixed(number),
    )


def assert_read_back(numbers: Iterable[int]) -> None:
    written = [(number, spelling) for number in numbers for spelling in spellings(number)]
    folded = fold("\n".join(spelling for _, spelling in written)).split("\n")
    for (number, spelling), surface in zip(written, folded, strict=True):
        assert read_numeral(surface) == number, spelling
        assert NUMERAL.sub("", surface, count=1) == "", spelling


def test_integers_to_100_000() -> None:
    assert_read_back(range(100_001))


@settings(max_examples=1500, deadline=None)
@given(st.integers(min_value=0, max_value=10**16))
def test_integers_to_10_to_the_16(number: int) -> None:
    assert_read_back([number])


@given(st.text(alphabet="零一二兩三十百千萬億兆廿點1203,. 参卅", max_size=80))
def test_any_run_of_numeral_characters_is_read_or_refused(text: str) -> None:
    for match in NUMERAL.finditer(fold(text)):
        read_numeral(match.group())
        read_digits(match.group())
        ends = read_approximation(match.group())
        assert ends is None or ends[0] < ends[1]


@pytest.mark.parametrize("case", CASES["means"], ids=lambda case: case["surface"])
def test_value(case: dict[str, object]) -> None:
    folded = fold(str(case["surface"]))
    match = NUMERAL.match(folded)
    assert match is not None
    assert match.group() == folded
    assert read_numeral(folded) == case["value"]
    assert type(read_numeral(folded)) is type(case["value"])


@pytest.mark.parametrize("case", CASES["approximates"], ids=lambda case: case["surface"])
def test_approximation(case: dict[str, object]) -> None:
    folded = fold(str(case["surface"]))
    assert read_numeral(folded) is None
    assert list(read_approximation(folded) or ()) == case["value"]


@pytest.mark.parametrize("case", CASES["splits"], ids=lambda case: case["text"])
def test_where_numerals_end(case: dict[str, object]) -> None:
    found = [match.group() for match in NUMERAL.finditer(fold(str(case["text"])))]
    assert found == case["numerals"]


@pytest.mark.parametrize("text", CASES["nothing"])
def test_refused(text: str) -> None:
    assert read_numeral(fold(text)) is None
    assert read_approximation(fold(text)) is None
