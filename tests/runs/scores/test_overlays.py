"""Overlays: estimated from how months came out, bounded by policy, proposed by one and agreed by another, in force between two dates."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from daihou.assessment.scores.overlay import Month, estimate, overlaid
from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.nightly import run_all
from daihou.runs.scores import overlay
from daihou.runs.scores.register import register
from runs.scores.acting import quiet

if TYPE_CHECKING:
    from scoring_home import Scoring

BOUNDS = (0.5, 3.0)


def months(slope: float, noise: float = 0.0, count: int = 24, seed: int = 1) -> list[Month]:
    """Months whose log odds move with the market by a slope, expected at 3 % throughout."""
    rng = np.random.default_rng(seed)
    market = 0.05 + 0.02 * np.sin(np.arange(count) / 3)
    odds = np.log(0.03 / 0.97) + slope * (market - market.mean()) + noise * rng.normal(size=count)
    n = 200_000
    return [
        Month(n, round(n / (1 + math.exp(-one))), 0.03 * n, float(value))
        for one, value in zip(odds, market, strict=True)
    ]


def test_the_slope_that_was_put_in_comes_out_and_the_multiplier_is_its_move() -> None:
    found = estimate(months(20.0), 0.08, BOUNDS, 0.95)
    assert found.slope == pytest.approx(20.0, abs=0.2)
    assert found.plain == pytest.approx(math.exp(20.0 * (0.08 - found.mean)), rel=0.02)
    assert found.low < found.plain < found.high
    assert found.multiplier == found.plain
    assert not found.bounded


def test_the_policy_s_bounds_hold_and_it_is_said() -> None:
    found = estimate(months(20.0), 0.5, BOUNDS, 0.95)
    assert (found.multiplier, found.bounded) == (3.0, True)
    assert found.plain > 3
    assert estimate(months(20.0), -0.5, BOUNDS, 0.95).multiplier == 0.5


def test_a_market_that_moves_nothing_has_one_within_its_interval() -> None:
    held = [estimate(months(0.0, 0.1, seed=seed), 0.08, BOUNDS, 0.95) for seed in range(200)]
    outside = sum(not one.low <= 1 <= one.high for one in held)
    assert 2 <= outside <= 22  # five of a hundred, by chance


def test_too_few_months_or_a_still_market_allow_no_line() -> None:
    with pytest.raises(DaihouError, match="no line can be drawn"):
        estimate(months(20.0)[:5], 0.08, BOUNDS, 0.95)
    still = [Month(one.n, one.bad, one.expected, 0.05) for one in months(20.0)]
    with pytest.raises(DaihouError, match="1 of them different"):
        estimate(still, 0.08, BOUNDS, 0.95)


def test_an_overlay_holds_once_somebody_else_agreed_and_between_its_dates_alone(in_force_to_work: Scoring) -> None:
    home, day = in_force_to_work.home, in_force_to_work.ends[-1]
    on = day - dt.timedelta(days=1)
    proposed = overlay.propose(
        home,
        "watch_3m",
        1.5,
        (day, day + dt.timedelta(days=90)),
        {"unemployment": 0.07},
        "Ann",
        "a harder year",
        on,
        "command",
    )
    assert overlay.multiplier(home, "watch_3m", day) == 1.0
    with pytest.raises(DaihouError, match="Ann proposed it and cannot agree"):
        overlay.agree(home, "watch_3m", proposed.version, "ann", "", on, "command")
    overlay.agree(home, "watch_3m", proposed.version, "Bob", "", on, "command")
    assert [overlay.multiplier(home, "watch_3m", day + dt.timedelta(days=days)) for days in (-1, 0, 90, 91)] == [
        1.0,
        1.5,
        1.5,
        1.0,
    ]
    assert [version.called for version in register(home).versions] == ["watch_3m v1", "watch_3m v2"]
    run_all(home, [(day, day)], quiet)
    people = pl.DataFrame(store.read(home, "borrower_snapshots", day, day)).drop_nulls("score_pd")
    assert np.allclose(people["score_pd_overlaid"], 1.5 * people["score_pd"] / (1 + 0.5 * people["score_pd"]))
    scores = pl.DataFrame(store.read(home, "scores", day, day))
    assert scores["multiplier"].unique().to_list() == [1.5]


@pytest.mark.parametrize(
    ("multiplier", "span", "words", "message"),
    [
        (5.0, (1, 90), "why", "A multiplier of 5 is beyond 0.5 to 3"),
        (1.5, (1, 90), " ", "Why is not said"),
        (1.5, (90, 1), "why", "no span to come"),
        (1.5, (-9, 90), "why", "has passed"),
    ],
)
def test_what_cannot_be_an_overlay_is_refused(
    in_force: Scoring, multiplier: float, span: tuple[int, int], words: str, message: str
) -> None:
    on = in_force.ends[-1]
    first, last = (on + dt.timedelta(days=days) for days in span)
    with pytest.raises(DaihouError, match=message):
        overlay.propose(in_force.home, "watch_3m", multiplier, (first, last), {}, "Ann", words, on, "command")


def test_an_estimate_needs_a_measure_of_the_market_and_months_enough(in_force: Scoring) -> None:
    version = register(in_force.home).version("watch_3m", 1)
    with pytest.raises(DaihouError, match="dpd is no measure of the market"):
        overlay.estimated(in_force.home, version, "dpd", 0.1, in_force.ends[-1])
    with pytest.raises(DaihouError, match="no line can be drawn"):
        overlay.estimated(in_force.home, version, "unemployment", 0.07, in_force.ends[-1])


def test_the_odds_are_multiplied_so_that_no_probability_is_ever_certain() -> None:
    assert overlaid(0.4, 3.0) == pytest.approx(2 / 3)
    assert overlaid(0.999, 3.0) < 1
    assert overlaid(0.25, 1.0) == pytest.approx(0.25)


@pytest.mark.parametrize("scenario", [float("nan"), float("inf")])
def test_a_scenario_that_is_no_number_is_refused(scenario: float) -> None:
    with pytest.raises(DaihouError, match="is no value of the market"):
        estimate(months(20.0), scenario, BOUNDS, 0.95)


def test_nobody_agrees_to_a_span_that_is_over(in_force_to_work: Scoring) -> None:
    home, on = in_force_to_work.home, in_force_to_work.ends[-1]
    span = (on, on + dt.timedelta(days=10))
    proposed = overlay.propose(home, "watch_3m", 1.5, span, {}, "Ann", "why", on, "command")
    with pytest.raises(DaihouError, match="The span ended"):
        overlay.agree(home, "watch_3m", proposed.version, "Bob", "", on + dt.timedelta(days=11), "command")
