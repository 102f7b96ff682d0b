"""The kernels against the slow reference on nasty books, every column, by both loops; and laws that need no reference."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daihou.book.days import add_months, day_of
from daihou.book.ledger.layout import FOREVER
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears import walk as walking
from daihou.monitoring.arrears.plain import walk as kernel
from laws import nasty, reference
from laws.depth import INTERPRETED, examples
from laws.engine import MONTHS, Engine, shard_of, terms_of
from laws.facts import Book, PaymentRow

if TYPE_CHECKING:
    import random
    from collections.abc import Mapping

    from daihou.book.ledger.shard import Shard

BASES = {
    "schedule": nasty.schedule_books(),
    "bills": nasty.bill_books(),
    "reported": nasty.reported_books(),
    "plain": nasty.plain_books(),
}
EXAMPLES = examples(3 if INTERPRETED else 8)
Case = tuple[Book, tuple[dt.date, dt.date]]


TABLES = ("loans", "instalments", "payments", "changes", "charges", "draws", "bills", "standings")


def apart(drawn: list[Case]) -> tuple[list[Book], list[tuple[dt.date, dt.date]]]:
    """The books of the cases, and their pairs."""
    return [book for book, _ in drawn], [pair for _, pair in drawn]


def cases(basis: str, size: int = 6) -> st.SearchStrategy[list[Case]]:
    return st.lists(st.tuples(BASES[basis], nasty.dates()), min_size=size, max_size=size)


def answers(books: list[Book], pairs: list[tuple[dt.date, dt.date]]) -> list[dict[str, Any] | None]:
    """The answer of each book on its own pair."""
    engine = Engine(books) if books else None
    return [engine.ask(place, [pair])[0] for place, pair in enumerate(pairs)] if engine else []


def differences(
    mine: Mapping[str, object] | None, theirs: Mapping[str, object] | None
) -> dict[str, tuple[object, object]]:
    if mine is None or theirs is None:
        return {} if mine is theirs is None else {"known": (mine, theirs)}
    return {name: (value, theirs[name]) for name, value in mine.items() if name in theirs and value != theirs[name]}


@pytest.mark.parametrize("basis", BASES)
def test_the_kernels_answer_as_the_reference_does(basis: str) -> None:
    """Both loops are held against the reference on the same books: it is slow, and asked once for both."""

    @EXAMPLES
    @given(cases(basis))
    def law(drawn: list[Case]) -> None:
        engine = Engine([book for book, _ in drawn])
        for place, (book, pair) in enumerate(drawn):
            theirs = reference.snapshot(book, *pair)
            for general in (False, True):
                (mine,) = engine.ask(place, [pair], general=general)
                assert differences(mine, theirs) == {}, "general loop" if general else "cheapest loop"

    law()


def test_the_plain_loop_is_the_one_that_runs_on_plain_books() -> None:
    @EXAMPLES
    @given(st.lists(BASES["plain"], min_size=4, max_size=4))
    def law(books: list[Book]) -> None:
        assert all(shard_of(books).facts.loans["traits"] & 1)

    law()


@pytest.mark.parametrize("basis", BASES)
def test_history_at_a_date_is_the_run_of_that_date(basis: str) -> None:
    """As known on each date, and as known on the last: of the same books."""

    @EXAMPLES
    @given(st.lists(BASES[basis], min_size=2, max_size=2), st.lists(nasty.dates(), min_size=5, max_size=5))
    def law(books: list[Book], drawn: list[tuple[dt.date, dt.date]]) -> None:
        days = sorted({day for pair in drawn for day in pair})
        engine = Engine(books)
        for pairs in ([(day, day) for day in days], [(day, days[-1]) for day in days]):
            for place in range(len(books)):
                together = engine.ask(place, pairs)
                for number, pair in enumerate(pairs):
                    assert [together[number]] == engine.ask(place, [pair])

    law()


@pytest.mark.parametrize("basis", BASES)
def test_what_was_known_on_a_day_never_changes_when_later_facts_arrive(basis: str) -> None:
    @EXAMPLES
    @given(cases(basis, 4))
    def law(drawn: list[Case]) -> None:
        books, pairs = apart(drawn)
        then = [_until(book, known_on) for book, (_, known_on) in drawn]
        kept = [place for place, book in enumerate(then) if book.loans]
        asked = [pairs[place] for place in kept]
        assert answers([then[place] for place in kept], asked) == answers([books[place] for place in kept], asked)

    law()


@pytest.mark.parametrize("basis", BASES)
def test_what_is_known_twice_is_what_a_walk_by_either_knowledge_answers(
    basis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "NEAR", 1)  # loan by loan, that their places count
    names = frozenset(at.ANSWER.names or ())

    @EXAMPLES
    @given(st.lists(BASES[basis], min_size=3, max_size=3), st.lists(nasty.dates(), min_size=3, max_size=3))
    def law(books: list[Book], drawn: list[tuple[dt.date, dt.date]]) -> None:
        days = sorted({day for pair in drawn for day in pair})
        shard, judged = shard_of(books), terms_of(books)
        walked = [
            next(walking.chunks(shard, judged, [(day, known_on(day)) for day in days]))[1].view(np.ndarray)
            for known_on in (lambda day: day, lambda _: days[-1])
        ]
        asked = walking.Known(days, days[-1], names, names)
        for first, *twice in walking.known_twice(shard, judged, asked, 2):
            for held, answered in zip(twice, walked, strict=True):
                mine = answered[:, first : first + 2]
                known = (mine["version"] != at.EMPTY) & (mine["state"] != at.NOT_STARTED)
                for name in names:
                    assert (held[name][known] == mine[name][known]).all()
                # A loan that is not disbursed may be known or not.
                assert ((held["version"] == at.EMPTY) | (held["state"] == at.NOT_STARTED))[~known].all()

    law()


def _until(book: Book, known_on: dt.date) -> Book:
    """What was known of a book on a day."""
    earlier: dict[str, Any] = {
        table: tuple(row for row in getattr(book, table) if row.known_on <= known_on) for table in TABLES
    }
    return replace(book, **earlier)


@pytest.mark.parametrize("basis", BASES)
def test_the_order_in_which_facts_arrive_does_not_matter(basis: str) -> None:
    @EXAMPLES
    @given(cases(basis, 3), st.randoms(use_true_random=False))
    def law(drawn: list[Case], chance: random.Random) -> None:
        books, pairs = apart([(book, pair) for book, pair in drawn if not _has_ties(book)])
        assert answers([_shuffled(book, chance) for book in books], pairs) == answers(books, pairs)

    law()


def _shuffled(book: Book, chance: random.Random) -> Book:
    """The book as if its rows had arrived in another order."""
    places = list(range(1, 1 + sum(len(getattr(book, table)) for table in TABLES)))
    chance.shuffle(places)
    shuffled: dict[str, Any] = {
        table: tuple(replace(row, arrival=places.pop()) for row in getattr(book, table)) for table in TABLES
    }
    return replace(book, **shuffled)


def _has_ties(book: Book) -> bool:
    """Whether rows of one key share both dates, so that only arrival tells them apart; an absent date is what the page says it is."""
    first = min(row.known_on for row in book.loans)
    loans = [
        (row.known_on, row.effective_on or (row.disbursed_on if row.known_on == first else row.known_on))
        for row in book.loans
    ]
    rows = [(row.seq, row.known_on) for row in book.instalments]
    return len(set(loans)) < len(loans) or len(set(rows)) < len(rows)


@pytest.mark.parametrize("basis", ["schedule", "plain"])
def test_a_payment_and_its_reversal_once_known_equal_neither(basis: str) -> None:
    @EXAMPLES
    @given(cases(basis, 3))
    def law(drawn: list[Case]) -> None:
        free = [
            (book, pair) for book, pair in drawn if not any(row.reverses in ("new", "void") for row in book.payments)
        ]
        more = []
        for book, (as_of, known_on) in free:
            day = min(as_of, known_on)
            both = (
                PaymentRow(known_on=day, arrival=901, payment_id="new", paid_on=day, amount=17),
                PaymentRow(known_on=known_on, arrival=902, payment_id="void", paid_on=day, amount=17, reverses="new"),
            )
            more.append(replace(book, payments=book.payments + both))
        books, pairs = apart(free)
        assert answers(more, pairs) == answers(books, pairs)

    law()


def test_splitting_a_payment_in_two_on_one_day_changes_nothing() -> None:
    @EXAMPLES
    @given(cases("plain", 3))
    def law(drawn: list[Case]) -> None:
        books, pairs = apart(drawn)
        split = []
        for book in books:
            parts: list[PaymentRow] = []
            named = {row.reverses for row in book.payments} | {
                row.payment_id
                for row in book.payments
                if sum(r.payment_id == row.payment_id for r in book.payments) > 1
            }
            for row in book.payments:
                if row.amount < 2 or row.reverses or row.payment_id in named:
                    parts.append(row)
                else:
                    parts.append(replace(row, amount=1))
                    parts.append(
                        replace(row, amount=row.amount - 1, payment_id=row.payment_id + "+", arrival=row.arrival + 1000)
                    )
            split.append(replace(book, payments=tuple(parts)))
        assert answers(split, pairs) == answers(books, pairs)

    law()


@pytest.mark.parametrize("basis", ["schedule", "bills", "plain"])
def test_the_greatest_dpd_is_the_greatest_of_every_day(basis: str) -> None:
    @examples(2)
    @given(cases(basis, 2))
    def law(drawn: list[Case]) -> None:
        engine = Engine([book for book, _ in drawn])
        for place, (book, (as_of, known_on)) in enumerate(drawn):
            first = min(row.disbursed_on for row in book.loans) - dt.timedelta(days=40)
            days = [first + dt.timedelta(days=n) for n in range((as_of - first).days + 1)]
            found = engine.ask(place, [(day, known_on) for day in days]) if days else []
            last = found[-1] if found else None
            if last is None:
                continue
            daily = {day: row["dpd"] for day, row in zip(days, found, strict=True) if row and row["basis"] != "none"}
            for months, column in ((3, "max_dpd_3m"), (6, "max_dpd_6m"), (12, "max_dpd_12m")):
                inside = [value for day, value in daily.items() if day > add_months(as_of, -months)]
                assert last[column] == max(inside, default=last["dpd"] if last["dpd"] == 0 else None)

    law()


def test_dpd_grows_by_one_a_day_while_nothing_happens() -> None:
    @EXAMPLES
    @given(cases("plain", 3))
    def law(drawn: list[Case]) -> None:
        engine = Engine([book for book, _ in drawn])
        for place, (book, (as_of, known_on)) in enumerate(drawn):
            after = as_of + dt.timedelta(days=1)
            if any(row.paid_on == after for row in book.payments):
                continue
            today, tomorrow = engine.ask(place, [(as_of, known_on), (after, known_on)])
            if today and today["dpd"]:
                assert tomorrow is not None
                assert tomorrow["dpd"] == today["dpd"] + 1

    law()


@pytest.mark.parametrize("basis", BASES)
def test_all_money_goes_somewhere_and_every_balance_closes(basis: str) -> None:
    @EXAMPLES
    @given(cases(basis, 4))
    def law(drawn: list[Case]) -> None:
        for book, pair in drawn:
            shard, terms = shard_of([book]), terms_of([book])
            out = at.answers(1, 1)
            room = at.scratch(500, 500, 3700, 20_000)
            dates = (np.array([day_of(pair[0])], np.int32), np.array([day_of(pair[1])], np.int32))
            kernel(shard.facts, terms, MONTHS, room, 0, 1, *dates, out, True)
            if out[0, 0].version == at.EMPTY:
                continue
            pots, rows = room.pots, room.rows[: room.pots[at.ROW_COUNT]]
            notes = room.notes[: room.pots[at.NOTE_COUNT]]
            covered = sum(int(rows[f"covered_{part}"].sum()) for part in ("principal", "interest", "fee"))
            payments = _counted(shard, dates)
            settled = int(payments[payments["purpose"] == 2]["amount"].sum())
            gone = covered + pots[at.SURPLUS] + pots[at.PENALTY_POT] + pots[at.PREPAID] + pots[at.RECOVERED] + settled
            assert gone == pots[at.PAID] + pots[at.REFUND_LOST]
            paid_notes = notes[(notes["event"] >= 0) & (notes["source"] >= 0)]
            assert int(paid_notes["amount"].sum()) == covered
            assert pots[at.COVERED_PRINCIPAL] == int(rows["covered_principal"].sum())
            plan = shard.facts.instalments
            for row in rows:
                if row.owed_on == row.due_on:
                    waived = notes[(notes["event"] < 0) & (notes["source"] == row.source)]["amount"].sum()
                    asked = plan[row.source].principal + plan[row.source].interest + plan[row.source].fee
                    short = row.principal + row.interest + row.fee
                    paid = row.covered_principal + row.covered_interest + row.covered_fee
                    assert asked == short + paid + waived
                    assert min(row.principal, row.interest, row.fee) >= 0

    law()


def _counted(shard: Shard, dates: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]) -> Any:
    """The payments of the one loan that count, taken from the facts."""
    payments = shard.facts.payments
    day, known = int(dates[0][0]), int(dates[1][0])
    seen = (payments["on"] <= day) & (payments["known_on"] <= known) & (known < payments["until"])
    changes = shard.facts.changes
    taken = changes[(changes["kind"] == 12) & (changes["known_on"] <= known) & (known < changes["until"])]
    if len(taken):
        seen &= payments["on"] >= taken["on"].min()
    return payments[seen & (payments["purpose"] != 6)]


def test_no_fact_is_known_for_ever_after_it_was_replaced() -> None:
    rows = tuple(
        PaymentRow(known_on=dt.date(2024, 3, day), arrival=day, payment_id="a", paid_on=dt.date(2024, 3, 1), amount=day)
        for day in (1, 5, 9)
    )
    from laws.facts import LoanRow

    loan = LoanRow(known_on=dt.date(2024, 1, 1), arrival=0, principal=100, disbursed_on=dt.date(2024, 1, 1))
    payments = shard_of([Book(loans=(loan,), payments=rows)]).facts.payments
    assert list(payments["until"][:2]) == [day_of(dt.date(2024, 3, 5)), day_of(dt.date(2024, 3, 9))]
    assert payments["until"][2] == FOREVER
