"""What other apps know of a borrower, for the timeline: they register here when they start, so that the portfolio need not know of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.portfolio.timeline import Event

Reader = Callable[["Asked", str, "dt.date"], "list[Event]"]
"""The events of a borrower up to a date that somebody may see."""
_READERS: Final[dict[str, tuple[Any, Reader]]] = {}


def register(kind: str, label: Any, reader: Reader) -> None:
    """Say who knows the events of a kind, and what the kind is called; ValueError where somebody else does already."""
    if _READERS.setdefault(kind, (label, reader))[1] != reader:
        raise ValueError(f"the events of {kind} are known already")


def registered() -> list[tuple[str, Any]]:
    """The kinds of other apps, with their names."""
    return [(kind, label) for kind, (label, _reader) in _READERS.items()]


def told(request: Asked, borrower_id: str, as_of: dt.date) -> list[Event]:
    """What other apps know of a borrower up to a date."""
    return [event for _label, reader in _READERS.values() for event in reader(request, borrower_id, as_of)]
