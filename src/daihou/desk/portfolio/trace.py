"""An explanation laid out for the page: instalments with what was paid when, and the facts that do not count."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt

    from daihou.runs.explain import Explanation

PARTS: Final = ("fee", "interest", "principal")
OVER: Final = ("closed", "transferred")
"""States in which nothing is asked for any more, whatever of the plan was not paid."""
AROUND: Final = 2
"""Paid instalments shown before the oldest unpaid one, and instalments not due yet after the last due one."""


@dataclass(frozen=True, slots=True)
class Money:
    """What one payment (or waiver) put towards an instalment, by component."""

    source: str
    on: dt.date
    purpose: str
    amount: Decimal
    parts: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One instalment: what was asked, the money that went to it, what is short, how late it was or is."""

    seq: int
    due_on: dt.date
    owed_on: dt.date
    moved: bool
    called: bool
    asked: dict[str, Decimal]
    total: Decimal
    money: tuple[Money, ...]
    short: Decimal
    status: str
    """`paid`, `paid_late`, `overdue`, `grace` (past due, within grace), `coming`, or `over`: the loan ended before it was paid."""
    days: int
    settled_on: dt.date | None
    versions: int

    @property
    def parts(self) -> list[tuple[str, Decimal]]:
        """The components that were asked, those of nothing left out."""
        return [(part, self.asked[part]) for part in reversed(PARTS) if self.asked[part]]


def lines(told: Explanation) -> list[Line]:
    """Every instalment in force, in order of due dates."""
    money = _money(told)
    return [_line(row, money.get(row["seq"], ()), told) for row in told.instalments]


def _money(told: Explanation) -> dict[int, tuple[Money, ...]]:
    """What went to each instalment, by its number, in the order in which it counts: on one day changes before payments."""
    events = [(row["effective_on"], 0, row["change_id"], row["kind"], row["went_to"]) for row in told.changes]
    events += [(row["paid_on"], 1, row["payment_id"], row["purpose"], row["went_to"]) for row in told.payments]
    found: dict[int, tuple[Money, ...]] = {}
    for on, _, source, purpose, went_to in sorted(events, key=lambda event: event[:3]):
        by_seq: dict[int, dict[str, Decimal]] = {}
        for part in went_to:
            if part["seq"] is not None:
                sums = by_seq.setdefault(part["seq"], {})
                sums[part["part"]] = sums.get(part["part"], Decimal(0)) + part["amount"]
        for seq, sums in by_seq.items():
            parts = tuple((part, sums[part]) for part in PARTS if sums.get(part))
            found[seq] = (*found.get(seq, ()), Money(source, on, purpose, sum(sums.values(), Decimal(0)), parts))
    return found


def _line(row: dict[str, Any], money: tuple[Money, ...], told: Explanation) -> Line:
    called = row["called_on"] is not None
    asked = {part: row[part] if part == "principal" or not called else Decimal(0) for part in PARTS}
    total, short = sum(asked.values(), Decimal(0)), sum(row["short"].values(), Decimal(0))
    owed_on, tolerance = row["called_on"] or row["moved_to"] or row["due_on"], told.policy["tolerance"]
    settled_on = _settled_on(money, total, tolerance) if short <= tolerance else None
    late = (settled_on - owed_on).days if settled_on else 0
    if short <= tolerance:
        status, days = ("paid_late", late) if late > 0 else ("paid", 0)
    elif told.measures["state"] in OVER:
        status, days = "over", 0
    elif owed_on >= told.as_of:
        status, days = "coming", (owed_on - told.as_of).days
    else:
        status, days = "overdue" if row["days"] > told.policy["grace_days"] else "grace", row["days"]
    return Line(
        row["seq"], row["due_on"], owed_on, row["moved_to"] is not None, called, asked, total, money, short, status, days, settled_on,
        len(row["other_versions"]),
    )  # fmt: skip


def _settled_on(money: tuple[Money, ...], total: Decimal, tolerance: Decimal) -> dt.date | None:
    """Since when no more than the tolerance is short."""
    left, found = total, None
    for one in money:
        left -= one.amount
        found = (found or one.on) if left <= tolerance else None
    return found


def near(found: list[Line]) -> list[Line]:
    """The instalments that the standing is told from: the unpaid ones with a few before and after."""
    coming = _coming(found)
    first = next((place for place, line in enumerate(found) if line.status == "overdue"), coming)
    return found[max(first - AROUND, 0) : coming + AROUND]


def _coming(found: list[Line]) -> int:
    """Where what is not due yet, or not asked for any more, begins."""
    return next((place for place, line in enumerate(found) if line.status in ("coming", "over")), len(found))


def around(found: list[Line]) -> list[Line]:
    """The part of a long plan that is shown at first: a year back and half a year on."""
    coming = _coming(found)
    unpaid = next((place for place, line in enumerate(found) if line.status == "overdue"), coming)
    return found[max(min(unpaid, coming - 9), 0) : coming + 5]


def void(told: Explanation) -> list[dict[str, Any]]:
    """Payments that were sent and do not count: reversed, replaced, or not known yet."""
    return [
        row
        for row in told.payments
        if row["standing"] in ("reversed", "replaced", "not_yet_known") and not row["reverses"]
    ]
