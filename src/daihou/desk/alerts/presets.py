"""The views that come with the inbox, those that people saved, and the one with which it opens for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.http import QueryDict
from django.utils.translation import pgettext_lazy

from daihou.desk.alerts import chosen as choice
from daihou.desk.portfolio import saved

if TYPE_CHECKING:
    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Access
    from daihou.desk.portfolio.models import SavedView

PAGE: Final = "alerts"
"""Under this the inbox's views are saved."""
WORKED: Final = "stage=check,plan,act,follow"
"""Stages at which it is the owner's turn."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A view that comes with the inbox, for who holds a permission."""

    name: Any
    query: str
    permission: str = "alerts.view"


ALL: Final = Preset(pgettext_lazy("view of alerts", "All open"), "closed=0")
MINE: Final = Preset(pgettext_lazy("view of alerts", "Mine to do"), f"owner=me&snoozed=0&{WORKED}", "alerts.handle")
TO_DECIDE: Final = Preset(pgettext_lazy("view of alerts", "Waits for my decision"), "decide=1", "alerts.confirm")
PRESETS: Final = (
    MINE,
    TO_DECIDE,
    ALL,
    Preset(pgettext_lazy("view of alerts", "Overdue"), "due=overdue"),
    Preset(pgettext_lazy("view of alerts", "Due today"), "due=today"),
    Preset(pgettext_lazy("view of alerts", "Red and orange, not confirmed"), "level=red,orange&stage=check,confirm"),
    Preset(pgettext_lazy("view of alerts", "Lifting to approve"), "stage=lift"),
    Preset(pgettext_lazy("view of alerts", "Signals ceased"), "ceased=1"),
    Preset(pgettext_lazy("view of alerts", "Nobody's"), "owner=none"),
    Preset(pgettext_lazy("view of alerts", "Escalated"), "escalated=1"),
    Preset(pgettext_lazy("view of alerts", "Snoozed"), "snoozed=1"),
    Preset(pgettext_lazy("view of alerts", "Closed"), "closed=1"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A view above the list. `own` is the saved one where it is one's own; `count` is None where it is not counted."""

    name: str
    query: str
    here: bool
    first: bool
    """Whether the inbox opens with it."""
    own: SavedView | None
    count: int | None = None


def usual(rights: Access) -> str:
    """With what the inbox opens for a role: who confirms with what waits for them, who handles with their own, others with all."""
    for preset in (TO_DECIDE, MINE):
        if rights.may(preset.permission):
            return preset.query
    return ALL.query


def first(request: Asked) -> str:
    """With what the inbox opens for the user."""
    return saved.first(request, PAGE) or usual(request.rights)


def views(request: Asked) -> list[tuple[str, str, SavedView | None]]:
    """Every view that the user may open: its name, its address, and the saved one where it is their own."""
    come = [(str(one.name), one.query, None) for one in PRESETS if request.rights.may(one.permission)]
    kept = [
        (view.name, view.query, view if view.user_id == request.user.pk else None)
        for view in saved.views(request, PAGE)
    ]
    return [*come, *kept]


def shows(query: str, here: str) -> bool:
    """Whether an address asks for the alerts of a view, in whatever order and however many a page."""
    wanted, found = _parts(query), _parts(here)
    return wanted == {name: held for name, held in found.items() if name in wanted or name not in ("sort", "size")}


def same(one: str, other: str) -> bool:
    """Whether two addresses ask for the same."""
    return _parts(one) == _parts(other)


def _parts(query: str) -> dict[str, frozenset[str]]:
    held = choice.kept(QueryDict(query))
    return {name: frozenset(choice.values(held, name)) for name in held}
