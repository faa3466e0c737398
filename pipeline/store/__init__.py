"""Tables → files: published whole or not at all, with every earlier state kept.

Under the output folder a refresh owns `parquet/`, `csv/`, `report/`, `datapackage.json`,
`places.geojson`, `manifest.json` and `history/`, and while it runs `.staging/` and `.lock`; it
touches nothing else there. `publish.begin` opens a refresh, `reading` and `history` look at what
is there. Every change of a file goes through `files`. `remote` keeps an output at a URL by way of a
working copy.
"""

FLOORS: tuple[tuple[str, ...], ...] = (
    ("files", "sheets"),
    ("deltas",),
    ("parts",),
    ("manifest", "show"),
    ("descriptor", "reading"),
    ("history",),
    ("publish",),
    ("remote",),
)
