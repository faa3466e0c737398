"""`pipeline.fold` under the name by which the kinds know it."""

from pipeline.fold import fold, is_han

__all__ = ["fold", "is_han"]
