"""Pages of arrangements: those in reach, those of a case, one of them, and a new draft."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from daihou.book.days import add_months
from daihou.book.errors import DaihouError
from daihou.collection.arrangement import Terms
from daihou.desk.access import needs
from daihou.desk.casework import arrangement_form as forms
from daihou.desk.casework import arrangement_guards as guards
from daihou.desk.casework import arrangements, arranging, claimed, consents, hardship, scope, terms
from daihou.desk.casework.choices import ArrangementKind, ArrangementState
from daihou.desk.casework.models import Arrangement, Case
from daihou.desk.casework.policy import policy
from daihou.desk.refusals import RefusedError
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.collection.arrangement import Owed
    from daihou.desk.asked import Asked
    from daihou.desk.casework.arranging import Held
    from daihou.desk.casework.claimed import Claimed
    from daihou.desk.casework.terms import Stated

PAGE: Final = 50
VIEWS: Final = ("decide", "submitted", "standing", "open", "ended")
REFUSED: Final = 422


@needs("collection.view")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """The arrangements in reach; first those that wait for one's own decision."""
    chosen = request.GET.get("view", "")
    views = [name for name in VIEWS if name != "decide" or request.rights.may("collection.approve")]
    chosen = chosen if chosen in views else views[0]
    pages = Paginator(_view(chosen, request).select_related(*arrangements.RELATED), PAGE)
    page = pages.get_page(request.GET.get("page"))
    found = list(page.object_list)
    names = people.masked_names({one.case.borrower_id for one in found})
    rows = [(one, arranging.number(one), names.get(one.case.borrower_id) or one.case.borrower_id) for one in found]
    labels = {
        "decide": pgettext("view of arrangements", "For me to decide"), "submitted": pgettext("view of arrangements", "Waiting for approval"),
        "standing": pgettext("view of arrangements", "In force"), "open": pgettext("view of arrangements", "Drafts"),
        "ended": pgettext("view of arrangements", "Ended"),
    }  # fmt: skip
    context = {
        "rows": rows,
        "page": page,
        "count": pages.count,
        "views": [(name, labels[name]) for name in views],
        "view": chosen,
    }
    return render(request, "casework/arrangements.html", {**context, "here": "workbench"})


def _view(name: str, request: Asked) -> Any:
    if name == "decide":
        return arrangements.to_decide(request.user, request.rights).order_by("submitted_at", "pk")
    seen = arrangements.seen(request.user, request.rights)
    if name == "submitted":
        return seen.filter(state=ArrangementState.SUBMITTED).order_by("submitted_at", "pk")
    states = {
        "standing": (ArrangementState.APPROVED,), "open": arranging.WRITABLE,
        "ended": (ArrangementState.DONE, ArrangementState.BROKEN, ArrangementState.WITHDRAWN),
    }  # fmt: skip
    return seen.filter(state__in=states[name]).order_by("-pk")


@needs("collection.view")
@require_GET
def of_case(request: Asked, number: int) -> HttpResponse:
    """The arrangements of a case, and what was found of hardship."""
    case = case_in_reach(request, number)
    found = list(case.arrangements.select_related(*arrangements.RELATED))
    context = {
        **of_a_case(case), "rows": [(one, arranging.number(one)) for one in found], "assessed": hardship.latest(case),
        "no_draft": guards.against_drafting(case, None, request.user, request.rights), "kinds": arrangements.kinds(),
    }  # fmt: skip
    return render(request, "casework/arrangements_of_case.html", context)


@needs("collection.view")
@require_GET
@never_cache
def arrangement(request: Asked, number: int) -> HttpResponse:
    """One arrangement, held against the claim of today; a decided one against that of its decision."""
    return shown(request, found(request, number))


@needs("collection.work")
@require_http_methods(["GET", "POST"])
@never_cache
def new(request: Asked, number: int) -> HttpResponse:
    """A new draft: its kind from the address, its terms from the assessment of hardship if the address says so."""
    case = case_in_reach(request, number)
    refused = guards.against_drafting(case, None, request.user, request.rights)
    currency = case.currency if any(loan.currency == case.currency for loan in case.of_loans.all()) else _first(case)
    loan_ids = [loan.loan_id for loan in forms.loans_of(case) if loan.currency == currency]
    claim, fault = read_claim(loan_ids, currency)
    owed = claim.basis.first if claim else None
    if request.method == "POST":
        try:
            stated = said(request, case, currency)
            made = arranging.draft(case, stated, currency_of(case, stated, currency), request)
        except (RefusedError, DaihouError) as error:
            form = forms.of_query(request.POST, owed)
            return _draft(request, case, form, claim, fault, told(error), refused, status=REFUSED)
        return redirect("arrangement", number=made.pk)
    kind = request.GET.get("kind", "")
    proposed = _proposed(request, case, kind, currency, claim)
    form = forms.of_terms(
        proposed or Terms(kind if kind in ArrangementKind.values else "instalments"),  # type: ignore[arg-type]
        currency, loan_ids, _reason(proposed, case), (), owed, add_months(arrangements.today(), 1),
    )  # fmt: skip
    return _draft(request, case, form, claim, fault, "", refused)


def shown(
    request: Asked, held_of: Arrangement, *, typed: bool = False, trouble: str = "", status: int = 200
) -> HttpResponse:
    """The page of an arrangement; `typed`: with the form as it was sent, and why it was not taken."""
    case, day = held_of.case, arrangements.day_of(held_of)
    held, fault = _held(held_of, day)
    owed = held.claimed.basis.first if held else None
    agreed = terms.of(held_of.kind, held_of.terms)
    form = (
        forms.of_query(request.POST, owed)
        if typed
        else forms.of_terms(
            agreed,
            held_of.currency,
            held_of.loan_ids,
            held_of.reason,
            held_of.terms.get("agreed", ()),
            owed,
            add_months(day, 1),
        )
    )
    measured: dict[str, Any] = (
        arrangements.context(held_of, held, request) if held else {"no": arrangements.refusals(held_of, None, request)}
    )
    context = {
        **of_a_case(case), **measured, "one": held_of, "called": arranging.number(held_of), "terms": agreed, "day": day, "fault": fault, "form": form,
        "writable": held_of.state in arranging.WRITABLE, "kinds": arrangements.kinds(), "parts": arrangements.parts_kept(held_of),
        "moves": list(held_of.moves.select_related("actor")), "trouble": trouble, "currency": held_of.currency,
    }  # fmt: skip
    return render(request, "casework/arrangement.html", context, status=status)


def _held(held_of: Arrangement, day: dt.date) -> tuple[Held | None, str]:
    try:
        return arranging.hold(held_of, day, arrangements.COMPARED_DAYS), ""
    except DaihouError as error:
        return None, told(error)


def _draft(
    request: Asked, case: Case, form: forms.Form, claim: Claimed | None, fault: str, trouble: str, refused: str, status: int = 200
) -> HttpResponse:  # fmt: skip
    guarantors = consents.bound(case.borrower_id, [loan.loan_id for loan in case.of_loans.all()], arrangements.today())
    context = {
        **of_a_case(case), "form": form, "fault": fault, "trouble": trouble, "refused": refused, "kinds": arrangements.kinds(), "guarantors": guarantors,
        "first": claim.basis.first if claim else None, "day": arrangements.today(), "currency": claim.currency if claim else case.currency,
        "standing": arrangements.offered(case),
    }  # fmt: skip
    return render(request, "casework/arrangement_new.html", context, status=status)


def said(request: Asked, case: Case, currency: str) -> Stated:
    """What the form says; parted evenly by the claim on the loans that it names."""
    loan_ids = [
        loan for loan in dict.fromkeys(request.POST.getlist("loan")) if case.of_loans.filter(loan_id=loan).exists()
    ]
    owed: Owed | None = None
    if request.POST.get("spread") and loan_ids:
        owed = claimed.claimed(loan_ids, currency, arrangements.today(), arrangements.today()).basis.first
    return terms.said(request.POST, currency, owed.total if owed else 0)


def currency_of(case: Case, stated: Stated, otherwise: str) -> str:
    """The currency of the loans that a form names."""
    return next((loan.currency for loan in case.of_loans.all() if loan.loan_id in stated.loan_ids), otherwise)


def read_claim(loan_ids: list[str], currency: str, until: dt.date | None = None) -> tuple[Claimed | None, str]:
    """The claim of today on loans of a case, until a day to come if one is named; or why it cannot be read."""
    day = arrangements.today()
    if not loan_ids:
        return None, _("The case has no loan.")
    try:
        return claimed.claimed(loan_ids, currency, day, until or day), ""
    except DaihouError as error:
        return None, told(error)


def case_in_reach(request: Asked, number: int) -> Case:
    """A case that the user sees; 404 for any other."""
    case = Case.objects.select_related("owner").prefetch_related("of_loans").filter(pk=number).first()
    if case is None or not scope.reaches(request.user, request.rights, case, "collection.view"):
        raise Http404
    return case


def found(request: Asked, number: int) -> Arrangement:
    """An arrangement of a case that the user sees; 404 for any other."""
    one = (
        Arrangement.objects.select_related(*arrangements.RELATED, "case__owner")
        .prefetch_related("case__of_loans")
        .filter(pk=number)
        .first()
    )
    if one is None or not scope.reaches(request.user, request.rights, one.case, "collection.view"):
        raise Http404
    return one


def of_a_case(case: Case) -> dict[str, Any]:
    """What every page about a case shows of it."""
    name = people.masked_names([case.borrower_id]).get(case.borrower_id)
    return {"case": case, "name": name, "loans": forms.loans_of(case), "here": "workbench"}


def _proposed(request: Asked, case: Case, kind: str, currency: str, claim: Claimed | None) -> Terms | None:
    """The terms that the assessment of the case proposes, where the address asks for them."""
    assessed = hardship.latest(case) if request.GET.get("hardship") else None
    if assessed is None or claim is None or assessed.currency != currency:
        return None
    day = arrangements.today()
    far = day + dt.timedelta(days=policy(day).approvals.longest_days)
    whole, _fault = read_claim(
        [loan.loan_id for loan in case.of_loans.all() if loan.currency == currency], currency, far
    )
    return hardship.proposed(assessed, kind, whole.basis, day) if whole else None


def _reason(proposed: Terms | None, case: Case) -> str:
    assessed = hardship.latest(case) if proposed else None
    if assessed is None:
        return ""
    return _("In hardship: %(cause)s. %(evidence)s") % {
        "cause": assessed.get_cause_display(),
        "evidence": assessed.evidence,
    }


def _first(case: Case) -> str:
    loans = forms.loans_of(case)
    return loans[0].currency if loans else case.currency


def told(error: Exception) -> str:
    """What went wrong, in the language in hand."""
    if not isinstance(error, DaihouError):
        return str(error)
    message, remedy = error.zh if (get_language() or "").startswith("zh") else (error.message, error.remedy)
    return f"{message} {remedy}"


def done(request: Asked, one: Arrangement) -> HttpResponse:
    """Back to the arrangement, saying where it is now."""
    messages.success(request, _("It is at “%(state)s” now.") % {"state": one.get_state_display()})
    return redirect("arrangement", number=one.pk)
