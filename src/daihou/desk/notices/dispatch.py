"""Sending: what is due for one recipient and channel is claimed as a parcel, handed over once, and marked by what came of it.

A parcel is marked `sending` before it is handed over. Who finds it so, long after, does not know whether it arrived: it becomes `unclear`, and is never sent
again by itself. Any number of senders may run.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.db.models import F

from daihou.desk.notices import apprised, mail, message, preferences, sealed
from daihou.desk.notices.choices import PENDING, State, Trouble, Way
from daihou.desk.notices.handing import LONGEST_ANSWER, FailedError, UnclearError
from daihou.desk.notices.models import Delivery
from daihou.desk.notices.routing import route

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.notices.message import Message
    from daihou.desk.notices.models import Channel
    from daihou.desk.people.models import User

LOG = logging.getLogger(__name__)

PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360))
"""Before the second try, the third and so on; the last one from then on."""
GIVE_UP: Final = timedelta(days=3)
"""After so long from when it was due, what failed is given up."""
LEASE: Final = timedelta(minutes=10)
"""A parcel is handed over in less: each connection and each command has its time-out. Longer than that, and its sender is dead."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out as one message: its number, to whom (nobody: a group), through what (nothing: mail), and what is in it."""

    number: uuid.UUID
    recipient: User | None
    channel: Channel | None
    deliveries: list[Delivery]


def step(now: dt.datetime) -> bool:
    """Route what is new, note what is unclear, and send one parcel; whether there was anything to do."""
    routed = route(now)
    expire(now)
    parcel = claim(now)
    if parcel is not None:
        send(parcel, now)
    return bool(routed) or parcel is not None


def claim(now: dt.datetime) -> Parcel | None:
    """All that is due for the recipient and channel that wait longest, for this sender alone; None where nothing is due."""
    due = Delivery.objects.filter(state__in=PENDING, due_at__lte=now).order_by()
    settled = list(due.filter(notice__withdrawn_at__isnull=False).values_list("pk", flat=True))
    if settled:  # routed at the very moment in which they were withdrawn
        Delivery.objects.filter(pk__in=settled, state__in=PENDING).update(state=State.WITHDRAWN)
    for recipient, channel in due.order_by("due_at").values_list("recipient", "channel")[:10]:
        number = uuid.uuid4()
        with transaction.atomic():
            # The condition names this table alone: through a join the second of two senders would not see what the first changed.
            taken = due.filter(recipient=recipient, channel=channel)
            if taken.update(state=State.SENDING, parcel=number, claimed_at=now, tries=F("tries") + 1):
                found = Delivery.objects.filter(parcel=number, state=State.SENDING)
                rows = list(found.select_related("notice", "recipient", "channel").order_by("id"))
                return Parcel(number, rows[0].recipient, rows[0].channel, rows)
    return None


def send(parcel: Parcel, now: dt.datetime) -> None:
    """Hand a parcel over, and mark it by what came of it."""
    mine = Delivery.objects.filter(parcel=parcel.number, state__in=(State.SENDING, State.UNCLEAR))
    if parcel.recipient is not None and not parcel.recipient.is_active:
        mine.update(state=State.WITHDRAWN)
        return
    language = (
        parcel.recipient.language if parcel.recipient else parcel.channel and parcel.channel.language
    ) or "zh-hans"
    told = message.of([each.notice for each in parcel.deliveries], language)
    try:
        answer = hand_over(told, parcel.recipient, parcel.channel, parcel.number)
    except UnclearError as error:
        LOG.warning("parcel %s: unclear, %s", parcel.number, error.trouble)
        mine.update(state=State.UNCLEAR, trouble=error.trouble, answer=error.answer)
    except FailedError as error:
        LOG.warning("parcel %s: failed, %s", parcel.number, error.trouble)
        _failed(parcel, error, now)
    else:
        mine.update(state=State.SENT, sent_at=now, trouble="", answer=answer[:LONGEST_ANSWER])


def hand_over(told: Message, recipient: User | None, channel: Channel | None, number: uuid.UUID) -> str:
    """Give a message to a channel, or to the mail address of its recipient; the answer. FailedError, UnclearError."""
    if channel is None:
        return mail.hand_over(told, recipient.email if recipient else "", number)
    if channel.removed_at is not None:
        raise FailedError(Trouble.GONE)
    return apprised.hand_over(told, sealed.unseal(channel.sealed))


def expire(now: dt.datetime) -> int:
    """Mark as unclear what was claimed long ago and never marked since: its sender died over it. How many."""
    stale = Delivery.objects.filter(state=State.SENDING, claimed_at__lt=now - LEASE)
    return stale.update(state=State.UNCLEAR, trouble=Trouble.CRASHED)


def _failed(parcel: Parcel, error: FailedError, now: dt.datetime) -> None:
    """Later again, each by its own tries and out of quiet hours; given up after three days, or where trying again cannot help."""
    chosen = preferences.of([parcel.recipient])[parcel.recipient.pk] if parcel.recipient else None
    hopeless = error.trouble in (Trouble.GONE, Trouble.NO_ADDRESS)
    changed = []
    for each in parcel.deliveries:
        each.trouble, each.answer = error.trouble, error.answer
        if hopeless or now - each.first_due_at >= GIVE_UP:
            each.state = State.GIVEN_UP
        else:
            each.state = State.FAILED
            again = now + PAUSES[min(each.tries, len(PAUSES)) - 1]
            quiet = chosen is not None and each.way == Way.AT_ONCE
            each.due_at = preferences.after_quiet(chosen, each.notice.level, again) if quiet and chosen else again
        changed.append(each)
    held = {"parcel": parcel.number, "state": State.SENDING}
    with transaction.atomic():
        still = set(Delivery.objects.select_for_update().filter(**held).values_list("pk", flat=True))
        ours = [each for each in changed if each.pk in still]
        Delivery.objects.bulk_update(ours, ["state", "due_at", "trouble", "answer"], batch_size=500)
