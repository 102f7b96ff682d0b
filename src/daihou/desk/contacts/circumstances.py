"""What holds of a person beside the facts: consents, opt-outs, dispute, hardship, death. Entered with its ground, lifted with a reason, never deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.collection.conduct import contact as gate
from daihou.desk.audit.log import record as log
from daihou.desk.contacts import policy
from daihou.desk.contacts.choices import Channel, Kind, PointKind
from daihou.desk.contacts.errors import UnfitError
from daihou.desk.contacts.held import lock
from daihou.desk.contacts.models import Circumstance, Point
from daihou.desk.contacts.people import zones_of
from daihou.desk.contacts.unsealed import records
from daihou.desk.refusals import StaleError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection

    from daihou.desk.asked import Asked

GROUND_CHARACTERS: Final = 4
"""Of a ground, and of the reason for lifting, at least."""
WORKING: Final = "collection.work"
MANAGING: Final = "collection.manage"
FOR_MANAGERS: Final = (
    Kind.DO_NOT_CONTACT, Kind.OPT_OUT, Kind.REFUSES_MESSAGES_FOR_OTHERS, Kind.DISPUTE, Kind.DEATH, Kind.MINOR, Kind.INCAPACITY, Kind.BANKRUPTCY,
    Kind.REPRESENTED,
)  # fmt: skip
"""Lifted by who manages collection alone: whoever works a case must not clear their own way."""
YEARS: Final = range(1900, 2100)
"""Within which moments lie. What is to hold for good has no end; one far off would lie beyond what clocks of all zones can show."""
HOURS: Final = (Kind.AGREED_HOURS, Kind.INCONVENIENT)
"""Kinds that may say between which times of a day."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is to be entered of a person. Empty channel, point and loan: of all."""

    person_id: str
    kind: str
    ground: str
    from_at: dt.datetime
    until_at: dt.datetime | None = None
    channel: str = ""
    point: Point | None = None
    loan_id: str = ""
    hours: tuple[dt.time, dt.time] | None = None


def enter(entry: Entry, request: Asked | None, now: dt.datetime) -> Circumstance:
    """Write it; what stands already to the same effect is answered as it stands. UnfitError says what does not fit. Without a request: a plan of the desk.

    Where a rule counts days from its beginning, what began on an earlier day is to another effect: who is in hardship again is given rest again.
    """
    _refuse(_against_entering(entry, request))
    of = {
        "person_id": entry.person_id, "kind": entry.kind, "channel": entry.channel, "point": entry.point, "loan_id": entry.loan_id,
        "hours_from": entry.hours[0] if entry.hours else None, "hours_to": entry.hours[1] if entry.hours else None,
        "until_at": entry.until_at,
    }  # fmt: skip
    with transaction.atomic():
        lock([entry.person_id])  # a contact that is decided on at this moment is decided before it, or knows it
        same = Circumstance.objects.filter(**of, lifted_at=None, from_at__lte=entry.from_at)
        if policy.counts_from(entry.kind):
            day = timezone.localtime(entry.from_at).replace(hour=0, minute=0, second=0, microsecond=0)
            same = same.filter(from_at__gte=day)
        found = same.first()
        if found is not None:
            return found
        who = request.user if request else None
        made = Circumstance.objects.create(
            **of, from_at=entry.from_at, ground=entry.ground.strip(), entered_at=now, entered_by=who
        )
        log(request, "circumstance.enter", "person", entry.person_id, _detail(made))
    return made


def lift(circumstance: Circumstance, because: str, request: Asked, now: dt.datetime) -> Circumstance:
    """End it, saying why; once. UnfitError who may not, StaleError where somebody lifted it already."""
    _refuse(against_lifting(circumstance, request))
    if len(because.strip()) < GROUND_CHARACTERS:
        raise UnfitError(_("Say why, in a few words."))
    with transaction.atomic():
        lock([circumstance.person_id])
        standing_still = Circumstance.objects.filter(pk=circumstance.pk, lifted_at=None)
        if not standing_still.update(lifted_at=now, lifted_by=request.user, lifted_because=because.strip()):
            raise StaleError
        log(request, "circumstance.lift", "person", circumstance.person_id, _detail(circumstance))
    return Circumstance.objects.get(pk=circumstance.pk)


def against_lifting(circumstance: Circumstance, request: Asked) -> str:
    """Why somebody may not lift it; empty who may."""
    if circumstance.kind in FOR_MANAGERS and not request.rights.may(MANAGING):
        return _("Only who manages collection may lift this.")
    return "" if request.rights.may(WORKING) else _("Your role does not include this.")


def in_force(person_ids: Collection[str], now: dt.datetime) -> list[Circumstance]:
    """What stands of some people, or will from a later moment on; the newest first. One query."""
    standing_still = Circumstance.objects.filter(person_id__in=set(person_ids), lifted_at=None)
    found = standing_still.filter(Q(until_at=None) | Q(until_at__gt=now))
    return list(found.select_related("point", "entered_by").order_by("-id"))


def ended(person_ids: Collection[str], now: dt.datetime, most: int) -> list[Circumstance]:
    """What was lifted or ran out, the latest first."""
    over = Circumstance.objects.filter(Q(lifted_at__isnull=False) | Q(until_at__lte=now), person_id__in=set(person_ids))
    return list(over.select_related("point", "lifted_by").order_by("-id")[:most])


def standing(
    person_id: str, debtor_id: str, since: dt.datetime, named: Callable[[int | None], str] = str, *, at: dt.datetime | None = None
) -> gate.Standing:  # fmt: skip
    """What the gate is told of a person who is to be contacted, and of the debtor; see `standings`."""
    return standings([(person_id, debtor_id)], since, named, at=at)[(person_id, debtor_id)]


def standings(
    pairs: Collection[tuple[str, str]], since: dt.datetime, named: Callable[[int | None], str] = str, *, at: dt.datetime | None = None
) -> dict[tuple[str, str], gate.Standing]:  # fmt: skip
    """The same of many pairs of person and debtor: zones of the person, circumstances of both, numbers of a debtor of whom others are asked, in three queries at most.

    What ended before `since` is left out; what ended later is told with its end, since a consent still covers the contacts made under it.
    `named` says what a point is called, given its key, so that one number of two people has one name. `at` is the moment that is asked about: what
    forbids and was entered meanwhile holds at it already, and a consent that was lifted meanwhile no more.
    """
    people = {person for pair in pairs for person in pair}
    of: dict[str, list[gate.Circumstance]] = {}
    for row in Circumstance.objects.filter(person_id__in=people).order_by("id"):
        end = min((at for at in (row.lifted_at, row.until_at) if at is not None), default=None)
        if end is None or end > since:
            of.setdefault(row.person_id, []).append(_told(row, end, named, at))
    numbers: dict[str, list[str]] = {}
    debtors = {debtor for person, debtor in pairs if person != debtor}
    known = Point.objects.filter(person_id__in=debtors, kind=PointKind.PHONE, gone_at=None).order_by("id")
    for debtor, pk in known.values_list("person_id", "id") if debtors else ():
        numbers.setdefault(debtor, []).append(named(pk))
    unsealed = records({person for person, _ in pairs})
    zones = {person: zones_of(found.record) for person, found in unsealed.items()}
    return {
        (person, debtor): gate.Standing(
            zones.get(person, ()),
            tuple(each for one in dict.fromkeys((person, debtor)) for each in of.get(one, ())),
            tuple(numbers.get(debtor, ())),
        )
        for person, debtor in pairs
    }


def _told(
    row: Circumstance, end: dt.datetime | None, named: Callable[[int | None], str], at: dt.datetime | None
) -> gate.Circumstance:  # fmt: skip
    begin = row.from_at
    if at is not None and row.kind in gate.CONSENTS and row.lifted_at is not None:
        end = min(end or at, at)
    elif at is not None and row.kind not in gate.CONSENTS and row.from_at <= row.entered_at:
        begin = min(begin, at)
    hours = (row.hours_from, row.hours_to) if row.hours_from is not None and row.hours_to is not None else None
    kind: Any = row.kind
    channel: Any = row.channel or None
    point = named(row.point_id) if row.point_id is not None else ""
    return gate.Circumstance(kind, row.person_id, begin, end, channel, point, row.loan_id, hours)


def _detail(row: Circumstance) -> dict[str, Any]:
    """What the audit log says. The ground stays with the row: it may speak of people."""
    said = {
        "circumstance": row.pk, "kind": row.kind, "channel": row.channel, "point": row.point_id, "loan": row.loan_id,
        "from": row.from_at.isoformat(), "until": row.until_at.isoformat() if row.until_at else None,
        "hours": f"{row.hours_from:%H:%M}-{row.hours_to:%H:%M}" if row.hours_from and row.hours_to else None,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value}


def _against_entering(entry: Entry, request: Asked | None) -> str:
    """What does not fit; empty where all does."""
    if request is not None and not request.rights.may(WORKING):
        return _("Your role does not include this.")
    if entry.kind not in Kind.values or (entry.channel and entry.channel not in Channel.values):
        return _("There is no such circumstance, or no such channel.")
    if len(entry.ground.strip()) < GROUND_CHARACTERS:
        return _("Say on what ground: what the person said, which paper shows it.")
    if entry.from_at.year not in YEARS or (entry.until_at is not None and entry.until_at.year not in YEARS):
        return _("That moment is too far off. For what holds until it is lifted leave the end empty.")
    if entry.until_at is not None and entry.until_at <= entry.from_at:
        return _("It must end after it begins.")
    return _against_bounds(entry)


def _against_bounds(entry: Entry) -> str:
    """What does not fit of what it is about."""
    if entry.point is not None and entry.point.person_id != entry.person_id:
        return _("This number or address belongs to somebody else.")
    if entry.kind == Kind.OPT_OUT and not entry.channel and entry.point is None:
        return _("Say which channel or which number. Who wants no contact at all has asked for all contact to cease.")
    if entry.kind == Kind.EMPLOYER_FORBIDS and entry.point is None:
        return _("Say which number or address is at work.")
    if entry.hours is not None and entry.kind not in HOURS:
        return _("Hours belong to agreed hours, or to hours that do not suit.")
    if entry.kind == Kind.AGREED_HOURS and entry.hours is None:
        return _("Say between which hours they agreed to be contacted.")
    return ""


def _refuse(why: str) -> None:
    if why:
        raise UnfitError(why)
