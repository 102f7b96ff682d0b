"""Answers made into Arrow: one row a known loan, the columns of `family`, each made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daihou.book.ledger.layout import NO_AMOUNT, NO_DAY
from daihou.monitoring.arrears import shapes
from daihou.monitoring.arrears.shapes import BASES, EMPTY, STATES
from daihou.monitoring.columns import nullable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Records
    from daihou.monitoring.columns import Fields
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

    def reads_as(self, other: Reading) -> bool:
        """Whether the two differ in their dates alone."""
        return (self.buckets, self.overdue, self.repeated, self.rates) == (
            other.buckets, other.overdue, other.repeated, other.rates,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """Of each row: the place of its loan in the shard, and its two dates as days."""

    loans: Records
    as_of: Records
    known_on: Records
    whole: bool
    """Whether the rows are all loans of the shard in their order, once."""


Makers = dict[str, Callable[[], Any]]
"""By column: what makes it, so that only what is asked for is made."""


def makers(shard: Shard, answers: Fields, asked: Asked, reading: Reading) -> Makers:
    """The columns for the answers of known loans. `reading` holds for all their dates."""
    version = answers["version"]
    places = pa.array(version)
    strings = shard.strings
    dpd = answers["dpd"]

    def named(name: str) -> pa.Array:
        return strings["versions"][name].take(places) if len(version) else strings["versions"][name].slice(0, 0)

    def balance() -> pa.Array:
        return nullable(answers["principal_outstanding"], NO_AMOUNT, pa.int64())

    ids = strings["loans"]["loan_id"]
    return {
        **{
            name: partial(named, name)
            for name in ("borrower_id", "org_id", "officer_id", "product", "asset_class", "currency")
        },
        **{name: partial(_nullable, answers, name, NO_AMOUNT, pa.int64()) for name in AMOUNTS},
        **{name: partial(_date, answers, name) for name in DATES},
        **{name: partial(_nullable, answers, name, EMPTY, pa.int32()) for name in COUNTS},
        "loan_id": lambda: ids if asked.whole else ids.take(pa.array(asked.loans)),
        "as_of": lambda: _dated(asked.as_of),
        "known_on": lambda: _dated(asked.known_on),
        "basis": lambda: _coded(answers["basis"], BASES),
        "state": lambda: _coded(answers["state"], STATES),
        "region": lambda: _region(shard, answers["borrower"]),
        "bucket": lambda: _bucket(dpd, reading.buckets),
        "first_payment_missed": lambda: pa.array(
            answers["first_payment_missed"] == 1, mask=answers["first_payment_missed"] == EMPTY
        ),
        "status_24m": lambda: _status(answers["status_24m"]),
        "days_to_maturity": lambda: _to_maturity(shard, version, asked.as_of),
        "overdue_principal_reg": lambda: _regulatory(
            answers, named("asset_class"), named("repayment_method"), reading.overdue
        ),
        "principal_outstanding_base": lambda: _in_base(balance(), named("currency"), reading.rates),
    }


def _nullable(answers: Fields, name: str, empty: int, kind: pa.DataType) -> pa.Array:
    return nullable(answers[name], empty, kind)


def _date(answers: Fields, name: str) -> pa.Array:
    return nullable(answers[name], NO_DAY, pa.int32()).view(pa.date32())


def _dated(days: Records) -> pa.Array:
    return pa.array(days, pa.int32()).view(pa.date32())


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


def _to_maturity(shard: Shard, version: Records, as_of: Records) -> pa.Array:
    matures_on = shard.facts.versions["matures_on"][version]
    return pa.array(matures_on - as_of, mask=matures_on == NO_DAY)


def _regulatory(answers: Fields, asset_class: pa.Array, method: pa.Array, overdue: RegulatoryOverdue) -> pa.Array:
    """0 without arrears; the overdue principal of an instalment retail loan up to the policy's days; else the whole balance."""
    retail = pc.and_(
        pc.is_in(asset_class, value_set=pa.array(overdue.asset_classes, pa.string())),
        pc.is_in(method, value_set=pa.array(overdue.repayment_methods, pa.string())),
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
        here = pc.equal(currency, code)
        here = here.combine_chunks() if isinstance(here, pa.ChunkedArray) else here
        if rate == 1:
            converted = amounts
        else:
            scaled = pc.multiply_checked(amounts.cast(pa.decimal128(19, 0)), pa.scalar(rate, pa.decimal128(18, 10)))
            converted = pc.round(scaled, 0, "half_to_even").cast(pa.int64())
        result = pc.if_else(here, converted, result)
    return result
