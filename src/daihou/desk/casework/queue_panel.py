"""The list of the day beside the workbench: where it stands, what is done, which case comes next, and why each stands where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from daihou.desk.casework import reasons
from daihou.desk.casework.choices import Said
from daihou.desk.casework.models import Case, Row
from daihou.desk.contacts.choices import Outcome
from daihou.desk.vault import people

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.people.models import User


@dataclass(frozen=True, slots=True)
class Place:
    """A row of the list; amounts in minor units of its currency."""

    case_id: int
    name: str
    claim: int
    currency: str
    why: str
    """Its stage and why it stands there; once it is done, what came of it."""
    explained: str
    """Why, with the figures that place it; of the case in hand alone."""
    done: bool
    current: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """A list of a day as it is shown."""

    rows: tuple[Place, ...]
    done: int
    all: int
    next: int | None
    """The case after the one in hand that is not done, from the beginning again after the last; None where none is left."""

    @property
    def current(self) -> Place | None:
        """The row of the case in hand."""
        return next((row for row in self.rows if row.current), None)


def queue(user: User, day: dt.date, case_id: int | None = None) -> Queue:
    """Somebody's list of a day. Two queries, however long it is."""
    rows = list(Row.objects.filter(owner=user, day=day).select_related("case").order_by("place"))
    names = people.masked_names({row.case.borrower_id for row in rows})
    places = tuple(_place(row, names.get(row.case.borrower_id), case_id) for row in rows)
    return Queue(places, sum(place.done for place in places), len(places), following(places, case_id))


def following(places: Sequence[Place], case_id: int | None) -> int | None:
    """The next case that is not done: after the one in hand, then from the beginning."""
    at = next((number for number, place in enumerate(places) if place.case_id == case_id), -1)
    waiting = [place.case_id for place in (*places[at + 1 :], *places[: max(at, 0)]) if not place.done]
    return waiting[0] if waiting else None


def mine(user: User, most: int) -> list[Place]:
    """One's own open cases by claim, for a day without a list."""
    cases = list(Case.objects.filter(owner=user, closed_at=None).order_by("-claim", "id")[:most])
    names = people.masked_names({case.borrower_id for case in cases})
    return [
        Place(
            case.pk, names.get(case.borrower_id) or case.borrower_id, case.claim, case.currency, str(case.get_stage_display()), "", done=False,
            current=False,
        )
        for case in cases
    ]  # fmt: skip


def _place(row: Row, name: str | None, case_id: int | None) -> Place:
    case, done, current = row.case, row.done_at is not None or row.case.closed_at is not None, row.case_id == case_id
    told = _result(row) if done else f"{case.get_stage_display()} · {reasons.NAMES[row.reason]}"
    explained = _explained(row) if current else ""
    return Place(
        case.pk, name or case.borrower_id, case.claim, case.currency, told, explained, done=done, current=current
    )


def _explained(row: Row) -> str:
    """Why it stands there, with the figures that place it."""
    why = reasons.why(row)
    return _("%(name)s: %(told)s. Expected of the contact: %(expected)s.") % {
        "name": why.name,
        "told": why.told,
        "expected": why.expected,
    }


def _result(row: Row) -> str:
    """What came of it in a word."""
    if row.result in Said.values:
        return str(Said(row.result).label)
    if row.result in Outcome.values:
        return str(Outcome(row.result).label)
    return str(_("Closed")) if row.case.closed_at is not None else str(_("Done"))
