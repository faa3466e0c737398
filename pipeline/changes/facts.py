"""What a mention says, and what another says otherwise."""

from __future__ import annotations

from typing import Any, NamedTuple

from pipeline.matching import same_words, words

Row = dict[str, Any]


class Difference(NamedTuple):
    """What differs between two states of a fact: a column, then and now."""

    field: str | None
    old: str | None
    new: str | None


def _number(value: float | None) -> str | None:
    if value is None:
        return None
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _quantity(row: Row) -> str | None:
    """The number of a row: 300000, or 30..40 for a range, 3:2 for a ratio."""
    if row["value"] is not None or row["value_min"] is None:
        return _number(row["value"])
    sign = ":" if row["kind"] == "ratio" else ".."
    return f"{_number(row['value_min'])}{sign}{_number(row['value_max'])}"


def fact(row: Row) -> str:
    """What a mention says, for people: 1941-08, 300000 人, 18 km, 列寧格勒."""
    if row["table"] == "numbers":
        unit = row["unit"] or row["classifier"]
        value = _quantity(row) or row["text"]
        return f"{value} {unit}" if unit else str(value)
    return str(row["name"] if row["table"] == "places" else row["value"] or row["text"])


def same(old: Any, new: Any) -> bool:
    """Equal, but for script and width of texts."""
    if isinstance(old, str) and isinstance(new, str):
        return old == new or same_words(old, new)
    return bool(old == new)


def differences(old: Row, new: Row) -> list[Difference]:
    """Each thing that the fact says otherwise; what is computed from another
    column (days covered, precision, SI value, coordinates) is not told twice."""
    found: list[Difference] = []

    def compare(name: str) -> None:
        if not same(old[name], new[name]):
            found.append(Difference(name, old[name], new[name]))

    if old["table"] == "places":
        compare("name")
        if not found and old["geonames_id"] != new["geonames_id"]:
            then, now = old["geonames_id"], new["geonames_id"]
            found.append(
                Difference(
                    "geonames_id",
                    None if then is None else str(then),
                    None if now is None else str(now),
                )
            )
        return found
    if old["table"] == "dates":
        if old["value"] is None and new["value"] is None:
            compare("text")
        else:
            compare("value")
    else:
        ends = [name for name in ("value_min", "value_max") if old[name] != new[name]]
        if _quantity(old) != _quantity(new):
            if old["value"] is None and new["value"] is None and len(ends) == 1:
                found.append(Difference(ends[0], _number(old[ends[0]]), _number(new[ends[0]])))
            else:
                found.append(Difference("value", _quantity(old), _quantity(new)))
        compare("unit")
        if old["kind"] == new["kind"] in ("measure", "money") and not new["unit"]:
            compare("classifier")
    compare("modifier")
    if not found:
        compare("kind")
    return found


def identity(row: Row) -> tuple[Any, ...]:
    """Equal for two mentions that say the same in the same words."""
    return (row["table"], words(row["text"]), words(fact(row)))


def is_own(old: Row, new: Row, *, rewritten: bool) -> bool:
    """Whether a difference comes from the mention's own words, not from what stands elsewhere.

    `rewritten`: the article's raw text differs; where it does not, the rules do, and each
    difference counts.
    """
    if not rewritten or not same_words(old["text"], new["text"]):
        return True
    if old["table"] == "dates":
        return bool(old["resolution"] == new["resolution"] == "explicit")
    if old["table"] == "places":
        return not same(old["link_target"], new["link_target"])
    return True
