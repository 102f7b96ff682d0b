"""Papers asked for: by the steps of the plan through a real gateway, once each; by hand; dropped once they are there."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.audit.models import Entry
from daihou.desk.contacts import circumstances
from daihou.desk.contacts.choices import State as Sent
from daihou.desk.contacts.models import Contact
from daihou.desk.contacts.server import gateway
from daihou.desk.people.roles import Role
from daihou.desk.reviews import asking, clock
from daihou.desk.reviews.choices import Asked, State, Type
from daihou.desk.reviews.models import Asking, Review, ReviewMove
from daihou.vault.person import PersonRecord
from desk.alerts.hands import browser
from desk.conftest import user
from desk.contacts import posts
from desk.contacts.dues import built, who
from desk.contacts.posts import MORNING, put, work

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.desk.contacts.gateway.behaviour import Book
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
_english, gate = posts._english, posts.gate
DAY: Final = dt.timedelta(days=1)
TODAY: Final = MORNING.date()


@pytest.fixture(autouse=True)
def _book(settings: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.HOME = open_home(shutil.copytree(built(tmp_path_factory).path, tmp_path / "home"), {})
    put(who("steady"), PersonRecord(name="李娜", phones=("13800130001",), language="en"))


def wanted(borrower_id: str = who("steady"), due: dt.date = TODAY + 14 * DAY, **more: Any) -> Review:
    """A renewed insurance of a borrower of org X1."""
    stated = {
        "plan": "insurance", "about": "loan", "subject": f"{borrower_id}-loan", "loan_id": "steady", "anchor": "never", "type": Type.INSURANCE,
        "site": "off", "form": "insurance", "borrower_id": borrower_id, "due_on": due, "planned_on": TODAY, "planned_at": MORNING, "org_id": "X1",
        "officer_id": "M7",
    }  # fmt: skip
    return Review.objects.create(**(stated | more))


def steps() -> list[tuple[int | None, str]]:
    return list(Asking.objects.order_by("pk").values_list("step", "state"))


def test_each_step_asks_once_and_says_what_and_until_when(gate: Book) -> None:
    wanted()
    assert asking.due(MORNING) == 1
    assert asking.due(MORNING) == 0
    work(MORNING)
    assert steps() == [(14, Asked.POSTED)]
    (given,) = gate.given
    assert "please hand in by 31 March 2026: Renewed insurance of the collateral" in given["text"]
    later = MORNING + 11 * DAY
    assert asking.due(later - DAY) == 0
    assert asking.due(later) == 1
    assert steps() == [(14, Asked.POSTED), (3, Asked.POSTED)]
    assert asking.due(MORNING + 17 * DAY) == 1
    assert steps()[-1] == (-3, Asked.POSTED)


def test_before_the_first_step_nobody_is_asked_and_of_missed_ones_only_the_last(gate: Book) -> None:
    early = wanted(due=TODAY + 15 * DAY)
    assert asking.due(MORNING) == 0
    Review.objects.filter(pk=early.pk).update(due_on=TODAY - 4 * DAY)
    assert asking.due(MORNING) == 1
    assert steps() == [(-3, Asked.POSTED)]
    Review.objects.filter(pk=early.pk).update(due_on=TODAY - 91 * DAY)
    Asking.objects.all().delete()
    assert asking.due(MORNING) == 0


def test_what_came_meanwhile_is_not_asked_for_any_more(gate: Book) -> None:
    review = wanted()
    asking.due(MORNING)
    Review.objects.filter(pk=review.pk).update(state=State.DONE, ended_at=MORNING, done_on=TODAY)
    work(MORNING)
    assert not gate.given
    assert Contact.objects.get().state == Sent.DROPPED


def test_what_is_begun_or_was_planned_by_hand_is_asked_for_too(gate: Book) -> None:
    wanted(state=State.BEGUN, begun_at=MORNING)
    wanted(subject="hand", plan="by_hand")
    assert asking.due(MORNING) == 2


def test_a_day_set_meanwhile_is_the_day_that_is_said(gate: Book) -> None:
    review = wanted()
    asking.due(MORNING)
    Review.objects.filter(pk=review.pk).update(due_on=dt.date(2026, 4, 2))
    work(MORNING)
    assert "by 2 April 2026" in gate.given[0]["text"]


def test_who_opted_out_is_refused_with_the_rule_and_who_has_no_number_is_told(gate: Book) -> None:
    entry = circumstances.Entry(who("steady"), "opt_out", "Said so on the phone.", MORNING - DAY, channel="sms")
    circumstances.enter(entry, None, MORNING - DAY)
    wanted()
    wanted(who("soon"), subject="other")
    assert asking.due(MORNING) == 2
    refused, unreached = Asking.objects.order_by("review__pk")
    assert (refused.state, bool(refused.rule), bool(refused.citation), refused.contact) == (
        Asked.REFUSED,
        True,
        True,
        None,
    )
    assert (unreached.state, unreached.way) == (Asked.NO_POINT, "")


def test_without_a_channel_and_of_other_reviews_nobody_is_asked(gate: Book, settings: Any) -> None:
    wanted(type=Type.SPECIAL, plan="special", form="special")
    wanted(subject="over", state=State.DONE, ended_at=MORNING, done_on=TODAY)
    assert clock.tick(MORNING).asked == 0
    wanted(subject="L9")
    settings.SMS_GATEWAY = gateway({})
    assert clock.tick(MORNING).asked == 0
    assert not Asking.objects.exists()


@pytest.fixture
def staff(monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    """The officer of X1, her manager, and an officer elsewhere."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING.astimezone(dt.UTC))
    return {
        "li": user("li", (Role.OFFICER, "X1"), officer_id="M7", language="en"),
        "wang": user("wang", (Role.MANAGER, "X1"), language="en"),
        "far": user("far", (Role.OFFICER, "B02"), officer_id="O9", language="en"),
    }


def test_an_officer_notes_that_she_asked(staff: dict[str, User]) -> None:
    review = wanted(owner=staff["li"])
    said = {"revision": review.revision, "way": "phone", "note": "Will send the policy on Friday."}
    path = f"/reviews/{review.pk}/ask/"
    assert browser(staff["far"]).post(path, said).status_code == 404
    assert browser(staff["li"]).post(path, {**said, "way": "pigeon"}).status_code == 422
    assert browser(staff["li"]).post(path, said).status_code == 302
    assert browser(staff["li"]).post(path, said).status_code == 409
    made = Asking.objects.get()
    assert (made.way, made.state, made.actor, made.step) == ("phone", Asked.BY_HAND, staff["li"], None)
    assert ReviewMove.objects.get().act == "ask"
    assert Entry.objects.get(action="review.ask").detail == {"way": "phone", "note": said["note"]}
    page = browser(staff["li"]).get(f"/reviews/{review.pk}/").content.decode()
    assert "Will send the policy on Friday." in page


def test_a_review_that_wants_no_papers_cannot_be_asked_for(staff: dict[str, User]) -> None:
    review = wanted(owner=staff["li"], type=Type.SPECIAL, form="special", plan="special")
    answer = browser(staff["li"]).post(f"/reviews/{review.pk}/ask/", {"revision": 1, "way": "phone"})
    assert answer.status_code == 422
    assert "It asks for no papers." in answer.content.decode()


def test_the_view_of_papers_says_how_often_somebody_was_asked(staff: dict[str, User]) -> None:
    review = wanted(owner=staff["li"])
    wanted(subject="C2", type=Type.SPECIAL, form="special", plan="special", owner=staff["li"])
    client = browser(staff["li"])

    def told() -> list[str]:
        return [row.asked for row in client.get("/reviews/?view=papers").context["rows"]]

    assert told() == ["not asked yet"]
    for _ in range(2):
        review.refresh_from_db()
        client.post(f"/reviews/{review.pk}/ask/", {"revision": review.revision, "way": "phone"})
    assert told() == ["asked 2 times, last on 2026-03-17"]
