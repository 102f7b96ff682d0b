"""Loans of which a letter is due: that mature soon, or are overdue, and of which none was made lately. From the newest run, within reach."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.desk.letters.choices import Kind, State
from daihou.desk.letters.models import Letter
from daihou.desk.letters.policy import policy
from daihou.desk.portfolio import reading

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment

COLUMNS: Final = (
    "loan_id, borrower_id, org_id, officer_id, product, currency, dpd, disbursed_on, matures_on, overdue_amount, charges_accrued, total_claim, "
    "principal_outstanding, state, accelerated_on"
)


OWING: Final = "(state = 'overdue' OR (state = 'written_off' AND total_claim > 0))"
"""The condition on a loan's row that something of it is past due and still claimed."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """A page of loans, and how many there are in all."""

    rows: list[dict[str, Any]]
    count: int


def candidates(kind: str, moment: Moment, reach: Reach, first: int, most: int) -> Candidates:
    """Loans of which a letter of a kind is due, the most pressing first."""
    condition, values = due(kind, moment)
    within, more = reading.within(reach, ())
    source = reading.snapshots(moment).sql
    asked = [*values, *more, _lately(kind, moment.as_of)]
    where = f"{condition} AND {within} AND loan_id NOT IN (SELECT unnest(?::VARCHAR[]))"
    order = "matures_on, loan_id" if kind == Kind.MATURITY else "dpd DESC NULLS LAST, loan_id"
    (counted,) = reading.rows(f"SELECT count(*) AS n FROM {source} WHERE {where}", asked)
    rows = reading.rows(
        f"SELECT {COLUMNS} FROM {source} WHERE {where} ORDER BY {order} LIMIT {most:d} OFFSET {first:d}", asked
    )
    return Candidates(rows, int(counted["n"]))


def loans(loan_ids: Sequence[str], kind: str, moment: Moment, reach: Reach) -> list[dict[str, Any]]:
    """The rows of some loans within reach of which a letter of that kind makes sense, made lately or not; in order of their numbers."""
    condition, values = due(kind, moment)
    within, more = reading.within(reach, ())
    return reading.rows(
        f"SELECT {COLUMNS} FROM {reading.snapshots(moment).sql} WHERE {condition} AND {within} AND loan_id IN (SELECT unnest(?::VARCHAR[])) ORDER BY loan_id",
        [*values, *more, list(loan_ids)],
    )


def due(kind: str, moment: Moment) -> tuple[str, list[Any]]:
    """The condition on a loan's row, with its parameters."""
    if kind == Kind.MATURITY:
        until = moment.as_of + dt.timedelta(days=policy(moment.as_of).maturing_days)
        return "state IN ('current', 'overdue') AND matures_on > ? AND matures_on <= ? AND principal_outstanding > 0", [
            moment.as_of,
            until,
        ]
    return OWING, []


def _lately(kind: str, as_of: dt.date) -> list[str]:
    """Loans of which a letter of the kind was made lately: nobody is asked for another yet."""
    held = policy(as_of)
    days = held.maturing_days if kind == Kind.MATURITY else held.again_days
    made = Letter.objects.filter(kind=kind, as_of__gt=as_of - dt.timedelta(days=days)).exclude(state=State.WITHDRAWN)
    return list(made.values_list("loan_id", flat=True).distinct())
