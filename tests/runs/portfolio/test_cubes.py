"""The cubes of the runs against their snapshots: the same answers, by every scheme and cut; and clear about what they cannot tell."""

from __future__ import annotations

import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import daihou
from books import harbour
from books.harbour import END
from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.policies.buckets import Buckets
from daihou.runs import store
from daihou.runs.cohort_cube import DIMENSIONS as COHORT_DIMENSIONS
from daihou.runs.cohort_cube import cohort_cube
from daihou.runs.cube import SUMS, cube
from daihou.runs.nightly import run_all
from daihou.runs.policies import SCHEMES
from daihou.runs.portfolio.ageing import ageing
from daihou.runs.portfolio.cubes import CUTS, _standing, cubes
from daihou.runs.portfolio.first_payments import first_payments, rates
from daihou.runs.portfolio.panel import BALANCE, COLUMNS, LIVE, OTHER_STATES, WEIGHTS
from daihou.runs.portfolio.portfolio import portfolio
from daihou.runs.portfolio.rolls import rolls
from daihou.runs.portfolio.vintages import curves, vintages
from once import once

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.portfolio.cubes import Cubes
    from daihou.runs.portfolio.portfolio import Portfolio

MONTHS = [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), END]


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Harbour Branch at five month ends: loans in three currencies, one without a rate; written off, sold, paid, not begun."""

    def build(folder: Path) -> None:
        home = open_home(shutil.copytree(harbour.taken_in(tmp_path_factory), folder / "home"), {})
        run_all(home, [(day, day) for day in MONTHS], silent)

    return open_home(once(tmp_path_factory, "moved", build) / "home", {})


@pytest.fixture(scope="module")
def both(moved: Home) -> tuple[Cubes, Portfolio]:
    return cubes(moved), portfolio(moved)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("by", [[], *([name] for name in CUTS), ["product", "org_id"]])
def test_the_ageing_of_the_cubes_is_that_of_the_snapshots(
    both: tuple[Cubes, Portfolio], scheme: str, by: list[str]
) -> None:
    fast, slow = both
    found = fast.ageing(scheme, by)
    assert found.equals(slow.ageing(scheme, by))
    sums = found.group_by("as_of", "standing").agg(pl.col("loans", "balance", "without_balance").sum())
    whole = fast.ageing(scheme).select(sums.columns)
    assert sums.sort("as_of", "standing").equals(whole)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_rolls_of_the_cubes_are_those_of_the_snapshots(both: tuple[Cubes, Portfolio], scheme: str) -> None:
    fast, slow = both
    assert fast.rolls(scheme).equals(slow.rolls(scheme))


@pytest.mark.parametrize("cohort", ["month", "quarter", "year"])
@pytest.mark.parametrize("by", [[], *([name] for name in COHORT_DIMENSIONS), ["product", "org_id"]])
def test_the_vintages_and_first_payments_of_the_cubes_are_those_of_the_snapshots(
    both: tuple[Cubes, Portfolio], cohort: str, by: list[str]
) -> None:
    fast, slow = both
    for days in (30, 60, 90):
        found = fast.vintages(days, cohort, by)
        assert found.equals(slow.vintages(days, cohort, by))
        counts = ["loans", "amount", "bad", "bad_amount"]
        key = ["cohort", "currency", "months_on_book"]
        assert (
            found.group_by(key)
            .agg(pl.col(counts).sum())
            .sort(key)
            .equals(fast.vintages(days, cohort).select(*key, *counts))
        )
    first = fast.first_payments(cohort, by)
    assert first.equals(slow.first_payments(cohort=cohort, by=by))
    names = ["loans", *(f"{kind}_{days}" for days in (7, 15, 30) for kind in ("due", "fpd"))]
    assert (
        first.group_by("cohort")
        .agg(pl.col(names).sum())
        .sort("cohort")
        .equals(fast.first_payments(cohort).select("cohort", *names))
    )


def test_vintages_hold_something(both: tuple[Cubes, Portfolio]) -> None:
    fast, _ = both
    assert fast.vintages(30, "month").height > 5
    assert fast.first_payments()["due_7"].sum() > 0
    assert fast.ageing()["without_balance"].sum() > 0


def test_what_the_cubes_cannot_tell_is_refused_with_the_way_to_the_snapshots(moved: Home, tmp_path: Path) -> None:
    own = moved.path / "policies" / "buckets_par.yaml"
    own.parent.mkdir(exist_ok=True)
    own.write_text(
        "policy: buckets_par\nmeaning: x\nversions:\n  - from: 1900-01-01\n    owner: x\n    values:\n      measure: dpd\n"
        '      labels: ["0-10", "11-30", ">30"]\n      ends: [10, 30]\n'
    )
    try:
        with pytest.raises(
            DaihouError, match="cannot tell the buckets of buckets_par: they do not end at 10"
        ) as caught:
            cubes(moved).ageing("buckets_par")
    finally:
        own.unlink()
    assert "portfolio()" in caught.value.remedy
    assert "buckets_par" in caught.value.zh[0]
    book = daihou.open(moved.path).cubes()
    with pytest.raises(DaihouError, match="ever 45 days"):
        book.vintages(45)
    with pytest.raises(DaihouError, match="not kept by officer_id"):
        book.ageing(by=["officer_id"])
    with pytest.raises(DaihouError, match="Cohorts by week"):
        book.vintages(cohort="week")
    with pytest.raises(DaihouError, match="scheme colours is unknown"):
        book.rolls("colours")


def test_buckets_renamed_after_the_run_are_refused_and_not_counted_as_something_else(moved: Home) -> None:
    own = moved.path / "policies" / "buckets_atomic.yaml"
    own.parent.mkdir(exist_ok=True)
    own.write_text(
        "policy: buckets_atomic\nmeaning: x\nversions:\n  - from: 1900-01-01\n    owner: x\n    values:\n      measure: dpd\n"
        '      labels: ["none", "some"]\n      ends: [0]\n'
    )
    try:
        with pytest.raises(DaihouError, match="buckets of 2025-12-31 are not those") as caught:
            cubes(moved)
    finally:
        own.unlink()
    assert "daihou run --as-of 2025-12-31" in caught.value.remedy


def test_a_cube_of_an_earlier_version_is_refused_with_the_run_to_make_again(home: Home) -> None:
    for path in store.files(home, "cube", END, END):
        pl.read_parquet(path).drop("cycles").write_parquet(path)
    with pytest.raises(DaihouError, match="has no cube as this version writes it") as caught:
        cubes(home)
    assert f"daihou run --as-of {END} --known-on {END}" in caught.value.remedy


ATOMIC = Buckets("dpd", ["0", "1-30", "31-60", "61-90", ">90"], [0, 30, 60, 90])
SCHEMES_BY_HAND = [
    ATOMIC, Buckets("dpd", ["0-30", "31-90", ">90"], [30, 90]), Buckets("dpd", ["0", ">0"], [0]),
    Buckets("unpaid_due_dates", ["0", "1", "2-6", "6+"], [0, 1, 6]),
]  # fmt: skip
KINDS = {**COLUMNS, "bucket": pl.String, **dict.fromkeys(SUMS, pl.Int64)}


@st.composite
def books(draw: st.DrawFn) -> dict[date, pl.DataFrame]:
    """The same loans on three month ends, as snapshots have them: a loan keeps its org and terms."""
    found: dict[date, list[dict[str, Any]]] = {day: [] for day in MONTHS[2:]}
    for number in range(draw(st.integers(1, 10))):
        begun = draw(st.sampled_from([date(2026, 2, 3), date(2026, 3, 3), date(2026, 6, 3)]))
        terms = {
            "loan_id": f"L{number}", "org_id": draw(st.sampled_from(["east", "west", None])), "loan_amount": draw(st.integers(0, 10**12)),
            "currency": draw(st.sampled_from(["CNY", "JPY", "USD"])), "disbursed_on": begun,
            "first_due_on": draw(st.none() | st.dates(begun, date(2026, 6, 30))),
        }  # fmt: skip
        for day, rows in found.items():
            state = draw(st.sampled_from([*LIVE, *OTHER_STATES])) if begun <= day else "not_started"
            dpd = draw(st.sampled_from([0, 1, 30, 31, 60, 61, 90, 91, 5000])) if state in LIVE else None
            months = (day.year - begun.year) * 12 + day.month - begun.month
            rows.append(
                {
                    **terms, "state": state, "dpd": dpd, "bucket": None if dpd is None else ATOMIC.of(dpd),
                    "unpaid_due_dates": None if dpd is None else draw(st.none() | st.integers(0, 12)),
                    BALANCE: draw(st.none() | st.integers(0, 10**12)), "principal_outstanding": draw(st.none() | st.integers(0, 10)),
                    "max_dpd_ever": draw(st.none() | st.integers(0, 100)), "months_on_book": months if begun <= day else None,
                    "first_payment_max_dpd": draw(st.none() | st.integers(0, 40)),
                }
            )  # fmt: skip
    return {day: pl.DataFrame(rows, schema=KINDS) for day, rows in found.items()}


@given(books())
@settings(max_examples=30, deadline=None)
def test_cubes_of_any_book_answer_as_its_loans_do(book: dict[date, pl.DataFrame]) -> None:
    dated = [(day, rows.lazy().with_columns(as_of=pl.lit(day, pl.Date))) for day, rows in book.items()]
    panel = pl.concat([rows for _, rows in dated]).with_columns(WEIGHTS)
    cells = pl.concat(
        [cube(rows).with_columns(as_of=pl.lit(day, pl.Date)).select(*_standing(ATOMIC)) for day, rows in dated]
    )
    for scheme in SCHEMES_BY_HAND:
        for by in ([], ["org_id"], ["currency", "org_id"]):
            assert ageing(cells, scheme, by).equals(ageing(panel, scheme, by))
        assert rolls(cells, scheme).equals(rolls(panel, scheme))
    begun = pl.concat(
        [cohort_cube(rows, day).with_columns(as_of=pl.lit(day, pl.Date)) for day, rows in dated]
    ).collect()
    last = begun.filter(pl.col("as_of") == END)
    for by in ([], ["org_id"]):
        for cohort in ("month", "quarter"):
            for days in (30, 60, 90):
                assert curves(begun, list(book), days, cohort, by).equals(vintages(panel, days, cohort, by))
            assert rates(last, cohort=cohort, by=by).equals(first_payments(panel, cohort=cohort, by=by))
