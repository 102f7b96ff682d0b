"""Payments that came since a ledger was built, put among those of a gathered shard: plain ones and plain reversals, without building anew.

What takes more than that is told: an id that the loan has already, two reversals of one payment, a payment that had been replaced before. Those loans
must be built by `build`, and a law holds that it would give the same for all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from daihou.book.ledger.layout import (
    FOREVER,
    NEVER_LATE,
    NO_NUMBER,
    PAYMENTS,
    PLAIN,
    REVERSAL,
    SCHEDULED,
    Facts,
)
from daihou.book.ledger.shard import Shard
from daihou.book.records import joined, taken

if TYPE_CHECKING:
    import numpy.typing as npt

    from daihou.book.ledger import layout

    Whole = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

MIX = np.uint64(0x9E3779B97F4A7C15)
"""Spreads the place of a loan over 64 bits, so that ids are told apart by loan."""


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments to be put in, in the order in which they came; amounts in minor units of the loan's currency."""

    loan: Whole
    """The place of the loan in the gathered shard."""
    records: np.ndarray[Any, Any]
    """As `layout` holds them; `split` is a place in `splits`, `until` is FOREVER, the purpose of a reversal REVERSAL."""
    splits: np.ndarray[Any, Any]
    ids: pl.Series
    reverses: pl.Series


def put(shard: Shard, new: Payments) -> tuple[Shard, Flags]:
    """The shard with the payments of all loans that are plain enough, and which are not: those are to be built anew, whatever stands of them here."""
    count = shard.count
    strings = shard.strings["payments"]
    base = shard.facts.payments.view(np.ndarray)
    whose = np.repeat(np.arange(count, dtype=np.int64), np.diff(shard.facts.at[PAYMENTS]))
    ids = pl.Series(strings["payment_id"])
    loan = np.concatenate([whose, new.loan])
    keys = _keys(pl.concat([ids, new.ids.cast(pl.String)]), loan)
    knotty = np.zeros(count, bool)
    knotty[new.loan[pl.Series(keys).is_duplicated().to_numpy()[len(base) :]]] = True
    records = joined([base, new.records], base.dtype)
    splits = shard.facts.splits.view(np.ndarray)
    parted = np.flatnonzero(new.records["split"] != NO_NUMBER) + len(base)
    records["split"][parted] += len(splits)
    reversing = pl.concat([pl.Series(strings["reverses"]).cast(pl.String), new.reverses.cast(pl.String)])
    cut = _void(records, keys, loan, reversing, len(base), knotty)
    flags = _flags(shard, records[len(base) :], new.loan, cut)
    keep = np.ones(len(records), bool)
    keep[len(base) :] = ~knotty[new.loan]
    order = _order(records, loan, pl.concat([ids, new.ids.cast(pl.String)]), len(base), keep)
    at = shard.facts.at.copy()
    at[PAYMENTS, 1:] = np.cumsum(np.bincount(loan[keep], minlength=count))
    at.setflags(write=False)
    held = {
        "at": at, "loans": _with_traits(shard.facts.loans, np.where(knotty, shard.facts.loans.view(np.ndarray)["traits"], flags)),
        "payments": _recorded(taken(records, order)), "splits": _recorded(joined([splits, new.splits], splits.dtype)),
    }  # fmt: skip
    facts = Facts(**{name: held.get(name, getattr(shard.facts, name)) for name in Facts._fields})
    return Shard(facts, shard.strings, shard.products, shard.currencies), knotty


def _keys(ids: pl.Series, loan: Whole) -> npt.NDArray[np.uint64]:
    """An id within its loan, as a number."""
    mixed: npt.NDArray[np.uint64] = ids.hash(0).to_numpy() ^ (loan.astype(np.uint64) * MIX)
    return mixed


def _void(
    records: np.ndarray[Any, Any],
    keys: npt.NDArray[np.uint64],
    loan: Whole,
    reverses: pl.Series,
    old: int,
    knotty: Flags,
) -> Whole:
    """Cut short what reversals name, those that came now or, before their payment, earlier; the loans of which something was cut."""
    rows = np.flatnonzero(reverses.is_not_null().to_numpy())
    if not len(rows):
        return np.zeros(0, np.int64)
    concerned = np.zeros(len(knotty), bool)
    concerned[loan[rows[rows >= old]]] = True  # a reversal came
    concerned[loan[old:]] = True
    rows = rows[concerned[loan[rows]]]
    if not len(rows):
        return np.zeros(0, np.int64)
    named = _keys(reverses.gather(rows), loan[rows])
    among = np.flatnonzero(concerned[loan])
    sorted_ = among[np.argsort(keys[among])]
    place = np.minimum(np.searchsorted(keys[sorted_], named), max(len(sorted_) - 1, 0))
    target = sorted_[place]
    several = np.searchsorted(keys[sorted_], named, side="right") - np.searchsorted(keys[sorted_], named) > 1
    met = keys[target] == named
    met &= (rows >= old) | (target >= old)  # what both came before was settled when the ledger was built
    rows, target, several = rows[met], target[met], several[met]
    odd = several | (records["until"][rows] != FOREVER) | (records["until"][target] != FOREVER)
    knotty[loan[target[odd]]] = True
    plain = ~odd & (records["purpose"][target] != REVERSAL)  # a reversal is no money that could be taken back
    rows, target = rows[plain], target[plain]
    twice = pl.Series(target).is_duplicated().to_numpy()
    knotty[loan[target[twice]]] = True
    rows, target = rows[~twice], target[~twice]
    records["until"][target] = np.maximum(records["known_on"][target], records["known_on"][rows])
    found: Whole = loan[target]
    return found


def _flags(shard: Shard, new: np.ndarray[Any, Any], loan: Whole, cut: Whole) -> npt.NDArray[np.uint8]:
    """Which loop may answer each loan afterwards."""
    traits: npt.NDArray[np.uint8] = shard.facts.loans.view(np.ndarray)["traits"].copy()
    odd = ~np.isin(new["purpose"], (SCHEDULED, REVERSAL)) | (new["seq"] != NO_NUMBER) | (new["split"] != NO_NUMBER)
    late = new["known_on"] > new["on"]
    traits[loan[odd]] &= ~np.uint8(PLAIN)
    traits[loan[late]] &= ~np.uint8(NEVER_LATE)
    traits[cut] &= ~np.uint8(NEVER_LATE)
    return traits


def _order(records: np.ndarray[Any, Any], loan: Whole, ids: pl.Series, old: int, keep: Flags) -> Whole:
    """The rows kept, by loan, date, id and when they were known."""
    packed = loan << 32 | (records["on"].astype(np.int64) + 2**31)
    new = np.arange(old, len(records))
    new = new[np.argsort(packed[old:], kind="stable")]
    rows = np.concatenate([np.arange(old), new])
    rows = rows[keep[rows]]
    rows = rows[np.argsort(packed[rows], kind="stable")]  # two runs in order: a merge
    places = packed[rows]
    begins = np.concatenate([[True], places[1:] != places[:-1]]) if len(places) else np.zeros(0, bool)
    group = np.cumsum(begins) - 1
    sizes = np.bincount(group) if len(group) else np.zeros(0, np.int64)
    fresh = np.flatnonzero(rows >= old)
    tied = np.unique(group[fresh][sizes[group[fresh]] > 1]) if len(fresh) else fresh
    starts = np.flatnonzero(begins)
    for one in tied.tolist():
        span = slice(int(starts[one]), int(starts[one] + sizes[one]))
        rows[span] = sorted(
            rows[span].tolist(), key=lambda row: (str(ids[row]).encode(), int(records["known_on"][row]), row)
        )
    return np.asarray(rows, np.int64)


def _with_traits(loans: layout.Records, traits: npt.NDArray[np.uint8]) -> layout.Records:
    whole = joined([loans], loans.dtype)
    whole["traits"] = traits
    return _recorded(whole)


def _recorded(rows: np.ndarray[Any, Any]) -> layout.Records:
    records = rows.view(np.recarray)
    records.setflags(write=False)
    return records
