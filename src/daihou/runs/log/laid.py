"""The rows of parcels laid out by table, each with its place: what readers of the log work on."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from daihou.book import lake
from daihou.runs.log.log import QUARANTINE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from daihou.runs.log.log import Held


def by_table(held: Iterable[Held], tables: Collection[str] | None = None) -> dict[str, pa.Table]:
    """The rows of some parcels, or of those of some tables alone: the lake's schema of today and `place`; without what was refused at the door."""
    found: dict[str, list[pa.Table]] = defaultdict(list)
    for one in held:
        if one.table != QUARANTINE and (tables is None or one.table in tables):
            places = pa.array(range(one.first, one.last + 1), pa.int64())
            found[one.table].append(lake.in_schema(one.rows(), lake.schema(one.table)).append_column("place", places))
    return {
        table: pa.concat_tables(parts).combine_chunks() if len(parts) > 1 else parts[0]
        for table, parts in found.items()
    }


def behind(rows: pa.Table, mark: int, refused: frozenset[int] = frozenset()) -> pa.Table:
    """Of rows in order of `place` those behind a place, without some that the lake refused."""
    if rows.num_rows and rows.column("place")[0].as_py() <= mark:
        rows = rows.filter(pc.greater(rows.column("place"), mark))
    if refused:
        rows = rows.filter(pc.invert(pc.is_in(rows.column("place"), value_set=pa.array(refused, pa.int64()))))
    return rows
