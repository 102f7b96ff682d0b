"""Promises taken and withdrawn: what a debtor said they would pay, by which days. Whether they are kept is not for people to say: `promises` asks the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from daihou.book import money
from daihou.desk.casework import guards
from daihou.desk.casework.choices import Act, PromiseState
from daihou.desk.casework.models import Case, CaseLoan, Promise, PromisePart
from daihou.desk.casework.owed import owed_by
from daihou.desk.casework.policy import policy
from daihou.desk.casework.transitions import move
from daihou.desk.refusals import RefusedError, StaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

Part = tuple[dt.date, int]
"""A day, and the minor units that come by the end of it."""


@dataclass(frozen=True, slots=True)
class Promised:
    """What is promised: on which loans, in which currency, which parts in order of their days."""

    loan_ids: tuple[str, ...]
    currency: str
    parts: tuple[Part, ...]

    @property
    def amount(self) -> int:
        """The sum of the parts."""
        return sum(amount for _day, amount in self.parts)


def take(
    case: Case, parts: Sequence[Part], loan_ids: Sequence[str], contact_id: int | None, key: str, request: Asked, *,
    instead_of: Promise | None = None, now: dt.datetime | None = None,
) -> Promise:  # fmt: skip
    """The promise, with its case after the act; RefusedError says why not, StaleError that the case was changed meanwhile.

    Without loans it is on all of the case. `instead_of` names the open promise that it takes the place of. With a key that was given before,
    nothing is done, and what was made then is answered.
    """
    known = _of_key(case, key)
    if known is not None:
        return known
    now = now or timezone.now()
    promised = _promised(case, parts, loan_ids)
    refused = against_taking(case, promised, request.user, request.rights, timezone.localdate(now), instead_of)
    if refused:
        raise RefusedError(refused)
    try:
        with transaction.atomic():
            return _made(case, promised, contact_id, key, request, now, instead_of)
    except (IntegrityError, StaleError):
        known = _of_key(case, key)  # the same request, sent twice at once
        if known is None:
            raise
        return known


def withdraw(case: Case, promise: Promise, reason: str, request: Asked) -> Promise:
    """A promise taken back before it ended, with its reason: what was a slip of the hand, or what the debtor said they cannot keep."""
    refused = against_withdrawing(case, promise, reason, request.user, request.rights)
    if refused:
        raise RefusedError(refused)
    with transaction.atomic():
        return _withdrawn(case, promise, reason, request, timezone.now())


def open_of(case: Case) -> Promise | None:
    """The promise of a case that is open, the newest where an arrangement has one too."""
    return (
        Promise.objects.filter(case=case, state=PromiseState.OPEN).select_related("arrangement").order_by("-id").first()
    )


def against_taking(
    case: Case, promised: Promised | None, user: User, rights: Access, today: dt.date, instead_of: Promise | None = None
) -> str:  # fmt: skip
    """Why a promise cannot be taken, or nothing. Without one (None) only whether it may be taken at all is answered."""
    refused = guards.against_working(case, user, rights)
    if refused:
        return refused
    stands = open_of(case)
    if stands is not None and hasattr(stands, "arrangement"):
        return _("An arrangement says what is paid and when. It must end before another promise is taken.")
    if promised is None:
        return ""
    if stands is not None and (instead_of is None or instead_of.pk != stands.pk):
        return _("A promise is open. Withdraw it, or say that this one takes its place.")
    if stands is None and instead_of is not None:
        return _("The promise that this one was to take the place of is not open any more. Look at it first.")
    return _against_terms(promised, today) or _against_amount(case, promised, today)


def against_withdrawing(case: Case, promise: Promise, reason: str | None, user: User, rights: Access) -> str:
    """Why a promise cannot be withdrawn, or nothing. Without a reason (None) only whether it may be withdrawn at all is answered."""
    refused = guards.against_working(case, user, rights)
    if refused:
        return refused
    if promise.case_id != case.pk:
        return _("The promise is not of this case.")
    if hasattr(promise, "arrangement"):
        return _("The promise belongs to an arrangement and ends with it.")
    if promise.state != PromiseState.OPEN:
        return _("The promise has ended: it is judged by what was paid.")
    if reason is not None and len(reason.strip()) < guards.NOTE_CHARACTERS:
        return _("Say in a few words why it is withdrawn.")
    return ""


def _promised(case: Case, parts: Sequence[Part], loan_ids: Sequence[str]) -> Promised:
    """What was asked for, in order; RefusedError where the loans are not of the case, or of several currencies."""
    currencies = dict(CaseLoan.objects.filter(case=case).values_list("loan_id", "currency"))
    chosen = tuple(sorted(set(loan_ids) or set(currencies)))
    if not chosen or not set(chosen) <= set(currencies):
        raise RefusedError(_("Name loans of this case."))
    found = {currencies[loan_id] for loan_id in chosen}
    if len(found) > 1:
        raise RefusedError(
            _("The loans are in %(currencies)s. Take a promise for those in one currency.")
            % {"currencies": ", ".join(sorted(found))}
        )
    return Promised(chosen, found.pop(), tuple(sorted(parts)))


def _against_terms(promised: Promised, today: dt.date) -> str:
    """Days and numbers of parts that policy does not allow, and amounts that are none."""
    terms, days = policy(today).promises, [day for day, _amount in promised.parts]
    if not days:
        return _("Say how much will be paid by which day.")
    if any(amount <= 0 for _day, amount in promised.parts):
        return _("Every amount must be above 0.")
    if len(days) > terms.most_parts:
        return ngettext(
            "A promise has at most %(most)d part. More is an arrangement.", "A promise has at most %(most)d parts. More is an arrangement.", terms.most_parts
        ) % {"most": terms.most_parts}  # fmt: skip
    if len(set(days)) < len(days):
        return _("Name each day once.")
    last = today + dt.timedelta(days=terms.most_days)
    if days[0] < today or days[-1] > last:
        return _("A promise is for days from %(first)s to %(last)s.") % {
            "first": today.isoformat(),
            "last": last.isoformat(),
        }
    return ""


def _against_amount(case: Case, promised: Promised, today: dt.date) -> str:
    """More than what will be owed on the last day."""
    last = promised.parts[-1][0]
    most = owed_by(case, promised.loan_ids, last, today)
    if promised.amount <= most:
        return ""
    said = {"day": last.isoformat(), "most": money.text(most, promised.currency), "currency": promised.currency}
    return _("By %(day)s only %(currency)s %(most)s will be owed. Take the promise for that at most.") % said


def _made(
    case: Case, promised: Promised, contact_id: int | None, key: str, request: Asked, now: dt.datetime, instead_of: Promise | None
) -> Promise:  # fmt: skip
    if instead_of is not None:
        case = _withdrawn(case, instead_of, _("Another promise takes its place."), request, now).case
    promise = Promise(
        key=key, case=case, contact_id=contact_id, loan_ids=list(promised.loan_ids), currency=promised.currency,
        made_on=timezone.localdate(now), made_at=now, made_by=request.user,
    )  # fmt: skip
    promise.save(force_insert=True)
    PromisePart.objects.bulk_create(
        PromisePart(promise=promise, due_on=day, amount=amount) for day, amount in promised.parts
    )
    promise.case = move(case, Act.PROMISE, request=request, detail=_detail(promise, promised.parts), at=now)
    return promise


def _withdrawn(case: Case, promise: Promise, reason: str, request: Asked, now: dt.datetime) -> Promise:
    Case.objects.select_for_update().get(
        pk=case.pk
    )  # before the promise, as the keeper does, so that neither waits in a circle
    standing = Promise.objects.filter(pk=promise.pk, state=PromiseState.OPEN)
    ended = {
        "state": PromiseState.WITHDRAWN,
        "withdrawn_at": now,
        "withdrawn_by": request.user,
        "withdrawn_because": reason.strip(),
    }
    if not standing.update(**ended):
        raise StaleError
    after = Promise.objects.get(pk=promise.pk)
    after.case = move(case, Act.PROMISE_WITHDRAWN, request=request, note=reason, detail={"promise": promise.pk}, at=now)
    return after


def _detail(promise: Promise, parts: Sequence[Part]) -> dict[str, Any]:
    """What the move and the audit log keep of it."""
    return {
        "promise": promise.pk,
        "currency": promise.currency,
        "parts": [[day.isoformat(), amount] for day, amount in parts],
    }


def _of_key(case: Case, key: str) -> Promise | None:
    """The promise that was made under a key; RefusedError where that was on another case."""
    known = Promise.objects.filter(key=key).select_related("case").first()
    if known is not None and known.case_id != case.pk:
        raise RefusedError(_("The key of the request was used for another case. Open the page anew."))
    return known
