"""What pages send, read: a day and a revision. What is written wrongly is none, and refused by whoever needs it."""

from __future__ import annotations

import datetime as dt


def day(text: str) -> dt.date | None:
    """A date in ISO; None for what is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def revision(text: str) -> int:
    """A revision that a page has seen; 0, which no row has, for what is none."""
    return int(text) if text.isdecimal() and len(text) < 10 else 0
