"""Policies of the house that pages of models ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.desk import house
from daihou.policies.score_explanations import ScoreExplanations, score_explanations
from daihou.policies.scores import Scores, scores

if TYPE_CHECKING:
    import datetime as dt


def limits(day: dt.date) -> Scores:
    """The policy `scores` of a day."""
    found: Scores = house.dated("scores", scores).on(day).values
    return found


def explanations(day: dt.date) -> ScoreExplanations:
    """The policy `score_explanations` of a day."""
    found: ScoreExplanations = house.dated("score_explanations", score_explanations).on(day).values
    return found
