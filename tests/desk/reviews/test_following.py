"""Reviews after runs: made once, moved by risk, withdrawn and planned again; killed, doubled, and beside what people do."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import F
from django.test import override_settings
from django.utils import timezone

from books import harbour
from daihou.book.home import open_home
from daihou.desk.alerts.choices import Stage
from daihou.desk.alerts.models import Cursor as AlertCursor
from daihou.desk.audit.models import Entry
from daihou.desk.following import OvertakenError, StoppedError
from daihou.desk.people.roles import Role
from daihou.desk.reviews import following
from daihou.desk.reviews.choices import Act, State
from daihou.desk.reviews.models import Cursor, Review, ReviewMove
from desk.alerts.made import alert
from desk.casework.made import BRANCH
from desk.casework.nights import Nights, day
from desk.conftest import user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daihou.desk.alerts.models import Alert

NOW = dt.datetime(2026, 3, 5, 2, tzinfo=dt.UTC)


@pytest.fixture
def nights(db: None, tmp_path: Path) -> Iterator[Nights]:
    """A home whose runs a test writes."""
    home = open_home(tmp_path / "home", {})
    with override_settings(HOME=home):
        yield Nights(home)


def taken_in(number: int, after: str = "") -> None:
    """The alerts of a date are taken in."""
    AlertCursor.objects.update_or_create(pk=1, defaults={"as_of": day(number), "after": after, "at": NOW})


def follow(number: int, stop: threading.Event | None = None) -> following.Followed | None:
    """Follow the run of a date, whose alerts are in."""
    taken_in(number)
    return following.follow(NOW, stop)


def firm(nights: Nights, loan_id: str = "L1", borrower_id: str = "C1", **more: Any) -> None:
    """A loan of a small firm since October 2025, paid on time."""
    stated = {
        "asset_class": "small_business",
        "state": "current",
        "disbursed_on": dt.date(2025, 10, 10),
        "loan_amount": 1,
    }
    nights.loan(loan_id, borrower_id, 0, **(stated | more))


def lifted(found: Alert) -> None:
    type(found).objects.filter(pk=found.pk).update(closed_at=NOW, stage=Stage.CLOSED)


def of(plan: str) -> Review:
    return Review.objects.get(plan=plan)


def test_what_is_due_soon_is_made_once(nights: Nights) -> None:
    firm(nights, matures_on=dt.date(2026, 6, 5))
    nights.run(0)
    assert follow(0) == following.Followed(day(0), made=1, moved=0, withdrawn=0, again=0)
    ending = of("before_maturity")
    assert (ending.subject, ending.loan_id, ending.borrower_id) == ("L1", "L1", "C1")
    assert (ending.anchor, ending.due_on) == ("2026-06-05 -90", dt.date(2026, 3, 9))  # 7 March is a Saturday
    assert (ending.type, ending.site, ending.form, ending.org_id) == (
        "before_maturity",
        "off",
        "before_maturity",
        BRANCH,
    )
    assert follow(0) is None
    nights.run(0)
    assert follow(0) == following.Followed(day(0), made=0, moved=0, withdrawn=0, again=0)
    nights.run(10)
    assert follow(10) == following.Followed(day(10), made=2, moved=0, withdrawn=0, again=0)
    assert of("regular").due_on == dt.date(2026, 4, 10)
    assert set(Review.objects.values_list("anchor", flat=True)) == {"2026-06-05 -90", "2026-06-05 -60", "never"}
    assert [entry.detail["made"] for entry in Entry.objects.filter(action="review.follow").order_by("pk")] == [1, 1, 2]


SECURITIES = """\
security_id,kind,loan_id,expires_on,insured_to,effective_on,known_on
S1,plant,L1,2026-04-20,2026-03-30,2024-01-05,2024-01-05
"""
VALUATIONS = """\
security_id,valued_on,amount,known_on
S1,2024-01-05,1000.00,2024-01-05
"""
GUARANTEES = """\
guarantee_id,guarantor_id,loan_id,form,effective_on,known_on
G1,X,L1,joint,2024-01-05,2024-01-05
"""
BEHIND = {"insurance", "registration", "revaluation", "guarantor"}


def test_what_stands_behind_a_loan_is_valued_insured_and_registered_anew(nights: Nights, tmp_path: Path) -> None:
    harbour.send(nights.home, tmp_path, {"securities": SECURITIES, "valuations": VALUATIONS, "guarantees": GUARANTEES})
    firm(nights)
    firm(nights, "L2", "C2")
    nights.run(0)
    follow(0)
    made = {one.plan: one for one in Review.objects.filter(plan__in=BEHIND)}
    assert set(made) == {"insurance", "registration", "revaluation"}  # the guarantor's is further ahead than 30 days
    assert {(one.subject, one.borrower_id) for one in made.values()} == {("C1", "C1")}
    renewed = SECURITIES.replace("2026-03-30", "2027-03-30").replace("2024-01-05,2024-01-05", "2026-03-03,2026-03-03")
    harbour.send(nights.home, tmp_path, {"securities": renewed})
    nights.run(1)
    follow(1)
    assert of("insurance").state == State.WITHDRAWN
    assert of("registration").state == State.PLANNED


def test_what_a_condition_wants_is_made_though_holidays_make_its_work_days_long(nights: Nights, tmp_path: Path) -> None:
    own = nights.home.path / "policies"
    own.mkdir()
    shipped = Path("src/daihou/policies/common/reviews.yaml").read_text("utf-8")
    (own / "reviews.yaml").write_text(shipped.replace("ahead_days: 30", "ahead_days: 5"), "utf-8")
    harbour.send(nights.home, tmp_path, {"securities": SECURITIES, "valuations": VALUATIONS, "guarantees": GUARANTEES})
    firm(nights)
    nights.run(0)
    follow(0)
    assert of("revaluation").due_on == dt.date(2026, 3, 30)  # 20 work days


def test_one_planned_by_hand_follows_its_borrower_and_is_never_moved_or_withdrawn(nights: Nights) -> None:
    old = user("old", (Role.OFFICER, BRANCH), officer_id="M7")
    new = user("new", (Role.OFFICER, "X2"), officer_id="M8")
    firm(nights)
    nights.run(0)
    follow(0)
    made = Review.objects.create(
        plan="by_hand", about="borrower", subject="C1", anchor="special 2026-06-01", type="special", site="on", form="special", borrower_id="C1",
        due_on=dt.date(2026, 6, 1), planned_on=day(0), planned_at=NOW, org_id=BRANCH, officer_id="M7", owner=old,
    )  # fmt: skip
    nights.loans.clear()
    firm(nights, org_id="X2", officer_id="M8")
    nights.run(1)
    follow(1)
    made.refresh_from_db()
    assert (made.org_id, made.officer_id, made.owner, made.state, made.due_on) == (
        "X2", "M8", new, State.PLANNED, dt.date(2026, 6, 1),
    )  # fmt: skip


def test_a_begun_review_keeps_the_borrower_whose_key_seals_its_pieces(nights: Nights) -> None:
    firm(nights)
    nights.run(0)
    alert("C1", "red")
    follow(0)
    Review.objects.filter(plan="special").update(state=State.BEGUN, begun_at=NOW, borrower_id="C0", revision=F("revision") + 1)  # fmt: skip
    nights.run(1)
    follow(1)
    assert of("special").borrower_id == "C0"


def test_nothing_is_planned_before_the_alerts_of_the_run_are_in(nights: Nights) -> None:
    firm(nights)
    nights.run(0)
    assert following.follow(NOW) is None
    taken_in(0, after="half")
    assert following.follow(NOW) is None
    assert not Cursor.objects.exists()
    assert follow(0) is not None


@pytest.fixture
def red(nights: Nights) -> Alert:
    """A firm with a red alert, followed."""
    firm(nights)
    nights.run(0)
    found = alert("C1", "red")
    follow(0)
    return found


def test_a_red_alert_brings_the_regular_inspection_nearer_and_a_special_one(red: Alert, nights: Nights) -> None:
    special, regular = of("special"), of("regular")
    assert (special.due_on, special.level, special.state) == (dt.date(2026, 3, 9), "red", State.PLANNED)
    assert (regular.due_on, regular.line) == (dt.date(2026, 3, 10), 0)
    lifted(red)
    nights.run(1)
    assert follow(1) == following.Followed(day(1), made=0, moved=1, withdrawn=1, again=0)
    special, regular = of("special"), of("regular")
    assert (special.state, special.ended_at) == (State.WITHDRAWN, NOW)
    assert (regular.state, regular.due_on, regular.line, regular.level) == (State.PLANNED, dt.date(2026, 4, 10), 3, "")
    assert [(move.act, move.detail) for move in ReviewMove.objects.all()] == [
        (Act.REPLAN, {"due_on": ["2026-03-10", "2026-04-10"]}), (Act.WITHDRAW, {}),
    ]  # fmt: skip
    alert("C1", "orange")
    nights.run(2)
    assert follow(2) == following.Followed(day(2), made=0, moved=0, withdrawn=0, again=1)
    assert (of("special").state, of("special").due_on) == (State.PLANNED, dt.date(2026, 3, 11))


def test_what_somebody_began_stays(red: Alert, nights: Nights) -> None:
    Review.objects.update(state=State.BEGUN, revision=F("revision") + 1, begun_at=NOW)
    lifted(red)
    nights.run(1)
    assert follow(1) == following.Followed(day(1), made=0, moved=0, withdrawn=0, again=0)
    assert set(Review.objects.values_list("plan", "state", "due_on")) == {
        ("special", State.BEGUN, dt.date(2026, 3, 9)), ("regular", State.BEGUN, dt.date(2026, 3, 10)),
    }  # fmt: skip


@pytest.mark.parametrize("state", [State.DONE, State.WAIVED])
def test_a_special_inspection_counts_as_the_regular_one(red: Alert, nights: Nights, state: State) -> None:
    Review.objects.filter(plan="special").update(state=state, done_on=day(1), ended_at=NOW)
    nights.run(2)
    assert follow(2) == following.Followed(day(2), made=1, moved=0, withdrawn=1, again=0)
    assert set(Review.objects.filter(plan="regular").values_list("anchor", "state", "due_on")) == {
        ("never", State.WITHDRAWN, dt.date(2026, 3, 10)), ("2026-03-03 #1", State.PLANNED, dt.date(2026, 4, 3)),
    }  # fmt: skip


def test_a_due_date_that_a_manager_set_stays(red: Alert, nights: Nights) -> None:
    Review.objects.filter(plan="regular").update(postponed=True, due_on=dt.date(2026, 3, 20))
    lifted(red)
    nights.run(1)
    follow(1)
    assert of("regular").due_on == dt.date(2026, 3, 20)


def test_who_turns_risky_has_the_work_days_of_the_plan_to_be_seen(nights: Nights) -> None:
    firm(nights, matures_on=dt.date(2026, 6, 5))
    nights.run(0)
    follow(0)
    Review.objects.create(
        plan="by_hand", about="loan", subject="L1", anchor="x", type="special", site="on", form="special", borrower_id="C1", loan_id="L1",
        due_on=dt.date(2025, 11, 3), planned_on=day(0), planned_at=NOW, state=State.DONE, done_on=dt.date(2025, 11, 3), ended_at=NOW,
    )  # fmt: skip
    alert("C1", "red")
    nights.run(1)
    follow(1)
    regular = Review.objects.get(plan="regular")  # by the clock it was due in December
    assert (regular.anchor, regular.due_on, regular.not_before) == (
        "2025-11-03 #1",
        dt.date(2026, 3, 17),
        dt.date(2026, 3, 17),
    )
    nights.run(2)
    assert follow(2) == following.Followed(day(2), made=0, moved=0, withdrawn=0, again=0)


def test_a_loan_that_comes_in_late_or_is_extended_is_not_asked_for_days_gone_by(nights: Nights) -> None:
    firm(nights, "L0", "C0", state="closed")
    nights.run(0)
    follow(0)
    firm(nights, matures_on=dt.date(2026, 4, 20), disbursed_on=dt.date(2026, 3, 3))
    nights.run(1)
    follow(1)
    assert set(Review.objects.values_list("plan", "anchor")) == {
        ("before_maturity", "2026-04-20 -30"), ("first", "2026-03-03"), ("fund_use", "2026-03-03"),
    }  # fmt: skip


def test_a_plan_of_another_name_does_not_ask_again_for_what_was_done(nights: Nights) -> None:
    firm(nights, matures_on=dt.date(2026, 6, 5))
    nights.run(0)
    follow(0)
    Review.objects.filter(plan="before_maturity").update(plan="ending", state=State.DONE, done_on=day(0), ended_at=NOW)
    nights.run(1)
    assert follow(1) == following.Followed(day(1), made=0, moved=0, withdrawn=0, again=0)


def test_what_is_planned_again_stands_as_the_run_has_it_and_may_be_late_again(red: Alert, nights: Nights) -> None:
    lifted(red)
    nights.run(1)
    follow(1)
    Review.objects.filter(plan="special").update(escalated_at=NOW, postponed=True, org_id="X0")
    alert("C1", "orange")
    nights.run(2)
    follow(2)
    special = of("special")
    assert (special.state, special.escalated_at, special.postponed, special.org_id, special.level) == (
        State.PLANNED, None, False, BRANCH, "orange",
    )  # fmt: skip


def test_a_begun_review_goes_with_its_customer_and_keeps_its_owner_and_form(red: Alert, nights: Nights) -> None:
    Review.objects.filter(plan="special").update(state=State.BEGUN, begun_at=NOW, form="first")
    nights.change("L1", org_id="X9", officer_id="O9")
    nights.run(1)
    follow(1)
    special = of("special")
    assert (special.org_id, special.officer_id, special.form) == ("X9", "O9", "first")


def test_another_customer_manager_gets_what_was_the_old_ones_and_nobody_elses(nights: Nights) -> None:
    old, new, other = (
        user(name, (Role.OFFICER, BRANCH), officer_id=number)
        for name, number in (("old", "O1"), ("new", "O2"), ("other", ""))
    )
    firm(nights, officer_id="O1", matures_on=dt.date(2026, 6, 5))
    firm(nights, "L2", "C2", officer_id="O1", matures_on=dt.date(2026, 6, 5))
    nights.run(0)
    follow(0)
    assert set(Review.objects.values_list("owner__username", flat=True)) == {old.username}
    Review.objects.filter(borrower_id="C2").update(owner=other)
    for loan in ("L1", "L2"):
        nights.change(loan, officer_id="O2")
    nights.run(1)
    follow(1)
    assert dict(Review.objects.values_list("borrower_id", "owner__username")) == {
        "C1": new.username,
        "C2": other.username,
    }
    assert [(move.review.borrower_id, move.act) for move in ReviewMove.objects.all()] == [("C1", Act.ASSIGN)]
    assert Review.objects.get(borrower_id="C1").revision == 2


def test_killed_between_two_transactions_it_goes_on(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daihou.desk.following.TOGETHER", 2)
    for number in range(7):
        firm(nights, f"L{number}", f"C{number}", matures_on=dt.date(2026, 6, 5))
    nights.run(0)
    taken_in(0)

    class Soon(threading.Event):
        asked = 0

        def is_set(self) -> bool:
            Soon.asked += 1
            return Soon.asked > 2

    with pytest.raises(StoppedError):
        following.follow(NOW, Soon())
    assert Review.objects.count() == 4
    assert following.follow(NOW) == following.Followed(day(0), made=3, moved=0, withdrawn=0, again=0)
    assert Entry.objects.get(action="review.follow").detail["made"] == 7


def test_of_two_keepers_one_steps_back(nights: Nights) -> None:
    firm(nights, matures_on=dt.date(2026, 6, 5))
    nights.run(0)
    taken_in(0)

    class Between(threading.Event):
        act: Callable[[], Any] | None = staticmethod(lambda: following.follow(NOW))

        def is_set(self) -> bool:
            act, Between.act = Between.act, None
            if act is not None:
                act()
            return False

    with pytest.raises(OvertakenError):
        following.follow(NOW, Between())
    assert Review.objects.count() == 1


def test_a_home_without_a_run_has_no_reviews(nights: Nights) -> None:
    assert following.follow(timezone.now()) is None
