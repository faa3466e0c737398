"""Document → Mentions: one spaCy pipeline over the prose, then what only the whole article tells.

The pipeline is `spacy.blank("zh")` with one token a character, so that a token's index in a
`Doc` is a character's offset in its text, and one component a kind. A `Doc` holds a run of
whole blocks; `doc.user_data` tells the components which article it is from and where it
begins. Context (翌年, a bare 7月24日, one name for one place) is resolved after the last
`Doc`, over all that was found. A new kind is added here: its words, its component, its resolver.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

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

#: A `Doc` takes whole blocks up to this many characters, and cuts a longer block at sentence
#: ends: memory then follows this figure, not the article's length.
DOC_CHARS = 20_000

COMPONENTS = ("wikifacts_lexemes", "wikifacts_places", "wikifacts_dates", "wikifacts_numbers")


class _CharacterTokenizer:
    """A token a character, white space too."""

    def __init__(self, vocab: Vocab) -> None:
        self.vocab = vocab
        # A `Doc` of ids is made in half the time of one of words, which it would hash each.
        self.ids = _Ids(vocab.strings.add)

    def __call__(self, text: str) -> Doc:
        words: list[Any] = list(map(self.ids.__getitem__, text))
        return Doc(self.vocab, words=words, spaces=[False] * len(text))

    def to_bytes(self, **_: object) -> bytes:
        return b""

    def from_bytes(self, _: bytes, **__: object) -> _CharacterTokenizer:
        return self


class _Ids(dict[str, int]):
    """Character → its id in a vocabulary, which is asked for it once."""

    def __init__(self, add: Callable[[str], int]) -> None:
        self.add = add

    def __missing__(self, char: str) -> int:
        found = self[char] = self.add(char)
        return found


@lru_cache(maxsize=1)
def build_nlp() -> Language:
    """The compiled pipeline. Takes about a second and serves the whole process."""
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
    nlp = build_nlp()
    folded = fold(document.text)
    article = places.prepare(document, folded)
    kinds: dict[str, list[Found]] = {"dates": [], "numbers": [], "places": []}
    for start, end in _stretches(document):
        text = document.text[start:end]
        doc = nlp.make_doc(text)
        doc.user_data.update(
            text=text, folded=folded[start:end], document=document, offset=start, places=article
        )
        for _, component in nlp.pipeline:
            doc = component(doc)
        for kind, found in kinds.items():
            found += [
                Found(start + one.start, start + one.end, one.rule, one.reading)
                for one in found_in(doc, kind)
            ]
    return Mentions(
        dates=date_context.resolve(kinds["dates"], document, reference=reference),
        numbers=tuple([numbers.to_mention(*one) for one in kinds["numbers"]]),
        places=places.resolve(kinds["places"], document, article, folded),
    )


def _stretches(document: Document) -> Iterator[tuple[int, int]]:
    """Spans of `document.text` to make a `Doc` of: runs of whole blocks, or of sentences."""
    start = end = None
    for sentence in document.sentences:
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
