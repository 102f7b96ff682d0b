"""Promises judged by the ledger: from intake through a run to kept, back to broken when the money bounces, and nothing written twice."""

from __future__ import annotations

import copy
import datetime as dt
import itertools
import threading
from typing import TYPE_CHECKING

import pytest
import yaml
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from books import harbour
from daihou.book.home import Home, open_home
from daihou.desk.audit.models import Entry
from daihou.desk.casework import following, promises, promising
from daihou.desk.casework.choices import Act, PromiseState
from daihou.desk.casework.models import Arrangement, Case, CaseMove, Promise, PromisePart
from daihou.desk.refusals import RefusedError
from daihou.desk.webhooks.models import HookEvent
from daihou.runs.nightly import run
from daihou.runs.policies import text_of
from desk.alerts.hands import asked
from desk.casework.made import crew
from desk.webhooks.conftest import hook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from daihou.desk.people.models import User

pytestmark = pytest.mark.django_db
KEYS = itertools.count(1)
HEAD = "payment_id,loan_id,paid_on,amount,reverses,known_on\n"


def day(after: int) -> dt.date:
    """Days from today: promises are made today."""
    return timezone.localdate() + dt.timedelta(days=after)


class Bank:
    """A home with one loan of three instalments of 110.00, the first due forty days ago and the second ten, the third in twenty days; nothing was paid."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home, self.folder = home, folder
        begun = day(-70)
        self.told(
            loans=(
                "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,asset_class,repayment_method,known_on\n"
                f"L1,C1,consumer,300.00,{begun},{day(20)},CNY,X1,personal,equal_principal,{begun}\n"
            ),
            instalments="loan_id,seq,due_on,principal,interest,known_on\n"
            + "".join(f"L1,{seq},{day(due)},100.00,10.00,{begun}\n" for seq, due in ((1, -40), (2, -10), (3, 20))),
        )

    def told(self, **tables: str) -> None:
        """Take rows in."""
        harbour.send(self.home, self.folder, tables, today=day(60))

    def paid(self, name: str, amount: str, after: int, reverses: str = "", known: int | None = None) -> None:
        """A payment, or the reversal of one."""
        known_on = day(after if known is None else known)
        self.told(payments=f"{HEAD}{name},L1,{day(after)},{amount},{reverses},{known_on}\n")

    def night(self, after: int) -> promises.Counts | None:
        """The run of a day, and what the keeper does then."""
        run(self.home, day(after), day(after), lambda *_: None)
        following.follow(timezone.now())
        return promises.judge_all(timezone.now())


@pytest.fixture
def people() -> dict[str, User]:
    return crew()


@pytest.fixture
def bank(people: dict[str, User], tmp_path: Path) -> Iterator[Bank]:
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        yield Bank(home, tmp_path)


def taken(people: dict[str, User], *parts: tuple[int, int]) -> Promise:
    """A promise on the case of the bank's debtor, of parts (days from today, minor units)."""
    return taken_on(Case.objects.get(), people, *parts)


def taken_on(held: Case, people: dict[str, User], *parts: tuple[int, int]) -> Promise:
    """The same on a case."""
    by = held.owner or people["sun"]
    return promising.take(
        held, [(day(after), amount) for after, amount in parts], (), None, f"k{next(KEYS)}", asked(by)
    )


def state(promise: Promise) -> tuple[str, int]:
    promise.refresh_from_db()
    return promise.state, promise.received


def test_programs_are_told_what_the_ledger_says_of_a_promise(bank: Bank, people: dict[str, User]) -> None:
    hook(people["zhou"], "https://hooks.example.com/", "promise.judged")
    bank.night(-1)
    promise = taken(people, (3, 22_000))
    bank.paid("P1", "220.00", 1)
    bank.night(4)
    (told,) = HookEvent.objects.all()
    assert (told.kind, told.subject) == ("promise.judged", f"promise:{promise.pk}")
    assert (told.data["state_before"], told.data["state"], told.data["received"]) == ("open", "kept", "220.00")
    assert [part["state"] for part in told.data["parts"]] == ["kept"]


def test_a_promise_is_kept_by_a_payment_and_broken_again_by_its_reversal(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    promise = taken(people, (3, 22_000))
    bank.night(1)
    assert state(promise) == ("open", 0)
    bank.paid("P1", "220.00", 2)
    counts = bank.night(2)
    assert counts is not None
    assert (counts.as_of, counts.judged, counts.moved, counts.changed) == (day(2), 1, 1, 1)
    assert state(promise) == ("kept", 22_000)
    assert promise.judged_as_of == day(2)
    part = promise.parts.get()
    assert (part.state, part.received, part.kept_on) == ("kept", 22_000, day(2))
    held = Case.objects.get()
    assert (held.promises_kept, held.promises_broken, held.open) == (1, 0, False)  # nothing is overdue any more

    bank.paid("P1R", "220.00", 8, reverses="P1")
    bank.night(8)
    assert state(promise) == ("broken", 0)
    held = Case.objects.get(pk=held.pk)
    assert (held.promises_kept, held.promises_broken) == (0, 1)
    told = [
        (move.detail["state_before"], move.detail["state"]) for move in CaseMove.objects.filter(act=Act.PROMISE_JUDGED)
    ]
    assert told == [("open", "kept"), ("kept", "broken")]
    assert Entry.objects.filter(action="case.promise_judged").count() == 2


def test_the_same_ledger_writes_nothing_twice(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    promise = taken(people, (3, 10_000))
    bank.paid("P1", "30.00", 1)
    assert state(promise) == ("open", 0)
    bank.night(1)
    assert state(promise) == ("open", 3_000)  # told as far as it came, though it is no end yet
    assert not CaseMove.objects.filter(act=Act.PROMISE_JUDGED).exists()
    before = list(Promise.objects.values()), Case.objects.get().revision
    counts = promises.judge_all(timezone.now())
    assert counts is not None
    assert (counts.judged, counts.changed) == (1, 0)
    assert (list(Promise.objects.values()), Case.objects.get().revision) == before


def test_what_comes_late_in_part_or_not_at_all_is_told_so(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    promise = taken(people, (1, 5_000), (2, 5_000))
    bank.paid("P1", "50.00", 3)
    bank.night(3)
    assert [part.state for part in promise.parts.all()] == ["late", "open"]
    assert state(promise) == ("open", 5_000)
    bank.night(6)
    assert [part.state for part in promise.parts.all()] == ["late", "broken"]
    assert state(promise) == ("broken", 5_000)
    assert Case.objects.get().promises_broken == 1


def test_a_promise_that_is_open_goes_along_with_the_debtors_next_case(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    promise = taken(people, (25, 33_000))
    first = Case.objects.get()
    plan = Arrangement.objects.create(
        case=first, kind="instalments", state="approved", loan_ids=["L1"], currency="CNY", reason="r", made_at=timezone.now(),
        made_by=people["sun"], promise=promise,
    )  # fmt: skip
    bank.paid("P1", "220.00", 1)
    bank.night(1)
    first.refresh_from_db()
    assert not first.open
    bank.night(22)
    second = Case.objects.get(closed_at=None)
    plan.refresh_from_db()
    assert promising.open_of(second) == promise
    assert plan.case == second
    plan.delete()
    with pytest.raises(RefusedError, match="promise is open"):  # else one payment would keep them both
        taken_on(second, people, (26, 11_000))
    bank.paid("P2", "110.00", 23)
    bank.night(23)
    assert state(promise) == ("kept", 33_000)
    first.refresh_from_db()
    assert (first.promises_kept, Case.objects.get(pk=second.pk).promises_kept) == (0, 1)


def test_a_promise_is_judged_by_the_terms_in_force_when_it_was_made(bank: Bank, people: dict[str, User]) -> None:
    shipped = yaml.safe_load(text_of(bank.home, "policies/common", "collection")[0])
    stricter = copy.deepcopy(shipped["versions"][0]) | {"from": day(4)}
    stricter["values"]["promises"]["late_days"] = 1
    own = bank.home.path / "policies" / "collection.yaml"
    own.parent.mkdir(exist_ok=True)
    own.write_text(yaml.safe_dump(shipped | {"versions": [*shipped["versions"], stricter]}, sort_keys=False), "utf-8")
    bank.night(-1)
    promise = taken(people, (1, 5_000))
    bank.paid("P1", "50.00", 3)
    bank.night(3)
    assert state(promise) == ("late", 5_000)
    bank.night(5)
    assert state(promise) == ("late", 5_000)


def test_a_withdrawn_promise_is_not_judged(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    promise = taken(people, (1, 5_000))
    promising.withdraw(
        promise.case,
        promise,
        "typed in twice",
        asked(people["sun"] if promise.case.owner is None else promise.case.owner),
    )
    bank.night(9)
    assert state(promise) == ("withdrawn", 0)


def test_what_ended_long_ago_stays_as_it_was_judged(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    promise = taken(people, (1, 5_000))
    Promise.objects.update(state=PromiseState.KEPT, made_on=day(-600))
    PromisePart.objects.update(due_on=day(-500), state=PromiseState.KEPT)
    bank.night(1)
    assert state(promise) == ("kept", 0)


class Between(threading.Event):
    """Never says stop; does something whenever it is asked, which is after promises were judged and before they are written."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__()
        self.act = act

    def is_set(self) -> bool:
        self.act()
        return False


def test_what_was_withdrawn_while_it_was_judged_stays_withdrawn(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    promise = taken(people, (1, 5_000))
    run(bank.home, day(9), day(9), lambda *_: None)
    withdrawn = Between(lambda: Promise.objects.update(state=PromiseState.WITHDRAWN))
    counts = promises.judge_all(timezone.now(), withdrawn)
    assert counts is not None
    assert counts.changed == 0
    assert state(promise) == ("withdrawn", 0)


def test_before_the_first_run_nothing_is_judged_and_a_look_ahead_judges_nothing(
    bank: Bank, people: dict[str, User]
) -> None:
    assert promises.judge_all(timezone.now()) is None
    bank.night(-1)
    promise = taken(people, (1, 5_000))
    run(bank.home, day(40), day(-1), lambda *_: None)
    promises.judge_all(timezone.now())
    assert state(promise) == ("open", 0)


def test_what_falls_due_until_then_may_be_promised_too(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    with pytest.raises(RefusedError, match=r"only CNY 220\.00"):
        taken(people, (19, 22_001))
    with pytest.raises(RefusedError, match=r"only CNY 330\.00"):
        taken(people, (3, 1), (20, 33_000))
    assert taken(people, (3, 11_000), (20, 22_000)).amount == 33_000


def test_many_promises_ask_the_database_no_oftener_than_few(bank: Bank, people: dict[str, User]) -> None:
    bank.night(-1)
    held = Case.objects.get()

    def asked_of(count: int) -> int:
        numbers = range(Promise.objects.count(), Promise.objects.count() + count)
        made = Promise.objects.bulk_create(
            Promise(
                key=f"b{number}", case=held, loan_ids=["L1"], currency="CNY", made_on=day(-30), made_at=timezone.now(), made_by=people["sun"]
            )
            for number in numbers
        )  # fmt: skip
        PromisePart.objects.bulk_create(PromisePart(promise=promise, due_on=day(-20), amount=1_000) for promise in made)
        with CaptureQueriesContext(connection) as queries:
            counts = promises.judge_all(timezone.now())
        assert counts is not None
        assert counts.moved == count
        return len(queries)

    few, many = asked_of(3), asked_of(promises.TOGETHER)
    assert many <= 3 * few  # rows are written in parcels
    held.refresh_from_db()
    assert held.promises_broken == 3 + promises.TOGETHER
