"""When facts are known: stated, by default, by their own date; sealed dates and back-filling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from daihou.book import business_date
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from book.conftest import Desk

Payments = Callable[..., str]
INSTALMENTS = "loan_id,seq,due_on,principal,interest,effective_on\n"


def test_facts_are_known_on_the_open_date_unless_the_row_says_otherwise(desk: Desk, payments: Payments) -> None:
    rows = (("P1", "L1", "2026-02-01", "1", ""), ("P2", "L1", "2026-02-01", "1", "2026-02-05"))
    desk.send("payments", payments(*rows, extra=",known_on"))
    assert desk.rows("payments", "known_on", "assumed", "backfill") == [
        (date(2026, 3, 1), False, False),
        (date(2026, 2, 5), False, False),
    ]


def test_a_sealed_date_needs_backfill(desk: Desk, payments: Payments) -> None:
    business_date.seal(desk.home, date(2026, 2, 10), 0)
    text = payments(("P1", "L1", "2026-02-01", "1"))
    with pytest.raises(DaihouError, match="sealed"):
        desk.send("payments", text, known_on=date(2026, 2, 10))
    assert desk.send("payments", text, known_on=date(2026, 2, 11)).new == 1
    assert desk.send("payments", text, known_on=date(2026, 2, 10), backfill=True).new == 1
    assert desk.rows("payments", "known_on", "backfill") == [(date(2026, 2, 11), False), (date(2026, 2, 10), True)]


def test_sealed_dates_in_a_column_cost_only_their_rows(desk: Desk, payments: Payments) -> None:
    business_date.seal(desk.home, date(2026, 2, 10), 0)
    rows = (("P1", "L1", "2026-02-01", "1", "2026-02-10"), ("P2", "L1", "2026-02-01", "1", "2026-02-11"))
    text = payments(*rows, extra=",known_on")
    report = desk.send("payments", text)
    assert (report.new, report.quarantined) == (1, {"sealed": 1})
    filled = desk.send("payments", text, backfill=True)
    assert (filled.new, filled.unchanged) == (1, 1)
    assert desk.rows("payments", "payment_id", "backfill") == [("P2", False), ("P1", True)]


def test_a_future_date_is_only_warned_of(desk: Desk, payments: Payments) -> None:
    report = desk.send("payments", payments(("P1", "L1", "2026-02-01", "1")), known_on=date(2026, 5, 1))
    assert report.new == 1
    assert any("still to come" in warning for warning in report.warnings)


@pytest.mark.parametrize(
    ("table", "text", "known_on"),
    [
        ("payments", "payment_id,loan_id,paid_on,amount\nP,L,2026-02-03,1\n", date(2026, 2, 3)),
        ("changes", "change_id,loan_id,kind,effective_on\nC,L,extension,2026-02-03\n", date(2026, 2, 3)),
        ("charges", "charge_id,loan_id,kind,from_on,amount\nC,L,fee,2026-02-03,1\n", date(2026, 2, 3)),
        ("draws", "loan_id,drawn_on,amount\nL,2026-02-03,1\n", date(2026, 2, 3)),
        ("bills", "loan_id,bill_on,due_on,balance,minimum_due\nL,2026-02-03,2026-02-20,-1,0\n", date(2026, 2, 3)),
        ("standings", "loan_id,as_of,dpd\nL,2026-02-03,0\n", date(2026, 2, 3)),
        ("fx_rates", "currency,rate_on,rate\nUSD,2026-02-03,7.1\n", date(2026, 2, 3)),
        (
            "transactions",
            "txn_id,account_id,booked_at,amount\nT,A,2026-02-02T17:00:00Z,1\n",
            date(2026, 2, 3),  # in Shanghai it is the third
        ),
        (
            "loans",
            "loan_id,borrower_id,product,principal,disbursed_on,matures_on\nL,B,P,1,2026-02-03,2027-02-03\n",
            date(2026, 2, 3),
        ),
        (
            "loans",
            (
                "loan_id,borrower_id,product,principal,disbursed_on,matures_on,effective_on\n"
                "L,B,P,1,2026-02-03,2027-02-03,2026-02-10\n"
            ),
            date(2026, 2, 10),
        ),
    ],
)
def test_history_is_back_loaded_as_known_when_it_happened(desk: Desk, table: str, text: str, known_on: date) -> None:
    desk.send(table, text, known_on="event")
    assert desk.rows(table, "known_on", "assumed") == [(known_on, True)]


def test_a_stated_known_on_is_not_assumed(desk: Desk, payments: Payments) -> None:
    row = ("P1", "L1", "2026-02-01", "1", "2026-02-05")
    desk.send("payments", payments(row, extra=",known_on"), known_on="event")
    assert desk.rows("payments", "known_on", "assumed") == [(date(2026, 2, 5), False)]


def test_tables_without_an_own_date_need_one(desk: Desk) -> None:
    with pytest.raises(DaihouError, match="effective_on"):
        desk.send("borrowers", "borrower_id,kind\nB1,person\n", known_on="event")
    with pytest.raises(DaihouError, match="no date of their own"):
        desk.send("bureau_lines", "report_id\nR1\n", known_on="event")
    report = desk.send(
        "borrowers", "borrower_id,kind,effective_on\nB1,person,2026-01-01\nB2,person,\n", known_on="event"
    )
    assert (report.new, report.quarantined) == (1, {"no_own_date": 1})


def test_instalments_are_known_from_their_loans_pay_out(desk: Desk) -> None:
    desk.loans("L1", disbursed_on="2025-12-05")
    desk.loans("L2", disbursed_on="2025-11-05")
    rows = "L1,1,2026-01-05,1,0,\nL2,1,2026-01-05,1,0,\nL1,2,2026-02-05,1,0,2026-01-20\n"
    desk.send("instalments", INSTALMENTS + rows, known_on="event")
    assert desk.rows("instalments", "known_on", "effective_on", "assumed") == [
        (date(2025, 12, 5), None, True),
        (date(2025, 11, 5), None, True),
        (date(2026, 1, 20), date(2026, 1, 20), True),
    ]


def test_instalments_of_unknown_loans_pass_once_the_loan_is_sent(desk: Desk) -> None:
    text = INSTALMENTS + "L1,1,2026-01-05,1,0,\nL2,1,2026-01-05,1,0,\nL3,1,2026-01-05,1,0,\n"
    desk.loans("L1")
    assert desk.send("instalments", text, known_on="event").quarantined == {"loan_unknown": 2}
    assert "Send loans first" in desk.rows("quarantine", "message_en")[0]
    still = desk.send("instalments", text, known_on="event")
    assert (still.new, still.quarantined) == (0, {"loan_unknown": 2})
    desk.loans("L2")
    second = desk.send("instalments", text, known_on="event")
    assert (second.new, second.quarantined) == (1, {"loan_unknown": 1})
    desk.loans("L3")
    assert desk.send("instalments", text, known_on="event").new == 1
    seen = desk.send("instalments", text, known_on="event")
    assert (seen.seen_before, seen.quarantined, seen.unchanged) == (True, {}, 3)
    assert sorted(desk.rows("instalments", "loan_id")) == ["L1", "L2", "L3"]
    assert len(desk.rows("quarantine", "row")) == 2


def test_later_versions_back_loaded_must_say_from_when_they_hold(desk: Desk) -> None:
    desk.loans("L1")
    first = "L1,1,2026-02-01,100,0,\n"
    report = desk.send("instalments", INSTALMENTS + first + "L1,1,2026-02-15,100,0,\n" + first, known_on="event")
    assert (report.new, report.unchanged, report.quarantined) == (1, 1, {"needs_effective_on": 1})
    again = desk.send("instalments", INSTALMENTS + "L1,1,2026-02-20,100,0,\n", "b.csv", known_on="event")
    assert again.quarantined == {"needs_effective_on": 1}
    stated = desk.send("instalments", INSTALMENTS + "L1,1,2026-02-20,100,0,2026-01-20\n", "c.csv", known_on="event")
    assert stated.new == 1
