"""Hardship: what a household has left a month, and what may be agreed within that. Assessed with evidence, written once; a later assessment takes its place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.book.days import add_months
from daihou.collection.arrangement import Terms, months_between, spread
from daihou.desk.casework import arrangement_guards as guards
from daihou.desk.casework.choices import Act, ArrangementKind, Hardships
from daihou.desk.casework.models import Case, Hardship
from daihou.desk.casework.policy import policy
from daihou.desk.casework.transitions import move
from daihou.desk.contacts import circumstances
from daihou.desk.contacts.choices import Kind
from daihou.desk.contacts.errors import UnfitError
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from daihou.collection.arrangement import Basis
    from daihou.desk.asked import Asked

EVIDENCE_CHARACTERS: Final = 4
Way = Literal["instalments", "extension", "refer"]


@dataclass(frozen=True, slots=True)
class Assessed:
    """What is to be written of an assessment: amounts a month, in minor units of the currency."""

    cause: str
    currency: str
    income: int
    living: int
    other_debts: int
    lasts_until: dt.date | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may be done: terms to be drafted, or to refer the debtor to the manager; `why_not` where the figures do not allow it."""

    way: Way
    terms: Terms | None
    why_not: str = ""


def enter(case: Case, assessed: Assessed, request: Asked, today: dt.date) -> Hardship:
    """Write it, and that the debtor is in hardship: until the day to which it is expected to last, else until it is lifted. RefusedError says why not."""
    refused = against_entering(case, assessed, request, today)
    if refused:
        raise RefusedError(refused)
    now = timezone.now()
    last = assessed.lasts_until
    until = None if last is None else timezone.make_aware(dt.datetime.combine(last + dt.timedelta(days=1), dt.time()))
    with transaction.atomic():
        found = Case.objects.select_for_update().get(pk=case.pk)
        made = Hardship.objects.create(
            case=found, cause=assessed.cause, currency=assessed.currency, income=assessed.income, living=assessed.living,
            other_debts=assessed.other_debts, lasts_until=last, evidence=assessed.evidence.strip(), at=now, actor=request.user,
        )  # fmt: skip
        entry = circumstances.Entry(case.borrower_id, Kind.HARDSHIP, assessed.evidence, now, until)
        try:
            circumstances.enter(entry, request, now)
        except UnfitError as unfit:
            raise RefusedError(str(unfit)) from None
        detail = {
            "hardship": made.pk,
            "cause": made.cause,
            "left": made.left,
            "until": last.isoformat() if last else None,
        }
        move(found, Act.HARDSHIP, request=request, detail=detail, at=now)
    return made


def against_entering(case: Case, assessed: Assessed | None, request: Asked, today: dt.date) -> str:
    """Why it may not be entered; empty where it may. Without what was assessed: whether one may begin."""
    refused = guards.against_drafting(case, None, request.user, request.rights)
    if refused or assessed is None:
        return refused
    if assessed.cause not in Hardships.values:
        return _("Choose a cause.")
    if assessed.lasts_until is not None and assessed.lasts_until <= today:
        return _("It must last beyond today, or for good.")
    if len(assessed.evidence.strip()) < EVIDENCE_CHARACTERS:
        return _("Say what shows it: which papers were seen, what the debtor said.")
    return ""


def latest(case: Case) -> Hardship | None:
    """The assessment that holds."""
    return case.hardships.select_related("actor").first()


def proposals(hardship: Hardship, basis: Basis, on: dt.date) -> list[Proposal]:
    """What the figures allow: a plan within what is left a month, an extension while the cause lasts, and always to refer.

    `basis` reaches as far as policy lets a plan go.
    """
    limits = policy(on).approvals
    parts = spread(basis.first.total, hardship.left, basis.falls(), on, add_months(on, 1), limits)
    if parts:
        plan = Proposal("instalments", Terms("instalments", parts))
    elif not hardship.left:
        plan = Proposal("instalments", None, _("Nothing is left a month to pay with."))
    else:
        plan = Proposal(
            "instalments", None, _("What is left a month does not cover what is past due and what falls due within %(parts)s parts and %(days)s days.")
            % {"parts": limits.most_parts, "days": limits.longest_days},
        )  # fmt: skip
    return [plan, _extension(hardship, on, limits.longest_days), Proposal("refer", None)]


def _extension(hardship: Hardship, on: dt.date, most: int) -> Proposal:
    if hardship.lasts_until is None:
        return Proposal("extension", None, _("The cause is there for good: waiting does not help."))
    months = months_between(on, hardship.lasts_until)
    if not months:
        return Proposal("extension", None, _("The cause has passed."))
    if (add_months(on, months) - on).days > most:
        return Proposal(
            "extension", None, _("The cause lasts longer than policy extends: %(days)s days.") % {"days": most}
        )
    return Proposal("extension", Terms("extension", months=months))


def proposed(hardship: Hardship, kind: str, basis: Basis, on: dt.date) -> Terms | None:
    """The terms that an assessment proposes for a kind of arrangement; None where it proposes none."""
    if kind not in ArrangementKind.values:
        return None
    return next((one.terms for one in proposals(hardship, basis, on) if one.way == kind), None)
