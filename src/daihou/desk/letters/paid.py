"""Days on which the debtor paid, which begins limitation anew: of the payments of the lake those that are the debtor's own, and were not taken back."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.conf import settings

from daihou.desk.portfolio import facts, reading

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from daihou.book.home import Home
    from daihou.desk.portfolio.moments import Moment
    from daihou.policies.limitation import Payments

Days = dict[str, tuple["dt.date", ...]]
"""By loan, in order."""


def paid(due: Mapping[str, dt.date], known_on: dt.date, rule: Payments) -> Days:
    """The days after the due day of each loan on which the debtor paid on it.

    A row that reverses voids the payment; a refund names none, and takes back what came last before it: what is taken back whole does not count.
    """
    source = facts.versions("payments")
    if not source or not due:
        return {}
    rows = reading.rows(
        f"""
        WITH asked AS (SELECT unnest(?::VARCHAR[]) AS loan_id, unnest(?::DATE[]) AS due_on),
             known AS (
                 SELECT payment_id, loan_id, paid_on, amount, coalesce(purpose::VARCHAR, 'scheduled') AS purpose, coalesce(payer_kind::VARCHAR, '') AS payer, reverses
                 FROM {source} SEMI JOIN asked USING (loan_id) WHERE known_on <= ?
                 QUALIFY row_number() OVER (PARTITION BY payment_id ORDER BY known_on DESC, batch DESC, "row" DESC) = 1
             )
        SELECT loan_id, paid_on, amount, purpose, payer FROM known JOIN asked USING (loan_id)
        WHERE paid_on > due_on AND reverses IS NULL AND payment_id NOT IN (SELECT reverses FROM known WHERE reverses IS NOT NULL)
        ORDER BY loan_id, paid_on, purpose = 'refund', payment_id
        """,
        [list(due), list(due.values()), known_on],
    )
    return {
        loan_id: days
        for loan_id, of_one in groupby(rows, key=lambda row: str(row["loan_id"]))
        if (days := _kept(of_one, rule))
    }


def of_old(moment: Moment, due_before: dt.date, condition: str, rule: Payments) -> Days:
    """The same of all the lender's loans that meet a condition on the newest run and were due by a day; read once a run and day."""
    return _of_old(settings.HOME, moment, due_before, condition, rule)


@lru_cache(maxsize=4)
def _of_old(home: Home, moment: Moment, due_before: dt.date, condition: str, rule: Payments) -> Days:  # noqa: ARG001 - the home is part of the cache's key
    rows = reading.rows(
        f"SELECT loan_id, least(matures_on, accelerated_on) AS due_on FROM {reading.snapshots(moment).sql} WHERE {condition} AND due_on <= ?", [due_before]
    )  # fmt: skip
    return paid({row["loan_id"]: row["due_on"] for row in rows}, moment.known_on, rule)


def _kept(rows: Iterable[dict[str, Any]], rule: Payments) -> tuple[dt.date, ...]:
    """The days of one loan's own payments of which something is left."""
    left: list[list[Any]] = []
    for row in rows:
        if row["purpose"] != "refund":
            left.append(
                [row["amount"], row["paid_on"], row["purpose"] in rule.purposes and row["payer"] in rule.payers]
            )
            continue
        back = row["amount"]
        while back > 0 and left:
            taken = min(back, left[-1][0])
            back, left[-1][0] = back - taken, left[-1][0] - taken
            if not left[-1][0]:
                left.pop()
    return tuple(sorted({day for _, day, own in left if own}))
