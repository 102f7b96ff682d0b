"""What comes of handing a message over, in words that tell apart what certainly did not arrive from what may have."""

from __future__ import annotations

from typing import Final

LONGEST_ANSWER: Final = 300


class HandingError(Exception):
    """It was not handed over: what went wrong (a code of the app that hands over), and what the server said of it.

    `lasting`: the address itself is wrong, so that trying again cannot help.
    """

    def __init__(self, trouble: str, answer: str = "", *, lasting: bool = False) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.lasting = lasting
        self.answer = " ".join(answer.split())[:LONGEST_ANSWER]


class FailedError(HandingError):
    """It certainly did not arrive: it may be sent again."""


class UnclearError(HandingError):
    """It may have arrived: it is sent again by a person's word alone."""
