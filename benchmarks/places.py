"""How fast places are found, and what the gazetteer costs a process.

    python benchmarks/places.py [FILE …]

reads the files as plain text (a passage of our own, repeated, where none is named) and prints, by
processor time: the start-up that the gazetteer and its automata add to spaCy's import, their
memory, the automaton's pace, and what the whole component takes a character.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import spacy
from spacy.tokens import Doc

PASSAGE = (
    "這條河發源於阿爾卑斯山脈，流經瑞士和法國，在馬賽以西注入地中海。沿岸的居民以種植葡萄為生，"
    "每年秋天舉行收穫節。十九世紀末，鐵路從里昂通到這裡，城市的人口在二十年間增加了一倍。"
    "他在一八七二年出版的遊記中寫道，當地的酒與麵包都很好，道路卻年久失修，旅客多半改走水路。\n"
)
DOC_CHARS = 20_000


def memory() -> float:
    """This process's peak memory in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(paths: list[str]) -> None:
    text = "".join(Path(path).read_text(encoding="utf-8") for path in paths) or PASSAGE * 3000
    nlp = spacy.blank("zh")
    memory_before, started = memory(), time.process_time()
    from pipeline.fold import fold
    from pipeline.mentions.place import component

    places = component.create_places(nlp, "places")
    print(
        f"start-up     {time.process_time() - started:.2f} s beyond spaCy, with the folding table"
    )
    print(f"memory       {memory() - memory_before:.0f} MB")
    pieces = [text[i : i + DOC_CHARS] for i in range(0, len(text), DOC_CHARS)]
    folded = [fold(piece) for piece in pieces]
    automaton = component.build_finder().automaton
    started = time.process_time()
    for piece in folded:
        automaton.find_matches_as_indexes(piece, overlapping=True)
    print(
        f"automaton    {len(text) / (time.process_time() - started) / 1e6:.1f} million characters a second"
    )
    docs = []
    for piece in pieces:
        doc = Doc(nlp.vocab, words=list(piece), spaces=[False] * len(piece))
        doc.user_data.update(text=piece, offset=0, places=None)
        docs.append(doc)
    started, found = time.process_time(), 0
    for doc in docs:
        found += len(places(doc).spans["places"])
    taken = time.process_time() - started
    print(
        f"component    {taken / len(text) * 1e6:.2f} µs a character, {found} places in {len(text)}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
