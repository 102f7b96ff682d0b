"""Cells of files that people open in a spreadsheet: none may act as a formula, and each comes back as it was.

A text that a spreadsheet would take for a formula gets an apostrophe in front. Texts that already look so get one more, so that
taking one away always gives the text itself.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

_FORMULA: Final = re.compile(r"'*[=+\-@\t\r]")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?")
_MARKED: Final = r"^'('*[=+\-@\t\r])"


def safe(text: str) -> str:
    """A text for CSV: with an apostrophe where it could act as a formula. Plain numbers, negative ones too, stay."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def safe_in_sheet(text: str) -> str:
    """A text for a cell written as text, which never acts: an apostrophe only where taking one away would change it."""
    return f"'{text}" if text.startswith("'") and _FORMULA.match(text) else text


def plain(text: str) -> str:
    """The text that was made safe."""
    return re.sub(_MARKED, r"\1", text)


def plain_cells(name: str) -> pl.Expr:
    """The same for a column of texts."""
    return pl.col(name).str.replace(_MARKED, "$1")
