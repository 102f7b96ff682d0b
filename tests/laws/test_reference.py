"""Hand-computed cases for the slow reference itself, worked from the guide and the printed vectors."""

from dataclasses import replace
from datetime import date

import pytest

from laws.facts import (
    BillRow,
    Book,
    ChangeRow,
    ChargeRow,
    InstalmentRow,
    LoanRow,
    PaymentRow,
    Policy,
    StandingRow,
)
from laws.reference import Day, Snapshot, add_months, judge, snapshot

OPENED = date(2026, 1, 1)
LATER = date(2027, 12, 31)


def _loan(principal: int = 1000, *, on: date = OPENED, method: str | None = None) -> LoanRow:
    return LoanRow(known_on=on, arrival=0, principal=principal, disbursed_on=on, repayment_method=method)


def _row(
    seq: int, due_on: date, *, principal: int = 1000, interest: int = 0, fee: int = 0, known_on: date = OPENED
) -> InstalmentRow:
    return InstalmentRow(
        known_on=known_on, arrival=0, seq=seq, due_on=due_on, principal=principal, interest=interest, fee=fee
    )


def _paid(on: date, amount: int, *, known_on: date | None = None, **more: object) -> PaymentRow:
    row = PaymentRow(known_on=known_on or on, arrival=0, payment_id=f"p{on}", paid_on=on, amount=amount)
    return replace(row, **more)  # type: ignore[arg-type]  # columns by name


def _change(kind: str, on: date, **more: int) -> ChangeRow:
    return ChangeRow(known_on=on, arrival=0, change_id=f"c{on}", kind=kind, effective_on=on, **more)


def _see(book: Book, as_of: date, known_on: date = LATER) -> Snapshot:
    seen = snapshot(book, as_of, known_on)
    assert seen is not None
    return seen


def _shares(day: Day) -> list[tuple[int, int, int]]:
    parts = ("fee", "interest", "principal")
    covered = [line.covered_by_money for line in day.lines]
    return [(line[parts[0]], line[parts[1]], line[parts[2]]) for line in covered]


BULLET = Book(loans=(_loan(),), instalments=(_row(1, date(2026, 1, 15)),))


# Printed vectors


@pytest.mark.parametrize(
    ("vector", "as_of", "dpd"),
    [
        ("A1-01", date(2026, 1, 15), 0),
        ("A1-02", date(2026, 1, 16), 1),
        ("A1-03", date(2026, 4, 15), 90),
        ("A1-04", date(2026, 4, 16), 91),
        ("A1-05", date(2026, 10, 12), 270),
        ("A1-06", date(2026, 10, 13), 271),
        ("A1-07", date(2027, 1, 10), 360),
        ("A1-08", date(2027, 1, 11), 361),
    ],
)
def test_it_counts_the_days_of_an_unpaid_bullet_from_its_due_date(vector: str, as_of: date, dpd: int) -> None:
    assert judge(BULLET, as_of, LATER).dpd == dpd, vector


def test_the_oldest_instalment_is_paid_first_a1_25() -> None:
    dues = [date(2026, month, 15) for month in (1, 2, 3)]
    rows = tuple(_row(seq, due_on) for seq, due_on in enumerate(dues, start=1))
    book = Book(loans=(_loan(3000),), instalments=rows, payments=(_paid(date(2026, 2, 20), 1000),))
    seen = _see(book, date(2026, 3, 31))
    assert (seen["dpd"], seen["overdue_amount"], seen["oldest_unpaid_due_on"]) == (44, 2000, date(2026, 2, 15))
    assert (seen["unpaid_due_dates"], seen["instalments_due"], seen["missed_12m"]) == (2, 3, 3)
    assert (seen["principal_outstanding"], seen["max_dpd_12m"]) == (2000, 44)


def test_money_covers_cost_then_interest_then_principal_a4_01() -> None:
    row = _row(1, date(2026, 1, 15), fee=500, interest=2000, principal=10_000)
    book = Book(loans=(_loan(10_000),), instalments=(row,), payments=(_paid(date(2026, 1, 20), 2300),))
    assert _shares(judge(book, date(2026, 1, 20), LATER)) == [(500, 1800, 0)]


@pytest.mark.parametrize(
    ("order", "shares"),
    [("horizontal", [(10, 40, 150), (10, 20, 0)]), ("vertical", [(10, 40, 130), (10, 40, 0)])],
)
def test_money_goes_across_or_down_two_overdue_instalments_a4_03_and_04(
    order: str, shares: list[tuple[int, int, int]]
) -> None:
    rows = tuple(_row(seq, date(2026, seq, 15), fee=10, interest=40, principal=150) for seq in (1, 2))
    book = Book(
        loans=(_loan(300),),
        instalments=rows,
        payments=(_paid(date(2026, 2, 20), 230),),
        policies=(Policy(from_on=OPENED, order=order),),
    )
    assert _shares(judge(book, date(2026, 2, 20), LATER)) == shares


def test_vertical_money_reaches_what_is_not_yet_due_only_horizontally_and_last() -> None:
    rows = tuple(_row(seq, date(2026, seq, 15), fee=10, interest=40, principal=150) for seq in (1, 2))
    book = Book(
        loans=(_loan(300),),
        instalments=rows,
        payments=(_paid(date(2026, 1, 20), 230),),
        policies=(Policy(from_on=OPENED, order="vertical"),),
    )
    assert _shares(judge(book, date(2026, 1, 20), LATER)) == [(10, 40, 150), (10, 20, 0)]


# Grace, holidays, tolerance


@pytest.mark.parametrize(("as_of", "dpd", "missing"), [(date(2026, 1, 18), 0, 0), (date(2026, 1, 19), 4, 1000)])
def test_grace_forgives_and_then_the_days_count_from_the_due_date(as_of: date, dpd: int, missing: int) -> None:
    seen = _see(replace(BULLET, policies=(Policy(from_on=OPENED, grace_days=3),)), as_of)
    assert (seen["dpd"], seen["overdue_amount"], seen["missed_12m"]) == (dpd, missing, 1)
    assert seen["state"] == ("overdue" if dpd else "current")


def test_the_grace_of_the_loan_goes_before_that_of_the_policy() -> None:
    loan = replace(_loan(), grace_days=0)
    book = replace(BULLET, loans=(loan,), policies=(Policy(from_on=OPENED, grace_days=3),))
    assert judge(book, date(2026, 1, 16), LATER).dpd == 1


def test_a_holiday_moves_the_due_date_where_the_policy_says_so() -> None:
    saturday, sunday = date(2026, 3, 14), date(2026, 3, 15)
    book = Book(
        loans=(_loan(),),
        instalments=(_row(1, saturday),),
        policies=(Policy(from_on=OPENED, holiday=True),),
        work_day=frozenset({saturday, sunday}),
    )
    assert judge(book, date(2026, 3, 16), LATER).dpd == 0
    assert judge(book, date(2026, 3, 17), LATER).dpd == 1
    assert _see(book, saturday)["next_due_on"] == date(2026, 3, 16)
    assert judge(replace(book, policies=()), date(2026, 3, 17), LATER).dpd == 3


def test_what_is_short_within_tolerance_makes_no_day_late_but_stays_in_the_amount() -> None:
    paid = _paid(date(2026, 1, 15), 995)
    book = replace(BULLET, payments=(paid,), policies=(Policy(from_on=OPENED, tolerance=5),))
    seen = _see(book, date(2026, 1, 20))
    assert (seen["dpd"], seen["overdue_amount"], seen["state"]) == (0, 5, "current")
    assert seen["missed_12m"] == 0


# History


def test_an_extension_in_april_does_not_wipe_out_the_arrears_of_march() -> None:
    extended = _row(1, date(2026, 6, 15), known_on=date(2026, 4, 10))
    rows = (_row(1, date(2026, 3, 1)), extended)
    book = Book(loans=(_loan(),), instalments=rows, changes=(_change("extension", date(2026, 4, 10)),))
    seen = _see(book, date(2026, 4, 30))
    assert (seen["dpd"], seen["max_dpd_12m"], seen["missed_12m"]) == (0, 39, 1)
    assert (seen["months_since_late"], seen["extension_count"]) == (0, 1)
    assert str(seen["status_24m"])[-4:] == "NN1N"
    assert judge(book, date(2026, 4, 9), LATER).dpd == 39


def test_a_payment_and_its_reversal_count_from_the_days_they_were_known() -> None:
    payment = _paid(date(2026, 1, 15), 1000, known_on=date(2026, 1, 17))
    bounced = _paid(date(2026, 1, 25), 1000, known_on=date(2026, 1, 25), reverses=payment.payment_id)
    book = replace(BULLET, payments=(payment, bounced))
    as_of = date(2026, 1, 31)
    assert _see(book, as_of, date(2026, 1, 16))["dpd"] == 16
    assert _see(book, as_of, date(2026, 1, 17))["state"] == "closed"
    seen = _see(book, as_of, date(2026, 1, 25))
    assert (seen["dpd"], seen["paid_amount"], seen["last_paid_on"]) == (16, 0, None)


def test_a_reversal_that_comes_to_name_another_payment_restores_the_first() -> None:
    payment = _paid(date(2026, 1, 15), 1000)
    bounced = _paid(date(2026, 1, 25), 1000, reverses=payment.payment_id)
    corrected = replace(bounced, known_on=date(2026, 1, 28), reverses="another")
    book = replace(BULLET, payments=(payment, bounced, corrected))
    assert judge(book, date(2026, 1, 31), date(2026, 1, 27)).dpd == 16
    assert judge(book, date(2026, 1, 31), date(2026, 1, 28)).state == "closed"


def test_a_backdated_payment_mends_history_once_it_is_known() -> None:
    backdated = _paid(date(2026, 1, 20), 1000, known_on=date(2026, 2, 10))
    book = replace(BULLET, payments=(backdated,))
    as_of = date(2026, 2, 10)
    assert _see(book, as_of, date(2026, 2, 9))["max_dpd_12m"] == 26
    seen = _see(book, as_of, as_of)
    assert (seen["dpd"], seen["max_dpd_12m"], seen["missed_12m"]) == (0, 4, 1)
    assert (seen["state"], seen["instalments_due"], str(seen["status_24m"])[-3:]) == ("closed", 1, "*C*")


def test_a_loan_that_is_not_known_has_no_row() -> None:
    assert snapshot(BULLET, date(2026, 2, 1), date(2025, 12, 31)) is None


# Other money and changes


def test_acceleration_makes_later_principal_due_and_drops_later_interest() -> None:
    rows = tuple(_row(seq, date(2026, seq, 15), principal=100, interest=10) for seq in (1, 2, 3))
    book = Book(loans=(_loan(300),), instalments=rows, changes=(_change("acceleration", date(2026, 1, 31)),))
    seen = _see(book, date(2026, 2, 1))
    assert (seen["dpd"], seen["overdue_principal"], seen["overdue_interest"]) == (17, 300, 10)
    assert (seen["total_claim"], seen["next_due_on"], seen["next_due_amount"]) == (310, date(2026, 2, 15), 100)
    assert (seen["unpaid_due_dates"], seen["instalments_due"]) == (2, 1)


def test_a_full_write_off_leaves_the_claim_and_a_recovery_lowers_it() -> None:
    book = replace(
        BULLET,
        changes=(_change("write_off", date(2026, 2, 1), interest=7),),
        payments=(_paid(date(2026, 2, 10), 400, purpose="recovery"),),
    )
    seen = _see(book, date(2026, 2, 10))
    assert (seen["state"], seen["dpd"], seen["principal_outstanding"]) == ("written_off", 26, 0)
    assert (seen["written_off_amount"], seen["recovered_after_write_off"], seen["total_claim"]) == (1007, 400, 600)
    assert str(seen["status_24m"])[-1] == "B"


def test_a_refund_takes_surplus_first_and_then_the_cover_of_the_latest_instalment() -> None:
    rows = tuple(_row(seq, date(2026, seq, 15), principal=100, interest=10) for seq in (1, 2))
    payments = (_paid(date(2026, 1, 15), 250), _paid(date(2026, 2, 20), 45, purpose="refund"))
    book = Book(loans=(_loan(200),), instalments=rows, payments=payments)
    assert judge(book, date(2026, 2, 19), LATER).sums.surplus == 30
    seen = _see(book, date(2026, 2, 20))
    assert (seen["dpd"], seen["overdue_principal"], seen["paid_amount"]) == (5, 15, 205)


def test_a_charge_keeps_a_paid_loan_open_until_penalty_money_pays_it() -> None:
    charge = ChargeRow(
        known_on=date(2026, 1, 16),
        arrival=0,
        charge_id="f",
        kind="penalty_interest",
        from_on=date(2026, 1, 16),
        amount=8,
    )
    payments = (_paid(date(2026, 1, 16), 1000), _paid(date(2026, 1, 18), 8, penalty=8))
    book = replace(BULLET, charges=(charge,), payments=payments)
    assert (judge(book, date(2026, 1, 17), LATER).state, judge(book, date(2026, 1, 17), LATER).charges) == (
        "current",
        8,
    )
    assert judge(book, date(2026, 1, 18), LATER).state == "closed"


def test_nothing_is_expected_of_a_loan_before_it_was_taken_over() -> None:
    rows = tuple(_row(seq, date(2026, seq, 15), principal=100) for seq in (1, 2))
    book = Book(
        loans=(_loan(200),), instalments=rows, changes=(_change("transfer_in", date(2026, 2, 1), principal=100),)
    )
    assert judge(book, date(2026, 1, 20), LATER).dpd == 0
    seen = _see(book, date(2026, 2, 20))
    assert (seen["dpd"], seen["principal_outstanding"], seen["instalments_due"]) == (5, 100, 1)


# Bills, standings, nothing


def test_meeting_a_later_bill_meets_the_older_ones() -> None:
    bills = tuple(
        BillRow(
            known_on=OPENED,
            arrival=0,
            bill_on=date(2026, month, 1),
            due_on=date(2026, month, 20),
            balance=500,
            minimum_due=50,
        )
        for month in (1, 2)
    )
    book = Book(loans=(_loan(method="revolving"),), bills=bills, payments=(_paid(date(2026, 2, 22), 50),))
    late = _see(book, date(2026, 2, 21))
    assert (late["basis"], late["dpd"], late["overdue_amount"], late["unpaid_due_dates"]) == ("bills", 32, 50, 2)
    met = _see(book, date(2026, 2, 22))
    assert (met["dpd"], met["principal_outstanding"], met["missed_12m"]) == (0, 450, 2)
    assert met["overdue_principal"] is None


def test_a_standing_counts_for_31_days_and_then_nothing_is_known() -> None:
    standing = StandingRow(
        known_on=date(2026, 1, 31), arrival=0, as_of=date(2026, 1, 31), dpd=12, principal_outstanding=700
    )
    book = Book(loans=(_loan(),), standings=(standing,))
    seen = _see(book, date(2026, 3, 3))
    assert (seen["basis"], seen["dpd"], seen["state"], seen["principal_outstanding"]) == (
        "reported",
        12,
        "overdue",
        700,
    )
    gone = _see(book, date(2026, 3, 4))
    assert (gone["state"], gone["dpd"], gone["dpd_reported"], gone["overdue_amount"]) == (
        "unmeasured",
        None,
        None,
        None,
    )
    assert str(gone["status_24m"])[-3:] == "11#"


def test_months_are_clamped_to_the_ends_of_months() -> None:
    assert add_months(date(2026, 5, 31), -3) == date(2026, 2, 28)
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
