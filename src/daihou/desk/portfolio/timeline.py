"""What happened to a borrower, newest first: payments, changes, charges, and what other apps know of, which register here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from daihou.desk.portfolio.templatetags.loans import purpose_name

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from daihou.runs.explain import Explanation


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: its kind, icon and colour, what it says, and of which loan."""

    on: dt.date
    kind: str
    icon: str
    colour: str
    title: str
    detail: str
    loan_id: str
    known_on: dt.date
    path: str = ""
    """Of the page that says more."""


def events(told: Iterable[Explanation], others: Iterable[Event] = ()) -> list[Event]:
    """The events of some loans, and others, newest first."""
    found = [event for one in told for event in (*_payments(one), *_changes(one), *_charges(one), *_start(one))]
    return sorted([*found, *others], key=lambda event: (event.on, event.loan_id), reverse=True)


def _start(told: Explanation) -> list[Event]:
    on = told.measures["disbursed_on"]
    if on is None or on > told.as_of:
        return []
    title = _("Paid out %(amount)s") % {"amount": _amount(told.measures["loan_amount"])}
    return [Event(on, "loan", "plus", "blue", title, "", told.loan_id, on)]


def _payments(told: Explanation) -> list[Event]:
    return [
        Event(
            row["paid_on"], "pay", "yen", _colour(row, "orange" if row["purpose"] == "refund" else "green"),
            f"{purpose_name(row['purpose'])} {_amount(row['amount'])}", _standing(row), told.loan_id, row["known_on"],
        )
        for row in told.payments
        if row["paid_on"] <= told.as_of and row["known_on"] <= told.known_on and not row["reverses"]
    ]  # fmt: skip


def _colour(row: dict[str, Any], usual: str) -> str:
    return "red" if row["standing"] in ("reversed", "replaced") else usual


def _standing(row: dict[str, Any]) -> str:
    if row["standing"] == "reversed":
        return _("reversed, known on %(day)s") % {"day": row["until"]}
    return _("replaced by a later version") if row["standing"] == "replaced" else ""


def _changes(told: Explanation) -> list[Event]:
    return [
        Event(
            row["effective_on"], "change", "edit", _colour(row, "yellow"), f"{purpose_name(row['kind'])} {_amounts(row)}".strip(),
            _standing(row), told.loan_id, row["known_on"],
        )
        for row in told.changes
        if row["effective_on"] <= told.as_of and row["known_on"] <= told.known_on
    ]  # fmt: skip


def _charges(told: Explanation) -> list[Event]:
    return [
        Event(
            row["from_on"], "charge", "warn", _colour(row, "orange"), f"{purpose_name(row['kind'])} {_amount(row['amount'])}", _standing(row),
            told.loan_id, row["known_on"],
        )
        for row in told.charges
        if row["from_on"] <= told.as_of and row["known_on"] <= told.known_on
    ]  # fmt: skip


def _amount(value: Any) -> str:
    return "–" if value is None else f"{value:,}"


def _amounts(row: dict[str, Any]) -> str:
    return " · ".join(_amount(row[part]) for part in ("principal", "interest", "fee") if row.get(part))
