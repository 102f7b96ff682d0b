"""The watch beside a run: which memory and which rules a date is judged by, what is written for it, and what is only noted."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from daihou.book import lake
from daihou.runs import store
from daihou.runs.watch import heard
from daihou.runs.watch.history import news_days
from daihou.runs.watch.moved import SIGNAL
from daihou.runs.watch.night import Night, asleep, night
from daihou.runs.watch.register import REGISTER, rulebook_of, shipped
from daihou.runs.watch.tables import SCHEMAS, SIGNAL_NOTES
from daihou.warning.rulebook import rulebook
from daihou.warning.silence import silent_night

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from daihou.book.home import Home
    from daihou.warning.rule import Text
    from daihou.warning.rulebook import Rulebook

    Pair = tuple[dt.date, dt.date]
    Files = tuple[Sequence[Path], Sequence[Path], Sequence[Path]]
    """Of snapshots, borrowers and models."""

KEPT: Final = ("signals", "rule_memory", "watched")
SAID: Final = ["rule_id", "shadow", "subject_id", "transition"]
"""What makes two signals of a date the same."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a watch adds to its run: the files it wrote or kept, what the record says of it, and what is told of it."""

    files: dict[str, list[Path]]
    record: dict[str, Any]
    opened: int
    closed: int
    """Signals of live versions that stand for the date."""
    notes: int
    broken: tuple[tuple[str, str, str], ...]
    """Rules that could not judge: id and why, in English and Chinese."""
    silent: tuple[Text, ...]
    """What must be known of data that rules ask and that have gone silent."""


@dataclass(frozen=True, slots=True)
class Before:
    """From what a date is judged."""

    follows: dt.date | None
    """The date whose memory it is; None before the first."""
    memory: pl.DataFrame
    book: Rulebook


@dataclass
class Watch:
    """The watches of the pairs of one run, in order of dates."""

    home: Home
    batch: int
    today: dt.date | None
    """Dates after it are looks ahead: what is said of them is said again when they come. None: no date is."""
    _memories: dict[dt.date, pl.DataFrame] = field(default_factory=dict)
    """What was remembered after each date of this run."""
    _heard: dict[dt.date, dict[str, dict[str, dt.date]]] = field(default_factory=dict)
    """What had been heard by each of them, by subject."""

    def before(self, as_of: dt.date) -> Before:
        """What a date that nobody spoke for yet would be judged from now."""
        follows = self._latest(as_of)
        memory = asleep() if follows is None else self._memory(follows)
        return Before(follows, memory, _book(self.home, lake.version(self.home, REGISTER)))

    def take(
        self, pair: Pair, snapshots: Sequence[Path], borrowers: Sequence[Path], models: Sequence[Path] = ()
    ) -> Said:
        """Watch one pair of dates, from the files of its run; without those of `models` no model is watched, and what was open of one ends.

        A date is spoken for once, by the first run of it by its own knowledge. Every other run of it only notes what it would have said otherwise.
        """
        as_of, known_on = pair
        ahead = self.today is not None and as_of > self.today
        before = self._said(as_of)
        if before is None and known_on != as_of:
            return self._written(pair, self._nothing(), None, None)
        if before is None:
            follows = self._latest(as_of)
            register = lake.version(self.home, REGISTER)
            found = self._night(as_of, (snapshots, borrowers, models), follows, register)
            silent = () if ahead else self._silent(found, as_of)
            if not ahead:
                self._memories[as_of] = found.memory
                self._heard[as_of] = heard.remembered(found.watched)
            told = json.dumps([[one.en, one.zh] for one in silent], ensure_ascii=False)
            record = {"follows": follows, "register": register, "said": not ahead, "silent": told}
            return self._written(pair, found, record, None, silent)
        found = self._night(as_of, (snapshots, borrowers, models), before["follows"], before["register"])
        said = self._signals(as_of)
        notes = self._notes(as_of, found, said)
        if known_on != as_of:
            return self._written(pair, self._nothing(), None, notes)
        self._memories[as_of] = self._memory(as_of)
        kept = {name: store.files(self.home, name, as_of, as_of) for name in KEPT}
        record = {name: before[name] for name in ("follows", "register", "rulebook", "said", "silent")}
        file = store.write(self.home, "signal_notes", *pair, [_table(notes, pair)])
        return Said(
            {**kept, "signal_notes": [file]},
            record,
            *_counts(said),
            len(notes),
            _broken(found),
            self._silent(found, as_of),
        )

    def _night(self, as_of: dt.date, files: Files, follows: dt.date | None, register: int | None) -> Night:
        memory = asleep() if follows is None else self._memory(follows)
        days = {} if follows is None else self._days(follows)
        snapshots, borrowers, models = files
        return night(self.home, _book(self.home, register), as_of, snapshots, borrowers, memory, days, models)

    def _said(self, as_of: dt.date) -> dict[str, Any] | None:
        """The record of the run that spoke for a date; None where none did."""
        found = store.record(self.home, as_of, as_of)
        return found if found is not None and found.get("said") else None

    def _latest(self, as_of: dt.date) -> dt.date | None:
        """The last date before another that was spoken for, by this run or one before."""
        written = [day for day, known in store.pairs(self.home) if day == known and day < as_of]
        here = max((day for day in self._memories if day < as_of), default=None)
        for day in reversed(written):
            if here is not None and day <= here:
                break
            if self._said(day) is not None:
                return day
        return here

    def _memory(self, day: dt.date) -> pl.DataFrame:
        if day not in self._memories:
            paths = store.files(self.home, "rule_memory", day, day)
            self._memories[day] = (
                pl.concat([pl.read_parquet(path) for path in paths]).cast(asleep().schema) if paths else asleep()
            )
        return self._memories[day]

    def _days(self, day: dt.date) -> dict[str, dict[str, dt.date]]:
        """What had been heard by a date that was spoken for."""
        if day not in self._heard:
            self._heard[day] = heard.remembered(pl.DataFrame(store.read(self.home, "watched", day, day)))
        return self._heard[day]

    @cached_property
    def _news(self) -> list[dt.date]:
        """The days on which it was heard what anybody paid, in order."""
        return news_days(self.home)

    def _silent(self, found: Night, as_of: dt.date) -> tuple[Text, ...]:
        """What has gone silent by a date."""
        before = self._news[: bisect_right(self._news, as_of)]
        return (*silent_night(before[-1] if before else None, as_of), *heard.sayings(found.watched, as_of))

    def _signals(self, as_of: dt.date) -> pl.DataFrame:
        """What was said of a date."""
        return pl.concat([pl.read_parquet(path) for path in store.files(self.home, "signals", as_of, as_of)]).cast(
            SIGNAL
        )

    def _notes(self, as_of: dt.date, found: Night, said: pl.DataFrame) -> pl.DataFrame:
        """What would be said now and was not, and the other way round."""
        differ = [
            found.signals.join(said, on=SAID, how="anti").with_columns(pl.lit("missed").alias("note")),
            said.join(found.signals, on=SAID, how="anti").with_columns(pl.lit("withdrawn").alias("note")),
        ]
        return pl.concat(differ).with_columns(
            pl.lit(as_of).alias("said_on"), pl.lit(self.batch, pl.Int64).alias("batch")
        )

    def _nothing(self) -> Night:
        empty = {name: pl.DataFrame(SCHEMAS[name].empty_table()).drop("as_of", "known_on") for name in KEPT}
        return Night(empty["signals"], empty["rule_memory"], empty["watched"])

    def _written(
        self,
        pair: Pair,
        found: Night,
        record: Mapping[str, Any] | None,
        notes: pl.DataFrame | None,
        silent: tuple[Text, ...] = (),
    ) -> Said:
        frames = {"signals": found.signals, "rule_memory": found.memory, "watched": found.watched}
        tables = {name: _table(frame, pair, SCHEMAS[name]) for name, frame in frames.items()}
        tables["signal_notes"] = SIGNAL_NOTES.empty_table() if notes is None else _table(notes, pair)
        files = {name: [store.write(self.home, name, *pair, [table])] for name, table in tables.items()}
        known = dict(record or {"follows": None, "register": None, "said": False, "silent": None})
        digest = _book(self.home, known["register"]).digest if record is not None else None
        counts = _counts(found.signals)
        rulebook_of_run = {**known, "rulebook": digest}
        return Said(files, rulebook_of_run, *counts, 0 if notes is None else len(notes), _broken(found), silent)


def _counts(signals: pl.DataFrame) -> tuple[int, int]:
    """Signals of live versions opened and closed."""
    opened = signals.filter(~pl.col("shadow"))["transition"] == "opened"
    return int(opened.sum()), int((~opened).sum())


def _broken(found: Night) -> tuple[tuple[str, str, str], ...]:
    """The rules that could not judge, and why."""
    broken = found.watched.filter(pl.col("problem_en").is_not_null())
    return tuple(broken.select("rule_id", "problem_en", "problem_zh").rows())


@lru_cache(maxsize=8)
def _book(home: Home, register: int | None) -> Rulebook:
    """The rulebook by a version of the register; None: before there was one."""
    return rulebook(shipped(home.settings.profile)) if register is None else rulebook_of(home, register)


def _table(frame: pl.DataFrame, pair: Pair, schema: pa.Schema = SIGNAL_NOTES) -> pa.Table:
    dated = frame.with_columns(pl.lit(pair[0]).alias("as_of"), pl.lit(pair[1]).alias("known_on"))
    table: pa.Table = dated.select(schema.names).to_arrow()
    return table.cast(schema)
