"""Whom an act on an alert concerns: told is who is to do something about it, never who did it, never who may not see it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.alerts import telling, transitions
from daihou.desk.alerts.choices import Act, Conclusion, Stage
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.asked import Asked
from daihou.desk.notices import outbox
from daihou.desk.notices.models import Notice
from daihou.desk.people.models import Absence, Membership
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import Role
from desk.alerts.made import alert
from desk.conftest import user

if TYPE_CHECKING:
    from daihou.desk.people.models import User

NOTE = "Paid by a third party."


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    """Officers of B01 and B02, a manager and a reviewer of B01, a manager of B02, two reviewers and an analyst of the whole lender."""
    return {
        "chen": user("chen", (Role.OFFICER, "B01"), officer_id="E1"),
        "liu": user("liu", (Role.OFFICER, "B02"), officer_id="E2"),
        "bai": user("bai", (Role.MANAGER, "B01")),
        "sun": user("sun", (Role.REVIEWER, "B01")),
        "ma": user("ma", (Role.MANAGER, "B02")),
        "zhou": user("zhou", (Role.REVIEWER, "")),
        "qian": user("qian", (Role.REVIEWER, "")),
        "wang": user("wang", (Role.ANALYST, "")),
        "root": user("root", (Role.ADMINISTRATOR, "")),
    }


def by(who: User) -> Asked:
    request = Asked()
    request.user, request.rights, request.id = who, Access(who), "test"
    return request


def told() -> set[tuple[str, str]]:
    """Who is told what, of what was not taken back."""
    found = Notice.objects.filter(withdrawn_at=None)
    return set(found.values_list("recipient__username", "kind"))


def act(subject: Alert, act: Act, actor: User | None = None, **more: Any) -> tuple[Alert, Move]:
    """An act as the ingester or the clock writes it."""
    stated = {"stage_after": subject.stage, "level_before": subject.level, "level_after": subject.level}
    made = Move.objects.create(alert=subject, at=timezone.now(), actor=actor, act=act, **(stated | more))
    return subject, made


def test_a_new_alert_is_told_to_its_owner(staff: dict[str, User]) -> None:
    telling.tell(*act(alert(officer_id="E1", owner=staff["chen"]), Act.RAISE))
    notice = Notice.objects.get(recipient=staff["chen"])
    assert (notice.kind, notice.level) == ("raised", "orange")
    assert notice.params.keys() == {"number", "stage", "due"}
    assert notice.path == f"/alerts/{Alert.objects.get().pk}/"


def test_nobodys_alert_is_told_to_who_assigns_it(staff: dict[str, User]) -> None:
    telling.tell(*act(alert(rule_id=""), Act.RAISE))
    assert told() == {("bai", "raised")}


@pytest.mark.parametrize(
    ("recipient", "people"),
    [("officer", set()), ("branch_manager", {"bai"}), ("head_office", {"zhou", "qian"}), ("analyst", {"wang"}), ("collector", set())],
)  # fmt: skip
def test_a_new_alert_is_told_to_whom_its_rule_names(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch, recipient: str, people: set[str]
) -> None:
    monkeypatch.setattr(telling, "_recipients", lambda: {("R-001", 1): (recipient,)})
    telling.tell(*act(alert(officer_id="E1", owner=staff["chen"]), Act.RAISE))
    assert {name for name, _kind in told()} == people | {"chen"}


def test_every_rule_that_ships_names_recipients(db: None) -> None:
    versions = telling._recipients()
    assert len(versions) > 50
    assert all(versions.values())


def test_a_rise_is_told_and_a_fall_is_not(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"])
    telling.tell(*act(mine, Act.LEVEL, level_after="yellow"))
    telling.tell(*act(mine, Act.MERGE))
    assert told() == set()
    telling.tell(*act(mine, Act.MERGE, level_after="red"))
    assert told() == {("chen", "raised_level")}


def test_who_gets_an_alert_is_told_and_who_takes_it_is_not(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1")
    mine = transitions.claim(mine, mine.revision, by(staff["chen"]))
    assert told() == set()
    colleague = user("he", (Role.OFFICER, "B01"), officer_id="E3")
    transitions.assign(mine, mine.revision, colleague, "", by(staff["bai"]))
    assert told() == {("he", "assigned")}


def test_who_no_longer_has_it_is_asked_for_nothing_more(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1")
    mine = transitions.assign(mine, mine.revision, staff["chen"], "", by(staff["bai"]))
    transitions.assign(mine, mine.revision, user("he", (Role.OFFICER, "B01")), "", by(staff["bai"]))
    assert told() == {("he", "assigned")}


def test_a_check_is_told_to_who_confirms_the_colour_nearest(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"], level="orange")
    transitions.conclude(mine, mine.revision, Conclusion.CONFIRMED, NOTE, by(staff["chen"]))
    assert told() == {("bai", "to_confirm"), ("sun", "to_confirm")}


def test_the_check_of_a_red_is_told_to_head_office(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"], level="red")
    transitions.conclude(mine, mine.revision, Conclusion.CONFIRMED, NOTE, by(staff["chen"]))
    assert told() == {("zhou", "to_confirm"), ("qian", "to_confirm")}


def test_the_check_of_a_branch_without_a_reviewer_goes_up(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["ma"], org_id="B02")
    transitions.conclude(mine, mine.revision, Conclusion.CONFIRMED, NOTE, by(staff["ma"]))
    assert told() == {("zhou", "to_confirm"), ("qian", "to_confirm")}


def test_what_was_decided_is_told_to_owner_and_checker_and_asks_nobody_else_any_more(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"])
    mine = transitions.conclude(mine, mine.revision, Conclusion.CONFIRMED, NOTE, by(staff["chen"]))
    transitions.confirm(mine, mine.revision, Conclusion.CONFIRMED, "orange", "", by(staff["bai"]))
    assert told() == {("chen", "decided")}


def test_what_is_sent_back_is_told_to_who_checked_it(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"])
    mine = transitions.conclude(mine, mine.revision, Conclusion.CONFIRMED, NOTE, by(staff["chen"]))
    transitions.send_back(mine, mine.revision, "Which third party?", by(staff["sun"]))
    assert told() == {("chen", "sent_back")}


def test_a_lifting_is_told_to_who_approves_and_its_end_to_who_proposed(staff: dict[str, User]) -> None:
    now = timezone.now()
    mine = alert(officer_id="E1", owner=staff["chen"], stage=Stage.FOLLOW, ceased_on=now.date(), confirmed_at=now)
    mine = transitions.propose_lift(mine, mine.revision, NOTE, by(staff["chen"]))
    assert told() == {("bai", "to_lift"), ("sun", "to_lift")}
    transitions.approve_lift(mine, mine.revision, "", by(staff["bai"]))
    assert told() == {("chen", "decided")}


def test_a_chase_and_a_waking_are_told_to_the_owner(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"])
    mine = transitions.chase(mine, mine.revision, "Three days late.", by(staff["bai"]))
    telling.tell(*act(mine, Act.WAKE))
    assert told() == {("chen", "chased"), ("chen", "woken")}


def test_an_escalation_is_told_to_who_manages_where_it_goes(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"])
    head = user("gao", (Role.MANAGER, ""))
    transitions.escalate(mine, mine.revision, "Out of my hands.", by(staff["chen"]))
    assert told() == {(head.username, "escalated")}


def test_who_is_mentioned_is_told_where_they_see_it(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"])
    mentioned = [staff[name] for name in ("bai", "liu", "root", "chen", "wang")]
    transitions.comment(mine, "Look at this.", mentioned, by(staff["chen"]))
    assert told() == {("bai", "mentioned"), ("wang", "mentioned")}


def test_a_task_is_told_to_whose_it_is(staff: dict[str, User]) -> None:
    mine = alert(officer_id="E1", owner=staff["chen"])
    transitions.begin_task(mine, "special_inspection", staff["sun"], by(staff["chen"]))
    assert told() == {("sun", "task")}


def test_who_stands_in_sees_what_is_told(staff: dict[str, User]) -> None:
    today = timezone.localdate()
    Absence.objects.create(
        user=staff["chen"], stand_in=staff["liu"], from_on=today, to_on=today, entered_by=staff["bai"]
    )
    mine = alert(officer_id="E1", owner=staff["chen"])
    transitions.comment(mine, "Look at this.", [staff["liu"]], by(staff["bai"]))
    assert told() == {("liu", "mentioned")}


def test_who_left_is_told_nothing(staff: dict[str, User]) -> None:
    staff["chen"].is_active = False
    staff["chen"].save()
    telling.tell(*act(alert(officer_id="E1", owner=staff["chen"]), Act.CHASE))
    assert told() == set()


def test_nothing_of_the_borrower_is_in_a_notice(staff: dict[str, User]) -> None:
    telling.tell(*act(alert("C77777", officer_id="E1", owner=staff["chen"]), Act.RAISE))
    (row,) = Notice.objects.filter(recipient=staff["chen"]).values()
    assert "C77777" not in str(row)
    assert "1000000" not in str(row)


def test_a_thousand_acts_cost_as_many_queries_as_ten(staff: dict[str, User]) -> None:
    def cost(n: int) -> int:
        first = Alert.objects.count()
        pairs = [
            act(alert(f"C{first + number}", signals=0, officer_id="E1", owner=staff["chen"]), Act.RAISE)
            for number in range(n)
        ]
        with CaptureQueriesContext(connection) as found:
            telling.tell_all(pairs)
        return len(found)

    assert cost(200) <= cost(10) + 4
    assert Notice.objects.filter(recipient=staff["chen"]).count() == 210


def test_what_is_due_today_is_told_once(staff: dict[str, User]) -> None:
    now = dt.datetime(2026, 3, 17, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    alert("C1", officer_id="E1", owner=staff["chen"], due_at=now + dt.timedelta(hours=9))
    alert("C2", officer_id="E1", owner=staff["chen"], due_at=now + dt.timedelta(hours=33))
    alert("C3", officer_id="E1", due_at=now + dt.timedelta(hours=9))
    for _ in range(2):
        telling.due_today(now)
    assert told() == {("chen", "due_today")}
    assert Notice.objects.count() == 1


def test_an_officer_of_several_parts_is_one_person(staff: dict[str, User]) -> None:
    Membership.objects.create(user=staff["bai"], role=Role.REVIEWER, org_id="B01")
    mine = alert(officer_id="E1", owner=staff["chen"])
    transitions.conclude(mine, mine.revision, Conclusion.CONFIRMED, NOTE, by(staff["chen"]))
    assert Notice.objects.filter(recipient=staff["bai"]).count() == 1


def test_who_opens_an_alert_has_seen_what_was_told_of_it(staff: dict[str, User]) -> None:
    made, other = alert("C1", owner=None), alert("C2", owner=None)
    for one in (made, other):
        transitions.assign(one, one.revision, staff["chen"], NOTE, by(staff["bai"]))
    assert outbox.unread(staff["chen"].pk) == 2
    browser = Client()
    browser.force_login(staff["chen"])
    assert browser.get(f"/alerts/{made.pk}/").status_code == 200
    assert outbox.unread(staff["chen"].pk) == 1


def test_what_waits_for_somebody_elses_decision_is_not_due_for_its_owner(staff: dict[str, User]) -> None:
    now = timezone.now()
    noon = timezone.localtime(now).replace(hour=12, minute=0)
    for number, stage in enumerate((Stage.CHECK, Stage.CONFIRM, Stage.LIFT)):
        alert(f"C{number}", stage=stage, owner=staff["chen"], due_at=noon + dt.timedelta(hours=6))
    telling.due_today(noon)
    (notice,) = Notice.objects.filter(kind="due_today")
    assert notice.params["stage"] == Stage.CHECK
