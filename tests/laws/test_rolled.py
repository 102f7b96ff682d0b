"""A law of the roll-up: loan by loan or as one query, a borrower's loans come to the same."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from daihou.monitoring.rollups.family import BORROWER
from daihou.monitoring.snapshot import SCHEMA
from daihou.runs import rolled, rollups

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

DAY: Final = dt.date(2026, 6, 30)
KINDS: Final = pl.DataFrame(SCHEMA.empty_table()).schema
NAMES: Final = ("loan_id", "borrower_id", *rollups.NEEDED)


def maybe(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(st.none(), values)


days = st.integers(0, 400)
shares = st.sampled_from(
    [Decimal(1), Decimal("0.5"), Decimal("0.3"), Decimal("0.12345678"), Decimal("0.00000001"), Decimal(0)]
)
loans = st.fixed_dictionaries(
    {
        "loan_id": st.just("L"),
        "borrower_id": maybe(st.sampled_from(["B1", "B2", "甲", "Z"])),
        "org_id": maybe(st.sampled_from(["O1", "O2"])),
        "state": st.sampled_from(["current", "overdue", "closed", "written_off", "unmeasured"]),
        "own_share": maybe(shares),
        "principal_outstanding_base": maybe(st.one_of(st.integers(0, 1_000), st.integers(-50, 10**13))),
        "dpd": maybe(days), "max_dpd_12m": maybe(days), "max_dpd_ever": maybe(days),
        "disbursed_on": maybe(st.dates(dt.date(2020, 1, 1), DAY)), "months_on_book": maybe(st.integers(0, 70)),
    }
)  # fmt: skip


@given(st.lists(loans, max_size=8))
def test_loan_by_loan_a_borrower_comes_to_what_the_query_says(rows: list[dict[str, Any]]) -> None:
    frame = pl.DataFrame(rows, {name: KINDS[name] for name in NAMES})
    whole = rollups.rolled(frame, BORROWER, DAY, DAY)
    assert rolled.rolled(frame.iter_rows(named=True), DAY, DAY) == whole.to_dicts()
