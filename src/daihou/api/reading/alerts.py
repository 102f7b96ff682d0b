"""Alerts: the list, filtered as the inbox is, and one with its history and why."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from daihou.api.app import missing
from daihou.api.auth import needs_scope
from daihou.api.reading import alert_told, answers, cursors, described, keyset, refusals
from daihou.api.reading import asked as asking
from daihou.api.reading.asked import Paged
from daihou.api.reading.described import One, Page
from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import scope
from daihou.desk.alerts.listing import Listing
from daihou.desk.people.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from daihou.api.auth import Called
    from daihou.desk.alerts.chosen import Chosen
    from daihou.desk.alerts.models import Alert, Move

router = Router(tags=["alerts"])
KEY: Final = re.compile(r"\d{1,15}", re.ASCII)
OF_OPEN: Final = frozenset({"due", "level"})
"""Orders by the deadline, which closed alerts have not."""


class Filtered(Schema):
    """The filter, as the address of the inbox has it; of level, stage and topic several may be named, a,b."""

    level: str = Field("", description="red, orange, yellow, blue.")
    stage: str = Field("", description="check, confirm, plan, act, follow, lift.")
    topic: str = Field("", description="Topics of rules, or other.")
    due: str = Field("", description="overdue, today or soon.")
    source: str = Field("", description="signal or hand.")
    snoozed: str = Field("", description="0 or 1.")
    ceased: str = Field("", description="1: all signals ceased, lifting is proposed.")
    escalated: str = Field("", description="0 or 1.")
    decide: str = Field("", description="1: waits for a decision of the program's own user.")
    outcome: str = Field("", description="How a closed one ended: lifted, false_alarm, duplicate, data_error.")
    closed: str = Field("", description="0: open (the default), 1: closed, all.")
    owner: str = Field("", description="User names; me, none.")
    org: str = Field("", description="An org, with all below it.")
    rule: str = Field("", description="The id of its leading rule.")
    borrower: str = Field("", description="Numbers of borrowers.")
    model: str = Field("", description="A version of a scoring model.")
    exposure: str = Field("", description="Bounds in units of the base currency: 500000.. or ..2000000.")


class Wanted(Filtered, Paged):
    """Which alerts, in which order."""

    sort: str = Field("raised", description="raised (newest first), due, level, exposure; of closed ones closed. With a minus the other way round.")  # fmt: skip


@router.get("/alerts", response=Page[described.Alert], auth=needs_scope("alerts:read"), summary="Alerts")
def alerts(request: Called, wanted: Query[Wanted]) -> HttpResponse:
    """The alerts in reach that a filter leaves, page by page."""
    asking.only(request, Wanted)
    cursor = cursors.read(request)
    chosen = _chosen(wanted)
    order = _order(wanted.sort, chosen)
    listing = Listing(request.user, request.rights, chosen, timezone.now())
    shown = listing.seen.select_related("owner", "lead")
    rows, following = keyset.page(request, listing.alerts, shown, order, cursor, wanted.limit)
    data = [alert_told.told(alert, request.user, request.rights) for alert in rows]
    return answers.page(request, data, following, _meta())


@router.get(
    "/alerts/{number}",
    response=One[described.WholeAlert],
    auth=needs_scope("alerts:read"),
    summary="One alert, with history and why",
)
def alert(request: Called, number: str) -> HttpResponse:
    """An alert by its number (AL-2026-000123) or id: its state, each signal with its evidence, every act. Its revision is its tag, for `If-Match`."""
    asking.only(request)
    found = reached(request, number)
    tag = revision_tag(found)
    user, rights = request.user, request.rights
    moves = list(found.moves.select_related("actor").order_by("id"))
    notes = alert_told.reads_notes(found, user, rights)
    body = {
        **alert_told.told(found, user, rights),
        "signals": alert_told.signals(found.signals.all()),
        "history": alert_told.moves(moves, _user_names(moves), notes=notes), "notes_withheld": not notes,
    }  # fmt: skip
    return answers.answer({"data": body, "meta": _meta()}, tag=tag)


def reached(request: Called, number: str) -> Alert:
    """An alert in reach, with owner and leading signal; 404 for all else."""
    match = choice.NUMBER.fullmatch(number) or KEY.fullmatch(number)
    seen = scope.seen(request.user, request.rights)
    held = seen.select_related("owner", "lead")
    found = held.filter(pk=int(match[match.lastindex or 0])).first() if match else None
    if found is None:
        raise missing()
    return found


def revision_tag(alert: Alert) -> str:
    """The revision as an entity tag."""
    return f'"{alert.revision}"'


def _meta() -> dict[str, Any]:
    return {"base_currency": settings.HOME.settings.base_currency}


def _chosen(wanted: Filtered) -> Chosen:
    """The filter; what it says wrongly is refused here, since nobody reads what was left out."""
    stated = {name: getattr(wanted, name) for name in Filtered.model_fields}
    stated["owner"] = ",".join(_owners(stated["owner"]))
    chosen = choice.chosen(asking.querydict({name: value for name, value in stated.items() if value}))
    chosen.refuse()
    return chosen


def _owners(stated: str) -> list[str]:
    """Owners as the inbox names them, by key, from user names."""
    names = [name.strip() for name in stated.split(",") if name.strip()]
    people = [name for name in names if name not in choice.OWNERS]
    keys = dict(User.objects.filter(username__in=people).values_list("username", "pk")) if people else {}
    for name in people:
        if name not in keys:
            raise refusals.unknown("owner", name, choice.OWNERS)
    return [name if name in choice.OWNERS else str(keys[name]) for name in names]


def _order(sort: str, chosen: Chosen) -> list[str]:
    """The order as fields, none of which is empty in what the filter leaves."""
    name = sort.removeprefix("-")
    known = [
        one
        for one in choice.SORTS
        if (one not in OF_OPEN or chosen.open) and (one != "closed" or chosen.closed == ("1",))
    ]
    if name not in known:
        raise refusals.unknown("sort", sort, known)
    return choice.ordering(name, reverse=sort.startswith("-"))


def _user_names(moves: Iterable[Move]) -> dict[int, str]:
    keys = {move.detail[name] for move in moves for name in alert_told.WHOM if move.detail.get(name)}
    return dict(User.objects.filter(pk__in=keys).values_list("pk", "username")) if keys else {}
