"""What a second look found: who reaches too far, what broke, what grew, and who was told too little."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from daihou.desk.alerts import clock, deadlines, keeper, scope, telling, transitions, waiting
from daihou.desk.alerts.choices import Conclusion
from daihou.desk.alerts.models import Alert, Bulk
from daihou.desk.alerts.owners import Chooser
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.models import Notice
from daihou.desk.people.models import Absence, User
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import Role
from daihou.desk.refusals import RefusedError
from desk.alerts.hands import BRANCH, asked, browser, hands, whose
from desk.alerts.made import alert
from desk.conftest import user

if TYPE_CHECKING:
    from collections.abc import Iterator

NOTE = "Called the customer."


@pytest.fixture(autouse=True)
def _in_english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def staff() -> dict[str, User]:
    return hands()


def away(who: User, stand_in: User) -> None:
    today = timezone.localdate()
    Absence.objects.create(user=who, stand_in=stand_in, from_on=today, to_on=today, entered_by=who)


def concluded(staff: dict[str, User], level: str = "orange", **values: Any) -> Alert:
    one = alert("C1", level, owner=staff["wang"], **whose(**values))
    return transitions.conclude(one, one.revision, Conclusion.CONFIRMED, NOTE, asked(staff["wang"]))


def told(kind: Kind) -> set[str]:
    """Who is told something of a kind that still holds."""
    return set(Notice.objects.filter(kind=kind, withdrawn_at=None).values_list("recipient__username", flat=True))


def test_an_owner_decides_nothing_where_their_role_does_not_reach(staff: dict[str, User]) -> None:
    both = user("both", (Role.OFFICER, BRANCH), (Role.MANAGER, "X2"), officer_id="O01")
    one = concluded(staff)
    one = transitions.assign(one, one.revision, both, "", asked(staff["he"]))
    with pytest.raises(RefusedError):
        transitions.confirm(one, one.revision, Conclusion.CONFIRMED, "orange", NOTE, asked(both))
    assert not waiting.to_decide(both, Access(both)).exists()
    assert not scope.seen(both, Access(both), "alerts.assign").exists()
    assert scope.seen(both, Access(both), "alerts.handle").get() == one


def test_who_stands_in_does_not_decide_what_their_role_does_not_reach(staff: dict[str, User]) -> None:
    both = user("both", (Role.OFFICER, BRANCH), (Role.REVIEWER, "X2"), officer_id="O01")
    away(staff["wang"], both)
    one = concluded(staff)
    with pytest.raises(RefusedError):
        transitions.confirm(one, one.revision, Conclusion.CONFIRMED, "orange", NOTE, asked(both))


def test_an_officer_without_a_number_does_not_get_what_has_no_officer(staff: dict[str, User]) -> None:
    new = user("new", (Role.OFFICER, BRANCH))
    one = alert("C1", **whose(officer_id=""))
    assert not scope.seen(new, Access(new)).exists()
    assert not scope.reaches(new, Access(new), one, "alerts.view")
    assert scope.seen(staff["he"], Access(staff["he"])).get() == one


def test_a_number_gives_nobody_an_alert_of_a_part_where_they_do_not_work(staff: dict[str, User]) -> None:
    chooser = Chooser.on(timezone.localdate())
    assert chooser.choose("X9", "W01") is None
    assert chooser.choose("X9", "W01", BRANCH) == staff["wang"], "their org leads the borrower"
    assert chooser.choose(BRANCH, "W01") == staff["wang"]


def test_what_is_handed_over_can_be_confirmed_and_is_done(staff: dict[str, User]) -> None:
    ones = [alert(f"C{number}", owner=staff["wang"], **whose()) for number in range(3)]
    manager = browser(staff["he"])
    sent = manager.post(f"/work/team/{staff['wang'].pk}/hand-over/", {"to": staff["li"].pk})
    page = manager.get(sent["Location"])
    assert page.status_code == 200
    assert f'<option value="{staff["li"].pk}" selected>' in page.content.decode()
    manager.post(sent["Location"], {"owner": staff["li"].pk})
    assert Bulk.objects.get().result == {"done": 3, "refused": []}
    assert Alert.objects.filter(pk__in=[one.pk for one in ones], owner=staff["li"]).count() == 3


def test_every_figure_of_the_team_leads_to_a_list_that_understands_it(staff: dict[str, User]) -> None:
    alert("C1", owner=staff["wang"], escalated_org_id="", **whose())
    manager = browser(staff["he"])
    page = manager.get("/work/team/").content.decode()
    asked_for = set(re.findall(r'href="(/alerts/\?[^"]+)"', page))
    assert len(asked_for) >= 5
    assert {manager.get(address.replace("&amp;", "&")).status_code for address in asked_for} == {200}


def test_what_is_wrong_with_a_file_or_a_connection_does_not_end_the_keeper(db: None) -> None:
    kept, left = keeper.Keeper(threading.Event()), []

    def broken(error: Exception) -> Any:
        def part() -> None:
            raise error

        return part

    for error in (duckdb.IOException("no parquet"), OSError("disk"), InterfaceError("closed")):
        kept._do(broken(error))
        left.append(kept._said["part"])
    assert all(left)


def test_telling_what_is_due_looks_through_no_notices_of_old(staff: dict[str, User]) -> None:
    now = timezone.now()
    alert("C1", owner=staff["wang"], due_at=now + dt.timedelta(seconds=1), **whose())
    with CaptureQueriesContext(connection) as said:
        telling.due_today(now)
    looked = [one["sql"] for one in said if 'FROM "notices_notice"' in one["sql"]]
    assert looked
    for sql in looked:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row[-1]) for row in cursor.fetchall())
        assert "SCAN" not in plan, plan


def test_who_decides_is_told_when_what_waits_for_them_gets_worse_or_is_chased(staff: dict[str, User]) -> None:
    one = concluded(staff)
    assert told(Kind.TO_CONFIRM) == {"he", "sun"}
    one = transitions.set_level(one, one.revision, "red", NOTE, asked(staff["he"]))
    assert {"zhou", "qian"} <= told(Kind.RAISED_LEVEL), "red is confirmed by head office"
    late = timezone.now() + dt.timedelta(days=20)
    while not clock.tick(late).chased:
        late += dt.timedelta(days=1)
    assert {"zhou", "qian", "wang"} <= told(Kind.CHASED)


def test_who_stands_in_is_told_what_the_absent_owner_is_told(staff: dict[str, User]) -> None:
    away(staff["wang"], staff["li"])
    one = alert("C1", owner=staff["wang"], **whose())
    transitions.chase(one, one.revision, NOTE, asked(staff["he"]))
    assert told(Kind.CHASED) == {"wang", "li"}
    telling.due_today(one.due_at - dt.timedelta(seconds=1) if one.due_at else timezone.now())
    assert told(Kind.DUE_TODAY) == {"wang", "li"}


def test_who_handed_it_on_does_not_lower_what_others_then_decide(staff: dict[str, User]) -> None:
    one = alert("C1", "red", owner=staff["zhou"], **whose())
    one = transitions.conclude(one, one.revision, Conclusion.CONFIRMED, NOTE, asked(staff["zhou"]))
    with pytest.raises(RefusedError, match="Somebody else decides"):
        transitions.set_level(one, one.revision, "yellow", NOTE, asked(staff["zhou"]))
    assert transitions.set_level(one, one.revision, "yellow", NOTE, asked(staff["qian"])).level == "yellow"


def test_to_snooze_and_wake_at_once_gains_no_time(staff: dict[str, User]) -> None:
    now = timezone.now()
    one = alert(
        "C1", owner=staff["wang"], **whose(), due_at=now - dt.timedelta(hours=1), now=now - dt.timedelta(days=9)
    )
    due = deadlines.after(now - dt.timedelta(hours=1), 0)
    one = transitions.snooze(one, one.revision, timezone.localdate() + dt.timedelta(days=3), NOTE, asked(staff["wang"]))
    one = transitions.wake(one, one.revision, asked(staff["wang"]))
    assert one.due_at == due


def test_a_files_name_is_not_shown_to_who_sees_no_names(staff: dict[str, User]) -> None:
    one = alert("C1", owner=staff["wang"], **whose())
    sent = SimpleUploadedFile("张三身份证.pdf", b"%PDF-1.4 it")
    browser(staff["wang"]).post(f"/alerts/{one.pk}/files/", {"file": sent})
    assert "张三身份证" in browser(staff["wang"]).get(f"/alerts/{one.pk}/").content.decode()
    assert "张三身份证" not in browser(staff["an"]).get(f"/alerts/{one.pk}/").content.decode()


def test_another_owner_takes_nothing_back_from_who_decides(staff: dict[str, User]) -> None:
    one = concluded(staff)
    transitions.assign(one, one.revision, staff["li"], "", asked(staff["he"]))
    assert told(Kind.TO_CONFIRM) == {"he", "sun"}
    assert told(Kind.ASSIGNED) == {"li"}
