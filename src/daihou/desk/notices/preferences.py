"""How somebody wants to be told: what they chose, else what suits their roles; and when a notice may therefore be sent."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone

from daihou.book.calendars import next_work_day
from daihou.desk.notices.choices import Kind, Way
from daihou.desk.notices.models import Preference
from daihou.desk.people.roles import Role
from daihou.warning.rule import LEVELS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from daihou.desk.people.models import User

DIGEST_AT: Final = dt.time(8, 30)
QUIET: Final = (dt.time(22), dt.time(7))
AT_ONCE_BY_ROLE: Final = {
    Role.OFFICER: frozenset({"red", "orange"}),
    Role.COLLECTOR: frozenset({"red"}),
    Role.REVIEWER: frozenset({"red"}),
    Role.MANAGER: frozenset({"red"}),
}
"""The levels of which a role is told at once; everything else waits for the morning."""
KINDS: Final = {Kind.DUE_TODAY: Way.DIGEST, Kind.RULE_DECAYED: Way.DIGEST}
"""Kinds that do not go by their level unless somebody chooses so."""


def suited(roles: Iterable[str]) -> Preference:
    """What holds for who has chosen nothing; it is not in the database."""
    at_once = frozenset().union(*(AT_ONCE_BY_ROLE.get(Role(role), frozenset()) for role in roles))
    levels = {level: Way.AT_ONCE if level in at_once else Way.DIGEST for level in LEVELS}
    return Preference(
        levels=levels, kinds=dict(KINDS), digest_at=DIGEST_AT, quiet_from=QUIET[0], quiet_to=QUIET[1]
    )  # fmt: skip


def of(users: Collection[User]) -> dict[int, Preference]:
    """The preferences of some users, with their memberships at hand, in one query."""
    chosen = Preference.objects.in_bulk([user.pk for user in users])
    return {
        user.pk: chosen.get(user.pk) or suited(membership.role for membership in user.memberships.all())
        for user in users
    }


def way(preference: Preference, kind: str, level: str) -> Way:
    """How a notice goes: as was chosen for its kind, else for its level; what has no level, in the digest."""
    return Way(preference.kinds.get(kind) or preference.levels.get(level) or Way.DIGEST)


def when(preference: Preference, way: Way, level: str, now: dt.datetime) -> dt.datetime:
    """From when a notice may be sent: the next digest, or now, or the end of the quiet hours."""
    return next_digest(preference, now) if way == Way.DIGEST else after_quiet(preference, level, now)


def next_digest(preference: Preference, now: dt.datetime) -> dt.datetime:
    """The hour of the digest, today or on the next work day."""
    local = timezone.localtime(now)
    day = local.date() if local.time() <= preference.digest_at else local.date() + dt.timedelta(days=1)
    return _at(next_work_day(settings.HOME.settings.calendar, day), preference.digest_at)


def after_quiet(preference: Preference, level: str, now: dt.datetime) -> dt.datetime:
    """The moment itself, or the end of the quiet hours that it lies in; red pierces them where its user lets it."""
    begin, end = preference.quiet_from, preference.quiet_to
    if begin is None or end is None or begin == end or (level == "red" and preference.red_pierces):
        return now
    local = timezone.localtime(now)
    over_midnight = begin > end
    clock = local.time()
    quiet = clock >= begin or clock < end if over_midnight else begin <= clock < end
    if not quiet:
        return now
    day = local.date() + dt.timedelta(days=1) if over_midnight and clock >= begin else local.date()
    return _at(day, end)


def _at(day: dt.date, clock: dt.time) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, clock))
