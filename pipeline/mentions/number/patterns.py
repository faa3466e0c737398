"""The forms of numbers, as spaCy `Matcher` patterns, each with its rule's id.

A pattern is a line of word classes (the `class` of signs.csv, or the file a word is from);
`?` marks one that may be missing. What they count with is one token, an `amount`, made of

    NUM more? NUM? multiplier?      12   3.5万   二十余万   十几   15k   6×10²³

and spaces count only between two amounts. Every form with a unit is made for each of the
things that can stand there (`FOLLOWERS`).
"""

from __future__ import annotations

# Class of the follower → what its rules are called.
FOLLOWERS = {
    "unit": "measure",
    "classifier": "count",
    "currency": "money",
    "percent": "percent",
    "age": "age",
    "times": "multiple",
    "time": "not-time",
    "name": "not-name",
}

RULES: dict[str, str] = {
    "measure": "An amount of a unit",
    "measure-range": "Two amounts of a unit, the unit once or twice",
    "measure-list": "Neighbouring amounts of a unit: one or the other",
    "count": "An amount with a classifier",
    "count-range": "Two amounts with a classifier, given once or twice",
    "count-list": "Neighbouring amounts with a classifier: one or the other",
    "count-noun": "An amount of a noun that needs no classifier",
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
    "hal": "One hal",
    "half-follower": "Half of a unit, a currency or what a classifier counts",
    "ordinal": "A place in an order",
    "ordinal-range": "From one place in an order to another",
    "ratio": "One number to another: proportions, scales, scores",
    "between": "Two amounts and what lies between",
    "plus-minus": "An amount either way",
    "vague": "An order of magnitude: 數百, 幾十萬",
    "number": "A number alone, where the words around it say that it counts",
    "number-range": "Two numbers alone",
    "bounds": "One number at least and another at most",
}
"""Rule id → what it finds. Ids that begin with `not-` claim words for other kinds and are no rules."""


def forms() -> dict[str, list[list[dict[str, str]]]]:
    """Rule id → its patterns, for `Matcher.add`."""
    lines: dict[str, list[str]] = {}

    def form(rule: str, *tokens: str) -> None:
        lines.setdefault(rule, []).extend(tokens)

    for follower, rule in FOLLOWERS.items():
        form(rule, f"amount {follower} half?")
        if rule.startswith("not-"):
            continue
        form(
            f"{rule}-range",
            f"amount range amount {follower}",
            f"amount {follower} range amount {follower}",
        )
        if follower in ("unit", "percent"):
            for sign in ("range", "minus"):
                form(f"{rule}-range", f"amount {follower}? range {sign} amount {follower}")
        form(f"{rule}-list", f"amount list amount {follower}", f"amount or amount {follower}")
    form("measure", "amount classifier unit half?", "amount amount half?")
    form("count", "amount classifier half")
    form("count-noun", "amount noun")
    form("count-noun-range", "amount range amount noun")
    form("money", "currency amount currency?", "amount currency currency")
    form(
        "money-parts",
        "amount currency and_fraction? amount currency",
        "amount currency and_fraction? amount currency amount currency",
    )
    form(
        "money-range",
        "currency amount range currency? amount currency?",
        "amount currency and_fraction? amount currency range amount currency and_fraction? amount currency",
        "amount currency amount currency range amount currency amount currency amount currency",
    )
    form("tenths", "amount tenth", "amount discount", "half tenth", "half discount", "discount")
    form("tenths", "amount range amount tenth")
    form("percent", "amount permille")
    form(
        "percent-range",
        "amount range amount permille",
        "amount permille range amount permille",
    )
    form(
        "fraction",
        "amount of amount",
        "amount of minus amount",
        "amount and_fraction amount of amount",
        "amount slash amount",
        "amount space amount slash amount",
        "vulgar",
        "amount vulgar",
    )
    form(
        "fraction-range", "amount of amount range amount", "amount of amount range amount of amount"
    )
    form(
        "fraction-measure",
        "amount of amount unit",
        "amount slash amount unit",
        "vulgar unit",
        "amount vulgar unit",
    )
    form("hal", "one_hal")
    for follower in ("unit", "classifier", "currency", "times"):
        form("half-follower", f"half {follower}")
    form("ordinal", "ordinal amount", "ordinal amount classifier")
    form(
        "ordinal-range",
        "ordinal amount range ordinal? amount classifier?",
        "ordinal amount classifier range ordinal? amount classifier",
    )
    form("ratio", "amount ratio amount", "amount ratio amount ratio amount")
    for follower in ("", " unit", " classifier", " currency", " percent", " age"):
        form(
            "between",
            f"amount{follower and follower + '?'} and amount{follower} between",
        )
    for follower in ("", " unit", " percent"):
        form("plus-minus", f"plus_minus amount{follower}")
        form("plus-minus", f"amount plus_minus amount{follower}")
    form(
        "vague",
        "vague",
        "vague classifier",
        "vague unit",
        "vague currency",
        "vague times",
        "vague age",
    )
    form("number", "amount")
    form("number-range", "amount range amount")
    form(
        "not-time",
        "vague time",
        "half time",
        "half classifier time",
        "amount classifier half? time",
    )
    form("not-time", "amount classifier more time", "amount time more", "ordinal amount time")
    return {rule: [_pattern(line) for line in patterns] for rule, patterns in lines.items()}


def _pattern(line: str) -> list[dict[str, str]]:
    return [
        {"ORTH": token.removesuffix("?"), **({"OP": "?"} if token.endswith("?") else {})}
        for token in line.split()
    ]
