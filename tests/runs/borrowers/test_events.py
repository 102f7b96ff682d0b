"""What happened outside the book, counted by hand: late, corrected and withdrawn events, those of a loan that changed hands, and silence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.monitoring.events.family import EVENTS as FAMILY
from daihou.runs.borrowers import events
from daihou.runs.borrowers.owing import Owing

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

END = date(2026, 5, 31)
LOANS = """\
loan_id,borrower_id,product,principal,disbursed_on,matures_on,effective_on,known_on
L1,A,auto,100,2026-01-01,2027-01-01,,2026-01-01
L1,B,auto,100,2026-01-01,2027-01-01,2026-04-01,2026-04-03
7,C,auto,100,2026-01-01,2027-01-01,,2026-01-01
9,C,auto,100,2026-01-01,2027-01-01,,2026-01-01
D1,9,auto,100,2026-03-01,2027-01-01,,2026-03-01
"""
EVENTS = """\
event_id,subject_id,happened_at,kind,amount,known_on
E01,A,2025-06-01T00:30:00+08:00,litigation,1000.50,2025-06-05
E02,A,2025-05-31T23:00:00+08:00,litigation,7.00,2025-06-05
E03,A,2026-05-31T09:00:00+08:00,enforcement,200.25,2026-06-03
E04,A,2026-03-01T09:00:00+08:00,enforcement,-50.00,2026-03-02
E05,A,2026-01-01T09:00:00+08:00,tax,9.00,2026-01-02
E06,A,2026-01-02T09:00:00+08:00,licence,,2026-01-02
E07,A,2026-03-01T09:00:00+08:00,news,,2026-03-01
E08,A,2026-02-28T09:00:00+08:00,news,,2026-03-01
E09,A,2025-12-01T09:00:00+08:00,address_change,,2025-12-01
E10,A,2025-11-30T09:00:00+08:00,address_change,,2025-12-01
E11,A,2026-04-01T09:00:00+08:00,device_change,,2026-04-01
E12,A,2026-05-01T09:00:00+08:00,application,,2026-05-01
E13,A,2026-04-30T09:00:00+08:00,application,,2026-05-01
E14,A,2026-05-10T09:00:00+08:00,news,,2026-05-10
E14,A,2026-05-10T09:00:00+08:00,tax,,2026-05-20
E15,A,2026-05-12T09:00:00+08:00,licence,,2026-05-12
E15,A,2026-05-12T09:00:00+08:00,withdrawn,,2026-05-25
E16,B,2026-05-29T09:00:00+08:00,recall,,2026-05-29
E17,L1,2026-02-10T09:00:00+08:00,litigation,,2026-02-11
E18,7,2026-02-10T09:00:00+08:00,litigation,3.00,2026-02-11
E19,9,2026-02-10T09:00:00+08:00,litigation,4.00,2026-02-11
"""


@pytest.fixture(scope="module")
def home(told_of: Callable[..., Home]) -> Home:
    return told_of(loans=LOANS, events=EVENTS)


def read(home: Home) -> events.Events:
    versions = lake.versions(home, ["events", "loans"])
    found = events.read(home, versions, Owing(home, versions))
    assert found is not None
    return found


def answered(home: Home, as_of: date, known_on: date) -> dict[str, dict[str, Any]]:
    return {row.pop("borrower_id"): row for row in read(home).on(as_of, known_on).to_dicts()}


def test_every_measure_by_hand(home: Home) -> None:
    """E02, E08, E10 and E13 lie a day before their windows, by the clock of the home; E03 is not known; E14 was news and is tax; E15 never was.
    E04 is money that the borrower claims. The last event is E14, three weeks ago."""
    found = answered(home, END, END)["A"]
    assert found == {
        "litigation_12m": 1, "enforcement_12m": 1, "tax_events_12m": 2, "licence_events_12m": 1, "news_3m": 1, "address_changes_6m": 1,
        "device_changes_3m": 1, "applications_1m": 1, "applications_3m": 2, "claim_amount_12m": 100050, "days_since_event": 21,
    }  # fmt: skip
    assert list(found) == [measure.name for measure in FAMILY.measures]


def test_an_event_known_late_counts_from_then_on(home: Home) -> None:
    found = answered(home, END, date(2026, 6, 3))["A"]
    assert (found["enforcement_12m"], found["claim_amount_12m"], found["days_since_event"]) == (2, 100050 + 20025, 0)


def test_before_a_correction_and_a_withdrawal_were_known_the_events_were_what_they_seemed(home: Home) -> None:
    found = answered(home, date(2026, 5, 15), date(2026, 5, 15))["A"]
    assert (found["news_3m"], found["tax_events_12m"], found["licence_events_12m"], found["days_since_event"]) == (
        3,
        1,
        2,
        3,
    )


def test_an_event_after_the_date_does_not_count_though_it_is_known(home: Home) -> None:
    found = answered(home, date(2026, 4, 30), date(2026, 6, 3))["A"]
    assert (found["applications_1m"], found["applications_3m"], found["days_since_event"]) == (1, 1, 0)


def test_an_event_of_a_loan_is_that_of_who_owes_it_on_the_date_as_known(home: Home) -> None:
    """L1 passed from A to B on 04-01, which was known on 04-03. Its lawsuit names no amount; E01 of A does."""
    late = answered(home, date(2026, 4, 5), date(2026, 4, 2))
    assert (late["A"]["litigation_12m"], "B" in late) == (3, False)
    passed = answered(home, date(2026, 4, 5), date(2026, 4, 5))
    assert (passed["A"]["litigation_12m"], passed["B"]["litigation_12m"], passed["B"]["claim_amount_12m"]) == (
        2,
        1,
        None,
    )
    assert answered(home, date(2026, 3, 31), date(2026, 4, 5))["A"]["litigation_12m"] == 3


def test_an_event_of_the_lenders_own_kind_is_one_of_the_last_and_nothing_else(home: Home) -> None:
    found = answered(home, END, END)["B"]
    assert (found["days_since_event"], found["litigation_12m"], found["news_3m"]) == (2, 1, 0)


def test_an_id_of_a_borrower_and_of_a_loan_is_the_borrowers_once_it_is_known(home: Home) -> None:
    """Loans 7 and 9 are owed by C; from 2026-03-01 on there is a borrower 9 too."""
    found = answered(home, END, date(2026, 3, 1))
    assert (found["C"]["litigation_12m"], found["C"]["claim_amount_12m"], found["9"]["claim_amount_12m"]) == (
        1,
        300,
        400,
    )
    before = answered(home, END, date(2026, 2, 28))
    assert (before["C"]["litigation_12m"], before["C"]["claim_amount_12m"], "9" in before) == (2, 700, False)


def test_an_event_of_a_loan_that_is_not_known_yet_waits(told_of: Callable[..., Home]) -> None:
    home = told_of(
        loans=LOANS,
        events="event_id,subject_id,happened_at,kind,known_on\nX,7,2025-12-20T09:00:00+08:00,news,2025-12-21\n",
    )
    assert answered(home, date(2025, 12, 31), date(2025, 12, 31)) == {}
    assert answered(home, date(2026, 1, 1), date(2026, 1, 1))["C"]["news_3m"] == 1


def test_nothing_has_begun_before_the_first_event_is_known(home: Home) -> None:
    found = read(home)
    assert not found.begun(date(2025, 6, 4))
    assert found.begun(date(2025, 6, 5))


def test_amounts_are_in_minor_units_of_the_base_currency(told_of: Callable[..., Home]) -> None:
    home = told_of(
        events="event_id,subject_id,happened_at,kind,amount,known_on\nX,A,2026-05-01T09:00:00+08:00,litigation,300,2026-05-01\n"
    )
    yen = type(home)(home.path, type(home.settings)(base_currency="JPY"))
    assert answered(home, END, END)["A"]["claim_amount_12m"] == 30000
    assert answered(yen, END, END)["A"]["claim_amount_12m"] == 300


def test_without_the_table_there_is_nothing_to_ask(told_of: Callable[..., Home]) -> None:
    home = told_of(loans=LOANS)
    versions = lake.versions(home, ["events", "loans"])
    assert events.read(home, versions, Owing(home, versions)) is None
