"""Past contacts, found by person and time."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, overload

from daihou.collection.conduct.clock import moment

if TYPE_CHECKING:
    from daihou.collection.conduct.contact import Past

Seen = tuple[int, "Past"]
"""A moment, and the contact made at it."""
_MOMENT = itemgetter(0)


class History(Sequence["Past"]):
    """Past contacts in order of time, those not made left out. Made once, it answers many questions quickly.

    They may come in any order. Contacts of one person, and those with the debtor, are found without looking at the others.
    """

    __slots__ = ("_all", "_by_person", "last_us")

    def __init__(self, pasts: Sequence[Past]) -> None:
        """Sort them; ValueError where one has no time zone."""
        made = [(moment(past.at), past) for past in pasts if past.outcome != "not_made"]
        made.sort(key=_MOMENT)
        self._all: list[Seen] = made
        self._by_person: dict[str, list[Seen]] = {}
        for seen in made:
            self._by_person.setdefault(seen[1].person_id, []).append(seen)
        self.last_us = made[-1][0] if made else 0

    @classmethod
    def of(cls, pasts: Sequence[Past]) -> History:
        """The same where it is one already."""
        return pasts if isinstance(pasts, cls) else cls(pasts)

    @overload
    def __getitem__(self, place: int) -> Past: ...
    @overload
    def __getitem__(self, place: slice) -> list[Past]: ...
    def __getitem__(self, place: int | slice) -> Past | list[Past]:
        """By place in time."""
        if isinstance(place, slice):
            return [past for _, past in self._all[place]]
        return self._all[place][1]

    def __len__(self) -> int:
        """How many were made."""
        return len(self._all)

    def with_person(self, person_id: str | None, first: int | None = None, last: int | None = None) -> list[Seen]:
        """Contacts with a person (None: with anybody), from one moment to another, both included, in order of time."""
        found = self._all if person_id is None else self._by_person.get(person_id, [])
        low = 0 if first is None else bisect_left(found, first, key=_MOMENT)
        high = len(found) if last is None else bisect_right(found, last, key=_MOMENT)
        return found[low:high]

    def backward(self, person_id: str, last: int) -> Iterator[Seen]:
        """Contacts with a person up to a moment, it included, the latest first."""
        found = self._by_person.get(person_id, [])
        for place in range(bisect_right(found, last, key=_MOMENT) - 1, -1, -1):
            yield found[place]

    def after(self, person_id: str, us: int) -> Iterator[Seen]:
        """Contacts with a person after a moment, the earliest first."""
        found = self._by_person.get(person_id, [])
        for place in range(bisect_right(found, us, key=_MOMENT), len(found)):
            yield found[place]
