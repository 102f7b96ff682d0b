"""Which cases somebody sees and works: within reach, or their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from daihou.desk.casework.models import Case
from daihou.desk.people.sight import condition, within

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access


def seen(user: User, rights: Access, permission: str = "collection.view") -> QuerySet[Case]:
    """The cases for which somebody may do something."""
    reach = rights.reach(permission)
    if reach.everything:
        return Case.objects.all()
    if permission not in ("collection.view", "collection.work") or not rights.may(permission):
        return Case.objects.filter(condition(reach))
    return Case.objects.filter(condition(reach) | Q(owner__in=sorted({user.pk, *rights.stands_in_for})))


def reaches(user: User, rights: Access, case: Case, permission: str) -> bool:
    """Whether somebody may do something with a case; what is their own gives them nothing that is done to the work of others."""
    if not rights.may(permission):
        return False
    if within(rights.reach(permission), case.org_id, case.lead_org_id, case.officer_id):
        return True
    own = case.owner_id in {user.pk, *rights.stands_in_for}
    return own and permission in ("collection.view", "collection.work")
