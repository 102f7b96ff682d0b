"""Two dates compared: the matrix is that of the portfolio's own migration, whole and cut."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.http import QueryDict

import daihou
from daihou.desk.people.reach import Part, Reach
from daihou.desk.portfolio import moments, moves
from desk.portfolio.conftest import context, page

if TYPE_CHECKING:
    from django.test import Client

    from daihou.book.home import Home

WHOLE = Reach((Part(None),))


def cells(query: str, before: dt.date, known_on: dt.date | None = None) -> dict[tuple[str, str], tuple[int, int, int]]:
    found = moves.matrix(moments.moment(QueryDict(query)), (before, known_on or before), WHOLE)
    return {(cell.was, cell.now): (cell.loans, cell.balance_before, cell.balance) for cell in found}


def right(
    first: dt.date, second: dt.date, known_on: dt.date | None = None
) -> dict[tuple[str, str], tuple[int, int, int]]:
    book = daihou.open(settings.HOME.path).portfolio(known_on=known_on)
    rows = book.migration(first, second).iter_rows(named=True)
    return {
        (str(row["from"]), str(row["to"])): (row["loans"], row["balance_before"] or 0, row["balance"] or 0)
        for row in rows
    }


@pytest.mark.parametrize(
    "since", [dt.date(2025, 11, 30), dt.date(2026, 1, 31), dt.date(2026, 3, 31), dt.date(2026, 4, 15)]
)
def test_the_matrix_of_the_wharf_is_the_migration_of_its_portfolio(at_wharf: Home, since: dt.date) -> None:
    assert cells("", since) == right(since, dt.date(2026, 4, 30))


def test_the_matrix_by_one_later_knowledge_is_its_own(at_wharf: Home) -> None:
    later = dt.date(2026, 5, 4)
    found = cells("as_of=2026-04-30&known_on=2026-05-04", dt.date(2026, 3, 31), later)
    assert found == right(dt.date(2026, 3, 31), dt.date(2026, 4, 30), later)
    assert found != cells("", dt.date(2026, 3, 31))


def test_the_matrix_of_the_bank_is_the_migration_of_its_portfolio(book: list[tuple[dt.date, dt.date]]) -> None:
    for since in (book[-2][0], book[0][0]):
        assert cells("", since) == right(since, book[-1][0])


def test_the_page_has_each_loan_in_one_cell_and_shares_that_sum_to_one(boss: Client) -> None:
    told = context(boss, "/compare/?since=2026-01-31")
    for name, count, shades in told["heat"].rows:
        assert sum(shade.loans for shade in shades) == count, name
        assert sum(shade.share or 0 for shade in shades) == pytest.approx(1), name
    moved = told["moved"]
    by = {(shade.was, shade.now): shade for _, _, shades in told["heat"].rows for shade in shades}
    late = [str(number) for number in range(1, 7)] + ["7+"]
    assert moved.cured == sum(shade.loans for (was, now), shade in by.items() if was in late and now == "0")
    assert moved.new == sum(
        shade.loans for (was, now), shade in by.items() if was in ("0", "not_started", "absent") and now in late
    )


def test_dates_to_compare_with_are_those_before_by_the_same_knowledge(boss: Client) -> None:
    assert [day.isoformat() for day in context(boss, "/compare/?as_of=2026-04-30")["earlier"]] == [
        "2026-04-15",
        "2026-03-31",
        "2026-02-28",
        "2026-01-31",
        "2025-11-30",
    ]
    assert [day.isoformat() for day in context(boss, "/compare/?known_on=2026-05-04")["earlier"]] == ["2026-03-31"]
    assert "No earlier date to compare with" in page(boss, "/compare/?as_of=2025-11-30")
    assert context(boss, "/compare/?as_of=2026-01-31")["before"] is None  # December was not run


@pytest.mark.parametrize("cut", ["org_id=hill", "product=auto", "region=Osaka"])
def test_a_cut_counts_the_loans_that_are_of_it_now(boss: Client, cut: str, held: Any) -> None:
    name, _, value = cut.partition("=")
    values = {"hill": ["hill", "slope"]}.get(value, [value])
    assert context(boss, f"/compare/?{cut}")["total"] == len(held().filter(held()[name].is_in(values)))
