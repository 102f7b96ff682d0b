"""Cases after runs: opened, moved along the ladder, closed for a reason; killed, doubled, out of order, and beside what people do."""

from __future__ import annotations

import datetime as dt
import threading
from importlib import resources
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from daihou.book import lake
from daihou.book.home import open_home
from daihou.desk.audit.models import Entry
from daihou.desk.casework import following, transitions
from daihou.desk.casework.choices import Act, Closing, Track
from daihou.desk.casework.models import Case, CaseMove
from daihou.desk.following import OvertakenError, StoppedError
from daihou.desk.people.models import Absence, User
from daihou.desk.refusals import StaleError
from desk.alerts.hands import asked
from desk.casework.made import BRANCH, agency, crew
from desk.casework.nights import Nights, day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SHIPPED = resources.files("daihou").joinpath("policies/common", "collection.yaml").read_text("utf-8")
NOW = dt.datetime(2026, 3, 5, 2, tzinfo=dt.UTC)


@pytest.fixture
def nights(db: None, tmp_path: Path) -> Iterator[Nights]:
    """A home whose runs a test writes."""
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        yield Nights(home)


class Between(threading.Event):
    """Never says stop; does something the first time it is asked, which is after the run was read and before the first case is written."""

    def __init__(self, act: Callable[[], Any]) -> None:
        super().__init__()
        self.act: Callable[[], Any] | None = act

    def is_set(self) -> bool:
        act, self.act = self.act, None
        if act is not None:
            act()
        return False


def follow(stop: threading.Event | None = None) -> following.Followed | None:
    return following.follow(NOW, stop)


def acts(case: Case) -> list[str]:
    return list(case.moves.values_list("act", flat=True))


def test_a_borrower_with_something_overdue_has_a_case_at_the_worst_stage_of_its_loans(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.loan("L2", "C1", 45, product="mortgage")
    nights.loan("L3", "C2", 0, state="current", overdue_amount=0, charges_accrued=0, total_claim=0)
    nights.run(0)
    followed = follow()
    case = Case.objects.get()
    assert followed == following.Followed(day(0), opened=1, staged=0, updated=0, closed=0)
    assert (case.borrower_id, case.stage, case.dpd, case.product, case.loans) == ("C1", "M2", 45, "mortgage", 2)
    assert (case.overdue, case.claim, case.exposure, case.currency) == (200_000, 210_000, 2_000_000, "CNY")
    assert (case.org_id, case.opened_on, case.staged_on, case.as_of) == (BRANCH, day(0), day(0), day(0))
    assert list(case.of_loans.values_list("loan_id", "stage", "claim")) == [
        ("L2", "M2", 105_000),
        ("L1", "M1", 105_000),
    ]
    assert acts(case) == [Act.OPEN]
    assert Entry.objects.get(action="case.follow").detail["opened"] == 1


def test_cards_go_by_cycles_and_other_loans_by_days(nights: Nights) -> None:
    nights.loan("L1", "C1", 30, unpaid_due_dates=2)
    nights.loan("L2", "C2", 30, unpaid_due_dates=2, product="card")
    nights.run(0)
    follow()
    assert dict(Case.objects.values_list("borrower_id", "stage")) == {"C1": "M1", "C2": "M2"}


def test_a_first_instalment_that_was_never_paid_is_marked(nights: Nights) -> None:
    nights.loan("L1", "C1", 3, first_payment_missed=True)
    nights.loan("L2", "C2", 3)
    nights.run(0)
    follow()
    assert dict(Case.objects.values_list("borrower_id", "first_payment")) == {"C1": True, "C2": False}


def test_what_was_written_off_stays_a_case_with_all_that_is_claimed(nights: Nights) -> None:
    nights.loan("L1", "C1", 400, state="written_off", total_claim=900_000)
    nights.loan("L2", "C2", 400, state="written_off", total_claim=0)
    nights.run(0)
    follow()
    case = Case.objects.get()
    assert (case.borrower_id, case.stage, case.claim) == ("C1", "written_off", 900_000)


def test_what_falls_due_soon_is_a_case_before_due_and_ends_cured_once_it_is_paid(nights: Nights) -> None:
    soon = {"state": "current", "overdue_amount": 0, "charges_accrued": 0, "total_claim": 0, "next_due_amount": 80_000}
    nights.loan("L1", "C1", 0, **soon, next_due_on=day(2))
    nights.loan("L2", "C2", 0, **soon, next_due_on=day(9))
    nights.run(0)
    follow()
    case = Case.objects.get()
    assert (case.borrower_id, case.stage, case.overdue, case.claim) == ("C1", "pre_due", 0, 80_000)
    nights.change("L1", next_due_on=day(32), last_paid_on=day(1))
    nights.run(1)
    follow()
    case.refresh_from_db()
    assert (case.closing, case.closed_on) == (Closing.CURED, day(1))


def test_what_is_late_within_its_days_of_grace_is_still_before_due(nights: Nights) -> None:
    late = {"state": "current", "overdue_amount": 0, "charges_accrued": 0, "total_claim": 80_000}
    nights.loan("L1", "C1", 0, **late, next_due_on=day(30), next_due_amount=80_000)
    nights.run(0)
    follow()
    assert Case.objects.get().stage == "pre_due"


def test_what_is_overdue_leaves_out_what_falls_due_soon(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.loan(
        "L2", "C1", 0, state="current", overdue_amount=0, charges_accrued=0, total_claim=0, next_due_amount=80_000, next_due_on=day(1)
    )  # fmt: skip
    nights.run(0)
    follow()
    case = Case.objects.get()
    assert (case.loans, case.claim, case.exposure) == (1, 105_000, 2_000_000)
    assert [loan.loan_id for loan in case.of_loans.all()] == ["L1"]


def test_amounts_in_several_currencies_are_told_in_the_base_currency_and_without_a_rate_left_out(
    nights: Nights,
) -> None:
    nights.loan("L1", "C1", 20)
    nights.loan("L2", "C1", 20, currency="USD")
    nights.loan("L3", "C2", 20, currency="USD")
    nights.run(0)
    follow()
    assert list(Case.objects.order_by("borrower_id").values_list("currency", "claim")) == [
        ("CNY", 105_000),
        ("USD", 105_000),
    ]


def test_a_case_moves_along_the_ladder_with_its_run(nights: Nights) -> None:
    nights.loan("L1", "C1", 29)
    nights.loan("L2", "C2", 3)
    nights.run(0)
    follow()
    nights.age(2)
    nights.run(2)
    followed = follow()
    case = Case.objects.get(borrower_id="C1")
    assert followed == following.Followed(day(2), opened=0, staged=1, updated=2, closed=0)
    assert (case.stage, case.rank, case.dpd, case.staged_on, case.as_of, case.revision) == (
        "M2",
        3,
        31,
        day(2),
        day(2),
        2,
    )
    move = case.moves.get(act=Act.STAGE)
    assert (move.stage_before, move.stage_after, move.actor, move.detail["dpd"]) == ("M1", "M2", None, 31)
    assert acts(Case.objects.get(borrower_id="C2")) == [Act.OPEN]
    assert case.of_loans.get().stage == "M2"


def test_the_revision_rises_only_where_something_changed(nights: Nights) -> None:
    nights.loan("L1", "C1", 400, state="written_off", total_claim=900_000)
    nights.loan("L2", "C2", 20)
    nights.run(0)
    follow()
    nights.change("L2", dpd=21)
    nights.run(1)
    followed = follow()
    assert followed is not None
    assert followed.updated == 1
    assert list(Case.objects.order_by("borrower_id").values_list("revision", "as_of")) == [(1, day(1)), (2, day(1))]


def test_a_loan_that_joins_or_leaves_is_seen(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.loan("L2", "C1", 10)
    nights.run(0)
    follow()
    nights.paid("L2", day(1))
    nights.loan("L3", "C1", 1)
    nights.run(1)
    follow()
    case = Case.objects.get()
    assert sorted(case.of_loans.values_list("loan_id", "stage")) == [("L1", "M1"), ("L3", "S")]
    assert case.revision == 2


@pytest.mark.parametrize(
    ("now", "closing"),
    [
        ({"last_paid_on": day(1)}, Closing.CURED),
        ({"state": "closed", "last_paid_on": day(1), "principal_outstanding": 0}, Closing.SETTLED),
        ({"state": "transferred"}, Closing.TRANSFERRED),
        ({"last_paid_on": day(-20)}, Closing.REDUCED),
        ({"state": "closed"}, Closing.REDUCED),
        ({"state": "written_off", "last_paid_on": day(1)}, Closing.SETTLED),
    ],
)
def test_a_case_with_nothing_overdue_closes_and_says_why(nights: Nights, now: dict[str, Any], closing: str) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0)
    follow()
    nights.paid("L1", day(-20))
    nights.change("L1", **now)
    nights.run(1)
    followed = follow()
    case = Case.objects.get()
    assert followed is not None
    assert (followed.closed, case.closing, case.closed_on, case.closed_at) == (1, closing, day(1), NOW)
    assert (case.claim, acts(case)) == (105_000, [Act.OPEN, Act.CLOSE]), "its figures stay as they were last"
    assert case.moves.get(act=Act.CLOSE).detail["closing"] == closing


def fact(nights: Nights, table: str, **row: Any) -> None:
    """A row of facts in the lake, known on day 1 unless said otherwise."""
    stated = {"known_on": day(1), "batch": 1, "row": len(row)} | row
    lake.append(nights.home, table, pa.Table.from_pylist([stated], lake.schema(table)))


@pytest.mark.parametrize(
    ("table", "rows", "closing"),
    [
        ("changes", [{"change_id": "G1", "kind": "extension", "effective_on": day(1)}], Closing.RESTRUCTURED),
        ("changes", [{"change_id": "G1", "kind": "extension", "effective_on": day(-9)}], Closing.REDUCED),
        ("changes", [{"change_id": "G1", "kind": "extension", "effective_on": day(1), "known_on": day(2)}], Closing.REDUCED),
        ("changes", [{"change_id": "G1", "kind": "waiver", "effective_on": day(1)}], Closing.REDUCED),
        ("payments", [{"payment_id": "P1", "purpose": "scheduled", "paid_on": day(-1)}], Closing.CURED),
        ("payments", [{"payment_id": "P1", "purpose": "scheduled", "paid_on": day(-1), "known_on": day(-1)}], Closing.REDUCED),
        (
            "payments",
            [
                {"payment_id": "P1", "purpose": "scheduled", "paid_on": day(-1)},
                {"payment_id": "P2", "purpose": "reversal", "paid_on": day(1), "reverses": "P1"},
            ],
            Closing.REDUCED,
        ),
    ],
)  # fmt: skip
def test_why_a_case_ends_is_read_from_facts_that_came_since_it_was_opened(
    nights: Nights, table: str, rows: list[dict[str, Any]], closing: str
) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0)
    follow()
    for row in rows:
        fact(nights, table, loan_id="L1", **row)
    nights.paid("L1", day(-1))
    nights.run(1)
    follow()
    assert Case.objects.get().closing == closing


def test_a_loan_that_cannot_be_measured_keeps_its_case_open_as_it_is(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0)
    follow()
    nights.change("L1", state="unmeasured", dpd=None, overdue_amount=None, charges_accrued=None, total_claim=None)
    nights.run(1)
    follow()
    case = Case.objects.get()
    assert (case.open, case.as_of, case.claim) == (True, day(0), 105_000)


def test_who_falls_into_arrears_again_has_another_case(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0)
    follow()
    nights.paid("L1", day(1))
    nights.run(1)
    follow()
    nights.loan("L1", "C1", 1)
    nights.run(2)
    follow()
    assert list(Case.objects.order_by("pk").values_list("opened_on", "closed_on")) == [(day(0), day(1)), (day(2), None)]


def test_a_cured_case_closes_though_the_next_instalment_is_due_soon_and_that_is_another_case(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0)
    follow()
    nights.paid("L1", day(1), next_due_on=day(3), next_due_amount=80_000)
    nights.run(1)
    follow()
    cases = list(Case.objects.order_by("pk").values_list("stage", "closing"))
    assert cases == [("M1", Closing.CURED), ("pre_due", "")]


def test_an_earlier_date_run_later_never_takes_cases_back(nights: Nights) -> None:
    nights.loan("L1", "C1", 40)
    nights.run(5)
    follow()
    before = Case.objects.values().get()
    nights.age(-20)
    nights.run(1)
    assert follow() is None
    assert Case.objects.values().get() == before


def test_a_look_ahead_speaks_for_no_case(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0, said=False)
    assert follow() is None
    assert not Case.objects.exists()


def test_a_date_that_was_run_again_with_late_facts_is_followed_again(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.run(0)
    follow()
    assert follow() is None, "nothing is new"
    nights.change("L1", charges_accrued=9_000)
    nights.run(0)
    followed = follow()
    assert followed is not None
    assert (followed.updated, Case.objects.get().claim) == (1, 109_000)


class Stops(threading.Event):
    """Says stop when it was asked so often."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0


@pytest.mark.parametrize("often", [True, False])
def test_stopped_after_every_transaction_and_begun_again_it_comes_to_the_same(
    nights: Nights, monkeypatch: pytest.MonkeyPatch, often: bool
) -> None:
    crew()
    monkeypatch.setattr("daihou.desk.following.TOGETHER", 2)

    def until_done() -> None:
        while True:
            try:
                follow(Stops(1 if often else 1_000))
            except StoppedError:
                assert often
                continue
            return

    for number in range(12):
        nights.loan(f"L{number:02d}", f"C{number:02d}", number * 9 + 1)
    nights.run(0)
    until_done()
    nights.age(30)
    nights.paid("L00", day(1))
    nights.loan("L12", "C12", 1)
    nights.run(3)
    until_done()
    expected = ["M2", "M2", "M2", "M3", "M3", "M3", "M4", "M4", "M4", "M5", "M5", "S"]
    cases = Case.objects.filter(closed_at=None).order_by("borrower_id")
    assert [case.stage for case in cases] == expected
    by_turns = [("li", "sun")[number % 2] for number in range(12)]
    assert [case.owner.username for case in cases if case.owner] == by_turns
    assert [case.revision for case in cases] == [2] * 11 + [1]
    stages = [*["M1"] * 3, *["M2"] * 3, *["M3"] * 3, *["M4"] * 2]
    moves = CaseMove.objects.filter(act=Act.STAGE).order_by("case__borrower_id")
    assert [move.stage_before for move in moves] == stages
    assert CaseMove.objects.count() == 13 + 11 + 1
    (_first, told) = Entry.objects.filter(action="case.follow").order_by("pk")
    assert told.detail | {"updated": 0} == {
        "opened": 1, "staged": 11, "closed": 1, "open": 12, "updated": 0,
    }  # fmt: skip


def test_what_a_person_did_while_the_run_was_followed_stands(nights: Nights) -> None:
    staff = crew()
    nights.loan("L1", "C1", 20)
    nights.run(0)
    follow()
    case = Case.objects.select_related("owner", "agency").get()
    assert case.owner is not None
    outside = agency(reviewed_on=dt.date.today())  # noqa: DTZ011 - the guard asks the desk's clock
    nights.age(20)
    nights.run(1)
    he = asked(staff["he"])
    follow(Between(lambda: transitions.to_agency(case, case.revision, outside, "contract 12", he)))
    after = Case.objects.get()
    assert (after.track, after.agency, after.stage, after.dpd, after.revision) == (Track.AGENCY, outside, "M2", 40, 3)
    with pytest.raises(StaleError):
        transitions.from_agency(case, case.revision, "too late", he)


def test_of_two_keepers_at_once_one_is_told_and_every_act_is_there_once(nights: Nights) -> None:
    nights.loan("L1", "C1", 20)
    nights.loan("L2", "C2", 20)
    nights.run(0)
    with pytest.raises(OvertakenError):
        follow(Between(follow))
    assert sorted(CaseMove.objects.values_list("case__borrower_id", "act")) == [("C1", Act.OPEN), ("C2", Act.OPEN)]
    nights.age(20)
    nights.paid("L2", day(1))
    nights.run(1)
    with pytest.raises(OvertakenError):
        follow(Between(follow))
    assert CaseMove.objects.filter(act=Act.STAGE).count() == CaseMove.objects.filter(act=Act.CLOSE).count() == 1
    assert Case.objects.get(borrower_id="C1").revision == 2
    assert Entry.objects.filter(action="case.follow").count() == 2


def owners() -> dict[str, str | None]:
    return dict(Case.objects.order_by("borrower_id").values_list("borrower_id", "owner__username"))


def test_new_cases_go_to_the_collectors_of_their_org_by_turns(nights: Nights) -> None:
    crew()
    for number in range(4):
        nights.loan(f"L{number}", f"C{number}")
    nights.loan("L9", "C9", org_id="X9")
    nights.run(0)
    follow()
    assert owners() == {"C0": "sun", "C1": "li", "C2": "sun", "C3": "li", "C9": None}


def test_who_is_away_gets_no_new_case_and_keeps_what_they_have(nights: Nights) -> None:
    staff = crew()
    nights.loan("L1", "C1")
    nights.run(0)
    follow()
    assert owners() == {"C1": "sun"}
    Absence.objects.create(
        user=staff["sun"], stand_in=staff["li"], from_on=NOW.date(), to_on=NOW.date(), entered_by=staff["he"]
    )
    nights.loan("L2", "C2")
    nights.loan("L3", "C3")
    nights.age(1)
    nights.run(1)
    follow()
    assert owners() == {"C1": "sun", "C2": "li", "C3": "li"}


def test_whose_hands_are_full_gets_no_more_and_what_waits_comes_when_they_are_not(nights: Nights) -> None:
    crew()
    User.objects.filter(username="li").update(is_active=False)
    own = nights.home.path / "policies" / "collection.yaml"
    own.parent.mkdir(exist_ok=True)
    text = SHIPPED.replace("most_open_each: 400", "most_open_each: 1")
    own.write_text(text)
    nights.loan("L1", "C1")
    nights.loan("L2", "C2")
    nights.run(0)
    follow()
    assert owners() == {"C1": "sun", "C2": None}
    nights.paid("L1", day(1))
    nights.run(1)
    follow()
    case = Case.objects.get(borrower_id="C2")
    assert case.owner is not None
    assert (case.owner.username, acts(case)) == ("sun", [Act.OPEN, Act.ASSIGN])


def test_a_case_whose_borrower_moves_to_another_org_goes_to_a_collector_there(nights: Nights) -> None:
    crew()
    nights.loan("L1", "C1")
    nights.run(0)
    follow()
    nights.change("L1", org_id="X2", officer_id="F01")
    nights.run(1)
    follow()
    case = Case.objects.get()
    assert case.owner is not None
    assert (case.org_id, case.officer_id, case.owner.username) == ("X2", "F01", "far")
    assert acts(case) == [Act.OPEN, Act.MOVE, Act.ASSIGN]
    assert case.moves.get(act=Act.MOVE).detail["org_id_before"] == BRANCH


def test_what_was_handed_up_or_went_outside_is_given_to_nobody_by_the_run(nights: Nights) -> None:
    crew()
    for number in range(3):
        nights.loan(f"L{number}", f"C{number}")
    nights.run(0)
    follow()
    Case.objects.filter(borrower_id="C0").update(owner=None, handed_up_at=NOW)
    Case.objects.filter(borrower_id="C1").update(owner=None, track=Track.AGENCY, agency=agency())
    Case.objects.filter(borrower_id="C2").update(owner=None)
    nights.age(1)
    nights.run(1)
    follow()
    assert owners() == {"C0": None, "C1": None, "C2": "sun"}, "what lies in the queue goes to the next who is free"


def test_the_number_of_queries_grows_with_transactions_not_with_cases(nights: Nights) -> None:
    crew()

    def counted(first: int, last: int, number: int) -> int:
        for each in range(first, last):
            nights.loan(f"L{each}", f"C{each:03d}")
        nights.age(1)
        nights.run(number)
        with CaptureQueriesContext(connection) as queries:
            follow()
        return len(queries)

    counted(0, 2, 0)
    few = counted(2, 4, 1)
    many = counted(4, 20, 2)
    assert many <= few + 2, "executemany and inserts of many rows are told as one"
