"""Outside collectors: entered, reviewed at least as often as policy asks, and let go. None is deleted: cases and contacts go on naming it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record
from daihou.desk.casework.models import Agency
from daihou.desk.casework.policy import policy
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from daihou.desk.asked import Asked

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
NAME_MOST: Final = 120
SOON_DAYS: Final = 30
"""So many calendar days before a review is due it is told."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An agency with its open cases and how its review stands: never, overdue, soon, ok."""

    agency: Agency
    cases: int
    due_on: dt.date | None
    review: str


def listed(today: dt.date) -> list[Shown]:
    """All of them, those that work for the lender first. One query."""
    days = policy(today).agency_review_days
    found = Agency.objects.annotate(n=Count("cases", filter=Q(cases__closed_at=None))).order_by("-active", "name")
    return [_shown(agency, days, today) for agency in found]


def enter(code: str, name: str, request: Asked) -> Agency:
    """Enter one by the code that the lender's other systems know it by; RefusedError says why not."""
    code, name = code.strip(), name.strip()
    if not CODE.fullmatch(code):
        raise RefusedError(_("A code is letters, digits, dots and dashes, at most 80."))
    if not 2 <= len(name) <= NAME_MOST:
        raise RefusedError(_("Give its name."))
    try:
        with transaction.atomic():
            made = Agency.objects.create(code=code, name=name)
            record(request, "agency.enter", "agency", code, {"name": name})
    except IntegrityError as error:
        raise RefusedError(_("There is an agency of this code already.")) from error
    return made


def review(agency: Agency, on: dt.date, today: dt.date, request: Asked) -> Agency:
    """Note that it was reviewed on a day: not one to come, and not before the review that stands."""
    if on > today:
        raise RefusedError(_("Choose a day that is not to come."))
    if agency.reviewed_on is not None and on < agency.reviewed_on:
        raise RefusedError(_("A later review stands already."))
    before, agency.reviewed_on = agency.reviewed_on, on
    with transaction.atomic():
        agency.save(update_fields=["reviewed_on"])
        record(
            request,
            "agency.review",
            "agency",
            agency.code,
            {"before": str(before) if before else None, "after": str(on)},
        )
    return agency


def switch(agency: Agency, request: Asked, *, active: bool) -> Agency:
    """Let it work for the lender, or no more; what it has is taken back case by case."""
    with transaction.atomic():
        if Agency.objects.filter(pk=agency.pk, active=not active).update(active=active):
            record(request, "agency.switch", "agency", agency.code, {"active": active})
    agency.active = active
    return agency


def _shown(agency: Agency, days: int, today: dt.date) -> Shown:
    cases: int = agency.n  # type: ignore[attr-defined]
    if agency.reviewed_on is None:
        return Shown(agency, cases, None, "never")
    due_on = agency.reviewed_on + dt.timedelta(days=days)
    left = (due_on - today).days
    return Shown(agency, cases, due_on, "overdue" if left < 0 else "soon" if left <= SOON_DAYS else "ok")
