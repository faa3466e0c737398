"""Source → Document: picks the reader by the source's format. A new format is added here."""

from __future__ import annotations

from pipeline.errors import SourceError
from pipeline.formats.markdown import parse_markdown, title_of
from pipeline.formats.plaintext import parse_plaintext
from pipeline.formats.wiki import title_of_file
from pipeline.formats.wikitext import parse_wikitext
from pipeline.records import Document, Source

#: Language variants that `-{zh-hans:…;zh-hant:…}-` can be read in.
VARIANTS = ("zh-hant", "zh-hans", "zh-tw", "zh-hk", "zh-cn", "zh-sg", "zh-mo", "zh-my")


def parse(source: Source, *, variant: str = "zh-hant") -> Document:
    """Read `source`. Raises `SourceError` where it is no article, `ValueError` for a bad `variant`."""
    if variant not in VARIANTS:
        raise ValueError(f"unknown language variant {variant!r}: one of {', '.join(VARIANTS)}")
    if not source.text.strip("\ufeff \t\r\n"):
        raise SourceError(
            "The file is empty.",
            path=source.path,
            code="empty-file",
            cure="Fetch it again or remove it.",
        )
    if source.raw_format == "markdown":
        return parse_markdown(source, variant=variant)
    if source.raw_format == "wikitext":
        return parse_wikitext(source, variant=variant)
    return parse_plaintext(source.text, title=source.title or "")


def identify(source: Source) -> tuple[str, str]:
    """Language and title of `source`, as `parse` would find them, at the cost of a glance."""
    if source.raw_format == "markdown":
        return "zh", title_of(source)
    return "zh", (source.title or title_of_file(source.path)).replace("_", " ").strip()
