"""Explanations of scores to customers: whether the score decides alone, whom to ask, and how soon they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from daihou.policies.dated import Dated, dated

LANGUAGES = ("en", "zh")


@dataclass(frozen=True, slots=True)
class ScoreExplanations:
    """What the house says beside the figures."""

    decides_alone: bool
    """Whether a decision may rest on the score alone."""
    reply_days: int
    """Calendar days within which a request is answered."""
    most_facts: int
    """Facts told at most."""
    office: Mapping[str, str]
    """Who takes requests, by language."""
    phone: str
    """Its number; empty where the office alone is named."""

    def __post_init__(self) -> None:
        """Check that days and facts are counts and the office is named in both languages."""
        counts = (self.reply_days, self.most_facts)
        if any(isinstance(count, bool) or not isinstance(count, int) or count < 1 for count in counts):
            raise ValueError("reply_days and most_facts must be whole numbers from 1")
        named = isinstance(self.office, Mapping) and set(self.office) == set(LANGUAGES)
        if not named or not all(isinstance(name, str) and name.strip() for name in self.office.values()):
            raise ValueError("office must be named in en and zh")
        if self.decides_alone not in (True, False) or str(self.phone) != self.phone:
            raise ValueError("decides_alone must be true or false, and phone a text")


def score_explanations(text: str, place: str) -> Dated[ScoreExplanations]:
    """The policy from its file."""
    return dated("score_explanations", ScoreExplanations, text, place)
