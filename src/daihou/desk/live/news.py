"""What is new: the acts on alerts since one that was seen, as far as pages that are open need to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection

from daihou.desk.alerts import scope
from daihou.desk.alerts.choices import RANKS, Act
from daihou.desk.alerts.models import Alert, Move

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

MOST: Final = 2_000
"""Acts that are read at once; of more, as in the first night of a desk, pages are told that there are many."""
SHOWN: Final = 100
"""New alerts are counted so far; more are shown as 99+."""
LATE: Final = 0 if connection.vendor == "sqlite" else 1_000
"""Numbers before the newest that may still turn up: transactions that write at once need not end in the order of their numbers. SQLite has one writer."""
FIELDS: Final = (
    "pk", "alert_id", "act", "actor_id", "level_before", "level_after", "alert__org_id", "alert__lead_org_id", "alert__officer_id", "alert__owner_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One act on an alert."""

    number: int
    """Of the act, in order of writing."""
    alert: Alert
    """Of it what decides who sees it, and no more."""
    actor_id: int | None
    new: bool
    """Whether somebody should look: raised, worse than it was, or standing again."""


def since(number: int) -> list[Change]:
    """The acts behind a number, in order, `MOST` at most."""
    return [_change(row) for row in Move.objects.filter(pk__gt=number).order_by("pk").values_list(*FIELDS)[:MOST]]


def _change(row: tuple[Any, ...]) -> Change:
    number, alert_id, act, actor_id, before, after, org_id, lead_org_id, officer_id, owner_id = row
    alert = Alert(pk=alert_id, org_id=org_id, lead_org_id=lead_org_id, officer_id=officer_id, owner_id=owner_id)
    return Change(number, alert, actor_id, is_new(act, before, after))


def is_new(act: str, before: str, after: str) -> bool:
    """Whether somebody should look at an alert after an act."""
    worse = bool(before) and RANKS[after] < RANKS[before]
    return act in (Act.RAISE, Act.RESUME) or worse


def seen(changes: Iterable[Change], user: User, rights: Access) -> list[Change]:
    """Those of alerts that somebody sees."""
    asked: dict[int, bool] = {}
    found = []
    for one in changes:
        if one.alert.pk not in asked:
            asked[one.alert.pk] = scope.reaches(user, rights, one.alert, "alerts.view")
        if asked[one.alert.pk]:
            found.append(one)
    return found


def count(changes: Iterable[Change], user: User) -> int:
    """How many alerts somebody should look at: what they did themselves is no news."""
    return min(len({one.alert.pk for one in changes if one.new and one.actor_id != user.pk}), SHOWN)
