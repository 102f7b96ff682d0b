"""--replace: a plan sent replaces the old one whole, unless it would touch what is covered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from book.conftest import Desk

HEADER = "loan_id,seq,due_on,principal,interest,effective_on\n"
FIRST = "".join(f"L1,{month},2026-{month:02d}-01,100,1,\n" for month in range(2, 8))


def nothing(*_: Any) -> set[tuple[str, int]]:
    return set()


@pytest.fixture
def planned(desk: Desk) -> Desk:
    desk.loans("L1")
    desk.send("instalments", HEADER + FIRST, "first.csv", known_on=date(2026, 1, 1))
    return desk


def cancelled(desk: Desk) -> list[Any]:
    rows = desk.rows("instalments", "cancelled", "seq", "due_on", "effective_on", "known_on")
    return [row[1:] for row in rows if row[0]]


def test_left_out_rows_due_on_or_after_the_plan_are_cancelled(planned: Desk) -> None:
    report = planned.send("instalments", HEADER + "L1,4,2026-05-15,400,4,2026-04-01\n", replace=True, covered=nothing)
    assert (report.new, report.cancelled) == (1, 3)
    assert cancelled(planned) == [(seq, date(2026, seq, 1), date(2026, 4, 1), date(2026, 3, 1)) for seq in (5, 6, 7)]


def test_a_plan_without_effective_on_holds_from_when_it_is_known(planned: Desk) -> None:
    planned.send("instalments", HEADER + "L1,4,2026-05-15,400,4,\n", replace=True, covered=nothing)
    assert [row[0] for row in cancelled(planned)] == [3, 5, 6, 7]  # seq 2 was due before 2026-03-01
    assert {row[2] for row in cancelled(planned)} == {date(2026, 3, 1)}


def test_other_loans_are_left_alone(planned: Desk) -> None:
    planned.send("instalments", HEADER + "L2,1,2026-02-01,1,0,2026-01-01\n", "other.csv", known_on=date(2026, 1, 1))
    report = planned.send("instalments", HEADER + "L2,2,2026-04-01,1,0,2026-03-01\n", replace=True, covered=nothing)
    assert report.cancelled == 0


def test_a_version_that_would_come_into_force_later_is_cancelled_from_then(planned: Desk) -> None:
    planned.send("instalments", HEADER + "L1,7,2026-09-01,100,1,2026-06-01\n", "later.csv", known_on=date(2026, 1, 2))
    planned.send("instalments", HEADER + "L1,4,2026-05-15,400,4,2026-04-01\n", replace=True, covered=nothing)
    assert [(seq, on) for seq, _, on, _ in cancelled(planned) if seq == 7] == [
        (7, date(2026, 4, 1)),
        (7, date(2026, 6, 1)),
    ]


def test_a_first_plan_cancels_nothing(desk: Desk) -> None:
    desk.loans("L1")
    assert desk.send("instalments", HEADER + FIRST, replace=True, covered=nothing).cancelled == 0


def test_the_number_of_a_covered_instalment_may_not_be_reused(planned: Desk) -> None:
    asked: list[Any] = []

    def covered(loans: Any, as_of: date, known_on: date) -> set[tuple[str, int]]:
        asked.append((loans, as_of, known_on))
        return {("L1", 2)}

    text = HEADER + "L1,2,2026-05-15,200,4,2026-04-01\nL1,3,2026-06-15,200,4,2026-04-01\n"
    report = planned.send("instalments", text, replace=True, covered=covered)
    assert asked == [(["L1"], date(2026, 4, 1), date(2026, 3, 1))]
    assert (report.new, report.cancelled) == (0, 0)
    assert report.quarantined == {"covered_instalment": 1, "plan_incomplete": 1}


def test_a_correction_with_the_same_effective_on_may(planned: Desk) -> None:
    text = HEADER + FIRST.replace("L1,2,2026-02-01,100,1,", "L1,2,2026-02-02,100,1,2026-01-01")
    report = planned.send("instalments", text, replace=True, covered=lambda *_: {("L1", 2)})
    assert report.quarantined == {}


def test_a_plan_with_a_bad_row_is_not_taken_at_all(planned: Desk) -> None:
    planned.loans("L2")
    text = HEADER + "L1,4,2026-05-15,400,4,2026-04-01\nL1,5,soon,400,4,2026-04-01\nL2,1,2026-05-15,1,0,\n"
    report = planned.send("instalments", text, replace=True, covered=nothing)
    assert (report.new, report.cancelled) == (1, 0)
    assert report.quarantined == {"bad_date": 1, "plan_incomplete": 1}


def test_the_same_plan_again_changes_nothing(planned: Desk) -> None:
    text = HEADER + "L1,4,2026-05-15,400,4,2026-04-01\n"
    planned.send("instalments", text, replace=True, covered=nothing)
    before = planned.rows("instalments", "seq", "cancelled")
    again = planned.send("instalments", text + "\n", "again.csv", replace=True, covered=nothing)
    assert (again.new, again.unchanged, again.cancelled) == (0, 1, 0)
    assert planned.rows("instalments", "seq", "cancelled") == before


def test_a_cancelled_instalment_sent_again_counts_again(planned: Desk) -> None:
    planned.send("instalments", HEADER + "L1,4,2026-05-15,400,4,\n", replace=True, covered=nothing)
    report = planned.send(
        "instalments", HEADER + "L1,4,2026-05-15,400,4,\nL1,5,2026-05-01,9,1,\n", "b.csv", replace=True, covered=nothing
    )
    assert (report.new, report.unchanged) == (1, 1)
    assert planned.rows("instalments", "seq", "cancelled")[-1] == (5, False)


def test_replace_is_for_instalments_and_needs_someone_to_ask(desk: Desk) -> None:
    with pytest.raises(DaihouError, match="for instalments"):
        desk.send("payments", "x\n", replace=True, covered=nothing)
    with pytest.raises(DaihouError, match="covered"):
        desk.send("instalments", HEADER + FIRST, replace=True)
