"""The tally of thresholds: what each candidate would have said of some subjects and what came of it, as sums that add up from chunk to chunk."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from daihou.book.errors import DaihouError
from daihou.warning.episodes import CENSORED, JUDGED, RIGHT, WRONG, judge
from daihou.warning.fold import FALSE, TRUE, UNKNOWN, UNWATCHED, Codes, Days, Manner, fold, nothing
from daihou.warning.jit import kernel
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, Outcomes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.warning.candidates import Threshold, Values, Worse

Counts = npt.NDArray[np.int64]
Keys = npt.NDArray[np.int32]

FIRST_HALF, SECOND_HALF, OPEN = range(3)
"""Of a date: in the first or the second half of those whose horizon is over; or its horizon is not."""
BLOCKS: Final = 1000
"""Subjects are dealt to so many blocks, the unit that intervals are drawn by. In books of no more subjects each is its own block;
in larger ones the spread of sums over blocks is that of subjects, and the sums fit in a few megabytes."""
PIECE: Final = 8192
"""Subjects judged at once: few enough that every candidate of theirs stays near the processor."""
MANNER: Final = Manner(confirm=1, cooldown_days=0, clear_times=1)


@dataclass(frozen=True, slots=True)
class Panel:
    """Some subjects on the dates of a spine. Arrays are [date, subject]."""

    first: int
    """The place of the first subject in the whole book."""
    values: Values
    """Of the measure as known on each date, in the units a rule is written in; NaN where it is not known."""
    within: Codes
    """UNWATCHED where the subject is not watched, else whether it is in the segment: FALSE, TRUE or UNKNOWN. All TRUE without a segment."""
    balances: Counts
    """In minor units of the base currency; 0 where it is not known."""
    outcomes: Outcomes
    groups: Sequence[str | None] | None = None
    """The segment of each subject that is told by itself."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over subjects, told apart by a key: [key, …]. C is the number of candidates, from the loosest to the strictest."""

    subjects: Counts
    """Subjects at risk on any date."""
    watched: Counts
    """Subject-dates watched and in the segment, after the first date."""
    unknown: Counts
    """Subject-dates at risk of which the measure is not known."""
    at_risk: Counts
    """[key, period, rank, 2] Subject-dates at risk by how many candidates the value is beyond (0 … C) and whether default came within the horizon."""
    signals: Counts
    """[key, period, C, as judged]"""
    alerts: Counts
    """[key, C] Episodes that began after the first date: on that one all begin that already hold."""
    defaults: Counts
    default_balance: Counts
    """Of each default the balance on the last date before it."""
    caught: Counts
    """[key, C]"""
    caught_balance: Counts

    def plus(self, other: Sums) -> Sums:
        """The sums of both, key by key."""
        return Sums(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(Sums)))

    def all(self) -> Sums:
        """The sums over all keys, as one key."""
        return Sums(*(getattr(self, one.name).sum(axis=0, keepdims=True) for one in fields(Sums)))

    def at(self, key: int) -> Sums:
        """Those of one key, by itself."""
        return Sums(*(getattr(self, one.name)[key : key + 1] for one in fields(Sums)))


def no_sums(keys: int, candidates: int) -> Sums:
    """The sums of nobody."""
    shapes = (
        (), (), (), (3, candidates + 1, 2), (3, candidates, len(JUDGED)), (candidates,), (), (), (candidates,), (candidates,),
    )  # fmt: skip
    return Sums(*(np.zeros((keys, *shape), np.int64) for shape in shapes))


@dataclass(frozen=True, slots=True)
class Tally:
    """The sums of some subjects by block, and by segment with the lead of every default caught."""

    blocks: Sums
    groups: dict[str | None, tuple[Sums, Counts]]
    """By segment, one of no name without segments: the sums, and [C, days] how many defaults were caught so many days ahead."""

    def plus(self, other: Tally, most: int) -> Tally:
        """The tally of both; DaihouError where there are more than so many segments."""
        groups = dict(self.groups)
        for name, (sums, leads) in other.groups.items():
            groups[name] = (groups[name][0].plus(sums), groups[name][1] + leads) if name in groups else (sums, leads)
        return Tally(self.blocks.plus(other.blocks), groups).limited(most)

    def limited(self, most: int) -> Tally:
        """The same; DaihouError where there are more than so many segments."""
        if len(self.groups) > most:
            raise DaihouError(
                f"There are more than {most} segments.",
                "Choose a column with fewer values, or raise most_segments in the policy early_warning.",
                "--by",
                zh=(f"分组超过 {most} 个。", "请选择取值更少的字段，或在制度 early_warning 中调高 most_segments。"),
            )
        return self


def together(panels: Sequence[Panel]) -> list[Panel]:
    """Panels that follow one another in the book made into fewer of up to PIECE subjects: a small one takes longer to begin than to judge."""
    runs: list[list[Panel]] = []
    end = size = -1
    for panel in panels:
        count = panel.values.shape[1]
        if panel.first == end and size + count <= PIECE:
            runs[-1].append(panel)
            size += count
        else:
            runs.append([panel])
            size = count
        end = panel.first + count
    return [run[0] if len(run) == 1 else _joined(run) for run in runs]


def _joined(run: Sequence[Panel]) -> Panel:
    one = run[0].outcomes
    outcomes = Outcomes(
        one.days, one.horizons, np.concatenate([panel.outcomes.standing for panel in run], axis=1),
        np.concatenate([panel.outcomes.next_default for panel in run], axis=1),
        np.concatenate([panel.outcomes.first_known for panel in run]),
    )  # fmt: skip
    told = [panel.groups for panel in run if panel.groups is not None]
    return Panel(
        run[0].first, np.concatenate([panel.values for panel in run], axis=1), np.concatenate([panel.within for panel in run], axis=1),
        np.concatenate([panel.balances for panel in run], axis=1), outcomes, [name for groups in told for name in groups] if told else None,
    )  # fmt: skip


def periods(outcomes: Outcomes) -> Codes:
    """For each date of the spine in which half of those with a horizon that is over it lies, or OPEN."""
    over = int((outcomes.horizons <= outcomes.last).sum())
    found = np.full(len(outcomes.days), OPEN, np.uint8)
    found[:over] = SECOND_HALF
    found[: over // 2] = FIRST_HALF
    return found


def tally(panel: Panel, thresholds: Sequence[Threshold], worse: Worse, episode_days: int) -> Tally:
    """Judge every threshold, from the loosest to the strictest, as the rule it would be, over the subjects of a panel."""
    count = panel.values.shape[1]
    names, groups = _named(panel.groups, count)
    blocks = ((panel.first + np.arange(count)) % BLOCKS).astype(np.int32)
    by_block, by_group = no_sums(BLOCKS, len(thresholds)), no_sums(len(names), len(thresholds))
    span = int((panel.outcomes.horizons - panel.outcomes.days).max()) + 1
    leads = np.zeros((len(names), len(thresholds), span), np.int64)
    bounds = np.array([threshold.bound(worse) for threshold in thresholds], np.float64)
    for start in range(0, count, PIECE):
        piece = slice(start, start + PIECE)
        _count_piece(
            _part(panel, piece), bounds, 1.0 if worse == "high" else -1.0, episode_days,
            ((by_block, blocks[piece]), (by_group, groups[piece])), leads,
        )  # fmt: skip
    return Tally(by_block, {name: (by_group.at(place), leads[place]) for place, name in enumerate(names)})


def _named(groups: Sequence[str | None] | None, count: int) -> tuple[list[str | None], Keys]:
    if groups is None:
        return [None], np.zeros(count, np.int32)
    places: dict[str | None, int] = {}
    keys = np.array([places.setdefault(name, len(places)) for name in groups], np.int32)
    return list(places), keys


def _part(panel: Panel, piece: slice) -> Panel:
    """The subjects of a slice; their arrays stand close together, as compiled loops want them."""
    whole = panel.outcomes
    outcomes = Outcomes(
        whole.days, whole.horizons, np.ascontiguousarray(whole.standing[:, piece]), np.ascontiguousarray(whole.next_default[:, piece]),
        whole.first_known[piece],
    )  # fmt: skip
    return Panel(
        panel.first + piece.start, np.ascontiguousarray(panel.values[:, piece]), np.ascontiguousarray(panel.within[:, piece]),
        np.ascontiguousarray(panel.balances[:, piece]), outcomes,
    )  # fmt: skip


def _count_piece(
    panel: Panel, bounds: Values, sign: float, episode_days: int, kept: tuple[tuple[Sums, Keys], ...], leads: Counts
) -> None:
    outcomes = panel.outcomes
    period = periods(outcomes)
    ranks = np.empty(panel.values.shape, np.int8)
    most = np.zeros(panel.values.shape[1], np.int8)
    _rank(panel.values, sign, bounds, panel.within, ranks, most)
    for sums, keys in kept:
        _count(
            ranks, panel.within, outcomes.standing, outcomes.next_default, outcomes.horizons, period, keys,
            sums.subjects, sums.watched, sums.unknown, sums.at_risk,
        )  # fmt: skip

    # Every candidate that a subject was ever beyond is a column of its own; the others are silent about it.
    subject, candidate = _columns(most)
    holds = np.empty((len(ranks), len(subject)), np.uint8)
    _answer(ranks, panel.within, subject, candidate, holds)
    moves = fold(outcomes.days, holds, None, MANNER, nothing(len(subject)))
    theirs = Outcomes(
        outcomes.days, outcomes.horizons, np.ascontiguousarray(outcomes.standing[:, subject]),
        np.ascontiguousarray(outcomes.next_default[:, subject]), outcomes.first_known[subject],
    )  # fmt: skip
    judged = judge(moves, theirs, episode_days)
    signals, caught = judged.episodes, judged.defaults[judged.defaults["caught"] == 1]
    everything = judge(np.zeros(ranks.shape, np.uint8), outcomes, episode_days).defaults
    mine = _ours(panel, everything, everything["subject"])
    gone, balance = (
        everything["subject"][mine],
        panel.balances[everything["date"][mine] - 1, everything["subject"][mine]],
    )
    caught = caught[_ours(panel, caught, subject[caught["subject"]])]
    them, what = subject[caught["subject"]], candidate[caught["subject"]]
    fresh = signals[(signals["date"] > 0) & np.isin(signals["judged"], (RIGHT, WRONG, CENSORED))]["subject"]
    for sums, keys in kept:
        _add(
            sums.signals,
            (
                keys[subject[signals["subject"]]],
                period[signals["date"]],
                candidate[signals["subject"]],
                signals["judged"],
            ),
        )
        _add(sums.alerts, (keys[subject[fresh]], candidate[fresh]))
        _add(sums.defaults, (keys[gone],))
        _add(sums.default_balance, (keys[gone],), balance)
        _add(sums.caught, (keys[them], what))
        _add(sums.caught_balance, (keys[them], what), panel.balances[caught["date"] - 1, them])
    groups = kept[-1][1]
    _add(leads, (groups[them], what, caught["lead_days"]))


def _ours(panel: Panel, defaults: npt.NDArray[Any], subjects: Keys) -> npt.NDArray[np.bool_]:
    """Whether each default belongs to the segment: its subject was in it on some date on which a signal would have been in time.

    So does that of a subject not watched on any of them, as one written off long before: nothing speaks against it.
    """
    found = np.empty(len(defaults), np.bool_)
    dates, on = defaults["date"].astype(np.int32), defaults["on"].astype(np.int32)
    _in_time(
        panel.within, panel.outcomes.standing, panel.outcomes.horizons, dates, on, subjects.astype(np.int32), found
    )
    return found


def _add(sums: Counts, at: tuple[npt.NDArray[Any], ...], amounts: Counts | int = 1) -> None:
    np.add.at(sums, tuple(places.astype(np.int64) for places in at), amounts)


@kernel
def _rank(values: Values, sign: float, bounds: Values, within: Codes, ranks: Any, most: Any) -> None:
    """How many candidates each value is beyond, -1 where it is not known; and the most of them on any date that counts."""
    dates, subjects = values.shape
    for place in range(dates):
        for subject in range(subjects):
            badness = sign * values[place, subject]
            rank = 0
            if badness != badness:
                rank = -1
            else:
                while rank < len(bounds) and badness >= bounds[rank]:
                    rank += 1
            ranks[place, subject] = rank
            if rank > most[subject] and within[place, subject] == TRUE:
                most[subject] = rank


@kernel
def _count(
    ranks: Any, within: Codes, standing: Codes, next_default: Days, horizons: Days, period: Codes, keys: Keys,
    subjects: Counts, watched: Counts, unknown: Counts, at_risk: Counts,
) -> None:  # fmt: skip
    dates, count = ranks.shape
    for subject in range(count):
        key = keys[subject]
        seen = False
        for place in range(dates):
            if within[place, subject] != TRUE:
                continue
            if place > 0:
                watched[key] += 1
            if standing[place, subject] != AT_RISK:
                continue
            seen = True
            rank = ranks[place, subject]
            if rank < 0:
                unknown[key] += 1
            else:
                bad = 1 if next_default[place, subject] <= horizons[place] else 0
                at_risk[key, period[place], rank, bad] += 1
        if seen:
            subjects[key] += 1


@kernel
def _in_time(within: Codes, standing: Codes, horizons: Days, dates: Days, on: Days, subjects: Keys, found: Any) -> None:
    for place in range(len(dates)):
        subject = subjects[place]
        watched = False
        inside = False
        back = dates[place] - 1
        while back >= 0 and standing[back, subject] != IN_DEFAULT and horizons[back] >= on[place]:
            watched |= within[back, subject] != UNWATCHED
            inside |= within[back, subject] == TRUE
            back -= 1
        found[place] = inside or not watched


def _columns(most: npt.NDArray[np.int8]) -> tuple[Keys, Keys]:
    """A column for each subject and candidate it is beyond on some date: its subject, and its candidate."""
    subject = np.repeat(np.arange(len(most), dtype=np.int32), most)
    starts = np.cumsum(most, dtype=np.int64) - most
    candidate = (np.arange(len(subject)) - np.repeat(starts, most)).astype(np.int32)
    return subject, candidate


@kernel
def _answer(ranks: Any, within: Codes, subjects: Keys, candidates: Keys, holds: Codes) -> None:
    """The answers of `segment and measure beyond the threshold`, a column for each subject and candidate."""
    for place in range(holds.shape[0]):
        for column in range(len(subjects)):
            inside = within[place, subjects[column]]
            rank = ranks[place, subjects[column]]
            if inside in (UNWATCHED, FALSE):
                holds[place, column] = inside
            elif rank < 0:
                holds[place, column] = UNKNOWN
            else:
                holds[place, column] = inside if rank > candidates[column] else FALSE
