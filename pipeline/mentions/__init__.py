"""Document → Mentions. One folder a kind; the kinds do not import each other.

Order inside: `wordlists`, `numerals`, `found` < `lexemes` < the kinds (`date`, `number`, `place`) < `find`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("wordlists", "numerals", "found"),
    ("lexemes",),
    ("date", "number", "place"),
    ("find",),
)
