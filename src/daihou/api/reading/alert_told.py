"""An alert as programs read it: codes, numbers and dates, who has it by user name, why it was raised in both languages. No name of a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from daihou.api.reading import evidence, values
from daihou.desk.alerts import guards
from daihou.desk.alerts.choices import RANKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.desk.alerts.models import Alert, AlertSignal, Move
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

CODES: Final = (
    "borrower_id", "model", "topic", "source", "level", "stage", "conclusion", "proposed_level", "outcome", "rule_id", "version", "signals_open", "signals_all",
    "org_id", "lead_org_id", "officer_id",
)  # fmt: skip
DAYS: Final = ("ceased_on", "raised_on", "snoozed_until")
MOMENTS: Final = (
    "raised_at", "staged_at", "due_at", "concluded_at", "confirmed_at", "escalated_at", "chased_at", "closed_at",
)  # fmt: skip
DETAIL: Final = (
    "conclusion", "level", "proposed", "people", "needed", "until", "signal_id", "rule_id", "org_id", "task", "kind", "digest", "bulk", "duplicate_of",
)  # fmt: skip
"""What of the detail of an act is told as it stands; whom it names by key is told by user name."""
WHOM: Final = ("owner", "owner_before")


def told(alert: Alert, user: User, rights: Access) -> dict[str, Any]:
    """One alert; its owner and leading signal must be at hand. What people wrote may name people, and is told to who may read an alert's files."""
    return {
        "id": alert.pk, "number": alert.number, "revision": alert.revision, **{name: getattr(alert, name) or None for name in CODES},
        "signals_open": alert.signals_open, "signals_all": alert.signals_all,
        "owner": alert.owner.username if alert.owner else None, "escalated_org_id": alert.escalated_org_id,
        "duplicate_of": alert.duplicate_of_id, "exposure": values.amount(alert.exposure, settings.HOME.settings.base_currency),
        **{name: values.day(getattr(alert, name)) for name in DAYS}, **{name: values.moment(getattr(alert, name)) for name in MOMENTS},
        "reason": reason(alert, user, rights),
    }  # fmt: skip


def reason(alert: Alert, user: User, rights: Access) -> dict[str, str] | None:
    """Why it was raised, in a sentence with values; what was written by hand only to who may read what people write."""
    if alert.lead is not None:
        return evidence.message(_row(alert.lead))
    return {"en": alert.reason, "zh": alert.reason} if reads_notes(alert, user, rights) else None


def reads_notes(alert: Alert, user: User, rights: Access) -> bool:
    """Whether somebody may read what people wrote beside an alert: as for its files, which may name people too."""
    return not guards.against_downloading(alert, user, rights)


def signals(found: Iterable[AlertSignal]) -> list[dict[str, Any]]:
    """The signals that an alert stands on, the open before the ceased, the worst first: each with its evidence."""
    order = sorted(
        found, key=lambda one: (one.ended_on is not None, RANKS[one.level], -one.opened_on.toordinal(), one.pk)
    )
    return [
        {
            "signal_id": one.signal_id, "rule_id": one.rule_id, "version": one.version, "subject": one.subject, "subject_id": one.subject_id,
            "level": one.level, "opened_on": values.day(one.opened_on), "ended_on": values.day(one.ended_on), "ended_by": one.ended_by or None,
            "currency": one.currency or None, "condition": one.condition, "message": evidence.message(_row(one)),
            "evidence": evidence.stated(_row(one)), **evidence.explained(_row(one)),
        }
        for one in order
    ]  # fmt: skip


def moves(found: Iterable[Move], names: dict[int, str], *, notes: bool) -> list[dict[str, Any]]:
    """Every act on an alert, oldest first; `names` are user names by key."""
    return [
        {
            "at": values.moment(one.at), "by": one.actor.username if one.actor else None, "act": one.act, "stage_before": one.stage_before or None,
            "stage_after": one.stage_after, "level_before": one.level_before or None, "level_after": one.level_after,
            "note": (one.note or None) if notes else None,
            "detail": {
                **{name: one.detail[name] for name in DETAIL if one.detail.get(name) is not None},
                **{name: names.get(one.detail[name]) for name in WHOM if one.detail.get(name)},
            },
        }
        for one in found
    ]  # fmt: skip


def _row(signal: AlertSignal) -> dict[str, Any]:
    return {
        "rule_id": signal.rule_id, "version": signal.version, "subject": signal.subject, "currency": signal.currency,
        "condition": signal.condition, "evidence": signal.evidence,
    }  # fmt: skip
