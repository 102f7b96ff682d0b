"""Plans, extensions, waivers and settlements: what is to be paid day by day, the limits of policy, and plans from what is left a month."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

import pytest

from daihou.collection.arrangement import (
    Basis,
    Compared,
    Examined,
    Owed,
    Part,
    Row,
    Terms,
    compare,
    examine,
    least_paid,
    months_between,
    schedule,
    spread,
)
from daihou.policies.collection import Approvals

AGREED: Final = dt.date(2026, 3, 10)
POLICY: Final = Approvals(
    branch_forgives_most=Decimal(5000), branch_longest_days=180, longest_days=1080, most_parts=36, least_paid_share=0.3
)


def on(days: int) -> dt.date:
    return AGREED + dt.timedelta(days=days)


def basis(days: int = 60, falls: dict[int, int] | None = None, charges: int = 2_000) -> Basis:
    """100,000 of principal, 20,000 of interest, past due since 31 January and the end of February, and charges; principal falls due on the days named."""
    principal, found = 100_000, []
    for day in range(days + 2):
        principal += (falls or {}).get(day - 1, 0)  # past due from the day after on
        found.append(Owed(on(day), principal, 20_000, 0, charges))
    return Basis(tuple(found), (Row(dt.date(2026, 1, 31), 60_000), Row(dt.date(2026, 2, 28), 60_000)))


def parts(*stated: tuple[int, int]) -> tuple[Part, ...]:
    return tuple(Part(on(day), amount) for day, amount in stated)


def examined(terms: Terms, of: Basis | None = None, rate: Decimal | int | None = 1, **policy: Any) -> Examined:
    limits = {
        name: policy.get(name, getattr(POLICY, name))
        for name in ("branch_forgives_most", "branch_longest_days", "longest_days", "most_parts", "least_paid_share")
    }
    return examine(of or basis(), terms, Approvals(**limits), currency="CNY", base="CNY", rate=rate)


def codes(terms: Terms, of: Basis | None = None, **more: Any) -> list[str]:
    return [trouble.code for trouble in examined(terms, of, **more).troubles]


def at(days: tuple[Compared, ...], day: int) -> Compared:
    return days[day]


def test_a_plan_puts_what_is_past_due_into_its_parts_beside_what_falls_due() -> None:
    terms = Terms("instalments", parts((20, 61_000), (50, 61_000)))
    days = compare(basis(falls={30: 50_000}), terms)
    assert len(days) == 61
    assert at(days, 0) == Compared(on(0), 122_000, 122_000, 0, 0)
    assert at(days, 20) == Compared(on(20), 0, 122_000, 61_000, 61_000)
    assert at(days, 30) == Compared(on(30), 50_000, 172_000, 50_000, 111_000)
    assert (at(days, 50).without, at(days, 50).under, at(days, 50).eased) == (172_000, 172_000, 0)


def test_what_a_plan_does_not_cover_stays_due_at_once() -> None:
    days = compare(basis(), Terms("instalments", parts((20, 100_000))))
    assert (at(days, 0).to_pay, at(days, 0).under, at(days, 20).under) == (22_000, 22_000, 122_000)


def test_an_extension_moves_every_instalment_by_its_months_and_leaves_charges_due() -> None:
    terms = Terms("extension", months=2)
    days = compare(basis(days=61, falls={30: 50_000}), terms)
    assert at(days, 0).under == 2_000
    moved = {day.on: day.to_pay for day in days if day.to_pay}
    assert moved == {
        AGREED: 2_000,
        dt.date(2026, 3, 31): 60_000,
        dt.date(2026, 4, 28): 60_000,
    }  # what falls due on 9 April is asked on 9 June
    assert terms.last_on(AGREED) == dt.date(2026, 5, 10)


def test_an_extension_until_a_day_gathers_what_is_due_before_it() -> None:
    terms = Terms("extension", until=on(40))
    days = compare(basis(falls={30: 50_000, 45: 7_000}), terms)
    assert {day.on: day.to_pay for day in days if day.to_pay} == {AGREED: 2_000, on(40): 170_000, on(45): 7_000}


def test_what_no_row_tells_of_is_moved_as_if_it_were_due_on_the_day() -> None:
    bill = Basis(tuple(Owed(on(day), 80_000, 0, 0, 500) for day in range(61)))
    days = compare(bill, Terms("extension", months=1))
    assert {day.on: day.to_pay for day in days if day.to_pay} == {AGREED: 500, dt.date(2026, 4, 10): 80_000}


def test_a_waiver_takes_its_amount_off_from_the_day_on() -> None:
    days = compare(basis(falls={30: 50_000}), Terms("waiver", waived={"charges": 2_000, "interest": 5_000}))
    assert {day.eased for day in days} == {7_000}


def test_a_settlement_is_exact_or_says_what_is_off() -> None:
    terms = Terms("settlement", parts((10, 50_000), (40, 50_000)), waived={"interest": 20_000, "charges": 2_000})
    assert codes(terms) == []
    assert at(compare(basis(), terms), 60).under == 100_000
    short = Terms("settlement", parts((10, 50_000)), waived={"interest": 20_000, "charges": 2_000})
    found = examined(short).troubles
    assert [(one.code, dict(one.values)) for one in found] == [
        ("not_exact", {"paid": 50_000, "waived": 22_000, "owed": 122_000})
    ]


def test_a_settlement_brings_the_share_of_the_policy_at_least() -> None:
    waived = {"principal": 100_000, "interest": 20_000}
    assert codes(Terms("settlement", parts((1, 2_000)), waived=waived)) == ["paid_too_little"]
    assert least_paid(122_000, POLICY) == 36_600
    assert least_paid(1, POLICY) == 1  # rounded up: three tenths of a cent is a cent


@pytest.mark.parametrize(
    ("terms", "code"),
    [
        (Terms("instalments"), "no_parts"),
        (Terms("instalments", parts((20, 1_000), (20, 1_000))), "parts_not_ascending"),
        (Terms("instalments", parts((-1, 1_000))), "part_past"),
        (Terms("instalments", parts((20, 0))), "part_not_positive"),
        (Terms("instalments", parts((20, 122_001))), "too_much"),
        (Terms("instalments", parts((1081, 1_000))), "too_long"),
        (Terms("instalments", parts(*((day, 1) for day in range(37)))), "too_many_parts"),
        (Terms("extension"), "no_length"),
        (Terms("extension", months=1, until=on(9)), "no_length"),
        (Terms("extension", until=on(0)), "until_past"),
        (Terms("waiver"), "nothing_waived"),
        (Terms("waiver", waived={"interest": 20_001}), "waived_too_much"),
        (Terms("waiver", waived={"costs": 1}), "waived_wrong"),
        (Terms("waiver", waived={"interest": -1}), "waived_wrong"),
    ],
)
def test_what_may_not_be_agreed_has_its_code(terms: Terms, code: str) -> None:
    assert codes(terms) == [code]


def test_where_nothing_is_owed_there_is_nothing_to_agree_on_but_an_extension() -> None:
    nothing = Basis((Owed(AGREED),))
    assert codes(Terms("instalments", parts((1, 1))), nothing) == ["nothing_owed"]
    assert codes(Terms("extension", months=1), nothing) == []


def test_a_branch_forgives_up_to_its_limit_and_head_office_beyond() -> None:
    just = examined(Terms("waiver", waived={"interest": 20_000}), branch_forgives_most=Decimal(200))
    more = examined(Terms("waiver", waived={"interest": 20_000, "charges": 1}), branch_forgives_most=Decimal(200))
    assert (just.authority, just.beyond) == ("branch", ())
    assert (more.authority, more.beyond) == ("head_office", ("forgives",))


def test_the_limit_is_told_in_the_base_currency() -> None:
    terms = Terms("waiver", waived={"interest": 10_000})
    assert examined(terms, rate=Decimal("7.2"), branch_forgives_most=Decimal(720)).authority == "branch"
    assert examined(terms, rate=Decimal("7.21"), branch_forgives_most=Decimal(720)).authority == "head_office"
    assert examined(terms, rate=None).beyond == ("no_rate",)
    assert examined(Terms("extension", months=1), rate=None).authority == "branch"


def test_a_branch_agrees_on_so_many_days_and_head_office_on_more() -> None:
    assert examined(Terms("instalments", parts((180, 100)))).authority == "branch"
    assert examined(Terms("instalments", parts((181, 100)))).beyond == ("longest",)


def test_a_plan_from_what_is_left_a_month_has_the_rest_on_its_last_part() -> None:
    made = spread(100_000, 30_000, [], AGREED, dt.date(2026, 3, 31), POLICY)
    assert made == (
        Part(dt.date(2026, 3, 31), 30_000), Part(dt.date(2026, 4, 30), 30_000), Part(dt.date(2026, 5, 31), 30_000),
        Part(dt.date(2026, 6, 30), 10_000),
    )  # fmt: skip


def test_what_falls_due_is_paid_out_of_the_same_money_first() -> None:
    falls = [(dt.date(2026, 4, 5), 25_000), (dt.date(2026, 5, 5), 30_000)]
    made = spread(40_000, 30_000, falls, AGREED, dt.date(2026, 3, 31), POLICY)
    assert made == (
        Part(dt.date(2026, 3, 31), 30_000),
        Part(dt.date(2026, 4, 30), 5_000),
        Part(dt.date(2026, 6, 30), 5_000),
    )  # nothing is left in May


def test_where_nothing_is_left_or_it_lasts_too_long_there_is_no_plan() -> None:
    assert spread(100_000, 0, [], AGREED, on(20), POLICY) is None
    assert spread(100_000, 1_000, [], AGREED, on(20), POLICY) is None  # a hundred parts


def test_what_is_promised_holds_what_falls_due_beside_the_parts() -> None:
    terms = Terms("instalments", parts((20, 61_000), (50, 61_000)))
    of = basis(falls={30: 50_000, 51: 7_000, 55: 9_000})
    assert schedule(of, terms) == parts((20, 61_000), (30, 50_000), (50, 61_000))


def test_what_a_plan_leaves_due_at_once_is_not_promised() -> None:
    assert schedule(basis(), Terms("instalments", parts((20, 61_000)))) == parts((20, 61_000))


def test_months_are_counted_until_a_day_is_reached() -> None:
    assert months_between(dt.date(2026, 1, 31), dt.date(2026, 2, 28)) == 1
    assert months_between(dt.date(2026, 1, 15), dt.date(2026, 4, 16)) == 4
    assert months_between(dt.date(2026, 4, 16), dt.date(2026, 1, 15)) == 0


def test_a_basis_with_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="follow one another"):
        Basis((Owed(on(0)), Owed(on(2))))
