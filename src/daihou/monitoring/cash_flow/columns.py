"""The cash flow of borrowers made into Arrow columns, from what the kernel answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daihou.book.flows.layout import NO_AMOUNT
from daihou.book.ledger.layout import NO_DAY
from daihou.monitoring.cash_flow.family import CASH_FLOW
from daihou.monitoring.columns import nullable, ratio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daihou.monitoring.catalogue import Unit

    Answers = np.ndarray[Any, Any]

_KINDS: Final[dict[Unit, pa.DataType]] = {
    "count": pa.int32(), "days": pa.int32(), "base_amount": pa.int64(), "share": pa.float64(),
}  # fmt: skip
SCHEMA: Final = pa.schema([(measure.name, _KINDS[measure.unit]) for measure in CASH_FLOW.measures])
"""Amounts are minor units of the home's base currency."""

_SHARES: Final = {
    "balance_volatility_3m": ("balance_spread_3m", "balance_sum_3m"),
    "inflow_volatility_6m": ("inflow_spread_6m", "inflow_6m"),
    "top_payer_share_6m": ("payer_top", "payer_known"),
    "gambling_share_3m": ("gambling", "outflow_3m"),
    "cash_share_3m": ("cash", "outflow_3m"),
    "essential_share_3m": ("essential", "outflow_3m"),
    "discretionary_share_3m": ("discretionary", "outflow_3m"),
    "debt_service_share_3m": ("lender_repayments_3m", "inflow_3m"),
}
"""By measure, part and whole."""


def columns(answers: Answers, as_of: int, names: Sequence[str]) -> pa.Table:
    """Columns of SCHEMA for answers of borrowers with accounts; `as_of` is the date as a count of days."""
    kept = answers.view(np.ndarray)  # records cost ten times as much to take a field of
    made: dict[str, Callable[[], pa.Array]] = {
        "days_since_flow": lambda: _since(kept["last_flow_on"], as_of),
        "days_since_salary": lambda: _since(kept["last_salary_on"], as_of),
        "net_flow_3m": lambda: pa.array(kept["inflow_3m"] - kept["outflow_3m"]),
        "collections_avg_90d": lambda: pa.array(
            (kept["collections_90d"] + 1) // 3
        ),  # to the nearest: a third is never half
        "salary_change_3m": lambda: _change(kept["salary_3m"], kept["salary_before"]),
        "account_balance": lambda: nullable(kept["balance"], NO_AMOUNT, pa.int64()),
        "account_balance_avg_30d": lambda: _average(kept["balance_sum_30d"], kept["balance_days_30d"]),
        "account_balance_min_30d": lambda: nullable(kept["balance_min_30d"], NO_AMOUNT, pa.int64()),
        "account_balance_change_3m": lambda: _change(kept["balance"], kept["balance_before"]),
        "days_below_zero_3m": lambda: pa.array(kept["days_below_zero_3m"], mask=kept["balance_days_3m"] == 0),
        "gambling_outflow_3m": lambda: pa.array(np.ascontiguousarray(kept["gambling"])),
    }

    def column(name: str) -> pa.Array:
        if name in _SHARES:
            part, whole = _SHARES[name]
            return ratio(kept[part], kept[whole], NO_AMOUNT)
        return made[name]() if name in made else pa.array(np.ascontiguousarray(kept[name]))

    return pa.table([column(name) for name in names], schema=pa.schema([SCHEMA.field(name) for name in names]))


def _since(days: Answers, as_of: int) -> pa.Array:
    """Days since a day; null where there is none."""
    return pa.array((as_of - days.astype(np.int64)).astype(np.int32), mask=days == NO_DAY)


def _change(now: Answers, before: Answers) -> pa.Array:
    """By which share a sum changed; null where either is not known, or it was not above 0."""
    missing = (now == NO_AMOUNT) | (before == NO_AMOUNT)
    return ratio(np.where(missing, NO_AMOUNT, now - before), before, NO_AMOUNT)


def _average(total: Answers, count: Answers) -> pa.Array:
    """The average to the nearest unit, halves up; null of nothing."""
    days = np.maximum(count, 1).astype(np.int64)
    return pa.array((2 * total + days) // (2 * days), mask=count == 0)
