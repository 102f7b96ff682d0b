"""A night's watch: every rule in force asked of every watched subject, its memory brought to the date, and what changed told as signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs.watch import heard as hearing
from daihou.runs.watch.chosen import Chosen
from daihou.runs.watch.moved import MEMORY, SIGNAL, empty, stepped
from daihou.runs.watch.rows import of_files
from daihou.runs.watch.tables import WATCHED
from daihou.warning.fold import MOVES, RETIRED, TRUE, UNKNOWN
from daihou.warning.rule import SUBJECTS

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from daihou.book.home import Home
    from daihou.runs.watch.rows import Rows
    from daihou.warning.checked import Checked
    from daihou.warning.rule import Subject
    from daihou.warning.rulebook import Rulebook

ROW: Final = empty(WATCHED).schema
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
    home: Home, book: Rulebook, as_of: dt.date, snapshots: Sequence[Path], borrowers: Sequence[Path], memory: pl.DataFrame,
    heard: Mapping[str, hearing.Days] | None = None, models: Sequence[Path] = (),
) -> Night:  # fmt: skip
    """Watch one date, from the files that its run wrote, the memory of the watch before and, by subject, what had been heard by then."""
    asked = [(rule, False) for rule in book.live(as_of)] + [(rule, True) for rule in book.shadow(as_of)]
    names = {
        subject: {field.name for rule, _ in asked if rule.rule.subject == subject for field in rule.columns}
        for subject in SUBJECTS
    }
    rows = of_files(home, snapshots, borrowers, names, models)
    found = []
    for subject in SUBJECTS:
        chosen = [(rule, shadow) for rule, shadow in asked if rule.rule.subject == subject]
        if chosen:
            found.append(
                _subject(
                    rows,
                    subject,
                    chosen,
                    memory.filter(pl.col("subject") == subject),
                    as_of,
                    (heard or {}).get(subject, hearing.NOBODY),
                )
            )
    broken = book.broken(as_of)
    judged = pl.DataFrame(
        [(rule.rule.id, shadow) for rule, shadow in asked], {"rule_id": pl.String, "shadow": pl.Boolean}, orient="row"
    )
    left = memory.join(judged, on=["rule_id", "shadow"], how="anti")
    excused = pl.col("rule_id").is_in(sorted({problem.rule_id for problem in broken}))
    resting, gone = left.filter(excused), left.filter(~excused & pl.col("opened_on").is_not_null())
    problems = [
        {
            "rule_id": one.rule_id,
            "version": one.number,
            "shadow": False,
            "problem_en": f"{one.problem.message} {one.problem.remedy}",
            "problem_zh": "".join(one.problem.zh),
        }
        for one in broken
    ]
    return Night(
        pl.concat([*(one.signals for one in found), _retired(gone)]).sort(BY),
        pl.concat([*(one.memory for one in found), resting]).sort(BY),
        pl.concat([*(one.watched for one in found), pl.DataFrame(problems, ROW)]).sort("rule_id", "shadow", "version"),
    )


def _subject(
    rows: Rows, subject: Subject, chosen: Sequence[tuple[Checked, bool]], memory: pl.DataFrame, as_of: dt.date, before: hearing.Days
) -> Night:  # fmt: skip
    """All versions over one kind of subject."""
    step = stepped(rows, subject, Chosen(tuple(chosen)), memory, as_of)
    asked = [hearing.asked_of(rule) for rule, _ in chosen]
    days = hearing.heard(rows.of(subject), frozenset().union(*asked), before, as_of)
    counts = [
        {
            "rule_id": rule.rule.id, "version": rule.version.number, "shadow": shadow, "subject": subject, "level": rule.version.level,
            "subjects": len(holds), "holds": int((holds == TRUE).sum()), "unknown": int((holds == UNKNOWN).sum()), "open": standing,
            "opened": opened, "closed": closed, "heard": hearing.written(days, names),
        }
        for (rule, shadow), (holds, _), (opened, closed, standing), names in zip(chosen, step.answers, step.counts, asked, strict=True)
    ]  # fmt: skip
    return Night(step.signals(), _memory(step.after, as_of), pl.DataFrame(counts, ROW))


def _memory(after: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """What is worth remembering: a rest that is over on the next day is as good as none."""
    rested = (pl.lit(as_of) - pl.col("closed_on")).dt.total_days() + 1 >= pl.col("cooldown_days")
    idle = (pl.col("hits") == 0) & pl.col("opened_on").is_null() & (pl.col("closed_on").is_null() | rested)
    open_now = pl.col("opened_on").is_not_null()
    kept = after.filter(~idle)
    return kept.with_columns(pl.when(open_now).then(pl.col("signal_id", "version"))).select(list(MEMORY)).cast(MEMORY)


def _retired(gone: pl.DataFrame) -> pl.DataFrame:
    """The ends of open signals whose rule does not judge any more."""
    empty = [pl.lit(None, kind).alias(name) for name, kind in SIGNAL.items() if name not in gone.columns]
    told = gone.with_columns(empty).with_columns(pl.lit(MOVES[RETIRED]).alias("transition"))
    return told.select(list(SIGNAL)).cast(SIGNAL)
