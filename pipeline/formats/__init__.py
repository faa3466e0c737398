"""Source text → Document. One file a format; `parse` picks it.

Order inside: `reference_parts` < `wiki`, `sentences`, `anchors`, `references` < `assemble` < the
formats < `parse`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("reference_parts",),
    ("wiki", "sentences", "anchors", "references"),
    ("assemble",),
    ("markdown", "wikitext", "plaintext"),
    ("parse",),
)
