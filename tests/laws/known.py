"""What is known on a date: which row of each key counts, and which money was reversed. First part of the reference."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from laws.facts import (
    BillRow,
    Book,
    ChangeRow,
    ChargeRow,
    DrawRow,
    Fact,
    InstalmentRow,
    LoanRow,
    PaymentRow,
    StandingRow,
)

Row = TypeVar("Row", bound=Fact)
Money = TypeVar("Money", PaymentRow, ChargeRow)
Version = tuple[date, Row]  # effective_on (given, or by default) and the row


@dataclass(frozen=True, slots=True)
class Known:
    """A book as known on one date: versions in order of force; events in the order in which they apply.

    Reversed rows, reversals and what is dated before a `transfer_in` are already left out of the events.
    """

    book: Book
    loans: tuple[Version[LoanRow], ...]
    instalments: tuple[tuple[Version[InstalmentRow], ...], ...]
    taken_over: ChangeRow | None
    payments: tuple[PaymentRow, ...]
    changes: tuple[ChangeRow, ...]
    events: tuple[tuple[date, PaymentRow | ChangeRow], ...]
    charges: tuple[ChargeRow, ...]
    draws: tuple[DrawRow, ...]
    has_draws: bool
    bills: tuple[BillRow, ...]
    standings: tuple[StandingRow, ...]


def what_is_known(book: Book, known_on: date) -> Known | None:
    """Return the book as known on a date, or None where the loan is not known."""
    loans = [(_loan_effective_on(book, row), row) for row in book.loans if row.known_on <= known_on]
    if not loans:
        return None
    changes = _current(book.changes, lambda row: row.change_id, known_on)
    payments = _unreversed(_current(book.payments, lambda row: row.payment_id, known_on), lambda row: row.payment_id)
    charges = _unreversed(_current(book.charges, lambda row: row.charge_id, known_on), lambda row: row.charge_id)
    draws = _current(book.draws, lambda row: row.drawn_on, known_on)
    taken_over = _taken_over(changes)
    since = taken_over.effective_on if taken_over else date.min
    payments = [row for row in payments if row.paid_on >= since]
    changes = [row for row in changes if row.effective_on >= since]
    return Known(
        book=book,
        loans=tuple(_by_force(loans)),
        instalments=_instalment_versions(book, known_on),
        taken_over=taken_over,
        payments=tuple(payments),
        changes=tuple(changes),
        events=_in_turn(payments, changes),
        charges=tuple(row for row in charges if row.from_on >= since),
        draws=tuple(row for row in draws if row.drawn_on >= since),
        has_draws=bool(draws),
        bills=tuple(sorted(_current(book.bills, lambda row: row.bill_on, known_on), key=lambda row: row.bill_on)),
        standings=tuple(sorted(_current(book.standings, lambda row: row.as_of, known_on), key=lambda row: row.as_of)),
    )


def in_force(versions: Iterable[Version[Row]], day: date) -> Row | None:
    """Return the row in force on a day of versions sorted by force, or None before the first."""
    found = None
    for effective_on, row in versions:
        if effective_on <= day:
            found = row
    return found


def loan_in_force(known: Known, day: date) -> LoanRow:
    """Return the loan version of a day; the first one also holds on all days before it."""
    return in_force(known.loans, day) or known.loans[0][1]


def standing_on(known: Known, day: date) -> StandingRow | None:
    """Return the latest standing of a day, however old."""
    found = None
    for row in known.standings:
        if row.as_of <= day:
            found = row
    return found


def first_date(known: Known) -> date:
    """Return the earliest date in the known facts: no day before it can be anything but not started."""
    dates = [day for effective_on, row in known.loans for day in (effective_on, row.disbursed_on)]
    dates += [row.closed_on for _, row in known.loans if row.closed_on]
    dates += [day for versions in known.instalments for at, row in versions for day in (at, row.due_on)]
    dates += [at for at, _ in known.events]
    dates += [row.bill_on for row in known.bills] + [row.due_on for row in known.bills]
    dates += [row.as_of for row in known.standings]
    return min(dates)


def _by_force(versions: list[Version[Row]]) -> list[Version[Row]]:
    """Return versions in order of force; of rows that share both dates only the latest to arrive is a fact."""
    last = {_force(version)[:2]: version for version in sorted(versions, key=_force)}
    return list(last.values())


def _force(version: Version[Row]) -> tuple[date, date, int]:
    effective_on, row = version
    return effective_on, row.known_on, row.arrival


def _loan_effective_on(book: Book, row: LoanRow) -> date:
    if row.effective_on is not None:
        return row.effective_on
    least = min(other.known_on for other in book.loans)
    return row.disbursed_on if row.known_on == least else row.known_on


def _instalment_effective_on(book: Book, row: InstalmentRow) -> date:
    if row.effective_on is not None:
        return row.effective_on
    if row.known_on == min(other.known_on for other in book.instalments):
        return min(
            book.loans, key=lambda loan: (loan.known_on, _loan_effective_on(book, loan), -loan.arrival)
        ).disbursed_on
    is_new = not any(other.seq == row.seq and other.known_on < row.known_on for other in book.instalments)
    return min(row.due_on, row.known_on) if is_new else row.known_on


def _instalment_versions(book: Book, known_on: date) -> tuple[tuple[Version[InstalmentRow], ...], ...]:
    by_seq: dict[int, list[Version[InstalmentRow]]] = {}
    for row in book.instalments:
        if row.known_on <= known_on:
            by_seq.setdefault(row.seq, []).append((_instalment_effective_on(book, row), row))
    return tuple(tuple(_by_force(by_seq[seq])) for seq in sorted(by_seq))


def _current(rows: Iterable[Row], key: Callable[[Row], Hashable], known_on: date) -> list[Row]:
    """Return one row a key: the latest known, then the latest to arrive."""
    found: dict[Hashable, Row] = {}
    for row in sorted(rows, key=lambda row: (row.known_on, row.arrival)):
        if row.known_on <= known_on:
            found[key(row)] = row
    return list(found.values())


def _unreversed(rows: list[Money], key: Callable[[Money], str]) -> list[Money]:
    """Return the rows that are money: no reversal, and not named by one."""
    reversed_ids = {row.reverses for row in rows if row.reverses is not None}
    return [row for row in rows if row.reverses is None and key(row) not in reversed_ids]


def _taken_over(changes: list[ChangeRow]) -> ChangeRow | None:
    found = [row for row in changes if row.kind == "transfer_in"]
    return min(found, key=lambda row: (row.effective_on, row.change_id.encode()), default=None)


def _in_turn(payments: list[PaymentRow], changes: list[ChangeRow]) -> tuple[tuple[date, PaymentRow | ChangeRow], ...]:
    """Return changes and payments by date; on one day changes before payments, each by the bytes of its id."""
    keyed: list[tuple[tuple[date, int, bytes], PaymentRow | ChangeRow]] = []
    keyed += [((row.effective_on, 0, row.change_id.encode()), row) for row in changes]
    keyed += [((row.paid_on, 1, row.payment_id.encode()), row) for row in payments]
    return tuple((key[0], row) for key, row in sorted(keyed, key=lambda pair: pair[0]))
