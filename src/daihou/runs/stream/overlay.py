"""What the log holds and a ledger has not got yet: rows by the loan they belong to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from daihou.book import contracts
from daihou.book.ledger import layout
from daihou.book.ledger.layout import FOREVER, NO_NUMBER, PURPOSES, REVERSAL
from daihou.book.ledger.putting import Payments
from daihou.book.ledger.stage import BY_BORROWER, staged_columns
from daihou.book.ledger.staged import COLUMNS
from daihou.runs.stream.kept import Kept

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]

LATER: Final = 2**40
"""The batch of rows that have none yet: they came after all that have one."""
PARTS: Final = ("principal", "interest", "fee", "penalty")
CODES: Final = {name: code for code, name in enumerate(PURPOSES)}


class Paid(NamedTuple):
    """A payment as it came: days as counts, amounts in ten-thousandths."""

    on: int
    known_on: int
    seq: int
    amount: int
    purpose: int
    parts: tuple[int, int, int, int] | None
    payment_id: str
    reverses: str | None
    place: int


@dataclass
class Overlay:
    """The rows of all tables of the ledger."""

    rows: dict[str, Kept] = field(
        default_factory=lambda: {table: Kept("borrower_id" if table == BY_BORROWER else "loan_id") for table in COLUMNS}
    )
    knotty: set[str] = field(default_factory=set)
    """Loans that came new or have rows which cannot be put in: they are built anew."""
    _paid: dict[str, list[Paid]] = field(default_factory=lambda: defaultdict(list))

    def add(self, table: str, rows: pa.Table) -> list[str]:
        """Take rows of the lake's schema with `place`; whom each is about: a loan, or a borrower."""
        about = self.rows[table].add(rows)
        if table == "payments":
            for loan, paid in zip(about, _paid(rows), strict=True):
                self._paid[loan].append(paid)
        elif table != BY_BORROWER:
            self.knotty.update(about)
        return about

    def paid(self, loans: Mapping[str, int], steps: npt.NDArray[np.int64]) -> Payments | None:
        """The payments of some loans, ready to be put in: by loan its place and, by place, the ten-thousandths in a minor unit of its currency.

        Amounts with more decimals than the currency are left out, as the ledger refuses them. None where there are none.
        """
        found: list[tuple[int, Paid]] = []
        for loan in loans.keys() & self._paid.keys():
            place = loans[loan]
            step = int(steps[place])
            found += [(place, one) for one in self._paid[loan] if _fits(one, step)]
        if not found:
            return None
        found.sort(key=lambda each: each[1].place)
        return _payments(found, steps)

    def staged(self, table: str, owners: Iterable[str]) -> pl.DataFrame | None:
        """The rows of a table about some loans, or borrowers, as the ledger stages them; None where there are none."""
        rows = self.rows[table].of(owners)
        if rows is None:
            return None
        return rows.with_columns(batch=pl.lit(LATER, pl.Int64), row=pl.col("place")).select(staged_columns(table))

    def without(self, places: Collection[int]) -> None:
        """Forget what the lake refused."""
        gone = set(places)
        for held in self.rows.values():
            held.without(gone)
        for loan, paid in list(self._paid.items()):
            kept = [one for one in paid if one.place not in gone]
            if kept:
                self._paid[loan] = kept
            else:
                del self._paid[loan]


def _paid(rows: pa.Table) -> Iterable[Paid]:
    """Payments of the lake's schema, one by one."""
    parts = zip(*(_ten_thousandths(rows.column(name)) for name in PARTS), strict=True)
    columns = zip(
        _days(rows.column("paid_on")), _days(rows.column("known_on")), rows.column("seq").to_pylist(), _ten_thousandths(rows.column("amount")),
        rows.column("purpose").to_pylist(), parts, rows.column("payment_id").to_pylist(), rows.column("reverses").to_pylist(),
        rows.column("place").to_pylist(), strict=True,
    )  # fmt: skip
    for on, known_on, seq, amount, purpose, given, payment_id, reverses, place in columns:
        code = REVERSAL if reverses is not None else CODES[purpose or "scheduled"]
        split = None if all(part is None for part in given) else tuple(part or 0 for part in given)
        yield Paid(on, known_on, NO_NUMBER if seq is None else seq, amount, code, split, payment_id, reverses, place)  # type: ignore[arg-type]  # four parts


def _days(column: pa.ChunkedArray) -> list[int]:
    found: list[int] = column.cast(pa.int32()).to_pylist()
    return found


def _ten_thousandths(column: pa.ChunkedArray) -> list[Any]:
    """Amounts of the lake as whole numbers; None where empty."""
    found: list[Any] = []
    for chunk in column.chunks:
        words = (
            np.frombuffer(chunk.buffers()[1], np.int64)[2 * chunk.offset : 2 * (chunk.offset + len(chunk)) : 2]
            if len(chunk)
            else ()
        )
        if chunk.null_count:
            found += [
                int(word) if valid else None for word, valid in zip(words, chunk.is_valid().to_pylist(), strict=True)
            ]
        else:
            found += np.asarray(words, np.int64).tolist()
    return found


def _fits(paid: Paid, step: int) -> bool:
    return paid.amount % step == 0 and (paid.parts is None or not any(part % step for part in paid.parts))


def _payments(found: list[tuple[int, Paid]], steps: Whole) -> Payments:
    place = np.array([at for at, _ in found], np.int64)
    step = steps[place]
    records = np.zeros(len(found), layout.record("payments"))
    on, known_on, seq, amount, purpose, parts, ids, reverses, _ = zip(*(one for _, one in found), strict=True)
    records["on"], records["known_on"], records["until"], records["seq"], records["purpose"] = (
        on,
        known_on,
        FOREVER,
        seq,
        purpose,
    )
    records["amount"] = np.array(amount, np.int64) // step
    given = np.array([part is not None for part in parts], bool)
    records["split"] = np.where(given, np.cumsum(given) - 1, NO_NUMBER)
    splits = np.zeros(int(given.sum()), layout.record("splits"))
    if given.any():
        whole = np.array([part for part in parts if part is not None], np.int64) // step[given, None]
        for number, name in enumerate(PARTS):
            splits[name] = whole[:, number]
    return Payments(place, records, splits, pl.Series(ids, dtype=pl.String), pl.Series(reverses, dtype=pl.String))


def settled(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Staged rows of an event table as the lake will hold them: of two with one key and one date of knowledge the first stands."""
    declared = contracts.table(table)
    if declared.kind != "event":
        return rows
    keys = [name for name in dict.fromkeys(("loan_id", *declared.key, "known_on")) if name in rows.columns]
    return rows.sort("batch", "row").unique(keys, keep="first", maintain_order=True)
