"""An explanation laid out for the page: instalments with what was paid when, and the facts that do not count."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import datetime as dt

    from daihou.runs.explain import Explanation

PARTS: Final = ("fee", "interest", "principal")
AROUND: Final = 2
"""Paid instalments shown before the oldest unpaid one, and instalments not due yet after the last due one."""


@dataclass(frozen=True, slots=True)
class Money:
    """What one payment (or waiver) put towards an instalment, by component."""

    source: str
    on: dt.date | None
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
    """`paid`, `paid_late`, `overdue`, `due` (within grace or due today) or `coming`."""
    days: int
    settled_on: dt.date | None
    versions: int

    @property
    def parts(self) -> list[tuple[str, Decimal]]:
        """The components that were asked, those of nothing left out."""
        return [(part, self.asked[part]) for part in reversed(PARTS) if self.asked[part]]


def lines(told: Explanation) -> list[Line]:
    """Every instalment in force, in order of due dates."""
    events = {row["payment_id"]: (row["paid_on"], row["purpose"]) for row in told.payments}
    events |= {row["change_id"]: (row["effective_on"], row["kind"]) for row in told.changes}
    return [_line(row, events, told) for row in told.instalments]


def _line(row: dict[str, Any], events: dict[str, tuple[dt.date, str]], told: Explanation) -> Line:
    gathered: dict[str, dict[str, Decimal]] = {}
    for paid in row["paid_by"]:
        parts = gathered.setdefault(paid["by"], {})
        parts[paid["part"]] = parts.get(paid["part"], Decimal(0)) + paid["amount"]
    money = tuple(
        Money(source, *events.get(source, (None, "")), sum(parts.values(), Decimal(0)), tuple((part, parts[part]) for part in PARTS if parts.get(part)))
        for source, parts in gathered.items()
    )
    short = sum(row["short"].values(), Decimal(0))
    owed_on = row["called_on"] or row["moved_to"] or row["due_on"]
    settled_on = max((one.on for one in money if one.on), default=None) if not short else None
    late = (settled_on - owed_on).days if settled_on else 0
    if not short:
        status, days = ("paid_late", late) if late > 0 else ("paid", 0)
    elif owed_on < told.as_of:
        status, days = ("overdue", row["days"])
    else:
        status, days = ("coming", (owed_on - told.as_of).days)
    asked = {part: row[part] for part in PARTS}
    return Line(
        row["seq"], row["due_on"], owed_on, row["moved_to"] is not None, row["called_on"] is not None, asked, sum(asked.values(), Decimal(0)), money,
        short, status, days, settled_on, len(row["other_versions"]),
    )  # fmt: skip


def near(found: list[Line]) -> list[Line]:
    """The instalments that the standing is told from: the unpaid ones with a few before and after."""
    unpaid = [place for place, line in enumerate(found) if line.status == "overdue"]
    coming = next((place for place, line in enumerate(found) if line.status == "coming"), len(found))
    first = unpaid[0] if unpaid else coming
    return found[max(first - AROUND, 0) : coming + AROUND]


def around(found: list[Line]) -> list[Line]:
    """The part of a long plan that is shown at first: a year back and half a year on."""
    coming = next((place for place, line in enumerate(found) if line.status == "coming"), len(found))
    unpaid = next((place for place, line in enumerate(found) if line.status == "overdue"), coming)
    return found[max(min(unpaid, coming - 9), 0) : coming + 5]


def void(told: Explanation) -> list[dict[str, Any]]:
    """Payments that were sent and do not count: reversed, replaced, or not known yet."""
    return [row for row in told.payments if row["standing"] in ("reversed", "replaced", "not_yet_known") and not row["reverses"]]
