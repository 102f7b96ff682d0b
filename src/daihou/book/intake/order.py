"""What is asked of one delivery."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import date

    from daihou.book.contracts import Table
    from daihou.book.home import Home
    from daihou.book.intake.blinding import Blinder
    from daihou.book.intake.mapping import FileMapping
    from daihou.book.intake.plans import Covered
    from daihou.book.intake.sinks import Sink

Progress = Callable[[str, int, int], None]
"""(what is being done, how much is done, of how much; 0 of 0 where that is not known)."""


@dataclass(frozen=True, slots=True)
class Order:
    """One call of `deliver`, checked."""

    home: Home
    table: Table
    mapping: FileMapping
    known_on: date | Literal["event"] | None
    today: date
    sealed_through: date | None
    replace: bool
    backfill: bool
    covered: Covered | None
    progress: Progress
    step: Callable[[str], None]
    sink: Sink | None = None
    """Where the rows of a table of the vault go; None of a table of the lake."""
    blinder: Blinder | None = None
    """What raw texts are blinded with; without one, files that hold any are refused."""
