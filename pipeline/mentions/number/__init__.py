"""Numbers: words in CSV files, forms in `patterns`, values in `reading`, all joined in `component`.

Order inside: `lexicon` < `units`, `patterns`, `surroundings`, `amounts` < `rates`, `followers` < `results` <
`quantities`, `shares`, `ordinals`, `alone` < `money` < `ranges` < `reading` < `component`.
"""
