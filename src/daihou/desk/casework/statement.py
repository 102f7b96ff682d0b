"""The daily statement of a case: for each loan the days on which something happened, with what was owed before and after, so that the debtor could check it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from daihou.book import money
from daihou.book.errors import DaihouError
from daihou.desk.casework import contract_words
from daihou.desk.portfolio import accounts
from daihou.desk.portfolio.columns import code_label
from daihou.runs import claims

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.casework.models import CaseLoan
    from daihou.runs.claims import Day, Event

DAYS: Final = 180
"""Days up to the last, unless the address says otherwise."""
MOST_DAYS: Final = 1_100
"""Days of a statement at most."""
DUE: Final = pgettext_lazy("event on a statement", "fell due")


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
        rows = tuple(
            _row(day, claim.currency) for place, day in enumerate(claim.days) if day.events or place in (0, last)
        )
        found.append(Sheet(loan.loan_id, loan.product, claim.currency, rows))
    return begin, found


def _row(day: Day, currency: str) -> Row:
    changed = day.changed.total
    return Row(
        day.on, day.opening.total, day.due.total, day.charged.total, day.paid.total, day.waived.total - changed,
        None if day.owed is None else day.owed.total, day.dpd, " · ".join(_said(event, currency) for event in day.events),
    )  # fmt: skip


def _said(event: Event, currency: str) -> str:
    """What happened, in a few words, with the number by which the lender knows it; of money what came, which may be more than it took off what is owed."""
    if event.kind == "due":
        what = _("No. %(n)s") % {"n": event.ref} if event.about == "instalment" else _("Bill")
        return f"{what} {DUE}"
    amount = "" if event.amount is None else money.text(event.amount, currency)
    return " ".join(part for part in (_about(event), amount, event.ref) if part)


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
    if (
        event.kind == "change" and not event.ref
    ):  # the plan or the loan's state moved it, without any change of the contract
        return _("plan changed") if event.about == "plan" else code_label("state", event.about)
    return contract_words.named(*tables[event.kind], event.about)
