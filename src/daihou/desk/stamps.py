"""What names exactly how a table of the lake stands, found without opening it: caches go by it."""

from __future__ import annotations

from daihou.book.lake import stamp as stamp_of

__all__ = ["stamp_of"]
