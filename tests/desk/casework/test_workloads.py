"""Collectors and queues: who has what, how far the day is, and what nobody has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from daihou.desk.casework import scope, workloads
from daihou.desk.casework.models import Case, Row
from daihou.desk.people.models import Absence
from daihou.desk.people.reach import Access
from desk.alerts.hands import browser
from desk.casework.made import case, crew
from desk.casework.managing import contact, day, page, promise, queries

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def loads(by: User) -> dict[str, workloads.Load]:
    rights = Access(by)
    cases = scope.seen(by, rights, "collection.manage")
    return {one.user.username: one for one in workloads.loads(cases, rights.reach("collection.manage"), timezone.now())}


def row(of: Case, by: User, place: int, *, done: bool = False, seconds: int = 240) -> None:
    Row.objects.create(
        day=day(0),
        owner=by,
        case=of,
        place=place,
        reason="value",
        values={"seconds": seconds},
        done_at=timezone.now() if done else None,
    )


def test_the_day_of_a_collector(people: dict[str, User]) -> None:
    sun = people["sun"]
    cases = [case(f"A{number}", owner=sun) for number in range(3)]
    for place, held in enumerate(cases, start=1):
        row(held, sun, place, done=place == 1)
    contact(cases[0], sun, at=timezone.now(), seconds=180)
    contact(cases[0], sun, after=-1, seconds=6_000)
    promise(cases[0], sun, 0)
    promise(cases[1], sun, 4)
    promise(cases[2], sun, -9, "kept")
    found = loads(people["he"])["sun"]
    assert (found.cases, found.listed, found.done, found.left) == (3, 3, 1, 2)
    assert (found.minutes, found.talk, found.share) == (4, 3, 1)
    assert (found.open_promises, found.due_promises) == (2, 1)
    assert found.last_at is not None


def test_everybody_of_the_part_stands_there_and_who_is_away_is_marked(people: dict[str, User]) -> None:
    Absence.objects.create(
        user=people["sun"], stand_in=people["li"], from_on=day(0), to_on=day(3), entered_by=people["he"]
    )
    found = loads(people["he"])
    assert set(found) == {"sun", "li", "he"}
    assert found["sun"].away is not None
    html = page(people["he"], "collectors/")
    assert f"away until {day(3)}" in html
    assert browser(people["sun"]).get("/collection/collectors/").status_code == 403


def test_who_left_with_cases_in_hand_is_seen(people: dict[str, User]) -> None:
    case("A", owner=people["li"])
    people["li"].is_active = False
    people["li"].save()
    assert loads(people["he"])["li"].cases == 1
    assert "no longer here" in page(people["he"], "collectors/")


def test_queues_without_a_collector_by_org(people: dict[str, User]) -> None:
    now = timezone.now()
    case("A", "M1", claim=100)
    case("B", "M4", claim=200, handed_up_at=now)
    case("C", "M4", claim=400, currency="USD", org_id="X2")
    case("D", owner=people["sun"])
    found = workloads.queues(Case.objects.all())
    assert [(one.org_id, one.cases, one.handed_up, one.late, one.claims) for one in found] == [
        ("X1", 2, 1, 1, ((300, "CNY"),)), ("X2", 1, 0, 1, ((400, "USD"),)),
    ]  # fmt: skip
    assert "X2" not in page(people["he"], "collectors/").partition('id="queues"')[2]


def test_queries_do_not_grow(people: dict[str, User]) -> None:
    case("A", owner=people["sun"])
    few = queries(people["he"], "collectors/")
    for number in range(9):
        row(held := case(f"B{number}", owner=people["li"]), people["li"], number + 1)
        promise(held, people["li"], 3)
    assert queries(people["he"], "collectors/") == few
