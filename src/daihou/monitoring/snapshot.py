"""The snapshot of loans: the columns of every loan family beside one another, a row a loan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daihou.book.days import day_of
from daihou.monitoring.arrears import snapshot as arrears
from daihou.monitoring.arrears.shapes import ANSWER, EMPTY
from daihou.monitoring.behaviour import columns as behaviour
from daihou.monitoring.columns import Picked, conformed
from daihou.monitoring.families import LOAN
from daihou.monitoring.terms import columns as terms

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Records
    from daihou.monitoring.columns import Fields

SCHEMA: Final = pa.schema([*arrears.SCHEMA, *terms.SCHEMA, *behaviour.SCHEMA])
"""Amounts are int64 minor units of `currency`; `principal_outstanding_base` is in those of the home's base currency."""

AMOUNTS: Final = tuple(name for family in LOAN for name in family.amounts)


def snapshot(shard: Shard, answers: Records, first: int, reading: arrears.Reading) -> pa.RecordBatch:
    """The rows of one date for the loans `first` … of a shard, as many as there are answers; loans not known are left out."""
    plain = answers[None, :].view(np.ndarray)  # records cost ten times as much to take a field of
    return snapshots(shard, plain, plain["version"] != EMPTY, first, [reading], SCHEMA)


def snapshots(
    shard: Shard, answers: Fields, kept: Records, first: int, readings: Sequence[arrears.Reading], schema: pa.Schema
) -> pa.RecordBatch:
    """The rows of several dates, date by date, from answers whose fields are arrays [date, loan]; the readings differ in their dates alone.

    `kept` [date, loan] marks some of the known loans: only they are told. `schema` are some fields of SCHEMA: only they are made.
    """
    dates, count = kept.shape
    at = np.flatnonzero(kept)
    told = Picked(answers, at)
    as_of, known_on = (
        np.array([day_of(getattr(reading, name)) for reading in readings], np.int32)[at // max(count, 1)]
        for name in ("as_of", "known_on")
    )
    asked = arrears.Asked(at % max(count, 1) + first, as_of, known_on, whole=dates == 1 and len(at) == shard.count)
    return _made(shard, told, asked, readings[0], schema)


def _made(
    shard: Shard, told: Fields, asked: arrears.Asked, reading: arrears.Reading, schema: pa.Schema
) -> pa.RecordBatch:
    makers = {
        **arrears.makers(shard, told, asked, reading),
        **terms.makers(shard, told["version"], asked.as_of),
        **behaviour.makers(shard, told, reading.repeated),
    }
    return pa.RecordBatch.from_arrays([conformed(makers[one.name](), one.type) for one in schema], schema=schema)


def answered_by(shard: Shard, reading: arrears.Reading, schema: pa.Schema) -> frozenset[str]:
    """The fields of answers that the columns of a schema are made of: those that are looked at to make them for no loan."""
    looked, nobody = _Looked(), np.empty(0, np.int32)
    _made(shard, looked, arrears.Asked(nobody, nobody, nobody, whole=False), reading, schema)
    return frozenset(looked.names)


@dataclass(frozen=True, slots=True)
class _Looked:
    """Fields of no answers, and which of them were looked at."""

    names: set[str] = field(default_factory=set)

    def __getitem__(self, name: str, /) -> Records:
        self.names.add(name)
        kind = ANSWER[name]
        return np.empty((0, *kind.shape), kind.base)


def fields(names: Collection[str]) -> pa.Schema:
    """The fields of SCHEMA of those names, in its order."""
    return pa.schema([one for one in SCHEMA if one.name in names])
