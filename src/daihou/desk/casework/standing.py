"""Who is to be worked, as a run says: each loan at its stage of the ladder, and each borrower at the worst of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake, money
from daihou.collection import ladder
from daihou.runs import store
from daihou.runs.claims.asked import asked_of
from daihou.runs.policies import read_policies
from daihou.runs.rates import rates_on
from daihou.runs.watch.rows import LIVE

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home
    from daihou.policies.collection import Collection

COLUMNS: Final = (
    "loan_id", "borrower_id", "product", "state", "currency", "dpd", "unpaid_due_dates", "overdue_amount", "charges_accrued", "total_claim",
    "next_due_on", "next_due_amount", "principal_outstanding", "first_payment_missed", "last_paid_on",
    "accelerated_on",
)  # fmt: skip
OF_LOAN: Final = ("product", "state", "stage", "currency", "dpd", "overdue", "claim")
"""What a case says of each of its loans."""
OF_BORROWER: Final = (
    "stage", "rank", "currency", "dpd", "unpaid_due_dates", "overdue", "claim", "exposure", "loans", "first_payment", "product", "last_paid_on",
)  # fmt: skip
"""What a case says of its borrower."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What is to be worked on a date; amounts in minor units of the currency beside them."""

    as_of: dt.date
    loans: pl.DataFrame
    """borrower_id, loan_id and `OF_LOAN`: one row a loan at a stage, in its own currency."""
    borrowers: pl.DataFrame
    """borrower_id and `OF_BORROWER`: one row a borrower, in the currency that its loans share, else the base currency."""


def standing(home: Home, pair: tuple[dt.date, dt.date], policy: Collection) -> Standing:
    """What a pair of dates says; of a borrower with something overdue or written off, what merely falls due soon is no part of the case."""
    as_of, known_on = pair
    files = [str(path) for path in store.files(home, "snapshots", as_of, known_on)]
    texts = [pl.col(name).cast(pl.String) for name in ("product", "state", "currency")]
    book = pl.scan_parquet(files).select(COLUMNS).with_columns(texts)
    loans = _staged(book, home, as_of, policy)
    worst = pl.col("rank").max().over("borrower_id")
    loans = loans.filter((pl.col("rank") > 0) | (worst == 0))
    live = (
        book.filter(pl.col("state").is_in(LIVE))
        .join(loans.lazy().select("borrower_id").unique(), on="borrower_id", how="semi")
        .select("borrower_id", "currency", exposure="principal_outstanding")
        .collect()
    )
    rates = rates_on(home, as_of, known_on, lake.versions(home, ("fx_rates",)))
    return Standing(as_of, loans.select("borrower_id", "loan_id", *OF_LOAN), _borrowers(loans, live, home, rates))


def _staged(book: pl.LazyFrame, home: Home, as_of: dt.date, policy: Collection) -> pl.DataFrame:
    """The loans at a stage, with their rank. What is late within its days of grace is not overdue yet: it counts as due today."""
    late = pl.col("total_claim") - pl.col("charges_accrued")
    in_grace = (pl.col("state") == ladder.CURRENT) & (late > pl.col("tolerance"))
    claim = pl.when(pl.col("state") == ladder.CURRENT).then("next_due_amount").otherwise(asked_of())
    return (
        book.join(_tolerances(book, home, as_of), on=("product", "currency"), how="left", nulls_equal=True)
        .with_columns(
            days_to_next_due=pl.when(in_grace).then(0).otherwise((pl.col("next_due_on") - as_of).dt.total_days()),
            next_due_amount=pl.when(in_grace).then(late).otherwise("next_due_amount"),
        )
        .with_columns(stage=ladder.stages(policy))
        .filter(pl.col("stage").is_not_null())
        .with_columns(
            rank=ladder.ranks(),
            claim=claim.fill_null(0),
            overdue=pl.when(pl.col("state") == ladder.CURRENT).then(0).otherwise(pl.col("overdue_amount").fill_null(0)),
            dpd=pl.col("dpd").fill_null(0),
            product=pl.col("product").fill_null(""),
            unpaid_due_dates=pl.col("unpaid_due_dates").fill_null(0),
            first_payment_missed=pl.col("first_payment_missed").fill_null(value=False),
        )
        .collect()
    )


def _tolerances(book: pl.LazyFrame, home: Home, as_of: dt.date) -> pl.LazyFrame:
    """By product and currency, how much may be missing of what counts as paid, in minor units, as in force on the date."""
    profile = read_policies(home).profile
    met = book.select("product", "currency").unique().collect()
    rows = []
    for product, currency in met.filter(pl.col("currency").is_not_null()).iter_rows():
        held = [one for one in profile.day_counts(product or "") if one.from_on <= as_of][-1]
        rows.append((product, currency, int(held.tolerance.scaleb(money.exponent(currency)))))
    return pl.LazyFrame(rows, schema={"product": pl.String, "currency": pl.String, "tolerance": pl.Int64}, orient="row")


def _borrowers(loans: pl.DataFrame, live: pl.DataFrame, home: Home, rates: Mapping[str, Decimal | int]) -> pl.DataFrame:
    """One row a borrower. Where its loans are in several currencies, amounts are told in the base currency; what has no rate is left out of the sums."""
    base = home.settings.base_currency
    both = pl.concat([loans.select("borrower_id", "currency"), live.select("borrower_id", "currency")])
    shared = both.group_by("borrower_id").agg(
        currency=pl.when(pl.col("currency").n_unique() == 1).then(pl.col("currency").first()).otherwise(pl.lit(base)),
        mixed=pl.col("currency").n_unique() > 1,
    )
    mixed = shared.filter("mixed")["borrower_id"]
    owed = _in_base(loans, ("overdue", "claim"), mixed, rates)
    told = _in_base(live, ("exposure",), mixed, rates).group_by("borrower_id").agg(pl.col("exposure").sum())
    worst = owed.sort("rank", "dpd", "claim", "loan_id", descending=(True, True, True, False))
    return (
        worst.group_by("borrower_id", maintain_order=True)
        .agg(
            pl.col("stage", "rank", "product").first(),
            pl.col("dpd", "unpaid_due_dates", "last_paid_on").max(),
            pl.col("overdue", "claim").sum(),
            loans=pl.len(),
            first_payment=pl.col("first_payment_missed").any(),
        )
        .join(shared, on="borrower_id")
        .join(told, on="borrower_id", how="left")
        .with_columns(pl.col("exposure").fill_null(0))
        .select("borrower_id", *OF_BORROWER)
        .sort("borrower_id")
    )


def _in_base(
    rows: pl.DataFrame, names: tuple[str, ...], borrowers: pl.Series, rates: Mapping[str, Decimal | int]
) -> pl.DataFrame:
    """Rows with the amounts of some borrowers in the base currency, rounded half to even; empty without a rate."""
    here = pl.col("borrower_id").is_in(borrowers.implode())
    few = rows.filter(here)
    if few.is_empty():
        return rows
    converted = [
        pl.Series(
            name,
            [_at(amount, rates.get(currency)) for amount, currency in few.select(name, "currency").iter_rows()],
            pl.Int64,
        )
        for name in names
    ]
    return pl.concat([rows.filter(~here), few.with_columns(converted)])


def _at(amount: int | None, rate: Decimal | int | None) -> int | None:
    if amount is None or rate is None:
        return None
    return int((Decimal(amount) * rate).to_integral_value(ROUND_HALF_EVEN))
