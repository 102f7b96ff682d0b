"""Which debt, and which part of it, a payment covers: the worked cases of the field by number, and what holds of every split."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.collection.allocation import Debt, Instalment, Split, horizontal, of_debts, of_one, pro_rata, vertical
from daihou.simulation.instalments import _schedule

EARLY, LATE = dt.date(2026, 1, 1), dt.date(2026, 3, 1)
TWO = [Instalment(10, 40, 150), Instalment(10, 40, 150)]
AMOUNTS = st.integers(0, 10**6)


def debt(name: str, amount: int = 100, due_on: dt.date = EARLY, **more: object) -> Debt:
    return Debt(name, amount, due_on, **{"due": True, **more})  # type: ignore[arg-type]


def test_a4_01_costs_before_interest_before_principal() -> None:
    assert of_one(500, 2_000, 10_000, 2_300) == Split(500, 1_800, 0, 0)


def test_a4_02_the_less_secured_debt_goes_before_the_one_due_earlier() -> None:
    assert of_debts([debt("B", due_on=EARLY, secured=100), debt("A", due_on=LATE)], 100) == {"A": 100, "B": 0}


def test_a4_03_horizontally_the_first_instalment_is_covered_whole() -> None:
    spread = horizontal(TWO, 230)
    assert spread.covered == (Instalment(10, 40, 150), Instalment(10, 20, 0))
    assert spread.left == 0


def test_a4_04_vertically_fees_come_before_interest_and_interest_before_principal() -> None:
    spread = vertical(TWO, 230)
    assert spread.covered == (Instalment(10, 40, 130), Instalment(10, 40, 0))
    fees, interest, principal = (
        sum(getattr(row, name) for row in spread.covered) for name in ("fee", "interest", "principal")
    )
    assert (fees, interest, principal) == (20, 80, 130)


def test_a4_05_a_level_plan_of_the_simulated_books_is_the_annuity_of_the_formula() -> None:
    plan = np.zeros((2, 12), np.int64)
    _schedule(plan, 0, 1_000_000, 0.01, 12)
    assert (plan[0, 0], plan[1, 0]) == (78_849, 10_000)
    assert (plan[0, :-1] + plan[1, :-1] == 88_849).all()
    assert plan[0].sum() == 1_000_000


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"agreed": 1, "secured": 100}, {"agreed": 2}),
        ({"agreed": 5, "due": False}, {}),
        ({}, {"due": False}),
        ({"secured": 40}, {"secured": 41}),
        ({"burden": Decimal("0.12")}, {"burden": Decimal("0.06")}),
        ({"due_on": EARLY}, {"due_on": LATE}),
    ],
    ids=["agreed order", "agreed before others", "due before not due", "less secured", "heavier", "due earlier"],
)
def test_each_step_of_article_560_decides_where_those_before_it_do_not(
    first: dict[str, object], second: dict[str, object]
) -> None:
    for given_first in (True, False):
        debts = [debt("first", **first), debt("second", **second)]  # type: ignore[arg-type]
        assert of_debts(debts if given_first else debts[::-1], 130) == {"first": 100, "second": 30}


def test_the_debtor_names_what_is_paid_but_not_against_what_was_agreed() -> None:
    debts = [debt("a"), debt("b", secured=100), debt("c", due=False)]
    assert of_debts(debts, 150, named=["c", "b"]) == {"a": 0, "b": 50, "c": 100}
    agreed = [debt("a", agreed=1), debt("b"), debt("c")]
    assert of_debts(agreed, 150, named=["c"]) == {"a": 100, "b": 0, "c": 50}


def test_debts_alike_in_all_share_in_proportion_and_not_a_cent_is_lost() -> None:
    assert of_debts([debt("a", 100), debt("b", 200), debt("c", 400)], 100) == {"a": 14, "b": 29, "c": 57}


def test_amounts_below_nothing_double_debts_and_unknown_names_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        of_debts([debt("a", -1)], 1)
    with pytest.raises(ValueError, match="0 or more"):
        of_one(1, 1, 1, -1)
    with pytest.raises(ValueError, match="0 or more"):
        horizontal(TWO, -5)
    with pytest.raises(ValueError, match="one id"):
        of_debts([debt("a"), debt("a")], 1)
    with pytest.raises(ValueError, match="one of them"):
        of_debts([debt("a")], 1, named=["b"])
    with pytest.raises(ValueError, match="nothing to divide by"):
        pro_rata([0, 0], 1)


@settings(max_examples=100, derandomize=True, database=None)
@given(st.lists(AMOUNTS, min_size=1, max_size=8), AMOUNTS)
def test_a_division_sums_to_the_cent_and_nobody_is_a_unit_off_their_share(amounts: list[int], total: int) -> None:
    total = min(total, sum(amounts))
    shares = pro_rata(amounts, total)
    assert sum(shares) == total
    for share, amount in zip(shares, amounts, strict=True):
        assert 0 <= share <= amount
        assert abs(share * sum(amounts) - total * amount) < max(sum(amounts), 1)


@settings(max_examples=100, derandomize=True, database=None)
@given(st.lists(st.builds(Instalment, AMOUNTS, AMOUNTS, AMOUNTS), max_size=5), st.integers(0, 10**7))
def test_both_orders_spend_all_that_is_owed_and_no_more(rows: list[Instalment], amount: int) -> None:
    owed = sum(row.total for row in rows)
    for spread in (horizontal(rows, amount), vertical(rows, amount)):
        assert sum(row.total for row in spread.covered) + spread.left == amount
        assert spread.left == max(amount - owed, 0)
        for covered, row in zip(spread.covered, rows, strict=True):
            assert covered.fee <= row.fee
            assert covered.interest <= row.interest
            assert covered.principal <= row.principal


DEBTS = st.lists(
    st.builds(
        Debt, st.sampled_from("abcdef"), st.integers(0, 90), st.sampled_from([EARLY, LATE]), st.booleans(), st.sampled_from([0, 50]),
        st.sampled_from([0, 1]), st.sampled_from([None, None, 1, 2]),
    ),
    min_size=1, max_size=5, unique_by=lambda one: one.debt_id,
)  # fmt: skip


@settings(max_examples=200, derandomize=True, database=None)
@given(DEBTS, st.integers(0, 400), st.randoms(use_true_random=False))
def test_several_debts_get_what_is_paid_and_a_later_one_nothing_while_an_earlier_one_is_short(
    debts: list[Debt], amount: int, random: object
) -> None:
    got = of_debts(debts, amount)
    assert sum(got.values()) == min(amount, sum(one.amount for one in debts))
    short = [one for one in debts if got[one.debt_id] < one.amount]
    for one in debts:
        if got[one.debt_id]:
            for other in short:
                assert not (other.due and not one.due and one.agreed is None)
    shuffled = list(debts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    again = of_debts(shuffled, amount)
    assert all(abs(again[name] - share) <= 1 for name, share in got.items()), "only odd units may go elsewhere"
