"""A text in English and Chinese: why a figure cannot be told, what was found, what something is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """The same text in both languages."""

    en: str
    zh: str

    def said(self, *, chinese: bool) -> str:
        """The text in one of the languages."""
        return self.zh if chinese else self.en


def same(text: str) -> Said:
    """A text that reads alike in both: a code, a month, a number."""
    return Said(text, text)
