"""Time passing over open reviews: what is late is told to managers, and what belongs to somebody who left goes to another.

Every act is looked for by what is due and done by a conditional update, so that it may run at any time, twice at once, or not for a week.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from daihou.book.calendars import work_days_between
from daihou.desk.alerts.owners import Chooser
from daihou.desk.refusals import StaleError
from daihou.desk.reviews import asking, telling
from daihou.desk.reviews.choices import Act
from daihou.desk.reviews.models import OPEN, Review, ReviewMove
from daihou.desk.reviews.policy import policy
from daihou.desk.reviews.transitions import move

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MOST: Final = 500
"""Acts of each kind in one tick, so that it can be stopped; what is left over waits for the next."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many reviews a tick told to managers, gave another owner or none, and asked a borrower for papers."""

    escalated: int = 0
    replaced: int = 0
    asked: int = 0

    @property
    def more(self) -> bool:
        """Whether there may be more to do at once."""
        return MOST in (self.escalated, self.replaced)


def tick(now: dt.datetime) -> Counts:
    """Do all that is due at a moment, or the first of it."""
    return Counts(_escalate(now), _replace(now), asking.due(now))


def _escalate(now: dt.datetime) -> int:
    """Tell managers of what was due so many work days ago and is not done."""
    today, days = timezone.localtime(now).date(), policy(timezone.localtime(now).date()).escalate_work_days
    last = today - dt.timedelta(days=max(days, 1))
    while work_days_between(settings.HOME.settings.calendar, last, today) <= days:
        last -= dt.timedelta(days=1)
    late = Review.objects.filter(OPEN, due_on__lte=last, escalated_at=None).order_by("due_on", "pk")[:MOST]
    with transaction.atomic():
        done = [after for review in late if (after := _one(review, lambda one: move(one, Act.ESCALATE, at=now, escalated_at=now)))]  # fmt: skip
        made = ReviewMove.objects.select_related("review").filter(review__in=done, act=Act.ESCALATE, at=now)
        telling.late(list(made.order_by("pk")), now)
    return len(done)


def _replace(now: dt.datetime) -> int:
    """Give what belongs to somebody who left, or looks after customers of its org no more, to the customer manager, or whose turn it is."""
    chooser = Chooser.on(timezone.localtime(now).date())
    places = (
        Review.objects.filter(OPEN, owner__isnull=False).order_by().values_list("owner_id", "org_id", "lead_org_id")
    )
    to: list[int] = []
    for owner_id, org_id, lead_org_id in places.distinct():
        if not chooser.keeps(owner_id, org_id, lead_org_id):
            theirs = Review.objects.filter(OPEN, owner_id=owner_id, org_id=org_id, lead_org_id=lead_org_id)
            to += theirs.order_by("pk").values_list("pk", flat=True)[: MOST - len(to)]

    def given(review: Review) -> Review:
        owner = chooser.choose(review.org_id, review.officer_id, review.lead_org_id)
        before = review.owner.username if review.owner else ""
        detail = {"owner": owner.username if owner else "", "owner_before": before}
        return move(review, Act.ASSIGN, at=now, detail=detail, owner=owner)

    return _each(Review.objects.filter(OPEN, pk__in=to).order_by("pk"), given)


def _each(reviews: Iterable[Review], act: Callable[[Review], Review]) -> int:
    """Do an act to each, one transaction each; where somebody was first it is left for the next tick to look at."""
    return sum(_one(review, act) is not None for review in reviews)


def _one(review: Review, act: Callable[[Review], Review]) -> Review | None:
    """It after an act; None where somebody was first."""
    try:
        with transaction.atomic():
            return act(review)
    except StaleError:
        return None
