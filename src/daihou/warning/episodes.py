"""Episodes: signals of one rule on one subject that belong together, each judged by what came after; and defaults, each caught or missed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from daihou.book.ledger.layout import NO_DAY
from daihou.warning.fold import OPENED, Codes, Days
from daihou.warning.jit import kernel
from daihou.warning.outcomes import IN_DEFAULT, LOST, NOT_YET, SETTLED, Outcomes

RIGHT, WRONG, CENSORED, REPEAT, LATE = range(5)
"""Of a signal: default came within the horizon; it did not; the horizon is not over, or its subject was lost sight of; it belongs to the episode before;
default was there already."""
JUDGED: Final = ("right", "wrong", "censored", "repeat", "late")

EPISODE: Final = np.dtype([("subject", np.int32), ("date", np.int16), ("judged", np.int8), ("lead_days", np.int32)])
DEFAULT: Final = np.dtype(
    [("subject", np.int32), ("date", np.int16), ("on", np.int32), ("caught", np.int8), ("lead_days", np.int32)]
)
"""`date` is the place of the first date of the spine on which the subject is in default; `lead_days` from the first signal in time, -1 without one."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """All signals of one rule over some subjects, judged, and all their defaults."""

    episodes: npt.NDArray[Any]
    """Records of EPISODE, one a signal, repeats and late ones included."""
    defaults: npt.NDArray[Any]
    """Records of DEFAULT: those of subjects that were at risk on an earlier date of the spine."""


def judge(moves: Codes, outcomes: Outcomes, episode_days: int) -> Judgement:
    """Judge the signals that `moves` [date, subject] opened."""
    signals = int((moves == OPENED).sum())
    episodes = np.zeros(signals, EPISODE)
    defaults = np.zeros(defaulting(outcomes), DEFAULT)
    _judge(
        moves,
        outcomes.days,
        outcomes.horizons,
        outcomes.standing,
        outcomes.next_default,
        episode_days,
        episodes,
        defaults,
    )
    return Judgement(episodes, defaults)


def defaulting(outcomes: Outcomes) -> int:
    """How many defaults begin within the spine."""
    before, now = outcomes.standing[:-1], outcomes.standing[1:]
    return int(((now == IN_DEFAULT) & (before != IN_DEFAULT) & (before != NOT_YET)).sum())


@kernel
def _judge(
    moves: Codes,
    days: Days,
    horizons: Days,
    standing: Codes,
    next_default: Days,
    episode_days: int,
    episodes: Any,
    defaults: Any,
) -> None:
    dates, subjects = moves.shape
    # Most subjects have neither signal nor default: they are found in the order in which the arrays lie, and left out.
    told = np.zeros(subjects, np.bool_)
    for place in range(dates):
        for subject in range(subjects):
            told[subject] |= (moves[place, subject] == OPENED) | (standing[place, subject] == IN_DEFAULT)
    said = 0
    gone = 0
    for subject in range(subjects):
        if not told[subject]:
            continue
        began = NO_DAY  # the day of the episode's first signal
        since = 0  # the first date of the story that the next default ends
        for place in range(dates):
            if place > 0 and _begins(standing[place - 1, subject], standing[place, subject]):
                on = next_default[place - 1, subject]
                default = defaults[gone]
                gone += 1
                default["subject"] = subject
                default["date"] = place
                default["on"] = on
                default["lead_days"] = _lead(moves, days, horizons, standing, subject, since, place, on)
                default["caught"] = default["lead_days"] >= 0
                since = place
                began = NO_DAY
            if moves[place, subject] != OPENED:
                continue
            episode = episodes[said]
            said += 1
            episode["subject"] = subject
            episode["date"] = place
            episode["lead_days"] = -1
            if standing[place, subject] == IN_DEFAULT:
                episode["judged"] = LATE
            elif began != NO_DAY and days[place] - began < episode_days:
                episode["judged"] = REPEAT
            else:
                began = days[place]
                episode["judged"] = _verdict(days, horizons, standing, next_default, place, subject)
                if episode["judged"] == RIGHT:
                    episode["lead_days"] = next_default[place, subject] - began


@kernel
def _begins(before: int, now: int) -> bool:
    """Whether a default begins between two dates on which a subject stood so."""
    return now == IN_DEFAULT and before not in (IN_DEFAULT, NOT_YET)


@kernel
def _lead(
    moves: Codes, days: Days, horizons: Days, standing: Codes, subject: int, since: int, place: int, on: int
) -> int:
    """Days to a default from the first signal whose horizon reaches it, looking from one date up to another; -1 without one."""
    for earlier in range(since, place):
        if moves[earlier, subject] == OPENED and standing[earlier, subject] != IN_DEFAULT and horizons[earlier] >= on:
            return int(on - days[earlier])
    return -1


@kernel
def _verdict(days: Days, horizons: Days, standing: Codes, next_default: Days, place: int, subject: int) -> int:
    """What an episode that begins on a date comes to: nothing while its horizon is not over.

    Of two that began on one day, the one that came true early must not count before the one that may still prove wrong.
    """
    horizon = horizons[place]
    if horizon > days[-1]:
        return CENSORED
    if next_default[place, subject] <= horizon:
        return RIGHT
    seen = place
    while seen + 1 < len(days) and days[seen + 1] <= horizon and standing[seen, subject] != SETTLED:
        seen += 1
    return CENSORED if standing[seen, subject] == LOST else WRONG
