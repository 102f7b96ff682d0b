"""Verdicts of a backtest: signals of many rules on some subjects judged, chunk by chunk, and kept as small records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from daihou.warning.episodes import LATE, Opened, begun, judged
from daihou.warning.fold import UNKNOWN, Codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

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
        self, first: int, holds: Sequence[Codes], signals: Sequence[Opened], outcomes: Outcomes, chunk: Described, episode_days: int
    ) -> None:  # fmt: skip
        """Judge the signals of each rule on some subjects; `first` is the place of the first subject in the book.

        Of `holds`, the answers of each rule, those are counted that are unknown: their shape does not matter.
        """
        self.watched += chunk.watched.sum(axis=1)
        self.subjects += int(chunk.watched.any(axis=0).sum())
        self.unknown += [np.count_nonzero(codes == UNKNOWN) for codes in holds]
        defaults = begun(outcomes)
        warned = np.zeros((self.rules, chunk.watched.shape[1]), np.float32)
        found = []
        for place, of_rule in enumerate([*signals, *_together(signals, self.sets, chunk.watched.shape)]):
            one = judged(of_rule, outcomes, defaults, episode_days)
            found.append(one)
            if place < self.rules:
                warned[place, one.episodes["subject"][one.episodes["judged"] != LATE]] = 1
        self.signals += _signals(first, [one.episodes for one in found], chunk)
        self.warned += np.rint(warned @ warned.T).astype(np.int64)
        if len(defaults):
            self.defaults.append(_defaulted(first, defaults, chunk))
            self.leads.append(np.stack([one.defaults["lead_days"] for one in found]))


def _together(signals: Sequence[Opened], sets: Mapping[str, Sequence[int]], shape: tuple[int, ...]) -> Iterator[Opened]:
    """For each set the signals that any of its rules opened, of so many dates and subjects."""
    dates, subjects = shape
    for chosen in sets.values():
        told = np.zeros((subjects, dates), np.bool_)
        for rule in chosen:
            told[signals[rule].subject, signals[rule].date] = True
        subject, date = np.nonzero(told)
        yield Opened(subject.astype(np.int32), date.astype(np.int16))


def _signals(first: int, episodes: Sequence[npt.NDArray[Any]], chunk: Described) -> list[npt.NDArray[Any]]:
    """The signals of each rule and set that has any."""
    counts = [len(one) for one in episodes]
    whole = np.concatenate(episodes)
    found = np.zeros(len(whole), SIGNAL)
    date, subject = whole["date"], whole["subject"]
    found["rule"] = np.repeat(np.arange(len(counts)), counts)
    found["subject"] = subject + first
    for name in ("date", "judged", "lead_days"):
        found[name] = whole[name]
    found["balance"] = chunk.balance[date, subject]
    found["officer"], found["group"] = chunk.officer(date, subject), chunk.group(date, subject)
    return [one for one in np.split(found, np.cumsum(counts)[:-1]) if len(one)]


def _defaulted(first: int, defaults: npt.NDArray[Any], chunk: Described) -> npt.NDArray[Any]:
    found = np.zeros(len(defaults), DEFAULTED)
    before, subject = defaults["date"] - 1, defaults["subject"]
    found["subject"] = subject + first
    found["date"], found["on"] = defaults["date"], defaults["on"]
    found["balance"] = chunk.balance[before, subject]
    found["group"] = chunk.group(before, subject)
    return found
