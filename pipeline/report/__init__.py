"""The published tables as pages that a person opens; `pages.make` writes them.

A page shows what the tables say and nothing else, so equal tables give equal bytes.
"""

from __future__ import annotations

FLOORS: tuple[tuple[str, ...], ...] = (("prose",), ("pages",))
