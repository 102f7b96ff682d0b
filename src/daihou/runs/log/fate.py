"""What became of rows that were accepted: they wait in the log, are in the lake, or were refused when they came there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from daihou.book import lake
from daihou.book.intake.reasons import message
from daihou.runs.log.flushing import marks_at
from daihou.runs.log.log import QUARANTINE

if TYPE_CHECKING:
    from daihou.book.home import Home
    from daihou.runs.log.log import Log

WAITING: Final = "waiting"
IN_LAKE: Final = "in_lake"
REFUSED: Final = "refused"
LONGEST_PARCEL: Final = 100_000
"""No way in puts more rows into one parcel, so that those which hold a place begin close before it."""


@dataclass(frozen=True, slots=True)
class Span:
    """Places that follow one another, of one parcel and in one state; of those in the lake some may have been refused there."""

    first: int
    last: int
    table: str
    accepted_at: float
    state: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that the lake refused, and why."""

    place: int
    table: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of places."""

    spans: tuple[Span, ...]
    refused: tuple[Refusal, ...]

    def as_json(self) -> dict[str, Any]:
        """The same as values of JSON; a span all of which was refused says so."""
        gone = {one.place for one in self.refused}
        return {
            "spans": [
                {
                    "first": one.first, "last": one.last, "table": one.table,
                    "accepted_at": dt.datetime.fromtimestamp(one.accepted_at, dt.UTC).isoformat(timespec="milliseconds"),
                    "state": REFUSED if gone.issuperset(range(one.first, one.last + 1)) else one.state,
                }
                for one in self.spans
            ],
            "refused": [_refusal(one) for one in self.refused],
        }  # fmt: skip


def fates(home: Home, log: Log, source: str, first: int, last: int) -> Fates:
    """What became of the rows that a sender put at some places; those of others, and those that the log keeps no more, are left out."""
    parcels = log.store.rows(
        'SELECT first, last, "table", accepted_at FROM parcels '
        'WHERE first BETWEEN ? AND ? AND last >= ? AND source = ? AND "table" <> ? ORDER BY first',
        (first - LONGEST_PARCEL, last, first, source, QUARANTINE),
    )
    tables = sorted({table for _first, _last, table, _at in parcels})
    through = marks_at(home, tables, lake.versions(home, tables))
    spans: list[Span] = []
    for of_parcel, to_parcel, table, at in parcels:
        start, end, mark = max(of_parcel, first), min(to_parcel, last), through[table]
        if start <= mark:
            spans.append(Span(start, min(end, mark), table, at, IN_LAKE))
        if end > mark:
            spans.append(Span(max(start, mark + 1), end, table, at, WAITING))
    found = log.store.rows(
        'SELECT place, "table", "column", reason FROM refused WHERE place BETWEEN ? AND ? ORDER BY place', (first, last)
    )
    refused = [Refusal(*row) for row in found if any(span.first <= row[0] <= span.last for span in spans)]
    return Fates(tuple(spans), tuple(refused))


def _refusal(one: Refusal) -> dict[str, Any]:
    en, zh = message(one.reason, one.column)
    return {"place": one.place, "column": one.column, "reason": one.reason, "message_en": en, "message_zh": zh}
