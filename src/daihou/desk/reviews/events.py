"""Finished reviews on the timeline of their borrower: what was found, at its level, and the ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from daihou.desk.alerts.choices import LEVEL_CHOICES
from daihou.desk.governance import labels
from daihou.desk.portfolio.timeline import Event
from daihou.desk.reviews import filling, scope
from daihou.desk.reviews.choices import EVENT, State
from daihou.desk.reviews.models import Sheet

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked

MOST: Final = 60
"""The newest of one borrower."""
WORST_FIRST: Final[list[str]] = [code for code, _label in LEVEL_CHOICES]


def events(request: Asked, borrower_id: str, as_of: dt.date) -> list[Event]:
    """The finished reviews of a borrower that somebody may see."""
    if not request.rights.may("reviews.view"):
        return []
    seen = scope.seen(request.user, request.rights).filter(borrower_id=borrower_id)
    done = seen.filter(state=State.DONE, done_on__lte=as_of).order_by("-done_on", "-pk")[:MOST]
    sheets = {one.review_id: one for one in Sheet.objects.filter(review__in=[one.pk for one in done])}
    found = []
    for review in done:
        sheet = sheets.get(review.pk)
        labelled = sorted(filling.findings(sheet), key=lambda one: WORST_FIRST.index(one[1])) if sheet else []
        said = ("、" if labels.chinese() else ", ").join(label for label, _level in labelled)
        rated = _rated(sheet)
        title = " · ".join(part for part in (str(review.get_type_display()), rated) if part)
        colour = labelled[0][1] if labelled else "green"
        assert review.done_on is not None  # noqa: S101 - what is done has its day
        path = reverse("review", args=[review.pk])
        found.append(
            Event(
                review.done_on,
                EVENT,
                "check",
                colour,
                title,
                said,
                review.loan_id or review.number,
                review.done_on,
                path,
            )
        )
    return found


def _rated(sheet: Sheet | None) -> str:
    """The ratings in words."""
    ratings = sheet.result.get("ratings", {}) if sheet else {}
    words = {"willingness": _("willingness %(n)s/5"), "ability": _("ability %(n)s/5")}
    return " · ".join(said % {"n": ratings[name]} for name, said in words.items() if name in ratings)
