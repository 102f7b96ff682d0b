"""Tasks that a level asks for, at the desk: begun by one press, ended with what came of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.alerts.choices import Stage
from daihou.desk.alerts.models import Alert, Task
from daihou.desk.alerts.policy import policy
from desk.alerts.hands import BRANCH, browser, hands
from desk.alerts.made import alert as made

if TYPE_CHECKING:
    from daihou.desk.people.models import User


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


def alert(level: str = "red", **values: Any) -> Alert:
    return made("C1", level, org_id=BRANCH, officer_id="W01", **values)


def page(of: User, one: Alert) -> str:
    return browser(of).get(f"/alerts/{one.pk}/").content.decode()


def test_a_red_suggests_its_tasks_and_a_yellow_none(staff: dict[str, User]) -> None:
    shown = page(staff["wang"], alert(owner=staff["wang"]))
    assert shown.count('name="kind"') == len(policy().suggests["red"]) == 4
    assert "Freeze the unused limit" in shown
    assert 'id="tasks"' not in page(staff["wang"], alert("yellow", topic="cash"))


def test_one_press_begins_a_task_for_the_owner_and_it_is_suggested_no_more(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    response = browser(staff["he"]).post(f"/alerts/{one.pk}/tasks/", {"kind": "regrade"}, follow=True)
    assert "“Grade again” is begun; it is Wang's." in response.content.decode().replace("&#x27;", "'")
    task = Task.objects.get()
    assert (task.kind, task.owner, task.begun_by) == ("regrade", staff["wang"], staff["he"])
    assert page(staff["wang"], one).count('name="kind"') == 3
    again = browser(staff["he"]).post(f"/alerts/{one.pk}/tasks/", {"kind": "regrade"})
    assert (again.status_code, Task.objects.count()) == (422, 1)


def test_a_task_ends_with_what_came_of_it(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    client = browser(staff["wang"])
    client.post(f"/alerts/{one.pk}/tasks/", {"kind": "regrade"})
    task = Task.objects.get()
    assert client.post(f"/alerts/{one.pk}/tasks/{task.pk}/", {"note": ""}).status_code == 422
    assert client.post(f"/alerts/{one.pk}/tasks/{task.pk}/", {"note": "Graded special mention."}).status_code == 302
    task.refresh_from_db()
    assert (task.dropped, task.note) == (False, "Graded special mention.")
    second = browser(staff["he"]).post(f"/alerts/{one.pk}/tasks/{task.pk}/", {"note": "Not needed.", "dropped": "1"})
    assert second.status_code == 409
    assert "<b>Wang</b> Task done" in second.content.decode()


def test_a_task_is_dropped_with_a_reason_also_once_the_alert_is_closed(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    client = browser(staff["wang"])
    client.post(f"/alerts/{one.pk}/tasks/", {"kind": "freeze_limit"})
    Alert.objects.filter(pk=one.pk).update(stage=Stage.CLOSED, closed_at=timezone.now(), due_at=None)
    shown = page(staff["wang"], one)
    assert 'name="kind"' not in shown
    task = Task.objects.get()
    assert f'action="/alerts/{one.pk}/tasks/{task.pk}/"' in shown
    client.post(f"/alerts/{one.pk}/tasks/{task.pk}/", {"note": "Limit is used up.", "dropped": "1"})
    task.refresh_from_db()
    assert task.dropped


def test_who_only_looks_sees_why_and_a_task_of_another_alert_is_not_there(staff: dict[str, User]) -> None:
    one, other = alert(owner=staff["wang"]), alert(topic="cash")
    browser(staff["wang"]).post(f"/alerts/{one.pk}/tasks/", {"kind": "regrade"})
    task = Task.objects.get()
    assert browser(staff["wu"]).post(f"/alerts/{one.pk}/tasks/{task.pk}/", {"note": "Done it."}).status_code == 422
    assert browser(staff["wang"]).post(f"/alerts/{other.pk}/tasks/{task.pk}/", {"note": "Done it."}).status_code == 404
    assert "This is for who works on alerts." in page(staff["wu"], one)
    unknown = browser(staff["wang"]).post(f"/alerts/{one.pk}/tasks/", {"kind": "nonsense"})
    assert unknown.status_code == 422
