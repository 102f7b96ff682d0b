"""Which loans and borrowers lie within somebody's reach, by the loans of the newest run: the same that their pages open for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from django.http import QueryDict

from daihou.book.errors import DaihouError
from daihou.desk.portfolio import moments, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daihou.desk.people.reach import Reach


def loan_in_reach(loan_id: str, reach: Reach) -> bool:
    """Whether there is a loan of that number within reach."""
    return any(reach.holds(row["org_id"], row["officer_id"]) for row in _loans("loan_id", [loan_id]))


def in_reach(borrower_ids: Iterable[str], reach: Reach) -> set[str]:
    """Of some borrowers those with a loan within reach."""
    return set(loans_in_reach(sorted(set(borrower_ids)), reach))


def loans_in_reach(borrower_ids: Sequence[str], reach: Reach) -> Counter[str]:
    """How many loans within reach each of some borrowers has."""
    return Counter(
        row["borrower_id"]
        for row in _loans("borrower_id", borrower_ids)
        if reach.holds(row["org_id"], row["officer_id"])
    )


def _loans(column: str, values: Sequence[str]) -> list[dict[str, Any]]:
    """The loans of some numbers as of the newest run; none before the first run."""
    if not values:
        return []
    try:
        newest = moments.moment(QueryDict())
    except DaihouError:
        return []
    return reading.rows(
        f"SELECT borrower_id, org_id, officer_id FROM {reading.snapshots(newest).sql} WHERE {column} IN (SELECT unnest(?))",
        [list(values)],
    )
