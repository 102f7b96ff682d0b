"""Models of a test's home trained, validated and approved in one call."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from daihou.runs.scores import steps
from daihou.runs.scores.train import registered, train
from daihou.runs.scores.validate import validate

if TYPE_CHECKING:
    from daihou.assessment.scores.model import Kind
    from daihou.runs.scores.register import Role, Version
    from scoring_home import Scoring


def quiet(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


def trained(scoring: Scoring, text: str, kind: Kind = "card", on: dt.date | None = None) -> Version:
    """A version, by Ann, on the day after the last run unless another is given."""
    day = on or scoring.ends[-3] + dt.timedelta(days=1)
    (found,) = train(scoring.home, text, "design", (kind,), day, quiet)
    return registered(scoring.home, found, "Ann", day, "", "command")


def approved(
    scoring: Scoring, text: str, kind: Kind = "card", role: Role = "champion", on: dt.date | None = None
) -> Version:
    """The same validated by Ann, and approved by Bob from that day on."""
    day = on or scoring.ends[-3] + dt.timedelta(days=1)
    version = trained(scoring, text, kind, day)
    validate(scoring.home, version.model_id, version.number, "Ann", day, "command", quiet)
    return steps.approve(scoring.home, version.model_id, version.number, role, day, "Bob", "", day, "command")
