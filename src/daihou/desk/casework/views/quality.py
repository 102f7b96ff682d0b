"""Quality: the samples one sees, drawing those of a day, and looking at one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.casework import sampling
from daihou.desk.casework.choices import Said
from daihou.desk.casework.models import Case, Sample
from daihou.desk.casework.policy import policy
from daihou.desk.contacts.models import Contact
from daihou.desk.portfolio.columns import chinese
from daihou.desk.refusals import RefusedError, StaleError
from daihou.desk.vault import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE = 50
REFUSED = 422
STALE = 409


@needs("collection.work")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """Samples: for who manages all of their part, those that wait first; for a collector what was found of their own contacts."""
    seen = sampling.seen(request.user, request.rights)
    manages = request.rights.may("collection.manage")
    counts = sampling.counts(seen)
    view = request.GET.get("view", "")
    view = view if view in ("waiting", "looked") else ("waiting" if manages and counts["waiting"] else "looked")
    found = seen.filter(looked_at__isnull=view == "waiting").order_by(
        "drawn_at" if view == "waiting" else "-looked_at", "pk"
    )
    pages = Paginator(found.select_related("collector", "looked_by"), PAGE)
    page = pages.get_page(request.GET.get("page"))
    samples = list(page.object_list)
    contacts = Contact.objects.in_bulk([one.contact_id for one in samples])
    cases = Case.objects.in_bulk({one.case_id for one in contacts.values() if one.case_id})
    rows = [_row(one, contacts.get(one.contact_id), cases) for one in samples]
    today = timezone.localdate()
    context = {
        "rows": rows, "page": page, "counts": counts, "view": view, "manages": manages, "yesterday": today - dt.timedelta(days=1),
        "share": policy(today).sample_share, "tab": "quality", "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/quality.html", context)


@needs("collection.manage")
@require_POST
def draw(request: Asked) -> HttpResponse:
    """Draw the sample of a day that is over, of the part one manages."""
    try:
        day = dt.date.fromisoformat(request.POST.get("day", ""))
        drawn = sampling.draw(day, request, request.rights.reach("collection.manage").org_ids, timezone.now())
    except (ValueError, OverflowError):
        messages.error(request, _("Say of which day."))
    except RefusedError as error:
        messages.error(request, str(error))
    else:
        said = ngettext("%(n)s contact of %(day)s is drawn.", "%(n)s contacts of %(day)s are drawn.", drawn.samples)
        messages.success(request, said % {"n": f"{drawn.samples:,}", "day": drawn.day})
    return redirect("quality")


@needs("collection.work")
@require_GET
def sample(request: Asked, number: int) -> HttpResponse:
    """One sample: the contact, its note, and what was seen or is to be said."""
    return _shown(request, _found(request, number))


@needs("collection.manage")
@require_POST
def judge(request: Asked, number: int) -> HttpResponse:
    """Say of each criterion whether it is met."""
    one = _found(request, number)
    stated = {each.code: request.POST.get(f"p-{each.code}", "") for each in sampling.criteria(one)}
    points = {code: value == "1" for code, value in stated.items() if value in ("0", "1")}
    try:
        sampling.judge(one, points, request.POST.get("finding", "")[:4_000], request, timezone.now())
    except RefusedError as error:
        return _shown(request, one, str(error), REFUSED)
    except StaleError:
        return _shown(request, _found(request, number), _("Somebody changed it a moment ago. Look at it again."), STALE)
    following = (
        sampling.managed(request.rights)
        .filter(looked_at=None)
        .exclude(collector=request.user)
        .order_by("drawn_at", "pk")
        .first()
    )
    return redirect("sample", number=following.pk) if following else redirect("quality")


def _shown(request: Asked, one: Sample, trouble: str = "", status: int = 200) -> HttpResponse:
    contact = Contact.objects.select_related("actor").filter(pk=one.contact_id).first()
    case = Case.objects.filter(pk=contact.case_id).first() if contact and contact.case_id else None
    wanted = sampling.criteria(one)
    zh = chinese()
    points = [
        (
            each.code,
            each.zh if zh else each.en,
            each.grave,
            one.points.get(each.code),
            request.POST.get(f"p-{each.code}", ""),
        )
        for each in wanted
    ]
    context = {
        "one": one, "contact": contact, "case": case, "points": points, "trouble": trouble, "typed": request.POST,
        "name": people.masked_names([contact.person_id]).get(contact.person_id) if contact else None, "said": _said(contact),
        "refused": sampling.against_judging(one, request.user, request.rights), "verdict": _verdict(one, wanted), "tab": "quality", "here": "workbench",
    }  # fmt: skip
    return render(request, "casework/sample.html", context, status=status)


def _row(one: Sample, contact: Contact | None, cases: dict[int, Case]) -> dict[str, Any]:
    wanted = sampling.criteria(one)
    zh = chinese()
    missed = [each.zh if zh else each.en for each in wanted if one.points.get(each.code) is False]
    case = cases.get(contact.case_id or 0) if contact else None
    return {"one": one, "contact": contact, "case": case, "verdict": _verdict(one, wanted), "missed": missed}


def _verdict(one: Sample, wanted: Sequence[Any]) -> tuple[str, str]:
    """In a word and its colour."""
    return {
        "waiting": (pgettext("quality", "To be looked at"), ""), "failed": (pgettext("quality", "Failed"), "red"),
        "minor": (pgettext("quality", "With findings"), "yellow"), "passed": (pgettext("quality", "Passed"), "green"),
    }[sampling.verdict(one, wanted)]  # fmt: skip


def _said(contact: Contact | None) -> str:
    return str(Said(contact.said).label) if contact and contact.said in Said.values else ""


def _found(request: Asked, number: int) -> Sample:
    return get_object_or_404(
        sampling.seen(request.user, request.rights).select_related("collector", "looked_by"), pk=number
    )
