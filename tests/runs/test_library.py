"""daihou as a library: a home opened as a book, its answers in Arrow, pandas and Polars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pytest

import daihou
from books.harbour import END, LATER
from books.standing import by_loan, written
from daihou.book import business_date
from daihou.book.errors import DaihouError
from daihou.runs import store

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.library import Book


@pytest.fixture
def book(home: Home) -> Book:
    return daihou.open(str(home.path))


def test_a_snapshot_is_what_a_run_writes(book: Book, home: Home) -> None:
    rows = book.snapshot(as_of=END)
    assert len(rows) == 10
    assert by_loan(rows.to_arrow()) == written(home, END, END)


def test_a_snapshot_is_asked_by_any_knowledge_and_writes_nothing(book: Book, home: Home) -> None:
    on = date(2026, 3, 4)
    then, now = (by_loan(book.snapshot(as_of=on, known_on=known_on).table) for known_on in (on, LATER))
    assert (then["A1"]["dpd"], now["A1"]["dpd"]) == (0, 4)
    assert store.pairs(home) == [(END, END)]
    assert business_date.sealed_through(home) == END


def test_it_goes_to_pandas(book: Book) -> None:
    frame = book.snapshot(as_of=END).to_pandas().set_index("loan_id")
    assert frame.loc["A1", "overdue_amount"] == 5200
    assert frame.loc["A1", "state"] == "overdue"


def test_it_goes_to_polars(book: Book) -> None:
    frame = book.snapshot(as_of=END).to_polars()
    assert frame.filter(pl.col("dpd") > 60).sort("loan_id")["loan_id"].to_list() == ["A1", "W1"]


def test_it_goes_to_anything_that_reads_the_arrow_c_stream(book: Book) -> None:
    rows = book.snapshot(as_of=END)
    assert pa.table(rows).equals(rows.to_arrow())
    assert pl.DataFrame(rows).height == 10


def test_a_loan_is_explained(book: Book) -> None:
    assert book.explain("A1", as_of=END).measures["overdue_amount"] == Decimal("52.00")
    with pytest.raises(DaihouError, match="Loan A9 is not known"):
        book.explain("A9", as_of=END)


def test_a_book_before_its_first_loan_gives_no_rows(tmp_path: Path) -> None:
    rows = daihou.open(tmp_path / "new").snapshot(as_of=END)
    assert len(rows) == 0
    assert "dpd" in rows.to_arrow().column_names
