"""What programs elsewhere are told of an alert: events in the outbox of webhooks, in the transaction of the act. Where none listens it costs one short query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from daihou.book import money
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.webhooks import outbox
from daihou.desk.webhooks.choices import Kind
from daihou.desk.webhooks.outbox import Happened

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.desk.alerts.models import Alert, Move


def announce(pairs: Sequence[tuple[Alert, Move]]) -> None:
    """Say what some acts came to, each with its alert as it is after all of them."""
    found = [(kind, alert, made) for alert, made in pairs for kind in _kinds(alert, made)]
    if not found:
        return
    wanted = outbox.wanted()
    outbox.post(_happened(kind, alert, made) for kind, alert, made in found if kind in wanted)


def _kinds(alert: Alert, made: Move) -> Iterator[Kind]:
    """What an act comes to for who looks from outside; nothing for most."""
    if made.act == Act.RAISE:
        yield Kind.ALERT_RAISED
        return
    if made.level_before != made.level_after:
        yield Kind.ALERT_LEVEL
    if made.detail.get("last") and alert.ceased:
        yield Kind.ALERT_CEASED
    if made.stage_before != made.stage_after:
        yield Kind.ALERT_CLOSED if made.stage_after == Stage.CLOSED else Kind.ALERT_STAGE


def _happened(kind: Kind, alert: Alert, made: Move) -> Happened:
    return Happened(
        kind, f"alert:{alert.pk}", reverse("alert", args=[alert.pk]), made.at, _data(alert, made), org_id=alert.org_id,
        lead_org_id=alert.lead_org_id, officer_id=alert.officer_id, owner_id=alert.owner_id,
    )  # fmt: skip


def _data(alert: Alert, made: Move) -> dict[str, Any]:
    """Ids, codes and figures of an alert after an act. What people wrote is not among them: it may speak of persons."""
    base = settings.HOME.settings.base_currency
    return {
        "id": alert.pk, "number": alert.number, "revision": alert.revision, "act": str(made.act),
        "borrower_id": alert.borrower_id or None, "model": alert.model or None, "topic": alert.topic, "rule_id": alert.rule_id, "version": alert.version,
        "level": made.level_after, "level_before": made.level_before, "stage": made.stage_after, "stage_before": made.stage_before,
        "conclusion": alert.conclusion, "outcome": alert.outcome, "signals_open": alert.signals_open,
        "ceased_on": alert.ceased_on and alert.ceased_on.isoformat(), "raised_on": alert.raised_on.isoformat(),
        "due_at": alert.due_at and alert.due_at.isoformat(), "org_id": alert.org_id, "officer_id": alert.officer_id,
        "exposure": str(money.major(alert.exposure, base)), "currency": base,
    }  # fmt: skip
