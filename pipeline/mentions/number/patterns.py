"""The forms of numbers, as spaCy `Matcher` patterns, each with its rule's id.

A pattern is a line of word classes (the `class` of signs.csv, or the file a word is from);
`?` marks one that may be missing. What they count with is one token, an `amount`, made of

    NUM more? NUM? multiplier?      12   3.5万   二十余万   十几   15k   6×10²³

and spaces count only between two amounts. `FOLLOWER` is any class that says what an amount is
of; it names the rule (`measure-range`), and `TAKEN` one that makes it something else.
"""

from __future__ import annotations

from collections.abc import Sequence

# Class of the follower → what its rules are called.
FOLLOWERS = {
    "unit": "measure",
    "classifier": "count",
    "currency": "money",
    "percent": "percent",
    "permille": "percent",
    "age": "age",
    "times": "multiple",
}
TAKEN = ("time", "name")

RULES: dict[str, str] = {
    "measure": "An amount of a unit",
    "measure-range": "Two amounts of a unit, the unit once or twice",
    "measure-list": "Neighbouring amounts of a unit: one or the other",
    "count": "An amount with a classifier",
    "count-range": "Two amounts with a classifier, given once or twice",
    "count-list": "Neighbouring amounts with a classifier: one or the other",
    "count-noun": "An amount of a noun that needs no classifier",
    "count-noun-list": "Neighbouring large amounts of a noun that needs no classifier",
    "count-noun-range": "Two amounts of a noun that needs no classifier",
    "money": "An amount of a currency, named before or after it",
    "money-parts": "An amount of a currency and of its parts",
    "money-range": "Two amounts of a currency, named once or twice",
    "money-list": "Neighbouring amounts of a currency: one or the other",
    "percent": "Hundredths",
    "percent-range": "Two amounts of hundredths",
    "percent-list": "Neighbouring amounts of hundredths: one or the other",
    "tenths": "Tenths (成), and prices in tenths (折)",
    "age": "Years of age",
    "age-range": "Two ages",
    "age-list": "Neighbouring ages: one or the other",
    "multiple": "How many times as much",
    "multiple-range": "Between how many times as much",
    "multiple-list": "Neighbouring multiples: one or the other",
    "fraction": "Numerator over denominator, in words or with a slash",
    "fraction-range": "Two fractions of one denominator",
    "fraction-measure": "A fraction of a unit",
    "half": "One half",
    "fraction-short": "A fraction without 之: 三分一",
    "half-follower": "Half of a unit, a currency or what a classifier counts",
    "ordinal": "A place in an order",
    "ordinal-range": "From one place in an order to another",
    "ratio": "One number to another: proportions, scales, scores",
    "power": "A number to a power: 2^10, 2的10次方",
    "measure-parts": "An amount of a unit and of a smaller one: 5英尺10英寸, 1米80, 6'2\"",
    "between": "Two amounts and what lies between",
    "plus-minus": "An amount either way",
    "count-lost": "Games lost beside those won: 44勝38負",
    "count-great": "How many great ones there are: 六大工業區",
    "vague": "An order of magnitude: 數百, 幾十萬",
    "number": "A number alone, where the words around it say that it counts",
    "number-range": "Two numbers alone",
    "bounds": "One number at least and another at most",
}
"""Rule id → what it finds. Ids that begin with `not-` claim words for other kinds and are no rules."""


_FORMS: dict[str, tuple[str, ...]] = {
    "FOLLOWER": ("amount FOLLOWER half?",),
    "FOLLOWER-range": (
        "amount FOLLOWER? range amount FOLLOWER",
        "amount FOLLOWER? range range amount FOLLOWER",
        "amount FOLLOWER? range minus amount FOLLOWER",
    ),
    "FOLLOWER-list": ("amount list amount FOLLOWER", "amount or amount FOLLOWER"),
    "measure": ("amount classifier unit half?", "amount amount half?"),
    "count-noun": ("amount noun",),
    "count-noun-list": ("amount list amount noun?", "amount or amount noun?"),
    "count-noun-range": ("amount range amount noun",),
    "money": ("currency amount currency?", "amount currency currency"),
    "money-parts": (
        "amount currency and_fraction? amount currency",
        "amount currency amount",
        "amount currency and_fraction? amount currency amount currency",
    ),
    "money-range": (
        "currency amount range currency? amount currency?",
        "currency amount currency range currency? amount currency",
        "amount currency amount currency range amount currency amount currency",
        "amount currency amount currency range amount currency amount currency amount currency",
    ),
    "tenths": (
        "amount tenth",
        "amount tenth amount",
        "amount tenth half",
        "amount discount",
        "amount range amount tenth",
        "half tenth",
        "half discount",
        "discount",
    ),
    "fraction": (
        "amount of amount",
        "amount of minus amount",
        "amount and_fraction amount of amount",
        "amount slash amount",
        "amount space amount slash amount",
        "vulgar",
        "amount vulgar",
    ),
    "fraction-range": ("amount of amount range amount", "amount of amount range amount of amount"),
    "fraction-measure": (
        "amount of amount unit",
        "amount slash amount unit",
        "vulgar unit",
        "amount vulgar unit",
    ),
    "fraction-short": ("amount FOLLOWER amount unit?",),
    "half": ("one_half",),
    "half-follower": ("half FOLLOWER",),
    "ordinal": ("ordinal amount classifier?",),
    "ordinal-range": (
        "ordinal amount range ordinal? amount classifier?",
        "ordinal amount classifier range ordinal? amount classifier",
    ),
    "ratio": ("amount ratio amount", "amount ratio amount ratio amount"),
    "power": (
        "amount power amount",
        "amount power range amount",
        "amount power minus amount",
        "amount power amount to_power",
        "amount power minus amount to_power",
    ),
    "measure-parts": (
        "amount unit amount unit",
        "amount unit amount",
        "amount foot amount inch",
    ),
    "between": ("amount FOLLOWER? and amount FOLLOWER? between",),
    "plus-minus": ("plus_minus amount FOLLOWER?", "amount plus_minus amount FOLLOWER?"),
    "count-great": ("amount great",),
    "count-lost": ("amount minus",),
    "vague": ("vague FOLLOWER?",),
    "number": ("amount",),
    "number-range": ("amount range amount",),
    "not-taken": (
        "amount TAKEN",
        "amount range amount TAKEN",
        "amount list amount TAKEN",
        "amount classifier half? time",
        "amount classifier more time",
        "ordinal amount time",
        "vague TAKEN",
        "half classifier? time",
    ),
}


def forms() -> dict[str, list[list[dict[str, str]]]]:
    """Form id → its patterns, for `Matcher.add`."""
    return {form: [_pattern(line) for line in lines] for form, lines in _FORMS.items()}


def rule_of(form: str, classes: Sequence[str]) -> str:
    """The rule that a form of words of such classes is: FOLLOWER-range, unit → measure-range."""
    if not form.startswith("FOLLOWER"):
        return form
    follower = next(name for name in reversed(classes) if name in FOLLOWERS)
    return FOLLOWERS[follower] + form.removeprefix("FOLLOWER")


def tag_of(name: str) -> str:
    """What a class of words is for the forms besides itself."""
    return "FOLLOWER" if name in FOLLOWERS else "TAKEN" if name in TAKEN else "-"


def _pattern(line: str) -> list[dict[str, str]]:
    pattern = []
    for token in line.split():
        name = token.removesuffix("?")
        spec = {"TAG" if name.isupper() else "ORTH": name}
        pattern.append({**spec, "OP": "?"} if token.endswith("?") else spec)
    return pattern
