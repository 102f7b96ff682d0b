"""The cash that came on many loans, for promises: from the payments of the ledger, as settled there."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from daihou.book.days import day_of
from daihou.book.ledger.layout import COMPENSATION, FOREVER, PAYMENTS, REFUND, REVERSAL
from daihou.book.ledger.ledger import open_ledger
from daihou.book.records import taken
from daihou.collection.promise import Cash

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.book.home import Home
    from daihou.book.ledger.shard import Shard

SCHEMA: Final = {"loan_id": pl.String(), "paid_on": pl.Date(), "known_on": pl.Date(), "amount": pl.Int64()}
DAYS: Final = {"loan_id": pl.String(), "paid_on": pl.Int32(), "known_on": pl.Int32(), "amount": pl.Int64()}


def cash(home: Home, loan_ids: Sequence[str], since: dt.date, known_on: dt.date) -> pl.DataFrame:
    """The money of some loans that was first known from `since` on and counts as known on `known_on`, in order of loan and day of payment.

    Columns: `loan_id`, `paid_on`, `known_on` (when the payment was first known, whatever was corrected of it since), `amount` (minor units of the loan's
    currency; below 0: given back). What a reversal voids is left out, and so is what a guarantor or insurer paid as compensation: the debtor kept nothing
    by it. Loans that are not known have no rows. It is read from the ledger in force, which runs bring up to the lake.
    """
    ledger = open_ledger(home.ledger)
    asked = pl.DataFrame({"loan_id": pl.Series(loan_ids, dtype=pl.String)}).unique()
    places = ledger.index.join(asked, on="loan_id", how="semi")
    found = [
        _of_shard(ledger.shards[int(number)], part, day_of(since), day_of(known_on))
        for (number,), part in places.group_by("shard")
    ]
    frame = pl.concat([pl.DataFrame(schema=DAYS), *found])
    return frame.cast({"paid_on": pl.Date(), "known_on": pl.Date()}).sort("loan_id", "paid_on", "known_on", "amount")


def by_loan(frame: pl.DataFrame) -> dict[str, list[Cash]]:
    """The rows of `cash` as `promise.judge` takes them, by loan."""
    rows = frame.select("loan_id", "paid_on", "amount", "known_on").sort("loan_id", maintain_order=True).iter_rows()
    return {loan: [Cash(*row[1:]) for row in of_one] for loan, of_one in groupby(rows, key=lambda row: row[0])}


def _of_shard(shard: Shard, places: pl.DataFrame, since: int, known: int) -> pl.DataFrame:
    loans = places["ix"].to_numpy()
    spans = shard.facts.at[PAYMENTS]
    counts = spans[loans + 1] - spans[loans]
    who = np.repeat(np.arange(len(loans)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    rows = spans[loans][who] + within
    paid = taken(shard.facts.payments, rows)
    first = paid["known_on"].copy()
    several = np.zeros(len(loans), bool)
    several[who[paid["until"] != FOREVER]] = True
    again = np.flatnonzero(several[who])
    if len(again):  # an id may stand there several times, and was first known with the first of them
        ids = shard.strings["payments"]["payment_id"].take(rows[again])
        versions = pl.DataFrame({"who": who[again], "id": pl.Series("id", pl.from_arrow(ids)), "known": first[again]})
        first[again] = versions.select(pl.col("known").min().over("who", "id"))["known"].to_numpy()
    counts_now = (paid["known_on"] <= known) & (paid["until"] > known) & (first >= since)
    counts_now &= (paid["purpose"] != REVERSAL) & (paid["purpose"] != COMPENSATION)
    kept = np.flatnonzero(counts_now)
    sign = np.where(paid["purpose"][kept] == REFUND, -1, 1)
    return pl.DataFrame(
        {
            "loan_id": places["loan_id"].gather(who[kept]), "paid_on": paid["on"][kept], "known_on": first[kept],
            "amount": paid["amount"][kept] * sign,
        },
        schema=DAYS,
    )  # fmt: skip
