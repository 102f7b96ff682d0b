"""Rows of the list of reports: each with its borrower, its org, and what it waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q
from django.utils.translation import pgettext_lazy

from daihou.desk.people import orgs
from daihou.desk.reports.choices import State
from daihou.desk.vault import people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.people.models import User
    from daihou.desk.reports.models import Report

VIEWS: Final[dict[str, Any]] = {
    "work": pgettext_lazy("view of reports", "At work"),
    "mine": pgettext_lazy("view of reports", "Mine"),
    **dict(State.choices),
    "all": pgettext_lazy("view of reports", "All"),
}
WAITS: Final[dict[str, Any]] = {
    State.DRAFT: pgettext_lazy("a report waits for", "its author"),
    State.RETURNED: pgettext_lazy("a report waits for", "its author"),
    State.SUBMITTED: pgettext_lazy("a report waits for", "a check"),
    State.CHECKED: pgettext_lazy("a report waits for", "approval"),
    State.APPROVED: pgettext_lazy("a report waits for", "nobody"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A report as the list shows it."""

    report: Report
    name: str
    """Masked; the number where the vault holds nobody."""
    org: str
    waits: str


def told(reports: Sequence[Report]) -> list[Row]:
    """Reports with what the list says of them."""
    names, tree = people.masked_names({one.borrower_id for one in reports}), orgs.tree()
    return [
        Row(
            one, names.get(one.borrower_id) or one.borrower_id, tree.name(one.org_id) if one.org_id else "",
            str(WAITS[one.state]),
        )
        for one in reports
    ]  # fmt: skip


def of_view(code: str, user: User) -> Q:
    """The condition of a view; of what is none of them, all that is at work."""
    if code in State.values:
        return Q(state=code)
    if code == "mine":
        return Q(made_by=user)
    return Q() if code == "all" else ~Q(state=State.APPROVED)
