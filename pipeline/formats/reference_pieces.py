"""A reference cut into pieces, and what is taken out of it by its form alone.

A link's anchor, italics and what stands in brackets are one piece each, whatever they hold; in
`Reading.frame` a private-use sign stands for each. Identifiers, pages, volumes, issues and dates
of access are taken out of the frame, a gap in their place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote

from pipeline.formats.reference_parts import (
    CYRILLIC_PERSON,
    DOI,
    GAP,
    ISBN,
    LAST_FIRST,
    LETTER,
    URL,
    Urls,
    class_of_host,
    is_proper,
    read_date_match,
    read_host,
    read_isbn,
    trim_doi,
    word_classes,
    word_patterns,
)

_MOST_PIECES = 60
PIECE = r"[\ue000-\ue0ff]"

_NUMBER_LIST = (
    r"[A-Za-z]?\d{1,5}(?:\s?[-–—−‐~～〜至]\s?[A-Za-z]?\d{1,5})?(?:\s?ff?\b\.?)?"
    r"(?:\s?[,、&，]\s?\d{1,3}(?:\s?[-–—−]\s?\d{1,4})?(?![\d年月卷期]|\s?[^\W\d_])){0,12}"
)
_PAGES = re.compile(
    r"(?<![^\W_])(?:pages?|pgs?|pp|p|PP|P|[СсCc]тр|С|с)(?:\s?\.\s?|\s)(?P<latin>"
    + _NUMBER_LIST
    + r"|[ivxlc]{1,7}(?:\s?[-–—]\s?[ivxlc]{1,7})?\b)"
    r"|(?<![^\W_])(?:pp?|С)(?P<tight>\d{1,5}(?:[-–—]\d{1,5})?(?:ff?)?\b)"
    r"|(?<!頁)(?<!页)[頁页]\s?[:：]?\s?(?P<after>" + _NUMBER_LIST + r")(?!\s?[頁页])"
    r"|第\s?(?P<before>" + _NUMBER_LIST + r")\s?[頁页]"
    r"|(?<![共全\d])(?P<range>\d{1,5}\s?[-–—~～至]\s?\d{1,5})\s?[頁页]"
)
_YEAR_PAGES = re.compile(
    r"(?<=\d{4})\s?[:：]\s?(?P<pages>\d{1,5}(?:\s?[-–—]\s?\d{1,5})?)(?=\s*(?:$|[.,;。，；\[\ue100]))"
)
_VOLUME_PAGES = re.compile(
    r"(?<!\d)\d{1,4}\s?[(（]\d{1,4}(?:[-–/]\d{1,4})?[)）](?:\s?[:：,，]\s?(?P<pages>\d{1,5}(?:\s?[-–—]\s?\d{1,5})?))?(?=\s*(?:$|[.,;。，；\ue100]))"
)
_NEWS_PAGE = re.compile(r"第?\s?(?P<pages>[A-Z]?\d{1,3})\s?版(?![本次权權])")
_COUNT = re.compile(r"[,，.。;；\s]\s?(?:共|全)?\d{1,5}\s?(?:[頁页]|pp\.?|p\.|с\.)(?!\w)")
_ISSUE = re.compile(
    r"(?<![^\W_])(?:No|Nos|Issue|Nr|Вып|№)\b\.?\s?\d{1,5}(?:[-–/]\d{1,5})?|№\s?\d{1,5}"
    r"|(?:總?第|总第)?\s?(?:\d{1,4}|[一二三四五六七八九十百]{1,5})\s?期|(?<!\d)期\s?\d{1,4}(?!\d)"
)
VOLUME = re.compile(
    r"(?<![^\W_])(?:Volume|Vol|Band|Bd|Том|Т|vol|volume|т)\b\.?\s?(?:\d{1,4}|[IVXLC]{1,7}\b)"
    r"|第?\s?(?:\d{1,4}|[一二三四五六七八九十百]{1,5})\s?[卷輯辑冊册號号](?!_)|卷\s?(?:\d{1,4}|[一二三四五六七八九十百]{1,5})"
)
CHAPTER = re.compile(
    r"(?<![^\W_])(?:chapters?|chap|ch|sub-ch|sec|section|гл)\b\.?\s?\d{0,4}|第\s?(?:\d{1,3}|[一二三四五六七八九十]{1,4})\s?[章節节]",
    re.I,
)
_EDITION = re.compile(
    r"(?<!\w)(?:\d{1,2}(?:st|nd|rd|th)|[Rr]ev(?:ised|\.)|[Ff]irst|[Ss]econd|[Tt]hird|[Rr]eprint)\s?(?:[Ee]d(?:ition|n)?\b\.?)|第\s?(?:\d{1,2}|[一二三四五六七八九十])\s?版|初版|再版|修訂版|修订版|\((?:[Ee]ds?|[Hh]rsg|comp|trans)\.?\)|(?<!\w)(?:eds?|[Hh]rsg)\.(?=\s|$|[,:)])"
)
_YEAR_EDITION = re.compile(
    r"(?<![\d–-])(?P<year>1[4-9]\d\d|20\d\d)\s(?P<who>[A-Z][^\d,.;()]{2,60}?)\s[Ee]dition(?!\w)"
)

_OTHER_ID = re.compile(
    r"(?:ISSN|OCLC|ASIN|JSTOR|PMID|PMC|LCCN|Bibcode|arXiv|УДК|ББК|統一書號|统一书号)\s?[:：]?\s?[\w.:/-]{1,40}"
)
_MONTH_DATE = r"(?:\d{1,2}\s?)?[^\W\d_]{3,9}\.?\s?(?:\d{1,2},?\s?)?\d{4}"
_NUMBER_DATE = r"\d{4}(?:[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\s?年(?:\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日號号])?)?)|\d{1,2}[./-]\d{1,2}[./-]\d{4}"
_ANY_DATE = rf"(?:{_NUMBER_DATE}|{_MONTH_DATE})"
_ACCESS_WORD = r"(?:查[閱阅詢询]|存取|[訪访][問问]|[瀏浏][覽览]|[檢检]索|[擷撷]取|造[訪访]|存[檔档]|[讀读]取|引用)"
_ACCESS = re.compile(
    rf"\[\s?{_ANY_DATE}\s?\]"
    rf"|[(（]?(?:原始(?:內容|内容|頁面|页面))?(?:最[後后])?{_ACCESS_WORD}(?:日期)?[於于]?\s?[:：]?\s?{_ANY_DATE}[)）]?"
    rf"|[(（]?{_ANY_DATE}\s?{_ACCESS_WORD}[)）]?"
    r"|[(（]?(?:[Aa]rchived|[Rr]etrieved|(?:Last )?[Aa]ccessed|Дата обращения|Проверено|Архивировано)"
    rf"(?:\s?(?:from the original|on|от|из первоисточника|:)){{0,3}}\s?{_ANY_DATE}?[)）]?"
)
# Dates of access are dear to look for; without one of these there is none.
_ACCESS_CUE = re.compile(
    r"\[|[查存訪访瀏浏檢检擷撷造讀读引]|etrieved|ccessed|rchived|обращения|Проверено|Архивировано"
)
_LANGUAGE = re.compile(
    r"[(（](?:in\s[A-Z][a-z]{2,12}|[英俄德法日中西義意葡韓韩波捷荷][語语文]|(?:簡體|繁體|简体|繁体)?中文|俄羅斯語|俄罗斯语|烏克蘭語|乌克兰语|白俄羅斯語|白俄罗斯语|白話文|白话文)[)）]|\((?:рус|англ|нем|укр|белор)\.\)"
)


class Piece(NamedTuple):
    """A stretch that is one, whatever it holds: a link's anchor, italics, brackets, quotes."""

    start: int
    end: int
    mark: str  # "link", "italic", or the opening bracket
    text: str
    link: int | None


_MARKED = re.compile(
    r"《[^《》]{1,200}(?:《[^《》]{1,100}》[^《》]{0,100})?》|〈[^〈〉]{1,200}〉|“[^“”]{1,300}”|「[^「」]{1,200}」|『[^『』]{1,200}』|«[^«»]{1,200}»|\"[^\"]{1,300}\""
)


def find_pieces(
    text: str, links: Sequence[tuple[str, str]], emphasis: Sequence[str]
) -> list[Piece]:
    """Pieces in order, not overlapping; of two that overlap, the one that begins first, or is longer."""
    found: list[Piece] = []
    position = 0
    for index, (anchor, url) in enumerate(links[:_MOST_PIECES]):
        anchor = " ".join(anchor.split())
        host = read_host(url)
        if not anchor or host is None or class_of_host(host) == "wiki":
            continue
        if len(anchor) > 3:
            start = text.find(anchor, position)
        else:
            # `[1]` says nothing and its digit stands elsewhere too: the last is likeliest.
            ends = [
                m.start()
                for m in re.finditer(rf"(?<!\w){re.escape(anchor)}(?!\w)", text[position:])
            ]
            start = position + ends[-1] if ends else -1
        if start >= 0:
            position = start + len(anchor)
            found.append(Piece(start, position, "link", anchor, index))
    position = 0
    for words in emphasis[:_MOST_PIECES]:
        words = " ".join(words.split())
        person = CYRILLIC_PERSON.fullmatch(words) or LAST_FIRST.fullmatch(words)
        start = text.find(words, position) if words and not person else -1
        if start >= 0:
            position = start + len(words)
            found.append(Piece(start, position, "italic", words, None))
    for match in _MARKED.finditer(text):
        found.append(
            Piece(match.start(), match.end(), match.group()[0], match.group()[1:-1].strip(), None)
        )
    found.sort(key=lambda piece: (piece.start, -piece.end, piece.mark != "link"))
    kept: list[Piece] = []
    for piece in found:
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
        elif (
            piece.mark in "《〈"
            and kept[-1].mark == "link"
            and piece.text
            and len(piece.text) + 2 == len(kept[-1].text)
        ):
            kept[-1] = kept[-1]._replace(text=piece.text)
    return kept[:_MOST_PIECES]


@dataclass(slots=True)
class Reading:
    """What has been read so far. `frame` is the text with a sign for each piece and for what was taken."""

    frame: str
    pieces: list[Piece]
    title: str | None = None
    authors: tuple[str, ...] = ()
    publisher: str | None = None
    published: str | None = None
    pages: str | None = None
    isbn: str | None = None
    doi: str | None = None
    has_issue: bool = False
    has_volume: bool = False
    marker: str = ""  # the letter of GB/T 7714: M, J, N …
    container: str | None = None  # a journal, newspaper or volume that an article stands in
    dates: list[str] = field(default_factory=list)
    news_page: str | None = None
    is_work_alone: bool = False  # 參見《史記》卷六。

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Remove all that `pattern` matches; returns the first match."""
        first = pattern.search(self.frame)
        if first:
            self.frame = pattern.sub(GAP, self.frame)
        return first


def _is_no_title(anchor: str) -> bool:
    bare = anchor.strip(" []()（）.。:：，,")
    if not re.search(LETTER, bare) or bare in word_classes()["link"] or URL.match(bare):
        return True
    head = re.split(r"[,，:：\s]\s?(?=[pP]{1,2}\.?\s?\d|[頁页第])", bare)[0].strip()
    return head in word_classes()["link"]


def sign_pieces(text: str, pieces: Sequence[Piece]) -> tuple[str, list[Piece], str]:
    """(frame, pieces with a sign in it, the anchors that are no title)."""
    parts: list[str] = []
    signed: list[Piece] = []
    asides: list[str] = []
    position = 0
    for piece in pieces:
        parts.append(text[position : piece.start])
        if piece.mark == "link" and _is_no_title(piece.text):
            asides.append(piece.text)
            parts.append(GAP)
        else:
            parts.append(chr(0xE000 + len(signed)))
            signed.append(piece)
        position = piece.end
    parts.append(text[position:])
    return "".join(parts), signed, " ".join(asides)


def take_identifiers(reading: Reading, urls: Urls, asides: str) -> None:
    for match in ISBN.finditer(reading.frame):
        # Digits that follow the number (a year, pages) may have been taken along.
        written = match["isbn"]
        for stop in [len(written), *(m.start() for m in re.finditer(r"\s", written))]:
            reading.isbn = reading.isbn or read_isbn(written[:stop])
    reading.take(ISBN)
    for place in (reading.frame, unquote(urls.url or "")):
        doi = DOI.search(place) if "10." in place else None
        if doi and not reading.doi:
            reading.doi = trim_doi(doi["doi"])
    if "10." in reading.frame:
        reading.take(DOI)
    reading.take(_OTHER_ID)
    reading.take(URL)
    if _ACCESS_CUE.search(reading.frame):
        reading.take(_ACCESS)
    reading.take(_LANGUAGE)
    marker = re.search(r"\s?\[(?P<m>M|J|N|C|D|R|S|P|EB|DB|CP|G|Z|A)(?:/OL|/CD)?\]", reading.frame)
    if marker:
        reading.marker = marker["m"]
        reading.frame = reading.frame[: marker.start()] + ". " + GAP + reading.frame[marker.end() :]
    for pattern in (_YEAR_PAGES, _VOLUME_PAGES, _PAGES):
        found = pattern.search(reading.frame)
        if not found:
            continue
        if pattern is _VOLUME_PAGES:
            reading.has_issue = True
        pages = next((value for value in found.groupdict().values() if value), None)
        if pages and not reading.pages:
            reading.pages = pages.strip(" .,，")
        reading.take(pattern)
    if reading.pages is None and (found := _PAGES.search(asides)):
        reading.pages = next(value for value in found.groupdict().values() if value).strip(" .,")
    reading.take(_COUNT)
    edition = _YEAR_EDITION.search(reading.frame)
    if edition:
        reading.published = edition["year"]
        who = edition["who"].strip()
        reading.publisher = who if is_proper(who) else None
        reading.frame = reading.frame[: edition.start()] + GAP + reading.frame[edition.end() :]
    if page := _NEWS_PAGE.search(reading.frame):
        reading.news_page = page["pages"]
    reading.take(_EDITION)
    reading.has_issue |= bool(reading.take(_ISSUE))


def take_date(reading: Reading) -> None:
    """The last date outside the pieces: earlier ones belong to a title or an event."""
    matches = [m for m in word_patterns().date.finditer(reading.frame) if read_date_match(m)]
    reading.dates = [value for m in matches if (value := read_date_match(m))]
    if not matches or reading.published:
        return
    last = matches[-1]
    reading.published = read_date_match(last)
    reading.frame = reading.frame[: last.start()] + GAP + reading.frame[last.end() :]
