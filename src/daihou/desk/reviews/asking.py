"""Asking borrowers for papers, and reminding them: by the steps of the plan through the conduct gate, or by hand.

A step is one row, written in the transaction that posts its message: it may be killed at any time, two may be at it, and nobody is asked twice. Of steps that were
missed the last one counts. What was refused stays refused: its row says by which rule, and the next step tries again.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from daihou.desk.contacts import points, posting
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.choices import Party, Purpose
from daihou.desk.contacts.errors import RefusedError, UnfitError
from daihou.desk.contacts.fitting import Wanted
from daihou.desk.contacts.people import known as known_people
from daihou.desk.contacts.wording import language_of
from daihou.desk.following import newest
from daihou.desk.portfolio import reading
from daihou.desk.refusals import StaleError, refuse
from daihou.desk.reviews import guards
from daihou.desk.reviews.choices import Act, Asked
from daihou.desk.reviews.models import BY_HAND, OPEN, Asking, Review
from daihou.desk.reviews.policy import policy
from daihou.desk.reviews.transitions import move
from daihou.policies.reviews import MOST_ASKED_AFTER, PAPERS
from daihou.runs.watch.rows import LIVE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from daihou.desk.asked import Asked as Request
    from daihou.desk.contacts.models import Contact
    from daihou.desk.contacts.points import Shown
    from daihou.policies.reviews import Asks, Plan

MOST: Final = 200
"""Reviews of one step in one look; what is left over waits for the next."""


def due(now: dt.datetime) -> int:
    """Post what is to be asked by now; how many rows were written. Nothing where no channel is set up."""
    today = timezone.localdate(now)
    if not known.ready():
        return 0
    return sum(
        _step(plan, plan.asks, days, today, now) for plan in policy(today).plans if plan.asks for days in plan.asks.days
    )


def _step(plan: Plan, asks: Asks, days: int, today: dt.date, now: dt.datetime) -> int:
    """Ask those of a plan whose step it is: its day has come, and that of the next one has not."""
    after = next((each for each in asks.days if each < days), -MOST_ASKED_AFTER)
    waiting = (
        Review.objects.filter(OPEN, Q(plan=plan.code) | Q(plan=BY_HAND, type=plan.type))
        .filter(due_on__lte=today + dt.timedelta(days=days))
        .filter(due_on__gt=today + dt.timedelta(days=after))
        .exclude(askings__step=days)
        .order_by("due_on", "pk")
    )
    reviews = list(waiting[:MOST])
    if not reviews:
        return 0
    loans = _loans(reviews)
    reach = points.of_many({one.borrower_id for one in reviews}, now)
    around = known_people(loans, today)
    made = 0
    for review in reviews:
        language = around[review.borrower_id][0].language if around.get(review.borrower_id) else ""
        try:
            with transaction.atomic():
                _ask(
                    review,
                    plan,
                    asks,
                    days,
                    reach.get(review.borrower_id, []),
                    loans[review.borrower_id],
                    language,
                    now,
                )
        except IntegrityError:  # another keeper asked at this moment
            continue
        made += 1
    return made


def _loans(reviews: Collection[Review]) -> dict[str, list[str]]:
    """The live loans of the borrowers of some reviews: what a message is about."""
    found: dict[str, list[str]] = {one.borrower_id: [] for one in reviews}
    moment = newest()
    if moment is None:
        return found
    rows = reading.rows(
        f"SELECT borrower_id, loan_id FROM {reading.snapshots(moment).sql} WHERE list_contains(?::VARCHAR[], borrower_id)"
        " AND list_contains(?::VARCHAR[], state::VARCHAR) ORDER BY loan_id",
        [sorted(found), list(LIVE)],
    )
    for row in rows:
        found[row["borrower_id"]].append(row["loan_id"])
    return found


def _ask(
    review: Review, plan: Plan, asks: Asks, days: int, reach: list[Shown], loans: list[str], language: str, now: dt.datetime
) -> None:  # fmt: skip
    """Write one step and post its message."""
    made = Asking.objects.create(review=review, step=days, state=Asked.NO_POINT, at=now)
    by = posting.by_first(asks.channels, reach)
    if by is None:
        return
    channel, shown = by
    made.way = channel
    about = (review.loan_id,) if review.loan_id else tuple(loans)
    wanted = Wanted(review.borrower_id, review.borrower_id, about, channel, Party.DEBTOR, Purpose.REMIND, shown.point)
    values = {"papers": _papers(plan, language), "due_on": review.due_on.isoformat()}
    over = now + posting.lasts(asks.template, timezone.localdate(now))
    try:
        made.contact = posting.post(
            wanted,
            f"papers-{review.pk}-{days}",
            asks.template,
            values,
            None,
            language=language,
            at=now,
            expires_at=over,
            now=now,
        )
        made.state = Asked.POSTED
    except RefusedError as error:
        first = error.decision.refusals[0]
        made.state, made.rule, made.citation = Asked.REFUSED, first.rule, first.citation
    except UnfitError:
        made.state = Asked.UNFIT
    made.save()


def _papers(plan: Plan, language: str) -> str:
    """What is asked for, in the language of who reads it."""
    return plan.zh if language_of(language) == "zh-hans" else plan.en


def still(contact: Contact, _now: dt.datetime) -> Mapping[str, Any] | None:
    """What a message asks for as the review stands; None where it is over: the papers are there, or nobody wants them."""
    asking = Asking.objects.select_related("review").filter(contact=contact).first()
    if asking is None or not asking.review.open:
        return None
    return {"due_on": asking.review.due_on.isoformat()}


def by_hand(review: Review, revision: int, way: str, note: str, request: Request) -> Review:
    """Note that one asked the borrower oneself."""
    if review.revision != revision:
        raise StaleError
    refuse(guards.against_asking(review, request.user, request.rights, way))
    now = timezone.now()
    with transaction.atomic():
        Asking.objects.create(
            review=review, way=way, state=Asked.BY_HAND, at=now, actor=request.user, note=note.strip()
        )
        return move(review, Act.ASK, request=request, note=note, at=now, detail={"way": way})


def of(review: Review) -> list[Asking]:
    """How often a borrower was asked, the newest first; empty also where a review asks for no papers."""
    if review.type not in PAPERS:
        return []
    return list(review.askings.select_related("actor", "contact").order_by("-id"))
