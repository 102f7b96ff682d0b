"""The book of Harbour Branch: ten loans, each with a story, told up to 2026-04-30 and then a little later.

A1  a car, three instalments. The first paid two days late, the second paid but the money bounced a week later, the third put off by an
    extension; on 04-20 half of what is due comes in, and the branch hears of it on the 22nd. On 05-02 it learns that the rest
    had been paid on 04-30.
C1  a card: one bill met, two not.
R1  a shop that only reports its own figures; those of April come on 05-02.
J1  a loan in yen, as agreed.   U1  one in dollars, late; the rate of the day comes a day later.
W1  written off in January; a court brings back a part in March.
N1  no plan, no bill, no figures: cannot be measured.
D1  paid and done.   F1  signed, paid out in May.   S1  sold on 04-01.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from daihou.book.home import open_home
from daihou.book.intake import deliver
from once import once

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

    from daihou.book.home import Home

END: Final = date(2026, 4, 30)
LATER: Final = date(2026, 5, 4)

LOANS: Final = """\
loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,asset_class,repayment_method,known_on
A1,B1,auto,300.00,2026-01-01,2026-03-31,CNY,harbour,personal,annuity,2026-01-01
C1,B2,card,5000.00,2025-12-01,,CNY,harbour,card,revolving,2025-12-01
R1,B3,shop,20000.00,2025-11-01,2027-11-01,CNY,harbour,small_business,bullet,2025-11-01
J1,B4,trade,1000000,2025-10-01,2026-09-30,JPY,harbour,corporate,bullet,2025-10-01
U1,B5,trade,1000.00,2025-10-15,2026-04-15,USD,hill,corporate,bullet,2025-10-15
W1,B6,auto,400.00,2025-01-01,2025-06-30,CNY,harbour,personal,bullet,2025-01-01
N1,B7,shop,900.00,2026-02-01,2027-02-01,CNY,hill,small_business,bullet,2026-02-01
D1,B1,auto,50.00,2026-01-01,2026-02-28,CNY,harbour,personal,bullet,2026-01-01
F1,B1,auto,80.00,2026-05-15,2026-08-15,CNY,harbour,personal,bullet,2026-04-28
S1,B8,shop,600.00,2025-12-30,2026-06-30,CNY,hill,small_business,bullet,2025-12-30
"""
BORROWERS: Final = """\
borrower_id,kind,region,known_on
B1,person,Ningbo,2026-01-01
B5,company,Osaka,2025-10-01
"""
INSTALMENTS: Final = """\
loan_id,seq,due_on,principal,interest,effective_on,known_on
A1,1,2026-01-31,100.00,3.00,,2026-01-01
A1,2,2026-02-28,100.00,2.00,,2026-01-01
A1,3,2026-03-31,100.00,1.00,,2026-01-01
A1,3,2026-06-30,100.00,4.00,2026-04-10,2026-04-10
J1,1,2026-03-31,500000,1000,,2025-10-01
J1,2,2026-09-30,500000,500,,2025-10-01
U1,1,2026-04-15,1000.00,10.00,,2025-10-15
W1,1,2025-06-30,400.00,20.00,,2025-01-01
D1,1,2026-02-28,50.00,1.00,,2026-01-01
F1,1,2026-08-15,80.00,2.00,,2026-04-28
S1,1,2026-06-30,600.00,9.00,,2025-12-30
"""
PAYMENTS: Final = """\
payment_id,loan_id,paid_on,amount,purpose,payer_kind,reverses,known_on
A1-1,A1,2026-02-02,103.00,,,,2026-02-02
A1-2,A1,2026-02-28,102.00,,,,2026-02-28
A1-2R,A1,2026-03-05,102.00,,,A1-2,2026-03-05
A1-3,A1,2026-04-20,50.00,,,,2026-04-22
C1-1,C1,2026-01-20,100.00,,,,2026-01-20
C1-2,C1,2026-03-15,60.00,,,,2026-03-15
J1-1,J1,2026-03-31,501000,,,,2026-03-31
W1-1,W1,2026-03-20,150.00,recovery,court,,2026-03-20
D1-1,D1,2026-02-27,51.00,,,,2026-02-27
X1-1,X1,2026-04-25,7.00,,,,2026-04-25
"""
CHANGES: Final = """\
change_id,loan_id,kind,effective_on,interest,known_on
A1-E,A1,extension,2026-04-10,,2026-04-10
W1-W,W1,write_off,2026-01-15,20.00,2026-01-15
S1-T,S1,transfer_out,2026-04-01,,2026-04-01
"""
BILLS: Final = """\
loan_id,bill_on,due_on,balance,minimum_due,known_on
C1,2026-01-10,2026-01-30,1000.00,100.00,2026-01-10
C1,2026-02-10,2026-03-02,1400.00,140.00,2026-02-10
C1,2026-03-10,2026-03-30,1500.00,150.00,2026-03-10
"""
STANDINGS: Final = """\
loan_id,as_of,dpd,principal_outstanding,known_on
R1,2026-03-31,12,18000.00,2026-03-31
"""
RATES: Final = """\
currency,rate_on,rate,known_on
USD,2026-04-01,7.10,2026-04-01
JPY,2026-04-29,0.048,2026-04-29
"""
TOTALS: Final = """\
as_of,org_id,product,currency,loans,balance,overdue,known_on
2026-04-30,,,CNY,4,19592.01,142.00,2026-04-30
2026-04-30,hill,,USD,1,1000.00,1010.00,2026-04-30
2026-04-30,harbour,card,CNY,2,1440.00,90.00,2026-04-30
"""
STORY: Final = {
    "loans": LOANS, "borrowers": BORROWERS, "instalments": INSTALMENTS, "payments": PAYMENTS, "changes": CHANGES, "bills": BILLS,
    "standings": STANDINGS, "fx_rates": RATES, "control_totals": TOTALS,
}  # fmt: skip
"""What the branch knew by 2026-04-30, by table."""

NEWS: Final = {
    "payments": "payment_id,loan_id,paid_on,amount,known_on\nA1-4,A1,2026-04-30,52.00,2026-05-02\n",
    "standings": "loan_id,as_of,dpd,principal_outstanding,known_on\nR1,2026-04-30,42,18000.00,2026-05-02\n",
    "fx_rates": "currency,rate_on,rate,known_on\nUSD,2026-04-30,7.20,2026-05-01\n",
}
"""What it learned in the days after, of the days before."""


def taken_in(factory: pytest.TempPathFactory) -> Path:
    """The home of the story before its first run, taken in once for all workers: copy it, never write to it."""
    return once(factory, "harbour", lambda folder: send(open_home(folder / "home", {}), folder, STORY)) / "home"


def send(home: Home, folder: Path, tables: Mapping[str, str], today: date = LATER) -> None:
    """Take in rows, a file a table, each of them good."""
    for table, text in tables.items():
        path = folder / f"{table}.csv"
        path.write_text(text, "utf-8")
        report = deliver(home, [path], table, today=today)
        assert not report.quarantined, report.examples
