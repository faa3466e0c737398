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
        if code in _codes():
            return None
        if "/" in code:
            return _rate_conversion(code)
        product = _product_conversion(code) if "." in code else None
        return (product[0], 0.0, product[1]) if product else None
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
    numerator = _product_conversion(above)
    denominator = _product_conversion(below.strip("()"))
    if numerator is None or denominator is None:
        return None
    si = f"({denominator[1]})" if "." in denominator[1] else denominator[1]
    return (numerator[0] / denominator[0], 0.0, f"{numerator[1]}/{si}")


def _product_conversion(code: str) -> tuple[float, str] | None:
    """(factor, SI units' code) of units multiplied: km.kg, and cm2 where only cm is listed."""
    factor, units = 1.0, []
    for part in code.split(".") if code else ():
        conversion, exponent = si_conversion(part), ""
        if conversion is None and part[-1:] in ("2", "3"):
            conversion, exponent = si_conversion(part[:-1]), part[-1]
        if conversion is None or conversion[1]:
            return None
        factor *= conversion[0] ** int(exponent or 1)
        units.append(conversion[2] + exponent)
    return (factor, ".".join(units))


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
