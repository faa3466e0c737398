"""The parts of references: dates, ISBNs, links, the names of people and of publishers.

`references` puts them together. Lexicons are `reference_words.csv` and `reference_hosts.csv`.
Each reader takes a stretch of text that holds one part and says what it is, or None.
"""

from __future__ import annotations

import calendar
import csv
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from stdnum import isbn as stdnum_isbn

HAN = r"[\u3400-\u9fff\uf900-\ufaff〇々]"
_UPPER = r"[A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĶŁĹĽŃŇŌŐŘŚŠŞŢŤŪŮŰŹŻŽА-ЯЁЇІЄҐЎ]"
LETTER = r"[^\W\d_]"
PIECE = r"[\ue000-\ue0ff]"
GAP = "\ue100"  # stands where something was taken out

ISBN = re.compile(
    r"ISBN(?:-1[03])?\s?[:：]?\s?(?P<isbn>[\dXx][\dXx \u2010-\u2015−-]{8,20}[\dXx])", re.I
)
DOI = re.compile(
    r"(?:doi\s?[:：]?\s?|doi\.org/)?(?P<doi>10\.\d{4,9}/[^\s\"<>，。；\u3000-\u303f\ue000-\uf8ff]{1,200})",
    re.I,
)
URL = re.compile(r"(?:https?:)?//[^\s<>\"\]，。；、《》（）]{3,2000}")

_CHINESE_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
_YEAR_END = r"(?=\s*(?:$|[.,;:)\]。，；：）、—–\ue100]))"


def _read_rows(name: str) -> list[dict[str, str]]:
    text = files("pipeline.formats").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


@lru_cache(maxsize=1)
def word_classes() -> dict[str, dict[str, str]]:
    """Class → word → value."""
    classes: dict[str, dict[str, str]] = {}
    for row in _read_rows("reference_words.csv"):
        classes.setdefault(row["class"], {})[row["word"]] = row["value"]
    return classes


@lru_cache(maxsize=1)
def _hosts() -> dict[str, str]:
    return {row["host"]: row["class"] for row in _read_rows("reference_hosts.csv") if row["host"]}


@lru_cache(maxsize=1)
def outlet_classes() -> dict[str, str]:
    """An outlet's name → the class of its host."""
    rows = _read_rows("reference_hosts.csv")
    return {name: row["class"] for row in rows for name in row["name"].split("|") if name}


@lru_cache(maxsize=1)
def host_names() -> dict[str, tuple[str, ...]]:
    rows = _read_rows("reference_hosts.csv")
    return {
        row["host"]: tuple(row["name"].split("|")) for row in rows if row["host"] and row["name"]
    }


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))


class _Patterns(NamedTuple):
    date: re.Pattern[str]
    lead: re.Pattern[str]
    role: re.Pattern[str]
    publisher_end: re.Pattern[str]
    publisher_word: re.Pattern[str]
    outlet_end: re.Pattern[str]
    outlet_word: re.Pattern[str]
    periodical: re.Pattern[str]
    book: re.Pattern[str]


def _split_scripts(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """(Han words, words of an alphabet)"""
    han: list[str] = []
    other: list[str] = []
    for word in words:
        (han if re.match(HAN, word) else other).append(word)
    return han, other


@lru_cache(maxsize=1)
def word_patterns() -> _Patterns:
    words = word_classes()
    months, seasons = words["month"], words["season"]
    han_seasons, seasons_latin = _split_scripts(seasons)
    month = rf"(?P<month>{_alternatives(months)})"
    digits = "[〇零○一二三四五六七八九]"
    date = re.compile(
        r"(?<![\d.–-])(?P<iso_y>\d{4})(?P<iso_s>[-/.])(?P<iso_m>\d{1,2})(?P=iso_s)(?P<iso_d>\d{1,2})(?![\d-])"
        rf"|(?P<han_y>(?<!\d)\d{{4}}|{digits}{{4}}|民[國国]\s?\d{{1,3}})\s?年度?(?:(?P<han_season>{_alternatives(han_seasons)})"
        r"|\s?(?P<han_m>\d{1,2}|[一二三四五六七八九十]{1,2})\s?月份?(?:\s?(?P<han_d>\d{1,2}|[一二三四五六七八九十廿]{1,3})\s?[日號号])?)?"
        rf"|(?<![\w])(?:(?P<dmy_d>\d{{1,2}})(?:st|nd|rd|th)?\s)?{month}\.?(?:\s(?P<mdy_d>\d{{1,2}})(?:st|nd|rd|th)?)?,?\s(?P<mon_y>\d{{4}})(?!\d)(?:\s(?:года|г\.))?"
        rf"|(?<!\w)(?P<season>{_alternatives(seasons_latin)}),?\s(?P<season_y>\d{{4}})(?!\d)"
        rf"|(?<![\w–/-])[c©]?(?P<year>1[4-9]\d\d|20\d\d)(?:\s?г\.?)?[a-z]?{_YEAR_END}"
    )
    publisher_han, publisher_latin = _split_scripts(words["publisher"])
    outlet_han, outlet_latin = _split_scripts(words["outlet"])
    periodical_han, periodical_latin = _split_scripts(words["periodical"])
    return _Patterns(
        date=date,
        lead=re.compile(rf"\s*(?:{_alternatives(words['lead'])})\s?[:：]?\s?"),
        role=re.compile(rf"[\s/／]?\(?(?:{_alternatives(words['role'])})\)?$"),
        publisher_end=re.compile(rf"(?:{_alternatives(publisher_han)})$"),
        publisher_word=re.compile(rf"(?<!\w)(?:{_alternatives(publisher_latin)})(?!\w)"),
        outlet_end=re.compile(rf"(?:{_alternatives(outlet_han)})$"),
        outlet_word=re.compile(rf"(?<!\w)(?:{_alternatives(outlet_latin)})(?!\w)"),
        periodical=re.compile(
            rf"(?:{_alternatives(periodical_han)})$|(?<!\w)(?:{_alternatives(periodical_latin)})(?!\w)"
        ),
        book=re.compile(
            rf"(?<!\w)(?:{_alternatives(w for w in words['book'] if w.isascii())})(?!\w)|(?:{_alternatives(w for w in words['book'] if not w.isascii())})$"
        ),
    )


# ---------------------------------------------------------------------------------------------
# Dates


def _chinese_number(text: str) -> int | None:
    """十一 → 11, 二十 → 20, 12 → 12."""
    if text.isdigit():
        return int(text)
    text = text.replace("廿", "二十")
    tens, ten, ones = text.rpartition("十")
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return None
    value = _CHINESE_DIGITS.get(ones, 0) if ones else 0
    if ten:
        value += 10 * (_CHINESE_DIGITS.get(tens, 0) if tens else 1)
    return value or None


def _edtf(year: int | None, month: int | None = None, day: int | None = None) -> str | None:
    """EDTF of a date that exists, else None."""
    if year is None or not 1000 <= year <= 2199:
        return None
    if month is None:
        return f"{year:04d}"
    if not 1 <= month <= 12:
        return None
    if day is None:
        return f"{year:04d}-{month:02d}"
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return f"{year:04d}-{month:02d}-{day:02d}"


def read_date_match(match: re.Match[str]) -> str | None:
    words, got = word_classes(), match.groupdict()
    if got["iso_y"]:
        return _edtf(int(got["iso_y"]), int(got["iso_m"]), int(got["iso_d"]))
    if got["han_y"]:
        written = got["han_y"]
        if written[0] == "民":
            year = 1911 + int(re.sub(r"\D", "", written))
        else:
            year = int("".join(str(_CHINESE_DIGITS.get(c, c)) for c in written))
        if got["han_season"]:
            return f"{year:04d}-{words['season'][got['han_season']]}" if _edtf(year) else None
        month = _chinese_number(got["han_m"]) if got["han_m"] else None
        day = _chinese_number(got["han_d"]) if got["han_d"] else None
        if (got["han_m"] and month is None) or (got["han_d"] and day is None):
            return None
        return _edtf(year, month, day)
    if got["mon_y"]:
        written_day = got["dmy_d"] or got["mdy_d"]
        return _edtf(
            int(got["mon_y"]),
            int(words["month"][got["month"]]),
            int(written_day) if written_day else None,
        )
    if got["season_y"]:
        return f"{int(got['season_y']):04d}-{words['season'][got['season']]}"
    return _edtf(int(got["year"]))


# What stands around a date and says nothing of it, and what makes it approximate.
_AROUND = " .,;:。，()（）[]［］"
_WEEKDAY = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun)\.?,?\s"
    r"|\s?[(（]?(?:星期|週|周|禮拜|礼拜)[一二三四五六日天][)）]?",
    re.IGNORECASE,
)
_EDITION = re.compile(r"(?<=年)(?:初|再|新|第[一二三四五六七八九十\d]{1,2})?(?:版|印|刊)$|出版$")
_APPROXIMATE = re.compile(r"(?:c\.|ca\.?|circa|about|約|约)\s?", re.IGNORECASE)
_TIME_OF_DAY = re.compile(
    r"(?<=\d)[T ]\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:\s?Z|\s?[+-]\d{2}:?\d{2})?$"
)
_COMPACT = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|(\d{2})(\d{2}))")
_ERA = re.compile(r"(明治|大正|昭和|平成|令和)\s?(元|\d{1,2}|[一二三四五六七八九十]{1,3})(?=年)")
_ERA_STARTS = {"明治": 1868, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_RANGE = re.compile(r"\s?[–—−~～至]\s?|\s-\s|(?<=\d{4})[-/](?=\d{4}$)")
_SHORT_YEAR = re.compile(r"(\d{2})(\d{2})[–—](\d{2})")
_YEAR, _YEAR_MONTH = re.compile(r"\d{4}年"), re.compile(r"\d{4}年\d{1,2}月")
_SEASON = re.compile(r"-2[1-4]$")
_LONGEST_DATE = 60


def read_date(text: str) -> str | None:
    """The EDTF value of `text` when it is one date and nothing else (2013年11月6日, 6 May 2010,
    Spring 1964, 1999-05, 昭和16年, c. 1994), or one stretch of time (March–April 2008), else None."""
    if len(text) > _LONGEST_DATE:
        return None
    text = _WEEKDAY.sub("", _TIME_OF_DAY.sub("", text.strip(_AROUND)), count=1)
    text = _EDITION.sub("", _ERA.sub(_era_year, text).strip(_AROUND))
    if (approximate := _APPROXIMATE.match(text)) is not None:
        date = _one_date(text[approximate.end() :])
        return f"{date}~" if date else None
    if (date := _one_date(text)) is not None:
        return date
    if (short := _SHORT_YEAR.fullmatch(text)) is not None:
        text = f"{short[1]}{short[2]}–{short[1]}{short[3]}"
    first, *rest = _RANGE.split(text, maxsplit=1)
    if not rest:
        return None
    start, end = _first_date(first, rest[0]), _last_date(first, rest[0])
    if start is None or end is None or start >= end or _SEASON.search(end):
        return None
    # A winter of two years is the first one's; EDTF has no stretch that begins with a season.
    return start if _SEASON.search(start) else f"{start}/{end}"


def _first_date(first: str, second: str) -> str | None:
    """`first`, which may leave off what `second` ends with: 1–5 March 2008."""
    words = second.split()
    said = [first, *(" ".join([first, *words[-count:]]) for count in (1, 2) if count < len(words))]
    return next((date for text in said if (date := _one_date(text))), None)


def _last_date(first: str, second: str) -> str | None:
    """`second`, which may leave off what `first` begins with: 2008年3月5日–8日."""
    year, month = _YEAR.match(first), _YEAR_MONTH.match(first)
    said = [second, *(f"{begin[0]}{second}" for begin in (year, month) if begin)]
    return next((date for text in said if (date := _one_date(text))), None)


def _one_date(text: str) -> str | None:
    text = text.strip(_AROUND)
    if (match := word_patterns().date.fullmatch(text)) is not None:
        return read_date_match(match)
    if (compact := _COMPACT.fullmatch(text)) is not None:
        year, month, day = int(compact[1]), compact[2] or compact[3], compact[4]
        return _edtf(year, int(month), int(day) if day else None)
    return None


def _era_year(match: re.Match[str]) -> str:
    number = 1 if match[2] == "元" else _chinese_number(match[2])
    return match[0] if number is None else str(_ERA_STARTS[match[1]] + number - 1)


# ---------------------------------------------------------------------------------------------
# Identifiers and links


def read_isbn(text: str) -> str | None:
    """`text` as a hyphenated ISBN when its check digit holds, else None."""
    compact = re.sub(r"[^\dXx]", "", text).upper()
    if len(compact) not in (10, 13) or not stdnum_isbn.is_valid(compact):
        return None
    return str(stdnum_isbn.format(compact))


def trim_doi(text: str) -> str | None:
    doi = text.rstrip(".,;:'’”、")
    while doi.endswith((")", "]")) and doi.count(doi[-1]) > doi.count(
        {")": "(", "]": "["}[doi[-1]]
    ):
        doi = doi[:-1].rstrip(".,;")
    return doi if "/" in doi.rstrip("/") else None


def read_host(url: str) -> str | None:
    """The host of an absolute URL without `www.`, in lower case, or None."""
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname
    except ValueError:
        return None
    if not host or (parts.scheme and parts.scheme.lower() not in ("http", "https", "ftp")):
        return None
    host = host.rstrip(".").removeprefix("www.")
    return host if "." in host else None


def listed_host(host: str | None) -> str | None:
    """The listed host that `host` is, or is a subdomain of."""
    table = _hosts()
    while host and "." in host:
        if host in table:
            return host
        host = host.partition(".")[2]
    return None


def class_of_host(host: str | None) -> str:
    entry = listed_host(host)
    return _hosts()[entry] if entry else ""


def _archived(url: str) -> str | None:
    """The page that an archive's `url` is a copy of, as far as the URL itself tells."""
    try:
        parts = urlsplit(url)
        query = parse_qs(parts.query)
    except ValueError:
        return None
    for value in query.get("url", []):
        if read_host(value):
            return value
    found = re.search(r"(?:https?:/{1,2}|https?%3A%2F%2F)\S", parts.path[:2000], re.I)
    if not found:
        return None
    # The original's own query and fragment belong to it, not to the archive.
    original = url[url.index(parts.path) + found.start() :]
    if original[:6].lower().find("%3a") > 0:
        original = unquote(original)
    original = re.sub(r"^(https?:)/(?!/)", r"\1//", original)
    return original if read_host(original) else None


class Urls(NamedTuple):
    url: str | None
    archive_url: str | None
    anchor: int | None  # index of the link that is the source


def sort_urls(links: Sequence[tuple[str, str]]) -> Urls:
    url = archive = None
    anchor: int | None = None
    for index, (_, target) in enumerate(links):
        host = read_host(target)
        kind = class_of_host(host)
        if host is None or kind == "wiki":
            continue
        if kind == "archive":
            archive = archive or target
            original = _archived(target)
            if url is None and original:
                url, anchor = original, index
            elif anchor is None:
                anchor = index
        elif url is None:
            url = target
            anchor = index if anchor is None else anchor
    return Urls(url, archive, anchor)


# ---------------------------------------------------------------------------------------------
# Names


INITIAL = rf"{_UPPER}\.(?:-?{_UPPER}\.)*"
_NAME_WORD = rf"{_UPPER}(?:{LETTER}|[’'‑-](?={LETTER})){{1,30}}"
_PARTICLE = r"(?:von|van|de|der|den|du|la|le|di|da|dos|del|ten|ter|zu|al|el|bin|ibn)"
SURNAME = rf"(?:{_PARTICLE}\s){{0,2}}{_NAME_WORD}"
_PERSON = re.compile(
    rf"(?:(?:{INITIAL}|{_NAME_WORD}|{_PARTICLE})\s?){{1,5}}(?:\s?[,，]?\s?(?:Jr|Sr)\.)?(?:\s?\[[^\[\]]{{1,60}}\])?"
)
LAST_FIRST = re.compile(rf"{SURNAME},\s(?:{INITIAL}\s?){{1,3}}(?![^\W_])")
CYRILLIC_PERSON = re.compile(r"[А-ЯЁЇІЄҐЎ][а-яёїієґў’-]{1,30}\s(?:[А-ЯЁЇІЄҐЎ]\.\s?){1,2}")
_ET_AL = re.compile(r"[,，]?\s*(?:\[?et\s?al\b\.?\]?|и др\.|及其他|等人?$)")
_HAN_NAME = re.compile(
    rf"(?:[\[［(（【]{HAN}{{1,4}}[\]］)）】]\s?)?(?P<name>{HAN}{{2,4}}|(?:{HAN}{{1,8}}|[A-Z])(?:[·‧・•.．]{HAN}{{1,8}}){{1,3}})"
)
_HAN_GRAMMAR = re.compile(r"[的是了於于在與与和及為为有對对將将被由]")


def is_surname(text: str) -> bool:
    surnames = word_classes()["surname"]
    return text[:1] in surnames or text[:2] in surnames


def is_person(text: str, *, words: int = 2) -> bool:
    """Whether `text` (of an alphabet) looks like a person's full name of at least `words` words."""
    tokens = text.split()
    if not words <= len(tokens) + text.count(".") or not _PERSON.fullmatch(text):
        return False
    return not any(token in word_classes()["title"] for token in tokens)


def _drop_role(text: str) -> tuple[str, str]:
    """張恆豪/編 → 張恆豪, 編."""
    bare = word_patterns().role.sub("", text)
    return (bare.rstrip(" /／"), text[len(bare) :].strip(" /／()")) if bare else (text, "")


def han_authors(text: str, *, sure: bool) -> tuple[str, ...] | None:
    """Authors in Han characters out of all of `text`; None when a part is no name.

    `sure`: what follows makes it likely that authors stand here, so that an organisation or a
    pen name without a known family name will do.
    """
    found: list[str] = []
    for part in re.split(r"[、,，;；&]|\sand\s", text):
        part = part.strip(" :：。.\ue100")
        if not part or re.search(r"[/／\s](?:出版|發行|发行)$", part):
            continue
        part = re.sub(rf"^[\[［(（【]{HAN}{{1,4}}[\]］)）】]\s?", "", part)
        part, role = _drop_role(part)
        if role in ("譯", "译") and found:
            continue
        has_role = bool(role)
        part = re.sub(r"等人?$", "", part)
        name = _HAN_NAME.fullmatch(part)
        named = bool(name and ("·" in part or is_surname(name["name"])))
        is_body = bool(re.fullmatch(rf"{HAN}{{2,16}}", part)) and not _HAN_GRAMMAR.search(part)
        vouched = (sure or has_role) and (is_body or name is not None)
        if not (named or vouched or (part.isascii() and is_person(part))):
            return None
        found.append(part)
    return tuple(found) or None


def latin_authors(text: str) -> tuple[str, ...] | None:
    """Authors in an alphabet out of all of `text`; None when a part is no name."""
    text = _ET_AL.sub("", text).strip(" .,:;，：\ue100")
    text = re.sub(
        r"(?:\(|（)(?:ed|eds|comp|Hrsg|hrsg|ред)\.?(?:\)|）)$|,?\s(?:ed|eds|Hrsg)\.?$", "", text
    ).strip(" .,:;，")
    if not text or not re.match(rf"{_UPPER}|{_PARTICLE}\s", text):
        return None
    if re.search(rf"(?:^|[\s.]){_UPPER}$", text):
        text += "."  # the stop belongs to an initial
    found: list[str] = []
    chunks = [
        chunk.strip() for chunk in re.split(r"\s(?:and|und|и|та|et)\s|\s?&\s?|[;；]|、|，", text)
    ]
    for chunk in chunks:
        parts = [part.strip() for part in chunk.split(",") if part.strip()]
        index = 0
        while index < len(parts):
            part = parts[index]
            following = parts[index + 1] if index + 1 < len(parts) else ""
            initials = re.fullmatch(rf"(?:{INITIAL}\s?){{1,3}}|{_UPPER}", following)
            given = (
                len(parts) == 2
                and index == 0
                and re.fullmatch(rf"{_NAME_WORD}(?:\s{INITIAL}|\s{_NAME_WORD})?", following)
            )
            if (initials or given) and re.fullmatch(SURNAME, part):
                found.append(f"{part}, {following}")
                index += 2
            elif CYRILLIC_PERSON.fullmatch(part + ("" if part.endswith(".") else ".")) or is_person(
                part
            ):
                found.append(part)
                index += 1
            else:
                return None
    if any(
        token in word_classes()["title"] for name in found for token in re.split(r"[\s,]+", name)
    ):
        return None
    return tuple(found) or None


def read_authors(text: str, *, sure: bool) -> tuple[str, ...] | None:
    text = word_patterns().lead.sub("", text, count=1) if word_patterns().lead.match(text) else text
    text = re.sub(r"[(（]\s*[)）]", "", text.replace(GAP, "")).strip(' ,.，。：:—–-"“”')
    if not text or len(text) > 300:
        return None
    if re.search(HAN, text):
        return han_authors(text, sure=sure)
    lone = re.fullmatch(SURNAME, text)
    if (
        lone
        and sure
        and text not in word_classes()["title"]
        and text not in word_classes()["place"]
    ):
        return (text,)
    return latin_authors(text)


# ---------------------------------------------------------------------------------------------
# Publishers


def is_outlet(name: str) -> bool:
    patterns = word_patterns()
    if name in outlet_classes() or name.removesuffix("訊").removesuffix("讯") in outlet_classes():
        return True
    if re.search(HAN, name):
        return (
            len(name) <= 14
            and bool(patterns.outlet_end.search(name))
            and not _HAN_GRAMMAR.search(name)
        )
    return len(name) <= 50 and bool(patterns.outlet_word.search(name)) and is_proper(name)


def is_proper(name: str) -> bool:
    """Whether each word of `name` is written as in a proper name, small words but inside."""
    tokens = name.split()
    if not 1 <= len(tokens) <= 8 or not re.match(_UPPER, name):
        return False
    small = {"and", "of", "the", "for", "&", "und", "der", "de", "et", "y", "i", "и", "du", "la"}
    return (
        all(re.match(rf"{_UPPER}|\d", token.lstrip("(\"“'’")) or token in small for token in tokens)
        and tokens[-1] not in small
    )


_PLACE_PUBLISHER_HAN = re.compile(
    rf"(?:^|[，,。.；;\s\ue100])(?P<place>{HAN}{{2,6}}|{HAN}{{2,4}}[、/]{HAN}{{2,4}})\s?[:：]\s?(?P<who>[^，,。；;：:\ue000-\ue0ff\ue100]{{2,40}})"
)
PLACE_PUBLISHER = re.compile(
    rf"(?:^|(?P<edge>[.—–]\s|\(\s?|,\s))(?P<place>(?:{_UPPER}[\w’'-]{{0,20}}(?:,?\s|\s?[;—–-]\s?)){{0,2}}{_UPPER}[\w.’'-]{{0,20}})\s?:\s(?P<who>{_UPPER}[^,.:;()\ue000-\ue0ff\ue100—]{{1,60}}(?:\.(?=\s?[,—]))?)(?=\s*(?:$|[,.;)\ue100—]))"
)


def read_publisher(segments: Sequence[str], *, title_known: bool, web: bool) -> str | None:
    """The one segment that names who brought the work out; None when none or several may."""
    patterns, places = word_patterns(), word_classes()["place"]
    sure: list[str] = []
    likely: list[str] = []
    for raw in segments:
        name = raw.strip(' .,，。()（）[]"“”:：;；/—–-')
        name = re.sub(r"^(?:by|in|In|at)\s", "", name)
        city, colon, after_city = name.partition(": ")
        name = after_city.strip() if colon and city.strip() in places else name
        if not name or name in places or len(name) > 60 or re.search(r"[\ue000-\uf8ff]", name):
            continue
        if re.search(HAN, name):
            bare = re.sub(
                r"(?<=[社局店館馆司處处部會会])[/／]?(?:出版發行|出版发行|出版|發行|发行|印行)$",
                "",
                name,
            )
            for place in re.findall(rf"^({HAN}{{2,5}})\s", bare):
                bare = bare[len(place) :].strip() if place in places else bare
            if _HAN_GRAMMAR.search(bare) or len(bare) > 24:
                continue
            if patterns.publisher_end.search(bare) or is_outlet(bare):
                sure.append(bare)
        elif is_outlet(name) or (patterns.publisher_word.search(name) and is_proper(name)):
            sure.append(name)
        elif (
            is_proper(name)
            and not any(char.isdigit() for char in name)
            and name not in word_classes()["link"]
        ):
            likely.append(name)
    unique = list(dict.fromkeys(sure))
    if len(unique) == 1:
        return unique[0]
    if not unique and title_known and not web and len(set(likely)) == 1:
        return likely[0]
    return None


def read_place_publisher(text: str) -> str | None:
    han = _PLACE_PUBLISHER_HAN.search(text)
    if han:
        who = re.sub(
            r"(?<=[社局店館馆司處处部會会])[/／]?(?:出版|發行|发行|印行)$",
            "",
            han["who"].strip(" \ue100"),
        )
        return who if who and not _HAN_GRAMMAR.search(who) else None
    match = PLACE_PUBLISHER.search(text)
    return match["who"].strip(" .") if match and not re.search(r"\d", match["who"]) else None


_SEPARATOR = re.compile(r"[,，;；。、]|\.\s|\.$|\s[—–-]+\s|－|\s//\s|[()（）]")


def segments(text: str) -> list[str]:
    return [
        part.strip() for part in _SEPARATOR.split(text.replace(GAP, ",")) if part.strip(' .:：/“”"')
    ]
