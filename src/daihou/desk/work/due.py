"""Something that waits for somebody: what it is, where it is done, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from daihou.desk.alerts.deadlines import Reckoned

GROUPS: Final = {
    "overdue": pgettext_lazy("when something is due", "Overdue"),
    "today": pgettext_lazy("when something is due", "Due today"),
    "soon": pgettext_lazy("when something is due", "Within 3 work days"),
    "later": pgettext_lazy("when something is due", "Later"),
    "open": pgettext_lazy("when something is due", "Without a deadline"),
}
"""In the order in which it is worked."""


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that waits. `level` is empty where it has none."""

    what: Any
    """The act that is asked, as a word: check, confirm, review."""
    title: str
    about: str
    url: str
    at: dt.datetime | None
    level: str = ""
    mark: Any = ""
    """What to know at a glance: chased, escalated."""


def grouped(everything: Iterable[Due], reckoned: Reckoned) -> list[tuple[str, Any, list[Due]]]:
    """By when it is due, the soonest first; groups with nothing in them are left out."""
    found: dict[str, list[Due]] = {name: [] for name in GROUPS}
    for one in sorted(everything, key=lambda each: (each.at is None, each.at or reckoned.now, each.title)):
        found[reckoned.group(one.at)].append(one)
    return [(name, GROUPS[name], rows) for name, rows in found.items() if rows]
