"""Texts that can be kept as they were sent are recognised; half a character is not, wherever it stands."""

from __future__ import annotations

import json

import pytest

from daihou.book import contracts
from daihou.book.intake.plainly import plainly

ROW = {
    "payment_id": "P1",
    "loan_id": "L1",
    "paid_on": "2026-02-01",
    "amount": "1.00",
    "reverses": "P0",
    "purpose": "scheduled",
}
HALVES = [json.loads(f'"{one}"') for one in ("\\ud800", "\\udfff", "a\\ud800b", "\\udc00\\ud800")]
WHOLE = json.loads('"\\ud83d\\ude00"')


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("column", list(ROW))
def test_half_a_character_is_not_plainly_good(half: str, column: str) -> None:
    payments = contracts.table("payments")
    assert plainly(payments, ROW) is not None
    assert plainly(payments, ROW | {column: half}) is None
    assert plainly(payments, ROW | {column: f"{ROW[column]}{half}"}) is None


def test_half_a_character_is_no_plain_text_and_a_whole_one_is() -> None:
    contacts = contracts.table("contacts")
    row = {"subject_id": "B1", "kind": "call_conversation", "happened_at": "2026-02-01T10:00:00+08:00"}
    assert plainly(contacts, row | {"value": f"seen {WHOLE}"}) is not None
    for half in HALVES:
        assert plainly(contacts, row | {"value": f"seen {half}"}) is None
