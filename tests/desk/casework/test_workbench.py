"""The collector's screen, through the browser's eyes: what it shows, what it allows, and what it says where it does not. Without a lake, unless a test says so."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.casework.models import Case, CaseMove, Promise, Row
from daihou.desk.contacts.models import Circumstance, Contact, Point, Refusal
from daihou.desk.vault import people as vaulted
from daihou.vault.person import PersonRecord
from desk.casework.clocks import zone_where_it_is
from desk.casework.made import case, crew
from desk.contacts.people import key

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
PHONE = "13900001234"
HX = {"HX-Request": "true"}


@pytest.fixture
def cast() -> dict[str, User]:
    return crew()


def debtor(person_id: str = "C1", hour: int = 12, **more: Any) -> None:
    """Somebody in the vault for whom it is that hour now."""
    stated = {
        "name": "陈小明",
        "phones": (PHONE,),
        "emails": ("chen@example.com",),
        "address": "江州市城南区幸福路12号",
        "timezone": zone_where_it_is(hour),
    }
    vaulted.put([(person_id, "person", PersonRecord(**(stated | more)), dt.date(2026, 1, 1))])


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, of: Case, query: str = "") -> str:
    answer = client.get(f"/collection/cases/{of.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def dial(client: Client, of: Case, **more: str) -> Any:
    """Press the first button that dials, with what its form holds."""
    form = re.search(r'action="[^"]*/dial/".*?</form>', page(client, of), re.DOTALL)
    held = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0] if form else ""))
    return client.post(f"/collection/cases/{of.pk}/dial/", held | more, headers=HX)


def note(client: Client, of: Case, **said: str) -> Any:
    """Note an outcome, with what the panel's form holds."""
    held = dict(
        re.findall(
            r'name="(contact|key|claim|instead_of)"(?: id="claim-seen" form="noted")? value="([^"]*)"', page(client, of)
        )
    )
    return client.post(f"/collection/cases/{of.pk}/outcome/", held | said, headers=HX)


# The page ----------------------------------------------------------------------------------------------------------------


def test_the_workbench_leads_to_the_first_case_of_the_list_that_is_not_done(cast: dict[str, User]) -> None:
    rows = [case(f"C{place}", owner=cast["sun"]) for place in (1, 2, 3)]
    for place, of in enumerate(rows, 1):
        Row.objects.create(
            day=timezone.localdate(), owner=cast["sun"], case=of, place=place, reason="promise_broken",
            values={"broken": 2, "claim": 105_000, "chance": 350_000, "expected": 36_750, "seconds": 240, "currency": "CNY"},
            done_at=timezone.now() if place == 1 else None, result="busy" if place == 1 else "",
        )  # fmt: skip
    sun = browser(cast["sun"])
    assert sun.get("/collection/").headers["Location"] == f"/collection/cases/{rows[1].pk}/"
    shown = page(sun, rows[1])
    assert "1 / 3" in shown
    assert f'href="/collection/cases/{rows[2].pk}/" data-key="n"' in shown
    assert "2 promises broken" in shown


def test_without_a_list_ones_own_cases_are_shown_and_without_those_what_will_come(cast: dict[str, User]) -> None:
    assert "No case is yours" in browser(cast["li"]).get("/collection/").content.decode()
    of = case("C1", owner=cast["sun"])
    shown = browser(cast["sun"]).get("/collection/").content.decode()
    assert "No list for today" in shown
    assert f"/collection/cases/{of.pk}/" in shown


def test_a_list_that_is_done_says_so(cast: dict[str, User]) -> None:
    of = case("C1", owner=cast["sun"])
    values = {"claim": 1, "chance": 1, "expected": 1, "seconds": 60, "currency": "CNY"}
    Row.objects.create(
        day=timezone.localdate(),
        owner=cast["sun"],
        case=of,
        place=1,
        reason="expected_recovery",
        values=values,
        done_at=timezone.now(),
    )
    assert "list is done: 1 case" in browser(cast["sun"]).get("/collection/").content.decode()


def test_names_numbers_and_addresses_are_masked(cast: dict[str, User]) -> None:
    debtor()
    shown = page(browser(cast["sun"]), case("C1", owner=cast["sun"]))
    assert "陈**" in shown
    assert "139****1234" in shown
    assert not {"陈小明", PHONE, "chen@example.com", "幸福路"} & set(
        re.findall(r"陈小明|13900001234|chen@example\.com|幸福路", shown)
    )


def test_a_case_out_of_reach_is_not_there(cast: dict[str, User]) -> None:
    of = case("C1", owner=cast["sun"])
    for path in ("", "calculator/", "ways/", "pulse/", "statement/"):
        assert browser(cast["far"]).get(f"/collection/cases/{of.pk}/{path}").status_code == 404
    for path in ("dial/", "outcome/", "send/", "inbound/", "pause/", "hand-up/", "claim/"):
        assert browser(cast["far"]).post(f"/collection/cases/{of.pk}/{path}").status_code == 404


def test_who_looks_but_does_not_work_has_no_button_to_make_contact(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    for name in ("wu", "li"):  # an auditor, and a colleague whose case it is not
        shown = page(browser(cast[name]), of)
        assert "139****1234" in shown
        assert "/dial/" not in shown
    assert "Sun works on it" in page(browser(cast["li"]), of)


def test_a_case_in_the_queue_is_claimed_from_its_page(cast: dict[str, User]) -> None:
    of = case("C1")
    li = browser(cast["li"])
    assert li.post(f"/collection/cases/{of.pk}/claim/", {"revision": "1"}).status_code == 302
    assert Case.objects.get().owner == cast["li"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"closed_on": dt.date(2026, 3, 31), "closing": "cured"}, "The case is closed."),
        ({}, "The vault holds nothing by which this person could be reached."),
    ],
)
def test_nobody_to_call_says_why(cast: dict[str, User], more: dict[str, Any], said: str) -> None:
    shown = page(browser(cast["sun"]), case("C1", owner=cast["sun"], **more))
    assert said in shown
    assert "not in the vault" in shown


def test_a_loan_that_the_ledger_does_not_know_is_told(cast: dict[str, User]) -> None:
    shown = page(browser(cast["sun"]), case("C1", owner=cast["sun"]))
    assert "The ledger does not know C1-L1" in shown
    assert "1,050.00" in shown
    assert "Nothing to reckon" in shown


def test_queries_do_not_grow_with_people_numbers_contacts_and_the_list(cast: dict[str, User]) -> None:
    sun, counts = browser(cast["sun"]), []
    for many in (1, 6):
        name = f"C{many}"
        debtor(name, phones=tuple(f"1390001{many}{place:03d}" for place in range(many)))
        of = case(name, owner=cast["sun"], loans=tuple(f"{name}-L{place}" for place in range(many)))
        for place in range(many):
            other = case(f"{name}-{place}", owner=cast["sun"])
            Row.objects.create(
                day=timezone.localdate(), owner=cast["sun"], case=other, place=Row.objects.count() + 1, reason="expected_recovery",
                values={"claim": 1, "chance": 1, "expected": 1, "seconds": 60, "currency": "CNY"},
            )  # fmt: skip
            Contact.objects.create(
                key=key(), person_id=name, debtor_id=name, case_id=of.pk, loan_ids=[f"{name}-L0"], channel="email", party="debtor", purpose="collect",
                asked_at=timezone.now(), at=timezone.now() - dt.timedelta(days=3), outcome="delivered", actor=cast["sun"],
            )  # fmt: skip
        page(sun, of)  # what is written at first sight is written
        with CaptureQueriesContext(connection) as asked:
            page(sun, of)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 30


# Making contact ----------------------------------------------------------------------------------------------------------


def test_dialling_shows_the_number_once_and_writes_the_contact(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    answer = dial(sun, of)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert f'href="tel:+86{PHONE}" data-dial' in shown
    contact = Contact.objects.get()
    assert (contact.outcome, contact.actor, contact.case_id) == ("pending", cast["sun"], of.pk)
    again = page(sun, of)
    assert PHONE not in again
    assert 'value="not_made"' not in again  # an uncovered number counts as dialled
    assert "note what came of it" in again


def test_at_night_there_is_no_button_but_the_reason_the_article_and_a_clock(cast: dict[str, User]) -> None:
    debtor(hour=23)
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    shown = page(sun, of)
    assert "/dial/" not in shown
    assert "No collection between 22:00 and 08:00" in shown
    assert "GB/T 45251-2025" in shown
    assert re.search(r"possible from tomorrow 08:00 on, in <time data-until=", shown)
    assert "23:" in shown  # the person's own clock


def test_a_page_from_before_is_refused_when_it_dials_at_night(cast: dict[str, User]) -> None:
    debtor(hour=12)
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    page(sun, of)
    debtor(hour=23)  # it became night meanwhile
    point = Point.objects.get(kind="phone")
    answer = sun.post(
        f"/collection/cases/{of.pk}/dial/",
        {"person": "C1", "point": str(point.pk), "channel": "phone", "key": "k"},
        headers=HX,
    )
    assert answer.status_code == 409
    assert "No collection between" in answer.content.decode()
    assert PHONE not in answer.content.decode()
    assert not Contact.objects.exists()
    assert Refusal.objects.filter(case_id=of.pk, actor=cast["sun"]).exists()


def test_an_opt_out_between_page_and_dial_is_heard(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    form = re.search(r'action="[^"]*/dial/".*?</form>', page(sun, of), re.DOTALL)
    held = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0] if form else ""))
    Circumstance.objects.create(
        person_id="C1",
        kind="do_not_contact",
        from_at=timezone.now(),
        ground="wrote a letter",
        entered_at=timezone.now(),
    )
    answer = sun.post(f"/collection/cases/{of.pk}/dial/", held, headers=HX)
    assert answer.status_code == 409
    assert not Contact.objects.exists()


def test_the_second_collector_is_told_who_is_speaking_and_may_still_dial(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1")  # nobody's: both may work it
    assert dial(browser(cast["sun"]), of).status_code == 200
    li = browser(cast["li"])
    assert "<b>Sun</b> is speaking with this debtor" in page(li, of)
    answer = dial(li, of)
    assert answer.status_code == 409
    assert "Sun is speaking with this debtor" in answer.content.decode()
    assert "Dial all the same" in answer.content.decode()
    assert dial(li, of, anyway="1").status_code == 200
    assert Contact.objects.count() == 2


def test_a_call_of_somebody_else_cannot_be_ended(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1")
    dial(browser(cast["sun"]), of)
    answer = note(browser(cast["li"]), of, outcome="busy", contact=str(Contact.objects.get().pk))
    assert answer.status_code == 409
    assert Contact.objects.get().outcome == "pending"


def test_that_the_debtor_called_is_noted_though_it_is_night(cast: dict[str, User]) -> None:
    debtor(hour=23)
    of = case("C1", owner=cast["sun"])
    answer = browser(cast["sun"]).post(f"/collection/cases/{of.pk}/inbound/", {"key": "in"}, headers=HX)
    assert answer.status_code == 200
    assert (Contact.objects.get().inbound, Contact.objects.get().outcome) == (True, "conversation")


# Outcomes ----------------------------------------------------------------------------------------------------------------


def test_an_outcome_is_saved_at_once_and_the_next_case_offered(cast: dict[str, User]) -> None:
    debtor()
    of, following = case("C1", owner=cast["sun"]), case("C2", owner=cast["sun"])
    values = {"claim": 1, "chance": 1, "expected": 1, "seconds": 60, "currency": "CNY"}
    for place, one in enumerate((of, following), 1):
        Row.objects.create(
            day=timezone.localdate(),
            owner=cast["sun"],
            case=one,
            place=place,
            reason="expected_recovery",
            values=values,
        )
    sun = browser(cast["sun"])
    dial(sun, of)
    answer = note(sun, of, outcome="no_answer", note="rang out")
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Saved: No answer." in shown
    assert f"/collection/cases/{following.pk}/" in shown
    assert 'id="queue"' in shown
    assert "1 / 2" in shown
    assert (Contact.objects.get().outcome, Contact.objects.get().note) == ("no_answer", "rang out")


def test_a_promise_is_saved_with_what_the_calculator_holds(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    dial(sun, of)
    on = timezone.localdate() + dt.timedelta(days=4)
    answer = note(sun, of, answer="conversation.promise", on_1=on.isoformat(), amount_1="500.00")
    assert answer.status_code == 200
    assert [(part.due_on, part.amount) for part in Promise.objects.get().parts.all()] == [(on, 50_000)]
    assert "Open" in answer.content.decode()


def test_a_promise_that_is_refused_keeps_what_was_typed_and_the_call_under_way(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    dial(sun, of)
    on = timezone.localdate() + dt.timedelta(days=4)
    answer = note(sun, of, answer="conversation.promise", on_1=on.isoformat(), amount_1="5000.00", note="by transfer")
    assert answer.status_code == 422
    assert "only CNY 1,050.00 will be owed" in answer.content.decode()
    assert 'value="by transfer"' in answer.content.decode()
    assert Contact.objects.get().outcome == "pending"


def test_a_promise_on_figures_that_changed_is_refused_with_what_changed(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    dial(sun, of)
    on = timezone.localdate() + dt.timedelta(days=4)
    answer = note(
        sun, of, answer="conversation.promise", on_1=on.isoformat(), amount_1="500.00", claim="what was seen before"
    )
    assert answer.status_code == 422
    assert "What is owed changed since you saw it." in answer.content.decode()
    assert not Promise.objects.exists()


def test_a_call_back_needs_its_time(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    dial(sun, of)
    assert note(sun, of, answer="conversation.call_back").status_code == 422
    later = timezone.localtime() + dt.timedelta(hours=3)
    assert note(sun, of, answer="conversation.call_back", call_at=f"{later:%Y-%m-%dT%H:%M}").status_code == 200
    assert Case.objects.get().call_at == later.replace(second=0, microsecond=0)


def test_who_asks_for_calls_to_stop_is_offered_no_more(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    dial(sun, of)
    shown = note(sun, of, answer="conversation.calls").content.decode()
    assert "calls are to stop" in shown
    assert "/dial/" not in shown


def test_without_a_call_there_is_nothing_to_note(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    assert note(browser(cast["sun"]), of, outcome="busy").status_code == 409
    assert not CaseMove.objects.filter(act="contact").exists()


# The rest ----------------------------------------------------------------------------------------------------------------


def test_the_pulse_says_nothing_while_nothing_came_and_tells_of_a_colleagues_call(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1")
    sun = browser(cast["sun"])
    held = re.search(r'id="news"[^>]*hx-vals="([^"]*)"', page(sun, of))
    assert held
    seen = json.loads(html.unescape(held[1]))
    with CaptureQueriesContext(connection) as asked:
        assert sun.get(f"/collection/cases/{of.pk}/pulse/", seen).status_code == 204
    assert len(asked) <= 8
    dial(browser(cast["li"]), of)
    answer = sun.get(f"/collection/cases/{of.pk}/pulse/", seen)
    assert answer.status_code == 200
    assert "Li is speaking with this debtor" in answer.content.decode()


def test_a_case_is_set_aside_and_handed_up_from_its_page(cast: dict[str, User]) -> None:
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    until = timezone.localdate() + dt.timedelta(days=2)
    sun.post(f"/collection/cases/{of.pk}/pause/", {"revision": "1", "until": until.isoformat(), "note": "in hospital"})
    assert Case.objects.get().paused_until == until
    sun.post(f"/collection/cases/{of.pk}/resume/", {"revision": "2"})
    assert Case.objects.get().paused_until is None
    sun.post(f"/collection/cases/{of.pk}/hand-up/", {"revision": "3", "note": "wants a waiver"})
    assert Case.objects.get().handed_up_at is not None


def test_the_script_follows_what_holds_of_the_debtor(cast: dict[str, User]) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    assert "Name no debt before the person is known." in page(sun, of)
    Circumstance.objects.create(
        person_id="C1", kind="dispute", from_at=timezone.now(), ground="says so", entered_at=timezone.now()
    )
    assert "We have your objection on record" in page(sun, of)


def test_a_message_is_offered_by_a_channel_that_is_set_up_and_posted_for_the_sender(
    cast: dict[str, User], settings: Any
) -> None:
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    assert "This channel is not set up." in page(sun, of)
    settings.MAIL_READY = True
    form = re.search(r'action="[^"]*/send/".*?</form>', page(sun, of), re.DOTALL)
    assert form
    assert 'value="arrears"' in form[0]
    held = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0]))
    answer = sun.post(f"/collection/cases/{of.pk}/send/", held | {"template": "arrears"}, headers=HX)
    assert answer.status_code == 200
    assert "It is being sent." in answer.content.decode()
    posted = Contact.objects.get()
    assert (posted.channel, posted.state, posted.values["amount"], posted.template) == (
        "email",
        "waiting",
        105_000,
        "arrears",
    )


def test_a_message_whose_words_are_not_so_is_not_posted(cast: dict[str, User], settings: Any) -> None:
    settings.MAIL_READY = True
    debtor()
    of = case("C1", owner=cast["sun"])
    sun = browser(cast["sun"])
    form = re.search(r'action="[^"]*/send/".*?</form>', page(sun, of), re.DOTALL)
    held = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0] if form else ""))
    answer = sun.post(f"/collection/cases/{of.pk}/send/", held | {"template": "promise_taken"}, headers=HX)
    assert answer.status_code == 409
    assert "What this message says is not so now." in answer.content.decode()
    assert not Contact.objects.exists()
