"""The forms of numbers, as spaCy `Matcher` patterns over lexemes, each with its rule's id.

A pattern is a line of word classes (the `class` of signs.csv, or the file a word is from);
`?` marks one that may be missing. AMOUNT is what all of them count with:

    NUM more? NUM? multiplier? space?      12   3.5万   二十余万   十几   15k   6×10²³

Every form with a unit is made for each of the things that can stand there (`FOLLOWERS`).
"""

from __future__ import annotations

AMOUNT = "NUM more? NUM? multiplier? space?"

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
    "half": "One half",
    "half-follower": "Half of a unit, a currency or what a classifier counts",
    "ordinal": "A place in an order",
    "ordinal-range": "From one place in an order to another",
    "ratio": "One number to another: proportions, scales, scores",
    "between": "Two amounts and what lies between",
    "plus-minus": "An amount either way",
    "vague": "An order of magnitude: 數百, 幾十萬",
    "number": "A number alone, where the words around it say that it counts",
    "number-range": "Two numbers alone",
}
"""Rule id → what it finds. Ids that begin with `not-` claim words for other kinds and are no rules."""


def forms() -> dict[str, list[list[dict[str, str]]]]:
    """Rule id → its patterns, for `Matcher.add`."""
    lines: dict[str, list[str]] = {}

    def form(rule: str, *tokens: str) -> None:
        lines.setdefault(rule, []).extend(tokens)

    for follower, rule in FOLLOWERS.items():
        form(rule, f"{AMOUNT} {follower} half?")
        form(
            f"{rule}-range",
            f"{AMOUNT} range space? {AMOUNT} {follower}",
            f"{AMOUNT} {follower} range space? {AMOUNT} {follower}",
        )
        if follower in ("unit", "percent"):
            for sign in ("range", "minus"):
                form(f"{rule}-range", f"{AMOUNT} {follower}? range {sign} {AMOUNT} {follower}")
        form(
            f"{rule}-list", f"NUM list NUM more? space? {follower}", f"NUM or NUM space? {follower}"
        )
    form("measure", f"{AMOUNT} classifier unit half?", "NUM more? NUM half?")
    form("count", f"{AMOUNT} classifier half")
    form("count-noun", f"{AMOUNT} noun")
    form("count-noun-range", f"{AMOUNT} range space? {AMOUNT} noun")
    form("money", f"currency space? {AMOUNT} currency?")
    form(
        "money-parts",
        f"{AMOUNT} currency and_fraction? NUM currency",
        f"{AMOUNT} currency and_fraction? NUM currency NUM currency",
    )
    form(
        "money-range",
        f"currency space? {AMOUNT} range space? currency? {AMOUNT} currency?",
        f"{AMOUNT} currency and_fraction? NUM currency range NUM currency and_fraction? NUM currency",
        f"{AMOUNT} currency NUM currency range NUM currency NUM currency NUM currency",
    )
    form(
        "tenths", f"{AMOUNT} tenth", f"{AMOUNT} discount", "half tenth", "half discount", "discount"
    )
    form("tenths", f"{AMOUNT} range {AMOUNT} tenth")
    form("percent", f"{AMOUNT} permille")
    form(
        "percent-range",
        f"{AMOUNT} range {AMOUNT} permille",
        f"{AMOUNT} permille range {AMOUNT} permille",
    )
    form(
        "fraction",
        "NUM space? of space? NUM multiplier?",
        "NUM space? of minus NUM",
        "NUM space? and_fraction space? NUM space? of space? NUM",
        "NUM slash NUM",
        "NUM space NUM slash NUM",
        "vulgar",
        "NUM vulgar",
    )
    form("fraction-range", "NUM of NUM range NUM", "NUM of NUM range NUM of NUM")
    form(
        "fraction-measure",
        "NUM of NUM space? unit",
        "NUM slash NUM space? unit",
        "vulgar space? unit",
        "NUM vulgar space? unit",
    )
    form("half", "one_half")
    for follower in ("unit", "classifier", "currency", "times"):
        form("half-follower", f"half {follower}")
    form("ordinal", "ordinal space? NUM", "ordinal space? NUM space? classifier")
    form(
        "ordinal-range",
        "ordinal NUM range ordinal? NUM classifier?",
        "ordinal NUM classifier range ordinal? NUM classifier",
    )
    form("ratio", "NUM space? ratio space? NUM", "NUM ratio NUM ratio NUM")
    for follower in ("", " unit", " classifier", " currency", " percent", " age"):
        form(
            "between",
            f"{AMOUNT}{follower and follower + '?'} and space? {AMOUNT}{follower} between",
        )
    for follower in ("", " unit", " percent"):
        form("plus-minus", f"plus_minus space? {AMOUNT}{follower}")
        form("plus-minus", f"{AMOUNT} plus_minus space? {AMOUNT}{follower}")
    form(
        "vague",
        "vague",
        "vague classifier",
        "vague unit",
        "vague currency",
        "vague times",
        "vague age",
    )
    form("number", AMOUNT.removesuffix(" space?"))
    form("number-range", "NUM more? NUM? multiplier? range NUM more? NUM? multiplier?")
    form(
        "not-time",
        "vague time",
        "half time",
        "half classifier time",
        f"{AMOUNT} classifier half? time",
    )
    form("not-time", f"{AMOUNT} more classifier time", "ordinal NUM time")
    return {rule: [_pattern(line) for line in patterns] for rule, patterns in lines.items()}


def _pattern(line: str) -> list[dict[str, str]]:
    return [
        {"LEMMA": token.removesuffix("?"), **({"OP": "?"} if token.endswith("?") else {})}
        for token in line.split()
    ]
