"""How a book moves: by hand on a few loans, and laws on random panels."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.policies.buckets import Buckets
from daihou.runs.portfolio.ageing import ageing
from daihou.runs.portfolio.concentration import concentration
from daihou.runs.portfolio.cures import cures
from daihou.runs.portfolio.migration import migration, pooled
from daihou.runs.portfolio.panel import BALANCE, LIVE, OTHER_STATES, WEIGHTS, missing_months
from daihou.runs.portfolio.rolls import rolls
from daihou.runs.portfolio.vintages import vintages

STAGES = Buckets("dpd", ["M0", "M1", "M2", "M2+"], [0, 30, 60])
JAN, FEB, MAR, APR = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)
MONTHS = (JAN, FEB, MAR, APR)

KINDS = {
    "loan_id": pl.String, "borrower_id": pl.String, "org_id": pl.String, "as_of": pl.Date, "state": pl.String, "currency": pl.String,
    "dpd": pl.Int32, "unpaid_due_dates": pl.Int32, BALANCE: pl.Int64, "max_dpd_ever": pl.Int32, "extension_count": pl.Int32, "disbursed_on": pl.Date,
    "months_on_book": pl.Int32, "loan_amount": pl.Int64,
}  # fmt: skip


def row(loan: str, day: date, dpd: int | None, balance: int | None, state: str = "", **more: Any) -> dict[str, Any]:
    begun = more.get("disbursed_on", date(2026, 1, 10))
    age = (day.year - begun.year) * 12 + day.month - begun.month
    found = {
        "loan_id": loan, "borrower_id": f"B{loan}", "org_id": "east", "as_of": day, "currency": "CNY", "dpd": dpd,
        "unpaid_due_dates": None if dpd is None else -(-dpd // 30), BALANCE: balance,
        "state": state or ("overdue" if dpd else "current"), "max_dpd_ever": dpd, "extension_count": 0, "disbursed_on": begun,
        "months_on_book": age if begun <= day else None, "loan_amount": 1000,
    }  # fmt: skip
    return found | more


def frame(rows: list[dict[str, Any]]) -> pl.LazyFrame:
    return pl.DataFrame(rows, schema=KINDS).lazy().with_columns(WEIGHTS)


# By hand: five loans over three months, amounts in fen.
BOOK = frame(
    [
        row("A", JAN, 0, 900), row("A", FEB, 28, 900, max_dpd_ever=28), row("A", MAR, 59, 900, max_dpd_ever=59),
        row("B", JAN, 20, 500), row("B", FEB, 0, 400, max_dpd_ever=20), row("B", MAR, 0, 300, max_dpd_ever=20),
        row("C", JAN, 45, 100), row("C", FEB, 73, 100), row("C", MAR, None, 0, "written_off", max_dpd_ever=90),
        row("D", JAN, 0, 0), row("D", FEB, None, 0, "closed", max_dpd_ever=0), row("D", MAR, None, 0, "closed", max_dpd_ever=0),
        row("E", FEB, 0, None, currency="USD", disbursed_on=date(2026, 2, 1)),
        row("E", MAR, 31, None, currency="USD", disbursed_on=date(2026, 2, 1)),
    ]
)  # fmt: skip


def told(found: pl.DataFrame, *names: str) -> list[tuple[Any, ...]]:
    return found.select(names).rows()


def test_ageing_counts_every_loan_once_and_shares_are_of_the_live() -> None:
    found = ageing(BOOK, STAGES)
    names = ("standing", "loans", "balance", "without_balance", "loans_share", "balance_share")
    assert told(found.filter(pl.col("as_of") == JAN), *names) == [
        ("M0", 2, 900, 0, 0.5, 900 / 1500), ("M1", 1, 500, 0, 0.25, 500 / 1500), ("M2", 1, 100, 0, 0.25, 100 / 1500),
    ]  # fmt: skip
    assert told(found.filter(pl.col("as_of") == MAR), *names) == [
        ("M0", 1, 300, 0, 1 / 3, 0.25), ("M2", 2, 900, 1, 2 / 3, 0.75), ("closed", 1, 0, 0, None, None),
        ("written_off", 1, 0, 0, None, None),
    ]  # fmt: skip


def test_migration_says_where_each_loan_went() -> None:
    found = migration(BOOK, STAGES, JAN, FEB)
    names = ("from", "to", "loans", "balance_before", "balance", "loans_share", "balance_share")
    assert told(found, *names) == [
        ("M0", "M1", 1, 900, 900, 0.5, 1.0), ("M0", "closed", 1, 0, 0, 0.5, 0.0), ("M1", "M0", 1, 500, 400, 1.0, 1.0),
        ("M2", "M2+", 1, 100, 100, 1.0, 1.0), ("absent", "M0", 1, 0, 0, 1.0, None),
    ]  # fmt: skip


def test_a_scheme_may_count_cycles_instead_of_days() -> None:
    cycles = Buckets("unpaid_due_dates", ["0", "1", "2", "2+"], [0, 1, 2])
    found = ageing(BOOK.filter(pl.col("as_of") == FEB), cycles)
    assert told(found, "standing", "loans") == [("0", 2), ("1", 1), ("2+", 1), ("closed", 1)]


def test_a_live_loan_without_the_measure_is_not_taken_for_the_worst() -> None:
    """A lender that reports days past due alone says nothing of cycles."""
    cycles = Buckets("unpaid_due_dates", ["0", "1", "1+"], [0, 1])
    book = frame([row("A", JAN, 12, 10, unpaid_due_dates=None), row("B", JAN, 0, 10)])
    assert told(ageing(book, cycles), "standing", "loans", "loans_share") == [("0", 1, 1.0), ("unmeasured", 1, None)]
    assert told(ageing(book, STAGES), "standing", "loans") == [("M0", 1), ("M1", 1)]


def test_a_borrower_in_three_currencies_one_without_a_rate_is_counted_whole_and_summed_in_part() -> None:
    """Beside it a loan that owes nothing and one that never began: neither breaks a share."""
    book = frame(
        [
            row("A", JAN, 40, 700, borrower_id="B1"), row("B", JAN, 0, 300, borrower_id="B1", currency="JPY"),
            row("C", JAN, 0, None, borrower_id="B1", currency="USD"), row("D", JAN, 0, 0, borrower_id="B2"),
            row("E", JAN, None, 0, "not_started", borrower_id="B2", disbursed_on=date(2026, 5, 1)),
        ]
    )  # fmt: skip
    assert told(ageing(book, STAGES), "standing", "loans", "balance", "without_balance", "loans_share", "balance_share") == [
        ("M0", 3, 300, 1, 0.75, 0.3), ("M2", 1, 700, 0, 0.25, pytest.approx(0.7)), ("not_started", 1, 0, 0, None, None),
    ]  # fmt: skip
    assert told(concentration(book, "borrower_id", 1), "count", "balance", "top_share", "hhi") == [(2, 1000, 1.0, 1.0)]
    assert told(vintages(book, 30), "currency", "loans", "bad") == [("CNY", 2, 1), ("JPY", 1, 0), ("USD", 1, 0)]
    nothing = frame([row("D", JAN, 0, 0), row("D", FEB, 0, 0)])
    assert told(rolls(nothing, STAGES), "balance_rate")[3:] == [(None,)] * 3
    assert told(concentration(nothing, "borrower_id"), "balance", "top_share", "hhi") == [(0, None, None)] * 2


def test_vintages_by_groups_stand_where_the_whole_cohort_was_seen() -> None:
    """A loan that moves to another org is counted where it is at that age; the groups sum to the whole."""
    book = frame(
        [row("A", day, 0, 9) for day in MONTHS]
        + [row("B", day, 40, 9, org_id="west" if day < MAR else "east") for day in MONTHS]
    )
    found = vintages(book, 30, by=["org_id"])
    assert told(found, "org_id", "months_on_book", "loans", "bad") == [
        ("east", 0, 1, 0), ("east", 1, 1, 0), ("east", 2, 2, 1), ("east", 3, 2, 1), ("west", 0, 1, 1), ("west", 1, 1, 1),
    ]  # fmt: skip


def test_the_pooled_matrix_adds_up_the_months() -> None:
    """Of three loan-months that began in M0 and could move on: A to M1, D closed, B stayed, E to M2."""
    found = pooled(BOOK, STAGES, [(JAN, FEB), (FEB, MAR)]).filter(pl.col("from") == "M0")
    assert told(found, "to", "loans", "loans_share") == [
        ("M0", 1, 0.25),
        ("M1", 1, 0.25),
        ("M2", 1, 0.25),
        ("closed", 1, 0.25),
    ]
    with pytest.raises(ValueError, match="two dates"):
        pooled(BOOK, STAGES, [])


def test_rolls_are_of_the_month_before_and_never_bridge_a_gap() -> None:
    names = ("from", "to", "loans_before", "loans", "loans_rate", "balance_rate")
    found = rolls(BOOK, STAGES)
    assert told(found.filter(pl.col("as_of") == FEB), *names) == [
        ("M0", "M1", 2, 1, 0.5, 1.0), ("M1", "M2", 1, 0, 0.0, 0.0), ("M2", "M2+", 1, 1, 1.0, 1.0),
    ]  # fmt: skip
    first = told(found.filter(pl.col("as_of") == JAN), "loans_before", "loans_rate", "balance_rate")
    assert first == [(None, None, None)] * 3
    gap = rolls(BOOK.filter(pl.col("as_of") != FEB), STAGES)
    assert gap["loans_rate"].null_count() == gap.height
    assert missing_months([MAR, JAN]) == [FEB]
    assert missing_months([MAR, date(2026, 2, 10), JAN]) == []  # the month was seen, though not on its last day


def test_of_several_dates_in_a_month_rolls_take_the_last_and_the_running_month_waits_for_its_end() -> None:
    early, running = date(2026, 2, 10), date(2026, 3, 3)
    days = (JAN, early, FEB, running)
    book = frame([row("A", day, dpd, 100) for day, dpd in zip(days, (0, 0, 20, 23), strict=True)])
    found = rolls(book, STAGES)
    assert found["as_of"].unique().sort().to_list() == [JAN, FEB]
    assert told(found.filter((pl.col("as_of") == FEB) & (pl.col("from") == "M0")), "loans_before", "loans_rate") == [
        (1, 1.0)
    ]
    over = frame([row("A", day, 0, 100) for day in (JAN, FEB, MAR)])
    assert rolls(over, STAGES)["as_of"].unique().sort().to_list() == [JAN, FEB, MAR]


def test_vintages_keep_who_left_and_stop_where_not_all_were_seen() -> None:
    names = ("cohort", "currency", "months_on_book", "loans", "bad", "bad_share")
    january, february = date(2026, 1, 1), date(2026, 2, 1)
    assert told(vintages(BOOK, 30), *names) == [
        (january, "CNY", 0, 4, 1, 0.25), (january, "CNY", 1, 4, 1, 0.25), (january, "CNY", 2, 4, 2, 0.5),
        (february, "USD", 0, 1, 0, 0.0), (february, "USD", 1, 1, 1, 1.0),
    ]  # fmt: skip
    late = frame(
        [row("A", day, 0, 9) for day in MONTHS]
        + [row("F", day, 0, 9, disbursed_on=date(2026, 3, 5)) for day in (MAR, APR)]
    )
    assert told(vintages(late, 30, "quarter"), *names) == [
        (january, "CNY", 0, 2, 0, 0.0), (january, "CNY", 1, 2, 0, 0.0),
    ]  # fmt: skip
    assert vintages(late.filter(pl.col("as_of") < MAR), 30, "quarter").is_empty()


def test_cures_leave_out_extensions_and_sales_and_tell_who_fell_back() -> None:
    book = frame(
        [row(loan, JAN, 40, 10) for loan in "ABCDE"]
        + [
            row("A", FEB, 0, 10), row("B", FEB, None, 0, "closed"), row("C", FEB, 0, 10, extension_count=1),
            row("D", FEB, None, 0, "transferred"), row("E", FEB, 70, 10), row("A", MAR, 31, 10), row("B", MAR, None, 0, "closed"),
        ]
    )  # fmt: skip
    names = ("as_of", "late", "cured", "cure_rate", "relapsed", "relapse_rate")
    assert told(cures(book, 30, 1), *names) == [
        (JAN, 5, 2, 0.4, 1, 0.5), (FEB, 1, 0, 0.0, None, None), (MAR, 1, None, None, None, None),
    ]  # fmt: skip


def test_concentration_is_of_live_balances() -> None:
    found = concentration(BOOK, "borrower_id", top=1).filter(pl.col("as_of") == JAN)
    assert told(found, "count", "balance", "top_share") == [(4, 1500, 0.6)]
    assert found["hhi"][0] == pytest.approx(0.36 + 1 / 9 + 1 / 225)


# Laws.


@st.composite
def panels(draw: st.DrawFn) -> pl.LazyFrame:
    rows = []
    for number in range(draw(st.integers(1, 12))):
        begun = draw(st.sampled_from([date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 5)]))
        gone, worst = None, 0
        for day in MONTHS:
            if day < begun and draw(st.booleans()):
                continue  # not known yet
            dpd = None if gone else draw(st.sampled_from([0, 0, 1, 30, 31, 60, 61, 400]))
            worst = max(worst, dpd or 0)
            if gone is None and draw(st.integers(0, 5)) == 0:
                gone = draw(st.sampled_from(OTHER_STATES))
            state = gone or ("overdue" if dpd else "current")
            balance = draw(st.sampled_from([None, 0, 1, 50, 10**12])) if state in LIVE else 0
            rows.append(
                row(
                    f"L{number}", day, None if gone else dpd, balance, state, org_id=draw(st.sampled_from(["east", "west"])),
                    max_dpd_ever=worst, disbursed_on=begun,
                )
            )  # fmt: skip
    return frame(rows)


@given(panels())
def test_rows_of_a_migration_sum_to_one_and_its_columns_are_the_next_ageing(panel: pl.LazyFrame) -> None:
    found = migration(panel, STAGES, FEB, MAR)
    rows = found.group_by("from").agg(
        pl.col("loans_share", "balance_share").sum(), told=pl.col("balance_share").count()
    )
    assert all(abs(share - 1) < 1e-9 for share in rows["loans_share"])
    assert all(abs(share - 1) < 1e-9 for share in rows.filter(pl.col("told") > 0)["balance_share"])
    columns = found.filter(pl.col("to") != "absent").group_by("to").agg(pl.col("loans", "balance").sum()).sort("to")
    ages = ageing(panel.filter(pl.col("as_of") == MAR), STAGES)
    assert [(str(a), b, c) for a, b, c in columns.rows()] == told(
        ages.with_columns(pl.col("standing").cast(pl.String)), "standing", "loans", "balance"
    )


@given(panels())
def test_the_parts_of_any_partition_sum_to_the_whole(panel: pl.LazyFrame) -> None:
    whole = ageing(panel, STAGES)
    parts = ageing(panel, STAGES, by=["org_id"])
    sums = (
        parts.group_by("as_of", "standing")
        .agg(pl.col("loans", "balance", "without_balance").sum())
        .sort("as_of", "standing")
    )
    assert sums.rows() == whole.select(sums.columns).rows()


@given(panels(), st.sampled_from([30, 60, 90]), st.sampled_from(["month", "quarter"]))
@settings(deadline=None)
def test_the_parts_of_a_vintage_sum_to_the_whole(panel: pl.LazyFrame, days: int, cohort: str) -> None:
    key, counts = ["cohort", "currency", "months_on_book"], ["loans", "amount", "bad", "bad_amount"]
    parts = vintages(panel, days, cohort, ["org_id"]).group_by(key).agg(pl.col(counts).sum()).sort(key)
    assert parts.rows() == vintages(panel, days, cohort).select(*key, *counts).rows()


@given(panels(), st.sampled_from(MONTHS), st.sampled_from(["month", "quarter"]))
def test_a_vintage_at_an_age_never_uses_later_facts(panel: pl.LazyFrame, last: date, cohort: str) -> None:
    full = vintages(panel, 30, cohort)
    cut = vintages(panel.filter(pl.col("as_of") <= last), 30, cohort)
    assert set(cut.rows()) <= set(full.rows())
    again = vintages(
        pl.concat(
            [panel.filter(pl.col("as_of") <= last), panel.filter(pl.col("as_of") > last).with_columns(max_dpd_ever=999)]
        ),
        30,
        cohort,
    )
    kept = {tuple(cells) for cells in cut.rows()}
    assert kept <= set(again.rows())
