"""Who sees an alert, and who may decide on its colour: by the part of the organisation that a permission reaches, or because it is theirs.

One about a scoring model is seen by those who reach the whole lender and may see models, whatever else they see.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from daihou.desk.alerts.models import Alert
from daihou.desk.alerts.policy import policy
from daihou.desk.people.holders import for_whole_lender
from daihou.desk.people.reach import Access
from daihou.desk.people.sight import condition, reaches_models, within

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User

OVER_OTHERS: Final = frozenset({"alerts.confirm", "alerts.assign"})
"""What is done to the work of others: an alert that is one's own gives it to nobody whose role does not reach the alert."""


def sight(user: User, rights: Access, permission: str = "alerts.view") -> Q:
    """The condition on alerts for which somebody may do something: within reach, or their own."""
    reach = rights.reach(permission)
    models = reaches_models(rights, permission)
    if reach.everything:
        return Q() if models else Q(model="")
    found = condition(reach)
    if models:
        found |= ~Q(model="")
    if permission in OVER_OTHERS or not rights.may(permission):
        return found
    return found | Q(owner__in=sorted(answers_for(user, rights)))


def seen(user: User, rights: Access, permission: str = "alerts.view") -> QuerySet[Alert]:
    """The alerts for which somebody may do something."""
    return Alert.objects.filter(sight(user, rights, permission))


def reaches(user: User, rights: Access, alert: Alert, permission: str) -> bool:
    """Whether somebody may do something with an alert."""
    if not rights.may(permission):
        return False
    held = (
        reaches_models(rights, permission)
        if alert.model
        else within(rights.reach(permission), alert.org_id, alert.lead_org_id, alert.officer_id)
    )
    return held or (permission not in OVER_OTHERS and alert.owner_id in answers_for(user, rights))


def answers_for(user: User, rights: Access) -> set[int]:
    """Whose work somebody does today: their own, and that of absent colleagues for whom they stand in."""
    return {user.pk, *rights.stands_in_for}


def may_own(rights: Access, alert: Alert) -> bool:
    """Whether somebody may be given an alert: they work on alerts for its org or the one that leads the borrower, whosever customer it is."""
    if alert.model:
        return reaches_models(rights, "alerts.handle")
    orgs_of_it = {alert.org_id, alert.lead_org_id} - {""}
    parts = rights.reach("alerts.handle").parts
    return any(part.org_ids is None or not part.org_ids.isdisjoint(orgs_of_it) for part in parts)


def sees(user: User, alert: Alert) -> bool:
    """Whether somebody else, who is not asking now, may see an alert."""
    return reaches(user, Access(user), alert, "alerts.view")


def for_head_office() -> list[str]:
    """The colours that only head office decides on."""
    return [level for level, authority in policy().confirmed_by.items() if authority == "head_office"]


def has_authority(user: User, rights: Access, alert: Alert, level: str) -> bool:
    """Whether somebody may decide on an alert of that colour."""
    authority = policy().confirmed_by[level]
    if alert.model:
        return reaches_models(rights, "alerts.confirm")
    if authority == "head_office":
        return for_whole_lender(rights, "alerts.confirm")
    return reaches(user, rights, alert, "alerts.confirm")
