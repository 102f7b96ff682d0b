"""When each fact counts as known: versions of a key replace one another, reversals void, equal rows add nothing."""

from __future__ import annotations

from typing import Final

import polars as pl

from daihou.book.ledger.layout import FOREVER, REVERSAL

ARRIVAL: Final = ("batch", "row")


def versioned(rows: pl.DataFrame, key: list[str], values: list[str]) -> pl.DataFrame:
    """Rows of a versioned table in order of (key, effective_on, known_on), those equal to their forerunner left out.

    Of rows that share both dates the latest to arrive counts. A row is in force from its effective_on, once known; the last in this order among those in force and known wins. A row equal to
    the one before it, which was known no later, can never change the answer.
    """
    rows = rows.sort([*key, "effective_on", "known_on", *ARRIVAL])
    dated = [*key, "effective_on", "known_on"]
    again = pl.all_horizontal([pl.col(name).eq_missing(pl.col(name).shift(-1)) for name in dated])
    rows = rows.filter(~again)
    same = pl.all_horizontal([pl.col(name).eq_missing(pl.col(name).shift()) for name in (*key, *values)])
    return rows.filter(~(same & (pl.col("known_on").shift() <= pl.col("known_on"))).fill_null(False))  # noqa: FBT003


def events(rows: pl.DataFrame, key: list[str], values: list[str]) -> pl.DataFrame:
    """Rows of an event table with `until`: the day from which a later version of the key counts instead (FOREVER if none).

    Of two rows with one key and one known_on the later arrival counts.
    """
    if rows.height == 0 or not rows.select(pl.struct(key).is_duplicated().any()).item():
        return rows.with_columns(until=pl.lit(FOREVER, pl.Int32))
    rows = rows.sort([*key, "known_on", *ARRIVAL])
    rows = rows.unique([*key, "known_on"], keep="last", maintain_order=True)
    same = pl.all_horizontal([pl.col(name).eq_missing(pl.col(name).shift()) for name in (*key, *values)])
    rows = rows.filter(~same.fill_null(False))  # noqa: FBT003
    following = pl.col("known_on").shift(-1).over(key, order_by="known_on")
    return rows.with_columns(until=following.fill_null(FOREVER).cast(pl.Int32))


def voided(rows: pl.DataFrame, id_column: str) -> pl.DataFrame:
    """Cut the knowledge of rows short by the reversals that name them in the same loan; expects `until` and `reverses`.

    A reversal that was itself replaced gives the row back from then on, so a row may return in several spans of knowledge.
    """
    reversing = rows.filter(pl.col("reverses").is_not_null()).select(
        "ix", pl.col("reverses").alias(id_column), pl.col("known_on").alias("from"), pl.col("until").alias("to")
    )
    if reversing.height == 0:
        return rows
    hit = rows.filter(pl.col("reverses").is_null()).join(reversing, on=["ix", id_column], how="inner")
    if hit.height == 0:
        return rows
    untouched = rows.join(hit.select("ix", id_column).unique(), on=["ix", id_column], how="anti")
    reversals = rows.filter(pl.col("reverses").is_not_null()).join(hit.select("ix", id_column).unique(), on=["ix", id_column], how="semi")
    spans = hit.group_by(["ix", id_column, "known_on", "until"]).agg(pl.struct("from", "to"))
    left: list[tuple[object, ...]] = []
    for ix, name, known_on, until, cuts in spans.iter_rows():
        left.extend((ix, name, known_on, *span) for span in _without((known_on, until), cuts))
    kept = pl.DataFrame(
        left,
        schema={"ix": rows.schema["ix"], id_column: pl.String, "known_on": pl.Int32, "begin": pl.Int32, "end": pl.Int32},
        orient="row",
    )
    plain = hit.drop("from", "to").unique(["ix", id_column, "known_on"], keep="first")
    cut = plain.join(kept, on=["ix", id_column, "known_on"], how="inner")
    cut = cut.with_columns(known_on="begin", until="end").select(rows.columns)
    # A payment never known unvoided is kept as an empty span, so that an explanation can name it.
    gone = plain.join(kept, on=["ix", id_column, "known_on"], how="anti").with_columns(until="known_on").select(rows.columns)
    return pl.concat([untouched, reversals, cut, gone])


def _without(span: tuple[int, int], cuts: list[dict[str, int]]) -> list[tuple[int, int]]:
    spans = [span]
    for cut in cuts:
        begin, end = cut["from"], cut["to"]
        spans = [
            piece
            for low, high in spans
            for piece in ((low, min(high, begin)), (max(low, end), high))
            if piece[0] < piece[1]
        ]
    return spans


def with_reversal_purpose(rows: pl.DataFrame, purposes: dict[str, int]) -> pl.DataFrame:
    """The purpose as a code; a row that reverses another is no money whatever its purpose says."""
    code = pl.col("purpose").fill_null("scheduled").replace_strict(purposes, return_dtype=pl.Int8)
    return rows.with_columns(
        purpose=pl.when(pl.col("reverses").is_not_null()).then(pl.lit(REVERSAL, pl.Int8)).otherwise(code)
    )
