"""The administrator's pages of deliveries: how events fare on their way, the dead letters, one with what was sent and answered, and sending again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.webhooks import body, transitions
from daihou.desk.webhooks.choices import IN_TROUBLE, REMEDIES, STATE_COLOURS, State, Trouble
from daihou.desk.webhooks.forms import DeliveryFilter
from daihou.desk.webhooks.models import Delivery
from daihou.desk.webhooks.reaching import reaches
from daihou.desk.webhooks.views.hooks import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50
LONGEST_NUMBER: Final = 18
"""Digits of a number that a database takes."""


@needs("programs.manage")
@require_GET
def hook_deliveries(request: Asked) -> HttpResponse:
    """Deliveries by hook, event and state; what is in trouble where no state is chosen. All of it stands in the address."""
    whole(request)
    before = request.GET.get("before", "")
    found, form = _chosen(request.GET)
    rows = found.select_related("event", "hook").order_by("-pk")
    if before.isdecimal() and len(before) <= LONGEST_NUMBER:
        rows = rows.filter(pk__lt=int(before))
    shown = list(rows[: PAGE + 1])
    of_hook = Delivery.objects.filter(hook=form.cleaned_data["hook"]) if form.cleaned_data.get("hook") else Delivery.objects.all()  # fmt: skip
    counts = dict(of_hook.order_by().values_list("state").annotate(n=Count("pk")))
    stuck = found.filter(state__in=IN_TROUBLE).count()
    context: dict[str, Any] = {
        "rows": [(row, REMEDIES[Trouble(row.trouble)] if row.trouble else "") for row in shown[:PAGE]],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "newest": not before,
        "counts": [(each, counts.get(each, 0), STATE_COLOURS[each]) for each in State],
        "state": form.cleaned_data.get("state", ""),
        "form": form,
        "filtered": any(request.GET.get(name) for name in form.fields),
        "stuck": stuck,
    }
    return render(request, "webhooks/deliveries.html", context)


@needs("programs.manage")
@require_GET
def hook_delivery(request: Asked, number: int) -> HttpResponse:
    """One delivery: what is sent, every try, the last answer. What it is about is shown to who may see that."""
    whole(request)
    delivery = get_object_or_404(Delivery.objects.select_related("event", "hook__user"), pk=number)
    told = body.of(delivery.event)
    readable = reaches(request.rights, delivery.event)
    if not readable:
        told["data"] = dict.fromkeys(told["data"], "•••")
    tries = [(parse_datetime(at), Trouble(trouble).label if trouble else "", status, ms) for at, trouble, status, ms in delivery.course]  # fmt: skip
    context: dict[str, Any] = {
        "delivery": delivery,
        "body": json.dumps(told, ensure_ascii=False, indent=2),
        "readable": readable,
        "remedy": REMEDIES[Trouble(delivery.trouble)] if delivery.trouble else "",
        "tries": tries,
        "stuck": delivery.state in IN_TROUBLE,
    }
    return render(request, "webhooks/delivery.html", context)


@needs("programs.manage")
@require_POST
def hook_deliveries_again(request: Asked) -> HttpResponse:
    """Send again one delivery, or all in trouble that a filter shows."""
    n = _done(request, transitions.send_again)
    said = ngettext("%(n)s event is sent again.", "%(n)s events are sent again.", n) % {"n": n}
    messages.info(request, said if n else _("Nothing of this is in trouble any more."))
    return _back(request)


@needs("programs.manage")
@require_POST
def hook_deliveries_drop(request: Asked) -> HttpResponse:
    """Drop one delivery, or all in trouble that a filter shows."""
    n = _done(request, transitions.drop)
    said = ngettext("%(n)s event is dropped.", "%(n)s events are dropped.", n) % {"n": n}
    messages.info(request, said if n else _("Nothing of this is in trouble any more."))
    return _back(request)


def _done(request: Asked, act: Callable[[QuerySet[Delivery], Asked], int]) -> int:
    whole(request)
    number = request.POST.get("delivery", "")
    if number.isdecimal() and len(number) <= LONGEST_NUMBER:
        return act(Delivery.objects.filter(pk=int(number)), request)
    found, form = _chosen(request.POST)
    return act(found, request) if "all" in request.POST and form.is_valid() else 0


def _chosen(values: Mapping[str, Any]) -> tuple[QuerySet[Delivery], DeliveryFilter]:
    """The deliveries of a filter; a part of it that is none is left out."""
    form = DeliveryFilter(values)
    form.is_valid()
    given = form.cleaned_data
    found = Delivery.objects.filter(state__in=[given["state"]] if given.get("state") else IN_TROUBLE)
    if given.get("hook"):
        found = found.filter(hook=given["hook"])
    if given.get("kind"):
        found = found.filter(event__kind=given["kind"])
    return found, form


def _back(request: Asked) -> HttpResponse:
    """To the list as it was filtered."""
    kept = {name: request.POST[name] for name in DeliveryFilter.base_fields if request.POST.get(name)}
    return redirect(f"{reverse('hook_deliveries')}{'?' if kept else ''}{urlencode(kept)}")
