"""One act on many alerts: asked for from the list, shown with what it comes to, confirmed once, and told what came of it."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from daihou.desk.access import needs
from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import many, taking
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.forms import NOTE_MOST
from daihou.desk.alerts.listing import Listing
from daihou.desk.alerts.models import Bulk
from daihou.desk.alerts.policy import policy
from daihou.desk.alerts.receivers import receivers
from daihou.desk.people.models import User
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpResponse

    from daihou.desk.alerts.many import Preview, Said
    from daihou.desk.asked import Asked


@needs("alerts.handle")
@require_POST
def ask(request: Asked) -> HttpResponse:
    """Freeze what was chosen, rows of the page or all that match, and show what the act comes to."""
    query = choice.kept(QueryDict(request.POST.get("query", "")))
    pairs = taking.pairs(request.POST.getlist("ids"))
    if request.POST.get("all") == "1":
        wanted = choice.chosen(query)
        wanted.refuse()
        sort, reverse, _wrong = choice.order(query, wanted)
        found = Listing(request.user, request.rights, wanted, timezone.now(), sort, reverse)
        pairs = list(found.alerts.values_list("pk", "revision")[: many.MOST + 1])
    bulk = many.freeze(request, request.POST.get("act", ""), pairs, query.urlencode())
    return redirect("alerts_bulk_confirm", number=bulk.pk)


@needs("alerts.handle")
@require_http_methods(["GET", "POST"])
def confirm(request: Asked, number: int) -> HttpResponse:
    """What an act comes to, with what it needs to know; when that is sent, do it, or say what is missing. Done once, it shows what came of it."""
    bulk = get_object_or_404(Bulk, pk=number, actor=request.user.pk)
    if bulk.done_at is not None:
        return _done(request, bulk, again=request.method == "POST")
    said, wanting = _proposed(bulk), {}
    if request.method == "POST":
        said = _said(request)
        wanting = many.wanting(bulk.act, said, timezone.localdate())
        if not wanting:
            try:
                many.do(bulk, said, request)
            except StaleError:
                return _done(request, Bulk.objects.get(pk=bulk.pk), again=True)
            return redirect("alerts_bulk_confirm", number=bulk.pk)
    found = many.preview(bulk, request)
    context = {
        **_about(bulk),
        **_fields(bulk, found),
        "preview": found,
        "said": said,
        "wanting": wanting,
        "note_most": NOTE_MOST,
    }
    return render(request, "alerts/bulk.html", context, status=422 if wanting else 200)


def _done(request: Asked, bulk: Bulk, *, again: bool) -> HttpResponse:
    context = {
        **_about(bulk),
        "done": bulk.result["done"],
        "refused": len(bulk.result["refused"]),
        "refusals": many.result(bulk, request),
        "again": again,
    }
    return render(request, "alerts/bulk_done.html", context, status=409 if again else 200)


def _about(bulk: Bulk) -> dict[str, Any]:
    if bulk.act not in many.ACTS:
        raise Http404
    return {
        "bulk": bulk,
        "act": many.ACTS[Act(bulk.act)],
        "currency": settings.HOME.settings.base_currency,
        "back": bulk.query,
        "here": "alerts",
    }


def _fields(bulk: Bulk, found: Preview) -> Mapping[str, Any]:
    """What the form offers for the act."""
    if bulk.act == Act.ASSIGN:
        return {"receivers": receivers(found.allowed)}
    if bulk.act == Act.SNOOZE:
        today, most = timezone.localdate(), policy().snooze_most_days
        days = max((most[alert.level] for alert in found.allowed if alert.level in most), default=1)
        return {"earliest": today + dt.timedelta(days=1), "latest": today + dt.timedelta(days=days)}
    return {}


def _proposed(bulk: Bulk) -> Said:
    """What was proposed where the act was asked for."""
    return many.Said(bulk.values.get("note", ""), _person(str(bulk.values.get("owner", ""))))


def _said(request: Asked) -> Said:
    until = None
    with suppress(ValueError):  # told as missing
        until = dt.date.fromisoformat(request.POST.get("until", "").strip())
    person = _person(request.POST.get("owner", ""))
    return many.Said(request.POST.get("note", "").strip()[:NOTE_MOST], person, until)


def _person(stated: str) -> User | None:
    """Somebody who works at the desk, by their key."""
    if not (stated.isascii() and stated.isdecimal() and len(stated) < 16):
        return None
    known = User.objects.prefetch_related("memberships")  # else each alert would ask for them
    return known.filter(pk=int(stated), is_active=True).first()
