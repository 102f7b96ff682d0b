"""The SQL form: what is written is bound, amounts are met in their stored units, and DuckDB calculates without overflow."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from daihou.expressions import parse, sql
from expressions.cast import COLUMNS

OVERDUE, CLAIM = (f'CAST("{name}" AS HUGEINT) * CAST(? AS HUGEINT)' for name in ("overdue_amount", "total_claim"))
MINOR = "CASE \"currency\" WHEN 'JPY' THEN 1 ELSE 100 END"


@pytest.fixture
def db() -> duckdb.DuckDBPyConnection:
    """Three loans, amounts in minor units: 52.00 in CNY, 52 in JPY, and one without data."""
    db = duckdb.connect()
    db.execute(
        "CREATE TABLE loans (loan_id TEXT, product ENUM ('sme', 'auto'), currency TEXT, dpd INTEGER, overdue_amount BIGINT, "
        "balance_base BIGINT, annual_rate DECIMAL(18, 8), paid_share DOUBLE, next_due_on DATE, first_payment_missed BOOLEAN, received_at TIMESTAMPTZ)"
    )
    db.execute(
        "INSERT INTO loans VALUES ('A', 'sme', 'CNY', 31, 5200, 10000000, 0.05, 0.3, '2026-02-28', true, '2026-02-28 00:00:00+00'),"
        "('B', 'auto', 'JPY', 90, 52, 250, 0.125, 0.45, '2026-03-31', false, '2026-03-31 00:00:00+00'),"
        "('C', NULL, 'CNY', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    return db


def found(db: duckdb.DuckDBPyConnection, written: str, **units: Any) -> str:
    condition, parameters = sql(parse(written, COLUMNS), **units)
    rows = db.execute(f"SELECT loan_id FROM loans WHERE {condition} ORDER BY 1", parameters).fetchall()
    return "".join(row[0] for row in rows)


@pytest.mark.parametrize(
    ("written", "condition", "parameters"),
    [
        ("dpd >= 31 and product in ('sme', 'sole')", '(("dpd" >= ?) AND ("product" IN (?, ?)))', [31, "sme", "sole"]),
        ("not dpd != 1.5", '(NOT ("dpd" <> ?))', [Decimal("1.5")]),
        ("overdue_amount >= 100000.5", '("overdue_amount" >= ?)', [10000050]),
        ("overdue_amount > 0.005", '("overdue_amount" > ?)', [Decimal("0.5")]),
        ("overdue_amount > 1000 * 2 + 1", '("overdue_amount" > ?)', [200100]),
        ("balance_base in (1, 2)", '("balance_base" IN (?, ?))', [1000, 2000]),
        (
            "overdue_amount * 1.5 + 1 > total_claim",
            f"({OVERDUE} + {CLAIM} > CAST(? AS HUGEINT))",
            [3, -2, -200],
        ),
        (
            "-(overdue_amount + 1) * 2 > 3",
            f"({OVERDUE} > CAST(? AS HUGEINT))",
            [-2, 500],
        ),
        (
            "next_due_on between '2026-01-01' and matures_on",
            '("next_due_on" BETWEEN ? AND "matures_on")',
            [dt.date(2026, 1, 1)],
        ),
        (
            "overdue_amount < 45% * total_claim and paid_share >= 45%",
            f'(({OVERDUE} + {CLAIM} < CAST(? AS HUGEINT)) AND ("paid_share" >= ?))',
            [20, -9, 0, 0.45],
        ),
        ("overdue_amount + total_claim is null", '("overdue_amount" IS NULL OR "total_claim" IS NULL)', []),
        ("dpd is not null or first_payment_missed", '((NOT ("dpd" IS NULL)) OR "first_payment_missed")', []),
        ("on_balance = true and note = '''; --'", '(("on_balance" = ?) AND ("note" = ?))', [True, "'; --"]),
    ],
)
def test_every_value_is_bound(written: str, condition: str, parameters: list[Any]) -> None:
    text, values = sql(parse(written, COLUMNS), amount_unit=100, base_unit="1000")
    assert (text, values) == (condition, parameters)
    assert [type(value) for value in values] == [type(parameter) for parameter in parameters]


def test_a_unit_that_differs_by_row_is_multiplied_exactly() -> None:
    condition, parameters = sql(parse("overdue_amount >= 0.5 and balance_base > 1", COLUMNS), amount_unit=MINOR)
    assert condition == (f'(({OVERDUE} >= CAST(? AS HUGEINT) * ({MINOR})) AND ("balance_base" > ?))')
    assert parameters == [2, 1, 1]


@pytest.mark.parametrize(
    ("written", "loans"),
    [
        ("overdue_amount = 52", "AB"),
        ("overdue_amount > 51.99", "AB"),
        ("overdue_amount between 52 and 52.001", "AB"),
        ("overdue_amount in (1, 52)", "AB"),
        ("overdue_amount + 1 > 52.5", "AB"),
        ("overdue_amount * 1.1 > 57", "AB"),
        ("overdue_amount < 999999999999999999", "AB"),
        ("balance_base = 100000", "A"),
        ("overdue_amount != 52", ""),
        ("not overdue_amount = 52 or dpd is null", "C"),
        ("dpd * 999999999999999999 > 0", "AB"),
        ("dpd + 999999999999999999 > 0 and dpd + 2147483647 > 0", "AB"),
        ("dpd > 2147483648 or dpd < -99999999999", ""),
        ("overdue_amount * 99999999999999999 > 0", "AB"),
        ("overdue_amount * 0.00000000000000001 > 0", "AB"),
        ("annual_rate = 0.05 or annual_rate * 2 = 0.25", "AB"),
        ("annual_rate > 1", ""),
        ("annual_rate = 5% or annual_rate * 2 - 5% = 20%", "AB"),
        ("annual_rate * 1.00000001 > 0.05 and annual_rate * 1.00000001 < 0.0500000006", "A"),
        ("paid_share = 45%", "B"),
        ("paid_share + 10% > 50%", "B"),
        ("overdue_amount > 10% * overdue_amount", "AB"),
        ("overdue_amount * 999999999999999999 > overdue_amount * 0.1", "AB"),
        ("product = 'sme'", "A"),
        ("product in ('sole', 'auto')", "B"),
        ("not product in ('sme')", "B"),
        ("next_due_on < '2026-03-01'", "A"),
        ("received_at >= '2026-02-28T08:00:01+08:00'", "B"),
        ("not first_payment_missed", "B"),
        ("first_payment_missed or dpd is null", "AC"),
    ],
)
def test_duckdb_answers_in_units_of_the_currency(db: duckdb.DuckDBPyConnection, written: str, loans: str) -> None:
    assert found(db, written, amount_unit=MINOR, base_unit=100) == loans


def test_a_deep_condition_is_run(db: duckdb.DuckDBPyConnection) -> None:
    assert found(db, "not (" * 98 + "dpd = 31 or dpd = 90" + ")" * 98) == "AB"
    assert found(db, " or ".join(["dpd = 31"] * 300)) == "A"


def test_a_column_is_quoted_whatever_it_is_called() -> None:
    assert sql(parse("逾期原因 = 'x'", COLUMNS))[0] == '("逾期原因" = ?)'
