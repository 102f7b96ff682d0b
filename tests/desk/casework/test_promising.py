"""Promises taken and withdrawn: what is refused and why, what is left behind, and that nothing is done twice."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from daihou.desk.audit.models import Entry
from daihou.desk.casework import promising
from daihou.desk.casework.choices import Act, ArrangementKind, PromiseState
from daihou.desk.casework.models import Arrangement, Case, CaseLoan, CaseMove, Promise
from daihou.desk.refusals import RefusedError, StaleError
from desk.alerts.hands import asked
from desk.casework.made import case, crew

if TYPE_CHECKING:
    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
KEYS = itertools.count(1)


def day(after: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=after)


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


@pytest.fixture
def held(people: dict[str, User]) -> Case:
    """A case of Sun's: 1,050.00 claimed."""
    return case(owner=people["sun"])


def taken(of: Case, by: User, *parts: tuple[int, int], **more: Any) -> Promise:
    """A promise of parts, each (days from today, minor units)."""
    stated = [(day(after), amount) for after, amount in parts or ((3, 50_000),)]
    key = more.pop("key", f"k{next(KEYS)}")
    return promising.take(of, stated, more.pop("loan_ids", ()), more.pop("contact_id", 7), key, asked(by), **more)


def test_a_promise_is_taken_in_one_act_with_its_move_and_its_entry(held: Case, people: dict[str, User]) -> None:
    made = taken(held, people["sun"], (9, 20_000), (3, 30_000), key="one")
    promise = Promise.objects.get()
    assert (promise.state, promise.amount, promise.currency, promise.loan_ids) == ("open", 50_000, "CNY", ["C1-L1"])
    assert (promise.made_on, promise.made_by, promise.contact_id) == (timezone.localdate(), people["sun"], 7)
    assert [(part.due_on, part.amount) for part in promise.parts.all()] == [(day(3), 30_000), (day(9), 20_000)]
    assert made.case.revision == held.revision + 1
    move = CaseMove.objects.get(act=Act.PROMISE)
    assert (move.actor, move.detail["promise"], move.detail["parts"][0]) == (
        people["sun"],
        promise.pk,
        [day(3).isoformat(), 30_000],
    )
    assert Entry.objects.get(action="case.promise").subject_id == held.number


def test_the_same_key_again_is_the_same_promise(held: Case, people: dict[str, User]) -> None:
    first = taken(held, people["sun"], key="twice")
    again = taken(held, people["sun"], (5, 1), key="twice")  # as looked at before: its revision is old by now
    assert again == first
    assert Promise.objects.count() == 1
    assert CaseMove.objects.filter(act=Act.PROMISE).count() == 1
    with pytest.raises(RefusedError, match="another case"):
        taken(case("C2", owner=people["sun"]), people["sun"], key="twice")


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        (((3, 0),), "above 0"),
        (((3, -5), (4, 10_000)), "above 0"),
        (((-1, 100),), "from .* to"),
        (((31, 100),), "from .* to"),
        (((3, 100), (3, 100)), "each day once"),
        (tuple((after, 100) for after in range(7)), "at most 6 parts"),
        (((3, 105_001),), "only CNY 1,050.00"),
        (((3, 60_000), (9, 60_000)), "only CNY 1,050.00"),
    ],
)
def test_what_is_no_promise_is_refused_with_why(
    held: Case, people: dict[str, User], parts: tuple[tuple[int, int], ...], said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        taken(held, people["sun"], *parts)
    assert not Promise.objects.exists()
    assert Case.objects.get(pk=held.pk).revision == held.revision


def test_without_parts_it_is_none(held: Case, people: dict[str, User]) -> None:
    with pytest.raises(RefusedError, match="how much"):
        promising.take(held, [], (), None, "k", asked(people["sun"]))


def test_the_whole_claim_may_be_promised_by_the_last_day_allowed(held: Case, people: dict[str, User]) -> None:
    assert taken(held, people["sun"], (0, 5_000), (30, 100_000)).state == PromiseState.OPEN


def test_who_does_not_work_cases_or_not_this_one_takes_none(held: Case, people: dict[str, User]) -> None:
    with pytest.raises(RefusedError, match="who works cases"):
        taken(held, people["wu"])
    with pytest.raises(RefusedError, match="Sun works on it"):
        taken(held, people["li"])
    with pytest.raises(RefusedError, match="does not reach"):
        taken(held, people["far"])
    closed = case("C2", closed_on=timezone.localdate(), owner=people["sun"])
    with pytest.raises(RefusedError, match="is closed"):
        taken(closed, people["sun"])


def test_the_loans_are_of_the_case_and_of_one_currency(people: dict[str, User]) -> None:
    two = case(loans=("L1", "L2"), owner=people["sun"])
    with pytest.raises(RefusedError, match="loans of this case"):
        taken(two, people["sun"], loan_ids=("L9",))
    CaseLoan.objects.filter(loan_id="L2").update(currency="USD")
    with pytest.raises(RefusedError, match="CNY, USD"):
        taken(two, people["sun"])
    made = taken(two, people["sun"], (3, 100), loan_ids=("L2",))
    assert (made.loan_ids, made.currency) == (["L2"], "USD")


def test_no_more_than_is_claimed_on_the_loans_that_are_named(people: dict[str, User]) -> None:
    two = case(loans=("L1", "L2"), owner=people["sun"])
    with pytest.raises(RefusedError, match=r"only CNY 525\.00"):
        taken(two, people["sun"], (3, 52_501), loan_ids=("L1",))


def test_a_second_promise_waits_for_the_first_or_takes_its_place(held: Case, people: dict[str, User]) -> None:
    first = taken(held, people["sun"])
    with pytest.raises(RefusedError, match="A promise is open"):
        taken(first.case, people["sun"], (4, 100))
    second = taken(first.case, people["sun"], (4, 100), instead_of=first)
    first.refresh_from_db()
    assert (first.state, first.withdrawn_by) == (PromiseState.WITHDRAWN, people["sun"])
    assert promising.open_of(held) == second
    assert [move.act for move in CaseMove.objects.exclude(act=Act.OPEN)] == ["promise", "withdrawn", "promise"]
    with pytest.raises(RefusedError, match="A promise is open"):
        taken(second.case, people["sun"], (4, 100), instead_of=first)


def test_a_promise_is_withdrawn_with_its_reason_and_once(held: Case, people: dict[str, User]) -> None:
    made = taken(held, people["sun"])
    with pytest.raises(RefusedError, match="few words"):
        promising.withdraw(made.case, made, "no", asked(people["sun"]))
    after = promising.withdraw(made.case, made, "typed in twice", asked(people["sun"]))
    assert (after.state, after.withdrawn_because) == ("withdrawn", "typed in twice")
    assert CaseMove.objects.get(act=Act.PROMISE_WITHDRAWN).note == "typed in twice"
    assert "typed in twice" not in str(Entry.objects.get(action="case.withdrawn").detail)
    with pytest.raises(RefusedError, match="has ended"):
        promising.withdraw(after.case, after, "once more", asked(people["sun"]))


def test_what_was_judged_meanwhile_is_not_withdrawn(held: Case, people: dict[str, User]) -> None:
    made = taken(held, people["sun"])
    Promise.objects.filter(pk=made.pk).update(state=PromiseState.KEPT)
    with pytest.raises(StaleError):
        promising.withdraw(made.case, made, "typed in twice", asked(people["sun"]))


def test_of_two_who_take_one_at_once_the_second_is_told(held: Case, people: dict[str, User]) -> None:
    taken(Case.objects.get(pk=held.pk), people["sun"])
    Promise.objects.update(state=PromiseState.WITHDRAWN)
    with pytest.raises(StaleError):
        taken(held, people["sun"])


def test_what_an_arrangement_asks_is_neither_withdrawn_nor_replaced(held: Case, people: dict[str, User]) -> None:
    made = taken(held, people["sun"])
    Arrangement.objects.create(
        case=held, kind=ArrangementKind.INSTALMENTS, currency="CNY", reason="plan", made_at=timezone.now(), made_by=people["sun"], promise=made
    )  # fmt: skip
    standing = Promise.objects.get(pk=made.pk)
    with pytest.raises(RefusedError, match="belongs to an arrangement"):
        promising.withdraw(made.case, standing, "typed in twice", asked(people["sun"]))
    with pytest.raises(RefusedError, match="arrangement says"):
        taken(made.case, people["sun"], (4, 100), instead_of=standing)
