"""What is wanted of the gate, and whether it fits together: the person stands to the debtor as is said, and the number is theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.contacts import people
from daihou.desk.contacts.choices import MESSAGES, Channel, Outcome, Party, PointKind, Purpose
from daihou.desk.contacts.errors import UnfitError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.desk.asked import Asked
    from daihou.desk.contacts.models import Contact, Point

WORKING: Final = "collection.work"
KINDS: Final[Mapping[str, PointKind]] = {
    Channel.PHONE: PointKind.PHONE,
    Channel.VOICE_BOT: PointKind.PHONE,
    Channel.SMS: PointKind.PHONE,
    Channel.APP: PointKind.PHONE,
    Channel.EMAIL: PointKind.EMAIL,
    Channel.LETTER: PointKind.ADDRESS,
    Channel.VISIT: PointKind.ADDRESS,
}
"""Which kind of point a channel reaches."""
DIALLED: Final = (Channel.PHONE, Channel.VOICE_BOT)
WITHOUT_POINT: Final = (Channel.VISIT, Channel.APP)
"""Channels that may go without: one meets somebody, or writes to them within the lender's own app."""
BOUND: Final = (Party.CO_BORROWER, Party.GUARANTOR)
CAME_TO: Final[Mapping[str, tuple[Outcome, ...]]] = {
    Channel.VISIT: (Outcome.CONVERSATION, Outcome.THIRD_PARTY, Outcome.NO_ANSWER, Outcome.REFUSED, Outcome.INVALID, Outcome.NOT_MADE),
    **dict.fromkeys(
        DIALLED,
        (
            Outcome.CONVERSATION, Outcome.THIRD_PARTY, Outcome.NO_ANSWER, Outcome.BUSY, Outcome.INVALID, Outcome.VOICEMAIL, Outcome.REFUSED,
            Outcome.NOT_MADE,
        ),
    ),
}  # fmt: skip
"""What a call or a visit may come to. What a message comes to, the sender and the receipts say."""
BEGUN_BY_THEM: Final = (Outcome.CONVERSATION, Outcome.VOICEMAIL, Outcome.DELIVERED)
"""What a contact may be that the person began."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A contact that somebody wants to make. Codes are those of `collection.conduct.contact`."""

    person_id: str
    debtor_id: str
    loan_ids: tuple[str, ...]
    """The debts it is about."""
    channel: str
    party: str
    purpose: str
    point: Point | None = None
    case_id: int | None = None
    agency: str = ""
    limited: bool = False
    """Whether it will say nothing of a debt."""


def wanted_of(contact: Contact) -> Wanted:
    """What was wanted of a contact that is written."""
    return Wanted(
        contact.person_id, contact.debtor_id, tuple(contact.loan_ids), contact.channel, contact.party, contact.purpose, contact.point,
        contact.case_id, contact.agency, contact.limited,
    )  # fmt: skip


def check(wanted: Wanted, now: dt.datetime, request: Asked | None) -> None:
    """UnfitError with the reason where it does not fit. Who a person is to a debtor is read from the facts, not believed."""
    if request is not None and not request.rights.may(WORKING):
        raise UnfitError(_("Your role does not include this."))
    why = _against_codes(wanted) or _against_point(wanted) or _against_party(wanted, now)
    if why:
        raise UnfitError(why)


def against_outcome(contact: Contact, outcome: str) -> str:
    """Why a contact cannot come to that; empty where it can."""
    if contact.channel in MESSAGES or contact.inbound or outcome not in CAME_TO[contact.channel]:
        return _("This contact cannot have come to that.")
    uncovered = contact.channel in DIALLED and contact.claimed_at is not None
    if outcome == Outcome.NOT_MADE and uncovered:
        return _("The number was uncovered, so the call counts as made. Note what it came to.")
    return ""


def _against_codes(wanted: Wanted) -> str:
    if wanted.channel not in Channel.values or wanted.purpose not in Purpose.values or wanted.party not in Party.values:
        return _("There is no such channel, purpose or party.")
    return "" if wanted.loan_ids else _("Say which loans it is about.")


def _against_point(wanted: Wanted) -> str:
    point = wanted.point
    if point is None:
        return "" if wanted.channel in WITHOUT_POINT else _("Say which number or address.")
    if point.person_id != wanted.person_id:
        return _("This number or address belongs to somebody else.")
    if point.kind != KINDS[wanted.channel]:
        return _("This channel does not reach such a number or address.")
    return _("This number or address is no longer the person's.") if point.gone_at is not None else ""


def _against_party(wanted: Wanted, now: dt.datetime) -> str:
    found = people.parties(wanted.person_id, wanted.debtor_id, wanted.loan_ids, timezone.localdate(now))
    loans = next((loans for party, loans in found.items() if party == wanted.party), None)
    if loans is None:
        return _("The facts do not say that this person stands so to the debtor.")
    if wanted.party in BOUND and not set(wanted.loan_ids) <= set(loans):
        return _("This person is not bound by all of these loans.")
    return ""
