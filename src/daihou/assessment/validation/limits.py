"""The limits that a validation judges by: those of the policy `scores`, kept with its figures."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daihou.policies.scores import Scores


@dataclass(frozen=True, slots=True)
class Limits:
    """Levels, shares and counts, each named as in the policy."""

    green: float
    """The level of significance below which a traffic light is green."""
    red: float
    """That from which it is red."""
    psi_amber: float
    psi_red: float
    floor: float
    """The share that an empty bin counts as in a stability index."""
    hl_groups: int
    confidence: float
    """Of every interval."""
    fewest_bad: int
    """With fewer bad, or fewer good, nothing is told of how well a score parts them."""
    auc_fall: float
    """A fall of the area under the curve from training that is a finding."""


def limits_of(policy: Scores) -> Limits:
    """Those of a version of the policy."""
    return Limits(**{field.name: getattr(policy, field.name) for field in fields(Limits)})
