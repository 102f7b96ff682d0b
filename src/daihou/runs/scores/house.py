"""The policy `scores` of a home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daihou.policies.scores import Scores, scores
from daihou.runs.policies import text_of

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.policies.dated import Dated


def policy(home: Home) -> Dated[Scores]:
    """Its versions: those shipped, or those of the home's own file."""
    return scores(*text_of(home, "policies/common", "scores"))
