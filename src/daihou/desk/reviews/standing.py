"""The live loans of a run as the plan asks for them, and what was done of whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from django.conf import settings
from django.db.models import Count, Max, Min

from daihou.desk.alerts.choices import LEVEL_CHOICES
from daihou.desk.alerts.models import Alert
from daihou.desk.reviews.models import Review
from daihou.expressions import column
from daihou.reviews.plan import DONE, LOANS, SECURITY, WATCH_LEVEL
from daihou.runs import store
from daihou.runs.borrowers import security
from daihou.runs.watch import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.portfolio.moments import Moment
    from daihou.expressions import Expression
    from daihou.reviews.plan import Asked


def loans(asked: Asked, moment: Moment, levels: pl.DataFrame) -> tuple[pl.DataFrame, Callable[[Expression], pl.Expr]]:
    """Live loans with what the plan asks of them and their borrowers, and how a condition is asked of them."""
    home, pair = settings.HOME, moment.pair
    behind = {field.name for field in SECURITY} & asked.names
    names = {*asked.names, *LOANS, *(("facility_id",) if behind else ())} - {WATCH_LEVEL.name, "balance", *behind}
    held = rows.of_files(home, store.files(home, "snapshots", *pair), store.files(home, "borrower_snapshots", *pair), {"loan": names})  # fmt: skip
    frame = held.loans.with_columns(balance="principal_outstanding_base").join(levels, on="borrower_id", how="left")
    if behind:
        frame = frame.join(security.behind(home, frame, *pair), on="loan_id", how="left")
    unit, base = held.amount_unit, held.base_unit
    return frame, lambda expression: column(expression, amount_unit=unit, base_unit=base)


def level(borrower_id: str) -> str:
    """The worst open alert of one borrower; empty where there is none."""
    found = levels(borrower_id=borrower_id)[WATCH_LEVEL.name].to_list()
    return str(found[0]) if found else ""


def levels(**those: str) -> pl.DataFrame:
    """The worst open alert of each borrower who has any, or of those with a field."""
    worst = Alert.objects.filter(closed_at=None, **those).exclude(borrower_id="").order_by()
    found = worst.values("borrower_id").annotate(worst=Min("rank")).values_list("borrower_id", "worst")
    codes = [code for code, _label in LEVEL_CHOICES]
    named = [(borrower_id, codes[rank]) for borrower_id, rank in found.iterator(10_000)]
    return pl.DataFrame(named, schema={"borrower_id": pl.String, WATCH_LEVEL.name: pl.String}, orient="row")


def done() -> pl.DataFrame:
    """The last day of each type of review that was done, or waived, of each subject, and how often in all."""
    ended = Review.objects.filter(done_on__isnull=False).order_by().values("about", "subject", "borrower_id", "type")
    told = ended.annotate(last=Max("done_on"), times=Count("pk"))
    names = ("about", "subject", "borrower_id", "type", "last", "times")
    return pl.DataFrame(list(told.values_list(*names).iterator(10_000)), schema=DONE, orient="row")
