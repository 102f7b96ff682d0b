"""Scores: the scale, what a characteristic must bring to stand on a card, and where a model's figures give reason to look or to act."""

from __future__ import annotations

from dataclasses import dataclass

from daihou.policies.dated import Dated, dated


@dataclass(frozen=True, slots=True)
class Scores:
    """The house's choices; shares and correlations are fractions."""

    pdo: int
    """Points that double the odds of good to bad."""
    base_score: int
    base_odds: float
    """Good for each bad at `base_score`."""
    min_iv: float
    """Below it a characteristic says nothing."""
    suspicious_iv: float
    """Above it a characteristic says too much: it may know the outcome."""
    leak_auc: float
    """A characteristic that alone parts good and bad as well as this is refused until somebody has looked at it."""
    max_correlation: float
    """Of the weights of evidence of two characteristics; of a pair beyond it the weaker is left out."""
    max_shift: float
    """A characteristic whose stability index between training and out-of-time is beyond it is left out."""
    most_characteristics: int
    most_bins: int
    smallest_bin: float
    """The share of the training sample that a bin holds at least."""
    fewest_bad_in_bin: int
    bin_chance: float
    """Two bins side by side whose difference chance explains with a greater probability are one."""
    chance: float
    """A characteristic that chance explains with a greater probability, the many places where it could have been parted counted in, says nothing."""
    least_missing: int
    """So many without a value in training before missing has points of its own; with fewer who has none is not scored."""
    fewest_bad: int
    """With fewer bad, or fewer good, no model is trained and no figure is told."""
    fewest_of_segment: int
    """With fewer bad a segment is calibrated together with the others."""
    psi_amber: float
    psi_red: float
    floor: float
    """The share that an empty bin counts as in a stability index."""
    green: float
    """Probability up to which a traffic light is green."""
    red: float
    """Probability from which it is red."""
    hl_groups: int
    confidence: float
    auc_fall: float
    """A fall of the area under the curve that is told."""
    watch_cohorts: int
    """So many of the last observation points whose window has ended are watched together."""
    holds_days: int
    """So long the score of a run stands for dates after it."""
    reasons: int
    """Reasons told at most."""
    least_multiplier: float
    most_multiplier: float
    """Bounds of what a view of the market may do to the odds of default."""

    def __post_init__(self) -> None:
        """Check that counts are counts, shares lie between 0 and 1, and bounds are in order."""
        counts = (
            self.pdo, self.base_score, self.most_characteristics, self.most_bins, self.least_missing, self.fewest_bad,
            self.fewest_bad_in_bin, self.fewest_of_segment, self.hl_groups, self.watch_cohorts, self.holds_days, self.reasons,
        )  # fmt: skip
        if any(isinstance(count, bool) or not isinstance(count, int) or count < 1 for count in counts):
            raise ValueError("counts, points and days must be whole numbers from 1")
        if self.most_bins < 2 or self.hl_groups < 3:
            raise ValueError("most_bins must be 2 at least and hl_groups 3")
        if not all(
            0 < share < 1
            for share in (
                self.bin_chance,
                self.chance,
                self.leak_auc,
                self.max_correlation,
                self.smallest_bin,
                self.floor,
                self.green,
                self.red,
                self.confidence,
            )
        ):
            raise ValueError(
                "bin_chance, chance, leak_auc, max_correlation, smallest_bin, floor, green, red and confidence must lie between 0 and 1"
            )
        for low, high in (
            (self.min_iv, self.suspicious_iv), (self.psi_amber, self.psi_red), (self.green, self.red), (self.least_multiplier, self.most_multiplier),
        ):  # fmt: skip
            if not 0 <= low < high:
                raise ValueError("of two limits the lower must come first, and none may be below 0")
        if self.base_odds <= 0 or self.auc_fall <= 0 or self.max_shift <= 0:
            raise ValueError("base_odds, auc_fall and max_shift must be above 0")


def scores(text: str, place: str) -> Dated[Scores]:
    """The policy from its file."""
    return dated("scores", Scores, text, place)
