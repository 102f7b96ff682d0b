"""What the log holds and a ledger has not got yet: rows by the loan they belong to, staged as the ledger stages them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from daihou.book import contracts
from daihou.book.ledger import layout
from daihou.book.ledger.layout import FOREVER, NO_NUMBER, PURPOSES, REVERSAL
from daihou.book.ledger.putting import Payments
from daihou.book.ledger.stage import BY_BORROWER, staged_columns
from daihou.book.ledger.staged import COLUMNS, schema

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import numpy.typing as npt

    Whole = npt.NDArray[np.int64]

LATER: Final = 2**40
"""The batch of rows that have none yet: they came after all that have one."""
PARTS: Final = ("principal", "interest", "fee", "penalty")


@dataclass
class Rows:
    """Staged rows of one table, in the order in which they came, found by the loan or borrower they belong to."""

    table: str
    _frames: list[pl.DataFrame] = field(default_factory=list)
    _of: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _count: int = 0

    @property
    def key(self) -> str:
        """The column that says to whom a row belongs."""
        return "borrower_id" if self.table == BY_BORROWER else "loan_id"

    def add(self, rows: pl.DataFrame) -> None:
        """Take rows as `stage.staged_columns` makes them, with `place`."""
        for number, owner in enumerate(rows[self.key].to_list(), self._count):
            self._of[owner].append(number)
        self._frames.append(rows)
        self._count += rows.height

    def __contains__(self, owner: object) -> bool:
        return owner in self._of

    def of(self, owners: Iterable[str]) -> pl.DataFrame | None:
        """The rows of some loans, or borrowers; None where there are none."""
        found = [row for owner in owners for row in self._of.get(owner, ())]
        return self._whole()[sorted(found)] if found else None

    def without(self, places: Collection[int]) -> None:
        """Forget rows by their place in the log."""
        kept = self._whole().filter(~pl.col("place").is_in(list(places))) if self._count else None
        self._frames, self._of, self._count = [], defaultdict(list), 0
        if kept is not None and kept.height:
            self.add(kept)

    def _whole(self) -> pl.DataFrame:
        if len(self._frames) > 1:
            self._frames = [pl.concat(self._frames)]
        return self._frames[0]


@dataclass
class Overlay:
    """The rows of all tables of the ledger."""

    rows: dict[str, Rows] = field(default_factory=lambda: {table: Rows(table) for table in COLUMNS})
    knotty: set[str] = field(default_factory=set)
    """Loans that came new or have rows which cannot be put in: they are built anew."""

    def add(self, table: str, rows: pl.DataFrame) -> None:
        """Take rows of the lake's schema with the column `place`; of a table of the ledger."""
        numbered = rows.with_columns(batch=pl.lit(LATER, pl.Int64), row=pl.col("place"))
        staged = numbered.select(*staged_columns(table), "place")
        self.rows[table].add(staged)
        if table not in ("payments", BY_BORROWER):
            self.knotty.update(staged["loan_id"].to_list())

    def paid(self, loans: Mapping[str, int], steps: npt.NDArray[np.int64]) -> Payments | None:
        """The payments of some loans, ready to be put in: by loan its place and, by place, the ten-thousandths in a minor unit of its currency.

        Amounts with more decimals than the currency are left out, as the ledger refuses them. None where there are none.
        """
        rows = self.rows["payments"].of([loan for loan in loans if loan in self.rows["payments"]])
        if rows is None:
            return None
        place = np.array([loans[loan] for loan in rows["loan_id"].to_list()], np.int64)
        step = steps[place]
        amounts = {name: rows[name].fill_null(0).to_numpy() for name in ("amount", *PARTS)}
        fits = np.ones(rows.height, bool)
        for amount in amounts.values():
            fits &= amount % step == 0
        if not fits.all():
            rows, place, step = rows.filter(pl.Series(fits)), place[fits], step[fits]
            amounts = {name: amount[fits] for name, amount in amounts.items()}
        return _payments(rows, place, {name: amount // step for name, amount in amounts.items()})

    def frames(self, loans: Collection[str], borrowers: Collection[str]) -> dict[str, pl.DataFrame]:
        """By table the staged rows of some loans, and of some borrowers; without `place`."""
        found = {}
        for table, held in self.rows.items():
            rows = held.of(borrowers if table == BY_BORROWER else loans)
            found[table] = _empty(table) if rows is None else rows.drop("place")
        return found

    def without(self, places: Collection[int]) -> None:
        """Forget what the lake refused."""
        for held in self.rows.values():
            held.without(places)


def _payments(rows: pl.DataFrame, place: Whole, amounts: dict[str, Whole]) -> Payments:
    records = np.zeros(rows.height, layout.record("payments"))
    records["on"], records["known_on"] = rows["paid_on"].to_numpy(), rows["known_on"].to_numpy()
    records["until"] = FOREVER
    records["seq"] = rows["seq"].fill_null(NO_NUMBER).to_numpy()
    records["amount"] = amounts["amount"]
    purpose = (
        rows["purpose"]
        .fill_null("scheduled")
        .replace_strict({name: code for code, name in enumerate(PURPOSES)}, return_dtype=pl.Int8)
    )
    records["purpose"] = np.where(rows["reverses"].is_not_null().to_numpy(), REVERSAL, purpose.to_numpy())
    given = rows.select(pl.any_horizontal(pl.col(name).is_not_null() for name in PARTS)).to_series().to_numpy()
    records["split"] = np.where(given, np.cumsum(given) - 1, NO_NUMBER)
    splits = np.zeros(int(given.sum()), layout.record("splits"))
    for name in PARTS:
        splits[name] = amounts[name][given]
    return Payments(place, records, splits, rows["payment_id"], rows["reverses"])


def _empty(table: str) -> pl.DataFrame:
    columns: dict[str, Any] = {name: kind for name, kind in schema(table).items() if name != "ix"}
    return pl.DataFrame(schema=columns if table == BY_BORROWER else {"loan_id": pl.String(), **columns})


def settled(table: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Staged rows of an event table as the lake will hold them: of two with one key and one date of knowledge the first stands."""
    declared = contracts.table(table)
    if declared.kind != "event":
        return rows
    keys = [name for name in dict.fromkeys(("loan_id", *declared.key, "known_on")) if name in rows.columns]
    return rows.sort("batch", "row").unique(keys, keep="first", maintain_order=True)
