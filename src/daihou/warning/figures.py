"""The figures of a threshold, from sums: rates, lift, precision, defaults caught, alerts, lead time, each with what chance alone may make of it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from daihou.warning.episodes import CENSORED, LATE, REPEAT, RIGHT, WRONG
from daihou.warning.tally import FIRST_HALF, OPEN, SECOND_HALF, Sums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.early_warning import EarlyWarning
    from daihou.warning.candidates import Threshold
    from daihou.warning.tally import Counts

Ratios = npt.NDArray[np.float64]
Interval = tuple[float, float]

PER: Final = 1000
"""Alerts are told per so many subjects a month."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Ratios of sums, each [key, C], NaN where nothing stands below the line."""

    rate_above: Ratios
    """Of at-risk subject-dates beyond the threshold whose horizon is over, the share with default within it."""
    rate_below: Ratios
    lift: Ratios
    """The rate above to that of all of which the measure is known."""
    precision: Ratios
    """Of the episodes whose horizon is over, the share that is right. Those whose horizon is not over are left out, the right among them too:
    of these the wrong are not known yet, so that counting the right alone would flatter."""
    caught_share: Ratios
    caught_balance_share: Ratios
    alerts: Ratios
    """Episodes per 1,000 subjects watched and month, those of the first date apart: any rule finds these when it begins."""
    half_lift: tuple[Ratios, Ratios]
    half_precision: tuple[Ratios, Ratios]


@dataclass(frozen=True, slots=True)
class Half:
    """How a threshold did in one half of the dates whose horizon is over; None where there is nothing to tell it by."""

    lift: float | None
    precision: float | None


@dataclass(frozen=True, slots=True)
class Intervals:
    """Intervals by resampling subjects; None where a figure is, or where too few draws give one."""

    lift: Interval | None
    precision: Interval | None
    caught_share: Interval | None
    caught_balance_share: Interval | None
    alerts: Interval | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What one threshold would have done. Counts are exact; ratios are None where there are not enough defaults or nothing stands below the line."""

    threshold: Threshold
    support: int
    """At-risk subject-dates beyond the threshold."""
    matured: int
    """Those of them whose horizon is over; `defaulted` of these came into default within it."""
    defaulted: int
    signals: int
    late: int
    """Signals on subjects in default already."""
    repeats: int
    """Signals that belong to an episode before."""
    episodes: int
    """All others: they begin one."""
    right: int
    """Episodes whose horizon is over, by whether default came within it."""
    wrong: int
    censored: int
    """Episodes whose horizon is not over, or whose subject was lost sight of."""
    caught: int
    """Defaults with a signal within the horizon before them; `missed` are all others."""
    missed: int
    caught_balance: int
    """In minor units of the base currency, as of the last date before the default."""
    rate_above: float | None
    rate_below: float | None
    lift: float | None
    precision: float | None
    caught_share: float | None
    caught_balance_share: float | None
    alerts: float | None
    lead_days: float | None
    """The median over the defaults caught, from the first signal in time to the day of default."""
    halves: tuple[Half, Half]
    moved: bool | None
    """Whether lift or precision changed from one half to the other by more than chance explains; None with too few to tell."""
    intervals: Intervals


def measured(sums: Sums, step_months: float) -> Measured:
    """The ratios of sums over a spine whose dates lie so many months apart."""
    above, whole = _beyond(sums.at_risk), sums.at_risk.sum(axis=2)[:, :, None]
    over = slice(FIRST_HALF, OPEN)
    dates, everything = above[:, over].sum(axis=1), whole[:, over].sum(axis=1)
    halves = (FIRST_HALF, SECOND_HALF)
    lifts = [_share(_rate(above[:, half]), _rate(whole[:, half])) for half in halves]
    precisions = [_precision(sums.signals[:, half]) for half in halves]
    return Measured(
        _rate(dates),
        _rate(everything - dates),
        _share(_rate(dates), _rate(everything)),
        _precision(sums.signals[:, over].sum(axis=1)),
        _share(sums.caught, sums.defaults[:, None]),
        _share(sums.caught_balance, sums.default_balance[:, None]),
        _share(PER * sums.alerts, sums.watched[:, None] * step_months),
        (lifts[0], lifts[1]),
        (precisions[0], precisions[1]),
    )


def figures(
    thresholds: Sequence[Threshold],
    sums: Sums,
    leads: Counts,
    step_months: float,
    policy: EarlyWarning,
    drawn: Sums | None = None,
) -> tuple[Figures, ...]:
    """The figures of each threshold from sums of one key; `leads` [C, days] counts the defaults caught so many days ahead.

    Ratios are told where there are as many defaults as the policy asks; intervals with `drawn`, the sums of books drawn anew, a key each.
    """
    told = int(sums.defaults[0]) >= policy.fewest_defaults
    ratios = measured(sums, step_months)
    again = measured(drawn, step_months) if told and drawn is not None else None
    above = _beyond(sums.at_risk)[0]
    return tuple(
        _figures(place, threshold, sums, above[:, place], leads[place], ratios if told else None, again, policy)
        for place, threshold in enumerate(thresholds)
    )


def _figures(
    place: int, threshold: Threshold, sums: Sums, above: Any, leads: Counts, ratios: Measured | None, again: Measured | None,
    policy: EarlyWarning,
) -> Figures:  # fmt: skip
    signals = sums.signals[0, :, place]
    over = signals[:OPEN].sum(axis=0)

    def ratio(name: str) -> float | None:
        return None if ratios is None else _number(getattr(ratios, name)[0, place])

    def interval(name: str) -> Interval | None:
        return None if again is None else spread(getattr(again, name)[:, place], policy.confidence)

    def half(which: int) -> Half:
        if ratios is None:
            return Half(None, None)
        return Half(_number(ratios.half_lift[which][0, place]), _number(ratios.half_precision[which][0, place]))

    enough = int(signals[:OPEN, RIGHT].min()) >= policy.fewest_of_half
    return Figures(
        threshold=threshold,
        support=int(above.sum()),
        matured=int(above[:OPEN].sum()),
        defaulted=int(above[:OPEN, 1].sum()),
        signals=int(signals.sum()),
        late=int(signals[:, LATE].sum()),
        repeats=int(signals[:, REPEAT].sum()),
        episodes=int(signals[:, [RIGHT, WRONG, CENSORED]].sum()),
        right=int(over[RIGHT]),
        wrong=int(over[WRONG]),
        censored=int(signals[:, CENSORED].sum()),
        caught=int(sums.caught[0, place]),
        missed=int(sums.defaults[0] - sums.caught[0, place]),
        caught_balance=int(sums.caught_balance[0, place]),
        rate_above=ratio("rate_above"),
        rate_below=ratio("rate_below"),
        lift=ratio("lift"),
        precision=ratio("precision"),
        caught_share=ratio("caught_share"),
        caught_balance_share=ratio("caught_balance_share"),
        alerts=ratio("alerts"),
        lead_days=None if ratios is None else median(leads),
        halves=(half(0), half(1)),
        moved=_moved(again, place, policy.confidence) if again is not None and enough else None,
        intervals=Intervals(*(interval(one.name) for one in fields(Intervals))),
    )


def median(counts: Counts) -> float | None:
    """The median of whole numbers of which `counts[n]` are n; None of none."""
    past = np.cumsum(counts)
    if not len(past) or past[-1] == 0:
        return None
    low, high = (int(np.searchsorted(past, place, side="right")) for place in ((past[-1] - 1) // 2, past[-1] // 2))
    return (low + high) / 2


def spread(draws: Ratios, confidence: float) -> Interval | None:
    """The interval that the draws lie in but for the outer ones, as many below as above; None where half of them tell nothing."""
    told = draws[np.isfinite(draws)]
    if len(told) * 2 < len(draws):
        return None
    low, high = np.quantile(told, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def _moved(again: Measured, place: int, confidence: float) -> bool | None:
    """Whether the draws of the change of lift or of precision lie all on one side of none."""
    found = []
    for first, second in (again.half_lift, again.half_precision):
        change = spread(second[:, place] - first[:, place], confidence)
        if change is None:
            return None
        found.append(not change[0] <= 0 <= change[1])
    return any(found)


def _beyond(at_risk: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """[key, period, C, 2] from [key, period, rank, 2]: a value beyond the last of some candidates is beyond all looser ones."""
    return at_risk[:, :, ::-1].cumsum(axis=2)[:, :, ::-1][:, :, 1:]


def _rate(counts: npt.NDArray[Any]) -> Ratios:
    return _share(counts[..., 1], counts.sum(axis=-1))


def _precision(judged: npt.NDArray[Any]) -> Ratios:
    return _share(judged[..., RIGHT], judged[..., RIGHT] + judged[..., WRONG])


def _share(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> Ratios:
    """The quotient; NaN where the whole is nothing or unknown."""
    part, whole = np.broadcast_arrays(np.asarray(part, np.float64), np.asarray(whole, np.float64))
    found = np.full(part.shape, np.nan)
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _number(value: np.float64) -> float | None:
    return float(value) if np.isfinite(value) else None
