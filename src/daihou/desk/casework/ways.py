"""How one may make contact about a case now: each person around it, each number and address with its channel, allowed or refused with reason and clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from daihou.desk.casework import contract_words, guards, way_rows
from daihou.desk.casework.way_rows import ICONS, Offer
from daihou.desk.contacts import contacting, people, points
from daihou.desk.contacts.choices import Channel, Outcome, Party, PointKind, Purpose
from daihou.desk.contacts.fitting import Wanted
from daihou.desk.contacts.models import Contact
from daihou.desk.contacts.people import BOUND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Case
    from daihou.desk.casework.way_rows import Way
    from daihou.desk.contacts.people import Somebody
    from daihou.desk.contacts.points import Shown

BY_KIND: Final[Mapping[str, tuple[str, ...]]] = {
    PointKind.PHONE: (Channel.PHONE, Channel.SMS),
    PointKind.EMAIL: (Channel.EMAIL,),
    PointKind.ADDRESS: (Channel.VISIT,),
}
"""By what channels a point is offered. Letters, messengers and robots are no channels of the desk yet."""
OTHERS: Final = (Party.UNRELATED, Party.EMPLOYER)
"""Who must hear nothing of a debt: they may be asked how to reach the debtor, at most."""
POINTS_OF_OTHERS: Final = 2
"""Of others so many numbers are offered, and nothing but numbers."""
LIVE: Final = dt.timedelta(hours=2)
"""A call begun longer ago is not under way any more, whatever was noted."""


@dataclass(frozen=True, slots=True)
class Group:
    """A person with the ways to them."""

    name: str
    label: str
    zone: str
    local: dt.datetime | None
    differs: bool
    """Whether the clock there shows another time than ours."""
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True)
class Live:
    """A contact of one's own that is under way; `number` and `link` only in the answer to its being dialled."""

    contact: Contact
    icon: str
    label: str
    shown: str
    number: str = ""
    link: str = ""


@dataclass(slots=True)
class Ways:
    """The panel."""

    groups: tuple[Group, ...]
    may_work: bool
    counted: str
    live: Live | None = None
    others: tuple[Contact, ...] = ()
    """Contacts of colleagues with the same debtor that are under way."""
    told: str = ""
    told_colour: str = ""
    anyway: str = ""
    """What the button sends that dials although a colleague speaks; empty: there is none."""

    @property
    def zone(self) -> str:
        """The zone of the debtor."""
        return self.groups[0].zone if self.groups else ""

    @property
    def local(self) -> dt.datetime | None:
        """The time there."""
        return self.groups[0].local if self.groups else None


def ways(case: Case, loan_ids: Sequence[str], request: Asked, now: dt.datetime) -> Ways:
    """The panel of a case at a moment. As many queries for many people and points as for few."""
    may_work = not guards.against_working(case, request.user, request.rights)
    under_way = pending(case.borrower_id, now)
    mine = [one for one in under_way if one.actor_id == request.user.pk]
    others = tuple(one for one in under_way if one.actor_id != request.user.pk)
    if not case.open:
        return Ways((), may_work=False, counted="", others=others)
    somebodies = people.of(case.borrower_id, loan_ids, timezone.localdate(now))
    held = points.of_many([one.person_id for one in somebodies], now)
    offers = [offer for one in somebodies for offer in _offers(case, one, held[one.person_id])]
    decisions = contacting.ask([offer.wanted for offer in offers], now)
    day = way_rows.today([one.person_id for one in somebodies], now)
    both = list(zip(offers, decisions, strict=True))
    first = next((offer for offer, said in both if offer.channel == Channel.PHONE and said.allowed), None)
    rows = [(offer.somebody, way_rows.way(case, offer, said, day, first=offer is first)) for offer, said in both]
    groups = tuple(_group(one, tuple(way for whose, way in rows if whose is one), now) for one in somebodies)
    return Ways(groups, may_work, day.counted(case.borrower_id), _live(mine[0], held) if mine else None, others)


def wanted(case: Case, somebody: Somebody, shown: Shown | None, channel: str, purpose: str = "") -> Wanted:
    """What is wanted of the gate for somebody by a channel."""
    other = somebody.party in OTHERS
    default = Purpose.LOCATE if other else (Purpose.REMIND if case.stage == "pre_due" else Purpose.COLLECT)
    return Wanted(
        somebody.person_id, case.borrower_id, somebody.loan_ids, channel, somebody.party, purpose or default, shown.point if shown else None,
        case.pk, limited=other,
    )  # fmt: skip


def pending(debtor_id: str, now: dt.datetime) -> list[Contact]:
    """The calls and visits about a debtor that are under way, the newest first."""
    begun = Contact.objects.filter(
        debtor_id=debtor_id, outcome=Outcome.PENDING, state="", inbound=False, at__gt=now - LIVE, at__lte=now + LIVE
    )
    return list(begun.select_related("actor", "point").order_by("-at", "-id"))


def _offers(case: Case, somebody: Somebody, held: Sequence[Shown]) -> list[Offer]:
    """What may be thought of for a person: every number, a text to the first one, the first e-mail and address."""
    found: list[Offer] = []
    seen: set[str] = set()
    for shown in held:
        for channel in BY_KIND[shown.point.kind]:
            if somebody.party in OTHERS and (channel != Channel.PHONE or len(found) == POINTS_OF_OTHERS):
                continue
            if channel != Channel.PHONE and channel in seen:
                continue
            seen.add(channel)
            found.append(Offer(somebody, shown, channel, wanted(case, somebody, shown, channel)))
    return sorted(found, key=lambda offer: offer.channel != Channel.PHONE)


def _group(somebody: Somebody, found: tuple[Way, ...], now: dt.datetime) -> Group:
    zone = somebody.zones[0] if len(somebody.zones) == 1 else ""
    local = now.astimezone(ZoneInfo(zone)) if zone else None
    here = timezone.localtime(now)
    label = str(Party(somebody.party).label)
    if somebody.how and somebody.party not in somebody.how:
        label = f"{label} · {_how(somebody)}"
    return Group(
        somebody.name or somebody.person_id, label, zone, local, local is not None and local.utcoffset() != here.utcoffset(), found
    )  # fmt: skip


def _how(somebody: Somebody) -> str:
    """The role in the loan, or the kind of relation, by which they are around the debtor."""
    table, column = ("parties", "role") if somebody.party in BOUND.values() else ("relations", "kind")
    return contract_words.named(table, column, somebody.how)


def _live(contact: Contact, held: Mapping[str, Sequence[Shown]]) -> Live:
    masked = next((one.masked for one in held.get(contact.person_id, ()) if one.point.pk == contact.point_id), "")
    return Live(
        contact, ICONS[contact.channel], f"{Party(contact.party).label} · {Channel(contact.channel).label}", masked
    )
