"""Runs by hand for cases, in a home of their own: what a night would write of loans, without a book that leads to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from daihou.runs import store
from desk.casework.made import BRANCH

if TYPE_CHECKING:
    from daihou.book.home import Home

FIRST: Final = dt.date(2026, 3, 2)
LATE: Final = {"state": "overdue", "overdue_amount": 100_000, "charges_accrued": 5_000, "total_claim": 105_000}
PAID: Final = {
    "state": "current", "dpd": 0, "unpaid_due_dates": 0, "overdue_amount": 0, "charges_accrued": 0, "total_claim": 0,
    "first_payment_missed": False,
}  # fmt: skip
"""What a loan says once nothing is overdue."""


def day(number: int) -> dt.date:
    """The dates of the runs: 0 is the first."""
    return FIRST + dt.timedelta(days=number)


@dataclass
class Nights:
    """The loans of a home as they are now, and the runs that told of them."""

    home: Home
    loans: dict[str, dict[str, Any]] = field(default_factory=dict)
    batch: int = 0

    def loan(self, loan_id: str, borrower_id: str, dpd: int = 20, **more: Any) -> None:
        """A loan from now on: 1,000.00 overdue for so many days with 50.00 charged, 10,000.00 outstanding, unless said otherwise."""
        stated = {
            "loan_id": loan_id, "borrower_id": borrower_id, "org_id": BRANCH, "officer_id": "", "product": "consumer", "currency": "CNY",
            "dpd": dpd, "unpaid_due_dates": (dpd + 29) // 30, "principal_outstanding": 1_000_000, "principal_outstanding_base": 1_000_000,
            "first_payment_missed": False, **LATE,
        }  # fmt: skip
        self.loans[loan_id] = stated | more

    def change(self, loan_id: str, **more: Any) -> None:
        """What is said otherwise of a loan from now on."""
        self.loans[loan_id] |= more

    def paid(self, loan_id: str, on: dt.date, **more: Any) -> None:
        """A loan brought up to date by a payment."""
        self.change(loan_id, **PAID, last_paid_on=on, **more)

    def age(self, days: int) -> None:
        """Days past due rise by so many, where there are some."""
        for loan in self.loans.values():
            if loan["dpd"]:
                loan["dpd"] += days
                loan["unpaid_due_dates"] = (loan["dpd"] + 29) // 30

    def run(self, number: int, *, said: bool = True) -> None:
        """Run a date; run again, it stands in the place of the first."""
        on = day(number)
        self.batch += 1
        exposure: dict[str, int] = {}
        for loan in self.loans.values():
            exposure[loan["borrower_id"]] = exposure.get(loan["borrower_id"], 0) + loan["principal_outstanding_base"]
        tables = {
            "snapshots": list(self.loans.values()),
            "borrower_snapshots": [{"borrower_id": key, "exposure": value} for key, value in exposure.items()],
        }
        files = {
            name: [store.write(self.home, name, on, on, [pa.Table.from_pylist(rows, store.SCHEMAS[name])])]
            for name, rows in tables.items()
        }
        record = {"as_of": on, "known_on": on, "batch": self.batch, "said": said, "follows": None}
        store.put(self.home, {(on, on): files}, {(on, on): record})
