"""Verdicts of a backtest: signals of many rules on some subjects judged, chunk by chunk, and kept as small records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from daihou.warning.episodes import LATE, judge
from daihou.warning.fold import OPENED, UNKNOWN, Codes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.warning.outcomes import Outcomes

SIGNAL: Final = np.dtype(
    [
        ("rule", np.int16), ("subject", np.int32), ("date", np.int16), ("judged", np.int8), ("lead_days", np.int32), ("balance", np.int64),
        ("officer", np.int32), ("group", np.int32),
    ]
)  # fmt: skip
"""`rule` is the place of the rule or, from the count of rules on, of a set; `officer` and `group` are codes, -1 where there is none."""
DEFAULTED: Final = np.dtype(
    [("subject", np.int32), ("date", np.int16), ("on", np.int32), ("balance", np.int64), ("group", np.int32)]
)
"""Balance and group are those of the date of the spine before the default."""

Lookup = Callable[[npt.NDArray[np.int16], npt.NDArray[np.int32]], npt.NDArray[np.int32]]
"""From places of dates and subjects to codes."""


@dataclass(frozen=True, slots=True)
class Described:
    """What is told of subjects beside their answers: arrays [date, subject], and codes for whom they are asked."""

    watched: npt.NDArray[np.bool_]
    balance: npt.NDArray[np.int64]
    officer: Lookup
    group: Lookup


@dataclass
class Verdicts:
    """What was judged so far; `sets` names some of the rules each, whose signals are also judged together. Those of workers add up."""

    rules: int
    dates: int
    sets: Mapping[str, Sequence[int]]
    signals: list[npt.NDArray[Any]] = field(default_factory=list)
    defaults: list[npt.NDArray[Any]] = field(default_factory=list)
    leads: list[npt.NDArray[np.int32]] = field(default_factory=list)
    """For each chunk [rule or set, default]: days from the first signal in time to the default; -1 where none was."""
    watched: npt.NDArray[np.int64] = field(init=False)
    """Subjects watched on each date."""
    unknown: npt.NDArray[np.int64] = field(init=False)
    """For each rule: how many answers on watched subjects were unknown."""
    warned: npt.NDArray[np.int64] = field(init=False)
    """[rule, rule]: subjects that both warned of within the spine; the diagonal counts those of one rule."""
    subjects: int = 0

    def __post_init__(self) -> None:
        """Begin with nothing."""
        self.watched = np.zeros(self.dates, np.int64)
        self.unknown = np.zeros(self.rules, np.int64)
        self.warned = np.zeros((self.rules, self.rules), np.int64)

    def add(self, other: Verdicts) -> None:
        """Take over those of another."""
        self.signals += other.signals
        self.defaults += other.defaults
        self.leads += other.leads
        self.watched += other.watched
        self.unknown += other.unknown
        self.warned += other.warned
        self.subjects += other.subjects

    def take(
        self, first: int, holds: Sequence[Codes], moves: Sequence[Codes], outcomes: Outcomes, chunk: Described, episode_days: int
    ) -> None:  # fmt: skip
        """Judge the signals of each rule on some subjects; `first` is the place of the first subject in the book."""
        self.watched += chunk.watched.sum(axis=1)
        self.subjects += int(chunk.watched.any(axis=0).sum())
        warned = np.zeros((self.rules, chunk.watched.shape[1]), np.float32)
        leads = []
        for place, of_rule in enumerate([*moves, *_together(moves, self.sets)]):
            found = judge(of_rule, outcomes, episode_days)
            leads.append(found.defaults["lead_days"].astype(np.int32))
            if place < self.rules:
                self.unknown[place] += int((holds[place] == UNKNOWN).sum())
                warned[place, found.episodes["subject"][found.episodes["judged"] != LATE]] = 1
            if len(found.episodes):
                self.signals.append(_signals(place, first, found.episodes, chunk))
        self.warned += np.rint(warned @ warned.T).astype(np.int64)
        if len(found.defaults):
            self.defaults.append(_defaulted(first, found.defaults, chunk))
            self.leads.append(np.stack(leads))


def _together(moves: Sequence[Codes], sets: Mapping[str, Sequence[int]]) -> list[Codes]:
    """For each set the signals that any of its rules opened."""
    found = []
    for chosen in sets.values():
        opened = np.zeros(moves[0].shape, np.bool_)
        for rule in chosen:
            opened |= moves[rule] == OPENED
        found.append(opened.view(np.uint8))
    return found


def _signals(rule: int, first: int, episodes: npt.NDArray[Any], chunk: Described) -> npt.NDArray[Any]:
    found = np.zeros(len(episodes), SIGNAL)
    date, subject = episodes["date"], episodes["subject"]
    found["rule"] = rule
    found["subject"] = subject + first
    for name in ("date", "judged", "lead_days"):
        found[name] = episodes[name]
    found["balance"] = chunk.balance[date, subject]
    found["officer"], found["group"] = chunk.officer(date, subject), chunk.group(date, subject)
    return found


def _defaulted(first: int, defaults: npt.NDArray[Any], chunk: Described) -> npt.NDArray[Any]:
    found = np.zeros(len(defaults), DEFAULTED)
    before, subject = defaults["date"] - 1, defaults["subject"]
    found["subject"] = subject + first
    found["date"], found["on"] = defaults["date"], defaults["on"]
    found["balance"] = chunk.balance[before, subject]
    found["group"] = chunk.group(before, subject)
    return found
