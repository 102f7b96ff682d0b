"""A trial: what a version of a rule says of the book of one date, beside the version that is live, before it ever warns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book.errors import DaihouError
from daihou.runs import store
from daihou.runs.watch.answers import answered, judged_by
from daihou.runs.watch.rows import KEYS, of_files
from daihou.warning.fold import FALSE, TRUE, UNKNOWN
from daihou.warning.past import must_have_past

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.home import Home
    from daihou.expressions import Expression
    from daihou.warning.checked import Checked
    from daihou.warning.fold import Codes

SHOWN: Final = 20
"""Subjects that are named."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Counts of watched subjects on one date. A trial asks the condition alone: what `confirm` and cool-down make of it a backtest says."""

    as_of: dt.date
    known_on: dt.date
    subject: str
    subjects: int
    within: int
    """In the segment; all of them without one."""
    holds: int
    unknown: int
    missing: tuple[tuple[str, int], ...]
    """For each column of the condition: subjects in the segment that have no value of it."""
    live_holds: int | None
    """Of the live version; None without one."""
    gained: tuple[str, ...]
    """Of those that it warns of and the live version does not, the first by id."""
    gained_count: int
    lost: tuple[str, ...]
    lost_count: int


def tried(home: Home, rule: Checked, live: Checked | None = None) -> Tried:
    """Try a version on the newest date that was run by its own knowledge; DaihouError before the first run, and of a rule on what has no past."""
    must_have_past(rule.rule)
    days = [day for day, known in store.pairs(home) if day == known]
    if not days:
        raise DaihouError(
            "There is no book to try the rule on: nothing was run yet.",
            "Run a date: `daihou run`.",
            zh=("尚无跑批结果，无法试跑。", "请先运行 `daihou run`。"),
        )
    pair = (days[-1], days[-1])
    subject = rule.rule.subject
    asked = [rule, *([live] if live is not None else [])]
    names = {name for one in asked for name in judged_by(one)}
    rows = of_files(
        home, store.files(home, "snapshots", *pair), store.files(home, "borrower_snapshots", *pair), {subject: names}
    )
    frame = rows.of(subject)
    conditions: list[Expression] = [one.condition for one in asked]
    if rule.segment is not None:
        conditions.append(rule.segment)
    unit = rows.amount_unit if subject == "loan" else rows.base_unit
    answers = answered(frame, conditions, unit, rows.base_unit)
    holds = answers[0]
    within = (
        pl.Series(answers[-1] != FALSE) if rule.segment is not None else pl.repeat(value=True, n=len(frame), eager=True)
    )
    inside = frame.filter(within)
    missing = [
        (field.name, int(inside[field.name].null_count())) for field in rule.columns if field.name in judged_by(rule)
    ]
    gained, lost = (
        (_differ(frame[KEYS[subject]], holds, answers[1]), _differ(frame[KEYS[subject]], answers[1], holds))
        if live
        else ([], [])
    )
    return Tried(
        *pair, subject, len(frame), int(within.sum()), int((holds == TRUE).sum()), int((holds == UNKNOWN).sum()), tuple(missing),
        int((answers[1] == TRUE).sum()) if live else None, tuple(gained[:SHOWN]), len(gained), tuple(lost[:SHOWN]), len(lost),
    )  # fmt: skip


def _differ(ids: pl.Series, one: Codes, other: Codes) -> list[str]:
    """Who is warned of by one and not by the other, in order of id."""
    return ids.filter(pl.Series((one == TRUE) & (other != TRUE))).cast(pl.String).sort().to_list()
