#!/usr/bin/env python3
"""Are the same sentences read from wikitext and from what pandoc makes of it?

usage: benchmarks/sentences.py FILE.wikitext …

Needs pandoc (Debian 12 has 2.17), which converts each file to GitHub's Markdown as the mirrors'
converter did; `PANDOC` names another (2.9.2, of Debian 11, sets lists and notes as the mirrors have
them), `PANDOC_TO` another format. Prints what only one of the two readings has (`-` wikitext, `+` Markdown), and the
share of sentences that both have. Templates, which pandoc drops, and captions of figures, which it
hides in an attribute, are on the wikitext's side alone.
"""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.formats.parse import parse
from pipeline.records import Document, Source


def sentences(document: Document) -> list[str]:
    return [
        f"{document.blocks[s.block].kind}: {document.text[s.start : s.end]}"
        for s in document.sentences
    ]


def compare(path: Path) -> tuple[int, int]:
    """(sentences in both, sentences in the longer of the two)"""
    raw = path.read_bytes().decode("utf-8")
    pandoc, to = os.environ.get("PANDOC", "pandoc"), os.environ.get("PANDOC_TO", "gfm")
    command = [pandoc, "--from=mediawiki", f"--to={to}", "--wrap=none"]
    converted = subprocess.run(
        command, input=raw, capture_output=True, encoding="utf-8", check=True
    ).stdout
    mine = sentences(parse(Source(f"{path.stem}.wiki", "wikitext", raw, "")))
    theirs = sentences(parse(Source(f"{path.stem}.md", "markdown", converted, "")))
    matcher = difflib.SequenceMatcher(None, mine, theirs, autojunk=False)
    both = sum(block.size for block in matcher.get_matching_blocks())
    print(f"{path.name}: {both} of {len(mine)} and {len(theirs)}")
    for line in difflib.unified_diff(mine, theirs, lineterm="", n=0):
        if not line.startswith(("---", "+++", "@@")):
            print(f"  {line}")
    return both, max(len(mine), len(theirs))


def main(paths: list[str]) -> None:
    if not paths:
        sys.exit(__doc__)
    found = [compare(Path(path)) for path in paths]
    both, longest = (sum(counts) for counts in zip(*found, strict=True))
    print(f"sentences in both: {both / longest:.3f}" if longest else "no sentences")


if __name__ == "__main__":
    main(sys.argv[1:])
