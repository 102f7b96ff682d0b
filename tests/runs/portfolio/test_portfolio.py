"""The portfolio of Harbour Branch over three month ends: read from its runs, exported, and clear about what is not there."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from books.harbour import END, LATER
from books.standing import written
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.runs import store
from daihou.runs.cube import DIMENSIONS
from daihou.runs.export import OVER_RUNS, export
from daihou.runs.nightly import run_all
from daihou.runs.portfolio.portfolio import portfolio
from once import once

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 31)


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture(scope="session")
def months(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Harbour Branch at three month ends: read it, never write to it."""

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(built, folder / "home"), {})
        run_all(home, [(FEBRUARY, FEBRUARY), (MARCH, MARCH)], silent)

    return once(tmp_path_factory, "months", build) / "home"


@pytest.fixture
def branch(months: Path, tmp_path: Path) -> Home:
    """The same to work in."""
    return open_home(shutil.copytree(months, tmp_path / "home"), {})


def test_the_ageing_is_that_of_the_snapshots(branch: Home) -> None:
    found = portfolio(branch)
    assert found.dates == [FEBRUARY, MARCH, END]
    ages = found.ageing().filter(pl.col("as_of") == END)
    rows = written(branch, END, END).values()
    live = [row for row in rows if row["state"] in ("current", "overdue")]
    for bucket in {row["bucket"] for row in live}:
        here = [row for row in live if row["bucket"] == bucket]
        (told,) = ages.filter(pl.col("standing") == bucket).select("loans", "balance", "without_balance").rows()
        balances = [row["principal_outstanding_base"] for row in here]
        assert told == (len(here), sum(b or 0 for b in balances), balances.count(None))
    assert ages["loans"].sum() == len(list(rows))


def test_the_cube_adds_up_to_the_snapshot_and_counts_what_has_no_rate(branch: Home) -> None:
    for day in (FEBRUARY, END):
        cells = store.read(branch, "cube", day, day).to_pylist()
        rows = list(written(branch, day, day).values())
        assert sum(cell["loans"] for cell in cells) == len(rows)
        for name in ("principal_outstanding", "overdue_amount", "written_off_amount"):
            assert sum(cell[name] for cell in cells) == sum(row[name] or 0 for row in rows)
        without = [
            row
            for row in rows
            if row["principal_outstanding"] is not None and row["principal_outstanding_base"] is None
        ]
        assert sum(cell["without_rate"] for cell in cells) == len(without) == (2 if day == FEBRUARY else 0)
        unknown = [row for row in rows if row["principal_outstanding_base"] is None]
        assert sum(cell["without_balance"] for cell in cells) == len(unknown)
        for cycles in (None, 0, 1, 2):
            counted = sum(cell["loans"] for cell in cells if cell["cycles"] == cycles)
            assert counted == sum(row["unpaid_due_dates"] == cycles for row in rows)
        assert len({tuple(cell[n] for n in (*DIMENSIONS, "cycles")) for cell in cells}) == len(cells)


def test_the_cohort_cube_counts_the_loans_paid_out_and_how_late_they_ever_were(branch: Home, tmp_path: Path) -> None:
    rows = [row for row in written(branch, END, END).values() if row["months_on_book"] is not None]
    cells = store.read(branch, "cohort_cube", END, END).to_pylist()
    assert sum(cell["loans"] for cell in cells) == len(rows) == 9  # all but F1, which is not paid out yet
    assert sum(cell["amount"] for cell in cells) == sum(row["loan_amount"] for row in rows)
    for days in (30, 60, 90):
        bad = [row for row in rows if (row["max_dpd_ever"] or 0) >= days or row["state"] == "written_off"]
        assert sum(cell[f"ever_{days}"] for cell in cells) == len(bad)
        assert sum(cell[f"ever_{days}_amount"] for cell in cells) == sum(row["loan_amount"] for row in bad)
    for days in (7, 15, 30):
        due = [row for row in rows if row["first_due_on"] and (END - row["first_due_on"]).days >= days]
        assert sum(cell[f"due_{days}"] for cell in cells) == len(due)
        late = [row for row in due if (row["first_payment_max_dpd"] or 0) >= days]
        assert sum(cell[f"fpd_{days}"] for cell in cells) == len(late)
    export(branch, "cohort_cube", tmp_path / "x.parquet", where="month = '2025-10-01' and currency = 'USD'")
    (cell,) = pl.read_parquet(tmp_path / "x.parquet").to_dicts()
    assert (cell["amount"], cell["loans"], cell["ever_30"], cell["fpd_15"]) == (Decimal("1000.00"), 1, 0, 1)


def test_the_files_of_many_runs_are_those_that_each_record_names(branch: Home) -> None:
    pairs = store.pairs(branch)
    for name in ("snapshots", "cube", "cohort_cube"):
        found = store.files_of(branch, name, [*pairs, (LATER, LATER)])
        assert found == {**{pair: store.files(branch, name, *pair) for pair in pairs}, (LATER, LATER): []}


def test_snapshots_of_an_earlier_version_have_no_columns_that_came_since_and_are_read_all_the_same(home: Home) -> None:
    before = portfolio(home).ageing()
    for path in store.files(home, "snapshots", END, END):
        pl.read_parquet(path).drop("partner_id", "prepaid_amount", "first_due_on").write_parquet(path)
    assert portfolio(home).ageing().equals(before)
    assert portfolio(home).first_payments()["due_7"].sum() == 0


@pytest.mark.parametrize("name", OVER_RUNS)
def test_each_is_exported_as_csv_and_parquet(branch: Home, tmp_path: Path, name: str) -> None:
    written_rows = export(branch, name, tmp_path / "x.parquet")
    assert written_rows > 0 or name == "recoveries"  # what was written off before the first run is in no cohort
    assert export(branch, name, tmp_path / "x.csv") == written_rows
    assert export(branch, name, tmp_path / "x.xlsx") == written_rows


def test_exported_balances_are_in_currency_units(branch: Home, tmp_path: Path) -> None:
    export(branch, "ageing", tmp_path / "x.parquet", where="as_of = '2026-04-30' and standing = '61-90'")
    (row,) = pl.read_parquet(tmp_path / "x.parquet").to_dicts()
    assert (row["loans"], row["balance"]) == (1, Decimal("152.00"))
    export(branch, "vintages", tmp_path / "x.parquet", where="cohort = '2026-02-01' and months_on_book = 0")
    (cell,) = pl.read_parquet(tmp_path / "x.parquet").to_dicts()
    assert (cell["loans"], cell["amount"], cell["bad"]) == (1, Decimal("900.00"), 0)


def test_a_month_that_was_not_run_is_named_and_rates_across_it_are_empty(home: Home) -> None:
    run_all(home, [(FEBRUARY, FEBRUARY)], silent)
    found = portfolio(home)
    assert found.missing == [MARCH]
    assert found.rolls()["loans_rate"].null_count() == found.rolls().height
    assert portfolio(home, first=END).missing == []
    with pytest.raises(DaihouError, match="months that follow one another"):
        found.migration()
    assert found.migration(FEBRUARY, END)["loans"].sum() > 0  # a longer step by name
    run_all(home, [(date(2026, 1, 31), date(2026, 1, 31))], silent)
    longer = portfolio(home)
    pooled = longer.migration()  # January to February alone: the gap is not taken for a step
    assert pooled.equals(longer.migration(date(2026, 1, 31), FEBRUARY))


def test_what_is_asked_amiss_is_told_with_a_remedy(branch: Home) -> None:
    found = portfolio(branch)
    with pytest.raises(DaihouError, match="scheme colours is unknown") as caught:
        found.ageing("colours")
    assert "buckets_m_stages" in caught.value.remedy
    with pytest.raises(DaihouError, match="Cohorts by week"):
        found.vintages(cohort="week")
    with pytest.raises(DaihouError, match="No run of 2026-05-04"):
        found.migration(MARCH, LATER)
    with pytest.raises(DaihouError, match="runs of two dates"):
        portfolio(branch, first=END).migration()
    with pytest.raises(DaihouError, match="No run of the span") as caught:
        portfolio(branch, known_on=LATER)
    assert "daihou history" in caught.value.remedy
