"""The whole-column form: one answer a row, null where it is unknown, exact in stored units, and quick."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from daihou.expressions import column, parse
from expressions.cast import COLUMNS

LOANS = pl.DataFrame(
    {
        "loan_id": ["A", "B", "C", "D"],
        "product": ["sme", "auto", None, "sme"],
        "region": ["Ningbo", "sme", None, "Ningbo"],
        "currency": ["CNY", "JPY", "CNY", "KWD"],
        "dpd": [31, 90, None, 0],
        "max_dpd_12m": [31, 120, 5, 2_147_483_647],
        "overdue_amount": [5_200, 52, None, 52_000],
        "total_claim": [11_555, 115, 100, 9_223_372_036_854_775_807],
        "balance_base": [10_000_000, 250, None, -1],
        "annual_rate": [Decimal("0.05"), Decimal("0.125"), None, Decimal("9999999999.99999999")],
        "paid_share": [0.1, 0.45, None, 0.3],
        "rank": [0.1, 2.0, 1.0, 50.0],
        "next_due_on": [dt.date(2026, 2, 28), dt.date(2026, 3, 31), None, dt.date(2026, 1, 1)],
        "first_payment_missed": [True, False, None, False],
        "received_at": [dt.datetime(2026, 2, 28, tzinfo=dt.UTC), None, None, dt.datetime(2026, 1, 1, tzinfo=dt.UTC)],
    },
    schema_overrides={
        "product": pl.Enum(["sole", "sme", "auto"]), "region": pl.Categorical(), "dpd": pl.Int32(), "max_dpd_12m": pl.Int32(),
        "annual_rate": pl.Decimal(18, 8),
    },
)  # fmt: skip
MINOR = pl.col("currency").replace_strict({"CNY": 100, "JPY": 1, "KWD": 1000}, return_dtype=pl.Int32)
"""Loan A owes 52.00 in CNY, B 52 in JPY, D 52.000 in KWD."""


def found(written: str) -> tuple[str, str]:
    """The loans for which a condition holds, and those for which it is unknown."""
    holds = column(parse(written, COLUMNS), amount_unit=MINOR, base_unit=100)
    answered = LOANS.select("loan_id", holds.alias("holds"))
    assert answered.schema["holds"] == pl.Boolean()
    return "".join(answered.filter("holds")["loan_id"]), "".join(answered.filter(pl.col("holds").is_null())["loan_id"])


@pytest.mark.parametrize(
    ("written", "true", "unknown"),
    [
        ("dpd >= 31", "AB", "C"),
        ("not dpd >= 31", "D", "C"),
        ("dpd > 30.5 and dpd <= 89.9", "A", "C"),
        ("dpd = 31.5", "", "C"),
        ("dpd != 31.5", "ABD", "C"),
        ("dpd * -2 < -61.5", "AB", "C"),
        ("dpd > 99999999999", "", "C"),
        ("dpd < 999999999999999999 + 999999999999999999", "ABD", "C"),
        ("max_dpd_12m + max_dpd_12m > 4294967293", "D", ""),
        ("dpd = max_dpd_12m", "A", "C"),
        ("dpd - dpd = 0", "ABD", "C"),
        ("dpd in (0, 31, 1.5)", "AD", "C"),
        ("dpd between 0 and 31", "AD", "C"),
        ("dpd is null or dpd > 31", "BC", ""),
        ("dpd + max_dpd_12m is null", "C", ""),
        ("overdue_amount = 52", "ABD", "C"),
        ("overdue_amount > 51.999", "ABD", "C"),
        ("overdue_amount in (1, 52)", "ABD", "C"),
        ("overdue_amount between 52 and 52.001", "ABD", "C"),
        ("overdue_amount < 45% * total_claim", "D", "C"),
        ("overdue_amount >= 45% * total_claim", "AB", "C"),
        ("overdue_amount + 1 > 52.999", "ABD", "C"),
        ("total_claim * 999999999999999999 > overdue_amount", "ABD", "C"),
        ("balance_base = 100000 or balance_base < 0", "AD", "C"),
        ("annual_rate = 5%", "A", "C"),
        ("annual_rate in (0.05, 12.5%)", "AB", "C"),
        ("annual_rate + annual_rate > 19999999999.99", "D", "C"),
        ("annual_rate * 3 = 15%", "A", "C"),
        ("annual_rate > 0.049999999999", "ABD", "C"),
        ("paid_share >= 45%", "B", "C"),
        ("paid_share + 0.1 + 0.2 > 0.4", "BD", "C"),
        ("0.1 + 0.2 + paid_share > 0.4", "BD", "C"),
        ("rank * overdue_amount > 5.2", "BD", "C"),
        ("product = 'sme'", "AD", "C"),
        ("product in ('sole', 'sme')", "AD", "C"),
        ("product != 'sole'", "ABD", "C"),
        ("region = 'nowhere'", "", "C"),
        ("product = region", "", "C"),
        ("loan_id > 'B' and loan_id <= 'D'", "CD", ""),
        ("next_due_on < '2026-03-01'", "AD", "C"),
        ("next_due_on in ('2026-03-31')", "B", "C"),
        ("received_at >= '2026-02-28T08:00:00+08:00'", "A", "BC"),
        ("first_payment_missed", "A", "C"),
        ("first_payment_missed = false", "BD", "C"),
        ("first_payment_missed or dpd > 31", "AB", "C"),
        ("first_payment_missed and dpd > 31", "", "C"),
        ("dpd > 31 or total_claim > 0", "ABCD", ""),
        ("dpd > 31 and total_claim < 0", "", ""),
    ],
)
def test_a_row_is_true_false_or_unknown(written: str, true: str, unknown: str) -> None:
    assert found(written) == (true, unknown)


def test_a_deep_and_a_wide_condition_are_run() -> None:
    assert found("not (" * 98 + "dpd = 31 or dpd = 90" + ")" * 98) == ("AB", "C")
    assert found(" or ".join(["dpd = 31"] * 300)) == ("A", "C")
    assert found("dpd > 0 and (dpd = 90 or (" * 49 + "dpd = 31" + "))" * 49) == ("AB", "C")


def test_a_column_against_a_value_is_compared_as_it_is_stored() -> None:
    plain = column(parse("overdue_amount * 2 > 1000.01 and annual_rate > 5%", COLUMNS), amount_unit=100)
    written = str(plain)
    assert "overdue_amount" in written
    assert "cast" not in written.lower()


def test_many_conditions_are_answered_at_once_as_one_by_one() -> None:
    conditions = [parse(f"dpd > {day} and overdue_amount < {day}% * total_claim", COLUMNS) for day in range(50)]
    forms = [column(one, amount_unit=MINOR, base_unit=100).alias(str(place)) for place, one in enumerate(conditions)]
    together = LOANS.select(forms)
    for place, form in enumerate(forms):
        assert together[str(place)].equals(LOANS.select(form)[str(place)])
    assert together["46"].to_list() == [False, True, None, False]
