"""A promise is judged by cash alone: worked cases, and the laws of judging."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daihou.collection.promise import STATES, Cash, Judged, JudgedPart, Part, judge
from daihou.policies.collection import Promises

POLICY = Promises(tolerance_share=0.0, late_days=3, partly_share=0.5, most_days=30, most_parts=6, judged_days=400)
MADE = dt.date(2026, 6, 1)
LAWS = settings(max_examples=300, derandomize=True, database=None, deadline=None)


def on(day: int) -> dt.date:
    """So many days after the promise."""
    return MADE + dt.timedelta(day)


def came(day: int, amount: int, known: int | None = None) -> Cash:
    return Cash(on(day), amount, on(day if known is None else known))


def judged(
    *cash: Cash, as_of: int = 30, parts: tuple[tuple[int, int], ...] = ((10, 100),), policy: Promises = POLICY
) -> Judged:
    return judge([Part(on(day), amount) for day, amount in parts], cash, on(as_of), MADE, policy)


def whole_and_parts(found: Judged) -> list[Judged | JudgedPart]:
    return [found, *found.parts]


@pytest.mark.parametrize(
    ("cash", "state", "received", "kept_on"),
    [
        ([came(10, 100)], "kept", 100, 10),
        ([came(4, 60), came(9, 40)], "kept", 100, 9),
        ([came(4, 250)], "kept", 100, 4),
        ([came(10, 60), came(13, 40)], "late", 100, 13),
        ([came(10, 60), came(14, 40)], "partly", 60, None),
        ([came(10, 50)], "partly", 50, None),
        ([came(10, 49)], "broken", 49, None),
        ([], "broken", 0, None),
        ([came(10, 100), came(12, -1)], "partly", 99, None),
        ([came(-3, 100, known=-1)], "broken", 0, None),
        ([came(-3, 100, known=0)], "kept", 100, -3),
        ([came(5, 100, known=20)], "kept", 100, 5),
        ([came(2, -70)], "broken", 0, None),
    ],
    ids=["on its day", "in two", "too much", "within the days after", "the rest too late", "half", "less than half", "nothing", "given back again",
         "known before the promise", "paid before, known after", "booked late", "only given back"],
)  # fmt: skip
def test_a_promise_of_one_part_comes_to(cash: list[Cash], state: str, received: int, kept_on: int | None) -> None:
    found = judged(*cash)
    assert (found.state, found.received) == (state, received)
    assert found.kept_on == (None if kept_on is None else on(kept_on))


@pytest.mark.parametrize(("as_of", "state"), [(9, "open"), (10, "open"), (12, "open"), (13, "partly"), (400, "partly")])
def test_it_is_open_until_its_late_days_are_over(as_of: int, state: str) -> None:
    assert judged(came(3, 60), as_of=as_of).state == state


def test_it_is_kept_as_soon_as_enough_has_come_and_cash_after_the_date_is_not_seen() -> None:
    assert judged(came(3, 100), as_of=3).state == "kept"
    assert judged(came(4, 100), as_of=3).state == "open"


def test_a_tolerance_forgives_what_is_short_and_shares_are_read_as_they_are_written() -> None:
    tolerant = replace(POLICY, tolerance_share=0.1)
    assert judged(came(10, 90), policy=tolerant).state == "kept"
    assert judged(came(10, 89), policy=tolerant).state == "partly"
    assert judged(came(10, 30), policy=replace(POLICY, partly_share=0.3)).state == "partly"


def test_each_cent_counts_for_one_part_and_the_earliest_part_comes_first() -> None:
    parts = ((10, 100), (20, 100))
    both = judged(came(9, 150), came(20, 50), parts=parts)
    assert [(part.state, part.received) for part in both.parts] == [("kept", 100), ("kept", 100)]
    assert (both.state, both.kept_on) == ("kept", on(20))
    late = judged(came(12, 100), parts=parts)
    assert [(part.state, part.received) for part in late.parts] == [("late", 100), ("broken", 0)]
    after = judged(came(14, 100), parts=parts)
    assert [(part.state, part.received) for part in after.parts] == [("broken", 0), ("kept", 100)]
    assert (after.state, after.kept_on) == ("broken", None)


def test_the_whole_is_broken_with_its_first_broken_part_and_else_open_while_a_part_is() -> None:
    parts = ((10, 100), (20, 100))
    assert judged(came(9, 100), as_of=15, parts=parts).state == "open"
    assert judged(came(9, 60), as_of=15, parts=parts).state == "open"
    assert judged(came(9, 10), as_of=15, parts=parts).state == "broken"
    assert judged(came(9, 60), came(20, 100), as_of=30, parts=parts).state == "partly"


def test_parts_are_told_in_the_order_given() -> None:
    found = judged(came(9, 100), parts=((20, 50), (10, 100)))
    assert [(part.due_on, part.received) for part in found.parts] == [(on(20), 0), (on(10), 100)]


def test_a_promise_without_parts_or_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="asks for more than nothing"):
        judged(parts=())
    with pytest.raises(ValueError, match="asks for more than nothing"):
        judged(parts=((10, 0),))


DAYS = st.integers(-4, 30)
PARTS = st.lists(st.tuples(st.integers(0, 25), st.integers(1, 60)), min_size=1, max_size=4).map(tuple)
RECEIPTS = st.builds(came, DAYS, st.integers(1, 80), st.none() | DAYS)
ROWS = st.lists(st.builds(came, DAYS, st.integers(-40, 80).filter(bool), st.none() | DAYS), max_size=7)
POLICIES = st.builds(
    Promises, st.sampled_from([0.0, 0.05, 0.2]), st.integers(1, 6), st.sampled_from([0.3, 0.5]), st.just(30), st.just(6), st.just(400)
)  # fmt: skip


@LAWS
@given(PARTS, ROWS, st.integers(0, 40), POLICIES, st.randoms(use_true_random=False))
def test_the_order_in_which_cash_is_told_does_not_matter(
    parts: tuple[tuple[int, int], ...], rows: list[Cash], as_of: int, policy: Promises, random: object
) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert judged(*rows, as_of=as_of, parts=parts, policy=policy) == judged(
        *shuffled, as_of=as_of, parts=parts, policy=policy
    )


@LAWS
@given(PARTS, ROWS, RECEIPTS, st.integers(0, 40), POLICIES)
def test_more_money_makes_no_part_and_no_promise_worse(
    parts: tuple[tuple[int, int], ...], rows: list[Cash], more: Cash, as_of: int, policy: Promises
) -> None:
    before = judged(*rows, as_of=as_of, parts=parts, policy=policy)
    after = judged(*rows, more, as_of=as_of, parts=parts, policy=policy)
    for one, other in zip(whole_and_parts(before), whole_and_parts(after), strict=True):
        assert STATES.index(other.state) >= STATES.index(one.state)
        assert other.received >= one.received


@LAWS
@given(PARTS, ROWS, st.integers(0, 40), st.integers(0, 40), POLICIES)
def test_with_the_same_cash_what_was_decided_stays_decided(
    parts: tuple[tuple[int, int], ...], rows: list[Cash], as_of: int, later: int, policy: Promises
) -> None:
    seen = [row for row in rows if row.paid_on <= on(as_of)]
    before = judged(*seen, as_of=as_of, parts=parts, policy=policy)
    after = judged(*seen, as_of=as_of + later, parts=parts, policy=policy)
    for one, other in zip(whole_and_parts(before), whole_and_parts(after), strict=True):
        assert one.received == other.received
        assert one.state in ("open", other.state)


@LAWS
@given(PARTS, ROWS, st.integers(0, 40), POLICIES)
def test_no_cent_counts_twice_and_none_that_did_not_come(
    parts: tuple[tuple[int, int], ...], rows: list[Cash], as_of: int, policy: Promises
) -> None:
    found = judged(*rows, as_of=as_of, parts=parts, policy=policy)
    came_in = sum(row.amount for row in rows if row.amount > 0 and row.known_on >= MADE and row.paid_on <= on(as_of))
    assert found.received == sum(part.received for part in found.parts) <= came_in
    assert all(0 <= part.received <= part.amount for part in found.parts)
    assert all((part.kept_on is not None) == (part.state in ("kept", "late")) for part in found.parts)


@LAWS
@given(PARTS, ROWS, st.integers(0, 40), st.integers(1, 99), DAYS, POLICIES)
def test_money_given_back_the_same_day_is_as_if_it_had_never_come(
    parts: tuple[tuple[int, int], ...], rows: list[Cash], as_of: int, amount: int, day: int, policy: Promises
) -> None:
    receipts = [row for row in rows if row.amount > 0]
    twice = (came(day, amount, known=5), came(day, -amount, known=5))
    assert judged(*receipts, *twice, as_of=as_of, parts=parts, policy=policy) == judged(
        *receipts, as_of=as_of, parts=parts, policy=policy
    )
