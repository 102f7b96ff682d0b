"""A run pins the lake it saw: from the versions in its record it is built again, whatever came in later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from books import harbour
from books.harbour import END, LATER
from books.standing import standing, written
from daihou.book.intake import deliver
from daihou.book.ledger.ledger import refresh
from daihou.runs import store
from daihou.runs.nightly import reading_on, run
from daihou.runs.policies import read_policies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from daihou.book.home import Home

BACKFILLED = "payment_id,loan_id,paid_on,amount,known_on\nA1-9,A1,2026-04-29,52.00,2026-04-29\n"


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def test_a_pinned_run_is_built_again_from_its_lake_version(
    home: Home, tmp_path: Path, told: Callable[..., None]
) -> None:
    (record,) = store.read(home, "runs", END, END).to_pylist()
    before = written(home, END, END)
    path = tmp_path / "backfilled.csv"
    path.write_text(BACKFILLED)
    deliver(home, [path], "payments", today=LATER, backfill=True)
    told(home, **harbour.NEWS)

    pinned = refresh(home, silent, versions=json.loads(record["lake"]), folder=tmp_path / "pinned")
    assert standing(home, pinned, END, END) == before

    newest = refresh(home, silent)
    assert standing(home, newest, END, END)["A1"]["dpd"] == 0


def test_the_pinned_ledger_leaves_that_of_the_home_alone(home: Home, tmp_path: Path) -> None:
    (record,) = store.read(home, "runs", END, END).to_pylist()
    before = sorted(path.name for path in home.ledger.iterdir())
    refresh(home, silent, versions=json.loads(record["lake"]), folder=tmp_path / "pinned")
    assert sorted(path.name for path in home.ledger.iterdir()) == before


def test_a_table_that_was_empty_then_is_empty_in_the_pinned_ledger(
    home: Home, tmp_path: Path, told: Callable[..., None]
) -> None:
    (record,) = store.read(home, "runs", END, END).to_pylist()
    versions = json.loads(record["lake"])
    assert "charges" not in versions
    told(home, charges="charge_id,loan_id,kind,from_on,amount,known_on\nA1-C,A1,fee,2026-04-30,9.00,2026-05-01\n")
    pinned = refresh(home, silent, versions=versions, folder=tmp_path / "pinned")
    assert standing(home, pinned, END, LATER)["A1"]["charges_accrued"] == 0
    run(home, END, LATER, silent)
    assert written(home, END, LATER)["A1"]["charges_accrued"] == 900


def test_rates_are_pinned_too(home: Home, tmp_path: Path) -> None:
    (record,) = store.read(home, "runs", END, END).to_pylist()
    before = standing(home, refresh(home, silent), END, END)
    path = tmp_path / "rates.csv"
    path.write_text("currency,rate_on,rate,known_on\nUSD,2026-04-30,9.9,2026-04-30\n")
    deliver(home, [path], "fx_rates", today=LATER, backfill=True)
    newest, policies = refresh(home, silent), read_policies(home)
    assert standing(home, newest, END, END)["U1"]["principal_outstanding_base"] == 990_000
    pinned = reading_on(home, policies, END, END, json.loads(record["lake"]))
    assert standing(home, newest, END, END, pinned) == before
