"""From a notice to the channels it goes through: decided by the sender, as its recipient's preference is then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from daihou.desk.notices import preferences
from daihou.desk.notices.choices import FOR_GROUPS, Kept, Way
from daihou.desk.notices.models import Channel, Delivery, Notice
from daihou.desk.people.models import User

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.notices.models import Preference

AT_ONCE: Final = 500


def route(now: dt.datetime) -> int:
    """Route what was put into the outbox, at most `AT_ONCE` notices; how many. Two senders that route the same write it once."""
    with transaction.atomic():
        ids = list(Notice.objects.filter(routed_at=None).order_by("id").values_list("pk", flat=True)[:AT_ONCE])
        if not ids or not Notice.objects.filter(pk__in=ids, routed_at=None).update(routed_at=now):
            return 0
        notices = [one for one in Notice.objects.filter(pk__in=ids, routed_at=now) if one.withdrawn_at is None]
        people = User.objects.prefetch_related("memberships").in_bulk({one.recipient_id for one in notices})
        chosen = preferences.of(people.values())
        own, groups = _channels(people)
        made = []
        for notice in notices:
            user = people[notice.recipient_id]
            found, notice.kept = _for_one(notice, user, chosen[user.pk], own.get(user.pk, []), now)
            made += found + _for_groups(notice, groups, now)
        Notice.objects.bulk_update([one for one in notices if one.kept], ["kept"])
        Delivery.objects.bulk_create(made, batch_size=AT_ONCE, ignore_conflicts=True)
    return len(ids)


def _channels(people: dict[int, User]) -> tuple[dict[int, list[Channel]], list[Channel]]:
    """The users' own channels by user, and the lender's."""
    own: dict[int, list[Channel]] = {}
    groups = []
    for channel in Channel.objects.filter(removed_at=None).only("pk", "user_id", "levels"):
        if channel.user_id is None:
            groups.append(channel)
        elif channel.user_id in people:
            own.setdefault(channel.user_id, []).append(channel)
    return own, groups


def _for_one(
    notice: Notice, user: User, preference: Preference, channels: list[Channel], now: dt.datetime
) -> tuple[list[Delivery], str]:
    """What goes out to the recipient; else nothing, and why."""
    way = preferences.way(preference, notice.kind, notice.level)
    if not user.is_active:
        return [], Kept.LEFT
    if way == Way.DESK:
        return [], Kept.CHOSEN
    due = preferences.when(preference, way, notice.level, now)
    by: list[Channel | None] = [*channels]
    if preference.by_mail and settings.MAIL_READY and user.email:
        by.append(None)
    if by:
        return [_delivery(notice, user, channel, way, due) for channel in by], ""
    if not preference.by_mail:
        return [], Kept.NO_CHANNEL
    return [], Kept.NO_SERVER if not settings.MAIL_READY else Kept.NO_ADDRESS


def _for_groups(notice: Notice, groups: list[Channel], now: dt.datetime) -> list[Delivery]:
    """What goes out to groups: once, however many people are told of the same."""
    if notice.kind not in FOR_GROUPS:
        return []
    return [_delivery(notice, None, group, Way.AT_ONCE, now) for group in groups if notice.level in group.levels]


def _delivery(notice: Notice, user: User | None, channel: Channel | None, way: Way, due: dt.datetime) -> Delivery:
    through = channel.pk if channel else "mail"
    return Delivery(
        notice=notice, recipient=user, channel=channel, key=f"{through}:{notice.key if user else notice.about}", way=way,
        first_due_at=due, due_at=due,
    )  # fmt: skip
