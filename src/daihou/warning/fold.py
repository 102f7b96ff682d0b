"""The fold: from the memory of a rule and a subject and one day's answers to the next memory, and what changed.

A night is one step for the subjects that matter, a backtest many steps for all: the same kernel. Memory of many subjects is four arrays:
hits in a row, clears in a row, the day the signal was opened and the day the last one was closed (NO_DAY where there is none).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daihou.book.ledger.layout import NO_DAY
from daihou.warning.jit import kernel

Codes = npt.NDArray[np.uint8]
Days = npt.NDArray[np.int32]

FALSE, TRUE, UNKNOWN = range(3)
"""Answers of a condition."""
UNWATCHED: Final = 3
"""In place of an answer: the subject is not watched on that day."""

STILL, OPENED, CLEARED, ENDED, RETIRED = range(5)
"""What a day changed: nothing; a signal opened; it cleared; its subject is no longer watched; its rule was retired."""
MOVES: Final = ("", "opened", "cleared", "ended", "retired")


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of some subjects, an entry each; changed in place by `fold`."""

    hits: npt.NDArray[np.int32]
    clears: npt.NDArray[np.int32]
    opened_on: Days
    closed_on: Days

    @property
    def idle(self) -> npt.NDArray[np.bool_]:
        """Where nothing is remembered: as if the subject had never been seen."""
        nothing: npt.NDArray[np.bool_] = (self.hits == 0) & (self.opened_on == NO_DAY) & (self.closed_on == NO_DAY)
        return nothing


def nothing(count: int) -> Memory:
    """The memory of subjects never seen."""
    return Memory(
        np.zeros(count, np.int32), np.zeros(count, np.int32), np.full(count, NO_DAY, np.int32), np.full(count, NO_DAY, np.int32)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Manner:
    """How a version of a rule confirms and clears."""

    confirm: int
    cooldown_days: int
    clear_times: int


def fold(days: Days, holds: Codes, clears: Codes | None, manner: Manner, memory: Memory) -> Codes:
    """What changed on each day [day, subject], in order of days; `memory` is brought to the last of them.

    `holds[day, subject]` is the answer of the condition, or UNWATCHED; `clears` that of the clear condition. Without one, None, a signal clears
    where the condition does not hold.
    """
    moves = np.zeros(holds.shape, np.uint8)
    _fold(
        days, holds, holds if clears is None else clears, TRUE if clears is not None else FALSE, manner.confirm, manner.cooldown_days,
        manner.clear_times, memory.hits, memory.clears, memory.opened_on, memory.closed_on, moves,
    )  # fmt: skip
    return moves


@kernel
def _fold(
    days: Days, holds: Codes, clears: Codes, clear: int, confirm: int, cooldown_days: int, clear_times: int,
    hits: Any, cleared: Any, opened_on: Days, closed_on: Days, moves: Codes,
) -> None:  # fmt: skip
    # Of whom nothing is remembered nothing comes unless the condition holds once: they are left out, in the order in which the answers lie.
    told = (hits != 0) | (opened_on != NO_DAY) | (closed_on != NO_DAY)
    for place in range(len(days)):
        for subject in range(holds.shape[1]):
            told[subject] |= holds[place, subject] == TRUE
    chosen: Any = np.flatnonzero(told)
    for place in range(len(days)):
        day = days[place]
        for subject in chosen:
            answer = holds[place, subject]
            if answer == FALSE and opened_on[subject] == NO_DAY:
                hits[subject] = 0
                continue
            if answer == UNWATCHED:
                if opened_on[subject] != NO_DAY:
                    moves[place, subject] = ENDED
                hits[subject] = 0
                cleared[subject] = 0
                opened_on[subject] = NO_DAY
                closed_on[subject] = NO_DAY
            elif opened_on[subject] != NO_DAY:
                found = clears[place, subject]
                if found == clear:
                    cleared[subject] += 1
                elif found != UNKNOWN:
                    cleared[subject] = 0
                if cleared[subject] >= clear_times:
                    moves[place, subject] = CLEARED
                    hits[subject] = 0
                    cleared[subject] = 0
                    opened_on[subject] = NO_DAY
                    closed_on[subject] = day
            elif answer == TRUE:
                if hits[subject] < confirm:
                    hits[subject] += 1
                rested = closed_on[subject] == NO_DAY or day - closed_on[subject] >= cooldown_days
                if hits[subject] >= confirm and rested:
                    moves[place, subject] = OPENED
                    opened_on[subject] = day
                    cleared[subject] = 0
