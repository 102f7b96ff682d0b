"""Loans built anew from what is staged of them and what the log holds besides: the code that builds the ledger, on a few loans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.book.ledger.build import build
from daihou.book.ledger.ledger import staged_for, waiting_for
from daihou.book.ledger.shard import from_built
from daihou.book.ledger.stage import BY_BORROWER, bucket
from daihou.book.ledger.staged import COLUMNS, schema
from daihou.runs.stream.overlay import settled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.book.ledger.ledger import Ledger
    from daihou.book.ledger.shard import Shard
    from daihou.runs.stream.overlay import Overlay


def rebuilt(
    ledger: Ledger, overlay: Overlay, loans: Sequence[str], where: Mapping[str, tuple[int, int]]
) -> Shard | None:
    """A shard of these loans in their order; `where` says the shard and place of those that the ledger has. None where of none it is known what it is.

    A loan of which nothing but other facts is known stays a loan without versions, as in the ledger.
    """
    frames = {table: _whole(ledger, overlay, table, loans, where) for table in COLUMNS if table != BY_BORROWER}
    if frames["loans"].is_empty():
        return None
    named = frames["loans"]["borrower_id"].unique().to_list()
    frames[BY_BORROWER] = _borrowers(ledger, overlay, named)
    return from_built(build(pl.Series("loan_id", list(loans), pl.String), frames))


def _whole(
    ledger: Ledger, overlay: Overlay, table: str, loans: Sequence[str], where: Mapping[str, tuple[int, int]]
) -> pl.DataFrame:
    """All rows of a table of these loans, `ix` their place among them."""
    places = pl.DataFrame({"loan_id": list(loans)}, {"loan_id": pl.String}).with_columns(
        ix=pl.int_range(pl.len(), dtype=pl.Int32)
    )
    parts = [_held(ledger, table, loans, where)]
    others = [loan for loan in loans if loan not in where]
    if others:
        parts.append(_placed(waiting_for(ledger, table, others), places, table))
    came = overlay.staged(table, loans)
    if came is not None:
        parts.append(_placed(came, places, table))
    rows = pl.concat([part for part in parts if part.height] or parts[:1])
    return settled(table, rows.with_columns(loan_id=pl.col("ix"))).drop("loan_id") if came is not None else rows


def _held(ledger: Ledger, table: str, loans: Sequence[str], where: Mapping[str, tuple[int, int]]) -> pl.DataFrame:
    """What is staged of the loans that the ledger has."""
    by_shard: dict[int, dict[int, int]] = {}
    for number, loan in enumerate(loans):
        if loan in where:
            shard, place = where[loan]
            by_shard.setdefault(shard, {})[place] = number
    found = [
        staged_for(ledger, table, shard, pl.col("ix").is_in(list(places))).with_columns(
            pl.col("ix").replace_strict(list(places), list(places.values()), return_dtype=pl.Int32)
        )
        for shard, places in by_shard.items()
    ]
    return pl.concat(found) if found else pl.DataFrame(schema=schema(table))


def _placed(rows: pl.DataFrame, places: pl.DataFrame, table: str) -> pl.DataFrame:
    return rows.join(places, on="loan_id", how="inner", maintain_order="left").select(list(schema(table)))


def _borrowers(ledger: Ledger, overlay: Overlay, named: Sequence[str]) -> pl.DataFrame:
    """All versions of some borrowers, from their own buckets."""
    which = pl.col("borrower_id").is_in(list(named))
    found = [staged_for(ledger, BY_BORROWER, shard, which) for shard in sorted({bucket(one) for one in named})]
    came = overlay.staged(BY_BORROWER, named)
    if came is not None:
        found.append(came.with_columns(ix=pl.lit(0, pl.Int32)).select(list(schema(BY_BORROWER))))
    return pl.concat(found) if found else pl.DataFrame(schema=schema(BY_BORROWER))
