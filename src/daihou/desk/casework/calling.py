"""Making contact from a case: dialling, visiting, writing, and being called. Who may work the case is asked here, whether it is lawful by `contacting`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.casework import guards, message_facts, ways
from daihou.desk.contacts import contacting, people, points, posting
from daihou.desk.contacts.channels import phone
from daihou.desk.contacts.choices import Channel, Party, Purpose
from daihou.desk.contacts.fitting import Wanted
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Case
    from daihou.desk.casework.ways import Live
    from daihou.desk.contacts.models import Contact, Point
    from daihou.desk.contacts.people import Somebody
    from daihou.desk.contacts.points import Shown


@dataclass(frozen=True, slots=True)
class Call:
    """A contact that was begun; `link` dials its number, and is empty of a visit."""

    contact: Contact
    link: str = ""

    @property
    def number(self) -> str:
        """The number in clear, as the link has it: shown in the answer to its being dialled, and kept nowhere."""
        return self.link.removeprefix("tel:")


def dial(
    case: Case, person_id: str, point_id: int | None, channel: str, key: str, request: Asked, now: dt.datetime
) -> Call:
    """Begin a call or a visit. RefusedError who may not work the case; of `contacting`: RefusedError of the gate, UnfitError, StaleError; GoneError."""
    somebody, shown = _whom(case, person_id, point_id, request, now)
    contact, permit = contacting.begin(ways.wanted(case, somebody, shown, channel), key, request, now)
    if channel != Channel.PHONE or shown is None:
        return Call(contact)
    return Call(contact, phone.link(permit, shown.point, now, request))


def send(
    case: Case, person_id: str, point_id: int | None, channel: str, template: str, key: str, request: Asked, now: dt.datetime
) -> Contact:  # fmt: skip
    """Post a message, in the person's language."""
    somebody, shown = _whom(case, person_id, point_id, request, now)
    values = message_facts.values(case, template, now, somebody.loan_ids, somebody.party)
    if values is None:
        raise RefusedError(_("What this message says is not so now."))
    return posting.post(
        ways.wanted(case, somebody, shown, channel), key, template, values, request, language=somebody.language, now=now
    )


def called_us(case: Case, note: str, key: str, request: Asked, now: dt.datetime) -> Contact:
    """Note that the debtor called: a conversation that they began."""
    _refuse(case, request)
    loans = tuple(case.of_loans.values_list("loan_id", flat=True))
    wanted = Wanted(
        case.borrower_id,
        case.borrower_id,
        loans,
        Channel.PHONE,
        Party.DEBTOR,
        Purpose.REPLY,
        _first_number(case, now),
        case.pk,
    )
    return contacting.inbound(wanted, key, request, note=note, at=now)


def colleague(case: Case, request: Asked, now: dt.datetime) -> Contact | None:
    """The contact of a colleague with the same debtor that is under way."""
    return next((one for one in ways.pending(case.borrower_id, now) if one.actor_id != request.user.pk), None)


def shown(live: Live, call: Call) -> Live:
    """The contact under way with its number, for the answer to its being dialled."""
    return replace(live, number=call.number, link=call.link)


def _whom(
    case: Case, person_id: str, point_id: int | None, request: Asked, now: dt.datetime
) -> tuple[Somebody, Shown | None]:
    """The person around the case, and the point of theirs."""
    _refuse(case, request)
    loans = list(case.of_loans.values_list("loan_id", flat=True))
    somebody = next(
        (one for one in people.of(case.borrower_id, loans, timezone.localdate(now)) if one.person_id == person_id), None
    )
    if somebody is None:
        raise RefusedError(_("The facts know no such person around this debtor."))
    if point_id is None:
        return somebody, None
    found = next((one for one in points.of(person_id, now) if one.point.pk == point_id), None)
    if found is None:
        raise RefusedError(_("This number or address is not known any more. Look at the case anew."))
    return somebody, found


def _first_number(case: Case, now: dt.datetime) -> Point | None:
    return next((one.point for one in points.of(case.borrower_id, now) if one.point.kind == "phone"), None)


def _refuse(case: Case, request: Asked) -> None:
    why = guards.against_working(case, request.user, request.rights)
    if why:
        raise RefusedError(why)
