"""A version applied by hand: to a run by its own knowledge, or to a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from daihou.assessment.scores.reasons import reasons
from daihou.book.errors import DaihouError
from daihou.runs.scores import table
from daihou.runs.scores.house import policy
from daihou.runs.scores.own_runs import OwnRuns
from daihou.runs.scores.register import model, register
from daihou.runs.scores.score import said_of

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from daihou.assessment.scores.inputs import Columns
    from daihou.assessment.scores.model import Model
    from daihou.book.home import Home

REASONED_AT_ONCE = 100_000
"""Subjects whose reasons are found at once: contributions of trees take memory."""


def of_run(home: Home, model_id: str, number: int | None, day: dt.date | None, chinese: bool | None) -> pl.DataFrame:  # noqa: FBT001
    """A row a subject that a version is for on a date (the last run without one); with `chinese` told, the reasons in that language."""
    runs = OwnRuns(home)
    version = register(home).version(model_id, number)
    date = day or max(runs.dates, default=None)
    if date is None or date not in runs.dates:
        raise DaihouError(
            f"{date or 'No date'} was not run by its own knowledge: there is nothing to score.",
            f"Run it: `daihou run --as-of {date}`." if date else "Run a date: `daihou run`.",
            zh=(
                f"{date or '任何日期'} 尚未按当日所知跑批，无可评分的数据。",
                f"请运行 `daihou run --as-of {date}`。" if date else "请先运行 `daihou run`。",
            ),
        )
    said = said_of(runs, version, "shadow", date)
    if said is None:
        raise _of_table(version.called)
    found = said.table().select("subject", "subject_id", "borrower_id", "segment", "score", "pd", "why", "model")
    if chinese is None:
        return found
    return found.with_columns(_reasons(said.model, said.columns, policy(home).on(date).values.reasons, chinese=chinese))


def of_file(home: Home, model_id: str, number: int | None, path: Path, chinese: bool | None) -> pl.DataFrame:  # noqa: FBT001
    """A row a row of a file, of a model whose design is over a table."""
    version = register(home).version(model_id, number)
    one = model(home, version)
    if one.design.table is None:
        raise DaihouError(
            f"{version.called} scores runs, not files.", "Leave `--data` out.", zh=(f"{version.called} 对跑批结果评分，不支持文件。", "请去掉 `--data`。")
        )  # fmt: skip
    rows = table.read(path)
    asked = (
        [line.name for line in one.inputs]
        + ([one.design.segment] if one.design.segment else [])
        + [one.design.table.id]
    )
    table.must_have(rows, asked, str(path))
    columns = {line.name: table.value(rows, line, str(path)) for line in one.inputs}
    said = one.scored(columns, rows[one.design.segment].cast(pl.String) if one.design.segment else None)
    there = pl.Series(said.there)
    found = pl.DataFrame({"subject_id": rows[one.design.table.id].cast(pl.String), "score": said.score, "pd": said.pd, "why": said.why}).with_columns(
        pl.when(there).then("score").alias("score"), pl.when(there).then("pd").alias("pd"), pl.lit(version.called).alias("model")
    )  # fmt: skip
    if chinese is None:
        return found
    most = policy(home).on(version.trained.recorded_on).values.reasons
    return found.with_columns(_reasons(one, columns, most, chinese=chinese))


def _reasons(one: Model, columns: Columns, most: int, *, chinese: bool) -> pl.Series:
    count = len(columns[one.inputs[0].name])
    texts: list[str] = []
    for first in range(0, count, REASONED_AT_ONCE):
        part = {name: values[first : first + REASONED_AT_ONCE] for name, values in columns.items()}
        texts += [
            ("；" if chinese else "; ").join(
                f"{reason.said(chinese=chinese)} ({-reason.points:+g})" for reason in found
            )
            for found in reasons(one, part, most)
        ]
    return pl.Series("reasons", texts, pl.String)


def _of_table(called: str) -> DaihouError:
    return DaihouError(
        f"{called} scores rows of a file.", "Give it: `--data FILE`.", zh=(f"{called} 对数据文件评分。", "请指定文件：`--data 文件`。")
    )  # fmt: skip
