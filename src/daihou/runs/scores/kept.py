"""A sample as it is kept for validation: every candidate, with the fate of each observation."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import polars as pl

from daihou.assessment.scores.sample import BAD, FRAME, GOOD, Judged, parted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from daihou.assessment.scores.design import Design
    from daihou.assessment.scores.inputs import Input, Values
    from daihou.assessment.scores.sample import Sample


def content(sample: Sample) -> bytes:
    """The sample as a Parquet file; inputs get names that meet no other."""
    columns = {name: sample.frame[name] for name in FRAME}
    for name, values in sample.columns.items():
        columns[f"x:{name}"] = values if isinstance(values, pl.Series) else pl.Series(values).fill_nan(None)
    buffer = io.BytesIO()
    pl.DataFrame(columns).write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def read(path: Path, inputs: Iterable[Input], design: Design) -> Judged:
    """The good and bad observations, parted as a design parts them: versions of one sample may differ in seed and split."""
    whole = pl.read_parquet(path)
    frame = whole.with_columns(parted(whole, design.split, design.seed)).filter(pl.col("fate").is_in([GOOD, BAD]))
    bad = (frame["fate"] == BAD).to_numpy()
    return Judged(columns(frame, inputs), bad, frame["segment"], frame["observed_on"], frame["part"], frame["group"])


def columns(frame: pl.DataFrame, inputs: Iterable[Input]) -> dict[str, Values]:
    """The inputs of a frame of `content`."""
    found: dict[str, Values] = {}
    for one in inputs:
        told = frame[f"x:{one.name}"]
        found[one.name] = told if one.kind == "code" else told.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return found
