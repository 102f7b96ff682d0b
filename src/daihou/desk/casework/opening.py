"""New cases, some at a time, with their loans, their owners and what opened them; what is promised goes along. In a transaction of the caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daihou.desk.casework import announcing
from daihou.desk.casework.choices import Act, PromiseState
from daihou.desk.casework.models import OPEN, Arrangement, Case, CaseLoan, CaseMove, Promise
from daihou.desk.casework.standing import OF_LOAN
from daihou.desk.written import insert, write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
    moves = [_opened(pk, cases[borrower_id], date) for pk, borrower_id in keys.items()]
    insert(CaseMove, moves)
    announcing.announce(moves)
    _along({borrower_id: pk for pk, borrower_id in keys.items()})
    return len(cases)


def _along(cases: Mapping[str, int]) -> None:
    """Promises that are open, and the arrangements that made them, go from the borrowers' earlier cases to the new ones.

    Else the debtor would be asked for what is promised already, and a second promise be kept by the same money.
    """
    held = Promise.objects.filter(state=PromiseState.OPEN, case__borrower_id__in=list(cases)).order_by("pk")
    new = {pk: cases[borrower_id] for pk, borrower_id in held.values_list("pk", "case__borrower_id")}
    write(Promise, [{"pk": pk, "case_id": case_id} for pk, case_id in new.items()])
    plans = Arrangement.objects.filter(promise__in=list(new)).values_list("pk", "promise_id")
    write(Arrangement, [{"pk": pk, "case_id": new[promise_id]} for pk, promise_id in plans if promise_id is not None])


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
