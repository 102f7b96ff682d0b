"""How a review goes on. Each act is one conditional update: where it changes no row, somebody else was first, and nothing is written.

Every act leaves a ReviewMove and, where a person did it, an entry of the audit log, in the same transaction. What runs say is written by `following`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from daihou.book.business_date import business_date
from daihou.desk.audit.log import record
from daihou.desk.refusals import StaleError, refuse, seen
from daihou.desk.reviews import guards, telling
from daihou.desk.reviews.choices import Act, State
from daihou.desk.reviews.models import Review, ReviewMove

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User


def move(
    review: Review, act: Act, *, request: Asked | None = None, note: str = "", detail: dict[str, Any] | None = None,
    logged: dict[str, Any] | None = None, at: dt.datetime | None = None, **changes: Any,
) -> Review:  # fmt: skip
    """The review after an act, if it still stands as it was looked at, with what the act leaves behind. Inside a transaction of its caller.

    `logged`: what the audit log keeps of the detail, where that is not all of it.
    """
    seen = Review.objects.filter(pk=review.pk, revision=review.revision)
    if not seen.update(revision=F("revision") + 1, **changes):
        raise StaleError
    after = Review.objects.select_related("owner").get(pk=review.pk)
    made = ReviewMove.objects.create(
        review=after, at=at or timezone.now(), actor=request.user if request else None, act=act, note=note.strip(), detail=detail or {}
    )  # fmt: skip
    telling.tell(after, made)
    if request is not None:
        record(
            request,
            f"review.{act.value}",
            "review",
            after.number,
            ((detail if logged is None else logged) or {}) | ({"note": note.strip()} if note.strip() else {}),
        )
    return after


def planned_by_hand(review: Review, request: Asked, why: str) -> Review:
    """Note that somebody planned it. Inside the transaction that made it."""
    return move(
        review,
        Act.BY_HAND,
        request=request,
        note=why,
        detail={"due_on": [review.due_on.isoformat()], "type": review.type},
    )


def claim(review: Review, revision: int, request: Asked) -> Review:
    """Make it one's own."""
    seen(review, revision)
    refuse(guards.against_claiming(review, request.user, request.rights))
    with transaction.atomic():
        return move(review, Act.CLAIM, request=request, owner=request.user)


def assign(review: Review, revision: int, owner: User, note: str, request: Asked) -> Review:
    """Give it to somebody."""
    seen(review, revision)
    refuse(guards.against_assigning(review, request.user, request.rights, owner))
    detail = {"owner": owner.username, "owner_before": review.owner.username if review.owner else ""}
    with transaction.atomic():
        return move(review, Act.ASSIGN, request=request, note=note, detail=detail, owner=owner)


def postpone(review: Review, revision: int, to: dt.date, note: str, request: Asked) -> Review:
    """Set another due date, which the plan leaves alone from then on."""
    seen(review, revision)
    refuse(guards.against_postponing(review, request.user, request.rights, to, note))
    detail = {"due_on": [review.due_on.isoformat(), to.isoformat()]}
    with transaction.atomic():
        return move(review, Act.POSTPONE, request=request, note=note, detail=detail, due_on=to, postponed=True, escalated_at=None)  # fmt: skip


def waive(review: Review, revision: int, note: str, request: Asked) -> Review:
    """Decide that it is not done this once; its clock counts on from today."""
    seen(review, revision)
    refuse(guards.against_waiving(review, request.user, request.rights, note))
    now = timezone.now()
    today = business_date(settings.HOME.settings, now)
    with transaction.atomic():
        return move(
            review, Act.WAIVE, request=request, note=note, at=now, state=State.WAIVED, ended_at=now, done_on=today
        )
