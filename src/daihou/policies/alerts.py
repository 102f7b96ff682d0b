"""Alerts: until when each stage is to be done, who confirms and lifts, when the clock chases and escalates, how live precision is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

from daihou.policies.dated import Dated, dated

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: Final = ("red", "orange", "yellow", "blue")
STAGES: Final = ("check", "confirm", "plan", "act", "follow", "lift")
"""Those that have a deadline."""
Authority = Literal["anyone", "branch", "head_office"]
"""Who confirms a colour: whoever checked it, by themselves; another person who may confirm for the part of the lender; one who may for the whole lender."""
AUTHORITIES: Final[tuple[Authority, ...]] = get_args(Authority)
TaskKind = Literal["freeze_limit", "regrade", "special_inspection", "stage_review"]
TASKS: Final[tuple[TaskKind, ...]] = get_args(TaskKind)
NEVER_SNOOZED: Final = "red"


@dataclass(frozen=True, slots=True)
class Alerts:
    """The house's choices; days are work days unless named otherwise, shares are fractions."""

    due_hour: int
    """The hour of the local day by which something is to be done."""
    stage_work_days: Mapping[str, Mapping[str, int]]
    """By stage and level, from the day on which the stage begins; the check of an alert by the rule's own number where that is sooner."""
    confirmed_by: Mapping[str, Authority]
    lift_people: Mapping[str, int]
    """Different people who must stand behind a lifting, the one who proposes it among them."""
    snooze_most_days: Mapping[str, int]
    """Calendar days an alert may rest at most; red never rests."""
    chase_after_work_days: Mapping[str, int]
    """After the deadline has passed by so many, the clock chases the owner 督办."""
    escalate_after_work_days: Mapping[str, int]
    """After so many, it goes up one org; from there again after as many, until it is at the top."""
    most_open_each: int
    """Open alerts one person is given by round robin at most."""
    suggests: Mapping[str, tuple[TaskKind, ...]]
    """Tasks that a level suggests, to be begun by one act."""
    task_work_days: Mapping[TaskKind, int]
    precision_days: int
    """Calendar days of conclusions that live precision is told of."""
    precision_fewest: int
    """With fewer conclusions nothing is said of a rule."""
    precision_tolerance: float
    """A rule has decayed where the upper end of its interval lies below the promise of its backtest by more than this share."""
    confidence: float
    similar_months: int
    """How far back past alerts of a rule are told beside a new one."""
    aftermath_days: int
    """Within so many days after an alert was raised, a default counts as what it warned of."""
    aftermath_dpd: int
    """More days past due than these are a default there."""

    def __post_init__(self) -> None:
        """Check that every level, stage and task is there and every number in its bounds."""
        if not (isinstance(self.due_hour, int) and 0 <= self.due_hour <= 23):
            raise ValueError("due_hour must be an hour from 0 to 23")
        _keys("stage_work_days", self.stage_work_days, STAGES)
        for stage, days in self.stage_work_days.items():
            _counts(f"stage_work_days, {stage}", days, LEVELS, 1)
        _keys("confirmed_by", self.confirmed_by, LEVELS)
        if unknown := [str(one) for one in self.confirmed_by.values() if one not in AUTHORITIES]:
            raise ValueError(f"confirmed_by must be one of {', '.join(AUTHORITIES)}, not {unknown[0]}")
        _counts("lift_people", self.lift_people, LEVELS, 2)
        _counts("snooze_most_days", self.snooze_most_days, [each for each in LEVELS if each != NEVER_SNOOZED], 1)
        _counts("chase_after_work_days", self.chase_after_work_days, LEVELS, 0)
        _counts("escalate_after_work_days", self.escalate_after_work_days, LEVELS, 1)
        _keys("suggests", self.suggests, LEVELS)
        if unknown := [str(one) for each in self.suggests.values() for one in each if one not in TASKS]:
            raise ValueError(f"suggests may name {', '.join(TASKS)}, not {unknown[0]}")
        _counts("task_work_days", self.task_work_days, TASKS, 1)
        names = (
            "most_open_each",
            "precision_days",
            "precision_fewest",
            "similar_months",
            "aftermath_days",
            "aftermath_dpd",
        )
        if any(not isinstance(count := getattr(self, name), int) or count < 1 for name in names):
            raise ValueError(f"{', '.join(names)} must be whole numbers from 1")
        if not 0 <= self.precision_tolerance < 1 or not 0 < self.confidence < 1:
            raise ValueError("precision_tolerance and confidence must lie between 0 and 1")


def _keys(name: str, stated: object, needed: tuple[str, ...] | list[str]) -> None:
    if not isinstance(stated, dict) or set(stated) != set(needed):
        raise ValueError(f"{name} must have {', '.join(needed)}, each once and no other")


def _counts(name: str, stated: object, needed: tuple[str, ...] | list[str], least: int) -> None:
    _keys(name, stated, needed)
    assert isinstance(stated, dict)  # noqa: S101 - the line before has seen to it
    if any(not isinstance(count, int) or isinstance(count, bool) or count < least for count in stated.values()):
        raise ValueError(f"{name} must be whole numbers from {least}")


def alerts(text: str, place: str) -> Dated[Alerts]:
    """The policy from its file."""
    return dated("alerts", Alerts, text, place)
