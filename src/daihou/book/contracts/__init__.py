"""The facts a lender sends: every table, column, choice and meaning, declared once."""

from __future__ import annotations

import difflib

from daihou.book.contracts import (
    accounts,
    borrowers,
    changes,
    findings,
    loans,
    projects,
    repayment,
    reported,
    securities,
    statements,
)
from daihou.book.contracts.table import EFFECTIVE_ON, KNOWN_ON, TYPE_LABELS, Choice, Column, Kind, Table, Type
from daihou.book.errors import DaihouError

__all__ = ["EFFECTIVE_ON", "KNOWN_ON", "TABLES", "TYPE_LABELS", "Choice", "Column", "Kind", "Table", "Type", "table"]

_SUBJECTS = (borrowers, loans, repayment, changes, reported, accounts, statements, findings, securities, projects)

TABLES: dict[str, Table] = {table.name: table for subject in _SUBJECTS for table in subject.TABLES}
"""Every contract table by name, in reading order."""


def table(name: str) -> Table:
    """Return the contract table of that name, or raise DaihouError listing the nearest ones."""
    if name in TABLES:
        return TABLES[name]
    near = difflib.get_close_matches(name, TABLES, n=3) or list(TABLES)
    raise DaihouError(
        f"There is no table '{name}'.",
        f"Use one of: {', '.join(near)}. `daihou contract --list` shows all.",
        "--table",
        zh=(f"没有表“{name}”。", f"可用：{'、'.join(near)}；`daihou contract --list` 列出全部。"),
    )
