"""What is claimed on the loans of a case, day by day, as arrangements are held against: read from the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

from daihou.book import lake
from daihou.book.errors import DaihouError
from daihou.collection.arrangement import Basis, Owed, Row
from daihou.desk.portfolio import accounts
from daihou.runs import claims
from daihou.runs.rates import rates_on

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from daihou.book.home import Home


@dataclass(frozen=True, slots=True)
class Claimed:
    """The claim on some loans of one currency together, and how it is told in the base currency."""

    basis: Basis
    currency: str
    base: str
    rate: Decimal | int | None
    """From minor units of the currency to those of the base currency; None where no rate is known."""


def claimed(loan_ids: Sequence[str], currency: str, on: dt.date, until: dt.date) -> Claimed:
    """The claim on loans from a day until another, both included, as known on the first; DaihouError where the ledger does not know a loan."""
    home: Home = settings.HOME
    ledger = accounts.ledger()
    asked = [on, until] if until > on else [on]
    found = [claims.claim(home, ledger, loan_id, asked, on) for loan_id in loan_ids]
    lines = sorted((line.due_on, line.owed.total) for claim in found for line in claim.lines)
    moves: dict[dt.date, claims.Owed] = {}
    owed = claims.Owed()
    for claim in found:
        for day in claim.days:
            if day.owed is None:
                raise _unmeasured(claim.loan_id, day.on)
        owed += claim.days[0].owed or claims.Owed()
        for event in (each for day in claim.days[1:] for each in day.events):
            moves[event.on] = moves.get(event.on, claims.Owed()) + event.effect
    days = []
    for after in range((asked[-1] - on).days + 1):
        day_on = on + dt.timedelta(days=after)
        owed += moves.get(day_on, claims.Owed())
        days.append(Owed(day_on, owed.principal, owed.interest, owed.fee, owed.charges, owed.unsplit))
    basis = Basis(tuple(days), tuple(Row(due_on, amount) for due_on, amount in lines))
    return Claimed(basis, currency, home.settings.base_currency, _rate(home, currency, on))


def _unmeasured(loan_id: str, day: dt.date) -> DaihouError:
    return DaihouError(
        f"What is owed on loan {loan_id} on {day} cannot be measured: facts are missing.",
        "See under Data quality what was not delivered.",
        zh=(f"无法计量贷款 {loan_id} 在 {day} 的应还金额：数据不全。", "请在“数据质量”中查看缺失的数据。"),
    )


def _rate(home: Home, currency: str, on: dt.date) -> Decimal | int | None:
    if currency == home.settings.base_currency:
        return 1
    return rates_on(home, on, on, lake.versions(home, ["fx_rates"])).get(currency)
