"""The behaviour of loans made into Arrow columns, from what the kernels answered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daihou.book.ledger.layout import NO_AMOUNT, NO_DAY
from daihou.monitoring.arrears.shapes import COUNTS, EMPTY
from daihou.monitoring.columns import nullable, ratio

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.columns import Fields
    from daihou.policies.repeated import RepeatedArrears

_SHARES: Final = ("early_share_12m", "on_time_share_12m", "paid_to_due_3m", "utilisation", "minimum_payer_share_12m")
_AMOUNTS: Final = ("due_amount_3m", "paid_amount_3m", "prepaid_amount")


def _kind(name: str) -> pa.DataType:
    if name in _SHARES:
        return pa.float64()
    if name in _AMOUNTS:
        return pa.int64()
    return pa.date32() if name == "first_due_on" else pa.bool_() if name == "repeated_arrears" else pa.int32()


SCHEMA: Final = pa.schema(
    [
        (name, _kind(name))
        for name in (
            "late_days_1m", "late_days_3m", "late_days_6m", "late_days_12m", "dpd_change_1m", "dpd_change_3m", "dpd_change_6m",
            "came_down_12m", "cleared_12m", "dues_12m", "early_share_12m", "on_time_share_12m", "part_paid_12m", "on_time_streak",
            "missed_streak", "longest_missed_streak_24m", "missed_months_24m", "missed_months_in_a_row_24m", "repeated_arrears",
            "months_since_missed", "months_since_over_30", "months_since_over_90", "months_since_paid", "due_amount_3m", "paid_amount_3m",
            "paid_to_due_3m", "prepaid_amount", "first_due_on", "first_payment_max_dpd", "utilisation", "minimum_payer_share_12m",
        )
    ]
)  # fmt: skip


def makers(shard: Shard, answers: Fields, repeated: RepeatedArrears) -> dict[str, Callable[[], Any]]:
    """What makes each column of SCHEMA for the answers of known loans."""

    def utilisation() -> pa.Array:
        agreed = shard.facts.versions.view(np.ndarray)
        version = answers["version"]
        limit = np.where(agreed["revolving"][version] == 1, agreed["principal"][version], 0)
        return ratio(answers["principal_outstanding"], limit, NO_AMOUNT)

    return {
        **{name: partial(_counted, answers, name) for name in _COUNTS},
        **{name: partial(_amount, answers, name) for name in _AMOUNTS},
        **{f"dpd_change_{months}m": partial(_change, answers, f"dpd_{months}m_ago") for months in (1, 3, 6)},
        "early_share_12m": lambda: ratio(answers["early_12m"], answers["dues_12m"], EMPTY),
        "on_time_share_12m": lambda: ratio(answers["on_time_12m"], answers["dues_12m"], EMPTY),
        "minimum_payer_share_12m": lambda: ratio(answers["minimum_paid_12m"], answers["bills_12m"], EMPTY),
        "paid_to_due_3m": lambda: ratio(answers["paid_amount_3m"], answers["due_amount_3m"], NO_AMOUNT),
        "utilisation": utilisation,
        "repeated_arrears": lambda: _repeated(answers, repeated),
        "first_due_on": lambda: nullable(answers["first_due_on"], NO_DAY, pa.int32()).view(pa.date32()),
    }


_COUNTS: Final = frozenset(SCHEMA.names) & set(COUNTS)


def _counted(answers: Fields, name: str) -> pa.Array:
    return nullable(answers[name], EMPTY, pa.int32())


def _amount(answers: Fields, name: str) -> pa.Array:
    return nullable(answers[name], NO_AMOUNT, pa.int64())


def _change(answers: Fields, ago: str) -> pa.Array:
    now, before = answers["dpd"], answers[ago]
    return pa.array(now - before, pa.int32(), mask=(now == EMPTY) | (before == EMPTY))


def _repeated(answers: Fields, repeated: RepeatedArrears) -> pa.Array:
    months, in_a_row = answers["missed_months_24m"], answers["missed_months_in_a_row_24m"]
    return pa.array((in_a_row >= repeated.in_a_row) | (months >= repeated.in_all), mask=months == EMPTY)
