"""Bins: what they tell, which way they run, and where each value falls."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessment.scores.drawn import POLICY, inputs
from daihou.assessment.scores import bins as bins_of
from daihou.assessment.scores.binning import bins
from daihou.assessment.scores.bins import Bins
from daihou.assessment.scores.evidence import Evidence, counted

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.assessment.scores.inputs import Input, Risk


def number(risk: Risk, special: tuple[float, ...] = ()) -> Input:
    return replace(inputs(x=("number", risk))[0], special=special)


def rates(found: Bins, x: npt.NDArray[np.float64], bad: npt.NDArray[np.bool_]) -> list[float]:
    """The share of bad in each bin of ordinary values."""
    place = found.place(x)
    return [float(bad[place == at].mean()) for at in range(found.plain)]


def test_weight_of_evidence_is_above_nothing_where_the_good_prevail() -> None:
    # A worked table: 80 of 100 good and 10 of 50 bad in the first bin, the rest in the second.
    told = Evidence(np.array([80, 20]), np.array([10, 40]))
    assert told.woe == pytest.approx([np.log(0.8 / 0.2), np.log(0.2 / 0.8)])
    assert told.iv == pytest.approx(0.6 * np.log(4) + 0.6 * np.log(4))


def test_a_bin_without_bad_counts_half_of_one_and_an_empty_bin_says_nothing() -> None:
    told = Evidence(np.array([50, 50, 0]), np.array([0, 20, 0]))
    assert told.woe[0] == pytest.approx(np.log((50.5 / 100) / (0.5 / 20)))
    assert told.woe[2] == 0
    assert np.isfinite(told.iv)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1), st.sampled_from(["up", "down"]), st.floats(-0.06, 0.06))
def test_risk_runs_through_the_bins_the_way_the_design_says(seed: int, risk: Risk, slope: float) -> None:
    draw = np.random.default_rng(seed)
    x = np.round(draw.normal(0, 20, 1500), 1)
    bad = draw.random(1500) < 1 / (1 + np.exp(1.5 - slope * x))
    found = bins(number(risk), x, bad, POLICY)
    if found is None:
        return  # no two bins part this way
    steps = np.diff(rates(found, x, bad))
    assert (steps >= 0).all() if risk == "up" else (steps <= 0).all()
    assert np.diff(found.splits).min(initial=1) > 0
    assert found.plain <= POLICY.most_bins


def test_a_direction_against_the_truth_leaves_no_bins_at_all() -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=3000)
    bad = draw.random(3000) < 1 / (1 + np.exp(2 - x))
    assert bins(number("down"), x, bad, POLICY) is None
    assert bins(number("up"), x, bad, POLICY) is not None


def test_a_valley_falls_and_then_rises() -> None:
    draw = np.random.default_rng(2)
    x = draw.uniform(-3, 3, 6000)
    bad = draw.random(6000) < 1 / (1 + np.exp(3 - x**2 / 2))
    found = bins(number("valley"), x, bad, POLICY)
    assert found is not None
    steps = np.sign(np.diff(rates(found, x, bad)))
    assert steps[0] == -1
    assert steps[-1] == 1
    assert (np.diff(steps) >= 0).all()


def test_each_bin_holds_what_the_policy_asks() -> None:
    draw = np.random.default_rng(3)
    x = draw.exponential(10, 4000)
    bad = draw.random(4000) < 1 / (1 + np.exp(2.5 - x / 15))
    found = bins(number("up"), x, bad, replace(POLICY, smallest_bin=0.1, fewest_bad_in_bin=25, most_bins=4))
    assert found is not None
    told = counted(found.place(x), bad, found.count)
    assert found.plain <= 4
    assert (told.good + told.bad)[: found.plain].min() >= 400
    assert told.bad[: found.plain].min() >= 25


def test_what_is_missing_and_what_is_special_have_bins_of_their_own() -> None:
    draw = np.random.default_rng(4)
    x = draw.normal(50, 10, 3000)
    bad = draw.random(3000) < 1 / (1 + np.exp(2 - (x - 50) / 10))
    x[:300], x[300:600] = -999.0, np.nan
    found = bins(number("up", (-999.0,)), x, bad, POLICY)
    assert found is not None
    assert min(found.splits) > 0  # -999 took no part in the splits
    place = found.place(x)
    assert set(place[:300]) == {found.plain}
    assert set(place[300:600]) == {found.missing}
    assert found.said(found.plain, chinese=False) == "= -999"


def test_a_constant_and_an_empty_column_have_no_bins() -> None:
    bad = np.arange(400) % 4 == 0
    assert bins(number("any"), np.full(400, 7.0), bad, POLICY) is None
    assert bins(number("any"), np.full(400, np.nan), bad, POLICY) is None


def test_a_split_is_the_lowest_value_of_the_bin_after_it() -> None:
    found = Bins("x", (1.0, 30.0))
    assert found.place(np.array([0.0, 0.99, 1.0, 29.9, 30.0, np.nan])).tolist() == [0, 0, 1, 1, 2, 3]
    assert [found.said(at, chinese=False) for at in range(4)] == ["< 1", "1 – < 30", "≥ 30", "not known"]


def test_codes_of_like_risk_are_together_and_a_code_never_seen_is_another() -> None:
    draw = np.random.default_rng(5)
    code = draw.choice(["a", "b", "c", "d"], 4000)
    share = np.where(np.isin(code, ["a", "b"]), 0.05, 0.35)
    bad = draw.random(4000) < share
    found = bins(inputs(x=("code", "any"))[0], pl.Series(code), bad, POLICY)
    assert found is not None
    assert found.groups == (("a", "b"), ("c", "d"))
    assert found.place(pl.Series(["a", "d", "zz", None])).tolist() == [0, 1, found.unseen, found.missing]


def test_bins_are_the_same_after_a_round_trip() -> None:
    for one in (Bins("x", (0.1, 2.0), special=(-1.0,)), Bins("y", groups=(("a",), ("b", "c")))):
        assert bins_of.from_dict(one.as_dict()) == one
