"""Complaints: those one sees with their deadlines, a new one from a case, one of them, its owner and its answer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.casework import assigning, complaining, scope
from daihou.desk.casework.choices import ComplaintState
from daihou.desk.casework.models import Case, Complaint
from daihou.desk.casework.owners import WORKING
from daihou.desk.casework.policy import policy
from daihou.desk.contacts.models import Contact
from daihou.desk.people.models import User
from daihou.desk.people.roles import GRANTS
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE = 50
LATELY = 30
"""Contacts of the case that a complaint may be about, the newest of them."""
REFUSED = 422
STALE = 409
VIEWS = ("open", "late", "mine", "answered")
MANAGING = tuple(role for role in WORKING if "collection.manage" in GRANTS[role])


@needs("collection.work")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """What one sees: of cases that one manages all, else those that one entered or answers."""
    chosen = request.GET.get("view", "")
    chosen = chosen if chosen in VIEWS else VIEWS[0]
    now = timezone.now()
    seen = complaining.seen(request.user, request.rights)
    open_ = seen.filter(state=ComplaintState.OPEN)
    found = {
        "open": open_.order_by("due_at", "pk"), "late": open_.filter(due_at__lt=now).order_by("due_at", "pk"),
        "mine": open_.filter(owner=request.user).order_by("due_at", "pk"),
        "answered": seen.exclude(state=ComplaintState.OPEN).order_by(F("answered_at").desc(nulls_last=True), "-pk"),
    }  # fmt: skip
    labels = {
        "open": pgettext("view of complaints", "Open"), "late": pgettext("view of complaints", "Overdue"),
        "mine": pgettext("view of complaints", "Mine to answer"), "answered": pgettext("view of complaints", "Answered"),
    }  # fmt: skip
    pages = Paginator(found[chosen].select_related("case", "owner"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    held = list(page.object_list)
    names = people.masked_names({one.case.borrower_id for one in held})
    rows = [
        (one, complaining.number(one), names.get(one.case.borrower_id) or one.case.borrower_id, _through(one))
        for one in held
    ]
    context = {
        "rows": rows, "page": page, "count": pages.count, "views": list(labels.items()), "view": chosen, "now": now, "tab": "complaints", "here": "workbench",
        "days": policy(timezone.localdate(now)).complaint_work_days,
    }  # fmt: skip
    return render(request, "casework/complaints.html", context)


@needs("collection.work")
@require_http_methods(["GET", "POST"])
def new(request: Asked, number: int) -> HttpResponse:
    """A complaint about a case in reach."""
    case = Case.objects.select_related("owner", "agency").filter(pk=number).first()
    if case is None or not scope.reaches(request.user, request.rights, case, "collection.view"):
        raise Http404
    refused = complaining.against_entering(case, request.user, request.rights)
    trouble = ""
    if request.method == "POST":
        try:
            made = _entered(request, case)
        except RefusedError as error:
            trouble = str(error)
        else:
            return redirect("complaint", number=made.pk)
    now = timezone.now()
    context = {
        "case": case, "name": people.masked_names([case.borrower_id]).get(case.borrower_id), "refused": refused, "trouble": trouble,
        "typed": request.POST, "through": list(complaining.THROUGH.items()), "now": timezone.localtime(now), "most": complaining.TEXT_MOST,
        "contacts": Contact.objects.filter(case_id=case.pk).select_related("actor").order_by("-at")[:LATELY],
        "days": policy(timezone.localdate(now)).complaint_work_days, "standing": complaining.open_of(case), "tab": "complaints", "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/complaint_new.html", context, status=REFUSED if trouble else 200)


@needs("collection.work")
@require_GET
def complaint(request: Asked, number: int) -> HttpResponse:
    """One complaint, with its owner and its answer."""
    return _shown(request, _found(request, number))


@needs("collection.work")
@require_POST
def own(request: Asked, number: int) -> HttpResponse:
    """Take it, or give it to somebody who manages the case."""
    one = _found(request, number)
    stated = request.POST.get("owner", "")
    owner = (
        request.user
        if not stated
        else User.objects.filter(pk=int(stated) if stated.isdecimal() and len(stated) < 16 else 0).first()
    )
    if owner is None:
        return _shown(request, one, _("Choose to whom."), REFUSED)
    return _act(request, one, lambda: complaining.own(one, owner, request))


@needs("collection.work")
@require_POST
def answer(request: Asked, number: int) -> HttpResponse:
    """Answer it."""
    one = _found(request, number)
    text = request.POST.get("answer", "")[: complaining.TEXT_MOST]
    return _act(request, one, lambda: complaining.answer(one, request.POST.get("state", ""), text, request))


def _act(request: Asked, one: Complaint, act: Any) -> HttpResponse:
    try:
        act()
    except RefusedError as error:
        return _shown(request, one, str(error), REFUSED)
    except StaleError:
        return _shown(request, _found(request, one.pk), _("Somebody changed it a moment ago. Look at it again."), STALE)
    return redirect("complaint", number=one.pk)


def _shown(request: Asked, one: Complaint, trouble: str = "", status: int = 200) -> HttpResponse:
    contact = Contact.objects.select_related("actor").filter(pk=one.contact_id).first() if one.contact_id else None
    no_owner = complaining.against_owning(one, None, request.user, request.rights)
    no_answer = complaining.against_answering(one, None, request.user, request.rights)
    known = [] if no_owner else assigning.receivers([one.case], timezone.localdate())
    managers = set(User.objects.filter(memberships__role__in=MANAGING).values_list("pk", flat=True)) if known else set()
    context = {
        "one": one, "number": complaining.number(one), "name": people.masked_names([one.case.borrower_id]).get(one.case.borrower_id),
        "through": _through(one), "contact": contact, "no_owner": no_owner, "no_answer": no_answer, "trouble": trouble, "typed": request.POST,
        "receivers": [each.user for each in known if each.user.pk in managers and each.user.pk != one.owner_id], "now": timezone.now(),
        "answers": [(state.value, state.label) for state in complaining.ANSWERS], "most": complaining.TEXT_MOST, "tab": "complaints", "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/complaint.html", context, status=status)


def _entered(request: Asked, case: Case) -> Complaint:
    stated = request.POST.get("received_at", "")
    try:
        received_at = timezone.make_aware(dt.datetime.fromisoformat(stated)) if stated else timezone.now()
    except (ValueError, OverflowError) as error:
        raise RefusedError(_("Say when it came.")) from error
    contact = request.POST.get("contact", "")
    contact_id = int(contact) if contact.isascii() and contact.isdecimal() and len(contact) < 16 else None
    text = request.POST.get("text", "")[: complaining.TEXT_MOST]
    return complaining.enter(case, request.POST.get("through", ""), text, received_at, contact_id, request)


def _found(request: Asked, number: int) -> Complaint:
    seen = complaining.seen(request.user, request.rights)
    return get_object_or_404(seen.select_related("case", "owner", "answered_by", "entered_by"), pk=number)


def _through(one: Complaint) -> Any:
    return complaining.THROUGH.get(one.through, one.through)
