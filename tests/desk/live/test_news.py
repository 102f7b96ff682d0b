"""News of alerts: who hears of what, what counts as new, how a page goes on where it was, and when it hears no more."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client

from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.live import herald, news, streaming, views
from daihou.desk.live.herald import Ear, Herald
from daihou.desk.live.news import Change
from daihou.desk.live.streaming import Hearer, Page
from daihou.desk.people.models import Membership
from daihou.desk.people.reach import Access
from desk.alerts.hands import browser, hands
from desk.alerts.made import alert

if TYPE_CHECKING:
    from daihou.desk.people.models import User


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return hands()


def hearing(user: User, after: int | None = None) -> Page:
    client = browser(user)
    return Page(Hearer(client.session.session_key or "", user, Access(user)), after)


def heard(event: bytes) -> tuple[str, int, dict[str, Any]]:
    """An event: its kind, its id, its data."""
    lines = dict(line.split(": ", 1) for line in event.decode().strip().split("\n") if ": " in line)
    return lines["event"], int(lines["id"]), json.loads(lines["data"])


def raised(borrower: str, org: str = "X1", **more: Any) -> Alert:
    return alert(borrower, org_id=org, **more)


def act(one: Alert, act: Act, before: str = "red", after: str = "red", **more: Any) -> Move:
    return Move.objects.create(
        alert=one, at=one.raised_at, act=act, stage_after="check", level_before=before, level_after=after, **more
    )


def test_a_page_hears_of_alerts_in_reach_alone(staff: dict[str, User]) -> None:
    inside, outside = hearing(staff["he"]), hearing(staff["far"])
    assert heard(inside.greet())[0] == heard(outside.greet())[0] == "hello"
    began = inside.number
    raised("C1")
    came = news.since(began)
    assert heard(inside.tell(came)) == ("alerts", Move.newest(), {"new": 1})
    assert inside.tell(came) == b"", "it is told once"
    assert outside.tell(came) == b"", "of what is elsewhere a page hears nothing, not even that there is something"


def test_what_is_new_is_counted_by_alert_and_not_what_one_did_oneself(staff: dict[str, User]) -> None:
    page = hearing(staff["he"])
    page.greet()
    one = raised("C1")
    act(one, Act.LEVEL, "yellow")
    raised("C2")
    two = raised("C3")
    Move.objects.filter(alert=two).update(actor=staff["he"])
    act(one, Act.COMMENT)
    assert heard(page.tell(news.since(page.number)))[2] == {"new": 2}
    act(one, Act.CLAIM)
    assert heard(page.tell(news.since(page.number)))[::2] == ("alerts", {"new": 0}), (
        "lists follow, the count does not grow"
    )


def test_a_page_that_lost_the_connection_goes_on_from_what_it_heard_last(staff: dict[str, User]) -> None:
    page = hearing(staff["he"])
    page.greet()
    before = page.number
    raised("C1")
    raised("C2")
    raised("C9", "X2")
    assert heard(hearing(staff["he"], before).greet())[::2] == ("hello", {"new": 2})
    assert heard(hearing(staff["he"]).greet())[2] == {"new": 0}, "who comes first has missed nothing"
    later = hearing(staff["he"], before)
    later.greet()
    assert later.tell(news.since(before)) == b"", "what the greeting told is not told again"


def test_it_ends_when_its_user_is_signed_out_or_may_see_alerts_no_more(staff: dict[str, User]) -> None:
    client = browser(staff["he"])
    page, other = (
        Page(Hearer(client.session.session_key or "", staff["he"], Access(staff["he"])), None),
        hearing(staff["sun"]),
    )
    assert (page.check(), other.check()) == (b"", b"")
    client.logout()
    assert (heard(page.check())[0], page.ended) == ("end", True)
    Membership.objects.filter(user=staff["sun"]).delete()
    assert (heard(other.check())[0], other.ended) == ("end", True)


def test_what_somebody_may_see_is_asked_again(staff: dict[str, User]) -> None:
    page = hearing(staff["far"])
    page.greet()
    Membership.objects.filter(user=staff["far"]).update(role="manager", org_id="X1")
    raised("C1")
    came = news.since(page.number)
    page.check()
    assert heard(page.tell(came))[0] == "alerts"


def test_a_minute_is_not_over_before_it_is_asked_again(staff: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    assert streaming.CHECKED_SECONDS + streaming.BEAT_SECONDS < 60
    page = hearing(staff["he"])
    assert not page.unchecked
    monkeypatch.setattr(streaming, "CHECKED_SECONDS", -1.0)
    assert page.unchecked


def test_an_ear_hears_what_is_put_in_or_that_it_was_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(herald, "KEPT", 3)
    some = [Change(number, Alert(pk=number), None, new=True) for number in range(1, 5)]

    async def hearing() -> None:
        ear = Ear(asyncio.get_running_loop())
        assert await ear.hear(0.001) == []
        ear.put(some[:1])
        ear.put(some[1:2])
        assert await ear.hear(5) == some[:2]
        ear.put(some)
        ear.put(some[:1])
        assert await ear.hear(5) is None
        assert await ear.hear(0.001) == []

    asyncio.run(hearing())


def test_too_many_to_be_kept_are_told_as_many(staff: dict[str, User]) -> None:
    page = hearing(staff["he"])
    page.greet()
    raised("C1")
    assert heard(page.tell(None)) == ("alerts", Move.newest(), {"new": news.SHOWN})


def test_numbers_that_turn_up_late_are_told_once(staff: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "LATE", 1_000)
    one = raised("C0")
    first = Move.newest()
    looking = Herald()
    looking._number = first
    assert looking._fresh() == [], "what was there is no news"
    act(one, Act.CLAIM, pk=first + 5)
    assert [change.number for change in looking._fresh()] == [first + 5]
    looking._number = first + 5
    act(one, Act.CLAIM, pk=first + 2)  # of a transaction that began before and ended after
    assert [change.number for change in looking._fresh()] == [first + 2]
    assert looking._fresh() == []


def test_the_stream_is_for_who_sees_alerts_and_says_so_in_its_headers(
    staff: dict[str, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Client().get("/live/alerts").status_code == 302
    nobody = browser(staff["he"])
    Membership.objects.filter(user=staff["he"]).delete()
    assert nobody.get("/live/alerts").status_code == 403
    response = browser(staff["sun"]).get("/live/alerts", headers={"Accept-Encoding": "gzip"})
    assert (response["Content-Type"], response["Content-Encoding"]) == ("text/event-stream", "identity")
    assert "no-store" in response["Cache-Control"]
    assert response.content.startswith(b"retry: 2000\n\nevent: hello")
    monkeypatch.setattr(views, "PAGES", 0)
    full = browser(staff["sun"]).get("/live/alerts")
    assert (full.status_code, int(full["Retry-After"]) > 0) == (503, True)


def test_a_session_says_whose_it_is(staff: dict[str, User]) -> None:
    who = hearing(staff["he"]).who
    again = who.again()
    assert again is not None
    assert again.user == staff["he"]
    request = HttpRequest()
    request.session = browser(staff["he"]).session
    assert get_user(request) == staff["he"]
    staff["he"].must_change_password = True
    staff["he"].save()
    assert who.again() is None
    assert Hearer("gone", staff["he"], who.rights).again() is None
