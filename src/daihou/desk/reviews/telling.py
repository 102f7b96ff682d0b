"""Whom an act on a review concerns, and what they are told: notices in the outbox, in the transaction of the act. Nobody is told of what they did themselves."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils import timezone

from daihou.desk.notices import outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.notices.outbox import Told
from daihou.desk.people.holders import holders
from daihou.desk.reviews.choices import Act

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daihou.desk.reviews.models import Review, ReviewMove

MANAGE: Final = "reviews.manage"
NEAREST: Final = 2
"""Managers who are told of what is late."""
EACH: Final = 3
"""More than so many late ones at once are told a manager in one notice."""


def tell(review: Review, made: ReviewMove) -> None:
    """Tell of a review given to somebody; what is over is told no more."""
    if made.act == Act.ASSIGN:
        outbox.withdraw([subject(review.pk)], made.at, (Kind.REVIEW_ASSIGNED,))
        _post(review, made, Kind.REVIEW_ASSIGNED, [review.owner_id] if review.owner_id else [])
    elif made.act == Act.POSTPONE:
        outbox.withdraw([subject(review.pk)], made.at, (Kind.REVIEW_LATE,))
    elif not review.open:
        outbox.withdraw([subject(review.pk)], made.at)


def late(made: Sequence[ReviewMove], at: dt.datetime) -> None:
    """Tell the nearest managers of reviews that are late, each by itself; of many at once in one notice. In the transaction that escalated them."""
    by_manager: dict[int, list[ReviewMove]] = {}
    nearest = cache(lambda org, lead, owner: holders(MANAGE, {org, lead} - {""}, {owner})[:NEAREST])
    for move in made:
        review = move.review
        for user in nearest(review.org_id, review.lead_org_id, review.owner_id or 0):
            by_manager.setdefault(user.pk, []).append(move)
    for user_id, moves in by_manager.items():
        if len(moves) <= EACH:
            for move in moves:
                _post(move.review, move, Kind.REVIEW_LATE, [user_id])
        else:
            path = f"{reverse('reviews')}?view=late"
            about = f"reviews_late:{moves[0].pk}"
            outbox.post([Told(user_id, Kind.REVIEW_LATE, about, path, params={"count": len(moves)})], at)


def _post(review: Review, made: ReviewMove, kind: Kind, people: Iterable[int]) -> None:
    due = timezone.make_aware(dt.datetime.combine(review.due_on, dt.time(23, 59)))
    params = {"number": review.number, "due": due.isoformat()}
    path = reverse("review", args=[review.pk])
    told = [
        Told(user_id, kind, f"review_move:{made.pk}", path, subject=subject(review.pk), params=params)
        for user_id in people
        if user_id != made.actor_id
    ]
    outbox.post(told, made.at)


def subject(key: int) -> str:
    """What notices about a review are kept by."""
    return f"review:{key}"
