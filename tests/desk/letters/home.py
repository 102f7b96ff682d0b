"""A small home, run once: what matures, what is overdue, and what nobody asked for in years. Today is Thursday 5 March 2026, the data are of the day before.

L1 of C1: instalments of 1,000.00 and 100.00 interest, two past due, and 50.00 penalty interest; G1 guarantees it as a party, G2 jointly. L2 of C1: 300.00 and
9.50 interest, due whole on Saturday 28 March.
L3 of C2 matured on 10 April 2023, nothing was ever paid. L4 of C2 matured on 1 June 2022, 100.00 was paid on 22 May 2023, of which 40.00 went back; G3 guarantees it
jointly until 1 December 2022, G4 up to a maximum. L5 of C2 matured on 1 June 2022, and nothing of what came was the debtor's to keep: a court's money,
a payment given back in two parts, and one that was reversed. L6 of C3: in dollars, overdue, of another branch.
"""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.test import override_settings
from django.utils import timezone

from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.desk.people.roles import Role
from daihou.desk.vault import people as vault
from daihou.runs.nightly import run_all
from daihou.vault.person import PersonRecord
from desk.conftest import user
from once import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.desk.people.models import User

TODAY: Final = dt.date(2026, 3, 5)
NOW: Final = dt.datetime(2026, 3, 5, 2, tzinfo=dt.UTC)
AS_OF: Final = dt.date(2026, 3, 4)
KNOWN: Final = "2021-06-01"
PLAN: Final = ("2026-01-20", "2026-02-20", "2026-03-20", "2026-04-20", "2026-05-20")
TABLES: Final = {
    "orgs": f"org_id,name,parent_id,known_on\nHQ,Harbour Bank,,{KNOWN}\nX1,East Branch,HQ,{KNOWN}\nX2,West Branch,HQ,{KNOWN}\n",
    "loans": "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,officer_id,known_on\n"
    f"L1,C1,auto,5000.00,2025-12-20,2026-05-20,CNY,X1,O1,2025-12-20\nL2,C1,working_capital,300.00,2025-03-28,2026-03-28,CNY,X1,O1,2025-03-28\n"
    f"L3,C2,auto,800.00,2022-04-10,2023-04-10,CNY,X1,O2,2022-04-10\nL4,C2,auto,900.00,2021-06-01,2022-06-01,CNY,X1,O2,{KNOWN}\n"
    f"L5,C2,auto,700.00,2021-06-01,2022-06-01,CNY,X1,O2,{KNOWN}\nL6,C3,auto,900.00,2025-06-01,2026-02-01,USD,X2,O9,2025-06-01\n",
    "instalments": "loan_id,seq,due_on,principal,interest,known_on\n"
    + "".join(f"L1,{seq},{due},1000.00,100.00,2025-12-20\n" for seq, due in enumerate(PLAN, 1))
    + "L2,1,2026-03-28,300.00,9.50,2025-03-28\nL3,1,2023-04-10,800.00,0,2022-04-10\nL4,1,2022-06-01,900.00,0,2021-06-01\n"
    "L5,1,2022-06-01,700.00,0,2021-06-01\nL6,1,2026-02-01,900.00,0,2025-06-01\n",
    "charges": "charge_id,loan_id,from_on,kind,amount,known_on\nK1,L1,2026-02-25,penalty_interest,50.00,2026-02-25\n",
    "payments": "payment_id,loan_id,paid_on,amount,purpose,payer_kind,reverses,known_on\nP1,L4,2023-05-22,100.00,,,,2023-05-22\n"
    "P2,L4,2023-06-01,40.00,refund,,,2023-06-01\n"
    "P3,L5,2023-08-01,10.00,recovery,court,,2023-08-01\nP4,L5,2024-01-10,50.00,scheduled,borrower,,2024-01-10\nP5,L5,2024-01-20,20.00,refund,,,2024-01-20\n"
    "P6,L5,2024-01-21,30.00,refund,,,2024-01-21\nP7,L5,2024-02-01,60.00,,,,2024-02-01\nP8,L5,2024-02-02,60.00,,,P7,2024-02-02\n"
    "P9,L5,2024-03-01,15.00,scheduled,guarantor,,2024-03-01\n",
    "parties": "loan_id,borrower_id,role,known_on\nL1,G1,guarantor,2025-12-20\n",
    "guarantees": "guarantee_id,guarantor_id,loan_id,form,period_end,known_on\nA1,G2,L1,joint,,2025-12-20\nA2,G3,L4,joint,2022-12-01,2021-06-01\n"
    "A3,G4,L4,maximum_amount,,2021-06-01\n",
    "borrowers": f"borrower_id,kind,known_on\nG2,company,{KNOWN}\n",
    "fx_rates": "currency,rate_on,rate,known_on\nUSD,2026-03-01,7.20,2026-03-01\n",
}  # fmt: skip


def _quiet(*_told: Any) -> None:
    """Show nothing."""


def _build(folder: Path) -> None:
    home = open_home(folder / "home", {})
    for table, text in TABLES.items():
        path = folder / f"{table}.csv"
        path.write_text(text, "utf-8")
        report = deliver(home, [path], table, today=AS_OF)
        assert not report.quarantined, report.examples
    run_all(home, [(AS_OF, AS_OF)], _quiet)


@pytest.fixture(scope="session")
def _built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return once(tmp_path_factory, "letters", _build)


@pytest.fixture
def home(db: None, _built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A copy of the home of one's own, its people in the vault, and a Thursday at the desk."""
    shutil.copytree(_built / "home", tmp_path / "home")
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    made = open_home(tmp_path / "home", {})
    with override_settings(HOME=made, MEDIA_ROOT=tmp_path / "files"):
        vault.put(
            [
                ("C1", "person", PersonRecord("张小明", address="滨江市港口路 8 号", phones=("13800138000",)), AS_OF),
                ("C2", "person", PersonRecord("李建国", address="滨江市东门街 2 号"), AS_OF),
                ("G1", "person", PersonRecord("王芳", address="滨江市西门街 3 号"), AS_OF),
            ]
        )
        yield made


@pytest.fixture
def staff(home: Home) -> dict[str, User]:
    """A manager of branch X1, her officer with customers O1, a collector of the branch, one of another branch, an auditor."""
    return {
        "wang": user("wang", (Role.MANAGER, "X1"), language="en"),
        "li": user("li", (Role.OFFICER, "X1"), officer_id="O1", language="en"),
        "hu": user("hu", (Role.COLLECTOR, "X1"), language="en"),
        "far": user("far", (Role.COLLECTOR, "X2"), language="en"),
        "zheng": user("zheng", (Role.AUDITOR, ""), language="en"),
    }
