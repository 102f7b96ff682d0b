"""New cases, some at a time, with their loans, their owners and what opened them. In a transaction of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.desk.casework.choices import Act
from daihou.desk.casework.models import OPEN, Case, CaseLoan, CaseMove
from daihou.desk.casework.standing import OF_LOAN
from daihou.desk.casework.written import insert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.casework.updating import Date, Told


def open_cases(borrower_ids: Sequence[str], told: Told, date: Date) -> int:
    """Open a case for each of some borrowers who have none; how many. IntegrityError where another keeper opens them at this moment."""
    open_ones = Case.objects.filter(OPEN, borrower_id__in=borrower_ids).order_by("pk")
    there = set(open_ones.values_list("borrower_id", flat=True))
    says, loans = told.of([borrower_id for borrower_id in borrower_ids if borrower_id not in there])
    cases = {borrower_id: _case(borrower_id, said, date) for borrower_id, said in says.items()}
    insert(Case, list(cases.values()))
    keys = {pk: one for pk, one in open_ones.values_list("pk", "borrower_id") if one in cases}
    insert(
        CaseLoan,
        [
            {"case_id": pk, "loan_id": loan_id, **dict(zip(OF_LOAN, values, strict=True))}
            for pk, borrower_id in keys.items()
            for loan_id, values in loans[borrower_id].items()
        ],
    )
    insert(CaseMove, [_opened(pk, cases[borrower_id], date) for pk, borrower_id in keys.items()])
    return len(cases)


def _case(borrower_id: str, says: dict[str, Any], date: Date) -> dict[str, Any]:
    return {
        "borrower_id": borrower_id, "staged_on": date.as_of, "opened_on": date.as_of, "opened_at": date.now, "as_of": date.as_of,
        "owner_id": date.chooser.choose(says["org_id"]), **says,
    }  # fmt: skip


def _opened(case_id: int, case: dict[str, Any], date: Date) -> dict[str, Any]:
    detail = {
        "as_of": date.as_of.isoformat(), "dpd": case["dpd"], "owner": case["owner_id"], "first_payment": case["first_payment"],
    }  # fmt: skip
    return {"case_id": case_id, "at": date.now, "act": Act.OPEN.value, "stage_after": case["stage"], "detail": detail}
