"""Early warning: how signals are judged by what came after, and when thresholds may be advised from them."""

from __future__ import annotations

from dataclasses import dataclass

from daihou.policies.dated import Dated, dated


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """The house's choices; shares are fractions."""

    episode_days: int
    """So many days from an episode's first signal, further signals of the rule on the subject belong to it."""
    fewest_defaults: int
    """With fewer defaults nothing is advised and no ratio is told, for a book or for a segment of it."""
    fewest_of_half: int
    """With fewer right episodes in either half of the time nothing is said about whether the two differ."""
    most_candidates: int
    """Thresholds tried at most, besides those that live rules have."""
    most_segments: int
    """Segments told apart at most."""
    repetitions: int
    """Books drawn anew for the intervals."""
    confidence: float
    """Of the intervals."""
    alert_budget: float
    """Alerts per 1,000 subjects a month that a threshold may cost, unless asked otherwise."""
    amber_capture: float
    """The share of defaults that an amber threshold is to catch."""
    red_precision: float
    """The share of its episodes in which a red threshold is to be right."""

    def __post_init__(self) -> None:
        """Check that counts are counts and shares lie between 0 and 1."""
        counts = (self.episode_days, self.fewest_defaults, self.fewest_of_half, self.most_segments)
        if any(not isinstance(count, int) or count < 1 for count in counts):
            raise ValueError(
                "episode_days, fewest_defaults, fewest_of_half and most_segments must be whole numbers from 1"
            )
        if not (isinstance(self.most_candidates, int) and 2 <= self.most_candidates <= 60):
            raise ValueError("most_candidates must be from 2 to 60")
        if not (isinstance(self.repetitions, int) and 100 <= self.repetitions <= 10_000):
            raise ValueError("repetitions must be from 100 to 10,000")
        if not all(0 < share < 1 for share in (self.confidence, self.amber_capture, self.red_precision)):
            raise ValueError("confidence, amber_capture and red_precision must lie between 0 and 1")
        if self.alert_budget <= 0:
            raise ValueError("alert_budget must be above 0")


def early_warning(text: str, place: str) -> Dated[EarlyWarning]:
    """The policy from its file."""
    return dated("early_warning", EarlyWarning, text, place)
