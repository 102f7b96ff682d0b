"""The tally of thresholds against the fold and the episodes it stands on, however a book is cut; intervals against books whose truth is known."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np
import pytest

from daihou.policies.early_warning import EarlyWarning
from daihou.warning.bootstrap import redrawn
from daihou.warning.candidates import Threshold
from daihou.warning.episodes import CENSORED, JUDGED, RIGHT, WRONG, judge
from daihou.warning.figures import figures, median
from daihou.warning.fold import FALSE, TRUE, UNKNOWN, UNWATCHED, Manner, fold, nothing
from daihou.warning.outcomes import AT_RISK, IN_DEFAULT, LOST, NOT_YET, SETTLED, outcomes
from daihou.warning.tally import Panel, Sums, periods, tally, together

if TYPE_CHECKING:
    from daihou.warning.figures import Figures

HOUSE = EarlyWarning(
    episode_days=180, fewest_defaults=30, fewest_of_half=10, most_candidates=20, most_segments=60, repetitions=200, confidence=0.95,
    alert_budget=10, amber_capture=0.6, red_precision=0.5,
)  # fmt: skip


def rough(seed: int, count: int, dates: int = 14) -> Panel:
    """Loans that do anything: measures without data, standings in any order, in and out of the segment."""
    generator = np.random.default_rng(seed)
    days = (20_000 + np.cumsum(generator.integers(1, 70, dates))).astype(np.int32)
    values = generator.integers(-3, 6, (dates, count)).astype(np.float64)
    values[generator.random(values.shape) < 0.1] = math.nan
    chances = [0.75, 0.1, 0.05, 0.05, 0.05]
    standing = generator.choice([AT_RISK, IN_DEFAULT, SETTLED, LOST, NOT_YET], values.shape, p=chances).astype(np.uint8)
    within = generator.choice([TRUE, FALSE, UNKNOWN, UNWATCHED], values.shape, p=[0.8, 0.1, 0.05, 0.05]).astype(
        np.uint8
    )
    balances = generator.integers(0, 10**12, values.shape)
    since = np.repeat(days[:, None], count, axis=1) - generator.integers(0, 30, values.shape).astype(np.int32)
    groups = tuple(generator.choice(["east", "west"], count).tolist())
    return Panel(0, values, within, balances, outcomes(days, days + 200, standing, since.astype(np.int32)), groups)


def same(one: Sums, other: Sums) -> bool:
    return all(np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(Sums))


def in_the_segment(panel: Panel, default: np.void) -> bool:
    """Whether the subject of a default was in the segment on a date on which a signal was in time, or was watched on none."""
    of, subject = panel.outcomes, default["subject"]
    codes = []
    for date_before in range(int(default["date"]) - 1, -1, -1):
        if of.standing[date_before, subject] == IN_DEFAULT or of.horizons[date_before] < default["on"]:
            break
        codes.append(panel.within[date_before, subject])
    return TRUE in codes or all(code == UNWATCHED for code in codes)


@pytest.mark.parametrize("worse", ["high", "low"])
def test_each_candidate_is_judged_as_the_rule_it_would_be_by_the_fold_and_the_episodes(worse: str) -> None:
    panel = rough(7, 500)
    ends = (-1.0, 0.5, 2.0, 5.0)
    tried = [Threshold(end) for end in (ends if worse == "high" else ends[::-1])] + [
        Threshold(5.0 if worse == "high" else -1.0, strict=True)
    ]
    found = tally(panel, tried, worse, 180).blocks.all()  # type: ignore[arg-type]
    period = periods(panel.outcomes)
    for place, threshold in enumerate(tried):
        end = threshold.value
        beyond = (panel.values > end if threshold.strict else panel.values >= end) if worse == "high" else (
            panel.values < end if threshold.strict else panel.values <= end
        )  # fmt: skip
        condition = np.where(np.isnan(panel.values), UNKNOWN, np.where(beyond, TRUE, FALSE))
        both = np.where(
            (condition == FALSE) | (panel.within == FALSE),
            FALSE,
            np.where((condition == TRUE) & (panel.within == TRUE), TRUE, UNKNOWN),
        )
        # Outside the segment is false, whether the measure is known or not.
        holds = np.where(panel.within == UNWATCHED, UNWATCHED, both).astype(np.uint8)
        moves = fold(panel.outcomes.days, holds, None, Manner(1, 0, 1), nothing(500))
        judged = judge(moves, panel.outcomes, 180)
        signals = np.zeros((3, len(JUDGED)), np.int64)
        np.add.at(signals, (period[judged.episodes["date"]], judged.episodes["judged"]), 1)
        assert np.array_equal(found.signals[0, :, place], signals)
        begun = np.isin(judged.episodes["judged"], (RIGHT, WRONG, CENSORED)) & (judged.episodes["date"] > 0)
        assert found.alerts[0, place] == begun.sum()
        ours = np.array([in_the_segment(panel, one) for one in judged.defaults])
        caught = judged.defaults[ours & (judged.defaults["caught"] == 1)]
        assert found.caught[0, place] == len(caught)
        assert found.caught_balance[0, place] == sum(
            int(panel.balances[one["date"] - 1, one["subject"]]) for one in caught
        )
        assert found.defaults[0] == ours.sum()
        at_risk = (panel.within == TRUE) & (panel.outcomes.standing == AT_RISK) & (condition == TRUE)
        bad = panel.outcomes.next_default <= panel.outcomes.horizons[:, None]
        assert found.at_risk[0, :, place + 1 :].sum() == at_risk.sum()
        assert found.at_risk[0, :, place + 1 :, 1].sum() == (at_risk & bad).sum()
    assert 0 < found.caught[0, -2] < found.caught[0, 0]


def test_a_book_cut_into_chunks_comes_to_the_same_whichever_comes_first() -> None:
    whole = rough(11, 1_300)
    tried = [Threshold(1.0), Threshold(4.0)]

    def part(start: int, end: int) -> Panel:
        cut = slice(start, end)
        of = whole.outcomes
        their = replace(
            of, standing=of.standing[:, cut], next_default=of.next_default[:, cut], first_known=of.first_known[cut]
        )
        groups = (whole.groups or ())[cut]
        return Panel(start, whole.values[:, cut], whole.within[:, cut], whole.balances[:, cut], their, groups)

    at_once = tally(whole, tried, "high", 180)
    parts = [part(1_100, 1_300), part(0, 400), part(400, 1_100)]
    piecewise = reduce(lambda one, other: one.plus(other, 2), [tally(one, tried, "high", 180) for one in parts])
    assert same(at_once.blocks, piecewise.blocks)
    for name in ("east", "west"):
        assert same(at_once.groups[name][0], piecewise.groups[name][0])
        assert np.array_equal(at_once.groups[name][1], piecewise.groups[name][1])
    joined = together(parts)
    assert [(one.first, one.values.shape[1]) for one in joined] == [(1_100, 200), (0, 1_100)]
    again = reduce(lambda one, other: one.plus(other, 2), [tally(one, tried, "high", 180) for one in joined])
    assert same(at_once.blocks, again.blocks)
    assert same(at_once.groups["west"][0], again.groups["west"][0])
    both = at_once.groups["east"][0].plus(at_once.groups["west"][0])
    assert same(both, at_once.blocks.all())


def test_the_same_seed_draws_the_same_books_and_another_draws_others() -> None:
    blocks = tally(rough(3, 40), [Threshold(1.0)], "high", 180).blocks
    assert np.array_equal(redrawn(blocks, 100).caught, redrawn(blocks, 100).caught)
    assert not np.array_equal(redrawn(blocks, 100).caught, redrawn(blocks, 100, seed=1).caught)


def lived(generator: np.random.Generator, count: int) -> Panel:
    """Loans of which one in five is weak: weak ones show it on half of the dates, sound ones on a twentieth, and default five times as often."""
    dates = 8
    days = np.array([date(2025, 1, 31).toordinal() - 719_163 + 30 * place for place in range(dates)], np.int32)
    weak = generator.random(count) < 0.2
    values = (generator.random((dates, count)) < np.where(weak, 0.5, 0.05)).astype(np.float64)
    gone = generator.random((dates, count)) < np.where(weak, 0.1, 0.02)
    gone[0] = False
    standing = np.where(np.maximum.accumulate(gone, axis=0), IN_DEFAULT, AT_RISK).astype(np.uint8)
    since = np.repeat(days[:, None], count, axis=1)
    return Panel(
        0,
        values,
        np.full(values.shape, TRUE, np.uint8),
        np.full(values.shape, 100, np.int64),
        outcomes(days, days + 90, standing, since),
    )


TOLD = ("lift", "precision", "caught_share", "alerts")


def told(panel: Panel, repetitions: int) -> Figures:
    counted = tally(panel, [Threshold(1.0)], "high", 180)
    drawn = redrawn(counted.blocks, repetitions) if repetitions else None
    return figures([Threshold(1.0)], counted.blocks.all(), counted.groups[None][1], 1.0, HOUSE, drawn)[0]


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Of sixty books the truth may be missed by about three intervals of 95% each; by more than nine in one book of a thousand."""
    generator = np.random.default_rng(20)
    truth = told(lived(generator, 200_000), 0)
    books = [told(lived(generator, 300), 200) for _ in range(60)]
    for name in TOLD:
        true = getattr(truth, name)
        ends = np.array([getattr(one.intervals, name) for one in books])
        assert ((true < ends[:, 0]) | (ends[:, 1] < true)).sum() <= 9
        assert (ends[:, 1] - ends[:, 0]).mean() < true  # as wide as everything would hold the truth too
    assert [one.intervals.caught_share for one in books] != [books[0].intervals.caught_share] * 60


@pytest.mark.parametrize(
    ("counts", "middle"),
    [([0, 0, 3], 2), ([1, 1], 0.5), ([2, 1, 0, 0, 3], 2.5), ([1, 0, 0, 1, 1], 3), ([0, 0], None), ([], None)],
)
def test_the_median_is_told_from_counts(counts: list[int], middle: float | None) -> None:
    assert median(np.array(counts, np.int64)) == middle
