"""What the address of the list of letters asks for. What it says wrongly asks for nothing, and the rest still holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from daihou.desk.letters.choices import Kind, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import QueryDict

VIEWS: Final[Mapping[str, Any]] = {
    State.MADE: pgettext_lazy("view of letters", "To be sent"),
    State.SENT: pgettext_lazy("view of letters", "On their way"),
    State.FAILED: pgettext_lazy("view of letters", "Not served"),
    State.SERVED: pgettext_lazy("view of letters", "Served"),
    State.WITHDRAWN: pgettext_lazy("view of letters", "Withdrawn"),
}
"""Parts of the list, by state."""
COUNTED: Final = (State.MADE, State.SENT, State.FAILED)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A view of letters, of one kind or both, of a number, loan, borrower or addressee or all."""

    view: str = State.MADE
    kind: str = ""
    q: str = ""

    @property
    def any(self) -> bool:
        """Whether anything beside a view is asked for."""
        return bool(self.kind or self.q)

    @property
    def condition(self) -> Q:
        """The whole of it."""
        found = Q(state=self.view)
        if self.kind:
            found &= Q(kind=self.kind)
        if self.q:
            number = self.q.rsplit("-", 1)[-1] if self.q.upper().startswith("NT-") else ""
            of = Q(loan_id=self.q) | Q(borrower_id=self.q) | Q(addressee_id=self.q)
            found &= Q(pk=int(number)) if number.isdecimal() and len(number) < 16 else of
        return found


def chosen(query: QueryDict) -> Chosen:
    """What an address asks for."""
    view, kind = query.get("view", ""), query.get("kind", "")
    return Chosen(
        view if view in VIEWS else State.MADE, kind if kind in Kind.values else "", query.get("q", "").strip()[:80]
    )
