"""Claims of Harbour Branch: what is owed day by day, what a payment would do and does, what cash came, and penalty interest beside it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from books.harbour import END, LATER
from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import open_ledger, refresh
from daihou.collection.promise import Part, judge
from daihou.policies.collection import Promises
from daihou.runs import claims, store
from daihou.runs.claims import Line, Owed

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

    Told = Callable[..., None]

LOANS = ("A1", "C1", "R1", "J1", "U1", "W1", "N1", "D1", "F1", "S1")
POLICY = Promises(tolerance_share=0.0, late_days=3, partly_share=0.5, most_days=30, most_parts=6, judged_days=400)
CHARGED = "charge_id,loan_id,kind,from_on,to_on,amount,reverses,known_on\n"
PAYMENT = "payment_id,loan_id,paid_on,amount,purpose,reverses,known_on\n"


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(count) for count in range((last - first).days + 1)]


def claimed(home: Home, loan: str, first: date, last: date, known_on: date = END, on: date = END) -> claims.Claim:
    return claims.claim(home, open_ledger(home.ledger), loan, days(first, last), known_on, on)


def moved(claim: claims.Claim) -> list[tuple[date, str, str, Owed]]:
    return [(event.on, event.kind, event.ref, event.effect) for day in claim.days for event in day.events]


def test_a_statement_of_a_loan_names_every_day_on_which_what_is_owed_moved(branch: Home) -> None:
    claim = claimed(branch, "A1", date(2026, 1, 25), date(2026, 7, 5))
    assert moved(claim) == [
        (date(2026, 2, 1), "due", "1", Owed(10_000, 300)),
        (date(2026, 2, 2), "payment", "A1-1", Owed(-10_000, -300)),
        (date(2026, 3, 1), "due", "2", Owed(10_000, 200)),
        (date(2026, 4, 1), "due", "3", Owed(10_000, 100)),
        (date(2026, 4, 10), "change", "A1-E", Owed(-10_000, -100)),
        (date(2026, 4, 20), "payment", "A1-3", Owed(-4_800, -200)),
        (date(2026, 7, 1), "due", "3", Owed(10_000, 400)),
    ]
    assert claim.lines == (Line(2, date(2026, 2, 28), Owed(5_200), 61),)
    assert (claim.currency, claim.known_on) == ("CNY", END)
    falls = {day.on: day.falls_due for day in claim.days if day.falls_due}
    assert falls == {
        date(2026, 1, 31): 10_300, date(2026, 2, 28): 10_200, date(2026, 3, 31): 10_100, date(2026, 6, 30): 10_400,
    }  # fmt: skip


def test_the_same_statement_as_known_before_the_money_bounced_says_it_was_paid(branch: Home) -> None:
    claim = claimed(branch, "A1", date(2026, 2, 20), date(2026, 3, 4), known_on=date(2026, 3, 4), on=date(2026, 3, 4))
    assert [day.owed for day in claim.days] == [Owed()] * 13
    assert claim.lines == ()
    (payment,) = (event for day in claim.days for event in day.events)
    assert (payment.ref, payment.amount, payment.effect) == ("A1-2", 10_200, Owed()), "it came on its due date"


def test_a_bill_is_claimed_as_its_minimum_and_a_written_off_loan_with_all_that_is_left(branch: Home) -> None:
    card = claimed(branch, "C1", date(2026, 3, 1), date(2026, 4, 30))
    assert [(on, kind, effect.unsplit) for on, kind, _, effect in moved(card)] == [
        (date(2026, 3, 3), "due", 14_000),
        (date(2026, 3, 15), "payment", -6_000),
        (date(2026, 3, 31), "due", 1_000),
    ]
    assert [(line.seq, line.owed.unsplit) for line in card.lines] == [(None, 9_000)]
    lost = claimed(branch, "W1", date(2026, 3, 19), date(2026, 3, 20))
    assert [day.owed for day in lost.days] == [Owed(40_000, 2_000), Owed(27_000)]


def test_what_was_recovered_is_taken_off_charges_then_interest_then_principal(home: Home, told: Told) -> None:
    told(home, charges=CHARGED + "W1-L,W1,legal_cost,2026-02-01,,145.00,,2026-05-02\n")
    claim = claims.claim(home, refresh(home, silent), "W1", days(date(2026, 3, 19), date(2026, 3, 20)), LATER)
    assert [day.owed for day in claim.days] == [Owed(40_000, 2_000, charges=14_500), Owed(40_000, 1_500)]
    assert claim.days[1].paid == Owed(0, 500, charges=14_500)


def test_what_cannot_be_measured_is_none_and_never_nothing(branch: Home) -> None:
    for loan in ("N1", "R1"):
        (day,) = claimed(branch, loan, END, END).days
        assert (day.owed, day.to_clear) == (None, None)


def test_a_claim_of_no_day_has_its_lines_and_days_that_do_not_ascend_are_refused(branch: Home) -> None:
    claim = claims.claim(branch, open_ledger(branch.ledger), "A1", [], END)
    assert (claim.days, len(claim.lines)) == ((), 1)
    with pytest.raises(ValueError, match="ascend"):
        claims.claim(branch, open_ledger(branch.ledger), "A1", [END, END], END)


def test_an_unknown_loan_is_refused_and_so_is_one_not_known_yet(branch: Home) -> None:
    with pytest.raises(DaihouError, match="X9 is not known"):
        claimed(branch, "X9", END, END)
    with pytest.raises(DaihouError, match="not known on 2026-04-27"):
        claimed(branch, "F1", END, END, known_on=date(2026, 4, 27))


def test_the_claims_of_all_loans_at_once_are_those_of_each(branch: Home) -> None:
    rows = pl.from_arrow(store.read(branch, "snapshots", END, END))
    assert isinstance(rows, pl.DataFrame)
    asked = dict(rows.select("loan_id", claim=claims.asked_of()).iter_rows())
    assert set(asked) == set(LOANS)
    for loan in LOANS:
        (day,) = claimed(branch, loan, END, END).days
        assert asked[loan] == (None if day.owed is None else day.owed.total)


@pytest.mark.parametrize(
    ("loan", "amount"), [("A1", 2_000), ("A1", 5_200), ("A1", 9_900), ("C1", 4_000), ("W1", 30_000), ("U1", 500)]
)
def test_what_a_payment_would_do_it_does_once_it_is_taken_in(home: Home, told: Told, loan: str, amount: int) -> None:
    on = date(2026, 5, 2)
    what = claims.with_payment(home, open_ledger(home.ledger), loan, on, amount, END)
    told(home, payments=PAYMENT + f"{loan}-9,{loan},{on},{Decimal(amount) / 100},{what.purpose},,{on}\n")
    claim = claims.claim(home, refresh(home, silent), loan, [on], on, on)
    (day,) = claim.days
    assert (what.after, what.dpd_after, what.state, what.lines) == (day.owed, day.dpd, day.state, claim.lines)
    assert what.before is not None
    assert what.after is not None
    assert what.after.total == max(what.before.total - amount, 0)


def test_half_of_an_instalment_leaves_its_days_and_all_of_it_ends_them(branch: Home) -> None:
    half, whole = (
        claims.with_payment(branch, open_ledger(branch.ledger), "A1", END, amount, END) for amount in (2_600, 5_200)
    )
    assert (half.dpd_before, half.dpd_after, half.oldest) == (61, 61, Line(2, date(2026, 2, 28), Owed(2_600), 61))
    assert (whole.dpd_before, whole.dpd_after, whole.oldest, whole.state) == (61, 0, None, "current")
    with pytest.raises(ValueError, match="above 0"):
        claims.with_payment(branch, open_ledger(branch.ledger), "A1", END, 0, END)


def test_cash_is_what_came_since_a_day_without_what_bounced(home: Home) -> None:
    def rows(since: date, known_on: date) -> list[tuple[str, date, date, int]]:
        return claims.cash(home, ["A1", "W1", "X9"], since, known_on).rows()

    first = ("A1", date(2026, 2, 2), date(2026, 2, 2), 10_300)
    bounced = ("A1", date(2026, 2, 28), date(2026, 2, 28), 10_200)
    half = ("A1", date(2026, 4, 20), date(2026, 4, 22), 5_000)
    court = ("W1", date(2026, 3, 20), date(2026, 3, 20), 15_000)
    assert rows(date(2026, 1, 1), date(2026, 3, 4)) == [first, bounced]
    assert rows(date(2026, 1, 1), END) == [first, half, court]
    assert rows(date(2026, 4, 22), END) == [half]
    assert rows(date(2026, 4, 23), END) == []
    assert claims.cash(home, [], date(2026, 1, 1), END).is_empty()


def test_cash_leaves_out_compensation_and_knows_a_corrected_payment_by_its_first_day(home: Home, told: Told) -> None:
    told(
        home,
        payments=PAYMENT
        + "A1-C,A1,2026-05-01,7.00,compensation,,2026-05-01\nA1-K,A1,2026-05-02,8.00,scheduled,,2026-05-02\n"
        + "A1-K,A1,2026-05-02,9.00,scheduled,,2026-05-04\nA1-B,A1,2026-05-03,2.00,refund,,2026-05-03\n",
    )
    refresh(home, silent)
    found = claims.cash(home, ["A1"], date(2026, 5, 1), LATER).rows()
    assert found == [("A1", date(2026, 5, 2), date(2026, 5, 2), 900), ("A1", date(2026, 5, 3), date(2026, 5, 3), -200)]
    assert claims.cash(home, ["A1"], date(2026, 5, 3), LATER).height == 1, "a correction is no new money"


def test_a_promise_kept_by_a_payment_is_broken_again_by_its_reversal(home: Home, told: Told) -> None:
    made, due = END, date(2026, 5, 2)

    def judged(known_on: date) -> str:
        refresh(home, silent)
        cash = claims.by_loan(claims.cash(home, ["A1"], made, known_on))
        return judge([Part(due, 5_200)], cash.get("A1", []), known_on + timedelta(10), made, POLICY).state

    assert judged(END) == "broken"
    told(home, payments=PAYMENT + "A1-9,A1,2026-05-02,52.00,,,2026-05-02\n")
    assert judged(date(2026, 5, 2)) == "kept"
    told(home, payments=PAYMENT + "A1-9R,A1,2026-05-04,52.00,,A1-9,2026-05-04\n")
    assert judged(LATER) == "broken"
    assert judged(date(2026, 5, 2)) == "kept", "as it was known then"


AGREED = "loan_id,borrower_id,product,principal,disbursed_on,matures_on,org_id,asset_class,repayment_method,penalty_rate,day_count,effective_on,known_on\n"


def penalty(home: Home, on: date, known_on: date = LATER) -> claims.Estimate | None:
    return claims.penalty_interest(home, refresh(home, silent), "A1", on, known_on)


def test_penalty_interest_not_charged_yet_is_estimated_by_the_contract_from_the_last_day_charged(
    home: Home, told: Told
) -> None:
    assert penalty(home, END) is None, "the contract names no rate"
    told(
        home,
        loans=AGREED
        + "A1,B1,auto,300.00,2026-01-01,2026-06-30,harbour,personal,annuity,0.18,360,2026-01-01,2026-05-01\n",
    )
    whole = penalty(home, END)
    assert whole is not None
    # 100.00 on 31 days of March and 9 of April, 200.00 on the 9 days until the extension, 52.00 on the 11 days from the payment on
    units = 10_000 * 31 + 20_000 * 9 + 10_000 * 10 + 5_200 * 11
    assert (whole.since, whole.principal_days, whole.rate, whole.day_count) == (
        date(2026, 3, 1),
        units,
        Decimal("0.18"),
        360,
    )
    assert whole.amount == 324  # 323.6
    told(
        home,
        charges=CHARGED
        + "A1-P,A1,penalty_interest,2026-03-01,2026-04-20,3.00,,2026-05-02\nA1-F,A1,fee,2026-04-30,,1.00,,2026-05-02\n",
    )
    rest = penalty(home, END)
    assert rest is not None
    assert (rest.since, rest.principal_days) == (date(2026, 4, 21), 52_000)
    assert rest.amount == 26
    assert penalty(home, date(2026, 4, 20)) is None, "charged for already"
    told(home, charges=CHARGED + "A1-PR,A1,penalty_interest,2026-03-01,,3.00,A1-P,2026-05-03\n")
    assert penalty(home, END) == whole, "the charge was taken back"
    (day,) = claims.claim(home, refresh(home, silent), "A1", [END], LATER).days
    assert day.owed == Owed(5_200, charges=100), "an estimate is no claim"
