"""Source text → Document. One file a format; `parse` picks it.

Order inside: `reference_parts`, `wiki`, `wikitext_templates`, `wikitext_functions` < `sentences`, `anchors`,
`references`, `markdown_scan`, `wikitext_scan`, `table_rows`, `aligned_tables` < `assemble` < the formats < `parse`.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("reference_parts", "wiki", "wikitext_templates", "wikitext_functions"),
    (
        "sentences",
        "anchors",
        "references",
        "markdown_scan",
        "wikitext_scan",
        "table_rows",
        "aligned_tables",
    ),
    ("assemble",),
    ("markdown", "wikitext", "plaintext"),
    ("parse",),
)
