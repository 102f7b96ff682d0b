"""Absences: who may enter whose, who may stand in, what the stand-in reaches and for how long."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from daihou.desk.alerts.owners import Chooser
from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Absence, User
from daihou.desk.people.reach import Access
from desk.alerts.hands import browser, hands

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def people() -> dict[str, User]:
    return hands()


def sent(by: User, **values: object) -> object:
    today = timezone.localdate()
    stated = {"from_on": today, "to_on": today + 3 * DAY, "note": "leave", **values}
    return browser(by).post("/work/absences/", stated)


def test_an_absence_is_entered_and_logged_and_ends_sooner(people: dict[str, User]) -> None:
    assert sent(people["wang"], stand_in=people["li"].pk).status_code == 302  # type: ignore[attr-defined]
    made = Absence.objects.get()
    assert (made.user, made.stand_in, made.entered_by) == (people["wang"], people["li"], people["wang"])
    assert Entry.objects.get(action="absence.enter").detail["stand_in"] == "li"
    browser(people["wang"]).post(f"/work/absences/{made.pk}/end/")
    assert not Absence.objects.exists()  # it began today: nothing of it has passed
    assert Entry.objects.filter(action="absence.end").count() == 1


def test_what_has_begun_ends_yesterday_and_is_kept(people: dict[str, User]) -> None:
    today = timezone.localdate()
    made = Absence.objects.create(
        user=people["wang"],
        stand_in=people["li"],
        from_on=today - 3 * DAY,
        to_on=today + 3 * DAY,
        entered_by=people["he"],
    )
    browser(people["he"]).post(f"/work/absences/{made.pk}/end/")
    assert Absence.objects.get().to_on == today - DAY


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"stand_in": "far"}, "same part of the organisation"),
        ({"stand_in": "he"}, "same part of the organisation"),
        ({"stand_in": "li", "to_on": "2020-01-01", "from_on": "2019-12-01"}, "lies in the past"),
        ({"stand_in": "li", "to_on": "2020-01-01"}, "ends before it begins"),
        ({"stand_in": "li", "from_on": "soon"}, "from which day to which"),
        ({"stand_in": "li", "to_on": "2099-01-01"}, "another customer manager"),
    ],
)
def test_what_does_not_fit_is_refused_and_stays_typed(
    people: dict[str, User], values: dict[str, str], said: str
) -> None:
    answer = sent(people["wang"], **{**values, "stand_in": people[values["stand_in"]].pk})
    assert answer.status_code == 422  # type: ignore[attr-defined]
    text = answer.content.decode()  # type: ignore[attr-defined]
    assert said in text
    assert 'value="leave"' in text
    assert not Absence.objects.exists()


def test_two_do_not_stand_in_for_each_other_at_once(people: dict[str, User]) -> None:
    sent(people["wang"], stand_in=people["li"].pk)
    assert "Wang is away then too" in sent(people["li"], stand_in=people["wang"].pk).content.decode()  # type: ignore[attr-defined]


def test_an_officer_enters_nobody_elses_a_manager_those_of_the_team(people: dict[str, User]) -> None:
    sent(people["li"], user=people["wang"].pk, stand_in=people["li"].pk)
    assert not Absence.objects.filter(user=people["wang"]).exists()
    sent(people["he"], user=people["wang"].pk, stand_in=people["li"].pk)
    assert Absence.objects.get().user == people["wang"]
    sent(people["he"], user=people["far"].pk, stand_in=people["li"].pk)
    assert not Absence.objects.filter(user=people["far"]).exists()


def test_the_stand_in_reaches_the_customers_for_as_long_and_no_longer(people: dict[str, User]) -> None:
    today = timezone.localdate()
    made = Absence.objects.create(
        user=people["wang"], stand_in=people["li"], from_on=today, to_on=today, entered_by=people["he"]
    )
    assert Access(people["li"]).reach("portfolio.view").holds("X1", "W01")
    assert not Access(people["li"]).reach("portfolio.view").holds("X2", "W01")
    Absence.objects.filter(pk=made.pk).update(from_on=today - 2 * DAY, to_on=today - DAY)
    assert not Access(people["li"]).reach("portfolio.view").holds("X1", "W01")


def test_who_moves_to_another_org_no_longer_reaches_whom_they_stood_in_for(people: dict[str, User]) -> None:
    today = timezone.localdate()
    Absence.objects.create(
        user=people["wang"], stand_in=people["li"], from_on=today, to_on=today, entered_by=people["he"]
    )
    people["li"].memberships.update(org_id="X2")
    assert not Access(people["li"]).reach("portfolio.view").holds("X1", "W01")


def test_new_alerts_of_the_absent_go_to_the_stand_in_and_of_who_left_by_turns(people: dict[str, User]) -> None:
    today = timezone.localdate()
    assert Chooser.on(today).choose("X1", "W01") == people["wang"]
    Absence.objects.create(
        user=people["wang"], stand_in=people["li"], from_on=today, to_on=today, entered_by=people["he"]
    )
    assert Chooser.on(today).choose("X1", "W01") == people["li"]
    Absence.objects.all().delete()
    User.objects.filter(pk=people["wang"].pk).update(is_active=False)
    assert Chooser.on(today).choose("X1", "W01") == people["li"]
    User.objects.filter(pk=people["li"].pk).update(is_active=False)
    assert Chooser.on(today).choose("X1", "W01") is None
