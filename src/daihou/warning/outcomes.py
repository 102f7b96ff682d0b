"""What became of subjects: from where they stood on the dates of a spine to their defaults, and to the day by which all is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from daihou.book.ledger.layout import FOREVER
from daihou.warning.fold import FALSE, TRUE, Codes, Days
from daihou.warning.jit import kernel

AT_RISK, IN_DEFAULT, SETTLED, LOST, NOT_YET = range(5)
"""How a subject stands on a date: it may default; it is in default; it was repaid; it left the book otherwise, or nothing is known of it; it is not there yet."""
STANDINGS: Final = ("at_risk", "in_default", "settled", "lost", "not_yet")


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Where subjects stand on the dates of a spine, by the knowledge of its end, and what comes next, each [date, subject]."""

    days: Days
    """The dates of the spine."""
    horizons: Days
    """For each date the last day on which a default still counts for what was said then."""
    standing: Codes
    next_default: npt.NDArray[np.int32]
    """The day of the first default after each date; FOREVER without one."""
    first_known: npt.NDArray[np.int32]
    """For each subject the place of the first date on which it was at risk; as many as dates where it never was."""

    @property
    def last(self) -> int:
        """The last day of which anything is known."""
        return int(self.days[-1])


def outcomes(days: Days, horizons: Days, standing: Codes, since: npt.NDArray[np.int32]) -> Outcomes:
    """The outcomes of subjects from their standing on each date; `since[date, subject]` is the day a default in force had begun.

    A default begins where a subject is in default that was not on the date before; one that was in default when first seen has not begun within the
    spine. Where the day it began is given it is never taken to lie before the date before.
    """
    next_default = np.empty(standing.shape, np.int32)
    first_known = np.empty(standing.shape[1], np.int32)
    _look_ahead(days, standing, since, next_default, first_known)
    return Outcomes(days, horizons, standing, next_default, first_known)


@kernel
def _look_ahead(days: Days, standing: Codes, since: Days, next_default: Days, first_known: Days) -> None:
    dates, subjects = standing.shape
    for subject in range(subjects):
        ahead = FOREVER
        first = dates
        for back in range(dates):
            place = dates - 1 - back
            next_default[place, subject] = ahead
            now = standing[place, subject]
            if now == AT_RISK:
                first = place
            if (
                now == IN_DEFAULT
                and place > 0
                and standing[place - 1, subject] != IN_DEFAULT
                and standing[place - 1, subject] != NOT_YET
            ):
                ahead = max(since[place, subject], days[place - 1] + 1)
        first_known[subject] = first


def in_default(standing: Codes, bad: Codes) -> Codes:
    """The standing with defaults put in: where a live or written-off subject meets the condition; unknown counts as not."""
    marked: Codes = np.where((bad == TRUE) & ((standing == AT_RISK) | (standing == LOST)), IN_DEFAULT, standing).astype(
        np.uint8
    )
    return marked


def known(bad: Codes) -> bool:
    """Whether the condition of default was ever answered at all."""
    return bool(((bad == TRUE) | (bad == FALSE)).any())
