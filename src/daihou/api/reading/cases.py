"""Collection cases in brief, without names: what is owed, at which stage, who has it, and the promise that is open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ninja import Field, Query, Router

from daihou.api.app import missing
from daihou.api.auth import needs_scope
from daihou.api.reading import answers, cursors, described, keyset, values
from daihou.api.reading import asked as asking
from daihou.api.reading.asked import Paged
from daihou.api.reading.described import One, Page
from daihou.desk.casework import scope
from daihou.desk.casework.chosen import NUMBER
from daihou.desk.casework.models import Case, CaseLoan, Promise

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.api.auth import Called

router = Router(tags=["collection"])
KEY: Final = re.compile(r"\d{1,15}", re.ASCII)
ORDER: Final = ("-id",)
CODES: Final = ("borrower_id", "stage", "track", "closing", "org_id", "lead_org_id", "officer_id", "product")
AMOUNTS: Final = ("overdue", "claim", "exposure")
DAYS: Final = ("opened_on", "staged_on", "closed_on", "as_of", "paused_until", "last_paid_on")
MOMENTS: Final = ("contacted_at", "spoke_at", "call_at", "handed_up_at", "closed_at")


class Wanted(Paged):
    """Which cases."""

    borrower_id: str = Field("", description="A borrower's number.")
    loan_id: str = Field("", description="A loan that the case is about.")
    stage: str = Field("", description="A stage of the ladder, as M2.")
    closed: bool = Field(default=False, description="Closed ones too.")


@router.get("/cases", response=Page[described.Case], auth=needs_scope("cases:read"), summary="Collection cases")
def cases(request: Called, wanted: Query[Wanted]) -> HttpResponse:
    """The cases in reach, the newest first."""
    asking.only(request, Wanted)
    cursor = cursors.read(request)
    found = _seen(request)
    if not wanted.closed:
        found = found.filter(closed_at=None)
    for name in ("borrower_id", "stage"):
        if stated := getattr(wanted, name):
            found = found.filter(**{name: stated})
    if wanted.loan_id:
        found = found.filter(pk__in=CaseLoan.objects.filter(loan_id=wanted.loan_id).values("case"))
    rows, following = keyset.page(request, found, _seen(request), ORDER, cursor, wanted.limit)
    return answers.page(request, _told(rows), following, {})


@router.get(
    "/cases/{number}",
    response=One[described.Case],
    auth=needs_scope("cases:read"),
    summary="One collection case, in brief",
)
def case(request: Called, number: str) -> HttpResponse:
    """A case by its number (CO-2026-000123) or id."""
    asking.only(request)
    (told,) = _told([reached(request, number)])
    return answers.answer({"data": told, "meta": {}})


def reached(request: Called, number: str) -> Case:
    """A case in reach, with who has it; 404 for all else."""
    match = NUMBER.fullmatch(number) or KEY.fullmatch(number)
    found = _seen(request).filter(pk=int(match[match.lastindex or 0])).first() if match else None
    if found is None:
        raise missing()
    return found


def _seen(request: Called) -> QuerySet[Case]:
    return scope.seen(request.user, request.rights).select_related("owner", "agency")


def _told(rows: Collection[Case]) -> list[dict[str, Any]]:
    """Cases as they are answered; two queries, however many."""
    keys = [row.pk for row in rows]
    loans: dict[int, list[CaseLoan]] = {}
    for loan in CaseLoan.objects.filter(case__in=keys):
        loans.setdefault(loan.case_id, []).append(loan)
    standing = Promise.objects.filter(case__in=keys, state="open").order_by("id").values_list("case_id", "pk")
    promises = dict(standing)
    return [
        {
            "id": row.pk, "number": row.number, "revision": row.revision, **{name: getattr(row, name) or None for name in CODES},
            "owner": row.owner.username if row.owner else None, "agency": row.agency.code if row.agency else None,
            "currency": row.currency, **{name: values.amount(getattr(row, name), row.currency) for name in AMOUNTS},
            "dpd": row.dpd, "unpaid_due_dates": row.unpaid_due_dates, "first_payment": row.first_payment,
            "promises_kept": row.promises_kept, "promises_broken": row.promises_broken, "open_promise": promises.get(row.pk),
            **{name: values.day(getattr(row, name)) for name in DAYS}, **{name: values.moment(getattr(row, name)) for name in MOMENTS},
            "loans": [_loan(loan) for loan in loans.get(row.pk, ())],
        }
        for row in rows
    ]  # fmt: skip


def _loan(loan: CaseLoan) -> dict[str, Any]:
    return {
        "loan_id": loan.loan_id, "product": loan.product or None, "state": loan.state, "stage": loan.stage, "currency": loan.currency, "dpd": loan.dpd,
        "overdue": values.amount(loan.overdue, loan.currency), "claim": values.amount(loan.claim, loan.currency),
    }  # fmt: skip
