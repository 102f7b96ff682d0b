"""A sample from a file of a lender's own: one row an observation, its outcome known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from daihou.assessment.scores.inputs import Input
from daihou.assessment.scores.sample import BAD, COUNTS, FRAME, GOOD, INDETERMINATE, Sample
from daihou.book.errors import DaihouError

if TYPE_CHECKING:
    from pathlib import Path

    from daihou.assessment.scores.design import Design, FromTable
    from daihou.assessment.scores.inputs import Values

ENDINGS: Final = (".csv", ".parquet")


def inputs(design: Design) -> tuple[Input, ...]:
    """The inputs of a design over a table."""
    return tuple(
        Input(
            one.name, one.kind or "number", one.risk or "any", one.label.en if one.label else one.name, one.label.zh if one.label else one.name,
            "code" if one.kind == "code" else "number", (), one.special,
        )
        for one in design.features
    )  # fmt: skip


def read(path: Path) -> pl.DataFrame:
    """The rows of a CSV or Parquet file, CSV as texts."""
    if path.suffix.lower() not in ENDINGS:
        raise DaihouError(
            f"{path.name} is neither CSV nor Parquet.",
            "Save it as one of them.",
            str(path),
            zh=(f"{path.name} 不是 CSV 或 Parquet 文件。", "请另存为其中一种格式。"),
        )
    try:
        return pl.read_csv(path, infer_schema=False) if path.suffix.lower() == ".csv" else pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        said = str(error).splitlines()[0]
        raise DaihouError(
            f"The file cannot be read: {said}.",
            "See that it is whole, and that a CSV is UTF-8 with a header.",
            str(path),
            zh=(f"文件无法读取：{said}。", "请检查文件是否完整；CSV 须为 UTF-8 编码并带表头。"),
        ) from error


def sample(design: Design, rows: pl.DataFrame, place: str) -> Sample:
    """The sample of a design over a table; DaihouError names the column that is missing or the row that cannot be read."""
    of = _of(design)
    must_have(
        rows,
        [
            of.id,
            of.bad,
            *(one for one in (of.observed_on, of.group, design.segment) if one),
            *(one.name for one in design.features),
        ],
        place,
    )
    if rows[of.id].null_count() or (rows[of.id].n_unique() < len(rows) and of.observed_on is None):
        raise DaihouError(
            f"{of.id} is empty or stands twice.",
            "Every observation has an id of its own (or, with a date, an id and a date).",
            f"{place}, column {of.id}",
            zh=(f"{of.id} 为空或重复。", "每个观察点须有唯一编号（或编号加日期）。"),
        )
    observed = (
        pl.Series("observed_on", [None], pl.Date).new_from_index(0, len(rows))
        if of.observed_on is None
        else _dates(rows, of.observed_on, place)
    )
    frame = pl.DataFrame(
        {
            "id": rows[of.id].cast(pl.String), "group": rows[of.group or of.id].cast(pl.String), "observed_on": observed, "fate": _fates(rows, of.bad, place),
            "segment": rows[design.segment].cast(pl.String) if design.segment else pl.Series([None], dtype=pl.String).new_from_index(0, len(rows)),
        }, FRAME,
    )  # fmt: skip
    ordered = frame.with_row_index("at").sort("observed_on", "id")
    at = ordered["at"].to_numpy().astype(np.int64)
    found = {one.name: _ordered(value(rows, one, place), at) for one in inputs(design)}
    counts = frame.group_by("observed_on", "fate").agg(pl.len().cast(pl.Int64).alias("n"))
    return Sample(
        ordered.drop("at"),
        found,
        counts.select(pl.col(name).cast(kind) for name, kind in COUNTS.items()),
        design.split,
        design.seed,
        "recorded",
        0.0,
    )


def _of(design: Design) -> FromTable:
    if design.table is None:
        raise DaihouError(
            f"The design {design.id} takes its sample from runs, not from a file.",
            "Leave `--data` out.",
            zh=(f"方案 {design.id} 的样本来自跑批结果，而非文件。", "请去掉 `--data`。"),
        )
    return design.table


def value(rows: pl.DataFrame, one: Input, place: str) -> Values:
    """A column as models are told it."""
    told = rows[one.name]
    if one.kind == "code":
        codes = told.cast(pl.String)
        return codes.set(codes == "", None)
    if told.dtype == pl.String:
        texts = told.str.strip_chars()
        empty = texts.is_null() | texts.is_in(["", "?", "NA", "NaN", "nan", "null"])
        numbers = texts.cast(pl.Float64, strict=False)
        _refuse_first(
            told, numbers.is_null() & ~empty, place,
            ("is not a number", "Correct it, or give the column `kind: code`."), ("不是数字", "请更正，或将该列设为 `kind: code`。"),
        )  # fmt: skip
        told = numbers
    return told.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _ordered(values: Values, at: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Values:
    return values.gather(at) if isinstance(values, pl.Series) else values[at]


def must_have(rows: pl.DataFrame, names: list[str], place: str) -> None:
    """Refuse a file without some columns, or without a row."""
    missing = [name for name in dict.fromkeys(names) if name not in rows.columns]
    if missing:
        raise DaihouError(
            f"The file lacks {', '.join(missing[:6])}{' and others' if len(missing) > 6 else ''}.",
            "Give the columns, or take them out of the design.",
            place,
            zh=(
                f"文件缺少列：{'、'.join(missing[:6])}{'等' if len(missing) > 6 else ''}。",
                "请补充该列，或从方案中删除。",
            ),
        )
    if not len(rows):
        raise DaihouError(
            "The file has no row.", "Give observations.", place, zh=("文件没有数据行。", "请提供观察样本。")
        )


def _dates(rows: pl.DataFrame, name: str, place: str) -> pl.Series:
    told = rows[name]
    found = (
        told.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False) if told.dtype == pl.String else told.cast(pl.Date)
    )
    _refuse_first(
        told, found.is_null(), place, ("is not a date", "Write dates like 2025-01-31."), ("不是日期", "日期写法如 2025-01-31。")
    )  # fmt: skip
    return found


def _fates(rows: pl.DataFrame, name: str, place: str) -> pl.Series:
    texts = rows[name].cast(pl.String).fill_null("").str.strip_chars().str.to_lowercase()
    found = texts.replace_strict(
        {"1": BAD, "1.0": BAD, "true": BAD, "0": GOOD, "0.0": GOOD, "false": GOOD, "": INDETERMINATE}, default="?", return_dtype=pl.String
    )  # fmt: skip
    _refuse_first(
        rows[name], found == "?", place,
        ("is no outcome", "Write 1 for bad, 0 for good, nothing where it is neither."), ("不是有效的结果值", "坏客户填 1，好客户填 0，无法判定的留空。"),
    )  # fmt: skip
    return found


def _refuse_first(told: pl.Series, wrong: pl.Series, place: str, what: tuple[str, str], zh: tuple[str, str]) -> None:
    """Refuse the first row whose value is wrong: what it is and the remedy, in both languages."""
    rows = wrong.arg_true()
    if len(rows):
        row = int(rows[0])
        said = (f"“{told[row]}”{zh[0]}。", zh[1])
        raise DaihouError(f"'{told[row]}' {what[0]}.", what[1], f"{place}, row {row + 1}, column {told.name}", zh=said)
