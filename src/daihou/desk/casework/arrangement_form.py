"""The form of an arrangement: its fields as they stand, from a draft, from a proposal, or as they were typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.book import money
from daihou.collection.arrangement import COMPONENTS
from daihou.desk.casework.troubles import COMPONENT_NAMES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from django.http import QueryDict

    from daihou.collection.arrangement import Owed, Terms
    from daihou.desk.casework.models import Case

BLANK_ROWS: Final = 3
"""Empty rows for further parts."""


@dataclass(frozen=True, slots=True)
class Waived:
    """A component that may be waived: what was stated, and what of it is past due."""

    name: str
    label: Any
    stated: str
    owed: int | None


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields; amounts and days as text."""

    kind: str
    loan_ids: frozenset[str]
    rows: tuple[tuple[str, str], ...]
    months: str
    until: str
    waived: tuple[Waived, ...]
    reason: str
    agreed: frozenset[str]
    count: str = ""
    first_on: str = ""


def of_terms(
    terms: Terms, currency: str, loan_ids: Collection[str], reason: str, agreed: Collection[str], owed: Owed | None, first_on: dt.date
) -> Form:  # fmt: skip
    """The form that holds terms."""
    rows = tuple((part.on.isoformat(), plain(part.amount, currency)) for part in terms.parts)
    waived = {name: plain(amount, currency) for name, amount in terms.waived.items() if amount}
    return Form(
        terms.kind, frozenset(loan_ids), (*rows, *_blank()), str(terms.months or ""), terms.until.isoformat() if terms.until else "",
        _waived(waived, owed), reason, frozenset(agreed), "", first_on.isoformat(),
    )  # fmt: skip


def of_query(query: QueryDict, owed: Owed | None) -> Form:
    """The form as it was typed."""
    rows = zip(query.getlist("part_on"), query.getlist("part_amount"), strict=False)
    stated = tuple((on[:40], amount[:40]) for on, amount in rows if on.strip() or amount.strip())
    waived = {name: query.get(f"waived_{name}", "")[:40] for name in COMPONENTS}
    return Form(
        query.get("kind", ""), frozenset(query.getlist("loan")), (*stated, *_blank()), query.get("months", "")[:40], query.get("until", "")[:40],
        _waived(waived, owed), query.get("reason", ""), frozenset(query.getlist("agreed")), query.get("count", "")[:40],
        query.get("first_on", "")[:40],
    )  # fmt: skip


def loans_of(case: Case) -> list[Any]:
    """The loans of a case, those in its currency first."""
    return sorted(case.of_loans.all(), key=lambda loan: (loan.currency != case.currency, -loan.dpd, loan.loan_id))


def plain(amount: int, currency: str) -> str:
    """An amount as it is typed: 1234.50."""
    return f"{money.major(amount, currency):.{money.exponent(currency)}f}"


def _waived(stated: dict[str, str], owed: Owed | None) -> tuple[Waived, ...]:
    """The components of which something is past due, or was stated; without a claim all but what is not split up."""
    found = []
    for name in COMPONENTS:
        due = None if owed is None else getattr(owed, name)
        if due or stated.get(name) or (owed is None and name != "unsplit"):
            found.append(Waived(name, COMPONENT_NAMES[name], stated.get(name, ""), due))
    return tuple(found)


def _blank() -> tuple[tuple[str, str], ...]:
    return (("", ""),) * BLANK_ROWS
