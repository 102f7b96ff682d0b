"""What stands behind loans on a day: how long their collateral is insured and registered, when it was valued last, and whether somebody guarantees them.

Versions are those in force on the day as known by then. Collateral and guarantees for a facility stand behind every loan drawn under it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book import lake

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home

SCHEMA: Final[dict[str, Any]] = {
    "loan_id": pl.String, "secured": pl.Boolean, "insured_days": pl.Int32, "registered_days": pl.Int32, "valued_days": pl.Int32, "guaranteed": pl.Boolean,
}  # fmt: skip
"""`insured_days`, `registered_days`: until the first insurance or registration of its collateral ends, below 0 once it has. `valued_days`: since the value that is the
oldest among the last ones of its collateral; what was never valued counts from its registration, else from when it was given.
"""
GUARANTOR: Final = "guarantor"


def behind(home: Home, loans: pl.DataFrame, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
    """By SCHEMA, one row for each of some loans, which have `loan_id` and `facility_id`."""
    things = _securities(home, as_of, known_on)
    held = _of_loans(things, loans).group_by("loan_id").agg(
        pl.col("insured_to").min(), pl.col("expires_on").min(), pl.col("valued_on").min(),
    )  # fmt: skip
    bound = _of_loans(_guarantees(home, as_of, known_on), loans)["loan_id"].append(_parties(home, as_of, known_on))
    today = pl.lit(as_of)
    ids = loans.select(pl.col("loan_id").cast(pl.String))
    found = ids.join(held.with_columns(secured=pl.lit(value=True)), on="loan_id", how="left").with_columns(
        secured=pl.col("secured").fill_null(value=False), guaranteed=pl.col("loan_id").is_in(bound.unique().implode()),
        insured_days=_days(pl.col("insured_to") - today), registered_days=_days(pl.col("expires_on") - today),
        valued_days=_days(today - pl.col("valued_on")),
    )  # fmt: skip
    return found.select(list(SCHEMA)).cast(pl.Schema(SCHEMA))


def _days(span: pl.Expr) -> pl.Expr:
    return span.dt.total_days().cast(pl.Int32)


def _of_loans(things: pl.DataFrame, loans: pl.DataFrame) -> pl.DataFrame:
    """Things with the loans that they stand behind: their own, or all of their facility."""
    drawn = loans.select(loan=pl.col("loan_id").cast(pl.String), facility_id=pl.col("facility_id").cast(pl.String))
    shared = things.filter(pl.col("loan_id").is_null() & pl.col("facility_id").is_not_null())
    under = shared.join(drawn, on="facility_id").with_columns(loan_id="loan").drop("loan")
    return pl.concat([things.filter(pl.col("loan_id").is_not_null()), under.select(things.columns)])


def _securities(home: Home, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
    """Collateral in force with the day of its last value."""
    names = ("security_id", "loan_id", "facility_id", "registered_on", "expires_on", "insured_to", "effective_on")
    things = _in_force(home, "securities", ("security_id",), names, as_of, known_on)
    valued = (
        _scanned(home, "valuations")
        .filter(pl.col("valued_on") <= as_of, pl.col("known_on") <= known_on)
        .group_by(pl.col("security_id").cast(pl.String))
        .agg(pl.col("valued_on").max())
        .collect()
    )
    return things.join(valued, on="security_id", how="left").with_columns(
        valued_on=pl.coalesce("valued_on", "registered_on", "effective_on")
    )


def _guarantees(home: Home, as_of: dt.date, known_on: dt.date) -> pl.DataFrame:
    """Guarantees in force whose period has not ended."""
    names = ("guarantee_id", "loan_id", "facility_id", "period_end")
    found = _in_force(home, "guarantees", ("guarantee_id",), names, as_of, known_on)
    return found.filter((pl.col("period_end") >= as_of).fill_null(value=True))


def _parties(home: Home, as_of: dt.date, known_on: dt.date) -> pl.Series:
    """The loans that have a party who guarantees."""
    names = ("loan_id", "borrower_id", "role")
    found = _in_force(home, "parties", names, names, as_of, known_on)
    return found.filter(pl.col("role") == GUARANTOR)["loan_id"]


def _in_force(
    home: Home, table: str, key: tuple[str, ...], names: tuple[str, ...], as_of: dt.date, known_on: dt.date
) -> pl.DataFrame:
    """The version of each that holds on the day as known by then, with some of its columns."""
    texts = [pl.col(name).cast(pl.String) for name in names if name.endswith("_id") or name == "role"]
    seen = _scanned(home, table).filter(
        (pl.col("effective_on") <= as_of).fill_null(value=True), pl.col("known_on") <= known_on
    )
    ordered = seen.with_columns(texts).sort("effective_on", "known_on", "batch", "row", nulls_last=False)
    return ordered.unique(list(key), keep="last", maintain_order=True).select(list(names)).collect()


def _scanned(home: Home, table: str) -> pl.LazyFrame:
    files = lake.files(home, table)
    if not files:
        return pl.LazyFrame(pl.from_arrow(lake.schema(table).empty_table()))
    return pl.scan_parquet(files)
