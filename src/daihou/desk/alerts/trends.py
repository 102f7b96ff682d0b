"""How the measure that an alert is about went over the last dates: what the small charts of lists draw.

The lake holds it by date, in files of all loans; so it is put on a shelf of its own, made when a date was taken in by whoever asks first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa
from django.conf import settings
from django.http import QueryDict

from daihou.book.lake import stamp as stamp_of
from daihou.desk.alerts.leading import Leading, leading
from daihou.desk.alerts.models import Alert, Cursor
from daihou.desk.portfolio import moments, reading, shelf
from daihou.desk.portfolio.reading import Source
from daihou.monitoring.snapshot import SCHEMA

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from daihou.desk.alerts.models import AlertSignal
    from daihou.desk.portfolio.moments import Moment

FORMAT: Final = 1
"""Goes up when the table is made otherwise."""
DATES: Final = 12
KEYS: Final = {"snapshots": "loan_id", "borrower_snapshots": "borrower_id", "model_snapshots": "model"}
ONLY: Final = (
    "borrower_id",
    "lead",
    "lead__rule_id",
    "lead__version",
    "lead__subject",
    "lead__subject_id",
    "lead__condition",
)
"""What is read of the alerts."""
Asked = tuple[str, str, str]
"""A table of runs, the key of a row in it, and the measure that is asked."""


@dataclass(frozen=True, slots=True)
class Trend:
    """A measure of the subject of an alert's leading signal over the last watched dates, oldest first."""

    leading: Leading
    dates: tuple[dt.date, ...]
    values: tuple[float | None, ...]
    """To be drawn: amounts in units of the currency, shares as fractions; None where the run had no data."""
    said: str
    """The newest in words: 31 days."""
    said_threshold: str
    """What it is compared with: 30 days; empty where that is another measure."""

    @property
    def measure(self) -> str:
        """The name of the measure."""
        return self.leading.field.name

    @property
    def label(self) -> str:
        """What it is called."""
        return self.leading.label

    @property
    def unit(self) -> str:
        """Of the measure."""
        return self.leading.field.unit

    @property
    def threshold(self) -> float | None:
        """To be drawn, as the values."""
        return None if self.leading.threshold is None else float(self.leading.threshold)

    @property
    def direction(self) -> str:
        """up: the bad lies above the threshold; down: below; empty where neither."""
        return self.leading.direction


def of(alerts: Iterable[Alert]) -> dict[int, Trend]:
    """The trends of some alerts by key, each with its `lead` read; without those that have no signal, or whose rule compares no number."""
    asked: dict[int, tuple[AlertSignal, Leading, Asked]] = {}
    known: dict[tuple[str, ...], Leading | None] = {}
    for alert in alerts:
        if alert.lead is not None and (found := _of_signal(alert.lead, known)):
            asked[alert.pk] = (alert.lead, found, _asked(alert.lead, alert.borrower_id, found))
    file = _file() if asked else None
    if file is None:
        return {}
    dates = tuple(row["day"] for row in reading.rows(f"SELECT day FROM {reading.attached(file, 'dates')} ORDER BY day"))
    values = _values(file, [one for _, _, one in asked.values()])
    return {
        pk: _trend(found, dates, values[one], signal.currency)
        for pk, (signal, found, one) in asked.items()
        if one in values
    }


def prepare() -> None:
    """Put the trends of the date that was taken in last on the shelf, if they are not there."""
    cursor = Cursor.objects.first()
    if cursor is not None and cursor.as_of is not None and not cursor.after:
        _made(cursor)


def _trend(found: Leading, dates: tuple[dt.date, ...], stored: Sequence[float | None], currency: str) -> Trend:
    unit = found.unit(currency)
    drawn = tuple(None if value is None else value / unit for value in stored)
    return Trend(found, dates, drawn, found.said(stored[-1], currency), found.said_threshold(currency))


def _of_signal(signal: AlertSignal, known: dict[tuple[str, ...], Leading | None]) -> Leading | None:
    """The measure of a signal; of those alike it is looked for once."""
    told = (signal.rule_id, str(signal.version), signal.subject, signal.condition)
    if told not in known:
        known[told] = leading(signal.rule_id, signal.version, signal.subject, signal.condition)  # type: ignore[arg-type]
    return known[told]


def _asked(signal: AlertSignal, borrower_id: str, found: Leading) -> Asked:
    """Where the measure stands: a loan's own beside the loan, a model's beside the model, all else beside the borrower."""
    name = found.field.name
    if signal.subject == "model":
        return ("model_snapshots", signal.subject_id, name)
    own = signal.subject == "loan" and name in SCHEMA.names
    return ("snapshots", signal.subject_id, name) if own else ("borrower_snapshots", borrower_id, name)


def _values(file: Path, asked: Sequence[Asked]) -> dict[Asked, list[float | None]]:
    rows = reading.rows(
        f"""
        SELECT held.source, held.key, held.measure, held.stored FROM {reading.attached(file, "trends")} AS held
        SEMI JOIN (SELECT unnest(?::VARCHAR[]) AS source, unnest(?::VARCHAR[]) AS key, unnest(?::VARCHAR[]) AS measure) USING (source, key, measure)
        """,
        [[one[place] for one in asked] for place in range(3)],
    )
    return {(row["source"], row["key"], row["measure"]): row["stored"] for row in rows}


def _file() -> Path | None:
    """The file of the date that was taken in last; while one is being taken in or its file made, the one before. None where there is none."""
    cursor = Cursor.objects.first()
    if cursor is None or cursor.as_of is None:
        return None
    folder = settings.HOME.path / "shelf" / "alerts"
    if (folder / _name(cursor)).exists() and not cursor.after:
        return _made(cursor)
    older = max(folder.glob("*.duckdb"), key=lambda path: path.stat().st_mtime, default=None)
    return older if older is not None or cursor.after else _made(cursor)


def _name(cursor: Cursor) -> str:
    told = f"{FORMAT} {settings.HOME.path} {cursor.as_of} {cursor.at.isoformat()}"
    return hashlib.sha256(told.encode()).hexdigest()[:24] + ".duckdb"


def _made(cursor: Cursor) -> Path | None:
    """The file of a date that was taken in; made where it is not there."""
    if not stamp_of(settings.HOME.lake / "runs"):
        return None
    moment = moments.moment(QueryDict())
    own = [as_of for as_of, known_on in moment.pairs if as_of == known_on and cursor.as_of and as_of <= cursor.as_of]
    watched = [day for day in own if moments.files("rule_memory", (day, day), moment.stamp)][-DATES:]
    if not watched:
        return None
    folder = settings.HOME.path / "shelf" / "alerts"
    return shelf.made(folder / _name(cursor), lambda draft: _make(draft, moment, watched))


def _make(draft: Path, moment: Moment, days: Sequence[dt.date]) -> None:
    rows = Alert.objects.filter(closed_at=None, lead__isnull=False).select_related("lead")
    asked: dict[Asked, None] = {}
    known: dict[tuple[str, ...], Leading | None] = {}
    for alert in rows.only(*ONLY).iterator(chunk_size=10_000):
        if alert.lead is not None and (found := _of_signal(alert.lead, known)):
            asked[_asked(alert.lead, alert.borrower_id, found)] = None
    columns = list(zip(*asked, strict=True)) or [(), (), ()]
    wanted = pa.table({name: pa.array(column, pa.string()) for name, column in zip(("source", "key", "measure"), columns, strict=True)})  # fmt: skip
    with duckdb.connect(str(draft)) as database:
        database.register("wanted", wanted)
        database.execute("CREATE TABLE dates (day DATE)")
        database.executemany("INSERT INTO dates VALUES (?)", [[day] for day in days])
        database.execute(
            "CREATE TEMP TABLE told (source VARCHAR, key VARCHAR, measure VARCHAR, place INTEGER, value DOUBLE)"
        )
        for source, key in KEYS.items():
            names = sorted({one[2] for one in asked if one[0] == source})
            for place, day in enumerate(days):
                _tell(database, Source(source, (day, day), moment.stamp), key, names, place)
        places = ", ".join(f"max(value) FILTER (WHERE place = {place})" for place in range(len(days)))
        database.execute(
            f"""
            CREATE TABLE trends AS
            SELECT source, key, measure, [{places}] AS stored FROM wanted LEFT JOIN told USING (source, key, measure)
            GROUP BY ALL ORDER BY source, key, measure
            """
        )


def _tell(database: duckdb.DuckDBPyConnection, source: Source, key: str, names: Sequence[str], place: int) -> None:
    """Add what a run said of the measures that are asked of its rows; what it did not measure yet is left out."""
    held = [name for name in names if name in source.columns]
    if not held:
        return
    cases = " ".join(f"WHEN '{name}' THEN {source.name}.\"{name}\"::DOUBLE" for name in held)
    database.execute(
        f"""
        INSERT INTO told SELECT wanted.source, wanted.key, wanted.measure, {place}, CASE wanted.measure {cases} END
        FROM wanted JOIN {source.written} AS {source.name} ON {source.name}."{key}" = wanted.key WHERE wanted.source = '{source.name}'
        """
    )
