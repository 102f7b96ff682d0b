"""The watches within a day together: rows in, and what is new to say of whom they touch."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import polars as pl

from daihou.book import money
from daihou.policies.between import DueToday, MoneyOut, Velocity
from daihou.runs.stream.between.due import Due
from daihou.runs.stream.between.facts import DAY, MICROSECONDS, TABLES, TIMED, plain
from daihou.runs.stream.between.money import Flows, Leaving
from daihou.runs.stream.between.standing import HOUR, SCALED, Standing, condition, evidence, reach, said
from daihou.runs.stream.between.velocity import Speed
from daihou.runs.stream.told import STANDS, Saying

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from daihou.policies.between import Between as Policy
    from daihou.policies.between import Watch
    from daihou.runs.stream.between.facts import Facts
    from daihou.runs.stream.between.standing import Keeper, Teller
    from daihou.runs.stream.told import Told, Transition

AHEAD: Final = DAY
"""What is said to happen later than so long from now is left to the night: clocks differ by minutes."""


@dataclass(frozen=True, slots=True)
class _Open:
    """A signal that stands."""

    signal_id: str
    day: dt.date
    said_of: dt.date
    """The business date on which it was opened."""
    until: int
    row: dict[str, Any]


class Between:
    """All watches of a policy over the facts of some days. What stands follows from these facts and the moment alone, in whatever order and parts they came.

    Nothing counts as said before `stand` is told of it. Not to be used by two threads at once.
    """

    def __init__(self, policy: Policy, zone: str, calendar: str, facts: Facts) -> None:
        self._zone, self._facts = zone, facts
        self.reach = max((reach(one) for one in policy.watches), default=DAY)
        """How far back facts matter, in microseconds."""
        self._groups: list[tuple[Keeper, list[Teller]]] = []
        leaving: list[Teller] = []
        flows = Flows(facts, policy.classes, ZoneInfo(zone), self.reach)
        for watch in policy.watches:
            asks = watch.asks
            match asks:
                case DueToday():
                    due = Due(watch, asks, facts, zone, calendar)
                    self._groups.append((due, [due]))
                case Velocity():
                    speed = Speed(watch, asks, facts, zone)
                    self._groups.append((speed, [speed]))
                case MoneyOut():
                    leaving.append(Leaving(watch, asks, flows, ZoneInfo(zone)))
        if leaving:
            self._groups.append((flows, leaving))
        self._tellers = {teller.watch.id: teller for _, tellers in self._groups for teller in tellers}
        self._open: dict[tuple[str, str], _Open] = {}
        self._told: dict[str, tuple[dt.date, Transition]] = {}
        """By signal what was said of it last, of those that may stand again."""
        self._evicted = 0

    def take(self, tables: Mapping[str, pl.DataFrame], now: dt.datetime, as_of: dt.date) -> list[Saying]:
        """What is new after some rows of the log, by table, in the lake's schema with `place`; the book (`Facts`) has them already."""
        return self._differences(self._touched(tables, now), now, as_of)

    def tick(self, now: dt.datetime, as_of: dt.date) -> list[Saying]:
        """What is new since time passed: an hour has come, or a window is over."""
        at = _stamp(now)
        if at - self._evicted >= HOUR:
            self._evict(at, as_of)
        touched = {name: set(teller.due(at)) for name, teller in self._tellers.items()}
        for (name, subject), one in self._open.items():
            if one.until <= at and name in touched:
                touched[name].add(subject)
        return [*self._ended(as_of), *self._differences(touched, now, as_of)]

    def remember(self, tables: Mapping[str, pl.DataFrame], now: dt.datetime) -> None:
        """Take rows in without asking whom they touch: those that had been judged before it was opened."""
        self._touched(tables, now)

    def again(self, now: dt.datetime, as_of: dt.date) -> list[Saying]:
        """What is new of all of which anything is kept, as when it was just opened."""
        at = _stamp(now)
        touched = {name: {*teller.due(at), *teller.subjects()} for name, teller in self._tellers.items()}
        for name, subject in self._open:
            if name in touched:
                touched[name].add(subject)
        return [*self._ended(as_of), *self._differences(touched, now, as_of)]

    def stand(self, sayings: Iterable[Saying]) -> None:
        """Note what was said, once it is on the disk."""
        for one in sayings:
            self._note(one.signal_id, one.transition, one.row, one.as_of)

    def restore(self, told: Sequence[Told]) -> None:
        """Note what had been said, in the order in which it was."""
        for one in told:
            self._note(one.signal_id, one.transition, one.row, one.as_of)

    @property
    def open(self) -> dict[str, dict[str, Any]]:
        """The rows of all signals that stand, by id."""
        return {one.signal_id: one.row for one in self._open.values()}

    def __len__(self) -> int:
        """How many rows are kept."""
        return sum(len(keeper) for keeper, _ in self._groups)

    def _touched(self, tables: Mapping[str, pl.DataFrame], now: dt.datetime) -> dict[str, set[str]]:
        at = _stamp(now)
        touched: dict[str, set[str]] = {name: set() for name in self._tellers}
        for table in TABLES:
            if table not in tables or tables[table].is_empty():
                continue
            rows = plain(table, tables[table], self._zone)
            within = rows.filter(pl.col("at").is_between(at - self.reach, at + AHEAD)) if table in TIMED else rows
            for keeper, tellers in self._groups:
                found = keeper.take(table, rows if keeper.whole else within)
                for teller in tellers:
                    touched[teller.watch.id] |= found
            if table == "loans":
                self._known(rows, touched)
        return touched

    def _known(self, rows: pl.DataFrame, touched: dict[str, set[str]]) -> None:
        """Of whom nothing was known, something may be said now."""
        ids = {*rows["owner"].to_list(), *rows["borrower_id"].to_list()}
        for name, teller in self._tellers.items():
            touched[name] |= ids & set(teller.subjects())

    def _differences(self, touched: Mapping[str, Collection[str]], now: dt.datetime, as_of: dt.date) -> list[Saying]:
        at = _stamp(now)
        closing: list[Saying] = []
        opening: list[Standing] = []
        for name, subjects in touched.items():
            if not subjects:
                continue
            stands = self._tellers[name].standing(sorted(subjects), at)
            for subject in sorted(subjects):
                held, now_ = self._open.get((name, subject)), stands.get(subject)
                if now_ is not None and held is not None and held.signal_id == now_.signal_id:
                    self._open[name, subject] = replace(held, until=now_.until)
                    continue
                if held is not None:
                    closing.append(self._closed(self._tellers[name].watch, held, now_, at, as_of))
                if now_ is not None:
                    opening.append(now_)
        return [*closing, *self._opened(opening, as_of)]

    def _closed(self, watch: Watch, held: _Open, now_: Standing | None, at: int, as_of: dt.date) -> Saying:
        """How a signal ends: it is over or was followed by another, its money came; or what it stood on was taken back on the same day."""
        over = held.until <= at or (now_ is not None and now_.day > held.day) or watch.kind == "due_today"
        transition: Transition = "withdrawn" if not over and held.said_of == as_of else "cleared"
        return Saying(as_of, held.signal_id, transition, {**held.row, "transition": transition})

    def _opened(self, stands: Sequence[Standing], as_of: dt.date) -> list[Saying]:
        if not stands:
            return []
        rows = self._facts.whose({one.subject_id for one in stands}).iter_rows(named=True)
        whose = {row["subject_id"]: row for row in rows}
        found = []
        for one in stands:
            of = whose.get(one.subject_id)
            if of is not None and of["subject"] == one.watch.subject:
                transition: Transition = "resumed" if one.signal_id in self._told else "opened"
                found.append(Saying(as_of, one.signal_id, transition, self._row(one, of, transition)))
        return found

    def _row(self, one: Standing, of: Mapping[str, Any], transition: str) -> dict[str, Any]:
        """The row of a signal, with the columns of a run's."""
        watch, currency = one.watch, one.evidence.get("currency") or of["currency"]
        found = {**one.evidence, "currency": currency, "until_at": said(one.until, ZoneInfo(self._zone))}
        if one.scaled:
            found |= {name: _minor(found[name], currency) for name in SCALED}
        return {
            "signal_id": one.signal_id, "rule_id": watch.id, "version": watch.number, "shadow": False, "subject": watch.subject,
            "subject_id": one.subject_id, "borrower_id": of["borrower_id"], "org_id": of["org_id"], "officer_id": of["officer_id"],
            "currency": currency, "balance": of["balance"], "level": watch.level, "transition": transition, "opened_on": one.day.isoformat(),
            "condition": condition(watch), "evidence": evidence(found),
        }  # fmt: skip

    def _ended(self, as_of: dt.date) -> list[Saying]:
        """The ends of signals whose watch, or its version, is no more in force."""
        found = []
        for (name, _), one in self._open.items():
            teller = self._tellers.get(name)
            if teller is None or teller.watch.number != one.row["version"]:
                found.append(Saying(as_of, one.signal_id, "ended", {**one.row, "transition": "ended"}))
        return found

    def _note(self, signal_id: str, transition: Transition, row: dict[str, Any], as_of: dt.date) -> None:
        key, day = (row["rule_id"], row["subject_id"]), dt.date.fromisoformat(str(row["opened_on"]))
        held = self._open.get(key)
        self._told[signal_id] = (day, transition)
        if transition in STANDS:
            self._open[key] = _Open(signal_id, day, as_of, _until(row), row)
        elif held is not None and held.signal_id == signal_id:
            del self._open[key]

    def _evict(self, at: int, as_of: dt.date) -> None:
        self._evicted = at
        for keeper, _ in self._groups:
            keeper.evict(at)
        oldest = as_of - dt.timedelta(days=self.reach // DAY + 2)
        self._told = {signal: one for signal, one in self._told.items() if one[0] >= oldest or one[1] in STANDS}


def _stamp(now: dt.datetime) -> int:
    return int(now.timestamp() * MICROSECONDS)


def _until(row: Mapping[str, Any]) -> int:
    """Until when a signal stands, by what its row says."""
    return _stamp(dt.datetime.fromisoformat(json.loads(row["evidence"])["until_at"]))


def _minor(found: Any, currency: str) -> Any:
    """Amounts in ten-thousandths in minor units of a currency."""
    step = 10 ** (money.SCALE - money.exponent(currency))
    return {name: amount // step for name, amount in found.items()} if isinstance(found, dict) else found // step
