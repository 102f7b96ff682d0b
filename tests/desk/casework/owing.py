"""A small home, told from the day of the test: a borrower behind with two loans in yuan and one in dollars, and who guarantees them.

Day 0 is today. L1 of C1: instalments of 1,000.00 and 100.00 interest, two past due, three to come, and 50.00 charged. L2: one instalment of 300.00, past due,
under a facility. L3 in dollars. G1 guarantees L1 as a party, G2 by a guarantee with its period, G3 the facility of L2; the guarantee of G4 has run out.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Final

from daihou.book.business_date import business_date
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.book.ledger.ledger import refresh
from once import once

if TYPE_CHECKING:
    import pytest

    from daihou.book.home import Home

DUE: Final = (-40, -10, 21, 51, 82)
"""When the instalments of L1 are due, in days from today."""
OWED: Final = 225_000
"""What is past due of L1 today, in fen."""


def today() -> dt.date:
    """The business date of the home."""
    return business_date(open_home(Path("/nonexistent"), {}).settings, dt.datetime.now(dt.UTC))


def on(days: int) -> dt.date:
    return today() + dt.timedelta(days=days)


def tables() -> dict[str, str]:
    """The story, by table."""
    known = on(-300)
    rows = "\n".join(f"L1,{seq},{on(due)},1000.00,100.00,{known}" for seq, due in enumerate(DUE, start=1))
    return {
        "loans": "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,facility_id,org_id,known_on\n"
        f"L1,C1,auto,5000.00,{known},{on(82)},CNY,,X1,{known}\n"
        f"L2,C1,auto,300.00,{known},{on(-5)},CNY,F1,X1,{known}\n"
        f"L3,C1,auto,900.00,{known},{on(-5)},USD,,X1,{known}\n",
        "instalments": f"loan_id,seq,due_on,principal,interest,known_on\n{rows}\nL2,1,{on(-5)},300.00,0,{known}\nL3,1,{on(-5)},900.00,0,{known}\n",
        "charges": f"charge_id,loan_id,from_on,kind,amount,known_on\nK1,L1,{on(-8)},penalty_interest,50.00,{on(-8)}\n",
        "parties": f"loan_id,borrower_id,role,known_on\nL1,G1,guarantor,{known}\nL1,P1,co_borrower,{known}\n",
        "guarantees": "guarantee_id,guarantor_id,loan_id,facility_id,form,cap,period_end,known_on\n"
        f"A1,G2,L1,,joint,2000.00,{on(260)},{known}\nA2,G3,,F1,general,,,{known}\nA3,G4,L1,,joint,,{on(-1)},{known}\n",
        "fx_rates": f"currency,rate_on,rate,known_on\nUSD,{on(-20)},7.20,{on(-20)}\n",
    }  # fmt: skip


def _build(folder: Path) -> None:
    home = open_home(folder / "home", {})
    for table, text in tables().items():
        path = folder / f"{table}.csv"
        path.write_text(text, "utf-8")
        report = deliver(home, [path], table, today=today())
        assert not report.quarantined, report.examples
    refresh(home, lambda *_: None)


def built(factory: pytest.TempPathFactory) -> Home:
    """The home, built once for all workers: read it, never write to it."""
    return open_home(once(factory, "owing", _build) / "home", {})
