"""A claim day by day ties to the cent, says what the snapshot of each day says, and a payment tried out is the payment that really came."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.book.days import day_of
from daihou.collection.allocation import Instalment, horizontal
from daihou.monitoring.arrears.shapes import ON_SCHEDULE
from daihou.runs.claims.asked import ASKED, asked_of
from daihou.runs.claims.daily import claim_of
from daihou.runs.claims.figures import Owed
from daihou.runs.claims.one_loan import alone
from daihou.runs.claims.what_if import what_of
from laws import nasty
from laws.depth import INTERPRETED, examples
from laws.engine import Engine
from laws.facts import PaymentRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daihou.runs.claims.one_loan import OneLoan
    from laws.facts import Book

BASES = {
    "schedule": nasty.schedule_books(),
    "bills": nasty.bill_books(),
    "reported": nasty.reported_books(),
    "plain": nasty.plain_books(),
}
EXAMPLES = examples(2 if INTERPRETED else 4)
LAST_ID = "\U0010ffff"  # sorts after every id of the books
MOVES = ("due", "charged", "paid", "waived", "changed")
AMOUNTS = st.integers(1, 150)
DRAWN = list[tuple["Book", tuple[dt.date, dt.date], int]]


def drawn(basis: str) -> st.SearchStrategy[DRAWN]:
    """Some books, each with its dates and an amount: one shard is built of them, which is what takes the time."""
    return st.lists(st.tuples(BASES[basis], nasty.dates(), AMOUNTS), min_size=5, max_size=5)


@dataclass(frozen=True)
class Known:
    """A loan that is known on its date."""

    loan: OneLoan
    engine: Engine
    place: int
    book: Book
    as_of: dt.date
    known_on: dt.date
    amount: int

    def snapshot(self, day: dt.date) -> dict[str, Any]:
        (row,) = self.engine.ask(self.place, [(day, self.known_on)])
        assert row is not None
        return row


def known(cases: DRAWN) -> Iterator[Known]:
    engine = Engine([book for book, _, _ in cases])
    for place, (book, (as_of, known_on), amount) in enumerate(cases):
        if any(row.known_on <= known_on for row in book.loans):
            terms = engine.terms._replace(standing_days=book.standing_days)
            loan = alone(engine.shard, place, terms, day_of(known_on))
            yield Known(loan, engine, place, book, as_of, known_on, amount)


def paid(cases: DRAWN, on: list[dt.date], amounts: list[int], purposes: list[str]) -> dict[int, Known]:
    """The books with one payment more, which is the last of its day, by place."""
    more = []
    for (book, pair, _), day, amount, purpose in zip(cases, on, amounts, purposes, strict=True):
        came = PaymentRow(
            known_on=pair[1], arrival=10**6, payment_id=LAST_ID, paid_on=day, amount=amount, purpose=purpose
        )
        more.append((replace(book, payments=(*book.payments, came)), pair, amount))
    return {one.place: one for one in known(more)}


def span(around: dt.date, before: int, after: int) -> list[dt.date]:
    return [around + dt.timedelta(days) for days in range(-before, after + 1)]


@pytest.mark.parametrize("basis", BASES)
def test_every_day_ties_and_is_what_the_snapshot_of_that_day_asks_for(basis: str) -> None:
    @EXAMPLES
    @given(drawn(basis))
    def law(cases: DRAWN) -> None:
        for one in known(cases):
            days = span(one.as_of, 50, 20)
            told = claim_of(one.loan, days, one.as_of).days
            answers = [row for row in one.engine.ask(one.place, [(day, one.known_on) for day in days]) if row]
            columns = pl.DataFrame([{name: row[name] for name in ASKED} for row in answers], infer_schema_length=None)
            expected = columns.with_columns(pl.col("accelerated_on").cast(pl.Date)).select(asked_of()).to_series()
            assert [None if day.owed is None else day.owed.total for day in told] == expected.to_list()
            assert [(day.state, day.dpd) for day in told] == [(row["state"], row["dpd"]) for row in answers]
            opening = told[0].opening
            for day in told:
                assert day.opening == opening
                moved = day.opening + day.due + day.charged - day.paid - day.waived + day.changed
                assert moved == (day.owed or Owed())
                assert sum((event.effect for event in day.events), day.opening) == moved
                assert all(event.on == day.on for event in day.events)
                opening = day.owed or Owed()

    law()


@pytest.mark.parametrize("basis", ["schedule", "plain"])
def test_what_is_owed_changes_by_itself_only_where_plan_contract_or_state_do(basis: str) -> None:
    @EXAMPLES
    @given(drawn(basis))
    def law(cases: DRAWN) -> None:
        for one in known(cases):
            facts = one.loan.facts
            moving = {int(day) for table in (facts.changes, facts.draws) for day in table["on"]}
            moving |= {int(day) for day in facts.instalments["effective_on"]}
            moving |= {
                int(day) for name in ("effective_on", "disbursed_on", "closed_on") for day in facts.versions[name]
            }
            moving |= {int(day) for day in one.loan.judged.versions["from_on"]}
            told = claim_of(one.loan, span(one.as_of, 60, 20), one.as_of).days
            for before, day in pairwise(told):
                assert min(day.due.principal, day.due.interest, day.due.fee) >= 0
                on = day_of(day.on)
                if on not in moving and day.state == before.state and one.loan.on(on)[0].basis == ON_SCHEDULE:
                    assert day.changed == Owed(), day

    law()


@pytest.mark.parametrize("basis", BASES)
def test_days_asked_apart_say_the_same_and_their_movements_are_the_sums_of_those_between(basis: str) -> None:
    @EXAMPLES
    @given(drawn(basis), st.lists(st.integers(0, 60), min_size=1, max_size=5, unique=True).map(sorted))
    def law(cases: DRAWN, places: list[int]) -> None:
        for one in known(cases):
            every = span(one.as_of, 40, 20)
            whole = claim_of(one.loan, every, one.as_of).days
            few = claim_of(one.loan, [every[place] for place in places], one.as_of).days
            for before, place, day in zip([None, *places], places, few, strict=False):
                between = whole[place if before is None else before + 1 : place + 1]
                assert (day.owed, day.to_clear) == (whole[place].owed, whole[place].to_clear)
                assert day.opening == between[0].opening
                for name in MOVES:
                    assert getattr(day, name) == sum((getattr(each, name) for each in between), Owed())

    law()


@pytest.mark.parametrize("basis", BASES)
def test_a_payment_tried_out_does_what_it_does_once_it_came(basis: str) -> None:
    @EXAMPLES
    @given(drawn(basis), st.integers(-20, 40))
    def law(cases: DRAWN, ahead: int) -> None:
        on = [as_of + dt.timedelta(ahead) for _, (as_of, _), _ in cases]
        tried = {one.place: what_of(one.loan, on[one.place], one.amount) for one in known(cases)}
        purposes = [tried[place].purpose if place in tried else "scheduled" for place in range(len(cases))]
        came = paid(cases, on, [amount for _, _, amount in cases], purposes)
        for one in known(cases):
            what, day = tried[one.place], on[one.place]
            claim = claim_of(came[one.place].loan, [day], day)
            (after,) = claim.days
            assert (what.after, what.dpd_after, what.state) == (after.owed, after.dpd, after.state)
            assert what.lines == claim.lines
            (before,) = claim_of(one.loan, [day], day).days
            assert (what.before, what.dpd_before) == (before.owed, before.dpd)

    law()


def test_money_covers_the_oldest_instalments_as_the_plain_arithmetic_says() -> None:
    @EXAMPLES
    @given(drawn("plain"))
    def law(cases: DRAWN) -> None:
        for one in known(cases):
            lines = claim_of(one.loan, [], one.as_of).lines
            amount = min(one.amount, sum(line.owed.total for line in lines))
            if amount == 0:
                continue
            rows = [Instalment(line.owed.fee, line.owed.interest, line.owed.principal) for line in lines]
            left = [
                Owed(row.principal - off.principal, row.interest - off.interest, row.fee - off.fee)
                for row, off in zip(rows, horizontal(rows, amount).covered, strict=True)
            ]
            found = what_of(one.loan, one.as_of, amount)
            assert [line.owed for line in found.lines] == [owed for owed in left if owed != Owed()]

    law()


def test_who_pays_what_clears_the_loan_is_clear_and_who_pays_less_owes_the_rest() -> None:
    @EXAMPLES
    @given(drawn("plain"))
    def law(cases: DRAWN) -> None:
        before = {one.place: claim_of(one.loan, [one.as_of], one.as_of).days[0].to_clear or 0 for one in known(cases)}
        on = [as_of for _, (as_of, _), _ in cases]
        for whole in (True, False):
            asked = [before.get(place) or amount for place, (_, _, amount) in enumerate(cases)]
            amounts = [clears if whole else min(case[2], clears) for clears, case in zip(asked, cases, strict=True)]
            for one in paid(cases, on, amounts, ["scheduled"] * len(cases)).values():
                (after,) = claim_of(one.loan, [one.as_of], one.as_of).days
                if before[one.place] and after.state != "closed":  # what is within tolerance is let go then
                    assert after.to_clear == before[one.place] - one.amount

    law()


@pytest.mark.parametrize("basis", BASES)
def test_the_lines_come_to_the_claim_but_for_charges_while_only_what_is_overdue_is_claimed(basis: str) -> None:
    @EXAMPLES
    @given(drawn(basis))
    def law(cases: DRAWN) -> None:
        for one in known(cases):
            claim = claim_of(one.loan, [one.as_of], one.as_of)
            row, owed = one.snapshot(one.as_of), claim.days[0].owed
            if owed is not None and row["state"] != "written_off" and row["accelerated_on"] is None:
                assert sum((line.owed for line in claim.lines), Owed(charges=owed.charges)) == owed
                assert all(line.days > 0 for line in claim.lines)

    law()


def test_a_claim_leaves_the_facts_of_its_loan_as_they_were() -> None:
    @EXAMPLES
    @given(drawn("schedule"))
    def law(cases: DRAWN) -> None:
        for one in known(cases):
            days = span(one.as_of, 30, 5)
            again = alone(one.engine.shard, one.place, one.loan.judged, one.loan.known)
            assert claim_of(one.loan, days, one.as_of) == claim_of(one.loan, days, one.as_of)
            for name, rows, fresh in zip(one.loan.facts._fields, one.loan.facts, again.facts, strict=True):
                assert (rows == fresh).all(), name

    law()
