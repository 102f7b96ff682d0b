"""The only way to contact a person: each contact is asked for here, decided by the gate, and written before anything is dialled or sent.

What is decided, is decided while the person, the debtor and the number are held (`held`), on what is committed then; the contact or the refusal is
written with its entry of the audit log in the same transaction. A Permit, without which nothing is unsealed and no channel sends, is made here alone.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record as log
from daihou.desk.contacts import deciding, fitting, policy
from daihou.desk.contacts.choices import MESSAGES, Outcome, State
from daihou.desk.contacts.elapsing import Elapsing
from daihou.desk.contacts.errors import RefusedError, UnfitError
from daihou.desk.contacts.fitting import Wanted
from daihou.desk.contacts.models import Contact, Point, Refusal
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.collection.conduct.contact import Decision
    from daihou.desk.asked import Asked

__all__ = [
    "Permit", "RefusedError", "StaleError", "UnfitError", "Wanted", "again", "ask", "begin", "dispatch", "dispatched", "finish", "inbound",
    "permit_to_send", "post",
]  # fmt: skip

_HERE: Final = object()
"""Known to this file alone."""
AGAIN: Final = timedelta(minutes=10)
"""For so long after it was begun the same call, asked for again, is permitted again, if it is lawful still: a page loaded twice, a line that broke."""


@dataclass(frozen=True, slots=True)
class Permit:
    """That one contact may be made now. It is made by this file alone, after the gate allowed the contact, in the transaction that says so."""

    contact: Contact
    at: dt.datetime
    request: Asked | None = field(repr=False)
    """Whose act it is, for the audit log; None: a plan of the desk."""
    made_by: object = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse to be made elsewhere."""
        if self.made_by is not _HERE:
            raise TypeError("a permit is made by contacting alone")


def ask(wanted: Sequence[Wanted], now: dt.datetime) -> list[Decision]:
    """What the gate says of each at a moment, for pages and lists; nothing is written. As many queries for many as for one, of one debtor."""
    return deciding.many(wanted, now)


def begin(wanted: Wanted, key: str, request: Asked | None, now: dt.datetime | None = None) -> tuple[Contact, Permit]:
    """A call or a visit that is made at once: the contact, its outcome pending, and the permit for it.

    RefusedError with the gate's decision, which is written; UnfitError for what does not fit together. The same key again within minutes is the
    same contact, of which the gate is asked again; later, or once it has ended, StaleError. It must not be called within a transaction: a refusal is
    not to be undone with it.
    """
    now = now or timezone.now()
    clock = Elapsing(now)
    fitting.check(wanted, now, request)
    if wanted.channel in MESSAGES:
        raise UnfitError(_("A message is posted, not begun."))
    with transaction.atomic(durable=True):
        asked = deciding.hold(wanted)
        now = clock.now()  # others may have held them for a while
        stood = _stood(key, wanted)
        if stood is not None:
            permit, asked = again(stood, request, now), replace(asked, without=stood.pk)
        decision = deciding.decide(asked, now)
        if decision.allowed:
            if stood is not None:
                return stood, permit
            contact = _allow(wanted, key, decision, request, now, at=now)
            return contact, _permit(contact, now, request)
        _refuse(wanted, decision, request, now, contact=stood)
    raise RefusedError(decision)


def again(contact: Contact, request: Asked | None, now: dt.datetime) -> Permit:
    """The permit of a call that its collector began minutes ago and that has not ended; StaleError of any other. Whether it is lawful still, `begin` asks."""
    stood = Contact.objects.filter(
        pk=contact.pk, outcome=Outcome.PENDING, inbound=False, state=State.NONE, at__gt=now - AGAIN, at__lte=now + AGAIN
    )
    if not stood.filter(actor=request.user if request else None).exists():
        raise StaleError
    return _permit(contact, now, request)


def post(
    wanted: Wanted, key: str, template: str, values: dict[str, Any], request: Asked | None, *,
    at: dt.datetime | None = None, expires_at: dt.datetime | None = None, language: str = "", now: dt.datetime | None = None,
) -> Contact:  # fmt: skip
    """A message, waiting for the sender: due at `at`, else now, or at the first lawful moment after it. The same key again is the same message.

    RefusedError where no moment before `expires_at` is lawful. Catch it within a transaction of one's own, else the refusal is undone with that.
    `values` are what the template needs, without any name or number of a person.
    """
    now = now or timezone.now()
    fitting.check(wanted, now, request)
    if wanted.channel not in MESSAGES:
        raise UnfitError(_("A call or a visit is begun, not posted."))
    due = max(at or now, now)
    with transaction.atomic():
        asked = deciding.hold(wanted)
        stood = _stood(key, wanted)
        if stood is not None:
            return stood
        first = decision = deciding.decide(asked, due)
        if not first.allowed and first.earliest is not None and (expires_at is None or first.earliest <= expires_at):
            due = first.earliest
            decision = deciding.decide(asked, due)
        if decision.allowed and (expires_at is None or due <= expires_at):
            message = {
                "state": State.WAITING, "template": template, "values": values, "language": language, "due_at": due, "expires_at": expires_at,
                "number": uuid.uuid4(),
            }  # fmt: skip
            return _allow(wanted, key, decision, request, now, at=due, **message)
        if decision.allowed:
            raise UnfitError(_("It would expire before it is due."))
        _refuse(wanted, first, request, now)
    raise RefusedError(first)


def dispatch(wanted: Wanted, key: str, request: Asked, now: dt.datetime | None = None) -> Contact:
    """A paper that leaves the house now, posted or carried: its contact, as sent, or as a visit under way. That the user may do so its caller has checked.

    RefusedError with the gate's decision, which is written; UnfitError for what does not fit together. The same key again is the same contact. It must
    not be called within a transaction: a refusal is not to be undone with it.
    """
    now = now or timezone.now()
    clock = Elapsing(now)
    fitting.check(wanted, now, None)
    with transaction.atomic(durable=True):
        asked = deciding.hold(wanted)
        now = clock.now()
        stood = _stood(key, wanted)
        if stood is not None:
            return stood
        decision = deciding.decide(asked, now)
        if decision.allowed:
            made = _allow(wanted, key, decision, request, now, at=now)
            if wanted.channel in MESSAGES:
                Contact.objects.filter(pk=made.pk).update(outcome=Outcome.SENT)
            return made
        _refuse(wanted, decision, request, now)
    raise RefusedError(decision)


def dispatched(contact_id: int, outcome: str, request: Asked, now: dt.datetime) -> None:
    """What a paper that was sent so came to, once. Inside a transaction of its caller."""
    open_ones = Contact.objects.filter(pk=contact_id, outcome__in=(Outcome.PENDING, Outcome.SENT))
    if open_ones.update(outcome=outcome, ended_at=now):
        log(request, "contact.outcome", "contact", str(contact_id), {"outcome": outcome})


def permit_to_send(contact: Contact, now: dt.datetime) -> Permit | Decision:
    """The permit for a message that its sender has just claimed, by what is so at this moment; or the decision that refuses it, written.

    Within the transaction that claims it. A refused message is moved to its earliest moment as far as counts go; what becomes of it is the
    sender's to write. StaleError where it is not claimed, or over already.
    """
    wanted = fitting.wanted_of(contact)
    asked = deciding.hold(wanted, without=contact.pk)
    mine = Contact.objects.filter(pk=contact.pk, state=State.SENDING, outcome=Outcome.PENDING)
    decision = deciding.decide(asked, now)
    if not decision.allowed:
        if not mine.update(at=decision.earliest or now):
            raise StaleError
        _refuse(wanted, decision, None, now, contact=contact)
        return decision
    limited = wanted.limited or decision.limited
    if not mine.update(at=now, limited=limited, policies=policy.versions(timezone.localdate(now))):
        raise StaleError
    contact.at, contact.limited = now, limited
    return _permit(contact, now, None)


def finish(
    contact: Contact, outcome: str, *, request: Asked | None, seconds: int | None = None, said: str = "", note: str = "",
    at: dt.datetime | None = None,
) -> Contact:  # fmt: skip
    """What a call or visit came to, once: StaleError where that was noted already. A number out of service is marked so.

    UnfitError for an outcome that a call cannot have, and for `not_made` once the number was uncovered: that counts as dialled.
    """
    now = at or timezone.now()
    why = fitting.against_outcome(contact, outcome)
    if why:
        raise UnfitError(why)
    with transaction.atomic():
        pending = Contact.objects.filter(pk=contact.pk, outcome=Outcome.PENDING, state=State.NONE)
        if outcome == Outcome.NOT_MADE and contact.point_id is not None:
            pending = pending.filter(claimed_at=None) if contact.channel in fitting.DIALLED else pending
        if not pending.update(outcome=outcome, ended_at=now, seconds=seconds, said=said, note=note.strip()):
            raise StaleError
        if contact.point_id is not None and outcome in (Outcome.INVALID, Outcome.CONVERSATION):
            reached = outcome == Outcome.CONVERSATION
            Point.objects.filter(pk=contact.point_id).update(invalid_at=None if reached else now)
        detail = {"outcome": outcome, "said": said, "seconds": seconds}
        log(
            request,
            "contact.outcome",
            "contact",
            str(contact.pk),
            {name: told for name, told in detail.items() if told},
        )
    return Contact.objects.select_related("point").get(pk=contact.pk)


def inbound(
    wanted: Wanted, key: str, request: Asked | None, *, outcome: str = Outcome.CONVERSATION, seconds: int | None = None, said: str = "",
    note: str = "", at: dt.datetime | None = None, language: str = "",
) -> Contact:  # fmt: skip
    """A contact that the person began: it passes no gate, but later decisions know it. The same key again is the same contact.

    They spoke to somebody, or left a message: `conversation`, `voicemail` or `delivered`; UnfitError for anything else.
    """
    now = timezone.now()
    fitting.check(wanted, now, request)
    if outcome not in fitting.BEGUN_BY_THEM:
        raise UnfitError(_("This contact cannot have come to that."))
    with transaction.atomic():
        deciding.hold(wanted)
        stood = _stood(key, wanted)
        if stood is not None:
            return stood
        made = Contact.objects.create(
            **_columns(wanted), key=key, inbound=True, actor=request.user if request else None, asked_at=now, at=at or now, outcome=outcome,
            ended_at=now, seconds=seconds, said=said, note=note.strip(), language=language,
        )  # fmt: skip
        log(
            request,
            "contact.outcome",
            "contact",
            str(made.pk),
            {**_detail(wanted), "inbound": True, "outcome": outcome},
        )
    return made


def _stood(key: str, wanted: Wanted) -> Contact | None:
    """The contact that was made under a key; UnfitError where it is another contact than the one wanted."""
    stood = Contact.objects.select_related("point").filter(key=key).first()
    if stood is None:
        return None
    point_id = wanted.point.pk if wanted.point else None
    of = (wanted.person_id, wanted.debtor_id, wanted.channel, point_id)
    if (stood.person_id, stood.debtor_id, stood.channel, stood.point_id) != of:
        raise UnfitError(_("This was asked for already, for another contact."))
    return stood


def _allow(
    wanted: Wanted,
    key: str,
    decision: Decision,
    request: Asked | None,
    now: dt.datetime,
    *,
    at: dt.datetime,
    **message: Any,
) -> Contact:
    """Write a contact that the gate allowed."""
    held = policy.versions(timezone.localdate(at))
    columns = _columns(wanted) | {"limited": wanted.limited or decision.limited}
    made = Contact.objects.create(
        **columns, key=key, actor=request.user if request else None, asked_at=now, at=at, policies=held, **message
    )
    detail = {**_detail(wanted), "policies": held, **({"due": at.isoformat()} if message else {})}
    log(request, "contact.allow", "contact", str(made.pk), detail)
    return made


def _refuse(
    wanted: Wanted, decision: Decision, request: Asked | None, now: dt.datetime, *, contact: Contact | None = None
) -> None:
    """Write a refusal: a row for each rule, and the entry that says so."""
    asked = uuid.uuid4()
    Refusal.objects.bulk_create(
        Refusal(
            asked=asked, at=now, actor=request.user if request else None, agency=wanted.agency, person_id=wanted.person_id,
            debtor_id=wanted.debtor_id, case_id=wanted.case_id, channel=wanted.channel, party=wanted.party, policy=each.policy, rule=each.rule,
            citation=each.citation, until=each.until, place=place,
        )
        for place, each in enumerate(decision.refusals)
    )  # fmt: skip
    rules = [
        {"policy": each.policy, "rule": each.rule, "citation": each.citation, "until": _iso(each.until)}
        for each in decision.refusals
    ]
    detail = {**_detail(wanted), "asked": asked.hex, "rules": rules, "earliest": _iso(decision.earliest)}
    log(request, "contact.refuse", "person", wanted.person_id, detail | ({"contact": contact.pk} if contact else {}))


def _permit(contact: Contact, now: dt.datetime, request: Asked | None) -> Permit:
    return Permit(contact, now, request, _HERE)


def _columns(wanted: Wanted) -> dict[str, Any]:
    """What a contact keeps of what was wanted."""
    return {
        "person_id": wanted.person_id, "debtor_id": wanted.debtor_id, "case_id": wanted.case_id, "loan_ids": list(wanted.loan_ids),
        "channel": wanted.channel, "point": wanted.point, "party": wanted.party, "purpose": wanted.purpose, "limited": wanted.limited,
        "agency": wanted.agency,
    }  # fmt: skip


def _detail(wanted: Wanted) -> dict[str, Any]:
    """What the audit log says of it: numbers and codes."""
    said = {
        "person": wanted.person_id, "debtor": wanted.debtor_id, "case": wanted.case_id, "channel": wanted.channel, "party": wanted.party,
        "purpose": wanted.purpose, "point": wanted.point.pk if wanted.point else None, "agency": wanted.agency,
    }  # fmt: skip
    return {name: told for name, told in said.items() if told}


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
