"""Which reports somebody sees and writes: those about whom they reach now, and those of reviews that are theirs. That they made one opens nothing.

A report at work follows its borrower: whose they are is asked of the newest run. A final one stays with those whose the borrower was when it was filled in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q

from daihou.book.errors import DaihouError
from daihou.desk.alerts import whose
from daihou.desk.alerts.whose import Whose
from daihou.desk.people import sight
from daihou.desk.reports.choices import State
from daihou.desk.reports.models import Report

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access, Reach
    from daihou.desk.reviews.models import Review

WRITE: Final = "reports.write"
OWN: Final = ("reports.view", WRITE)
"""A review of one's own opens these of its reports, and nothing that is done to the work of others."""


def seen(
    user: User, rights: Access, permission: str = "reports.view", rows: QuerySet[Report] | None = None
) -> QuerySet[Report]:
    """The reports, of some rows, for which somebody may do something."""
    reach, found = rights.reach(permission), Report.objects.all() if rows is None else rows
    if reach.everything:
        return found
    if not rights.may(permission):
        return found.none()
    near = Q(pk__in=_near(found.exclude(state=State.APPROVED), reach))
    final = Q(state=State.APPROVED) & sight.condition(reach)
    own = Q(review__owner__in=sorted(_selves(user, rights))) if permission in OWN else Q(pk__in=())
    return found.filter(near | final | own)


def reaches(user: User, rights: Access, report: Report, permission: str) -> bool:
    """The same of one report."""
    if not rights.may(permission):
        return False
    if report.now is None:
        report.now = _stood(report) if report.state == State.APPROVED else place(report)
    if _within(rights.reach(permission), report.now):
        return True
    return permission in OWN and report.review.owner_id in _selves(user, rights)


def makes(user: User, rights: Access, review: Review) -> bool:
    """Whether somebody reaches whom a review is about for making its report."""
    if not rights.may(WRITE):
        return False
    return review.owner_id in _selves(user, rights) or _within(rights.reach(WRITE), place(review))


def place(row: Report | Review) -> Whose:
    """Whose the borrower of a report or a review is now; as the row has it where neither the newest run nor the facts know them."""
    return _places([row.borrower_id]).get(row.borrower_id) or _stood(row)


def _places(borrower_ids: Collection[str]) -> dict[str, Whose]:
    try:
        return whose.of(borrower_ids)
    except DaihouError:  # nothing was run yet
        return {}


def _near(at_work: QuerySet[Report], reach: Reach) -> list[int]:
    """Those about whom a reach holds now."""
    rows = list(at_work.select_related(None).only("pk", "borrower_id", "org_id", "lead_org_id", "officer_id"))
    now = _places({row.borrower_id for row in rows}) if rows else {}
    return [row.pk for row in rows if _within(reach, now.get(row.borrower_id) or _stood(row))]


def _stood(row: Report | Review) -> Whose:
    return Whose(row.org_id, row.lead_org_id, row.officer_id)


def _within(reach: Reach, of: Whose) -> bool:
    return sight.within(reach, of.org_id, of.lead_org_id, of.officer_id)


def _selves(user: User, rights: Access) -> set[int]:
    return {user.pk, *rights.stands_in_for}
