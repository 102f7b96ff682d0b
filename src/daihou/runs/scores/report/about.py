"""What a validation report says of the model itself: plain texts that whoever keeps the model gives it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daihou.assessment.validation.said import Said


@dataclass(frozen=True, slots=True)
class Count:
    """How many observations, of what: a reason of exclusion, say."""

    what: Said
    n: int


@dataclass(frozen=True, slots=True)
class About:
    """A model, its design and its sample. An empty text, None or an empty tuple is left out of the report."""

    model: str
    """Its id."""
    version: str
    """Its number."""
    name: Said
    kind: Said
    """Scorecard, boosted trees."""
    made_on: str
    """The date of the report, in ISO."""
    lender: str = ""
    purpose: Said | None = None
    design: str = ""
    """The id and digest of the design."""
    subject: Said | None = None
    population: str = ""
    """Whom it is for, as the design states it."""
    outcome: str = ""
    """What counts as bad, as the design states it."""
    window: Said | None = None
    """The performance window in words."""
    observed: str = ""
    """From the first to the last observation point."""
    later_from: str = ""
    """Out of time from here on."""
    segment: str = ""
    calibration: Said | None = None
    seed: str = ""
    fingerprint: str = ""
    """Of the data: names exactly the files that the sample was taken from."""
    code_version: str = ""
    trained_by: str = ""
    """A user's name in the desk; never a borrower's."""
    champion: str = ""
    """What the champion is called: BEHAVIOUR v2."""
    policy: str = ""
    """Where the limits come from: the policy, its date, its owner."""
    exclusions: tuple[Count, ...] = ()
    """Observations that are in no part of the sample, by reason."""
