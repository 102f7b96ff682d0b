"""The list of cases, the same as a file, its saved views, and one act on many of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import chosen as lists
from daihou.desk.alerts.taking import pairs
from daihou.desk.casework import assigning, case_filter, case_sheets, guards, listing
from daihou.desk.casework import chosen as choice
from daihou.desk.casework.listing import Listing
from daihou.desk.casework.models import Agency
from daihou.desk.governance import labels
from daihou.desk.people.models import User
from daihou.desk.portfolio import listing as pages
from daihou.desk.portfolio import saved
from daihou.desk.portfolio.extract import KINDS

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.asked import Asked
    from daihou.desk.casework.assigning import Frozen, Said
    from daihou.desk.casework.listing import Step

PAGE: Final = "cases"
"""Under this the list's views are saved."""
NOTE_MOST: Final = 2_000


@needs("collection.view")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """The cases in reach that the address asks for."""
    wanted, now = choice.chosen(request.GET), timezone.now()
    page, size = lists.paged(request.GET)
    found = Listing(request.user, request.rights, wanted, now)
    total, steps = found.total(), found.stages()
    page = min(page, max(-(-total.cases // size), 1))
    shown = listing.told(found.rows(page, size), timezone.localdate(now))
    query = choice.kept(request.GET).urlencode()
    context = {
        "rows": shown, "total": total, "steps": _strip(steps, wanted, request.GET), "open": sum(step.count for step in steps), "chosen": wanted,
        "wrong": [labels.told(error) for error in wanted.wrong], "chips": case_filter.chips(request.GET, wanted),
        "choices": case_filter.choices(wanted, request.rights), "views": _views(request), "query": query, "page": page, "size": size,
        "sizes": lists.SIZES, "pages": pages.pages(page, size, total.cases), "first": (page - 1) * size + 1,
        "last": (page - 1) * size + len(shown), "sorts": _sorts(open_=wanted.open), "tab": "cases", "here": "cases",
        "kept": [(n, v) for n, v in _pairs(query) if n != "q"],
    }  # fmt: skip
    return render(request, "casework/cases.html", context, status=400 if wanted.wrong else 200)


@needs("portfolio.export")
@require_http_methods(["GET", "POST"])
def export(request: Asked, ending: str) -> HttpResponseBase:
    """The list in hand as CSV or XLSX, or the chosen rows of it: masked, marked and logged."""
    if ending not in KINDS or not request.rights.may("collection.view"):
        raise Http404
    query = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    wanted = choice.chosen(query)
    wanted.refuse()
    keys = [pk for pk, _revision in pairs(request.POST.getlist("ids"))] if request.method == "POST" else None
    found = Listing(request.user, request.rights, wanted, timezone.now(), "portfolio.export")
    return case_sheets.answer(request, found, query, keys, ending)


@needs("collection.view")
@require_POST
def save_view(request: Asked) -> HttpResponse:
    """Keep the list in hand under a name."""
    query = saved.fitting(choice.kept(QueryDict(request.POST.get("query", ""))).urlencode())
    choice.chosen(QueryDict(query)).refuse()
    saved.keep(request, PAGE, query)
    return redirect(f"{reverse('cases')}?{query}")


@needs("collection.manage")
@require_POST
def many(request: Asked) -> HttpResponse:
    """Freeze what was chosen, rows of the page or all that match, and show what the act comes to."""
    query = choice.kept(QueryDict(request.POST.get("query", "")))
    chosen = pairs(request.POST.getlist("ids"))
    if request.POST.get("all") == "1":
        wanted = choice.chosen(query)
        wanted.refuse()
        found = Listing(request.user, request.rights, wanted, timezone.now())
        chosen = list(found.cases.values_list("pk", "revision")[: assigning.MOST + 1])
    frozen = assigning.freeze(request, request.POST.get("act", ""), chosen, query.urlencode())
    return asked(request, frozen)


@needs("collection.manage")
@require_POST
def confirm(request: Asked) -> HttpResponse:
    """Do what was frozen, or say what it still needs; once it is done, the list again with what came of it."""
    text = request.POST.get("frozen", "")
    frozen, said = assigning.thawed(request, text), _said(request)
    if wanting := assigning.wanting(frozen.act, said):
        return _confirm(request, text, said, wanting)
    done = assigning.do(frozen, said, request, timezone.localdate())
    if done.refusals.count:
        return render(request, "casework/many_done.html", {**_about(frozen), "done": done})
    messages.success(
        request,
        ngettext("Done to %(n)s case, audit entry %(entry)s.", "Done to %(n)s cases, audit entry %(entry)s.", done.done)
        % {"n": f"{done.done:,}", "entry": done.entry},
    )
    return redirect(f"{reverse('cases')}?{frozen.query}")


def asked(request: Asked, text: str) -> HttpResponse:
    """What an act that was frozen comes to, to be confirmed."""
    return _confirm(request, text, assigning.Said(), {})


def _confirm(request: Asked, text: str, said: Said, wanting: dict[str, str]) -> HttpResponse:
    frozen, today = assigning.thawed(request, text), timezone.localdate()
    found = assigning.preview(frozen, request, today)
    context = {
        **_about(frozen), "frozen": text, "preview": found, "said": said, "wanting": wanting, "note_most": NOTE_MOST,
        "receivers": assigning.receivers(found.allowed, today) if frozen.act == "assign" else None,
        "agencies": Agency.objects.filter(active=True) if frozen.act == "to_agency" else None,
        "agency_note": guards.AGENCY_NOTE, "needs_note": frozen.act in assigning.NOTED,
    }  # fmt: skip
    return render(request, "casework/many.html", context, status=422 if wanting else 200)


def _about(frozen: Frozen) -> dict[str, Any]:
    return {"act": assigning.ACTS[frozen.act], "back": frozen.query, "here": "cases"}


def _said(request: Asked) -> Said:
    agency = Agency.objects.filter(code=request.POST.get("agency", "")).first()
    return assigning.Said(
        _person(request.POST.get("owner", "")), agency, request.POST.get("note", "").strip()[:NOTE_MOST]
    )


def _person(stated: str) -> User | None:
    """Somebody who works at the desk, by their key."""
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 16):
        return None
    known = User.objects.prefetch_related("memberships")  # else each case would ask for them
    return known.filter(pk=int(stated), is_active=True).first()


def _strip(steps: list[Step], wanted: choice.Chosen, query: QueryDict) -> list[tuple[Step, str, bool]]:
    """Each stage with its address and whether it is the one in hand; a second choice of it takes it away."""
    told = []
    for step in steps:
        here = wanted.stage == (step.stage,)
        left = query.copy()
        for gone in ("stage", "page", "closed"):
            left.pop(gone, None)
        if not here:
            left["stage"] = step.stage
        told.append((step, f"?{left.urlencode()}", here))
    return told


def _views(request: Asked) -> list[tuple[str, str, bool, int | None]]:
    """Views that come with the list and those that people saved: name, address, whether it is in hand, and the key of one's own."""
    come = [
        (pgettext("view of cases", "All open"), ""), (pgettext("view of cases", "Mine"), "owner=me"),
        (pgettext("view of cases", "Without a collector"), "queue=waiting"), (pgettext("view of cases", "With the manager"), "queue=manager"),
        (pgettext("view of cases", "Promise due"), "promise=due"), (pgettext("view of cases", "Broken promises"), "promise=broken&sort=stage"),
        (pgettext("view of cases", "Out of touch"), "touch=out&sort=silent"), (pgettext("view of cases", "First instalment unpaid"), "first=1"),
        (pgettext("view of cases", "At agencies"), "track=agency"), (pgettext("view of cases", "Closed"), "closed=1"),
    ]  # fmt: skip
    here = sorted(_pairs(choice.kept(request.GET).urlencode()))
    told: list[tuple[str, str, bool, int | None]] = [
        (name, query, sorted(_pairs(query)) == here, None) for name, query in come
    ]
    for view in saved.views(request, PAGE):
        own = view.pk if view.user_id == request.user.pk else None
        told.append((view.name, view.query, sorted(_pairs(view.query)) == here, own))
    return told


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, held in QueryDict(query).lists() for value in held]


def _sorts(*, open_: bool) -> list[tuple[str, str]]:
    told = [
        ("claim", _("Claim, the greatest first")), ("stage", _("Stage, the latest first")), ("dpd", _("Days past due, the most first")),
        ("silent", _("Silence, the longest first")), ("opened", _("Opened, the newest first")),
    ]  # fmt: skip
    return told if open_ else [("closed", _("Closed, the newest first")), *told]
