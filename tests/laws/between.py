"""What the watches within a day should say stands, slowly and from all facts at once: the reference written from docs/guides/between.md.

Facts are plain tuples, moments are hours since the first midnight, and nothing is carried along: a second opinion, not a copy.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """An event; `known` is the day on which it was known."""

    id: str
    subject: str
    kind: str
    hour: float
    known: int


@dataclass(frozen=True)
class Payment:
    """A payment, or the voiding of one."""

    id: str
    loan: str
    day: int
    amount: int
    known: int
    reverses: str | None = None


@dataclass(frozen=True)
class Transaction:
    """Money in (above 0) or out of an account."""

    id: str
    account: str
    hour: float
    amount: int
    kind: str | None
    flags: str
    loan: str | None
    known: int


@dataclass(frozen=True)
class Loan:
    """A loan that is paid out."""

    id: str
    borrower: str
    day: int
    amount: int
    known: int


Fact = Event | Payment | Transaction | Loan


def in_force(facts: list[Event]) -> list[Event]:
    """Of each event the row known last, without those that never were."""
    last: dict[str, Event] = {}
    for one in facts:
        if one.id not in last or one.known > last[one.id].known:
            last[one.id] = one
    return [one for one in last.values() if one.kind != "withdrawn"]


def fast(hours: list[float], times: int, window: float, stands: float, now: float) -> int | None:
    """The day of the newest moment at which there were so many within the window; None if that is longer ago than it stands."""
    hits = [at for at in hours if sum(at - window < other <= at for other in hours) >= times and at > now - stands]
    return int(max(hits) // 24) if hits else None


def unpaid(due: dict[tuple[str, int], int], payments: list[Payment], loan: str, day: int) -> int:
    """What of an instalment is still to be paid."""
    once = {one.id: one for one in payments}
    voided = {one.reverses for one in once.values() if one.reverses}
    paid = sum(one.amount for one in once.values() if one.loan == loan and not one.reverses and one.id not in voided)
    return max(due.get((loan, day), 0) - paid, 0)


def class_of(one: Transaction, kinds: dict[str, str], flags: dict[str, str]) -> str | None:
    """The class of a counterparty: by its kind, else by the first flag that has one, else that of those not named."""
    if one.kind is not None:
        return kinds.get(one.kind)
    return next((of for flag, of in flags.items() if flag in one.flags.split(" ")), kinds.get("none"))


def paid_out(one: Transaction, loans: list[Loan], holders: dict[str, str]) -> str | None:
    """The loan whose money came in."""
    if one.amount <= 0:
        return None
    if one.loan is not None:
        return one.loan
    if one.kind != "lender" and "loan" not in one.flags.split(" "):
        return None
    day = int(one.hour // 24)
    mine = [
        loan.id
        for loan in loans
        if loan.borrower == holders[one.account] and loan.amount == one.amount and day - 1 <= loan.day <= day
    ]
    return min(mine, default=None)
