"""Schemes of arrears buckets: atomic buckets by days past due, rolled up as a regulator or a house reads them."""

from __future__ import annotations

from dataclasses import dataclass

from daihou.policies.dated import Dated, dated


@dataclass(frozen=True, slots=True)
class Buckets:
    """Buckets in order; each ends with its greatest dpd, the last with none."""

    labels: list[str]
    ends: list[int]

    def __post_init__(self) -> None:
        """Check that buckets ascend and that one is left open."""
        if len(self.labels) != len(self.ends) + 1:
            raise ValueError("there must be one label more than ends, for the open last bucket")
        if self.ends != sorted(set(self.ends)):
            raise ValueError("ends must ascend")

    def of(self, dpd: int) -> str:
        """The bucket of so many days past due."""
        for label, end in zip(self.labels, self.ends, strict=False):
            if dpd <= end:
                return label
        return self.labels[-1]


def buckets(name: str, text: str, place: str) -> Dated[Buckets]:
    """A scheme from its file."""
    return dated(name, Buckets, text, place)
