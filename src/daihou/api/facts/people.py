"""Rows of the table people: they go to the vault at once and never into the log, which holds no names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from daihou.book.intake.reasons import message
from daihou.book.intake.single import Judged
from daihou.book.intake.sinks import HIDDEN
from daihou.desk.vault.sink import PeopleSink
from daihou.runs.log.log import QUARANTINE, Parcel, open_log

if TYPE_CHECKING:
    import datetime as dt

    from daihou.book.contracts import Table

_ERASED: Final = "erased"
_TWICE: Final = "duplicate_key"


def kept(found: Judged, table: Table, source: str, now: dt.datetime) -> Judged:
    """What became of judged rows: sealed in the vault where they are good; what is not goes to the quarantine, which holds nothing of what stood in it.

    Sending the same again changes nothing, so no idempotency key is needed. Of two rows of one borrower that differ, the first counts.
    """
    key = table.key[0]
    good = pl.DataFrame(pl.from_arrow(found.facts))
    values = pl.struct([name for name in good.columns if name != "row"])
    told = good.with_columns(values.first().over(key).alias("_said"), values.alias("_says"))
    twice = told.filter(pl.col("_said") != pl.col("_says"))["row"].to_list()
    rows = told.filter(~pl.col("row").is_in(twice)).drop("_said", "_says")
    once = rows.unique(key, keep="first", maintain_order=True)
    refused = PeopleSink(settings.HOME).put(once.drop("row")).refused
    gone = rows.filter(pl.col(key).is_in(list(refused)))["row"].to_list()
    bad = pa.concat_tables([found.rejects, _rejects(found, key, table, source, {_TWICE: twice, _ERASED: gone})])
    rejects = bad.sort_by("row")
    if rejects.num_rows:
        open_log(settings.HOME).append([Parcel(QUARANTINE, rejects, source)], now.timestamp())
    left = pa.array([*twice, *gone], pa.int64())
    return Judged(found.facts.filter(pc.invert(pc.is_in(found.facts["row"], left))), rejects)


def _rejects(found: Judged, key: str, table: Table, source: str, why: dict[str, list[int]]) -> pa.Table:
    schema = found.rejects.schema
    rows = [
        {
            "batch": 0, "delivery": "", "table": table.name, "file": source, "row": row, "line": row, "column": key, "value": HIDDEN, "reason": reason,
            "message_en": message(reason, key)[0], "message_zh": message(reason, key)[1], "raw": None,
        }
        for reason, numbers in why.items()
        for row in numbers
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema)
