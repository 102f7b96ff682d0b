"""Limits on how often somebody does something, counted in the audit log itself: what is not logged is not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from daihou.desk.audit.models import Entry

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.people.models import User


def exceeded(user: User, action: str, within: dt.timedelta, most: int) -> bool:
    """Whether a user has done it as often as is allowed in that time, so that once more would be too often."""
    return left(user, action, within, most) == 0


def left(user: User, action: str, within: dt.timedelta, most: int) -> int:
    """How often a user may do it still in that time."""
    since = timezone.now() - within
    return max(most - Entry.objects.filter(actor_id=user.pk, action=action, at__gte=since).count(), 0)
