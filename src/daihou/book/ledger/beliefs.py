"""When each fact counts as known: versions of a key replace one another, reversals void, equal rows add nothing."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import polars as pl

from daihou.book.ledger.layout import FOREVER, REVERSAL

ARRIVAL: Final = ("batch", "row")


def _packed(rows: pl.DataFrame, first: str, second: str) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Two whole numbers of 32 bits as one that sorts like the pair: sorting by it costs a fraction of sorting by columns."""
    return rows[first].to_numpy().astype(np.int64) << 32 | (rows[second].to_numpy().astype(np.int64) + 2**31)


def in_order(rows: pl.DataFrame, first: str, second: str, ties: list[str]) -> pl.DataFrame:
    """Rows by (first, second, ties): by the packed pair, and only what shares it by the rest, which is dear and rare."""
    places = _packed(rows, first, second)
    order = np.argsort(places)
    places = places[order]
    tied = np.flatnonzero(_shared(places))
    if len(tied):
        some = rows[order[tied]].select(*ties, place=pl.Series(places[tied]), at=pl.Series(order[tied]))
        order[tied] = some.sort("place", *ties, "at")["at"].to_numpy()
    return rows[order]


def _shared(places: np.ndarray[Any, Any]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of some sorted values has an equal beside it."""
    same = np.concatenate([[False], places[1:] == places[:-1], [False]])
    result: np.ndarray[Any, np.dtype[np.bool_]] = same[1:] | same[:-1]
    return result[: len(places)]


def _same_as(offset: int, names: list[str]) -> pl.Expr:
    return pl.all_horizontal([pl.col(name).eq_missing(pl.col(name).shift(offset)) for name in names])


def versioned(rows: pl.DataFrame, key: list[str], values: list[str]) -> pl.DataFrame:
    """Rows of a versioned table in order of (key, effective_on, known_on), those equal to their forerunner left out.

    Of rows that share both dates the latest to arrive counts. A row is in force from its effective_on, once known; the last in this
    order among those in force and known wins. A row equal to the one before it, which was known no later, can never change the answer.
    """
    if rows.height == 0:
        return rows
    dated = (
        rows.sort([*key, "effective_on", "known_on", *ARRIVAL])
        if len(key) == 1
        else in_order(rows, key[0], key[1], ["effective_on", "known_on", *ARRIVAL])
    )
    several = dated.select((_same_as(1, key) | _same_as(-1, key)).fill_null(value=False)).to_series()
    if not several.any():
        return dated
    some = dated.with_row_index("at").filter(several)
    some = some.filter(~_same_as(-1, [*key, "effective_on", "known_on"]))
    repeats = _same_as(1, [*key, *values]) & (pl.col("known_on").shift() <= pl.col("known_on"))
    some = some.filter(~repeats.fill_null(value=False))
    keep = ~several.to_numpy()
    keep[some["at"].to_numpy()] = True
    return dated if keep.all() else dated.filter(keep)


def events(rows: pl.DataFrame, key: str, values: list[str]) -> pl.DataFrame:
    """Rows of an event table with `until`: the day from which a later version of the key counts instead (FOREVER if none).

    A key is (loan, `key`). Of two rows with one key and one known_on the later arrival counts.
    """
    never = pl.lit(FOREVER, pl.Int32).alias("until")
    if rows.schema[key] == pl.String:
        again = pl.Series([False]) if rows[key].n_unique() == rows.height else rows[key].is_duplicated()
    else:
        again = pl.Series(_packed(rows, "ix", key)).is_duplicated()
    if not again.any():
        return rows.with_columns(never)
    once = rows.filter(~again).with_columns(never)
    several = rows.filter(again).sort(["ix", key, "known_on", *ARRIVAL])
    several = several.unique(["ix", key, "known_on"], keep="last", maintain_order=True)
    several = several.filter(~_same_as(1, ["ix", key, *values]).fill_null(value=False))
    following = pl.col("known_on").shift(-1).over("ix", key, order_by="known_on")
    several = several.with_columns(until=following.fill_null(FOREVER).cast(pl.Int32))
    return pl.concat([once, several])


def voided(rows: pl.DataFrame, id_column: str) -> pl.DataFrame:
    """Cut the knowledge of rows short by the reversals that name them in the same loan; expects `until` and `reverses`.

    A reversal that was itself replaced gives the row back from then on, so a row may return in several spans of knowledge. A row
    never known unvoided keeps an empty span, so that an explanation can name it.
    """
    key = ["ix", id_column]
    reversing = rows.filter(pl.col("reverses").is_not_null()).select(
        "ix", pl.col("reverses").alias(id_column), pl.col("known_on").alias("from"), pl.col("until").alias("to")
    )
    if reversing.height == 0:
        return rows
    lasting = reversing.group_by(key).agg(
        pl.col("from").min(), simple=(pl.len() == 1) & (pl.col("to").max() == FOREVER)
    )
    at_risk = rows.with_row_index("at").filter(
        pl.col("ix").is_in(reversing["ix"].unique().implode()) & pl.col("reverses").is_null()
    )
    named = at_risk.select("at", *key, "known_on", "until").join(lasting, on=key, how="inner")
    cut_short = pl.max_horizontal("known_on", pl.min_horizontal("until", "from"))
    cut = named.filter("simple").select("at", until=cut_short)
    until = rows["until"].to_numpy().copy()
    until[cut["at"].to_numpy()] = cut["until"].to_numpy()
    rows = rows.with_columns(until=pl.Series(until))
    odd = np.zeros(rows.height, bool)
    odd[named.filter(~pl.col("simple"))["at"].to_numpy()] = True
    if not odd.any():
        return rows
    return pl.concat([rows.filter(~odd), _cut_up(rows.filter(odd), reversing, key)])


def _cut_up(rows: pl.DataFrame, reversing: pl.DataFrame, key: list[str]) -> pl.DataFrame:
    """Rows whose reversals came and went, once for each span in which they are known and not voided."""
    spans: list[tuple[int, int, int]] = []
    cuts = (
        rows.with_row_index("place").join(reversing, on=key, how="inner").group_by("place").agg(pl.struct("from", "to"))
    )
    known = rows.select("known_on", "until").rows()
    for place, found in cuts.iter_rows():
        left = _without(known[place], found) or [(known[place][0], known[place][0])]
        spans.extend((place, *span) for span in left)
    kept = pl.DataFrame(spans, schema={"place": pl.UInt32, "begin": pl.Int32, "end": pl.Int32}, orient="row")
    joined = rows.with_row_index("place").join(kept, on="place", how="inner")
    return joined.with_columns(known_on="begin", until="end").select(rows.columns)


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
