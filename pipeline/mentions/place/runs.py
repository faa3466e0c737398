"""Foreign names that the gazetteer lacks: runs of the characters that spell foreign sounds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from pipeline.mentions.place.article import TOWN_ENDINGS
from pipeline.mentions.place.gazetteer import load
from pipeline.mentions.place.lexicon import FUNCTION, GENERIC_KINDS, Lexicon
from pipeline.mentions.place.scan import Finder, Seed, weakness
from pipeline.records import PlaceType

_PARTS_OF_COUNTRIES = frozenset(("region", "settlement"))
# Generics that spell foreign sounds as well.
_FEATURES = frozenset("山海江")


def runs_of(folded: str, hits: Sequence[tuple[int, int, bool]], finder: Finder) -> list[Seed]:
    """Foreign names that the gazetteer lacks, spelt in transliteration characters.

    A gazetteer name in a run stands unless enough of the run is left over to show that it is a
    longer name (瓦尼 in 特蘭西瓦尼亞).
    """
    lexicon = finder.lexicon
    found = []
    for match in finder.runs.finditer(folded):
        start, end = match.span()
        while start < end and folded[start] in FUNCTION:
            start += 1
        if end - start > 3 and (
            folded[end - 1] in _FEATURES or _begins_generic(folded, end - 1, lexicon)
        ):
            end -= 1  # the 山 of 尼米茲山, the 冰 of 阿萊奇冰川
        if end - start < 3 or strength(folded[start:end], lexicon) * 2 < end - start:
            continue
        first = bisect_left(hits, (start,))
        if first and hits[first - 1][1] > start:
            first -= 1
        inside = hits[first : bisect_left(hits, (end,))]
        if inside:
            a, b, is_name = inside[0]
            known = is_name and a == start and b - a > 2 and weakness(folded[a:b]) == 0
            if known and end - b > 2 and _follower(folded, end, lexicon) in _PARTS_OF_COUNTRIES:
                start, inside = b, inside[1:]  # 英格蘭|赫特福德郡
        stem = rest = folded[start:end]
        for a, b, is_name in inside:
            # Of a name that goes on behind the run a single character proves nothing: 烏姆塔[拉省].
            covers = is_name or folded[a:b] in lexicon.nothing
            if covers and (b <= end or a <= start or end - a > 1):
                a, b = max(a, start) - start, min(b, end) - start
                rest = rest[:a] + "…" * (b - a) + rest[b:]
        if rest != stem and not _goes_beyond(rest, folded, start, end, lexicon):
            continue
        if end - start < 3 or strength(stem, lexicon) * 2 < end - start:
            continue
        if stem.endswith(TOWN_ENDINGS):
            found.append(Seed(start, end, "SPELT", "settlement", stem, None))
        else:
            found.append(Seed(start, end, "STEM", None, stem, None))
    return found


def _follower(folded: str, end: int, lexicon: Lexicon) -> PlaceType | None:
    """The type of place that the generic at `end` makes of a name."""
    sizes = lexicon.lengths.get(folded[end : end + 2])
    for size in sizes or lexicon.lengths.get(folded[end : end + 1], ()):
        word = lexicon.after.get(folded[end : end + size])
        if word is not None and word.kind in GENERIC_KINDS:
            return word.place_type
    return None


def _begins_generic(folded: str, start: int, lexicon: Lexicon) -> bool:
    """Whether a generic of two characters stands at `start`."""
    word = lexicon.after.get(folded[start : start + 2])
    return word is not None and word.kind in GENERIC_KINDS


def _goes_beyond(rest: str, folded: str, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether what a run has beyond the names in it, which `rest` has … for, tells that it is a
    longer name: two characters, one on either side (古[德里]奇), or one before a generic
    ([阿萊]奇冰川)."""
    if _left_over(rest, lexicon):
        return True
    if rest[-1] == "…" or folded[end - 1 : end + 1] in lexicon.vocabulary:
        return False
    if rest[0] != "…" and rest.count("…") == 2:
        name = folded[start + rest.index("…") :][:2]
        return (
            folded[start - 1 : start + 1] not in lexicon.vocabulary
            and name in load().names
            and weakness(name) > 0
        )
    pair = _begins_generic(folded, end, lexicon)
    return pair and _follower(folded, end, lexicon) in ("landform", "water")


def strength(stem: str, lexicon: Lexicon) -> int:
    """How many characters of a stem are of a kind that spells foreign sounds only."""
    return sum(map(lexicon.foreign.__contains__, stem))


def _left_over(rest: str, lexicon: Lexicon) -> bool:
    """Whether two characters in a row are outside every name, one at least of a kind that
    spells foreign sounds only; a word like 坦克 after a name is no part of it."""
    return any(
        not lexicon.foreign.isdisjoint(piece[i : i + 2])
        and piece[i : i + 2] not in lexicon.vocabulary
        for piece in rest.split("…")
        for i in range(len(piece) - 1)
    )
