"""Whose the money is that came: of whoever spoke to the debtor last before it, within the days of policy; each cent of one alone.

Of each payment on a loan the last conversation about that loan, of the day of payment or before it, and no more than `fresh_days` before, has it. What was given
back is taken off the same way. What came without a conversation is nobody's.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.utils import timezone

from daihou.book import lake
from daihou.desk.casework.models import Case, CaseLoan
from daihou.desk.casework.policy import policy
from daihou.desk.contacts.choices import Outcome, Party
from daihou.desk.contacts.models import Contact
from daihou.runs import claims
from daihou.runs.rates import rates_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from daihou.book.home import Home

DEBTORS: Final = (Party.DEBTOR, Party.CO_BORROWER)
"""Whom a conversation is to be with."""
SPOKEN: Final = pl.Schema(
    {"loan_id": pl.String(), "day": pl.Date(), "at": pl.Datetime("us", "UTC"), "whose": pl.String()}
)


def by_whom(
    by: str, cases: QuerySet[Case] | None, from_on: dt.date, to_on: dt.date, now: dt.datetime, places: Mapping[int, str]
) -> Mapping[str, int]:
    """What came on some days by collector (their key), org or agency (code; empty: the house), in minor units of the base currency.

    `cases`: of which cases conversations count, None: of all; `places`: the orgs of cases that are known already. DaihouError where the ledger cannot be read.
    """
    days = policy(to_on).lists.fresh_days
    spoken = _spoken(by, cases, from_on - dt.timedelta(days=days), to_on, places)
    if spoken.is_empty():
        return {}
    home: Home = settings.HOME
    loans = spoken["loan_id"].unique().to_list()
    cash = claims.cash(home, loans, from_on, timezone.localdate(now)).filter(
        pl.col("paid_on").is_between(from_on, to_on)
    )
    return _in_base(home, attributed(cash, spoken, days), to_on)


def attributed(cash: pl.DataFrame, spoken: pl.DataFrame, days: int) -> pl.DataFrame:
    """Columns `whose`, `loan_id`, `amount`: each payment with whom it is of; payments (`loan_id`, `paid_on`, `amount`) without a conversation are left out."""
    last = spoken.sort("at").group_by("loan_id", "day", maintain_order=True).last().sort("day")
    joined = cash.sort("paid_on").join_asof(
        last.select("loan_id", "day", "whose"), left_on="paid_on", right_on="day", by="loan_id", strategy="backward", tolerance=f"{days}d",
        check_sortedness=False,
    )  # fmt: skip
    return joined.filter(pl.col("whose").is_not_null()).select("whose", "loan_id", "amount")


def bounds(from_on: dt.date, to_on: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The moments between which local days lie, the last one excluded."""
    first, last = (
        timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in (from_on, to_on + dt.timedelta(days=1))
    )
    return first, last


def _spoken(
    by: str, cases: QuerySet[Case] | None, from_on: dt.date, to_on: dt.date, places: Mapping[int, str]
) -> pl.DataFrame:
    """Conversations with debtors, one row a loan that was spoken about."""
    begins, ends = bounds(from_on, to_on)
    found = Contact.objects.filter(
        at__gte=begins, at__lt=ends, outcome=Outcome.CONVERSATION, party__in=DEBTORS, actor__isnull=False,
        case_id__isnull=False,
    ).order_by()  # fmt: skip
    if cases is not None:
        found = found.filter(case_id__in=cases.values("pk"))
    held: list[tuple[Any, ...]] = list(found.values_list("actor_id", "case_id", "agency", "at", "loan_ids"))
    known = {**_orgs({row[1] for row in held} - places.keys()), **places} if by == "org" else {}
    rows: list[Any] = []
    for actor, case_id, agency, at, loan_ids in held:
        whose = {"collector": str(actor), "org": known.get(case_id, ""), "agency": agency}[by]
        rows += [(loan_id, timezone.localtime(at).date(), at, whose) for loan_id in loan_ids]
    return pl.DataFrame(rows, SPOKEN, orient="row")


def _orgs(keys: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    asked = sorted(keys)
    for first in range(0, len(asked), 10_000):
        found |= dict(Case.objects.filter(pk__in=asked[first : first + 10_000]).order_by().values_list("pk", "org_id"))
    return found


def _in_base(home: Home, found: pl.DataFrame, day: dt.date) -> Mapping[str, int]:
    """Sums by whom in minor units of the base currency by the rates of the last day, half to even; what has no rate is left out."""
    base = home.settings.base_currency
    foreign = _foreign(found["loan_id"].unique().to_list(), base)
    told: dict[tuple[str, str], int] = defaultdict(int)
    for whose, loan_id, amount in found.iter_rows():
        told[whose, foreign.get(loan_id, base)] += amount
    rates: Mapping[str, Decimal | int] = {base: 1}
    if foreign:
        rates = rates_on(home, day, day, lake.versions(home, ("fx_rates",)))
    sums: dict[str, int] = defaultdict(int)
    for (whose, currency), amount in told.items():
        exact = amount if currency == base else Decimal(amount) * rates.get(currency, 0)
        sums[whose] += int(Decimal(exact).to_integral_value(ROUND_HALF_EVEN))
    return sums


def _foreign(loans: Sequence[str], base: str) -> Mapping[str, str]:
    """The currencies of loans that are not in the base currency."""
    found: dict[str, str] = {}
    for first in range(0, len(loans), 10_000):
        part = CaseLoan.objects.filter(loan_id__in=loans[first : first + 10_000]).exclude(currency=base).order_by()
        found |= dict(part.values_list("loan_id", "currency"))
    return found
