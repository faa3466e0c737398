"""Places: words in CSV files, forms in `patterns`, the gazetteer under `data/`, all joined in `component`.

Order inside: `gazetteer`, `lexicon` < `names` < `article` < `scan` < `runs` < `generics`; `scan` < `guards`, `form`;
`patterns`, and all of these < `component`; `resolve` then tells which places the names are.
"""
