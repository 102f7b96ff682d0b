"""What a validation says: figures by part, month and segment, what shifted, how it stands against the champion, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

# validation_json reads the types of the fields
from daihou.assessment.validation.delong import Difference  # noqa: TC001
from daihou.assessment.validation.figures import Gain  # noqa: TC001
from daihou.assessment.validation.interval import Interval  # noqa: TC001
from daihou.assessment.validation.judged import Judged  # noqa: TC001
from daihou.assessment.validation.limits import Limits  # noqa: TC001
from daihou.assessment.validation.rows import Part  # noqa: TC001
from daihou.assessment.validation.said import Said  # noqa: TC001
from daihou.assessment.validation.stability import Bin, Csi, Light  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Sequence

Level = Literal["good", "attention", "serious"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a reader must know, in plain words. `code` says which kind, for programs."""

    level: Level
    en: str
    zh: str
    code: str

    def said(self, *, chinese: bool) -> str:
        """The words in one of the languages."""
        return self.zh if chinese else self.en


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from `low` to below `high`: how many good and bad rows have one."""

    low: int
    high: int
    good: int
    bad: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve of a part, or of `model` and `champion` on the rows that both score: shares of good and of bad that are at least so risky."""

    key: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Shift:
    """The stability index of the score against training, with its bands."""

    value: float
    light: Light
    p: float
    """The chance of so much by sampling alone, see `stability.chance`."""
    bins: tuple[Bin, ...]


@dataclass(frozen=True, slots=True)
class Against:
    """Model and champion on the rows that both score. The difference is the model's area less the champion's."""

    n: int
    bad: int
    only_model: int
    """Rows that the model alone scores."""
    only_champion: int
    why: Said | None
    """Why they cannot be compared."""
    auc: Interval | None
    champion_auc: Interval | None
    difference: Difference | None
    brier: float | None
    champion_brier: float | None
    curves: tuple[Curve, ...]


@dataclass(frozen=True, slots=True)
class Unscored:
    """Rows of a part that are not judged, for one reason: how many, how many of them bad."""

    part: Part
    key: str
    reason: Said
    n: int
    bad: int


@dataclass(frozen=True, slots=True)
class Validation:
    """All of it. Months, segments, gains, bands, shift and champion are of the part that judges: out of time, or else out of sample."""

    judged_on: Part | None
    """None where nothing but training was scored: then only `parts` and findings are there."""
    parts: tuple[Judged, ...]
    """Training, out of sample, out of time; always three."""
    months: tuple[Judged, ...]
    segments: tuple[Judged, ...]
    gains: tuple[Gain, ...]
    bands: tuple[Band, ...]
    curves: tuple[Curve, ...]
    shift: Shift | None
    characteristics: tuple[Csi, ...]
    """The most shifted first."""
    against: Against | None
    unscored: tuple[Unscored, ...]
    findings: tuple[Finding, ...]
    limits: Limits

    def part(self, key: Part) -> Judged:
        """The figures of a part."""
        return next(one for one in self.parts if one.key == key)

    @property
    def judging(self) -> Judged | None:
        """The figures of the part that judges."""
        return None if self.judged_on is None else self.part(self.judged_on)


def worst(findings: Sequence[Finding]) -> Level:
    """The gravest level among findings; good of none."""
    levels = {one.level for one in findings}
    return "serious" if "serious" in levels else "attention" if "attention" in levels else "good"
