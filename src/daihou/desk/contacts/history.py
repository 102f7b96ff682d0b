"""What the gate is told of past contacts: of the person, of the debtor, of the number, within the windows that policies count over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from daihou.collection.conduct.contact import Past
from daihou.desk.contacts.choices import Outcome
from daihou.desk.contacts.models import Contact, Point
from daihou.desk.contacts.unsealed import records, ways
from daihou.desk.vault.keys import keyset

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence

    from django.db.models import QuerySet

FIELDS: Final = (
    "person_id", "debtor_id", "loan_ids", "channel", "party", "purpose", "at", "outcome", "point_id", "agency", "inbound",
)  # fmt: skip

MOST_TRIED: Final = 200
"""Attempts at a debtor that are looked back over: who could not be reached in so many is out of reach by any rule."""


@dataclass(frozen=True, slots=True)
class Names:
    """What points are called towards the gate: by their key, but one number of several people by one name."""

    first: dict[int, int] = field(default_factory=dict)
    """By key of a point: the first point with the same number."""
    others: tuple[int, ...] = ()
    """The keys of those that were not asked about: the same numbers of other people."""

    def __call__(self, point_id: int | None) -> str:
        """The name of a point; empty of none."""
        return "" if point_id is None else str(self.first.get(point_id, point_id))

    def alike(self, point_id: int | None) -> list[int]:
        """The keys of all points that are the same number as this one."""
        return (
            []
            if point_id is None
            else [other for other, name in self.first.items() if name == self.first.get(point_id)]
        )


def names(points: Collection[Point]) -> Names:
    """The names of some points and of all that are the same number of somebody else. One query, after a rotation a second."""
    if not points:
        return Names()
    tokens: dict[int, tuple[str, ...]] = {point.pk: (point.token,) for point in points}
    if len(keyset().prfs) > 1:  # whom nobody looked at since the rotation has tokens under an older key
        tokens |= _all_tokens(points)
    wanted = {token for each in tokens.values() for token in each}
    by_token: dict[tuple[str, str], list[int]] = {}
    for pk, kind, token in Point.objects.filter(token__in=wanted).order_by("id").values_list("pk", "kind", "token"):
        by_token.setdefault((kind, token), []).append(pk)
    first: dict[int, int] = {}
    for point in points:
        same = sorted(pk for token in tokens[point.pk] for pk in by_token.get((point.kind, token), ()))
        first |= dict.fromkeys(same or [point.pk], min(same or [point.pk]))
    return Names(first, tuple(sorted(set(first) - set(tokens))))


def _all_tokens(points: Collection[Point]) -> dict[int, tuple[str, ...]]:
    """By key of a point: its tokens under every token key. Of who was erased there are none to compute."""
    unsealed = records({point.person_id for point in points})
    held = {person: list(ways(of.record)) for person, of in unsealed.items()}
    return {
        point.pk: each.tokens
        for point in points
        for each in held.get(point.person_id, ())
        if point.kind == each.kind and point.token in each.tokens
    }


def of(people: Collection[str], named: Names, since: dt.datetime, *, without: int | None = None) -> list[Past]:
    """Contacts since a moment with people, about them, or with others at the numbers that `named` knows; also those later than now. One query.

    What was not made counts nowhere and is left out, and so is the contact `without`.
    """
    concerns = Q(person_id__in=people) | Q(debtor_id__in=people)
    if named.others:
        concerns |= Q(point_id__in=named.others)
    rows = _made(without).filter(concerns, at__gte=since)
    return [_past(row, named) for row in rows.values_list(*FIELDS)]


def tried(debtor_id: str, named: Names, before: dt.datetime, *, without: int | None = None) -> list[Past]:
    """The debtor's own contacts before a moment, back to the last time they were spoken to or began one, `MOST_TRIED` at most. One query."""
    rows = _made(without).filter(person_id=debtor_id, debtor_id=debtor_id, at__lt=before).order_by("-at", "-id")
    found = []
    for row in rows.values_list(*FIELDS)[:MOST_TRIED]:
        past = _past(row, named)
        found.append(past)
        if past.inbound or past.outcome == "conversation":
            break
    return found


def _made(without: int | None) -> QuerySet[Contact]:
    made = Contact.objects.exclude(outcome=Outcome.NOT_MADE).order_by()
    return made if without is None else made.exclude(pk=without)


def _past(row: Sequence[Any], named: Names) -> Past:
    (person, debtor, loans, channel, party, purpose, at, outcome, point, agency, inbound) = row
    return Past(person, debtor, tuple(loans), channel, party, purpose, at, outcome, named(point), agency, inbound)
