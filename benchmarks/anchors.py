#!/usr/bin/env python3
"""How well are link anchors repaired? Compares converted articles with the wikitext they came from.

usage: benchmarks/anchors.py FILE.md FILE.wikitext [FILE.md FILE.wikitext …] [--misses]

Make a pair with pandoc before 3.0, which glues text onto anchors as the converters of the
mirrors did (Debian 12 has 2.17):

    pandoc -f mediawiki -t commonmark FILE.wikitext -o FILE.md

A link counts as right when a link to the same page with the same anchor stands in the wikitext.
Precision is the share of right ones among the links read, recall among the wikitext's links (those
in templates, which pandoc drops, left out); `as converted` is the same without any repair. `piped`
are those links alone whose anchor is not their page's title: in precision those that are read so,
in recall those of the wikitext. Excerpts serve as well as whole articles, so long as each link has
its paragraph around it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path

import mwparserfromhell

sys.path.insert(0, str(Path(__file__).parents[1]))

from pipeline.formats.markdown import parse_markdown
from pipeline.formats.wiki import read_target
from pipeline.records import Source

Anchors = Counter[tuple[str, str]]


def wikitext_anchors(text: str) -> Anchors:
    """(target, anchor) of every link to a page, with how often it stands there."""
    code = mwparserfromhell.parse(text)
    found = Counter(map(link_anchor, code.ifilter_wikilinks()))
    for template in code.ifilter_templates(recursive=code.RECURSE_OTHERS):
        inside = mwparserfromhell.parse(str(template))
        found -= Counter(map(link_anchor, inside.ifilter_wikilinks()))
    del found["", ""]
    return found


def link_anchor(link: mwparserfromhell.nodes.Wikilink) -> tuple[str, str]:
    """A link's target and anchor, both empty where it leads to no page."""
    target = read_target(str(link.title))
    if target.kind not in ("page", "interwiki") or not target.title:
        return "", ""
    shown = link.title if link.text is None else link.text
    return target.title, normal(mwparserfromhell.parse(str(shown)).strip_code())


def markdown_anchors(text: str) -> tuple[Anchors, Anchors]:
    """The same of a converted article: anchors as repaired, and as converted."""
    document = parse_markdown(Source("article.md", "markdown", text, ""))
    repaired: Anchors = Counter()
    converted: Anchors = Counter()
    for link in document.links:
        if link.kind in ("page", "interwiki") and link.target_title:
            repaired[link.target_title, normal(link.anchor)] += 1
            converted[link.target_title, normal(link.raw_anchor)] += 1
    return repaired, converted


def piped(anchors: Anchors) -> Anchors:
    return Anchors({key: count for key, count in anchors.items() if normal(key[0]) != key[1]})


def shares(label: str, found: Anchors, truth: Anchors, right: Anchors) -> str:
    return (
        f"{label:20}  precision {(right & found).total() / max(found.total(), 1):.3f}"
        f"  recall {(right & truth).total() / max(truth.total(), 1):.3f}"
        f"  ({found.total()} links read, {truth.total()} in the wikitext)"
    )


def normal(anchor: str) -> str:
    return " ".join(anchor.replace("_", " ").split()).removeprefix(":")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE.md FILE.wikitext")
    parser.add_argument("--misses", action="store_true", help="list the anchors that differ")
    options = parser.parse_args()
    if len(options.files) % 2:
        parser.error("files come in pairs: FILE.md FILE.wikitext")
    truth, repaired, converted = Anchors(), Anchors(), Anchors()
    for markdown, wikitext in zip(options.files[::2], options.files[1::2], strict=True):
        name = markdown.name
        expected = wikitext_anchors(wikitext.read_text("utf-8"))
        found, raw = markdown_anchors(markdown.read_text("utf-8"))
        if options.misses:
            for target, anchor in sorted((found - expected).elements()):
                wanted = [a for t, a in (expected - found) if t == target]
                print(f"{name}: {target}: {anchor!r}, not {' or '.join(map(repr, wanted))}")
        truth += expected
        repaired += found
        converted += raw
    for label, found in (("repaired", repaired), ("as converted", converted)):
        right = found & truth
        print(shares(label, found, truth, right))
        print(shares(f"{label}, piped", piped(found), piped(truth), right))


if __name__ == "__main__":
    main()
