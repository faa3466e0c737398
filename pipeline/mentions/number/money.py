"""Amounts of money."""

from __future__ import annotations

from fractions import Fraction

from pipeline.mentions.lexemes import Lexeme
from pipeline.mentions.number import lexicon, surroundings
from pipeline.mentions.number.amounts import YEAR_LIKE, Amount, is_digit, read_amount
from pipeline.mentions.number.followers import Follower, Text, is_money, is_plausible, read_currency
from pipeline.mentions.number.quantities import read_simple
from pipeline.mentions.number.results import Quantity, Read, complete, finish


def read_money(text: Text) -> Read | None:
    """AMOUNT currency, currency AMOUNT, 人民币 AMOUNT 元."""
    lexemes = text.lexemes
    if lexemes[0].number_class != "currency":
        last = lexemes[-1]
        if lexemes[-2].number_class == last.number_class == "currency":
            return _read_named_after(text)
        amount = read_amount(lexemes, 0)
        if last.word in ("块", "分") and amount and not is_money(text, amount, last):
            return _as_count(text, amount, last)
        return read_simple(text)
    index = 1
    amount = read_amount(lexemes, index)
    named = read_currency(text, lexemes[0], lexemes[0].end)
    if (
        amount is None
        or named is None
        or lexicon.currencies()[lexemes[0].word][0].form in ("yuan", "minor")
    ):
        return None
    end = lexemes[amount.next - 1].end
    factor = named.factor
    if amount.next < len(lexemes):
        last = lexemes[amount.next]
        form = lexicon.currencies()[last.word][0].form
        if form not in ("yuan", "minor"):
            return None
        factor = Fraction(lexicon.currencies()[last.word][0].factor)
        end = last.end
    elif YEAR_LIKE.fullmatch(amount.numeral) and not _is_sign(lexemes[0].word):
        return None
    follower = Follower("money", named.unit, named.classifier, factor)
    return complete(
        text,
        Quantity(lexemes[0].start, end, follower, amount.low, amount.high, amount.modifier),
    )


def _read_named_after(text: Text) -> Read | None:
    """5000元人民币: the second word tells which 元."""
    amount = read_amount(text.lexemes, 0)
    first, second = text.lexemes[-2:]
    if amount is None or lexicon.currencies()[first.word][0].form != "yuan":
        return None
    named = read_currency(text, second, second.end)
    if named is None or lexicon.currencies()[second.word][0].form != "currency":
        return None
    start = text.lexemes[0].start
    return complete(
        text, Quantity(start, second.end, named, amount.low, amount.high, amount.modifier)
    )


def _is_sign(word: str) -> bool:
    return not any("\u3400" <= char <= "\u9fff" for char in word)


def _as_count(text: Text, amount: Amount, lexeme: Lexeme) -> Read | None:
    follower = Follower("count", None, text.raw[lexeme.start : lexeme.end])
    if not is_plausible(text, amount, follower, lexeme):
        return None
    start = text.lexemes[0].start
    return complete(
        text, Quantity(start, lexeme.end, follower, amount.low, amount.high, amount.modifier)
    )


def _parts(text: Text, index: int, stop: int) -> tuple[Fraction, Follower] | None:
    """五元三毛, 50元6角三分 between lexemes `index` and `stop`: the sum, in the first unit."""
    amount = read_amount(text.lexemes, index)
    if amount is None or amount.is_range or text.lexemes[amount.next].number_class != "currency":
        return None
    major = read_currency(text, text.lexemes[amount.next], text.lexemes[amount.next].end)
    if major is None:
        return None
    total = amount.low * major.factor
    index, smallest = amount.next + 1, major.factor
    if index == stop - 1:  # 三块五
        rest = read_amount(text.lexemes, index)
        if (
            text.lexemes[index - 1].word not in ("块", "毛", "角")
            or rest is None
            or not is_digit(rest.numeral)
            or not surroundings.ends_there(text.folded, text.lexemes[index].end)
        ):
            return None
        return total + rest.low * smallest / 10, major._replace(factor=Fraction(1))
    while index < stop:
        if text.lexemes[index].number_class == "and_fraction":
            index += 1
        amount = read_amount(text.lexemes, index)
        if amount is None or amount.is_range or amount.next == stop:
            return None
        row = lexicon.currencies()[text.lexemes[amount.next].word][0]
        factor = Fraction(row.factor)
        if major.classifier == "先令" and text.lexemes[amount.next].word == "便士":
            factor = Fraction(1, 12)
        if row.form != "minor" or factor >= smallest:
            return None
        total += amount.low * factor
        smallest, index = factor, amount.next + 1
    return total, major._replace(factor=Fraction(1))


def read_parts(text: Text) -> Read | None:
    """50元6角三分."""
    found = _parts(text, 0, len(text.lexemes))
    if found is None:
        return None
    total, follower = found
    first = read_amount(text.lexemes, 0)
    assert first is not None
    start, end = text.lexemes[0].start, text.lexemes[-1].end
    return complete(text, Quantity(start, end, follower, total, total))


def read_parts_range(text: Text) -> Read | None:
    """50元6角至51元2角."""
    classes = [lexeme.number_class for lexeme in text.lexemes]
    if classes.count("range") != 1:
        return None
    split = classes.index("range")
    low, high = _parts(text, 0, split), _parts(text, split + 1, len(classes))
    if low is None or high is None or low[1].unit != high[1].unit or low[0] >= high[0]:
        return None
    return finish(
        text,
        text.lexemes[0].start,
        text.lexemes[-1].end,
        "money",
        low[0],
        high[0],
        unit=low[1].unit,
    )
