"""Worked cases of the figures, and what they say where nothing can be told."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from daihou.assessment.validation import figures
from daihou.assessment.validation.figures import Ks

YES = np.array([True, True, False, False, False])


def bools(*values: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array(values, bool)


def risks(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, float)


def test_brier_is_the_worked_case_a6_05() -> None:
    assert figures.brier(risks(0.9, 0.8, 0.7, 0.2, 0.1), YES) == pytest.approx(0.118, abs=1e-12)


def test_an_area_counts_pairs_and_a_tie_as_half() -> None:
    # Of 2 x 3 pairs: 3 riskier than all three, then 1 above, 1 tied, 1 below.
    assert figures.auc(risks(9, 5, 5, 7, 1), YES) == pytest.approx((3 + 1.5) / 6)
    assert figures.gini(0.75) == 0.5


def test_ks_is_where_the_distributions_are_furthest_apart() -> None:
    assert figures.ks(risks(9, 8, 7, 2, 1), YES) == Ks(1.0, 7.0)
    assert figures.ks(risks(9, 5, 5, 7, 1), YES) == Ks(0.5, 7.0)


def test_of_one_class_no_figure_is_told() -> None:
    for bad in (bools(0, 0, 0), bools(1, 1, 1), bools()):
        risk = np.arange(len(bad), dtype=float)
        assert figures.auc(risk, bad) is None
        assert figures.auc_interval(risk, bad, 0.95) is None
        assert figures.auc_difference(risk, -risk, bad, 0.95) is None
        assert figures.ks(risk, bad) is None
        assert figures.roc(risk, bad, 50) == ()
    assert figures.gains(risks(1, 2), bools(0, 0), 10) == ()
    assert figures.brier(risks(), bools()) is None
    assert figures.wilson(0, 0, 0.95) is None
    assert figures.hosmer_lemeshow(risks(), bools(), 10, trained=False) is None


def test_what_is_not_finite_is_refused() -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="not finite"):
            figures.auc(risks(1, value), bools(0, 1))
    with pytest.raises(ValueError, match="one row each"):
        figures.ks(risks(1, 2), bools(1))
    for pd in (0.0, 1.0, float("nan")):
        with pytest.raises(ValueError, match="between 0 and 1"):
            figures.hosmer_lemeshow(risks(0.5, pd), bools(0, 1), 10, trained=False)
        with pytest.raises(ValueError, match="between 0 and 1"):
            figures.binomial(10, 1, pd)


def test_a_score_that_parts_wholly_or_not_at_all_has_an_area_without_an_interval() -> None:
    whole = figures.auc_interval(risks(9, 8, 3, 2, 1), YES, 0.95)
    assert whole is not None
    assert (whole.value, whole.low, whole.high) == (1.0, None, None)
    flat = figures.auc_interval(risks(4, 4, 4, 4, 4), YES, 0.95)
    assert flat is not None
    assert (flat.value, flat.low, flat.high) == (0.5, None, None)


def test_two_scores_of_one_order_do_not_differ_for_certain() -> None:
    risk = risks(9, 5, 5, 7, 1)
    same = figures.auc_difference(risk, np.exp(risk), YES, 0.95)
    assert same is not None
    assert (same.value, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)
    certain = figures.auc_difference(risks(9, 8, 3, 2, 1), risks(1, 1, 1, 1, 1), YES, 0.95)
    assert certain is not None
    assert (certain.value, certain.low, certain.p) == (0.5, None, None)


def test_wilson_keeps_within_nought_and_one() -> None:
    none, every = figures.wilson(0, 10, 0.95), figures.wilson(10, 10, 0.95)
    assert none is not None
    assert every is not None
    assert none.low == 0.0
    assert none.high == pytest.approx(0.2775, abs=1e-4)
    assert every.high == 1.0


def test_a_light_turns_at_its_levels() -> None:
    # Of 100 at 5 %: 9 or more by chance 6.3 %, 10 or more 2.8 %, 13 or more 0.15 %, 14 or more 0.05 %.
    lights = {bad: figures.traffic(100, bad, 0.05, 0.95, 0.999) for bad in (0, 9, 10, 13, 14)}
    assert lights == {0: "green", 9: "green", 10: "yellow", 13: "yellow", 14: "red"}
    with pytest.raises(ValueError, match="in order"):
        figures.traffic(100, 3, 0.05, 0.999, 0.95)


def test_no_default_is_never_too_many() -> None:
    # The guideline's cumulated sum is 0.995 here, and would call it a deviation upwards.
    assert figures.binomial(10, 0, 0.0005) == 1.0
    assert figures.traffic(10, 0, 0.0005, 0.95, 0.999) == "green"


def test_a_binomial_tail_holds_among_millions() -> None:
    assert figures.binomial(5_000_000, 50_500, 0.01) == pytest.approx(0.0124763736344, rel=1e-6)
    assert figures.normal_z(5_000_000, 50_500, 0.01) == pytest.approx(2.2473, abs=1e-4)


def test_groups_that_tie_stay_together_and_are_counted() -> None:
    pd = np.repeat([0.1, 0.3], [70, 30])
    bad = np.concatenate([np.arange(70) < 7, np.arange(30) < 12])
    found = figures.hosmer_lemeshow(pd, bad, 10, trained=False)
    assert found is not None
    assert [(row.n, row.bad) for row in found.rows] == [(70, 7), (30, 12)]
    assert found.merged == 8
    # (12 - 9)^2 / (9 x 0.7), and nothing of the first group.
    assert found.chi2 == pytest.approx(9 / 6.3)
    assert found.df == 2
    trained = figures.hosmer_lemeshow(pd, bad, 10, trained=True)
    assert trained is not None
    assert (trained.df, trained.p) == (0, None)


def test_gains_share_ties_evenly() -> None:
    rows = figures.gains(risks(2, 2, 2, 2, 1, 1, 1, 1, 1, 1), bools(1, 1, 0, 0, 0, 0, 1, 1, 0, 0), 10)
    assert [row.captured for row in rows[:4]] == pytest.approx([0.125, 0.25, 0.375, 0.5])
    assert rows[0].lift == pytest.approx(1.25)
    assert (rows[-1].population, rows[-1].captured, rows[-1].lift) == (1.0, 1.0, 1.0)


def test_a_curve_goes_from_corner_to_corner() -> None:
    draw = np.random.default_rng(3)
    bad = draw.random(5000) < 0.2
    curve = figures.roc(draw.normal(size=5000) + bad, bad, 100)
    assert curve[0] == (0.0, 0.0)
    assert curve[-1] == (1.0, 1.0)
    assert len(curve) <= 101
    assert all(one[0] <= other[0] and one[1] <= other[1] for one, other in pairwise(curve))
