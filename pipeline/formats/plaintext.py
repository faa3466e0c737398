"""Plain text → Document: each line a paragraph, nothing else read into it."""

from __future__ import annotations

from pipeline.formats.sentences import split_sentences
from pipeline.records import Block, Document, Section, Sentence
from pipeline.spans import Piece, Projection


def parse_plaintext(text: str, *, title: str = "", language: str = "zh") -> Document:
    """The `Document` of a string. `Document.text` is `text` itself, so offsets are the same.

    Each line that holds more than white space is a paragraph. (In other formats blocks are
    parted by exactly one newline; here blank lines may stand between them.)
    """
    blocks: list[Block] = []
    sentences: list[Sentence] = []
    position = 0
    for line in text.splitlines(keepends=True):
        body = line.strip()
        if body:
            start = position + line.index(body)
            block = Block(len(blocks), "paragraph", 0, start, start + len(body))
            blocks.append(block)
            for a, b in split_sentences(text, block.start, block.end):
                sentences.append(Sentence(len(sentences), block.index, 0, a, b))
        position += len(line)
    pieces = (Piece(0, len(text), 0, len(text), True),) if text else ()
    return Document(
        title=title,
        language=language,
        source_url=None,
        text=text,
        projection=Projection(pieces),
        sections=(Section(0, None, 1, "", (), 0, len(text), 0, len(text)),),
        blocks=tuple(blocks),
        sentences=tuple(sentences),
    )
