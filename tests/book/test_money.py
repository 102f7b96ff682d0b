from __future__ import annotations

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from daihou.book import money


@pytest.mark.parametrize(("currency", "decimals"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("USD", 2), ("VND", 0)])
def test_each_currency_has_its_own_decimals(currency: str, decimals: int) -> None:
    assert money.exponent(currency) == decimals


def test_no_currency_has_more_decimals_than_the_lake_keeps() -> None:
    assert max(money.currencies().values()) <= money.SCALE


def test_an_unknown_currency_is_not_guessed() -> None:
    with pytest.raises(KeyError):
        money.exponent("RMB")


def test_amounts_become_minor_units_and_back() -> None:
    assert money.minor(Decimal("1234.5"), "CNY") == 123450
    assert money.minor(Decimal(1234), "JPY") == 1234
    assert money.major(123450, "CNY") == Decimal("1234.50")
    assert money.text(-123450, "KWD") == "-123.450"


def test_a_unit_has_as_many_minor_units_as_its_currency_says() -> None:
    assert [money.unit(code) for code in ("CNY", "JPY", "KWD")] == [100, 1, 1000]


def test_nothing_is_rounded() -> None:
    with pytest.raises(ValueError, match="decimals"):
        money.minor(Decimal("0.005"), "CNY")
    with pytest.raises(ValueError, match="decimals"):
        money.to_minor(np.array([50], np.int64), 2)


def test_columns_become_minor_units_without_objects() -> None:
    amounts = [Decimal("1.5"), None, Decimal("-99999999999999.9999")]
    column = pa.chunked_array(
        [pa.array(amounts[:2], pa.decimal128(18, 4)), pa.array(amounts[2:], pa.decimal128(18, 4))]
    )
    assert money.scaled(column).tolist() == [15000, 0, -999999999999999999]
    assert money.scaled(column.slice(1)).tolist() == [0, -999999999999999999]
    assert money.to_minor(np.array([15000, -200], np.int64), 2).tolist() == [150, -2]
