"""What messages about a case say, read from what is so at the moment: when one is posted, and again when it is sent. What is no longer so is not sent.

Who is bound by some of its loans alone is told of these alone; what the debtor promised is told to the debtor alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from daihou.desk.casework import reckoning
from daihou.desk.casework.choices import PromiseState
from daihou.desk.casework.models import Case, Promise
from daihou.desk.contacts.choices import Party

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping

    from daihou.desk.casework.models import CaseLoan
    from daihou.desk.contacts.models import Contact

Values = dict[str, Any]
BROKEN: Final = (PromiseState.BROKEN, PromiseState.PARTLY)


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about: a case, those of its loans that concern the reader, and how the reader stands to them."""

    case: Case
    loan_ids: frozenset[str]
    party: str

    @property
    def loans(self) -> tuple[CaseLoan, ...]:
        """The loans, as far as the case still has them."""
        return tuple(loan for loan in self.case.of_loans.all() if loan.loan_id in self.loan_ids)


def values(case: Case, template: str, now: dt.datetime, loan_ids: Collection[str], party: str) -> Values | None:
    """What a message of a template may name to somebody; None where nothing of the kind is so. Of templates that nobody knows: nothing."""
    reader = READERS.get(template)
    return {} if reader is None else reader(About(case, frozenset(loan_ids), party), now)


def still(contact: Contact, now: dt.datetime) -> Mapping[str, Any] | None:
    """What a message about a case may name when it is sent; None where nothing of the kind is so any more."""
    if contact.case_id is None:
        return None
    case = Case.objects.filter(pk=contact.case_id).first()
    return values(case, contact.template, now, contact.loan_ids, contact.party) if case is not None else None


def _pre_due(about: About, now: dt.datetime) -> Values | None:
    owed = reckoning.reckoned(about.case, about.loans, timezone.localdate(now))
    if not about.case.open or owed.total or owed.next_on is None:
        return None
    return {"amount": owed.next_amount, "due_on": owed.next_on.isoformat(), "currency": owed.currency}


def _arrears(about: About, now: dt.datetime) -> Values | None:
    owed = reckoning.reckoned(about.case, about.loans, timezone.localdate(now))
    if not about.case.open or owed.total <= 0:
        return None
    return {"amount": owed.total, "days": owed.dpd, "as_of": owed.on.isoformat(), "currency": owed.currency}


def _call_back(about: About, _now: dt.datetime) -> Values | None:
    return {} if about.case.open else None


def _promised(about: About, _now: dt.datetime) -> Values | None:
    """The promise that is open, with its parts."""
    promise = _newest(about, PromiseState.OPEN)
    if promise is None:
        return None
    parts = [[part.due_on.isoformat(), part.amount] for part in promise.parts.all()]
    return {"amount": promise.amount, "parts": parts, "currency": promise.currency}


def _promise_due(about: About, _now: dt.datetime) -> Values | None:
    """The first part of the open promise that is still to come."""
    promise = _newest(about, PromiseState.OPEN)
    part = next((one for one in promise.parts.all() if one.state == PromiseState.OPEN), None) if promise else None
    if promise is None or part is None:
        return None
    return {"amount": part.amount, "due_on": part.due_on.isoformat(), "currency": promise.currency}


def _promise_broken(about: About, _now: dt.datetime) -> Values | None:
    """The newest promise, where it was not kept and is not yet."""
    promise = _newest(about)
    if not about.case.open or promise is None or promise.state not in BROKEN:
        return None
    last = max(part.due_on for part in promise.parts.all())
    missing = max(promise.amount - promise.received, 0)
    return (
        {"amount": promise.amount, "missing": missing, "due_on": last.isoformat(), "currency": promise.currency}
        if missing
        else None
    )


def _newest(about: About, state: str = "") -> Promise | None:
    """The newest promise of the case; to others than the debtor it is not told."""
    if about.party != Party.DEBTOR:
        return None
    found = Promise.objects.filter(case=about.case, **({"state": state} if state else {}))
    return found.order_by("-id").prefetch_related("parts").first()


READERS: Final[Mapping[str, Callable[[About, dt.datetime], Values | None]]] = {
    "pre_due": _pre_due, "arrears": _arrears, "call_back": _call_back, "promise_taken": _promised, "plan_agreed": _promised,
    "promise_due": _promise_due, "promise_broken": _promise_broken,
}  # fmt: skip
"""By template of `policies.messages`."""
