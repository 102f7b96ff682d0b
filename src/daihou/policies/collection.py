"""Collection: the ladder of stages, what makes a promise kept, whom to call first, who approves what is given up, until when a complaint is answered."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, Literal

from daihou.policies.dated import Dated, dated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BY_DAYS: Final = ("S", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")
BY_CYCLES: Final = BY_DAYS[1:]
LADDER: Final = ("pre_due", *BY_DAYS, "written_off")
"""All stages a case can stand at, in order."""
Estimate = Literal["none", "contract"]


@dataclass(frozen=True, slots=True)
class Promises:
    """When a promise is kept; shares are fractions of what was promised."""

    tolerance_share: float
    """What may be short of a part that is called kept."""
    late_days: int
    """Calendar days after its day in which a part is kept late, not broken."""
    partly_share: float
    """From how much on what came is called partly kept, not broken."""
    most_days: int
    """Calendar days ahead that a promise may be for."""
    most_parts: int
    judged_days: int
    """For so long after its last day a promise is judged anew, so that a reversal is seen."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        _shares(self.tolerance_share, self.partly_share)
        _whole(self.late_days, self.most_days, self.most_parts, self.judged_days)


@dataclass(frozen=True, slots=True)
class Lists:
    """How the lists of a day are made."""

    recovery_share: Mapping[str, float]
    """By stage: the share of the claim that a contact may be expected to bring within a month."""
    after_broken_promise: float
    """What that share is multiplied by for every broken promise, at most three times."""
    after_conversation: float
    """What it is multiplied by where somebody spoke to the debtor within `fresh_days`."""
    fresh_days: int
    out_of_touch_days: int
    """Without a conversation for so long, a case is told as out of touch."""
    minutes: Mapping[str, float]
    """By stage: how long a contact takes."""
    day_minutes: int
    """What a collector has a day."""
    most_rows: int
    """Rows of a list at most."""

    def __post_init__(self) -> None:
        """Check that every stage is there and every number in its bounds."""
        for name, stated in (("recovery_share", self.recovery_share), ("minutes", self.minutes)):
            if not isinstance(stated, dict) or set(stated) != set(LADDER):
                raise ValueError(f"{name} must have {', '.join(LADDER)}, each once and no other")
        _shares(*self.recovery_share.values(), self.after_broken_promise)
        if self.after_conversation <= 0 or any(minutes <= 0 for minutes in self.minutes.values()):
            raise ValueError("after_conversation and minutes must be above 0")
        _whole(self.fresh_days, self.out_of_touch_days, self.day_minutes, self.most_rows)


@dataclass(frozen=True, slots=True)
class Approvals:
    """Who approves an arrangement. Beyond what a branch may, it goes to who approves for the whole lender; amounts in units of the base currency."""

    branch_forgives_most: Decimal
    branch_longest_days: int
    longest_days: int
    """Longer than that nothing is agreed."""
    most_parts: int
    least_paid_share: float
    """Of what is owed that a settlement must bring at least."""

    def __post_init__(self) -> None:
        """Check the bounds."""
        object.__setattr__(self, "branch_forgives_most", Decimal(str(self.branch_forgives_most)))
        if self.branch_forgives_most < 0:
            raise ValueError("branch_forgives_most must be 0 or more")
        _shares(self.least_paid_share)
        _whole(self.branch_longest_days, self.longest_days, self.most_parts)


@dataclass(frozen=True, slots=True)
class Criterion:
    """What is looked at in a sampled contact. `grave`: missed once, the contact fails."""

    code: str
    en: str
    zh: str
    grave: bool = False


@dataclass(frozen=True, slots=True)
class Collection:
    """The house's choices."""

    days_before_due: int
    """From how many calendar days before the due date a loan may be reminded of; 0: not at all."""
    by_days: Mapping[str, int]
    """From how many days past due on a stage holds."""
    by_cycles: Mapping[str, int]
    """From how many unpaid due dates on, for the products named."""
    cycle_products: Sequence[str]
    penalty_estimate: Estimate
    """Whether penalty interest that the lender has not charged yet is shown beside the claim, by the contract's rate."""
    promises: Promises
    lists: Lists
    most_open_each: int
    """Open cases that a collector is given by turns at most; what is more waits in the queue."""
    put_off_most_days: int
    """How many calendar days ahead a case may be set aside, or a call be agreed."""
    approvals: Approvals
    complaint_work_days: int
    sample_share: float
    """Of the contacts of a day that are drawn for a look at their quality, of each collector one at least."""
    criteria: Sequence[Criterion]
    """Stated as mappings in the file."""
    agency_review_days: int
    """An agency not reviewed for so long is given no case."""
    keep_years: int
    """Records of contacts are kept for so long after the last."""

    def __post_init__(self) -> None:
        """Read the parts, check the ladders."""
        for name, kind in (("promises", Promises), ("lists", Lists), ("approvals", Approvals)):
            stated = getattr(self, name)
            if isinstance(stated, dict):
                object.__setattr__(self, name, kind(**stated))
        stated_criteria: Sequence[Any] = self.criteria
        read = tuple(each if isinstance(each, Criterion) else Criterion(**each) for each in stated_criteria)
        object.__setattr__(self, "criteria", read)
        for name, stages in (("by_days", BY_DAYS), ("by_cycles", BY_CYCLES)):
            stated = getattr(self, name)
            if not isinstance(stated, dict) or tuple(stated) != stages:
                raise ValueError(f"{name} must have {', '.join(stages)}, in this order and no other")
            starts = list(stated.values())
            if any(not isinstance(start, int) or isinstance(start, bool) for start in starts) or starts[0] != 1:
                raise ValueError(f"{name} must be whole numbers from 1")
            if starts != sorted(set(starts)):
                raise ValueError(f"{name} must rise from stage to stage")
        if self.penalty_estimate not in ("none", "contract"):
            raise ValueError("penalty_estimate is none or contract")
        if not self.criteria:
            raise ValueError("criteria: name at least one")
        _shares(self.sample_share)
        _whole(
            self.most_open_each,
            self.put_off_most_days,
            self.complaint_work_days,
            self.agency_review_days,
            self.keep_years,
        )
        if not isinstance(self.days_before_due, int) or self.days_before_due < 0:
            raise ValueError("days_before_due must be 0 or more days")


def _shares(*stated: float) -> None:
    if any(not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1 for share in stated):
        raise ValueError("shares must lie between 0 and 1")


def _whole(*stated: int) -> None:
    if any(not isinstance(count, int) or isinstance(count, bool) or count < 1 for count in stated):
        raise ValueError("counts of days, rows, parts and minutes must be whole numbers from 1")


def collection(text: str, place: str) -> Dated[Collection]:
    """The policy from its file."""
    return dated("collection", Collection, text, place)
