"""UCUM units → SI. The arithmetic is the pint library's; it is asked once a unit."""

from __future__ import annotations

from functools import lru_cache

from pipeline.mentions.lexemes import read_lexicon

_PACKAGE = __package__ or ""


@lru_cache(maxsize=1)
def _codes() -> dict[str, tuple[str, str]]:
    return {row["code"]: (row["pint"], row["si"]) for row in read_lexicon(_PACKAGE, "ucum.csv")}


@lru_cache(maxsize=1)
def _registry():  # type: ignore[no-untyped-def]
    import pint  # takes half a second, and many a text measures nothing

    return pint.UnitRegistry(cache_folder=None)


@lru_cache(maxsize=512)
def si_conversion(code: str) -> tuple[float, float, str] | None:
    """(factor, offset, SI unit's code) such that SI value = value × factor + offset, or None."""
    pint_unit, si = _codes().get(code, ("", ""))
    if not pint_unit:
        return None
    registry = _registry()
    unit = (
        registry.parse_expression(pint_unit).units
        if "1/" in pint_unit
        else registry.Unit(pint_unit)
    )
    target = registry.parse_expression(_codes()[si][0]).units
    offset = registry.Quantity(0.0, unit).to(target).magnitude
    factor = registry.Quantity(1.0, unit).to(target).magnitude - offset
    return (float(factor), float(offset), si)


def to_si(value: float, code: str) -> tuple[float, str] | None:
    """`value` in the SI unit of its kind, to twelve digits; None where there is none."""
    conversion = si_conversion(code)
    if conversion is None:
        return None
    factor, offset, si = conversion
    return (float(f"{value * factor + offset:.12g}"), si)
