"""Hypothesis strategies that make small nasty one-loan books, and dates to look at them.

All dates lie in about 14 months from 2024-01-01 (a leap day, many month ends), amounts are small and ids few, so that
collisions are common. What intake refuses is not made: two rows of an event key with one `known_on`, payments that
are not the sum of their components, amounts of payments that are not above 0.

Hypothesis examines every strategy anew that is made anew, which took longer than all the drawing. So each is made once: what makes
strategies here remembers them by what it was given.
"""

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

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
    Policy,
    StandingRow,
)

FIRST = date(2024, 1, 1)
LAST = date(2025, 3, 1)
COMPONENTS = ("principal", "interest", "fee", "penalty")
# Their order by bytes is neither that of their dates nor, for the last two, that of UTF-16.
IDS = ("p1", "p10", "p2", "P2", "z", "a", "é", "中", "\uff5e", "\U00020000")
PURPOSES = ("scheduled",) * 5 + ("compensation", "prepayment", "payoff", "recovery", "refund", "refund")
CHANGES = (
    *("waiver", "asset_in_lieu", "write_off", "write_off", "write_back", "capitalisation", "acceleration"),
    *("transfer_out", "transfer_in", "extension", "deferral", "rate_reset"),
)

_Row = TypeVar("_Row", bound=Fact)

_MONTHLY = [date(2024 + month // 12, month % 12 + 1, day) for month in range(14) for day in (1, 15, 28)]
_MONTH_ENDS = [date(2024 + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 15)]
_SPECIAL = sorted({*_MONTHLY, *_MONTH_ENDS, date(2024, 2, 29), date(2024, 3, 30), date(2024, 4, 30)})


once = lru_cache(maxsize=None, typed=True)
"""Makes a strategy once for the same values; typed, since 0 is no False here."""


@once
def just(value: Any) -> SearchStrategy[Any]:
    """Return the value."""
    return st.just(value)


@once
def of(*values: Any) -> SearchStrategy[Any]:
    """Return one of the values; what stands there twice comes twice as often."""
    return st.sampled_from(values)


@once
def either(*strategies: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """Return what one of the strategies gives."""
    return st.one_of(*strategies)


@once
def days() -> SearchStrategy[date]:
    """Return dates of the range, half of them month starts, middles and ends."""
    return either(of(*_SPECIAL), st.dates(FIRST, LAST))


@once
def early() -> SearchStrategy[date]:
    """Return dates in the first two months, the first day above all."""
    return either(just(FIRST), just(FIRST), st.dates(FIRST, date(2024, 2, 29)))


@once
def amounts(most: int = 60) -> SearchStrategy[int]:
    """Return small amounts, 0 included."""
    return st.integers(0, most)


@once
def maybe(strategy: SearchStrategy[Any], *, rarely: bool = False) -> SearchStrategy[Any]:
    """Return what a strategy gives, or None."""
    return either(*[st.none()] * 3, strategy) if rarely else either(st.none(), strategy)


_LATE = st.dates(date(2024, 6, 1), LAST)
_DELAYS = st.integers(1, 40).map(timedelta)
_TERMS = st.integers(0, 45).map(timedelta)
_SOME_DAYS = st.lists(days(), max_size=3)


@once
def _order(count: int) -> SearchStrategy[list[int]]:
    return st.permutations(range(1, count + 1))


@once
@st.composite
def dates(draw: DrawFn) -> tuple[date, date]:
    """Return (as_of, known_on): known on the very day, late enough for all, or on any day before or after."""
    as_of = draw(either(_LATE, _LATE, of(*_MONTH_ENDS), days()))
    known_on: date = draw(either(just(LAST), just(LAST), just(as_of), days()))
    return as_of, known_on


@once
@st.composite
def _known(draw: DrawFn, on: date) -> date:
    """Return when a fact of a date was known: that day, before it, some days later, or any day."""
    known_on = draw(either(just(on), just(on), just(on), just(FIRST), _DELAYS, days()))
    return min(on + known_on, LAST) if isinstance(known_on, timedelta) else known_on


# Versioned tables


@st.composite
def _loan_rows(draw: DrawFn, principal: int, *, revolving: bool) -> tuple[LoanRow, ...]:
    method = of("revolving") if revolving else of(None, "annuity")
    opened_on = draw(early())
    first = LoanRow(
        known_on=draw(either(just(opened_on), just(FIRST), just(FIRST), early(), days())),
        arrival=0,
        principal=principal,
        disbursed_on=opened_on,
        matures_on=draw(maybe(days())),
        repayment_method=draw(method),
        grace_days=draw(maybe(st.integers(0, 20), rarely=True)),
        closed_on=draw(maybe(days(), rarely=True)),
        effective_on=draw(maybe(days(), rarely=True)),
    )
    return first, *draw(st.lists(_later_loan_row(first), max_size=2))


@st.composite
def _later_loan_row(draw: DrawFn, first: LoanRow) -> LoanRow:
    effective_on = draw(either(st.none(), just(first.effective_on or first.disbursed_on), days()))
    return replace(
        first,
        known_on=draw(_known(effective_on or first.known_on)),
        principal=draw(either(just(first.principal), amounts(150))),
        disbursed_on=draw(either(just(first.disbursed_on), early(), early(), days())),
        matures_on=draw(maybe(days())),
        repayment_method=draw(of(*[first.repayment_method] * 3, "annuity", "revolving")),
        grace_days=draw(maybe(st.integers(0, 20))),
        closed_on=draw(maybe(days(), rarely=True)),
        effective_on=effective_on,
    )


@once
@st.composite
def _plan(draw: DrawFn, known: SearchStrategy[date]) -> tuple[InstalmentRow, ...]:
    """Return a first schedule: seqs in any order of due dates, some due on one day."""
    return tuple(
        InstalmentRow(
            known_on=draw(known),
            arrival=0,
            seq=seq,
            due_on=draw(days()),
            principal=draw(amounts(50)),
            interest=draw(amounts(10)),
            fee=draw(of(0, 0, 1, 5)),
            effective_on=draw(maybe(either(early(), days()), rarely=True)),
        )
        for seq in draw(_order(draw(st.integers(1, 5))))
    )


@st.composite
def _new_version(draw: DrawFn, plan: tuple[InstalmentRow, ...]) -> InstalmentRow:
    """Return an extension, a correction, a cancelled row or a new seq, effective before or after it is known."""
    old = draw(st.sampled_from(plan))
    effective_on = draw(either(st.none(), just(old.effective_on or FIRST), days()))
    return replace(
        old,
        seq=draw(either(just(old.seq), just(old.seq), st.integers(0, 7))),
        known_on=draw(either(just(old.known_on), _known(effective_on or old.due_on))),
        due_on=draw(either(just(old.due_on), days())),
        principal=draw(either(just(old.principal), amounts(50))),
        interest=draw(either(just(old.interest), amounts(10))),
        effective_on=effective_on,
        cancelled=draw(of(False, False, False, True)),
    )


@once
@st.composite
def _instalment_rows(draw: DrawFn) -> tuple[InstalmentRow, ...]:
    plan = draw(_plan(either(just(FIRST), just(FIRST), early())))
    return (*plan, *draw(st.lists(_new_version(plan), max_size=4)))


# Events


@once
def _events(row: SearchStrategy[_Row], key: str, most: int) -> SearchStrategy[tuple[_Row, ...]]:
    """Return rows of which no two share key and known_on; two of one key are versions."""
    least = of(most // 5, most // 2, most - most // 4, most - most // 4)
    sizes = {
        size: st.lists(row, min_size=size, max_size=most, unique_by=lambda row: (getattr(row, key), row.known_on))
        for size in (most // 5, most // 2, most - most // 4)
    }
    return least.flatmap(sizes.__getitem__).map(tuple)


@once
@st.composite
def _payment(draw: DrawFn, ids: tuple[str, ...]) -> PaymentRow:
    paid_on = draw(days())
    row = PaymentRow(
        known_on=draw(_known(paid_on)),
        arrival=0,
        payment_id=draw(of(*ids)),
        paid_on=paid_on,
        amount=draw(st.integers(1, 90)),
        purpose=draw(of(*PURPOSES)),
        seq=draw(either(st.none(), st.none(), st.integers(1, 5), just(9))),
        reverses=draw(maybe(of(*ids, "nothing"), rarely=True)),
    )
    return replace(row, **draw(_split())) if draw(of(False, False, True)) else row


@once
@st.composite
def _split(draw: DrawFn) -> dict[str, Any]:
    """Return components and the amount they sum to, which is above 0."""
    parts = {component: draw(maybe(amounts(40))) for component in COMPONENTS}
    amount = sum(part or 0 for part in parts.values())
    if amount == 0:
        parts["principal"] = amount = draw(st.integers(1, 60))
    return {**parts, "amount": amount}


@once
@st.composite
def _change(draw: DrawFn, ids: tuple[str, ...]) -> ChangeRow:
    effective_on = draw(days())
    return ChangeRow(
        known_on=draw(_known(effective_on)),
        arrival=0,
        change_id=draw(of(*ids)),
        kind=draw(of(*CHANGES)),
        effective_on=effective_on,
        principal=draw(maybe(amounts(90))),
        interest=draw(maybe(amounts(12), rarely=True)),
        fee=draw(maybe(amounts(6), rarely=True)),
        penalty=draw(maybe(amounts(20), rarely=True)),
    )


@once
@st.composite
def _charge(draw: DrawFn) -> ChargeRow:
    from_on = draw(days())
    return ChargeRow(
        known_on=draw(_known(from_on)),
        arrival=0,
        charge_id=draw(of(*IDS[:3])),
        kind=draw(of("penalty_interest", "fee")),
        from_on=from_on,
        amount=draw(st.integers(1, 30)),
        reverses=draw(maybe(of(*IDS[:3], "nothing"), rarely=True)),
    )


@once
@st.composite
def _draw_row(draw: DrawFn) -> DrawRow:
    drawn_on = draw(days())
    return DrawRow(known_on=draw(_known(drawn_on)), arrival=0, drawn_on=drawn_on, amount=draw(st.integers(1, 60)))


@once
@st.composite
def _bill(draw: DrawFn) -> BillRow:
    bill_on = draw(either(early(), days()))
    due_on = draw(either(_TERMS, _TERMS, days()))
    if isinstance(due_on, timedelta):
        due_on = bill_on + due_on
    balance = draw(amounts(120))
    minimum_due = draw(amounts(max(balance, 1)))
    known_on = draw(_known(bill_on))
    return BillRow(
        known_on=known_on, arrival=0, bill_on=bill_on, due_on=due_on, balance=balance, minimum_due=minimum_due
    )


@once
@st.composite
def _standing(draw: DrawFn) -> StandingRow:
    as_of = draw(either(of(*_MONTH_ENDS), of(*_MONTH_ENDS), days()))
    return StandingRow(
        known_on=draw(_known(as_of)),
        arrival=0,
        as_of=as_of,
        dpd=draw(either(st.none(), just(0), *[st.integers(0, 200)] * 4)),
        principal_outstanding=draw(maybe(either(just(0), amounts(120)))),
    )


# Policies


@once
@st.composite
def _policy(draw: DrawFn, from_on: SearchStrategy[date]) -> Policy:
    return Policy(
        from_on=draw(from_on),
        grace_days=draw(of(0, 0, 1, 3, 10, 31)),
        holiday=draw(st.booleans()),
        tolerance=draw(of(0, 0, 1, 5, 10)),
        order=draw(of("horizontal", "vertical")),
    )


@once
def _policies() -> SearchStrategy[tuple[Policy, ...]]:
    from_on = either(just(date(2023, 1, 1)), just(FIRST), days())
    return st.lists(_policy(from_on), max_size=3, unique_by=lambda policy: policy.from_on).map(tuple)


@once
@st.composite
def _holidays(draw: DrawFn) -> frozenset[date]:
    """Return weekends, some runs of days, or none."""
    all_days = [FIRST + timedelta(days=day) for day in range(430)]
    weekends = [day for day in all_days if day.isoweekday() in (6, 7)]
    runs = [day + timedelta(days=more) for day in draw(_SOME_DAYS) for more in range(3)]
    return frozenset(draw(st.sampled_from([[], weekends])) + runs)


# Books


@once
@st.composite
def schedule_books(draw: DrawFn) -> Book:
    """Return books with instalment rows, and sometimes bills and standings that come before them or give way."""
    rows = draw(_instalment_rows())
    principal = draw(either(just(sum({row.seq: row.principal for row in rows}.values())), amounts(150)))
    revolving = draw(of(*[False] * 6, True))
    loans = draw(_loan_rows(principal, revolving=revolving))
    bills, draws = draw(of(0, 0, 0, 2)), draw(of(0, 0, 0, 3))
    return draw(_book(loans=loans, instalments=rows, bills=bills, draws=draws, standings=1))


@once
@st.composite
def bill_books(draw: DrawFn) -> Book:
    """Return books with bills, mostly revolving, with and without draws, sometimes with a late schedule."""
    loans = draw(_loan_rows(draw(amounts(150)), revolving=draw(of(True, True, False))))
    rows = draw(_plan(days())) if draw(of(*[False] * 6, True)) else ()
    draws = draw(of(0, 0, 3))
    return draw(_book(loans=loans, instalments=rows, bills=8, draws=draws, standings=1))


@once
@st.composite
def reported_books(draw: DrawFn) -> Book:
    """Return books that have standings only, or not even these."""
    loans = draw(_loan_rows(draw(amounts(150)), revolving=draw(of(False, False, True))))
    return draw(_book(loans=loans, instalments=(), bills=0, draws=draw(of(0, 0, 2)), standings=16))


@st.composite
def _book(
    draw: DrawFn,
    *,
    loans: tuple[LoanRow, ...],
    instalments: tuple[InstalmentRow, ...],
    bills: int,
    draws: int,
    standings: int,
) -> Book:
    payment_ids = IDS[: draw(of(3, 6, 10))]
    changes = draw(of(0, 2, 4, 6))
    book = Book(
        loans=loans,
        instalments=instalments,
        payments=draw(_events(_payment(payment_ids), "payment_id", 10)),
        changes=draw(_events(_change(IDS[:6]), "change_id", changes)),
        charges=draw(_events(_charge(), "charge_id", draw(of(0, 4)))),
        draws=draw(_events(_draw_row(), "drawn_on", draws)),
        bills=draw(_events(_bill(), "bill_on", bills)),
        standings=draw(_events(_standing(), "as_of", standings)),
        policies=draw(_policies()),
        work_day=draw(_holidays()),
        standing_days=draw(of(31, 31, 10)),
        retail_days=draw(of(90, 90, 20)),
        instalment_retail=draw(st.booleans()),
    )
    return _arrived(book)


@once
@st.composite
def plain_books(draw: DrawFn) -> Book:
    """Return books of one schedule and one loan version, paid by plain scheduled money under one policy."""
    opened_on = draw(early())
    due_days = sorted(draw(st.lists(days().filter(lambda day: day >= opened_on), min_size=1, max_size=6)))
    rows = tuple(
        InstalmentRow(
            known_on=opened_on,
            arrival=0,
            seq=seq,
            due_on=due_on,
            principal=draw(amounts(50)),
            interest=draw(amounts(10)),
            fee=draw(of(0, 0, 3)),
        )
        for seq, due_on in enumerate(due_days, start=1)
    )
    loan = LoanRow(
        known_on=opened_on,
        arrival=0,
        principal=sum(row.principal for row in rows),
        disbursed_on=opened_on,
        matures_on=due_days[-1],
    )
    policy = replace(draw(_policy(just(date(2023, 1, 1)))), order="horizontal")
    payments = draw(_events(_plain_payment(), "payment_id", 8))
    work_day = draw(_holidays())
    book = Book(loans=(loan,), instalments=rows, payments=payments, policies=(policy,), work_day=work_day)
    return _arrived(book)


@once
@st.composite
def _plain_payment(draw: DrawFn) -> PaymentRow:
    row = draw(_payment(IDS))
    return replace(row, purpose="scheduled", seq=None, principal=None, interest=None, fee=None, penalty=None)


def _arrived(book: Book) -> Book:
    """Return the book with each row numbered by its arrival."""
    tables: dict[str, Any] = {}
    arrival = 0
    for table in ("loans", "instalments", "payments", "changes", "charges", "draws", "bills", "standings"):
        rows = []
        for row in getattr(book, table):
            arrival += 1
            rows.append(replace(row, arrival=arrival))
        tables[table] = tuple(rows)
    return replace(book, **tables)
