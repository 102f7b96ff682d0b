"""History: many dates in one pass say what a run of each date says."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from books import harbour
from books.harbour import END, LATER
from books.standing import Rows, by_loan, written
from daihou.book import business_date
from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.history import dates, pairs, walk_history
from daihou.runs.nightly import run, run_all

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

MONTH_ENDS = [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def silent(_step: str, _done: int, _all: int) -> None:
    """Show nothing."""


@pytest.mark.parametrize("known_on", [None, LATER])
def test_history_at_a_date_is_the_run_of_that_date(
    home: Home, told: Callable[..., None], known_on: date | None
) -> None:
    told(home, **harbour.NEWS)
    asked = pairs(MONTH_ENDS, known_on)
    outcomes = run_all(home, asked, silent)
    together = {pair: (written(home, *pair), store.read(home, "coverage", *pair).to_pylist()) for pair in asked}
    for pair, outcome in zip(asked, outcomes, strict=True):
        assert run(home, *pair, silent) == outcome
        assert (written(home, *pair), store.read(home, "coverage", *pair).to_pylist()) == together[pair]


def test_history_seals_nothing(home: Home) -> None:
    run_all(home, pairs([LATER], None), silent)
    assert business_date.sealed_through(home) == END


def test_the_car_month_by_month_as_it_was_known(home: Home) -> None:
    asked = pairs(MONTH_ENDS, None)
    run_all(home, asked, silent)
    lived = [(row["state"], row["dpd"], row["paid_amount"]) for row in (written(home, *pair)["A1"] for pair in asked)]
    assert lived == [("current", 0, 0), ("current", 0, 20500), ("overdue", 31, 10300), ("overdue", 61, 15300)]


def test_the_car_month_by_month_as_it_is_known_today(home: Home) -> None:
    asked = pairs(MONTH_ENDS, END)
    run_all(home, asked, silent)
    lived = [(row["state"], row["dpd"], row["paid_amount"]) for row in (written(home, *pair)["A1"] for pair in asked)]
    assert lived == [("current", 0, 0), ("current", 0, 10300), ("overdue", 31, 10300), ("overdue", 61, 15300)]


def test_rows_streamed_say_which_of_the_pairs_asked_for_they_belong_to(home: Home) -> None:
    asked = list(reversed(pairs(MONTH_ENDS, None)))
    found: list[Rows] = [{} for _ in asked]
    for place, batch in walk_history(home, asked, silent):
        found[place] |= by_loan(batch)
    for pair, rows in zip(asked, found, strict=True):
        assert {(row["as_of"], row["known_on"]) for row in rows.values()} == {pair}
    assert found[0] == written(home, END, END)


@pytest.mark.parametrize(
    ("first", "last", "step", "found"),
    [
        (date(2026, 1, 15), date(2026, 3, 31), "month-end", [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]),
        (date(2024, 2, 1), date(2024, 2, 29), "month-end", [date(2024, 2, 29)]),
        (date(2026, 4, 29), date(2026, 5, 1), "day", [date(2026, 4, 29), date(2026, 4, 30), date(2026, 5, 1)]),
        (date(2026, 4, 1), date(2026, 4, 16), "week", [date(2026, 4, 1), date(2026, 4, 8), date(2026, 4, 15)]),
        (END, END, "day", [END]),
    ],
)
def test_a_span_is_cut_into_its_dates(first: date, last: date, step: str, found: list[date]) -> None:
    assert dates(first, last, step) == found


@pytest.mark.parametrize(
    ("first", "last", "step", "said"),
    [
        (date(2026, 5, 1), END, "day", "before it begins"),
        (date(2026, 5, 1), date(2026, 5, 30), "month-end", "No month ends between"),
        (END, END, "decade", "Step decade is unknown"),
    ],
)
def test_a_span_without_dates_is_refused(first: date, last: date, step: str, said: str) -> None:
    with pytest.raises(DaihouError, match=said) as caught:
        dates(first, last, step)
    assert caught.value.remedy
