"""Complaints: entered from a case, due by work days, owned, answered by somebody whom they are not about."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.book.calendars import after_work_days
from daihou.desk.audit.models import Entry
from daihou.desk.casework import complaining
from daihou.desk.casework.models import CaseMove, Complaint
from daihou.desk.people.roles import Role
from desk.alerts.hands import asked, browser
from desk.casework.made import BRANCH, case, crew
from desk.casework.managing import contact, main, page, queries
from desk.conftest import user

if TYPE_CHECKING:
    from daihou.desk.casework.models import Case
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


def entered(of: Case, by: User, **more: Any) -> Complaint:
    stated: dict[str, Any] = {
        "through": "phone",
        "text": "Calls at work although told not to",
        "received_at": timezone.now(),
        "contact_id": None,
    }
    return complaining.enter(of, request=asked(by), **(stated | more))


def sent(one: Complaint, by: User, act: str, **said: Any) -> Any:
    return browser(by).post(f"/collection/complaints/{one.pk}/{act}/", said)


def test_it_is_due_at_the_end_of_the_work_days_of_policy(people: dict[str, User], settings: Any) -> None:
    friday = dt.datetime(2026, 4, 3, 20, tzinfo=timezone.get_default_timezone())
    one = entered(case("A"), people["sun"], received_at=friday)
    assert timezone.localtime(one.due_at).date() == after_work_days(settings.HOME.settings.calendar, friday.date(), 15)
    assert timezone.localtime(one.due_at).date() > dt.date(2026, 4, 23)  # Tomb-sweeping day and weekends lie between


def test_it_is_entered_from_the_page_of_a_case_and_stands_on_its_course(people: dict[str, User]) -> None:
    held = case("A", owner=people["sun"])
    call = contact(held, people["sun"])
    answer = browser(people["sun"]).post(
        f"/collection/cases/{held.pk}/complaints/new/",
        {"through": "regulator", "text": "Shouted at me", "contact": call.pk},
    )
    one = Complaint.objects.get()
    assert answer.headers["Location"] == f"/collection/complaints/{one.pk}/"
    assert (one.through, one.contact_id, one.entered_by) == ("regulator", call.pk, people["sun"])
    assert CaseMove.objects.filter(case=held, act="complaint", detail__complaint=one.pk).count() == 1
    entry = Entry.objects.get(action="case.complaint")
    assert "Shouted" not in str(entry.detail)
    assert complaining.open_of(held) == [one]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"through": "pigeon"}, "Say by what way it came."),
        ({"text": "no"}, "Say what it is about."),
        ({"received_at": "2999-01-01T10:00"}, "It cannot have come later than now."),
        ({"received_at": "yesterday"}, "Say when it came."),
        ({"contact": "999"}, "That contact is none of this case."),
    ],
)
def test_what_is_wrong_comes_back_with_what_was_typed(people: dict[str, User], said: dict[str, str], why: str) -> None:
    held = case("A")
    stated = {"through": "phone", "text": "They rang my mother"} | said
    answer = browser(people["he"]).post(f"/collection/cases/{held.pk}/complaints/new/", stated)
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert stated["text"] in answer.content.decode()
    assert not Complaint.objects.exists()


def test_who_manages_takes_it_answers_it_and_the_case_keeps_it(people: dict[str, User]) -> None:
    held = case("A", owner=people["sun"])
    one = entered(held, people["sun"])
    assert sent(one, people["he"], "own").status_code == 302
    assert sent(one, people["zhou"], "answer", state="upheld", answer="It is so").status_code == 422  # it is He's
    assert sent(one, people["he"], "answer", state="upheld", answer="Heard the tape: he did").status_code == 302
    one.refresh_from_db()
    assert (one.state, one.answered_by, one.answer) == ("upheld", people["he"], "Heard the tape: he did")
    acts = list(CaseMove.objects.filter(act="complaint").values_list("detail__act", flat=True))
    assert acts == ["enter", "own", "answer"]
    assert complaining.open_of(held) == []


def test_nobody_answers_what_is_about_their_own_contact(people: dict[str, User]) -> None:
    held = case("A")
    one = entered(held, people["sun"], contact_id=contact(held, people["he"]).pk)
    refused = sent(one, people["he"], "own")
    assert refused.status_code == 422
    assert "It is about a contact of He. Somebody else answers it." in main(refused.content.decode())
    assert sent(one, people["he"], "answer", state="rejected", answer="All in order").status_code == 422
    assert sent(one, people["zhou"], "answer", state="rejected", answer="All in order").status_code == 302


def test_it_is_given_to_another_manager_never_to_a_collector(people: dict[str, User]) -> None:
    other = user("lin", (Role.MANAGER, BRANCH), language="en")
    one = entered(case("A"), people["sun"])
    assert sent(one, people["he"], "own", owner=people["li"].pk).status_code == 422
    assert sent(one, people["he"], "own", owner=other.pk).status_code == 302
    one.refresh_from_db()
    assert one.owner == other
    html = page(people["he"], f"complaints/{one.pk}/")
    assert f'<option value="{people["zhou"].pk}"' in html
    assert f'<option value="{people["li"].pk}"' not in html


def test_answered_it_is_closed_to_all(people: dict[str, User]) -> None:
    one = entered(case("A"), people["sun"])
    sent(one, people["he"], "answer", state="rejected", answer="The call was lawful")
    assert sent(one, people["zhou"], "answer", state="upheld", answer="It was not").status_code == 422
    assert sent(one, people["zhou"], "own").status_code == 422


def test_the_list_shows_the_soonest_first_and_each_sees_their_own(people: dict[str, User]) -> None:
    now = timezone.now()
    old = entered(case("OLD"), people["sun"], received_at=now - dt.timedelta(days=60))
    new = entered(case("NEW"), people["li"])
    far = entered(case("FAR", org_id="X2"), people["far"])
    said = page(people["he"], "complaints/")
    assert said.index(complaining.number(old)) < said.index(complaining.number(new))
    assert complaining.number(far) not in said
    assert complaining.number(new) not in page(people["he"], "complaints/?view=late")
    assert complaining.number(new) not in page(people["sun"], "complaints/")
    assert complaining.number(old) in page(people["sun"], "complaints/")
    page(people["far"], f"complaints/{new.pk}/", 404)
    page(people["far"], f"cases/{new.case_id}/complaints/new/", 404)
    assert browser(people["wu"]).get("/collection/complaints/").status_code == 403


def test_it_waits_under_my_work_of_who_answers_it(people: dict[str, User]) -> None:
    one = entered(case("A"), people["sun"])
    assert f"/collection/complaints/{one.pk}/" in browser(people["he"]).get("/work/").content.decode()
    sent(one, people["he"], "answer", state="rejected", answer="The call was lawful")
    assert f"/collection/complaints/{one.pk}/" not in browser(people["he"]).get("/work/").content.decode()


def test_queries_do_not_grow(people: dict[str, User]) -> None:
    for number in range(2):
        entered(case(f"A{number}"), people["sun"])
    few = queries(people["he"], "complaints/")
    for number in range(10):
        entered(case(f"B{number}"), people["li"])
    assert queries(people["he"], "complaints/") == few
    assert "No complaint is answered yet" in page(people["he"], "complaints/?view=answered")
