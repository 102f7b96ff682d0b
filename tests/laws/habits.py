"""How a borrower has behaved, day by day: the slow reference of docs/guides/behaviour.md, written from the page alone."""

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from laws.day import Day
from laws.known import Known
from laws.one_day import covered_before

Value = str | int | bool | date | None
ENDED = ("closed", "transferred")
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Due:
    """A due date that has passed, and how it ended: early, on time, in part, missed."""

    on: date
    asked: int
    how: str
    billed: bool = False
    only_minimum: bool = False


@dataclass(frozen=True, slots=True)
class Lived:
    """The days of a loan: how one is judged, the first that matters, the last."""

    known: Known
    judged: Callable[[date], Day]
    start: date
    as_of: date

    def days(self, after: date = date.min) -> Iterator[Day]:
        """Return the days after a date up to as_of."""
        day = max(self.start, after + A_DAY)
        while day <= self.as_of:
            yield self.judged(day)
            day += A_DAY

    def back(self, months: int) -> date:
        """Return the same day some months back, clamped to the month's end."""
        return _add_months(self.as_of, -months)

    def months_since(self, day: date | None) -> int | None:
        """Return the whole months from a day to as_of."""
        if day is None:
            return None
        months = 0
        while _add_months(day, months + 1) <= self.as_of:
            months += 1
        return months


def habits(lived: Lived, status_24m: str, last_paid_on: Value) -> dict[str, Value]:
    """Return the columns of behaviour."""
    today = lived.judged(lived.as_of)
    tells = today.owes_nothing or today.basis in ("schedule", "bills")
    dues = sorted(_dues(lived), key=lambda due: due.on) if tells else None
    paid = last_paid_on if isinstance(last_paid_on, date) else None
    return {
        **_lateness(lived),
        **_outcomes(lived, dues),
        **_missed_months(lived, dues or [], status_24m),
        "paid_amount_3m": _paid(lived, lived.back(3)),
        "prepaid_amount": today.sums.prepaid,
        "months_since_paid": lived.months_since(paid),
        "first_due_on": _first_due(today)[0],
        "first_payment_max_dpd": max((_first_late(day) for day in lived.days()), default=0) if tells else None,
    }


# Days


def _lateness(lived: Lived) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for months in (1, 3, 6, 12):
        days = [day for day in lived.days(lived.back(months)) if day.basis != "none" or day.day == lived.as_of]
        measured = [day.dpd for day in days if day.dpd is not None]
        found[f"late_days_{months}m"] = sum(dpd > 0 for dpd in measured) if measured else None
    for months in (1, 3, 6):
        found[f"dpd_{months}m_ago"] = lived.judged(lived.back(months)).dpd
    down = [day for day in lived.days(lived.back(12)) if _came_down(lived, day)]
    return found | {
        "came_down_12m": len(down),
        "cleared_12m": sum(day.dpd == 0 for day in down),
        "months_since_over_30": _since_over(lived, 30),
        "months_since_over_90": _since_over(lived, 90),
    }


def _came_down(lived: Lived, day: Day) -> bool:
    before = lived.judged(day.day - A_DAY).dpd
    return before is not None and day.dpd is not None and day.dpd < before and day.state != "transferred"


def _since_over(lived: Lived, days: int) -> int | None:
    over = [day.day for day in lived.days() if day.dpd is not None and day.dpd > days]
    return lived.months_since(over[-1] if over else None)


def _first_due(day: Day) -> tuple[date | None, date | None, bool]:
    """Return when the first instalment or bill is due, from when it is owed, and whether it is covered."""
    if day.bills:
        return day.bills[0].due, day.bills[0].due, day.bills[0].met
    if day.lines and day.basis == "schedule":
        return day.lines[0].own_due, day.lines[0].due, day.is_covered(day.lines[0])
    return None, None, True


def _first_late(day: Day) -> int:
    _, owed, covered = _first_due(day)
    if day.owes_nothing or covered or owed is None or not day.is_past(owed):
        return 0
    return (day.day - owed).days


# Due dates


def _dues(lived: Lived) -> Iterator[Due]:
    for day in lived.days():
        ended_now = day.state == "closed" and lived.judged(day.day - A_DAY).state not in ENDED
        if day.owes_nothing and not ended_now:
            continue
        if all(line.own_due != day.day for line in day.lines) and all(bill.due != day.day for bill in day.bills):
            continue
        lines, bills = covered_before(lived.known, day.day)
        for line in day.lines:
            asked = sum(line.asked.values())
            if line.own_due == day.day and asked > 0:
                paid = ended_now or day.is_covered(line)
                yield Due(day.day, asked, _how(paid, line.seq in lines, line.shortfall < asked))
        for bill in day.bills:
            paid = ended_now or bill.met
            if bill.due == day.day and (bill.minimum > 0 or not paid):
                how = _how(paid, bill.bill_on in bills, bill.missing < bill.minimum)
                yield Due(day.day, bill.minimum, how, billed=True, only_minimum=paid and bill.paid < bill.balance)


def _how(paid: bool, before: bool, some: bool) -> str:
    if paid:
        return "early" if before else "on time"
    return "part" if some else "missed"


def _is_missed(due: Due) -> bool:
    return due.how in ("part", "missed")


def _outcomes(lived: Lived, dues: list[Due] | None) -> dict[str, Value]:
    names = (
        "due_amount_3m", "dues_12m", "early_12m", "on_time_12m", "part_paid_12m", "bills_12m", "minimum_paid_12m", "on_time_streak",
        "missed_streak", "longest_missed_streak_24m", "months_since_missed",
    )  # fmt: skip
    if dues is None:
        return dict.fromkeys(names)
    past = [due for due in dues if due.on < lived.as_of]
    year = [due for due in past if due.on > lived.back(12)]
    missed = [due.on for due in past if _is_missed(due)]
    values = (
        sum(due.asked for due in dues if due.on > lived.back(3)),
        len(year),
        sum(due.how == "early" for due in year),
        sum(not _is_missed(due) for due in year),
        sum(due.how == "part" for due in year),
        sum(due.billed for due in year),
        sum(due.only_minimum for due in year),
        _run([not _is_missed(due) for due in reversed(past)]),
        _run([_is_missed(due) for due in reversed(past)]),
        _longest([_is_missed(due) for due in past if due.on > lived.back(24)]),
        lived.months_since(missed[-1] if missed else None),
    )
    return dict(zip(names, values, strict=True))


def _missed_months(lived: Lived, dues: list[Due], status_24m: str) -> dict[str, Value]:
    if lived.judged(lived.as_of).dpd is None:
        return {"missed_months_24m": None, "missed_months_in_a_row_24m": None}
    months = [_add_months(lived.as_of.replace(day=1), back) for back in range(-23, 1)]
    missed = {due.on.replace(day=1) for due in dues if _is_missed(due) and due.on < lived.as_of}
    bad = [code in "1234567B" or month in missed for month, code in zip(months, status_24m, strict=True)]
    return {"missed_months_24m": sum(bad), "missed_months_in_a_row_24m": _longest(bad)}


def _run(flags: list[bool]) -> int:
    return flags.index(False) if False in flags else len(flags)


def _longest(flags: list[bool]) -> int:
    return max((_run(flags[place:]) for place in range(len(flags))), default=0)


def _paid(lived: Lived, after: date) -> int:
    rows = [row for row in lived.known.payments if after < row.paid_on <= lived.as_of]
    return max(0, sum(-row.amount if row.purpose == "refund" else row.amount for row in rows))


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
