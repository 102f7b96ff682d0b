"""The ladder: by days, by cycles, before due, after write-off; of one loan and of columns alike."""

from __future__ import annotations

import dataclasses
import datetime as dt
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.collection import ladder
from daihou.policies.collection import LADDER, Collection, collection

if TYPE_CHECKING:
    from collections.abc import Sequence

TEXT: Final = resources.files("daihou").joinpath("policies/common", "collection.yaml").read_text("utf-8")
POLICY: Final[Collection] = collection(TEXT, "collection.yaml").on(dt.date(2026, 3, 31)).values
NONE_BEFORE_DUE: Final = dataclasses.replace(POLICY, days_before_due=0)

LOANS: Final = st.fixed_dictionaries(
    {
        "product": st.sampled_from(["card", "consumer", None]),
        "dpd": st.none() | st.integers(0, 400),
        "unpaid_due_dates": st.none() | st.integers(0, 14),
        "state": st.sampled_from(["current", "overdue", "written_off", "closed", "transferred", "not_started", "unmeasured"]),
        "days_to_next_due": st.none() | st.integers(-5, 40),
        "next_due_amount": st.none() | st.integers(0, 5_000),
        "total_claim": st.none() | st.integers(0, 5_000),
    }
)  # fmt: skip
SCHEMA: Final = {
    "product": pl.String, "dpd": pl.Int32, "unpaid_due_dates": pl.Int32, "state": pl.String, "days_to_next_due": pl.Int32,
    "next_due_amount": pl.Int64, "total_claim": pl.Int64,
}  # fmt: skip


def stage(policy: Collection = POLICY, **loan: Any) -> str | None:
    """The stage of a loan that is named by what matters of it."""
    stated: dict[str, Any] = {
        "product": "consumer", "dpd": 0, "unpaid_due_dates": 0, "state": "overdue", "days_to_next_due": None, "next_due": None, "claim": None,
    }  # fmt: skip
    return ladder.stage_of(policy, **(stated | loan))


@pytest.mark.parametrize(
    ("dpd", "expected"),
    [
        (1, "S"), (7, "S"), (8, "M1"), (30, "M1"), (31, "M2"), (60, "M2"), (61, "M3"), (91, "M4"), (121, "M5"), (151, "M6"), (180, "M6"),
        (181, "M7+"), (4_000, "M7+"),
    ],
)  # fmt: skip
def test_a_loan_goes_by_its_days(dpd: int, expected: str) -> None:
    assert stage(dpd=dpd, unpaid_due_dates=9) == expected


def test_unpaid_since_31_january_a_loan_is_m1_on_2_march_by_days_and_m2_by_cycles() -> None:
    days = (dt.date(2026, 3, 2) - dt.date(2026, 1, 31)).days
    assert stage(dpd=days, unpaid_due_dates=2) == "M1"
    assert stage(product="card", dpd=days, unpaid_due_dates=2) == "M2"


def test_s_is_a_stage_of_days_alone() -> None:
    assert stage(dpd=3, unpaid_due_dates=1) == "S"
    assert stage(product="card", dpd=3, unpaid_due_dates=1) == "M1"


def test_a_card_whose_due_dates_are_not_known_goes_by_its_days() -> None:
    assert stage(product="card", dpd=45, unpaid_due_dates=None) == "M2"


def test_what_was_written_off_is_worked_for_as_long_as_something_is_claimed() -> None:
    assert stage(state="written_off", dpd=500, claim=1) == "written_off"
    assert stage(state="written_off", dpd=500, claim=0) is None
    assert stage(state="written_off", dpd=500, claim=None) is None


@pytest.mark.parametrize(("days", "expected"), [(4, None), (3, "pre_due"), (0, "pre_due"), (-1, None)])
def test_a_loan_is_reminded_of_within_the_days_before_its_due_date(days: int, expected: str | None) -> None:
    assert stage(state="current", days_to_next_due=days, next_due=100) == expected
    assert stage(NONE_BEFORE_DUE, state="current", days_to_next_due=days, next_due=100) is None


def test_a_loan_that_is_overdue_is_not_before_due_whatever_falls_due_next() -> None:
    assert stage(dpd=10, days_to_next_due=1, next_due=100) == "M1"


@pytest.mark.parametrize("state", ["closed", "transferred", "not_started", "unmeasured"])
def test_a_loan_that_owes_nothing_or_is_not_measured_stands_nowhere(state: str) -> None:
    assert stage(state=state, dpd=90, days_to_next_due=1, next_due=100, claim=100) is None


def test_the_rank_rises_along_the_ladder() -> None:
    assert [ladder.rank(each) for each in LADDER] == list(range(len(LADDER)))
    frame = pl.DataFrame({"stage": [*LADDER, None]}).select(ladder.ranks())
    assert frame["stage"].to_list() == [*range(len(LADDER)), None]


@given(st.lists(LOANS, max_size=40), st.sampled_from([POLICY, NONE_BEFORE_DUE]))
def test_columns_are_read_as_single_loans_are(loans: Sequence[dict[str, Any]], policy: Collection) -> None:
    frame = pl.DataFrame(loans, schema=SCHEMA)
    one_by_one = [
        ladder.stage_of(
            policy, loan["product"], loan["dpd"], loan["unpaid_due_dates"], loan["state"], loan["days_to_next_due"], loan["next_due_amount"],
            loan["total_claim"],
        )
        for loan in loans
    ]  # fmt: skip
    assert frame.select(ladder.stages(policy).alias("stage"))["stage"].to_list() == one_by_one
