"""Recoveries after write-off: by hand, across a gap, and as laws on random books."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.book.errors import DaihouError
from daihou.runs.portfolio.panel import BALANCE, WEIGHTS
from daihou.runs.portfolio.recoveries import recoveries

DEC, JAN, FEB, MAR, APR = (
    date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30),
)  # fmt: skip
MONTHS = (DEC, JAN, FEB, MAR, APR)
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)
KINDS = {
    "loan_id": pl.String, "as_of": pl.Date, "currency": pl.String, "state": pl.String, "written_off_amount": pl.Int64,
    "recovered_after_write_off": pl.Int64, BALANCE: pl.Int64,
}  # fmt: skip


def life(loan: str, written: date, amount: int, recovered: list[int], currency: str = "CNY") -> list[dict[str, Any]]:
    """A loan over all months: overdue until it is written off, then what had come back by each month end."""
    rows = []
    for day in MONTHS:
        gone = day >= written
        back = recovered[sum(written <= other < day for other in MONTHS)] if gone else 0
        rows.append(
            {
                "loan_id": loan, "as_of": day, "currency": currency, "state": "written_off" if gone else "overdue",
                "written_off_amount": amount if gone else 0, "recovered_after_write_off": back, BALANCE: None,
            }
        )  # fmt: skip
    return rows


def frame(rows: list[dict[str, Any]]) -> pl.LazyFrame:
    return pl.DataFrame(rows, schema=KINDS).lazy().with_columns(WEIGHTS)


BOOK = frame(
    [
        *life("A", JAN, 1000, [0, 100, 100, 300]), *life("B", JAN, 500, [0, 0, 50, 75]), *life("C", FEB, 200, [20, 20, 20]),
        *life("D", DEC, 999, [0, 0, 0, 0, 9]), *life("E", MAR, 70, [0, 7], "USD"),
        *life("F", date(2026, 5, 31), 1, [0]),  # never
    ]
)  # fmt: skip


def test_each_age_is_read_from_the_snapshot_of_that_age_and_what_began_before_is_in_no_cohort() -> None:
    found = recoveries(BOOK)
    assert found.columns == [
        "cohort", "currency", "months_since_write_off", "loans", "written_off", "recovered", "recovered_share",
    ]  # fmt: skip
    assert found.rows() == [
        (JANUARY, "CNY", 0, 2, 1500, 0, 0.0), (JANUARY, "CNY", 1, 2, 1500, 100, 100 / 1500),
        (JANUARY, "CNY", 2, 2, 1500, 150, 0.1), (JANUARY, "CNY", 3, 2, 1500, 375, 0.25), (FEBRUARY, "CNY", 0, 1, 200, 20, 0.1),
        (FEBRUARY, "CNY", 1, 1, 200, 20, 0.1), (FEBRUARY, "CNY", 2, 1, 200, 20, 0.1), (MARCH, "USD", 0, 1, 70, 0, 0.0),
        (MARCH, "USD", 1, 1, 70, 7, 0.1),
    ]  # fmt: skip


def test_a_quarter_ends_with_its_youngest_month() -> None:
    found = recoveries(BOOK, "quarter").filter(pl.col("currency") == "CNY")
    assert found.rows() == [
        (JANUARY, "CNY", 0, 3, 1700, 20, 20 / 1700), (JANUARY, "CNY", 1, 3, 1700, 120, 120 / 1700),
        (JANUARY, "CNY", 2, 3, 1700, 170, 0.1),
    ]  # fmt: skip
    with pytest.raises(DaihouError, match="Cohorts by week"):
        recoveries(BOOK, "week")


def test_a_gap_leaves_out_the_cells_of_it_and_the_cohorts_that_it_hides() -> None:
    gap = recoveries(BOOK.filter(pl.col("as_of") != FEB))
    assert gap.select("cohort", "months_since_write_off").rows() == [(JANUARY, 0), (JANUARY, 2), (JANUARY, 3)]
    assert recoveries(BOOK.filter(pl.col("as_of") != FEB), "quarter").is_empty()
    assert recoveries(
        BOOK.filter(pl.col("as_of") > DEC), "quarter"
    ).is_empty()  # what was written off in January is not known


def test_a_loan_first_seen_written_off_is_in_no_cohort() -> None:
    late = BOOK.filter((pl.col("loan_id") != "C") | (pl.col("as_of") >= MAR))
    assert FEBRUARY not in recoveries(late)["cohort"].to_list()
    assert recoveries(late).filter(pl.col("currency") == "CNY")["loans"].unique().to_list() == [2]


def test_a_cohort_is_not_told_before_its_month_is_over() -> None:
    early = BOOK.filter(pl.col("as_of") <= JAN).with_columns(
        as_of=pl.when(pl.col("as_of") == JAN).then(pl.lit(date(2026, 1, 20))).otherwise("as_of")
    )
    assert recoveries(early).is_empty()


@given(
    st.lists(
        st.tuples(st.sampled_from(MONTHS), st.integers(1, 1000), st.sampled_from(["CNY", "JPY", "USD"])), min_size=1, max_size=12
    ),
    st.sampled_from(MONTHS),
    st.sampled_from(["month", "quarter"]),
)  # fmt: skip
@settings(deadline=None)
def test_an_age_never_uses_later_facts(loans: list[tuple[date, int, str]], last: date, cohort: str) -> None:
    panel = frame(
        [
            cells
            for place, (day, amount, currency) in enumerate(loans)
            for cells in life(f"L{place}", day, amount, [0, 1, 2, 3, 4], currency)
        ]
    )
    cut = recoveries(panel.filter(pl.col("as_of") <= last), cohort)
    later = panel.with_columns(
        recovered_after_write_off=pl.when(pl.col("as_of") > last).then(999).otherwise("recovered_after_write_off")
    )
    assert set(cut.rows()) <= set(recoveries(panel, cohort).rows())
    assert set(cut.rows()) <= set(recoveries(later, cohort).rows())
