"""Why an act on a letter is not allowed: a sentence for the page, or nothing where it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.letters import scope
from daihou.desk.letters.choices import Kind, Receiver, State, To
from daihou.desk.vault.models import Kind as Kinds

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.letters.models import Letter, Service
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access
    from daihou.policies.limitation import Means

NOTE_CHARACTERS: Final = 4
"""Fewer say nothing."""
NOT_TAKEN_BY: Final = {Kinds.PERSON.value: Receiver.STAFF, Kinds.COMPANY.value: Receiver.FAMILY}
"""Who takes in an organisation's mail serves no natural person, and a relative no organisation (rules on limitation, art. 8)."""
SIGNING: Final = (Receiver.DEBTOR, Receiver.AUTHORISED)
"""Who can acknowledge a debt with their signature."""


def against_serving(letter: Letter, user: User, rights: Access) -> str:
    """Who may not do such things at all, or not with this letter."""
    if not rights.may("letters.serve"):
        return _("This is for who serves letters.")
    if not scope.reaches(user, rights, letter, "letters.serve"):
        return _("Your role does not reach this letter for that.")
    if letter.state == State.WITHDRAWN:
        return _("The letter is withdrawn.")
    return ""


def against_sending(letter: Letter, user: User, rights: Access, means: Means | None) -> str:
    """A letter is sent once it is made, and again where it was not served."""
    if refused := against_serving(letter, user, rights):
        return refused
    if letter.state == State.SENT:
        return _("It is on its way. Record what came of it first.")
    if letter.state == State.SERVED:
        return _("It is served already.")
    return _("Choose by which means.") if means is None else ""


def against_day(letter: Letter, means: Means, sent_on: dt.date, today: dt.date) -> str:
    """What contacts nobody may have been done before it is written down; what passes the gate leaves now."""
    if means.channel != "none":
        return "" if sent_on == today else _("What passes the conduct gate leaves today.")
    made_on = timezone.localdate(letter.made_at)
    if made_on <= sent_on <= today:
        return ""
    return _("The day lies between that on which it was made, %(made)s, and today.") % {"made": made_on.isoformat()}


def against_attaching(letter: Letter, user: User, rights: Access) -> str:
    """Proof belongs to a letter that was sent."""
    if refused := against_serving(letter, user, rights):
        return refused
    return _("It was not sent yet.") if letter.state == State.MADE else ""


def against_recording(letter: Letter, user: User, rights: Access) -> str:
    """What came of it is recorded while it is on its way."""
    if refused := against_serving(letter, user, rights):
        return refused
    return "" if letter.state == State.SENT else _("It is not on its way.")


def against_arrival(
    service: Service, arrived_on: dt.date | None, receiver: str, kind: str, today: dt.date, *, acknowledged: bool, proven: bool
) -> str:  # fmt: skip
    """What was said of an arrival must fit the letter, and its addressee: `kind` is person, company or, where that is not known, empty."""
    if arrived_on is None:
        return _("Say on which day.")
    if not service.sent_on <= arrived_on <= today:
        return _("The day lies between that on which it was sent, %(sent)s, and today.") % {
            "sent": service.sent_on.isoformat()
        }
    if receiver not in Receiver.values:
        return _("Say who took it.")
    if kind in NOT_TAKEN_BY and receiver == NOT_TAKEN_BY[kind]:
        if kind == Kinds.PERSON:
            return _(
                "The addressee is a natural person: who takes in mail serves organisations alone. Name who took it else."
            )
        return _(
            "The addressee is an organisation: a relative takes mail for a natural person alone. Name who took it else."
        )
    if acknowledged and (
        service.letter.to != To.DEBTOR or service.letter.kind != Kind.OVERDUE or receiver not in SIGNING
    ):
        return _("A debt is acknowledged by the debtor's own signature under an overdue notice.")
    if acknowledged and not proven:
        return _("Attach the signed slip first: it is what proves the acknowledgement.")
    return ""


def against_withdrawing(letter: Letter, user: User, rights: Access, note: str | None) -> str:
    """A letter is withdrawn with a reason; what it did then never counted."""
    if refused := against_serving(letter, user, rights):
        return refused
    if note is not None and len(note.strip()) < NOTE_CHARACTERS:
        return _("Say why, in a few words.")
    return ""
