"""The people who may be told of alerts, read once for many of them: who somebody is, what they see, and who is nearest with a permission."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from daihou.desk.alerts import scope
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership, User
from daihou.desk.people.reach import Access
from daihou.desk.people.roles import GRANTS, OWN_CUSTOMERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from daihou.desk.alerts.models import Alert


WHOLE: Final = 1 << 30
"""How large the whole lender counts: more than any org that all others stand below."""


class Crowd:
    """Reads people in a handful of queries, however many alerts are asked about."""

    def __init__(self) -> None:
        self._known: dict[int, Access | None] = {}
        """What people may do, each with what that stands on read already; None of who is not active."""
        self._nearest: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def sees(self, user_id: int, alert: Alert) -> bool:
        """Whether somebody is active and may see an alert."""
        if user_id not in self._known:
            self.know([user_id])
        access = self._known[user_id]
        return access is not None and scope.reaches(access.user, access, alert, "alerts.view")  # type: ignore[arg-type]

    def stand_in(self, user_id: int | None) -> int | None:
        """Who stands in for somebody who is away today; None where they are not."""
        return self._away.get(user_id) if user_id is not None else None

    def know(self, user_ids: Iterable[int]) -> None:
        """Read some people; who is known already is not read again."""
        new = {user_id for user_id in user_ids if user_id not in self._known}
        if not new:
            return
        self._known |= dict.fromkeys(new)
        for user in User.objects.filter(pk__in=new, is_active=True).prefetch_related("memberships"):
            self._add(user, list(user.memberships.all()))

    def _add(self, user: User, memberships: list[Membership]) -> None:
        access = Access(user)
        access.memberships = memberships
        theirs = self._stood_in.get(user.pk, [])
        access.stands_in_for = frozenset(away for away, stand_in in self._away.items() if stand_in == user.pk)
        access.stood_in_for = access.covered(theirs)
        self._known[user.pk] = access

    @cached_property
    def _away(self) -> dict[int, int]:
        """Who is away today, and who stands in."""
        today = timezone.localdate()
        return dict(Absence.objects.filter(from_on__lte=today, to_on__gte=today).values_list("user_id", "stand_in_id"))

    @cached_property
    def _stood_in(self) -> dict[int, list[Membership]]:
        """What stands-in get from colleagues who are away today, by who stands in."""
        found: dict[int, list[Membership]] = {}
        held = Membership.objects.filter(user_id__in=self._away, role__in=OWN_CUSTOMERS).select_related("user")
        for membership in held:
            found.setdefault(self._away[membership.user_id], []).append(membership)
        return found

    @cached_property
    def _memberships(self) -> list[Membership]:
        """Every membership of active people through which alerts are seen, each user's known from then on."""
        roles = [role for role, granted in GRANTS.items() if "alerts.view" in granted and role not in OWN_CUSTOMERS]
        held = Membership.objects.filter(role__in=roles, user__is_active=True)
        people = User.objects.filter(pk__in=held.values("user_id")).prefetch_related("memberships")
        found = []
        for user in people:
            memberships = list(user.memberships.all())
            if user.pk not in self._known:
                self._add(user, memberships)
            found += [each for each in memberships if each.role in roles]
        return found

    def around(self, org_id: str, roles: Collection[str], asked: str) -> list[tuple[int, int]]:
        """Who holds one of some roles for an org or one above it: how many orgs that part has, and the user; the nearest first.

        `asked` names the roles for what is kept. '' is the top: then those alone who hold it for the whole lender.
        """
        key = (asked, org_id)
        if key not in self._nearest:
            found: dict[int, int] = {}
            for each in self._memberships:
                below = orgs.tree().below(each.org_id) if each.org_id else None
                if each.role not in roles or not _covers(below, org_id):
                    continue
                size = WHOLE if below is None else len(below)
                found[each.user_id] = min(size, found.get(each.user_id, size))
            self._nearest[key] = sorted((size, user_id) for user_id, size in found.items())
        return self._nearest[key]

    def nearest(self, org_id: str, permission: str, but: int | None = None) -> list[int]:
        """Those with a permission for the nearest org where there is anybody, but one; for the top (''), all who hold it for the whole lender."""
        roles = [role for role, granted in GRANTS.items() if permission in granted]
        fit = [(size, user_id) for size, user_id in self.around(org_id, roles, permission) if user_id != but]
        return [user_id for size, user_id in fit if size == fit[0][0] or not org_id]


def _covers(below: frozenset[str] | None, org_id: str) -> bool:
    """Whether a part of the organisation covers an org; the top ('') only as the whole lender."""
    if below is None:
        return True
    everything = set(orgs.tree().orgs)
    return bool(everything) and below >= everything if not org_id else org_id in below
