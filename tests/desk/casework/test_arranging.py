"""How an arrangement goes on: maker and approver, limits, consents, what it leaves behind, what the ledger makes of it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone, translation

from daihou.book.errors import DaihouError
from daihou.collection.arrangement import Part, Terms
from daihou.desk.audit.models import Entry
from daihou.desk.casework import arrangements, arranging, promising
from daihou.desk.casework.choices import Act, ArrangementState, PromiseState
from daihou.desk.casework.models import Arrangement, Case, Promise
from daihou.desk.casework.terms import Stated
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.webhooks.models import HookEvent
from desk.alerts.hands import asked
from desk.casework.made import case, crew
from desk.casework.owing import OWED, built, on, today
from desk.webhooks.conftest import hook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
WHY = "Lost her job in spring."
PLAN = Terms("instalments", (Part(on(20), 100_000), Part(on(50), 125_000)))


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
    """Sun's case on the yuan loans of the small home."""
    return case("C1", owner=people["sun"], loans=("L1", "L2"))


def drafted(
    of: Case, by: User, terms: Terms = PLAN, *, loans: tuple[str, ...] = ("L1",), agreed: tuple[str, ...] = ("G1", "G2")
) -> Arrangement:
    return arranging.draft(of, Stated(terms.kind, loans, terms, WHY, agreed), "CNY", asked(by))


def submitted(of: Case, by: User, *stated: Any, known: bool = False, **more: Any) -> Arrangement:
    one = drafted(of, by, *stated, **more)
    return arranging.submit(one, one.revision, "", asked(by), today(), known=known)


def approved(of: Case, people: dict[str, User], *stated: Any, by: str = "he", **more: Any) -> Arrangement:
    one = submitted(of, people["sun"], *stated, **more)
    return arranging.approve(one, one.revision, "", asked(people[by]), today(), known=True)


def waiver(amount: int) -> Terms:
    return Terms("waiver", waived={"principal": amount})


def test_a_draft_is_submitted_and_approved_by_another_and_leaves_its_course(
    held: Case, people: dict[str, User]
) -> None:
    one = approved(held, people)
    assert (one.state, one.made_by, one.decided_by, one.longest_days, one.authority) == (
        "approved",
        people["sun"],
        people["he"],
        50,
        "branch",
    )
    assert [(move.state_before, move.state_after, move.actor) for move in one.moves.select_related("actor")] == [
        ("", "draft", people["sun"]), ("draft", "submitted", people["sun"]), ("submitted", "approved", people["he"]),
    ]  # fmt: skip
    moves = list(held.moves.filter(act=Act.ARRANGE))
    assert [move.detail["state"] for move in moves] == [
        ["", "draft"],
        ["draft", "submitted"],
        ["submitted", "approved"],
    ]
    entry = Entry.objects.filter(action="case.arrange").order_by("-id")[0]
    assert (entry.actor, entry.subject_id, entry.detail["owed"]) == ("he", held.number, OWED)
    assert entry.detail["arrangement"] == arranging.number(one)


def test_approval_makes_a_promise_of_its_parts_and_of_what_falls_due(held: Case, people: dict[str, User]) -> None:
    one = approved(held, people)
    assert one.promise is not None
    assert [(part.due_on, part.amount) for part in one.promise.parts.all()] == [
        (on(20), 100_000), (on(21), 110_000), (on(50), 125_000),
    ]  # fmt: skip
    assert (one.promise.state, one.promise.made_by, one.promise.loan_ids) == ("open", people["sun"], ["L1"])


def test_approval_takes_the_place_of_promises_for_the_same_loans(held: Case, people: dict[str, User]) -> None:
    promise = promising.take(held, [(on(3), 1_000)], ["L1"], None, "one", asked(people["sun"]))
    other = promising.take(
        Case.objects.get(pk=held.pk), [(on(3), 900)], ["L2"], None, "two", asked(people["sun"]), instead_of=promise
    )
    Promise.objects.filter(pk=promise.pk).update(state=PromiseState.OPEN, withdrawn_at=None)
    one = approved(Case.objects.get(pk=held.pk), people)
    promise.refresh_from_db()
    other.refresh_from_db()
    assert (promise.state, promise.withdrawn_by) == ("withdrawn", people["he"])
    assert arranging.number(one) in promise.withdrawn_because
    assert other.state == "open"


def test_programs_are_told_of_the_promise_that_an_approval_makes_and_of_the_one_it_ends(
    held: Case, people: dict[str, User]
) -> None:
    hook(people["zhou"])
    before = promising.take(held, [(on(3), 1_000)], ["L1"], None, "one", asked(people["sun"]))
    one = approved(Case.objects.get(pk=held.pk), people)
    told = HookEvent.objects.order_by("pk").values_list("kind", "subject")
    assert list(told) == [
        ("promise.made", f"promise:{before.pk}"),
        ("promise.withdrawn", f"promise:{before.pk}"),
        ("promise.made", f"promise:{one.promise_id}"),
    ]


def test_a_waiver_makes_no_promise(held: Case, people: dict[str, User]) -> None:
    one = approved(held, people, waiver(10_000))
    assert (one.promise, one.forgiven) == (None, 10_000)


def test_who_drafted_or_changed_or_submitted_does_not_approve(held: Case, people: dict[str, User]) -> None:
    one = submitted(held, people["he"])
    with pytest.raises(RefusedError, match="does not decide"):
        arranging.approve(one, one.revision, "", asked(people["he"]), today(), known=True)
    one = arranging.return_(one, one.revision, "Ask for more.", asked(people["zhou"]))
    one = arranging.change(
        one, one.revision, Stated("instalments", ("L1",), PLAN, WHY, ("G1", "G2")), asked(people["sun"])
    )
    one = arranging.submit(one, one.revision, "", asked(people["sun"]), today())
    with pytest.raises(RefusedError, match="does not decide"):
        arranging.approve(one, one.revision, "", asked(people["he"]), today(), known=True)
    assert arranging.approve(one, one.revision, "", asked(people["zhou"]), today(), known=True).state == "approved"


def test_beyond_the_limits_of_a_branch_head_office_decides(held: Case, people: dict[str, User]) -> None:
    long = Terms("instalments", (Part(on(181), 225_000),))
    one = submitted(held, people["sun"], long)
    assert one.authority == "head_office"
    assert not arrangements.to_decide(people["he"], asked(people["he"]).rights).exists()
    assert arrangements.to_decide(people["qian"], asked(people["qian"]).rights).get() == one
    with pytest.raises(RefusedError, match="head office"):
        arranging.approve(one, one.revision, "", asked(people["he"]), today(), known=True)
    assert arranging.approve(one, one.revision, "", asked(people["qian"]), today(), known=True).state == "approved"


def test_what_policy_does_not_allow_is_drafted_and_not_submitted(held: Case, people: dict[str, User]) -> None:
    one = drafted(
        held,
        people["sun"],
        Terms("settlement", (Part(on(1), 1_000),), waived={"principal": 200_000, "interest": 20_000}),
    )
    with pytest.raises(RefusedError, match=r"do not make the 2,250\.00.*at least, 30%"):
        arranging.submit(one, one.revision, "", asked(people["sun"]), today())


def test_it_is_approved_by_the_claim_of_the_day_not_by_that_of_its_submission(
    held: Case, people: dict[str, User]
) -> None:
    one = submitted(held, people["sun"])
    with pytest.raises(RefusedError, match="A part lies before"):
        arranging.approve(one, one.revision, "", asked(people["he"]), on(30), known=True)
    assert Arrangement.objects.get(pk=one.pk).state == "submitted"
    assert not Promise.objects.exists()


def test_missing_consents_are_named_and_must_be_known_to_both(held: Case, people: dict[str, User]) -> None:
    one = drafted(held, people["sun"], agreed=("G2",))
    with pytest.raises(RefusedError, match="have not agreed in writing"):
        arranging.submit(one, one.revision, "", asked(people["sun"]), today())
    one = arranging.submit(one, one.revision, "", asked(people["sun"]), today(), known=True)
    assert one.consent_missing == ["G1"]
    with pytest.raises(RefusedError, match="have not agreed in writing"):
        arranging.approve(one, one.revision, "", asked(people["he"]), today())
    arranging.approve(one, one.revision, "", asked(people["he"]), today(), known=True)
    assert Entry.objects.filter(action="case.arrange").order_by("-id")[0].detail["consent_missing"] == ["G1"]


def test_the_second_of_two_is_told_and_nothing_of_theirs_is_done(held: Case, people: dict[str, User]) -> None:
    one = submitted(held, people["sun"])
    arranging.return_(one, one.revision, "Ask for more.", asked(people["zhou"]))
    with pytest.raises(StaleError):
        arranging.approve(one, one.revision, "", asked(people["he"]), today(), known=True)
    assert not Promise.objects.exists()


def test_of_the_arrangements_for_a_loan_one_stands_at_a_time(held: Case, people: dict[str, User]) -> None:
    approved(held, people)
    other = submitted(Case.objects.get(pk=held.pk), people["sun"], waiver(5_000))
    with pytest.raises(RefusedError, match="Another arrangement"):
        arranging.approve(other, other.revision, "", asked(people["he"]), today(), known=True)
    third = submitted(
        Case.objects.get(pk=held.pk), people["sun"], Terms("waiver", waived={"principal": 100}), loans=("L2",)
    )
    assert arranging.approve(third, third.revision, "", asked(people["he"]), today(), known=True).state == "approved"


def test_a_return_and_a_withdrawal_say_why(held: Case, people: dict[str, User]) -> None:
    one = submitted(held, people["sun"])
    for act, by in ((arranging.return_, "he"), (arranging.withdraw, "sun")):
        with pytest.raises(RefusedError, match="Say why"):
            act(one, one.revision, " ", asked(people[by]))
    gone = arranging.withdraw(one, one.revision, "She paid.", asked(people["sun"]))
    assert (gone.state, gone.moves.order_by("-id")[0].note) == ("withdrawn", "She paid.")
    with pytest.raises(RefusedError, match="Given up"):
        arranging.withdraw(gone, gone.revision, "Again.", asked(people["sun"]))


@pytest.mark.parametrize("who", ["far", "wu", "wang", "qian"])
def test_who_does_not_work_the_case_drafts_nothing(held: Case, people: dict[str, User], who: str) -> None:
    with pytest.raises(RefusedError, match="does not reach"):
        drafted(held, people[who])


def test_a_draft_is_for_loans_of_the_case_in_one_currency_with_a_reason(people: dict[str, User]) -> None:
    mixed = case("C1", owner=people["sun"], loans=("L1", "L3"))
    mixed.of_loans.filter(loan_id="L3").update(currency="USD")
    for stated, words in (
        (Stated("instalments", ("L1", "L3"), PLAN, WHY, ()), "different currencies"),
        (Stated("instalments", ("L9",), PLAN, WHY, ()), "loans of the case"),
        (Stated("instalments", (), PLAN, WHY, ()), "loans of the case"),
        (Stated("instalments", ("L1",), PLAN, " ", ()), "Say why"),
    ):
        with pytest.raises(RefusedError, match=words):
            arranging.draft(mixed, stated, "CNY", asked(people["sun"]))


def test_a_branch_limit_is_told_by_the_rate_of_the_day(people: dict[str, User]) -> None:
    dollars = case("C1", owner=people["sun"], loans=("L3",), currency="USD")
    for amount, authority in ((69_400, "branch"), (69_500, "head_office")):  # 5,000.00 in the base currency are 694.44
        one = arranging.draft(
            Case.objects.get(pk=dollars.pk),
            Stated("waiver", ("L3",), waiver(amount), WHY, ()),
            "USD",
            asked(people["sun"]),
        )
        assert arranging.submit(one, one.revision, "", asked(people["sun"]), today()).authority == authority


def test_a_loan_that_the_ledger_does_not_know_cannot_be_arranged(people: dict[str, User]) -> None:
    one = drafted(case("C9", owner=people["sun"], loans=("L9",)), people["sun"], loans=("L9",))
    with pytest.raises(DaihouError, match="L9 is not known"):
        arranging.submit(one, one.revision, "", asked(people["sun"]), today())


@pytest.mark.parametrize(
    ("judged", "state"),
    [("kept", "done"), ("late", "done"), ("partly", "broken"), ("broken", "broken"), ("open", "approved")],
)
def test_it_ends_as_the_ledger_judges_its_promise(held: Case, people: dict[str, User], judged: str, state: str) -> None:
    one = approved(held, people)
    Promise.objects.filter(arrangement=one).update(state=judged)
    assert arranging.follow(timezone.now()) == (0 if state == "approved" else 1)
    one.refresh_from_db()
    assert (one.state, one.ended_at is None) == (state, state == "approved")
    assert arranging.follow(timezone.now()) == 0


def test_a_reversal_takes_back_what_was_done(held: Case, people: dict[str, User]) -> None:
    one = approved(held, people)
    for judged, state in (("kept", "done"), ("broken", "broken"), ("open", "approved")):
        Promise.objects.filter(arrangement=one).update(state=judged)
        arranging.follow(timezone.now())
        one.refresh_from_db()
        assert one.state == state
    assert one.moves.order_by("-id")[0].actor is None


def test_who_manages_may_end_it_before_the_ledger_does_and_then_it_stays_ended(
    held: Case, people: dict[str, User]
) -> None:
    one = approved(held, people)
    with pytest.raises(RefusedError, match="manages"):
        arranging.end(one, one.revision, "He laughs at it.", asked(people["sun"]), done=False)
    one = arranging.end(one, one.revision, "He laughs at it.", asked(people["he"]), done=False)
    assert one.promise is not None
    assert (one.state, one.promise.state) == ("broken", "withdrawn")
    assert arranging.follow(timezone.now() + dt.timedelta(days=9)) == 0


def test_what_a_person_ended_stays_ended_whatever_its_promise_comes_to(held: Case, people: dict[str, User]) -> None:
    one = approved(held, people)
    Promise.objects.filter(arrangement=one).update(state="kept")
    one = arranging.end(one, one.revision, "He laughs at it.", asked(people["he"]), done=False)
    assert arranging.follow(timezone.now()) == 0
    one.refresh_from_db()
    assert one.state == "broken"


def test_none_comes_back_to_life_beside_another_for_the_same_loan(held: Case, people: dict[str, User]) -> None:
    first = approved(held, people)
    Promise.objects.filter(arrangement=first).update(state="broken")
    arranging.follow(timezone.now())
    second = submitted(Case.objects.get(pk=held.pk), people["sun"], waiver(5_000))
    arranging.approve(second, second.revision, "", asked(people["he"]), today(), known=True)
    Promise.objects.filter(arrangement=first).update(state="open")
    assert arranging.follow(timezone.now()) == 0
    first.refresh_from_db()
    assert first.state == "broken"


def test_my_work_tells_what_waits_for_whom(held: Case, people: dict[str, User]) -> None:
    one = submitted(held, people["sun"])
    told = {
        name: [str(due.what) for due in arrangements.waiting(people[name], asked(people[name]).rights)]
        for name in people
    }
    decide = "Approve or return"
    assert {name: said for name, said in told.items() if said} == {"he": [decide], "zhou": [decide], "qian": [decide]}
    arranging.return_(one, one.revision, "Ask for more.", asked(people["he"]))
    assert [str(due.what) for due in arrangements.waiting(people["sun"], asked(people["sun"]).rights)] == ["Draft anew"]
    assert one.state == ArrangementState.SUBMITTED  # as it was looked at
