"""A scorecard: points for the bin of each characteristic, which add up with the base points to the score, on paper as in a run."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from daihou.assessment.scores import bins as bins_of
from daihou.assessment.scores import evidence as evidence_of
from daihou.assessment.scores import inputs as inputs_of
from daihou.assessment.scores.scale import Scale

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.assessment.scores.bins import Bins
    from daihou.assessment.scores.evidence import Evidence
    from daihou.assessment.scores.inputs import Columns, Input


@dataclass(frozen=True)
class Characteristic:
    """One line of a card."""

    input: Input
    bins: Bins
    evidence: Evidence
    coefficient: float
    """Of its weight of evidence in the regression of ln(good : bad): above 0."""
    error: float
    """The standard error of the coefficient."""
    points: tuple[int, ...]
    """For each bin, those of special values, other codes and nothing known last."""
    scores_missing: bool
    """Whether training saw enough without a value to give them points; else they are not scored."""

    @property
    def scored(self) -> tuple[int, ...]:
        """The points that somebody can have: without those of nothing known where that is not scored."""
        return self.points if self.scores_missing else self.points[: self.bins.missing]

    @property
    def best(self) -> int:
        """The most points that it gives, among bins in which training saw somebody."""
        seen = self.evidence.good + self.evidence.bad
        return max(point for point, n in zip(self.scored, seen, strict=False) if n)

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {
            "input": self.input.as_dict(), "bins": self.bins.as_dict(), "evidence": self.evidence.as_dict(), "coefficient": self.coefficient,
            "error": self.error, "points": list(self.points), "scores_missing": self.scores_missing,
        }  # fmt: skip


@dataclass(frozen=True)
class Card:
    """Base points and characteristics, the strongest first."""

    scale: Scale
    intercept: float
    characteristics: tuple[Characteristic, ...]

    @cached_property
    def base(self) -> int:
        """The points that everybody has."""
        return round(float(self.scale.score(self.intercept)))

    @property
    def inputs(self) -> tuple[Input, ...]:
        """What it asks, in the order of its lines."""
        return tuple(line.input for line in self.characteristics)

    @property
    def bins(self) -> tuple[Bins, ...]:
        """The bins of its inputs."""
        return tuple(line.bins for line in self.characteristics)

    @property
    def missing_scored(self) -> tuple[bool, ...]:
        """For each input whether somebody without a value has a score."""
        return tuple(line.scores_missing for line in self.characteristics)

    @property
    def least(self) -> int:
        """The lowest score there can be."""
        return self.base + sum(min(line.scored) for line in self.characteristics)

    @property
    def most(self) -> int:
        """The highest."""
        return self.base + sum(max(line.scored) for line in self.characteristics)

    def scores(self, columns: Columns) -> npt.NDArray[np.int32]:
        """The score of each subject, also where something that must be known is not."""
        found: npt.NDArray[np.int32] | None = None
        for line in self.characteristics:
            points = np.asarray(line.points, np.int32)[line.bins.place(columns[line.input.name])]
            found = points + self.base if found is None else found + points
        if found is None:
            raise ValueError("a card has one characteristic at least")
        return found

    def lost(self, columns: Columns) -> npt.NDArray[np.float64]:
        """Points that each subject has less than the best bin would give, [subject, characteristic]."""
        return np.column_stack(
            [line.best - np.asarray(line.points, np.float64)[line.bins.place(columns[line.input.name])] for line in self.characteristics]
        )  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Plain values; `from_dict` of them gives the same."""
        return {
            "scale": self.scale.as_dict(), "intercept": self.intercept, "base": self.base,
            "characteristics": [line.as_dict() for line in self.characteristics],
        }  # fmt: skip


def from_dict(stated: dict[str, Any]) -> Card:
    """The card that `as_dict` wrote."""
    lines = tuple(
        Characteristic(
            inputs_of.from_dict(line["input"]), bins_of.from_dict(line["bins"]), evidence_of.from_dict(line["evidence"]), line["coefficient"],
            line["error"], tuple(line["points"]), line["scores_missing"],
        )
        for line in stated["characteristics"]
    )  # fmt: skip
    return Card(Scale(**stated["scale"]), stated["intercept"], lines)


def points_of(scale: Scale, coefficient: float, woe: npt.NDArray[np.float64]) -> tuple[int, ...]:
    """Whole points for each bin."""
    return tuple(int(point) for point in np.rint(scale.factor * coefficient * woe))
