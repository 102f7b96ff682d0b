"""First-payment default: by hand, and as laws on random loans."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.runs.portfolio.first_payments import first_payments
from daihou.runs.portfolio.panel import BALANCE, WEIGHTS

END = date(2026, 4, 30)
KINDS = {
    "loan_id": pl.String, "as_of": pl.Date, "org_id": pl.String, "currency": pl.String, "disbursed_on": pl.Date, "months_on_book": pl.Int32,
    "loan_amount": pl.Int64, BALANCE: pl.Int64, "first_due_on": pl.Date, "first_payment_max_dpd": pl.Int32,
}  # fmt: skip


def row(
    loan: str,
    begun: date,
    due: date | None,
    worst: int | None,
    day: date = END,
    org: str = "east",
    currency: str = "CNY",
) -> dict[str, Any]:
    age = (day.year - begun.year) * 12 + day.month - begun.month
    return {
        "loan_id": loan, "as_of": day, "org_id": org, "currency": currency, "disbursed_on": begun,
        "months_on_book": age if begun <= day else None, "loan_amount": 1000, BALANCE: None, "first_due_on": due,
        "first_payment_max_dpd": worst,
    }  # fmt: skip


def frame(rows: list[dict[str, Any]]) -> pl.LazyFrame:
    return pl.DataFrame(rows, schema=KINDS).lazy().with_columns(WEIGHTS)


JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
BOOK = frame(
    [
        row("A", date(2026, 1, 10), date(2026, 2, 10), 0),  # paid on the day
        row("B", date(2026, 1, 20), date(2026, 2, 20), 7, org="west"),  # seven days late: FPD7
        row("C", date(2026, 1, 31), date(2026, 3, 31), 30),  # due thirty days ago and not paid yet: FPD30 today
        row("D", date(2026, 1, 5), None, None),  # of no plan
        row(
            "E", date(2026, 2, 5), date(2026, 4, 23), 7, currency="USD"
        ),  # seven days past: whether FPD15 cannot be known
        row("F", date(2026, 2, 5), date(2026, 4, 24), 6),  # six days past: nothing can be known
        row("G", date(2026, 5, 5), date(2026, 6, 5), 0),  # not paid out yet
        row("B", date(2026, 1, 20), date(2026, 2, 20), 99, day=date(2026, 3, 31)),  # an earlier date says nothing
    ]
)


def test_only_loans_of_which_it_can_be_known_are_counted() -> None:
    found = first_payments(BOOK)
    assert found.columns == [
        "cohort", "loans", "due_7", "fpd_7", "fpd_7_rate", "due_15", "fpd_15", "fpd_15_rate", "due_30", "fpd_30", "fpd_30_rate",
    ]  # fmt: skip
    assert found.rows() == [
        (JANUARY, 4, 3, 2, 2 / 3, 3, 1, 1 / 3, 3, 1, 1 / 3),
        (FEBRUARY, 2, 1, 1, 1.0, 0, 0, None, 0, 0, None),
    ]


def test_quarters_and_groups_and_other_days() -> None:
    assert first_payments(BOOK, (7,), "quarter").rows() == [(JANUARY, 6, 4, 3, 0.75)]
    assert first_payments(BOOK, (1,), "quarter", ["org_id"]).rows() == [
        (JANUARY, "east", 5, 4, 3, 0.75), (JANUARY, "west", 1, 1, 1, 1.0),
    ]  # fmt: skip
    assert first_payments(BOOK, (7,), "quarter", ["currency"]).select("currency", "due_7").rows() == [
        ("CNY", 3),
        ("USD", 1),
    ]


def test_a_panel_without_a_row_has_no_cohorts() -> None:
    assert first_payments(BOOK.filter(pl.col("loan_id") == "none")).is_empty()


@given(
    st.lists(
        st.tuples(
            st.integers(0, 200), st.none() | st.integers(-40, 120), st.none() | st.integers(0, 90), st.sampled_from(["east", "west"])
        ),
        min_size=1,
        max_size=20,
    )
)  # fmt: skip
@settings(deadline=None)
def test_more_days_are_never_more_loans_and_the_parts_sum_to_the_whole(
    loans: list[tuple[int, int | None, int | None, str]],
) -> None:
    panel = frame(
        [
            row(f"L{place}", END - timedelta(age), None if past is None else END - timedelta(past), worst, org=org)
            for place, (age, past, worst, org) in enumerate(loans)
        ]
    )
    found = first_payments(panel)
    for fewer, more in ((7, 15), (15, 30)):
        assert (found[f"due_{more}"] <= found[f"due_{fewer}"]).all()
    for days in (7, 15, 30):
        assert (found[f"fpd_{days}"] <= found[f"due_{days}"]).all()
        assert found[f"fpd_{days}_rate"].is_null().to_list() == (found[f"due_{days}"] == 0).to_list()
    counts = [name for name in found.columns if name != "cohort" and not name.endswith("_rate")]
    parts = first_payments(panel, by=["org_id"]).group_by("cohort").agg(pl.col(counts).sum()).sort("cohort")
    assert parts.rows() == found.select("cohort", *counts).rows()
