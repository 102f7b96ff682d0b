"""What the log holds and a ledger has not got yet: rows by the loan they belong to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

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
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]

LATER: Final = 2**40
"""The batch of rows that have none yet: they came after all that have one."""
PARTS: Final = ("principal", "interest", "fee", "penalty")
CODES: Final = {name: code for code, name in enumerate(PURPOSES)}


@dataclass
class Overlay:
    """The rows of all tables of the ledger."""

    rows: dict[str, Kept] = field(
        default_factory=lambda: {table: Kept("borrower_id" if table == BY_BORROWER else "loan_id") for table in COLUMNS}
    )
    knotty: set[str] = field(default_factory=set)
    """Loans that came new or have rows which cannot be put in: they are built anew."""
    _paid: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    """Payments by loan as they came: the columns of `_paid`, one by one, which costs less than columns of few rows."""

    def add(self, table: str, rows: pa.Table) -> list[str]:
        """Take rows of the lake's schema with `place`; whom each is about: a loan, or a borrower."""
        about = self.rows[table].add(rows)
        if table == "payments":
            held = self._paid
            for loan, paid in zip(about, _paid(rows), strict=True):
                held[loan].append(paid)
        elif table != BY_BORROWER:
            self.knotty.update(about)
        return about

    def paid(self, loans: Mapping[str, int], steps: npt.NDArray[np.int64]) -> Payments | None:
        """The payments of some loans, ready to be put in: by loan its place and, by place, the ten-thousandths in a minor unit of its currency.

        Amounts with more decimals than the currency are left out, as the ledger refuses them. None where there are none.
        """
        found = [(*one, loans[loan]) for loan in loans.keys() & self._paid.keys() for one in self._paid[loan]]
        if not found:
            return None
        found.sort(key=itemgetter(0))
        return _payments(found, steps)

    def staged(self, table: str, owners: Iterable[str]) -> pl.DataFrame | None:
        """The rows of a table about some loans, or borrowers, as the ledger stages them; None where there are none."""
        rows = self.rows[table].of(owners)
        if rows is None:
            return None
        return rows.with_columns(batch=pl.lit(LATER, pl.Int64), row=pl.col("place")).select(staged_columns(table))


def _paid(rows: pa.Table) -> Iterable[tuple[Any, ...]]:
    """Payments of the lake's schema, one by one: place, dates as counts of days, seq, purpose, id, what is reversed, amount and parts in ten-thousandths."""
    return zip(
        rows.column("place").to_pylist(), _days(rows.column("paid_on")), _days(rows.column("known_on")), rows.column("seq").to_pylist(),
        rows.column("purpose").to_pylist(), rows.column("payment_id").to_pylist(), rows.column("reverses").to_pylist(),
        *(_ten_thousandths(rows.column(name)) for name in ("amount", *PARTS)), strict=True,
    )  # fmt: skip


def _days(column: pa.ChunkedArray) -> list[int]:
    found: list[int] = column.cast(pa.int32()).to_pylist()
    return found


def _ten_thousandths(column: pa.ChunkedArray) -> list[Any]:
    """Amounts of the lake as whole numbers; None where empty."""
    if column.null_count == len(column):
        return [None] * len(column)
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


def _payments(found: list[tuple[Any, ...]], steps: Whole) -> Payments:
    _, on, known_on, seq, purpose, ids, reverses, amount, *parts, place = zip(*found, strict=True)
    at = np.array(place, np.int64)
    step = steps[at]
    amounts = np.array(amount, np.int64)
    given = np.array([any(part is not None for part in of) for of in zip(*parts, strict=True)], bool)
    shares = np.array(
        [[part or 0 for part in of] for of in zip(*parts, strict=True) if any(part is not None for part in of)],
        np.int64,
    ).reshape(-1, len(PARTS))
    fits = amounts % step == 0
    fits[given] &= (shares % step[given, None] == 0).all(axis=1)
    records = np.zeros(len(found), layout.record("payments"))
    records["on"], records["known_on"], records["until"], records["amount"] = on, known_on, FOREVER, amounts // step
    records["seq"] = [NO_NUMBER if one is None else one for one in seq]
    records["purpose"] = [
        CODES[one or "scheduled"] if of is None else REVERSAL for one, of in zip(purpose, reverses, strict=True)
    ]
    splits = np.zeros(int((given & fits).sum()), layout.record("splits"))
    for number, name in enumerate(PARTS):
        splits[name] = (shares // step[given, None])[fits[given], number]
    records = records[fits]
    records["split"] = np.where(given[fits], np.cumsum(given[fits]) - 1, NO_NUMBER)
    held = pl.Series(fits)
    return Payments(
        at[fits],
        records,
        splits,
        pl.Series(ids, dtype=pl.String).filter(held),
        pl.Series(reverses, dtype=pl.String).filter(held),
    )


def settled(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Staged rows of an event table as the lake will hold them: of two with one key and one date of knowledge the first stands."""
    declared = contracts.table(table)
    if declared.kind != "event":
        return rows
    keys = [name for name in dict.fromkeys(("loan_id", *declared.key, "known_on")) if name in rows.columns]
    return rows.sort("batch", "row").unique(keys, keep="first", maintain_order=True)
