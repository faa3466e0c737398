"""Document → Mentions: one spaCy pipeline over the prose, then what only the whole article tells.

The pipeline is `spacy.blank("zh")` with one token a character, so that a token's index in a
`Doc` is a character's offset in its text, and one component a kind. A `Doc` holds a run of
whole blocks; `doc.user_data` tells the components its text, which article it is from and where
it begins. That is all they read, so `find` gives them a `Doc` without tokens, which are for the
spans of whoever calls `build_nlp()` on a text of his own. Context (翌年, a bare 7月24日, one name for one place) is resolved after the last
`Doc`, over all that was found. A new kind is added here: its words, its component, its resolver.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.vocab import Vocab

from pipeline.fold import fold
from pipeline.mentions.date import component as dates
from pipeline.mentions.date import context as date_context
from pipeline.mentions.found import Found, extend_spacy, folded_of, found_in
from pipeline.mentions.lexemes import build_lexer, merge_words
from pipeline.mentions.number import component as numbers
from pipeline.mentions.place import component as places
from pipeline.records import Document, Mentions
from pipeline.stages import Stages, run

#: A `Doc` takes whole blocks up to this many characters, and cuts a longer block at sentence
#: ends: memory then follows this figure, not the article's length.
DOC_CHARS = 20_000

COMPONENTS = ("wikifacts_lexemes", "wikifacts_places", "wikifacts_dates", "wikifacts_numbers")


class _CharacterTokenizer:
    """A token a character, white space too."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        return Doc(self.vocab, list(text), [False] * len(text), user_data={"text": text})

    def to_bytes(self, **_: object) -> bytes:
        return b""

    def from_bytes(self, _: bytes, **__: object) -> _CharacterTokenizer:
        return self


@lru_cache(maxsize=1)
def build_nlp() -> Language:
    """The compiled pipeline: text → `Doc` with its mentions, before their context, in `doc.spans`.

    Takes about a second and serves the whole process.
    """
    extend_spacy()
    if not Language.has_factory("wikifacts_lexemes"):
        Language.factory("wikifacts_lexemes", func=_create_lexemes)
    nlp = spacy.blank("zh")
    nlp.tokenizer = _CharacterTokenizer(nlp.vocab)
    for component in COMPONENTS:
        nlp.add_pipe(component)
    return nlp


def _create_lexemes(nlp: Language, name: str) -> object:
    lexer = build_lexer(merge_words(dates.words(), numbers.words()))

    def lexemes(doc: Doc) -> Doc:
        doc._.lexemes = lexer.split(folded_of(doc))
        return doc

    return lexemes


def find(document: Document, *, reference: dt.date | None = None) -> Mentions:
    """All mentions in the prose of `document`.

    `reference` is what a relative or incomplete date counts from when the text gives nothing
    earlier; with None such a date stays unresolved.
    """
    return run(find_in_stages(document, reference=reference))


def find_in_stages(document: Document, *, reference: dt.date | None = None) -> Stages[Mentions]:
    """The same, pausing after each stage."""
    nlp = build_nlp()
    folded = fold(document.text)
    article = places.prepare(document, folded)
    kinds: dict[str, list[Found]] = {"dates": [], "numbers": [], "places": []}
    for start, end in _stretches(document):
        doc = Doc(
            nlp.vocab,
            user_data={
                "text": document.text[start:end],
                "folded": folded[start:end],
                "document": document,
                "offset": start,
                "places": article,
            },
        )
        for _, component in nlp.pipeline:
            yield
            doc = component(doc)
        for kind, found in kinds.items():
            found += _moved(found_in(doc, kind), start)
    yield
    return Mentions(
        dates=date_context.resolve(kinds["dates"], document, reference=reference),
        numbers=tuple([numbers.to_mention(*one) for one in kinds["numbers"]]),
        places=places.resolve(kinds["places"], document, article, folded),
    )


def _moved(found: Sequence[Found], by: int) -> Sequence[Found]:
    """Mentions of a `Doc` as they stand in the article, where it begins at `by`."""
    if not by:
        return found
    return [Found(by + start, by + end, rule, reading) for start, end, rule, reading in found]


def _stretches(document: Document) -> Iterator[tuple[int, int]]:
    """Spans of `document.text` to make a `Doc` of: runs of whole blocks, or of sentences."""
    sentences = document.sentences
    if sentences and sentences[-1].end - sentences[0].start <= DOC_CHARS:
        yield (sentences[0].start, sentences[-1].end)
        return
    start = end = None
    for sentence in sentences:
        for a in range(sentence.start, sentence.end, DOC_CHARS):
            b = min(a + DOC_CHARS, sentence.end)
            if start is None or end is None:
                start = a
            elif b - start > DOC_CHARS:
                yield (start, end)
                start = a
            end = b
    if start is not None and end is not None:
        yield (start, end)
