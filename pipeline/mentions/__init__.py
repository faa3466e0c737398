"""Document → Mentions. One folder a kind; the kinds do not import each other.

Order inside: `fold` < `numerals`, `lexemes` < the kinds (`date`, `number`, `place`) < `find`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("fold",),
    ("numerals",),
    ("lexemes",),
    ("date", "number", "place"),
    ("find",),
)
