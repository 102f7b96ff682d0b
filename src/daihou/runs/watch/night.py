"""A night's watch: every rule in force asked of every watched subject, its memory brought to the date, and what changed told as signals."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from daihou.book.days import day_of
from daihou.book.ledger.layout import NO_DAY
from daihou.expressions import text
from daihou.runs.watch.answers import answered
from daihou.runs.watch.folded import manner
from daihou.runs.watch.rows import KEYS, OF_BORROWER, OF_LOAN, Rows
from daihou.runs.watch.tables import RULE_MEMORY, SIGNALS, WATCHED
from daihou.warning.fold import (
    MOVES,
    OPENED,
    RETIRED,
    STILL,
    TRUE,
    UNKNOWN,
    UNWATCHED,
    Memory,
    fold,
    nothing,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.expressions import Expression
    from daihou.warning.checked import Checked
    from daihou.warning.fold import Codes
    from daihou.warning.rule import Subject
    from daihou.warning.rulebook import Rulebook

SUBJECTS: Final[tuple[Subject, ...]] = ("loan", "borrower")


def _frame(schema: Any, *more: str) -> pl.DataFrame:
    frame = pl.DataFrame(schema.empty_table())
    return frame.drop("as_of", "known_on", *more)


MEMORY: Final = _frame(RULE_MEMORY).schema
SIGNAL: Final = _frame(SIGNALS).schema
ROW: Final = _frame(WATCHED).schema
NO_SIGNALS: Final = pl.DataFrame(schema=SIGNAL)
BY: Final = ("rule_id", "shadow", "subject_id")


@dataclass(frozen=True, slots=True)
class Night:
    """What a watch of one date found: frames of the tables of `watch.tables`, without the pair of dates."""

    signals: pl.DataFrame
    memory: pl.DataFrame
    watched: pl.DataFrame


def asleep() -> pl.DataFrame:
    """The memory before the first watch."""
    return pl.DataFrame(schema=MEMORY)


def night(
    home: Home, book: Rulebook, as_of: dt.date, snapshots: Sequence[Path], borrowers: Sequence[Path], memory: pl.DataFrame
) -> Night:  # fmt: skip
    """Watch one date, from the files that its run wrote and the memory of the watch before."""
    asked = [(rule, False) for rule in book.live(as_of)] + [(rule, True) for rule in book.shadow(as_of)]
    names = {
        subject: {field.name for rule, _ in asked if rule.rule.subject == subject for field in rule.columns}
        for subject in SUBJECTS
    }
    rows = Rows(home, snapshots, borrowers, names)
    found: list[_Asked] = []
    for subject in SUBJECTS:
        chosen = [(rule, shadow) for rule, shadow in asked if rule.rule.subject == subject]
        kept = memory.filter(pl.col("subject") == subject)
        if chosen:
            found += _subject(rows, subject, chosen, kept, as_of)
    broken = book.broken(as_of)
    judged = pl.DataFrame(
        [(one.rule.rule.id, one.shadow) for one in found], {"rule_id": pl.String, "shadow": pl.Boolean}, orient="row"
    )
    left = memory.join(judged, on=["rule_id", "shadow"], how="anti")
    excused = pl.col("rule_id").is_in(sorted({problem.rule_id for problem in broken}))
    resting, gone = left.filter(excused), left.filter(~excused & pl.col("opened_on").is_not_null())
    signals = [one.signals for one in found] + [_retired(gone)]
    watched = pl.DataFrame([one.row for one in found], ROW)
    problems = [
        {"rule_id": one.rule_id, "version": one.number, "shadow": False, "problem_en": one.problem.message, "problem_zh": one.problem.zh[0]}
        for one in broken
    ]  # fmt: skip
    return Night(
        pl.concat(signals).sort(BY),
        pl.concat([*(one.memory for one in found), resting]).sort(BY),
        pl.concat([watched, pl.DataFrame(problems, ROW)]).sort("rule_id", "shadow", "version"),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One version asked of all watched subjects."""

    rule: Checked
    shadow: bool
    signals: pl.DataFrame
    memory: pl.DataFrame
    row: dict[str, Any]


def _subject(
    rows: Rows, subject: Subject, chosen: Sequence[tuple[Checked, bool]], memory: pl.DataFrame, as_of: dt.date
) -> list[_Asked]:  # fmt: skip
    """All versions over one kind of subject."""
    frame, key = rows.of(subject), KEYS[subject]
    asked: list[Expression] = []
    for rule, _ in chosen:
        asked += [rule.condition, *([rule.clear] if rule.clear is not None else [])]
    unit = rows.amount_unit if subject == "loan" else rows.base_unit
    answers = iter(answered(frame, asked, unit, rows.base_unit))
    known = _placed(memory, frame[key])
    by_rule = {
        (str(group[0]), bool(group[1])): part
        for group, part in known.partition_by(["rule_id", "shadow"], as_dict=True).items()
    }
    none = known.clear()
    found = []
    for rule, shadow in chosen:
        holds = next(answers)
        clears = next(answers) if rule.clear is not None else None
        step = _Step(rule, shadow, frame, key, holds, clears, by_rule.get((rule.rule.id, shadow), none), as_of)
        found.append(step.taken(rows))
    return found


def _placed(memory: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    """The memory with the row of each subject among some ids; -1 where it is not there."""
    if memory.is_empty():
        return memory.with_columns(pl.lit(-1, pl.Int64).alias("at"))
    places = pl.DataFrame({"subject_id": ids, "at": np.arange(len(ids), dtype=np.int64)})
    return memory.join(places, on="subject_id", how="left", maintain_order="left").with_columns(
        pl.col("at").fill_null(-1)
    )


@dataclass(frozen=True, slots=True)
class _Step:
    """One version, the answers to it by row, and its memory: one step of the fold for the subjects that it concerns."""

    rule: Checked
    shadow: bool
    frame: pl.DataFrame
    key: str
    holds: Codes
    clears: Codes | None
    known: pl.DataFrame
    as_of: dt.date

    def taken(self, rows: Rows) -> _Asked:
        """The step taken."""
        at = self.known["at"].to_numpy()
        met = self.holds == TRUE
        met[at[at >= 0]] = False
        fresh = np.flatnonzero(met)
        where = np.concatenate([at, fresh])
        if not len(where):  # most rules on most nights
            return _Asked(self.rule, self.shadow, NO_SIGNALS, asleep(), self._row(where, where))
        here = where >= 0
        count, before = len(where), len(at)
        memory = nothing(count)
        memory.hits[:before] = self.known["hits"].to_numpy()
        memory.clears[:before] = self.known["clears"].to_numpy()
        memory.opened_on[:before] = _days(self.known["opened_on"])
        memory.closed_on[:before] = _days(self.known["closed_on"])
        opened_before = memory.opened_on.copy()
        holds = np.full((1, count), UNWATCHED, np.uint8)
        holds[0, here] = self.holds[where[here]]
        clears = None
        if self.clears is not None:
            clears = np.full((1, count), UNKNOWN, np.uint8)
            clears[0, here] = self.clears[where[here]]
        (moves,) = fold(np.array([day_of(self.as_of)], np.int32), holds, clears, manner(self.rule), memory)
        ids = np.concatenate([self.known["subject_id"].to_numpy(), self.frame[self.key].gather(fresh).to_numpy()])
        named, versions = self._ids(ids, moves == OPENED, before)
        subjects = pl.DataFrame(
            {
                "subject_id": pl.Series(ids.tolist(), dtype=pl.String), "at": where, "move": moves,
                "signal_id": named, "version": versions,
                "hits": memory.hits, "clears": memory.clears, "opened_on": _dates(memory.opened_on), "closed_on": _dates(memory.closed_on),
                "opened_before": _dates(opened_before),
            }
        )  # fmt: skip
        moved = subjects.filter(pl.col("move") != STILL)
        return _Asked(
            self.rule,
            self.shadow,
            self._signals(moved, rows),
            self._memory(subjects, memory),
            self._row(moves, memory.opened_on),
        )

    def _ids(self, ids: npt.NDArray[Any], opened: npt.NDArray[np.bool_], before: int) -> tuple[pl.Series, pl.Series]:
        """The ids and the versions of signals: of those that open their own, else what is remembered; `before` subjects were."""
        number = self.rule.version.number
        fresh = [None] * (len(ids) - before)
        named: list[str | None] = [*self.known["signal_id"].to_list(), *fresh]
        versions: list[int | None] = [*self.known["version"].to_list(), *fresh]
        for place in np.flatnonzero(opened):
            named[place] = signal_id(self.rule.rule.id, number, ids[place], self.as_of)
            versions[place] = number
        return pl.Series(named, dtype=pl.String), pl.Series(versions, dtype=pl.Int32)

    def _memory(self, subjects: pl.DataFrame, memory: Memory) -> pl.DataFrame:
        """What is worth remembering: a rest that is over is as good as none."""
        rested = day_of(self.as_of) + 1 - memory.closed_on.astype(np.int64) >= self.rule.version.cooldown_days
        over = (memory.closed_on != NO_DAY) & rested & (memory.hits == 0) & (memory.opened_on == NO_DAY)
        open_now = pl.col("opened_on").is_not_null()
        return subjects.filter(pl.Series(~(memory.idle | over))).select(
            pl.lit(self.rule.rule.id).alias("rule_id"), pl.lit(self.shadow).alias("shadow"), pl.lit(self.rule.rule.subject).alias("subject"),
            "subject_id", "hits", "clears", "opened_on", "closed_on", pl.when(open_now).then("signal_id").alias("signal_id"),
            pl.when(open_now).then("version").alias("version"),
        ).cast(MEMORY)  # fmt: skip

    def _signals(self, moved: pl.DataFrame, rows: Rows) -> pl.DataFrame:
        if moved.is_empty():
            return NO_SIGNALS
        at = moved["at"].to_numpy()
        names = dict.fromkeys((*(name for name in WHOLE[self.key]), *(field.name for field in self.rule.columns)))
        told = self.frame.select(list(names))
        told = told[np.maximum(at, 0)] if len(told) else told.clear(len(at))
        gone = pl.Series(at < 0)
        evidence = pl.struct(_plain(told, [field.name for field in self.rule.columns])).struct.json_encode()
        whose = _of_loan(told) if self.key == "loan_id" else _of_borrower(told, rows, moved)
        return moved.select(
            "signal_id", pl.lit(self.rule.rule.id).alias("rule_id"), "version", pl.lit(self.shadow).alias("shadow"),
            pl.lit(self.rule.rule.subject).alias("subject"), "subject_id", *(pl.when(~gone).then(column).alias(column.name) for column in whose),
            pl.lit(self.rule.version.level).alias("level"),
            pl.col("move").cast(pl.Int32).replace_strict(dict(enumerate(MOVES)), return_dtype=pl.String).alias("transition"),
            pl.coalesce("opened_on", "opened_before").alias("opened_on"), pl.lit(text(self.rule.condition)).alias("condition"),
            pl.when(~gone).then(told.select(evidence.alias("evidence")).to_series()).alias("evidence"),
        ).cast(SIGNAL)  # fmt: skip

    def _row(self, moves: npt.NDArray[Any], opened_on: npt.NDArray[Any]) -> dict[str, Any]:
        """The row of `watched`, from what changed for subjects with a memory and the days on which their signals were opened."""
        opened = int((moves == OPENED).sum())
        return {
            "rule_id": self.rule.rule.id, "version": self.rule.version.number, "shadow": self.shadow, "subject": self.rule.rule.subject,
            "level": self.rule.version.level, "subjects": len(self.holds), "holds": int((self.holds == TRUE).sum()),
            "unknown": int((self.holds == UNKNOWN).sum()), "open": int((opened_on != NO_DAY).sum()), "opened": opened,
            "closed": int((moves != STILL).sum()) - opened, "problem_en": None, "problem_zh": None,
        }  # fmt: skip


def signal_id(rule_id: str, version: int, subject_id: str, opened_on: dt.date) -> str:
    """The id of a signal: a hash of what makes it one."""
    return hashlib.sha256(f"{rule_id}\0{version}\0{subject_id}\0{opened_on}".encode()).hexdigest()[:24]


def _days(dates: pl.Series) -> npt.NDArray[np.int32]:
    return dates.to_physical().fill_null(NO_DAY).to_numpy()


def _dates(days: npt.NDArray[np.int32]) -> pl.Series:
    return pl.Series(days, dtype=pl.Int32).set(pl.Series(days == NO_DAY), None).cast(pl.Date)


def _plain(rows: pl.DataFrame, names: Iterable[str]) -> list[pl.Expr]:
    """Columns as JSON takes them: codes as texts, rates as decimals in text."""
    return [
        pl.col(name).cast(pl.String)
        if isinstance(rows.schema[name], pl.Categorical | pl.Enum | pl.Decimal)
        else pl.col(name)
        for name in names
    ]


WHOLE: Final = {"loan_id": OF_LOAN, "borrower_id": OF_BORROWER}
WHOSE: Final = ("borrower_id", "org_id", "officer_id", "currency", "balance")


def _of_loan(told: pl.DataFrame) -> Collection[pl.Series]:
    found = told.select(
        *(pl.col(name).cast(pl.String) for name in WHOSE[:-1]), pl.col("principal_outstanding_base").alias("balance")
    )
    return found.get_columns()


def _of_borrower(told: pl.DataFrame, rows: Rows, moved: pl.DataFrame) -> Collection[pl.Series]:
    """Whose a borrower is: the org and the officer of its largest loan."""
    ids = moved.select(pl.col("subject_id").alias("borrower_id"))
    largest = (
        rows.loans.lazy()
        .select(
            pl.col("borrower_id", "org_id", "officer_id").cast(pl.String),
            "loan_id",
            balance=pl.col("principal_outstanding_base").fill_null(-1),
        )
        .join(ids.lazy(), on="borrower_id", how="semi")
        .sort("balance", "loan_id", descending=[True, False])
        .group_by("borrower_id", maintain_order=True)
        .agg(pl.col("org_id", "officer_id").first())
        .collect()
    )
    found = ids.join(largest, on="borrower_id", how="left", maintain_order="left").with_columns(
        pl.lit(rows.home.settings.base_currency).alias("currency"), told["exposure"].alias("balance")
    )
    return found.select(WHOSE).get_columns()


def _retired(gone: pl.DataFrame) -> pl.DataFrame:
    """The ends of open signals whose rule does not judge any more."""
    empty = [pl.lit(None, kind).alias(name) for name, kind in SIGNAL.items() if name not in gone.columns]
    told = gone.with_columns(empty).with_columns(pl.lit(MOVES[RETIRED]).alias("transition"))
    return told.select(list(SIGNAL)).cast(SIGNAL)
