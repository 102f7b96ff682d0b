"""Answers made into Arrow: one row a known loan, the columns of `family` in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daihou.book import days
from daihou.book.ledger.layout import NO_AMOUNT, NO_DAY
from daihou.monitoring.arrears import shapes
from daihou.monitoring.arrears.shapes import BASES, EMPTY, STATES
from daihou.monitoring.columns import nullable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Records
    from daihou.policies.buckets import Buckets
    from daihou.policies.overdue import RegulatoryOverdue
    from daihou.policies.repeated import RepeatedArrears

DICTIONARY: Final = pa.dictionary(pa.int32(), pa.string())
SCHEMA: Final = pa.schema(
    [
        ("loan_id", pa.string()), ("borrower_id", pa.string()), ("org_id", DICTIONARY), ("officer_id", DICTIONARY), ("product", DICTIONARY),
        ("region", DICTIONARY), ("asset_class", DICTIONARY), ("as_of", pa.date32()), ("known_on", pa.date32()), ("basis", DICTIONARY),
        ("state", DICTIONARY), ("currency", DICTIONARY), ("dpd", pa.int32()), ("dpd_principal", pa.int32()), ("dpd_interest", pa.int32()),
        ("dpd_reported", pa.int32()), ("oldest_unpaid_due_on", pa.date32()), ("overdue_amount", pa.int64()), ("overdue_principal", pa.int64()),
        ("overdue_interest", pa.int64()), ("overdue_fee", pa.int64()), ("charges_accrued", pa.int64()), ("total_claim", pa.int64()),
        ("overdue_principal_reg", pa.int64()), ("principal_outstanding", pa.int64()), ("principal_outstanding_base", pa.int64()),
        ("paid_amount", pa.int64()), ("next_due_on", pa.date32()), ("next_due_amount", pa.int64()), ("last_paid_on", pa.date32()),
        ("bucket", DICTIONARY), ("instalments_due", pa.int32()), ("unpaid_due_dates", pa.int32()), ("missed_12m", pa.int32()),
        ("missed_24m", pa.int32()), ("max_dpd_3m", pa.int32()), ("max_dpd_6m", pa.int32()), ("max_dpd_12m", pa.int32()),
        ("max_dpd_ever", pa.int32()), ("months_since_late", pa.int32()), ("first_payment_missed", pa.bool_()), ("status_24m", pa.string()),
        ("days_to_maturity", pa.int32()), ("extension_count", pa.int32()), ("accelerated_on", pa.date32()), ("written_off_amount", pa.int64()),
        ("recovered_after_write_off", pa.int64()),
    ]
)  # fmt: skip
"""Amounts are int64 minor units of `currency`; `principal_outstanding_base` is in those of the home's base currency."""

COLUMNS: Final = frozenset(SCHEMA.names)
AMOUNTS, DATES, COUNTS = (COLUMNS & set(names) for names in (shapes.AMOUNTS, shapes.DATES, shapes.COUNTS))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a snapshot is read by on one date: the pair of dates, the policies in force, and rates to the base currency."""

    as_of: dt.date
    known_on: dt.date
    buckets: Buckets
    overdue: RegulatoryOverdue
    repeated: RepeatedArrears
    rates: Mapping[str, Any]
    """By currency: (numerator, denominator) from minor units to minor units of the base currency."""


def snapshot(shard: Shard, answers: Records, loans: Records, reading: Reading) -> pa.RecordBatch:
    """The rows of one date for known loans (their places in the shard) and their answers."""
    version = answers["version"]
    strings = shard.strings
    whole = len(loans) == shard.count
    names = (
        strings["versions"].take(pa.array(version)).combine_chunks()
        if len(version)
        else strings["versions"].slice(0, 0)
    )
    dpd = answers["dpd"]
    columns: dict[str, Any] = {
        "loan_id": strings["loans"]["loan_id"] if whole else strings["loans"]["loan_id"].take(pa.array(loans)),
        "as_of": _constant(reading.as_of, pa.date32(), len(loans)),
        "known_on": _constant(reading.known_on, pa.date32(), len(loans)),
        "basis": _coded(answers["basis"], BASES),
        "state": _coded(answers["state"], STATES),
        "region": _region(shard, answers["borrower"]),
        "bucket": _bucket(dpd, reading.buckets),
        "first_payment_missed": pa.array(
            answers["first_payment_missed"] == 1, mask=answers["first_payment_missed"] == EMPTY
        ),
        "status_24m": _status(answers["status_24m"]),
        "days_to_maturity": _to_maturity(shard, version, reading.as_of),
        "overdue_principal_reg": _regulatory(answers, names, reading.overdue),
    }
    for name in ("borrower_id", "org_id", "officer_id", "product", "asset_class", "currency"):
        columns[name] = names[name]
    for name in AMOUNTS:
        columns[name] = nullable(answers[name], NO_AMOUNT, pa.int64())
    for name in DATES:
        columns[name] = nullable(answers[name], NO_DAY, pa.int32()).view(pa.date32())
    for name in COUNTS:
        columns[name] = nullable(answers[name], EMPTY, pa.int32())
    columns["principal_outstanding_base"] = _in_base(columns["principal_outstanding"], names["currency"], reading.rates)
    arrays = [_cast(columns[field.name], field.type) for field in SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def _cast(column: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    if column.type == kind:
        return column
    if pa.types.is_dictionary(kind) and not pa.types.is_dictionary(column.type):
        return column.cast(pa.string()).dictionary_encode()
    return column.cast(kind)


def _constant(value: dt.date, kind: pa.DataType, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(value, kind), count)


def _coded(codes: Records, labels: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), pa.array(labels))


def _bucket(dpd: Records, buckets: Buckets) -> pa.Array:
    codes = np.searchsorted(np.array(buckets.ends, np.int32), dpd, side="left").astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=dpd == EMPTY), pa.array(buckets.labels))


def _status(codes: Records) -> pa.Array:
    count = len(codes)
    offsets = pa.py_buffer(np.arange(0, 24 * (count + 1), 24, dtype=np.int32))
    return pa.StringArray.from_buffers(count, offsets, pa.py_buffer(np.ascontiguousarray(codes)))


def _region(shard: Shard, borrower: Records) -> pa.Array:
    places = pa.array(borrower, mask=borrower == EMPTY)
    return shard.strings["borrowers"]["region"].take(places)


def _to_maturity(shard: Shard, version: Records, as_of: dt.date) -> pa.Array:
    matures_on = shard.facts.versions["matures_on"][version]
    return pa.array(matures_on - np.int32(days.day_of(as_of)), mask=matures_on == NO_DAY)


def _regulatory(answers: Records, names: pa.Table, overdue: RegulatoryOverdue) -> pa.Array:
    """0 without arrears; the overdue principal of an instalment retail loan up to the policy's days; else the whole balance."""
    retail = pc.and_(
        pc.is_in(names["asset_class"], value_set=pa.array(overdue.asset_classes, pa.string())),
        pc.is_in(names["repayment_method"], value_set=pa.array(overdue.repayment_methods, pa.string())),
    ).to_numpy()
    dpd = answers["dpd"]
    part = np.where(retail & (dpd <= overdue.days), answers["overdue_principal"], answers["principal_outstanding"])
    value = np.where(dpd == 0, 0, part)
    return pa.array(value, mask=(dpd == EMPTY) | ((dpd != 0) & (part == NO_AMOUNT)))


def _in_base(amounts: pa.Array, currency: pa.ChunkedArray, rates: Mapping[str, Any]) -> pa.Array:
    """Amounts at the rates, rounded half to even in exact decimals; empty where a currency has no rate."""
    present = [value for value in pc.unique(currency).to_pylist() if value is not None]
    if all(rates.get(code) == 1 for code in present):
        return amounts
    result = pa.nulls(len(amounts), pa.int64())
    for code in present:
        rate = rates.get(code)
        if rate is None:
            continue
        here = pc.equal(currency, code).combine_chunks()
        if rate == 1:
            converted = amounts
        else:
            scaled = pc.multiply_checked(amounts.cast(pa.decimal128(19, 0)), pa.scalar(rate, pa.decimal128(18, 10)))
            converted = pc.round(scaled, 0, "half_to_even").cast(pa.int64())
        result = pc.if_else(here, converted, result)
    return result
