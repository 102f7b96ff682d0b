"""The team: loads counted by hand, and handing over."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.alerts.choices import Stage
from daihou.desk.alerts.deadlines import Reckoned
from daihou.desk.alerts.models import Alert, Bulk
from daihou.desk.work.team import loads
from desk.alerts.hands import browser, hands, whose
from desk.alerts.made import alert

if TYPE_CHECKING:
    from daihou.desk.people.models import User

HERE = timezone.get_default_timezone()

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 3, 4, 10, tzinfo=HERE)  # a Wednesday


@pytest.fixture
def people() -> dict[str, User]:
    return hands()


def days(number: int) -> dt.datetime:
    return NOW - dt.timedelta(days=number)


def test_loads_are_counted_by_owner_age_and_deadline(people: dict[str, User]) -> None:
    wang = people["wang"]
    alert("C1", "red", owner=wang, now=days(40), **whose())
    alert("C2", owner=wang, now=days(5), due_at=NOW + dt.timedelta(hours=3), **whose())
    alert("C3", "yellow", owner=wang, now=days(1), snoozed_until=dt.date(2026, 4, 1), due_at=days(1), **whose())
    alert("C4", owner=None, now=days(11), due_at=NOW + dt.timedelta(days=2), **whose(exposure=700))
    closed: dict[str, Any] = {
        "stage": Stage.CLOSED,
        "closed_at": days(2),
        "concluded_at": dt.datetime(2026, 2, 27, 9, tzinfo=dt.UTC),
    }
    alert("C5", owner=wang, now=dt.datetime(2026, 2, 25, 9, tzinfo=HERE), **closed, **whose())
    first, li, nobody = loads(Alert.objects.all(), [wang, people["li"]], Reckoned.at(NOW))
    assert (first.user, first.open, first.red, first.overdue, first.today, first.snoozed) == (wang, 3, 1, 1, 1, 1)
    assert (first.ages, first.share) == ((1, 1, 0, 1), 100)
    assert (first.closed, first.work_days) == (1, 2)  # Wednesday to Friday
    assert (li.user, li.open, li.ages) == (people["li"], 0, (0, 0, 0, 0))
    assert (nobody.user, nobody.open, nobody.exposure, nobody.ages, nobody.share) == (None, 1, 700, (0, 0, 1, 0), 33)


def test_the_page_shows_the_team_to_its_manager_alone(people: dict[str, User]) -> None:
    alert("C1", owner=people["wang"], **whose())
    page = browser(people["he"]).get("/work/team/")
    assert page.context["open"] == 1
    assert {"Wang", "Li"} <= {row.user.name for row in page.context["rows"] if row.user}
    assert "Far" not in page.content.decode()
    assert browser(people["wang"]).get("/work/team/").status_code == 403


def test_handing_over_freezes_the_alerts_and_asks_before_it_is_done(people: dict[str, User]) -> None:
    ids = [[alert(f"C{number}", owner=people["wang"], **whose()).pk, 1] for number in range(3)]
    alert("C9", owner=people["li"], **whose())
    sent = browser(people["he"]).post(f"/work/team/{people['wang'].pk}/hand-over/", {"to": people["li"].pk})
    bulk = Bulk.objects.get()
    assert (sent.status_code, bulk.ids, bulk.values["owner"], bulk.done_at) == (302, ids, people["li"].pk, None)
    assert Alert.objects.filter(owner=people["wang"]).count() == 3


def test_who_has_nothing_hands_nothing_over(people: dict[str, User]) -> None:
    browser(people["he"]).post(f"/work/team/{people['wang'].pk}/hand-over/", {"to": people["li"].pk})
    assert not Bulk.objects.exists()
