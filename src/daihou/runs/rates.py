"""Exchange rates to the base currency: for each currency the latest rate at or before a date, as known on a date."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from daihou.book import lake, money

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.home import Home


def rates_on(
    home: Home, as_of: dt.date, known_on: dt.date, lake_versions: Mapping[str, int]
) -> dict[str, Decimal | int]:
    """Rates by currency from its minor units to the base currency's minor units; the base currency itself is 1."""
    base = home.settings.base_currency
    rates: dict[str, Decimal | int] = {base: 1}
    files = lake.files_as_of(home, "fx_rates", lake_versions)
    if not files:
        return rates
    known = (
        pl.scan_parquet(files)
        .filter((pl.col("rate_on") <= as_of) & (pl.col("known_on") <= known_on))
        .sort("currency", "rate_on", "known_on", "batch", "row")
        .group_by("currency", maintain_order=True)
        .agg(pl.col("rate").last())
        .collect()
    )
    for currency, rate in known.iter_rows():
        if currency != base:
            rates[currency] = Decimal(rate).scaleb(money.exponent(base) - money.exponent(currency))
    return rates
