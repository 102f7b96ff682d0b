"""Borrowers of the book inside and outside the reach of the officer of branch B01."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from daihou.desk.people.models import User
    from daihou.vault.person import PersonRecord


@dataclass(frozen=True)
class Borrower:
    """A borrower: number, one of their loans, and who they are."""

    borrower_id: str
    loan_id: str
    record: PersonRecord


@pytest.fixture
def own(cast: dict[str, User], loans: pl.DataFrame, people: dict[str, PersonRecord]) -> Borrower:
    """One of the officer's own customers."""
    row = (
        loans.filter(pl.col("officer_id") == cast["officer"].officer_id, pl.col("org_id") == "B01")
        .sort("loan_id")
        .row(0, named=True)
    )
    return Borrower(row["borrower_id"], row["loan_id"], people[row["borrower_id"]])


@pytest.fixture
def foreign(loans: pl.DataFrame, people: dict[str, PersonRecord]) -> Borrower:
    """A borrower of branch B02, with no loan elsewhere."""
    elsewhere = loans.filter(pl.col("org_id") != "B02")["borrower_id"].implode()
    row = (
        loans.filter(pl.col("org_id") == "B02", ~pl.col("borrower_id").is_in(elsewhere))
        .sort("loan_id")
        .row(0, named=True)
    )
    return Borrower(row["borrower_id"], row["loan_id"], people[row["borrower_id"]])
