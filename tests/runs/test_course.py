"""A loan's course, walked once over many days, is what a run of each of those days says."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

import daihou
from books.harbour import END, LATER
from daihou.book.errors import DaihouError
from daihou.book.ledger.ledger import open_ledger
from daihou.runs.course import Day, course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.book.home import Home

LOANS = ("A1", "C1", "R1", "J1", "U1", "W1", "N1", "D1", "F1", "S1")
FIRST = date(2025, 9, 25)
EVERY_DAY = [FIRST + timedelta(days=count) for count in range((END - FIRST).days + 1)]
JUDGED = [
    date(2025, 11, 30),
    date(2026, 1, 16),
    date(2026, 2, 28),
    date(2026, 3, 5),
    date(2026, 4, 1),
    date(2026, 4, 21),
    END,
]


def walked(home: Home, loan: str, days: Sequence[date], known_on: date) -> dict[date, Day]:
    return {day.on: day for day in course(home, open_ledger(home.ledger), loan, days, known_on)}


@pytest.mark.parametrize("known_on", [date(2026, 3, 1), END, LATER])
def test_each_day_of_a_course_is_the_snapshot_of_that_day(branch: Home, known_on: date) -> None:
    courses = {loan: walked(branch, loan, EVERY_DAY, known_on) for loan in LOANS}
    book = daihou.open(branch.path)
    for day in JUDGED:
        rows = {row["loan_id"]: row for row in book.snapshot(as_of=day, known_on=known_on).to_arrow().to_pylist()}
        for loan in LOANS:
            if loan not in rows:
                assert day not in courses[loan]
                continue
            row = rows[loan]
            right = Day(day, row["state"], row["dpd"], row["principal_outstanding"], row["overdue_amount"])
            assert courses[loan][day] == right


@pytest.mark.parametrize("loan", LOANS)
def test_few_days_are_answered_as_many(branch: Home, loan: str) -> None:
    whole = walked(branch, loan, EVERY_DAY, END)
    few = walked(branch, loan, JUDGED, END)
    assert few == {day: whole[day] for day in JUDGED if day in whole}
    assert walked(branch, loan, [END], END) == {END: whole[END]}


def test_a_course_is_in_order_and_has_no_day_of_which_nothing_is_known(branch: Home) -> None:
    found = course(branch, open_ledger(branch.ledger), "A1", EVERY_DAY, END)
    assert [day.on for day in found] == sorted(day.on for day in found)
    assert course(branch, open_ledger(branch.ledger), "F1", EVERY_DAY, date(2026, 4, 27)) == []
    assert course(branch, open_ledger(branch.ledger), "A1", [], END) == []


def test_amounts_that_could_not_be_measured_are_none(branch: Home) -> None:
    unmeasured = walked(branch, "N1", [END], END)[END]
    assert (unmeasured.state, unmeasured.dpd, unmeasured.balance, unmeasured.overdue) == (
        "unmeasured",
        None,
        None,
        None,
    )
    reported = walked(branch, "R1", [END], END)[END]
    assert (reported.state, reported.dpd, reported.overdue) == ("overdue", 12, None)


def test_an_unknown_loan_is_refused(branch: Home) -> None:
    with pytest.raises(DaihouError, match="X9 is not known"):
        course(branch, open_ledger(branch.ledger), "X9", [END], END)
