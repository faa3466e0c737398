"""Source text → Document. One file a format; `parse` picks it.

Order inside: `reference_parts` < `sentences`, `anchors`, `references` < the formats < `parse`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("reference_parts",),
    ("sentences", "anchors", "references"),
    ("assemble",),
    ("markdown", "wikitext", "plaintext"),
    ("parse",),
)
