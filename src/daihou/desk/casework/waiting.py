"""What collection asks of somebody: calls they agreed on, promises that fall due on their cases, complaints to answer, arrangements to decide on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from daihou.book import money
from daihou.desk.casework import arrangements, complaining, scope
from daihou.desk.casework.choices import ComplaintState, PromiseState
from daihou.desk.casework.models import OPEN, Case, Complaint, PromisePart
from daihou.desk.vault import people
from daihou.desk.work.due import Due

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

MOST: Final = 200
"""So many of each kind are told; the lists have them all."""
CALL = pgettext_lazy("what is to be done", "Call as agreed")
PROMISE = pgettext_lazy("what is to be done", "See to a promise")
ANSWER = pgettext_lazy("what is to be done", "Answer a complaint")


def calls(user: User) -> QuerySet[Case]:
    """Open cases of somebody on which a call was agreed."""
    return Case.objects.filter(OPEN, owner=user.pk, call_at__isnull=False)


def parts(user: User, today: dt.date) -> QuerySet[PromisePart]:
    """Parts of open promises on somebody's open cases that fall due today, or fell due and are still to be judged."""
    standing = Q(promise__state=PromiseState.OPEN, promise__case__owner=user.pk, promise__case__closed_at=None)
    return PromisePart.objects.filter(standing, state=PromiseState.OPEN, due_on__lte=today).filter(
        received__lt=F("amount")
    )


def complaints(user: User, rights: Access) -> QuerySet[Complaint]:
    """Complaints that are somebody's to answer, and those that are nobody's on cases they manage."""
    mine = Q(owner=user.pk)
    if rights.may("collection.manage"):
        mine |= Q(owner=None, case__in=scope.seen(user, rights, "collection.manage"))
    return Complaint.objects.filter(mine, state=ComplaintState.OPEN)


def waiting(user: User, rights: Access) -> list[Due]:
    """All of it; at most MOST of each kind, the soonest first."""
    agreed = list(calls(user).order_by("call_at", "pk")[:MOST])
    due = list(parts(user, timezone.localdate()).select_related("promise__case").order_by("due_on", "pk")[:MOST])
    asked = list(complaints(user, rights).select_related("case").order_by("due_at", "pk")[:MOST])
    cases = [*agreed, *(part.promise.case for part in due), *(complaint.case for complaint in asked)]
    names = people.masked_names({case.borrower_id for case in cases})
    return [
        *(_due(CALL, case, names, case.call_at) for case in agreed),
        *(_due(PROMISE, part.promise.case, names, _end_of(part.due_on), _amount(part)) for part in due),
        *(_answer(complaint, names) for complaint in asked),
        *arrangements.waiting(user, rights),
    ]


def _answer(complaint: Complaint, names: dict[str, str]) -> Due:
    case = complaint.case
    about = f"{case.get_stage_display()} · {complaining.number(complaint)}"
    whom = names.get(case.borrower_id) or case.borrower_id
    return Due(ANSWER, whom, about, reverse("complaint", args=[complaint.pk]), complaint.due_at)


def _due(what: Any, case: Case, names: dict[str, str], at: dt.datetime | None, amount: str = "") -> Due:
    about = " · ".join(filter(None, (str(case.get_stage_display()), amount, case.number)))
    return Due(what, names.get(case.borrower_id) or case.borrower_id, about, reverse("case", args=[case.pk]), at)


def _amount(part: PromisePart) -> str:
    """What is still to come of a part."""
    return money.text(part.amount - part.received, part.promise.currency)


def _end_of(day: dt.date) -> dt.datetime:
    """The last second of a day."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59)))
