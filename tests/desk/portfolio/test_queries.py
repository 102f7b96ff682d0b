"""How much is asked of the two stores by a page does not grow with its rows, and a vault is asked once a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from daihou.desk.portfolio import reading
from desk.portfolio.conftest import page

if TYPE_CHECKING:
    from django.test import Client


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of DuckDB, written down on its way."""
    asked: list[str] = []
    table, batches = reading.table, reading.batches

    def told_table(sql: str, *more: Any) -> Any:
        asked.append(sql)
        return table(sql, *more)

    def told_batches(sql: str, *more: Any) -> Any:
        asked.append(sql)
        return batches(sql, *more)

    monkeypatch.setattr(reading, "table", told_table)
    monkeypatch.setattr(reading, "batches", told_batches)
    return asked


def asks(client: Client, address: str, counted: list[str]) -> tuple[int, int, int]:
    """Queries of the second opening of a page: of the database, of these of the vault, and of DuckDB."""
    page(client, address)
    counted.clear()
    with CaptureQueriesContext(connection) as found:
        page(client, address)
    return len(found), sum("vault_person" in query["sql"] for query in found), len(counted)


@pytest.mark.parametrize(
    ("few", "many"),
    [
        ("/loans/?where=loan_id+in+({one})", "/loans/?size=100"), ("/loans/maturing/?size=25", "/loans/maturing/?size=100"),
        ("/loans/export/loans.csv?where=loan_id+in+({one})", "/loans/export/loans.csv"), ("/borrowers/?late=1", "/borrowers/"),
        ("/portfolio/?product=card&org_id=B04", "/portfolio/"),
    ],
)  # fmt: skip
def test_a_page_of_many_rows_asks_no_more_than_one_of_few(
    sign_in: Any, people: dict[str, Any], loans: Any, counted: list[str], few: str, many: str
) -> None:
    client = sign_in("manager")
    small, large = (asks(client, address.format(one=f"'{loans['loan_id'][0]}'"), counted) for address in (few, many))
    assert small == large
    database, vault, duck = large
    assert (database <= 14, vault <= 1, duck <= 5) == (True, True, True), large


def test_a_borrower_of_many_loans_asks_no_more_than_one_of_one(
    sign_in: Any, people: dict[str, Any], loans: Any, counted: list[str]
) -> None:
    by_count = loans.group_by("borrower_id").len().sort("len", "borrower_id")["borrower_id"]
    client = sign_in("manager")
    small, large = (asks(client, f"/borrowers/{number}/", counted) for number in (by_count[0], by_count[-1]))
    assert small == large
    assert large[2] <= 4


def test_a_saved_view_more_costs_no_query_more(sign_in: Any, counted: list[str]) -> None:
    client = sign_in("manager")
    before = asks(client, "/loans/", counted)
    for number in range(6):
        client.post("/loans/views/loans/", {"name": f"view {number}", "query": f"dpd={number}..", "shared": "on"})
    assert asks(client, "/loans/", counted) == before
