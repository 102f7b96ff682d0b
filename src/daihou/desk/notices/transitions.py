"""What people do about notices: say how they want them, enter and remove channels, try one, and send again what is stuck. Each is logged."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone

from daihou.desk.audit.log import record
from daihou.desk.notices import apprised, dispatch, message, sealed
from daihou.desk.notices.choices import PENDING, REMEDIES, STUCK, State, Trouble
from daihou.desk.notices.handing import HandingError
from daihou.desk.notices.models import Channel, Delivery, Preference

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from daihou.desk.asked import Asked
    from daihou.desk.people.models import User

TAIL: Final = 4


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a test: what the server said, and, where it failed, what is wrong and what to do."""

    good: bool
    answer: str
    trouble: str = ""
    remedy: str = ""


def prefer(values: Mapping[str, Any], request: Asked) -> Preference:
    """Keep how somebody wants to be told; it holds for what is routed from then on."""
    with transaction.atomic():
        kept, _made = Preference.objects.update_or_create(user=request.user, defaults=dict(values))
        said = {name: value if isinstance(value, dict | bool) else str(value or "") for name, value in values.items()}
        record(request, "notice.prefer", "user", request.user.username, said)
    return kept


def add_channel(values: Mapping[str, Any], request: Asked, *, lenders: bool = False) -> Channel:
    """Keep a channel, the user's own or the lender's; AddressError where its address cannot be used. The address is in no log."""
    address = values["address"].strip()
    service = apprised.opened(address, apprised.LENDERS if lenders else apprised.OWN)
    group = {"levels": values["levels"], "language": values["language"]} if lenders else {"user": request.user}
    with transaction.atomic():
        made = Channel.objects.create(
            name=values["name"], service=str(service.service_name)[:60], tail=address.rstrip("/")[-TAIL:], sealed=sealed.seal(address),
            made_at=timezone.now(), made_by=request.user, **group,
        )  # fmt: skip
        record(request, "notice.channel_add", "channel", str(made.pk), {"service": made.service, "lender": lenders})
    return made


def remove_channel(channel: Channel, request: Asked) -> None:
    """Remove a channel: its secret is gone, and what waits for it is withdrawn."""
    with transaction.atomic():
        gone = {"removed_at": timezone.now(), "sealed": "", "tail": ""}
        if Channel.objects.filter(pk=channel.pk, removed_at=None).update(**gone):
            Delivery.objects.filter(channel=channel, state__in=PENDING).update(state=State.WITHDRAWN)
            detail = {"service": channel.service, "lender": channel.user_id is None}
            record(request, "notice.channel_remove", "channel", str(channel.pk), detail)


def attempt(channel: Channel | None, request: Asked) -> Trial:
    """Send a test at once, through a channel or to one's own mail address; what came of it."""
    recipient: User | None = request.user if channel is None or channel.user_id else None
    language = (request.user.language if recipient or channel is None else channel.language) or "zh-hans"
    try:
        answer = dispatch.hand_over(message.trial(language), recipient, channel, uuid.uuid4())
        made = Trial(good=True, answer=answer)
    except HandingError as error:
        trouble = Trouble(error.trouble)
        made = Trial(good=False, answer=error.answer, trouble=str(trouble.label), remedy=str(REMEDIES[trouble]))
    subject = str(channel.pk) if channel else "mail"
    record(request, "notice.test", "channel", subject, {"good": made.good, "trouble": made.trouble})
    return made


def resend(chosen: QuerySet[Delivery], request: Asked) -> int:
    """Send again what is unclear or given up, by the word of who asks; how many."""
    now = timezone.now()
    with transaction.atomic():
        stuck = chosen.filter(state__in=STUCK)
        ids = sorted(stuck.select_for_update(of=("self",)).values_list("pk", flat=True))
        again = Delivery.objects.filter(pk__in=ids)
        done = again.update(state=State.WAITING, due_at=now, first_due_at=now, tries=0, trouble="", answer="")
        if done:
            record(request, "notice.resend", "notice", ",".join(map(str, ids)), {"n": done})
    return done
