"""Gives links back the anchors that their authors wrote.

Pandoc before 3.0 takes all letters after `]]` for a link trail, as English has it (`[[bus]]es`),
and Chinese characters are letters: `[[蘇聯]]政府正式宣佈，` became
`[蘇聯政府正式宣佈](…/蘇聯 "wikilink")，`. Only letters were glued on, all up to the first other
sign, so an anchor that stands right before a letter is whole, and so is one that ends otherwise
than with a letter. Where the author's text ended is told by what the link leads to (蘇聯 begins
with the page's title; 古德里安從 with the end of 海因茨·古德里安), by other links to the same
page, by other names of it (臺灣 for 中華民國; `anchor_names.csv`), and at last by the words that begin
what follows (的, 和, 宣佈; `anchor_boundaries.csv`).

Newer converters cut rightly. Some mended only the links to pages of their own mirror whose
anchor is the title, so each kind of link in a file is judged by itself: where many anchors stand
right before a letter, nothing was glued.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from pipeline.fold import fold
from pipeline.records import Link

# A list's title ends with what a list is.
_LIST = re.compile("(?<=.)(?:列表|一览)$")
# Middle dots in names are written in many ways; one character for each.
_DOTS = str.maketrans("‧•・．", "····")
_QUALIFIER = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
# Evidence, in natural logarithms of likelihood ratios, that a file's links of a kind were cut
# rightly: about half of the links in Chinese prose stand right before a letter, next to none
# where trails were glued on, and texts longer than the title are rare but for glued trails.
_BEFORE_LETTER, _BEFORE_OTHER, _LONGER_THAN_TITLE = 3.0, -0.7, -2.6
# So many signs at most between what the title tells of and a boundary belong to the author's text
# (英雄|要塞|的: a compound whose first half the title has).
_COMPOUND = 2
# A name without its generic may have another of so many signs (東京|帝國大學 of 東京大學).
_GENERIC = 4
_STATES = ("国", "朝", "代")
_NUMERALS = frozenset("一二三四五六七八九十两数各")
_DISTRICTS = frozenset("省市县府州厅郡镇乡区村")
_PEOPLE = frozenset("人籍")
# What tells who runs a school; its short forms begin after that (臺大 of 國立臺灣大學).
_RUN_BY = re.compile("(?:国|私|省|市|县|公)立(?=...)")
# Text in Latin letters with its signs (GNU GPL, C++), and one in brackets of its own (《游記》).
_LATIN = re.compile(r"[a-z][a-z0-9+#.'&/ -]*(?=[^\W\d_a-z])")
_LATIN_LETTERS = re.compile(r"[a-z]+")
_BRACKETED = re.compile(r"《[^《》]*》|〈[^〈〉]*〉|「[^「」]*」|“[^“”]*”")
# MediaWiki's titles have at most 255 bytes.
_LONGEST_NAME = 255


class _Glue(NamedTuple):
    """A link that may have a trail: the letters its anchor ends with may be cut at `least` or later."""

    place: int
    folded: str
    least: int


def repair_anchors(raw: str, text: str, links: Sequence[Link]) -> list[Link]:
    """`links` with `anchor` and `end` as the author had them; `raw_anchor` stays.

    `raw` is the article's raw text, `text` the document's; only links to pages can have trails.
    """
    kinds: dict[str, list[int]] = {}
    for index, link in enumerate(links):
        if (
            link.kind in ("page", "interwiki", "file")
            and link.target_title
            and link.end > link.start
        ):
            kinds.setdefault(_kind(raw, link), []).append(index)
    whole: dict[str, set[str]] = {}
    glued: dict[str, list[_Glue]] = {}
    for indices in kinds.values():
        candidates = _candidates(raw, links, indices)
        for index in indices:
            link = links[index]
            if index in candidates:
                glued.setdefault(link.target_title or "", []).append(candidates[index])
            else:
                whole.setdefault(link.target_title or "", set()).add(_fold(link.raw_anchor))
    titles = {title for target in (*whole, *glued) for title in _titles(target) if len(title) > 1}
    mended = list(links)
    for target, group in glued.items():
        own = _titles(target)
        shared = _shared_starts(glue.folded for glue in group if not glue.folded.startswith(own))
        known = whole.get(target, set()).union(*(_names().get(title, ()) for title in own))
        for glue in group:
            link = links[glue.place]
            cut = _cut(glue, own, known, shared.get(glue.folded, 0), titles)
            if cut < len(link.raw_anchor):
                end = link.start + cut
                mended[glue.place] = Link(
                    link.kind, link.start, end, text[link.start : end], link.raw_anchor,
                    link.target_title, link.url, link.raw_start, link.raw_end,
                )  # fmt: skip
    return mended


def _kind(raw: str, link: Link) -> str:
    """Links that a converter treated alike: to pages of its mirror by their title, and the others."""
    markup = raw[link.raw_start : link.raw_end]
    local = "](../" in markup or 'href="../' in markup
    titled = link.raw_anchor == (link.target_title or "").replace("_", " ")
    return "local title" if local and titled else "other"


def _candidates(raw: str, links: Sequence[Link], indices: Iterable[int]) -> dict[int, _Glue]:
    """The links among `indices` that may have a trail; none where the converter cut rightly."""
    found: dict[int, _Glue] = {}
    before_letters: list[int] = []
    evidence = 0.0
    for index in indices:
        link = links[index]
        after = raw[link.raw_end : link.raw_end + 1]
        if after.isalpha():
            evidence += _BEFORE_LETTER
            before_letters.append(index)
            continue
        evidence += _BEFORE_OTHER
        anchor = _fold(link.raw_anchor)
        least = len(anchor) - _trail_length(raw[link.raw_start : link.raw_end], anchor)
        if least == len(anchor):
            continue
        if any(
            len(title) < len(anchor) and anchor.startswith(title)
            for title in _titles(link.target_title or "")
        ):
            evidence += _LONGER_THAN_TITLE
        found[index] = _Glue(index, anchor, max(least, 1))
    if evidence > 0:
        return {}
    # A template that the converter dropped may have stood between a trail and the next letter:
    # `[[軌距]]為{{convert|1067|mm}}的` became `[軌距為](軌距 "wikilink")的`.
    for index in before_letters:
        anchor = _fold(links[index].raw_anchor)
        for title in _titles(links[index].target_title or ""):
            if anchor.startswith(title) and _boundaries().strong.match(anchor, len(title)):
                found[index] = _Glue(index, anchor, len(title))
                break
    return found


def _trail_length(markup: str, anchor: str) -> int:
    """How many letters the anchor ends with, as far as no markup stands between them."""
    close = markup.rfind("](") if markup.startswith(("[", "!")) else markup.rfind("<")
    shown = markup[:close].rstrip("ⓦ") if close > 0 else anchor
    length = 0
    limit = min(len(anchor), len(shown))
    while length < limit and shown[-1 - length].isalpha() and anchor[-1 - length].isalpha():
        length += 1
    return length


def _cut(
    glue: _Glue,
    own_titles: tuple[str, ...],
    whole: set[str],
    shared: int,
    titles: set[str],
) -> int:
    """Where the author's text ends in `glue.folded`; its length where nothing was glued on.

    `whole` are texts that stand whole elsewhere for the same page, `shared` is how much of its
    start the text shares with another glued one, `titles` are those of all pages linked to.
    """
    anchor, least = glue.folded, glue.least
    length = len(anchor)
    if anchor in own_titles or anchor in whole:
        return length
    # The title and what it is (Java程式語言 of Java (程式語言)).
    if len(own_titles) > 1:
        named = own_titles[1] + own_titles[0][len(own_titles[1]) :].strip(" ()（）")
        if anchor.startswith(named):
            return max(len(named), least)
    # The title, or a text that stands whole elsewhere, and then the trail.
    words = _boundaries()
    fitting = (
        _longest_start(anchor, own_titles, least)
        or _title_end(anchor, own_titles, least, words.any)
        or _longest_start(anchor, whole, least)
    )
    if fitting:
        if anchor[:fitting].isascii():
            # A word in Latin letters is never parted (Traits of Trait).
            if rest := _LATIN_LETTERS.match(anchor, fitting):
                fitting = rest.end()
            said = words.kind.match(anchor, fitting)
        elif fitting == 1 and anchor.startswith(own_titles):
            # 鎖 is a word, but so is 鎖定: one more sign belongs to it where a word ends then.
            said = words.one_more.match(anchor, 1)
        else:
            said = _ending(anchor, fitting, own_titles)
        return said.end() if said else fitting
    for title in own_titles:
        place = anchor.find(title)
        if place > 0 and len(title) > 1 and place + len(title) >= least:
            return place + len(title)
    if bracketed := _BRACKETED.match(anchor):
        return max(bracketed.end(), least)
    if shared >= max(least, 2):
        return shared
    if (latin := _LATIN.match(anchor)) and len(latin.group().rstrip()) > 1:
        name = latin.group().rstrip()
        # Mozilla組織 of Mozilla基金會, but TCP of 傳輸控制協定, whatever is said of it.
        alike = any(title.startswith(name) for title in own_titles)
        said = (words.head if alike else words.kind).match(anchor, latin.end())
        return max(said.end() if said else len(name), least)
    short_titles = [title[2:] for title in own_titles if _RUN_BY.match(title)]
    part, complete = _title_part(anchor, [*own_titles, *short_titles], words.generic)
    if complete:
        ending = _ending(anchor, part, own_titles)
        return max(ending.end() if ending else part, least)
    # A text that begins as a clause does (從挪威出發) is parted by the surest words alone.
    clause = part == 0 and words.any.match(anchor) is not None
    first = max(part, least, 1 if part else 2)
    boundary = (words.strong if clause else words.any).search(anchor, first)
    stop = boundary.start() if boundary else length
    if not clause and (head := _same_head(anchor, own_titles, first, stop)):
        return head
    if part > 1:
        return stop if stop - part <= _COMPOUND else max(part, least)
    if boundary is None and not clause:
        # Nothing else tells: the longest title of another page that the text begins with.
        other = _longest_start(anchor, titles, max(least, 2))
        if other and stop - other > _COMPOUND:
            return other
    return stop


def _ending(anchor: str, start: int, titles: tuple[str, ...]) -> re.Match[str] | None:
    """What ends a word (壓縮|器 of 數據壓縮), but after a title or a person's name."""
    if anchor.startswith(titles) or "·" in titles[0]:
        return None
    return _boundaries().ending.match(anchor, start)


def _title_end(anchor: str, titles: Iterable[str], least: int, boundary: re.Pattern[str]) -> int:
    """Where a text ends whose end is a title's (主流浏览器 for 网页浏览器); 0 if none is.

    The text before the title's end is its author's as well, but no more than a few signs long.
    """
    first = boundary.search(anchor, 1)
    limit = first.start() if first else len(anchor)
    for title in titles:
        for size in range(min(len(title) - 1, len(anchor)), 1, -1):
            begin = anchor.find(title[-size:], 0, len(title) + _GENERIC)
            if 0 <= begin <= limit and begin + size >= least and not anchor[: begin or 1].isascii():
                return begin + size
    return 0


def _longest_start(anchor: str, starts: Container[str], least: int) -> int:
    """The length of the longest of `starts` that `anchor` begins with and is not; 0 without one."""
    longest = min(len(anchor) - 1, _LONGEST_NAME)
    return next((n for n in range(longest, least - 1, -1) if anchor[:n] in starts), 0)


def _shared_starts(anchors: Iterable[str]) -> dict[str, int]:
    """For each text, how much of its start it shares with another that leads to the same page."""
    found: dict[str, int] = {}
    before = ""
    for anchor in sorted(set(anchors)):  # the one that shares most stands next in order
        shared = 0
        for a, b in zip(before, anchor, strict=False):
            if a != b:
                break
            shared += 1
        if before:
            found[before] = max(found[before], shared)
        found[anchor] = shared
        before = anchor
    return found


def _title_part(anchor: str, titles: Iterable[str], generic: re.Pattern[str]) -> tuple[int, bool]:
    """How long a start of `anchor` the titles tell of, and whether it is complete as it is.

    Complete are the end of a title (太妍 of 金太妍), a title without its `generic` (昆明 of
    昆明市), a member of a name with dots, and such a member in another transliteration (曼斯坦因
    for 曼施坦因). Others may go on: the first signs of a title, an abbreviation (中国科协 of
    中国科学技术协会), its signs in another order. An abbreviation is complete that ends with the
    title's own generic (大理州 of 大理白族自治州), and so is a state's or dynasty's (俄國, 明代).
    """
    best = 0
    for title in titles:
        length = 0
        while length < len(anchor) and anchor[: length + 1] in title:
            length += 1
        members = title.split("·")
        # 海因里希·赫茲: the last member tells where a name in several of them ends.
        given = anchor.rfind("·") + 1
        family = max((len(m) for m in members if anchor.startswith(m, given)), default=0)
        if given and family:
            return given + family, True
        if length > 1 and (title.endswith(anchor[:length]) or anchor[:length] in members):
            return length, True
        left_off = length > 1 and title.startswith(anchor[:length])
        if left_off and generic.fullmatch(title, length):
            left = title[length:]
            kept = anchor.find(left, length, length + _GENERIC + len(left) - 1)
            if kept >= 0 and anchor[length] not in _NUMERALS:
                return kept + len(left), True
            return (length + 1 if _is_district(anchor, length, left) else length), True
        for member in members:
            if len(member) < len(anchor) and _is_variant(anchor[: len(member)], member):
                return len(member), True
        signs = next((i for i, sign in enumerate(anchor) if sign not in title), len(anchor))
        short = _abbreviation(anchor, title)
        if 1 < short <= (len(title) + 1) // 2 and title[-1] == anchor[short - 1]:
            return short, True
        if short > 1 and anchor[short : short + 1] not in title:
            starts = range(max(len(title) - _GENERIC, 1), len(title))
            own_generic = next((title[n:] for n in starts if generic.fullmatch(title, n)), "")
            if anchor[short - 1] in own_generic:
                return short, True
        if short and title[1:] in _STATES:
            return (2 if anchor[1:2] in _STATES else 1), True
        if short and (sign := anchor[1:2]) in _STATES and title.find(sign) in (-1, len(title) - 1):
            return 2, True
        best = max(best, length, short, signs if signs > 2 else 0)
    return best, False


def _is_variant(text: str, name: str) -> bool:
    """Whether two names of one length differ as transliterations do: a sign in four, not the ends."""
    if len(name) < 3 or text[0] != name[0] or text[-1] != name[-1]:
        return False
    return sum(a != b for a, b in zip(text, name, strict=True)) <= max(1, len(name) // 4)


def _same_head(anchor: str, titles: Iterable[str], first: int, stop: int) -> int:
    """Where a text ends that ends as the title does (智慧型手機 for 智能手机); 0 if it does not."""
    for title in titles:
        end = anchor.find(title[-1], first, stop) + 1
        if len(title) > 1 and end > 1 and end <= len(title) + _COMPOUND:
            # 學 ends 大學, but not where it begins 學校.
            longer = _boundaries().generic.match(anchor, end - 1, stop)
            return max(longer.end(), end) if longer else end
    return 0


def _is_district(anchor: str, place: int, generic: str) -> bool:
    """Whether another generic of districts than the title's stands at `place` (晉江縣 of 晉江市)."""
    after = place + 1
    if generic not in _DISTRICTS or anchor[place:after] not in (*_DISTRICTS, "城"):
        return False
    if after == len(anchor) or anchor[place] == "城":  # 城裡, 城內
        return after == len(anchor)
    return anchor[after] in _PEOPLE or _boundaries().any.match(anchor, after) is not None


def _abbreviation(anchor: str, title: str) -> int:
    """How many signs of the start of `anchor` stand in `title` in the same order, the first first."""
    if not title.startswith(anchor[:1]):
        return 0
    place = length = 0
    for sign in anchor:
        place = title.find(sign, place) + 1
        if place == 0:
            break
        length += 1
    return length


@lru_cache(maxsize=4096)
def _titles(target: str) -> tuple[str, ...]:
    """The forms of a page's title that its anchors may begin with, longest first."""
    full = _fold(target[:_LONGEST_NAME].replace("_", " "))
    base = _LIST.sub("", _QUALIFIER.sub("", full))
    return (full, base) if base and base != full else (full,)


@lru_cache(maxsize=8192)
def _fold(text: str) -> str:
    return fold(text).translate(_DOTS)


@lru_cache(maxsize=1)
def _names() -> dict[str, frozenset[str]]:
    """Texts that links to a page often have, though its title does not tell of them."""
    found: dict[str, set[str]] = {}
    for row in _read("anchor_names.csv"):
        found.setdefault(_fold(row["title"]), set()).add(_fold(row["name"]))
    return {title: frozenset(names) for title, names in found.items()}


def _read(name: str) -> list[dict[str, str]]:
    lines = files("pipeline.formats").joinpath(name).read_text("utf-8").splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


class _Boundaries(NamedTuple):
    any: re.Pattern[str]
    strong: re.Pattern[str]
    head: re.Pattern[str]
    kind: re.Pattern[str]
    generic: re.Pattern[str]
    ending: re.Pattern[str]
    one_more: re.Pattern[str]


@lru_cache(maxsize=1)
def _boundaries() -> _Boundaries:
    rows = _read("anchor_boundaries.csv")
    strong, head, kind, generic, ending = (
        _any_of(row for row in rows if row["class"] in classes)
        for classes in (("strong",), ("head", "kind"), ("kind",), ("generic",), ("ending",))
    )
    both = _any_of(row for row in rows if row["class"] in ("strong", "weak"))
    # 上, 中, 後 and the like begin too many words to count but before the end or another boundary.
    place = f"[{fold('上下中內間外裡時後前')}](?=$|{strong})|第$"
    return _Boundaries(
        re.compile(f"{both}|{place}"),
        re.compile(f"{strong}|{place}"),
        re.compile(head),
        re.compile(kind),
        re.compile(generic),
        re.compile(f"{ending}(?=$|[{fold('的和與及或等在')}])"),
        re.compile(f"(?!{both}|{place}).(?=$|{both}|{place})"),
    )


def _any_of(rows: Iterable[dict[str, str]]) -> str:
    """A pattern for any of the words, the longest first."""
    parts = {}
    for row in rows:
        after = f"(?<![{fold(row['not_after'])}])" if row["not_after"] else ""
        before = f"(?![{fold(row['not_before'])}])" if row["not_before"] else ""
        parts[fold(row["word"])] = f"{after}{re.escape(fold(row['word']))}{before}"
    return "(?:" + "|".join(parts[word] for word in sorted(parts, key=lambda w: (-len(w), w))) + ")"
