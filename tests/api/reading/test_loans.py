"""One loan told in full: the explanation that the command line gives, and what is owed day by day."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from django.conf import settings

from daihou.desk.portfolio import accounts
from daihou.runs import claims
from daihou.runs.explain import explain_in

if TYPE_CHECKING:
    from api.reading.conftest import Reader

pytestmark = pytest.mark.django_db
Book = list[tuple[dt.date, dt.date]]


@pytest.fixture(scope="module")
def late(loans: pl.DataFrame) -> str:
    """A loan with something overdue."""
    return str(loans.filter(pl.col("overdue_amount") > 0).sort("dpd", "loan_id", descending=True)["loan_id"][0])


def test_an_explanation_is_that_of_the_command_line(manager: Reader, late: str, book: Book) -> None:
    told = explain_in(settings.HOME, accounts.ledger(), late, *book[-1])
    assert manager.data(f"/loans/{late}/explanation") == told.as_json()


def test_any_date_can_be_explained_also_one_that_no_run_wrote(manager: Reader, late: str, book: Book) -> None:
    day = book[-1][0] - dt.timedelta(days=9)
    told = explain_in(settings.HOME, accounts.ledger(), late, day, book[-1][0])
    response = manager.get(f"/loans/{late}/explanation?as_of={day}").json()
    assert response["data"] == told.as_json()
    assert response["meta"] == {"as_of": day.isoformat(), "known_on": book[-1][0].isoformat()}


def test_two_knowledges_are_told_apart(manager: Reader, late: str, book: Book) -> None:
    earlier = book[-3][0]
    told = manager.data(f"/loans/{late}/explanation?as_of={book[-1][0]}&against={earlier}")["against"]
    assert (told["earlier"], told["later"]) == (earlier.isoformat(), book[-1][0].isoformat())
    assert told["facts"]


def test_a_loan_that_was_not_known_then_says_since_when_it_is(manager: Reader, late: str, book: Book) -> None:
    response = manager.get(f"/loans/{late}/explanation?known_on=1990-01-01&as_of=1990-01-01")
    assert response.status_code == 400
    assert "was not known" in response.json()["detail"]


def test_a_claim_is_that_of_the_kernels_and_its_days_tie(manager: Reader, late: str, book: Book) -> None:
    last = book[-1][0]
    first = last - dt.timedelta(days=40)
    told = manager.data(f"/loans/{late}/claim?since={first}&as_of={last}")
    days = [first + dt.timedelta(days=after) for after in range(41)]
    found = claims.claim(settings.HOME, accounts.ledger(), late, days, last, last)
    owed = found.days[-1].owed
    assert owed is not None
    assert told["days"][-1]["owed"]["total"] == f"{Decimal(owed.total).scaleb(-2):f}"
    assert len(told["lines"]) == len(found.lines)
    for day in told["days"]:
        moved: Decimal | int = sum(Decimal(day[name]["total"]) for name in ("opening", "due", "charged", "changed"))
        moved -= sum(Decimal(day[name]["total"]) for name in ("paid", "waived"))
        assert moved == Decimal(day["owed"]["total"]), day["on"]


@pytest.mark.parametrize(
    "query", ["since=2026-02-02&as_of=2026-02-01", "since=2001-01-01&as_of=2026-02-01", "as_of=1-2-3"]
)
def test_days_that_are_no_span_are_refused(manager: Reader, late: str, query: str) -> None:
    assert manager.get(f"/loans/{late}/claim?{query}").status_code == 400


def test_a_token_without_the_scope_explains_nothing(late: str, db: Any) -> None:
    from api.reading.conftest import reader

    other = reader("other", "manager", scopes=["standings:read"])
    assert other.get(f"/loans/{late}/explanation").status_code == 403
    assert other.get(f"/standings/{late}").status_code == 200
