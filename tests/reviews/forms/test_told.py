"""What answers say: ratings, findings at their worst level, points of those that could be had."""

from __future__ import annotations

from typing import Any

import pytest

from daihou.reviews.forms.told import told
from reviews.forms.shop import ANSWERS, PREVIOUS, shop

FORM = shop()


def found(answers: dict[str, Any], previous: dict[str, Any] = PREVIOUS) -> list[tuple[str, str]]:
    return [(one.code, one.level) for one in told(FORM, answers, previous).findings]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [("turnover_fell", "orange")]),
        ({"turnover": 7_000_000}, [("turnover_fell", "red")]),
        ({"turnover": 18_000_000}, []),
        ({"open": "closed"}, [("business_stopped", "red")]),
        ({"open": "closed", "willingness": 2}, [("business_stopped", "red"), ("willingness_low", "orange")]),
        ({"willingness": "2"}, [("turnover_fell", "orange")]),
    ],
    ids=str,
)
def test_a_changed_answer_is_a_finding(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(ANSWERS | change) == expected


@pytest.mark.parametrize(
    ("answers", "points", "possible", "band"),
    [
        ({"open": "half", "willingness": 4}, 14, 20, "good"),
        ({"open": "half", "willingness": 3}, 9, 20, "bad"),
        ({"open": "closed", "willingness": 1}, 0, 20, "bad"),
        ({"willingness": 4}, 10, 10, "good"),
        ({"open": "half"}, 4, 10, "bad"),
        ({"open": "shut"}, 0, 0, None),
        ({}, 0, 0, None),
    ],
)
def test_points_are_a_share_of_what_the_answered_questions_could_bring(
    answers: dict[str, Any], points: int, possible: int, band: str | None
) -> None:
    said = told(FORM, answers, {})
    assert (said.points, said.possible) == (points, possible)
    assert said.share == (points / possible if possible else None)
    assert (said.band.code if said.band else None) == band


def test_a_band_begins_at_its_share() -> None:
    exactly = shop(("points: 4", "points: 2"))  # 2 + 10 of 20 is 60 %
    band = told(exactly, {"open": "half", "willingness": 5}, {}).band
    assert band is not None
    assert band.suggestion.zh == "维持。"


def test_a_rating_is_told_where_it_was_answered() -> None:
    assert told(FORM, ANSWERS, PREVIOUS).ratings == {"willingness": 4}
    assert told(FORM, {}, {}).ratings == {}
