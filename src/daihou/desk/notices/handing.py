"""What comes of handing a message over, in words that tell apart what certainly did not arrive from what may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daihou.desk.notices.choices import Trouble

LONGEST_ANSWER: Final = 300


class HandingError(Exception):
    """It was not handed over: what went wrong, and what the server said of it."""

    def __init__(self, trouble: Trouble, answer: str = "") -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.answer = " ".join(answer.split())[:LONGEST_ANSWER]


class FailedError(HandingError):
    """It certainly did not arrive: it may be sent again."""


class UnclearError(HandingError):
    """It may have arrived: it is sent again by a person's word alone."""
