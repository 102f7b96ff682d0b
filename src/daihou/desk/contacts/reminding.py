"""Reminders before the due date: planned once a day by the newest run and the policy, posted like any message, so that the conduct gate decides on each.

A reminder is one row a loan, due date and step, written in the transaction that posts its message. So it may be killed at any time and goes on where it was,
two may be at it, and nobody is reminded twice. What was refused stays refused: its row says by which rule.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from daihou.book.lake import stamp as stamp_of
from daihou.desk import house
from daihou.desk.alerts import whose
from daihou.desk.contacts import points, posting
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.choices import Party, Purpose, Reminded
from daihou.desk.contacts.errors import RefusedError, UnfitError
from daihou.desk.contacts.fitting import Wanted
from daihou.desk.contacts.models import Reminder
from daihou.desk.contacts.people import known as known_people
from daihou.desk.portfolio import moments
from daihou.policies.reminders import reminders
from daihou.runs.watch.rows import LIVE

if TYPE_CHECKING:
    import threading

    from daihou.desk.alerts.whose import Whose
    from daihou.desk.contacts.points import Shown
    from daihou.desk.portfolio.moments import Moment
    from daihou.policies.reminders import Group, Reminders, Step

TOGETHER: Final = 200
"""Borrowers whose points are read together."""
ASKED: Final = (
    "loan_id",
    "borrower_id",
    "product",
    "asset_class",
    "currency",
    "next_due_on",
    "next_due_amount",
    "dues_12m",
    "missed_12m",
)
NOBODY: Final = whose.Whose()


@dataclass(frozen=True, slots=True)
class Planned:
    """What one look came to, counted in reminders."""

    day: dt.date
    counts: Counter[str]
    """By state."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A loan whose turn it is."""

    loan_id: str
    borrower_id: str
    due_on: dt.date
    amount: int
    currency: str
    group: Group
    step: Step


def policy(day: dt.date) -> Reminders:
    """What holds on a day; DaihouError names the file and the key that is wrong."""
    return house.dated("reminders", reminders).on(day).values


def plan(now: dt.datetime, stop: threading.Event | None = None) -> Planned:
    """Remind of what falls due so many days from today as the policy says. Nothing where no channel is set up, or the newest run is too old to tell."""
    today = timezone.localdate(now)
    held, counts = policy(today), Counter[str]()
    ready = known.ready()
    if not ready or not stamp_of(settings.HOME.lake / "runs"):
        return Planned(today, counts)
    moment = moments.moment(QueryDict())
    if (today - moment.as_of).days > held.oldest_data_days:
        return Planned(today, counts)
    waiting = _waiting(_falling(moment, held, today), held, today)
    people = sorted({one.borrower_id for one in waiting})
    for first in range(0, len(people), TOGETHER):
        if stop is not None and stop.is_set():
            break
        counts += _remind(
            [one for one in waiting if one.borrower_id in set(people[first : first + TOGETHER])], held, moment, now
        )
    return Planned(today, counts)


def _falling(moment: Moment, held: Reminders, today: dt.date) -> list[_Due]:
    """The loans that fall due on one of the days, with nothing overdue, of a group that is reminded then, whose borrowers do not pay early as a habit."""
    days = {today + dt.timedelta(days=each): each for each in held.days}
    paths = moments.files("snapshots", moment.pair, moment.stamp)
    early = (pl.col("dues_12m") >= held.early_dues) & (pl.col("early_share_12m") >= held.early_share)
    texts = [pl.col(name).cast(pl.String) for name in ("loan_id", "borrower_id", "product", "asset_class", "currency")]
    rows = (
        pl.scan_parquet(list(paths), hive_partitioning=False)
        .filter(
            pl.col("next_due_on").is_in(list(days)), pl.col("next_due_amount") > 0, pl.col("dpd") == 0,
            pl.col("state").cast(pl.String).is_in(LIVE), ~early.fill_null(value=False),
        )
        .select(*texts, *ASKED[5:])
        .collect()
    )  # fmt: skip
    found = []
    for row in rows.iter_rows(named=True):
        group = next((each for each in held.groups if _fits(each, row)), None)
        before = days[row["next_due_on"]]
        step = next((each for each in group.steps if each.days_before == before), None) if group else None
        if group is not None and step is not None:
            found.append(
                _Due(
                    row["loan_id"],
                    row["borrower_id"],
                    row["next_due_on"],
                    row["next_due_amount"],
                    row["currency"],
                    group,
                    step,
                )
            )
    return found


def _fits(group: Group, row: dict[str, Any]) -> bool:
    return (
        (not group.products or row["product"] in group.products)
        and (not group.asset_classes or row["asset_class"] in group.asset_classes)
        and (group.first_dues is None or (row["dues_12m"] or 0) <= group.first_dues)
        and (group.missed_least is None or (row["missed_12m"] or 0) >= group.missed_least)
    )


def _waiting(falling: list[_Due], held: Reminders, today: dt.date) -> list[_Due]:
    """Those that were not planned yet, and whose due date has room for one more."""
    last = today + dt.timedelta(days=max(held.days, default=0))
    rows = Reminder.objects.filter(due_on__gte=today, due_on__lte=last).values_list(
        "loan_id", "due_on", "step", "state"
    )
    done, sent = set(), Counter[tuple[str, dt.date]]()
    for loan, due_on, step, state in rows:
        done.add((loan, due_on, step))
        sent[loan, due_on] += state == Reminded.POSTED
    return [
        one
        for one in falling
        if (one.loan_id, one.due_on, one.step.days_before) not in done
        and sent[one.loan_id, one.due_on] < held.most_per_due
    ]


def _remind(due: list[_Due], held: Reminders, moment: Moment, now: dt.datetime) -> Counter[str]:
    """Post the reminders of some borrowers, each in a transaction of its own."""
    people = {one.borrower_id for one in due}
    reach = points.of_many(people, now)
    around = known_people(
        {who: [one.loan_id for one in due if one.borrower_id == who] for who in people}, timezone.localdate(now)
    )
    languages = {who: found[0].language for who, found in around.items()}
    theirs = whose.of(people, moment)
    counts = Counter[str]()
    for one in due:
        try:
            with transaction.atomic():
                state = _post(
                    one,
                    reach[one.borrower_id],
                    languages.get(one.borrower_id, ""),
                    theirs.get(one.borrower_id, NOBODY),
                    held,
                    now,
                )
        except IntegrityError:  # another keeper planned it at this moment
            continue
        counts[state] += 1
    return counts


def _post(one: _Due, reach: list[Shown], language: str, of: Whose, held: Reminders, now: dt.datetime) -> str:
    """Write a reminder and post its message; its state."""
    made = Reminder.objects.create(
        loan_id=one.loan_id, due_on=one.due_on, step=one.step.days_before, borrower_id=one.borrower_id, org_id=of.org_id, lead_org_id=of.lead_org_id,
        officer_id=of.officer_id, group=one.group.code, amount=one.amount, currency=one.currency, state=Reminded.NO_POINT,
        planned_on=timezone.localdate(now), planned_at=now,
    )  # fmt: skip
    by = posting.by_first(one.step.channels, reach)
    if by is None:
        return made.state
    made.channel, shown = by
    wanted = Wanted(
        one.borrower_id, one.borrower_id, (one.loan_id,), made.channel, Party.DEBTOR, Purpose.REMIND, shown.point
    )
    values = {"amount": one.amount, "due_on": one.due_on.isoformat(), "currency": one.currency}
    zone = timezone.get_current_timezone()
    at = max(now, dt.datetime.combine(timezone.localdate(now), held.at, zone))
    over = min(
        dt.datetime.combine(one.due_on + dt.timedelta(days=1), dt.time(), zone),
        at + posting.lasts(one.step.template, timezone.localdate(now)),
    )
    try:
        made.contact = posting.post(
            wanted, _key(one), one.step.template, values, None, language=language, at=at, expires_at=over, now=now
        )
        made.state = Reminded.POSTED
    except RefusedError as error:
        first = error.decision.refusals[0]
        made.state, made.policy, made.rule, made.citation = Reminded.REFUSED, first.policy, first.rule, first.citation
    except UnfitError:
        made.state = Reminded.UNFIT
    made.save()
    return made.state


def _key(one: _Due) -> str:
    """By which the message is known: the same reminder is the same message."""
    named = f"{one.loan_id}\0{one.due_on}\0{one.step.days_before}"
    return f"remind-{hashlib.sha256(named.encode()).hexdigest()[:40]}"
