"""Whom an act on an alert concerns, and what they are told: notices written into the outbox, in the transaction of the act.

Nobody is told of what they did themselves, and nobody of an alert that they cannot see. However many acts there are, people are read in a handful of queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils import timezone

from daihou.desk.alerts import announcing, deadlines
from daihou.desk.alerts.choices import RANKS, Act, Stage
from daihou.desk.alerts.crowd import Crowd
from daihou.desk.alerts.models import Alert, Move
from daihou.desk.alerts.policy import policy
from daihou.desk.alerts.rules import all_rules
from daihou.desk.notices import outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.models import Notice
from daihou.desk.notices.outbox import Told
from daihou.desk.people.roles import Role

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

OF_THE_OWNER: Final = (Kind.SENT_BACK, Kind.ASSIGNED, Kind.CHASED, Kind.DUE_TODAY)
"""What asked its owner: taken back where it was not read yet once another has it."""
DONE_WITH: Final = (Kind.TO_CONFIRM, Kind.TO_LIFT, *OF_THE_OWNER)
"""What asked for the stage that is over: taken back where it was not read yet."""
HANDED_ON: Final = (Act.ASSIGN, Act.CLAIM)
WITH_ROLE: Final = {"collector": Role.COLLECTOR, "analyst": Role.ANALYST}

Versions = dict[tuple[str, int | None], "tuple[str, ...]"]


def tell(alert: Alert, made: Move) -> None:
    """Put the notices of an act into the outbox, and what webhooks are told of it into theirs, in the transaction of the act."""
    tell_all([(alert, made)])


def tell_all(pairs: Sequence[tuple[Alert, Move]], crowd: Crowd | None = None) -> None:
    """The same for many acts, each with its alert as it is after it; told by people as they are now, or as somebody has them in hand."""
    if not pairs:
        return
    crowd = crowd or Crowd()
    handed = _who_handed_on(pairs)
    crowd.know(_named(pairs, handed))
    versions = _recipients() if any(made.act == Act.RAISE for _alert, made in pairs) else {}
    told: list[Told] = []
    for alert, made in pairs:
        kind, people = _concerned(alert, made, crowd, handed.get(alert.pk), versions)
        told += [
            _told(alert, made, kind, user_id)
            for user_id in dict.fromkeys(_with_stand_in(people, alert, crowd))
            if user_id != made.actor_id and crowd.sees(user_id, alert)
        ]
    now = timezone.now()
    _take_back(pairs, now)
    outbox.post(told, now)
    announcing.announce(pairs)


def due_today(now: dt.datetime) -> None:
    """Tell every owner what they are to do on this day, not what waits for others; asked again, it tells of what has come to be due since."""
    begin = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    due = Alert.objects.filter(
        closed_at=None, snoozed_until=None, owner__is_active=True, due_at__gte=now, due_at__lte=deadlines.end_of_day(now)
    ).exclude(stage__in=(Stage.CONFIRM, Stage.LIFT))  # fmt: skip
    crowd = Crowd()
    found = [
        (alert, Told(user_id, Kind.DUE_TODAY, f"due:{alert.pk}:{begin:%Y-%m-%d}", **_common(alert)))
        for alert in due.order_by("pk")
        for user_id in _with_stand_in([alert.owner_id or 0], alert, crowd)
    ]
    for first in range(0, len(found), outbox.AT_ONCE):  # by their keys, since notices of old are many
        some = found[first : first + outbox.AT_ONCE]
        keys = [one.key for _alert, one in some]
        told = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
        new = [(alert, one) for alert, one in some if one.key not in told]
        crowd.know([one.recipient_id for _alert, one in new])
        outbox.post([one for alert, one in new if crowd.sees(one.recipient_id, alert)], now)


def _with_stand_in(people: Iterable[int], alert: Alert, crowd: Crowd) -> list[int]:
    """Some people, and who stands in for the owner where the owner is among them and away."""
    told = list(people)
    stand_in = crowd.stand_in(alert.owner_id)
    return [*told, stand_in] if stand_in is not None and alert.owner_id in told else told


def _concerned(
    alert: Alert, made: Move, crowd: Crowd, handed_by: int | None, versions: Versions
) -> tuple[str, list[int]]:
    """What kind of notice an act makes, and for whom; for nobody where it concerns none but its actor."""
    owner = [alert.owner_id] if alert.owner_id else []
    asked_for = [*owner, *([handed_by] if handed_by else [])]
    match made.act:
        case Act.RAISE:
            return Kind.RAISED, _told_of_new(alert, crowd, versions)
        case Act.LEVEL | Act.MERGE if _worse(made):
            return Kind.RAISED_LEVEL, [*(owner or _in_charge(alert, crowd)), *_waited_for(alert, made, crowd)]
        case Act.ASSIGN | Act.CLAIM:
            return Kind.ASSIGNED, owner
        case Act.CONCLUDE if alert.stage == Stage.CONFIRM:
            return Kind.TO_CONFIRM, _deciders(alert, made, crowd)
        case Act.PROPOSE_LIFT:
            return Kind.TO_LIFT, _deciders(alert, made, crowd)
        case Act.CONFIRM:
            return Kind.DECIDED, asked_for
        case Act.APPROVE_LIFT if not alert.open:
            return Kind.DECIDED, asked_for
        case Act.SEND_BACK:
            return Kind.SENT_BACK, asked_for
        case Act.CHASE:
            return Kind.CHASED, [*owner, *_waited_for(alert, made, crowd)]
        case Act.WAKE:
            return Kind.WOKEN, owner
        case Act.ESCALATE:
            return Kind.ESCALATED, crowd.nearest(made.detail.get("org_id") or "", "alerts.assign", made.actor_id)
        case Act.COMMENT:
            return Kind.MENTIONED, list(made.detail.get("mentions", []))
        case Act.TASK:
            return Kind.TASK, [made.detail["owner"]] if made.detail.get("owner") else []
    return Kind.DECIDED, []


def _told_of_new(alert: Alert, crowd: Crowd, versions: Versions) -> list[int]:
    """The owner, or who assigns where there is none, and whom the rule names."""
    people = [alert.owner_id] if alert.owner_id else _in_charge(alert, crowd)
    for recipient in versions.get((alert.rule_id, alert.version), ()):
        if recipient == "branch_manager":
            managers = crowd.around(alert.org_id, [Role.MANAGER], recipient)
            people += [user_id for size, user_id in managers if size == managers[0][0]]
        elif recipient == "head_office":
            people += crowd.nearest("", "alerts.confirm")
        elif recipient in WITH_ROLE:
            people += [user_id for _size, user_id in crowd.around(alert.org_id, [WITH_ROLE[recipient]], recipient)]
    return people


def _in_charge(alert: Alert, crowd: Crowd) -> list[int]:
    """Who assigns what is nobody's, nearest to the alert."""
    return crowd.nearest(alert.org_id, "alerts.assign")


def _deciders(alert: Alert, made: Move, crowd: Crowd) -> list[int]:
    """Who has authority for the colour, nearest to the alert, but who asks for it."""
    worst = min((alert.level, alert.proposed_level or alert.level), key=lambda each: RANKS[each])
    org_id = "" if policy().confirmed_by[worst] == "head_office" else alert.org_id
    return crowd.nearest(org_id, "alerts.confirm", made.actor_id)


def _waited_for(alert: Alert, made: Move, crowd: Crowd) -> list[int]:
    """Who is to decide, where it is not the owner's turn: a worse colour may be for others than those who were asked."""
    return _deciders(alert, made, crowd) if alert.stage in (Stage.CONFIRM, Stage.LIFT) else []


def _worse(made: Move) -> bool:
    return bool(made.level_before) and RANKS[made.level_after] < RANKS[made.level_before]


def _recipients() -> Versions:
    """Whom each version of a rule names."""
    return {(rule.id, version.number): version.notify for rule in all_rules().values() for version in rule.versions}


def _who_handed_on(pairs: Sequence[tuple[Alert, Move]]) -> dict[int, int]:
    """Who checked, or proposed to lift, what was decided on now; by alert."""
    decided = [alert.pk for alert, made in pairs if made.act in (Act.CONFIRM, Act.SEND_BACK, Act.APPROVE_LIFT)]
    if not decided:
        return {}
    handed = Move.objects.filter(alert__in=decided, act__in=(Act.CONCLUDE, Act.PROPOSE_LIFT), actor__isnull=False)
    return dict(handed.order_by("id").values_list("alert_id", "actor_id"))


def _named(pairs: Iterable[tuple[Alert, Move]], handed: dict[int, int]) -> set[int]:
    """Everybody whom acts name, to be read at once."""
    named = {alert.owner_id for alert, _made in pairs if alert.owner_id} | set(handed.values())
    for _alert, made in pairs:
        named |= set(made.detail.get("mentions", ()))
        if made.act == Act.TASK and made.detail.get("owner"):
            named.add(made.detail["owner"])
    return {each for each in named if each}


def _told(alert: Alert, made: Move, kind: str, user_id: int) -> Told:
    return Told(user_id, kind, f"move:{made.pk}", **_common(alert))


def _common(alert: Alert) -> dict[str, Any]:
    params = {"number": alert.number, "stage": alert.stage, "due": alert.due_at.isoformat() if alert.due_at else None}
    return {
        "path": reverse("alert", args=[alert.pk]),
        "level": alert.level,
        "subject": subject(alert),
        "params": params,
    }


def subject(alert: Alert) -> str:
    """What its notices are kept under."""
    return f"alert:{alert.pk}"


def _take_back(pairs: Iterable[tuple[Alert, Move]], now: dt.datetime) -> None:
    """What is closed, what stage is over, what has another owner: the notices that asked for it, unread, ask for nothing more."""
    closed, over, handed = [], [], []
    for alert, made in pairs:
        if not alert.open and made.stage_before != made.stage_after:
            closed.append(subject(alert))
        elif made.stage_before and made.stage_before != made.stage_after:
            over.append(subject(alert))
        elif made.act in HANDED_ON:
            handed.append(subject(alert))
    outbox.withdraw(closed, now)
    outbox.withdraw(over, now, DONE_WITH)
    outbox.withdraw(handed, now, OF_THE_OWNER)
