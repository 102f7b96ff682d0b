"""The ways to reach a person: each phone number, e-mail and postal address as a row known by its keyed token, its value in the vault alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from daihou.desk.audit.log import record as log
from daihou.desk.contacts.choices import Outcome, Use
from daihou.desk.contacts.contacting import Permit, UnfitError
from daihou.desk.contacts.models import Contact, Point
from daihou.desk.contacts.unsealed import records, ways
from daihou.vault import masks

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping

    from daihou.desk.asked import Asked
    from daihou.desk.contacts.unsealed import Clear

PURPOSE: Final = "collection"
"""What a value is uncovered for, as the audit log has it."""
MARKS: Final = ("prefer", "invalid", "valid", *Use.values)
"""What people may say of a point: reach them here first, it reaches nobody, it does again; whose it is."""


class GoneError(Exception):
    """The vault holds the value no more, or the person was erased."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A point, and how it is shown."""

    point: Point
    masked: str


def of(person_id: str, now: dt.datetime) -> list[Shown]:
    """The points of a person; see `of_many`."""
    return of_many([person_id], now)[person_id]


def of_many(person_ids: Collection[str], now: dt.datetime) -> dict[str, list[Shown]]:
    """The points of each person as the vault has them now; preferred ones first, those that reach nobody last, else as they were delivered.

    What the vault has gained or lost since is written; usually nothing, in two queries however many they are.
    """
    held = {person: list(ways(found.record)) for person, found in records(person_ids).items()}
    stood = _stood(person_ids)
    if _bring_up(stood, held, now):
        stood = _stood(person_ids)
    return {person: _shown(stood.get(person, []), held.get(person, [])) for person in person_ids}


def value(permit: Permit, point: Point, now: dt.datetime, request: Asked | None = None) -> str:
    """The value of the point that a permit is for, as it was delivered, to dial it or to send to it; logged, and stored nowhere.

    PermissionError for another point, or once the contact has ended; GoneError where the vault holds it no more. A call counts as dialled from here on.
    """
    if not isinstance(permit, Permit):
        raise TypeError("a number is uncovered by a permit alone")
    found = records([point.person_id]).get(point.person_id)
    held = next((each for each in ways(found.record) if _is(point, each)), None) if found else None
    with transaction.atomic():
        contact = Contact.objects.filter(pk=permit.contact.pk, point=point, outcome=Outcome.PENDING)
        dialled = Coalesce("claimed_at", Value(now))
        if not contact.update(claimed_at=dialled):  # of a message its sender said so already
            raise PermissionError("a permit is for one contact that is under way, at one point")
        if held is None:
            raise GoneError
        detail = {"person": point.person_id, "point": point.pk, "kind": point.kind, "purpose": PURPOSE}
        log(request or permit.request, "contact.uncover", "contact", str(permit.contact.pk), detail)
    return held.text


def mark(point: Point, said: str, now: dt.datetime, request: Asked | None) -> Point:
    """Say something of a point, one of `MARKS`; UnfitError for anything else. Of a person one point of a kind is preferred at most."""
    if said not in MARKS:
        raise UnfitError(_("There is no such mark."))
    mine = Point.objects.filter(pk=point.pk)
    with transaction.atomic():
        if said == "prefer":
            Point.objects.filter(person_id=point.person_id, kind=point.kind, preferred=True).update(preferred=False)
            mine.update(preferred=True, invalid_at=None)
        elif said == "invalid":
            mine.update(preferred=False, invalid_at=now)
        elif said == "valid":
            mine.update(invalid_at=None)
        else:
            mine.update(use=said)
        log(request, "contact.point", "person", point.person_id, {"point": point.pk, "mark": said})
    return Point.objects.get(pk=point.pk)


def _is(point: Point, held: Clear) -> bool:
    return point.kind == held.kind and point.token in held.tokens


def _stood(person_ids: Collection[str]) -> dict[str, list[Point]]:
    found: dict[str, list[Point]] = {}
    for point in Point.objects.filter(person_id__in=set(person_ids)).order_by("id"):
        found.setdefault(point.person_id, []).append(point)
    return found


def _bring_up(stood: Mapping[str, list[Point]], held: Mapping[str, list[Clear]], now: dt.datetime) -> bool:
    """Write points that the vault has gained, lost or found again, and new tokens after a rotation; whether there were any."""
    new, changed = [], []
    for person, ways_of in held.items():
        for each in ways_of:
            point = next((one for one in stood.get(person, []) if _is(one, each)), None)
            if point is None:
                new.append(Point(person_id=person, kind=each.kind, token=each.tokens[0], made_at=now))
            elif point.gone_at is not None or point.token != each.tokens[0]:
                point.gone_at, point.token = None, each.tokens[0]
                changed.append(point)
    for person, points in stood.items():
        for point in points:
            if point.gone_at is None and not any(_is(point, each) for each in held.get(person, [])):
                point.gone_at, point.preferred = now, False
                changed.append(point)
    if not new and not changed:
        return False
    with transaction.atomic():
        Point.objects.bulk_create(new, ignore_conflicts=True)
        Point.objects.bulk_update(changed, ["token", "gone_at", "preferred"], batch_size=500)
    return True


def _shown(points: list[Point], held: list[Clear]) -> list[Shown]:
    found = [(place, point, each) for place, each in enumerate(held) for point in points if _is(point, each)]
    found.sort(key=lambda one: (one[1].invalid_at is not None, not one[1].preferred, one[0]))
    return [Shown(point, _masked(each)) for _, point, each in found]


def _masked(held: Clear) -> str:
    match held.kind:
        case "phone":
            return masks.mask_phone(held.text)
        case "email":
            return masks.mask_email(held.text)
        case "address":
            return masks.mask_address(held.text)
