"""Laws of arrangements, on random claims and terms: rows of days tie, nothing is lost between the two courses, plans are exact."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final, get_args

from hypothesis import given
from hypothesis import strategies as st

from daihou.collection.arrangement import (
    COMPONENTS,
    Basis,
    Kind,
    Owed,
    Part,
    Row,
    Terms,
    compare,
    examine,
    schedule,
    spread,
)
from daihou.policies.collection import Approvals

AGREED: Final = dt.date(2026, 1, 31)
POLICY: Final = Approvals(Decimal(5000), 180, 1080, 36, 0.3)
AMOUNTS: Final = st.integers(0, 10**7)


@st.composite
def bases(draw: st.DrawFn) -> Basis:
    """A claim of random components, with rows that tell of some of it, over up to 200 days on which something falls due now and then."""
    owed = [draw(AMOUNTS) for _ in COMPONENTS]
    rows, left = [], owed[0] + owed[1] + owed[2]
    for late in draw(st.lists(st.integers(1, 400), max_size=4)):
        amount = draw(st.integers(0, left))
        rows.append(Row(AGREED - dt.timedelta(days=late), amount))
        left -= amount
    days = [Owed(AGREED, *owed)]
    coming = draw(
        st.dictionaries(st.integers(1, 200), st.lists(st.integers(0, 10**6), min_size=5, max_size=5), max_size=6)
    )
    for after in range(1, draw(st.integers(0, 200)) + 1):
        owed = [sum(pair) for pair in zip(owed, coming.get(after, [0] * 5), strict=True)]
        days.append(Owed(AGREED + dt.timedelta(days=after), *owed))
    return Basis(tuple(days), tuple(rows))


@st.composite
def agreed(draw: st.DrawFn, basis: Basis) -> Terms:
    """Sound terms of any kind within the days of the basis."""
    kind: Kind = draw(st.sampled_from(get_args(Kind)))
    last = len(basis.days) - 1
    if kind == "extension":
        if last and draw(st.booleans()):
            return Terms("extension", until=AGREED + dt.timedelta(days=draw(st.integers(1, last))))
        return Terms("extension", months=draw(st.integers(1, 12)))
    first = basis.first
    waived = {name: draw(st.integers(0, getattr(first, name))) for name in COMPONENTS} if kind != "instalments" else {}
    rest = first.total - sum(waived.values())
    if kind == "waiver" or not rest:
        return Terms("waiver", waived=waived)
    days = sorted(draw(st.sets(st.integers(0, last), min_size=1, max_size=6)))
    cuts = sorted(draw(st.lists(st.integers(0, rest), min_size=len(days) - 1, max_size=len(days) - 1)))
    amounts = [after - before for before, after in zip([0, *cuts], [*cuts, rest], strict=True)]
    return Terms(
        kind,
        tuple(Part(AGREED + dt.timedelta(days=day), amount) for day, amount in zip(days, amounts, strict=True)),
        waived=waived,
    )


BOTH: Final = bases().flatmap(lambda basis: st.tuples(st.just(basis), agreed(basis)))


@given(BOTH)
def test_rows_of_days_tie(both: tuple[Basis, Terms]) -> None:
    """What was owed before and what comes to be due make what is owed after, on either course; the contract's is what the claim is the day after."""
    days, basis = compare(*both), both[0]
    without = under = 0
    for place, day in enumerate(days):
        without, under = without + day.falls_due, under + day.to_pay
        assert (day.on, day.without, day.under) == (basis.days[place].on, without, under)
        assert day.without == basis.days[min(place + 1, len(basis.days) - 1)].total
    assert len(days) == max(len(basis.days) - 1, 1)


@given(BOTH)
def test_nothing_is_lost_between_the_two_courses(both: tuple[Basis, Terms]) -> None:
    """In the end less is owed by what was forgiven, and, where instalments were put off, by what is due after the last day."""
    basis, terms = both
    last = compare(basis, terms)[-1]
    if last.on < terms.last_on(AGREED):
        assert 0 <= last.eased <= last.without
    elif terms.kind != "extension":
        assert last.eased == terms.forgiven
    elif terms.until is not None:
        assert last.eased == 0


@given(BOTH)
def test_an_arrangement_never_asks_for_more_by_any_day(both: tuple[Basis, Terms]) -> None:
    assert all(day.eased >= 0 and day.to_pay >= 0 for day in compare(*both))


@given(BOTH)
def test_what_is_promised_is_the_parts_and_what_falls_due_until_the_last_day(both: tuple[Basis, Terms]) -> None:
    basis, terms = both
    last, parts = terms.last_on(AGREED), schedule(*both)
    falls = sum(amount for day, amount in basis.falls() if day <= last)
    assert sum(part.amount for part in parts) == terms.paid + falls
    assert [part.on for part in parts] == sorted({part.on for part in parts})
    assert all(part.amount > 0 and part.on <= last for part in parts)


@given(BOTH, st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_greater_limit_never_takes_authority_from_a_branch(both: tuple[Basis, Terms], low: int, more: int) -> None:
    def authority(limit: int) -> str:
        policy = Approvals(Decimal(limit), 180, 1080, 36, 0.3)
        return examine(*both, policy, currency="CNY", base="CNY", rate=1).authority

    assert (authority(low), authority(low + more)) != ("branch", "head_office")


@given(bases(), st.integers(1, 10**7), st.integers(0, 40))
def test_a_plan_from_what_is_left_a_month_is_exact_and_never_asks_for_more_than_is_left(
    basis: Basis, left: int, wait: int
) -> None:
    first_on, owed, falls = AGREED + dt.timedelta(days=wait), basis.first.total, basis.falls()
    parts = spread(owed, left, falls, AGREED, first_on, POLICY)
    if parts is None:
        return
    assert sum(part.amount for part in parts) == owed
    since = AGREED - dt.timedelta(days=1)
    for part in parts:
        due = sum(amount for day, amount in falls if since < day <= part.on)
        assert 0 < part.amount <= left
        assert part.on > since
        assert part.amount + due <= left or due > left  # a month that could not bear it came before
        since = part.on
    assert len(parts) <= POLICY.most_parts
    sound = examine(basis, Terms("instalments", parts), POLICY, currency="CNY", base="CNY", rate=1)
    assert sound.sound
