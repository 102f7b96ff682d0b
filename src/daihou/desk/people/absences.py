"""Who is away and who stands in: entering and ending absences, and why not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.people import orgs
from daihou.desk.people.models import Absence, Membership, User
from daihou.desk.people.roles import OWN_CUSTOMERS
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach

MOST_DAYS: Final = 400
"""Longer is no absence: then the customers get another manager."""


def enter(user: User, stand_in: User | None, from_on: dt.date, to_on: dt.date, note: str, request: Asked) -> Absence:
    """Somebody is away from a day to a day, both included, and somebody else stands in."""
    with transaction.atomic():
        # Of two entered at once for the same people the second waits, and finds the first.
        list(User.objects.select_for_update().filter(pk__in=[user.pk, stand_in.pk if stand_in else 0]).order_by("pk"))
        reason = against(user, stand_in, from_on, to_on, timezone.localdate())
        if reason or stand_in is None:
            raise RefusedError(reason)
        made = Absence.objects.create(
            user=user, stand_in=stand_in, from_on=from_on, to_on=to_on, note=note.strip()[:200], entered_by=request.user
        )
        record(request, "absence.enter", "user", user.username, _told(made))
    return made


def end(absence: Absence, request: Asked) -> None:
    """Back sooner: what lies ahead is taken away, what has begun ends yesterday."""
    today = timezone.localdate()
    with transaction.atomic():
        before = _told(absence)
        if absence.from_on >= today:
            absence.delete()
        else:
            last = today - dt.timedelta(days=1)
            Absence.objects.filter(pk=absence.pk, to_on__gt=last).update(to_on=last)
        record(request, "absence.end", "user", absence.user.username, {"before": before})


def against(user: User, stand_in: User | None, from_on: dt.date, to_on: dt.date, today: dt.date) -> str:
    """Why an absence is not entered; nothing where it may be."""
    if stand_in is None or not stand_ins(user).filter(pk=stand_in.pk).exists():
        return _("Who stands in must look after customers of the same part of the organisation.")
    if to_on < from_on:
        return _("It ends before it begins.")
    if to_on < today:
        return _("It lies in the past.")
    if (to_on - from_on).days > MOST_DAYS:
        return _("So long an absence needs another customer manager.")
    overlapping = Absence.objects.filter(from_on__lte=to_on, to_on__gte=from_on)
    if overlapping.filter(user=user).exists():
        return _("An absence is entered for these days already. End that one first.")
    if overlapping.filter(user=stand_in).exists():
        return _("%(name)s is away then too.") % {"name": stand_in}
    return ""


def stand_ins(user: User) -> QuerySet[User]:
    """Who may stand in for somebody: active colleagues with the same kind of role over the same orgs, or orgs above."""
    tree, found = orgs.tree(), set()
    held = list(Membership.objects.filter(role__in=OWN_CUSTOMERS, user__is_active=True))
    needed = [each.org_id for each in held if each.user_id == user.pk]
    for each in held:
        covers = tree.below(each.org_id) if each.org_id else None
        if needed and all(covers is None or (org_id and org_id in covers) for org_id in needed):
            found.add(each.user_id)
    return User.objects.filter(pk__in=found).exclude(pk=user.pk).order_by("name")


def team(reach: Reach) -> QuerySet[User]:
    """Who looks after customers in the parts of the organisation that somebody answers for."""
    held = Membership.objects.filter(role__in=OWN_CUSTOMERS, user__is_active=True)
    if reach.org_ids is not None:
        held = held.filter(org_id__in=sorted(reach.org_ids))
    return User.objects.filter(pk__in=held.values("user_id")).order_by("name")


def _told(absence: Absence) -> dict[str, str]:
    return {
        "stand_in": absence.stand_in.username, "from": absence.from_on.isoformat(), "to": absence.to_on.isoformat(), "note": absence.note
    }  # fmt: skip
