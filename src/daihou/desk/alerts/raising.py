"""Raising an alert by hand: which borrower is meant, and whether one is open already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.desk.alerts import scope
from daihou.desk.vault import finding, people
from daihou.desk.vault.portfolio_reach import in_reach

if TYPE_CHECKING:
    from daihou.desk.alerts.models import Alert
    from daihou.desk.asked import Asked

PERMISSION = "alerts.handle"


@dataclass(frozen=True, slots=True)
class Meant:
    """The borrowers that a text may mean, by number, with their masked names where the vault has them."""

    borrowers: dict[str, str]

    @property
    def only(self) -> str:
        """The number where just one is meant."""
        return next(iter(self.borrowers)) if len(self.borrowers) == 1 else ""


def meant(request: Asked, text: str) -> Meant:
    """A borrower's number with a loan in reach, else who has this very name, id number, phone or e-mail, as far as the user may search."""
    reach = request.rights.reach(PERMISSION)
    found = [text] if text and in_reach([text], reach) else []
    if not found and text and request.rights.may(finding.ACTION):
        found = sorted(in_reach((hit.borrower_id for hit in finding.search(request, text).hits), reach))
    names = people.masked_names(found)
    return Meant({number: names.get(number, number) for number in found})


def standing(request: Asked, borrower_id: str, topic: str) -> Alert | None:
    """The open alert of the borrower and topic, where the user sees it."""
    seen = scope.seen(request.user, request.rights)
    return seen.filter(borrower_id=borrower_id, topic=topic, closed_at=None).first()
