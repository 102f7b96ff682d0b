"""Sending: one message is claimed, judged once more, handed over once, and marked by what came of it.

A message is marked `sending` in the transaction in which the gate permits it, before it is handed over. Who finds it so, long after, does not
know whether it arrived: it becomes `unclear`, and is never sent again by itself. Any number of senders may run.
"""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import DatabaseError, transaction
from django.db.models import F, Q
from django.utils import timezone

from daihou.book.errors import DaihouError
from daihou.desk.audit.log import record
from daihou.desk.contacts import contacting, facts, messages, points
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.choices import PENDING, Outcome, State
from daihou.desk.contacts.contacting import Permit
from daihou.desk.contacts.elapsing import Elapsing
from daihou.desk.contacts.models import Contact
from daihou.desk.contacts.troubles import DROPPED, Trouble
from daihou.desk.contacts.wording import UnknownError, language_of, written
from daihou.desk.notices.handing import LONGEST_ANSWER, FailedError, HandingError, UnclearError

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.contacts.channels.interface import Message

LOG = logging.getLogger(__name__)

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
"""Before the second try, the third and so on; the last one from then on, until the message expires."""
GIVE_UP: Final = timedelta(days=3)
"""After so long a message that never expires is given up."""
LEASE: Final = timedelta(minutes=10)
"""A message is handed over in less: each connection and each command has its time-out. Longer than that, and its sender is dead."""
AT_ONCE: Final = 10
"""Messages read at a time to find one that may be sent."""
MOST_LOOKS: Final = 20
"""So often in a row, where none of those read may be."""
REACHES_NOBODY: Final = (Trouble.ADDRESS, Trouble.UNDELIVERED)
"""After these the contact counts as one that failed; where a server was at fault, as one that was never made."""
_PERSONAL: Final = re.compile(r"[^\s<>@\"']+@[^\s<>@\"']+|\+?\d(?:[ -]?\d){6,}")
"""What servers repeat of an address in their answers."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this sender alone may hand over, as it stands in the database and as it will be read."""

    permit: Permit
    contact: Contact
    message: Message


class DropError(Exception):
    """A message is not sent at all, for this reason."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


def step(now: dt.datetime) -> bool:
    """Note what is unclear, and send one message; whether there was one."""
    expire(now)
    claimed = claim(now)
    if claimed is not None:
        hand_over(claimed, now)
    return claimed is not None


def claim(now: dt.datetime) -> Claimed | None:
    """The message that has waited longest and may be sent now, for this sender alone; None where there is none.

    On the way, what may not be sent yet is put off, and what may not be sent any more is dropped.
    """
    clock = Elapsing(now)
    due = Contact.objects.filter(
        Q(channel__in=known.ready()) | Q(expires_at__lt=now), state__in=PENDING, due_at__lte=now
    )
    for _ in range(MOST_LOOKS):
        found = list(due.select_related("point").order_by("due_at", "pk")[:AT_ONCE])
        for contact in found:
            claimed = _looked_at(contact, clock)
            if claimed is not None:
                return claimed
        if len(found) < AT_ONCE:
            break
    return None


def _looked_at(contact: Contact, clock: Elapsing) -> Claimed | None:
    """A message that is due, claimed at the moment that it has become; None where it is dropped, put off, or in another sender's hands."""
    now = clock.now()
    try:
        message = prepare(contact, now)
        return _claim(contact, message, clock.now())  # a ledger may have been read in between
    except DropError as error:
        drop(contact, error.trouble, now)
    except DatabaseError:
        raise
    except (
        Exception
    ):  # a ledger, a file or a circumstance that cannot be read holds back what needs it, and nothing else
        LOG.exception("message %s waits", contact.pk)
        Contact.objects.filter(pk=contact.pk, state=contact.state).update(due_at=now + PAUSES[1])
    return None


def prepare(contact: Contact, now: dt.datetime) -> Message:
    """The message as it will be read, with what is so at this moment; DropError where it is not to be sent.

    Outside of the claim's transaction: what is so is read from the ledger, and nobody should wait for that.
    """
    if contact.expires_at is not None and contact.expires_at < now:
        raise DropError(Trouble(contact.trouble) if contact.trouble else Trouble.EXPIRED)
    if contact.point is None or contact.point.gone_at is not None or contact.point.invalid_at is not None:
        raise DropError(Trouble.NO_ADDRESS)
    policy = messages.policy(timezone.localdate(now))
    template = policy.template(contact.template)
    if template is None:
        raise DropError(Trouble.TEMPLATE)
    if contact.limited and not template.limited:
        raise DropError(Trouble.CONTENT)
    values = facts.of(contact, now)
    if values is None:
        raise DropError(Trouble.UNTRUE)
    try:
        return written(policy, template, contact.channel, language_of(contact.language), values)
    except UnknownError as error:
        LOG.warning("message %s is dropped: %s", contact.pk, error)
        raise DropError(Trouble.TEMPLATE) from error


def _claim(contact: Contact, message: Message, now: dt.datetime) -> Claimed | None:
    """Mark a message `sending` if the gate permits it now, in one transaction; None where it does not, or another sender has it."""
    with transaction.atomic():
        mine = Contact.objects.filter(pk=contact.pk, state__in=PENDING, due_at__lte=now)
        number = contact.number or uuid.uuid4()
        if not mine.update(state=State.SENDING, claimed_at=now, number=number, tries=F("tries") + 1):
            return None
        held = Contact.objects.select_related("point").get(pk=contact.pk)
        said = contacting.permit_to_send(held, now)
        if isinstance(said, Permit):
            if not held.limited or _limited(held, now):  # the gate may have said so just now
                return Claimed(said, held, message)
            drop(held, Trouble.CONTENT, now)
        elif said.earliest is None or (held.expires_at is not None and said.earliest > held.expires_at):
            drop(held, Trouble.UNLAWFUL, now)
        else:
            later = max(said.earliest, now + timedelta(seconds=1))
            Contact.objects.filter(pk=held.pk, state=State.SENDING).update(
                state=State.WAITING, due_at=later, at=later, claimed_at=None, tries=contact.tries
            )
    return None


def _limited(contact: Contact, now: dt.datetime) -> bool:
    """Whether a message says nothing of a debt."""
    template = messages.policy(timezone.localdate(now)).template(contact.template)
    return template is not None and template.limited


def hand_over(claimed: Claimed, now: dt.datetime) -> None:
    """Give a message to its channel, outside of any transaction, and mark it by what came of it."""
    contact = claimed.contact
    try:
        answer = _given(claimed, now)
    except PermissionError:  # it ended meanwhile: somebody was slow, and nothing more is to be sent
        LOG.warning("message %s had ended before it was handed over", contact.pk)
    except UnclearError as error:
        _settle(contact, State.UNCLEAR, now, error)
    except FailedError as error:
        _failed(contact, error, now)
    else:
        _settle(contact, State.SENT, now, answer=answer)


def _given(claimed: Claimed, now: dt.datetime) -> str:
    """What the channel answered; FailedError, UnclearError, PermissionError where it ended. Whatever goes wrong before it is asked, nothing was sent."""
    contact = claimed.contact
    channel = known.of(contact.channel)
    if channel is None or contact.point is None or contact.number is None:
        raise FailedError(Trouble.NO_ADDRESS, lasting=True)
    try:
        address = points.value(claimed.permit, contact.point, now)
    except points.GoneError as error:
        raise FailedError(Trouble.NO_ADDRESS, lasting=True) from error
    except DaihouError as error:
        raise FailedError(Trouble.UNREADABLE) from error
    return channel.send(claimed.permit, address, claimed.message, contact.number)


def expire(now: dt.datetime) -> int:
    """Mark as unclear what was claimed long ago and never marked since: its sender died over it. How many."""
    stale = Contact.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE)
    found = list(stale)
    for contact in found:
        _settle(contact, State.UNCLEAR, now, UnclearError(Trouble.CRASHED))
    return len(found)


def drop(contact: Contact, trouble: Trouble, now: dt.datetime) -> None:
    """Send a message never: it counts as a contact that was not made. Nothing where it is out of hand already."""
    with transaction.atomic():
        mine = Contact.objects.filter(pk=contact.pk, state=contact.state)
        state = State.DROPPED if trouble in DROPPED else State.GIVEN_UP
        if mine.update(state=state, trouble=trouble, ended_at=now, claimed_at=None):
            _outcome(contact, Outcome.NOT_MADE)
            record(None, "contact.drop", "contact", str(contact.pk), _told(contact, state, trouble))


def _failed(contact: Contact, error: FailedError, now: dt.datetime) -> None:
    """It certainly did not leave: later again, or given up where that cannot help or would be too late."""
    if error.lasting:
        if error.trouble == Trouble.ADDRESS and contact.point is not None:
            points.mark(contact.point, "invalid", now, None)
        _settle(contact, State.GIVEN_UP, now, error)
        return
    again = now + PAUSES[min(contact.tries, len(PAUSES)) - 1]
    if again > (contact.expires_at or contact.asked_at + GIVE_UP):
        _settle(contact, State.GIVEN_UP, now, error)
    else:
        _settle(contact, State.FAILED, now, error, due_at=again, at=again)


def _settle(
    contact: Contact, state: State, now: dt.datetime, error: HandingError | None = None, *, answer: str = "", **more: Any
) -> None:  # fmt: skip
    """Mark a message that was in hand, where it is still: a receipt may have come sooner, or it was unclear for so long that somebody took it up."""
    trouble, said = (error.trouble, error.answer) if error else ("", answer)
    with transaction.atomic():
        mine = Contact.objects.filter(pk=contact.pk, state__in=(State.SENDING, State.UNCLEAR), tries=contact.tries)
        if not mine.update(state=state, trouble=trouble, answer=harmless(said), **more):
            return
        if state == State.SENT:
            _outcome(contact, Outcome.SENT, now)
        elif state == State.GIVEN_UP:
            _outcome(contact, Outcome.FAILED if trouble in REACHES_NOBODY else Outcome.NOT_MADE, now)
        record(None, "contact.send", "contact", str(contact.pk), _told(contact, state, trouble))
    if error:
        LOG.warning("message %s is %s: %s", contact.pk, state.value, trouble)


def _outcome(contact: Contact, outcome: Outcome, now: dt.datetime | None = None) -> None:
    """Add what it came to, once. Of what is unclear nothing is known: it goes on counting as the worst."""
    more = {"ended_at": now} if now else {}
    Contact.objects.filter(pk=contact.pk, outcome=Outcome.PENDING).update(outcome=outcome, **more)


def harmless(answer: str) -> str:
    """What a server said, without addresses and numbers: it is kept in the database."""
    return _PERSONAL.sub("…", " ".join(answer.split()))[:LONGEST_ANSWER]


def _told(contact: Contact, state: State, trouble: str) -> dict[str, Any]:
    """What the audit log says of a message; nothing of a person."""
    detail = {"channel": contact.channel, "template": contact.template, "state": state.value, "tries": contact.tries}
    return {**detail, **({"trouble": str(trouble)} if trouble else {})}
