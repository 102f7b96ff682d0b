"""Time passing: waking, chasing, going up, and who left being replaced; once each, however often the clock ticks."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from daihou.desk.alerts import clock, deadlines, guards, transitions
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.clock import Counts, tick
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership
from desk.alerts.hands import asked, hands
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from daihou.desk.people.models import User

TREE = orgs.Tree(
    {"X1": orgs.Org("X1", "", "X0"), "X0": orgs.Org("X0", "", "HQ"), "HQ": orgs.Org("HQ", "", "")},
    {"": ("HQ",), "HQ": ("X0",), "X0": ("X1",)},
)


def at(day: int, hour: int = 20, minute: int = 0) -> dt.datetime:
    """A moment of March 2026; the 2nd is a Monday."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=timezone.get_default_timezone())


@pytest.fixture(autouse=True)
def _in_english(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(orgs, "tree", lambda: TREE)
    with translation.override("en"):
        yield


@pytest.fixture
def staff() -> dict[str, User]:
    return hands()


def alert(owner: User | None, level: str = "orange", borrower_id: str = "C1", **values: Any) -> Alert:
    """An alert of the branch that was raised on Monday morning: due on Wednesday at 18:00 where it is orange."""
    stated = {"org_id": "X1", "officer_id": "W01", "owner": owner, "now": at(2, 9)}
    return made(borrower_id, level, **(stated | values))


def acts(one: Alert) -> list[str]:
    return [act for act in one.moves.values_list("act", flat=True) if act != Act.RAISE]


def test_what_rests_wakes_on_its_day_with_as_long_as_if_it_began(staff: dict[str, User]) -> None:
    one = alert(staff["wang"], snoozed_until=at(10).date())
    assert tick(at(9, 23)) == Counts(), "overdue meanwhile, it rests"
    assert tick(at(10, 0, 1)) == Counts(woken=1)
    one.refresh_from_db()
    assert (one.snoozed_until, one.due_at) == (None, at(12, 18))
    assert acts(one) == [Act.WAKE]
    assert one.moves.get(act=Act.WAKE).actor is None
    assert tick(at(10, 0, 2)) == Counts()


def test_the_owner_of_what_is_late_is_chased_once_a_work_day(staff: dict[str, User]) -> None:
    one = alert(staff["wang"], "yellow")  # due on Thursday the 5th; chased after 2 work days
    assert tick(at(5, 23)) == tick(at(6, 23)) == Counts()
    assert tick(at(8, 12)) == Counts(), "of the weekend no day counts"
    assert tick(at(9, 0, 30)) == Counts(chased=1)
    assert tick(at(9, 23)) == Counts()
    assert tick(at(10, 8)).chased == 1
    assert [one.moves.filter(act=Act.CHASE).count(), one.owner] == [2, staff["wang"]]


def test_red_is_chased_as_soon_as_its_hour_has_passed(staff: dict[str, User]) -> None:
    alert(staff["wang"], "red")  # due on Tuesday at 18:00
    assert tick(at(3, 17, 59)) == Counts()
    assert tick(at(3, 18, 1)) == Counts(chased=1)


def test_nobody_is_chased_for_what_is_nobodys_and_it_goes_up_all_the_same() -> None:
    one = alert(None, "red")
    assert tick(at(4, 9)) == Counts(escalated=1)
    one.refresh_from_db()
    assert one.escalated_org_id == "X0"


def test_what_is_late_goes_up_one_org_at_a_time_until_it_is_at_the_top(staff: dict[str, User]) -> None:
    one = alert(staff["wang"], "orange")  # due on Wednesday the 4th; up after 3 work days, on Monday the 9th
    assert tick(at(6, 23)).escalated == 0
    seen: list[tuple[int, str]] = []
    for day in range(9, 28):
        tick(at(day, 9))
        tick(at(day, 10))
        where = Alert.objects.get().escalated_org_id
        if where is not None and where not in [org_id for _, org_id in seen]:
            seen.append((day, where))
    assert seen == [(9, "X0"), (12, "HQ"), (17, "")]
    assert [found.detail["org_id"] for found in one.moves.filter(act=Act.ESCALATE)] == ["X0", "HQ", ""]


def test_what_a_person_handed_up_waits_as_long_again(staff: dict[str, User]) -> None:
    one = alert(staff["wang"], "orange", escalated_org_id="X0", escalated_at=at(6, 9))
    assert tick(at(10, 23)).escalated == 0
    assert tick(at(11, 9)).escalated == 1
    one.refresh_from_db()
    assert one.escalated_org_id == "HQ"


def test_a_person_removed_leaves_alerts_to_whom_they_would_come_today(staff: dict[str, User]) -> None:
    one = alert(staff["wang"])
    staff["wang"].is_active = False
    staff["wang"].save()
    assert tick(at(2, 12)) == Counts(replaced=1)
    one.refresh_from_db()
    assert one.owner == staff["li"]
    assert one.moves.get(act=Act.ASSIGN).detail == {"owner": staff["li"].pk, "owner_before": staff["wang"].pk}
    Membership.objects.filter(user=staff["li"]).delete()
    assert tick(at(2, 13)) == Counts(replaced=1)
    assert Alert.objects.get(owner=None) == one, "nobody is left: it waits in the queue of the org"
    assert tick(at(2, 14)) == Counts()


def test_who_moved_to_another_branch_leaves_what_came_by_itself_and_keeps_what_a_person_gave(
    staff: dict[str, User],
) -> None:
    came = alert(staff["wang"])
    given = alert(staff["he"], borrower_id="C2")
    transitions.assign(given, given.revision, staff["wang"], "He knows them.", asked(staff["he"]))
    Membership.objects.filter(user=staff["wang"]).update(org_id="X5")
    staff["wang"].officer_id = ""
    staff["wang"].save()
    assert tick(at(2, 12)) == Counts(replaced=1)
    came.refresh_from_db()
    given.refresh_from_db()
    assert (came.owner, given.owner) == (staff["li"], staff["wang"])


def test_who_stood_in_from_another_branch_hands_back_when_the_colleague_returns(staff: dict[str, User]) -> None:
    one = alert(staff["far"])
    Absence.objects.create(
        user=staff["wang"], stand_in=staff["far"], from_on=at(1).date(), to_on=at(6).date(), entered_by=staff["he"]
    )
    assert tick(at(3, 12)).replaced == 0
    assert tick(at(7, 12)).replaced == 1
    one.refresh_from_db()
    assert one.owner == staff["wang"]


def test_two_clocks_at_once_do_each_act_once(staff: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        alert(staff["wang"], "red", f"C{number}")
    real = clock._each
    doubled: list[Counts] = []

    def overtaken(alerts: QuerySet[Alert], now: dt.datetime, act: Any) -> int:
        if len(alerts) == 4 and not doubled:
            monkeypatch.setattr(clock, "_each", real)
            doubled.append(tick(now))  # another clock does all of it, between this one's look and its first act
        return real(alerts, now, act)

    monkeypatch.setattr(clock, "_each", overtaken)
    assert tick(at(3, 19)) == Counts()
    assert doubled == [Counts(chased=4)]
    assert Move.objects.filter(act=Act.CHASE).count() == 4


def test_closed_alerts_have_no_time(staff: dict[str, User]) -> None:
    alert(staff["wang"], "red", stage=Stage.CLOSED)
    assert tick(at(31)) == Counts()


def test_what_is_not_done_in_one_tick_is_done_in_the_next(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "MOST", 2)
    for number in range(3):
        alert(staff["wang"], "red", f"C{number}")
    first = tick(at(3, 19))
    assert (first.chased, first.more) == (2, True)
    second = tick(at(3, 19))
    assert (second.chased, second.more) == (1, False)


def test_a_tick_over_many_alerts_that_are_not_due_asks_no_more_than_over_few(staff: dict[str, User]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as told:
            tick(at(2, 10))
        return len(told.captured_queries)

    alert(staff["wang"])
    few = queries()
    for number in range(2, 40):
        alert(staff["wang"], borrower_id=f"C{number}")
    assert queries() == few


@pytest.mark.parametrize("work_days", [0, 1, 2, 5])
def test_what_is_late_by_so_many_work_days_is_found_by_its_moment(work_days: int) -> None:
    for hours in range(0, 24 * 14, 3):
        due, now = at(2, 0) + dt.timedelta(hours=hours), at(12, 15)
        late = due < now and deadlines.work_days_late(due, now) >= work_days
        assert (due < deadlines.late_before(now, work_days)) == late, due


def test_head_office_has_nobody_above() -> None:
    assert guards.above(alert(None, escalated_org_id="")) is None
