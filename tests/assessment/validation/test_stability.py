"""Stability indices: the worked cases, wrong answers that are published, empty bins."""

from __future__ import annotations

import numpy as np
import pytest

from daihou.assessment.validation import stability
from daihou.assessment.validation.said import Said

FLOOR = 0.0001


def test_the_index_is_the_worked_cases_a6_03_and_a6_04() -> None:
    assert stability.psi((0.4, 0.4, 0.2), (0.35, 0.4, 0.25), FLOOR) == pytest.approx(0.017834, abs=1e-6)
    assert stability.psi((0.3, 0.7), (0.7, 0.3), FLOOR) == pytest.approx(0.677838, abs=1e-6)


def test_it_is_not_what_graduateml_prints_for_them() -> None:
    # C-1: its solution of the same two problems prints figures that its own formula does not give.
    first = stability.psi((0.4, 0.4, 0.2), (0.35, 0.4, 0.25), FLOOR)
    second = stability.psi((0.3, 0.7), (0.7, 0.3), FLOOR)
    assert first != pytest.approx(0.00641, abs=1e-3)
    assert second != pytest.approx(0.56212, abs=1e-3)


def test_counts_say_the_same_as_shares() -> None:
    assert stability.psi([40, 40, 20], [350, 400, 250], FLOOR) == pytest.approx(0.017834, abs=1e-6)


def test_an_empty_bin_counts_as_the_floor() -> None:
    expected = (0.5 - 0.0001) * np.log(0.5 / 0.0001) + (1.0 - 0.5) * np.log(1.0 / 0.5)
    assert stability.psi([5, 5], [0, 7], FLOOR) == pytest.approx(expected)
    with pytest.raises(ValueError, match="floor"):
        stability.psi([5, 5], [0, 7], 0.0)


def test_without_anybody_there_is_no_index() -> None:
    assert stability.psi([0, 0], [1, 2], FLOOR) is None
    assert stability.psi([], [], FLOOR) is None
    assert stability.shifted([1, 2], [0, 0], FLOOR, [5.0]) == ()
    assert stability.csi("x", [1, 2], [0, 0], FLOOR, (0.1, 0.25)) is None
    for wrong in ([1.0, -1.0], [1.0, float("nan")], [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match=r"count|bins"):
            stability.psi([1, 2], wrong, FLOOR)


def test_colours_turn_at_their_limits() -> None:
    assert [stability.colour(value, 0.1, 0.25) for value in (0.0999, 0.1, 0.2499, 0.25)] == [
        "green",
        "yellow",
        "yellow",
        "red",
    ]


def test_what_the_bins_add_is_the_index() -> None:
    bins = stability.shifted([40, 40, 20], [35, 40, 25], FLOOR, [550.0, 600.0])
    assert [(one.low, one.high) for one in bins] == [(None, 550.0), (550.0, 600.0), (600.0, None)]
    assert sum(one.adds for one in bins) == pytest.approx(0.017834, abs=1e-6)
    assert (bins[0].expected, bins[0].actual) == (0.4, 0.35)
    found = stability.csi("x", [40, 40, 20], [35, 40, 25], FLOOR, (0.01, 0.25), Said("X", "甲"))
    assert found is not None
    assert (found.key, found.name.zh, found.light) == ("x", "甲", "yellow")


def test_bands_of_a_score_are_even_and_hold_every_score() -> None:
    score = np.arange(1000)
    cuts = stability.edges(score, 10)
    assert list(cuts) == list(range(100, 1000, 100))
    assert stability.banded(score, cuts).tolist() == [100] * 10
    assert stability.banded(np.array([-5, 99, 100, 2000]), cuts).tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert not stability.edges(np.full(50, 600), 10)
    assert stability.banded(np.array([1, 2]), ()).tolist() == [2]
    assert not stability.edges(np.array([]), 10)


def test_chance_alone_makes_an_index_among_few() -> None:
    draw = np.random.default_rng(11)
    shares = np.full(10, 0.1)
    found = []
    for _ in range(400):
        expected, actual = draw.multinomial(400, shares), draw.multinomial(200, shares)
        value = stability.psi(expected, actual, FLOOR)
        assert value is not None
        found.append(stability.chance(value, expected, actual) < 0.05)
    assert 0.02 < np.mean(found) < 0.09
    assert stability.chance(0.3, [50, 50], [5000, 9000]) < 0.001
    assert stability.chance(0.0, [10], [20]) == 1.0
