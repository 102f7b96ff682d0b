"""What collection asks of somebody under My work: agreed calls, promises that fall due, complaints, each in the order of its time."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.casework import waiting
from daihou.desk.casework.models import Case, Complaint, Promise, PromisePart
from daihou.desk.people.reach import Access
from daihou.desk.work import sources
from desk.alerts.hands import browser
from desk.casework.made import case, crew

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.work.due import Due

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def day(after: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=after)


def promise(of: Case, by: User, after: int, **more: Any) -> PromisePart:
    now = timezone.now()
    held = Promise.objects.create(
        key=f"k{of.pk}{after}", case=of, currency="CNY", made_on=day(-5), made_at=now, made_by=by
    )
    return PromisePart.objects.create(promise=held, due_on=day(after), amount=50_000, **more)


def complaint(of: Case, by: User, **more: Any) -> Complaint:
    now = timezone.now()
    return Complaint.objects.create(
        case=of, received_at=now, through="phone", text="calls at work", due_at=now + dt.timedelta(days=9), entered_by=by, **more
    )  # fmt: skip


def told(user: User) -> list[Due]:
    return waiting.waiting(user, Access(user))


def test_calls_and_promises_wait_for_the_owner_of_the_case_alone(people: dict[str, User]) -> None:
    sun = people["sun"]
    at = timezone.now() + dt.timedelta(hours=2)
    called = case("C1", owner=sun, call_at=at)
    promise(case("C2", "M3", owner=sun), sun, 0, received=1_000)
    case("C3", owner=people["li"], call_at=at)
    case("C4", owner=sun, call_at=at, closed_on=day(0))
    found = told(sun)
    assert [(str(due.what), due.title) for due in found] == [("Call as agreed", "C1"), ("See to a promise", "C2")]
    assert (found[0].at, found[0].url) == (at, f"/collection/cases/{called.pk}/")
    assert "490.00" in found[1].about
    assert timezone.localtime(found[1].at).date() == day(0)
    assert [due.title for due in told(people["he"])] == []


def test_what_is_kept_already_or_lies_ahead_does_not_wait(people: dict[str, User]) -> None:
    sun = people["sun"]
    promise(case("C1", owner=sun), sun, 1)
    promise(case("C2", owner=sun), sun, 0, received=50_000)
    promise(case("C3", owner=sun), sun, -1, state="broken")
    promise(case("C4", owner=sun), sun, -1)
    assert [due.title for due in told(sun)] == ["C4"]


def test_a_complaint_waits_for_its_owner_else_for_who_manages_the_case(people: dict[str, User]) -> None:
    complaint(case("C1"), people["sun"])
    complaint(case("C2"), people["sun"], owner=people["li"])
    complaint(case("C3", org_id="X2"), people["sun"])
    complaint(case("C4"), people["sun"], state="rejected")
    assert [due.title for due in told(people["he"])] == ["C1"]
    assert [due.title for due in told(people["li"])] == ["C2"]
    assert sorted(due.title for due in told(people["zhou"])) == ["C1", "C3"]
    assert told(people["wu"]) == []


def test_it_stands_under_my_work_in_as_many_queries_for_many_as_for_one(people: dict[str, User]) -> None:
    sun, page = people["sun"], browser(people["sun"])

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert page.get("/work/").status_code == 200
        return len(queries)

    promise(case("C0", owner=sun, call_at=timezone.now()), sun, 0)
    page.get("/work/")
    one = asked()
    for number in range(1, 9):
        promise(case(f"C{number}", owner=sun, call_at=timezone.now()), sun, 0)
    assert asked() == one
    assert len(sources.waiting(sun, Access(sun))) == 18
