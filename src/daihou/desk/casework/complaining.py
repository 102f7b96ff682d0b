"""Complaints about collection: entered from a case, owned, answered within the work days of policy by somebody whom they are not about.

A complaint is a conditional update with a move of its case and an audit entry, in one transaction. It changes nothing of the case itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from daihou.desk.alerts import deadlines
from daihou.desk.audit.log import record
from daihou.desk.casework import guards, scope, telling
from daihou.desk.casework.choices import Act, ComplaintState
from daihou.desk.casework.models import Case, CaseMove, Complaint
from daihou.desk.casework.policy import policy
from daihou.desk.contacts.models import Contact
from daihou.desk.people.reach import Access
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User

THROUGH: Final[Mapping[str, Any]] = {
    "phone": pgettext_lazy("way of a complaint", "By phone"),
    "counter": pgettext_lazy("way of a complaint", "In person"),
    "letter": pgettext_lazy("way of a complaint", "By letter or e-mail"),
    "app": pgettext_lazy("way of a complaint", "In the app or online"),
    "hotline": pgettext_lazy("way of a complaint", "Hotline of consumer protection"),
    "regulator": pgettext_lazy("way of a complaint", "From the regulator"),
    "court": pgettext_lazy("way of a complaint", "From a court or mediator"),
    "other": pgettext_lazy("way of a complaint", "Another way"),
}
"""By what way a complaint came."""
ANSWERS: Final = (ComplaintState.UPHELD, ComplaintState.REJECTED)
TEXT_MOST: Final = 4_000


def number(complaint: Complaint) -> str:
    """What people call it: CP-2026-000012."""
    return f"CP-{timezone.localtime(complaint.received_at).year}-{complaint.pk:06d}"


def open_of(case: Case) -> list[Complaint]:
    """The open complaints of a case, the soonest due first."""
    return list(Complaint.objects.filter(case=case, state=ComplaintState.OPEN).select_related("owner"))


def seen(user: User, rights: Access) -> QuerySet[Complaint]:
    """The complaints that somebody sees: of cases they manage, and those that are theirs to answer or that they entered."""
    own = Q(owner=user.pk) | Q(entered_by=user.pk)
    if not rights.may("collection.manage"):
        return Complaint.objects.filter(own)
    return Complaint.objects.filter(
        own | Q(case__in=scope.seen(user, rights, "collection.manage").order_by().values("pk"))
    )


def against_entering(case: Case, user: User, rights: Access) -> str:
    """Who works or manages the case may enter one, also once it is closed."""
    if any(scope.reaches(user, rights, case, permission) for permission in ("collection.work", "collection.manage")):
        return ""
    return _("Your role does not reach this case for that.")


def against_owning(complaint: Complaint, owner: User | None, user: User, rights: Access) -> str:
    """Who manages the case gives it to somebody who manages it too, and whom it is not about; an answered one is nobody's."""
    if not scope.reaches(user, rights, complaint.case, "collection.manage"):
        return _("Your role does not reach this case for that.")
    if complaint.state != ComplaintState.OPEN:
        return _("The complaint is answered.")
    if owner is None:
        return ""
    if not owner.is_active:
        return _("%(name)s no longer works at the desk.") % {"name": owner}
    if not scope.reaches(owner, Access(owner), complaint.case, "collection.manage"):
        return _("%(name)s does not manage cases of this part of the lender.") % {"name": owner}
    return _about(complaint, owner)


def against_answering(complaint: Complaint, text: str | None, user: User, rights: Access) -> str:
    """Its owner answers it, or, where it has none, who manages the case; nobody answers what is about their own contact."""
    refused = against_owning(complaint, user, user, rights)
    if refused:
        return refused
    if complaint.owner_id is not None and complaint.owner_id != user.pk:
        return _("%(name)s answers it.") % {"name": complaint.owner}
    return (
        _("Say what was found, in a few words.")
        if text is not None and len(text.strip()) < guards.NOTE_CHARACTERS
        else ""
    )


def enter(
    case: Case, through: str, text: str, received_at: dt.datetime, contact_id: int | None, request: Asked
) -> Complaint:
    """Enter a complaint; RefusedError says why not. It is due at the end of the work days of policy, counted from the day it came."""
    refused = against_entering(case, request.user, request.rights) or _wrong(through, text, received_at)
    contact = Contact.objects.filter(pk=contact_id, case_id=case.pk).first() if contact_id else None
    if not refused and contact_id and contact is None:
        refused = _("That contact is none of this case.")
    if refused:
        raise RefusedError(refused)
    days = policy(timezone.localtime(received_at).date()).complaint_work_days
    with transaction.atomic():
        made = Complaint.objects.create(
            case=case, contact_id=contact.pk if contact else None, received_at=received_at, through=through, text=text.strip(),
            due_at=deadlines.after(received_at, days), entered_by=request.user,
        )  # fmt: skip
        _moved(
            made, "enter", request, {"through": through, "contact": made.contact_id, "due_at": made.due_at.isoformat()}
        )
    return made


def own(complaint: Complaint, owner: User, request: Asked) -> Complaint:
    """Take it, or give it to somebody."""
    refused = against_owning(complaint, owner, request.user, request.rights)
    if refused:
        raise RefusedError(refused)
    with transaction.atomic():
        _changed(complaint, owner=owner)
        _moved(complaint, "own", request, {"owner": owner.pk, "owner_before": complaint.owner_id})
    return complaint


def answer(complaint: Complaint, state: str, text: str, request: Asked) -> Complaint:
    """Answer it: upheld or not, with what was found."""
    refused = against_answering(complaint, text, request.user, request.rights)
    if not refused and state not in ANSWERS:
        refused = _("Say whether it is upheld.")
    if refused:
        raise RefusedError(refused)
    now = timezone.now()
    with transaction.atomic():
        _changed(
            complaint, state=state, answer=text.strip(), answered_at=now, answered_by=request.user, owner=request.user
        )
        _moved(complaint, "answer", request, {"state": state, "in_time": now <= complaint.due_at})
    return complaint


def _about(complaint: Complaint, user: User) -> str:
    """Whether it is about somebody's own contact."""
    if complaint.contact_id and Contact.objects.filter(pk=complaint.contact_id, actor=user.pk).exists():
        return _("It is about a contact of %(name)s. Somebody else answers it.") % {"name": user}
    return ""


def _wrong(through: str, text: str, received_at: dt.datetime) -> str:
    if through not in THROUGH:
        return _("Say by what way it came.")
    if received_at > timezone.now():
        return _("It cannot have come later than now.")
    return _("Say what it is about.") if len(text.strip()) < guards.NOTE_CHARACTERS else ""


def _changed(complaint: Complaint, **changes: Any) -> None:
    """StaleError where somebody changed it since it was looked at."""
    standing = Complaint.objects.filter(pk=complaint.pk, state=ComplaintState.OPEN, owner=complaint.owner_id)
    if not standing.update(**changes):
        raise StaleError


def _moved(complaint: Complaint, act: str, request: Asked, detail: dict[str, Any]) -> None:
    """What its case and the audit log keep of it; what it says stays with it, since it may speak of people."""
    told = {"complaint": complaint.pk, "act": act, **detail}
    stage = complaint.case.stage
    made = CaseMove.objects.create(
        case=complaint.case, at=timezone.now(), actor=request.user, act=Act.COMPLAINT, stage_before=stage, stage_after=stage, detail=told
    )  # fmt: skip
    telling.tell_of_complaint(complaint, made)
    record(request, "case.complaint", "case", complaint.case.number, told)
