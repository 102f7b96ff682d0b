"""Acts of people on a case: what each changes and leaves behind, who was first, and that nothing is written where it is refused."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.casework import taking, transitions
from daihou.desk.casework.choices import Act, Track
from daihou.desk.casework.models import Case
from daihou.desk.refusals import RefusedError, StaleError
from desk.alerts.hands import asked
from desk.casework.made import agency, case, crew

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User


@pytest.fixture
def staff(db: None) -> dict[str, User]:
    return crew()


@pytest.fixture
def by(staff: dict[str, User]) -> dict[str, Asked]:
    return {name: asked(user) for name, user in staff.items()}


def today() -> dt.date:
    return timezone.localdate()


def acts(of: Case) -> list[str]:
    return list(of.moves.values_list("act", flat=True))


def test_a_collector_claims_what_lies_in_the_queue(by: dict[str, Asked]) -> None:
    one = case()
    after = transitions.claim(one, one.revision, by["sun"])
    assert (after.owner, after.revision, acts(after)) == (by["sun"].user, 2, [Act.OPEN, Act.CLAIM])
    entry = Entry.objects.get(action="case.claim")
    assert (entry.actor, entry.subject_id) == ("sun", after.number)
    assert entry.detail["changed"] == {"owner_id": [None, str(by["sun"].user.pk)]}


def test_who_looked_at_an_older_state_is_told_and_nothing_is_written(by: dict[str, Asked]) -> None:
    one = case()
    transitions.claim(one, one.revision, by["sun"])
    with pytest.raises(StaleError):
        transitions.claim(one, one.revision, by["li"])
    assert Case.objects.get().owner == by["sun"].user
    assert taking.who_was_first(one) == "Sun took it a moment ago."
    assert Entry.objects.filter(action="case.claim").count() == 1


def test_the_manager_gives_a_case_to_somebody_and_its_collector_hands_it_on(
    by: dict[str, Asked], staff: dict[str, User]
) -> None:
    one = case()
    given = transitions.assign(one, one.revision, staff["sun"], "", by["he"])
    after = transitions.assign(given, given.revision, staff["li"], "on leave", by["sun"])
    assert after.owner == staff["li"]
    assert after.moves.last().detail == {"owner": staff["li"].pk, "owner_before": staff["sun"].pk}  # type: ignore[union-attr]


def test_a_case_goes_to_an_agency_and_comes_back(by: dict[str, Asked], staff: dict[str, User]) -> None:
    one = case(owner=staff["sun"], call_at=timezone.now() + dt.timedelta(days=1))
    outside = agency(reviewed_on=today() - dt.timedelta(days=30))
    out = transitions.to_agency(one, one.revision, outside, "contract 2026-17", by["he"])
    assert (out.track, out.agency, out.owner, out.call_at) == (Track.AGENCY, outside, staff["sun"], None)
    move = out.moves.get(act=Act.TO_AGENCY)
    assert (move.note, move.detail["agency"]) == ("contract 2026-17", outside.code)
    back = transitions.from_agency(out, out.revision, "contract ended", by["he"])
    assert (back.track, back.agency) == (Track.HOUSE, None)


def test_a_case_goes_to_litigation_and_comes_back(by: dict[str, Asked]) -> None:
    one = case(stage="M4")
    out = transitions.to_litigation(one, one.revision, "no answer to letters", by["he"])
    assert out.track == Track.LITIGATION
    assert transitions.from_litigation(out, out.revision, "settled in court", by["he"]).track == Track.HOUSE


def test_a_case_is_set_aside_until_a_day_and_taken_up_again(by: dict[str, Asked], staff: dict[str, User]) -> None:
    one = case(owner=staff["sun"])
    until = today() + dt.timedelta(days=5)
    rests = transitions.pause(one, one.revision, until, "waits for insurance", by["sun"])
    assert rests.paused_until == until
    assert transitions.resume(rests, rests.revision, by["sun"]).paused_until is None
    assert acts(one) == [Act.OPEN, Act.PAUSE, Act.RESUME]


def test_what_is_handed_up_is_nobodys_until_the_manager_takes_or_gives_it(
    by: dict[str, Asked], staff: dict[str, User]
) -> None:
    one = case(owner=staff["sun"])
    up = transitions.hand_up(one, one.revision, "speaks of a complaint", by["sun"])
    assert (up.owner, up.handed_up_at is not None) == (None, True)
    with pytest.raises(RefusedError, match="manager"):
        transitions.claim(up, up.revision, by["li"])
    given = transitions.assign(up, up.revision, staff["li"], "", by["he"])
    assert (given.owner, given.handed_up_at) == (staff["li"], None)


def test_a_call_is_agreed_on_and_a_later_one_takes_its_place(by: dict[str, Asked]) -> None:
    one = case()
    first, second = (timezone.now() + dt.timedelta(days=days) for days in (1, 2))
    agreed = transitions.call_back(one, one.revision, first, "", by["sun"])
    agreed = transitions.call_back(agreed, agreed.revision, second, "moved", by["sun"])
    assert agreed.call_at == second
    assert agreed.moves.last().detail == {"call_at": second.isoformat()}  # type: ignore[union-attr]


def test_a_note_changes_nothing_of_the_case_and_is_never_too_late(by: dict[str, Asked]) -> None:
    one = case()
    transitions.claim(one, one.revision, by["sun"])
    made = transitions.note(one, " Works on ships, ashore in May. ", by["he"])
    assert (made.note, made.actor, Case.objects.get().revision) == ("Works on ships, ashore in May.", by["he"].user, 2)
    entry = Entry.objects.get(action="case.note")
    assert "ships" not in str(entry.detail), "what was said of a person stays with the case"


@pytest.mark.parametrize(
    "act",
    [
        lambda one, by: transitions.pause(one, one.revision, today(), "waits for insurance", by["sun"]),
        lambda one, by: transitions.hand_up(one, one.revision, "", by["sun"]),
        lambda one, by: transitions.to_litigation(one, one.revision, "no answer", by["sun"]),
        lambda one, by: transitions.claim(one, one.revision, by["far"]),
        lambda one, by: transitions.call_back(one, one.revision, timezone.now(), "", by["sun"]),
        lambda one, by: transitions.note(one, "  ", by["sun"]),
        lambda one, by: transitions.note(one, "I read this.", by["wu"]),
    ],
)
def test_what_is_refused_leaves_nothing(act: Callable[[Case, dict[str, Asked]], Any], by: dict[str, Asked]) -> None:
    one = case()
    with pytest.raises(RefusedError):
        act(one, by)
    assert (Case.objects.get().revision, acts(one)) == (1, [Act.OPEN])
    assert not Entry.objects.filter(subject_kind="case").exists()


def test_the_next_of_the_queue_is_the_one_furthest_along_with_the_largest_claim(by: dict[str, Asked]) -> None:
    case("C1", "M1", claim=900_000)
    case("C2", "M2", claim=100_000)
    case("C3", "M2", claim=200_000)
    case("C4", "M3", paused_until=today() + dt.timedelta(days=1))
    case("C5", "M3", handed_up_at=timezone.now())
    case("C6", "M3", org_id="X2")
    case("C7", "M3", owner=by["li"].user)
    case("C8", "M3", agency=agency())
    taken = [taking.take_next(by["sun"]) for _ in range(4)]
    assert [one.borrower_id if one else None for one in taken] == ["C3", "C2", "C1", None]


def test_of_two_acts_on_the_same_state_the_database_lets_one_through(by: dict[str, Asked]) -> None:
    one = case()
    transitions.move(one, Act.CLAIM, request=by["sun"], owner=by["sun"].user)
    with pytest.raises(StaleError):
        transitions.move(one, Act.CLAIM, request=by["li"], owner=by["li"].user)
    assert acts(one) == [Act.OPEN, Act.CLAIM]
