"""The spaCy component that finds numbers: `Doc` → `doc.spans["numbers"]`.

It reads the lexemes of `doc._.lexemes` in the forms of `patterns`, longest form first from the
left, and drops what is a part of a date, of a place name or of a title.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span

from pipeline.mentions.lexemes import Lexeme, Word
from pipeline.mentions.number import lexicon
from pipeline.mentions.number.patterns import RULES, forms
from pipeline.mentions.number.reading import NumberReading, Read, Text, read
from pipeline.records import NumberMention

# A number in the title of a work is a part of its name.
_TITLE = re.compile("《[^《》\n]{1,60}》|〈[^〈〉\n]{1,60}〉")

__all__ = ["RULES", "create", "to_mention", "words"]


def words() -> Mapping[str, Word]:
    """The words of numbers, with their class for the forms."""
    return lexicon.words()


@Language.factory("wikifacts_numbers")
def create(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component. Its `Matcher` runs on `doc._.form`, whose tokens are the lexemes."""
    matcher = Matcher(nlp.vocab, validate=False)
    rules: dict[int, str] = {}
    for rule, patterns in forms().items():
        matcher.add(rule, patterns)
        rules[nlp.vocab.strings[rule]] = rule
    order = {rule: position for position, rule in enumerate(forms())}

    def numbers(doc: Doc) -> Doc:
        lexemes: Sequence[Lexeme] = doc._.lexemes
        matches = [(start, end, rules[key]) for key, start, end in matcher(doc._.form)]
        matches.sort(key=lambda match: (match[0], -match[1], order[match[2]]))
        text = Text(doc.text, "".join(lexeme.word for lexeme in lexemes), ())
        found = _choose(text, lexemes, matches)
        taken = _taken(doc, text)
        spans = []
        for rule, one in found:
            if one.reading is None or taken.overlaps(one.start, one.end):
                continue
            span = Span(doc, one.start, one.end, label="numbers", span_id=rule)
            span._.reading = one.reading
            spans.append(span)
        doc.spans["numbers"] = spans
        return doc

    return numbers


def _choose(
    text: Text, lexemes: Sequence[Lexeme], matches: Sequence[tuple[int, int, str]]
) -> list[tuple[str, Read]]:
    """The readings of the longest forms that say something, from the left, none overlapping."""
    found: list[tuple[str, Read]] = []
    done = 0  # the first lexeme not yet used
    end_char = 0
    for start, end, rule in matches:
        if start < done:
            continue
        one = read(rule, text._replace(lexemes=lexemes[start:end]))
        if one is None or one.start < end_char:
            continue
        found.append((rule, one))
        end_char = one.end
        done = start
        while done < len(lexemes) and lexemes[done].start < one.end:
            done += 1
    return found


class _Intervals:
    """Disjoint half-open intervals, asked whether they meet another."""

    def __init__(self, intervals: list[tuple[int, int]]) -> None:
        self.ends: list[int] = []
        self.starts: list[int] = []
        for start, end in sorted(intervals):
            if self.ends and start < self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            else:
                self.starts.append(start)
                self.ends.append(end)

    def overlaps(self, start: int, end: int) -> bool:
        index = bisect_left(self.ends, start + 1)
        return index < len(self.starts) and self.starts[index] < end


def _taken(doc: Doc, text: Text) -> _Intervals:
    spans = [
        (span.start, span.end)
        for group in ("dates", "places")
        if group in doc.spans
        for span in doc.spans[group]
    ]
    spans += [match.span() for match in _TITLE.finditer(text.folded)]
    return _Intervals(spans)


def to_mention(start: int, end: int, rule: str, reading: NumberReading) -> NumberMention:
    """The record of a reading at [start, end) of the document's text."""
    return NumberMention(start, end, rule, reading.confidence, *reading[:-1])
