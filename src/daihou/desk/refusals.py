"""Why an act of a person is not done: it is not allowed, or what they looked at is not so any more."""

from __future__ import annotations

from typing import Protocol


class RefusedError(Exception):
    """The act is not allowed; the text says why, in the language in hand. Nothing was written."""


class StaleError(Exception):
    """What it is done to was changed since it was looked at, by somebody else or in another window; nothing was written."""


class Revised(Protocol):
    """A row that counts its changes."""

    revision: int


def refuse(reason: str) -> None:
    """RefusedError where a guard gave a reason."""
    if reason:
        raise RefusedError(reason)


def seen(row: Revised, revision: int) -> None:
    """StaleError where a row is not as it was looked at."""
    if row.revision != revision:
        raise StaleError
