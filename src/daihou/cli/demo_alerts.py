"""The demo's alerts: what the last run found, taken in, and some of it worked on as people would have in the first days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.cli.demo_handling import RESTS, Hands, advance, asked
from daihou.desk.people.roles import Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.demo.staff import Member
    from daihou.desk.alerts.models import Alert
    from daihou.desk.people.models import User

WORKED: Final = (
    ("orange", "confirm", "confirmed"),
    ("red", "plan", "confirmed"),
    ("orange", "act", "confirmed"),
    ("orange", "follow", "confirmed"),
    ("orange", "lift", "confirmed"),
    ("yellow", "closed", "confirmed"),
    ("yellow", "closed", "false_alarm"),
    ("orange", "closed", "false_alarm"),
    ("yellow", "closed", "data_error"),
)
"""Of each officer's alerts one of a level is brought to a stage by a conclusion, as far as there is one."""
REST_DAYS: Final = 20
JUDGED: Final = 24
"""Alerts of the commonest blue rule on which somebody has decided, enough to judge the rule by."""
FALSE_EVERY: Final = 3
"""Of these every third was a false alarm."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """How many alerts the desk has, and how many were worked on."""

    raised: int
    worked: int


def take_in() -> None:
    """Take in what the last run found, as the keeper does."""
    from django.utils import timezone

    from daihou.desk.alerts import ingest

    ingest.take(timezone.now())


def work_on(members: Sequence[Member], *, chinese: bool) -> Alerts:
    """Work on some alerts of the officers among the users, decided on by the manager of the whole lender."""
    from daihou.desk.alerts.models import Alert, Move
    from daihou.desk.people.models import User

    users = User.objects.in_bulk([member.username for member in members], field_name="username")
    decider = next(users[one.username] for one in members if one.role == Role.MANAGER and not one.org_id)
    crew = [Hands(users[one.username], decider, chinese) for one in members if one.role == Role.OFFICER]
    for hands in crew:
        for level, stage, conclusion in WORKED:
            for alert in _fresh(hands.owner, level):
                advance(alert, stage, hands, conclusion)
        _let_rest(hands)
    _judge(crew)
    return Alerts(Alert.objects.count(), Move.objects.filter(actor__isnull=False).values("alert").distinct().count())


def _fresh(owner: User, level: str, rule_id: str = "", most: int = 1) -> list[Alert]:
    """The first alerts of somebody that nobody has touched."""
    from daihou.desk.alerts.choices import Act
    from daihou.desk.alerts.models import Alert

    fresh = Alert.objects.filter(owner=owner.pk, level=level, closed_at=None, ceased_on=None)
    fresh = fresh.exclude(moves__act__in=(Act.CONCLUDE, Act.SNOOZE))
    if rule_id:
        fresh = fresh.filter(rule_id=rule_id)
    return list(fresh.select_related("owner", "lead").order_by("pk")[:most])


def _let_rest(hands: Hands) -> None:
    from django.utils import timezone

    from daihou.desk.alerts import transitions

    until = timezone.localdate() + dt.timedelta(days=REST_DAYS)
    for alert in _fresh(hands.owner, "yellow"):
        transitions.snooze(alert, alert.revision, until, hands.says(RESTS), asked(hands.owner))


def _judge(crew: Sequence[Hands]) -> None:
    """Decide on alerts of the blue rule that has most of them, which whoever checks closes alone."""
    from django.db.models import Count

    from daihou.desk.alerts.models import Alert

    held = Alert.objects.filter(level="blue", owner__in=[hands.owner.pk for hands in crew], closed_at=None)
    commonest = held.values("rule_id").annotate(n=Count("pk")).order_by("-n", "rule_id").first()
    if commonest is None:
        return
    turn = 0
    for hands in crew:
        for alert in _fresh(hands.owner, "blue", commonest["rule_id"], JUDGED - turn):
            turn += 1
            if turn % FALSE_EVERY:
                advance(alert, "plan", hands)
            else:
                advance(alert, "closed", hands, "false_alarm")
