"""What names exactly how a table of the lake stands, found without opening it: caches go by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def stamp_of(table: Path) -> str:
    """The newest entry of a Delta table's log, by its whole path: changes with every commit, and is found without reading the log."""
    try:
        return max((str(path) for path in (table / "_delta_log").iterdir() if path.suffix == ".json"), default="")
    except FileNotFoundError:
        return ""
