"""What a page shows of the people around a debtor: how to reach them, what holds of them, what held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.casework import scope
from daihou.desk.casework.models import Case
from daihou.desk.contacts import circumstances, people, points
from daihou.desk.contacts.choices import Party
from daihou.desk.contacts.circumstances import FOR_MANAGERS

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.contacts.models import Circumstance, Point
    from daihou.desk.contacts.people import Somebody
    from daihou.desk.contacts.points import Shown

ENDED: Final = 20
"""Of what is over the last are shown."""


@dataclass(frozen=True, slots=True)
class Whom:
    """A person around the debtor, with their points."""

    somebody: Somebody
    party: str
    points: tuple[Shown, ...]

    @property
    def name(self) -> str:
        """Masked; the number of who is not in the vault."""
        return self.somebody.name or self.somebody.person_id


@dataclass(frozen=True, slots=True)
class Holds:
    """A circumstance as it is told."""

    row: Circumstance
    name: str
    where: str
    """The number or address that it is about, masked; empty: all."""
    no_lifting: str
    """Why the user may not lift it; empty who may."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All of it, of a case that the user sees."""

    case: Case
    loan_ids: tuple[str, ...]
    people: tuple[Whom, ...]
    standing: tuple[Holds, ...]
    ended: tuple[Holds, ...]
    no_entering: str
    """Why the user may enter nothing; empty who may."""

    @property
    def name(self) -> str:
        """The debtor's, masked."""
        return self.people[0].name

    @property
    def person_ids(self) -> frozenset[str]:
        """Whom it is about."""
        return frozenset(one.somebody.person_id for one in self.people)

    def point(self, number: int) -> Point | None:
        """A point of somebody on it."""
        return next((shown.point for one in self.people for shown in one.points if shown.point.pk == number), None)


def case_of(debtor_id: str, request: Asked, permission: str) -> Case:
    """The newest case of a debtor; Http404 where there is none, or the user may not do so much with it. That an older one was theirs opens nothing."""
    case = Case.objects.filter(borrower_id=debtor_id).order_by("-id").first()
    if case is None or not scope.reaches(request.user, request.rights, case, permission):
        raise Http404
    return case


def sheet(debtor_id: str, request: Asked, now: dt.datetime, permission: str = "collection.view") -> Sheet:
    """The sheet of a debtor; Http404 out of reach. As many queries for many people as for few."""
    case = case_of(debtor_id, request, permission)
    loan_ids = tuple(case.of_loans.values_list("loan_id", flat=True))
    around = people.of(debtor_id, loan_ids, timezone.localdate(now))
    ids = [one.person_id for one in around]
    held = points.of_many(ids, now)
    names = {one.person_id: one.name or one.person_id for one in around}
    shown = {each.point.pk: each.masked for found in held.values() for each in found}

    may = scope.reaches(request.user, request.rights, case, circumstances.WORKING)
    lifts = {False: may, True: scope.reaches(request.user, request.rights, case, circumstances.MANAGING)}

    def told(row: Circumstance) -> Holds:
        where = shown.get(row.point_id, _("a number or address that is gone")) if row.point_id is not None else ""
        why = circumstances.against_lifting(row, request) or (
            "" if lifts[row.kind in FOR_MANAGERS] else _("Your role does not include this.")
        )
        return Holds(row, names[row.person_id], where, why)

    return Sheet(
        case, loan_ids, tuple(Whom(one, str(Party(one.party).label), tuple(held[one.person_id])) for one in around),
        tuple(map(told, circumstances.in_force(ids, now))), tuple(map(told, circumstances.ended(ids, now, ENDED))),
        "" if may else _("Your role does not include this."),
    )  # fmt: skip
