"""Answers held field by field, each field an array of its own: taken out of the records that the kernels fill, few of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.monitoring.arrears.shapes import ANSWER, Records
from daihou.monitoring.jit import kernel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

Held = dict[str, np.ndarray[Any, Any]]
"""Fields of answers, each an array [date, loan]."""
LAID_OUT: Final[Mapping[str, Any]] = ANSWER.fields or {}
KINDS: Final = (np.int64, np.int32, np.int8)
TILE: Final = 64
"""Records that stay in the processor's nearest cache while each of their fields is taken."""


class Holder:
    """Room for some fields of the answers for some loans."""

    def __init__(self, names: Collection[str], dates: int, loans: int) -> None:
        """All is to be taken before it is read."""
        self.held: Held = {}
        self._kinds: list[tuple[Any, np.ndarray[Any, Any], np.ndarray[Any, Any]]] = []
        for kind in KINDS:
            alike = sorted(name for name in names if ANSWER[name] == kind)
            if not alike:
                continue
            into = np.empty((len(alike), dates, loans), kind)
            offsets = np.array([LAID_OUT[name][1] for name in alike], np.int64)
            self._kinds.append((kind, offsets // into.itemsize, into))
            self.held |= dict(zip(alike, into, strict=True))
        self._wide = [name for name in names if name not in self.held]
        """Fields of several bytes that are no number."""
        for name in self._wide:
            self.held[name] = np.empty((dates, loans, *ANSWER[name].shape), ANSWER[name].base)

    def take(self, room: Records, first: int, count: int) -> None:
        """Take the fields of the first `count` loans of `room` [date, loan] as those of the loans from `first` on."""
        plain = room.view(np.ndarray)
        for kind, places, into in self._kinds:
            take(plain.view(kind).reshape(*plain.shape, -1), places, first, count, into)
        for name in self._wide:
            self.held[name][:, first : first + count] = plain[name][:, :count]


@kernel
def take(words: Records, places: Records, first: int, count: int, into: Records) -> None:
    """Copy the words at some places of records [date, loan, word] to fields [field, date, loan]."""
    for date in range(words.shape[0]):
        for low in range(0, count, TILE):
            high = min(low + TILE, count)
            for field in range(len(places)):
                place = places[field]
                for loan in range(low, high):
                    into[field, date, first + loan] = words[date, loan, place]
