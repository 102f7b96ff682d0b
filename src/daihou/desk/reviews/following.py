"""Reviews after a run: what the plan wants is made, moved, withdrawn or planned again; what somebody began stays theirs.

It waits until the alerts of the run are taken in, since the plan asks for their level. Some thousand rows a transaction, each compared again by its revision: it may be
killed at any time, and done again it writes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from daihou.desk.alerts import whose
from daihou.desk.alerts.models import Cursor as AlertCursor
from daihou.desk.alerts.owners import Chooser
from daihou.desk.audit.log import record
from daihou.desk.casework.written import insert, write
from daihou.desk.following import OvertakenError, each, newest, stamp
from daihou.desk.reviews import standing
from daihou.desk.reviews.choices import COUNTED, Act, State
from daihou.desk.reviews.models import BY_HAND, Cursor, Review, ReviewMove
from daihou.desk.reviews.policy import asked_on
from daihou.policies.reviews import While
from daihou.reviews.plan import WATCH_LEVEL, Day, wanted

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from daihou.desk.portfolio.moments import Moment
    from daihou.policies.reviews import Reviews

ONLY: Final = 1
"""The key of the one cursor."""
NAMED: Final = ["plan", "subject", "anchor"]
"""What a review is named by."""
PLACE: Final = ("org_id", "lead_org_id", "officer_id", "exposure")


@dataclass(frozen=True, slots=True)
class Followed:
    """What one date came to, counted in reviews."""

    as_of: dt.date
    made: int
    moved: int
    """To another due date."""
    withdrawn: int
    again: int
    """Withdrawn before, planned again."""


def follow(now: dt.datetime, stop: threading.Event | None = None, by: dt.date | None = None) -> Followed | None:
    """Bring reviews up to the newest run; None where they are so already, or its alerts are not taken in yet.

    OvertakenError where another keeper is at it, StoppedError when told to stop. `by` is the last date that counts, to live through days gone by.
    """
    moment = newest(by)
    if moment is None or not _alerts_are_in(moment):
        return None
    cursor = Cursor.objects.get_or_create(pk=ONLY, defaults={"at": now, "began_on": moment.as_of})[0]
    named = stamp(moment)
    if cursor.stamp == named or (cursor.as_of is not None and moment.as_of < cursor.as_of):
        return None
    plan = asked_on(moment.as_of)
    loans, ask = standing.loans(plan, moment)
    day = Day(moment.as_of, cursor.began_on, settings.HOME.settings.calendar)
    wants = _placed(wanted(plan, loans, standing.done(), day, ask), moment)
    try:
        counts = _brought(wants, plan.policy, moment.as_of, now, stop)
    except IntegrityError as error:  # a review once: another keeper made it
        raise OvertakenError from error
    followed = Followed(moment.as_of, *counts)
    with transaction.atomic():
        if not Cursor.objects.filter(pk=ONLY, stamp=cursor.stamp).update(stamp=named, as_of=moment.as_of, at=now):
            raise OvertakenError
        made = Review.objects.filter(planned_on=moment.as_of).exclude(plan=BY_HAND).count()
        told = {"made": made, "moved": followed.moved, "withdrawn": followed.withdrawn, "again": followed.again}
        record(None, "review.follow", "date", moment.as_of.isoformat(), told)
    return followed


def _alerts_are_in(moment: Moment) -> bool:
    """Whether the signals of the date are alerts by now."""
    cursor = AlertCursor.objects.first()
    return cursor is not None and cursor.as_of is not None and cursor.as_of >= moment.as_of and not cursor.after


def _placed(wants: pl.DataFrame, moment: Moment) -> pl.DataFrame:
    """What is wanted with org, leading org, officer, exposure and the worst open alert of its borrower."""
    everybody = whose.everybody(moment).rows.with_columns(pl.col(*PLACE[:3]).cast(pl.String))
    found = wants.join(everybody, on="borrower_id", how="left").join(standing.levels(), on="borrower_id", how="left")
    return found.with_columns(
        pl.col(*PLACE[:3], WATCH_LEVEL.name).fill_null(""), pl.col("exposure").fill_null(0)
    ).rename({WATCH_LEVEL.name: "level"})  # fmt: skip


def _brought(
    wants: pl.DataFrame, policy: Reviews, as_of: dt.date, now: dt.datetime, stop: threading.Event | None
) -> tuple[int, int, int, int]:
    """Made, moved, withdrawn and planned again."""
    held, ended = _held()
    chooser = Chooser.on(timezone.localtime(now).date())
    soon = as_of + dt.timedelta(days=policy.ahead_days)
    fixed = [plan.code for plan in policy.plans if isinstance(plan.clock, While)]
    both = held.join(wants, on=NAMED, how="left", suffix="_wanted")
    planned = both.filter(pl.col("state") == State.PLANNED)
    gone = planned.filter(pl.col("due_on_wanted").is_null() & (pl.col("plan") != BY_HAND))
    there = planned.filter(pl.col("due_on_wanted").is_not_null())
    moves = (pl.col("due_on") != pl.col("due_on_wanted")) & ~pl.col("plan").is_in(fixed) & ~pl.col("postponed")
    moved = there.filter(moves)
    copied = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_wanted")) for name in COPIED)
    again = both.filter((pl.col("state") == State.WITHDRAWN) & (pl.col("due_on_wanted") <= soon))
    new = wants.filter(pl.col("due_on") <= soon).join(held, on=NAMED, how="anti").join(ended, on=NAMED, how="anti")
    made = each(new.rows(named=True), stop, lambda some: _made(some, policy, as_of, now, chooser))
    each(there.filter(copied).rows(named=True), stop, lambda some: _told(some, chooser))
    return (
        made,
        each(moved.rows(named=True), stop, lambda some: _changed(some, Act.REPLAN, now)),
        each(gone.rows(named=True), stop, lambda some: _changed(some, Act.WITHDRAW, now)),
        each(again.rows(named=True), stop, lambda some: _changed(some, Act.REOPEN, now)),
    )


COPIED: Final = ("level", "line", *PLACE)
"""What a review copies from the run, to be listed by."""
HELD: Final = {
    "pk": pl.Int64, "revision": pl.Int64, "plan": pl.String, "subject": pl.String, "anchor": pl.String, "state": pl.String, "due_on": pl.Date,
    "postponed": pl.Boolean, "line": pl.Int32, "level": pl.String, "org_id": pl.String, "lead_org_id": pl.String, "officer_id": pl.String,
    "exposure": pl.Int64, "owner": pl.Int64,
}  # fmt: skip


def _held() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Reviews that are open or withdrawn, by HELD, and the names of those that ended."""
    lying = Review.objects.exclude(state__in=COUNTED).order_by().values_list(*HELD).iterator(10_000)
    ended = Review.objects.filter(state__in=COUNTED).order_by().values_list(*NAMED).iterator(10_000)
    return (
        pl.DataFrame(list(lying), schema=HELD, orient="row"),
        pl.DataFrame(list(ended), schema=dict.fromkeys(NAMED, pl.String), orient="row"),
    )


def _made(rows: Sequence[dict[str, Any]], policy: Reviews, as_of: dt.date, now: dt.datetime, chooser: Chooser) -> int:
    """Write new reviews, each with the customer manager, who stands in, or whose turn it is."""
    by_code = {plan.code: plan for plan in policy.plans}
    found = []
    for row in rows:
        plan = by_code[row["plan"]]
        owner = chooser.choose(row["org_id"], row["officer_id"], row["lead_org_id"])
        found.append(
            {
                **{name: row[name] for name in (*NAMED, "due_on", "line", "borrower_id", "level", *PLACE)},
                "loan_id": row["loan_id"] or "", "about": plan.about, "type": plan.type, "site": plan.site, "form": plan.form,
                "planned_on": as_of, "planned_at": now, "owner_id": owner.pk if owner else None,
            }
        )  # fmt: skip
    insert(Review, found)
    return len(found)


def _told(rows: Sequence[dict[str, Any]], chooser: Chooser) -> int:
    """Bring what lists sort by up to the run; another customer manager gets it too, as long as nobody began."""
    changes = []
    for row in _untouched(rows):
        now: dict[str, Any] = {name: row[f"{name}_wanted"] for name in COPIED}
        owner = row["owner"]
        if now["officer_id"] != row["officer_id"] or owner is None:
            chosen = chooser.choose(now["org_id"], now["officer_id"], now["lead_org_id"])
            owner = chosen.pk if chosen else owner
        changes.append({"pk": row["pk"], **now, "owner_id": owner})
    write(Review, changes)
    return len(changes)


def _changed(rows: Sequence[dict[str, Any]], act: Act, now: dt.datetime) -> int:
    """Move due dates, withdraw, or plan again, with what each leaves behind."""
    changes, moves = [], []
    for row in _untouched(rows):
        change: dict[str, Any] = {"pk": row["pk"], **STANDS.get(act, {})}
        detail: dict[str, Any] = {}
        if act == Act.WITHDRAW:
            change["ended_at"] = now
        else:
            change["due_on"] = row["due_on_wanted"]
            detail["due_on"] = [row["due_on"].isoformat(), row["due_on_wanted"].isoformat()]
        changes.append(change)
        moves.append({"review_id": row["pk"], "at": now, "act": act.value, "detail": detail})
    write(Review, changes, raises=True)
    insert(ReviewMove, moves)
    return len(changes)


STANDS: Final[dict[Act, dict[str, Any]]] = {
    Act.WITHDRAW: {"state": State.WITHDRAWN.value},
    Act.REOPEN: {"state": State.PLANNED.value, "ended_at": None},
}
"""What a review says of itself after an act of the run."""


def _untouched(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that still stand as they were read, held until the transaction ends; what somebody touched meanwhile is left to the next run."""
    keys = [row["pk"] for row in rows]
    held = dict(Review.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk", "revision"))
    return [row for row in rows if held.get(row["pk"]) == row["revision"]]
