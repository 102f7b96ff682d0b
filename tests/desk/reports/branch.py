"""Harbour Branch with what its own story leaves out: the lender's grades, an account that receives less, and two credit reports of one borrower."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from books import harbour
from daihou.book.home import open_home
from daihou.runs.nightly import run_all

if TYPE_CHECKING:
    from pathlib import Path

MORE: Final = {
    "standings": (
        "loan_id,as_of,grade,known_on\nW1,2026-03-31,loss,2026-04-01\nA1,2026-02-28,pass,2026-03-01\nA1,2026-03-31,special_mention,2026-04-01\n"
        "D1,2026-03-31,pass,2026-04-01\n"
    ),
    "orgs": "org_id,name,parent_id,known_on\nHQ,Head office,,2025-01-01\nharbour,Harbour,HQ,2025-01-01\nhill,Hill,HQ,2025-01-01\n",
    "accounts": "account_id,borrower_id,effective_on,known_on\nT1,B1,2025-01-01,2025-01-01\n",
    "transactions": (
        "txn_id,account_id,booked_at,amount,balance,counterparty_kind,known_on\nX1,T1,2026-02-10T12:00:00+08:00,900.00,1000.00,customer,2026-02-10\n"
        "X2,T1,2026-03-10T12:00:00+08:00,600.00,1600.00,customer,2026-03-10\nX3,T1,2026-04-10T12:00:00+08:00,300.00,1900.00,customer,2026-04-10\n"
    ),
    "bureau_reports": "report_id,borrower_id,queried_on,score,inquiries_3m,known_on\nR1,B1,2026-02-10,640,1,2026-02-10\nR2,B1,2026-04-20,585,5,2026-04-21\n",
    "bureau_lines": (
        "report_id,lender,product,limit,balance,dpd,opened_on,status,known_on\nR1,甲银行,mortgage,500.00,400.00,0,2020-01-01,open,2026-02-10\n"
        "R2,甲银行,mortgage,500.00,390.00,3,2020-01-01,open,2026-04-21\nR2,丙小贷,loan,99.00,90.00,1,2026-04-01,open,2026-04-21\n"
    ),
}  # fmt: skip


def build(source: Path, folder: Path) -> None:
    """The home, taken in and run at the end of April."""
    shutil.copytree(source, folder / "home")
    home = open_home(folder / "home", {})
    harbour.send(home, folder, MORE)
    run_all(home, [(harbour.END, harbour.END)], lambda *_: None)
