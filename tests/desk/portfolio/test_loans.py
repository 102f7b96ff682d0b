"""The lists of loans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

if TYPE_CHECKING:
    from django.test import Client


def _page(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


@pytest.mark.parametrize("address", ["/loans/", "/loans/maturing/", "/loans/unpaid-interest/"])
def test_each_ledger_opens(sign_in: Any, address: str) -> None:
    assert "<h1>" in _page(sign_in("manager"), address)


def test_a_filter_in_the_address_shows_just_what_matches(sign_in: Any, loans: pl.DataFrame) -> None:
    wanted = loans.filter((pl.col("dpd") >= 31) & (pl.col("state") == "overdue"))
    assert len(wanted) > 0
    page = _page(sign_in("manager"), "/loans/?dpd=31..&state=overdue&size=100")
    assert f"{len(wanted)} loans" in page
    for loan_id in wanted["loan_id"]:
        assert f'href="/loans/{loan_id}/"' in page
