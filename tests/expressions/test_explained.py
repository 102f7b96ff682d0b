"""The explanation of one row: what each part of a condition came to."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest

from daihou.expressions import Node, as_json, explain, parse
from expressions.cast import COLUMNS

ROW = {
    "dpd": 31,
    "max_dpd_12m": None,
    "overdue_amount": 520_050,
    "total_claim": 1_200_000,
    "annual_rate": Decimal("0.05000000"),
    "paid_share": 0.1,
    "rank": 2.0,
    "product": "sme",
    "next_due_on": dt.date(2026, 2, 28),
    "first_payment_missed": False,
}


def told(written: str) -> Node:
    return explain(parse(written, COLUMNS), ROW, amount_unit=100, base_unit=100)


def test_every_node_says_what_it_came_to() -> None:
    node = told("dpd >= 31 and overdue_amount < 45% * total_claim or max_dpd_12m > 90")
    assert (node.kind, node.value) == ("or", True)
    both, worst = node.parts
    assert (both.kind, both.value, both.text) == ("and", True, "dpd >= 31 and overdue_amount < 45% * total_claim")
    days, owed = both.parts
    assert [(part.kind, part.value) for part in days.parts] == [("column", Decimal(31)), ("value", Decimal(31))]
    assert days.parts[0].field is COLUMNS["dpd"]
    assert owed.value is True
    overdue, limit = owed.parts
    assert (overdue.text, overdue.value) == ("overdue_amount", Decimal("5200.50"))
    assert (limit.kind, limit.text, limit.value) == ("product", "45% * total_claim", Decimal("5400.00"))
    assert [part.value for part in limit.parts] == [Decimal("0.45"), Decimal("12000.00")]
    assert (worst.value, worst.parts[0].value) == (None, None)


@pytest.mark.parametrize(
    ("written", "holds"),
    [
        ("not dpd > 30", False),
        ("not max_dpd_12m > 30", None),
        ("max_dpd_12m > 30 and dpd > 31", False),
        ("max_dpd_12m > 30 and dpd >= 31", None),
        ("max_dpd_12m > 30 or dpd >= 31", True),
        ("max_dpd_12m in (1, 2)", None),
        ("max_dpd_12m between 1 and dpd", None),
        ("dpd between max_dpd_12m and 30", False),
        ("max_dpd_12m + dpd is null", True),
        ("first_payment_missed", False),
        ("product in ('sme', 'sole')", True),
        ("next_due_on between '2026-02-28' and '2026-03-01'", True),
        ("annual_rate * 3 = 15%", True),
        ("paid_share + 0.1 + 0.2 = 0.4", True),
        ("paid_share + 0.2 = 0.3", False),
        ("rank * overdue_amount = 10401", True),
        ("overdue_amount * 999999999999999999 > total_claim * 0.1", True),
    ],
)
def test_a_condition_holds_does_not_hold_or_is_unknown(written: str, holds: bool | None) -> None:
    assert told(written).value is holds


def test_a_calculation_in_floats_is_shown_in_units_of_the_currency() -> None:
    (product, _) = told("rank * overdue_amount > 1").parts
    assert product.value == 10401.0
    assert [part.value for part in product.parts] == [2.0, Decimal("5200.50")]


def test_the_tree_goes_into_json() -> None:
    node = told("next_due_on > '2026-01-31' and paid_share < 45% and not first_payment_missed and total_claim > 1")
    tree = json.loads(json.dumps(as_json(node)))
    due, paid, missed, claim = tree["parts"]
    assert due["parts"][0] == {
        "text": "next_due_on", "kind": "column", "value": "2026-02-28", "field": "next_due_on", "parts": [],
    }  # fmt: skip
    assert [part["value"] for part in paid["parts"]] == [0.1, "0.45"]
    assert (missed["kind"], missed["value"], missed["parts"][0]["value"]) == ("not", True, False)
    assert claim["parts"][0]["value"] == "12000"
    assert tree["value"] is True


def test_a_row_without_a_column_is_refused_by_its_name() -> None:
    with pytest.raises(KeyError, match="missed_12m"):
        told("missed_12m > 1")
