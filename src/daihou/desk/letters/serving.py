"""How a letter is served: sent past the conduct gate, proven by papers, recorded once, withdrawn with a reason. A demand that was served is a fact.

Each act is one conditional update of the letter: where it changes no row, somebody else was first, and nothing is written.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.collection.serving import Delivery, served
from daihou.desk.audit.log import record
from daihou.desk.contacts import contacting, points
from daihou.desk.contacts.choices import Channel, Outcome, Party, PointKind, Purpose
from daihou.desk.contacts.fitting import KINDS
from daihou.desk.contacts.models import Contact
from daihou.desk.files import keeping
from daihou.desk.files.errors import UnfitError
from daihou.desk.governance import labels
from daihou.desk.letters import addressees, guards
from daihou.desk.letters.choices import FACT_SERVED, FACT_WITHDRAWN, Kind, Receiver, State, To
from daihou.desk.letters.models import Fact, Letter, Proof, Service
from daihou.desk.letters.policy import law
from daihou.desk.refusals import RefusedError, StaleError, refuse, seen

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.desk.contacts.models import Point
    from daihou.desk.files.fitness import Incoming
    from daihou.policies.limitation import Means

PROOFS_EACH: Final = 20
"""Papers of one service at most."""
CAME_TO: Final = {
    Channel.VISIT: {
        Receiver.DEBTOR: Outcome.CONVERSATION, Receiver.AUTHORISED: Outcome.CONVERSATION, Receiver.FAMILY: Outcome.THIRD_PARTY,
        Receiver.STAFF: Outcome.THIRD_PARTY, Receiver.REFUSED: Outcome.REFUSED, Receiver.RETURNED: Outcome.NO_ANSWER,
    },
}  # fmt: skip
"""What the contact of a letter that is carried comes to; one that is posted is delivered, or came back."""


def today() -> dt.date:
    """The calendar day: on it things are done, whatever business date their figures are of."""
    return timezone.localdate()


def send(
    letter: Letter, revision: int, means: str, tracking: str, request: Asked, *, agreed_address: bool = False, sent_on: dt.date | None = None
) -> Letter:  # fmt: skip
    """Hand it to who carries it, if the conduct gate lets it pass. RefusedError with the gate's reasons; it is written. Not within a transaction.

    `sent_on`: where nobody is contacted by it, the day on which it was done; else today.
    """
    seen(letter, revision)
    way = law().way(means)
    refuse(guards.against_sending(letter, request.user, request.rights, way))
    assert way is not None  # noqa: S101 - the guard said so
    sent_on = sent_on or today()
    refuse(guards.against_day(letter, way, sent_on, today()))
    now = timezone.now()
    contact = _past_the_gate(letter, way, request, now)
    contact_id = contact.pk if contact else None
    try:
        with transaction.atomic():
            after = _move(letter, (State.MADE, State.FAILED), state=State.SENT)
            Service.objects.create(
                letter=after, means=means, sent_on=sent_on, tracking=tracking.strip()[:60], agreed_address=agreed_address,
                contact_id=contact_id, sent_at=now, sent_by=request.user,
            )  # fmt: skip
            record(request, "letter.send", "letter", after.number, {"means": means, "contact": contact_id})
    except StaleError:
        if contact is not None and not Service.objects.filter(contact_id=contact.pk).exists():
            with transaction.atomic():  # the letter went by another means: this contact never was
                _closed(contact.pk, contact.channel, request, now)
        raise
    return after


def attach(letter: Letter, incoming: Incoming, request: Asked) -> Proof:
    """Keep a paper beside the last service of a letter, sealed with the addressee's key; the same paper twice is one."""
    refuse(guards.against_attaching(letter, request.user, request.rights))
    service = last(letter)
    if service is None:
        raise StaleError
    known = list(service.proofs.values_list("digest", flat=True))
    if len(known) >= PROOFS_EACH:
        raise UnfitError(_("There are %(most)d papers already.") % {"most": PROOFS_EACH})
    stated = {
        "name": incoming.name,
        "mime": incoming.kind,
        "size": incoming.size,
        "at": timezone.now(),
        "actor": request.user,
    }
    with keeping.kept(f"letters/{service.pk}", known, incoming, letter.addressee_id) as name, transaction.atomic():
        made, new = Proof.objects.get_or_create(
            service=service, digest=incoming.digest, defaults={**stated, "content": name}
        )
        if new:
            record(
                request, "letter.attach", "letter", letter.number, {"digest": incoming.digest, "size": incoming.size}
            )
    return made


def arrive(
    letter: Letter, revision: int, arrived_on: dt.date | None, receiver: str, note: str, request: Asked, *, acknowledged: bool = False
) -> Letter:  # fmt: skip
    """Record what came of it. Where it counts as served by the policy, it is served, and a fact; else it may be sent again."""
    seen(letter, revision)
    refuse(guards.against_recording(letter, request.user, request.rights))
    service = last(letter)
    if service is None or service.recorded_at is not None:
        raise StaleError
    proven = service.proofs.exists()
    kind = addressees.kind(letter.addressee_id, today())
    refuse(
        guards.against_arrival(service, arrived_on, receiver, kind, today(), acknowledged=acknowledged, proven=proven)
    )
    assert arrived_on is not None  # noqa: S101 - the guard said so
    way = law(service.sent_on).way(service.means)
    if way is None:
        raise RefusedError(_("The policy knows this means no more."))
    found = served(way, Delivery(service.sent_on, arrived_on, receiver, proven, service.agreed_address))
    now = timezone.now()
    changes = {
        "arrived_on": arrived_on, "receiver": receiver, "acknowledged": acknowledged and found.on is not None, "served_on": found.on,
        "why": found.why, "note": note.strip(), "recorded_at": now, "recorded_by": request.user,
    }  # fmt: skip
    with transaction.atomic():
        after = _move(
            letter, (State.SENT,), state=State.FAILED if found.on is None else State.SERVED, served_on=found.on
        )
        if not Service.objects.filter(pk=service.pk, recorded_at=None).update(**changes):
            raise StaleError
        if service.contact_id is not None:
            contacting.dispatched(service.contact_id, _came_to(way, receiver), request, now)
        if found.on is not None:
            _told(after, FACT_SERVED, _moment(after, found.on), {"means": service.means, "to": after.to})
        detail = {
            "means": service.means,
            "receiver": receiver,
            "served_on": found.on.isoformat() if found.on else None,
            "why": found.why,
        }
        record(request, "letter.arrive", "letter", after.number, detail)
    return after


def withdraw(letter: Letter, revision: int, because: str, request: Asked) -> Letter:
    """Take it back: it counts no more, nor did it ever. Of one that was served that is a fact too."""
    seen(letter, revision)
    refuse(guards.against_withdrawing(letter, request.user, request.rights, because))
    now, was_served = timezone.now(), letter.state == State.SERVED
    with transaction.atomic():
        after = _move(
            letter, (letter.state,), state=State.WITHDRAWN, withdrawn_at=now, withdrawn_by=request.user, withdrawn_because=because.strip()
        )  # fmt: skip
        under_way = last(after)
        if under_way is not None and under_way.recorded_at is None:
            Service.objects.filter(pk=under_way.pk).update(recorded_at=now, recorded_by=request.user)
            if under_way.contact_id is not None:
                channel = Contact.objects.values_list("channel", flat=True).get(pk=under_way.contact_id)
                _closed(under_way.contact_id, channel, request, now)
        if was_served:
            _told(after, FACT_WITHDRAWN, now, {})
        record(request, "letter.withdraw", "letter", after.number, {"note": because.strip()})
    return after


def last(letter: Letter) -> Service | None:
    """The last attempt to serve it."""
    return letter.services.select_related("letter").order_by("-pk").first()


def _past_the_gate(letter: Letter, means: Means, request: Asked, now: dt.datetime) -> Contact | None:
    """The contact that the conduct gate allowed; None for a means by which nobody is contacted."""
    if means.channel == "none":
        return None
    party = Party.DEBTOR if letter.to == To.DEBTOR else Party.GUARANTOR
    point = None if means.channel == "visit" else _point(letter.addressee_id, KINDS[means.channel], now)
    wanted = contacting.Wanted(
        letter.addressee_id, letter.borrower_id, (letter.loan_id,), means.channel, party, Purpose.NOTICE, point
    )
    key = f"letter {letter.pk} {letter.services.count()}"
    try:
        return contacting.dispatch(wanted, key, request, now)
    except contacting.UnfitError as unfit:
        if Contact.objects.filter(key=key).exists():  # somebody sends it by another means at this moment
            raise StaleError from unfit
        raise RefusedError(str(unfit)) from unfit
    except contacting.RefusedError as refused:
        raise RefusedError(_reasons(refused)) from refused


def _closed(contact_id: int, channel: str, request: Asked, now: dt.datetime) -> None:
    """The contact of a letter that goes out no more. Inside a transaction."""
    outcome = Outcome.NOT_MADE if channel == Channel.VISIT else Outcome.FAILED
    contacting.dispatched(contact_id, outcome, request, now)


def _point(person_id: str, kind: PointKind, now: dt.datetime) -> Point:
    held = [
        shown.point
        for shown in points.of(person_id, now)
        if shown.point.kind == kind and shown.point.invalid_at is None
    ]
    if not held:
        raise RefusedError(
            _("The vault holds no such address of the addressee that reaches them. Choose another means.")
        )
    return held[0]


def _reasons(refused: contacting.RefusedError) -> str:
    """Each sentence of the gate once, with its source."""
    chinese = labels.chinese()
    said = {(one.zh if chinese else one.en): one.citation for one in refused.decision.refusals}
    return " ".join([_("The conduct gate refuses:"), *(f"{text} ({citation})" for text, citation in said.items())])


def _came_to(means: Means, receiver: str) -> str:
    carried = CAME_TO.get(Channel(means.channel)) if means.channel != "none" else None
    if carried is not None:
        return carried.get(Receiver(receiver), Outcome.NO_ANSWER)
    return Outcome.FAILED if receiver == Receiver.RETURNED else Outcome.DELIVERED


def _told(letter: Letter, kind: str, at: dt.datetime, more: dict[str, Any]) -> None:
    """A demand becomes a fact; that a debt will be due, which a maturity notice says, demands nothing."""
    if letter.kind == Kind.OVERDUE:
        value = {"letter": letter.number, "loan": letter.loan_id, "kind": letter.kind, **more}
        Fact.objects.create(letter=letter, kind=kind, at=at, value=value)


def _moment(letter: Letter, day: dt.date) -> dt.datetime:
    """A moment of a day of its own for each letter: kind and moment name a fact of a borrower."""
    begins = dt.datetime.combine(day, dt.time(), settings.HOME.settings.zone)
    return begins + dt.timedelta(microseconds=letter.pk)


def _move(letter: Letter, states: tuple[str, ...], **changes: Any) -> Letter:
    standing = Letter.objects.filter(pk=letter.pk, revision=letter.revision, state__in=states)
    if not standing.update(revision=F("revision") + 1, **changes):
        raise StaleError
    return Letter.objects.get(pk=letter.pk)
