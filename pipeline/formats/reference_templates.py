"""Citation templates, `{{cite book|title=…|isbn=…}}`, and what a converter left of them → footnotes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipeline.formats.reference_parts import (
    DOI,
    class_of_host,
    is_outlet,
    read_date,
    read_host,
    read_isbn,
    sort_urls,
    trim_doi,
)
from pipeline.formats.wikitext_templates import citation_parameter
from pipeline.records import Footnote, FootnoteKind

PARAMETER = re.compile(
    r"\|\s*(?P<key>[a-zA-Z][\w-]{1,20}|[\u4e00-\u9fff]{2,6})\s*=(?P<value>[^|{}]{0,2000})"
)
# Two of these keys make a line with `|` what is left of a citation template.
KNOWN_PARAMETERS = frozenset(
    re.findall(
        r"\S+",
        "title url author last first last1 first1 last2 first2 last3 first3 author1 author2 author3 "
        "date year month publisher work website newspaper journal magazine periodical pages page "
        "isbn doi archiveurl archive-url accessdate access-date language editor editor-last "
        "editor-first chapter contribution 標題 标题 作者 日期 trans-title trans_title volume issue "
        "quote format location via agency dead-url deadurl archivedate archive-date others edition "
        "series issn oclc id at",
    )
)


def read_template(
    number: int,
    group: str,
    text: str,
    name: str,
    parameters: Mapping[str, str],
    *,
    raw_start: int,
    raw_end: int,
) -> Footnote:
    """A citation template's parameters, `{{cite web|url=…|title=…}}`, as a footnote.

    `name` is the template's name (`cite book`, `Cite news`; `""` when the converter lost it),
    `parameters` its named parameters with their markup removed; `text` is what is shown.
    """
    given = {
        key.strip().lower().replace("_", "-"): " ".join(value.split())
        for key, value in parameters.items()
    }

    def first(*keys: str) -> str | None:
        return next((given[key] for key in keys if given.get(key)), None)

    authors: list[str] = []
    for index in ("", "1", "2", "3", "4", "5", "6", "7", "8", "9"):
        last, given_name = given.get("last" + index), given.get("first" + index)
        if last:
            authors.append(f"{last}, {given_name}" if given_name else last)
        elif author := (given.get("author" + index) or (first("作者") if not index else None)):
            authors.append(author)
    url = first("url", "網址", "网址", "chapter-url", "chapterurl")
    archive = first("archive-url", "archiveurl")
    links = [("", target) for target in (url, archive) if target and read_host(target)]
    urls = sort_urls(links)
    host = read_host(urls.url or "")
    container = first("journal", "newspaper", "magazine", "periodical", "work", "website")
    published = first("date", "日期") or first("year")
    if published and (month := first("month")) and re.fullmatch(r"\d{4}", published):
        published = f"{month} {published}"
    doi = DOI.search(first("doi") or "")
    isbn = read_isbn(first("isbn") or "")
    kind_word = name.strip().lower().replace("_", " ")
    kind: FootnoteKind
    if first("journal", "magazine") or "journal" in kind_word or "magazine" in kind_word:
        kind = "journal"
    elif (
        first("newspaper")
        or "news" in kind_word
        or (container and is_outlet(container))
        or class_of_host(host) == "news"
    ):
        kind = "news"
    elif isbn or any(
        word in kind_word for word in ("book", "encyclopedia", "thesis", "conference")
    ):
        kind = "book"
    elif urls.url or urls.archive_url or first("accessdate", "access-date"):
        kind = "web"
    else:
        kind = "book" if first("publisher", "pages", "page") and first("title") else "other"
    pages = first("pages", "page", "at", "頁", "页")
    return Footnote(
        number=number, group=group, text=text, kind=kind, raw_start=raw_start, raw_end=raw_end,
        title=first("title", "標題", "标题", "chapter", "contribution"), url=urls.url, domain=host,
        archive_url=urls.archive_url, authors=tuple(authors),
        publisher=(container or first("publisher")) if kind in ("journal", "news") else first("publisher") or container,
        published=read_date(published) if published else None,
        pages=re.sub(r"^(?:pp?\.?|頁|页)\s?", "", pages) if pages else None,
        isbn=isbn, doi=trim_doi(doi["doi"]) if doi else None,
    )  # fmt: skip


# The order in which a citation's parts are shown, and what stands before each.
_SHOWN = {
    **{"author": "; ", "last": "; ", "first": ", ", "chapter": ". ", "title": ". "},
    **{"trans-title": ". ", "journal": ". ", "newspaper": ". ", "website": ". ", "volume": ". "},
    **{"issue": ", ", "location": ". ", "publisher": ". ", "agency": ". ", "date": ", "},
    **{"year": ", ", "month": ", ", "pages": ": ", "isbn": ". ISBN ", "doi": ". doi:"},
}
_RANK = {name: index for index, name in enumerate(_SHOWN)}
_NUMBER = re.compile(r"\d*$")
_HAN = re.compile("[\u3400-\u9fff]")
_CITE_NAME = re.compile(
    r"(?P<name>(?:cite|citation|引用|引文|harvnb|sfn)\b[^|{}]{0,40}+)", re.IGNORECASE
)
# What comes first, after words or not, needs no sign before it.
_FIRST = ("author", "last", "title", "chapter")


def rank(parameter: str) -> tuple[int, int, int]:
    """Authors one by one (last1, first1, last2 …), then the other parts in their order."""
    number = _NUMBER.search(parameter)
    digits = number[0] if number else ""
    name = parameter[: len(parameter) - len(digits)]
    rank = _RANK.get(name, len(_RANK))
    person = name in ("author", "last", "first")
    return (0 if person else rank, int(digits or 0), rank)


def between(parameter: str, said: str, *, fresh: bool = False) -> str:
    """What stands before a parameter where `said` stands before that; `fresh`: it is the first."""
    if fresh and parameter.startswith(_FIRST):
        return ""
    before = _SHOWN.get(parameter.rstrip("0123456789"), ". ")
    if fresh:
        before = before.lstrip(" .;,:")
    # `Al-Alaoui, M. A.` ends with its own stop.
    return before[1:] if before.startswith(".") and said.endswith(".") else before


def show_residue(text: str) -> tuple[str, str, dict[str, str]]:
    """What is left of a citation template: its name, its text as a reader saw it, its parameters.

    The text is the words that belong to no parameter, then the values that tell of the work in
    the usual order. Of the others only those in Chinese are shown, lest a remark be lost.
    """
    matches = list(PARAMETER.finditer(text))
    if not any(match["key"] in KNOWN_PARAMETERS for match in matches):
        return "", text, {}
    head = text[: matches[0].start()].strip(" {}[]|")
    name = ""
    if template := _CITE_NAME.fullmatch(head):
        name, head = template["name"].strip(), ""
    parameters = {match["key"]: match["value"].strip(" []'") for match in matches}
    values: dict[str, str] = {}
    others: list[str] = []
    for key, value in parameters.items():
        known = citation_parameter(key)
        if known and known not in ("url", "archive-url"):
            values[known] = value
        elif not known and _HAN.search(value):
            others.append(value)
    shown = "" if head in values.values() else head
    for known in sorted((known for known, value in values.items() if value), key=rank):
        after_head = shown == head != "" and known.startswith(_FIRST)
        shown += ". " if after_head else between(known, shown, fresh=not shown)
        shown += values[known]
    return name, ". ".join([shown, *others] if shown else others), parameters
