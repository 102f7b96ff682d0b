"""What one step of the fold moved, and what each transition stands on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from daihou.book.ledger.layout import NO_DAY
from daihou.expressions import text
from daihou.runs.watch.answers import Questions
from daihou.runs.watch.rows import KEYS, OF_BORROWER, OF_LOAN
from daihou.runs.watch.steps import Steps
from daihou.runs.watch.tables import RULE_MEMORY, SIGNALS
from daihou.warning.fold import MOVES, OPENED, STILL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Sequence
    from typing import Any

    from daihou.runs.watch.rows import Rows
    from daihou.warning.checked import Checked
    from daihou.warning.fold import Codes
    from daihou.warning.rule import Subject


def empty(schema: Any) -> pl.DataFrame:
    """No rows of a table of a night, without its pair of dates."""
    return pl.DataFrame(schema.empty_table()).drop("as_of", "known_on")


MEMORY: Final = empty(RULE_MEMORY).schema
SIGNAL: Final = empty(SIGNALS).schema
NOBODY: Final = pl.DataFrame(schema={**MEMORY, "rule": pl.Int64, "at": pl.Int64})
"""What is remembered of nobody, with the places of version and row."""


@dataclass(frozen=True, slots=True)
class Stepped:
    """All versions over one kind of subject, brought to a date."""

    subject: Subject
    rows: Rows
    frame: pl.DataFrame
    chosen: Sequence[tuple[Checked, bool]]
    """Versions of rules, and whether each runs in shadow."""
    answers: Sequence[tuple[Codes, Codes | None]]
    counts: Sequence[tuple[int, int, int]]
    """Of each version: signals opened, closed and open."""
    after: pl.DataFrame
    """Every version and subject that matters after the date: what moved, what is remembered, and its signal."""

    def signals(self) -> pl.DataFrame:
        """The transitions, with what they stood on."""
        return _signals(self.after, self.chosen, self.rows, self.frame, KEYS[self.subject])


def stepped(
    rows: Rows, subject: Subject, chosen: Sequence[tuple[Checked, bool]], memory: pl.DataFrame, as_of: dt.date, questions: Questions | None = None
) -> Stepped:  # fmt: skip
    """One step from the memory before a date, of these subjects or of some of them, and the answers on it; `questions` are those of `chosen`."""
    frame, ids = rows.of(subject), rows.of(subject)[KEYS[subject]]
    unit = rows.amount_unit if subject == "loan" else rows.base_unit
    asked = questions or Questions([rule for rule, _ in chosen])
    answers = asked.answered(frame, unit, rows.base_unit)
    known = NOBODY if memory.is_empty() else _known(memory, chosen, ids)
    steps = Steps(known, as_of)
    counts = [
        steps.take(place, rule, holds, clears)
        for place, ((rule, _), (holds, clears)) in enumerate(zip(chosen, answers, strict=True))
    ]
    return Stepped(subject, rows, frame, chosen, answers, counts, _after(steps, known, ids, chosen, as_of))


def _known(memory: pl.DataFrame, chosen: Sequence[tuple[Checked, bool]], ids: pl.Series) -> pl.DataFrame:
    """The memory of some versions in their order, with the place of its version and the row of its subject: -1 where that is not there."""
    versions = [(rule.rule.id, shadow, place) for place, (rule, shadow) in enumerate(chosen)]
    places = pl.DataFrame(versions, {"rule_id": pl.String, "shadow": pl.Boolean, "rule": pl.Int64}, orient="row")
    rows = pl.DataFrame({"subject_id": ids, "at": np.arange(len(ids), dtype=np.int64)})
    of_versions = memory.join(places, on=["rule_id", "shadow"], how="inner").sort("rule", "subject_id")
    return of_versions.join(rows, on="subject_id", how="left", maintain_order="left").with_columns(
        pl.col("at").fill_null(-1)
    )


def _after(
    steps: Steps, known: pl.DataFrame, ids: pl.Series, chosen: Sequence[tuple[Checked, bool]], as_of: dt.date
) -> pl.DataFrame:  # fmt: skip
    """Every version and subject that matters after the date: what changed, what is remembered, and its signal."""
    taken = steps.taken()
    fresh = taken.at[len(known) :]
    subjects = pl.concat([known["subject_id"], ids.gather(fresh).cast(pl.String)])
    meta = pl.DataFrame(
        [(rule.rule.id, shadow, rule.rule.subject, rule.version.number, rule.version.level, rule.version.cooldown_days) for rule, shadow in chosen],
        {"rule_id": pl.String, "shadow": pl.Boolean, "subject": pl.String, "number": pl.Int32, "level": pl.String, "cooldown_days": pl.Int32},
        orient="row",
    )  # fmt: skip
    none = [None] * len(fresh)
    signals = [*known["signal_id"].to_list(), *none]
    versions = [*known["version"].to_list(), *none]
    for place in np.flatnonzero(taken.moves == OPENED):
        rule = chosen[taken.rule[place]][0]
        signals[place] = signal_id(rule.rule.id, rule.version.number, subjects[int(place)], as_of)
        versions[place] = rule.version.number
    named: pl.DataFrame = meta[taken.rule]
    return named.with_columns(
        subjects.alias("subject_id"), pl.Series("signal_id", signals, pl.String), pl.Series("version", versions, pl.Int32),
        pl.Series("rule", taken.rule), pl.Series("at", taken.at), pl.Series("move", taken.moves), pl.Series("hits", taken.memory.hits),
        pl.Series("clears", taken.memory.clears), _dates("opened_on", taken.memory.opened_on), _dates("closed_on", taken.memory.closed_on),
        _dates("opened_before", taken.opened_before),
    )  # fmt: skip


def _signals(
    after: pl.DataFrame, chosen: Sequence[tuple[Checked, bool]], rows: Rows, frame: pl.DataFrame, key: str
) -> pl.DataFrame:  # fmt: skip
    """The transitions, with what they stood on."""
    moved = after.filter(pl.col("move") != STILL).sort("rule", "subject_id")
    if moved.is_empty():
        return pl.DataFrame(schema=SIGNAL)
    at = np.maximum(moved["at"].to_numpy(), 0)
    gone = moved["at"] < 0
    whole = frame.select(WHOLE[key])
    told = whole[at] if len(whole) else whole.clear(len(at))
    whose = _of_loan(told) if key == "loan_id" else _of_borrower(told, rows, moved)
    evidence: list[pl.Series] = []
    conditions: list[pl.Series] = []
    for rule, count in moved.group_by("rule", maintain_order=True).len().iter_rows():
        first = sum(map(len, evidence))
        evidence.append(_evidence(frame, chosen[rule][0], at[first : first + count]))
        conditions.append(pl.repeat(text(chosen[rule][0].condition), count, eager=True))
    transition = pl.col("move").cast(pl.Int32).replace_strict(dict(enumerate(MOVES)), return_dtype=pl.String)
    return moved.with_columns(
        *(pl.when(~gone).then(column).alias(column.name) for column in whose),
        transition.alias("transition"),
        pl.coalesce("opened_on", "opened_before").alias("opened_on"),
        pl.concat(conditions).alias("condition"),
        pl.when(~gone).then(pl.concat(evidence)).alias("evidence"),
    ).select(list(SIGNAL)).cast(SIGNAL)  # fmt: skip


def _evidence(frame: pl.DataFrame, rule: Checked, at: npt.NDArray[np.int64]) -> pl.Series:
    """The values of all columns that a version names, a JSON object a row."""
    held = frame.select([field.name for field in rule.columns])
    told = held[at] if len(held) else held.clear(len(at))
    return told.select(pl.struct(_plain(told)).struct.json_encode()).to_series()


def signal_id(rule_id: str, version: int, subject_id: str, opened_on: dt.date) -> str:
    """The id of a signal: a hash of what makes it one."""
    return hashlib.sha256(f"{rule_id}\0{version}\0{subject_id}\0{opened_on}".encode()).hexdigest()[:24]


def _dates(name: str, days: npt.NDArray[np.int32]) -> pl.Series:
    return pl.Series(name, days, pl.Int32).set(pl.Series(days == NO_DAY), None).cast(pl.Date)


def _plain(rows: pl.DataFrame) -> list[pl.Expr]:
    """Columns as JSON takes them: codes as texts, rates as decimals in text."""
    coded = (pl.Categorical, pl.Enum, pl.Decimal)
    return [
        pl.col(name).cast(pl.String) if isinstance(kind, coded) else pl.col(name) for name, kind in rows.schema.items()
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
