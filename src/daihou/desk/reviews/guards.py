"""Why an act on a review is not allowed: a sentence for the page, or nothing where it is. What a form still has to say may be None."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from daihou.book.calendars import is_work_day
from daihou.desk.people.reach import Access
from daihou.desk.people.sight import within
from daihou.desk.reviews import scope
from daihou.desk.reviews.choices import State, Way
from daihou.desk.reviews.policy import policy
from daihou.policies.reviews import PAPERS

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.desk.reviews.models import Review, Sheet

MOST_AHEAD: Final = 366
"""Days."""
NOTE_CHARACTERS: Final = 4
"""Fewer say nothing."""
WHO_ELSE: Final = {
    "reviews.work": gettext_lazy("This is for who does reviews."),
    "reviews.manage": gettext_lazy("This is for managers."),
}
"""What is said to who holds a permission nowhere."""


def _seeing(review: Review, user: User, rights: Access, permission: str) -> str:
    """Who may not do such things at all, or not for this review, or not any more."""
    if not rights.may(permission):
        return str(WHO_ELSE[permission])
    if not scope.reaches(user, rights, review, permission):
        return _("Your role does not reach this review for that.")
    if not review.open:
        return _("The review is %(state)s already.") % {"state": review.get_state_display().lower()}
    return ""


def against_claiming(review: Review, user: User, rights: Access) -> str:
    """Somebody takes a review of their org that is nobody's."""
    if refused := _seeing(review, user, rights, "reviews.work"):
        return refused
    if review.owner_id == user.pk:
        return _("It is yours already.")
    return _("It is with %(name)s. A manager may assign it.") % {"name": review.owner} if review.owner else ""


def against_assigning(review: Review, user: User, rights: Access, owner: User | None) -> str:
    """A manager gives it to somebody who may do it."""
    if refused := _seeing(review, user, rights, "reviews.manage"):
        return refused
    if owner is None:
        return ""
    reach = Access(owner).reach("reviews.work")
    if not owner.is_active or not within(reach, review.org_id, review.lead_org_id, review.officer_id):
        return _("%(name)s does no reviews of this part of the lender.") % {"name": owner}
    return ""


def against_postponing(review: Review, user: User, rights: Access, to: dt.date | None, note: str | None) -> str:
    """A manager sets another due date, and says why."""
    if refused := _seeing(review, user, rights, "reviews.manage"):
        return refused
    if to is not None:
        most = policy().most_postponed_days
        if to > timezone.localdate() + dt.timedelta(days=most):
            return _("No further than %(most)d days ahead. What is not to be done at all is waived.") % {"most": most}
        if no := against_day(to):
            return no
        if to == review.due_on:
            return _("It is due on that day already.")
    return short(note)


def against_day(day: dt.date) -> str:
    """A day on which something is to be done is a work day to come."""
    if day < timezone.localdate():
        return _("That day lies in the past.")
    if day > timezone.localdate() + dt.timedelta(days=MOST_AHEAD):
        return _("No further than a year ahead.")
    return (
        ""
        if is_work_day(settings.HOME.settings.calendar, day)
        else _("%(day)s is no work day.") % {"day": day.isoformat()}
    )


def against_waiving(review: Review, user: User, rights: Access, note: str | None) -> str:
    """A manager decides that it is not done this once, and says why; what somebody began is finished by them."""
    if refused := _seeing(review, user, rights, "reviews.manage"):
        return refused
    if review.state == State.BEGUN:
        return _("Somebody has begun it.")
    if review.owner_id == user.pk:
        return _("It is yours. Another manager waives it.")
    return short(note)


def against_doing(review: Review, user: User, rights: Access) -> str:
    """Whose it is does it, or who stands in for them, or anybody in reach where it is nobody's."""
    if refused := _seeing(review, user, rights, "reviews.work"):
        return refused
    if review.owner_id is None or review.owner_id in {user.pk, *rights.stands_in_for}:
        return ""
    return _("It is with %(name)s. A manager may assign it.") % {"name": review.owner}


def against_filling(review: Review, user: User, rights: Access) -> str:
    """The same, once it is begun."""
    return against_doing(review, user, rights) or ("" if review.state == State.BEGUN else _("It is not begun yet."))


def against_asking(review: Review, user: User, rights: Access, way: str | None) -> str:
    """Who does it notes that they asked the borrower for the papers; None: nothing is stated yet."""
    if review.type not in PAPERS:
        return _("It asks for no papers.")
    if refused := against_doing(review, user, rights):
        return refused
    return _("Say how you asked.") if way is not None and way not in Way.values else ""


def second(sheet: Sheet, finishing: User | None = None) -> User | None:
    """The second person as they count: another than whose review it is, than who saved it last, and than who finishes it."""
    filling = {sheet.review.owner_id, sheet.saved_by_id, finishing.pk if finishing else None}
    return sheet.companion if sheet.companion_id not in filling else None


def against_accompanying(sheet: Sheet, user: User, rights: Access) -> str:
    """The second person is another who does reviews in that part of the lender; one who does not count any more may be followed by another."""
    if refused := _seeing(sheet.review, user, rights, "reviews.work"):
        return refused
    if user.pk in (sheet.review.owner_id, sheet.saved_by_id):
        return _("The second person must be another than who fills in the form.")
    return _("%(name)s has confirmed already.") % {"name": sheet.companion} if second(sheet) else ""


def short(note: str | None) -> str:
    """A reason that says nothing; None: none is stated yet."""
    if note is not None and len(note.strip()) < NOTE_CHARACTERS:
        return _("Say why, in a few words.")
    return ""
