"""Source text → Document. One file a format; `parse` picks it.

Order inside: `sentences`, `anchors`, `references` < the formats < `parse`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("sentences", "anchors", "references"),
    ("assemble",),
    ("markdown", "wikitext", "plaintext"),
    ("parse",),
)
