"""A simulated book lived once more from its facts alone: what was decided at each due date, read off the files that were written.

Nothing of `daihou.simulation` is used but the parameters that say how a plan is laid and which days are possible; whatever does not fit
them fails. Due dates so near the end of the book that their money may not have come in yet are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import starmap
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl
from polars import selectors as cs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from daihou.simulation.parameters import Parameters, Product

WHOLE_DAYS = 31  # after a due date all its money has come in and is known
DUE_DAYS, PAID_WITHIN, WRITE_OFF_AFTER = 17, 10, 25

Risk = tuple[str, int, bool, int, int, tuple[bool, ...]]
"""Of a due date without arrears: product, month, trouble with income, age in months (-1 for cards), whether the first, which troubles."""


@dataclass(slots=True)
class Seen:
    """What was seen: chances taken and how often it came so, days and fractions drawn, due dates at risk and how many were missed."""

    chances: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    days: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    fractions: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    at_risk: Counter[Risk] = field(default_factory=Counter)
    missed: Counter[Risk] = field(default_factory=Counter)
    circle: list[bool] = field(default_factory=list)
    """Whether each due date of a guarantee circle in trouble was missed."""

    def chance(self, name: str, came: bool) -> bool:
        """Note a chance and whether it came so."""
        self.chances[name][0] += came
        self.chances[name][1] += 1
        return came


class Payment(NamedTuple):
    """A row of payments."""

    payment_id: str
    loan_id: str
    paid_on: date
    known_on: date
    amount: int
    purpose: str
    reverses: str | None


class Bill(NamedTuple):
    """A row of bills."""

    bill_on: date
    due_on: date
    balance: int
    minimum: int


@dataclass(slots=True)
class Act:
    """Money that came in once, after bounces."""

    on: date
    amount: int
    purpose: str


@dataclass(slots=True)
class Loan:
    """One loan's facts, in the order in which they were written."""

    number: str
    product: Product
    org: str
    partner: str | None
    disbursed_on: date
    limit: int
    habit: str
    circle: int | None
    shocked: set[int]
    plan: list[int] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    changes: list[tuple[date, str]] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)


def replay(given: Parameters, folder: Path, first_on: date, last_on: date) -> Seen:
    """All that was decided in a book."""
    seen = Seen()
    for loan in _loans(given, folder, first_on, seen):
        if loan.product.terms:
            _Plan(given, loan, first_on, last_on, seen).live()
        else:
            _Card(given, loan, first_on, last_on, seen).live()
    return seen


def month_of(day: date, first_on: date) -> int:
    """The month of the book in which a day lies."""
    return 12 * (day.year - first_on.year) + day.month - first_on.month


def add_months(day: date, months: int) -> date:
    """The same day some months on; days are never past the 28th."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, month + 1, day.day)


def _read(folder: Path, name: str, *columns: str) -> Iterable[Any]:
    """The rows of a table as tuples of some columns, money in cents; a column that the table lacks is empty."""
    paths = sorted(folder.glob(f"{name}-*.parquet"))
    if not paths:
        return ()
    table = pl.read_parquet(paths)
    missing = [pl.lit(None).alias(column) for column in columns if column not in table.columns]
    return table.with_columns((cs.decimal() * 100).cast(pl.Int64), *missing).select(columns).rows()


def _loans(given: Parameters, folder: Path, first_on: date, seen: Seen) -> Iterable[Loan]:
    products = {product.product: product for product in given.products}
    habits = {row[0]: row[1:] for row in _read(folder / "truth", "habits", "borrower_id", "habit", "circle")}
    shocked: defaultdict[str, set[int]] = defaultdict(set)
    for borrower, *span in _read(folder / "truth", "shocks", "borrower_id", "from_on", "until_on"):
        begins, ends = (month_of(day, first_on) for day in span)
        shocked[borrower].update(range(begins, ends))
    loans: dict[str, Loan] = {}
    for number, borrower, product, org, partner, disbursed_on, effective_on, principal in _read(
        folder, "loans", "loan_id", "borrower_id", "product", "org_id", "partner_id", "disbursed_on", "effective_on", "principal"
    ):  # fmt: skip
        if effective_on == disbursed_on:
            habit, circle = habits[borrower]
            loans[number] = Loan(
                number, products[product], org, partner, disbursed_on, principal, habit, circle, shocked[borrower]
            )
    for number, effective_on, principal, interest in _read(
        folder, "instalments", "loan_id", "effective_on", "principal", "interest"
    ):
        if effective_on == (loan := loans[number]).disbursed_on:
            loan.plan.append(principal + interest)
    for number, effective_on, kind in _read(folder, "changes", "loan_id", "effective_on", "kind"):
        loans[number].changes.append((effective_on, kind))
    for number, *bill in _read(folder, "bills", "loan_id", "bill_on", "due_on", "balance", "minimum_due"):
        loans[number].bills.append(Bill(*bill))
    rows = _read(folder, "payments", "payment_id", "loan_id", "paid_on", "known_on", "amount", "purpose", "reverses")
    _pay(loans, sorted(starmap(Payment, rows)), seen)
    return loans.values()


def _pay(loans: dict[str, Loan], payments: list[Payment], seen: Seen) -> None:
    """Give each loan its money; what bounced comes again as the next row but one."""
    bounced = {row.reverses: row.paid_on for row in payments if row.reverses}
    again: Payment | None = None  # the payment that bounced last, waiting to be paid again
    for row in payments:
        if row.reverses:
            continue
        loan = loans[row.loan_id]
        if row.payment_id in bounced:
            again = row
            seen.days["bounce_days"].append((bounced[row.payment_id] - row.paid_on).days)
            seen.chance("bounce", came=True)
            loan.acts.append(Act(row.paid_on, row.amount, row.purpose))
            continue
        if again is not None and again.loan_id == row.loan_id and again.amount == row.amount:
            seen.days["bounce_days"].append((row.paid_on - bounced[again.payment_id]).days)
            again = None
            continue
        again = None
        if row.purpose == "scheduled":
            if loan.product.terms:
                seen.chance("bounce", came=False)
            late = (row.known_on - row.paid_on).days
            if seen.chance("late", came=late > 0):
                seen.days["late_days"].append(late)
        loan.acts.append(Act(row.paid_on, row.amount, row.purpose))


class _Life:
    """What plans and cards have in common: the money still to be told, and the chance of missing."""

    def __init__(self, given: Parameters, loan: Loan, first_on: date, last_on: date, seen: Seen) -> None:
        self.given, self.loan, self.first_on, self.seen = given, loan, first_on, seen
        self.whole = last_on - timedelta(days=WHOLE_DAYS)
        self.last_on = last_on
        self.told = 0

    def next(self, earliest: date, latest: date) -> Act | None:
        """The next money if it came within some days."""
        if self.told < len(self.loan.acts):
            act = self.loan.acts[self.told]
            if act.purpose == "scheduled" and earliest <= act.on <= latest:
                return act
        return None

    def risk(self, month: int, *, first: bool) -> Risk | None:
        """What a due date without arrears is exposed to; None within a guarantee circle."""
        loan, begun = self.loan, month_of(self.loan.disbursed_on, self.first_on)
        troubles = []
        for trouble in self.given.troubles:
            if trouble.where == "circle":
                if loan.circle is not None:
                    return None
                continue
            here = (loan.org if trouble.where == "org" else loan.partner) == trouble.name
            troubles.append(
                here and (first and begun >= trouble.month if trouble.first_payment else month >= trouble.month)
            )
        age = month - begun if loan.product.terms else -1
        return (loan.product.product, month, month in loan.shocked, age, int(first), tuple(troubles))

    def stopped(self, month: int) -> bool:
        """Whether the loan is of a guarantee circle that pays no more."""
        begins = (trouble.month for trouble in self.given.troubles if trouble.where == "circle")
        return self.loan.circle is not None and month >= next(begins) + self.loan.circle

    def judge(self, month: int, *, first: bool, missed: bool) -> None:
        """Note whether a due date was missed."""
        risk = self.risk(month, first=first)
        if risk is None:
            return
        self.seen.at_risk[risk] += 1
        self.seen.missed[risk] += missed

    def paid_when(self, due: date, on: date) -> None:
        """Note when a borrower in good standing paid."""
        days = (on - due).days
        if self.loan.habit == "early":
            self.seen.days["early_days"].append(-days)
        elif self.loan.habit == "tardy":
            self.seen.days["tardy_days"].append(days)
        else:
            assert days == 0

    def recover(self, claim: int, month: int) -> None:
        """What came in after the write-off."""
        on = add_months(self.first_on.replace(day=self.loan.disbursed_on.day), month)
        while on <= self.last_on:
            act = self.loan.acts[self.told] if self.told < len(self.loan.acts) else None
            if self.seen.chance("recovery", came=act is not None and act.on == on and act.purpose == "recovery"):
                assert act is not None
                self.seen.fractions["recovery_fraction"].append(act.amount / claim)
                claim -= act.amount
                self.told += 1
            on = add_months(on, 1)


class _Plan(_Life):
    """A loan with a plan: due dates that have passed, how many of them are unpaid, months unpaid after the plan, part money on the oldest."""

    row = unpaid = overtime = credit = 0
    extended = restructured = False

    def live(self) -> None:
        """Go from due date to due date."""
        loan, every, term = self.loan, self.loan.product.every, len(self.loan.plan)
        self.changes = list(loan.changes)
        due = add_months(loan.disbursed_on, every)
        while due <= self.whole:
            stopped = self.stopped(month_of(due, self.first_on))
            if not stopped and (shift := self._put_off(due)):
                due = add_months(due, shift)
                continue
            if self.unpaid == 0 and self.row == term:
                return
            slid: bool | None = True
            if stopped:
                self.seen.circle.append(self.next(due, due + timedelta(days=PAID_WITHIN)) is None)
            elif self.unpaid:
                slid = self._in_arrears(due)
            else:
                slid = self._without_arrears(due)
            if slid is None:
                return
            if slid:
                self._slide(due, stopped=stopped)
            if self.unpaid + self.overtime >= self.given.write_off_at:
                assert self.changes == [(due + timedelta(days=WRITE_OFF_AFTER), "write_off")]
                self.recover(sum(loan.plan[self.row - self.unpaid :]), month_of(due, self.first_on) + 1)
                return
            due = add_months(due, every if self.row < term else 1)

    def _put_off(self, due: date) -> int:
        """By how many months the loan was put off before a due date, 0 if it was not."""
        if self.row == len(self.loan.plan) or not self.unpaid:
            return 0
        moved = bool(self.changes) and self.changes[0][0] == due - timedelta(days=1)
        kind = self.changes[0][1] if moved else None
        if self.unpaid <= 2 and not self.extended:
            self.extended = self.seen.chance("extend", came=kind == "extension")
        elif self.unpaid >= 3 and not self.restructured:
            self.restructured = self.seen.chance("restructure", came=kind == "restructure")
        else:
            assert not moved
        if not moved:
            return 0
        self.changes.pop(0)
        self.row, self.unpaid = self.row - self.unpaid, 0
        return self.given.extend_months if kind == "extension" else self.given.restructure_months

    def _without_arrears(self, due: date) -> bool | None:
        """Whether the due date was missed; None if the loan was settled with it."""
        plan, given, seen = self.loan.plan, self.given, self.seen
        act = self.next(due - timedelta(days=given.early_days[1]), due + timedelta(days=given.tardy_days[1]))
        paid = act is not None and act.amount == plan[self.row] - self.credit
        self.judge(month_of(due, self.first_on), first=self.row == 0, missed=not paid)
        if act is None or not paid:
            return True
        self.paid_when(due, act.on)
        self.told += 1
        self.credit, self.row = 0, self.row + 1
        if self.row < len(plan):
            rest = self.loan.acts[self.told] if self.told < len(self.loan.acts) else None
            if seen.chance("settle", came=rest is not None and rest.purpose == "payoff"):
                return None
        return False

    def _in_arrears(self, due: date) -> bool:
        """Whether nothing was paid of what is in arrears."""
        plan, more = self.loan.plan, self.row < len(self.loan.plan)
        oldest, step = self.row - self.unpaid, min(self.unpaid, 3)
        act = self.next(due, due + timedelta(days=self.given.arrears_days[1]))
        cured = act is not None and act.amount == sum(plan[oldest : self.row + more]) - self.credit
        kept = act is not None and not cured and act.amount == plan[oldest] - (0 if more else self.credit)
        if more or self.unpaid > 1:  # else the last due date of the plan is paid in either case
            self.seen.chance(f"cure {step}", came=cured)
            self.seen.chance(f"keep {step}", came=kept)
        if act is None or not (cured or kept):
            return True
        self.seen.days["arrears_days"].append((act.on - due).days)
        self.told += 1
        self.row += more
        if cured or not more:
            self.unpaid, self.credit = 0 if cured else self.unpaid - 1, 0
        return False

    def _slide(self, due: date, *, stopped: bool) -> None:
        """The due date passes; a part of the oldest may have come in."""
        if self.row < len(self.loan.plan):
            self.row, self.unpaid = self.row + 1, self.unpaid + 1
        else:
            self.overtime += 1
        if self.credit or stopped:
            return
        act = self.next(due, due + timedelta(days=self.given.arrears_days[1]))
        if self.seen.chance("part", came=act is not None):
            assert act is not None
            self.credit = act.amount
            self.seen.days["arrears_days"].append((act.on - due).days)
            self.seen.fractions["part_fraction"].append(self.credit / self.loan.plan[self.row - self.unpaid])
            self.told += 1


class _Card(_Life):
    """A card."""

    def live(self) -> None:
        product, seen = self.loan.product, self.seen
        unpaid = balance = 0
        for number, bill in enumerate(self.loan.bills):
            billed, due = bill.balance, bill.due_on
            assert due == bill.bill_on + timedelta(days=DUE_DAYS)
            if unpaid == 0:
                carried = balance + round(balance * product.annual_rate / 12)
                if self.loan.limit - carried >= product.spend[1] * self.loan.limit:
                    seen.fractions[f"spend of {product.product}"].append((billed - carried) / self.loan.limit)
            balance = billed
            if due > self.whole:
                return
            month = month_of(bill.bill_on, self.first_on)
            if unpaid == 0:
                act = self.next(due - timedelta(days=self.given.early_days[1]), due + timedelta(days=PAID_WITHIN))
                self.judge(month, first=number == 0, missed=act is None)
                if act is None:
                    unpaid = 1
                else:
                    self.paid_when(due, act.on)
                    if bill.minimum < balance:
                        seen.chance(f"full of {product.product}", came=act.amount == balance)
            else:
                act = self.next(due, due + timedelta(days=PAID_WITHIN))
                unpaid = 0 if seen.chance(f"cure {min(unpaid, 3)}", came=act is not None) else unpaid + 1
            if act is not None:
                self.told += 1
                balance -= act.amount
            if unpaid >= self.given.write_off_at:
                assert self.loan.changes == [(bill.bill_on + timedelta(days=WRITE_OFF_AFTER), "write_off")]
                self.recover(balance, month + 1)
                return
