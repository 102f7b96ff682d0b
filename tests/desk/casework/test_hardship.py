"""Hardship: what is left a month, what may be agreed within it, and that the debtor is known to be in hardship from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone, translation

from daihou.collection.arrangement import Part
from daihou.desk.audit.models import Entry
from daihou.desk.casework import claimed, hardship
from daihou.desk.casework.choices import Act
from daihou.desk.casework.hardship import Assessed
from daihou.desk.contacts.models import Circumstance
from daihou.desk.refusals import RefusedError
from desk.alerts.hands import asked
from desk.casework.made import case, crew
from desk.casework.owing import OWED, built, on, today

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from daihou.desk.casework.models import Case, Hardship
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _home(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    settings.HOME = built(tmp_path_factory)
    with translation.override("en"):
        yield


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


@pytest.fixture
def held(people: dict[str, User]) -> Case:
    return case("C1", owner=people["sun"], loans=("L1",))


def assessed(left: int = 150_000, lasts_until: dt.date | None = None, **more: Any) -> Assessed:
    stated = {"cause": "job", "evidence": "Notice of dismissal seen.", **more}
    return Assessed(stated["cause"], "CNY", 500_000 + left, 400_000, 100_000, lasts_until, stated["evidence"])


def offers(found: Hardship) -> dict[str, hardship.Proposal]:
    basis = claimed.claimed(["L1"], "CNY", today(), on(1080)).basis
    return {one.way: one for one in hardship.proposals(found, basis, today())}


def test_an_assessment_stands_beside_its_circumstance_its_move_and_its_entry(
    held: Case, people: dict[str, User]
) -> None:
    made = hardship.enter(held, assessed(lasts_until=on(90)), asked(people["sun"]), today())
    assert made.left == 150_000
    stands = Circumstance.objects.get()
    assert (stands.person_id, stands.kind, stands.entered_by) == ("C1", "hardship", people["sun"])
    assert stands.until_at is not None
    assert timezone.localdate(stands.until_at) == on(91)  # the last day is in it
    move = held.moves.get(act=Act.HARDSHIP)
    assert (move.detail["left"], move.detail["until"]) == (150_000, on(90).isoformat())
    assert "dismissal" not in str(Entry.objects.get(action="case.hardship").detail)


def test_what_is_needed_to_live_is_never_taken(held: Case, people: dict[str, User]) -> None:
    made = hardship.enter(held, assessed(left=-600_000), asked(people["sun"]), today())
    assert made.left == 0
    plan = offers(made)["instalments"]
    assert (plan.terms, plan.why_not) == (None, "Nothing is left a month to pay with.")


def test_a_plan_keeps_within_what_is_left_after_what_falls_due(held: Case, people: dict[str, User]) -> None:
    made = hardship.enter(held, assessed(left=150_000), asked(people["sun"]), today())
    terms = offers(made)["instalments"].terms
    assert terms is not None
    assert terms.paid == OWED
    assert terms.parts[0] == Part(
        terms.parts[0].on, 40_000
    )  # 1,500.00 less the 1,100.00 that falls due within the month
    assert all(part.amount <= 150_000 for part in terms.parts)


def test_an_extension_is_proposed_while_the_cause_lasts(held: Case, people: dict[str, User]) -> None:
    until = hardship.enter(held, assessed(lasts_until=on(80)), asked(people["sun"]), today())
    found = offers(until)["extension"].terms
    assert found is not None
    assert found.months == 3
    assert "for good" in offers(hardship.enter(held, assessed(), asked(people["sun"]), today()))["extension"].why_not
    far = hardship.enter(held, assessed(lasts_until=on(1200)), asked(people["sun"]), today())
    assert "1080 days" in offers(far)["extension"].why_not


def test_the_latest_assessment_holds_and_earlier_ones_stay(held: Case, people: dict[str, User]) -> None:
    for left in (1_000, 2_000):
        hardship.enter(held, assessed(left), asked(people["sun"]), today())
    latest = hardship.latest(held)
    assert latest is not None
    assert (latest.left, held.hardships.count()) == (2_000, 2)


@pytest.mark.parametrize(
    ("stated", "who", "words"),
    [
        ({"cause": "greed"}, "sun", "Choose a cause"), ({"evidence": " "}, "sun", "what shows it"), ({"lasts_until": "today"}, "sun", "beyond today"),
        ({}, "far", "does not reach"), ({}, "qian", "does not reach"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_written(
    held: Case, people: dict[str, User], stated: dict[str, Any], who: str, words: str
) -> None:
    until = today() if stated.pop("lasts_until", None) else None
    with pytest.raises(RefusedError, match=words):
        hardship.enter(held, assessed(lasts_until=until, **stated), asked(people[who]), today())
    assert not held.hardships.exists()
    assert not Circumstance.objects.exists()
