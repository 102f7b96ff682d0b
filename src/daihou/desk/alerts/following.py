"""Open alerts kept up with their borrowers: exposure, org, leading org and officer as in the newest run, and another owner where that asks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from daihou.desk.alerts import telling, whose
from daihou.desk.alerts.choices import Act
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.alerts.written import write
from daihou.desk.people import orgs

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.alerts.owners import Chooser
    from daihou.desk.alerts.whose import Whose
    from daihou.desk.portfolio.moments import Moment

TOGETHER: Final = 1_000
"""Alerts of one transaction."""
FIELDS: Final = ("org_id", "lead_org_id", "officer_id", "exposure")
MOVED: Final = ("owner", "revision", "escalated_org_id", "escalated_at")


def follow(moment: Moment, now: dt.datetime, chooser: Chooser) -> int:
    """How many open alerts moved to another org or officer; all are as the run says afterwards. May be done again at any time.

    An alert whose borrower the run does not know any more stays as it is.
    """
    followed = Alert.objects.filter(closed_at=None).exclude(borrower_id="")
    held = {row[0]: row[1:] for row in followed.values_list("pk", "borrower_id", *FIELDS)}
    found = whose.of({row[0] for row in held.values()}, moment)
    differing = [pk for pk, (borrower_id, *values) in held.items() if _differs(found.get(borrower_id), values)]
    moved = 0
    for first in range(0, len(differing), TOGETHER):
        with transaction.atomic():
            moved += _followed(differing[first : first + TOGETHER], found, now, chooser)
    return moved


def _differs(now: Whose | None, held: list[Any]) -> bool:
    return now is not None and [now.org_id, now.lead_org_id, now.officer_id, now.exposure] != held


def _followed(pks: list[int], found: dict[str, Whose], now: dt.datetime, chooser: Chooser) -> int:
    """Some alerts brought up to date; an act that was shown before they moved is told that they did."""
    locked = Alert.objects.select_for_update(of=("self",)).select_related("owner")
    alerts = list(locked.filter(pk__in=pks, closed_at=None))
    moves = [(alert, made) for alert in alerts for made in _moves(alert, found[alert.borrower_id], now, chooser)]
    moved = [alert for alert, made in moves if made.act == Act.MOVE]
    write(alerts, FIELDS)
    write(moved, MOVED)
    Move.objects.bulk_create(made for _, made in moves)
    telling.tell_all(moves)
    return len(moved)


def _moves(alert: Alert, to: Whose, now: dt.datetime, chooser: Chooser) -> list[Move]:
    """Put an alert where its borrower is; the moves, where it is another org or officer, and where that gives it another owner."""
    org_id, officer_id, owner = alert.org_id, alert.officer_id, alert.owner
    for name, value in to.values.items():
        setattr(alert, name, value)
    if (org_id, officer_id) == (to.org_id, to.officer_id):
        return []
    managed = owner is not None and bool(owner.officer_id) and owner.officer_id == officer_id != to.officer_id
    if owner is None or managed or not chooser.keeps(owner.pk, to.org_id, to.lead_org_id):
        alert.owner = chooser.choose(to.org_id, to.officer_id, to.lead_org_id)
    if alert.escalated_org_id and to.org_id not in orgs.tree().below(alert.escalated_org_id):
        alert.escalated_org_id = alert.escalated_at = None  # where it was, nobody is above it any more
    alert.revision += 1
    places = {
        "org_id": to.org_id,
        "org_id_before": org_id,
        "officer_id": to.officer_id,
        "officer_id_before": officer_id,
    }
    made = [_move(alert, Act.MOVE, now, places)]
    if alert.owner != owner:
        owners = {"owner": alert.owner_id, "owner_before": owner.pk if owner else None}
        made.append(_move(alert, Act.ASSIGN, now, owners))
    return made


def _move(alert: Alert, act: Act, now: dt.datetime, detail: dict[str, Any]) -> Move:
    return Move(
        alert=alert, at=now, act=act, stage_before=alert.stage, stage_after=alert.stage, level_before=alert.level,
        level_after=alert.level, detail=detail,
    )  # fmt: skip
