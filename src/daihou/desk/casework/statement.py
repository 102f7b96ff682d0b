"""The daily statement of a case: for each loan the days on which something happened, with what was owed before and after, so that the debtor could check it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from daihou.book.errors import DaihouError
from daihou.desk.casework import contract_words
from daihou.desk.portfolio import accounts
from daihou.runs import claims

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.desk.casework.models import CaseLoan
    from daihou.runs.claims import Day, Event

DAYS: Final = 180
"""Days up to the last, unless the address says otherwise."""
MOST_DAYS: Final = 1_100
"""Days of a statement at most."""
WHAT: Final[Mapping[str, Any]] = {
    "due": pgettext_lazy("event on a statement", "fell due"), "charge": pgettext_lazy("event on a statement", "charged"),
    "waiver": pgettext_lazy("event on a statement", "waived"), "change": pgettext_lazy("event on a statement", "changed"),
    "payment": pgettext_lazy("event on a statement", "paid"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A day; amounts in minor units of the loan's currency. opening + due + charged - paid - waived = owed."""

    on: dt.date
    opening: int
    due: int
    charged: int
    paid: int
    waived: int
    """Waived, less what changes added."""
    owed: int | None
    dpd: int | None
    what: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """The statement of a loan."""

    loan_id: str
    product: str
    currency: str
    rows: tuple[Row, ...]


def sheets(
    loans: Sequence[CaseLoan], from_on: dt.date | None, to_on: dt.date, known_on: dt.date
) -> tuple[dt.date, list[Sheet]]:
    """The day it begins with, and a sheet for each loan that the ledger knows. Stops at 1,100 days."""
    begin = max(from_on or to_on - dt.timedelta(days=DAYS), to_on - dt.timedelta(days=MOST_DAYS))
    begin = min(begin, to_on)
    days = [begin + dt.timedelta(days=after) for after in range((to_on - begin).days + 1)]
    found = []
    for loan in loans:
        try:
            claim = claims.claim(settings.HOME, accounts.ledger(), loan.loan_id, days, known_on)
        except DaihouError:
            continue
        last = len(claim.days) - 1
        rows = tuple(_row(day) for place, day in enumerate(claim.days) if day.events or place in (0, last))
        found.append(Sheet(loan.loan_id, loan.product, claim.currency, rows))
    return begin, found


def _row(day: Day) -> Row:
    changed = day.changed.total
    return Row(
        day.on, day.opening.total, day.due.total, day.charged.total, day.paid.total, day.waived.total - changed,
        None if day.owed is None else day.owed.total, day.dpd, " · ".join(_said(event) for event in day.events),
    )  # fmt: skip


def _said(event: Event) -> str:
    """What happened, in a few words, with the number by which the lender knows it."""
    if event.about == "instalment":
        return f"{_('No. %(n)s') % {'n': event.ref}} {WHAT[event.kind]}"
    return " ".join(part for part in (_about(event), str(WHAT[event.kind]), event.ref) if part)


def _about(event: Event) -> str:
    """The purpose of a payment, the kind of a charge or change, as the contract of facts calls it."""
    tables = {
        "payment": ("payments", "purpose"),
        "charge": ("charges", "kind"),
        "change": ("changes", "kind"),
        "waiver": ("changes", "kind"),
    }
    if event.kind not in tables:
        return ""
    return contract_words.named(*tables[event.kind], event.about)
