"""Laws of the figures that judge scores: what they count, pair by pair and group by group, and what other libraries say of the same."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import brier_score_loss, roc_auc_score
from statsmodels.stats.proportion import binom_test, proportion_confint

from daihou.assessment.validation import figures, stability, tails

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
FLOOR = 0.0001


@st.composite
def samples(draw: st.DrawFn, scores: int = 1, fewest: int = 1) -> tuple[Any, ...]:
    """So many risks with many ties, and an outcome of both classes, each at least so often."""
    n = draw(st.integers(2 * fewest, 40))
    risks = [np.array(draw(st.lists(st.integers(-4, 4), min_size=n, max_size=n)), float) for _ in range(scores)]
    bads = draw(st.integers(fewest, n - fewest))
    bad = np.arange(n) < bads
    return (*risks, bad[np.array(draw(st.permutations(range(n))))])


def pairs(risk: Floats, bad: Bools) -> Floats:
    """By bad and good row: 1 where the bad is riskier, one half in a tie, 0 where it is less risky."""
    one, other = risk[bad][:, None], risk[~bad][None, :]
    return np.asarray((one > other) + (one == other) / 2)


@given(samples())
def test_the_area_is_the_share_of_pairs_in_order(sample: tuple[Floats, Bools]) -> None:
    risk, bad = sample
    assert figures.auc(risk, bad) == pytest.approx(pairs(risk, bad).mean(), abs=1e-12)
    assert figures.auc(risk, bad) == pytest.approx(roc_auc_score(bad, risk), abs=1e-12)


@given(samples())
def test_turned_round_the_area_is_the_rest(sample: tuple[Floats, Bools]) -> None:
    risk, bad = sample
    one, other, swapped = figures.auc(risk, bad), figures.auc(-risk, bad), figures.auc(risk, ~bad)
    assert one is not None
    assert other == pytest.approx(1 - one, abs=1e-12)
    assert swapped == pytest.approx(1 - one, abs=1e-12)
    assert figures.auc(np.exp(risk), bad) == one


@given(samples())
def test_ks_is_the_greatest_distance_of_the_distributions(sample: tuple[Floats, Bools]) -> None:
    risk, bad = sample
    found = figures.ks(risk, bad)
    assert found is not None
    apart = {at: abs((risk[bad] <= at).mean() - (risk[~bad] <= at).mean()) for at in risk}
    assert found.value == pytest.approx(max(apart.values()), abs=1e-12)
    assert apart[found.at] == pytest.approx(found.value, abs=1e-12)


@given(samples())
def test_a_curve_encloses_the_area(sample: tuple[Floats, Bools]) -> None:
    risk, bad = sample
    across, up = zip(*figures.roc(risk, bad, 1000), strict=True)
    assert np.trapezoid(up, across) == pytest.approx(figures.auc(risk, bad), abs=1e-12)


@given(samples(fewest=2))
def test_the_interval_is_that_of_the_quadratic_formula(sample: tuple[Floats, Bools]) -> None:
    risk, bad = sample
    each = pairs(risk, bad)
    variance = each.mean(axis=1).var(ddof=1) / bad.sum() + each.mean(axis=0).var(ddof=1) / (~bad).sum()
    found = figures.auc_interval(risk, bad, 0.9)
    assert found is not None
    if found.low is None or found.high is None:
        assert variance == pytest.approx(0, abs=1e-12) or found.value in (0.0, 1.0)
        return
    middle = np.log(found.value / (1 - found.value))
    half = stats.norm.ppf(0.95) * sqrt(variance) / (found.value * (1 - found.value))
    assert (found.low, found.high) == pytest.approx(
        (1 / (1 + np.exp(half - middle)), 1 / (1 + np.exp(-half - middle))), abs=1e-9
    )
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(samples(scores=2, fewest=2))
def test_the_difference_is_that_of_the_quadratic_formula(sample: tuple[Floats, Floats, Bools]) -> None:
    one, other, bad = sample
    each = pairs(one, bad) - pairs(other, bad)
    variance = each.mean(axis=1).var(ddof=1) / bad.sum() + each.mean(axis=0).var(ddof=1) / (~bad).sum()
    found = figures.auc_difference(one, other, bad, 0.95)
    back = figures.auc_difference(other, one, bad, 0.95)
    assert found is not None
    assert back is not None
    assert found.value == pytest.approx(each.mean(), abs=1e-12)
    assert back.value == pytest.approx(-found.value, abs=1e-12)
    if found.p is None or found.p == 1.0:
        assert variance == pytest.approx(0, abs=1e-12) or found.value == 0
        return
    assert found.p == pytest.approx(2 * stats.norm.sf(abs(found.value) / sqrt(variance)), abs=1e-9)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    draw = np.random.default_rng(20)
    truth = stats.norm.cdf(1 / sqrt(2))
    held, beyond = 0, 0
    for _ in range(400):
        bad = np.arange(300) < 60
        shared = draw.normal(size=300) + bad
        found = figures.auc_interval(shared, bad, 0.9)
        assert found is not None
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high
        # Two scores that are as good as each other: at 10 % a tenth of differences is beyond chance.
        apart = figures.auc_difference(shared + draw.normal(size=300), shared + draw.normal(size=300), bad, 0.9)
        assert apart is not None
        assert apart.p is not None
        beyond += apart.p < 0.1
    assert 0.86 <= held / 400 <= 0.94
    assert 0.06 <= beyond / 400 <= 0.14


def test_the_variance_is_what_drawing_again_gives() -> None:
    draw = np.random.default_rng(5)
    bad = np.arange(400) < 80
    risk = np.round(draw.normal(size=400) + bad, 1)
    found = figures.auc_interval(risk, bad, 0.95)
    assert found is not None
    assert found.low is not None
    assert found.high is not None
    again = []
    for _ in range(600):
        at = np.concatenate([draw.choice(np.flatnonzero(bad), 80), draw.choice(np.flatnonzero(~bad), 320)])
        again.append(figures.auc(risk[at], bad[at]))
    width = (found.high - found.low) / (2 * 1.96)
    assert width == pytest.approx(np.std(np.array(again, float)), rel=0.1)


@given(st.integers(1, 400), st.data())
def test_a_tail_is_what_scipy_and_statsmodels_say(n: int, data: st.DataObject) -> None:
    bad = data.draw(st.integers(0, n))
    pd = data.draw(st.floats(1e-6, 1 - 1e-6))
    assert figures.binomial(n, bad, pd) == pytest.approx(stats.binom.sf(bad - 1, n, pd), rel=1e-9, abs=1e-300)
    assert figures.binomial(n, bad, pd) == pytest.approx(float(binom_test(bad, n, pd, "larger")), rel=1e-9, abs=1e-300)
    low, high = proportion_confint(bad, n, 0.1, "wilson")
    found = figures.wilson(bad, n, 0.9)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)


@given(st.floats(0, 500), st.integers(1, 40))
def test_a_chi_squared_tail_is_what_scipy_says(value: float, degrees: int) -> None:
    assert tails.chi_squared_tail(value, degrees) == pytest.approx(stats.chi2.sf(value, degrees), rel=1e-9, abs=1e-300)


@given(st.integers(1, 200), st.data())
def test_a_light_is_never_milder_with_more_defaults(n: int, data: st.DataObject) -> None:
    pd = data.draw(st.floats(0.001, 0.999))
    order = ["green", "yellow", "red"]
    lights = [order.index(figures.traffic(n, bad, pd, 0.95, 0.999)) for bad in range(n + 1)]
    assert lights == sorted(lights)
    for bad, light in enumerate(lights):
        level = 1 - stats.binom.sf(bad - 1, n, pd)
        assume(abs(level - 0.95) > 1e-9 and abs(level - 0.999) > 1e-9)
        assert light == int(level >= 0.95) + int(level >= 0.999)


likely = st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.5]) | st.floats(0.001, 0.999)


@given(st.lists(st.tuples(likely, st.booleans()), min_size=1, max_size=60), st.integers(2, 12))
def test_hosmer_and_lemeshow_is_a_plain_loop_over_groups(rows: list[tuple[float, bool]], groups: int) -> None:
    pd, bad = np.array([one for one, _ in rows]), np.array([other for _, other in rows])
    found = figures.hosmer_lemeshow(pd, bad, groups, trained=False)
    assert found is not None
    put: dict[int, list[tuple[float, bool]]] = {}
    ordered = sorted(one for one, _ in rows)
    for one, other in rows:
        first, count = ordered.index(one), ordered.count(one)
        put.setdefault(groups * (2 * first + count) // (2 * len(rows)), []).append((one, other))
    chi2 = 0.0
    for group in put.values():
        expected, seen = sum(one for one, _ in group), sum(other for _, other in group)
        chi2 += (seen - expected) ** 2 / (expected * (1 - expected / len(group)))
    assert found.chi2 == pytest.approx(chi2, rel=1e-9)
    assert (found.df, found.merged) == (len(put), groups - len(put))
    assert [(row.n, row.bad) for row in found.rows] == [
        (len(put[at]), sum(other for _, other in put[at])) for at in sorted(put)
    ]
    assert found.p == pytest.approx(stats.chi2.sf(chi2, len(put)), rel=1e-9)
    assert figures.brier(pd, bad) == pytest.approx(brier_score_loss(bad, pd, pos_label=True))


def test_its_p_is_even_where_the_model_is_right() -> None:
    draw = np.random.default_rng(8)
    chances = []
    for _ in range(300):
        pd = draw.uniform(0.02, 0.4, 1000)
        found = figures.hosmer_lemeshow(pd, draw.random(1000) < pd, 10, trained=False)
        assert found is not None
        chances.append(found.p)
    assert stats.kstest(chances, "uniform").pvalue > 0.01


bins = st.lists(st.tuples(st.integers(1, 1000), st.integers(1, 1000)), min_size=1, max_size=12)


@given(bins)
def test_an_index_is_not_below_nought_and_the_same_both_ways(counts: list[tuple[int, int]]) -> None:
    one, other = zip(*counts, strict=True)
    found = stability.psi(one, other, FLOOR)
    assert found is not None
    assert found >= 0
    assert stability.psi(other, one, FLOOR) == pytest.approx(found, rel=1e-9, abs=1e-12)
    alike = np.allclose(np.array(one) / sum(one), np.array(other) / sum(other), rtol=1e-12)
    assert (found < 1e-15) == alike
    assert sum(row.adds for row in stability.shifted(one, other, FLOOR, range(1, len(one)))) == pytest.approx(found)


@given(samples(), st.integers(1, 15))
def test_gains_rise_to_the_whole_and_fall_off(sample: tuple[Floats, Bools], groups: int) -> None:
    risk, bad = sample
    rows = figures.gains(risk, bad, groups)
    captured = [row.captured for row in rows]
    assert captured == sorted(captured)
    assert captured[-1] == pytest.approx(1)
    # Under the curve lies the area: with a point for each row they are one another's.
    whole = figures.gains(risk, bad, len(bad))
    under = np.trapezoid([0.0, *(row.captured for row in whole)], [0.0, *(row.population for row in whole)])
    area = figures.auc(risk, bad)
    assert area is not None
    assert under == pytest.approx(area * (1 - bad.mean()) + bad.mean() / 2, abs=1e-9)
