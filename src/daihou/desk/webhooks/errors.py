"""What comes of a try that was not answered well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from daihou.desk.webhooks.choices import Trouble

LONGEST_ANSWER: Final = 2_000
"""Characters of an answer that are kept: a receiver may say what is wrong, and fills no database."""


class DeliveryError(Exception):
    """It was not delivered: what went wrong, what the receiver said, with which status, and how many seconds it asks to wait."""

    def __init__(self, trouble: Trouble, answer: str = "", *, status: int | None = None, wait: float = 0.0) -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.answer = answer.replace("\x00", "")[:LONGEST_ANSWER]
        self.status = status
        self.wait = wait
