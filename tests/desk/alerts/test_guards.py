"""Why an act on an alert is not allowed: who may, for which alert, when, with what words."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone, translation

from daihou.desk.alerts import guards, scope
from daihou.desk.alerts.choices import Act, Stage, TaskKind
from daihou.desk.alerts.models import Alert, File, Move
from daihou.desk.alerts.policy import policy
from daihou.desk.people.models import Absence, User
from daihou.desk.people.reach import Access
from desk.alerts.hands import BRANCH, hands, whose
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOTE = "Called the customer."


@pytest.fixture(autouse=True)
def _in_english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def staff() -> dict[str, User]:
    return hands()


def alert(level: str = "orange", **values: Any) -> Alert:
    return made("C1", level, org_id=BRANCH, officer_id="W01", **values)


def why(guard: Callable[..., str], one: Alert, by: User, *values: Any) -> str:
    return guard(one, by, Access(by), *values)


def away(who: User, stand_in: User) -> None:
    today = timezone.localdate()
    Absence.objects.create(user=who, stand_in=stand_in, from_on=today, to_on=today, entered_by=who)


OWNERS: list[tuple[Callable[..., str], Stage]] = [
    (guards.against_concluding, Stage.CHECK),
    (guards.against_planning, Stage.PLAN),
    (guards.against_carrying_out, Stage.ACT),
    (guards.against_following_up, Stage.FOLLOW),
]


@pytest.mark.parametrize(("guard", "stage"), OWNERS)
def test_what_the_owner_does_nobody_else_does_nor_elsewhere_nor_without_words(
    guard: Callable[..., str], stage: Stage, staff: dict[str, User]
) -> None:
    one = alert(stage=stage, owner=staff["wang"])
    assert why(guard, one, staff["wang"], None) == ""
    assert why(guard, one, staff["wang"], NOTE) == ""
    assert why(guard, one, staff["wang"], "  ok ") == "Say why, in a few words."
    assert why(guard, one, staff["he"], NOTE) == "Wang works on it. Claim it, or have it assigned to you."
    assert "reach" in why(guard, one, staff["far"], NOTE)
    assert why(guard, one, staff["wu"], NOTE) == "This is for who works on alerts."
    elsewhere = made("C2", org_id=BRANCH, officer_id="W01", stage=Stage.LIFT, owner=staff["wang"])
    assert why(guard, elsewhere, staff["wang"], NOTE) == "The alert is at “Lift” now."
    closed = made("C3", org_id=BRANCH, officer_id="W01", stage=Stage.CLOSED, owner=staff["wang"])
    assert why(guard, closed, staff["wang"], NOTE) == "The alert is closed."


def test_who_stands_in_works_on_what_the_absent_owner_has_and_only_for_as_long(staff: dict[str, User]) -> None:
    one = made("C1", org_id=BRANCH, officer_id="", owner=staff["wang"])
    assert not scope.seen(staff["li"], Access(staff["li"])).exists()
    away(staff["wang"], staff["li"])
    assert scope.seen(staff["li"], Access(staff["li"])).get() == one
    assert why(guards.against_concluding, one, staff["li"], NOTE) == ""
    assert why(guards.against_claiming, one, staff["li"]) == ""
    Absence.objects.update(to_on=timezone.localdate() - dt.timedelta(1), from_on=timezone.localdate() - dt.timedelta(2))
    assert not scope.seen(staff["li"], Access(staff["li"])).exists()


def checked(by: User, level: str = "orange", **values: Any) -> Alert:
    """An alert that somebody checked and that waits for confirmation."""
    one = alert(level, stage=Stage.CONFIRM, owner=by, conclusion="confirmed", proposed_level=level, **values)
    Move.objects.create(
        alert=one, at=timezone.now(), actor=by, act=Act.CONCLUDE, stage_after="confirm", level_after=level
    )
    return one


def test_who_checked_it_does_not_confirm_it(staff: dict[str, User]) -> None:
    one = checked(staff["he"])
    assert why(guards.against_confirming, one, staff["he"], None).startswith("You checked it yourself")
    assert why(guards.against_sending_back, one, staff["he"], None).startswith("It was you")
    assert why(guards.against_confirming, one, staff["sun"], None) == ""
    assert why(guards.against_sending_back, one, staff["sun"], "") == "Say why, in a few words."
    assert why(guards.against_confirming, one, staff["wang"], None) == "This is for who confirms alerts."


def test_a_red_is_decided_on_by_head_office_also_where_red_is_what_is_proposed(staff: dict[str, User]) -> None:
    assert policy().confirmed_by["red"] == "head_office"
    red, worse = checked(staff["wang"], "red"), checked(staff["wang"], "orange", topic="cash")
    worse.proposed_level = "red"
    for one in (red, worse):
        assert why(guards.against_confirming, one, staff["he"], None) == "This colour is confirmed by head office."
        assert why(guards.against_confirming, one, staff["qian"], None) == ""
    orange = checked(staff["wang"], "orange", topic="market")
    assert why(guards.against_confirming, orange, staff["he"], None, "confirmed", "red") != ""


def test_only_what_waits_for_a_decision_is_sent_back(staff: dict[str, User]) -> None:
    assert why(guards.against_sending_back, alert(), staff["he"], NOTE).startswith("Only what waits")


def test_lifting_is_proposed_with_evidence_once_it_was_confirmed(staff: dict[str, User]) -> None:
    assert why(guards.against_proposing_lift, alert(), staff["wang"], NOTE).startswith("Lifting is proposed once")
    one = alert(stage=Stage.FOLLOW, topic="cash")
    assert "evidence" in why(guards.against_proposing_lift, one, staff["wang"], NOTE)
    File.objects.create(
        alert=one, name="a.pdf", kind="application/pdf", size=1, digest="a" * 64, content="x", at=timezone.now(), actor=staff["wang"]
    )  # fmt: skip
    assert why(guards.against_proposing_lift, one, staff["wang"], NOTE) == ""
    assert why(guards.against_proposing_lift, one, staff["wang"], "") == "Say why, in a few words."
    ceased = alert(stage=Stage.FOLLOW, topic="market", ceased_on=dt.date(2026, 4, 1), signals_open=0)
    assert why(guards.against_proposing_lift, ceased, staff["wang"], NOTE) == ""


def test_a_red_is_lifted_by_head_office(staff: dict[str, User]) -> None:
    one = alert("red", stage=Stage.LIFT, ceased_on=dt.date(2026, 4, 1))
    assert why(guards.against_approving_lift, one, staff["he"]) == "This colour is lifted by head office."
    assert why(guards.against_approving_lift, one, staff["zhou"]) == ""
    assert why(guards.against_approving_lift, alert(topic="cash"), staff["zhou"]).startswith("The alert is at")


@pytest.mark.parametrize(
    ("days", "reason"),
    [(0, "Snooze it until a day to come."), (1, ""), (10, ""), (11, "An alert of this colour is snoozed for 10 days at most.")],
)  # fmt: skip
def test_an_alert_rests_for_as_long_as_policy_lets_its_colour(days: int, reason: str, staff: dict[str, User]) -> None:
    today = timezone.localdate()
    until = today + dt.timedelta(days)
    assert guards.against_snoozing(alert(), staff["wang"], Access(staff["wang"]), until, NOTE, today) == reason


def test_what_is_red_rests_already_or_waits_for_a_decision_is_not_snoozed(staff: dict[str, User]) -> None:
    rests = alert(snoozed_until=timezone.localdate() + dt.timedelta(3))
    assert why(guards.against_snoozing, alert("red", topic="cash"), staff["wang"], None, None).startswith("A red")
    assert "already" in why(guards.against_snoozing, rests, staff["wang"], None, None)
    waits = alert(stage=Stage.CONFIRM, topic="market")
    assert "decision" in why(guards.against_snoozing, waits, staff["wang"], None, None)
    assert why(guards.against_snoozing, alert(topic="other"), staff["wang"], None, "") == "Say why, in a few words."
    assert why(guards.against_waking, rests, staff["wang"]) == ""
    assert why(guards.against_waking, waits, staff["wang"]) == "It is not snoozed."


def test_what_is_nobodys_is_claimed_and_what_is_somebodys_only_by_who_may_assign(staff: dict[str, User]) -> None:
    one = alert(owner=staff["li"])
    assert why(guards.against_claiming, alert(topic="cash"), staff["wang"]) == ""
    assert why(guards.against_claiming, one, staff["wang"]).startswith("Li works on it")
    assert why(guards.against_claiming, one, staff["he"]) == ""
    assert why(guards.against_claiming, one, staff["li"]) == "It is yours already."
    User.objects.filter(pk=staff["li"].pk).update(is_active=False)
    left = Alert.objects.select_related("owner").get(pk=one.pk)
    assert why(guards.against_claiming, left, staff["wang"]) == ""


def test_an_alert_is_given_only_to_who_is_there_and_works_on_alerts_of_that_part(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    assert why(guards.against_assigning, one, staff["wang"], staff["li"]) == ""
    assert why(guards.against_assigning, one, staff["he"], staff["zhou"]) == ""
    assert why(guards.against_assigning, one, staff["li"], staff["li"]) == "This is for who assigns alerts."
    assert "assigns" in why(guards.against_assigning, alert(topic="cash"), staff["wang"], staff["li"])
    assert why(guards.against_assigning, one, staff["he"], staff["wang"]) == "It is theirs already."
    assert "this part of the lender" in why(guards.against_assigning, one, staff["he"], staff["far"])
    assert "this part of the lender" in why(guards.against_assigning, one, staff["he"], staff["wu"])
    staff["li"].is_active = False
    assert "no longer works" in why(guards.against_assigning, one, staff["he"], staff["li"])


def test_who_may_assign_chases_whoever_has_it(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    assert why(guards.against_chasing, one, staff["he"], NOTE) == ""
    assert why(guards.against_chasing, one, staff["he"], "") == "Say why, in a few words."
    assert why(guards.against_chasing, one, staff["wang"], NOTE) == "This is for who assigns alerts."
    assert why(guards.against_chasing, alert(topic="cash"), staff["he"], NOTE).startswith("Nobody has it")
    assert why(guards.against_chasing, alert(topic="market", owner=staff["he"]), staff["he"], NOTE) == "It is yours."


def test_it_goes_up_until_it_is_with_head_office(staff: dict[str, User]) -> None:
    one = alert()
    assert guards.above(one) == ""
    assert why(guards.against_escalating, one, staff["wang"], NOTE) == ""
    assert why(guards.against_escalating, one, staff["wang"], "") == "Say why, in a few words."
    one.escalated_org_id = ""
    assert why(guards.against_escalating, one, staff["wang"], NOTE) == "It is with head office already."


def test_a_level_is_raised_by_who_works_on_it_and_lowered_by_who_has_authority(staff: dict[str, User]) -> None:
    one = alert("orange")
    assert why(guards.against_level, one, staff["wang"], "red", NOTE) == ""
    assert why(guards.against_level, one, staff["wang"], "red", "") == "Say why, in a few words."
    assert why(guards.against_level, one, staff["wang"], "yellow", NOTE) == "This is for who confirms alerts."
    assert why(guards.against_level, one, staff["sun"], "yellow", NOTE) == ""
    assert why(guards.against_level, one, staff["sun"], "red", NOTE) == "This is for who works on alerts."
    assert why(guards.against_level, one, staff["sun"], "orange", NOTE) == "It has this level already."
    red = alert("red", topic="cash")
    assert why(guards.against_level, red, staff["he"], "orange", NOTE) == "This colour is lowered by head office."


def test_who_sees_it_may_comment_also_after_its_end(staff: dict[str, User]) -> None:
    closed = alert(stage=Stage.CLOSED)
    assert why(guards.against_commenting, closed, staff["wu"], "Seen.") == ""
    assert why(guards.against_commenting, closed, staff["wu"], "  ") == "Write something first."
    assert "reach" in why(guards.against_commenting, closed, staff["far"], "Seen.")


def test_files_are_read_by_who_works_decides_or_inspects(staff: dict[str, User]) -> None:
    one = alert()
    for name in ("wang", "he", "sun", "wu"):
        assert why(guards.against_downloading, one, staff[name]) == ""
    assert why(guards.against_downloading, one, staff["an"]).startswith("Files may name people")


def test_a_level_asks_for_its_tasks_alone(staff: dict[str, User]) -> None:
    assert list(policy().suggests["orange"]) == ["special_inspection"]
    one = alert("orange")
    assert why(guards.against_task, one, staff["wang"], TaskKind.SPECIAL_INSPECTION) == ""
    assert "does not ask" in why(guards.against_task, one, staff["wang"], TaskKind.FREEZE_LIMIT)


def test_a_customer_out_of_reach_is_left_alone(staff: dict[str, User]) -> None:
    far, he = Access(staff["far"]), Access(staff["he"])
    assert "reach" in guards.against_customer(whose(), far, ("", ""), ("red", ""), NOTE)
    assert guards.against_customer(whose(), he, ("", ""), ("red", ""), "") == "Say why, in a few words."
    assert guards.against_customer(whose(), he, ("red", "exit"), ("red", "watch"), NOTE) == ""
    assert "lowered" in guards.against_customer(whose(), Access(staff["wang"]), ("red", "exit"), ("red", "watch"), NOTE)
    led = whose(org_id="X9", lead_org_id=BRANCH)
    assert guards.against_customer(led, he, ("", ""), ("red", ""), NOTE) == ""
