"""What reviews ask of somebody: their own that are due."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from daihou.desk.reviews.models import OPEN, Review
from daihou.desk.vault import people
from daihou.desk.work.due import Due

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

MOST: Final = 200
"""So many are told; the list has them all."""
DO = pgettext_lazy("what is to be done", "Do a review")


def waiting(user: User, rights: Access) -> list[Due]:
    """Open reviews of one's own and of whom one stands in for, the soonest first."""
    if not rights.may("reviews.work"):
        return []
    owners = sorted({user.pk, *rights.stands_in_for})
    mine = list(Review.objects.filter(OPEN, owner__in=owners).order_by("due_on", "pk")[:MOST])
    names = people.masked_names({one.borrower_id for one in mine})
    return [_due(one, names) for one in mine]


def _due(review: Review, names: dict[str, str]) -> Due:
    whom = names.get(review.borrower_id) or review.borrower_id
    about = f"{review.get_type_display()} · {review.get_site_display()} · {review.number}"
    at = timezone.make_aware(dt.datetime.combine(review.due_on, dt.time(23, 59, 59)))
    return Due(DO, whom, about, reverse("review", args=[review.pk]), at, review.level)
