"""One loan taken out of its shard, to be walked by the kernels with some of its events hidden or with one more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from daihou.book.days import date_of, day_of
from daihou.book.errors import DaihouError
from daihou.book.ledger.layout import (
    CHANGES,
    CHARGES,
    FOREVER,
    NO_AMOUNT,
    NO_DAY,
    NO_NUMBER,
    PAYMENTS,
    TABLES,
    Facts,
)
from daihou.monitoring.arrears import shapes as at
from daihou.monitoring.arrears.plain import walk
from daihou.monitoring.arrears.terms import in_force, terms
from daihou.monitoring.arrears.walk import MONTHS, space
from daihou.policies.products import profile
from daihou.runs.claims.figures import Line, Owed
from daihou.runs.policies import text_of

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.book.ledger.layout import Record, Records
    from daihou.book.ledger.ledger import Ledger
    from daihou.book.ledger.shard import Shard
    from daihou.monitoring.arrears.shapes import Scratch, Terms

EVENTS: Final = {PAYMENTS: "payments", CHANGES: "changes", CHARGES: "charges"}
NOTHING_OWED: Final = (at.NOT_STARTED, at.CLOSED, at.TRANSFERRED)


@dataclass(frozen=True, slots=True)
class OneLoan:
    """A loan's facts alone, as kernels read them, and where they lie in its shard.

    Events are copies, so that some can be hidden from one walk; whatever is hidden must be shown again.
    """

    shard: Shard
    place: int
    """The loan's place in the shard."""
    facts: Facts
    judged: Terms
    known: int
    writable: dict[int, Records]
    """By table of EVENTS: the same records as in `facts`, to be written to."""

    def starts(self, table: int) -> int:
        """The place in the shard of the loan's first row of a table."""
        return int(self.shard.facts.at[table, self.place])

    def text(self, table: int, column: str, row: int) -> str:
        """A string of one of the loan's rows."""
        return str(self.shard.strings[TABLES[table]][column][self.starts(table) + row].as_py())

    @property
    def currency(self) -> str:
        """The loan's currency."""
        return self.shard.currencies[int(self.facts.loans["currency"][0])]

    @property
    def loan_id(self) -> str:
        """The lender's number of it."""
        return str(self.shard.strings["loans"]["loan_id"][self.place].as_py())

    def hide(self, table: int, row: int) -> None:
        """Walk as if an event had never been known."""
        self.writable[table]["known_on"][row] = FOREVER

    def show(self, table: int, row: int) -> None:
        """Undo `hide`."""
        known = getattr(self.shard.facts, EVENTS[table])["known_on"]
        self.writable[table]["known_on"][row] = known[self.starts(table) + row]

    def over(self, first: int, last: int) -> Records:
        """The answers for each day of `first` … `last`, by one walk."""
        days = np.arange(first, last + 1, dtype=np.int32)
        answers, _ = self._walk(days)
        return answers[:, 0]

    def on(self, day: int) -> tuple[Record, Scratch]:
        """The answer for a day, and the rows and sums it came from."""
        answers, work = self._walk(np.array([day], np.int32))
        return answers[0, 0], work

    def _walk(self, days: at.Ints) -> tuple[Records, Scratch]:
        answers = at.answers(len(days), 1)
        work = space(self.facts, self.judged, len(days))
        known = np.full(len(days), self.known, np.int32)
        general = True  # the plain loop lays out only the rows that its columns ask for
        walk(self.facts, self.judged, MONTHS, work, 0, 1, days, known, answers, general)
        return answers, work


def alone(shard: Shard, place: int, judged: Terms, known: int) -> OneLoan:
    """A loan of a shard, judged by these terms, as known on a day."""
    facts = shard.facts
    starts, ends = facts.at[:, place], facts.at[:, place + 1]
    spans = np.stack([np.zeros_like(starts), ends - starts], axis=1)
    spans.setflags(write=False)
    held: dict[str, Any] = {"at": spans, "loans": facts.loans[place : place + 1], "splits": facts.splits}
    writable: dict[int, Records] = {}
    for table, name in enumerate(TABLES):
        rows = getattr(facts, name)[starts[table] : ends[table]]
        if table in EVENTS:
            writable[table] = rows.copy()
            rows = writable[table].view()
            rows.setflags(write=False)
        held[name] = rows
    return OneLoan(shard, place, Facts(**held), judged, known, writable)


def taken(home: Home, ledger: Ledger, loan_id: str, known_on: dt.date) -> OneLoan:
    """A loan of an opened ledger; DaihouError for one that is not known by then."""
    place = ledger.find(loan_id)
    if place is None:
        raise DaihouError(
            f"Loan {loan_id} is not known.",
            "Check the number.",
            zh=(f"没有贷款 {loan_id}。", "请核对编号。"),
        )
    shard, loan = ledger.shards[place[0]], place[1]
    first = int(shard.facts.loans["known_on"][loan])
    if first > day_of(known_on):
        raise DaihouError(
            f"Loan {loan_id} was not known on {known_on}.",
            f"It is known from {date_of(first)}.",
            zh=(f"贷款 {loan_id} 在 {known_on} 尚未获知。", f"自 {date_of(first)} 起获知。"),
        )
    text, where = text_of(home, "profiles", home.settings.profile)
    judged = _terms(text, where, shard.products, shard.currencies, home.settings.calendar)
    return alone(shard, loan, judged, day_of(known_on))


@lru_cache(maxsize=256)
def _terms(text: str, place: str, products: tuple[str, ...], currencies: tuple[str, ...], calendar: str) -> Terms:
    return terms(profile(text, place), products, currencies, calendar)


def with_one_more(loan: OneLoan, day: int, amount: int, purpose: int) -> OneLoan:
    """The loan with one more payment, the last of its day."""
    rows = loan.facts.payments
    place = int(np.searchsorted(rows["on"], day, side="right"))
    more = np.zeros(len(rows) + 1, rows.dtype).view(np.recarray)
    more[:place], more[place + 1 :] = rows[:place], rows[place:]
    payment = more[place]
    payment.on, payment.known_on, payment.until = day, NO_DAY, FOREVER
    payment.seq = payment.split = NO_NUMBER
    payment.amount, payment.purpose = amount, purpose
    more.setflags(write=False)
    spans = loan.facts.at.copy()
    spans[PAYMENTS, 1] += 1
    spans.setflags(write=False)
    facts = loan.facts._replace(payments=more, at=spans)
    return OneLoan(loan.shard, loan.place, facts, loan.judged, loan.known, {})


def is_whole(answer: Record) -> bool:
    """Whether all that is claimed may be asked for: of a loan written off or called due at once."""
    owes = int(answer.state) not in NOTHING_OWED
    return owes and (int(answer.state) == at.WRITTEN_OFF or int(answer.accelerated_on) != NO_DAY)


def owed_of(answer: Record, work: Scratch, day: int) -> Owed | None:
    """What may be asked for on a day, by component; None where it cannot be measured. What `asked_of` says of the snapshot, exactly.

    Money recovered after a write-off is not applied to instalments: of what is claimed on the day it is taken off charges first, then fees, interest,
    principal (the order of Civil Code 561).
    """
    charges = int(answer.charges_accrued)
    if not is_whole(answer):
        if int(answer.overdue_amount) == NO_AMOUNT:
            return None
        if int(answer.overdue_principal) == NO_AMOUNT:
            return Owed(charges=charges, unsplit=int(answer.overdue_amount))
        return Owed(int(answer.overdue_principal), int(answer.overdue_interest), int(answer.overdue_fee), charges)
    if int(answer.total_claim) == NO_AMOUNT:
        return None
    recovered = int(work.pots[at.RECOVERED])
    if int(answer.basis) != at.ON_SCHEDULE:
        off = min(charges, recovered)
        return Owed(charges=charges - off, unsplit=int(answer.total_claim) - charges + off)
    rows = work.rows[: int(work.pots[at.ROW_COUNT])]
    due = rows[rows["owed_on"] < day]
    left = []
    for amount in (charges, int(due["fee"].sum()), int(due["interest"].sum())):
        off = min(amount, recovered)
        recovered -= off
        left.append(amount - off)
    charges, fee, interest = left
    return Owed(int(answer.total_claim) - charges - fee - interest, interest, fee, charges)


def claimed(answer: Record, work: Scratch, loan: OneLoan, day: int) -> dict[int, Record]:
    """The rows of the plan that count as past due on a day, by number; none where the loan owes nothing or has no plan."""
    if int(answer.state) in NOTHING_OWED or int(answer.basis) != at.ON_SCHEDULE:
        return {}
    grace = 0 if is_whole(answer) else grace_of(loan, answer, day)
    rows = work.rows[: int(work.pots[at.ROW_COUNT])]
    past = rows[(rows["owed_on"] < day) & (day - rows["owed_on"] > grace)]
    return {int(row.seq): row for row in past}


def grace_of(loan: OneLoan, answer: Record, day: int) -> int:
    """The days of grace in force: the loan's own, else its product's."""
    version = loan.facts.versions[int(answer.version)]
    if int(version.grace_days) != NO_NUMBER:
        return int(version.grace_days)
    return int(loan.judged.versions[policy_of(loan, answer, day)].grace_days)


def policy_of(loan: OneLoan, answer: Record, day: int) -> int:
    """The place of the product's policy in force on a day."""
    return in_force(loan.judged, int(loan.facts.versions[int(answer.version)].product), day)


def lines_of(loan: OneLoan, answer: Record, work: Scratch, day: int) -> tuple[Line, ...]:
    """What is past due and not covered (within tolerance or not) at the end of a day, the oldest first."""
    found = [
        Line(
            seq, date_of(int(row.due_on)), Owed(int(row.principal), int(row.interest), int(row.fee)), day - int(row.owed_on)
        )
        for seq, row in claimed(answer, work, loan, day).items()
        if row.principal + row.interest + row.fee > 0
    ]  # fmt: skip
    if int(answer.basis) == at.ON_BILLS and int(answer.state) == at.OVERDUE:
        since = int(answer.oldest_unpaid_due_on)
        found.append(Line(None, date_of(since), Owed(unsplit=int(answer.overdue_amount)), day - since))
    return tuple(found)
