"""Rows checked against one another and the lake: keys, owners, reversals, currencies, loans not yet known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from daihou.book.intake import against

if TYPE_CHECKING:
    from book.conftest import Desk

Payments = Callable[..., str]
INSTALMENTS = "loan_id,seq,due_on,principal,interest,effective_on,known_on\n"


def test_an_equal_row_with_the_same_known_on_is_no_new_fact(desk: Desk, payments: Payments) -> None:
    report = desk.send("payments", payments(("P1", "L1", "2026-02-01", "1"), ("P1", "L1", "2026-02-01", "1.00")))
    assert (report.new, report.unchanged) == (1, 1)
    again = desk.send("payments", payments(("P1", "L1", "2026-02-01", "1"), ("P2", "L1", "2026-02-01", "1")), "b.csv")
    assert (again.new, again.unchanged, again.quarantined) == (1, 1, {})
    assert desk.rows("payments", "payment_id") == ["P1", "P2"]


def test_another_event_with_the_same_key_and_known_on_is_quarantined(desk: Desk, payments: Payments) -> None:
    report = desk.send("payments", payments(("P1", "L1", "2026-02-01", "1"), ("P1", "L1", "2026-02-01", "2")))
    assert (report.new, report.quarantined) == (1, {"duplicate_key": 1})
    again = desk.send("payments", payments(("P1", "L1", "2026-02-02", "1")), "b.csv")
    assert (again.new, again.quarantined) == (0, {"duplicate_key": 1})
    assert desk.rows("quarantine", "line", "column") == [(3, "payment_id"), (2, "payment_id")]


def test_a_correction_with_its_own_known_on_is_a_new_fact(desk: Desk, payments: Payments) -> None:
    desk.send("payments", payments(("P1", "L1", "2026-02-01", "1")))
    report = desk.send("payments", payments(("P1", "L1", "2026-02-01", "2")), "b.csv", known_on=date(2026, 3, 2))
    assert report.new == 1
    kept = desk.send("payments", payments(("P1", "L1", "2026-02-01", "2")), "c.csv", known_on=date(2026, 3, 3))
    assert kept.new == 1  # an equal row with another known_on is kept; the ledger drops it


def test_of_versions_the_later_arrival_counts(desk: Desk) -> None:
    row = "L1,1,2026-02-01,{},0,2026-01-01,2026-01-01\n"
    report = desk.send("instalments", INSTALMENTS + row.format(100) + row.format(200) + row.format(200))
    assert (report.new, report.unchanged, report.quarantined) == (2, 1, {})
    back = desk.send("instalments", INSTALMENTS + row.format(100), "b.csv")
    assert (back.new, back.unchanged) == (1, 0)  # 200 stood; 100 must count again
    same = desk.send("instalments", INSTALMENTS + row.format("100.00"), "c.csv")
    assert (same.new, same.unchanged) == (0, 1)
    assert desk.rows("instalments", "principal") == [100, 200, 100]


def test_two_versions_on_one_day_are_both_kept(desk: Desk) -> None:
    rows = "L1,1,2026-02-01,100,0,2026-01-01,2026-01-01\nL1,1,2026-02-01,100,0,2026-01-15,2026-01-01\n"
    assert desk.send("instalments", INSTALMENTS + rows).new == 2


def test_a_version_without_effective_on_counts_again_after_one_with(desk: Desk) -> None:
    bare, stated = "L1,1,2026-02-01,100,0,,2026-01-01\n", "L1,1,2026-02-01,200,0,2026-01-01,2026-01-01\n"
    desk.send("instalments", INSTALMENTS + bare, "a.csv")
    desk.send("instalments", INSTALMENTS + stated, "b.csv")
    report = desk.send("instalments", INSTALMENTS + bare + bare, "c.csv")
    assert (report.new, report.unchanged) == (1, 1)


def test_instalments_out_of_order_are_taken_as_they_are(desk: Desk) -> None:
    rows = "".join(f"L1,{seq},2026-0{month}-01,1,0,,\n" for seq, month in ((3, 2), (1, 5), (2, 1)))
    assert desk.send("instalments", INSTALMENTS + rows).new == 3


def test_an_id_used_for_another_loan_is_quarantined(desk: Desk, payments: Payments) -> None:
    report = desk.send("payments", payments(("P1", "L1", "2026-02-01", "1"), ("P1", "L2", "2026-02-01", "1")))
    assert report.quarantined == {"other_owner": 1}
    later = desk.send("payments", payments(("P1", "L2", "2026-02-01", "1")), "b.csv", known_on=date(2026, 3, 5))
    assert (later.new, later.quarantined) == (0, {"other_owner": 1})


def test_facts_of_unknown_loans_are_stored_and_counted_as_waiting(desk: Desk, payments: Payments) -> None:
    desk.loans("L1")
    report = desk.send("payments", payments(("P1", "L1", "2026-02-01", "1"), ("P2", "L9", "2026-02-01", "1")))
    assert (report.new, report.waiting) == (2, 1)


def test_reversals_are_checked_as_far_as_they_can_be_seen(desk: Desk, payments: Payments) -> None:
    desk.loans("L1", "L2")
    rows = [
        ("P1", "L1", "2026-02-01", "1", ""),
        ("R1", "L1", "2026-02-02", "1", "P1"),
        ("R2", "L1", "2026-02-03", "1", "R1"),
        ("R3", "L2", "2026-02-03", "1", "P1"),
        ("R4", "L1", "2026-02-03", "1", "nothing"),
    ]
    report = desk.send("payments", payments(*rows, extra=",reverses"))
    assert (report.new, report.waiting) == (3, 1)
    assert desk.reasons() == [(4, "reverses", "reverses_reversal"), (5, "reverses", "reverses_other_loan")]
    later = desk.send("payments", payments(("R5", "L1", "2026-02-04", "1", "R4"), extra=",reverses"), "b.csv")
    assert later.quarantined == {"reverses_reversal": 1}


def test_a_charge_may_be_reversed_once(desk: Desk) -> None:
    header = "charge_id,loan_id,kind,from_on,amount,reverses\n"
    report = desk.send(
        "charges", header + "C1,L1,fee,2026-02-01,1,\nC2,L1,fee,2026-02-01,1,C1\nC3,L1,fee,2026-02-01,1,C2\n"
    )
    assert report.quarantined == {"reverses_reversal": 1}


@pytest.mark.parametrize(
    ("currency", "amount", "reason"),
    [
        ("CNY", "1.25", None),
        ("CNY", "1.255", "too_many_decimals"),
        ("JPY", "100", None),
        ("JPY", "100.00", None),
        ("JPY", "100.5", "too_many_decimals"),
        ("KWD", "1.255", None),
        ("KWD", "1.2555", "too_many_decimals"),
    ],
)
def test_amounts_have_at_most_their_loans_decimals(
    desk: Desk, payments: Payments, currency: str, amount: str, reason: str | None
) -> None:
    desk.loans("L0")
    desk.loans("L1", currency=currency)
    report = desk.send("payments", payments(("P0", "L0", "2026-02-01", "1.25"), ("P1", "L1", "2026-02-01", amount)))
    assert report.quarantined == ({reason: 1} if reason else {})


def test_fine_amounts_wait_in_quarantine_until_their_loan_is_known(desk: Desk, payments: Payments) -> None:
    text = payments(("P1", "K1", "2026-02-01", "1.255"), ("P2", "K1", "2026-02-01", "1.25"))
    assert desk.send("payments", text).quarantined == {"currency_unknown": 1}
    desk.loans("K1", currency="KWD")
    again = desk.send("payments", text)
    assert (again.rows, again.new, again.quarantined) == (1, 1, {})
    assert desk.send("payments", text).seen_before
    assert sorted(desk.rows("payments", "payment_id")) == ["P1", "P2"]


def test_the_currency_of_a_loan_never_changes(desk: Desk) -> None:
    desk.loans("L1")
    header = "loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,effective_on\n"
    row = "{},B1,P1,1,2026-01-01,2027-01-01,{},{}\n"
    text = row.format("L1", "USD", "2026-02-01") + row.format("L2", "USD", "") + row.format("L2", "EUR", "2026-02-01")
    report = desk.send("loans", header + text)
    assert (report.new, report.quarantined) == (1, {"currency_changed": 2})


def test_rows_without_a_key_are_all_kept(desk: Desk) -> None:
    report = desk.send("bureau_lines", "report_id,lender,balance\nR1,Bank,5\nR1,Bank,5\n")
    assert report.new == 2


def test_keys_with_empty_parts_are_keys_too(desk: Desk) -> None:
    report = desk.send("control_totals", "as_of,org_id,loans\n2026-02-28,,5\n2026-02-28,,5\n2026-02-28,,6\n")
    assert (report.new, report.unchanged, report.quarantined) == (1, 1, {"duplicate_key": 1})


def test_keys_compared_in_parts_come_to_the_same(
    desk: Desk, payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(against, "_KEYS_COMPARED", 2)
    first = [(f"P{number}", "L1", "2026-02-01", "1") for number in range(9)]
    second = [(name, loan, day, "2" if name in ("P1", "P3", "P5", "P7") else "1") for name, loan, day, _ in first]
    desk.send("payments", payments(*first))
    report = desk.send("payments", payments(*second), "b.csv")
    assert (report.new, report.unchanged, report.quarantined) == (0, 5, {"duplicate_key": 4})
    assert [line for line, _, _ in desk.reasons()] == [3, 5, 7, 9]
