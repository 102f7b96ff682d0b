"""Codes that measures answer with, and what they are called: those of the kernels, and those of the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from daihou.book import contracts

if TYPE_CHECKING:
    from daihou.monitoring.catalogue import Choice

STATES: Final[tuple[Choice, ...]] = (
    ("not_started", "Not paid out yet", "尚未发放"), ("current", "Current", "正常"), ("overdue", "Overdue", "逾期"), ("closed", "Closed", "结清"),
    ("written_off", "Written off", "核销"), ("transferred", "Transferred away", "转出"), ("unmeasured", "Not measurable", "无法计量"),
)  # fmt: skip
BASES: Final[tuple[Choice, ...]] = (
    ("schedule", "Plan", "还款计划"), ("bills", "Bills", "账单"), ("reported", "Reported figures", "上报数据"), ("none", "None", "无"),
)  # fmt: skip


def of_contract(table: str, column: str) -> tuple[Choice, ...]:
    """The codes that the contract names for a column; KeyError if there is no such column."""
    for one in contracts.TABLES[table].columns:
        if one.name == column:
            return tuple((choice.code, choice.en, choice.zh) for choice in one.choices)
    raise KeyError(column)
