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


@dataclass(frozen=True, slots=True)
class Opened:
    """Signals of one rule, subject by subject, each subject's in order of dates."""

    subject: npt.NDArray[np.int32]
    date: npt.NDArray[np.int16]
    """The place of the date in the spine."""


def opened(moves: Codes, subjects: npt.NDArray[np.int32] | None = None) -> Opened:
    """The signals that `moves` [date, subject] opened; `subjects` names the subjects of its columns in order, unless they are all."""
    column, date = np.divmod(np.flatnonzero(moves.T == OPENED), len(moves))
    found = column.astype(np.int32) if subjects is None else subjects[column]
    return Opened(found, date.astype(np.int16))


def begun(outcomes: Outcomes) -> npt.NDArray[Any]:
    """The defaults that begin within the spine, subject by subject, as records of DEFAULT that nothing caught."""
    before, now = outcomes.standing[:-1], outcomes.standing[1:]
    date, subject = np.nonzero((now == IN_DEFAULT) & (before != IN_DEFAULT) & (before != NOT_YET))
    order = np.argsort(subject, kind="stable")
    date, subject = date[order], subject[order]
    found = np.zeros(len(order), DEFAULT)
    found["subject"], found["date"] = subject, date + 1
    found["on"] = outcomes.next_default[date, subject]
    found["lead_days"] = -1
    return found


def judge(moves: Codes, outcomes: Outcomes, episode_days: int) -> Judgement:
    """Judge the signals that `moves` [date, subject] opened."""
    return judged(opened(moves), outcomes, begun(outcomes), episode_days)


def judged(signals: Opened, outcomes: Outcomes, defaults: npt.NDArray[Any], episode_days: int) -> Judgement:
    """Judge signals; `defaults` are those that begin, which many rules share."""
    episodes = np.zeros(len(signals.subject), EPISODE)
    episodes["subject"], episodes["date"] = signals.subject, signals.date
    defaults = defaults.copy()
    _judge(outcomes.days, outcomes.horizons, outcomes.standing, outcomes.next_default, episode_days, episodes, defaults)
    return Judgement(episodes, defaults)


@kernel
def _judge(
    days: Days, horizons: Days, standing: Codes, next_default: Days, episode_days: int, episodes: Any, defaults: Any
) -> None:
    gone = 0  # the next default of the subject, or of a later one
    story = 0  # the first signal of the story that it ends
    began = NO_DAY  # the day of the episode's first signal
    for said in range(len(episodes)):
        episode = episodes[said]
        subject = episode["subject"]
        place = episode["date"]
        if said == 0 or episodes[said - 1]["subject"] != subject:
            while gone < len(defaults) and defaults[gone]["subject"] < subject:
                gone += 1
            story = said
            began = NO_DAY
        while _comes(defaults, gone, subject, place):
            _catch(days, horizons, standing, episodes, story, said, defaults[gone])
            gone += 1
            story = said
            began = NO_DAY
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
        last = said + 1 == len(episodes) or episodes[said + 1]["subject"] != subject
        if last and _comes(defaults, gone, subject, len(days)):
            _catch(days, horizons, standing, episodes, story, said + 1, defaults[gone])


@kernel
def _comes(defaults: Any, gone: int, subject: int, place: int) -> bool:
    """Whether the next default is one of the subject, up to a date."""
    return gone < len(defaults) and defaults[gone]["subject"] == subject and defaults[gone]["date"] <= place


@kernel
def _catch(days: Days, horizons: Days, standing: Codes, signals: Any, first: int, end: int, default: Any) -> None:
    """Mark a default as caught by the first of the signals before it whose horizon reaches it, if there is one."""
    for place in range(first, end):
        signal = signals[place]
        date = signal["date"]
        if standing[date, signal["subject"]] != IN_DEFAULT and horizons[date] >= default["on"]:
            default["lead_days"] = default["on"] - days[date]
            default["caught"] = 1
            return


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
