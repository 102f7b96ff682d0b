"""The text an expression is read from, and the error that shows a place in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from daihou.book.errors import DaihouError

SHOWN: Final = 60
"""Characters of the text that an error shows."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text as a user wrote it."""

    text: str

    def refusal(self, place: int, message: str, remedy: str, zh: tuple[str, str]) -> DaihouError:
        """The error for what begins at a place; `place` of the error is the text from there on, or its end and ⟨?⟩."""
        return DaihouError(message, remedy, self.shown(place), zh=zh)

    def shown(self, place: int) -> str:
        """What a reader finds at a place."""
        if not self.text[place:].strip():
            tail = self.text.rstrip()
            return ("…" if len(tail) > SHOWN else "") + f"{tail[-SHOWN:]} ⟨?⟩".lstrip()
        rest = self.text[place:].rstrip()
        return ("…" if place else "") + rest[:SHOWN] + ("…" if len(rest) > SHOWN else "")
