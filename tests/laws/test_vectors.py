"""Worked cases of the field with their published or derived answers, through the kernels."""

from __future__ import annotations

import datetime as dt

import pytest

from laws.engine import answer, shard_of, terms_of, walk
from laws.facts import Book, InstalmentRow, LoanRow, PaymentRow, Policy

START = dt.date(2025, 1, 15)


def loan(principal: int) -> tuple[LoanRow, ...]:
    return (
        LoanRow(known_on=START, arrival=1, principal=principal, disbursed_on=START, matures_on=dt.date(2027, 1, 15)),
    )


def rows(*due: tuple[dt.date, int, int, int]) -> tuple[InstalmentRow, ...]:
    return tuple(
        InstalmentRow(
            known_on=START, arrival=10 + seq, seq=seq, due_on=on, fee=fee, interest=interest, principal=principal
        )
        for seq, (on, fee, interest, principal) in enumerate(due, 1)
    )


def paid(on: dt.date, amount: int) -> tuple[PaymentRow, ...]:
    return (PaymentRow(known_on=on, arrival=99, payment_id="p", paid_on=on, amount=amount),)


def standing(book: Book, as_of: dt.date, known_on: dt.date | None = None) -> dict[str, object]:
    shard = shard_of([book])
    found = answer(walk(shard, terms_of([book]), [(as_of, known_on or as_of)]), 0, 0, book, shard)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("as_of", "dpd"),
    [
        ("2026-01-15", 0), ("2026-01-16", 1), ("2026-04-15", 90), ("2026-04-16", 91), ("2026-10-12", 270), ("2026-10-13", 271),
        ("2027-01-10", 360), ("2027-01-11", 361),
    ],
    ids=[f"A1-0{n}" for n in range(1, 9)],
)  # fmt: skip
def test_a_bullet_due_on_2026_01_15_and_never_paid(as_of: str, dpd: int) -> None:
    book = Book(loans=loan(100_000), instalments=rows((dt.date(2026, 1, 15), 0, 0, 100_000)))
    assert standing(book, dt.date.fromisoformat(as_of))["dpd"] == dpd


def test_a1_25_money_goes_to_the_oldest_instalment() -> None:
    dues = [(dt.date(2026, month, 15), 0, 0, 100_000) for month in (1, 2, 3)]
    book = Book(loans=loan(300_000), instalments=rows(*dues), payments=paid(dt.date(2026, 2, 20), 100_000))
    found = standing(book, dt.date(2026, 3, 31))
    assert (found["dpd"], found["overdue_amount"]) == (44, 200_000)


def test_a4_01_costs_come_before_interest_before_principal() -> None:
    on = dt.date(2026, 3, 1)
    book = Book(loans=loan(1_000_000), instalments=rows((on, 50_000, 200_000, 1_000_000)), payments=paid(on, 230_000))
    found = standing(book, dt.date(2026, 3, 2))
    assert (found["overdue_fee"], found["overdue_interest"], found["overdue_principal"]) == (0, 20_000, 1_000_000)


@pytest.mark.parametrize(
    ("order", "left"), [("horizontal", (0, 2_000, 15_000)), ("vertical", (0, 0, 17_000))], ids=["A4-03", "A4-04"]
)
def test_two_overdue_instalments_and_230(order: str, left: tuple[int, int, int]) -> None:
    dues = [(dt.date(2026, 1, 15), 1_000, 4_000, 15_000), (dt.date(2026, 2, 15), 1_000, 4_000, 15_000)]
    book = Book(
        loans=loan(30_000),
        instalments=rows(*dues),
        payments=paid(dt.date(2026, 3, 1), 23_000),
        policies=(Policy(from_on=dt.date(2020, 1, 1), order=order),),
    )
    found = standing(book, dt.date(2026, 3, 2))
    assert (found["overdue_fee"], found["overdue_interest"], found["overdue_principal"]) == left


@pytest.mark.parametrize(("as_of", "dpd"), [("2026-01-18", 0), ("2026-01-19", 4)])
def test_grace_forgives_and_then_counts_from_the_due_date(as_of: str, dpd: int) -> None:
    book = Book(
        loans=loan(100),
        instalments=rows((dt.date(2026, 1, 15), 0, 0, 100)),
        policies=(Policy(from_on=dt.date(2020, 1, 1), grace_days=3),),
    )
    assert standing(book, dt.date.fromisoformat(as_of))["dpd"] == dpd


def test_a_saturday_moves_the_due_date_to_monday() -> None:
    book = Book(
        loans=loan(100),
        instalments=rows((dt.date(2026, 3, 14), 0, 0, 100)),
        policies=(Policy(from_on=dt.date(2020, 1, 1), holiday=True),),
        work_day=frozenset({dt.date(2026, 3, 14), dt.date(2026, 3, 15)}),
    )
    assert standing(book, dt.date(2026, 3, 16))["dpd"] == 0
    assert standing(book, dt.date(2026, 3, 17))["dpd"] == 1
    assert standing(book, dt.date(2026, 3, 17))["oldest_unpaid_due_on"] == dt.date(2026, 3, 16)


def test_a_backdated_payment_changes_history_only_once_it_is_known() -> None:
    late = PaymentRow(
        known_on=dt.date(2026, 2, 10), arrival=99, payment_id="p", paid_on=dt.date(2026, 1, 15), amount=100
    )
    book = Book(loans=loan(100), instalments=rows((dt.date(2026, 1, 15), 0, 0, 100)), payments=(late,))
    assert standing(book, dt.date(2026, 1, 31))["dpd"] == 16
    assert standing(book, dt.date(2026, 1, 31), dt.date(2026, 2, 10))["dpd"] == 0
    assert standing(book, dt.date(2026, 2, 28))["max_dpd_ever"] == 0
