"""Until when a claim may be brought: worked cases, to the day."""

from __future__ import annotations

import datetime as dt
from importlib import resources

import pytest

from daihou.collection.limitation import Claim, Event, Standing, enforcement, limitation
from daihou.policies.limitation import limitation as read

POLICY = read(
    resources.files("daihou").joinpath("policies/cn/limitation_cn.yaml").read_text("utf-8"), "policies/cn"
).on(dt.date(2026, 1, 1)).values  # fmt: skip
DUE = dt.date(2020, 6, 30)
LATE = dt.date(2039, 1, 1)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def event(kind: str, on: str, ended: str = "", to: str = "debtor") -> Event:
    return Event(day(on), kind, f"{kind} {on}", day(ended) if ended else None, to)


def stands(*events: Event, due: dt.date = DUE, as_of: dt.date = LATE, accelerated: dt.date | None = None) -> Standing:
    return limitation(POLICY, Claim(due, accelerated), events, as_of, "CN")


@pytest.mark.parametrize(
    ("due", "ends"),
    [("2020-06-30", "2023-06-30"), ("2020-02-29", "2023-02-28"), ("2021-02-28", "2024-02-28"), ("2019-10-01", "2022-10-08"), ("2018-05-12", "2021-05-12"),
     ("2021-06-30", "2024-07-01")],
    ids=["three years", "a leap day ends on the 28th", "the 28th stays the 28th", "in the holidays of October", "a work day", "a Sunday"],
)  # fmt: skip
def test_it_ends_on_the_same_date_three_years_on_or_the_next_work_day(due: str, ends: str) -> None:
    found = stands(due=day(due))
    assert found.begins_on == day(due) + dt.timedelta(days=1)
    assert found.ends_on == day(ends)


def test_it_is_over_the_day_after_its_last() -> None:
    assert not stands(as_of=day("2023-06-30")).barred
    assert stands(as_of=day("2023-06-30")).days_left == 0
    assert stands(as_of=day("2023-07-01")).barred
    assert stands(as_of=day("2023-07-01")).days_left == -1


def test_a_loan_called_due_early_counts_from_that_day_and_never_from_a_later_one() -> None:
    assert stands(accelerated=day("2019-07-01")).ends_on == day("2022-07-01")
    assert stands(accelerated=day("2021-07-01")).due_on == DUE


@pytest.mark.parametrize(
    "kind", ["demand_served", "debit", "payment", "promise", "acknowledgement", "agreement", "security"]
)
def test_an_event_within_it_begins_it_anew(kind: str) -> None:
    found = stands(event(kind, "2022-08-15"))
    assert (found.begins_on, found.ends_on) == (day("2022-08-16"), day("2025-08-15"))
    assert [(one.kind, one.on, one.renewed) for one in found.interrupted_by] == [(kind, day("2022-08-15"), False)]


def test_the_last_day_still_counts_and_the_day_after_it_no_more() -> None:
    assert stands(event("demand_served", "2023-06-30")).ends_on == day("2026-06-30")
    late = stands(event("demand_served", "2023-07-01"), event("payment", "2023-08-01"), event("promise", "2024-01-01"))
    assert (late.ends_on, late.interrupted_by) == (day("2023-06-30"), ())


def test_after_the_end_only_what_is_in_writing_renews() -> None:
    found = stands(
        event("acknowledgement", "2024-03-05"), event("demand_served", "2025-01-06"), event("promise", "2023-07-03")
    )
    assert [(one.kind, one.renewed) for one in found.interrupted_by] == [
        ("acknowledgement", True),
        ("demand_served", False),
    ]
    assert found.ends_on == day("2028-01-06")


def test_what_happened_before_it_was_due_or_is_of_no_known_kind_or_to_the_guarantor_does_nothing() -> None:
    nothing = stands(
        event("payment", "2020-05-01"),
        event("greeting", "2021-05-01"),
        event("demand_served", "2022-05-01", to="guarantor"),
    )
    assert (nothing.ends_on, nothing.interrupted_by) == (day("2023-06-30"), ())


def test_what_comes_after_the_date_is_not_known() -> None:
    assert stands(event("payment", "2022-08-15"), as_of=day("2022-08-14")).ends_on == day("2023-06-30")


def test_a_suit_holds_it_until_it_is_over() -> None:
    running = stands(event("suit", "2023-01-10"), as_of=day("2024-01-10"))
    assert (running.ends_on, running.days_left, running.pending, running.barred) == (None, None, True, False)
    assert stands(event("suit", "2023-01-10", "2024-05-20")).ends_on == day("2027-05-20")
    assert stands(event("suit", "2023-01-10", "2024-05-20"), as_of=day("2024-05-19")).pending
    assert stands(event("suit", "2023-07-10", "2024-05-20")).ends_on == day("2023-06-30")


@pytest.mark.parametrize(
    ("began", "gone", "ends"),
    [("2023-02-01", "2023-03-10", "2023-09-11"), ("2022-11-01", "2023-01-05", "2023-07-05"), ("2022-05-01", "2022-06-01", "2023-06-30"),
     ("2023-07-01", "2023-08-01", "2023-06-30")],
    ids=["within the last six months", "reaching into them", "before them", "after the end"],
)  # fmt: skip
def test_an_obstacle_in_the_last_six_months_holds_it(began: str, gone: str, ends: str) -> None:
    assert stands(event("obstacle", began, gone)).ends_on == day(ends)


def test_while_an_obstacle_stands_it_runs_to_its_longest_at_most() -> None:
    found = stands(event("obstacle", "2023-02-01"), as_of=day("2024-01-01"))
    assert (found.suspended, found.ends_on, found.barred) == (True, day("2040-07-02"), False)


def test_nothing_carries_it_beyond_twenty_years() -> None:
    demands = [event("demand_served", f"{year}-06-01") for year in range(2021, 2043, 2)]
    found = stands(*demands, as_of=day("2043-01-01"))
    assert (found.ends_on, found.longest_on, found.barred) == (day("2040-07-02"), day("2040-07-02"), True)
    assert found.interrupted_by[-1].on == day("2039-06-01")


def test_enforcement_is_asked_for_within_two_years_and_is_interrupted_alike() -> None:
    due = day("2024-03-31")
    assert enforcement(POLICY, due, [], LATE, "CN").ends_on == day("2026-03-31")
    assert enforcement(POLICY, due, [event("demand_served", "2025-09-01")], LATE, "CN").ends_on == day("2027-09-01")
