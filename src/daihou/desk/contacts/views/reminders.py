"""Reminders before the due date: how many of each day, and the newest with what became of them. What they say is not shown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.core.paginator import Paginator
from django.db.models import Count
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.contacts import reminding
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.choices import PENDING, Reminded, State
from daihou.desk.contacts.models import Reminder
from daihou.desk.contacts.troubles import Trouble
from daihou.desk.people.sight import condition
from daihou.desk.vault import people

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse

    from daihou.desk.asked import Asked

PAGE: Final = 50
LOOKED_BACK: Final = dt.timedelta(days=30)
SHOWN_DAYS: Final = 14
COLOURS: Final = {
    Reminded.POSTED: "blue", Reminded.REFUSED: "orange", Reminded.NO_POINT: "yellow", Reminded.UNFIT: "red",
    State.SENT: "green", State.DELIVERED: "green", State.FAILED: "orange", State.UNCLEAR: "yellow", State.GIVEN_UP: "red", State.DROPPED: "",
}  # fmt: skip
LEFT: Final = (State.SENT, State.DELIVERED, State.UNCLEAR)
"""States of messages that left the house, or may have."""


@dataclass
class _Day:
    """The reminders of a day."""

    on: dt.date
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("all", "waiting", "left", "paid", "lost", "refused", "no_point"), 0)
    )


@needs("collection.manage")
@require_GET
def listed(request: Asked) -> HttpResponse:
    """The reminders of the last 30 days in reach, by state. State and page stand in the address."""
    now = timezone.now()
    mine = Reminder.objects.filter(
        condition(request.rights.reach("collection.manage")), planned_at__gte=now - LOOKED_BACK
    )
    state = request.GET.get("state", "")
    state = state if state in Reminded.values else ""
    chosen = mine.filter(state=state) if state else mine
    page = Paginator(chosen.select_related("contact").order_by("-pk"), PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    names = people.masked_names({one.borrower_id for one in found})
    groups = _groups(now)
    counts = dict(mine.order_by().values_list("state").annotate(n=Count("pk")))
    context = {
        "rows": [
            (one, names.get(one.borrower_id) or one.borrower_id, groups.get(one.group, one.group), _colour(one))
            for one in found
        ],
        "page": page, "state": state, "counts": [(each, counts.get(each.value, 0)) for each in Reminded], "days": _days(mine),
        "ready": bool(known.ready()), "tab": "reminders", "here": "workbench",
    }  # fmt: skip
    return render(request, "contacts/reminders.html", context)


def _colour(one: Reminder) -> str:
    """Of the message where one was posted, else of the reminder."""
    if one.contact is None or one.contact.state in (*PENDING, State.SENDING):
        return COLOURS[Reminded(one.state)]
    return COLOURS[State(one.contact.state)]


def _groups(now: dt.datetime) -> dict[str, str]:
    """What each group is called, in the language in hand."""
    chinese = (get_language() or "").startswith("zh")
    return {one.code: one.zh if chinese else one.en for one in reminding.policy(timezone.localdate(now)).groups}


def _days(mine: QuerySet[Reminder]) -> list[_Day]:
    """The figures of the newest days, from one query."""
    days: dict[dt.date, _Day] = {}
    told = (
        mine.order_by().values_list("planned_on", "state", "contact__state", "contact__trouble").annotate(n=Count("pk"))
    )
    for on, state, message, trouble, count in told:
        of = days.setdefault(on, _Day(on)).counts
        of["all"] += count
        if state != Reminded.POSTED:
            of["no_point" if state == Reminded.NO_POINT else "refused" if state == Reminded.REFUSED else "lost"] += (
                count
            )
        elif message in LEFT:
            of["left"] += count
        elif message in (*PENDING, State.SENDING):
            of["waiting"] += count
        else:
            of["paid" if trouble == Trouble.UNTRUE else "lost"] += count
    return sorted(days.values(), key=lambda one: one.on, reverse=True)[:SHOWN_DAYS]
