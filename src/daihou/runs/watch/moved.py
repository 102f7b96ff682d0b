"""What one step of the fold moved, and what each transition stands on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from daihou.book.ledger.layout import NO_DAY
from daihou.expressions import text
from daihou.runs.watch.chosen import META
from daihou.runs.watch.rows import KEYS, OF_BORROWER, OF_LOAN
from daihou.runs.watch.steps import Steps
from daihou.runs.watch.tables import RULE_MEMORY, SIGNALS
from daihou.warning.fold import MOVES, OPENED, STILL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Mapping, Sequence
    from typing import Any

    from daihou.runs.watch.chosen import Chosen
    from daihou.runs.watch.few_rows import FewRows
    from daihou.runs.watch.rows import Rows
    from daihou.warning.checked import Checked
    from daihou.warning.fold import Codes
    from daihou.warning.rule import Subject


def empty(schema: Any) -> pl.DataFrame:
    """No rows of a table of a night, without its pair of dates."""
    return pl.DataFrame(schema=pl.Schema(schema)).drop("as_of", "known_on")


MEMORY: Final = empty(RULE_MEMORY).schema
SIGNAL: Final = empty(SIGNALS).schema
NOBODY: Final = pl.DataFrame(schema={**MEMORY, "rule": pl.Int64, "at": pl.Int64})
"""What is remembered of nobody, with the places of version and row."""
FEW: Final = 64
"""Remembered rows that are looked up one by one."""
NOTHING: Final = pl.DataFrame(
    schema={
        **META, "subject_id": pl.String, "signal_id": pl.String, "version": pl.Int32, "rule": pl.Int64, "at": pl.Int64, "move": pl.UInt8,
        "hits": pl.Int32, "clears": pl.Int32, "opened_on": pl.Date, "closed_on": pl.Date, "opened_before": pl.Date,
    }
)  # fmt: skip
"""No version and subject that matters."""


@dataclass(frozen=True)
class Stepped:
    """All versions over one kind of subject, brought to a date."""

    subject: Subject
    rows: Rows | FewRows
    chosen: Chosen
    answers: Sequence[tuple[Codes, Codes | None]]
    counts: Sequence[tuple[int, int, int]]
    """Of each version: signals opened, closed and open."""
    as_of: dt.date
    steps: Steps
    known: pl.DataFrame
    """The memory before the date as the steps took it."""
    ids: pl.Series

    @property
    def moved(self) -> bool:
        """Whether anything opened or closed."""
        return any(opened or closed for opened, closed, _ in self.counts)

    @cached_property
    def after(self) -> pl.DataFrame:
        """Every version and subject that matters after the date: what moved, what is remembered, and its signal."""
        return _after(self.steps, self.known, self.ids, self.chosen, self.as_of)

    def signals(self) -> pl.DataFrame:
        """The transitions, with what they stood on."""
        return _signals(self.after, self.chosen, self.rows, self.subject)


def stepped(rows: Rows | FewRows, subject: Subject, chosen: Chosen, memory: pl.DataFrame, as_of: dt.date) -> Stepped:
    """One step from the memory before a date, of these subjects or of some of them, and the answers on it."""
    ids, answers = rows.ids(subject), rows.answered(subject, chosen.questions)
    known = NOBODY if memory.is_empty() else _known(memory, chosen, ids)
    steps = Steps(known, len(answers), as_of)
    counts = [
        steps.take(place, rule, holds, clears)
        for place, ((rule, _), (holds, clears)) in enumerate(zip(chosen.versions, answers, strict=True))
    ]
    return Stepped(subject, rows, chosen, answers, counts, as_of, steps, known, ids)


def _known(memory: pl.DataFrame, chosen: Chosen, ids: pl.Series) -> pl.DataFrame:
    """The memory of some versions in their order, with the place of its version and the row of its subject: -1 where that is not there."""
    if len(memory) <= FEW:
        return _known_few(memory, chosen.by_name, ids)
    rows = pl.DataFrame({"subject_id": ids, "at": np.arange(len(ids), dtype=np.int64)})
    of_versions = memory.join(chosen.places, on=["rule_id", "shadow"], how="inner").sort("rule", "subject_id")
    return of_versions.join(rows, on="subject_id", how="left", maintain_order="left").with_columns(
        pl.col("at").fill_null(-1)
    )


def _known_few(memory: pl.DataFrame, number: Mapping[tuple[str, bool], int], ids: pl.Series) -> pl.DataFrame:
    """The same of few rows: looked up one by one, which costs less than to join them."""
    rows = {one: at for at, one in enumerate(ids.to_list())}
    asked = zip(memory["rule_id"].to_list(), memory["shadow"].to_list(), memory["subject_id"].to_list(), strict=True)
    met = [
        (number[rule, shadow], one, row) for row, (rule, shadow, one) in enumerate(asked) if (rule, shadow) in number
    ]
    met.sort(key=lambda one: (one[0], one[1].encode()))
    at = [rows.get(one, -1) for _, one, _ in met]
    return memory[[row for _, _, row in met]].with_columns(
        pl.Series("rule", [place for place, _, _ in met], pl.Int64), pl.Series("at", at, pl.Int64)
    )


def _after(steps: Steps, known: pl.DataFrame, ids: pl.Series, chosen: Chosen, as_of: dt.date) -> pl.DataFrame:
    """Every version and subject that matters after the date: what changed, what is remembered, and its signal."""
    taken = steps.taken()
    if not len(taken.rule):
        return NOTHING
    fresh = taken.at[len(known) :]
    subjects = pl.concat([known["subject_id"], ids.gather(fresh).cast(pl.String)])
    none = [None] * len(fresh)
    signals = [*known["signal_id"].to_list(), *none]
    versions = [*known["version"].to_list(), *none]
    for place in np.flatnonzero(taken.moves == OPENED):
        rule = chosen.versions[taken.rule[place]][0]
        signals[place] = signal_id(rule.rule.id, rule.version.number, subjects[int(place)], as_of)
        versions[place] = rule.version.number
    named: pl.DataFrame = chosen.meta[taken.rule]
    return named.with_columns(
        subjects.alias("subject_id"), pl.Series("signal_id", signals, pl.String), pl.Series("version", versions, pl.Int32),
        pl.Series("rule", taken.rule), pl.Series("at", taken.at), pl.Series("move", taken.moves), pl.Series("hits", taken.memory.hits),
        pl.Series("clears", taken.memory.clears), _dates("opened_on", taken.memory.opened_on), _dates("closed_on", taken.memory.closed_on),
        _dates("opened_before", taken.opened_before),
    )  # fmt: skip


def _signals(after: pl.DataFrame, chosen: Chosen, rows: Rows | FewRows, subject: Subject) -> pl.DataFrame:
    """The transitions, with what they stood on."""
    moved = after.filter(pl.col("move") != STILL).sort("rule", "subject_id")
    if moved.is_empty():
        return pl.DataFrame(schema=SIGNAL)
    frame = rows.of(subject)
    at = np.maximum(moved["at"].to_numpy(), 0)
    gone = moved["at"] < 0
    whole = frame.select(WHOLE[subject])
    told = whole[at] if len(whole) else whole.clear(len(at))
    whose = _whose(subject, told, rows, moved)
    evidence: list[pl.Series] = []
    conditions: list[pl.Series] = []
    for rule, count in moved.group_by("rule", maintain_order=True).len().iter_rows():
        first = sum(map(len, evidence))
        evidence.append(_evidence(frame, chosen.versions[rule][0], at[first : first + count]))
        conditions.append(pl.repeat(text(chosen.versions[rule][0].condition), count, eager=True))
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


WHOLE: Final[Mapping[Subject, tuple[str, ...]]] = {"loan": OF_LOAN, "borrower": OF_BORROWER, "model": (KEYS["model"],)}
"""What is told of a subject beside what rules ask."""
WHOSE: Final = ("borrower_id", "org_id", "officer_id", "currency", "balance")


def _whose(subject: Subject, told: pl.DataFrame, rows: Rows | FewRows, moved: pl.DataFrame) -> Collection[pl.Series]:
    """Whose each subject is and what it owes; a model is nobody's and owes nothing."""
    match subject:
        case "loan":
            return _of_loan(told)
        case "borrower":
            return _of_borrower(told, rows, moved)
        case "model":
            return told.select(pl.lit(None, SIGNAL[name]).alias(name) for name in WHOSE).get_columns()


def _of_loan(told: pl.DataFrame) -> Collection[pl.Series]:
    found = told.select(
        *(pl.col(name).cast(pl.String) for name in WHOSE[:-1]), pl.col("principal_outstanding_base").alias("balance")
    )
    return found.get_columns()


def _of_borrower(told: pl.DataFrame, rows: Rows | FewRows, moved: pl.DataFrame) -> Collection[pl.Series]:
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
