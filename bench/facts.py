"""A chunk of an invented loan book as NumPy arrays: loans, their plans and reschedules, and how people paid.

Everything follows from a seed and the number of the chunk. Days are counts from 1970-01-01, money is cents. Plans are
matrices [loan, instalment]; payments are long arrays in order of loan.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, Any]
Random = np.random.Generator

TERMS: Final = 24
EPOCH: Final = dt.date(1970, 1, 1)
END: Final = (dt.date(2026, 9, 30) - EPOCH).days
"""The last day on which anything was paid or known."""
MONTHS: Final = 30
"""How many months before the end the first loans were paid out."""

PRODUCTS: Final = ("bench_auto", "bench_cash", "bench_home", "bench_micro", "bench_shop", "bench_trade")
ASSET_CLASSES: Final = ("personal", "small_business")
CLASS_OF: Final = np.array([0, 0, 0, 1, 0, 1])
RATES: Final = np.array([420, 1080, 390, 870, 1320, 540])
"""Contract rate of each product, in hundredths of a per cent a year."""
FEE_RATES: Final = np.array([0.0, 0.0005, 0.0, 0.0, 0.0008, 0.0002])
"""Fee of each of the first 12 instalments, as a share of the loan."""
FEE_TERMS: Final = 12
REGIONS: Final = tuple(f"{code}0000" for code in (11, 12, 13, 31, 32, 33, 34, 35, 37, 41, 42, 43, 44, 50, 51, 61))
ORGS: Final = 200
OFFICERS: Final = 2_000

ON_TIME, EARLY, SLIPS, MISSES, STOPS = range(5)
BEHAVIOUR: Final = (0.52, 0.15, 0.17, 0.11, 0.05)
"""Always on time; ahead of time; late by days now and then; skips months and catches up; stops for good."""
PART_PAID, OVER_PAID, LATE, REVERSED, PAID_AGAIN = 0.05, 0.02, 0.03, 0.01, 0.95
RESCHEDULED: Final = 0.054
"""Of loans with a third of their plan behind them: so that 4 % of all loans are rescheduled, in half of their rows."""

MONTH_START: Final = (
    np.arange("2024-01", "2031-01", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int64).astype(np.int32)
)


@dataclass(frozen=True, slots=True)
class Loans:
    """The loans of a chunk; `borrower` and `number` count within the chunk."""

    borrower: Array
    borrower_region: Array
    product: Array
    org: Array
    officer: Array
    principal: Array
    disbursed_on: Array
    behaviour: Array

    @property
    def count(self) -> int:
        """How many loans there are."""
        return len(self.principal)


@dataclass(frozen=True, slots=True)
class Plans:
    """What is due of each loan, [loan, instalment]; and the versions that replaced rows of rescheduled loans."""

    due_on: Array
    principal: Array
    interest: Array
    fee: Array
    rescheduled: Array  # loans
    first: Array  # the first instalment replaced, of each
    on: Array  # the day of the reschedule
    new_due_on: Array  # [rescheduled loan, instalment]
    new_interest: Array


@dataclass(frozen=True, slots=True)
class Payments:
    """Money received, in order of loan; `reverses` is the place of the payment a row voids, -1 for money."""

    loan: Array
    paid_on: Array
    known_on: Array
    amount: Array
    reverses: Array


def generator(seed: int, chunk: int, part: int) -> Random:
    """Return the random numbers of one part of one chunk."""
    return np.random.Generator(np.random.SFC64([seed, chunk, part]))


def make_loans(random: Random, count: int) -> Loans:
    """Draw loans, and borrowers with one to three of them."""
    sizes = random.choice([1, 2, 3], count, p=[0.6, 0.3, 0.1])
    borrower = np.repeat(np.arange(count, dtype=np.int32), sizes)[:count]
    borrowers = int(borrower[-1]) + 1
    product = random.choice(len(PRODUCTS), borrowers, p=[0.22, 0.3, 0.08, 0.12, 0.2, 0.08])
    org = random.integers(0, ORGS, borrowers)
    typical = np.array([90e3, 20e3, 400e3, 120e3, 6e3, 800e3])
    size = typical[product[borrower]] * np.exp(random.normal(0, 0.5, count))
    age = MONTHS * 30.4 * random.random(count) ** 0.8  # lending slows a little, so that the book is well lived in
    return Loans(
        borrower=borrower,
        borrower_region=random.integers(0, len(REGIONS), borrowers),
        product=product[borrower],
        org=org[borrower],
        officer=(org * (OFFICERS // ORGS) + random.integers(0, OFFICERS // ORGS, borrowers))[borrower],
        principal=np.maximum(np.round(size, -2), 1_000).astype(np.int64) * 100,
        disbursed_on=(END - age.astype(np.int32)).astype(np.int32),
        behaviour=random.choice(len(BEHAVIOUR), count, p=BEHAVIOUR).astype(np.int8),
    )


def make_plans(random: Random, loans: Loans) -> Plans:
    """Draw up annuities to the cent, each plan's principal summing to its loan, and reschedule some loans."""
    monthly = RATES / 10_000 / 12
    grown = (1 + monthly[:, None]) ** np.arange(TERMS + 1)
    remaining = 1 - (grown - 1) / (grown[:, -1:] - 1)  # the share of an annuity still owed after each instalment
    balance = np.rint(loans.principal[:, None] * remaining[loans.product]).astype(np.int64)
    interest = np.rint(balance[:, :-1] * monthly[loans.product][:, None]).astype(np.int64)
    charged = np.rint(loans.principal * FEE_RATES[loans.product]).astype(np.int64)
    fee = np.where(np.arange(TERMS) < FEE_TERMS, charged[:, None], 0)
    due_on = due_days(loans.disbursed_on)
    passed = (due_on <= END).sum(axis=1)
    chosen = np.flatnonzero((random.random(loans.count) < RESCHEDULED) & (passed >= TERMS // 3))
    reached = passed[chosen]
    first = reached // 2 + (random.random(len(chosen)) * (reached - reached // 2)).astype(np.int64)
    on = due_on[chosen, first] + random.integers(-25, 16, len(chosen), dtype=np.int32)
    on = np.minimum(on, END)
    months = random.integers(1, 4, len(chosen))
    later = np.column_stack([due_on[chosen], np.zeros((len(chosen), 3), np.int32)])
    last = due_on[chosen, -1]
    for extra in range(3):
        later[:, TERMS + extra] = last + 30 * (extra + 1)
    new_due_on = np.take_along_axis(later, np.arange(TERMS) + months[:, None], axis=1)
    return Plans(
        due_on=due_on,
        principal=balance[:, :-1] - balance[:, 1:],
        interest=interest,
        fee=fee,
        rescheduled=chosen,
        first=first,
        on=on,
        new_due_on=new_due_on,
        new_interest=interest[chosen] + interest[chosen] // 10,
    )


def due_days(disbursed_on: Array) -> Array:
    """Return the same day of each of the 24 months after a day, clamped to the month's end, as [loan, instalment]."""
    month = np.searchsorted(MONTH_START, disbursed_on, side="right") - 1
    of_month = disbursed_on - MONTH_START[month]
    months = month[:, None] + np.arange(1, TERMS + 1)
    lengths = np.diff(MONTH_START)
    due: Array = MONTH_START[months] + np.minimum(of_month[:, None], lengths[months] - 1)
    return due.astype(np.int32)


def _lags() -> Array:
    """Return days from due to paid by [behaviour, random byte]."""
    lags = np.zeros((len(BEHAVIOUR), 256), np.int16)
    byte = np.arange(256)
    lags[EARLY] = -(byte % 10)
    lags[SLIPS] = np.where(byte < 90, 1 + byte % 25, 0)
    lags[MISSES] = np.where(byte < 10, 61, np.where(byte < 40, 31, np.where(byte < 70, byte % 12, 0)))
    return lags


LAGS: Final = _lags()


def make_payments(random: Random, loans: Loans, plans: Plans) -> Payments:
    """Pay each instalment by the rows in force when it is paid, as people do."""
    shape = plans.due_on.shape
    due_on, owed = plans.due_on, plans.principal + plans.interest + plans.fee
    replaced = np.arange(TERMS) >= plans.first[:, None]
    due_on, chosen = due_on.copy(), plans.rescheduled
    due_on[chosen] = np.where(replaced, plans.new_due_on, due_on[chosen])
    owed[chosen] += np.where(replaced, plans.new_interest - plans.interest[chosen], 0)
    draws = random.integers(0, 256, shape, dtype=np.uint8)
    paid_on = due_on + LAGS[loans.behaviour[:, None], draws]
    paid = paid_on <= END
    stop = random.integers(0, TERMS, loans.count)
    paid &= (loans.behaviour != STOPS)[:, None] | (np.arange(TERMS) < stop[:, None])
    quirk = random.integers(0, 2**16, shape, dtype=np.uint16)
    over = (quirk < int(OVER_PAID * 2**16)) & paid
    over[:, -1] = False
    over[:, :-1] &= paid[:, 1:]
    place = np.nonzero(over)
    ahead = owed[place] // 4
    owed[place] += ahead
    owed[place[0], place[1] + 1] -= ahead  # what was paid too much is left out of the next payment
    base = np.flatnonzero(paid)
    of_paid: Array = quirk.ravel()[base]
    part = (of_paid >= int(OVER_PAID * 2**16)) & (of_paid < int((OVER_PAID + PART_PAID) * 2**16))
    return _with_troubles(random, (base // TERMS).astype(np.int32), paid_on.ravel()[base], owed.ravel()[base], part)


def _with_troubles(random: Random, loan: Array, paid_on: Array, amount: Array, part: Array) -> Payments:
    """Split part payments, let some become known late, reverse some and pay most of those again."""
    amount = amount.copy()
    rest = amount[part] - amount[part] * 2 // 5
    amount[part] -= rest
    later = paid_on[part] + random.integers(3, 25, len(rest), dtype=np.int32)
    loan = np.concatenate([loan, loan[part]])
    paid_on = np.concatenate([paid_on, later])
    amount = np.concatenate([amount, rest])
    reverses = np.full(len(loan), -1, np.int64)
    known_on = paid_on + _delay(random, len(loan))
    bounced = np.flatnonzero(random.random(len(loan), dtype=np.float32) < REVERSED)
    back_on = known_on[bounced] + random.integers(1, 7, len(bounced), dtype=np.int32)
    again = bounced[(random.random(len(bounced)) < PAID_AGAIN) & (back_on <= END)]
    again_on = known_on[again] + random.integers(7, 21, len(again), dtype=np.int32)
    rows = Payments(
        np.concatenate([loan, loan[bounced], loan[again]]),
        np.concatenate([paid_on, back_on, again_on]),
        np.concatenate([known_on, back_on, again_on + _delay(random, len(again))]),
        np.concatenate([amount, amount[bounced], amount[again]]),
        np.concatenate([reverses, bounced, np.full(len(again), -1)]),
    )
    known = rows.known_on <= END
    order = np.argsort(rows.loan, kind="stable")
    order = order[known[order]]
    place = np.full(len(known), -1, np.int64)
    place[order] = np.arange(len(order))
    reverses = rows.reverses[order]
    reverses = np.where(reverses < 0, -1, place[reverses])
    return Payments(rows.loan[order], rows.paid_on[order], rows.known_on[order], rows.amount[order], reverses)


def _delay(random: Random, count: int) -> Array:
    """Return after how many days a payment became known: mostly none."""
    late = random.random(count, dtype=np.float32) < LATE
    return np.where(late, random.integers(1, 21, count, dtype=np.int32), 0).astype(np.int32)
