"""What reviews found of borrowers and of their loans, told by hand: late, corrected, found again and settled, and values that say nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from daihou.book import lake
from daihou.monitoring.reviews.family import REVIEWS
from daihou.runs.borrowers import reviews
from daihou.runs.borrowers.owing import Owing

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.book.home import Home

END = date(2026, 5, 31)
TABLES = (reviews.TABLE, "loans", "borrowers")
LOANS = """\
loan_id,borrower_id,product,principal,disbursed_on,matures_on,currency,org_id,asset_class,repayment_method,known_on,effective_on
L1,C,auto,300.00,2026-01-01,2026-12-31,CNY,h,personal,annuity,2026-01-01,
L1,D,auto,300.00,2026-01-01,2026-12-31,CNY,h,personal,annuity,2026-05-10,2026-05-10
"""
FINDINGS = """\
subject_id,kind,happened_at,value,known_on
A,review_done,2025-05-31T09:00:00+08:00,"{""review"": 1, ""type"": ""first"", ""form"": ""first"", ""version"": 1, ""onsite"": true}",2025-05-31
A,rating_willingness,2025-05-31T09:00:00+08:00,"{""review"": 1, ""rating"": 5}",2025-05-31
A,found_stock_fell,2025-05-31T09:00:00+08:00,"{""review"": 1, ""level"": ""yellow""}",2025-05-31
A,review_done,2026-03-01T09:00:00+08:00,"{""review"": 2, ""type"": ""regular"", ""form"": ""regular"", ""version"": 1, ""onsite"": true}",2026-03-01
A,rating_willingness,2026-03-01T09:00:00+08:00,"{""review"": 2, ""rating"": 4}",2026-03-01
A,rating_ability,2026-03-01T09:00:00+08:00,"{""review"": 2, ""rating"": 3}",2026-03-01
A,found_stock_fell,2026-03-01T09:00:00+08:00,"{""level"":""red"",""review"":2}",2026-03-01
A,found_wages_unpaid,2026-03-01T09:00:00+08:00,"{""review"": 2, ""level"": ""orange""}",2026-03-01
A,found_lawsuit,2026-03-01T09:00:00+08:00,"{""review"": 2, ""level"": ""orange""}",2026-03-01
A,settled_lawsuit,2026-04-01T09:00:00+08:00,{},2026-04-01
A,review_done,2026-05-20T23:59:59+08:00,"{""review"": 3, ""type"": ""return_visit"", ""onsite"": false}",2026-05-22
A,rating_willingness,2026-05-20T23:59:59+08:00,"{""review"": 3, ""rating"": 2}",2026-05-22
A,settled_wages_unpaid,2026-05-20T23:59:59+08:00,"{""review"": 3}",2026-05-22
A,found_lawsuit,2026-06-01T00:00:00+08:00,"{""review"": 4, ""level"": ""red""}",2026-06-01
B,found_contact_changed,2026-05-30T09:00:00+08:00,"{""level"": ""blue""}",2026-05-30
L1,found_use_diverted,2026-04-15T09:00:00+08:00,"{""review"": 9, ""level"": ""red""}",2026-04-15
L1,review_done,2026-04-15T09:00:00+08:00,"{""review"": 9, ""onsite"": true}",2026-04-15
"""
"""A was reviewed three times, B was found to have another number, and the loan L1 passed from C to D on 2026-05-10."""


@pytest.fixture(scope="module")
def home(told_of: Callable[..., Home]) -> Home:
    return told_of(loans=LOANS, findings=FINDINGS)


def found(home: Home) -> reviews.Reviewed:
    versions = lake.versions(home, list(TABLES))
    told = reviews.read(home, versions, Owing(home, versions))
    assert told is not None
    return told


def row(home: Home, borrower_id: str, as_of: date = END, known_on: date = END) -> dict[str, Any]:
    told = found(home).on(as_of, known_on).to_dicts()
    return next((row for row in told if row["borrower_id"] == borrower_id), {})


def facts(*rows: str) -> str:
    """Findings of borrower A, each `kind|day|value|known_on`."""
    lines = ["subject_id,kind,happened_at,value,known_on"]
    for kind, day, value, known_on in (row.split("|") for row in rows):
        quoted = value.replace('"', '""')
        lines.append(f'A,{kind},{day}T09:00:00+08:00,"{quoted}",{known_on}')
    return "\n".join(lines) + "\n"


def test_the_newest_word_of_each_matter_counts_and_what_was_settled_is_over(home: Home) -> None:
    assert row(home, "A") == {
        "borrower_id": "A", "days_since_review": 11, "days_since_onsite": 91, "reviews_12m": 2,
        "willingness": 2, "willingness_change": -2, "ability": 3, "ability_change": None,
        "findings_open": 1, "findings_red": 1, "findings_orange": 0, "days_since_finding": 91,
    }  # fmt: skip


def test_on_an_earlier_date_what_happened_after_it_is_not_there(home: Home) -> None:
    before = row(home, "A", date(2026, 3, 31))
    assert (before["willingness"], before["willingness_change"], before["days_since_review"]) == (4, -1, 30)
    assert (before["findings_open"], before["findings_red"], before["findings_orange"]) == (3, 1, 2)
    first = row(home, "A", date(2026, 2, 28))
    assert (first["findings_open"], first["findings_red"], first["reviews_12m"], first["ability"]) == (1, 0, 1, None)


def test_what_was_known_later_counts_from_then_on(home: Home) -> None:
    early = row(home, "A", date(2026, 5, 21), date(2026, 5, 21))
    late = row(home, "A", date(2026, 5, 21), date(2026, 5, 22))
    assert (early["willingness"], early["findings_open"], early["days_since_review"]) == (4, 2, 81)
    assert (late["willingness"], late["findings_open"], late["days_since_review"]) == (2, 1, 1)


def test_a_finding_that_was_settled_and_is_found_again_is_open_again(home: Home) -> None:
    again = row(home, "A", date(2026, 6, 1), date(2026, 6, 1))
    assert (again["findings_open"], again["findings_red"], again["days_since_finding"]) == (2, 2, 0)


def test_of_whom_something_was_found_without_a_review_no_days_are_told(home: Home) -> None:
    assert row(home, "B") == {
        "borrower_id": "B", "days_since_review": None, "days_since_onsite": None, "reviews_12m": 0,
        "willingness": None, "willingness_change": None, "ability": None, "ability_change": None,
        "findings_open": 1, "findings_red": 0, "findings_orange": 0, "days_since_finding": 1,
    }  # fmt: skip


def test_what_was_found_of_a_loan_counts_for_who_owes_it_on_the_date(home: Home) -> None:
    before = date(2026, 5, 9)
    assert (row(home, "C", before, before)["findings_red"], row(home, "D", before, before)) == (1, {})
    assert (row(home, "C"), row(home, "D")["findings_red"], row(home, "D")["days_since_onsite"]) == ({}, 1, 46)
    assert "L1" not in found(home).on(END, END)["borrower_id"].to_list()


def test_a_correction_counts_from_the_day_it_is_known_and_one_that_says_nothing_takes_the_row_away(
    told_of: Callable[..., Home],
) -> None:
    home = told_of(
        findings=facts(
            'rating_ability|2026-05-01|{"rating": 4}|2026-05-01', 'rating_ability|2026-05-01|{"rating": 1}|2026-05-03',
            'rating_ability|2026-05-01|{}|2026-05-05', 'review_done|2026-04-01|{"onsite": false}|2026-04-01',
        )
    )  # fmt: skip
    told = [row(home, "A", END, date(2026, 5, day))["ability"] for day in (2, 4, 6)]
    assert told == [4, 1, None]


@pytest.mark.parametrize(
    "value",
    ['{"rating": 0}', '{"rating": 6}', '{"rating": "4"}', '{"rating": 4.5}', '[{"rating": 4}]', '{"rating": 4', "4", "", '{"level": "red"}'],
)  # fmt: skip
def test_a_value_that_does_not_say_what_its_kind_does_counts_for_nothing(
    told_of: Callable[..., Home], value: str
) -> None:
    home = told_of(findings=facts(f"rating_ability|2026-05-01|{value}|2026-05-01"))
    assert found(home).begun(END)
    assert found(home).on(END, END).is_empty()


def test_kinds_and_levels_that_are_not_ours_count_for_nothing(told_of: Callable[..., Home]) -> None:
    home = told_of(
        findings=facts(
            'found_|2026-05-01|{"level": "red"}|2026-05-01', 'rating_mood|2026-05-01|{"rating": 1}|2026-05-01',
            'found_lawsuit|2026-05-01|{"level": "purple"}|2026-05-01', 'settled_lawsuit|2026-05-02|gone|2026-05-02',
            "review_done|2026-05-01|{}|2026-05-01",
        )
    )  # fmt: skip
    assert found(home).on(END, END).is_empty()


def test_before_anything_was_known_of_anybody_nothing_is_said(home: Home) -> None:
    assert not found(home).begun(date(2025, 5, 30))
    assert found(home).begun(date(2025, 5, 31))


def test_the_columns_are_those_of_the_family_and_of_some_only_these(home: Home) -> None:
    told = found(home)
    whole = told.on(END, END)
    assert whole.columns == ["borrower_id", *(measure.name for measure in REVIEWS.measures)]
    some = told.on(END, END, {"ability_change", "findings_red"})
    assert some.equals(whole.select("borrower_id", "ability_change", "findings_red"))


def test_where_nothing_was_sent_there_is_no_family(told_of: Callable[..., Home]) -> None:
    empty = told_of(loans=LOANS)
    versions = lake.versions(empty, list(TABLES))
    assert reviews.read(empty, versions, Owing(empty, versions)) is None
    assert reviews.begun(empty, versions, Owing(empty, versions)).on(END, END).is_empty()
