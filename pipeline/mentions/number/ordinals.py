"""Places in an order."""

from __future__ import annotations

import re
from fractions import Fraction

from pipeline.mentions.lexemes import NUM
from pipeline.mentions.number.counted import noun_after
from pipeline.mentions.number.followers import Text
from pipeline.mentions.number.results import Read, finish
from pipeline.mentions.numerals import read_exact

# 第六號砲, but 第三號召 is none.
_NUMBERED = re.compile("号(?![召称码角外])")


def read_ordinal(text: Text) -> Read | None:
    """第三次, 第十六."""
    lexemes = text.lexemes
    value = read_exact(lexemes[1].word)
    if value is None or value != value.to_integral_value():
        return None
    classifier = None
    end = lexemes[1].end
    if lexemes[-1].number_class == "classifier":
        classifier, end = text.raw[lexemes[2].start : lexemes[2].end], lexemes[2].end
    elif _NUMBERED.match(text.folded, end):
        classifier, end = text.raw[end], end + 1
    return finish(
        text, lexemes[0].start, end, "ordinal", Fraction(value), Fraction(value),
        classifier=classifier, counted=noun_after(text.raw, text.folded, end),
    )  # fmt: skip


def read_ordinal_range(text: Text) -> Read | None:
    """第1回到第9回."""
    lexemes = text.lexemes
    values = [read_exact(lexeme.word) for lexeme in lexemes if lexeme.number_class == NUM]
    if len(values) != 2 or values[0] is None or values[1] is None or values[0] >= values[1]:
        return None
    last = lexemes[-1]
    classifier = text.raw[last.start : last.end] if last.number_class == "classifier" else None
    if lexemes[2].number_class == "classifier" and lexemes[2].word != last.word:
        return None
    return finish(
        text, lexemes[0].start, last.end, "ordinal", Fraction(values[0]), Fraction(values[1]),
        classifier=classifier,
        counted=noun_after(text.raw, text.folded, last.end),
    )  # fmt: skip
