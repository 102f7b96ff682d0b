"""The slow, independent reference of docs/guides/standing.md and behaviour.md: every column that the kernels answer of one loan.

Written for clarity, from the page alone; imports nothing of daihou. Each day is judged alone (`one_day`) and the
columns that look back loop over every day.
"""

import calendar
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from laws.day import Bill, Day, Line, Sums
from laws.facts import Book
from laws.habits import Lived, habits
from laws.known import Known, first_date, what_is_known
from laws.one_day import judge, judge_known, reported_dpd

__all__ = ["Bill", "Day", "Line", "Snapshot", "Sums", "add_months", "judge", "snapshot"]

Value = str | int | bool | date | None
Snapshot = dict[str, Value]
ENDED = ("closed", "transferred")


@dataclass(slots=True)
class _Life:
    """The days of a loan up to `as_of`, each judged once."""

    known: Known
    as_of: date
    start: date
    judged: dict[date, Day] = field(default_factory=dict)

    def on(self, day: date) -> Day:
        """Return a day, judged alone."""
        if day not in self.judged:
            self.judged[day] = judge_known(self.known, day)
        return self.judged[day]

    def days(self, after: date = date.min) -> Iterator[Day]:
        """Return the days after a date up to as_of; before the first date in the facts nothing happened."""
        day = max(self.start, after + timedelta(days=1))
        while day <= self.as_of:
            yield self.on(day)
            day += timedelta(days=1)


def snapshot(book: Book, as_of: date, known_on: date) -> Snapshot | None:
    """Return the columns of the loan on a date as known on another, or None where the loan is not known."""
    known = what_is_known(book, known_on)
    if known is None:
        return None
    life = _Life(known, as_of, min(first_date(known), as_of))
    today = life.on(as_of)
    status, money = _status_24m(life), _money(today)
    return {
        "basis": today.basis,
        "state": today.state,
        "dpd": today.dpd,
        "dpd_principal": today.dpd_principal,
        "dpd_interest": today.dpd_interest,
        "dpd_reported": reported_dpd(book, today.standing, as_of),
        "oldest_unpaid_due_on": today.oldest_unpaid_due_on,
        "charges_accrued": today.charges_accrued,
        "principal_outstanding": today.principal_outstanding,
        **_overdue(book, today),
        "total_claim": _total_claim(today),
        **money,
        **_next_due(today),
        "instalments_due": _instalments_due(life),
        "unpaid_due_dates": _unpaid_due_dates(today),
        "first_payment_missed": _first_payment_missed(today),
        **_history(life),
        "status_24m": status,
        "days_to_maturity": (today.loan.matures_on - as_of).days if today.loan.matures_on else None,
        "extension_count": today.sums.extensions,
        "accelerated_on": today.accelerated_on,
        **habits(Lived(known, life.on, life.start, as_of), status, money["last_paid_on"]),
    }


def add_months(day: date, months: int) -> date:
    """Return the same day some months on (or back, below 0), clamped to the end of its month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


# The day itself


def _overdue(book: Book, today: Day) -> Snapshot:
    """Return what is past due and past grace, by part and in sum, and the regulator's figure."""
    parts: dict[str, int | None] = dict.fromkeys(("principal", "interest", "fee"))
    amount: int | None = None
    if today.owes_nothing:
        parts, amount = dict.fromkeys(parts, 0), 0
    elif today.basis == "schedule":
        past = [line for line in today.lines if today.is_past(line.due)]
        parts = {part: sum(line.short[part] for line in past) for part in parts}
        amount = sum(part or 0 for part in parts.values())
    elif today.basis == "bills":
        amount = _missing(today, past_grace=True)
    return {
        "overdue_amount": amount,
        **{f"overdue_{part}": short for part, short in parts.items()},
        "overdue_principal_reg": _regulatory(book, today, parts["principal"]),
    }


def _missing(today: Day, *, past_grace: bool) -> int:
    """Return what is missing on the latest unmet bill past due (and past grace)."""
    unmet = [bill for bill in today.bills if not bill.met and bill.due < today.day]
    if past_grace:
        unmet = [bill for bill in unmet if today.is_past(bill.due)]
    return unmet[-1].missing if unmet else 0


def _regulatory(book: Book, today: Day, overdue_principal: int | None) -> int | None:
    if today.dpd is None:
        return None
    if today.dpd == 0:
        return 0
    if book.instalment_retail and today.dpd <= book.retail_days:
        return overdue_principal
    return today.principal_outstanding


def _total_claim(today: Day) -> int | None:
    if today.owes_nothing:
        return 0
    if today.basis == "none" or (today.basis == "reported" and not today.sums.fully_written_off):
        return None
    gross = max(0, today.gross_principal)
    due = [line for line in today.lines if line.due < today.day]
    others = sum(line.short["interest"] + line.short["fee"] for line in due)
    if today.sums.fully_written_off:
        principal = gross
    elif today.basis == "bills":
        principal = _missing(today, past_grace=False)
    elif today.accelerated_on:
        principal = gross
    else:
        principal = sum(line.short["principal"] for line in due)
    return max(0, principal + others + today.charges_accrued - today.sums.recovered)


def _money(today: Day) -> Snapshot:
    """Return what came in and what was written off, which every state and basis keeps."""
    sums = today.sums
    return {
        "paid_amount": max(0, sums.paid - sums.refunded),
        "last_paid_on": sums.last_paid_on,
        "written_off_amount": sum(sums.written_off.values()),
        "recovered_after_write_off": sums.recovered,
    }


def _next_due(today: Day) -> Snapshot:
    coming: list[tuple[date, int]] = []
    if not today.owes_nothing:
        coming += [(line.own_due, line.shortfall) for line in today.lines if line.shortfall > 0]
        # Of bills due on one day the latest counts: its minimum includes what the earlier left unpaid.
        coming += sorted(
            ((bill.due, bill.missing) for bill in reversed(today.bills) if not bill.met), key=lambda at: at[0]
        )
    coming = [(due, amount) for due, amount in coming if due >= today.day]
    due_on, amount = coming[0] if coming else (None, None)
    return {"next_due_on": due_on, "next_due_amount": amount}


def _unpaid_due_dates(today: Day) -> int | None:
    if today.owes_nothing:
        return 0
    if today.basis not in ("schedule", "bills"):
        return None
    unpaid = [line.due for line in today.lines if not today.is_covered(line)]
    unpaid += [bill.due for bill in today.bills if not bill.met]
    return len({due for due in unpaid if today.is_past(due)})


def _first_payment_missed(today: Day) -> bool | None:
    if today.owes_nothing:
        return False
    if today.basis == "bills":
        return not today.bills[0].met and today.is_past(today.bills[0].due)
    if today.basis != "schedule":
        return None
    first = today.lines[:1]
    return any(not today.is_covered(line) and today.is_past(line.due) for line in first)


def _instalments_due(life: _Life) -> int | None:
    today = life.on(life.as_of)
    if today.basis == "reported" or not today.measured:
        return None
    until = _ended_on(life) if today.state in ENDED else life.as_of
    dues = [bill.due for bill in today.bills] + [line.own_due for line in today.lines]
    return sum(due <= until for due in dues)


def _ended_on(life: _Life) -> date:
    """Return the first day of the present stretch of closed or transferred days."""
    day = life.as_of
    while life.on(day - timedelta(days=1)).state in ENDED:
        day -= timedelta(days=1)
    return day


# The days before


def _history(life: _Life) -> Snapshot:
    late = [day.day for day in life.days() if day.dpd]
    return {
        **{f"max_dpd_{months}m": _max_dpd(life, _back(life, months)) for months in (3, 6, 12)},
        "max_dpd_ever": _max_dpd(life, date.min),
        "months_since_late": _whole_months(late[-1], life.as_of) if late else None,
        **{f"missed_{months}m": _missed(life, _back(life, months)) for months in (12, 24)},
    }


def _back(life: _Life, months: int) -> date:
    return add_months(life.as_of, -months)


def _max_dpd(life: _Life, after: date) -> int | None:
    """Return the greatest dpd of the days with a basis, and of as_of itself; None where there is none."""
    days = [day for day in life.days(after) if day.basis != "none" or day.day == life.as_of]
    return max((day.dpd for day in days if day.dpd is not None), default=None)


def _whole_months(since: date, until: date) -> int:
    months = 0
    while add_months(since, months + 1) <= until:
        months += 1
    return months


def _missed(life: _Life, after: date) -> int | None:
    today = life.on(life.as_of)
    if not today.owes_nothing and today.basis not in ("schedule", "bills"):
        return None
    return sum(_missed_on(day) for day in life.days(after) if day.day < life.as_of)


def _missed_on(day: Day) -> int:
    """Return how many rows or bills ended this day, their due date, unpaid."""
    if day.owes_nothing:
        return 0
    lines = sum(line.own_due == day.day and not day.is_covered(line) for line in day.lines)
    return lines + sum(bill.due == day.day and not bill.met for bill in day.bills)


def _status_24m(life: _Life) -> str:
    first_of_month = life.as_of.replace(day=1)
    return "".join(_status(life, add_months(first_of_month, -back)) for back in range(23, -1, -1))


def _status(life: _Life, month: date) -> str:
    """Return the code of the calendar month that begins on a date, by its last day (or as_of)."""
    day = life.on(min(add_months(month, 1) - timedelta(days=1), life.as_of))
    if day.state == "not_started":
        return "*"
    if day.state in ENDED:
        return "*" if life.on(month - timedelta(days=1)).state in ENDED else _ending(life, month, day)
    if day.state == "written_off":
        return "B"
    if day.dpd is None:
        return "#"
    if day.dpd > 0:
        return str(min((day.dpd - 1) // 30 + 1, 7))
    return "D" if _is_compensated(life, month, day.day) else "N"


def _ending(life: _Life, month: date, day: Day) -> str:
    if day.state == "transferred":
        return "G"
    if any(row.kind == "asset_in_lieu" and month <= row.effective_on <= day.day for row in life.known.changes):
        return "Z"
    return "D" if _is_compensated(life, month, day.day) else "C"


def _is_compensated(life: _Life, first: date, last: date) -> bool:
    return any(row.purpose == "compensation" and first <= row.paid_on <= last for row in life.known.payments)
