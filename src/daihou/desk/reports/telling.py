"""Whom an act on a report concerns, and what they are told: notices in the outbox, in the transaction of the act. Nobody is told of what they did themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.urls import reverse

from daihou.desk.notices import outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.outbox import Told
from daihou.desk.people.holders import holders
from daihou.desk.people.reach import Access
from daihou.desk.reports import guards, scope
from daihou.desk.reports.choices import Act

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.desk.people.models import User
    from daihou.desk.reports.models import Report, ReportMove

NEAREST: Final = 2
"""People who are told that a report waits for one of them."""
WAITS: Final = {Act.SUBMIT: (Kind.REPORT_CHECK, "reports.check"), Act.CHECK: (Kind.REPORT_APPROVE, "reports.approve")}
"""By the act that hands it on: what is told, and who may do what it waits for."""
MOVED: Final = (*WAITS, Act.SEND_BACK, Act.APPROVE)


def tell(report: Report, made: ReportMove, prepared: Iterable[User]) -> None:
    """Tell who has the report before them now; what it waited for before is told no more. `prepared`: who made it and who handed it over."""
    if made.act not in MOVED:
        return
    outbox.withdraw([subject(report.pk)], made.at)
    if made.act in WAITS:
        kind, permission = WAITS[Act(made.act)]
        _post(report, made, kind, _near(report, permission))
    elif made.act == Act.SEND_BACK:
        _post(report, made, Kind.REPORT_BACK, prepared)


def _near(report: Report, permission: str) -> list[User]:
    """The nearest who may do what it waits for: nobody who wrote on it, nor who checked it."""
    but = guards.writers(report) | {guards.checker(report) or 0}
    orgs = {report.org_id, report.lead_org_id} - {""}
    return [one for one in holders(permission, orgs or None, but) if scope.reaches(one, Access(one), report, permission)][:NEAREST]  # fmt: skip


def _post(report: Report, made: ReportMove, kind: Kind, people: Iterable[User]) -> None:
    path, params = reverse("report", args=[report.pk]), {"number": report.number}
    told = {one.pk for one in people if one.pk != made.actor_id and scope.reaches(one, Access(one), report, "reports.view")}  # fmt: skip
    outbox.post(
        [Told(user_id, kind, f"report_move:{made.pk}", path, subject=subject(report.pk), params=params) for user_id in sorted(told)],
        made.at,
    )  # fmt: skip


def subject(key: int) -> str:
    """What notices about a report are kept by."""
    return f"report:{key}"
