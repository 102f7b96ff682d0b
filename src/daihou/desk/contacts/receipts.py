"""Receipts: what became of text messages that the gateway took, read from where one left off."""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from daihou.desk.audit.log import record
from daihou.desk.contacts import points
from daihou.desk.contacts.channels import sms
from daihou.desk.contacts.choices import Outcome, State
from daihou.desk.contacts.models import Contact, Receipts
from daihou.desk.contacts.sending import harmless
from daihou.desk.contacts.troubles import Trouble
from daihou.desk.notices.handing import HandingError

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.contacts.channels.sms import Receipt

LOG = logging.getLogger(__name__)

MOST_BATCHES: Final = 20
"""Asked for in a row, so that a gateway that never ends does not keep the sender from sending."""
AWAITED: Final = (State.SENDING, State.UNCLEAR, State.SENT, State.FAILED)
"""A receipt may be sooner than the sender's own mark, settles what was unclear, and stops what would be tried again because the gateway said no and took it."""


def poll(now: dt.datetime) -> int:
    """Read all that is new; how many receipts. A gateway that does not answer is asked again the next time.

    The cursor moves in the transaction in which the receipts are noted, so that none is lost; read twice, one changes nothing.
    """
    gateway = settings.SMS_GATEWAY
    if not gateway.host:
        return 0
    read = 0
    for _ in range(MOST_BATCHES):
        stood = Receipts.objects.filter(gateway=gateway.name).values_list("after", flat=True).first() or ""
        try:
            found, after = sms.receipts(gateway, stood)
        except HandingError as error:
            LOG.warning("no receipts for now: %s %s", error.trouble, error.answer)
            break
        if not found and after == stood:
            break
        with transaction.atomic():
            note(found, now)
            Receipts.objects.update_or_create(gateway=gateway.name, defaults={"after": after, "at": now})
        read += len(found)
    return read


def note(found: Sequence[Receipt], now: dt.datetime) -> None:
    """Write what receipts say onto their messages, each a conditional update; those of nobody's messages say nothing."""
    by_number = {
        str(one.number): one for one in Contact.objects.select_related("point").filter(number__in=_numbers(found))
    }
    for receipt in found:
        contact = by_number.get(receipt.number)
        if contact is None or receipt.state not in ("delivered", "failed"):
            continue
        mine = Contact.objects.filter(pk=contact.pk, state__in=AWAITED)
        expected = Contact.objects.filter(pk=contact.pk, outcome__in=(Outcome.PENDING, Outcome.SENT))
        if receipt.state == "delivered":
            changed = mine.update(state=State.DELIVERED, trouble="", delivered_at=now)
            outcome, state = Outcome.DELIVERED, State.DELIVERED
        else:
            changed = mine.update(state=State.GIVEN_UP, trouble=Trouble.UNDELIVERED, answer=harmless(receipt.reason))
            outcome, state = Outcome.FAILED, State.GIVEN_UP
        if not changed:
            continue
        expected.update(outcome=outcome, ended_at=now)
        if receipt.reason == sms.NO_SUCH_NUMBER and contact.point is not None:
            points.mark(contact.point, "invalid", now, None)
        record(
            None,
            "contact.send",
            "contact",
            str(contact.pk),
            {"channel": contact.channel, "template": contact.template, "state": state.value},
        )


def _numbers(found: Sequence[Receipt]) -> list[str]:
    """Those that can be ours: a gateway may be shared, and others may number as they like."""
    numbers = []
    for receipt in found:
        try:
            numbers.append(str(uuid.UUID(receipt.number)))
        except ValueError:
            continue
    return numbers
