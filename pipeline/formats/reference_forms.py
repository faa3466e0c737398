"""The forms that references are written in: each reads what it can tell into a `Reading`.

Which form it is goes by what is certain: a linked title, a marked one (《》, italics), the signs of
GB/T 7714, GOST 7.1 and APA, and at last a bare title between sure authors and a sure publisher.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pipeline.formats.reference_parts import (
    CYRILLIC_PERSON,
    GAP,
    HAN,
    INITIAL,
    LAST_FIRST,
    PLACE_PUBLISHER,
    SURNAME,
    Urls,
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
    read_host,
    read_place_publisher,
    read_publisher,
    segments,
    word_classes,
    word_patterns,
)
from pipeline.formats.reference_pieces import CHAPTER, PIECE, VOLUME, Piece, Reading

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


class ShortNote(NamedTuple):
    names: tuple[str, ...]
    year: str | None
    letter: str
    is_located: bool  # cites a chapter, or says 同上


def read_short(frame: str) -> ShortNote | None:
    """The names and year when that is all that `frame` (pages taken out) holds."""
    has_chapter = bool(CHAPTER.search(frame))
    frame = CHAPTER.sub(GAP, VOLUME.sub(GAP, frame))
    if word_patterns().lead.match(frame):
        frame = word_patterns().lead.sub("", frame, count=1)
    # Quotes among the locators (a chapter's name) are no part of the name.
    frame = re.sub(rf"^(.{{2,80}}?)(?:[\s,，]*(?:{PIECE}|{GAP})[\s,，.。]*)+$", r"\1", frame)
    frame = re.sub(r"[\s,，\ue100]+(?=[)）])", "", frame).strip(" .,，。;；:：\ue100")
    if _IBID.match(frame):
        return ShortNote((), None, "", True)
    if re.match(HAN, frame):
        match = _SHORT_HAN.fullmatch(frame)
        if not match:
            return None
        names = tuple(re.split(r"[、與与和]", match["names"]))
        if not all("·" in name or is_surname(name) for name in names):
            names = ()
        return ShortNote(names, match["year"], match["letter"] or "", has_chapter)
    match = _SHORT_LATIN.fullmatch(frame)
    if not match:
        return None
    names = tuple(re.split(r",\s(?:and|&)\s|,\s|\s(?:and|&|und|и)\s", match["names"]))
    title_words = word_classes()["title"]
    if any(token in title_words for name in names for token in name.split()):
        return None
    return ShortNote(names, match["year"], match["letter"] or "", has_chapter)


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


def read_linked(reading: Reading, sign: str, urls: Urls) -> None:
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
    marks = [reading.pieces[ord(c) - 0xE000] for c in re.findall(PIECE, after)]
    names_ = [
        p.text
        for p in marks
        if p.mark in "《«" or p.mark == "italic" or (p.mark == "link" and is_outlet(p.text))
    ]
    if outlet is None and len(names_) == 1:
        outlet = names_[0]
        reading.container = outlet
    if before.strip(" .,，。:：\ue100"):
        marks_before = [reading.pieces[ord(c) - 0xE000] for c in re.findall(PIECE, before)]
        text = re.sub(PIECE, GAP, before).strip(" .,，。:：\ue100")
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


def read_marked(reading: Reading) -> bool:
    """Corrigan, *The Second World War*, Atlantic; 林瑞明，〈年表〉，《史綱》，春暉出版社."""
    order = {chr(0xE000 + i): piece for i, piece in enumerate(reading.pieces)}
    marks = [(sign, order[sign]) for sign in re.findall(PIECE, reading.frame)]
    works = [(s, p) for s, p in marks if p.mark in ("italic", "《", "〈")]
    quotes = [(s, p) for s, p in marks if p.mark in '“"「«']
    title: tuple[str, Piece] | None = None
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
        if authors and rest.strip() and not re.search(PIECE, rest):
            reading.authors, reading.title = authors, rest.strip(" .,")
        return True
    reading.title = piece.text
    joined = bool(re.search(r"(?:[,，:：.。;；]|著|編|编|譯|译)\s*$", before)) or not re.search(
        HAN, before
    )
    if not re.search(PIECE, before):
        reading.authors = read_authors(before, sure=joined) or ()
        lone = before.strip(" ,.，。:：\ue100")
        if lone in outlet_classes():
            reading.authors, reading.container = (), lone
    tail = after[last_quote:] if last_quote > len(after) else after
    stops = [i for i, c in enumerate(tail) if re.match(PIECE, c)]
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


def read_bare(reading: Reading) -> bool:
    """A title without marks, between an author and a publisher that are both sure."""
    frame = reading.frame.strip()
    if re.search(PIECE, frame):
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


def _read_title_first(reading: Reading, head: str, rest: str) -> bool:
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


def _read_gbt(reading: Reading) -> bool:
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


def _read_gost(reading: Reading) -> bool:
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


def _read_apa(reading: Reading, match: re.Match[str]) -> bool:
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
