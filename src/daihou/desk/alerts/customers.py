"""A customer's own warning level and list, apart from the alerts: as it stands, how it came about, and what may be changed of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.book.errors import DaihouError
from daihou.desk.alerts import guards, whose
from daihou.desk.alerts.choices import LEVEL_CHOICES, Listing
from daihou.desk.alerts.models import Alert, Customer, CustomerMove
from daihou.desk.people.sight import within

if TYPE_CHECKING:
    from daihou.desk.people.reach import Access

SHOWN: Final = 10
"""Changes shown, the newest first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A level or list that may be chosen, and why not where it may not."""

    value: str
    label: Any
    no: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A customer as the panel shows it; `customer` is None where it has no level and is on no list."""

    borrower_id: str
    customer: Customer | None
    levels: list[Choice]
    lists: list[Choice]
    no: str
    """Why nothing may be changed; empty where something may."""
    moves: list[CustomerMove]

    @property
    def revision(self) -> int:
        """That of the row; 0 where there is none."""
        return self.customer.revision if self.customer else 0


def panel(borrower_id: str, of: dict[str, Any], rights: Access) -> Panel:
    """The panel of a customer, for somebody. `of`: org_id, lead_org_id and officer_id of the borrower."""
    customer = Customer.objects.select_related("changed_by").filter(pk=borrower_id).first()
    level, listing = (customer.level, customer.listing) if customer else ("", "")

    def no(after: tuple[str, str]) -> str:
        return guards.against_customer(of, rights, (level, listing), after, None)

    levels = [Choice(value, label, no((value, listing))) for value, label in [*LEVEL_CHOICES, ("", "")]]
    lists = [Choice(value, label, no((level, value))) for value, label in [("", ""), *Listing.choices]]
    moves = CustomerMove.objects.filter(customer=borrower_id).select_related("actor").order_by("-id")[:SHOWN]
    others = [one.no for one in levels if one.value != level] + [one.no for one in lists if one.value != listing]
    return Panel(borrower_id, customer, levels, lists, "" if "" in others else others[0], list(moves))


def whose_of(borrower_id: str) -> dict[str, Any] | None:
    """Whose a borrower is: as the newest run says, else as the newest alert on them does; None where neither knows them."""
    try:
        found = whose.of([borrower_id]).get(borrower_id)
    except DaihouError:  # no run yet: alerts may have been raised by hand
        found = None
    if found is not None:
        return found.values
    alert = Alert.objects.filter(borrower_id=borrower_id).order_by("-id").first()
    return stated(alert) if alert is not None else None


def stated(alert: Alert) -> dict[str, Any]:
    """Whose the borrower of an alert is, as the alert says."""
    return {"org_id": alert.org_id, "lead_org_id": alert.lead_org_id, "officer_id": alert.officer_id}


def sees(of: dict[str, Any], rights: Access) -> bool:
    """Whether somebody sees the alerts of a borrower."""
    return within(rights.reach("alerts.view"), of["org_id"], of["lead_org_id"], of["officer_id"])
