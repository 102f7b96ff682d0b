"""An instalment that is due today and is not paid: a deduction failed, a payment was reversed, or the hour has come. It clears when the money does."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from daihou.book import calendars
from daihou.book.days import date_of
from daihou.monitoring.events.family import WITHDRAWN
from daihou.policies.between import DAY_HOURS
from daihou.runs.stream.between.facts import MICROSECONDS
from daihou.runs.stream.between.kept import Entry, Kept
from daihou.runs.stream.between.standing import HOUR, Standing, moment

if TYPE_CHECKING:
    from collections.abc import Collection

    from daihou.policies.between import DueToday, Watch
    from daihou.runs.stream.between.facts import Facts

FAILURE, REVERSAL = 0, 1
MOVES = ("payments", "instalments", "changes", "loans")
"""Tables whose rows change what is owed."""


class Due:
    """One watch of this kind. What is owed is asked of the book, which reckons it as the night does; what is kept here is what went wrong, and on which day."""

    whole = True

    def __init__(self, watch: Watch, asks: DueToday, facts: Facts, zone: str, calendar: str) -> None:
        self.watch, self._asks, self._facts = watch, asks, facts
        self._zone, self._calendar = ZoneInfo(zone), calendar
        self._wrong: Kept[int] = Kept()
        """By loan what failed (FAILURE) and what was reversed (REVERSAL), at its moment."""
        self._falling: dict[dt.date, frozenset[str]] = {}
        self._watched: frozenset[str] = frozenset()
        """The loans of all of these days."""
        self._struck: set[dt.date] = set()
        """Days whose hour has come and been asked about."""

    def take(self, table: str, rows: pl.DataFrame) -> set[str]:
        """Keep what went wrong; the loans of which something else may be owed now."""
        touched: set[str] = set()
        if table == "events" and self._asks.failures:
            touched |= self._failed(rows)
        if table == "payments" and self._asks.reversals:
            touched |= self._reversed(rows)
        if table in MOVES:
            touched.update(owner for owner in rows["owner"].to_list() if owner in self._watched or owner in self._wrong)
        return touched

    def standing(self, subjects: Collection[str], now: int) -> dict[str, Standing]:
        """Those that fell due on one of the last days, are not paid, and of which something says so; the newest day counts."""
        found: dict[str, Standing] = {}
        for day in self._days(now):
            struck = self._has_struck(day, now)
            falling = self._falls(day)
            asked = [
                one
                for one in subjects
                if one not in found and ((struck and one in falling) or self._of_day(one, day) != (0, 0))
            ]
            if asked:
                self._ask(asked, day, found)
        return found

    def subjects(self) -> Collection[str]:
        """All of which something went wrong, and those that fall due on a day whose hour has come."""
        return {*self._wrong.owners(), *self._watched}

    def due(self, now: int) -> Collection[str]:
        """Those that fall due on a day whose hour has come since."""
        found: set[str] = set()
        for day in self._days(now):
            if day not in self._struck and self._has_struck(day, now):
                self._struck.add(day)
                found |= self._falls(day)
        return found

    def evict(self, now: int) -> None:
        """Forget days that are over."""
        days = self._days(now)
        self._wrong.evict(self._start(min(days)))
        self._falling = {day: loans for day, loans in self._falling.items() if day in days}
        self._watched = frozenset().union(*self._falling.values())
        self._struck &= set(days)

    def __len__(self) -> int:
        """How many rows are kept."""
        return len(self._wrong)

    def _failed(self, rows: pl.DataFrame) -> set[str]:
        failure = pl.col("kind").is_in(self._asks.failures)
        marked = rows.with_columns(failure=failure).filter(failure | (pl.col("kind") == WITHDRAWN))
        touched = set()
        for owner, key, known, place, at, fails in marked.select(
            "owner", "id", "known", "place", "at", "failure"
        ).iter_rows():
            self._wrong.put(owner, f"event {key}", Entry(known, place, at, FAILURE if fails else None))
            touched.add(owner)
        return touched

    def _reversed(self, rows: pl.DataFrame) -> set[str]:
        """A payment that is voided is told of the day on which that is known."""
        touched = set()
        for owner, key, known, place in rows.filter("reversal").select("owner", "id", "known", "place").iter_rows():
            at = self._start(date_of(known))
            self._wrong.put(owner, f"payment {key}", Entry(known, place, at, REVERSAL))
            touched.add(owner)
        return touched

    def _ask(self, loans: Collection[str], day: dt.date, found: dict[str, Standing]) -> None:
        until = self._start(day) + (DAY_HOURS + self._asks.stands_hours) * HOUR
        falling = self._falls(day)
        for loan, due_on, amount, currency in self._facts.owed(loans, day).iter_rows():
            failures, reversals = self._of_day(loan, day)
            if due_on != day and loan not in falling:
                continue  # what is owed fell due on another day
            evidence = {
                "amount": amount, "currency": currency, "due_on": day.isoformat(), "failures": failures, "reversals": reversals,
                "at": f"{self._asks.unpaid_by:%H:%M}" if self._asks.unpaid_by else None,
            }  # fmt: skip
            found[loan] = Standing(self.watch, loan, day, until, evidence)

    def _of_day(self, loan: str, day: dt.date) -> tuple[int, int]:
        """How many deductions failed on a day, and how many payments were reversed."""
        if loan not in self._wrong:
            return 0, 0
        kinds = [value for at, _, value in self._wrong.of(loan) if moment(at, self._zone).date() == day]
        return kinds.count(FAILURE), kinds.count(REVERSAL)

    def _days(self, now: int) -> list[dt.date]:
        """Days of which it may speak, the newest first."""
        today = moment(now, self._zone).date()
        back = 1 + self._asks.stands_hours // DAY_HOURS
        days = [today - dt.timedelta(days=each) for each in range(back + 1)]
        return [day for day in days if now < self._start(day) + (DAY_HOURS + self._asks.stands_hours) * HOUR]

    def _has_struck(self, day: dt.date, now: int) -> bool:
        asks = self._asks
        if asks.unpaid_by is None or (asks.work_days_only and not calendars.is_work_day(self._calendar, day)):
            return False
        return now >= self._moment(day, asks.unpaid_by)

    def _falls(self, day: dt.date) -> frozenset[str]:
        if day not in self._falling:
            self._falling[day] = frozenset(self._facts.due(day))
            self._watched |= self._falling[day]
        return self._falling[day]

    def _start(self, day: dt.date) -> int:
        return self._moment(day, dt.time())

    def _moment(self, day: dt.date, at: dt.time) -> int:
        return int(dt.datetime.combine(day, at, self._zone).timestamp() * MICROSECONDS)
