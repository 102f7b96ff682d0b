"""Alerts as programs read them, and the few things that programs do to them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from api.reading.conftest import Reader, reader
from daihou.desk.alerts import transitions
from daihou.desk.alerts.choices import Stage
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.audit.models import Entry
from daihou.desk.people.roles import Role
from desk.alerts.hands import asked, hands
from desk.alerts.made import alert

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> dict[str, User]:
    """Who works on alerts of branch X1."""
    return hands()


@pytest.fixture
def here(people: dict[str, User]) -> Reader:
    """A program of branch X1, as a manager."""
    return reader("here", Role.MANAGER, "X1")


def many(count: int, **values: Any) -> list[Alert]:
    """Alerts of branch X1, of as many borrowers."""
    return [
        alert(f"C{n}", ("red", "orange", "yellow")[n % 3], org_id="X1", exposure=n % 4 * 100, **values)
        for n in range(count)
    ]


@pytest.mark.parametrize("sort", ["raised", "-raised", "due", "-due", "level", "-level", "exposure", "-exposure"])
def test_pages_hold_every_alert_once_in_any_order(here: Reader, sort: str) -> None:
    held = many(11)
    moment = timezone.now()
    for place, one in enumerate(
        held
    ):  # the first five are equal in the deadline, of the others it falls as the key grows
        Alert.objects.filter(pk=one.pk).update(due_at=moment - dt.timedelta(hours=max(place - 4, 0)))
    whole = [row["id"] for row in here.data(f"/alerts?sort={sort}")]
    assert sorted(whole) == sorted(one.pk for one in held)
    assert [row["id"] for row in here.all(f"/alerts?sort={sort}&limit=2")] == whole


def test_closed_ones_come_by_their_end(here: Reader) -> None:
    many(3, stage=Stage.CLOSED)
    held = many(3)
    assert len(here.all("/alerts?closed=1&sort=closed&limit=2")) == 3
    assert {row["id"] for row in here.all("/alerts?limit=2")} == {one.pk for one in held}
    assert len(here.all("/alerts?closed=all&limit=4")) == 6
    for query in ("closed=1&sort=due", "closed=all&sort=level", "sort=closed", "sort=colour"):
        assert here.get(f"/alerts?{query}").status_code == 400, query


def test_an_alert_that_comes_meanwhile_does_not_shift_the_pages(here: Reader) -> None:
    held = many(6)
    first = here.get("/alerts?limit=3").json()
    alert("NEW", org_id="X1")
    second = here.get(f"/alerts?limit=3&after={first['next']}").json()
    assert [row["id"] for row in first["data"] + second["data"]] == [one.pk for one in reversed(held)]


def test_the_filter_is_that_of_the_inbox_and_what_it_says_wrongly_is_refused(
    here: Reader, people: dict[str, User]
) -> None:
    held = many(6)
    Alert.objects.filter(pk=held[0].pk).update(owner=people["wang"])
    assert {row["level"] for row in here.data("/alerts?level=red,yellow")} == {"red", "yellow"}
    assert [row["id"] for row in here.data("/alerts?owner=wang")] == [held[0].pk]
    assert len(here.data("/alerts?owner=none,wang")) == 6
    assert [row["borrower_id"] for row in here.data("/alerts?borrower=C2,C4")] == ["C4", "C2"]
    assert len(here.data("/alerts?exposure=2..")) == 2
    for query in ("level=purple", "owner=nobody", "due=never", "q=somebody", "exposure=a..b"):
        assert here.get(f"/alerts?{query}").status_code == 400, query


def test_alerts_elsewhere_are_not_there(here: Reader, people: dict[str, User]) -> None:
    far = alert("FAR", org_id="X2")
    assert here.data("/alerts") == []
    for address in (f"/alerts/{far.pk}", f"/alerts/{far.number}", "/alerts/AL-2026-999999", "/alerts/somebody"):
        assert here.get(address).status_code == 404, address
    assert here.post(f"/alerts/{far.pk}/comment", {"text": "hello"}).status_code == 404


def test_one_alert_tells_why_and_what_was_done(here: Reader, people: dict[str, User]) -> None:
    held = alert("C1", "red", signals=2, org_id="X1", officer_id="W01")
    held.signals.update(subject="loan", subject_id="L1")
    after = transitions.claim(held, held.revision, asked(people["wang"]))
    transitions.comment(after, "called him, he will pay", [], asked(people["wang"]))
    response = here.get(f"/alerts/{held.number}")
    told = response.json()["data"]
    assert response["ETag"] == f'"{after.revision}"'
    assert (told["number"], told["owner"], told["exposure"]) == (held.number, "wang", "10000.00")
    assert [signal["evidence"] for signal in told["signals"]] == [{"dpd": 45}] * 2
    assert told["signals"][0]["tree"]["value"] is True
    assert told["signals"][0]["sentence"]["zh"]
    assert [(move["act"], move["by"]) for move in told["history"]] == [
        ("raise", None),
        ("claim", "wang"),
        ("comment", "wang"),
    ]
    assert told["history"][1]["detail"] == {"owner": "wang"}
    assert told["history"][2]["note"] == "called him, he will pay"


def test_what_people_wrote_is_kept_from_who_may_not_read_their_files(people: dict[str, User]) -> None:
    viewer = reader("viewer", Role.VIEWER, "X1")
    held = alert("C1", "red", org_id="X1", officer_id="W01", source="hand", reason="Zhang told me", signals=0)
    transitions.comment(held, "Zhang again", [], asked(people["wang"]))
    response = viewer.get(f"/alerts/{held.pk}")
    assert "Zhang" not in response.content.decode()
    assert response.json()["data"]["notes_withheld"] is True
    assert "Wang" not in response.content.decode(), "people are told by user name"


def test_a_comment_is_said_by_the_program_and_logged(here: Reader) -> None:
    held = alert("C1", org_id="X1")
    response = here.post(f"/alerts/{held.pk}/comment", {"text": "ticket 77 opened"})
    assert response.status_code == 201, response.content
    move = Move.objects.filter(alert=held.pk).last()
    assert move is not None
    assert (move.act, move.note, move.actor) == ("comment", "ticket 77 opened", here.program.user)
    assert Entry.objects.filter(action="alert.comment", actor="api-here", subject_id=held.number).exists()
    assert here.post(f"/alerts/{held.pk}/comment", {"text": "  "}).status_code == 422


def test_an_alert_is_given_to_somebody_on_the_revision_that_was_seen(here: Reader, people: dict[str, User]) -> None:
    held = alert("C1", org_id="X1")
    tag = here.get(f"/alerts/{held.pk}")["ETag"]
    body = {"owner": "wang", "note": "by the router"}
    assert here.post(f"/alerts/{held.pk}/assign", body).status_code == 428
    response = here.post(f"/alerts/{held.pk}/assign", body, If_Match=tag)
    assert (response.status_code, response.json()["data"]["owner"]) == (200, "wang")
    again = here.post(f"/alerts/{held.pk}/assign", {"owner": "li"}, If_Match=tag)
    assert again.status_code == 409
    told = again.json()
    assert (told["last"]["act"], told["last"]["by"], told["revision"]) == ("assign", "api-here", held.revision + 1)
    assert Alert.objects.get(pk=held.pk).owner == people["wang"]
    last = here.post(f"/alerts/{held.pk}/assign", {"owner": "li"}, If_Match=response["ETag"])
    assert last.status_code == 200


def test_the_rules_of_the_desk_hold_for_programs(here: Reader, people: dict[str, User]) -> None:
    held = alert("C1", org_id="X1")
    tag = f'"{held.revision}"'
    elsewhere = here.post(f"/alerts/{held.pk}/assign", {"owner": "far"}, If_Match=tag)
    assert (elsewhere.status_code, elsewhere.json()["detail"]) == (
        422, "Far does not work on alerts of this part of the lender.",
    )  # fmt: skip
    zh = here.post(f"/alerts/{held.pk}/escalate", {"note": ""}, If_Match=tag, Accept_Language="zh-CN")
    assert zh.status_code == 422
    assert "“" in zh.json()["detail"] or "。" in zh.json()["detail"]
    assert here.post(f"/alerts/{held.pk}/assign", {"owner": "nobody"}, If_Match=tag).status_code == 400
    up = here.post(f"/alerts/{held.pk}/escalate", {"note": "above our limit"}, If_Match=tag)
    assert (up.status_code, up.json()["data"]["escalated_org_id"]) == (200, "")


def test_a_program_that_reads_does_not_act(people: dict[str, User]) -> None:
    held = alert("C1", org_id="X1")
    reads = reader("reads", Role.MANAGER, "X1", scopes=["alerts:read"])
    assert reads.post(f"/alerts/{held.pk}/comment", {"text": "hello there"}).status_code == 403
    officer = reader("officer", Role.VIEWER, "X1")
    tag = f'"{held.revision}"'
    assert officer.post(f"/alerts/{held.pk}/assign", {"owner": "wang"}, If_Match=tag).status_code == 422


def test_no_program_is_given_an_alert(here: Reader) -> None:
    held = alert("C1", org_id="X1")
    tag = f'"{held.revision}"'
    assert here.post(f"/alerts/{held.pk}/assign", {"owner": "api-here"}, If_Match=tag).status_code == 400


def test_a_page_asks_the_database_as_often_however_long_it_is(here: Reader, queries: Any) -> None:
    many(30)
    here.get("/alerts?limit=1")
    with queries(8):
        assert len(here.data("/alerts?limit=30")) == 30
    held = alert("C99", signals=1, org_id="X1")
    with queries(12):
        here.data(f"/alerts/{held.pk}")
    for number in range(9):
        Move.objects.create(
            alert=held, at=timezone.now() + dt.timedelta(number), act="comment", stage_after="check", level_after="red", note="hello"
        )  # fmt: skip
    with queries(12):
        here.data(f"/alerts/{held.pk}")
