"""Messages of the cases in reach: how far each is, what went wrong, and what to do about it. What they say is not shown."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.casework import scope
from daihou.desk.casework.models import Case
from daihou.desk.contacts import messages
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.choices import PENDING, State
from daihou.desk.contacts.models import Contact
from daihou.desk.contacts.troubles import REMEDIES, Trouble
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50
LOOKED_BACK: Final = dt.timedelta(days=30)
LATE: Final = dt.timedelta(minutes=5)
"""What is due so long and not taken up shows that no sender runs."""
TROUBLED: Final = (State.FAILED, State.UNCLEAR, State.GIVEN_UP, State.DROPPED)
"""What is listed where no state is chosen: what did not reach its reader, or may not have."""
COLOURS: Final = {
    State.WAITING: "blue", State.SENDING: "blue", State.SENT: "green", State.DELIVERED: "green", State.FAILED: "orange",
    State.UNCLEAR: "yellow", State.GIVEN_UP: "red", State.DROPPED: "",
}  # fmt: skip


@needs("collection.manage")
@require_GET
def sent(request: Asked) -> HttpResponse:
    """The messages of the last 30 days in reach, by state; those in trouble first to see. State and page stand in the address."""
    now = timezone.now()
    mine = _mine(request, now)
    state = request.GET.get("state", "")
    state = state if state in COLOURS else ""
    chosen = mine.filter(state__in=[state] if state else TROUBLED).order_by("-at", "-pk")
    page = Paginator(chosen, PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    cases = Case.objects.in_bulk({one.case_id for one in found if one.case_id})
    names = people.masked_names({one.person_id for one in found})
    called = _called(now)
    counts = dict(mine.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "rows": [
            (
                one,
                cases.get(one.case_id or 0),
                names.get(one.person_id, one.person_id),
                called.get(one.template, one.template),
                COLOURS[State(one.state)],
                REMEDIES[Trouble(one.trouble)] if one.trouble else "",
            )
            for one in found
        ],
        "page": page,
        "state": state,
        "counts": [(each, counts.get(each.value, 0), colour) for each, colour in COLOURS.items()],
        "asleep": mine.filter(state__in=PENDING, due_at__lt=now - LATE, channel__in=known.ready()).exists(),
        "here": "workbench",
    }
    return render(request, "casework/messages.html", context)


def _mine(request: Asked, now: dt.datetime) -> QuerySet[Contact]:
    """Messages in reach: those of cases that one manages; who manages all sees also those of none."""
    recent = Contact.objects.filter(at__gte=now - LOOKED_BACK).exclude(state=State.NONE)
    if request.rights.reach("collection.manage").everything:
        return recent
    return recent.filter(case_id__in=scope.seen(request.user, request.rights, "collection.manage").values("pk"))


def _called(now: dt.datetime) -> dict[str, str]:
    """What each template is called, in the language in hand."""
    chinese = (get_language() or "").startswith("zh")
    templates = messages.policy(timezone.localdate(now)).templates
    return {each.code: each.zh if chinese else each.en for each in templates}
