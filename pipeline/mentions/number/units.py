"""UCUM units → SI. The arithmetic is the pint library's; it is asked once a unit."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from pipeline.mentions.wordlists import read_lexicon

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
        return _rate_conversion(code) if code not in _codes() and "/" in code else None
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


def _rate_conversion(code: str) -> tuple[float, float, str] | None:
    """The conversion of a rate that `ucum.csv` does not list, by its two parts: t/har, /har."""
    above, below = code.split("/", 1)
    numerator = si_conversion(above) if above else (1.0, 0.0, "")
    denominator = si_conversion(below)
    if numerator is None or denominator is None or numerator[1] or denominator[1]:
        return None
    return (numerator[0] / denominator[0], 0.0, f"{numerator[2]}/{denominator[2]}")


def to_si(value: float, code: str) -> tuple[float, str] | None:
    """`value` in the SI unit of its kind, to twelve digits; None where there is none."""
    conversion = si_conversion(code)
    if conversion is None:
        return None
    factor, offset, si = conversion
    return (float(f"{value * factor + offset:.12g}"), si)


def convert(value: Fraction, code: str | None, to: str | None) -> Fraction | None:
    """`value` of one UCUM unit in another, where both measure the same and begin at nought."""
    if code is None or to is None:
        return None
    a, b = si_conversion(code), si_conversion(to)
    if a is None or b is None or a[2] != b[2] or a[1] or b[1]:
        return None
    return Fraction(f"{float(value) * a[0] / b[0]:.12g}")
