"""The administrator's pages of webhooks: all of them, one, and what can be done with it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, OuterRef
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.limits import exceeded
from daihou.desk.webhooks import transitions
from daihou.desk.webhooks.choices import PENDING, STATE_COLOURS, HookState, State
from daihou.desk.webhooks.forms import HookForm
from daihou.desk.webhooks.models import Delivery, Hook, HookEvent

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

LATE: Final = dt.timedelta(minutes=5)
"""What is due so long and not taken up shows that no sender runs."""
MOST_PINGS: Final = 60
"""Tests an hour by one person: nobody turns the desk against somebody's server."""
LAST: Final = 10
"""Deliveries shown on a hook's own page."""


@needs("programs.manage")
@require_GET
def webhooks(request: Asked) -> HttpResponse:
    """All hooks, how they fare, and how many deliveries are in trouble."""
    whole(request)
    of_hook = Delivery.objects.filter(hook=OuterRef("pk"))
    hooks = Hook.objects.filter(removed_at=None).select_related("user")
    told = hooks.annotate(
        waits=Exists(of_hook.filter(state__in=PENDING)), dead=Exists(of_hook.filter(state=State.DEAD))
    )
    return render(request, "webhooks/webhooks.html", {"hooks": told, "asleep": _asleep(timezone.now())})


@needs("programs.manage")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_new(request: Asked) -> HttpResponse:
    """Enter a hook; the answer shows its secret, once."""
    whole(request)
    form = HookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made, secret = transitions.enter(form.cleaned_data, request)
        return render(request, "webhooks/secret.html", {"hook": made, "secret": secret, "entered": True})
    return render(request, "webhooks/form.html", {"form": form}, status=422 if form.is_bound else 200)


@needs("programs.manage")
@require_GET
def webhook(request: Asked, number: int) -> HttpResponse:
    """One hook: what it is told, how it fares, its last deliveries."""
    whole(request)
    hook = _one(number)
    now = timezone.now()
    counts = dict(Delivery.objects.filter(hook=hook).order_by().values_list("state").annotate(n=Count("pk")))
    context: dict[str, Any] = {
        "hook": hook,
        "memberships": hook.user.memberships.all(),
        "counts": [(each, counts.get(each, 0), STATE_COLOURS[each]) for each in State],
        "rows": Delivery.objects.filter(hook=hook).select_related("event").order_by("-pk")[:LAST],
        "older_until": hook.older_until if hook.older_until and hook.older_until > now else None,
        "rests_until": hook.rests_until if hook.rests_until and hook.rests_until > now else None,
    }
    return render(request, "webhooks/webhook.html", context)


@needs("programs.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_edit(request: Asked, number: int) -> HttpResponse:
    """Change a hook's data."""
    whole(request)
    hook = _one(number)
    stated = {"name": hook.name, "url": hook.url, "user": hook.user.username, "kinds": hook.kinds}
    form = HookForm(request.POST or None, initial=stated)
    if request.method == "POST" and form.is_valid():
        transitions.change(hook, form.cleaned_data, request)
        messages.success(request, _("Saved."))
        return redirect("webhook", number=number)
    return render(request, "webhooks/form.html", {"form": form, "hook": hook}, status=422 if form.is_bound else 200)


@needs("programs.manage")
@require_POST
def webhook_ping(request: Asked, number: int) -> HttpResponse:
    """Send a test at once, and show what the receiver said."""
    whole(request)
    if exceeded(request.user, "webhook.test", dt.timedelta(hours=1), MOST_PINGS):
        return errors.often(request, MOST_PINGS)
    trial = transitions.ping(_one(number), request)
    said = {"status": trial.status or "–", "took": trial.took_ms, "answer": trial.answer[:200]}
    if trial.good:
        messages.success(request, _("The receiver took it: %(status)s in %(took)s ms. %(answer)s") % said)
    else:
        messages.error(request, f"{trial.trouble} {trial.remedy} ({said['status']}) {said['answer']}")
    return redirect("webhook", number=number)


@needs("programs.manage")
@require_POST
def webhook_pause(request: Asked, number: int) -> HttpResponse:
    """Tell it nothing for now."""
    whole(request)
    if transitions.pause(_one(number), request):
        messages.success(request, _("The webhook is paused. What happens meanwhile is kept for it."))
    return redirect("webhook", number=number)


@needs("programs.manage")
@require_POST
def webhook_resume(request: Asked, number: int) -> HttpResponse:
    """Tell it again."""
    whole(request)
    if transitions.resume(_one(number), request):
        messages.success(request, _("The webhook is told again; what waited for it is sent now."))
    return redirect("webhook", number=number)


@needs("programs.manage")
@never_cache
@require_POST
def webhook_secret(request: Asked, number: int) -> HttpResponse:
    """Give a new secret; the answer shows it, once."""
    whole(request)
    hook = _one(number)
    secret, until = transitions.rotate(hook, request)
    return render(request, "webhooks/secret.html", {"hook": hook, "secret": secret, "older_until": until})


@needs("programs.manage")
@require_POST
def webhook_remove(request: Asked, number: int) -> HttpResponse:
    """Remove it."""
    whole(request)
    if transitions.remove(_one(number), request):
        messages.success(request, _("The webhook is removed; what waited for it is dropped."))
    return redirect("webhooks")


def whole(request: Asked) -> None:
    """Webhooks cross the parts of the organisation: only who manages programs of all of it."""
    if not request.rights.reach("programs.manage").everything:
        raise PermissionDenied


def _one(number: int) -> Hook:
    return get_object_or_404(Hook.objects.select_related("user"), pk=number, removed_at=None)


def _asleep(now: dt.datetime) -> bool:
    """Whether something waits that a sender would have taken up."""
    if HookEvent.objects.filter(routed_at=None, at__lt=now - LATE).exists():
        return True
    awake = Hook.objects.filter(state=HookState.ACTIVE, removed_at=None, failures=0)
    return Delivery.objects.filter(hook__in=awake, state__in=PENDING, due_at__lt=now - LATE).exists()
