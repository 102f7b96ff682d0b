"""The inbox: the list that people work from, the same as a file, taking what is nobody's, and its views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import filtering, finding, presets, rows, scope, sheets, taking
from daihou.desk.alerts.listing import Listing
from daihou.desk.alerts.models import Move
from daihou.desk.alerts.strip import strip
from daihou.desk.alerts.transitions import claim
from daihou.desk.governance import labels
from daihou.desk.people import orgs
from daihou.desk.portfolio import listing as pages
from daihou.desk.portfolio import moments, saved
from daihou.desk.portfolio.leaving import KINDS
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    import datetime as dt

    from django.http import HttpResponse
    from django.http.response import HttpResponseBase

    from daihou.desk.alerts.chosen import Chosen
    from daihou.desk.asked import Asked

HEADS: Final = ("level", "exposure", "raised", "due")
"""Columns by which the list sorts."""


@needs("alerts.view")
@require_GET
def inbox(request: Asked) -> HttpResponse:
    """The alerts in reach that the address asks for; without one, those with which the user's inbox opens."""
    if not any(value for values in request.GET.lists() for value in values[1]):
        return redirect(f"{request.path}?{presets.first(request)}")
    if len(request.GET.urlencode()) != len(_tidy(request.GET).urlencode()):  # a form sends its empty fields too
        return redirect(f"{request.path}?{_tidy(request.GET).urlencode()}")
    if (query := finding.resolved(request, request.GET)) is not None:
        return redirect(f"{request.path}?{query.urlencode()}")
    heard = Move.newest()  # before the list is read: what comes meanwhile is then told as new
    wanted, now = choice.chosen(request.GET), timezone.now()
    sort, reverse_order, unsorted = choice.order(request.GET, wanted)
    page, size = choice.paged(request.GET)
    found = Listing(request.user, request.rights, wanted, now, sort, reverse_order)
    views = presets.views(request)
    counts = found.counts(_counted(views))
    page = min(page, max(-(-counts.list // size), 1))
    today = timezone.localdate(now)
    shown = rows.told(found.rows(page, size), request.user, request.rights, today, drawn=True)
    here, opens = choice.kept(request.GET).urlencode(), presets.first(request)
    context = {
        "rows": shown, "counts": counts, "strip": strip(found, counts, today), "tabs": _tabs(views, counts.views, here, opens), "chosen": wanted,
        "wrong": [labels.told(error) for error in (*wanted.wrong, *unsorted)], "chips": filtering.chips(request.GET, wanted),
        "choices": filtering.choices(wanted, request.rights), "exposure": filtering.exposure(wanted), "kept": filtering.kept(request.GET),
        "saved": here, "from": urlencode({"from": here}), "sort": sort, "reverse": reverse_order, "page": page, "size": size, "sizes": choice.SIZES,
        "pages": pages.pages(page, size, counts.list), "first": (page - 1) * size + 1, "last": (page - 1) * size + len(shown), "place": _place(request),
        "places": money.exponent(settings.HOME.settings.base_currency), "opens_here": presets.same(here, opens),
        "currency": settings.HOME.settings.base_currency, "data_date": _data_date(), "sorts": _sorts(wanted), "heard": heard,
    }  # fmt: skip
    return render(request, "alerts/inbox.html", context, status=400 if context["wrong"] else 200)


def _tidy(query: QueryDict) -> QueryDict:
    left = QueryDict(mutable=True)
    for name, values in query.lists():
        left.setlist(name, [value for value in values if value.strip()])
    return left


def _counted(views: list[tuple[str, str, Any]]) -> dict[str, Chosen]:
    """The views as filters, by their addresses; without those that can no longer be read."""
    told = {query: choice.chosen(QueryDict(query)) for _name, query, _own in views}
    return {query: wanted for query, wanted in told.items() if not wanted.wrong}


def _tabs(views: list[tuple[str, str, Any]], counts: Any, here: str, opens: str) -> list[presets.Tab]:
    return [
        presets.Tab(name, query, presets.shows(query, here), presets.same(query, opens), own, counts.get(query))
        for name, query, own in views
    ]


def _sorts(wanted: Chosen) -> list[tuple[str, str]]:
    told = [
        ("due", _("Deadline, the soonest first")), ("level", _("Level, the worst first")), ("exposure", _("Exposure, the greatest first")),
        ("raised", _("Raised, the newest first")),
    ]  # fmt: skip
    return told if wanted.open else [("closed", _("Closed, the newest first")), *told]


def _place(request: Asked) -> str:
    """The part of the lender that is seen, in words."""
    within = request.rights.reach("alerts.view").org_ids
    if within is None:
        return _("Whole lender")
    tops = [org_id for org_id in sorted(within) if getattr(orgs.tree().orgs.get(org_id), "parent_id", "") not in within]
    return "、".join(orgs.tree().name(org_id) for org_id in tops[:3])


def _data_date() -> dt.date | None:
    """The date of the newest run; None before the first."""
    try:
        return moments.moment(QueryDict()).as_of
    except DaihouError:
        return None


@needs("portfolio.export")
@require_http_methods(["GET", "POST"])
def export(request: Asked, ending: str) -> HttpResponseBase:
    """The list in hand as CSV or XLSX, or the chosen rows of it: with its filter and order; masked, marked and logged."""
    if ending not in KINDS or not request.rights.may("alerts.view"):
        raise Http404
    query = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
    wanted = choice.chosen(query)
    wanted.refuse()
    sort, reverse_order, _unsorted = choice.order(query, wanted)
    found = Listing(request.user, request.rights, wanted, timezone.now(), sort, reverse_order, "portfolio.export")
    keys = [pk for pk, _revision in taking.pairs(request.POST.getlist("ids"))] if request.method == "POST" else None
    return sheets.answer(request, found, query, keys, ending)


@needs("alerts.handle")
@require_POST
def claim_next(request: Asked) -> HttpResponse:
    """Take the most urgent alert in reach that nobody has, and open it; where somebody else is quicker, the one after it."""
    taken = taking.take_next(request)
    if taken is None:
        messages.info(request, _("Every alert in your reach has an owner."))
        return redirect("alerts")
    return redirect("alert", number=taken.pk)


@needs("alerts.handle")
@require_POST
def claim_one(request: Asked) -> HttpResponse:
    """Take one alert of the list, as it was looked at; who was quicker is named. htmx gets the cell of the owner, others the list again."""
    seen = taking.pairs(request.POST.getlist("id"))
    if len(seen) != 1:
        raise Http404
    pk, revision = seen[0]
    alert = get_object_or_404(scope.seen(request.user, request.rights).select_related("owner"), pk=pk)
    said, done = "", False
    try:
        alert, done = claim(alert, revision, request), True
    except StaleError:
        said = taking.who_was_first(alert)
    except RefusedError as error:
        said = str(error)
    if request.headers.get("HX-Request"):
        return render(request, "alerts/_owner.html", {"alert": alert, "said": said})
    (messages.success if done else messages.warning)(
        request, said or _("%(number)s is yours now.") % {"number": alert.number}
    )
    back = choice.kept(QueryDict(request.POST.get("query", ""))).urlencode()
    return redirect(f"{reverse('alerts')}?{back}" if back else reverse("alerts"))


@needs("alerts.view")
@require_POST
def save_view(request: Asked) -> HttpResponse:
    """Keep the list in hand under a name."""
    query = saved.fitting(choice.kept(QueryDict(request.POST.get("query", ""))).urlencode())
    choice.chosen(QueryDict(query)).refuse()
    saved.keep(request, presets.PAGE, query)
    return redirect(f"{reverse('alerts')}?{query}")


@needs("alerts.view")
@require_POST
def first_view(request: Asked) -> HttpResponse:
    """Let the inbox open with the list in hand, or, where it does already, with the usual one again."""
    query = saved.fitting(choice.kept(QueryDict(request.POST.get("query", ""))).urlencode())
    choice.chosen(QueryDict(query)).refuse()
    usual = presets.same(query, presets.usual(request.rights)) or request.POST.get("usual") == "1"
    saved.open_first(request, presets.PAGE, None if usual else query)
    return redirect(f"{reverse('alerts')}?{query}")
