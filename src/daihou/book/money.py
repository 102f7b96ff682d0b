"""Money by currency: decimals of each currency, minor units and back, plain formatting. Never a float."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any, Final

import numpy as np
import pyarrow as pa
from babel.core import get_global

SCALE: Final = 4
"""Decimals kept in the lake: the most any currency uses."""


@cache
def currencies() -> dict[str, int]:
    """Return the decimals of every ISO 4217 currency (CNY 2, JPY 0, KWD 3), historic ones included."""
    fractions = get_global("currency_fractions")
    usual = fractions["DEFAULT"][0]
    in_use = {code for tenders in get_global("territory_currencies").values() for code, *_ in tenders}
    return {code: int(fractions.get(code, (usual,))[0]) for code in sorted(in_use | (set(fractions) - {"DEFAULT"}))}


def exponent(currency: str) -> int:
    """Return how many decimals a currency has; KeyError for an unknown one."""
    return currencies()[currency]


def unit(currency: str) -> int:
    """Return how many minor units make one unit of a currency: 100 fen a yuan, 1 of yen; KeyError for an unknown one."""
    return int(10 ** exponent(currency))


def minor(amount: Decimal, currency: str) -> int:
    """Return an amount in minor units; ValueError where it has more decimals than its currency (never rounded)."""
    scaled = amount.scaleb(exponent(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency} has")
    return int(scaled)


def major(units: int, currency: str) -> Decimal:
    """Return minor units as an amount in currency units with the currency's decimals."""
    return Decimal(int(units)).scaleb(-exponent(currency))


def text(units: int, currency: str) -> str:
    """Return minor units as plain text, 1,234.50 say, without the currency."""
    return f"{major(units, currency):,.{exponent(currency)}f}"


def scaled(column: pa.Array | pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return a decimal128(18,4) column as ten-thousandths in int64, empty cells as 0."""
    if isinstance(column, pa.ChunkedArray):
        parts = [scaled(chunk) for chunk in column.chunks]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)
    if column.null_count:
        column = column.fill_null(Decimal(0))
    words = np.frombuffer(column.buffers()[1], dtype=np.int64)
    return np.ascontiguousarray(words[2 * column.offset : 2 * (column.offset + len(column)) : 2])


def to_minor(
    ten_thousandths: np.ndarray[Any, np.dtype[np.int64]], decimals: int
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return ten-thousandths as minor units of a currency with so many decimals; ValueError where one does not fit."""
    step = 10 ** (SCALE - decimals)
    units, rest = np.divmod(ten_thousandths, step)
    if rest.any():
        raise ValueError(f"an amount has more than {decimals} decimals")
    return units
