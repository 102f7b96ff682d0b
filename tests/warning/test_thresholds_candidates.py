"""Which thresholds are tried: every value where there are few, round numbers along the bad tail where there are many, and those of live rules."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from daihou.book.errors import DaihouError
from daihou.policies.early_warning import early_warning
from daihou.warning.candidates import Threshold, candidates

if TYPE_CHECKING:
    from daihou.warning.candidates import Values, Worse


def rules(values: Values, worse: Worse, unit: str, most: int = 20, present: tuple[Threshold, ...] = ()) -> list[str]:
    return [one.rule("m", worse, unit) for one in candidates(values, worse, unit, most, present)]


def test_few_values_are_all_tried_but_the_one_that_all_are_beyond() -> None:
    assert rules(np.array([2.0, 0, 1, 1, 0, math.nan, math.inf]), "high", "count") == ["m >= 1", "m >= 2"]
    assert rules(np.array([2.0, 0, 1, 1, 0]), "low", "count") == ["m <= 1", "m <= 0"]


def test_few_values_that_are_not_whole_are_told_apart_by_round_numbers() -> None:
    thirds = np.array([0, 1 / 3, 2 / 3, 1, 1])
    assert [one.value for one in candidates(thirds, "high", "share", 20)] == [0.2, 0.5, 1]
    assert [one.value for one in candidates(thirds, "low", "share", 20)] == [0.8, 0.5, 0]


def test_one_value_or_none_leaves_nothing_to_try_but_what_rules_ask() -> None:
    assert rules(np.zeros(9), "high", "days") == rules(np.full(3, math.nan), "high", "days") == []
    assert rules(np.zeros(9), "high", "days", present=(Threshold(30.0),)) == ["m >= 30"]


def test_many_values_are_cut_at_round_numbers_of_their_unit() -> None:
    generator = np.random.default_rng(1)
    late = np.where(generator.random(100_000) < 0.1, generator.exponential(40, 100_000).round(), 0)
    days = candidates(late, "high", "days", 20)
    assert days[0] == Threshold(1.0)  # most have no arrears: all that have come first
    assert {30.0, 60.0, 90.0, 120.0} <= {one.value for one in days}
    assert len(days) <= 20
    shares = rules(generator.normal(0, 0.3, 100_000), "low", "share")
    assert {"m <= -10%", "m <= -50%"} <= set(shares)
    assert shares[0] == "m <= 0%"
    amounts = [one.value for one in candidates(np.exp(generator.normal(9, 1, 100_000)).round(2), "high", "amount", 12)]
    assert amounts == sorted(amounts)
    assert all(amount % 1000 == 0 for amount in amounts)


@pytest.mark.parametrize("most", [2, 5, 20])
def test_no_more_are_tried_than_asked_for(most: int) -> None:
    values = np.random.default_rng(2).random(10_000)
    assert 1 <= len(candidates(values, "high", "number", most)) <= most


def test_thresholds_go_from_the_loosest_to_the_strictest_and_equal_ones_stand_once() -> None:
    present = (Threshold(1.0, strict=True), Threshold(2.0), Threshold(2.0))
    assert rules(np.array([0.0, 1, 2]), "high", "days", present=present) == ["m >= 1", "m > 1", "m >= 2"]
    assert rules(np.array([0.0, 1, 2]), "low", "days", present=(Threshold(1.0, strict=True),)) == [
        "m <= 1",
        "m < 1",
        "m <= 0",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [(0.45, "share", "45%"), (-0.125, "share", "-12.5%"), (0.0435, "rate", "4.35%"), (1e6, "amount", "1000000"), (90.0, "days", "90"),
     (0.0, "share", "0%"), (-0.0, "days", "0"), (1234.56, "amount", "1234.56")],
)  # fmt: skip
def test_a_threshold_is_written_as_rules_are(value: float, unit: str, said: str) -> None:
    assert Threshold(value).said(unit) == said


VALUES = {
    "episode_days": "180", "fewest_defaults": "30", "fewest_of_half": "10", "most_candidates": "20", "most_segments": "60",
    "repetitions": "200", "confidence": "0.95", "alert_budget": "10", "amber_capture": "0.6", "red_precision": "0.5",
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "stated"),
    [("episode_days", "0"), ("fewest_defaults", "2.5"), ("most_candidates", "1"), ("repetitions", "10"), ("confidence", "1"),
     ("amber_capture", "60"), ("alert_budget", "0")],
)  # fmt: skip
def test_a_policy_that_makes_no_sense_is_refused_with_the_key(key: str, stated: str) -> None:
    def file(values: dict[str, str]) -> str:
        listed = "".join(f"      {name}: {value}\n" for name, value in values.items())
        return f"policy: early_warning\nversions:\n  - from: 1900-01-01\n    owner: Head of risk\n    values:\n{listed}"

    assert early_warning(file(VALUES), "early_warning.yaml").versions[0].values.episode_days == 180
    with pytest.raises(DaihouError, match=key):
        early_warning(file(VALUES | {key: stated}), "early_warning.yaml")
