"""The snapshot of loans: the columns of every loan family beside one another, a row a loan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daihou.book.days import day_of
from daihou.monitoring.arrears import snapshot as arrears
from daihou.monitoring.arrears.shapes import EMPTY
from daihou.monitoring.behaviour import columns as behaviour
from daihou.monitoring.columns import Picked, conformed
from daihou.monitoring.families import LOAN
from daihou.monitoring.terms import columns as terms

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Records

SCHEMA: Final = pa.schema([*arrears.SCHEMA, *terms.SCHEMA, *behaviour.SCHEMA])
"""Amounts are int64 minor units of `currency`; `principal_outstanding_base` is in those of the home's base currency."""

AMOUNTS: Final = tuple(name for family in LOAN for name in family.amounts)


def snapshot(shard: Shard, answers: Records, first: int, reading: arrears.Reading) -> pa.RecordBatch:
    """The rows of one date for the loans `first` … of a shard, as many as there are answers; loans not known are left out."""
    return snapshots(shard, answers[None, :], first, [reading])


def snapshots(
    shard: Shard,
    answers: Records,
    first: int,
    readings: Sequence[arrears.Reading],
    schema: pa.Schema = SCHEMA,
    chosen: Records | None = None,
) -> pa.RecordBatch:
    """The rows of several dates from answers [date, loan], date by date; the readings differ in their dates alone.

    `schema` may be some fields of SCHEMA: only they are made. `chosen` [date, loan] may mark some of the known loans: only they are told.
    """
    answers = answers.view(np.ndarray)  # records cost ten times as much to take a field of
    dates, count = answers.shape
    kept = answers["version"] != EMPTY if chosen is None else chosen
    at = np.flatnonzero(kept)
    told = Picked(answers, at)
    as_of, known_on = (
        np.array([day_of(getattr(reading, name)) for reading in readings], np.int32)[at // max(count, 1)]
        for name in ("as_of", "known_on")
    )
    asked = arrears.Asked(at % max(count, 1) + first, as_of, known_on, whole=dates == 1 and len(at) == shard.count)
    makers = {
        **arrears.makers(shard, told, asked, readings[0]),
        **terms.makers(shard, told["version"], as_of),
        **behaviour.makers(shard, told, readings[0].repeated),
    }
    return pa.RecordBatch.from_arrays([conformed(makers[field.name](), field.type) for field in schema], schema=schema)


def fields(names: Collection[str]) -> pa.Schema:
    """The fields of SCHEMA of those names, in its order."""
    return pa.schema([field for field in SCHEMA if field.name in names])
