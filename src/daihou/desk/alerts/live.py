"""What the stream said, taken in as alerts within milliseconds: in order, each batch in one transaction with how far it was read.

Of several things said of one signal in a batch the last counts. When the night has spoken for a date, what the stream says of that date is passed over,
and what it had said is put right by the memory of the night (`settling`); watches within a day are judged by no night, so what is said of them stands.
"""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from daihou.desk.alerts import deadlines
from daihou.desk.alerts.choices import Stage
from daihou.desk.alerts.crowd import Crowd
from daihou.desk.alerts.ingest import ONLY
from daihou.desk.alerts.merging import Known, merge
from daihou.desk.alerts.models import AlertSignal, Cursor
from daihou.desk.alerts.owners import Chooser
from daihou.desk.alerts.rules import all_rules
from daihou.desk.alerts.watches import is_watch
from daihou.desk.following import OvertakenError
from daihou.runs.stream import told
from daihou.warning.rule import LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from daihou.desk.alerts.merging import Said
    from daihou.desk.alerts.whose import Everybody, Whose
    from daihou.runs.log.log import Log
    from daihou.runs.stream.told import Told
    from daihou.warning.rule import Rule

MOST: Final = 1_000
"""Things said that one transaction takes in."""
PEOPLE_SECONDS: Final = 10.0
"""So long owners are chosen, and people told, as they were read: reading them again for every signal would take longer than all else."""


@dataclass(frozen=True, slots=True)
class People:
    """Who may be given an alert, and who is told of it, as of a moment of the process's clock."""

    at: float
    chooser: Chooser
    crowd: Crowd


@dataclass
class Live:
    """What stays in hand from batch to batch, in the one thread that takes in."""

    log: Log
    everybody: Everybody | None = None
    """Whose all borrowers are in the newest run; None before the first run."""
    waits: bool = False
    """Whether something was said of a signal that a run has yet to bring: it is read again once that run is in."""
    _told: int | None = None
    """The number of the last that was taken in, as far as this process knows."""
    _read: People | None = None

    def take(self, now: dt.datetime, behind: Callable[[], bool] = lambda: False) -> int:
        """Take in what waits, a batch of it; how many things said it was. `behind` tells whether a run waits to be taken in.

        OvertakenError where another process took it in.
        """
        try:
            return self._taken(now, behind)
        except BaseException:
            self._told = self._read = None  # what was in hand may not be what is in the database
            raise

    def _taken(self, now: dt.datetime, behind: Callable[[], bool]) -> int:
        if self._told is None:
            self._told = self._begin(now)
        said = told.read(self.log, self._told, MOST)
        batch = list(takewhile(lambda one: one.as_of == said[0].as_of, said))
        if not batch:
            self.waits = False
            return 0
        known_rules, people = (
            all_rules(),
            self._people(now),
        )  # what may take long to read is read before anything is locked
        with transaction.atomic():
            cursor = Cursor.objects.select_for_update().get(pk=ONLY)
            if cursor.told != self._told:
                raise OvertakenError
            standing = _standing({one.signal_id for one in batch})
            passed = _passed(cursor, batch[0].as_of)
            fitting = [one for one in batch if not passed or is_watch(one.row["rule_id"])]
            unknown = _unknown(fitting, standing)
            if unknown is not None and behind():
                batch, fitting = ([one for one in some if one.seq < unknown] for some in (batch, fitting))
            self.waits = not batch
            if not batch:
                return 0
            rows = _rows(fitting, standing)
            if rows:
                merge(rows, self._known(rows, batch[0].as_of, now, known_rules, people))
            Cursor.objects.filter(pk=ONLY).update(told=batch[-1].seq)
        self._told = batch[-1].seq
        return len(batch)

    def _begin(self, now: dt.datetime) -> int:
        """Where to go on. A log that was begun anew is read from its beginning."""
        cursor = Cursor.objects.get_or_create(pk=ONLY, defaults={"at": now})[0]
        if cursor.told > told.last(self.log):
            Cursor.objects.filter(pk=ONLY).update(told=0)
            return 0
        return cursor.told

    def warm(self, now: dt.datetime) -> None:
        """Read what the first batch would wait for: rules, people, the calendar, and the addresses of all pages, which takes seconds."""
        all_rules()
        self._people(now)
        deadlines.of_stage(Stage.CHECK, LEVELS[0], now, None)
        reverse("alerts")

    def _known(
        self, rows: Sequence[Said], day: dt.date, now: dt.datetime, known_rules: Mapping[str, Rule], people: People
    ) -> Known:
        return Known(
            day, now, known_rules, self._whose({row["borrower_id"] for row in rows if row["transition"] == "opened"}), people.chooser,
            crowd=people.crowd, fresh=True, told_on=day,
        )  # fmt: skip

    def _whose(self, borrower_ids: Collection[str]) -> Mapping[str, Whose]:
        return self.everybody.of(borrower_ids) if self.everybody is not None else {}

    def _people(self, now: dt.datetime) -> People:
        day = timezone.localtime(now).date()
        if self._read is None or time.monotonic() - self._read.at > PEOPLE_SECONDS or self._read.chooser.day != day:
            self._read = People(time.monotonic(), Chooser.on(day), Crowd())
        return self._read


def _standing(signal_ids: Collection[str]) -> dict[str, bool]:
    """Which of some signals came in before, and whether they stand."""
    found: dict[str, bool] = {}
    held = AlertSignal.objects.filter(signal_id__in=signal_ids).values_list("signal_id", "ended_on")
    for signal_id, ended_on in held.order_by():
        found[signal_id] = found.get(signal_id, False) or ended_on is None
    return found


def _passed(cursor: Cursor, day: dt.date) -> bool:
    """Whether the night has spoken for a date, or speaks for it now."""
    return cursor.as_of is not None and day <= cursor.as_of


def _unknown(said: Iterable[Told], standing: Mapping[str, bool]) -> int | None:
    """The number of the first that ends a signal which is not there: a run that is not in yet may bring it. None where there is none."""
    opened: set[str] = set()
    for one in said:
        if one.stands:
            opened.add(one.signal_id)
        elif one.signal_id not in standing and one.signal_id not in opened:
            return one.seq
    return None


def _rows(said: Iterable[Told], standing: Mapping[str, bool]) -> list[Said]:
    """What a batch changes, a row a signal: opened, resumed, or how it ended."""
    last = {one.signal_id: one for one in said}
    found: list[Said] = []
    for signal_id, one in last.items():
        stood = standing.get(signal_id)
        if one.stands == bool(stood):
            continue  # it opened and was withdrawn in one batch, or stands as it stood
        transition = one.transition if not one.stands else "opened" if stood is None else "resumed"
        opened_on = dt.date.fromisoformat(one.row["opened_on"])
        found.append({**one.row, "signal_id": signal_id, "opened_on": opened_on, "transition": transition})
    return found
