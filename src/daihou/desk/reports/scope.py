"""Which reports somebody sees and writes: within reach, or made by them or whom they stand in for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from daihou.desk.people import sight
from daihou.desk.reports.models import Report

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

OWN: Final = ("reports.view", "reports.write")
"""What one made oneself opens these, and nothing that is done to the work of others."""


def seen(user: User, rights: Access, permission: str = "reports.view") -> QuerySet[Report]:
    """The reports for which somebody may do something."""
    reach, found = rights.reach(permission), Report.objects.all()
    if reach.everything:
        return found
    condition = sight.condition(reach)
    if permission in OWN and rights.may(permission):
        condition |= Q(made_by__in=sorted({user.pk, *rights.stands_in_for}))
    return found.filter(condition)


def reaches(user: User, rights: Access, report: Report, permission: str) -> bool:
    """The same of one report."""
    if not rights.may(permission):
        return False
    if sight.within(rights.reach(permission), report.org_id, report.lead_org_id, report.officer_id):
        return True
    return permission in OWN and report.made_by_id in {user.pk, *rights.stands_in_for}
