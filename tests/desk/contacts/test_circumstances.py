"""What holds of a person: entered with its ground, lifted by who may, told to the gate with its end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import translation

from daihou.desk.audit.models import Entry
from daihou.desk.contacts import circumstances
from daihou.desk.contacts.circumstances import Entry as Said
from daihou.desk.contacts.errors import UnfitError
from daihou.desk.contacts.models import Circumstance
from daihou.desk.refusals import StaleError
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.contacts.people import at, person, point

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.asked import Asked

NOW = at(10)
GROUND = "Said so on the phone."


@pytest.fixture(autouse=True)
def _in_english(db: None) -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def staff() -> dict[str, Asked]:
    return {name: asked(one) for name, one in crew().items()}


def said(kind: str, **more: Any) -> Said:
    stated: dict[str, Any] = {"person_id": "C1", "kind": kind, "ground": GROUND, "from_at": NOW}
    return Said(**(stated | more))


def test_it_is_entered_with_its_ground_and_the_log_does_not_repeat_the_ground(staff: dict[str, Asked]) -> None:
    person()
    made = circumstances.enter(said("opt_out", channel="sms", until_at=at(20)), staff["sun"], NOW)
    assert (made.ground, made.entered_by, made.lifted_at) == (GROUND, staff["sun"].user, None)
    entry = Entry.objects.get(action="circumstance.enter")
    assert (entry.subject_kind, entry.subject_id, entry.detail["kind"], entry.detail["channel"]) == (
        "person",
        "C1",
        "opt_out",
        "sms",
    )
    assert GROUND not in str(entry.detail)


def test_entered_twice_it_stands_once_and_otherwise_bounded_it_is_another(staff: dict[str, Asked]) -> None:
    first = circumstances.enter(said("hardship"), staff["sun"], NOW)
    assert circumstances.enter(said("hardship", ground="Again."), staff["li"], at(11)) == first
    assert circumstances.enter(said("hardship", until_at=at(12)), staff["li"], at(11)) != first
    assert Entry.objects.filter(action="circumstance.enter").count() == 2


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({"kind": "bored"}, "no such"),
        ({"kind": "dispute", "ground": " x "}, "ground"),
        ({"kind": "dispute", "until_at": NOW}, "end after"),
        ({"kind": "opt_out"}, "which channel"),
        ({"kind": "employer_forbids"}, "at work"),
        ({"kind": "dispute", "hours": (dt.time(8), dt.time(9))}, "Hours belong"),
        ({"kind": "agreed_hours"}, "which hours"),
    ],
)
def test_what_does_not_fit_is_not_entered(staff: dict[str, Asked], stated: dict[str, Any], why: str) -> None:
    with pytest.raises(UnfitError, match=why):
        circumstances.enter(said(**stated), staff["sun"], NOW)
    assert not Circumstance.objects.exists()


def test_a_number_of_somebody_else_does_not_fit(staff: dict[str, Asked]) -> None:
    person("C2")
    with pytest.raises(UnfitError, match="somebody else"):
        circumstances.enter(said("opt_out", point=point("C2")), staff["sun"], NOW)


def test_who_does_not_work_cases_enters_and_lifts_nothing(staff: dict[str, Asked]) -> None:
    made = circumstances.enter(said("hardship"), None, NOW)
    assert made.entered_by is None
    for name in ("wu", "wang", "qian"):
        with pytest.raises(UnfitError, match="role"):
            circumstances.enter(said("dispute"), staff[name], NOW)
        with pytest.raises(UnfitError, match="role"):
            circumstances.lift(made, "No longer so.", staff[name], NOW)


@pytest.mark.parametrize("kind", ["do_not_contact", "dispute", "death", "minor", "bankruptcy"])
def test_what_protects_most_is_lifted_by_a_manager_alone(staff: dict[str, Asked], kind: str) -> None:
    made = circumstances.enter(said(kind), staff["sun"], NOW)
    with pytest.raises(UnfitError, match="manages"):
        circumstances.lift(made, "A mistake.", staff["sun"], NOW)
    lifted = circumstances.lift(made, " A mistake. ", staff["he"], at(11))
    assert (lifted.lifted_at, lifted.lifted_by, lifted.lifted_because) == (at(11), staff["he"].user, "A mistake.")
    with pytest.raises(StaleError):
        circumstances.lift(made, "A mistake.", staff["zhou"], at(12))
    assert Entry.objects.filter(action="circumstance.lift").count() == 1


def test_it_is_lifted_with_a_reason(staff: dict[str, Asked]) -> None:
    made = circumstances.enter(said("hardship"), staff["sun"], NOW)
    with pytest.raises(UnfitError, match="Say why"):
        circumstances.lift(made, "  x ", staff["sun"], NOW)


def test_the_gate_is_told_what_stands_and_what_ended_lately(
    staff: dict[str, Asked], django_assert_num_queries: Any
) -> None:
    person("C1", timezone="Asia/Urumqi")
    person("C2", phones=("+1 212 555 0123",))
    circumstances.enter(said("agreed_hours", hours=(dt.time(7), dt.time(23))), staff["sun"], NOW)
    ended = circumstances.enter(said("call_consent", until_at=at(12)), staff["sun"], NOW)
    circumstances.lift(circumstances.enter(said("hardship"), staff["sun"], NOW), "No longer so.", staff["sun"], at(11))
    circumstances.enter(Said("C2", "dispute", GROUND, at(11), loan_id="L7"), staff["sun"], NOW)
    with django_assert_num_queries(3):
        told = circumstances.standing("C1", "C2", at(9))
    assert told.zones == ("Asia/Urumqi",)
    assert [(one.kind, one.until_at) for one in told.circumstances] == [
        ("agreed_hours", None), ("call_consent", ended.until_at), ("hardship", at(11)), ("dispute", None),
    ]  # fmt: skip
    assert told.circumstances[0].hours == (dt.time(7), dt.time(23))
    assert told.circumstances[3].debt == "L7"
    later = circumstances.standing("C2", "C1", at(13))
    assert later.zones == ("America/New_York",)
    assert [one.kind for one in later.circumstances] == ["dispute", "agreed_hours"]


def test_what_stands_and_what_is_over_are_told_apart(staff: dict[str, Asked]) -> None:
    stands = circumstances.enter(said("dispute"), staff["sun"], NOW)
    over = circumstances.enter(said("hardship", until_at=at(11)), staff["sun"], NOW)
    assert circumstances.in_force(["C1"], at(12)) == [stands]
    assert circumstances.ended(["C1"], at(12), 10) == [over]


def test_who_is_in_difficulty_again_is_given_rest_again(staff: dict[str, Asked]) -> None:
    person("C1")
    first = circumstances.enter(said("hardship"), staff["sun"], NOW)
    soon = NOW + dt.timedelta(days=1)
    assert circumstances.enter(replace(said("hardship"), from_at=NOW.replace(hour=18)), staff["sun"], NOW) == first
    later = circumstances.enter(replace(said("hardship"), from_at=soon), staff["sun"], soon)
    assert later != first
    assert circumstances.enter(replace(said("hardship"), from_at=soon), staff["sun"], soon) == later
    dispute = circumstances.enter(said("dispute"), staff["sun"], NOW)
    assert circumstances.enter(replace(said("dispute"), from_at=soon), staff["sun"], soon) == dispute
