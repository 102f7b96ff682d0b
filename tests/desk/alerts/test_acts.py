"""Acting on an alert at the desk: forms by stage, reasons where something is not allowed, and two people at one alert."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from daihou.desk.alerts import acting
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.people.models import Absence, User
from desk.alerts.hands import BRANCH, asked, browser, hands
from desk.alerts.made import alert as made

NOTE = "Called the customer."


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


def alert(level: str = "orange", **values: Any) -> Alert:
    return made("C1", level, org_id=BRANCH, officer_id="W01", **values)


def send(of: User, one: Alert, act: str, **values: Any) -> Any:
    return browser(of).post(f"/alerts/{one.pk}/{act}/", {"revision": one.revision, **values})


def text(response: Any) -> str:
    return str(response.content.decode())


def page(of: User, one: Alert, query: str = "") -> str:
    response = browser(of).get(f"/alerts/{one.pk}/{query}")
    assert response.status_code == 200
    return text(response)


def checked(by: User, **values: Any) -> Alert:
    one = alert(stage=Stage.CONFIRM, owner=by, conclusion="confirmed", proposed_level="orange", **values)
    Move.objects.create(
        alert=one, at=timezone.now(), actor=by, act=Act.CONCLUDE, stage_after="confirm", level_after="orange", note=NOTE
    )
    return one


def test_a_check_is_sent_and_leads_back_to_the_alert_and_its_list(staff: dict[str, User]) -> None:
    one, other = alert(owner=staff["wang"]), alert(topic="cash")
    values = {"conclusion": "confirmed", "level": "orange", "note": NOTE, "from": "owner=me", "next": f"/alerts/{other.pk}/?from=x"}  # fmt: skip
    response = send(staff["wang"], one, "conclude", **values)
    assert (response.status_code, response["Location"]) == (302, f"/alerts/{one.pk}/?from=owner%3Dme&next={other.pk}")
    one.refresh_from_db()
    assert (one.stage, one.conclusion) == ("confirm", "confirmed")
    shown = text(browser(staff["wang"]).get(response["Location"]))
    assert f'href="/alerts/{other.pk}/?from=owner%3Dme" data-key="n"' in shown


def test_what_was_done_is_said_with_who_decides_next(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    client = browser(staff["wang"])
    values = {"revision": 1, "conclusion": "confirmed", "level": "orange", "note": NOTE}
    shown = text(client.post(f"/alerts/{one.pk}/conclude/", values, follow=True))
    assert "It is at “Confirm” now and waits for He, Sun, Zhou." in shown


def test_nobody_is_led_elsewhere_after_an_act(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    for following in ("https://evil.example/alerts/1/", "//evil.example", "/accounts/logout/"):
        response = send(staff["wang"], one, "follow-up", note=NOTE, next=following)
        assert response.status_code == 422
        assert "evil" not in text(response)
        assert "logout/?" not in text(response)


def test_every_stage_shows_its_one_form(staff: dict[str, User]) -> None:
    expected = {"check": "conclude", "plan": "plan", "act": "carry-out", "follow": "follow-up"}
    for number, (stage, act) in enumerate(expected.items()):
        one = made(f"C{number}", org_id=BRANCH, officer_id="W01", stage=stage, owner=staff["wang"])
        shown = page(staff["wang"], one)
        assert f'action="/alerts/{one.pk}/{act}/"' in shown
        assert shown.count("btn btn-primary") == 1
        assert "disabled aria-describedby" not in shown.split("btn btn-primary")[1][:30]


def test_the_confirmer_reads_both_opinions_and_may_decide(staff: dict[str, User]) -> None:
    one = checked(staff["wang"])
    shown = page(staff["he"], one)
    assert "The rules say" in shown
    assert "Wang found" in shown
    assert NOTE in shown
    response = send(staff["he"], one, "confirm", conclusion="confirmed", level="orange")
    assert response.status_code == 302
    one.refresh_from_db()
    assert one.stage == Stage.PLAN


def test_who_checked_it_sees_why_they_do_not_confirm_and_for_whom_it_waits(staff: dict[str, User]) -> None:
    one = checked(staff["he"])
    shown = page(staff["he"], one)
    assert "You checked it yourself. Somebody else confirms it." in shown
    assert "It waits for Sun" in shown
    assert send(staff["he"], one, "confirm", conclusion="confirmed", level="orange").status_code == 422


def test_a_refusal_says_why_and_keeps_what_was_typed(staff: dict[str, User]) -> None:
    one = alert(owner=staff["li"])
    response = send(staff["wang"], one, "conclude", conclusion="confirmed", note="Met the owner <b>today</b>.")
    assert response.status_code == 422
    assert "Li works on it. Claim it, or have it assigned to you." in text(response)
    assert "Met the owner &lt;b&gt;today&lt;/b&gt;." in text(response)
    assert Alert.objects.get().revision == 1


def test_the_second_of_two_people_reads_who_was_first_and_what_they_did(staff: dict[str, User]) -> None:
    one = alert()
    assert send(staff["wang"], one, "claim").status_code == 302
    response = send(staff["li"], one, "claim")
    assert response.status_code == 404  # it is Wang's customer
    response = send(staff["he"], one, "conclude", conclusion="false_alarm", note="Paid on Friday.")
    assert response.status_code == 409
    shown = text(response)
    assert "<b>Wang</b> Claimed" in shown
    assert "Raised" not in shown  # that was before it was opened
    assert "Paid on Friday." in shown
    assert f'data-carry="{staff["he"].pk}:{one.pk}"' in shown
    assert Move.objects.filter(act=Act.CONCLUDE).count() == 0


def test_a_form_without_its_revision_or_with_an_unknown_choice_is_refused_in_words(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    client = browser(staff["wang"])
    response = client.post(f"/alerts/{one.pk}/conclude/", {"conclusion": "confirmed", "note": NOTE})
    assert "did not say which state" in text(response)
    assert send(staff["wang"], one, "conclude", conclusion="nonsense", note=NOTE).status_code == 422
    assert send(staff["wang"], one, "snooze", until="soon", note=NOTE).status_code == 422
    assert send(staff["wang"], one, "follow-up", note="x" * 4001).status_code == 422
    assert Alert.objects.get().revision == 1


@pytest.mark.parametrize("said", ["{number}", "{pk}", " {pk} "])
def test_a_duplicate_is_named_as_people_call_it(said: str, staff: dict[str, User]) -> None:
    one, first = alert(owner=staff["wang"]), alert(topic="cash")
    stated = said.format(number=first.number, pk=first.pk)
    response = send(staff["wang"], one, "conclude", conclusion="duplicate", note=NOTE, duplicate=stated)
    assert response.status_code == 302
    one.refresh_from_db()
    assert one.duplicate_of == first


def test_what_lies_out_of_reach_is_no_duplicate(staff: dict[str, User]) -> None:
    one, far = alert(owner=staff["wang"]), made("C9", org_id="X2")
    response = send(staff["wang"], one, "conclude", conclusion="duplicate", note=NOTE, duplicate=str(far.pk))
    assert "There is no alert" in text(response)


def test_acts_beside_the_flow_are_done_or_say_why_not(staff: dict[str, User]) -> None:
    one = alert(owner=staff["wang"])
    until = timezone.localdate() + dt.timedelta(days=3)
    assert send(staff["wang"], one, "snooze", until=until.isoformat(), note=NOTE).status_code == 302
    one.refresh_from_db()
    assert "Wake: it rests until" in page(staff["wang"], one)
    assert send(staff["wang"], one, "wake").status_code == 302
    one.refresh_from_db()
    assert send(staff["wang"], one, "assign", owner=staff["li"].pk, note="").status_code == 302
    one.refresh_from_db()
    assert one.owner == staff["li"]
    assert send(staff["he"], one, "chase", note=NOTE).status_code == 302
    one.refresh_from_db()
    assert send(staff["he"], one, "escalate", note=NOTE).status_code == 302
    one.refresh_from_db()
    assert send(staff["he"], one, "level", level="red", note=NOTE).status_code == 302
    one.refresh_from_db()
    assert (one.level, one.escalated_org_id) == ("red", "")
    shown = page(staff["he"], one)
    assert "It is with head office already." in shown
    assert "Li works on it." in page(staff["wang"], one)


def test_a_reviewer_lowers_a_level_and_does_not_raise_one(staff: dict[str, User]) -> None:
    one = alert("orange")
    assert send(staff["sun"], one, "level", level="red", note=NOTE).status_code == 422
    assert send(staff["sun"], one, "level", level="yellow", note=NOTE).status_code == 302


def test_a_red_alert_says_that_it_does_not_rest(staff: dict[str, User]) -> None:
    assert "A red alert cannot be snoozed." in page(staff["wang"], alert("red", owner=staff["wang"]))


def test_who_is_away_is_offered_last_with_who_stands_in(staff: dict[str, User]) -> None:
    today = timezone.localdate()
    Absence.objects.create(user=staff["he"], stand_in=staff["zhou"], from_on=today, to_on=today, entered_by=staff["he"])
    one = alert(owner=staff["wang"])
    alert(topic="cash", owner=staff["li"])
    found = acting.candidates(one)
    assert [(each.user.username, each.load, each.stand_in) for each in found] == [
        ("zhou", 0, None), ("li", 1, None), ("he", 0, staff["zhou"])
    ]  # fmt: skip
    assert "He · 0 open · away, Zhou stands in" in page(staff["wang"], one)


def test_two_lift_it_and_the_second_sees_who_stands_behind_it(staff: dict[str, User]) -> None:
    one = alert(stage=Stage.FOLLOW, owner=staff["wang"], ceased_on=dt.date(2026, 4, 1), signals_open=0)
    assert send(staff["wang"], one, "propose-lift", note="Paid in full.").status_code == 302
    one.refresh_from_db()
    shown = page(staff["he"], one)
    assert "1 of 2 people stand behind it" in shown
    assert "Paid in full." in shown
    assert send(staff["he"], one, "approve-lift").status_code == 302
    one.refresh_from_db()
    assert (one.stage, one.outcome) == ("closed", "lifted")
    closed = page(staff["wang"], one)
    assert "How it ended" in closed
    assert "alert_claim" not in closed


def test_an_alert_out_of_reach_is_not_there(staff: dict[str, User]) -> None:
    assert send(staff["far"], alert(), "claim").status_code == 404
    assert send(staff["an"], alert(topic="cash"), "claim").status_code == 403


def test_who_decides_on_a_red_is_head_office(staff: dict[str, User]) -> None:
    assert [user.username for user in acting.deciders(alert("red"), "red", but=set())] == ["zhou", "qian"]
    assert acting.deciders(alert(topic="cash"), "orange", but={staff["he"].pk})[0] == staff["sun"]


def test_the_questions_to_the_database_do_not_grow_with_comments_files_and_people(staff: dict[str, User]) -> None:
    one = alert("red", owner=staff["wang"])

    def asked_of() -> int:
        request = asked(User.objects.get(username="wang"))
        with CaptureQueriesContext(connection) as queries:
            acting.context(Alert.objects.select_related("owner").get(pk=one.pk), request)
        return len(queries)

    before = asked_of()
    for number in range(12):
        Move.objects.create(
            alert=one, at=timezone.now(), actor=staff["he"], act=Act.COMMENT, stage_after="check", level_after="red",
            note=f"{number} @wang", detail={"mentions": [staff["wang"].pk]},
        )  # fmt: skip
        made(f"D{number}", org_id=BRANCH, owner=staff["li"])
    assert asked_of() <= before + 1  # the people mentioned, once
    assert before < 45
