from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from bench.books import BOOK_DATE, LONG_LOAN, LONG_PAYMENTS, LONG_ROWS, make_book
from bench.deliveries import make_payments_file

from bench import facts, ours, peers
from daihou.book import lake
from daihou.book.home import Home, open_home
from daihou.book.intake import deliver

if TYPE_CHECKING:
    from pathlib import Path

LOANS = 500
PAIRS = [
    (BOOK_DATE, BOOK_DATE),
    (dt.date(2026, 6, 30), dt.date(2026, 6, 30)),
    (dt.date(2026, 6, 30), BOOK_DATE),
    (BOOK_DATE, dt.date(2026, 8, 20)),
    (dt.date(2024, 12, 31), dt.date(2024, 12, 31)),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = open_home(tmp_path_factory.mktemp("home"), {})
    make_book(home, LOANS, seed=7, long_loan=True)
    return home


def frame(home: Home, table: str) -> pl.DataFrame:
    found = pl.from_arrow(lake.read(home, table).read_all())
    assert isinstance(found, pl.DataFrame)
    return found if table == "borrowers" else found.filter(pl.col("loan_id") != LONG_LOAN)


def day(date: dt.date) -> int:
    return (date - facts.EPOCH).days


def digests(home: Home) -> dict[str, str]:
    paths = sorted((home.lake).rglob("b*.parquet"))
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}


def test_a_seed_gives_the_same_bytes_and_another_seed_others(home: Home, tmp_path: Path) -> None:
    again, other = open_home(tmp_path / "again", {}), open_home(tmp_path / "other", {})
    make_book(again, LOANS, seed=7, long_loan=True)
    make_book(other, LOANS, seed=8, long_loan=True)
    assert digests(again) == digests(home)
    drawn = {name for name in digests(home) if name.endswith("-000.parquet")}
    assert len(drawn) == 4
    assert all(digests(other)[name] != digests(home)[name] for name in drawn)


def test_files_have_the_schema_of_the_lake_and_the_next_delivery_its_own_batch(home: Home) -> None:
    for table in ("borrowers", "loans", "instalments", "payments"):
        paths = lake.files(home, table)
        assert paths
        assert all(pl.read_parquet_schema(path) == frame(home, table).schema for path in paths)
    assert lake.last_batch(home) == 4
    assert list(home.staging.iterdir()) == []


def test_a_plan_has_24_rows_and_repays_its_loan_to_the_cent(home: Home) -> None:
    loans = frame(home, "loans").unique("loan_id", keep="first", maintain_order=True)
    plan = frame(home, "instalments").sort("loan_id", "seq", "effective_on").unique(["loan_id", "seq"], keep="last")
    per_loan = plan.group_by("loan_id").agg(pl.len(), pl.col("principal").sum().alias("repaid"))
    both = loans.join(per_loan, on="loan_id", validate="1:1")
    assert both.height == LOANS
    assert (both["len"] == facts.TERMS).all()
    assert (both["repaid"] == both["principal"]).all()
    assert (plan["principal"] > 0).all()


def test_second_versions_late_facts_and_reversals_are_as_many_as_said(home: Home) -> None:
    plan, payments = frame(home, "instalments"), frame(home, "payments")
    assert 0.01 < plan.height / (LOANS * facts.TERMS) - 1 < 0.03
    assert 14 < payments.height / LOANS < 18
    money = payments.filter(pl.col("reverses").is_null())
    reversals = payments.filter(pl.col("reverses").is_not_null())
    delay = (money["known_on"] - money["paid_on"]).dt.total_days()
    assert delay.min() == 0
    assert delay.max() <= 20  # type: ignore[operator]  # a column of one type
    assert 0.02 < (delay > 0).mean() < 0.04  # type: ignore[operator]  # a column of one type
    assert 0.005 < reversals.height / money.height < 0.015
    voided = reversals.join(money, left_on="reverses", right_on="payment_id", suffix="_then", validate="1:1")
    assert voided.height == reversals.height
    assert (voided["loan_id"] == voided["loan_id_then"]).all()
    assert (voided["known_on"] > voided["known_on_then"]).all()


def test_nothing_is_known_or_paid_after_the_book_date(home: Home) -> None:
    for table in ("borrowers", "loans", "instalments", "payments"):
        assert frame(home, table)["known_on"].max() <= BOOK_DATE  # type: ignore[operator]  # a column of one type
    assert frame(home, "payments")["paid_on"].max() <= BOOK_DATE  # type: ignore[operator]  # a column of one type
    assert (frame(home, "payments")["amount"] > 0).all()
    disbursed = frame(home, "loans")["disbursed_on"]
    assert disbursed.min() > dt.date(2024, 3, 1)  # type: ignore[operator]  # a column of one type


def test_borrowers_have_one_to_three_loans_and_a_region(home: Home) -> None:
    borrowers, loans = frame(home, "borrowers"), frame(home, "loans").unique("loan_id")
    counts = loans.group_by("borrower_id").len()["len"]
    assert set(counts) == {1, 2, 3}
    assert set(loans["borrower_id"]) == set(borrowers["borrower_id"])
    assert borrowers["region"].null_count() == 0
    assert loans["product"].n_unique() == len(facts.PRODUCTS)


def test_at_least_a_fifth_was_overdue_at_some_time(home: Home) -> None:
    held, late = peers.sample(home, LOANS), np.zeros(LOANS, bool)
    for on in range(facts.END - 900, facts.END + 1, 5):
        late |= peers.with_python(held, on, facts.END).dpd > 0
    assert late.mean() > 0.2


@pytest.mark.parametrize(("as_of", "known_on"), PAIRS)
def test_pandas_python_and_the_kernels_agree_on_every_loan(home: Home, as_of: dt.date, known_on: dt.date) -> None:
    held = peers.sample(home, LOANS)
    python = peers.with_python(held, day(as_of), day(known_on))
    answers = {
        "pandas": peers.with_pandas(peers.read_frames(home), day(as_of), day(known_on)),
        "daihou": ours.answer(home, ours.ledger_of(home), (as_of, known_on)),
    }
    assert python.sums()["overdue"] > 0
    for answer in answers.values():
        assert len(answer.loan_id) == LOANS + 1
        found = answer.of(python.loan_id)
        assert (found.dpd == python.dpd).all()
        assert (found.overdue_amount == python.overdue_amount).all()
        assert (found.oldest_unpaid_due_on == python.oldest_unpaid_due_on).all()
    assert answers["pandas"].sums() == answers["daihou"].sums()


def test_the_long_loan_has_the_facts_it_is_named_for(home: Home) -> None:
    for table, count in (("instalments", LONG_ROWS), ("payments", LONG_PAYMENTS)):
        found = pl.from_arrow(lake.read(home, table, ["loan_id"]).read_all())
        assert isinstance(found, pl.DataFrame)
        assert found.filter(pl.col("loan_id") == LONG_LOAN).height == count


def test_a_generated_payments_file_is_taken_in_whole(tmp_path: Path) -> None:
    home = open_home(tmp_path, {})
    path, rows = make_payments_file(home, 0.0002, 3)
    (report,) = deliver(home, [path], "payments", today=dt.date(2026, 10, 1)).files
    assert (report.rows, report.new, report.waiting, report.quarantined) == (rows, rows, 0, {})
