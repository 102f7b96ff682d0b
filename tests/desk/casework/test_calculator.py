"""The promise calculator: what it reads of a form, and that what it says is what the ledger says."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest
from django.conf import settings
from django.http import QueryDict

from daihou.book import money
from daihou.desk.casework import calculator, reckoning
from daihou.desk.portfolio import accounts
from daihou.desk.refusals import RefusedError
from daihou.runs import claims
from desk.casework.made import case

if TYPE_CHECKING:
    from daihou.desk.casework.models import Case, CaseLoan
    from daihou.runs.claims import Claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def today(book: list[tuple[dt.date, dt.date]]) -> dt.date:
    """The day after the newest data: the day on which they are worked with."""
    return book[-1][0] + dt.timedelta(days=1)


@pytest.fixture
def held(loans: pl.DataFrame, today: dt.date) -> Case:
    """A case on the loan that is latest with instalments, at least two of them short."""
    late = loans.filter(
        pl.col("state").cast(pl.String) == "overdue",
        pl.col("unpaid_due_dates") >= 2,
        pl.col("basis").cast(pl.String) == "schedule",
    )
    row = late.sort("dpd", "loan_id", descending=True).row(0, named=True)
    return case(
        row["borrower_id"], "M2", loans=(row["loan_id"],), as_of=today - dt.timedelta(days=1), product=row["product"]
    )


@pytest.fixture
def loan(held: Case) -> CaseLoan:
    return held.of_loans.get()


def claim(loan: CaseLoan, on: dt.date) -> Claim:
    return claims.claim(settings.HOME, accounts.ledger(), loan.loan_id, [on], on)


def test_what_is_owed_is_the_claim_of_the_ledger_line_by_line(held: Case, loan: CaseLoan, today: dt.date) -> None:
    owed = reckoning.reckoned(held, [loan], today)
    there = claim(loan, today)
    assert there.days[0].owed is not None
    assert owed.on == today
    assert owed.total == there.days[0].owed.total > 0
    assert sum(line.total for line in owed.lines) == owed.total
    assert [line.due_on for line in owed.lines[: len(there.lines)]] == [line.due_on for line in there.lines]
    assert owed.principal + owed.interest + owed.fee + owed.charges + owed.untold == owed.total
    assert owed.dpd == there.days[0].dpd
    assert owed.stale_days == 0
    assert owed.course[0] == (today, there.days[0].to_clear)
    assert owed.course[-1][0] == (owed.next_on or today + dt.timedelta(days=31))


def test_older_data_are_told_and_reckoned_for_the_day_after_them(held: Case, loan: CaseLoan, today: dt.date) -> None:
    owed = reckoning.reckoned(held, [loan], today + dt.timedelta(days=40))
    assert (owed.on, owed.stale_days) == (today, 40)


def test_a_loan_that_the_ledger_does_not_know_stands_with_the_figure_of_the_last_run(today: dt.date) -> None:
    unknown = case("C1", as_of=today)
    owed = reckoning.reckoned(unknown, list(unknown.of_loans.all()), today)
    assert (owed.total, owed.missing, owed.course) == (105_000, ("C1-L1",), ())


def test_what_it_says_is_what_the_ledger_says(held: Case, loan: CaseLoan, today: dt.date) -> None:
    on = today + dt.timedelta(days=3)
    first = claim(loan, today).lines[0].owed.total
    what = claims.with_payment(settings.HOME, accounts.ledger(), loan.loan_id, on, first, today)
    said = calculator.told(loan, [(on, first)], today)
    assert what.after is not None
    assert money.text(what.after.total, loan.currency) in said.lines[0]
    assert f"{what.dpd_before} → {what.dpd_after}" in said.lines[0]
    assert said.echo.endswith(money.text(first, loan.currency)) or money.text(first, loan.currency) in said.echo


def test_a_second_part_counts_on_top_of_the_first(held: Case, loan: CaseLoan, today: dt.date) -> None:
    on, later = today + dt.timedelta(days=3), today + dt.timedelta(days=9)
    whole = calculator.what_will(loan.loan_id, later, today)
    assert whole is not None
    first, second = calculator.after(loan.loan_id, [(on, whole // 2), (later, whole - whole // 2)], today)
    assert first.after is not None
    assert second.after is not None
    assert second.after.total == 0
    alone = claims.with_payment(settings.HOME, accounts.ledger(), loan.loan_id, later, whole - whole // 2, today)
    assert alone.after is not None
    assert alone.after.total > 0


def test_what_is_offered_pays_what_it_says(held: Case, loan: CaseLoan, today: dt.date) -> None:
    owed = reckoning.reckoned(held, [loan], today)
    form = calculator.calculator([loan], owed, today, None)
    fills = [json.loads(offer.fill) for offer in form.offers]
    begin = dt.date.fromisoformat(fills[0]["on_1"])
    assert money.minor(Decimal(fills[0]["amount_1"]), loan.currency) == calculator.what_will(
        loan.loan_id, begin, owed.known_on
    )
    assert money.minor(Decimal(fills[1]["amount_1"]), loan.currency) == owed.lines[0].total
    halves = [money.minor(Decimal(fills[2][f"amount_{place}"]), loan.currency) for place in (1, 2)]
    assert sum(halves) == money.minor(Decimal(fills[0]["amount_1"]), loan.currency)


def test_money_that_came_and_is_not_booked_yet_is_taken_off(held: Case, loan: CaseLoan, today: dt.date) -> None:
    before = calculator.what_will(loan.loan_id, today, today)
    assert before is not None
    after = calculator.left_after(loan.loan_id, [(today - dt.timedelta(days=1), 100), (today, 200)], today, today)
    assert after == before - 300


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("on_1=2026-04-08&amount_1=5,000.00", [(dt.date(2026, 4, 8), 500_000)]),
        (
            "on_1=2026-04-08&amount_1=1&on_2=2026-04-02&amount_2=2.5",
            [(dt.date(2026, 4, 2), 250), (dt.date(2026, 4, 8), 100)],
        ),
        ("on_1=2026-04-08&amount_1=&on_2=&amount_2=", []),
    ],
)
def test_a_form_is_read_into_parts_in_order(typed: str, parts: list[tuple[dt.date, int]]) -> None:
    assert list(calculator.stated(QueryDict(typed), "CNY")) == parts


@pytest.mark.parametrize(
    "typed",
    ["on_1=&amount_1=5", "on_1=soon&amount_1=5", "on_1=2026-04-08&amount_1=1.234", "on_1=2026-04-08&amount_1=all"],
)
def test_what_is_no_day_or_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(RefusedError):
        calculator.stated(QueryDict(typed), "CNY")


def test_days_that_policy_does_not_allow_are_told(held: Case, loan: CaseLoan, today: dt.date) -> None:
    assert "from" in calculator.told(loan, [(today - dt.timedelta(days=1), 100)], today).trouble
    assert "from" in calculator.told(loan, [(today + dt.timedelta(days=31), 100)], today).trouble
    assert "above 0" in calculator.told(loan, [(today, 0)], today).trouble
    assert calculator.told(loan, [], today) == calculator.NOTHING
