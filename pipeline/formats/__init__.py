"""Source text → Document. One file a format; `parse` picks it.

The order inside: words and small parts; then what reads one thing (a reference, an anchor, a table,
the marks of a format); then `assemble`, which makes the document; then the formats, and `parse`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("reference_parts", "wiki", "wikitext_templates", "wikitext_functions"),
    ("reference_pieces", "reference_templates", "wikitext_scan"),
    ("reference_forms",),
    ("references",),
    (
        "sentences",
        "anchors",
        "short_notes",
        "markdown_scan",
        "wikitext_notes",
        "table_rows",
        "aligned_tables",
    ),
    ("assemble",),
    ("works",),
    ("markdown", "wikitext", "plaintext"),
    ("parse",),
)
