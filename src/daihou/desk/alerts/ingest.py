"""Signals that runs wrote, taken in as alerts: date by date after the cursor, in order, some hundreds in each transaction with the cursor itself.

It may be killed at any time and goes on where it was; of two at once one finds the cursor moved, and stops. What the stream told of a date before is put
right in the transaction that ends it (`settling`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from daihou.book.lake import stamp as stamp_of
from daihou.desk.alerts import following, settling, whose
from daihou.desk.alerts.choices import Source
from daihou.desk.alerts.merging import Known, about, merge
from daihou.desk.alerts.models import Alert, AlertSignal, Cursor
from daihou.desk.alerts.owners import Chooser
from daihou.desk.alerts.rules import all_rules
from daihou.desk.audit.log import record
from daihou.desk.audit.models import Entry
from daihou.desk.following import OvertakenError
from daihou.desk.portfolio import moments, reading
from daihou.desk.signals.watch import Watch, parquet, said_on
from daihou.runs import store

if TYPE_CHECKING:
    import datetime as dt
    import threading
    from collections.abc import Iterator

    from daihou.desk.alerts.merging import Said
    from daihou.desk.portfolio.moments import Moment

MOST: Final = 1_000
"""Signals of one transaction; the signals of a borrower or of a model are never parted, so of one with more all."""
ONLY: Final = 1
"""The key of the cursor's row."""
COLUMNS: Final = "signal_id, rule_id, version, subject, subject_id, borrower_id, org_id, officer_id, currency, balance, level, opened_on, condition, evidence"


@dataclass(frozen=True, slots=True)
class Taken:
    """What one look at the runs came to."""

    dates: tuple[dt.date, ...] = ()
    """The dates that were taken in whole."""
    left_out: tuple[dt.date, ...] = ()
    """Dates that were run when a later one had been taken in, or was to be: its rules' memory was folded without them."""


def take(now: dt.datetime, stop: threading.Event | None = None) -> Taken:
    """Take in every date that waits, until told to stop; OvertakenError where another ingester is at it."""
    moment = _newest()
    if moment is None:
        return Taken()
    cursor = Cursor.objects.get_or_create(pk=ONLY, defaults={"at": now})[0]
    days = _waiting(cursor, moment)
    taken = []
    for day in days:
        cursor = _date(cursor, day, moment, now, stop, last=day == days[-1])
        if cursor.as_of != day or cursor.after:
            break
        taken.append(day)
    return Taken(tuple(taken), _left_out(moment, cursor))


def _newest() -> Moment | None:
    """The newest run; None before the first."""
    return moments.moment(QueryDict()) if stamp_of(settings.HOME.lake / "runs") else None


def _waiting(cursor: Cursor, moment: Moment) -> list[dt.date]:
    """The date in hand and those after the cursor, in order; of a desk that begins, the newest alone.

    What a run remembers follows one date before it, and so back: dates beside that line are not told of by it, and what they opened would never end.
    """
    begins = cursor.as_of is None or cursor.takes_over
    day = cursor.as_of if cursor.takes_over else _spoken(moment)
    found: list[dt.date] = []
    while day is not None and (begins or cursor.as_of is None or day > cursor.as_of):
        found.append(day)
        spoke = None if begins else store.record(settings.HOME, day, day)
        day = spoke["follows"] if spoke else None
    in_hand = [cursor.as_of] if cursor.as_of is not None and cursor.after and not begins else []
    return [*in_hand, *reversed(found)]


def _spoken(moment: Moment) -> dt.date | None:
    """The newest date that a run spoke for; a look ahead speaks for none."""
    for as_of, known_on in reversed(moment.pairs):
        if as_of == known_on and (store.record(settings.HOME, as_of, as_of) or {}).get("said"):
            return as_of
    return None


def _left_out(moment: Moment, cursor: Cursor) -> tuple[dt.date, ...]:
    """The dates up to the cursor, since the desk began, that a run watched and that were not taken in."""
    done = set(Entry.objects.filter(action="alert.ingest").values_list("subject_id", flat=True))
    if not done or cursor.as_of is None:
        return ()
    own = [as_of for as_of, known_on in moment.pairs if as_of == known_on]
    return tuple(day for day in own if min(done) < day.isoformat() <= str(cursor.as_of) and day.isoformat() not in done)


def _date(
    cursor: Cursor, day: dt.date, moment: Moment, now: dt.datetime, stop: threading.Event | None, *, last: bool
) -> Cursor:  # fmt: skip
    """The cursor after a date, or after as much of it as there was time for. The last date brings all open alerts up to date."""
    takes_over = cursor.as_of is None or cursor.takes_over
    rows = _rows(day, moment, takes_over=takes_over)
    ids = [row["signal_id"] for row in rows]
    if cursor.as_of == day and cursor.after in ids:
        rows = rows[ids.index(cursor.after) + 1 :]
    chooser = Chooser.on(timezone.localtime(now).date())
    borrowers = whose.of({row["borrower_id"] for row in rows if row["borrower_id"]}, moment)
    known = Known(day, now, all_rules(), borrowers, chooser, tells=not takes_over)
    for chunk in chunks(rows):
        if stop is not None and stop.is_set():
            return cursor
        with transaction.atomic():
            cursor = _advanced(cursor, now, as_of=day, after=chunk[-1]["signal_id"], takes_over=takes_over)
            merge(chunk, known)
    moved = following.follow(moment, now, chooser) if last else 0
    with transaction.atomic():
        cursor = _advanced(cursor, now, as_of=day, after="", takes_over=False)
        for chunk in chunks(settling.differing(day, moment)):
            merge(chunk, known)
        settling.settled(day)
        record(None, "alert.ingest", "date", day.isoformat(), _counts(day, moved, takes_over=takes_over))
    return cursor


def _rows(day: dt.date, moment: Moment, *, takes_over: bool) -> list[Said]:
    """The signals of a date in the order in which they are taken in: by borrower or model, then by id. Those in shadow are not among them.

    What ended has lost its borrower with its subject: that of its alert counts. What ended and never came in is nobody's.
    """
    if takes_over:
        source, transition = Watch(day, moment.stamp).open, "'opened'"
    else:
        files = said_on([day], moment.stamp)
        if not files:
            return []
        source, transition = parquet(files), "transition"
    rows = reading.rows(f"SELECT {COLUMNS}, {transition} AS transition FROM {source} WHERE NOT shadow")
    ended = [row["signal_id"] for row in rows if row["transition"] != "opened"]
    whose_it_was: dict[str, str] = {}
    for first in range(0, len(ended), MOST):
        held = AlertSignal.objects.filter(signal_id__in=ended[first : first + MOST])
        whose_it_was |= dict(held.values_list("signal_id", "alert__borrower_id"))
    told = [
        row if row["transition"] == "opened" else {**row, "borrower_id": whose_it_was.get(row["signal_id"])} for row in rows
    ]  # fmt: skip
    return sorted((row for row in told if any(about(row))), key=lambda row: (*about(row), row["signal_id"]))


def chunks(rows: list[Said]) -> Iterator[list[Said]]:
    """Rows in parts of `MOST` at most, no borrower and no model in two of them."""
    part: list[Said] = []
    of_one: list[Said] = []
    for row in rows:
        if of_one and about(of_one[0]) != about(row):
            if part and len(part) + len(of_one) > MOST:
                yield part
                part = []
            part += of_one
            of_one = []
        of_one.append(row)
    if part and len(part) + len(of_one) > MOST:
        yield part
        part = []
    if part or of_one:
        yield part + of_one


def _advanced(cursor: Cursor, now: dt.datetime, **to: Any) -> Cursor:
    """The cursor moved on, if nobody else moved it."""
    where = {"as_of": cursor.as_of, "after": cursor.after, "takes_over": cursor.takes_over}
    if not Cursor.objects.filter(pk=ONLY, **where).update(at=now, **to):
        raise OvertakenError
    return Cursor(pk=ONLY, at=now, **to)


def _counts(day: dt.date, moved: int, *, takes_over: bool) -> dict[str, Any]:
    """What a date came to, counted from what stands, so that it is right also where it was taken in at several goes."""
    opened = AlertSignal.objects.all() if takes_over else AlertSignal.objects.filter(opened_on=day)
    raised = Alert.objects.filter(raised_on=day, source=Source.SIGNAL).count()
    signals = opened.count()
    return {
        "signals": signals, "raised": raised, "merged": signals - raised, "ended": AlertSignal.objects.filter(ended_on=day).count(),
        "moved": moved, "taken_over": takes_over,
    }  # fmt: skip
