"""Who may be given some alerts at once: those who work on alerts for one of their orgs, with how much each has and who stands in for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count
from django.utils import timezone

from daihou.desk.alerts.mentions import around
from daihou.desk.alerts.models import Alert
from daihou.desk.people.models import Absence, Membership
from daihou.desk.people.roles import GRANTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.desk.people.models import User


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be given alerts: how many they have, and who stands in where they are away."""

    user: User
    load: int
    stand_in: User | None


def receivers(alerts: Iterable[Alert]) -> list[Candidate]:
    """Who is there before who is away, then who has less to do; four queries."""
    within = {""}.union(*(around(alert) for alert in alerts))
    roles = [role for role, granted in GRANTS.items() if "alerts.handle" in granted]
    held = Membership.objects.filter(role__in=roles, org_id__in=within, user__is_active=True).select_related("user")
    users = {each.user_id: each.user for each in held}
    today = timezone.localdate()
    absences = Absence.objects.filter(user__in=users, from_on__lte=today, to_on__gte=today).select_related("stand_in")
    away = {each.user_id: each.stand_in for each in absences}
    counted = Alert.objects.filter(owner__in=users, closed_at=None).values("owner").order_by()
    loads: dict[int, int] = dict(counted.annotate(n=Count("pk")).values_list("owner", "n"))
    found = [Candidate(user, loads.get(pk, 0), away.get(pk)) for pk, user in users.items()]
    return sorted(found, key=lambda one: (one.stand_in is not None, one.load, one.user.name))
