"""Results of queries that are unclear: after how long a credit bureau is asked for one by its number, how often, and when that it knows nothing is final."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from daihou.policies.dated import dated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.dated import Dated

NAME: Final = "bureau_results"
MOST_MINUTES: Final = 60 * 24 * 30
MOST_TIMES: Final = 40


@dataclass(frozen=True, slots=True)
class BureauResults:
    """How results are asked for. Waits are in minutes, the first one counted from when the query was sent."""

    ask_after_minutes: Sequence[int]
    """Before the first question, the second and so on; after the last of them nobody asks by itself any more."""
    unknown_after_minutes: int
    """Where a bureau knows no query of the number so long after it was sent, it never took it up."""

    def __post_init__(self) -> None:
        """Check the bounds; ValueError says which."""
        waits = self.ask_after_minutes
        if not isinstance(waits, list | tuple) or not 1 <= len(waits) <= MOST_TIMES:
            raise ValueError(f"ask_after_minutes must list 1 to {MOST_TIMES} waits")
        for minutes in (*waits, self.unknown_after_minutes):
            if type(minutes) is not int or not 1 <= minutes <= MOST_MINUTES:
                raise ValueError(f"waits must be whole minutes from 1 to {MOST_MINUTES}")
        object.__setattr__(self, "ask_after_minutes", tuple(waits))


def bureau_results(text: str, place: str) -> Dated[BureauResults]:
    """The policy from its file; DaihouError names the key that is wrong."""
    return dated(NAME, BureauResults, text, place)
