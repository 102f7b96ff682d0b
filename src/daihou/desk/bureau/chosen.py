"""What the address of the list of queries asks for. What it says wrongly asks for nothing, and the rest still holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from daihou.desk.bureau.choices import UNDER_WAY, Outcome
from daihou.desk.bureau.models import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

    from daihou.desk.people.models import User

VIEWS: Final[Mapping[str, Any]] = {
    "all": pgettext_lazy("view of queries", "All"),
    "mine": pgettext_lazy("view of queries", "Mine"),
    "under_way": pgettext_lazy("view of queries", "Under way"),
    "stuck": pgettext_lazy("view of queries", "Unclear, for people to settle"),
    "refused": pgettext_lazy("view of queries", "Refused"),
    "unread": pgettext_lazy("view of queries", "Report not readable"),
}
"""Parts of the list."""
PEOPLE_MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Chosen:
    """A view of queries, at a bureau or all, in a state or all, asked by somebody or all, of a borrower or number or all."""

    view: str = "all"
    outcome: str = ""
    bureau: str = ""
    who: int | None = None
    q: str = ""

    @property
    def any(self) -> bool:
        """Whether anything beside a view is asked for."""
        return bool(self.outcome or self.bureau or self.who or self.q)

    def condition(self, user: User) -> Q:
        """The whole of it, for somebody."""
        found = view_of(self.view, user)
        if self.outcome:
            found &= Q(outcome=self.outcome)
        if self.bureau:
            found &= Q(bureau=self.bureau)
        if self.who:
            found &= Q(asked_by=self.who)
        if self.q:
            number = self.q.rsplit("-", 1)[-1] if self.q.upper().startswith("CQ-") else ""
            found &= Q(pk=int(number)) if number.isdecimal() and len(number) < 16 else Q(borrower_id=self.q)
        return found


def view_of(view: str, user: User) -> Q:
    """The condition of a view."""
    match view:
        case "mine":
            return Q(asked_by=user)
        case "under_way":
            return Q(outcome__in=UNDER_WAY)
        case "stuck":
            return Q(outcome=Outcome.UNCLEAR, due_at=None)
        case "refused":
            return Q(outcome=Outcome.REFUSED)
        case "unread":
            return Q(
                outcome=Outcome.UNCLEAR, pk__in=Result.objects.filter(rows__isnull=True).order_by().values("query")
            )
    return Q()


def chosen(query: QueryDict) -> Chosen:
    """What an address asks for."""
    view, outcome, who = query.get("view", ""), query.get("outcome", ""), query.get("who", "")
    return Chosen(
        view if view in VIEWS else "all", outcome if outcome in Outcome.values else "", query.get("bureau", "")[:40],
        int(who) if who.isdecimal() and len(who) < PEOPLE_MOST else None, query.get("q", "").strip()[:80],
    )  # fmt: skip
