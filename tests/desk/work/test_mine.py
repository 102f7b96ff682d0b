"""My work: what waits for whom, once, in the order of its deadlines; the count is of the rows."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from daihou.desk.alerts import transitions
from daihou.desk.alerts.choices import Conclusion, Stage
from daihou.desk.alerts.deadlines import Reckoned
from daihou.desk.alerts.models import Alert
from daihou.desk.people.models import Absence, User
from daihou.desk.people.reach import Access
from daihou.desk.refusals import RefusedError
from daihou.desk.work.due import Due, grouped
from daihou.desk.work.sources import waiting
from desk.alerts.hands import asked, browser, hands, whose
from desk.alerts.made import alert

HERE = timezone.get_default_timezone()

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return hands()


def titles(user: User) -> list[tuple[str, str]]:
    return [(str(due.what), due.title) for due in waiting(user, Access(user))]


def test_ones_own_alerts_wait_for_their_owner_alone(people: dict[str, User]) -> None:
    alert("C1", owner=people["wang"], **whose())
    assert titles(people["wang"]) == [("Check", "C1")]
    assert titles(people["li"]) == []
    assert titles(people["he"]) == []


def test_what_rests_or_is_closed_does_not_wait(people: dict[str, User]) -> None:
    alert("C1", owner=people["wang"], snoozed_until=dt.date(2099, 1, 1), **whose())
    alert("C2", owner=people["wang"], stage=Stage.CLOSED, **whose())
    assert titles(people["wang"]) == []


def test_a_check_waits_for_those_who_may_confirm_its_colour_and_not_for_who_checked(people: dict[str, User]) -> None:
    orange = alert("C1", "orange", owner=people["he"], **whose())
    transitions.conclude(orange, orange.revision, Conclusion.CONFIRMED, "Called them", asked(people["he"]))
    red = alert("C2", "red", owner=people["wang"], **whose())
    transitions.conclude(red, red.revision, Conclusion.CONFIRMED, "Called them", asked(people["wang"]))
    assert titles(people["he"]) == []  # checked the orange one, and a red one is confirmed by head office
    assert titles(people["sun"]) == [("Confirm", "C1")]
    assert sorted(titles(people["qian"])) == [("Confirm", "C1"), ("Confirm", "C2")]


def test_what_was_escalated_waits_for_the_managers_of_the_org_above(people: dict[str, User]) -> None:
    made = alert("C1", owner=people["wang"], **whose())
    transitions.escalate(made, made.revision, "No answer for a week", asked(people["wang"]))
    assert titles(people["zhou"]) == [("Check", "C1")]  # X1 stands below nothing but head office
    assert titles(people["he"]) == []


def test_a_task_waits_for_its_owner_beside_the_alert(people: dict[str, User]) -> None:
    made = alert("C1", "red", owner=people["wang"], **whose())
    transitions.begin_task(made, "special_inspection", people["he"], asked(people["wang"]))
    assert titles(people["he"]) == [("Special inspection", "C1")]
    assert titles(people["wang"]) == [("Check", "C1")]


def test_the_overdue_stand_before_what_is_due_today_before_the_rest() -> None:
    now = dt.datetime(2026, 3, 2, 10, tzinfo=HERE)  # a Monday
    reckoned = Reckoned.at(now)
    when = {"old": -2, "noon": 0, "friday": 4, "wednesday": 2}
    rows = [Due("Check", name, "", "", now + dt.timedelta(days=days, hours=2)) for name, days in when.items()]
    found = grouped([*rows, Due("Review", "rule", "", "", None)], reckoned)
    assert [(name, [row.title for row in group]) for name, _label, group in found] == [
        ("overdue", ["old"]), ("today", ["noon"]), ("soon", ["wednesday"]), ("later", ["friday"]), ("open", ["rule"]),
    ]  # fmt: skip


def test_the_page_counts_what_it_lists_and_asks_no_more_for_more(
    people: dict[str, User], django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        alert(f"C{number}", owner=people["wang"], **whose())
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        page = browser(people["wang"]).get("/work/")
    assert page.context["all"] == 12 == sum(len(rows) for _name, _label, rows in page.context["groups"])
    assert "12 things wait for you" in page.content.decode()


def test_with_nothing_to_do_the_page_says_so(people: dict[str, User]) -> None:
    assert "Nothing waits for you" in browser(people["li"]).get("/work/").content.decode()


def test_who_signs_in_with_work_starts_there_and_who_has_none_at_the_overview(people: dict[str, User]) -> None:
    assert browser(people["wang"]).get("/").headers["Location"] == "/work/"
    assert browser(people["wu"]).get("/").headers["Location"] == "/portfolio/"


def test_who_stands_in_works_on_what_the_absent_one_has(people: dict[str, User]) -> None:
    made = alert("C1", owner=people["wang"], **whose())
    today = timezone.localdate()
    with pytest.raises(RefusedError):
        transitions.conclude(made, made.revision, Conclusion.CONFIRMED, "Called them", asked(people["li"]))
    Absence.objects.create(
        user=people["wang"], stand_in=people["li"], from_on=today, to_on=today, entered_by=people["he"]
    )
    after = transitions.conclude(made, made.revision, Conclusion.CONFIRMED, "Called them", asked(people["li"]))
    assert (after.stage, after.owner) == (Stage.CONFIRM, people["wang"])
    assert Alert.objects.get(pk=made.pk).moves.last().actor == people["li"]  # type: ignore[union-attr]
