"""Payments put in among those of a ledger: the same records as building the ledger anew with them, for all loans of which it is not said that it takes more."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from daihou.book import lake
from daihou.book.ledger import layout
from daihou.book.ledger.gathered import gathered, naming
from daihou.book.ledger.layout import NO_NUMBER
from daihou.book.ledger.putting import put
from daihou.runs.stream.overlay import Overlay
from daihou.runs.stream.paid import PARTS
from laws import nasty
from laws.depth import examples
from laws.engine import shard_of

if TYPE_CHECKING:
    from daihou.book.ledger.shard import Shard
    from laws.facts import Book

BOOKS = st.one_of(nasty.schedule_books(), nasty.bill_books(), nasty.plain_books())


def _loan(shard: Shard, place: int) -> dict[str, Any]:
    """All that a kernel reads of one loan, in a form that can be compared."""
    found: dict[str, Any] = {"loan": shard.facts.loans.view(np.ndarray)[place].item()}
    for number, table in enumerate(layout.TABLES):
        span = slice(*shard.facts.at[number, place : place + 2])
        rows = getattr(shard.facts, table).view(np.ndarray)[span]
        if table == "payments":
            splits = shard.facts.splits.view(np.ndarray)
            found["splits"] = [splits[at].item() if at != NO_NUMBER else None for at in rows["split"]]
            rows = rows.copy()
            rows["split"] = 0
        found[table] = rows.tolist()
    currency, product = shard.currencies[found["loan"][2]], [shard.products[row[7]] for row in found["versions"]]
    found["loan"] = (*found["loan"][:2], currency, *found["loan"][3:])
    found["versions"] = [(*row[:7], name, *row[8:]) for row, name in zip(found["versions"], product, strict=True)]
    return found


def _rows(book: Book, loan: str, after: int) -> pa.Table | None:
    """The payments of a book behind a place of arrival, as they lie in the log."""
    schema = lake.schema("payments")
    came = [row for row in sorted(book.payments, key=lambda one: one.arrival) if row.arrival > after]
    if not came:
        return None
    found = []
    for held in map(asdict, came):
        amounts = {name: None if held[name] is None else Decimal(held[name]).scaleb(-2) for name in ("amount", *PARTS)}
        found.append({"loan_id": loan, **held, **amounts, "batch": 0, "row": 0, "assumed": False, "backfill": False})
    rows = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in found], schema)
    return rows.append_column("place", pa.array([row.arrival for row in came], pa.int64()))


@examples(25)
@given(st.lists(BOOKS, min_size=1, max_size=8), st.integers(0, 40))
def test_putting_payments_in_gives_what_building_anew_gives(books: list[Book], cut: int) -> None:
    whole = shard_of(books)
    first = shard_of(
        [replace(book, payments=tuple(row for row in book.payments if row.arrival <= cut)) for book in books]
    )
    everybody = np.arange(whole.count, dtype=np.int64)
    base = gathered([(first, everybody)], naming([first, whole]))
    overlay = Overlay()
    for place, book in enumerate(books):
        rows = _rows(book, f"L{place:04d}", cut)
        if rows is not None:
            overlay.add("payments", rows)
    paid = overlay.paid.of(
        {f"L{place:04d}": place for place in everybody.tolist()}, np.full(whole.count, 100, np.int64)
    )
    if paid is None:
        return
    shard, knotty = put(base, paid)
    came = {int(place) for place in paid.loan}
    for place in everybody.tolist():
        assert _loan(base, place) == _loan(first, place)
        if not knotty[place]:
            assert _loan(shard, place) == _loan(whole, place)
        else:
            assert place in came, "nothing came of it"
