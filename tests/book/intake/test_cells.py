"""Single cells: what each type takes, and why it refuses the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from book.conftest import Desk

LOAN = {
    "loan_id": "L1",
    "borrower_id": "B1",
    "product": "P1",
    "principal": "1000",
    "disbursed_on": "2026-01-01",
    "matures_on": "2027-01-01",
}
PAYMENT = {"payment_id": "P1", "loan_id": "L1", "paid_on": "2026-02-01", "amount": "100"}


def one(desk: Desk, table: str, row: dict[str, str]) -> list[tuple[int, str, str]]:
    desk.send(table, ",".join(row) + "\n" + ",".join(f'"{cell}"' for cell in row.values()) + "\n")
    return desk.reasons()


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("loan_id", "", "missing_value"),
        ("loan_id", "x" * 201, "bad_id"),
        ("loan_id", "L\t1", "bad_id"),
        ("loan_id", "6.22E+18", "rounded_id"),
        ("purpose", "x" * 10_001, "too_long"),
        ("principal", "0", "not_positive"),
        ("principal", "-1", "negative"),
        ("principal", "1,000", "not_a_number"),
        ("principal", "1e3", "not_a_number"),
        ("principal", "NaN", "not_a_number"),
        ("principal", "1.005", "too_many_decimals"),
        ("principal", "1.00005", "too_many_decimals"),
        ("principal", "100000000000000", "number_out_of_range"),
        ("disbursed_on", "01/02/2026", "bad_date"),
        ("disbursed_on", "2026-02-29", "bad_date"),
        ("disbursed_on", "1900-02-29", "bad_date"),
        ("disbursed_on", "1899-12-31", "date_out_of_range"),
        ("matures_on", "9999-12-31", "date_out_of_range"),
        ("matures_on", "2200-01-01", "date_out_of_range"),
        ("matures_on", "2025-12-31", "dates_reversed"),
        ("matures_on", "", "missing_value"),
        ("currency", "RMB", "unknown_currency"),
        ("currency", "cny", "unknown_currency"),
        ("own_share", "1.01", "not_a_ratio"),
        ("own_share", "-0.1", "not_a_ratio"),
        ("own_share", "50%", "not_a_number"),
        ("on_balance", "maybe", "not_boolean"),
        ("repayment_method", "weekly", "unknown_code"),
        ("asset_class", "Big Loans", "unknown_code"),
        ("grace_days", "3.5", "not_whole"),
        ("grace_days", "-3", "negative"),
        ("closed_on", "2025-06-01", "dates_reversed"),
        ("annual_rate", "0.123456789", "too_many_decimals"),
    ],
)
def test_a_cell_that_does_not_fit_is_quarantined_with_its_reason(
    desk: Desk, column: str, value: str, reason: str
) -> None:
    assert one(desk, "loans", LOAN | {column: value}) == [(2, column, reason)]
    assert desk.rows("loans", "loan_id") == []
    assert desk.rows("quarantine", "value") == [value or None]


@pytest.mark.parametrize(
    ("column", "value", "stored"),
    [
        ("principal", "1000.50", Decimal("1000.5")),
        ("principal", "+.5", Decimal("0.5")),
        ("principal", "99999999999999.99", Decimal("99999999999999.99")),
        ("principal", " 7.10000000 ", Decimal("7.1")),
        ("disbursed_on", "1900-01-01", date(1900, 1, 1)),
        ("disbursed_on", "2024-02-29", date(2024, 2, 29)),
        ("disbursed_on", "2026-01-01 00:00:00", date(2026, 1, 1)),
        ("disbursed_on", "2026-01-01T00:00:00.000Z", date(2026, 1, 1)),
        ("matures_on", "2100-02-28", date(2100, 2, 28)),
        ("matures_on", "2199-12-31", date(2199, 12, 31)),
        ("own_share", "", Decimal(1)),
        ("own_share", "0.3", Decimal("0.3")),
        ("currency", "", "CNY"),
        ("on_balance", "", True),
        ("on_balance", "否", False),
        ("on_balance", "0", False),
        ("grace_days", "3.0", 3),
        ("purpose", "买车, “新”", "买车, “新”"),
        ("annual_rate", "0.0435", Decimal("0.0435")),
        ("asset_class", "leasing", "leasing"),
    ],
)
def test_a_cell_that_fits_is_stored_as_its_type(desk: Desk, column: str, value: str, stored: object) -> None:
    assert one(desk, "loans", LOAN | {column: value}) == []
    assert desk.rows("loans", column) == [stored]


def test_codes_and_rates_that_look_odd_are_warned_of(desk: Desk) -> None:
    row = LOAN | {"asset_class": "leasing", "annual_rate": "4.35"}
    report = desk.send("loans", ",".join(row) + "\n" + ",".join(row.values()) + "\n")
    assert report.new == 1
    assert any("asset_class=leasing" in warning for warning in report.warnings)
    assert any("per cents" in warning for warning in report.warnings)


def test_a_revolving_loan_needs_no_maturity_and_no_principal(desk: Desk) -> None:
    row = LOAN | {"matures_on": "", "principal": "0", "repayment_method": "revolving"}
    assert one(desk, "loans", row) == []


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("2026-03-14T09:30:00+08:00", datetime(2026, 3, 14, 1, 30, tzinfo=UTC)),
        ("2026-03-14 09:30Z", datetime(2026, 3, 14, 9, 30, tzinfo=UTC)),
        ("2026-03-14T09:30:00.250-0500", datetime(2026, 3, 14, 14, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-03-14T09:30:00", "no_zone"),
        ("2026-03-14", "no_zone"),
        ("yesterday", "bad_timestamp"),
        ("1850-01-01T00:00:00Z", "date_out_of_range"),
    ],
)
def test_times_need_a_zone(desk: Desk, value: str, stored: object) -> None:
    found = one(desk, "transactions", {"txn_id": "T", "account_id": "A", "booked_at": value, "amount": "-1"})
    if isinstance(stored, str):
        assert found == [(2, "booked_at", stored)]
    else:
        assert desk.rows("transactions", "booked_at") == [stored]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"amount": "0"}, [(2, "amount", "not_positive")]),
        ({"amount": "-5"}, [(2, "amount", "not_positive")]),
        ({"principal": "90", "interest": "10"}, []),
        ({"principal": "90", "interest": "9.99", "fee": "0.01"}, []),
        ({"principal": "90", "interest": "9.99"}, [(2, "amount", "parts_do_not_sum")]),
        ({"penalty": "0"}, [(2, "amount", "parts_do_not_sum")]),
        ({"reverses": "P1"}, [(2, "reverses", "reverses_itself")]),
    ],
)
def test_a_payment_holds_together(desk: Desk, changes: dict[str, str], found: list[tuple[int, str, str]]) -> None:
    assert one(desk, "payments", PAYMENT | changes) == found


def test_a_bad_row_can_be_corrected_and_sent_again(desk: Desk) -> None:
    import json

    one(desk, "payments", PAYMENT | {"paid_on": "soon", "note": "x"})
    raw = json.loads(desk.rows("quarantine", "raw")[0])
    assert raw == PAYMENT | {"paid_on": "soon", "note": "x"}
    report = desk.send("payments", json.dumps(raw | {"paid_on": "2026-02-01"}) + "\n", "again.jsonl")
    assert report.new == 1


def test_each_reason_speaks_both_languages(desk: Desk) -> None:
    one(desk, "payments", PAYMENT | {"paid_on": "soon"})
    ((english, chinese),) = desk.rows("quarantine", "message_en", "message_zh")
    assert english.startswith("paid_on is no date")
    assert chinese.startswith("paid_on 不是")
