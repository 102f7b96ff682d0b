"""What came of a contact, noted once: on the contact, on the case, on the list, with whatever follows from what the person said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.casework import confirming, promising
from daihou.desk.casework.choices import Act, Said
from daihou.desk.casework.models import Case, Promise, Row
from daihou.desk.casework.transitions import move
from daihou.desk.contacts import circumstances, contacting
from daihou.desk.contacts.choices import Channel, Kind, Outcome, Party
from daihou.desk.contacts.circumstances import Entry
from daihou.desk.contacts.models import Contact
from daihou.desk.refusals import StaleError, refuse

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.casework.confirming import By, Confirmation
    from daihou.desk.casework.promising import Part

STOP_NUMBER, STOP_CALLS, STOP_ALL = "number", "calls", "all"
STOPS: Final = (STOP_NUMBER, STOP_CALLS, STOP_ALL)
"""What somebody may ask to cease: calls to this number, calls at all, all contact."""
OTHERS: Final = (Party.UNRELATED, Party.EMPLOYER)
"""Who does not owe: of them nothing but the wish to be left in peace is noted."""
ANSWERED: Final = (Outcome.CONVERSATION, Outcome.THIRD_PARTY)


@dataclass(frozen=True, slots=True)
class Noted:
    """What a collector notes of a contact."""

    outcome: str
    said: str = ""
    """What the person said, a code of `Said`; only where they were spoken to."""
    stop: str = ""
    """What they asked to cease, one of `STOPS`."""
    note: str = ""
    seconds: int | None = None
    call_at: dt.datetime | None = None
    parts: Sequence[Part] = ()
    loan_ids: Sequence[str] = ()
    """On which loans the promise is; empty: on all of the case."""
    instead_of: Promise | None = None
    confirm: By | None = None
    """By what the person is sent what they promised; None: by nothing."""


@dataclass(frozen=True, slots=True)
class Result:
    """What noting left behind."""

    case: Case
    contact: Contact
    promise: Promise | None = None
    confirmation: Confirmation | None = None


def note(case: Case, contact: Contact, noted: Noted, request: Asked, now: dt.datetime | None = None) -> Result:
    """Note what came of a contact with all that follows from it, or nothing of it.

    The same again changes nothing, and is answered as it stands; something else after it is StaleError. RefusedError and contacting.UnfitError say
    why not: then the contact is still under way. A promise is confirmed once it stands; that it could not be undoes nothing.
    """
    now = now or timezone.now()
    refuse(_against(case, contact, noted, now))
    result = _written(case, contact, noted, request, now)
    if result.promise is None or noted.confirm is None:
        return result
    sent = confirming.confirm(result.promise, result.contact, noted.confirm, request, now)
    return replace(result, confirmation=sent)


def _written(case: Case, contact: Contact, noted: Noted, request: Asked, now: dt.datetime) -> Result:
    """All of it, in one transaction."""
    with transaction.atomic():
        stands = Case.objects.select_for_update(of=("self",)).select_related("owner", "agency").get(pk=case.pk)
        stood = Contact.objects.select_related("point").get(pk=contact.pk)
        if stood.outcome != Outcome.PENDING:
            return _again(stands, stood, noted)
        made = contacting.finish(
            stood,
            noted.outcome,
            request=request,
            seconds=noted.seconds or _seconds(stood, noted, now),
            said=noted.said,
            note=noted.note,
            at=now,
        )
        after = _moved(stands, made, noted, request, now)
        for entry in _follows(made, noted, now):
            circumstances.enter(entry, request, now)
        promise = None
        if noted.said == Said.PROMISE:
            key = f"contact-{made.pk}"
            promise = promising.take(
                after, noted.parts, noted.loan_ids, made.pk, key, request, instead_of=noted.instead_of, now=now
            )
            after = promise.case
        if noted.outcome != Outcome.NOT_MADE:
            of_day = Row.objects.filter(day=timezone.localdate(now), case=case, done_at=None)
            of_day.update(done_at=now, result=noted.said or noted.outcome)
        return Result(after, made, promise)


def _against(case: Case, contact: Contact, noted: Noted, now: dt.datetime) -> str:
    """What does not fit together; empty where all does."""
    if contact.case_id != case.pk:
        return _("The contact is not of this case.")
    if (
        noted.outcome not in Outcome.values
        or (noted.said and noted.said not in Said.values)
        or (noted.stop and noted.stop not in STOPS)
    ):
        return _("There is no such outcome.")
    if noted.said and noted.outcome != Outcome.CONVERSATION:
        return _("What the person said is noted where somebody spoke to them.")
    if noted.said and contact.party in OTHERS:
        return _("This person does not owe. Note who answered, or that they want no more calls.")
    if noted.stop and noted.outcome not in ANSWERED:
        return _("Who asks for calls to cease has answered.")
    if noted.stop == STOP_NUMBER and contact.point_id is None:
        return _("There was no number. Say whether calls or all contact are to cease.")
    if noted.said == Said.CALL_BACK and (noted.call_at is None or noted.call_at <= now):
        return _("Say when to call again: a moment still to come.")
    return ""


def _again(case: Case, stood: Contact, noted: Noted) -> Result:
    """What stands, where the same is noted once more."""
    if (stood.outcome, stood.said) != (noted.outcome, noted.said):
        raise StaleError
    return Result(case, stood, Promise.objects.filter(key=f"contact-{stood.pk}").first())


def _seconds(contact: Contact, noted: Noted, now: dt.datetime) -> int | None:
    """How long was spoken, at most: since it was begun. Nobody spoke where nobody answered."""
    return max(int((now - contact.at).total_seconds()), 0) if noted.outcome in ANSWERED else None


def _moved(case: Case, contact: Contact, noted: Noted, request: Asked, now: dt.datetime) -> Case:
    """The case after the contact, and after the call that was agreed in it."""
    detail: dict[str, Any] = {
        "contact": contact.pk,
        "channel": contact.channel,
        "party": contact.party,
        "outcome": noted.outcome,
    }
    detail |= {name: value for name, value in (("said", noted.said), ("stop", noted.stop)) if value}
    changes: dict[str, Any] = {}
    if noted.outcome != Outcome.NOT_MADE:
        changes["contacted_at"] = now
        if noted.outcome == Outcome.CONVERSATION and contact.party not in OTHERS:
            changes |= {"spoke_at": now, "call_at": None}  # whatever was agreed before, this was the conversation
    after = move(case, Act.CONTACT, request=request, note=noted.note, detail=detail, at=now, **changes)
    if noted.said == Said.CALL_BACK and noted.call_at is not None:
        said = {"contact": contact.pk, "call_at": noted.call_at.isoformat()}
        after = move(after, Act.CALL_BACK, request=request, detail=said, at=now, call_at=noted.call_at)
    return after


def _follows(contact: Contact, noted: Noted, now: dt.datetime) -> Iterator[Entry]:
    """The circumstances that follow from what was said; each with the call as its ground."""
    at = timezone.localtime(contact.at)
    ground = _("Said in the contact of %(at)s (%(number)s).") % {"at": f"{at:%Y-%m-%d %H:%M}", "number": contact.pk}
    ground = f"{ground} {noted.note.strip()}".strip()
    person = contact.person_id
    if noted.stop and contact.party in OTHERS:
        yield Entry(person, Kind.REFUSES_MESSAGES_FOR_OTHERS, ground, now)
    elif noted.stop == STOP_NUMBER:
        yield Entry(person, Kind.OPT_OUT, ground, now, point=contact.point)
    elif noted.stop == STOP_CALLS:
        yield Entry(person, Kind.OPT_OUT, ground, now, channel=Channel.PHONE)
    elif noted.stop == STOP_ALL:
        yield Entry(person, Kind.DO_NOT_CONTACT, ground, now)
    if noted.said == Said.HARDSHIP:
        yield Entry(person, Kind.HARDSHIP, ground, now)
    elif noted.said == Said.DISPUTE:
        for loan_id in contact.loan_ids:
            yield Entry(person, Kind.DISPUTE, ground, now, loan_id=loan_id)
