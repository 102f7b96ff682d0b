"""The message that confirms a promise: offered where the person has a number or address for it, posted once the promise stands, and never in its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from daihou.desk.casework import calling
from daihou.desk.contacts import contacting
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.choices import Channel
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.asked import Asked
    from daihou.desk.casework.models import Promise
    from daihou.desk.casework.ways import Ways
    from daihou.desk.contacts.models import Contact

TEMPLATE: Final = "promise_taken"
BY: Final = (Channel.SMS, Channel.EMAIL)
"""By what it is sent, the first that is set up and that the person can be reached by."""


@dataclass(frozen=True, slots=True)
class By:
    """A point of whom one spoke to, and the channel that reaches it."""

    channel: str
    point_id: int


@dataclass(frozen=True, slots=True)
class Offer:
    """By what a promise would be confirmed; the number or address masked."""

    by: By
    label: str
    shown: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What became of it: the message that waits for its moment, or why there is none."""

    message: Contact | None
    why_not: str = ""


def offer(ways: Ways, contact: Contact) -> Offer | None:
    """By what the person of a contact may be written to, from the ways already found; None where nothing is set up, or nothing known. No query."""
    theirs = [way for group in ways.groups for way in group.ways if way.person_id == contact.person_id and way.point_id]
    for channel in (one for one in BY if one in known.ready()):
        way = next((one for one in theirs if one.channel == channel), None)
        if way is not None and way.point_id is not None:
            return Offer(By(channel, way.point_id), str(Channel(channel).label), way.shown)
    return None


def confirm(promise: Promise, contact: Contact, by: By, request: Asked, now: dt.datetime) -> Confirmation:
    """Post it to whom the promise was taken from, once a promise. It leaves when the gate permits it; where it never does, the promise stands without.

    Outside of any transaction, so that what the gate refuses is written.
    """
    try:
        message = calling.send(
            promise.case, contact.person_id, by.point_id, by.channel, TEMPLATE, f"promise-{promise.pk}", request, now
        )
    except (RefusedError, contacting.RefusedError, contacting.UnfitError) as refused:
        return Confirmation(None, str(refused))
    return Confirmation(message)


def told(confirmation: Confirmation) -> str:
    """What became of it, in a sentence."""
    if confirmation.message is None:
        return _("No confirmation is sent. %(why)s") % {"why": confirmation.why_not}
    channel = Channel(confirmation.message.channel).label
    return _("The confirmation goes out by %(channel)s.") % {"channel": str(channel).lower()}
