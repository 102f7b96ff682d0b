"""The behaviour of three loans worked out by hand: one that falls behind, a card, one whose first payment was late."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from books.harbour import END, LATER
from books.standing import standing
from daihou.book.ledger.ledger import refresh
from daihou.monitoring.behaviour.family import BEHAVIOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

    Told = Callable[..., None]

LOANS = """\
loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,repayment_method,known_on
BEHIND,B1,shop,600.00,2025-09-15,2026-03-10,CNY,equal_principal,2026-05-01
CARD,B1,card,1000.00,2025-12-01,,CNY,revolving,2026-05-01
FIRST,B1,shop,300.00,2026-03-01,2026-06-01,CNY,equal_principal,2026-05-01
QUIET,B1,shop,300.00,2026-04-15,2026-07-15,CNY,equal_principal,2026-05-01
LONG,B1,shop,200.00,2025-09-10,2026-10-10,CNY,equal_principal,2026-05-01
"""
INSTALMENTS = """\
loan_id,seq,due_on,principal,interest,known_on
BEHIND,1,2025-10-10,100.00,0,2026-05-01
BEHIND,2,2025-11-10,100.00,0,2026-05-01
BEHIND,3,2025-12-10,100.00,0,2026-05-01
BEHIND,4,2026-01-10,100.00,0,2026-05-01
BEHIND,5,2026-02-10,100.00,0,2026-05-01
BEHIND,6,2026-03-10,100.00,0,2026-05-01
FIRST,1,2026-04-01,100.00,0,2026-05-01
FIRST,2,2026-05-01,100.00,0,2026-05-01
FIRST,3,2026-06-01,100.00,0,2026-05-01
QUIET,1,2026-05-15,300.00,0,2026-05-01
LONG,1,2025-10-10,100.00,0,2026-05-01
LONG,2,2026-10-10,100.00,0,2026-05-01
"""
PAYMENTS = """\
payment_id,loan_id,paid_on,amount,purpose,known_on
b1,BEHIND,2025-10-08,100.00,,2026-05-01
b2,BEHIND,2025-11-10,100.00,,2026-05-01
b3,BEHIND,2025-12-10,40.00,,2026-05-01
b4,BEHIND,2025-12-20,60.00,,2026-05-01
b5,BEHIND,2026-02-15,100.00,,2026-05-01
c1,CARD,2026-01-20,500.00,,2026-05-01
c2,CARD,2026-02-20,40.00,,2026-05-01
c3,CARD,2026-04-02,30.00,,2026-05-01
l1,LONG,2026-02-01,100.00,,2026-05-01
f1,FIRST,2026-04-11,100.00,,2026-05-01
f2,FIRST,2026-04-15,40.00,prepayment,2026-05-01
"""
BILLS = """\
loan_id,bill_on,due_on,balance,minimum_due,known_on
CARD,2026-01-05,2026-01-25,500.00,50.00,2026-05-01
CARD,2026-02-05,2026-02-25,400.00,40.00,2026-05-01
CARD,2026-03-05,2026-03-25,300.00,30.00,2026-05-01
"""
NAMES = [measure.name for measure in BEHAVIOUR.measures]

# The loan that falls behind. Late 12-11 to 12-19 (9 days), and from 01-11 on: 21 days of January, then 28, 31 and 30.
# On 02-14 dpd is 35, on 02-15 January is paid and it is 5. On 04-30 February has been due for 79 days.
BEHIND = {
    "late_days_1m": 31,  # 03-31 to 04-30
    "late_days_3m": 90,  # 01-31 to 04-30
    "late_days_6m": 119,
    "late_days_12m": 119,
    "dpd_change_1m": 79 - 48,  # 03-30
    "dpd_change_3m": 79 - 20,  # 01-30
    "dpd_change_6m": 79 - 0,
    "came_down_12m": 2,  # 12-20 and 02-15
    "cleared_12m": 1,  # 12-20
    "dues_12m": 6,
    "early_share_12m": 1 / 6,  # October
    "on_time_share_12m": 2 / 6,  # and November
    "part_paid_12m": 1,  # December
    "on_time_streak": 0,
    "missed_streak": 4,  # December to March
    "longest_missed_streak_24m": 4,
    "missed_months_24m": 5,  # and April, which is late at its end
    "missed_months_in_a_row_24m": 5,
    "repeated_arrears": True,
    "months_since_missed": 1,  # 03-10
    "months_since_over_30": 0,
    "months_since_over_90": None,
    "months_since_paid": 2,  # 02-15
    "due_amount_3m": 20_000,  # February and March
    "paid_amount_3m": 10_000,
    "paid_to_due_3m": 0.5,
    "prepaid_amount": 0,
    "first_due_on": date(2025, 10, 10),
    "first_payment_max_dpd": 0,
    "utilisation": None,
    "minimum_payer_share_12m": None,
}
CARD = {
    "dues_12m": 3,
    "early_share_12m": 2 / 3,
    "minimum_payer_share_12m": 1 / 3,  # February: 40 of 400
    "missed_streak": 1,  # March, met on 04-02
    "late_days_3m": 7,  # 03-26 to 04-01
    "cleared_12m": 1,
    "due_amount_3m": 7_000,  # the minimum of February and March
    "first_due_on": date(2026, 1, 25),
    "utilisation": 0.27,  # 300 billed less 30 of 1,000
    "repeated_arrears": False,
}
FIRST = {
    "prepaid_amount": 4_000,
    "first_payment_max_dpd": 9,  # 04-01 to 04-10
    "dues_12m": 1,
    "missed_months_24m": 1,
    "on_time_share_12m": 0.0,
    "months_since_paid": 0,
    "dpd_change_1m": 0,
}
LONG = {
    "months_since_over_90": 3,  # 2026-01-31, 113 days past due
    "months_since_over_30": 3,
    "late_days_6m": 93,  # 2025-10-31 to 2026-01-31
    "dpd_change_3m": -112,  # 01-30
    "dpd_change_6m": -20,  # 10-30
    "first_payment_max_dpd": 113,
    "cleared_12m": 1,
    "months_since_missed": 6,  # 10-10
    "on_time_streak": 0,
}
QUIET = {
    "dues_12m": 0,
    "early_share_12m": None,
    "paid_to_due_3m": None,
    "months_since_paid": None,
    "months_since_missed": None,
    "first_due_on": date(2026, 5, 15),
    "missed_months_24m": 0,
    "repeated_arrears": False,
}


@pytest.fixture
def behaved(home: Home, told: Told) -> Callable[[str], dict[str, Any]]:
    told(home, loans=LOANS, instalments=INSTALMENTS, payments=PAYMENTS, bills=BILLS)
    rows = standing(home, refresh(home, lambda *_: None), END, LATER)
    return lambda loan: rows[loan]


def test_every_measure_of_a_loan_that_falls_behind(behaved: Callable[[str], dict[str, Any]]) -> None:
    row = behaved("BEHIND")
    assert row["dpd"] == 79
    assert {name: row[name] for name in NAMES} == BEHIND


@pytest.mark.parametrize(("loan", "worked"), [("CARD", CARD), ("FIRST", FIRST), ("LONG", LONG), ("QUIET", QUIET)])
def test_what_is_particular_to_a_card_a_late_first_payment_and_a_loan_without_dues(
    behaved: Callable[[str], dict[str, Any]], loan: str, worked: dict[str, Any]
) -> None:
    row = behaved(loan)
    assert {name: row[name] for name in worked} == worked


def test_what_cannot_be_measured_is_empty(branch: Home) -> None:
    rows = standing(branch, refresh(branch, lambda *_: None), END, END)
    unmeasured = [row for row in rows.values() if row["state"] == "unmeasured"]
    assert unmeasured
    for row in unmeasured:
        empty = (
            "dpd_change_1m",
            "dues_12m",
            "on_time_streak",
            "missed_months_24m",
            "repeated_arrears",
            "first_payment_max_dpd",
        )
        assert [row[name] for name in empty] == [None] * len(empty)
