"""What the product says of a simulated book converges to the parameters it was made by: measured, run and told like any other book."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

import daihou
from daihou.book.days import month_ends
from daihou.book.home import open_home
from daihou.book.intake import deliver
from daihou.runs.history import pairs
from daihou.runs.nightly import run_all
from daihou.simulation.book import simulate
from daihou.simulation.parameters import Parameters, shipped

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.runs.portfolio.portfolio import Portfolio

LOANS = 4_000
MONTHS = 16
FAR = 3.9
"""Standard errors that are exceeded once in ten thousand times."""
MISS, SETTLE = 0.08, 0.03
FEWEST = 40


def plain(settle: float) -> Parameters:
    """A bank of one product in which every month end shows what was decided at the month's due date, and nothing else happens."""
    bank = shipped("bank")
    consumer = replace(bank.products[0], share=1.0, terms={36: 1.0}, miss=MISS)
    nobody = replace(bank.accounts, share=0.0)
    return replace(
        bank, accounts=nobody, habits={"early": 0.0, "punctual": 1.0, "tardy": 0.0}, arrears_days=(0, 0), shock_begins=0.0, macro_effect=0.0, young=0.0, old=0.0,
        part=0.0, extend=0.0, restructure=0.0, late=0.0, bounce=0.0, settle=settle, troubles=(), products=(consumer,),
    )  # fmt: skip


def measured(given: Parameters, folder: Path) -> Portfolio:
    """Take a book in and run every month end; without loans due on the 28th, which at the end of February is not past yet."""
    made = simulate(given, LOANS, MONTHS, 1, folder / "sent", lambda *_: None)
    (folder / "home").mkdir()
    home = open_home(folder / "home")
    for table in made.rows:
        deliver(home, made.files(table), table, today=dt.date(2026, 11, 28))
    run_all(home, pairs(month_ends(made.first_on, made.last_on), None), lambda *_: None)
    book = daihou.open(home.path).portfolio()
    return replace(book, panel=book.panel.filter(pl.col("disbursed_on").dt.day() < 28))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    return measured(plain(0.0), tmp_path_factory.mktemp("plain"))


def near(came: int, count: int, truth: float) -> bool:
    """Whether a share is where chance may have put it."""
    assert count >= FEWEST
    return bool(abs(came / count - truth) <= FAR * np.sqrt(truth * (1 - truth) / count))


def test_the_migration_by_cycles_is_the_chances_of_missing_curing_and_keeping(book: Portfolio) -> None:
    found = book.migration().with_columns(pl.col("from", "to").cast(pl.String))
    moved = {(start, end): loans for start, end, loans in found.select("from", "to", "loans").rows()}
    given = plain(0.0)
    for cycles in range(6):
        row = {end: loans for (start, end), loans in moved.items() if start == f"{cycles}"}
        whole = sum(row.values())
        step = min(cycles, 3) - 1
        truth = (
            {0: 1 - MISS, 1: MISS}
            if cycles == 0
            else {0: given.cure[step], cycles: given.keep[step], cycles + 1: 1 - given.cure[step] - given.keep[step]}
        )
        assert {int(end) for end in row} <= set(truth)
        for end, chance in truth.items():
            assert near(row.get(f"{end}", 0), whole, chance), (cycles, end)


def test_the_vintage_ever_late_is_one_less_the_chance_of_never_missing(book: Portfolio) -> None:
    found = book.vintages(days=1)
    ages = found.group_by("months_on_book").agg(pl.col("bad", "loans").sum()).sort("months_on_book").rows()
    assert len(ages) == MONTHS
    for age, bad, loans in ages[:12]:
        truth = 1 - (1 - MISS) ** age
        assert bad == 0 if age == 0 else near(bad, loans, truth), age


def test_first_payment_default_is_the_chance_of_missing_the_first(book: Portfolio) -> None:
    found = book.first_payments()
    for days in (7, 15):
        due, failed = found.select(pl.col(f"due_{days}").sum(), pl.col(f"fpd_{days}").sum()).row(0)
        assert near(failed, due, MISS)


def test_prepayment_is_the_chance_of_settling_when_paid(tmp_path: Path) -> None:
    book = measured(plain(SETTLE), tmp_path)
    found = book.migration().with_columns(pl.col("from", "to").cast(pl.String)).filter(pl.col("from") == "0")
    row = dict(found.select("to", "loans").rows())
    # A loan pays for the first time in the month after it was paid out; in that month end it stands as any other.
    assert near(row["closed"], sum(row.values()), (1 - MISS) * SETTLE)
    prepaid = book.prepayment()
    assert prepaid["prepaid_loans"].sum() == found.filter(pl.col("to") == "closed")["loans"].sum()
    last = prepaid.filter(pl.col("as_of") == book.dates[-1])
    assert last["cpr"][0] == pytest.approx(1 - (1 - last["smm"][0]) ** 12)
