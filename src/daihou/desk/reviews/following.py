"""Reviews after a run: what the plan wants is made, moved, withdrawn or planned again; what somebody began stays theirs.

It waits until the alerts of the run are taken in, since the plan asks for their level. Some thousand rows a transaction, each compared again by its revision: it may be
killed at any time, and done again it writes nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import CharField
from django.db.models.functions import Cast
from django.utils import timezone

from daihou.book.calendars import after_work_days
from daihou.desk.alerts import whose
from daihou.desk.alerts.models import Cursor as AlertCursor
from daihou.desk.alerts.owners import Chooser
from daihou.desk.audit.log import record
from daihou.desk.following import OvertakenError, each, newest, stamp
from daihou.desk.notices import outbox
from daihou.desk.notices.choices import Kind
from daihou.desk.reviews import standing, telling
from daihou.desk.reviews.choices import Act, State
from daihou.desk.reviews.models import BY_HAND, Cursor, Review, ReviewMove
from daihou.desk.reviews.policy import asked_on
from daihou.desk.written import insert, write
from daihou.policies.reviews import Before, Every, While
from daihou.reviews.plan import WATCH_LEVEL, Day, wanted

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from daihou.desk.people.models import User
    from daihou.desk.portfolio.moments import Moment
    from daihou.policies.reviews import Plan, Reviews

ONLY: Final = 1
"""The key of the one cursor."""
NAMED: Final = ["plan", "subject", "anchor"]
"""What a review is named by."""
PLACE: Final = ("org_id", "lead_org_id", "officer_id", "exposure")
COPIED: Final = ("level", "line", "borrower_id", "form", "site", *PLACE)
"""What a review copies from the run and the plan, to be listed by; how it is done stays once it is begun."""


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


@dataclass(frozen=True)
class Following:
    """What is the same for all reviews of a date."""

    as_of: dt.date
    before: dt.date | None
    """The date that was followed before it; what was due since then was not made because nobody looked, not because nobody wanted it."""
    policy: Reviews
    now: dt.datetime
    stop: threading.Event | None

    @cached_property
    def chooser(self) -> Chooser:
        """Who gets what is nobody's."""
        return Chooser.on(timezone.localtime(self.now).date())

    @cached_property
    def soon(self) -> dt.date:
        """Until when what is due is made."""
        return self.as_of + dt.timedelta(days=self.policy.ahead_days)

    @cached_property
    def fixed(self) -> list[str]:
        """Plans that want something as long as a condition holds: now, and with a due date that stays."""
        return [plan.code for plan in self.policy.plans if isinstance(plan.clock, While)]

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """By code."""
        return {plan.code: plan for plan in self.policy.plans}

    def floor(self, plan: Plan) -> dt.date:
        """The day until which somebody who hears of it today has the work days of its plan."""
        return after_work_days(settings.HOME.settings.calendar, self.as_of, plan.work_days)


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
    levels = standing.levels()
    loans, ask = standing.loans(plan, moment, levels)
    day = Day(moment.as_of, cursor.began_on, settings.HOME.settings.calendar)
    following = Following(moment.as_of, cursor.as_of, plan.policy, now, stop)
    held, ended = _held()
    near = _near(wanted(plan, loans, standing.done(), day, ask), held, following)
    try:
        counts = _brought(_placed(near, held, plan.policy, moment, levels), held, ended, following)
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


def is_followed() -> bool:
    """Whether reviews are where the newest run has them, so that nobody need look again before another run."""
    moment, cursor = newest(), Cursor.objects.first()
    return moment is None or (cursor is not None and cursor.stamp == stamp(moment))


def _alerts_are_in(moment: Moment) -> bool:
    """Whether the signals of the date are alerts by now."""
    cursor = AlertCursor.objects.first()
    return cursor is not None and cursor.as_of is not None and cursor.as_of >= moment.as_of and not cursor.after


def _near(wants: pl.DataFrame, held: pl.DataFrame, following: Following) -> pl.DataFrame:
    """What is wanted soon, or is there already. What a condition wants it wants now, however many days its plan leaves."""
    soon = (pl.col("due_on") <= following.soon) | pl.col("plan").is_in(following.fixed)
    there = wants.filter(~soon).join(held.select(NAMED), on=NAMED, how="semi")
    return pl.concat([wants.filter(soon), there])


def _placed(
    wants: pl.DataFrame, held: pl.DataFrame, policy: Reviews, moment: Moment, levels: pl.DataFrame
) -> pl.DataFrame:
    """What is wanted with how it is done, and with org, leading org, officer, exposure and the worst open alert of its borrower.

    What was planned by hand is wanted as it stands: so it follows its borrower from org to org.
    """
    said = [(one.code, one.type, one.form, one.site) for one in policy.plans]
    plans = pl.DataFrame(said, schema=dict.fromkeys(("plan", "type", "form", "site"), pl.String), orient="row")
    everybody = whose.everybody(moment).rows.with_columns(pl.col(*PLACE[:3]).cast(pl.String))
    hand = held.filter(pl.col("plan") == BY_HAND).select(*NAMED, "borrower_id", "due_on", "line", "form", "site")
    found = (
        pl.concat([wants.join(plans, on="plan"), hand], how="diagonal")
        .join(everybody, on="borrower_id", how="left")
        .join(levels, on="borrower_id", how="left")
    )
    filled = found.with_columns(pl.col(*PLACE[:3], WATCH_LEVEL.name).fill_null(""), pl.col("exposure").fill_null(0))
    return filled.rename({WATCH_LEVEL.name: "level"})


def _brought(
    wants: pl.DataFrame, held: pl.DataFrame, ended: pl.DataFrame, following: Following
) -> tuple[int, int, int, int]:
    """Made, moved, withdrawn and planned again."""
    stop = following.stop
    soon = (pl.col("due_on_wanted") <= following.soon) | pl.col("plan").is_in(following.fixed)
    both = held.join(wants, on=NAMED, how="left", suffix="_wanted")
    wanted_on = pl.max_horizontal("due_on_wanted", "not_before")
    planned = both.filter(pl.col("state") == State.PLANNED)
    gone = planned.filter(pl.col("due_on_wanted").is_null())
    there = both.filter(pl.col("due_on_wanted").is_not_null())
    moves = (pl.col("due_on") != wanted_on) & ~pl.col("plan").is_in(following.fixed) & ~pl.col("postponed")
    moved = planned.filter(pl.col("due_on_wanted").is_not_null() & moves)
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_wanted")) for name in COPIED)
    told = there.filter(differs & pl.col("state").is_in([State.PLANNED, State.BEGUN]))
    again = there.filter((pl.col("state") == State.WITHDRAWN) & soon)
    new = _new(wants, held, ended, following)
    made = each(new.rows(named=True), stop, lambda some: _made(some, following))
    counts = [
        each(rows.rows(named=True), stop, lambda some, act=act: _changed(some, act, following))  # type: ignore[misc]
        for act, rows in ((Act.REPLAN, moved), (Act.WITHDRAW, gone), (Act.REOPEN, again))
    ]
    each(told["pk"].to_list(), stop, lambda keys: _told(keys, told, following))
    return made, counts[0], counts[1], counts[2]


def _new(wants: pl.DataFrame, held: pl.DataFrame, ended: pl.DataFrame, following: Following) -> pl.DataFrame:
    """What is wanted and not there yet. What was done under another plan of the same type is not asked for again; while somebody does one, the next one waits.

    Of days before a date, those that were over when the loan came in, or its date was moved, are not asked for.
    """
    plans = following.policy.plans
    before = [one.code for one in plans if isinstance(one.clock, Before)]
    again = [one.code for one in plans if isinstance(one.clock, Every | While)]
    begun = held.filter((pl.col("state") == State.BEGUN) & pl.col("plan").is_in(again)).select("plan", "subject")
    missed = pl.col("plan").is_in(before) & (pl.col("due_on") < (following.before or following.as_of))
    found = wants.join(held, on=NAMED, how="anti").join(ended, on=["type", "subject", "anchor"], how="anti")
    return found.join(begun, on=["plan", "subject"], how="anti").filter(~missed)


HELD: Final = {
    "pk": pl.Int64, "revision": pl.Int64, "plan": pl.String, "subject": pl.String, "anchor": pl.String, "state": pl.String, "due_on": pl.Date,
    "not_before": pl.Date, "postponed": pl.Boolean, "line": pl.Int32, "level": pl.String, "borrower_id": pl.String, "form": pl.String,
    "site": pl.String, "org_id": pl.String, "lead_org_id": pl.String, "officer_id": pl.String, "exposure": pl.Int64, "owner": pl.Int64,
}  # fmt: skip
ENDED: Final = ("type", "subject", "anchor")


def _held() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Reviews that are open or withdrawn, by HELD, and the names of those that were done or waived, by ENDED."""
    # Dates are read as texts: to make dates of them one by one takes longer than to read them.
    dates = [name for name, kind in HELD.items() if kind == pl.Date]
    texts = {f"{name}_text": Cast(name, CharField()) for name in dates}
    names = [f"{name}_text" if name in dates else name for name in HELD]
    lying = Review.objects.filter(done_on=None).order_by().annotate(**texts).values_list(*names).iterator(10_000)
    ended = Review.objects.filter(done_on__isnull=False).order_by().values_list(*ENDED).iterator(10_000)
    held = pl.DataFrame(list(lying), schema=HELD | dict.fromkeys(dates, pl.String), orient="row")
    return (
        held.with_columns(pl.col(dates).str.to_date("%Y-%m-%d")),
        pl.DataFrame(list(ended), schema=dict.fromkeys(ENDED, pl.String), orient="row"),
    )


def _made(rows: Sequence[dict[str, Any]], following: Following) -> int:
    """Write new reviews, each with the customer manager, who stands in, or whose turn it is."""
    found = []
    for row in rows:
        plan = following.plans[row["plan"]]
        owner = following.chooser.choose(row["org_id"], row["officer_id"], row["lead_org_id"])
        floor = following.floor(plan) if row["due_on"] < (following.before or following.as_of) else None
        due_on = max(row["due_on"], floor) if floor else row["due_on"]
        found.append(
            {
                **{name: row[name] for name in (*NAMED, *COPIED)}, "due_on": due_on, "not_before": floor, "loan_id": row["loan_id"] or "",
                "about": plan.about, "type": plan.type, "planned_on": following.as_of, "planned_at": following.now,
                "owner_id": owner.pk if owner else None,
            }
        )  # fmt: skip
    insert(Review, found)
    return len(found)


def _told(keys: Sequence[int], told: pl.DataFrame, following: Following) -> int:
    """Bring what lists sort by up to the run. Where the customer manager changed, and it was the old one's and not begun, the new one gets it."""
    wanted = {row["pk"]: row for row in told.filter(pl.col("pk").is_in(list(keys))).rows(named=True)}
    changes, given, moves = [], [], []
    standing_now = (
        Review.objects.select_for_update(of=("self",))
        .select_related("owner")
        .filter(pk__in=list(keys), done_on=None)
        .order_by("pk")
    )
    for review in standing_now:
        row = wanted[review.pk]
        change: dict[str, Any] = {"pk": review.pk, **{name: row[f"{name}_wanted"] for name in COPIED}}
        if review.state == State.BEGUN:
            change |= {"form": review.form, "site": review.site, "line": review.line, "borrower_id": review.borrower_id}
        owner = _next(review, change, following)
        if owner is None or review.owner_id == owner.pk:
            changes.append(change)
            continue
        given.append({**change, "owner_id": owner.pk})
        detail = {"owner": owner.username, "owner_before": review.owner.username if review.owner else ""}
        moves.append({"review_id": review.pk, "at": following.now, "act": Act.ASSIGN.value, "detail": detail})
    write(Review, changes)
    write(Review, given, raises=True)
    insert(ReviewMove, moves)
    return len(changes) + len(given)


def _next(review: Review, change: dict[str, Any], following: Following) -> User | None:
    """Who gets a review that is not begun and is nobody's, or whose owner was the customer manager and is so no more; None: it stays as it is."""
    chooser = following.chooser
    was = chooser.by_number.get(review.officer_id)
    theirs = review.owner_id is None or (
        was is not None and was.pk == review.owner_id and change["officer_id"] != review.officer_id
    )
    if review.state != State.PLANNED or not theirs:
        return None
    return chooser.choose(change["org_id"], change["officer_id"], change["lead_org_id"])


def _changed(rows: Sequence[dict[str, Any]], act: Act, following: Following) -> int:
    """Move due dates, withdraw, or plan again, with what each leaves behind; notices of what is no longer so are taken back."""
    changes, moves = [], []
    for row in _untouched(rows):
        change: dict[str, Any] = {"pk": row["pk"]}
        detail: dict[str, Any] = {}
        if act == Act.WITHDRAW:
            change |= {"state": State.WITHDRAWN.value, "ended_at": following.now}
        else:
            change |= {"escalated_at": None, **_day(row, act, following)}
            detail["due_on"] = [row["due_on"].isoformat(), change["due_on"].isoformat()]
        if act == Act.REOPEN:
            change |= {
                "state": State.PLANNED.value,
                "ended_at": None,
                "postponed": False,
                **{name: row[f"{name}_wanted"] for name in COPIED},
            }
        changes.append(change)
        moves.append({"review_id": row["pk"], "at": following.now, "act": act.value, "detail": detail})
    write(Review, changes, raises=True)
    insert(ReviewMove, moves)
    outbox.withdraw(
        [telling.subject(change["pk"]) for change in changes],
        following.now,
        () if act == Act.WITHDRAW else (Kind.REVIEW_LATE,),
    )
    return len(changes)


def _day(row: dict[str, Any], act: Act, following: Following) -> dict[str, Any]:
    """The due date that a review gets: brought nearer, it leaves the work days of its plan to do it, but is never moved away by that."""
    wanted = row["due_on_wanted"]
    floor = following.floor(following.plans[row["plan"]])
    nearest = floor if act == Act.REOPEN else min(row["due_on"], floor)
    return {"due_on": max(wanted, nearest), "not_before": nearest if wanted < nearest else None}


def _untouched(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that still stand as they were read, held until the transaction ends; what somebody touched meanwhile is left to the next run."""
    keys = [row["pk"] for row in rows]
    held = dict(Review.objects.select_for_update().filter(pk__in=keys).order_by("pk").values_list("pk", "revision"))
    return [row for row in rows if held.get(row["pk"]) == row["revision"]]
