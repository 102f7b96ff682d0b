"""Alerts on the pages of loans, borrowers and signals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import template
from django.db.models import Count, Q

from daihou.desk.alerts import rules, scope
from daihou.desk.alerts.models import Alert, AlertSignal

if TYPE_CHECKING:
    from daihou.desk.people.models import User

register = template.Library()

SHOWN: Final = 10
"""Alerts that a card shows; there is one open a topic at most."""


@register.inclusion_tag("alerts/card.html", takes_context=True)
def open_alerts(context: Any, borrower_id: str) -> dict[str, Any]:
    """The card of a borrower: its open alerts in reach, the most urgent first, and how many were closed; nothing for who may see no alerts."""
    request = context["request"]
    rights = request.rights
    if not rights.may("alerts.view"):
        return {"hidden": True}
    found = scope.seen(request.user, rights).filter(borrower_id=borrower_id)
    counted = found.order_by().aggregate(
        count=Count("pk", filter=Q(closed_at=None)), closed=Count("pk", filter=Q(closed_at__isnull=False))
    )
    held = list(found.filter(closed_at=None).select_related("owner").order_by("rank", "due_at", "pk")[:SHOWN])
    return {
        "borrower_id": borrower_id,
        "alerts": [(alert, rule_name(alert)) for alert in held],
        "may_raise": rights.may("alerts.handle"),
        **counted,
    }


@register.simple_tag(takes_context=True)
def alert_of_signal(context: Any, signal_id: str) -> Alert | None:
    """The alert that a signal is worked as, where it is in reach of who looks."""
    request = context["request"]
    user: User = request.user
    held = AlertSignal.objects.select_related("alert").filter(signal_id=signal_id)
    found = held.order_by("-pk").first()  # of a lifted one and another, the other
    if found is None or not scope.reaches(user, request.rights, found.alert, "alerts.view"):
        return None
    return found.alert


def rule_name(alert: Alert) -> str:
    """What its rule is called; of one raised by hand its topic."""
    return rules.rule_name(alert.rule_id) if alert.rule_id else alert.get_topic_display()
