"""The administrator's pages: how all notices fare, what is stuck, and the channels of the lender. Nobody's notices can be read here."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from daihou.desk import errors
from daihou.desk.access import needs
from daihou.desk.audit.limits import exceeded
from daihou.desk.notices import transitions
from daihou.desk.notices.apprised import AddressError
from daihou.desk.notices.choices import PENDING, REMEDIES, STATE_COLOURS, STUCK, Kept, State, Trouble
from daihou.desk.notices.forms import GroupChannelForm
from daihou.desk.notices.models import Channel, Delivery, Notice
from daihou.desk.notices.views.own import MOST_TESTS, say, why_not

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50
SHOWN: Final = (State.FAILED, State.UNCLEAR, State.GIVEN_UP)
"""What is listed where no state is chosen: what is in trouble."""
LATE: Final = dt.timedelta(minutes=5)
"""What is due so long and not taken up shows that no sender runs."""


@needs("people.manage")
@require_GET
def outbox(request: Asked) -> HttpResponse:
    """How many notices are in which state, and what is in trouble, with what to do; state and page stand in the address."""
    _whole(request)
    return _page(request)


@needs("people.manage")
@require_POST
def resend(request: Asked) -> HttpResponse:
    """Send again one notice that is unclear or given up, or all of a state."""
    _whole(request)
    number, state = request.POST.get("delivery", ""), request.POST.get("state", "")
    chosen = Delivery.objects.none()
    if number.isdecimal() and len(number) < 19:
        chosen = Delivery.objects.filter(pk=int(number))
    elif state in STUCK:
        chosen = Delivery.objects.filter(state=state)
    n = transitions.resend(chosen, request)
    said = ngettext("%(n)s notice is sent again.", "%(n)s notices are sent again.", n) % {"n": n}
    messages.info(request, said if n else _("Nothing of this is stuck any more."))
    return redirect("notice_outbox")


@needs("people.manage")
@require_POST
def channel_add(request: Asked) -> HttpResponse:
    """Enter a channel of the lender."""
    _whole(request)
    form = GroupChannelForm(request.POST)
    if form.is_valid():
        try:
            transitions.add_channel(form.cleaned_data, request, lenders=True)
        except AddressError as error:
            form.add_error("address", why_not(error))
        else:
            messages.success(request, _("The channel is entered. Try it with its test button."))
            return redirect("notice_outbox")
    return _page(request, form)


@needs("people.manage")
@require_POST
def channel_remove(request: Asked, number: int) -> HttpResponse:
    """Remove a channel of the lender."""
    _whole(request)
    transitions.remove_channel(_one(number), request)
    messages.success(request, _("The channel is removed."))
    return redirect("notice_outbox")


@needs("people.manage")
@require_POST
def channel_test(request: Asked, number: int) -> HttpResponse:
    """Send a test through a channel of the lender at once, and show what the server said."""
    _whole(request)
    if exceeded(request.user, "notice.test", dt.timedelta(hours=1), MOST_TESTS):
        return errors.often(request, MOST_TESTS)
    say(request, transitions.attempt(_one(number), request))
    return redirect("notice_outbox")


def _page(request: Asked, form: GroupChannelForm | None = None) -> HttpResponse:
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    found = Delivery.objects.filter(state__in=[state] if state in State.values else SHOWN)
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found.select_related("notice", "recipient", "channel").order_by("-pk")[: PAGE + 1])
    counts = dict(Delivery.objects.order_by().values_list("state").annotate(n=Count("pk")))
    now = timezone.now()
    context: dict[str, Any] = {
        "rows": [(row, REMEDIES[Trouble(row.trouble)] if row.trouble else "") for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "newest": not before,
        "counts": [(each, counts.get(each, 0), STATE_COLOURS[each]) for each in State],
        "state": state if state in State.values else "",
        "stuck": [(each, counts.get(each, 0)) for each in State if each in STUCK and counts.get(each)],
        "without_address": Notice.objects.filter(kept=Kept.NO_ADDRESS)
        .order_by()
        .values("recipient")
        .distinct()
        .count(),
        "asleep": _oldest_due(now) is not None,
        "channels": Channel.objects.filter(user=None, removed_at=None),
        "form": form or GroupChannelForm(),
    }
    return render(request, "notices/outbox.html", context, status=422 if form else 200)


def _oldest_due(now: dt.datetime) -> dt.datetime | None:
    """Since when something waits that a sender would have taken up; None where all is well."""
    unrouted = (
        Notice.objects.filter(routed_at=None, created_at__lt=now - LATE)
        .order_by("pk")
        .values_list("created_at", flat=True)
    )
    due = Delivery.objects.filter(state__in=PENDING, due_at__lt=now - LATE).aggregate(since=Min("due_at"))["since"]
    return unrouted.first() or due


def _one(number: int) -> Channel:
    return get_object_or_404(Channel, pk=number, user=None, removed_at=None)


def _whole(request: Asked) -> None:
    """Notices cross the parts of the organisation: only who manages all of it."""
    if not request.rights.reach("people.manage").everything:
        raise PermissionDenied
