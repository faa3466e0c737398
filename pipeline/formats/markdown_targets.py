"""What the address of a link means: a page, a file, a category, another wiki or any other place."""

from __future__ import annotations

import re
from urllib.parse import unquote

from pipeline.formats import markdown_scan as scan
from pipeline.formats.markdown_page import Page
from pipeline.formats.wiki import Target, page_url, read_target


def where(page: Page, match: re.Match[str]) -> tuple[Target, str | None]:
    """What the address and the title that `match` holds lead to, and the full address."""
    title = match["title"] or ""
    address = match["url"].strip("<>")
    if "\\" in address:
        address = scan.ESCAPED.sub(r"\1", address)
    resolved = page.resolved.get((address, title))
    if resolved is None:
        resolved = page.resolved[address, title] = resolve(address, title, page.language)
    return resolved


def resolve(address: str, title: str, language: str) -> tuple[Target, str | None]:
    """What a link's address means on the wiki of `language`, and its full address."""
    if match := scan.PAGE_FILE.match(address):
        name = match["title"]
        if match["folder"].lower() in ("category", "file"):
            name = f"{match['folder']}:{name}"
        target = read_target(unquote(name + (match["fragment"] or "")))
    elif match := scan.WIKI_URL.match(address):
        target = read_target(unquote(match["title"]))
        if match["language"] != language and target.kind == "page":
            return Target("interwiki", target.title, target.fragment), address
    elif (
        (scan.SCHEME.match(address) and title != "wikilink" and not scan.NAMED.match(address))
        or address.startswith("//")
        or (not title and "/" in address and "." in address.partition("/")[0])
    ):
        return Target("external", None, None), address
    else:
        target = read_target(unquote(address))
    if target.kind == "interwiki" or target.title is None:
        return target, address or None
    return target, page_url(target.title, target.fragment, language=language)
