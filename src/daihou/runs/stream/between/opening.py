"""The watches within a day of a home, with what had come and what had been said before."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Final

import polars as pl

from daihou.book import lake
from daihou.policies.between import between
from daihou.runs.log.flushing import marks_at
from daihou.runs.log.laid import behind, by_table
from daihou.runs.policies import text_of
from daihou.runs.stream.between.facts import TIMED
from daihou.runs.stream.between.watching import Between
from daihou.runs.stream.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from daihou.book.home import Home
    from daihou.policies.between import Between as Policy
    from daihou.policies.dated import Dated
    from daihou.runs.log.log import Held, Log
    from daihou.runs.stream.between.facts import Facts

NAME: Final = "between"
FOLDER: Final = "policies/common"
PREFIX: Final = "B-"
"""With which the ids of watches begin; those of rules do not."""
SPARE: Final = dt.timedelta(days=2)
"""A signal is named by a day, and business dates begin at another hour."""
HAPPENED: Final[Mapping[str, str]] = {
    "events": "happened_at", "transactions": "booked_at", "payments": "paid_on", "loans": "disbursed_on", "draws": "drawn_on",
}  # fmt: skip
"""By table when a row happened."""


def policy_of(home: Home) -> Dated[Policy]:
    """All versions of the policy; DaihouError names the file and the key that is wrong."""
    return between(*text_of(home, FOLDER, NAME))


def open_between(home: Home, log: Log, facts: Facts, now: dt.datetime, as_of: dt.date, through: int) -> Between:
    """The watches as they stood when the rows of the log up to a place had been judged; `again` tells what time has changed since.

    Read are the facts that lie within the windows: from the lake, and from the log what the lake has not got.
    """
    watches = Between(policy_of(home).on(as_of).values, home.settings.timezone, home.settings.calendar, facts)
    since = now - dt.timedelta(microseconds=watches.reach)
    versions = lake.versions(home, TIMED)
    marks = marks_at(home, TIMED, versions)
    watches.remember({table: _of_lake(home, table, versions, since) for table in TIMED}, now)
    for tables in _of_log(log, marks, through):
        watches.remember(tables, now)
    known = said_since(log, as_of - dt.timedelta(microseconds=watches.reach) - SPARE)
    mine = set(facts.whose({one.row["subject_id"] for one in known})["subject_id"].to_list()) if known else set()
    watches.restore([one for one in known if one.row["subject_id"] in mine])
    return watches


def said_since(log: Log, day: dt.date) -> list[Told]:
    """What watches within a day said of business dates from one on, in order."""
    rows = log.store.rows(
        "SELECT seq, as_of, signal_id, transition, place, accepted_at, at, body FROM signals "
        "WHERE as_of >= ? AND json_extract(body, '$.rule_id') LIKE ? ORDER BY seq",
        (day.isoformat(), f"{PREFIX}%"),
    )
    return [
        Told(seq, dt.date.fromisoformat(of), signal, transition, place, accepted, at, json.loads(body))
        for seq, of, signal, transition, place, accepted, at, body in rows
    ]


def framed(
    held: list[Held], after: Mapping[str, int], refused: frozenset[int] = frozenset()
) -> dict[str, pl.DataFrame]:
    """Rows of parcels by table with their `place`, of each table those behind a place; without what the lake refused."""
    return {
        table: pl.DataFrame(pl.from_arrow(behind(rows, after[table], refused)))
        for table, rows in by_table((one for one in held if one.last > after.get(one.table, one.last)), after).items()
    }


def _of_lake(home: Home, table: str, versions: Mapping[str, int], since: dt.datetime) -> pl.DataFrame:
    """Rows that happened, or became known, since a moment. They came before all that the log has: `place` is 0."""
    files = lake.files_as_of(home, table, versions)
    rows = pl.scan_parquet(files) if files else pl.LazyFrame(lake.schema(table).empty_table())
    column = pl.col(HAPPENED[table])
    day = since.date() - dt.timedelta(days=1)
    happened = column >= since.astimezone(dt.UTC) if table in ("events", "transactions") else column >= day
    if table == "payments":
        happened |= pl.col("reverses").is_not_null() & (pl.col("known_on") >= day)
    return rows.filter(happened).collect().with_columns(place=pl.lit(0, pl.Int64))


def _of_log(log: Log, marks: Mapping[str, int], through: int) -> Iterator[dict[str, pl.DataFrame]]:
    refused = frozenset(int(place) for (place,) in log.store.rows("SELECT place FROM refused"))
    for held in log.between(min(marks.values(), default=through), through):
        yield framed(held, marks, refused)
