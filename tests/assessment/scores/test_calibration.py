"""Calibration: from the odds of a score to a probability, by segment, on subjects that trained nothing."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from assessment.scores.drawn import design, sample, trained
from daihou.assessment.scores import calibration
from daihou.assessment.scores.calibration import WHOLE, Method, calibrated


def drawn(
    n: int = 20_000, shift: float = 0.0, slope: float = 1.0, seed: int = 1
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """ln(bad : good) as a score says it, and outcomes whose true log-odds are moved and stretched."""
    draw = np.random.default_rng(seed)
    risk = draw.normal(-2, 1, n)
    return risk, draw.random(n) < 1 / (1 + np.exp(-(shift + slope * risk)))


def test_a_line_finds_how_far_the_odds_were_off() -> None:
    risk, bad = drawn(shift=0.7, slope=0.6)
    line = calibrated(risk, bad, None, "platt", 50, "test").curves[WHOLE].line
    assert line is not None
    assert line == pytest.approx((0.7, 0.6), abs=0.12)


@pytest.mark.parametrize("method", ["platt", "isotonic"])
def test_as_many_default_as_it_says_and_more_risk_is_never_less_likely(method: Method) -> None:
    risk, bad = drawn(shift=0.5)
    pd = calibrated(risk, bad, None, method, 50, "test").pd(risk, None)
    assert pd.mean() == pytest.approx(bad.mean(), abs=1e-6)
    assert (np.diff(pd[np.argsort(risk)]) >= 0).all()
    assert 0 < pd.min() <= pd.max() < 1
    beyond = calibrated(risk, bad, None, method, 50, "test").pd(np.array([-500.0, 500.0]), None)
    assert 0 < beyond[0] < beyond[1] < 1


def test_each_segment_with_enough_bad_has_a_curve_of_its_own_and_the_others_that_of_all() -> None:
    risk, bad = drawn()
    draw = np.random.default_rng(2)
    segment = np.where(np.arange(len(risk)) < 12_000, "a", np.where(np.arange(len(risk)) < 19_900, "b", "few"))
    bad = np.where(segment == "b", draw.random(len(risk)) < 1 / (1 + np.exp(-(risk + 1.2))), bad)
    parts = pl.Series(segment)
    found = calibrated(risk, bad, parts, "platt", 50, "test")
    assert set(found.curves) == {WHOLE, "a", "b"}
    pd = found.pd(risk, parts)
    for name in ("a", "b"):
        some = segment == name
        assert pd[some].mean() == pytest.approx(bad[some].mean(), abs=1e-4)
    assert found.pd(risk[-5:], parts[-5:]).tolist() == found.curves[WHOLE].pd(risk[-5:]).tolist()
    unknown = pl.Series(["new", None], dtype=pl.String)
    assert found.pd(risk[:2], unknown).tolist() == found.curves[WHOLE].pd(risk[:2]).tolist()


def test_a_score_that_tells_nothing_or_the_contrary_is_calibrated_to_the_share_of_bad_and_never_turned_round() -> None:
    risk, bad = drawn()
    for told in (-risk, np.full(len(risk), 3.0)):
        pd = calibrated(told, bad, None, "platt", 50, "test").pd(told, None)
        assert pd == pytest.approx(np.full(len(bad), bad.mean()))


def test_scores_that_part_the_classes_wholly_still_have_probabilities_between_nothing_and_one() -> None:
    risk = np.concatenate([np.linspace(-4, -3, 60), np.linspace(3, 4, 60)])
    bad = risk > 0
    methods: tuple[Method, ...] = ("platt", "isotonic")
    for method in methods:
        pd = calibrated(risk, bad, None, method, 30, "test").pd(risk, None)
        assert np.isfinite(pd).all()
        assert 0 < pd.min() < pd.max() < 1


def test_curves_read_back_the_same() -> None:
    risk, bad = drawn(3000)
    parts = pl.Series(np.where(risk > -2, "high", "low"))
    methods: tuple[Method, ...] = ("platt", "isotonic")
    for method in methods:
        found = calibrated(risk, bad, parts, method, 50, "test")
        assert calibration.from_dict(found.as_dict()) == found


def test_it_is_fitted_to_what_trained_nothing_or_says_so() -> None:
    assert trained().calibration.part == "test"
    few = sample(400, seed=4)
    assert int(few.of("test").bad.sum()) < 30 <= int(few.of("train").bad.sum())
    model = trained(of=few, by=design(features=[{"name": "arrears", "kind": "number", "risk": "up"}]))
    assert model.calibration.part == "train"
    assert any("too sharp" in english for english, _ in model.record["notes"])
