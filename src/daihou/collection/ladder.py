"""The ladder of collection: at which stage a loan stands on a day, of one loan and of whole columns.

A product goes by days past due, or by due dates left unpaid where the policy names it (`cycle_products`): unpaid since 31 January, a loan is 30 days past due
on 2 March and has missed two due dates. S is a stage of days alone. Both ways below read the policy alike, and a law holds that they agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.policies.collection import LADDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.policies.collection import Collection

OVERDUE: Final = "overdue"
WRITTEN_OFF: Final = "written_off"
CURRENT: Final = "current"
PRE_DUE: Final = "pre_due"
RANKS: Final[Mapping[str, int]] = {stage: place for place, stage in enumerate(LADDER)}
"""Place of each stage on the ladder; what a case is sorted by, and of several loans the greatest is the case's."""


def rank(stage: str) -> int:
    """Place of a stage on the ladder, from 0; KeyError for a code that is none."""
    return RANKS[stage]


def stage_of(
    policy: Collection, product: str | None, dpd: int | None, unpaid_due_dates: int | None, state: str, days_to_next_due: int | None,
    next_due: int | None, claim: int | None = None,
) -> str | None:  # fmt: skip
    """The stage of a loan; None where it is not to be worked.

    `dpd` in calendar days, `unpaid_due_dates` a count, None where it is not known (then days decide); `next_due` and `claim` in minor units:
    what falls due next, and of a loan written off what is claimed.
    """
    if state == WRITTEN_OFF:
        return WRITTEN_OFF if claim is not None and claim > 0 else None
    if state == OVERDUE and dpd is not None and dpd > 0:
        if product in policy.cycle_products and unpaid_due_dates is not None:
            return _reached(policy.by_cycles, max(unpaid_due_dates, 1))
        return _reached(policy.by_days, dpd)
    if state != CURRENT or days_to_next_due is None or next_due is None or next_due <= 0:
        return None
    return PRE_DUE if policy.days_before_due > 0 and 0 <= days_to_next_due <= policy.days_before_due else None


def stages(
    policy: Collection, *, product: str = "product", dpd: str = "dpd", unpaid_due_dates: str = "unpaid_due_dates", state: str = "state",
    days_to_next_due: str = "days_to_next_due", next_due: str = "next_due_amount", claim: str = "total_claim",
) -> pl.Expr:  # fmt: skip
    """The same over columns of these names: a text column, null where a loan is not to be worked."""
    cycles = pl.col(unpaid_due_dates)
    by_cycles = pl.col(product).cast(pl.String).is_in(list(policy.cycle_products)) & cycles.is_not_null()
    in_arrears = (pl.col(state) == OVERDUE) & (pl.col(dpd) > 0)
    before_due = (
        (pl.col(state) == CURRENT)
        & (pl.col(next_due) > 0)
        & pl.col(days_to_next_due).is_between(0, policy.days_before_due)
    )
    return (
        pl.when(pl.col(state) == WRITTEN_OFF)
        .then(pl.when(pl.col(claim) > 0).then(pl.lit(WRITTEN_OFF)))
        .when(in_arrears & by_cycles.fill_null(value=False))
        .then(_reached_in(policy.by_cycles, cycles.clip(lower_bound=1)))
        .when(in_arrears)
        .then(_reached_in(policy.by_days, pl.col(dpd)))
        .when(before_due & (policy.days_before_due > 0))
        .then(pl.lit(PRE_DUE))
    )


def ranks(stage: str = "stage") -> pl.Expr:
    """The place of each stage of a column on the ladder, as UInt8; null where there is none."""
    return pl.col(stage).replace_strict(RANKS, return_dtype=pl.UInt8, default=None)


def _reached(starts: Mapping[str, int], count: int) -> str:
    """The last stage that begins at or below a count of 1 or more; the policy begins its first one at 1."""
    return [stage for stage, start in starts.items() if start <= count][-1]


def _reached_in(starts: Mapping[str, int], count: pl.Expr) -> pl.Expr:
    found: pl.Expr = pl.lit(None, dtype=pl.String)
    for stage, start in starts.items():
        found = pl.when(count >= start).then(pl.lit(stage)).otherwise(found)
    return found
