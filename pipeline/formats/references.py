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
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import unquote

from pipeline.formats.reference_parts import (
    CYRILLIC_PERSON,
    DOI,
    GAP,
    HAN,
    INITIAL,
    ISBN,
    LAST_FIRST,
    LETTER,
    PLACE_PUBLISHER,
    SURNAME,
    URL,
    Urls,
    class_of_host,
    han_authors,
    host_names,
    is_outlet,
    is_person,
    is_proper,
    is_surname,
    latin_authors,
    listed_host,
    outlet_classes,
    read_authors,
    read_date,
    read_date_match,
    read_host,
    read_isbn,
    read_place_publisher,
    read_publisher,
    segments,
    sort_urls,
    trim_doi,
    word_classes,
    word_patterns,
)
from pipeline.records import Footnote, FootnoteKind

# A reference is a line or a few; what is longer is no reference, and is searched for
# links only.
_LONGEST = 3000
_MOST_PIECES = 60
_PIECE = r"[\ue000-\ue0ff]"

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
_VOLUME = re.compile(
    r"(?<![^\W_])(?:Volume|Vol|Band|Bd|Том|Т|vol|volume|т)\b\.?\s?(?:\d{1,4}|[IVXLC]{1,7}\b)"
    r"|第?\s?(?:\d{1,4}|[一二三四五六七八九十百]{1,5})\s?[卷輯辑冊册號号](?!_)|卷\s?(?:\d{1,4}|[一二三四五六七八九十百]{1,5})"
)
_CHAPTER = re.compile(
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


# ---------------------------------------------------------------------------------------------
# The entry in pieces


class _Piece(NamedTuple):
    """A stretch that is one, whatever it holds: a link's anchor, italics, brackets, quotes."""

    start: int
    end: int
    mark: str  # "link", "italic", or the opening bracket
    text: str
    link: int | None


_MARKED = re.compile(
    r"《[^《》]{1,200}(?:《[^《》]{1,100}》[^《》]{0,100})?》|〈[^〈〉]{1,200}〉|“[^“”]{1,300}”|「[^「」]{1,200}」|『[^『』]{1,200}』|«[^«»]{1,200}»|\"[^\"]{1,300}\""
)


def _find_pieces(
    text: str, links: Sequence[tuple[str, str]], emphasis: Sequence[str]
) -> list[_Piece]:
    """Pieces in order, not overlapping; of two that overlap, the one that begins first, or is longer."""
    found: list[_Piece] = []
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
            found.append(_Piece(start, position, "link", anchor, index))
    position = 0
    for words in emphasis[:_MOST_PIECES]:
        words = " ".join(words.split())
        person = CYRILLIC_PERSON.fullmatch(words) or LAST_FIRST.fullmatch(words)
        start = text.find(words, position) if words and not person else -1
        if start >= 0:
            position = start + len(words)
            found.append(_Piece(start, position, "italic", words, None))
    for match in _MARKED.finditer(text):
        found.append(
            _Piece(match.start(), match.end(), match.group()[0], match.group()[1:-1].strip(), None)
        )
    found.sort(key=lambda piece: (piece.start, -piece.end, piece.mark != "link"))
    kept: list[_Piece] = []
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
class _Reading:
    """What has been read so far. `frame` is the text with a sign for each piece and for what was taken."""

    frame: str
    pieces: list[_Piece]
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


def _frame(text: str, pieces: Sequence[_Piece]) -> tuple[str, list[_Piece], str]:
    """(frame, pieces with a sign in it, the anchors that are no title)."""
    parts: list[str] = []
    signed: list[_Piece] = []
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


def _take_identifiers(reading: _Reading, urls: Urls, asides: str) -> None:
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


def _take_date(reading: _Reading) -> None:
    """The last date outside the pieces: earlier ones belong to a title or an event."""
    matches = [m for m in word_patterns().date.finditer(reading.frame) if read_date_match(m)]
    reading.dates = [value for m in matches if (value := read_date_match(m))]
    if not matches or reading.published:
        return
    last = matches[-1]
    reading.published = read_date_match(last)
    reading.frame = reading.frame[: last.start()] + GAP + reading.frame[last.end() :]


# ---------------------------------------------------------------------------------------------
# Short notes


_SHORT_LATIN = re.compile(
    rf"(?P<names>(?:(?:{INITIAL}\s?){{1,2}})?{SURNAME}(?:(?:,\s|\s(?:and|&|und|и)\s|,\s(?:and|&)\s)(?:(?:{INITIAL}\s?){{1,2}})?{SURNAME}){{0,4}})"
    rf"(?:,\s(?:{INITIAL}\s?){{1,2}})?(?:,?\set\sal\.?)?(?:,?\s[(（]?(?P<year>1[4-9]\d\d|20\d\d)(?P<letter>[a-z]?)[)）]?)?"
)
_SHORT_HAN = re.compile(
    rf"(?P<names>{HAN}{{2,4}}(?:[、與与和]{HAN}{{2,4}}){{0,3}}|{HAN}{{1,8}}(?:[·‧・]{HAN}{{1,8}}){{1,3}})等?"
    r"\s?[,，]?\s?(?:[(（]?(?P<year>1[4-9]\d\d|20\d\d)(?P<letter>[a-z]?)\s?年?[)）]?)?"
)
_IBID = re.compile(
    r"(?:同[註注]\s?\d{1,3}|[Ii]bid(?:em)?\b\.?|[Oo]p\. ?cit\.|同上註?注?|同前註?注?|前引書|前引书|前揭書|前揭书|Там же)"
)


class _Short(NamedTuple):
    names: tuple[str, ...]
    year: str | None
    letter: str
    is_located: bool  # cites a chapter, or says 同上


def _read_short(frame: str) -> _Short | None:
    """The names and year when that is all that `frame` (pages taken out) holds."""
    has_chapter = bool(_CHAPTER.search(frame))
    frame = _CHAPTER.sub(GAP, _VOLUME.sub(GAP, frame))
    if word_patterns().lead.match(frame):
        frame = word_patterns().lead.sub("", frame, count=1)
    # Quotes among the locators (a chapter's name) are no part of the name.
    frame = re.sub(rf"^(.{{2,80}}?)(?:[\s,，]*(?:{_PIECE}|{GAP})[\s,，.。]*)+$", r"\1", frame)
    frame = re.sub(r"[\s,，\ue100]+(?=[)）])", "", frame).strip(" .,，。;；:：\ue100")
    if _IBID.match(frame):
        return _Short((), None, "", True)
    if re.match(HAN, frame):
        match = _SHORT_HAN.fullmatch(frame)
        if not match:
            return None
        names = tuple(re.split(r"[、與与和]", match["names"]))
        if not all("·" in name or is_surname(name) for name in names):
            names = ()
        return _Short(names, match["year"], match["letter"] or "", has_chapter)
    match = _SHORT_LATIN.fullmatch(frame)
    if not match:
        return None
    names = tuple(re.split(r",\s(?:and|&)\s|,\s|\s(?:and|&|und|и)\s", match["names"]))
    title_words = word_classes()["title"]
    if any(token in title_words for name in names for token in name.split()):
        return None
    return _Short(names, match["year"], match["letter"] or "", has_chapter)


# ---------------------------------------------------------------------------------------------
# Forms of full references


def _split_outlet(title: str, host: str | None) -> tuple[str, str | None, str | None]:
    """Anchor → (title, outlet, date): 標題，中国新闻网，2014-07-24; Title - BBC News."""
    published: str | None = None
    outlet: str | None = None
    parts = re.split(r"([,，]\s?)", title)
    if len(parts) > 2 and (published := read_date(parts[-1])) and "/" not in published:
        parts = parts[:-2]
    if len(parts) > 2 and is_outlet(parts[-1].strip("《》 ")):
        outlet = parts[-1].strip("《》 ")
        parts = parts[:-2]
    title = "".join(parts)
    if outlet is None:
        tail = re.search(
            r"(?:\s[-–—|｜]+\s?|\s?[_|｜－]\s?|--|——)(?P<name>[^-_|｜－—]{2,30})$", title
        )
        if tail and tail["name"].strip() in outlet_classes():
            title, outlet = title[: tail.start()], tail["name"].strip()
    if outlet is None:
        # Glued on by a template without a separator: safe only when the host is that outlet's.
        for name in host_names().get(listed_host(host) or "", ()):
            if title.endswith(name) and len(title) > len(name) + 4 and re.match(HAN, name):
                title, outlet = title.removesuffix(name), name
                break
    return title.strip(" ,，"), outlet, published


def _read_linked(reading: _Reading, sign: str, urls: Urls) -> None:
    """[Title](url). 2013年11月6日，烏克蘭真理報。"""
    piece = reading.pieces[ord(sign) - 0xE000]
    before, _, after = reading.frame.partition(sign)
    title, outlet, published = _split_outlet(piece.text, read_host(urls.url or ""))
    title = re.sub(r"^[《〈「“\"](.*)[》〉」”\"]$", r"\1", title)
    reading.title = title or None
    if published and len(reading.dates) == 0:
        reading.published = published
    by = re.match(r"\s*,?\s?(?:by|от)\s(?P<who>[^,.;]{3,60})", after)
    if by and (names := latin_authors(by["who"])):
        reading.authors = names
        after = after[by.end() :]
    marks = [reading.pieces[ord(c) - 0xE000] for c in re.findall(_PIECE, after)]
    names_ = [
        p.text
        for p in marks
        if p.mark in "《«" or p.mark == "italic" or (p.mark == "link" and is_outlet(p.text))
    ]
    if outlet is None and len(names_) == 1:
        outlet = names_[0]
        reading.container = outlet
    if before.strip(" .,，。:：\ue100"):
        marks_before = [reading.pieces[ord(c) - 0xE000] for c in re.findall(_PIECE, before)]
        text = re.sub(_PIECE, GAP, before).strip(" .,，。:：\ue100")
        if not marks_before and text in outlet_classes():
            outlet = outlet or text
        elif not marks_before:
            reading.authors = (
                reading.authors
                or read_authors(
                    before, sure=before.rstrip().endswith((",", "，", ".", ":", "：", "。"))
                )
                or ()
            )
    reading.publisher = (
        outlet
        or read_place_publisher(after)
        or read_publisher(segments(after), title_known=True, web=True)
    )


def _read_marked(reading: _Reading) -> bool:
    """Corrigan, *The Second World War*, Atlantic; 林瑞明，〈年表〉，《史綱》，春暉出版社."""
    order = {chr(0xE000 + i): piece for i, piece in enumerate(reading.pieces)}
    marks = [(sign, order[sign]) for sign in re.findall(_PIECE, reading.frame)]
    works = [(s, p) for s, p in marks if p.mark in ("italic", "《", "〈")]
    quotes = [(s, p) for s, p in marks if p.mark in '“"「«']
    title: tuple[str, _Piece] | None = None
    if works:
        articles = [w for w in works if w[1].mark == "〈"]
        title = articles[0] if articles else works[0]
        if (
            not articles
            and quotes
            and reading.frame.index(quotes[-1][0]) < reading.frame.index(works[0][0])
        ):
            between = reading.frame[
                reading.frame.index(quotes[-1][0]) + 1 : reading.frame.index(works[0][0])
            ]
            if not between.strip(" ,.，。\ue100") or re.fullmatch(r"[\s,.]*[Ii]n:?\s*", between):
                title = quotes[-1]
    elif len(quotes) == 1 and (
        quotes[0][1].mark in '“"' or (quotes[0][1].mark == "«" and is_outlet(quotes[0][1].text))
    ):
        title = quotes[0]
    if title is None:
        return False
    sign, piece = title
    lead = word_patterns().lead.match(reading.frame)
    if (
        piece.mark == "《"
        and reading.frame[lead.end() if lead else 0 :].strip(" .。,，\ue100") == sign
    ):
        reading.is_work_alone = True
    before, _, after = reading.frame.partition(sign)
    later = [p for s, p in works if reading.frame.index(s) > reading.frame.index(sign)]
    if later and piece.mark in '〈“"':
        reading.container = later[0].text
    if is_outlet(piece.text) and piece.mark in "《«italic" and reading.published and not later:
        reading.container = piece.text
        return True
    last_quote = max((before.rfind(s) for s, _ in quotes), default=-1)
    if (
        piece.mark == "italic"
        and not reading.container
        and (reading.has_issue or reading.has_volume)
    ):
        # An article's bare title stands between its author and the journal in italics.
        middle = before[last_quote + 1 :].strip(" .,\ue100")
        names, comma, rest = middle.partition(", ")
        authors = latin_authors(names) if comma else None
        reading.container = piece.text
        if authors and rest.strip() and not re.search(_PIECE, rest):
            reading.authors, reading.title = authors, rest.strip(" .,")
        return True
    reading.title = piece.text
    joined = bool(re.search(r"(?:[,，:：.。;；]|著|編|编|譯|译)\s*$", before)) or not re.search(
        HAN, before
    )
    if not re.search(_PIECE, before):
        reading.authors = read_authors(before, sure=joined) or ()
        lone = before.strip(" ,.，。:：\ue100")
        if lone in outlet_classes():
            reading.authors, reading.container = (), lone
    tail = after[last_quote:] if last_quote > len(after) else after
    stops = [i for i, c in enumerate(tail) if re.match(_PIECE, c)]
    reading.publisher = (
        reading.publisher
        or read_place_publisher(tail)
        or read_publisher(
            segments(tail[: stops[0]]) + segments(tail[stops[-1] + 1 :])
            if stops
            else segments(tail),
            title_known=True,
            web=False,
        )
    )
    return True


_BARE_AUTHOR_ED = re.compile(r"^(?P<names>.{3,200}?)\s?\ue100\s?:\s(?P<rest>.+)$", re.S)


def _read_bare(reading: _Reading) -> bool:
    """A title without marks, between an author and a publisher that are both sure."""
    frame = reading.frame.strip()
    if re.search(_PIECE, frame):
        return False
    if reading.marker:
        return _read_gbt(reading)
    if CYRILLIC_PERSON.match(frame):
        return _read_gost(reading)
    if (apa := _APA.match(frame)) and reading.published:
        return _read_apa(reading, apa)
    if vancouver := _VANCOUVER.fullmatch(frame):
        reading.authors = tuple(re.split(r",\s", vancouver["names"]))
        reading.title, reading.container = vancouver["title"].strip(), vancouver["journal"].strip()
        return True
    if reading.published and (lone := frame.strip(" .,，。" + GAP)) in outlet_classes():
        reading.container = lone
        return True
    names: tuple[str, ...] | None = None
    rest = ""
    edited = _BARE_AUTHOR_ED.match(frame)
    last_first = LAST_FIRST.match(frame)
    if edited and (names := latin_authors(edited["names"])):
        rest = edited["rest"]
    elif last_first:
        names, rest = (last_first.group().strip(),), frame[last_first.end() :].lstrip(" ,.")
    else:
        head, comma, rest = re.sub(r"\s?，\s?", ", ", frame).partition(", ")
        if not comma:
            return False
        if re.match(HAN, head):
            parts = segments(rest)
            authors = han_authors(head, sure=False)
            if (
                authors
                and len(parts) == 2
                and word_patterns().publisher_end.search(parts[1])
                and reading.published
            ):
                reading.authors, reading.title, reading.publisher = authors, parts[0], parts[1]
                return True
            return False
        names = latin_authors(head)
        if (
            names is None
            and re.fullmatch(SURNAME, head)
            and head not in word_classes()["title"]
            and head not in word_classes()["place"]
        ):
            names = (head,)
        if names is None:
            return _read_title_first(reading, head, rest)
    place = PLACE_PUBLISHER.search(rest)
    if place and (place["edge"] or "").startswith((".", "—", "–")):
        title = rest[: place.start()]
        reading.publisher = place["who"].strip(" .")
    else:
        parts = [part.strip() for part in re.split(r",\s?|\ue100", rest) if part.strip(" .()")]
        sure = [
            i
            for i, part in enumerate(parts)
            if i and read_publisher([part], title_known=False, web=False)
        ]
        if len(sure) == 1:
            # What lies before the publisher is the title, commas and dates in it included.
            title = ", ".join(parts[: sure[0]])
            reading.publisher = reading.publisher or parts[sure[0]].strip(" .")
        elif (
            all(part.strip(" .") in word_classes()["place"] for part in parts[1:])
            and parts
            and (reading.isbn or (len(parts) == 1 and (reading.publisher or reading.pages)))
        ):
            title = parts[0]
        elif len(parts) == 2 and reading.isbn and is_proper(parts[1].strip(" .")):
            title, reading.publisher = parts[0], parts[1].strip(" .")
        else:
            return False
    title = title.replace(GAP, "").strip(" ,.;")
    if not title or (
        is_person(title) and len(names) == 1 and not reading.isbn and reading.publisher is None
    ):
        return False
    if re.search(r"[.]\s[a-zа-я]", title) or len(title) > 250:
        return False
    reading.authors, reading.title = names, title
    return True


def _read_title_first(reading: _Reading, head: str, rest: str) -> bool:
    """The Junior Aircraft Year Book, 1935, p.8"""
    parts = [part for part in segments(rest) if part not in word_classes()["place"]]
    first = head.split()[0] if head.split() else ""
    is_title = (
        first in ("The", "A", "An") or bool(word_patterns().book.search(head))
    ) and is_proper(head)
    if not is_title or not (reading.pages or reading.isbn) or len(parts) > 1:
        return False
    reading.title = head.replace(GAP, "").strip()
    if parts:
        reading.publisher = reading.publisher or read_publisher(parts, title_known=True, web=False)
    return True


def _read_gbt(reading: _Reading) -> bool:
    """作者. 題名[M]. 地點: 出版社, 2003: 270. (GB/T 7714; the mark in brackets is taken out)"""
    frame = reading.frame.replace(GAP, "\ue100")
    head, found, after = frame.partition(". " + GAP)
    if not found:
        return False
    names, dot, title = head.strip().partition(".")
    if re.match(HAN, head) and not dot:
        names, dot, title = head.partition("：")
    authors = read_authors(names, sure=True) if dot else None
    if dot and authors is None:
        return False
    reading.title = (title if dot else head).strip(" .\ue100") or None
    reading.authors = authors or ()
    if reading.marker in ("J", "N"):
        container = segments(after)
        reading.container = container[0] if container else None
    else:
        reading.publisher = (
            reading.publisher
            or read_place_publisher(after)
            or read_publisher(segments(after), title_known=True, web=reading.marker == "EB")
        )
    return True


def _read_gost(reading: _Reading) -> bool:
    """Иванов И. И. Название. — М.: Воениздат, 1963. — С. 97. Article // Journal. — 1964."""
    head = reading.frame.strip()
    authors: list[str] = []
    while len(authors) < 8 and (match := CYRILLIC_PERSON.match(head)):
        authors.append(match.group().strip())
        head = head[match.end() :].lstrip(" ,")
    place = PLACE_PUBLISHER.search(head)
    title, journal, container = head.partition(" // ")
    if journal:
        reading.container = (
            re.split(r"\.?\s[—–]\s|[,.]\s|" + GAP, container)[0].strip(" .«»") or None
        )
    elif place and (place["edge"] or "").startswith((".", "—", "–")):
        title = head[: place.start()]
        reading.publisher = reading.publisher or read_place_publisher(head)
    else:
        title, dash, after = head.partition(" — ")
        if not dash:
            return False
        reading.publisher = reading.publisher or read_publisher(
            segments(after), title_known=False, web=False
        )
    reading.authors = tuple(authors)
    reading.title = re.sub(r"[\s.,—–" + GAP + "]+$", "", title) or None
    return True


_APA = re.compile(
    rf"(?P<names>[^()（）]{{2,200}}?)\s?[(（]\s?{GAP}\s?[)）]\s?[.,:，。：]?\s?(?P<rest>\S.*)"
)
_VANCOUVER = re.compile(
    rf"(?P<names>{SURNAME}\s[A-Z]{{1,3}}(?:,\s{SURNAME}\s[A-Z]{{1,3}}){{0,20}})(?:,?\set\sal)?\.\s(?P<title>[^.{GAP}]{{5,300}})\.\s(?P<journal>[^.{GAP}\d]{{2,100}})\.\s?{GAP};\s?{GAP}\.?"
)


def _read_apa(reading: _Reading, match: re.Match[str]) -> bool:
    """Erickson, J. (1975). The Road to Stalingrad. Harper & Row. 李某（2010）。湖水。台北：聯經。"""
    authors = read_authors(match["names"], sure=False)
    parts = [part for part in re.split(r"\.\s|。|\.$", match["rest"]) if part.strip(" .," + GAP)]
    if authors is None or len(parts) != 2:
        return False
    place = read_place_publisher(parts[1])
    publisher = place or read_publisher([parts[1]], title_known=True, web=False)
    if publisher is None:
        return False
    reading.authors, reading.title, reading.publisher = authors, parts[0].strip(), publisher
    return True


# ---------------------------------------------------------------------------------------------
# Templates


_PARAMETER = re.compile(
    r"\|\s*(?P<key>[a-zA-Z][\w-]{1,20}|[\u4e00-\u9fff]{2,6})\s*=(?P<value>[^|{}]{0,2000})"
)
# Two of these keys make a line with `|` what is left of a citation template.
_KNOWN = frozenset(
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


# ---------------------------------------------------------------------------------------------
# The entry


def _kind(reading: _Reading, urls: Urls) -> FootnoteKind:
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

    parameters = (
        {m["key"]: m["value"].strip(" []'") for m in _PARAMETER.finditer(clean)}
        if "|" in clean
        else {}
    )
    if len(_KNOWN.intersection(parameters)) >= 2:
        if urls.url:
            parameters.setdefault("url", urls.url)
            parameters["url"] = (
                urls.url if not read_host(parameters["url"]) else parameters["url"].split()[0]
            )
        template = re.match(r"\s*\{\{\s*([^|{}]{2,40})\|", clean)
        return read_template(
            number,
            group,
            shown,
            template[1] if template else "",
            parameters,
            raw_start=raw_start,
            raw_end=raw_end,
        )

    found = _find_pieces(clean, links, emphasis)
    frame, pieces, asides = _frame(clean, found)
    reading = _Reading(frame, pieces)
    _take_identifiers(reading, urls, asides)
    linked = urls.url is not None or urls.archive_url is not None

    if (
        not linked
        and reading.isbn is None
        and reading.doi is None
        and not any(p.mark in ("italic", "《", "〈") for p in pieces)
    ):
        short = _read_short(reading.frame)
        if short and (reading.pages or short.is_located):
            return replace(
                bare, kind="short", authors=short.names, published=short.year, pages=reading.pages
            )

    reading.has_volume = bool(reading.take(_VOLUME))
    _take_date(reading)
    source = next((p for p in found if p.mark == "link" and p.link == urls.anchor), None)
    works = [p for p in pieces if p.mark in ("italic", "《", "〈")]
    if source in pieces and not any(work.start < source.start for work in works):
        _read_linked(reading, chr(0xE000 + pieces.index(source)), urls)
    elif source and works and all(work.start > source.start for work in works):
        pass  # a bare URL, and then a remark
    elif not _read_marked(reading):
        _read_bare(reading)
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


# ---------------------------------------------------------------------------------------------
# Short notes → full entries


def _fold_name(name: str) -> str:
    """Letters only, no accents, no case."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(char for char in decomposed if char.isalnum())


def _surname(author: str) -> str:
    """Glantz for `Glantz, David M.` and for `David M. Glantz`; 林瑞明 as it is."""
    author = re.sub(r"\s?[\[(（][^\])）]*[\])）]\s?", "", author).strip()
    if "," in author:
        return _fold_name(author.partition(",")[0])
    if re.search(HAN, author) or CYRILLIC_PERSON.fullmatch(
        author + ("" if author.endswith(".") else ".")
    ):
        return _fold_name(author.split()[0] if author.split() else author)
    words = [word for word in author.split() if not re.fullmatch(INITIAL + r"|Jr\.|Sr\.", word)]
    return _fold_name(words[-1] if words else author)


def _year(published: str | None) -> str | None:
    return published[:4] if published else None


def _matches(surnames: Sequence[str], year: str | None, entry: Footnote) -> bool:
    if not entry.authors or not surnames:
        return False
    have = [_surname(author) for author in entry.authors]
    if have[0] != surnames[0] or not set(surnames) <= set(have):
        return False
    return year is None or year == _year(entry.published)


def link_short_notes(
    footnotes: Sequence[Footnote], *, further: Sequence[str] = ()
) -> tuple[Footnote, ...]:
    """Point each short note at the full entry that it stands for, when there is exactly one.

    A full entry stands for `Forczyk 2008` when its first author is Forczyk, all names given are
    among its authors, and its year is 2008; without a year the names alone decide. `further` are
    lines of a bibliography, which may hold full entries as well: one that fits makes a note
    ambiguous unless it is the same work, and when the only one that fits stands there, it gives
    the note its title, publisher, ISBN and DOI, as there is no footnote to point at. 同上 and
    `Ibid.` are left open: a footnote put in between later would turn them to another work.
    """
    full = [
        (index, note)
        for index, note in enumerate(footnotes)
        if note.kind not in ("short", "empty", "other")
    ]
    lines = [
        entry
        for line in further
        if (entry := read_entry(0, "", line, raw_start=0, raw_end=0)).authors
        and entry.kind != "short"
    ]
    linked: list[Footnote] = []
    for note in footnotes:
        names, year, shortened = note.authors, note.published, note
        if note.kind == "other" and len(note.text) < 80 and not note.url:
            # `Forczyk 2008.` cites no page: only a full entry proves that it is a short note.
            short = _read_short(re.sub(r"[\ue000-\uf8ff]", " ", note.text))
            if not short or not short.names or not short.year:
                linked.append(note)
                continue
            names, year = short.names, short.year
            shortened = replace(note, kind="short", authors=names, published=year)
        elif note.kind != "short" or not names:
            linked.append(note)
            continue
        surnames = [_surname(name) for name in names]
        found = [(index, entry) for index, entry in full if _matches(surnames, year, entry)]
        beside = [entry for entry in lines if _matches(surnames, year, entry)]
        works = {_fold_name(entry.title or entry.text) for _, entry in found} | {
            _fold_name(entry.title or entry.text) for entry in beside
        }
        if len(works) != 1 or len(found) > 1:
            linked.append(note)
        elif found:
            linked.append(replace(shortened, short_target=found[0][0]))
        else:
            work = beside[0]
            linked.append(
                replace(
                    shortened,
                    title=work.title,
                    publisher=work.publisher,
                    isbn=work.isbn,
                    doi=work.doi,
                )
            )
    return tuple(linked)
