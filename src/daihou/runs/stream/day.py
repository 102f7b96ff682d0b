"""The day as it is judged so far: what the night would say of the subjects that events touched, if the day ended now, and what was said of them before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.runs.borrowers.places import Places
from daihou.runs.stream import hot, told
from daihou.runs.stream.told import Saying
from daihou.runs.watch import few_signals
from daihou.runs.watch.chosen import Chosen
from daihou.runs.watch.few_rows import FewRows
from daihou.runs.watch.moved import stepped
from daihou.runs.watch.rows import Rows
from daihou.runs.watch.watch import Watch
from daihou.warning.rule import OF_BOOK

if TYPE_CHECKING:
    import datetime as dt
    import sqlite3
    from collections.abc import Collection, Iterable, Mapping

    from daihou.book.home import Home
    from daihou.runs.log.log import Log
    from daihou.runs.stream.told import Standing, Transition
    from daihou.runs.watch.watch import Before
    from daihou.warning.rule import Subject

NOTHING: Final = ("withdrawn", "resumed")


@dataclass(frozen=True, slots=True)
class Stand:
    """What stands of one rule and subject."""

    signal_id: str
    standing: Standing


@dataclass
class Day:
    """One business date. Only live versions speak; those in shadow are the night's, and so are models: what is open of them stands through the day."""

    home: Home
    as_of: dt.date
    before: Before
    _stands: dict[tuple[str, str], dict[str, Stand]] = field(default_factory=lambda: defaultdict(dict))
    """By kind of subject and its id, and by rule: an id may be a loan's and a borrower's."""
    _rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By signal what was said of it last."""

    def __post_init__(self) -> None:
        live = self.before.book.live(self.as_of)
        memory = self.before.memory.filter(~pl.col("shadow"))
        self._chosen: dict[Subject, Chosen] = {
            subject: Chosen(tuple((rule, False) for rule in live if rule.rule.subject == subject))
            for subject in OF_BOOK
        }
        self._memory = {subject: memory.filter(pl.col("subject") == subject) for subject in OF_BOOK}
        self._places = {subject: Places(held["subject_id"]) for subject, held in self._memory.items()}

    @cached_property
    def names(self) -> dict[Subject, frozenset[str]]:
        """The columns that its rules ask of each kind of subject."""
        return {
            subject: frozenset(one.name for rule, _ in chosen.versions for one in rule.columns)
            for subject, chosen in self._chosen.items()
        }

    @property
    def rules(self) -> int:
        """How many versions speak."""
        return sum(len(chosen.versions) for chosen in self._chosen.values())

    def judged(self, rows: hot.Rows | hot.FewRows, loans: Collection[str], people: Collection[str]) -> list[Saying]:
        """What differs from what was said of some loans and borrowers, by rows that hold all of them that are known. Changes what stands only by `stand`."""
        given = (
            FewRows(self.home, rows.loans, rows.people, self.names)
            if isinstance(rows, hot.FewRows)
            else Rows(self.home, rows.loans, rows.people, self.names)
        )
        found: list[Saying] = []
        for subject, ids in (("loan", loans), ("borrower", people)):
            if self._chosen[subject].versions and ids:  # type: ignore[index]  # one of the two
                found += self._of(given, subject, ids)  # type: ignore[arg-type]  # as above
        return found

    def _of(self, rows: Rows | FewRows, subject: Subject, ids: Collection[str]) -> list[Saying]:
        wanted = pl.Series(list(ids), dtype=pl.String)
        _which, places = self._places[subject].rows_of(wanted)
        step = stepped(rows, subject, self._chosen[subject], self._memory[subject][places], self.as_of)
        now: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        if step.moved:
            moved = (
                few_signals.signals(step, rows) if isinstance(rows, FewRows) else step.signals().iter_rows(named=True)
            )
            for row in moved:
                now[row["subject_id"]][row["rule_id"]] = row
        found: list[Saying] = []
        for one in ids:
            stands = self._stands.get((subject, one), {})
            if one in now or stands:
                found += self._differences(stands, now.get(one, {}))
        return found

    def _differences(self, stands: Mapping[str, Stand], now: Mapping[str, dict[str, Any]]) -> Iterable[Saying]:
        for rule in dict.fromkeys((*stands, *now)):
            held, row = stands.get(rule), now.get(rule)
            if held is not None and row is not None and row["signal_id"] != held.signal_id:
                # The memory is another than in the morning, as a night came in late: what was opened by the old one is taken back.
                if held.standing == "opened":
                    yield Saying(self.as_of, held.signal_id, "withdrawn", self._rows[held.signal_id], "withdrawn")
                held = None
            standing = None if row is None else row["transition"]
            transition = _transition(held, standing)
            if transition is not None:
                said = row if row is not None else self._rows[held.signal_id]  # type: ignore[union-attr]  # one of the two is there
                yield Saying(self.as_of, said["signal_id"], transition, said, standing or transition)

    def stand(self, sayings: Iterable[Saying]) -> None:
        """Note what was said, once it is on the disk."""
        for one in sayings:
            if one.standing is not None:
                self._stands[one.row["subject"], one.row["subject_id"]][one.row["rule_id"]] = Stand(
                    one.signal_id, one.standing
                )
                self._rows[one.signal_id] = one.row

    def standing(self) -> dict[tuple[str, str], Stand]:
        """What the night would say, by rule and subject: of those that were touched."""
        return {
            (rule, subject): stand for (_, subject), stands in self._stands.items() for rule, stand in stands.items() if stand.standing not in NOTHING
        }  # fmt: skip


def _transition(held: Stand | None, now: Transition | None) -> Transition | None:
    """What must be said; None: nothing."""
    if held is None:
        return now
    if now is None:
        if held.standing == "opened":
            return "withdrawn"
        return "resumed" if held.standing in ("cleared", "ended") else None
    if held.standing == now:
        return None
    return "resumed" if now == "opened" else now


def write(connection: sqlite3.Connection, sayings: Iterable[Saying]) -> None:
    """Note within a transaction of the log what stands after something was said."""
    connection.executemany(
        "INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?)",
        [
            (one.as_of.isoformat(), one.row["rule_id"], one.row["subject_id"], one.signal_id, one.standing)
            for one in sayings
            if one.standing is not None
        ],
    )


def open_day(home: Home, log: Log, as_of: dt.date) -> Day:
    """A business date as the last night left it, with what was said of it so far."""
    day = Day(home, as_of, Watch(home, 0, None).before(as_of))
    stood = log.store.rows(
        "SELECT rule_id, subject_id, signal_id, transition FROM standing WHERE as_of = ?", (as_of.isoformat(),)
    )
    rows = {signal: one.row for signal, one in told.of_day(log, as_of).items()} if stood else {}
    for rule, subject, signal, standing in stood:
        day._stands[rows[signal]["subject"], subject][rule] = Stand(signal, standing)  # noqa: SLF001 - made here
    day._rows.update(rows)  # noqa: SLF001 - made here
    return day
