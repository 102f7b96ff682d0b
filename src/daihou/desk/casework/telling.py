"""Whom an act on a case concerns, and what they are told: notices in the outbox, in the transaction of the act. Nobody is told of what they did themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils import timezone

from daihou.desk.casework import announcing, authority
from daihou.desk.casework.choices import Act, ArrangementState
from daihou.desk.casework.models import CaseMove, Complaint
from daihou.desk.notices import outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.outbox import Told
from daihou.desk.people.holders import holders

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daihou.desk.casework.models import Arrangement, ArrangementMove, Case

MANAGE: Final = "collection.manage"
NEAREST: Final = 2
"""People who are told of what any one of them may take up."""


def tell(case: Case, made: CaseMove) -> None:
    """Tell of a case given to somebody or handed up; and webhooks of what they ask for."""
    announcing.announce([announcing.of(made)])
    if made.act == Act.ASSIGN:
        outbox.withdraw([_subject(case)], made.at, (Kind.CASE_ASSIGNED, Kind.CASE_UP))
        _post(case, made, Kind.CASE_ASSIGNED, [case.owner_id] if case.owner_id else [])
    elif made.act == Act.CLAIM:
        outbox.withdraw([_subject(case)], made.at, (Kind.CASE_ASSIGNED, Kind.CASE_UP))
    elif made.act == Act.HAND_UP:
        nearest = holders(MANAGE, {case.org_id, case.lead_org_id} - {""}, _but(made))
        _post(case, made, Kind.CASE_UP, [user.pk for user in nearest[:NEAREST]])
    elif made.act == Act.CLOSE:
        outbox.withdraw([_subject(case)], made.at)


def tell_of_arrangement(arrangement: Arrangement, made: ArrangementMove) -> None:
    """Tell who may approve what was submitted, and its maker what was decided on it."""
    subject, state = f"arrangement:{arrangement.pk}", arrangement.state
    if state != ArrangementState.SUBMITTED:
        outbox.withdraw([subject], made.at, (Kind.TO_APPROVE,))
    path = reverse("arrangement", args=[arrangement.pk])
    if state == ArrangementState.SUBMITTED:
        far: Any = arrangement.authority or "branch"
        nearest = authority.approvers(arrangement.case, far, authority.makers(arrangement))
        _post(arrangement.case, made, Kind.TO_APPROVE, [user.pk for user in nearest[:NEAREST]], path, subject)
    elif state in (ArrangementState.APPROVED, ArrangementState.RETURNED):
        _post(arrangement.case, made, Kind.ARRANGED, [arrangement.made_by_id], path, subject)


def tell_of_complaint(complaint: Complaint, made: CaseMove) -> None:
    """Tell whose it is to answer; of one that nobody has, who manages the case."""
    now, subject = Complaint.objects.select_related("case").get(pk=complaint.pk), f"complaint:{complaint.pk}"
    outbox.withdraw([subject], made.at)
    if now.answered_at is not None:
        return
    case = now.case
    nearest = holders(MANAGE, {case.org_id, case.lead_org_id} - {""}, _but(made))[:NEAREST]
    people = [now.owner_id] if now.owner_id is not None else [user.pk for user in nearest]
    due = {"due": timezone.localtime(now.due_at).isoformat()}
    _post(case, made, Kind.COMPLAINT, people, None, subject, due)


def _post(
    case: Case, made: CaseMove | ArrangementMove, kind: Kind, people: Iterable[int], path: str | None = None, subject: str = "", more: dict[str, str] | None = None
) -> None:  # fmt: skip
    there = path or reverse("case", args=[case.pk])
    about = "case_move" if isinstance(made, CaseMove) else "arrangement_move"
    params = {"number": case.number, **(more or {})}
    told = [
        Told(user_id, kind, f"{about}:{made.pk}", there, subject=subject or _subject(case), params=params)
        for user_id in people
        if user_id != made.actor_id
    ]
    outbox.post(told, made.at)


def _but(made: CaseMove) -> set[int]:
    return {made.actor_id} if made.actor_id is not None else set()


def _subject(case: Case) -> str:
    return f"case:{case.pk}"
