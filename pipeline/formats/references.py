"""An entry of the reference list → its fields: 林瑞明，〈年表〉，高雄：春暉出版社，2003年，頁270。

References are free text, so reading goes by what can be told for certain, in this order:

1. identifiers (ISBN, DOI, URLs, pages, volume and issue, dates of access) are found by their
   form and taken out;
2. what stands in a link, in italics or in brackets (《》〈〉“”) is one piece each, whatever it holds;
3. a title is one of these pieces, or lies between an author and a publisher that are both sure;
4. authors stand before the title, the publisher after it, the date is what is left of the dates.

`publisher` is who brought the work out: for an article the journal or newspaper it stood in.
A part that does not fit is left unread: the entry's text still has it.

    Gordon Corrigan, *The Second World War*, Atlantic, London, p 353.     marked title
    Adair, P. Hitler's Greatest Defeat, Weidenfeld Military, 1994, ISBN …  bare title, sure ends
    [Title](url)，《明報》，2011年2月24日                                   linked title
    林瑞明. 年表[M]. 北京: 人民出版社, 2003: 270.                            GB/T 7714
    Иванов И. И. Название. — М.: Воениздат, 1963. — С. 97.                 GOST 7.1
    {{cite web|url=…|title=…}}, or what a converter left of it             parameters
    Forczyk 2008, p. 12.                                                   short note
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.formats.reference_forms import read_bare, read_linked, read_marked, read_short
from pipeline.formats.reference_parts import (
    LETTER,
    URL,
    Urls,
    class_of_host,
    is_outlet,
    outlet_classes,
    read_host,
    sort_urls,
    word_patterns,
)
from pipeline.formats.reference_pieces import (
    VOLUME,
    Reading,
    find_pieces,
    sign_pieces,
    take_date,
    take_identifiers,
)
from pipeline.formats.reference_templates import KNOWN_PARAMETERS, read_template, show_residue
from pipeline.records import Footnote, FootnoteKind

# A reference is a line or a few; what is longer is no reference, and is searched for
# links only.
_LONGEST = 3000


def _kind(reading: Reading, urls: Urls) -> FootnoteKind:
    patterns = word_patterns()
    host_class = class_of_host(read_host(urls.url or ""))
    who = reading.container or reading.publisher or ""
    if reading.marker in ("J", "N"):
        return "journal" if reading.marker == "J" else "news"
    if reading.isbn or reading.marker in ("M", "C", "D", "G", "Z"):
        return "book"
    if outlet_classes().get(who) == "news":
        return "news"
    if reading.container and (
        patterns.periodical.search(who) or reading.has_issue or reading.has_volume
    ):
        return "journal"
    if reading.doi or (reading.has_issue and reading.title) or host_class == "journal":
        return "journal"
    if host_class == "news" or (who and not patterns.publisher_end.search(who) and is_outlet(who)):
        return "news"
    linked = urls.url is not None or urls.archive_url is not None
    if host_class == "book" or (
        patterns.publisher_end.search(reading.publisher or "") and not linked
    ):
        return "book"
    # A link to a copy does not make a book with pages a web page.
    whole = reading.publisher and reading.pages and reading.authors
    if (
        reading.title
        and host_class == ""
        and (whole or (not linked and (reading.pages or reading.publisher)))
    ):
        return "book"
    if linked:
        return "web"
    if reading.title and (
        (reading.published and reading.authors) or reading.has_volume or reading.is_work_alone
    ):
        return "book"
    return "other"


def read_entry(
    number: int,
    group: str,
    text: str,
    *,
    links: Sequence[tuple[str, str]] = (),
    emphasis: Sequence[str] = (),
    raw_start: int,
    raw_end: int,
) -> Footnote:
    """Read one entry of the reference list; never raises, whatever the text.

    `text` is the entry without markup, `links` the (anchor text, URL) pairs in it in order,
    `emphasis` the stretches that stood in italics. `raw_start`, `raw_end` are kept as given.
    Fields that cannot be told for certain are None; a note that cites nothing has `kind` `other`.
    """
    shown = " ".join(text.split())
    bare = Footnote(number, group, shown, "other", raw_start, raw_end)
    urls = sort_urls(links)
    if not any(char.isalnum() for char in shown) and urls.url is None and urls.archive_url is None:
        return replace(bare, kind="empty")
    # Private-use characters are our own signs below.
    clean = re.sub(r"[\ue000-\uf8ff]", " ", shown[:_LONGEST])
    clean = clean.translate(
        {
            c: c - 0xFEE0
            for c in (
                *range(0xFF10, 0xFF1A),
                *range(0xFF21, 0xFF3B),
                *range(0xFF41, 0xFF5B),
                0xFF0E,
            )
        }
    )
    if urls.url is None and urls.archive_url is None and (match := URL.search(clean)):
        urls = sort_urls([("", match.group().rstrip(".,;)"))])
    host = read_host(urls.url or "")
    bare = replace(bare, url=urls.url, domain=host, archive_url=urls.archive_url)
    if len(shown) > _LONGEST:
        return replace(bare, kind="web") if urls.url or urls.archive_url else bare

    if "|" in clean:
        name, clean, parameters = show_residue(clean)
        bare = replace(bare, text=clean if parameters else shown)
        if len(KNOWN_PARAMETERS.intersection(parameters)) >= 2:
            if urls.url:
                given = parameters.get("url", "")
                parameters["url"] = given.split()[0] if read_host(given) else urls.url
                anchor = links[0][0] if links else ""
                if anchor and clean.startswith(anchor):
                    parameters.setdefault("title", anchor)
            return read_template(
                number, group, clean, name, parameters, raw_start=raw_start, raw_end=raw_end
            )

    found = find_pieces(clean, links, emphasis)
    frame, pieces, asides = sign_pieces(clean, found)
    reading = Reading(frame, pieces)
    take_identifiers(reading, urls, asides)
    linked = urls.url is not None or urls.archive_url is not None

    if (
        not linked
        and reading.isbn is None
        and reading.doi is None
        and not any(p.mark in ("italic", "《", "〈") for p in pieces)
    ):
        short = read_short(reading.frame)
        if short and (reading.pages or short.is_located):
            return replace(
                bare, kind="short", authors=short.names, published=short.year, pages=reading.pages
            )

    reading.has_volume = bool(reading.take(VOLUME))
    take_date(reading)
    source = next((p for p in found if p.mark == "link" and p.link == urls.anchor), None)
    works = [p for p in pieces if p.mark in ("italic", "《", "〈")]
    if source in pieces and not any(work.start < source.start for work in works):
        read_linked(reading, chr(0xE000 + pieces.index(source)), urls)
    elif source and works and all(work.start > source.start for work in works):
        pass  # a bare URL, and then a remark
    elif not read_marked(reading):
        read_bare(reading)
    kind = _kind(reading, urls)
    if kind in ("news", "journal"):
        reading.publisher = reading.container or reading.publisher
        if kind == "news":
            reading.pages = reading.pages or reading.news_page
    if kind == "other":
        # An explanation may hold names, dates and works: they are no reference's.
        return replace(bare, isbn=reading.isbn, doi=reading.doi)
    if kind == "web" and reading.title is None and not reading.publisher:
        # A bare link in a sentence: the sentence's dates are its own.
        dated = not re.search(rf"{LETTER}", reading.frame)
        reading.published = reading.published if dated else None
    return replace(
        bare, kind=kind, title=reading.title, authors=reading.authors, publisher=reading.publisher,
        published=reading.published, pages=reading.pages, isbn=reading.isbn, doi=reading.doi,
    )  # fmt: skip
