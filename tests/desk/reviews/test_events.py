"""Finished reviews on the timeline of their borrower, for who may see reviews."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.test import override_settings

from daihou.desk.people.roles import Role
from daihou.desk.reviews.choices import State, Type
from daihou.desk.reviews.models import Review, Sheet
from daihou.desk.reviews.sheets import form_on
from desk.alerts.hands import browser
from desk.conftest import user
from desk.contacts.dues import NIGHT, built, who
from desk.contacts.posts import MORNING

if TYPE_CHECKING:
    from django.test import Client

    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
PATH = f"/borrowers/{who('steady')}/"


@pytest.fixture(autouse=True)
def _book(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with override_settings(HOME=built(tmp_path_factory)):
        yield


def finished(by: User, on: dt.date, ratings: dict[str, int], found: list[list[str]], **more: Any) -> Review:
    """A special inspection that is done, with what it says."""
    review = Review.objects.create(**{
        "plan": "special", "about": "borrower", "subject": who("steady"), "anchor": f"{on}", "type": Type.SPECIAL, "site": "on", "form": "special",
        "borrower_id": who("steady"), "due_on": on, "planned_on": on, "planned_at": MORNING, "org_id": "X1", "officer_id": "M7", "state": State.DONE,
        "done_on": on, "ended_at": MORNING, "owner": by,
    } | more)  # fmt: skip
    form = form_on("special", on)
    result = {"ratings": ratings, "findings": found, "points": 0, "possible": 0, "band": ""}
    Sheet.objects.create(
        review=review,
        form="special",
        version=form.number,
        digest=form.digest,
        saved_at=MORNING,
        saved_by=by,
        result=result,
    )
    return review


def told(client: Client) -> list[tuple[dt.date, str, str, str]]:
    months = client.get(PATH).context["months"]
    return [
        (one.on, one.title, one.detail, one.colour) for _, events in months for one in events if one.kind == "review"
    ]


def test_what_was_found_is_told_with_ratings_and_a_way_to_the_review() -> None:
    li = user("li", (Role.OFFICER, "X1"), officer_id="M7", language="en")
    review = finished(
        li,
        NIGHT - dt.timedelta(days=3),
        {"willingness": 2, "ability": 3},
        [["business_reduced", "yellow"], ["use_diverted", "red"]],
    )
    finished(li, NIGHT - dt.timedelta(days=9), {}, [])
    finished(li, NIGHT + dt.timedelta(days=1), {}, [])
    client = browser(li)
    first, second = told(client)
    assert first[0] == NIGHT - dt.timedelta(days=3)
    assert first[1] == "Special inspection · willingness 2/5 · ability 3/5"
    assert first[3] == "red"
    assert second[1:] == ("Special inspection", "", "green")
    assert f'href="/reviews/{review.pk}/"' in client.get(PATH).content.decode()


def test_who_sees_no_reviews_or_not_that_one_is_told_nothing_of_it() -> None:
    li = user("li", (Role.OFFICER, "X1"), officer_id="M7", language="en")
    finished(li, NIGHT, {}, [], org_id="B02", officer_id="O9", owner=None)
    assert told(browser(li)) == []
    finished(li, NIGHT, {}, [], anchor="another")
    assert told(browser(user("viewer", (Role.VIEWER, "X1"), language="en"))) == []
