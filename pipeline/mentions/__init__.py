"""Document → Mentions. One folder a kind; the kinds do not import each other.

Order inside: `numerals`, `found` < `lexemes` < the kinds (`date`, `number`, `place`) < `find`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("numerals", "found"),
    ("lexemes",),
    ("date", "number", "place"),
    ("find",),
)
