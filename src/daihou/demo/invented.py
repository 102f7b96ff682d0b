"""A small invented book: the same loans every time, most paid on time, some late, bounced, put off or written off."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book.days import add_months

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIRST: Final = dt.date(2024, 1, 31)
LAST: Final = dt.date(2025, 12, 31)
SEED: Final = 20240131
REGIONS: Final = ("110000", "310000", "330000", "440000", "510000")
PRODUCTS: Final = ("consumer", "car", "micro")
MOODS: Final = {
    "steady": 0.66,
    "careless": 0.15,
    "dips": 0.04,
    "worsens": 0.05,
    "moved": 0.025,
    "settles": 0.055,
    "bounces": 0.02,
}
"""How a borrower behaves, and how often: see the function of each name."""
HEADERS: Final = {
    "borrowers": ("borrower_id", "kind", "region", "effective_on"),
    "loans": (
        "loan_id", "borrower_id", "product", "currency", "principal", "disbursed_on", "matures_on", "annual_rate",
        "repayment_method", "asset_class",
    ),
    "instalments": ("loan_id", "seq", "due_on", "principal", "interest", "effective_on"),
    "payments": ("payment_id", "loan_id", "paid_on", "amount", "purpose", "payer_kind", "reverses", "known_on"),
    "changes": ("change_id", "loan_id", "kind", "effective_on", "in_difficulty"),
}  # fmt: skip

Due = tuple[int, dt.date, int, int]
"""An instalment: number, due date, principal and interest in cents."""


@dataclass(slots=True)
class Told:
    """What was written: the files by table, and a loan worth explaining."""

    files: dict[str, Path]
    story: tuple[str, dt.date]


@dataclass(slots=True)
class _Book:
    """Rows on their way into the files."""

    random: np.random.Generator
    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {table: [] for table in HEADERS})
    story: tuple[str, dt.date] | None = None

    def pick(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return int(self.random.integers(low, high + 1))

    def pay(
        self, loan: str, paid_on: dt.date, cents: int, purpose: str = "scheduled", *, late: int = 0, reverses: str = ""
    ) -> str:
        """Write a payment, known on its day or `late` days after, unless that is past the end; returns its number."""
        number = f"P{len(self.rows['payments']) + 1:06}"
        known_on = paid_on + dt.timedelta(days=late)
        if known_on <= LAST:
            payer = "court" if purpose == "recovery" else "borrower"
            self.rows["payments"].append((number, loan, paid_on, _units(cents), purpose, payer, reverses, known_on))
        return number

    def change(self, loan: str, kind: str, on: dt.date, *, in_difficulty: bool) -> None:
        """Write a change."""
        number = f"C{len(self.rows['changes']) + 1:05}"
        self.rows["changes"].append((number, loan, kind, on, str(in_difficulty).lower()))


def write(folder: Path, loans: int) -> Told:
    """Write the book's files into a folder, which is made."""
    book = _Book(np.random.default_rng(SEED))
    moods = book.random.choice(list(MOODS), size=loans, p=list(MOODS.values()))
    moods[0] = "bounces"
    for number, mood in enumerate(moods.tolist(), 1):
        _loan(book, number, mood)
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for table, rows in book.rows.items():
        files[table] = folder / f"{table}.csv"
        with files[table].open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADERS[table])
            writer.writerows(rows)
    assert book.story is not None  # noqa: S101 - the first loan bounces, within the span
    return Told(files, book.story)


def _loan(book: _Book, number: int, mood: str) -> None:
    """One borrower, one loan, its plan and what came of it."""
    loan, borrower = f"L{number:05}", f"B{number:05}"
    term = (12, 24, 36)[book.pick(0, 2)]
    principal = book.pick(20, 600) * 500_00
    rate = Decimal(book.pick(60, 180)) / 1000
    disbursed_on = dt.date(2023, 3, 1) + dt.timedelta(days=book.pick(0, 27 * 30))
    if mood == "bounces" and book.story is None:
        disbursed_on, term = dt.date(2024, 11, 12), 24
    dues = plan(principal, rate, term, disbursed_on)
    product = PRODUCTS[book.pick(0, 2)]
    terms = (_units(principal), disbursed_on, dues[-1][1], rate, "annuity", "personal")
    region = REGIONS[book.pick(0, len(REGIONS) - 1)]
    book.rows["borrowers"].append((borrower, "person", region, disbursed_on))
    book.rows["loans"].append((loan, borrower, product, "CNY", *terms))
    _ask(book, loan, dues, disbursed_on)
    turn = book.pick(3, 9)
    {
        "steady": _steady,
        "careless": _careless,
        "dips": _dips,
        "worsens": _worsens,
        "moved": _moved,
        "settles": _settles,
        "bounces": _bounces,
    }[mood](book, loan, dues, turn)


def plan(principal: int, rate: Decimal, term: int, disbursed_on: dt.date) -> list[Due]:
    """Return level payments in cents: balances are rounded, so that principal sums exactly."""
    monthly = rate / 12
    growth = (1 + monthly) ** term
    level = principal * monthly * growth / (growth - 1)
    before, exact, dues = principal, Decimal(principal), []
    for seq in range(1, term + 1):
        exact = exact * (1 + monthly) - level
        after = 0 if seq == term else round(exact)
        asked = before - after
        dues.append((seq, add_months(disbursed_on, seq), asked, max(round(level) - asked, 0)))
        before = after
    return dues


def _ask(book: _Book, loan: str, dues: Sequence[Due], effective_on: dt.date) -> None:
    for seq, due_on, principal, interest in dues:
        book.rows["instalments"].append((loan, seq, due_on, _units(principal), _units(interest), effective_on))


def _steady(book: _Book, loan: str, dues: Sequence[Due], _turn: int) -> None:
    for _, due_on, principal, interest in dues:
        slip = book.pick(1, 6) if book.random.random() < 0.03 else -book.pick(0, 3)
        book.pay(loan, due_on + dt.timedelta(days=slip), principal + interest)


def _careless(book: _Book, loan: str, dues: Sequence[Due], _turn: int) -> None:
    """Pays now and then late, sometimes in two parts, and the lender hears of some of it days later."""
    for _, due_on, principal, interest in dues:
        slip = (0, book.pick(1, 20), book.pick(21, 50), book.pick(51, 75))[
            int(book.random.choice(4, p=[0.62, 0.26, 0.1, 0.02]))
        ]
        late = book.pick(2, 9) if book.random.random() < 0.1 else 0
        asked = principal + interest
        part = asked // 2 if book.random.random() < 0.1 else 0
        if part:
            book.pay(loan, due_on, part)
        book.pay(loan, due_on + dt.timedelta(days=slip), asked - part, late=late)


def _dips(book: _Book, loan: str, dues: Sequence[Due], turn: int) -> None:
    """Misses a few in a row, then pays them all at once."""
    missed = dues[turn : turn + book.pick(2, 4)]
    _steady(book, loan, dues[:turn], turn)
    caught_up_on = missed[-1][1] + dt.timedelta(days=book.pick(5, 40))
    book.pay(loan, caught_up_on, sum(principal + interest for _, _, principal, interest in missed))
    _steady(book, loan, dues[turn + len(missed) :], turn)


def _worsens(book: _Book, loan: str, dues: Sequence[Due], turn: int) -> None:
    """Pays half an instalment, then nothing; written off after some 200 days, and a little may come back."""
    _steady(book, loan, dues[:turn], turn)
    _, due_on, principal, interest = dues[turn]
    book.pay(loan, due_on, (principal + interest) // 2)
    written_off_on = due_on + dt.timedelta(days=book.pick(190, 240))
    if written_off_on > LAST:
        return
    book.change(loan, "write_off", written_off_on, in_difficulty=True)
    if book.random.random() < 0.4:
        owed = sum(principal for _, _, principal, _ in dues[turn:])
        book.pay(loan, written_off_on + dt.timedelta(days=book.pick(40, 160)), owed // 4, "recovery")


def _moved(book: _Book, loan: str, dues: Sequence[Due], turn: int) -> None:
    """Misses two, then the lender puts all that is unpaid off by three months; from then on it is paid."""
    _steady(book, loan, dues[:turn], turn)
    agreed_on = dues[turn + 1][1] + dt.timedelta(days=book.pick(3, 20))
    later = [(seq, add_months(due_on, 3), principal, interest) for seq, due_on, principal, interest in dues[turn:]]
    if agreed_on <= LAST:
        book.change(loan, "extension", agreed_on, in_difficulty=True)
        _ask(book, loan, later, agreed_on)
        _steady(book, loan, later, turn)


def _settles(book: _Book, loan: str, dues: Sequence[Due], turn: int) -> None:
    """Pays off early, on a due date: that day's instalment's interest and all principal."""
    _steady(book, loan, dues[:turn], turn)
    _, due_on, _, interest = dues[turn]
    book.pay(loan, due_on, sum(principal for _, _, principal, _ in dues[turn:]) + interest, "payoff")


def _bounces(book: _Book, loan: str, dues: Sequence[Due], turn: int) -> None:
    """Let a payment bounce: the lender hears of it days later, and the money comes again after a month or more."""
    _steady(book, loan, dues[:turn], turn)
    _, due_on, principal, interest = dues[turn]
    bounced = book.pay(loan, due_on, principal + interest)
    book.pay(loan, due_on, principal + interest, late=6, reverses=bounced)
    again_on = due_on + dt.timedelta(days=book.pick(35, 50))
    book.pay(loan, again_on, principal + interest)
    _steady(book, loan, dues[turn + 1 :], turn)
    if book.story is None:
        book.story = (loan, _month_end(due_on))


def _month_end(day: dt.date) -> dt.date:
    return add_months(day.replace(day=1), 1) - dt.timedelta(days=1)


def _units(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
