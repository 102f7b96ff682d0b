"""Reasons: which inputs cost a subject most points, in words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest

from assessment.scores.drawn import columns, trained
from daihou.assessment.scores.inputs import Input
from daihou.assessment.scores.reasons import LEAST, reasons, told

if TYPE_CHECKING:
    from daihou.assessment.scores.inputs import Values
    from daihou.assessment.scores.model import Kind, Model


@cache
def model(kind: Kind) -> Model:
    return trained(kind)


def others(n: int = 300) -> dict[str, Values]:
    return columns(n, np.random.default_rng(79))


@pytest.mark.parametrize("kind", ["card", "trees"])
def test_the_heaviest_comes_first_and_what_costs_nothing_is_no_reason(kind: Kind) -> None:
    values = others()
    lost = model(kind).body.lost(values)
    for row, found in enumerate(reasons(model(kind), values, 2)):
        points = [reason.points for reason in found]
        assert points == sorted(points, reverse=True)
        assert all(point >= LEAST for point in points)
        assert len(found) == min(2, int((lost[row] >= LEAST).sum()))
        if found:
            assert found[0].points == pytest.approx(lost[row].max(), abs=0.05)


def test_long_arrears_are_the_first_reason_of_whoever_has_nothing_else_against_him() -> None:
    values: dict[str, Values] = {"arrears": np.array([89.0]), "income": np.array([50_000.0]), "age": np.array([40.0]), "area": pl.Series(["north"])}  # fmt: skip
    first = reasons(model("card"), values, 4)[0][0]
    assert first.name == "arrears"
    assert first.said(chinese=False) == "arrears: 89"
    assert first.said(chinese=True) == "arrears：89"


def test_the_best_there_can_be_has_no_reason() -> None:
    values: dict[str, Values] = {"arrears": np.array([0.0]), "income": np.array([90_000.0]), "age": np.array([40.0]), "area": pl.Series(["north"])}  # fmt: skip
    assert reasons(model("card"), values, 4) == [()]


def test_what_is_not_known_is_said_so() -> None:
    values = others(1)
    values["income"] = np.array([np.nan])
    found = {reason.name: reason for reason in reasons(model("card"), values, 4)[0]}
    if "income" in found:
        assert found["income"].said(chinese=False) == "income: not known"
        assert found["income"].said(chinese=True) == "income：缺失"
    assert told(model("card").inputs[0], np.array([np.nan]), 0, chinese=True) == "缺失"


@pytest.mark.parametrize(
    ("unit", "value", "en", "zh"),
    [
        ("days", 45.0, "45 days", "45 天"), ("share", 0.1234, "12.3%", "12.3%"), ("flag", 1.0, "yes", "是"), ("date", 12.0, "12 days ago", "12 天前"),
        ("months", 3.0, "3 months", "3 个月"), ("amount", 1234567.0, "1,234,567", "1,234,567"),
    ],
)  # fmt: skip
def test_values_are_said_in_their_unit(unit: str, value: float, en: str, zh: str) -> None:
    one = Input("x", "number", "up", "X", "甲", unit)
    assert told(one, np.array([value]), 0, chinese=False) == en
    assert told(one, np.array([value]), 0, chinese=True) == zh


def test_a_code_is_said_by_its_label() -> None:
    one = Input("x", "code", "any", "X", "甲", "code", (("used_car", "Used car", "二手车"),))
    assert told(one, pl.Series(["used_car", "other"]), 0, chinese=True) == "二手车"
    assert told(one, pl.Series(["used_car", "other"]), 1, chinese=False) == "other"
