"""Worked cases of the gate, by id (A7): what the rules of China and of the United States allow, and from when on again."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import TYPE_CHECKING, Any

import pytest

from daihou.collection.conduct.contact import Circumstance, Decision, Past, Standing
from daihou.collection.conduct.gate import decide
from laws.conduct_known import CN, US, past, proposal

if TYPE_CHECKING:
    from collections.abc import Sequence

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")
IN_NEW_YORK = Standing(("America/New_York",))


def here(day: int, hour: int, minute: int = 0, second: int = 0) -> dt.datetime:
    """A moment of June 2026 in Shanghai."""
    return dt.datetime(2026, 6, day, hour, minute, second, tzinfo=SHANGHAI)


def there(day: int, hour: int = 12) -> dt.datetime:
    """A moment of June 2026 in New York."""
    return dt.datetime(2026, 6, day, hour, tzinfo=NEW_YORK)


def in_china(at: dt.datetime, history: Sequence[Past] = (), **more: Any) -> Decision:
    return decide([CN], proposal(at, **more), history, Standing())


def in_america(at: dt.datetime, history: Sequence[Past] = (), **more: Any) -> Decision:
    """Of an outside collector, whom the rule binds."""
    return decide([US], proposal(at, agency="A", **more), history, IN_NEW_YORK)


def refused_by(decision: Decision) -> list[str]:
    return [refusal.rule for refusal in decision.refusals]


@pytest.mark.parametrize(
    ("at", "allowed"),
    [(here(1, 21, 59, 59), True), (here(1, 22), False), (here(1, 7, 59, 59), False), (here(1, 8), True)],
    ids=["A7-01 21:59:59", "A7-01 22:00:00", "A7-01 07:59:59", "A7-01 08:00:00"],
)
def test_a7_01_between_ten_at_night_and_eight_in_the_morning_nobody_is_called(at: dt.datetime, allowed: bool) -> None:
    found = in_china(at)
    assert found.allowed is allowed
    if not allowed:
        assert refused_by(found) == ["hours"]
        assert found.earliest == here(2 if at.hour == 22 else 1, 8)


def test_a7_02_a_fourth_effective_call_of_a_day_is_refused_until_the_next_morning() -> None:
    three = [past(here(1, hour), "conversation", point=f"n{hour}") for hour in (9, 10, 11)]
    assert in_china(here(1, 12), three[:2]).allowed
    found = in_china(here(1, 12), three, point="another")
    assert refused_by(found) == ["effective_calls"]
    assert found.earliest == here(2, 8)
    assert found.refusals[0].citation == "GB/T 45251-2025"


def test_a7_02_a_call_under_way_counts_as_the_third() -> None:
    under_way = [*(past(here(1, hour), "conversation") for hour in (9, 10)), past(here(1, 11), "pending")]
    assert refused_by(in_china(here(1, 11, 1), under_way, point="another")) == ["effective_calls"]


def test_a7_03_a_seventh_unanswered_attempt_to_a_number_is_refused_and_a_first_to_another_is_not() -> None:
    six = [past(here(1, hour), "no_answer", point="X") for hour in range(9, 15)]
    assert in_china(here(1, 15), six[:5], point="X").allowed
    found = in_china(here(1, 15), six, point="X")
    assert refused_by(found) == ["unanswered_attempts"]
    assert found.earliest == here(2, 8)
    assert in_china(here(1, 15), six, point="Y").allowed


def test_a7_04_a_third_person_may_be_asked_after_three_failed_contacts_in_a_row_and_not_after_two() -> None:
    failed = [past(here(1, hour), "no_answer") for hour in (9, 10, 11)]
    friend: dict[str, Any] = {
        "person_id": "F",
        "debtor_id": "D",
        "party": "unrelated",
        "purpose": "locate",
        "point": "n9",
        "limited": True,
    }
    found = in_china(here(1, 12), failed[:2], **friend)
    assert refused_by(found) == ["contact_only_out_of_reach"]
    assert found.earliest is None
    assert in_china(here(1, 12), failed, **friend).allowed
    assert not in_china(here(1, 12), [*failed, past(here(1, 11, 30), "conversation")], **friend).allowed
    assert not in_china(here(1, 12), failed, **{**friend, "purpose": "collect"}).allowed


def test_a7_05_a_call_a_day_for_seven_days_leaves_the_eighth_day_free() -> None:
    seven = [past(there(day), "no_answer", agency="A") for day in range(1, 8)]
    assert in_america(there(8), seven).allowed


def test_a7_06_an_eighth_call_within_seven_days_is_refused() -> None:
    seven = [past(there(day), "no_answer", agency="A") for day in range(1, 8)]
    found = in_america(there(7, 18), seven)
    assert refused_by(found) == ["call_frequency"]
    assert found.earliest == there(8, 8)


@pytest.mark.parametrize(("day", "allowed"), [(7, False), (8, True)], ids=["A7-07 06-07", "A7-07 06-08"])
def test_a7_07_after_a_conversation_the_debt_rests_seven_days_of_which_its_own_is_the_first(
    day: int, allowed: bool
) -> None:
    spoke = [past(there(1), "conversation", agency="A")]
    found = in_america(there(day), spoke)
    assert found.allowed is allowed
    if not allowed:
        assert refused_by(found) == ["after_conversation"]
        assert found.earliest == there(8, 8)


def test_a7_08_busy_lines_and_texts_are_no_calls() -> None:
    six = [past(there(day), "no_answer", agency="A") for day in range(1, 7)]
    busy = [past(there(day, 13), "busy", agency="A") for day in (2, 3)]
    texts = [past(there(day, 14), "delivered", channel="sms", agency="A") for day in (2, 3, 4)]
    assert in_america(there(7), [*six, *busy, *texts]).allowed
    assert not in_america(there(7, 13), [*six, past(there(7), "no_answer", agency="A"), *busy, *texts]).allowed


def test_a_lender_that_collects_its_own_loans_is_not_bound_by_regulation_f() -> None:
    seven = [past(there(day), "no_answer") for day in range(1, 8)]
    assert decide([US, CN], proposal(there(7, 18)), seven, IN_NEW_YORK).allowed


def test_where_the_clock_of_the_person_is_unknown_every_possible_one_must_allow_it() -> None:
    at = dt.datetime(2026, 6, 1, 9, tzinfo=NEW_YORK)
    assert decide([US], proposal(at, agency="A"), (), IN_NEW_YORK).allowed
    found = decide([US], proposal(at, agency="A"), (), Standing())
    assert found.earliest == dt.datetime(2026, 6, 1, 8, tzinfo=zoneinfo.ZoneInfo("Pacific/Honolulu"))


def test_on_the_night_of_the_spring_change_the_morning_begins_an_hour_sooner() -> None:
    night = dt.datetime(2026, 3, 7, 21, 30, tzinfo=NEW_YORK)
    found = decide([US], proposal(night, agency="A"), (), IN_NEW_YORK)
    assert found.earliest == dt.datetime(2026, 3, 8, 8, tzinfo=NEW_YORK)
    assert found.earliest is not None
    assert found.earliest.astimezone(dt.UTC) - night.astimezone(dt.UTC) == dt.timedelta(hours=9, minutes=30)


def test_an_agreed_hour_opens_the_night_for_who_agreed_and_for_as_long() -> None:
    agreed = Circumstance("agreed_hours", "D", here(1, 12), here(3, 12), hours=(dt.time(22), dt.time(23)))
    standing = Standing((), (agreed,))
    assert decide([CN], proposal(here(1, 22, 30)), (), standing).allowed
    assert not decide([CN], proposal(here(1, 23, 30)), (), standing).allowed
    assert not decide([CN], proposal(here(3, 22, 30)), (), standing).allowed


def test_one_dead_number_does_not_open_the_contact_persons_while_another_is_left_to_try() -> None:
    dead = [past(here(1, 9), "invalid", point="n1")]
    friend = proposal(here(1, 12), person_id="F", party="unrelated", purpose="locate", point="n9", limited=True)
    assert not decide([CN], friend, dead, Standing(numbers=("n1", "n2"))).allowed
    assert decide(
        [CN], friend, [*dead, past(here(1, 10), "invalid", point="n2")], Standing(numbers=("n1", "n2"))
    ).allowed
