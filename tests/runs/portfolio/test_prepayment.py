"""Prepayment: by hand, across a gap, in three currencies, and as laws on random books."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.runs.portfolio.panel import BALANCE, WEIGHTS
from daihou.runs.portfolio.prepayment import prepayment

JAN, FEB, MAR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
FAR = date(2028, 1, 10)
KINDS = {
    "loan_id": pl.String, "as_of": pl.Date, "org_id": pl.String, "currency": pl.String, "state": pl.String, "matures_on": pl.Date,
    "principal_outstanding": pl.Int64, BALANCE: pl.Int64, "prepaid_amount": pl.Int64,
}  # fmt: skip


def row(loan: str, day: date, state: str, owed: int | None, prepaid: int | None = 0, **more: Any) -> dict[str, Any]:
    return {
        "loan_id": loan, "as_of": day, "org_id": "east", "currency": "CNY", "state": state, "matures_on": FAR,
        "principal_outstanding": owed, BALANCE: None, "prepaid_amount": prepaid, **more,
    }  # fmt: skip


def frame(rows: list[dict[str, Any]]) -> pl.LazyFrame:
    return pl.DataFrame(rows, schema=KINDS).lazy().with_columns(WEIGHTS)


YEN: dict[str, Any] = {"currency": "JPY"}
BOOK = frame(
    [
        row("A", JAN, "current", 500), row("A", FEB, "closed", 0, 480), row("A", MAR, "closed", 0, 480),  # paid off ahead
        row("B", JAN, "overdue", 300, 10), row("B", FEB, "current", 200, 60), row("B", MAR, "current", 200, 60),  # fifty ahead
        row("C", JAN, "current", 100, matures_on=FEB), row("C", FEB, "closed", 0, matures_on=FEB),  # paid on its last day
        row("D", JAN, "overdue", 100), row("D", FEB, "written_off", 0),
        row("E", JAN, "current", 9000, matures_on=None), row("E", FEB, "closed", 0, matures_on=None),  # a revolving line
        row("F", JAN, "not_started", 0), row("F", FEB, "current", 800), row("F", MAR, "current", 800, 200),
        row("G", JAN, "current", 0), row("G", FEB, "closed", 0),  # owed nothing
        row("J", JAN, "current", 7000, **YEN), row("J", FEB, "current", 7000, **YEN), row("J", MAR, "closed", 0, **YEN),
        row("K", JAN, "current", None, None, currency="USD"), row("K", FEB, "current", None, None, currency="USD"),  # balance not known
    ]
)  # fmt: skip


def test_what_was_paid_ahead_is_over_what_was_live_a_month_before() -> None:
    found = prepayment(BOOK)
    assert found.columns == [
        "as_of", "currency", "loans_before", "prepaid_loans", "prepaid_rate", "balance_before", "prepaid_balance", "smm", "cpr",
    ]  # fmt: skip
    assert found.filter(pl.col("as_of") == FEB).rows() == [
        (FEB, "CNY", 5, 2, 0.4, 1000, 550, 0.55, pytest.approx(1 - 0.45**12)), (FEB, "JPY", 1, 0, 0.0, 7000, 0, 0.0, 0.0),
        (FEB, "USD", 1, 0, 0.0, 0, None, None, None),
    ]  # fmt: skip
    assert found.filter(pl.col("as_of") == MAR).rows() == [
        (MAR, "CNY", 2, 0, 0.0, 1000, 200, 0.2, pytest.approx(1 - 0.8**12)), (MAR, "JPY", 1, 1, 1.0, 7000, 7000, 1.0, 1.0),
        (MAR, "USD", 1, 0, 0.0, 0, 0, None, None),
    ]  # fmt: skip


def test_the_first_date_and_a_date_after_a_gap_are_empty() -> None:
    first = prepayment(BOOK).filter(pl.col("as_of") == JAN)
    assert first["currency"].to_list() == ["CNY", "JPY", "USD"]
    assert first.select(pl.col(first.columns[2:]).null_count()).row(0) == (3,) * 7
    gap = prepayment(BOOK.filter(pl.col("as_of") != FEB))
    assert gap["as_of"].unique().sort().to_list() == [JAN, MAR]
    assert gap["loans_before"].null_count() == gap.height


def test_the_running_month_has_no_row_until_its_last_day() -> None:
    rows = [row("A", JAN, "current", 500), row("A", FEB, "current", 500), row("A", date(2026, 3, 3), "closed", 0)]
    assert prepayment(frame(rows))["as_of"].to_list() == [JAN, FEB]


def test_of_several_dates_in_a_month_the_last_counts() -> None:
    early = BOOK.filter(pl.col("as_of") == FEB).with_columns(as_of=date(2026, 2, 10), state=pl.lit("current"))
    assert prepayment(pl.concat([BOOK, early])).equals(prepayment(BOOK))


@given(
    st.lists(
        st.tuples(
            st.integers(0, 1000), st.sampled_from(["current", "closed", "written_off", "absent"]), st.integers(0, 500),
            st.sampled_from(["east", "west"]), st.sampled_from(["CNY", "JPY", "USD"]),
        ),
        min_size=1,
        max_size=15,
    )
)  # fmt: skip
@settings(deadline=None)
def test_the_parts_sum_to_the_whole_and_no_more_is_prepaid_than_was_there(
    loans: list[tuple[int, str, int, str, str]],
) -> None:
    rows = []
    for place, (owed, state, ahead, org, currency) in enumerate(loans):
        more: dict[str, Any] = {"org_id": org, "currency": currency}
        rows.append(row(f"L{place}", JAN, "current", owed, **more))
        if state != "absent":
            rows.append(row(f"L{place}", FEB, state, 0, min(ahead, owed), **more))
    panel = frame([*rows, row("Z", FEB, "current", 1)])
    found = prepayment(panel)
    counts = ["loans_before", "prepaid_loans", "balance_before", "prepaid_balance"]
    key = ["as_of", "currency"]
    parts = (
        prepayment(panel, ["org_id"]).filter(pl.col("as_of") == FEB).group_by(key).agg(pl.col(counts).sum()).sort(key)
    )
    whole = found.filter(pl.col("as_of") == FEB)
    assert parts.rows() == whole.select(*key, *counts).rows()
    assert ((whole["prepaid_balance"] >= 0) & (whole["prepaid_balance"] <= whole["balance_before"])).all()
    assert all(0 <= rate <= 1 for rate in whole["cpr"].drop_nulls())
