"""Building one shard: staged facts in, the arrays of `layout` and the strings beside them out. Pure.

Staged frames hold a loan's place in its shard as `ix`, days as Int32 counts from 1970-01-01, and money as Int64 ten-thousandths.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from daihou.book import money
from daihou.book.ledger import beliefs
from daihou.book.ledger.layout import (
    CHANGE_KINDS,
    FOREVER,
    NEVER_LATE,
    NO_AMOUNT,
    NO_DAY,
    NO_NUMBER,
    PLAIN,
    PURPOSES,
    REVERSAL,
    SCHEDULED,
)

Frames = dict[str, pl.DataFrame]

AMOUNTS: Final = {
    "loans": ("principal",),
    "instalments": ("principal", "interest", "fee"),
    "payments": ("amount", "principal", "interest", "fee", "penalty"),
    "changes": ("principal", "interest", "fee", "penalty"),
    "charges": ("amount",),
    "draws": ("amount",),
    "bills": ("balance", "minimum_due"),
    "standings": ("principal_outstanding",),
    "borrowers": (),
}
EVENTS: Final = {
    "payments": ("payment_id", "paid_on"),
    "changes": ("change_id", "effective_on"),
    "charges": ("charge_id", "from_on"),
    "draws": ("drawn_on", "drawn_on"),
    "bills": ("bill_on", "bill_on"),
    "standings": ("as_of", "as_of"),
}
VERSION_VALUES: Final = (
    "borrower_id", "product", "currency", "disbursed_on", "matures_on", "closed_on", "principal", "grace_days",
    "repayment_method", "asset_class", "org_id", "officer_id", "facility_id", "partner_id", "annual_rate", "own_share",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Built:
    """One shard: the offsets of each ragged table, its columns (arrays and strings) and the facts that could not be used."""

    offsets: dict[str, np.ndarray[Any, Any]]
    tables: Frames
    products: tuple[str, ...]
    currencies: tuple[str, ...]
    refused: pl.DataFrame


def build(loan_ids: pl.Series, staged: Frames) -> Built:
    """Arrange the facts of the loans of a shard; `loan_ids[ix]` names loan `ix`. Takes the frames out of `staged`."""
    count = len(loan_ids)
    versions = staged["loans"]
    currencies = tuple(sorted(versions["currency"].unique().to_list()))
    products = tuple(sorted(versions["product"].unique().to_list()))
    since = pl.coalesce("effective_on", "disbursed_on")
    first = versions.sort(["ix", "known_on", since, *beliefs.ARRIVAL], descending=[False, False, False, True, True])
    first = first.unique("ix", keep="first", maintain_order=True)
    currency = first.select(
        "ix", code=pl.col("currency").replace_strict({c: i for i, c in enumerate(currencies)}, return_dtype=pl.Int16)
    )
    exponents = {i: 10 ** (money.SCALE - money.exponent(c)) for i, c in enumerate(currencies)}
    step = currency.with_columns(step=pl.col("code").replace_strict(exponents, return_dtype=pl.Int64)).select(
        "ix", "step"
    )
    in_units: Frames = {}
    refused: list[pl.DataFrame] = []
    for table in list(staged):  # each frame is let go once it is used: a shard of a large book must fit in memory twice
        in_units[table], bad = _in_minor_units(staged.pop(table), table, step, exponents)
        if bad is not None:
            refused.append(bad)
    first = first.join(in_units["loans"].select("ix").unique(), on="ix", how="semi", maintain_order="left")
    tables: Frames = {"versions": _versions(in_units["loans"], products)}
    tables["borrowers"] = _borrowers(tables["versions"], in_units.pop("borrowers"))
    tables["instalments"] = _instalments(in_units.pop("instalments"), first)
    for table in EVENTS:
        tables[table] = _events(table, in_units.pop(table))
    tables["payments"], tables["splits"] = _split(tables["payments"])
    offsets = {name: _offsets(frame["ix"], count) for name, frame in tables.items() if name != "splits"}
    tables["loans"] = _loans(count, loan_ids, first, currency, tables)
    nothing = pl.DataFrame(
        schema={"ix": pl.Int32, "table": pl.String, "batch": pl.Int64, "row": pl.Int64, "reason": pl.String}
    )
    return Built(
        offsets,
        {k: v.drop("ix", strict=False) for k, v in tables.items()},
        products,
        currencies,
        pl.concat([nothing, *refused]),
    )


def _in_minor_units(
    frame: pl.DataFrame, table: str, step: pl.DataFrame, exponents: dict[int, int]
) -> tuple[pl.DataFrame, pl.DataFrame | None]:
    """Amounts in minor units of the loan's currency; rows with more decimals than it has are refused, never rounded."""
    names = AMOUNTS[table]
    if not names:
        return frame, None
    steps = set(exponents.values())
    if len(steps) == 1:
        by: pl.Expr = pl.lit(next(iter(steps)), pl.Int64)
    else:
        frame = frame.join(step, on="ix", how="left", maintain_order="left")
        by = pl.col("step")
    odd = pl.any_horizontal([(pl.col(name) % by != 0).fill_null(False) for name in names])  # noqa: FBT003
    bad = None
    if frame.select(odd.any()).item():
        bad = frame.filter(odd).select(
            "ix", pl.lit(table).alias("table"), "batch", "row", pl.lit("too_many_decimals").alias("reason")
        )
        frame = frame.filter(~odd)
    frame = frame.with_columns([(pl.col(name) // by).alias(name) for name in names])
    return frame.drop("step", strict=False), bad


def _versions(loans: pl.DataFrame, products: tuple[str, ...]) -> pl.DataFrame:
    earliest = pl.col("known_on").min().over("ix")
    assumed = pl.when(pl.col("known_on") == earliest).then("disbursed_on").otherwise("known_on")
    rows = loans.with_columns(effective_on=pl.coalesce("effective_on", assumed))
    rows = beliefs.versioned(rows, ["ix"], list(VERSION_VALUES))
    return rows.with_columns(
        pl.col("matures_on").fill_null(NO_DAY),
        pl.col("closed_on").fill_null(NO_DAY),
        pl.col("grace_days").fill_null(NO_NUMBER).cast(pl.Int32),
        pl.col("annual_rate", "own_share").fill_null(NO_AMOUNT),
        who=(pl.col("borrower_id").rank("dense").over("ix") - 1).cast(pl.Int16),
        revolving=(pl.col("repayment_method") == "revolving").fill_null(False).cast(pl.UInt8),  # noqa: FBT003
        product_code=pl.col("product").replace_strict({p: i for i, p in enumerate(products)}, return_dtype=pl.Int16),
    )


def _borrowers(versions: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The versions of each borrower, under every loan that names it; the first holds from ever."""
    earliest = pl.col("known_on").min().over("borrower_id")
    assumed = pl.when(pl.col("known_on") == earliest).then(NO_DAY).otherwise("known_on").cast(pl.Int32)
    rows = rows.with_columns(effective_on=pl.coalesce("effective_on", assumed))
    rows = beliefs.versioned(rows, ["borrower_id"], ["region"]).drop("ix")
    named = versions.select("ix", "who", "borrower_id").unique()
    return named.join(rows, on="borrower_id", how="inner").sort("ix", "who", "effective_on", "known_on")


def _instalments(rows: pl.DataFrame, first: pl.DataFrame) -> pl.DataFrame:
    if rows["effective_on"].null_count():
        earliest = (
            rows.group_by("ix")
            .agg(earliest=pl.col("known_on").min())
            .join(first.select("ix", disbursed="disbursed_on"), on="ix", how="left")
        )
        rows = rows.join(earliest, on="ix", how="left", maintain_order="left")
        assumed = pl.when(pl.col("known_on") == pl.col("earliest")).then("disbursed")
        rows = rows.with_columns(effective_on=pl.coalesce("effective_on", assumed)).drop("earliest", "disbursed")
    if rows["effective_on"].null_count():  # of later rows only the loans that have any are looked at
        later = rows.filter(pl.col("effective_on").is_null()).select("ix").unique()
        some = rows.join(later, on="ix", how="semi", maintain_order="left")
        known = pl.col("known_on")
        new_seq = known == known.min().over("ix", "seq")
        later_from = pl.when(new_seq).then(pl.min_horizontal("known_on", "due_on")).otherwise(known)
        some = some.with_columns(effective_on=pl.coalesce("effective_on", later_from))
        rows = pl.concat([rows.join(later, on="ix", how="anti", maintain_order="left"), some])
    rows = beliefs.versioned(rows, ["ix", "seq"], ["due_on", "principal", "interest", "fee", "cancelled"])
    return rows.with_columns(cancelled=pl.col("cancelled").cast(pl.UInt8))


def _events(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    key, date = EVENTS[table]
    values = [name for name in rows.columns if name not in ("ix", "known_on", *beliefs.ARRIVAL, key)]
    rows = beliefs.events(rows, key, values)
    if table == "payments":
        rows = beliefs.with_reversal_purpose(beliefs.voided(rows, key), {p: i for i, p in enumerate(PURPOSES)})
    elif table == "charges":
        never = pl.when(pl.col("reverses").is_not_null()).then(
            "known_on"
        )  # a reversal is no charge; it stays to be told of
        rows = beliefs.voided(rows, key).with_columns(until=pl.coalesce(never, "until"))
    elif table == "changes":
        rows = rows.with_columns(
            pl.col("kind").replace_strict({k: i for i, k in enumerate(CHANGE_KINDS)}, return_dtype=pl.Int8),
            *(pl.col(name).fill_null(NO_AMOUNT) for name in AMOUNTS["changes"]),
        )
    elif table == "standings":
        rows = rows.with_columns(
            pl.col("dpd").fill_null(NO_NUMBER).cast(pl.Int32), pl.col("principal_outstanding").fill_null(NO_AMOUNT)
        )
    return beliefs.in_order(rows, "ix", date, [key, "known_on"] if key != date else ["known_on"])


def _split(payments: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Move the components, which few lenders give, into a table of their own."""
    parts = ("principal", "interest", "fee", "penalty")
    given = pl.any_horizontal([pl.col(name).is_not_null() for name in parts])
    splits = payments.filter(given).select([pl.col(name).fill_null(0) for name in parts])
    place = pl.when(given).then(given.cast(pl.Int32).cum_sum() - 1).otherwise(NO_NUMBER).cast(pl.Int32)
    payments = payments.with_columns(split=place, seq=pl.col("seq").fill_null(NO_NUMBER).cast(pl.Int32))
    return payments.drop(parts), splits


def _offsets(ix: pl.Series, count: int) -> np.ndarray[Any, Any]:
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(ix.to_numpy(), minlength=count), out=offsets[1:])
    return offsets


def _loans(
    count: int, loan_ids: pl.Series, first: pl.DataFrame, currency: pl.DataFrame, tables: Frames
) -> pl.DataFrame:
    frame = pl.DataFrame({"ix": np.arange(count, dtype=np.int32), "loan_id": loan_ids})
    known = first.select("ix", "known_on")
    rows_known = tables["instalments"].group_by("ix").agg(rows_known_on=pl.col("known_on").max())
    frame = frame.join(known, on="ix", how="left", maintain_order="left").join(
        currency, on="ix", how="left", maintain_order="left"
    )
    frame = frame.join(rows_known, on="ix", how="left", maintain_order="left")
    flags = np.where(_plain(count, tables), PLAIN, 0) | np.where(_never_late(count, tables), NEVER_LATE, 0)
    return frame.select(
        "ix", "loan_id", traits=pl.Series(flags.astype(np.uint8)), known_on=pl.col("known_on").fill_null(FOREVER),
        rows_known_on=pl.col("rows_known_on").fill_null(FOREVER), code=pl.col("code").fill_null(0),
    )  # fmt: skip


def _any(frame: pl.DataFrame, count: int, condition: pl.Expr) -> np.ndarray[Any, Any]:
    found = np.zeros(count, bool)
    found[frame.filter(condition)["ix"].to_numpy()] = True
    return found


def _plain(count: int, tables: Frames) -> np.ndarray[Any, Any]:
    """Which loans the plain loop may answer."""
    everything = pl.lit(True)  # noqa: FBT003
    odd = np.zeros(count, bool)
    for table in ("changes", "charges", "draws", "bills"):
        odd |= _any(tables[table], count, everything)
    payments = tables["payments"]
    odd |= _any(
        payments,
        count,
        ~pl.col("purpose").is_in([SCHEDULED, REVERSAL]) | (pl.col("seq") != NO_NUMBER) | (pl.col("split") != NO_NUMBER),
    )
    versions = tables["versions"]
    odd |= _any(
        versions, count, pl.col("ix").is_duplicated() | (pl.col("closed_on") != NO_DAY) | (pl.col("revolving") == 1)
    )
    disbursed = np.full(count, FOREVER, np.int32)
    disbursed[versions["ix"].to_numpy()] = versions["disbursed_on"].to_numpy()
    rows = tables["instalments"]
    ix = rows["ix"].to_numpy()
    rows = rows.with_columns(disbursed=pl.Series(disbursed[ix]))
    again = (pl.col("ix") == pl.col("ix").shift()) & (
        (pl.col("seq") == pl.col("seq").shift()) | (pl.col("due_on") < pl.col("due_on").shift())
    )
    odd |= _any(
        rows,
        count,
        again.fill_null(False)  # noqa: FBT003
        | (pl.col("cancelled") == 1)
        | (pl.col("effective_on") > pl.col("disbursed"))
        | (pl.col("due_on") < pl.col("disbursed")),
    )
    planned = np.zeros(count, bool)
    planned[ix] = True
    return planned & ~odd


def _never_late(count: int, tables: Frames) -> np.ndarray[Any, Any]:
    """Which loans have only payments known by their day, never corrected or voided."""
    late = _any(tables["payments"], count, (pl.col("known_on") > pl.col("paid_on")) | (pl.col("until") != FOREVER))
    return ~late
