"""Payments that a ledger has not got yet, found by loan and ready to be put in: columns that grow, since a batch of the stream asks thousands of them at once."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from daihou.book.ledger import layout
from daihou.book.ledger.layout import FOREVER, NO_NUMBER, PURPOSES, REVERSAL, SCHEDULED
from daihou.book.ledger.putting import Payments
from daihou.book.records import joined, taken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

PARTS: Final = ("principal", "interest", "fee", "penalty")
CODES: Final = {name: code for code, name in enumerate(PURPOSES)}
ROW: Final = np.dtype(
    [("on", np.int32), ("known_on", np.int32), ("seq", np.int32), ("purpose", np.int8), ("amount", np.int64), ("given", np.bool_), ("parts", np.int64, 4)]
)  # fmt: skip
"""Dates as counts of days, amounts and parts in ten-thousandths; `given` where any part is."""
ROOM: Final = 64


class Paid:
    """The payments of all loans, in the order in which they came."""

    def __init__(self) -> None:
        self._rows = np.zeros(ROOM, ROW)
        self._count = 0
        self._ids: list[str] = []
        self._reverses: list[str | None] = []
        self._of: dict[str, list[int]] = defaultdict(list)

    def add(self, loans: Sequence[str], rows: pa.Table) -> None:
        """Take rows of the lake's schema; `loans` says whose each is."""
        first, end = self._count, self._count + len(loans)
        if end > len(self._rows):
            self._rows = joined([self._rows, np.zeros(max(end, len(self._rows)), ROW)], ROW)
        into = self._rows[first:end]
        reverses: list[str | None] = rows.column("reverses").to_pylist()
        into["on"], into["known_on"] = _numbers(rows, "paid_on"), _numbers(rows, "known_on")
        into["seq"], into["purpose"] = _numbers(rows, "seq"), _purposes(rows, reverses)
        into["amount"], _ = _ten_thousandths(rows.column("amount"))
        into["given"] = False
        for place, name in enumerate(PARTS):
            into["parts"][:, place], known = _ten_thousandths(rows.column(name))
            into["given"] |= known
        self._ids += rows.column("payment_id").to_pylist()
        self._reverses += reverses
        self._count, of = end, self._of
        for row, loan in enumerate(loans, first):
            of[loan].append(row)

    def of(self, loans: Mapping[str, int], steps: Whole) -> Payments | None:
        """The payments of some loans: by loan its place and, by place, the ten-thousandths in a minor unit of its currency.

        Amounts with more decimals than the currency are left out, as the ledger refuses them. None where there are none.
        """
        found: list[int] = []
        places: list[int] = []
        for loan in loans.keys() & self._of.keys():
            mine = self._of[loan]
            found += mine
            places += [loans[loan]] * len(mine)
        if not found:
            return None
        rows, at = np.array(found, np.int64), np.array(places, np.int64)
        order = np.argsort(rows)
        rows, at = rows[order], at[order]
        held, step = taken(self._rows, rows), steps[at]
        fits: Flags = held["amount"] % step == 0
        fits &= ~held["given"] | (held["parts"] % step[:, None] == 0).all(axis=1)
        if not fits.all():
            rows, at, held, step = rows[fits], at[fits], taken(held, np.flatnonzero(fits)), step[fits]
        return _payments(held, at, step, [self._ids[row] for row in rows], [self._reverses[row] for row in rows])


def _payments(
    held: np.ndarray[tuple[int], np.dtype[np.void]], at: Whole, step: Whole, ids: list[str], reverses: list[str | None]
) -> Payments:
    records = np.zeros(len(held), layout.record("payments")).view(np.ndarray)
    for name in ("on", "known_on", "seq", "purpose"):
        records[name] = held[name]
    records["until"], records["amount"] = FOREVER, held["amount"] // step
    given = held["given"]
    splits = np.zeros(int(given.sum()), layout.record("splits"))
    shares = held["parts"][given] // step[given, None]
    for place, name in enumerate(PARTS):
        splits[name] = shares[:, place]
    records["split"] = np.where(given, np.cumsum(given) - 1, NO_NUMBER)
    return Payments(at, records, splits, pl.Series(ids, dtype=pl.String), pl.Series(reverses, dtype=pl.String))


def _numbers(rows: pa.Table, name: str) -> npt.NDArray[np.int32]:
    """A column of dates as counts of days, or of whole numbers; NO_NUMBER where it is empty."""
    column = rows.column(name)
    if column.null_count:
        column = pc.fill_null(column.cast(pa.int32()), NO_NUMBER)
    found: npt.NDArray[np.int32] = column.cast(pa.int32()).to_numpy()
    return found


def _purposes(rows: pa.Table, reverses: Sequence[str | None]) -> npt.NDArray[np.int8]:
    purposes = rows.column("purpose")
    if purposes.null_count == len(purposes):
        found = np.full(len(purposes), SCHEDULED, np.int8)
    else:
        found = np.array([CODES[one or "scheduled"] for one in purposes.to_pylist()], np.int8)
    found[[one is not None for one in reverses]] = REVERSAL
    return found


def _ten_thousandths(column: pa.ChunkedArray) -> tuple[Whole, Flags]:
    """Amounts of the lake as whole numbers, 0 where empty; and where they are not."""
    if column.null_count == len(column):
        return np.zeros(len(column), np.int64), np.zeros(len(column), bool)
    words = [_words(chunk) for chunk in column.chunks if len(chunk)]
    whole = words[0] if len(words) == 1 else np.concatenate(words)
    if not column.null_count:
        return whole, np.ones(len(column), bool)
    known: Flags = column.is_valid().to_numpy()
    return np.where(known, whole, 0), known


def _words(chunk: pa.Array) -> Whole:
    """The lower halves of decimals of 128 bits, which hold all amounts of the lake."""
    both = np.frombuffer(chunk.buffers()[1], np.int64)
    return both[2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2]
