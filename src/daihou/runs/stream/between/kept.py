"""Facts kept for as long as a window reaches back: by whom they belong to, each key as the lake will hold it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import KeysView

Value = TypeVar("Value")


class Entry(NamedTuple, Generic[Value]):
    """One key as it is known."""

    known: int
    place: int
    at: int
    value: Value | None
    """None: it counts for nothing, and is kept so that an older row of the key does not either."""


@dataclass
class Kept(Generic[Value]):
    """Of two rows with one key that known later counts; known on one day, the first, as the lake refuses the other."""

    _of: dict[str, dict[str, Entry[Value]]] = field(default_factory=lambda: defaultdict(dict))

    def put(self, owner: str, key: str, entry: Entry[Value]) -> None:
        """Take a row in; again, or older than what is known of its key, it changes nothing."""
        held = self._of[owner]
        before = held.get(key)
        if before is None or (entry.known, -entry.place) > (before.known, -before.place):
            held[key] = entry

    def of(self, owner: str) -> list[tuple[int, str, Value]]:
        """Moment, key and value of what counts, in order of time and then of key."""
        found = self._of.get(owner)
        if not found:
            return []
        return sorted(
            ((entry.at, key, entry.value) for key, entry in found.items() if entry.value is not None),
            key=lambda one: one[:2],
        )

    def __contains__(self, owner: object) -> bool:
        return owner in self._of

    def holds(self, owner: str, key: str) -> bool:
        """Whether a row of the key was taken in."""
        return owner in self._of and key in self._of[owner]

    def __len__(self) -> int:
        """How many rows are kept."""
        return sum(map(len, self._of.values()))

    def owners(self) -> KeysView[str]:
        """All who have any."""
        return self._of.keys()

    def evict(self, before: int) -> None:
        """Forget what happened before a moment."""
        for owner, held in list(self._of.items()):
            old = [key for key, entry in held.items() if entry.at < before]
            for key in old:
                del held[key]
            if not held:
                del self._of[owner]
