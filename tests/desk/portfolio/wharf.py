"""The book of the wharf: Harbour Branch with a head office above, a street below, and loans that are hard on a desk.

Runs: the ends of November 2025 and of January to April 2026 (none of December), the 15th of April, and both April and March once more
as known on 2026-05-04.

E1 E2  the borrower of A1 in yen and in dollars.   M1  went from the harbour to the slope, and to another officer, in March.
P1  paid off at once with two instalments to come.   G1  past due, within its grace.   Q1  called in whole.
T1  a cent short, within what the house tolerates.   T2  due on a holiday, so two days later, and late.   V1  a charge taken back, an extension sent twice, a refund.
H1  in an org nobody knows.   Z…  numbers, products and officers that a spreadsheet would compute.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from books import harbour
from daihou.book.home import Home, open_home
from daihou.runs.nightly import run_all

if TYPE_CHECKING:
    from pathlib import Path

END: Final = harbour.END
MARCH: Final = date(2026, 3, 31)
LATER: Final = harbour.LATER
OWN: Final = [date(2025, 11, 30), date(2026, 1, 31), date(2026, 2, 28), MARCH, date(2026, 4, 15), END]
PAIRS: Final = [*((day, day) for day in OWN), (MARCH, LATER), (END, LATER)]

ORGS: Final = """\
org_id,name,parent_id,known_on
HQ,Head office,,2025-01-01
harbour,Harbour,HQ,2025-01-01
hill,Hill,HQ,2025-01-01
slope,Slope,hill,2025-01-01
"""
LOANS: Final = """\
loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,officer_id,grace_days,asset_class,effective_on,known_on
E1,B1,trade,90000,2026-01-10,2026-07-10,JPY,slope,O1,,corporate,,2026-01-10
E2,B1,trade,70.00,2026-01-10,2026-03-10,USD,harbour,O1,,corporate,,2026-01-10
M1,B9,auto,200.00,2025-11-05,2026-05-05,CNY,harbour,O1,,personal,,2025-11-05
M1,B9,auto,200.00,2025-11-05,2026-05-05,CNY,slope,O2,,personal,2026-03-10,2026-03-10
P1,B9,auto,300.00,2026-01-05,2026-04-05,CNY,hill,O2,,personal,,2026-01-05
G1,B10,auto,100.00,2026-01-25,2026-04-25,CNY,hill,O2,10,personal,,2026-01-25
Q1,B10,shop,300.00,2026-01-31,2026-12-31,CNY,slope,O2,,small_business,,2026-01-31
T1,B11,snug,100.00,2026-01-01,2026-04-01,CNY,harbour,O3,,personal,,2026-01-01
T2,B11,snug,100.00,2026-01-01,2026-05-05,CNY,harbour,O3,,personal,,2026-01-01
V1,B11,auto,100.00,2026-01-01,2026-06-01,CNY,harbour,O3,,personal,,2026-01-01
H1,B12,auto,60.00,2026-02-01,2026-08-01,CNY,,,,personal,,2026-02-01
Z=1,=B13,@sum(1),10.00,2026-02-01,2026-08-01,CNY,harbour,=cmd|'/c calc'!A1,,personal,,2026-02-01
-Z2,+B14,+auto,11.00,2026-02-01,2026-08-01,CNY,harbour,-2+3,,personal,,2026-02-01
"""
BORROWERS: Final = """\
borrower_id,kind,region,known_on
B9,person,Ningbo,2025-11-05
B10,person,Osaka,2026-01-25
=B13,company,=1+1,2026-02-01
"""
INSTALMENTS: Final = """\
loan_id,seq,due_on,principal,interest,effective_on,known_on
E1,1,2026-07-10,90000,900,,2026-01-10
E2,1,2026-03-10,70.00,1.00,,2026-01-10
M1,1,2026-02-05,100.00,2.00,,2025-11-05
M1,2,2026-05-05,100.00,1.00,,2025-11-05
P1,1,2026-02-05,100.00,3.00,,2026-01-05
P1,2,2026-03-05,100.00,2.00,,2026-01-05
P1,3,2026-04-05,100.00,1.00,,2026-01-05
G1,1,2026-04-25,100.00,1.00,,2026-01-25
Q1,1,2026-03-31,100.00,3.00,,2026-01-31
Q1,2,2026-06-30,100.00,2.00,,2026-01-31
Q1,3,2026-12-31,100.00,1.00,,2026-01-31
T1,1,2026-04-01,100.00,1.00,,2026-01-01
T2,1,2026-04-05,50.00,1.00,,2026-01-01
T2,2,2026-05-05,50.00,1.00,,2026-01-01
V1,1,2026-03-01,50.00,1.00,,2026-01-01
V1,2,2026-06-01,50.00,1.00,,2026-01-01
H1,1,2026-08-01,60.00,1.00,,2026-02-01
Z=1,1,2026-08-01,10.00,1.00,,2026-02-01
-Z2,1,2026-03-01,11.00,1.00,,2026-02-01
"""
PAYMENTS: Final = """\
payment_id,loan_id,paid_on,amount,purpose,known_on
P1-1,P1,2026-02-05,103.00,,2026-02-05
P1-2,P1,2026-02-20,202.00,payoff,2026-02-20
T1-1,T1,2026-04-01,100.99,,2026-04-01
1,V1,2026-03-04,51.00,,2026-03-04
V1-2,V1,2026-03-20,60.00,,2026-03-20
V1-3,V1,2026-04-02,70.00,refund,2026-04-02
V1-4,V1,2026-04-03,10.00,,2026-04-03
"""
CHANGES: Final = """\
change_id,loan_id,kind,effective_on,interest,known_on
Q1-A,Q1,acceleration,2026-04-10,,2026-04-10
1,V1,waiver,2026-03-02,0.50,2026-03-02
V1-E,V1,extension,2026-03-15,,2026-03-15
"""
CHANGES_AGAIN: Final = """\
change_id,loan_id,kind,effective_on,interest,known_on
V1-E,V1,extension,2026-03-16,,2026-03-18
"""
CHARGES: Final = """\
charge_id,loan_id,kind,from_on,amount,reverses,known_on
V1-C,V1,penalty_interest,2026-03-05,2.00,,2026-03-05
V1-D,V1,penalty_interest,2026-03-05,2.00,V1-C,2026-03-10
V1-F,V1,legal_cost,2026-04-05,3.00,,2026-04-05
"""
PROFILE: Final = """\
profile: bank
meaning: The wharf tolerates a cent on one product, and moves its due dates to working days.
standing_days: 31
products:
  snug:
    - from: 1900-01-01
      owner: the wharf
      move_holidays: true
      tolerance: 0.01
names:
  auto: {en: Car loan, zh: 车贷}
"""
STORY: Final = {
    "orgs": ORGS, "loans": LOANS, "borrowers": BORROWERS, "instalments": INSTALMENTS, "payments": PAYMENTS, "changes": CHANGES,
    "charges": CHARGES,
}  # fmt: skip


def quiet(_stage: str, _done: int, _all: int) -> None:
    """Show nothing."""


def build(folder: Path) -> Home:
    """The wharf taken in and run."""
    home = open_home(folder / "home", {})
    (home.path / "policies").mkdir(exist_ok=True)
    (home.path / "policies" / "bank.yaml").write_text(PROFILE, "utf-8")
    harbour.send(home, folder, harbour.STORY)
    harbour.send(home, folder, STORY)
    harbour.send(home, folder, {"changes": CHANGES_AGAIN})
    harbour.send(home, folder, harbour.NEWS)
    run_all(home, PAIRS, quiet)
    return home
