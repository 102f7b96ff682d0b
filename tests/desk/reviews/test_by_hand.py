"""Reviews planned by hand: in reach, on a work day, for a reason, once; and several given to somebody at once."""

from __future__ import annotations

import datetime as dt
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.book.home import open_home
from daihou.desk.audit.models import Entry
from daihou.desk.people.roles import Role
from daihou.desk.reviews.choices import State, Type
from daihou.desk.reviews.models import BY_HAND, Review, ReviewMove
from desk.alerts.hands import browser
from desk.alerts.made import alert
from desk.conftest import user
from desk.contacts.dues import built, who
from desk.contacts.posts import MORNING

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
WISH = {
    "number": who("steady"),
    "type": "special",
    "due_on": "2026-03-20",
    "why": "A neighbour says the shop is closed.",
}


@pytest.fixture(autouse=True)
def staff(
    settings: Any, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> dict[str, User]:
    """The officer of X1, her manager, an officer elsewhere, an auditor; Tuesday 17 March 2026."""
    settings.HOME = open_home(shutil.copytree(built(tmp_path_factory).path, tmp_path / "home"), {})
    monkeypatch.setattr(timezone, "now", lambda: MORNING.astimezone(dt.UTC))
    return {
        "li": user("li", (Role.OFFICER, "X1"), officer_id="M7", language="en"),
        "wang": user("wang", (Role.MANAGER, "X1"), language="en"),
        "far": user("far", (Role.OFFICER, "B02"), officer_id="O9", language="en"),
        "zheng": user("zheng", (Role.AUDITOR, ""), language="en"),
    }


def test_an_officer_plans_one_for_herself(staff: dict[str, User]) -> None:
    answer = browser(staff["li"]).post("/reviews/new/", WISH)
    review = Review.objects.get()
    assert answer.headers["Location"] == f"/reviews/{review.pk}/"
    assert (review.plan, review.about, review.subject, review.type, review.form, review.site) == (
        BY_HAND, "borrower", who("steady"), "special", "special", "on",
    )  # fmt: skip
    assert (review.owner, review.org_id, review.officer_id, review.due_on) == (
        staff["li"],
        "X1",
        "M7",
        dt.date(2026, 3, 20),
    )
    assert (review.why, review.exposure > 0) == (WISH["why"], True)
    assert ReviewMove.objects.get().act == "by_hand"
    assert Entry.objects.get(action="review.by_hand").detail["type"] == "special"
    assert WISH["why"] in browser(staff["li"]).get(f"/reviews/{review.pk}/").content.decode()


def test_an_alert_leads_to_a_form_that_is_filled_in(staff: dict[str, User]) -> None:
    found = alert(who("steady"), "red", org_id="X1", officer_id="M7")
    page = browser(staff["li"]).get(f"/alerts/{found.pk}/").content.decode()
    path = f"/reviews/new/?number={who('steady')}&amp;type=special&amp;why={found.number}"
    assert path in page
    form = browser(staff["li"]).get(path.replace("&amp;", "&")).content.decode()
    assert f'value="{who("steady")}"' in form
    assert '<option value="special" selected>' in form
    assert f">{found.number}</textarea>" in form


def test_sent_twice_it_is_one(staff: dict[str, User]) -> None:
    for _ in range(2):
        assert browser(staff["li"]).post("/reviews/new/", WISH).status_code == 302
    assert (Review.objects.count(), ReviewMove.objects.count()) == (1, 1)


def test_one_that_is_over_is_not_planned_again_for_the_same_day(staff: dict[str, User]) -> None:
    browser(staff["li"]).post("/reviews/new/", WISH)
    Review.objects.update(state=State.WAIVED, ended_at=MORNING, done_on=MORNING.date())
    answer = browser(staff["li"]).post("/reviews/new/", WISH)
    assert answer.status_code == 422
    assert "is waived. Choose another day." in answer.content.decode()
    answer = browser(staff["li"]).post("/reviews/new/", {**WISH, "due_on": "2026-03-23"})
    assert answer.status_code == 302


def test_one_that_a_colleague_planned_is_told_as_theirs(staff: dict[str, User]) -> None:
    browser(staff["li"]).post("/reviews/new/", WISH)
    Review.objects.update(owner=staff["zheng"])
    page = browser(staff["li"]).post("/reviews/new/", WISH, follow=True).content.decode()
    assert "It is planned already, and is with Zheng." in page


def test_by_the_number_of_a_loan_it_is_about_the_loan(staff: dict[str, User]) -> None:
    browser(staff["li"]).post("/reviews/new/", {**WISH, "number": "steady"})
    review = Review.objects.get()
    assert (review.about, review.subject, review.loan_id, review.borrower_id) == (
        "loan",
        "steady",
        "steady",
        who("steady"),
    )


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"number": "C-nobody"}, "No borrower or loan of that number is in your reach."),
        ({"number": ""}, "No borrower or loan of that number is in your reach."),
        ({"type": "party"}, "Choose a type."),
        ({"due_on": "soon"}, "Choose a day."),
        ({"due_on": "2026-03-16"}, "That day lies in the past."),
        ({"due_on": "2026-03-21"}, "2026-03-21 is no work day."),
        ({"due_on": "2029-03-21"}, "No further than a year ahead."),
        ({"why": "x"}, "Say why, in a few words."),
    ],
)
def test_what_does_not_fit_is_told_and_what_was_typed_stays(
    staff: dict[str, User], wrong: dict[str, str], said: str
) -> None:
    answer = browser(staff["li"]).post("/reviews/new/", WISH | wrong)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert (WISH | wrong)["why"] in page
    assert not Review.objects.exists()


def test_whom_somebody_does_not_reach_they_do_not_learn_of(staff: dict[str, User]) -> None:
    unknown = browser(staff["far"]).post("/reviews/new/", {**WISH, "number": "C-nobody"})
    theirs = browser(staff["far"]).post("/reviews/new/", WISH)
    assert theirs.status_code == unknown.status_code == 422
    assert "in your reach" in theirs.content.decode()
    assert browser(staff["zheng"]).get("/reviews/new/").status_code == 403


def planned(subject: str, **more: Any) -> Review:
    stated = {
        "plan": "special", "about": "borrower", "subject": subject, "anchor": "never", "type": Type.SPECIAL, "site": "on", "form": "special",
        "borrower_id": subject, "due_on": dt.date(2026, 3, 20), "planned_on": MORNING.date(), "planned_at": MORNING, "org_id": "X1",
        "officer_id": "M7",
    }  # fmt: skip
    return Review.objects.create(**(stated | more))


def test_a_manager_gives_several_at_once_and_is_told_what_could_not_be(staff: dict[str, User]) -> None:
    one, two, over, stale = (
        planned("C1"),
        planned("C2"),
        planned("C3", state=State.DONE, ended_at=MORNING, done_on=MORNING.date()),
        planned("C4"),
    )
    beyond = planned("C5", org_id="B02", officer_id="O9")
    ids = [f"{each.pk}.{each.revision}" for each in (one, two, over, beyond)] + [
        f"{stale.pk}.9",
        "x.1",
        f"0{one.pk}.1",
        "99999.1",
    ]
    client = browser(staff["wang"])
    answer = client.post("/reviews/assign/", {"ids": ids, "owner": staff["li"].pk, "query": "view=open"}, follow=True)
    assert answer.redirect_chain == [("/reviews/?view=open", 302)]
    page = answer.content.decode()
    assert "2 reviews given to Li" in page
    assert f"{stale.number}: it was changed meanwhile." in page
    assert f"{over.number}: The review is done already." in page
    assert {each.subject for each in Review.objects.filter(owner=staff["li"])} == {"C1", "C2"}
    assert browser(staff["li"]).post("/reviews/assign/", {"ids": ids, "owner": staff["li"].pk}).status_code == 403


def test_without_somebody_to_give_them_to_nothing_is_done(staff: dict[str, User]) -> None:
    one = planned("C1")
    answer = browser(staff["wang"]).post("/reviews/assign/", {"ids": [f"{one.pk}.1"], "owner": ""}, follow=True)
    assert "Choose who gets it." in answer.content.decode()
    assert Review.objects.get().owner is None
