"""Promises to pay: read, and taken elsewhere, as by a dialler, under the desk's own rules. Whether one was kept the ledger says, nobody else."""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - ninja reads the types of what it takes
import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, OuterRef
from ninja import Field, Query, Router, Schema

from daihou.api.app import missing
from daihou.api.auth import needs_scope
from daihou.api.problems import Problem, Words
from daihou.api.reading import answers, cursors, described, keyset, refusals, values
from daihou.api.reading import asked as asking
from daihou.api.reading.asked import Paged
from daihou.api.reading.cases import reached
from daihou.api.reading.described import One, Page
from daihou.book import money
from daihou.desk.casework import promising, scope
from daihou.desk.casework.choices import PromiseState
from daihou.desk.casework.models import Case, CaseLoan, Promise, PromisePart
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.api.auth import Called
    from daihou.desk.casework.promising import Part

router = Router(tags=["collection"])
ORDER: Final = ("-id",)
KEY_MOST: Final = 200
DIGITS: Final = 48
LOANS_MOST: Final = 100
PARTS_MOST: Final = 100
"""More is no promise by any policy; the policy's own number is asked by the guards."""


class Wanted(Paged):
    """Which promises."""

    state: str = Field("", description="open, kept, partly, late, broken or withdrawn.")
    case: str = Field("", description="The number or id of a case.")
    borrower_id: str = Field("", description="A borrower's number.")
    due_since: str | None = Field(None, description="A part of it falls due on this day or later.")
    due_until: str | None = Field(None, description="A part of it falls due on this day or earlier.")


class Due(Schema):
    """An amount by a day."""

    due_on: dt.date
    amount: str = Field(..., pattern=r"^\d{1,15}(\.\d{1,4})?$", description="A decimal as text, in units of the loans' currency.")  # fmt: skip


class Taken(Schema):
    """A promise that was taken."""

    case: str | None = Field(None, max_length=40, description="The number or id of the case; the open case of the first loan unless given.")  # fmt: skip
    loan_ids: list[str] = Field([], max_length=LOANS_MOST, description="Loans of the case, in one currency; all of them unless given.")  # fmt: skip
    parts: list[Due] = Field(..., min_length=1, max_length=PARTS_MOST)
    instead_of: int | None = Field(None, description="The open promise that it takes the place of.")


@router.get("/promises", response=Page[described.Promise], auth=needs_scope("promises:read"), summary="Promises to pay")
def promises(request: Called, wanted: Query[Wanted]) -> HttpResponse:
    """The promises on cases in reach, the newest first."""
    asking.only(request, Wanted)
    cursor = cursors.read(request)
    found = _seen(request)
    if wanted.state:
        if wanted.state not in PromiseState.values:
            raise refusals.unknown("state", wanted.state, PromiseState.values)
        found = found.filter(state=wanted.state)
    if wanted.case:
        found = found.filter(case=reached(request, wanted.case))
    if wanted.borrower_id:
        found = found.filter(case__borrower_id=wanted.borrower_id)
    since, until = asking.day("due_since", wanted.due_since), asking.day("due_until", wanted.due_until)
    if since or until:
        parts = PromisePart.objects.filter(promise=OuterRef("pk"))
        parts = parts.filter(due_on__gte=since) if since else parts
        found = found.filter(Exists(parts.filter(due_on__lte=until) if until else parts))
    rows, following = keyset.page(request, found, _told_of(request), ORDER, cursor, wanted.limit)
    return answers.page(request, [_told(row) for row in rows], following, {})


@router.get(
    "/promises/{promise_id}", response=One[described.Promise], auth=needs_scope("promises:read"), summary="One promise"
)
def promise(request: Called, promise_id: int) -> HttpResponse:
    """A promise with its parts and what each came to."""
    asking.only(request)
    found = _told_of(request).filter(pk=promise_id).first()
    if found is None:
        raise missing()
    return answers.answer({"data": _told(found), "meta": {}})


@router.post(
    "/promises",
    response={200: One[described.Promise], 201: One[described.Promise]},
    auth=needs_scope("promises:write"),
    summary="Enter a promise that was taken elsewhere",
)
def take(request: Called, taken: Taken) -> HttpResponse:
    """By the rules by which collectors take them. Needs `Idempotency-Key`: sent again with the same key it is the same promise."""
    asking.only(request)
    case, key = _case(request, taken), _key(request)
    parts = _parts(taken, _currency(case, taken))
    before = Promise.objects.filter(key=key).first()
    if before is not None:
        return _again(request, before, case, parts, taken)
    instead_of = None
    if taken.instead_of is not None:
        instead_of = Promise.objects.filter(case=case, pk=taken.instead_of).first()
        if instead_of is None:
            raise refusals.unknown("instead_of", str(taken.instead_of), ())
    try:
        made = promising.take(case, parts, taken.loan_ids, None, key, request, instead_of=instead_of)
    except RefusedError as refused:
        raise refusals.refused(str(refused)) from None
    except StaleError:
        now = Case.objects.values_list("revision", flat=True).get(pk=case.pk)
        raise refusals.stale(now, {}) from None
    told = _told(_told_of(request).get(pk=made.pk))
    return answers.answer(
        {"data": told, "meta": {}}, status=201, headers={"Location": f"{request.path}/{made.pk}"}
    )  # fmt: skip


def _again(request: Called, before: Promise, case: Case, parts: Sequence[Part], taken: Taken) -> HttpResponse:
    """The promise that was made under the key, if it says the same."""
    same = before.case_id == case.pk and sorted(parts) == list(before.parts.values_list("due_on", "amount"))
    if not same or (taken.loan_ids and sorted(set(taken.loan_ids)) != before.loan_ids):
        raise refusals.key_reused()
    told = _told(_told_of(request).get(pk=before.pk))
    return answers.answer({"data": told, "meta": {}}, headers={"Idempotent-Replay": "true"})


def _case(request: Called, taken: Taken) -> Case:
    """The case that is named, else the open one that is about the first loan; 404 out of reach."""
    if taken.case:
        return reached(request, taken.case)
    about = CaseLoan.objects.filter(loan_id__in=taken.loan_ids[:1]).values("case")
    found = scope.seen(request.user, request.rights).filter(closed_at=None, pk__in=about)
    case = found.select_related("owner", "agency").first()
    if case is None:
        raise missing()
    return case


def _key(request: Called) -> str:
    """The key of the request as the promise keeps it: each program's keys are its own."""
    stated = request.headers.get("Idempotency-Key", "").strip()
    if not stated or len(stated) > KEY_MOST:
        raise refusals.no_key()
    return "api-" + hashlib.sha256(f"{request.auth.program.pk} {stated}".encode()).hexdigest()[:DIGITS]


def _currency(case: Case, taken: Taken) -> str:
    """The currency of the loans; where they have several, or are none of the case's, the rules say so later."""
    loans = CaseLoan.objects.filter(case=case)
    if taken.loan_ids:
        loans = loans.filter(loan_id__in=taken.loan_ids)
    return next(iter(loans.order_by("loan_id").values_list("currency", flat=True)), case.currency)


def _parts(taken: Taken, currency: str) -> list[Part]:
    try:
        return [(part.due_on, money.minor(Decimal(part.amount), currency)) for part in taken.parts]
    except ValueError:
        places = money.exponent(currency)
        raise Problem(
            "wrong_parameter",
            Words(f"An amount has more decimals than {currency} has.", f"金额的小数位数超过 {currency} 的规定。"),
            Words(f"Give at most {places} decimals.", f"最多 {places} 位小数。"),
        ) from None


def _seen(request: Called) -> QuerySet[Promise]:
    return Promise.objects.filter(case__in=scope.seen(request.user, request.rights))


def _told_of(request: Called) -> QuerySet[Promise]:
    """With all that is told of them."""
    return _seen(request).select_related("case", "made_by").prefetch_related("parts")


def _told(row: Promise) -> dict[str, Any]:
    return {
        "id": row.pk, "case": row.case.number, "borrower_id": row.case.borrower_id, "loan_ids": row.loan_ids, "currency": row.currency,
        "amount": values.amount(row.amount, row.currency), "received": values.amount(row.received, row.currency), "state": row.state,
        "made_on": values.day(row.made_on), "made_at": values.moment(row.made_at), "made_by": row.made_by.username,
        "withdrawn_at": values.moment(row.withdrawn_at), "judged_as_of": values.day(row.judged_as_of),
        "parts": [
            {
                "due_on": values.day(part.due_on), "amount": values.amount(part.amount, row.currency),
                "received": values.amount(part.received, row.currency), "state": part.state, "kept_on": values.day(part.kept_on),
            }
            for part in row.parts.all()
        ],
    }  # fmt: skip
