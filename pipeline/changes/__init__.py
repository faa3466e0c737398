"""Old tables, new tables → which facts changed.

An article whose rows differ is looked at in four steps:

1. Its sentences are matched (`matching`), and spans carried from the old text to the new.
2. Footnotes are paired by what they say and by where they are cited, never by their number.
3. Mentions are paired: same sentence and place, then same value in like surroundings.
4. A pair, or what is left without a partner, is classified:

    added, removed      no partner
    value_changed       the fact itself differs: value, unit, modifier, name … (`field`)
    footnotes_changed   supported (scope `clause`) by other entries than before
    reworded            the same fact in other words
    moved               the same fact, the same sentence, in another order or section

A reference entry is compared in the same way and has `mention_table` `footnotes`.

One edit shall give one change. So a fact that only follows from another, such as 7月24日 whose
year was filled in from a sentence that now says 1942, is left out as a moved one is, unless asked
for: its own words did not change. A sentence in which a value changed is not also `reworded`; in
one that is, only the facts of the clauses that were edited are, or else the nearest one.
"""

from pipeline.changes.comparison import diff
from pipeline.changes.facts import fact
from pipeline.changes.rendering import artifact, render, summary
from pipeline.changes.states import MENTION_TABLES, READ_TABLES, load

__all__ = [
    "FLOORS", "MENTION_TABLES", "READ_TABLES", "artifact", "diff", "fact", "load", "render", "summary",
]  # fmt: skip

FLOORS: tuple[tuple[str, ...], ...] = (
    ("facts",),
    ("entries", "states"),
    ("comparison",),
    ("rendering",),
)
