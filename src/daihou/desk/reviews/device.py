"""The clock of the device that a form is filled in on: what it said, and by how much it was off. It is noted and told, and decides nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

if TYPE_CHECKING:
    from django.http import QueryDict

TOLD_FROM_S: Final = 600
"""Seconds from which on a clock that is off is told."""
MOST_S: Final = 2_000_000_000
"""More seconds than any clock is off: the column's own bound."""
NOW, TAKEN = "device_now", "taken_at"
"""The fields in which a page says what the device's clock shows as it sends, and what it showed when a piece was taken."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a device said of the time. `off_s`: by how many seconds its clock is ahead of ours, None where it did not say."""

    off_s: int | None
    taken_at: dt.datetime | None


def said(post: QueryDict) -> Said:
    """What a page says of the time of its device; what cannot be read is not said."""
    now = _moment(post.get(NOW, ""))
    off = None if now is None else round((now - timezone.now()).total_seconds())
    return Said(off if off is None or abs(off) < MOST_S else None, _moment(post.get(TAKEN, "")))


def _moment(text: str) -> dt.datetime | None:
    try:
        found = parse_datetime(text[:40])
    except ValueError:
        return None
    # A time without a zone says nothing, and at the ends of the calendar it cannot be moved.
    return found.astimezone(dt.UTC) if found and found.tzinfo and 1 < found.year < dt.MAXYEAR else None


def told(off_s: object) -> str:
    """That a clock is off by so many seconds, in words; empty where it is not, or not by much, or was not said."""
    if not isinstance(off_s, int) or abs(off_s) < TOLD_FROM_S:
        return ""
    far = _far(abs(off_s))
    if off_s > 0:
        return _("The clock of the device is %(far)s ahead. Times of saving are those of the server; put the clock right.") % {"far": far}  # fmt: skip
    return _("The clock of the device is %(far)s behind. Times of saving are those of the server; put the clock right.") % {"far": far}  # fmt: skip


def _far(seconds: int) -> str:
    """A span in its largest unit, rounded."""
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    hours = round(seconds / 3600)
    if hours < 24:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    days = round(seconds / 86_400)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
