"""What alerts ask of somebody: their own, those that wait for their decision, those that came up to their org, and tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from daihou.desk.alerts import rules, scope
from daihou.desk.alerts.choices import Act, Stage
from daihou.desk.alerts.models import Alert, Move, Task
from daihou.desk.people.holders import for_whole_lender
from daihou.desk.vault import people
from daihou.desk.work.due import Due

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

DECIDED: Final = (Stage.CONFIRM, Stage.LIFT)
"""Stages at which an alert waits for another person, not for its owner."""
MOST: Final = 200
"""So many of each kind are told; the inbox has them all."""
CHASED = pgettext_lazy("mark of an alert", "Chased")
ESCALATED = pgettext_lazy("mark of an alert", "Escalated")
CEASED = pgettext_lazy("mark of an alert", "Signals ceased: lift?")


def mine(user: User) -> QuerySet[Alert]:
    """Alerts that wait for their owner, those that rest left out."""
    return Alert.objects.filter(owner=user.pk, closed_at=None, snoozed_until=None).exclude(stage__in=DECIDED)


def to_decide(user: User, rights: Access) -> QuerySet[Alert]:
    """Alerts that wait for somebody's decision and that this user may decide on, but for those they handed on themselves."""
    return Alert.objects.filter(deciding(user, rights), closed_at=None)


def deciding(user: User, rights: Access) -> Q:
    """The same as a condition on open alerts."""
    if not rights.may("alerts.confirm"):
        return Q(pk__in=())
    found = Q(stage__in=DECIDED) & scope.sight(user, rights, "alerts.confirm")
    if not for_whole_lender(rights, "alerts.confirm"):
        found &= ~Q(level__in=scope.for_head_office()) & ~Q(proposed_level__in=scope.for_head_office())
    handed_on = _handed_on(user)
    return found & ~Q(pk__in=sorted(handed_on)) if handed_on else found


def escalated_to(user: User, rights: Access) -> QuerySet[Alert]:
    """Alerts that were escalated to an org where the user may assign."""
    if not rights.may("alerts.assign"):
        return Alert.objects.none()
    orgs = [each.org_id for each in rights.memberships]
    to = Q(escalated_org_id__in=orgs)
    if for_whole_lender(rights, "alerts.assign"):
        to |= Q(escalated_org_id="")
    return scope.seen(user, rights, "alerts.assign").filter(to, closed_at=None)


def tasks(user: User) -> QuerySet[Task]:
    """Tasks of alerts that the user is to do."""
    return Task.objects.filter(owner=user.pk, ended_at=None)


def waiting(user: User, rights: Access) -> list[Due]:
    """All of it, each alert once; at most MOST of each kind, the soonest first."""
    found: dict[int, tuple[Alert, Any]] = {}
    for alerts in (to_decide(user, rights), escalated_to(user, rights), mine(user)):
        for alert in alerts.order_by("due_at", "pk")[:MOST]:
            found.setdefault(alert.pk, (alert, _mark(alert)))
    begun = list(tasks(user).select_related("alert").order_by("due_at")[:MOST])
    whose = {alert.borrower_id for alert, _ in found.values()} | {task.alert.borrower_id for task in begun}
    names = people.masked_names(whose - {""})
    return [
        *(_due(alert, mark, names) for alert, mark in found.values()),
        *(
            Due(
                task.get_kind_display(), _title(task.alert, names), task.alert.number, reverse("alert", args=[task.alert_id]), task.due_at,
                task.alert.level,
            )
            for task in begun
        ),
    ]  # fmt: skip


def _due(alert: Alert, mark: Any, names: dict[str, str]) -> Due:
    rule = rules.rule_name(alert.rule_id) if alert.rule_id else alert.get_topic_display()
    return Due(
        alert.get_stage_display(), _title(alert, names), f"{rule} · {alert.number}", reverse("alert", args=[alert.pk]), alert.due_at,
        alert.level, mark,
    )  # fmt: skip


def _title(alert: Alert, names: dict[str, str]) -> str:
    return names.get(alert.borrower_id) or alert.subject_id


def _mark(alert: Alert) -> Any:
    if alert.escalated_org_id is not None:
        return ESCALATED
    if alert.chased_at is not None:
        return CHASED
    return CEASED if alert.ceased else ""


def _handed_on(user: User) -> set[int]:
    """Alerts that wait for a decision and that the user brought there: they cannot decide themselves."""
    acts = {Stage.CONFIRM: (Act.CONCLUDE,), Stage.LIFT: (Act.PROPOSE_LIFT, Act.APPROVE_LIFT)}
    found: set[int] = set()
    for stage, handing in acts.items():
        moves = Move.objects.filter(act__in=handing, actor=user.pk, alert__stage=stage, alert__closed_at=None)
        found.update(moves.filter(at__gte=F("alert__staged_at")).values_list("alert_id", flat=True))
    return found
