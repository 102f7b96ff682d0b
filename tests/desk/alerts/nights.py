"""Runs by hand, in a home of their own: what a night would write, without a book that leads to it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from daihou.runs import store
from daihou.runs.watch.moved import signal_id

if TYPE_CHECKING:
    from daihou.book.home import Home

FIRST: Final = dt.date(2026, 3, 2)
LEVELS: Final = {"R-001": "yellow", "R-002": "orange", "R-003": "red", "R-113": "yellow", "R-999": "blue"}
"""Rules of arrears, one on cash flow, and one that stands in no rulebook."""


def day(number: int) -> dt.date:
    """The dates of the runs: 0 is the first."""
    return FIRST + dt.timedelta(days=number)


@dataclass
class Nights:
    """The runs of a home, and the loans as they are now."""

    home: Home
    loans: dict[str, dict[str, Any]] = field(default_factory=dict)
    memory: dict[dt.date, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """What is open after each date, by the id of its signal."""

    def loan(self, loan_id: str, borrower_id: str, org_id: str = "X1", officer_id: str = "", **more: Any) -> None:
        """A loan as it is from now on; 1,000.00 of it outstanding."""
        stated = {"state": "overdue", "currency": "CNY", "principal_outstanding_base": 100_000, "dpd": 45}
        self.loans[loan_id] = {
            "loan_id": loan_id, "borrower_id": borrower_id, "org_id": org_id, "officer_id": officer_id, **stated, **more,
        }  # fmt: skip

    def run(
        self, number: int, *opened: tuple[str, str], ended: dict[str, str] | None = None, shadow: bool = False, said: bool = True,
        follows: int | None = None,
    ) -> list[str]:  # fmt: skip
        """Run a date: signals of (rule, loan) open, others end by id with their transition. Answers the ids of what opened."""
        on = day(number)
        before = max((one for one in self.memory if one < on), default=None) if follows is None else day(follows)
        held = dict(self.memory[before]) if before else {}
        rows = []
        for rule_id, loan_id in opened:
            loan = self.loans[loan_id]
            row = {
                "signal_id": signal_id(rule_id, 1, loan_id, on), "rule_id": rule_id, "version": 1, "shadow": shadow, "subject": "loan",
                "subject_id": loan_id, "borrower_id": loan["borrower_id"], "org_id": loan["org_id"], "officer_id": loan["officer_id"],
                "currency": "CNY", "balance": 100_000, "level": LEVELS[rule_id], "transition": "opened", "opened_on": on,
                "condition": "dpd > 30", "evidence": '{"dpd": 45}',
            }  # fmt: skip
            held[row["signal_id"]] = row
            rows.append(row)
        for each, transition in (ended or {}).items():
            gone = held.pop(each)
            whose = dict.fromkeys(("borrower_id", "org_id", "officer_id", "balance", "evidence"))
            rows.append({**gone, **(whose if transition != "cleared" else {}), "transition": transition})
        if said:
            self.memory[on] = held
        self._write(on, rows, list(held.values()), said=said, follows=before)
        return [row["signal_id"] for row in rows if row["transition"] == "opened"]

    def _write(
        self, on: dt.date, signals: list[dict[str, Any]], held: list[dict[str, Any]], *, said: bool, follows: dt.date | None
    ) -> None:  # fmt: skip
        exposure: dict[str, int] = defaultdict(int)
        for loan in self.loans.values():
            exposure[loan["borrower_id"]] += loan["principal_outstanding_base"]
        tables = {
            "signals": signals,
            "rule_memory": [{**row, "hits": 1, "clears": 0} for row in held],
            "snapshots": list(self.loans.values()),
            "borrower_snapshots": [{"borrower_id": key, "exposure": value} for key, value in exposure.items()],
        }
        files = {
            name: [store.write(self.home, name, on, on, [pa.Table.from_pylist(rows, store.SCHEMAS[name])])]
            for name, rows in tables.items()
        }
        record = {"as_of": on, "known_on": on, "batch": 1, "said": said, "follows": follows}
        store.put(self.home, {(on, on): files}, {(on, on): record})
