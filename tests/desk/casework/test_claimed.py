"""The claim as arrangements are held against: every day as the ledger tells it, loans together, rates to the base currency."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import open_ledger
from daihou.desk.casework import claimed
from daihou.runs import claims
from desk.casework.owing import OWED, built, on, today

if TYPE_CHECKING:
    from daihou.book.home import Home


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Home:
    settings.HOME = built(tmp_path_factory)
    return built(tmp_path_factory)


def test_every_day_is_what_the_ledger_says_of_it(home: Home) -> None:
    found = claimed.claimed(["L1", "L2"], "CNY", today(), on(120)).basis
    ledger, days = open_ledger(home.ledger), [today() + dt.timedelta(days=after) for after in range(121)]
    each = [claims.claim(home, ledger, loan, days, today()).days for loan in ("L1", "L2")]
    assert [day.total for day in found.days] == [
        sum(day.owed.total for day in pair if day.owed) for pair in zip(*each, strict=True)
    ]
    assert [day.charges for day in found.days] == [5_000] * 121
    assert found.first.total == OWED + 30_000
    assert [row.amount for row in found.rows] == [110_000, 110_000, 30_000]


def test_a_rate_leads_to_the_base_currency_and_is_missing_where_none_is_known() -> None:
    assert claimed.claimed(["L3"], "USD", today(), today()).rate == Decimal("7.20")
    assert claimed.claimed(["L1"], "CNY", today(), today()).rate == 1
    assert claimed.claimed(["L1"], "JPY", today(), today()).rate is None


def test_a_loan_that_is_not_known_is_an_error() -> None:
    with pytest.raises(DaihouError, match="L9 is not known"):
        claimed.claimed(["L1", "L9"], "CNY", today(), today())
