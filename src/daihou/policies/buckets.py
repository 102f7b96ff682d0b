"""Schemes of arrears buckets: by days past due or by cycles, as a regulator or a house reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from daihou.policies.dated import Dated, dated

MEASURES: Final = ("dpd", "unpaid_due_dates")


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets in order; each ends with the greatest value of the measure that falls in it, the last with none."""

    measure: str
    """What is put in buckets: `dpd`, or `unpaid_due_dates` for cycles."""
    labels: list[str]
    ends: list[int]

    def __post_init__(self) -> None:
        """Check that buckets ascend and that one is left open."""
        if len(self.labels) != len(self.ends) + 1:
            raise ValueError("there must be one label more than ends, for the open last bucket")
        if self.ends != sorted(set(self.ends)):
            raise ValueError("ends must ascend")
        if self.measure not in MEASURES:
            raise ValueError(f"measure must be one of: {', '.join(MEASURES)}")

    def of(self, value: int) -> str:
        """The bucket of a value of the measure."""
        for label, end in zip(self.labels, self.ends, strict=False):
            if value <= end:
                return label
        return self.labels[-1]


def buckets(name: str, text: str, place: str) -> Dated[Buckets]:
    """A scheme from its file."""
    return dated(name, Buckets, text, place)
