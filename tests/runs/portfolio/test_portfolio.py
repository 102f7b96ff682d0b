"""The portfolio of Harbour Branch over three month ends: read from its runs, exported, and clear about what is not there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from books.harbour import END, LATER
from books.standing import written
from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.export import OVER_RUNS, export
from daihou.runs.nightly import run_all
from daihou.runs.portfolio.charts import ageing_chart, roll_chart, vintage_chart
from daihou.runs.portfolio.portfolio import portfolio

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home

FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 31)


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture
def branch(home: Home) -> Home:
    """Harbour Branch at three month ends."""
    run_all(home, [(FEBRUARY, FEBRUARY), (MARCH, MARCH)], silent)
    return home


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
        assert len(
            {
                tuple(cell[n] for n in ("org_id", "product", "region", "asset_class", "currency", "state", "bucket"))
                for cell in cells
            }
        ) == len(cells)


@pytest.mark.parametrize("name", OVER_RUNS)
def test_each_is_exported_as_csv_and_parquet(branch: Home, tmp_path: Path, name: str) -> None:
    written_rows = export(branch, name, tmp_path / "x.parquet")
    assert written_rows > 0
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


def test_pictures_show_what_the_frames_hold(branch: Home) -> None:
    found = portfolio(branch)
    ages = ageing_chart(found.ageing("buckets_m_stages"), found.scheme("buckets_m_stages").labels)
    legend = ages.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["M1", "M2", "M3", "M4", "M5", "M6", "M6+"]
    assert len(roll_chart(found.rolls()).axes[0].lines) == 7  # eight buckets
    cells = found.vintages(cohort="quarter")
    lines = vintage_chart(cells).axes[0].lines
    assert len(lines) == cells.select("cohort", "currency").n_unique()
    assert sum(np.asarray(line.get_xdata()).size for line in lines) == cells.height
