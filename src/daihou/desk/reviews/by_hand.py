"""A review that somebody plans by hand, beside the plan of the house: for a borrower or loan in their reach, on a day, for a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.book.business_date import business_date
from daihou.desk.alerts import whose
from daihou.desk.following import newest
from daihou.desk.people.sight import within
from daihou.desk.portfolio import reading
from daihou.desk.refusals import RefusedError, refuse
from daihou.desk.reviews import guards, sheets, standing
from daihou.desk.reviews.choices import About, Type
from daihou.desk.reviews.models import BY_HAND, Review
from daihou.desk.reviews.policy import policy
from daihou.desk.reviews.transitions import planned_by_hand

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.alerts.whose import Whose
    from daihou.desk.asked import Asked


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be done. `number`: of a borrower or of a loan."""

    number: str
    type: str
    due_on: dt.date | None
    why: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom it would be about: a borrower, and a loan where the number is that of one."""

    borrower_id: str
    loan_id: str
    whose: Whose


def plan(wish: Wish, request: Asked) -> tuple[Review, bool]:
    """Plan it, for oneself; asked for twice it is one, and the second time not new. RefusedError says what does not fit."""
    found = subject(wish.number, request)
    if found is None:
        raise RefusedError(_("No borrower or loan of that number is in your reach."))
    if wish.type not in Type.values:
        raise RefusedError(_("Choose a type."))
    if wish.due_on is None:
        raise RefusedError(_("Choose a day."))
    refuse(guards.against_day(wish.due_on) or guards.short(wish.why))
    stated = _stated(wish, found, request)
    named = {name: stated.pop(name) for name in ("plan", "subject", "anchor")}
    try:
        with transaction.atomic():
            review, made = Review.objects.get_or_create(**named, defaults=stated)
            review = planned_by_hand(review, request, wish.why) if made else review
    except IntegrityError:  # the same was sent twice at one moment
        review, made = Review.objects.get(**named), False
    if not review.open:
        said = {"number": review.number, "state": review.get_state_display().lower()}
        raise RefusedError(_("%(number)s was for the same day and is %(state)s. Choose another day.") % said)
    return review, made


def subject(number: str, request: Asked) -> Subject | None:
    """The borrower or loan of a number, where somebody may do reviews of it; None else."""
    number = number.strip()
    moment = newest()
    if not number or moment is None:
        return None
    rows = reading.rows(
        f"SELECT borrower_id, loan_id FROM {reading.snapshots(moment).sql} WHERE loan_id = ? LIMIT 1", [number]
    )
    borrower_id, loan_id = (rows[0]["borrower_id"], number) if rows else (number, "")
    found = whose.of([borrower_id], moment).get(borrower_id)
    reach = request.rights.reach("reviews.work")
    if found is None or not within(reach, found.org_id, found.lead_org_id, found.officer_id):
        return None
    return Subject(borrower_id, loan_id, found)


def _stated(wish: Wish, found: Subject, request: Asked) -> dict[str, Any]:
    now = timezone.now()
    today = business_date(settings.HOME.settings, now)
    planned = next((one for one in policy(today).plans if one.type == wish.type), None)
    form = planned.form if planned else wish.type
    sheets.form_on(form, today)  # one that is not there is refused now, not at the door of the shop
    assert wish.due_on is not None  # noqa: S101 - looked at before
    return {
        "plan": BY_HAND, "subject": found.loan_id or found.borrower_id, "anchor": f"{wish.type} {wish.due_on.isoformat()}",
        "about": About.LOAN if found.loan_id else About.BORROWER, "type": wish.type, "site": planned.site if planned else "off", "form": form,
        "why": wish.why.strip(), "borrower_id": found.borrower_id, "loan_id": found.loan_id, "due_on": wish.due_on, "planned_on": today,
        "planned_at": now, "owner": request.user, "level": standing.level(found.borrower_id), **found.whose.values,
    }  # fmt: skip
