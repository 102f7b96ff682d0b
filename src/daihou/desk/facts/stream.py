"""Rows of the desk that become facts: which of them, what each says, and how it is marked that it was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from django.db.models import Model, Q


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of one of the tables; None in place of it: nothing is to be told of that."""

    subject_id: str
    kind: str
    happened_at: dt.datetime
    value: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stream:
    """Rows of the desk that become facts of a table: which of them, what each says, and the column that marks what was told."""

    table: str
    model: type[Model]
    waiting: Callable[[dt.datetime], Q]
    told: str
    fact: Callable[[Any], Fact | None]
    beside: tuple[str, ...] = ()
    """What is read with each row."""
    parts: tuple[str, ...] = ()
    """Rows of others that are read with all of them."""
