"""The entries of a reference list: which is the same one as before, and what it says otherwise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from pipeline.changes.facts import Difference, Row, same
from pipeline.matching import in_order, similarity, words

_ENTRY_FIELDS = ("title", "authors", "publisher", "published", "pages", "isbn", "doi")


def _entry_key(row: Row) -> tuple[str, str, str] | None:
    """Equal for entries that say the same; None for one without text."""
    if row["is_empty"]:
        return None
    return (row["footnote_group"], words(row["text"]), words(row["url"] or ""))


def pair_equal(old: Sequence[Row], new: Sequence[Row]) -> dict[int, int]:
    """Entries that say the same, in order."""
    waiting: defaultdict[Any, list[int]] = defaultdict(list)
    for j in reversed(range(len(new))):
        waiting[_entry_key(new[j])].append(j)
    pairs = {}
    for i, row in enumerate(old):
        key = _entry_key(row)
        if key is not None and waiting.get(key):
            pairs[i] = waiting[key].pop()
    return pairs


def pair_left(old: Sequence[Row], new: Sequence[Row], pairs: dict[int, int]) -> None:
    """Entries without a partner that stand between the same neighbours, in order, as long as
    there are as many on both sides, or they are alike."""
    ordered = sorted(pairs.items())
    kept = in_order(ordered)
    before = (-1, -1)
    taken = set(pairs.values())
    for fence in [*(p for p in ordered if p[0] in kept), (len(old), len(new))]:
        left_old = [i for i in range(before[0] + 1, fence[0]) if i not in pairs]
        left_new = [j for j in range(before[1] + 1, fence[1]) if j not in taken]
        before = fence
        if len(left_old) == len(left_new):
            pairs.update(zip(left_old, left_new, strict=True))
            continue
        scored = [
            (similarity(words(old[i]["text"]), words(new[j]["text"]), least=50.0), i, j)
            for i in left_old[:60]
            for j in left_new[:60]
            if old[i]["is_empty"] == new[j]["is_empty"]
        ]
        for score, i, j in sorted(scored, key=lambda s: (-s[0], abs(s[1] - s[2]), s[1], s[2])):
            both_empty = old[i]["is_empty"] and new[j]["is_empty"]
            if (score or both_empty) and i not in pairs and j not in taken:
                pairs[i] = j
                taken.add(j)


def entry_difference(old: Row, new: Row) -> Difference | None:
    """What two states of an entry differ in: the one field that tells the most."""
    fields = [name for name in _ENTRY_FIELDS if not _same_entry_field(old[name], new[name])]
    urls = [name for name in ("url", "archive_url") if not _same_url(old[name], new[name])]
    if not same(old["text"], new["text"]):
        # Where one field alone differs, it is what the text differs in: a bare URL, the pages.
        only = fields + urls
        if len(only) == 1 and not (old["is_empty"] or new["is_empty"]):
            name = only[0]
        else:
            name = "text"
    elif urls:
        name = urls[0]
    elif fields:
        name = fields[0]
    else:
        return None
    return Difference(name, _shown(old[name]), _shown(new[name]))


def _same_url(old: str | None, new: str | None) -> bool:
    """Case counts in a URL; script does not, as a converted text has its URLs converted."""
    return old == new or (bool(old and new and not old.isascii()) and same(old, new))


def _same_entry_field(old: Any, new: Any) -> bool:
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(same, old, new))
    return same(old, new)


def _shown(value: Any) -> str | None:
    return "; ".join(value) if isinstance(value, list) else value
