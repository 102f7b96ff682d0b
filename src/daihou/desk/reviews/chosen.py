"""What the address of the list of reviews asks for. What it says wrongly asks for nothing, and the rest still holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from daihou.desk import typed
from daihou.desk.reviews.choices import State, Type
from daihou.desk.reviews.models import OPEN
from daihou.policies.reviews import PAPERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

SOON_DAYS: Final = 7
VIEWS: Final[Mapping[str, Any]] = {
    "open": pgettext_lazy("view of reviews", "Open"),
    "mine": pgettext_lazy("view of reviews", "Mine"),
    "late": pgettext_lazy("view of reviews", "Overdue"),
    "week": pgettext_lazy("view of reviews", "Due within 7 days"),
    "nobody": pgettext_lazy("view of reviews", "Nobody's"),
    "papers": pgettext_lazy("view of reviews", "Papers"),
    "done": pgettext_lazy("view of reviews", "Done"),
    "ended": pgettext_lazy("view of reviews", "Waived or withdrawn"),
}
"""Parts of the list, each with its condition and order."""
NEWEST_FIRST: Final = ("done", "ended")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A view of reviews, of one type or all, of a day or all, of a borrower, loan or number or all."""

    view: str = "open"
    type: str = ""
    due_on: dt.date | None = None
    q: str = ""

    @property
    def any(self) -> bool:
        """Whether anything beside a view is asked for."""
        return bool(self.type or self.due_on or self.q)

    @property
    def ordering(self) -> tuple[str, ...]:
        """Fields to sort by."""
        return ("-ended_at", "-pk") if self.view in NEWEST_FIRST else ("due_on", "pk")

    @property
    def address(self) -> str:
        """The same as an address."""
        stated = {
            "view": self.view,
            "type": self.type,
            "due": self.due_on.isoformat() if self.due_on else "",
            "q": self.q,
        }
        return urlencode({name: value for name, value in stated.items() if value})

    def condition(self, user: User, rights: Access) -> Q:
        """The whole of it, for somebody."""
        found = view_of(self.view, user, rights)
        if self.type:
            found &= Q(type=self.type)
        if self.due_on:
            found &= Q(due_on=self.due_on)
        if self.q:
            number = self.q.rsplit("-", 1)[-1] if self.q.upper().startswith("RV-") else ""
            found &= Q(pk=int(number)) if number.isdecimal() and len(number) < 16 else Q(borrower_id=self.q) | Q(loan_id=self.q) | Q(subject=self.q)  # fmt: skip
        return found


def view_of(view: str, user: User, rights: Access) -> Q:
    """The condition of a view."""
    today = timezone.localdate()
    match view:
        case "mine":
            return OPEN & Q(owner__in=sorted({user.pk, *rights.stands_in_for}))
        case "late":
            return OPEN & Q(due_on__lt=today)
        case "week":
            return OPEN & Q(due_on__gte=today, due_on__lte=today + dt.timedelta(days=SOON_DAYS))
        case "nobody":
            return OPEN & Q(owner=None)
        case "papers":
            return OPEN & Q(type__in=PAPERS)
        case "done":
            return Q(state=State.DONE)
        case "ended":
            return Q(state__in=(State.WAIVED, State.WITHDRAWN))
    return OPEN


def chosen(query: QueryDict) -> Chosen:
    """What an address asks for."""
    view, kind = query.get("view", ""), query.get("type", "")
    return Chosen(
        view if view in VIEWS else "open", kind if kind in Type.values else "", typed.day(query.get("due", "")), query.get("q", "").strip()[:80]
    )  # fmt: skip
