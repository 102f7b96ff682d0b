"""The cubes that each run writes beside its snapshot, counted in one reading of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.runs import cohort_cube, cube

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

SCHEMAS: Final = {"cube": cube.SCHEMA, "cohort_cube": cohort_cube.SCHEMA}


def cubes(snapshots: Sequence[Path], as_of: dt.date, known_on: dt.date) -> dict[str, pa.Table]:
    """By table: the cubes of one snapshot, from its files."""
    rows = pl.scan_parquet(list(snapshots))
    asked = {"cube": cube.cube(rows), "cohort_cube": cohort_cube.cohort_cube(rows, as_of)}
    dated = [
        found.with_columns(as_of=pl.lit(as_of), known_on=pl.lit(known_on)).select(SCHEMAS[name].names)
        for name, found in asked.items()
    ]
    found = pl.collect_all(dated, engine="streaming")
    return {name: table.to_arrow().cast(SCHEMAS[name]) for name, table in zip(asked, found, strict=True)}
