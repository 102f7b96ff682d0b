"""Cases as the lists of a day look at them: some queries for all of them, however many they are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from daihou.book import lake
from daihou.collection.ordering import CANDIDATES
from daihou.desk.casework.choices import Act, PromiseState, Track
from daihou.desk.casework.models import OPEN, Arrangement, Case, CaseMove, Promise, PromisePart
from daihou.runs.rates import rates_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.book.home import Home

FIELDS: Final = {
    "pk": pl.Int64(), "borrower_id": pl.String(), "stage": pl.String(), "claim": pl.Int64(), "currency": pl.String(), "promises_broken": pl.Int64(),
    "spoke_at": pl.Datetime("us", "UTC"), "opened_at": pl.Datetime("us", "UTC"), "call_at": pl.Datetime("us", "UTC"), "first_payment": pl.Boolean(),
    "owner_id": pl.Int64(), "org_id": pl.String(), "lead_org_id": pl.String(), "paused_until": pl.Date(), "handed_up_at": pl.Datetime("us", "UTC"),
}  # fmt: skip
"""What is read of a case."""
DUE: Final = pl.Schema({"pk": pl.Int64(), "due_on": pl.Date(), "due": pl.Int64(), "plan": pl.Boolean()})


@dataclass(frozen=True, slots=True)
class Before:
    """The lists before those of a day: for which day they were, and when they were last made. What fell due after that day, or was judged since then, is news."""

    day: dt.date
    at: dt.datetime


def candidates(day: dt.date, before: Before) -> pl.DataFrame:
    """The open cases that the house works, as `collection.ordering` asks for them, but without a channel; claims in the base currency.

    Beside that `claim_own` and `currency`: the claim as the case has it. A case is set aside while it rests, while it lies with the manager, and
    while a promise that is still open names days to come: until then the debtor is left in peace.
    """
    cases = _cases()
    ends = timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time())).astimezone(dt.UTC)
    agreed = (pl.col("call_at") < ends).fill_null(value=False)
    zone = str(timezone.get_default_timezone())
    spoke_on, opened_on = (pl.col(name).dt.convert_time_zone(zone).dt.date() for name in ("spoke_at", "opened_at"))
    spoke_days = (pl.lit(day) - spoke_on).dt.total_days().clip(0)
    waiting = _waiting(day)
    return (
        cases.join(_due(before.day, day), on="pk", how="left")
        .with_columns(
            pl.col("plan").fill_null(value=False),
            case="pk",
            claim_own="claim",
            claim=_in_base(cases, day),
            broken="promises_broken",
            spoke_days=spoke_days,
            silent_days=pl.coalesce(spoke_days, (pl.lit(day) - opened_on).dt.total_days().clip(0)),
            call_at=pl.when(agreed).then("call_at"),
            broke=pl.col("pk").is_in(_broken(before.at)),
            owner="owner_id",
            channel=pl.lit(None, pl.String),
            paused=(pl.col("paused_until") > day).fill_null(value=False)
            | pl.col("handed_up_at").is_not_null()
            | (pl.col("pk").is_in(waiting) & pl.col("due_on").is_null() & ~agreed),
        )
        .select(*CANDIDATES.names(), "claim_own", "currency")
    )  # fmt: skip


def _cases() -> pl.DataFrame:
    found = Case.objects.filter(OPEN, track=Track.HOUSE).order_by()
    return pl.DataFrame(list(found.values_list(*FIELDS)), FIELDS, orient="row")


def _due(after: dt.date, day: dt.date) -> pl.DataFrame:
    """What fell or falls due of open promises after one day and by another, what has come of it taken off: one row a case."""
    parts = PromisePart.objects.filter(
        _standing("promise__"), state=PromiseState.OPEN, due_on__gt=after, due_on__lte=day
    )
    planned = Exists(Arrangement.objects.filter(promise=OuterRef("promise_id")))
    rows = (
        parts.order_by().annotate(plan=planned).values_list("promise__case_id", "due_on", "amount", "received", "plan")
    )
    told = [(case, due_on, amount - received, plan) for case, due_on, amount, received, plan in rows]
    frame = pl.DataFrame(told, DUE, orient="row")
    return frame.group_by("pk").agg(pl.col("due_on").min(), pl.col("due").sum(), pl.col("plan").any())


def _waiting(day: dt.date) -> list[int]:
    """Cases with an open promise that names a day to come."""
    parts = PromisePart.objects.filter(_standing("promise__"), state=PromiseState.OPEN, due_on__gt=day)
    return sorted(set(parts.order_by().values_list("promise__case_id", flat=True)))


def _broken(since: dt.datetime) -> list[int]:
    """Cases of which a promise was judged broken since a moment, and still is."""
    moves = CaseMove.objects.filter(act=Act.PROMISE_JUDGED, at__gte=since).order_by()
    judged = {
        detail["promise"]
        for detail in moves.values_list("detail", flat=True)
        if detail.get("state") == PromiseState.BROKEN
    }
    found: set[int] = set()
    for first in range(0, len(asked := sorted(judged)), 1_000):
        broken = Promise.objects.filter(pk__in=asked[first : first + 1_000], state=PromiseState.BROKEN)
        found.update(broken.order_by().values_list("case_id", flat=True))
    return sorted(found)


def _standing(prefix: str) -> Q:
    return Q(**{f"{prefix}state": PromiseState.OPEN, f"{prefix}case__closed_at": None})


def _in_base(cases: pl.DataFrame, day: dt.date) -> pl.Series:
    """The claims in minor units of the base currency by the newest rate, half to even; what has no rate counts as nothing, and comes last."""
    home: Home = settings.HOME
    base = home.settings.base_currency
    if (cases["currency"] == base).all():
        return cases["claim"]
    rates: Mapping[str, Decimal | int] = rates_on(home, day, day, lake.versions(home, ("fx_rates",)))
    told: list[Any] = [
        claim if currency == base else int((Decimal(claim) * rates.get(currency, 0)).to_integral_value(ROUND_HALF_EVEN))
        for claim, currency in cases.select("claim", "currency").iter_rows()
    ]
    return pl.Series("claim", told, pl.Int64)
