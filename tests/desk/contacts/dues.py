"""A small book of loans that fall due soon, measured on the night of 2026-03-16, and who owes them: what the tests of reminders share."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.runs.nightly import run
from once import once

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from daihou.book.home import Home

NIGHT: Final = dt.date(2026, 3, 16)
KNOWN: Final = "2025-11-01"
EARLIER: Final = (dt.date(2025, 12, 18), dt.date(2026, 1, 18), dt.date(2026, 2, 18))
"""Due dates that have passed, of loans that have a past."""
LATE: Final = {
    "habit": -3,
    "steady": 0,
    "soon": 0,
    "missed": 5,
    "corporate": 0,
    "behind": None,
    "unknown": 0,
    "opted": 0,
}
"""By loan by how many days its instalments were paid after the due date; None: the last one was not. Those of `new` begin this month."""
NEXT: Final = {
    "new": dt.date(2026, 3, 20), "habit": dt.date(2026, 3, 18), "steady": dt.date(2026, 3, 18), "soon": dt.date(2026, 3, 20), "missed": dt.date(2026, 3, 20),
    "corporate": dt.date(2026, 3, 18), "behind": dt.date(2026, 3, 18), "unknown": dt.date(2026, 3, 18), "opted": dt.date(2026, 3, 18),
}  # fmt: skip
"""When each falls due next; today is the 17th."""


def who(loan: str) -> str:
    """The borrower of a loan."""
    return f"C-{loan}"


def tables() -> dict[str, str]:
    """The book, by table: each instalment is 100.00 and 5.00 interest."""
    loans, instalments, payments = [], [], []
    for loan, due in NEXT.items():
        kind = "corporate" if loan == "corporate" else "personal"
        loans.append(f"{loan},{who(loan)},auto,400.00,{KNOWN},2026-12-18,X1,M7,{kind},{KNOWN}")
        past = EARLIER if loan in LATE else ()
        for seq, day in enumerate((*past, due, dt.date(2026, 4, 18)), 1):
            instalments.append(f"{loan},{seq},{day},100.00,5.00,{KNOWN}")
        for seq, day in enumerate(past, 1):
            late = LATE[loan]
            if late is None and day == EARLIER[-1]:
                continue
            paid = day + dt.timedelta(days=late or 0)
            payments.append(f"P-{loan}-{seq},{loan},{paid},105.00,{paid}")
    return {
        "loans": "loan_id,borrower_id,product,principal,disbursed_on,matures_on,org_id,officer_id,asset_class,known_on\n"
        + "\n".join(loans),
        "instalments": "loan_id,seq,due_on,principal,interest,known_on\n" + "\n".join(instalments),
        "payments": "payment_id,loan_id,paid_on,amount,known_on\n" + "\n".join(payments),
    }


def _build(folder: Path) -> None:
    home = open_home(folder / "home", {})
    for table, text in tables().items():
        path = folder / f"{table}.csv"
        path.write_text(f"{text}\n", "utf-8")
        report = deliver(home, [path], table, today=NIGHT)
        assert not report.quarantined, report.examples
    run(home, NIGHT, NIGHT, lambda *_: None)


def built(factory: pytest.TempPathFactory) -> Home:
    """The home, built once for all workers: copy it, never write to it."""
    return open_home(once(factory, "dues", _build) / "home", {})
