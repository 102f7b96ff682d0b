"""Repeated arrears 连三累六: how many missed months, in a row or in all, make a borrower one to be refused or watched."""

from __future__ import annotations

from dataclasses import dataclass

from daihou.policies.dated import Dated, dated


@dataclass(frozen=True, slots=True)
class RepeatedArrears:
    """The bar, over the last 24 calendar months."""

    in_a_row: int
    in_all: int

    def __post_init__(self) -> None:
        """Check that the bar is one that can be met, and by being late."""
        if not (1 <= self.in_a_row <= 24 and 1 <= self.in_all <= 24):
            raise ValueError("in_a_row and in_all must be from 1 to 24 months")


def repeated_arrears(text: str, place: str) -> Dated[RepeatedArrears]:
    """The policy from its file."""
    return dated("repeated_arrears", RepeatedArrears, text, place)
