"""The page of one alert, for reading: its head, its state in a few marks, and the parts below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from daihou.book.errors import DaihouError
from daihou.desk.alerts import rules, scope, timeline
from daihou.desk.alerts.acting import org_name
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.flow import flow
from daihou.desk.alerts.history import SPANS, history
from daihou.desk.alerts.history_chart import option
from daihou.desk.alerts.linked import linked
from daihou.desk.alerts.models import Customer
from daihou.desk.alerts.place import place
from daihou.desk.alerts.similar import similar
from daihou.desk.alerts.templatetags.alert_card import rule_name
from daihou.desk.alerts.why import why
from daihou.desk.people import officers, orgs
from daihou.desk.portfolio import moments
from daihou.desk.portfolio.subjects import address
from daihou.desk.vault import people

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.alerts.models import Alert, AlertSignal, Move
    from daihou.desk.alerts.timeline import Entry
    from daihou.desk.asked import Asked
    from daihou.desk.portfolio.moments import Moment

SPAN: Final = 12
"""Months of the history, unless the address says otherwise."""
IN_FULL: Final = 2
"""Signals that stand open on the page; the others are unfolded."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to know at a glance, with its colour and icon."""

    colour: str
    icon: str
    text: str


def newest() -> Moment | None:
    """The newest date that runs wrote; None before the first."""
    try:
        return moments.moment(QueryDict())
    except DaihouError:
        return None


def context(alert: Alert, request: Asked) -> dict[str, Any]:
    """Everything the page shows, but what is to be done."""
    moment = newest()
    moves = list(alert.moves.select_related("actor").order_by("id"))
    signals = why(alert, moment)
    tree = orgs.tree()
    return {
        "alert": alert, "place": place(alert, request), "moment": moment, "printed_at": timezone.localtime(),
        "name": _name(alert),
        "rule_name": rule_name(alert), "currency": settings.HOME.settings.base_currency,
        "org": tree.name(alert.org_id), "officer": officers.names([alert.officer_id]).get(alert.officer_id),
        "lead_org": tree.name(alert.lead_org_id) if alert.lead_org_id not in ("", alert.org_id) else "",
        "customer": Customer.objects.filter(pk=alert.borrower_id).first() if alert.borrower_id else None, "marks": marks(alert, moves, request),
        "steps": flow(alert, moves), "whys": signals, "in_full": IN_FULL, **_history(alert, request, moment), **_timeline(alert, request, moment),
        "similar": similar(alert, request, moment), "linked": linked(alert.borrower_id, request, moment) if alert.borrower_id else None,
        "subject_address": address("model", alert.model) if alert.model else address("borrower", alert.borrower_id),
    }  # fmt: skip


def _name(alert: Alert) -> str | None:
    """The name of its borrower, masked where it is a person; of a model its version. None where the vault has none."""
    return alert.model or people.masked_names([alert.borrower_id]).get(alert.borrower_id)


def marks(alert: Alert, moves: Sequence[Move], request: Asked) -> list[Mark]:
    """What of its state is out of the ordinary."""
    found = []
    if not alert.open:
        ended = timezone.localtime(alert.closed_at).date()
        found.append(Mark("green", "ok", f"{alert.get_outcome_display()} {ended}"))
    if alert.snoozed_until is not None:
        found.append(Mark("blue", "pause", _("snoozed until %(day)s") % {"day": alert.snoozed_until}))
    if alert.escalated_org_id is not None:
        found.append(Mark("orange", "up", _("escalated to %(org)s") % {"org": org_name(alert.escalated_org_id)}))
    chases = sum(move.act == Act.CHASE for move in moves)
    if alert.open and alert.chased_at is not None and chases:
        said_often = ngettext("chased once", "chased %(n)s times", chases) % {"n": chases}
        found.append(Mark("orange", "clock", f"{said_often}, {timezone.localtime(alert.chased_at):%m-%d}"))
    if alert.ceased:
        ceased = _("all signals ceased on %(day)s: lifting is proposed") % {"day": alert.ceased_on}
        found.append(Mark("green", "ok", ceased))
    if alert.open and alert.rule_id and _withdrawn(alert.rule_id, timezone.localdate()):
        found.append(Mark("yellow", "off", _("rule withdrawn")))
    if alert.open and alert.owner is not None:
        if not alert.owner.is_active:
            found.append(Mark("red", "warn", _("%(name)s no longer works here") % {"name": alert.owner}))
        elif alert.owner_id != request.user.pk and not scope.sees(alert.owner, alert):
            found.append(Mark("red", "warn", _("%(name)s no longer reaches it") % {"name": alert.owner}))
    return found


def _withdrawn(rule_id: str, today: dt.date) -> bool:
    """Whether a rule stands nowhere any more, or was ended by a day."""
    rule = rules.rule(rule_id)
    if rule is None:
        return True
    version = rule.live(today)
    return version is not None and version.retired


def _history(alert: Alert, request: Asked, moment: Moment | None) -> dict[str, Any]:
    """The chart of the leading measure, over the months that the address asks for."""
    stated = request.GET.get("months", "")
    months = int(stated) if stated in [str(span) for span in SPANS] else SPAN
    found = None if moment is None or alert.lead is None else history(alert.lead, alert.borrower_id, months, moment)
    lead: AlertSignal | None = alert.lead
    return {"history": found, "chart": option(found) if found else None, "spans": SPANS, "months": months, "lead": lead}


def _timeline(alert: Alert, request: Asked, moment: Moment | None) -> dict[str, Any]:
    """What happened to the alert, or to the whole customer where the address asks for that."""
    whole = request.GET.get("events") == "customer"
    found: list[Entry] = timeline.of_customer(alert, request, moment) if whole else timeline.of_alert(alert)
    every = request.GET.get("entries") == "all"
    return {
        "whole_customer": whole,
        "entry_count": len(found),
        "entries": found if every else found[: timeline.SHOWN],
    }
