"""Source text → Document. One file a format, with its parts under its name; `parse` picks it.

The order inside: words and small parts; then what reads one thing (a reference, an anchor, a table,
the marks of a format); then `assemble`, which makes the document; then the parts that tell it what
they meet, from a link's address up to the blocks; then the formats, and `parse`.
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
    ("assemble", "markdown_notes"),
    ("works", "markdown_page", "wikitext_page"),
    (
        "markdown_targets",
        "markdown_entries",
        "wikitext_files",
        "wikitext_tables",
        "wikitext_entries",
        "wikitext_choices",
    ),
    ("markdown_files", "markdown_tables", "wikitext_links", "wikitext_blocks"),
    ("markdown_links", "markdown_leftovers", "wikitext_boxes"),
    ("markdown_tags", "markdown_blocks", "wikitext_shown"),
    ("markdown_inline",),
    ("markdown", "wikitext", "plaintext"),
    ("parse",),
)
