"""How a rule fares at people's hands, on the pages of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import template
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from daihou.desk.alerts import learning, scope
from daihou.desk.alerts.models import Alert
from daihou.desk.alerts.policy import policy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.warning.precision import Precision

register = template.Library()

VERDICTS: Final[Mapping[str, tuple[str, Any]]] = {
    "few": ("", pgettext_lazy("how a rule fares", "Too few to say")),
    "unpromised": ("", pgettext_lazy("how a rule fares", "No backtest to compare")),
    "kept": ("green", pgettext_lazy("how a rule fares", "As promised")),
    "better": ("green", pgettext_lazy("how a rule fares", "Better than promised")),
    "decayed": ("red", pgettext_lazy("how a rule fares", "Decayed")),
}


@register.filter
def verdict_label(verdict: str) -> Any:
    """What is said of a rule."""
    return VERDICTS[verdict][1]


@register.filter
def verdict_colour(verdict: str) -> str:
    """The colour it is said in."""
    return VERDICTS[verdict][0]


@register.filter
def percent_of(share: float | None) -> str:
    """A share as the number of a bar's place."""
    return "" if share is None else f"{100 * share:.1f}"


@register.inclusion_tag("alerts/learning_interval.html")
def interval(live: Precision, promise: float | str | None = None) -> dict[str, Any]:
    """The share with its interval as a drawing, and the promise as a line in it; a template says "" for none."""
    return {"live": live, "promise": promise if isinstance(promise, float) else None}


@register.inclusion_tag("alerts/learning_card.html", takes_context=True)
def live_precision(context: Any, rule_id: str) -> dict[str, Any]:
    """The card of a rule: each version with alerts in reach, and a proposal where it has decayed."""
    request = context["request"]
    if not request.rights.may("alerts.view"):
        return {}
    alerts = scope.seen(request.user, request.rights)
    of_rule = alerts.filter(pk__in=Alert.objects.filter(signals__rule_id=rule_id).values("pk"))
    records = [one for one in learning.records(of_rule, timezone.now()) if one.rule_id == rule_id]
    return {
        "shown": True,
        "records": records,
        "rule_id": rule_id,
        "days": policy().precision_days,
        "rights": request.rights,
    }
