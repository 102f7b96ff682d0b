"""Cases after a run: those of borrowers with nothing overdue are closed, the others brought up to date and along the ladder, and new ones opened.

It reads the newest date that a run spoke for, by its own knowledge, and writes some cases a transaction, each compared again in its transaction. So it may be
killed at any time and goes on where it was, acts of people in the meantime stand, and done again it writes nothing. An earlier date run later is not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from daihou.desk.alerts import whose
from daihou.desk.audit.log import record
from daihou.desk.casework import comparing, endings, opening, updating
from daihou.desk.casework.choices import Closing
from daihou.desk.casework.comparing import PLACE, Standings
from daihou.desk.casework.models import OPEN, Case, Cursor
from daihou.desk.casework.owners import Chooser
from daihou.desk.casework.policy import policy
from daihou.desk.casework.standing import standing
from daihou.desk.casework.updating import Date, Told
from daihou.desk.following import OvertakenError, each, newest
from daihou.desk.following import stamp as stamp_of

if TYPE_CHECKING:
    import datetime as dt
    import threading
    from collections.abc import Sequence

    from daihou.desk.portfolio.moments import Moment

PURPOSE: Final = "cases"


@dataclass(frozen=True, slots=True)
class Followed:
    """What one date came to, counted in cases."""

    as_of: dt.date
    opened: int
    staged: int
    """Moved along the ladder."""
    updated: int
    """With other figures, those moved among them."""
    closed: int


def follow(now: dt.datetime, stop: threading.Event | None = None, by: dt.date | None = None) -> Followed | None:
    """Bring cases up to the newest run; None where they are so already. OvertakenError where another keeper is at it, StoppedError when told to stop.

    `by` is the last date that counts, to live through days gone by: later ones are not there yet.
    """
    moment = newest(by)
    if moment is None:
        return None
    cursor = Cursor.objects.get_or_create(purpose=PURPOSE, defaults={"at": now})[0]
    stamp = stamp_of(moment)
    if cursor.stamp == stamp or (cursor.as_of is not None and moment.as_of < cursor.as_of):
        return None
    found = standing(settings.HOME, moment.pair, policy(moment.as_of))
    told = Told(_placed(found.borrowers, moment), found.loans)
    held = Standings.read()
    over = comparing.ended(held, told.borrowers, moment.pair)
    try:
        closed = _closed(held, over, moment, now, stop)
        date = Date(moment.as_of, now, Chooser.on(timezone.localtime(now).date()))  # what has closed leaves hands free
        updated, staged = _updated(held, over, told, date, stop)
        opened = _opened(held, over, told, date, stop)
    except IntegrityError as error:  # one open case a borrower, a loan once a case: another keeper wrote it
        raise OvertakenError from error
    followed = Followed(moment.as_of, opened, staged, updated, closed)
    with transaction.atomic():
        seen = Cursor.objects.filter(pk=PURPOSE, stamp=cursor.stamp)
        if not seen.update(stamp=stamp, as_of=moment.as_of, at=now):
            raise OvertakenError
        record(None, "case.follow", "date", moment.as_of.isoformat(), _counts(followed))
    return followed


def _placed(borrowers: pl.DataFrame, moment: Moment) -> pl.DataFrame:
    """Borrowers with their org, leading org and officer."""
    ids = borrowers["borrower_id"].to_list()
    held, nobody = whose.of(ids, moment), whose.Whose()
    rows = [(each.org_id, each.lead_org_id, each.officer_id) for each in (held.get(one, nobody) for one in ids)]
    places = pl.DataFrame(rows, schema=dict.fromkeys(PLACE, pl.String), orient="row")
    return pl.concat([borrowers, places], how="horizontal")


def _closed(held: Standings, over: pl.Series, moment: Moment, now: dt.datetime, stop: threading.Event | None) -> int:
    """Close what ended, and say why."""
    ended = held.cases.filter(pl.col("pk").is_in(over.implode())).select("opened_on", case_id="pk")
    of_them = held.loans.join(ended, on="case_id").select(*endings.LOANS)
    nothing = dict.fromkeys(over.to_list(), Closing.REDUCED.value)  # of what has no loan nothing is claimed
    why = nothing | endings.closings(settings.HOME, moment.pair, of_them)
    return each(over.to_list(), stop, lambda keys: updating.close(keys, why, moment.as_of, now))


def _updated(
    held: Standings, over: pl.Series, told: Told, date: Date, stop: threading.Event | None
) -> tuple[int, int]:  # fmt: skip
    """Bring the others up to date; how many had other figures, and how many stand at another stage."""
    found = comparing.differing(held, told.borrowers, told.loans).filter(~pl.col("pk").is_in(over.implode()))
    free = [org_id for org_id in found["org_id"].unique() if date.chooser.free(org_id)]
    touched = pl.col("differs") | (pl.col("waits") & pl.col("org_id").is_in(free))
    staged = 0

    def brought(keys: Sequence[int]) -> int:
        nonlocal staged
        counts = updating.bring(keys, told, date)
        staged += counts.staged
        return counts.updated

    updated = each(found.filter(touched)["pk"].to_list(), stop, brought)
    same = found.filter(~touched & (pl.col("as_of") != date.as_of))["pk"].to_list()
    each(same, stop, lambda keys: Case.objects.filter(OPEN, pk__in=keys).update(as_of=date.as_of))
    return updated, staged


def _opened(held: Standings, over: pl.Series, told: Told, date: Date, stop: threading.Event | None) -> int:
    """Open cases of borrowers who have none, also of those whose last one has just been closed."""
    staying = held.cases.filter(~pl.col("pk").is_in(over.implode())).select("borrower_id")
    new = told.borrowers.join(staying, on="borrower_id", how="anti")["borrower_id"]
    return each(new.to_list(), stop, lambda some: opening.open_cases(some, told, date))


def _counts(followed: Followed) -> dict[str, Any]:
    """What a date came to; what was opened, moved and closed is counted from what stands, so that it is right also where it took several goes."""
    day = followed.as_of
    return {
        "opened": Case.objects.filter(opened_on=day).count(),
        "staged": Case.objects.filter(staged_on=day, opened_on__lt=day).count(),
        "closed": Case.objects.filter(closed_on=day).count(),
        "open": Case.objects.filter(OPEN).count(),
        "updated": followed.updated,
    }
