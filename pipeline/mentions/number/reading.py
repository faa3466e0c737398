"""From the lexemes of a form to what the number says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pipeline.mentions.lexemes import Lexeme
from pipeline.mentions.number import surroundings
from pipeline.mentions.number.alone import read_great, read_lost, read_number, read_number_range
from pipeline.mentions.number.amounts import YEAR_LIKE, inherit_scale, read_amount
from pipeline.mentions.number.followers import Text
from pipeline.mentions.number.money import read_money, read_parts
from pipeline.mentions.number.ordinals import read_ordinal, read_ordinal_range
from pipeline.mentions.number.quantities import (
    read_half_follower,
    read_measure,
    read_measure_parts,
    read_noun,
    read_simple,
    read_vague,
)
from pipeline.mentions.number.ranges import (
    read_between,
    read_list,
    read_noun_list,
    read_noun_range,
    read_plus_minus,
    read_range,
)
from pipeline.mentions.number.results import Read
from pipeline.mentions.number.shares import (
    read_fraction,
    read_fraction_measure,
    read_fraction_range,
    read_half,
    read_power,
    read_ratio,
    read_short_fraction,
    read_tenths,
)
from pipeline.mentions.number.units import to_si


def read(rule: str, text: Text) -> Read | None:
    """What the form `text.lexemes` says under `rule`; None if nothing."""
    return _READERS[rule](text)


def read_listed(rule: str, text: Text, last: Sequence[Lexeme]) -> Read | None:
    """What an amount of a list is, given with the words that only its `last` amount has."""
    one = read(rule, text)
    amount, end = read_amount(text.lexemes, 0), read_amount(last, 0)
    if one is None or one.reading is None or one.reading.value is None or not amount or not end:
        return None
    if (
        amount.is_range
        or end.is_range
        or (YEAR_LIKE.fullmatch(amount.numeral) and one.reading.kind == "count")
    ):
        return None
    stop = text.lexemes[amount.next - 1].end
    scale = float(inherit_scale(amount, end) / amount.low) if amount.low else 1.0
    value = one.reading.value * scale
    si = to_si(value, one.reading.unit) if one.reading.si_unit and one.reading.unit else None
    reading = one.reading._replace(
        value=value, value_min=value, value_max=value, si_value=si[0] if si else None,
        modifier=surroundings.modifier_of(text.folded, one.start, stop, amount.modifier),
    )  # fmt: skip
    return Read(one.start, stop, reading)


def _used_up(text: Text) -> Read | None:
    classes = [lexeme.number_class for lexeme in text.lexemes]
    if "classifier" in classes and text.lexemes[classes.index("classifier")].word != "个":
        return None  # 兩個月 is a time, 16位年輕人 none
    return Read(text.lexemes[0].start, text.lexemes[-1].end, None)


_READERS: dict[str, Callable[[Text], Read | None]] = {
    "measure": read_measure,
    "count": read_simple,
    "money": read_money,
    "percent": read_simple,
    "age": read_simple,
    "multiple": read_simple,
    **{
        f"{rule}-range": read_range
        for rule in ("measure", "count", "money", "percent", "age", "multiple")
    },
    **{
        f"{rule}-list": read_list
        for rule in ("measure", "count", "money", "percent", "age", "multiple")
    },
    "count-noun": read_noun,
    "count-noun-list": read_noun_list,
    "count-noun-range": read_noun_range,
    "money-parts": read_parts,
    "tenths": read_tenths,
    "fraction": read_fraction,
    "fraction-range": read_fraction_range,
    "fraction-measure": read_fraction_measure,
    "fraction-short": read_short_fraction,
    "half": read_half,
    "half-follower": read_half_follower,
    "ordinal": read_ordinal,
    "ordinal-range": read_ordinal_range,
    "ratio": read_ratio,
    "power": read_power,
    "measure-parts": read_measure_parts,
    "between": read_between,
    "plus-minus": read_plus_minus,
    "count-great": read_great,
    "count-lost": read_lost,
    "vague": read_vague,
    "number": read_number,
    "number-range": read_number_range,
    "not-taken": _used_up,
}
