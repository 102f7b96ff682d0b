"""Collectors and queues: who has how much and how far the day is, what lies without a collector, and sharing out what they have who are away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from daihou.desk.access import needs
from daihou.desk.casework import assigning, scope, workloads
from daihou.desk.casework.models import OPEN
from daihou.desk.casework.views import cases as listed
from daihou.desk.people.models import User

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked


@needs("collection.manage")
@require_GET
def collectors(request: Asked) -> HttpResponse:
    """A row a collector, and the queues by org."""
    now = timezone.now()
    cases = scope.seen(request.user, request.rights, "collection.manage")
    rows = workloads.loads(cases, request.rights.reach("collection.manage"), now)
    queues = workloads.queues(cases)
    context = {
        "rows": rows, "queues": queues, "waiting": sum(one.cases for one in queues), "handed_up": sum(one.handed_up for one in queues),
        "cases": sum(one.cases for one in rows), "done": sum(one.done for one in rows), "listed": sum(one.listed for one in rows),
        "due": sum(one.due_promises for one in rows), "tab": "collectors", "here": "collectors", "now": now,
    }  # fmt: skip
    return render(request, "casework/collectors.html", context)


@needs("collection.manage")
@require_POST
def share_out(request: Asked, number: int) -> HttpResponse:
    """All open cases of one collector to the others by turns: frozen here, confirmed on the page of acts on many."""
    owner = get_object_or_404(User, pk=number)
    mine = scope.seen(request.user, request.rights, "collection.manage").filter(OPEN, owner=owner)
    pairs = list(mine.order_by("-claim", "pk").values_list("pk", "revision")[: assigning.MOST])
    if not pairs:
        messages.info(request, _("%(name)s has no open case.") % {"name": owner})
        return redirect("collectors")
    return listed.asked(request, assigning.freeze(request, "share", pairs, f"owner={owner.pk}"))
