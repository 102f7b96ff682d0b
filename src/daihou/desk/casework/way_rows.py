"""One way to make contact as its row says it: what it is called, what to know of it, whether it is allowed, and why not and until when."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.desk.casework import refusals
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.choices import Channel, Outcome, Use
from daihou.desk.contacts.messages import policy as texts
from daihou.desk.contacts.models import Contact
from daihou.desk.portfolio.columns import chinese

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from daihou.collection.conduct.contact import Decision
    from daihou.desk.casework.models import Case
    from daihou.desk.contacts.fitting import Wanted
    from daihou.desk.contacts.people import Somebody
    from daihou.desk.contacts.points import Shown

ICONS: Final[Mapping[str, str]] = {
    Channel.PHONE: "phone", Channel.SMS: "msg", Channel.EMAIL: "mail", Channel.VISIT: "door", Channel.LETTER: "file", Channel.APP: "msg",
    Channel.VOICE_BOT: "phone",
}  # fmt: skip
ACTS: Final = (Channel.PHONE, Channel.VISIT)
"""Channels by which somebody acts at once; the others send."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A contact that may be thought of."""

    somebody: Somebody
    shown: Shown | None
    channel: str
    wanted: Wanted


@dataclass(frozen=True, slots=True)
class Template:
    """A message that may be sent."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Way:
    """One point by one channel, for the page."""

    id: str
    person_id: str
    point_id: int | None
    channel: str
    icon: str
    label: str
    shown: str
    note: str
    allowed: bool
    dials: bool
    """Whether somebody acts at once; else a message is sent."""
    templates: tuple[Template, ...]
    reasons: tuple[refusals.Reason, ...]
    until: dt.datetime | None
    """The first lawful moment, where it is not allowed now and time alone helps."""
    until_words: str
    left: str
    key: str
    first: bool
    """Whether the key `d` dials it."""


@dataclass(frozen=True, slots=True)
class Today:
    """The contacts of our day, by point; those without one under 0."""

    now: dt.datetime
    by_point: Mapping[int, Sequence[Contact]]

    def counted(self, person_id: str) -> str:
        """How often somebody was spoken to, and tried; nothing where nobody tried."""
        theirs = [one for of_point in self.by_point.values() for one in of_point if one.person_id == person_id]
        spoke = sum(one.outcome == Outcome.CONVERSATION for one in theirs)
        return (
            _("today: spoken to %(spoke)s, tried %(tried)s") % {"spoke": spoke, "tried": len(theirs)} if theirs else ""
        )


def today(person_ids: Sequence[str], now: dt.datetime) -> Today:
    """What was made with some people on our day; what was not made after all is left out. One query."""
    begin = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    made = Contact.objects.filter(
        person_id__in=person_ids, at__gte=begin, at__lt=begin + dt.timedelta(days=1), inbound=False
    )
    found: dict[int, list[Contact]] = {}
    for contact in made.exclude(outcome=Outcome.NOT_MADE):
        found.setdefault(contact.point_id or 0, []).append(contact)
    return Today(now, found)


def way(case: Case, offer: Offer, decision: Decision, day: Today, *, first: bool) -> Way:
    """The row of an offer, by what the gate says of it; a message that cannot be sent for want of a channel or a text is closed too."""
    point = offer.shown.point if offer.shown else None
    told, allowed = refusals.told(decision, day.now, offer.somebody.zones), decision.allowed
    templates = _templates(case, offer, day.now)
    if allowed and offer.channel not in ACTS and not templates:
        told, allowed = refusals.Told((refusals.Reason(_why_no_message(offer.channel), ""),)), False
    return Way(
        f"{offer.channel}-{point.pk if point else offer.somebody.person_id}", offer.somebody.person_id, point.pk if point else None, offer.channel,
        ICONS[offer.channel], _label(offer), offer.shown.masked if offer.shown else "", _note(offer, day, limited=decision.limited), allowed,
        offer.channel in ACTS, templates, told.reasons, None if decision.allowed else decision.earliest, told.when, told.left, uuid.uuid4().hex, first,
    )  # fmt: skip


def _templates(case: Case, offer: Offer, now: dt.datetime) -> tuple[Template, ...]:
    """The messages that may be sent; none of a channel that is not set up."""
    if offer.channel in ACTS or offer.channel not in known.ready():
        return ()
    offered = texts(timezone.localdate(now)).offered(offer.channel, stage=case.stage, limited=offer.wanted.limited)
    return tuple(Template(one.code, one.zh if chinese() else one.en) for one in offered)


def _why_no_message(channel: str) -> str:
    return _("There is no message for this stage.") if channel in known.ready() else _("This channel is not set up.")


def _label(offer: Offer) -> str:
    """What the way is called: the channel, and whose phone it is where that is not their own."""
    channel = str(Channel(offer.channel).label)
    point = offer.shown.point if offer.shown else None
    if point is None or point.use == Use.OWN or offer.channel != Channel.PHONE:
        return channel
    return pgettext("channel with the use of its number", "%(channel)s (%(use)s)") % {
        "channel": channel,
        "use": Use(point.use).label,
    }


def _note(offer: Offer, day: Today, *, limited: bool) -> str:
    """What to know of it: preferred, out of service, how often it was tried today; that nothing may be said of a debt."""
    point, found = offer.shown.point if offer.shown else None, []
    if point is not None:
        if point.preferred:
            found.append(_("preferred"))
        if point.invalid_at is not None:
            found.append(
                _("found out of service on %(day)s") % {"day": f"{timezone.localtime(point.invalid_at):%m-%d}"}
            )
        tried = sum(one.channel == offer.channel for one in day.by_point.get(point.pk, ()))
        if tried and offer.channel in ACTS:
            found.append(ngettext("tried once today", "tried %(n)s times today", tried) % {"n": tried})
        elif tried:
            found.append(ngettext("one message today", "%(n)s messages today", tried) % {"n": tried})
    if limited or offer.wanted.limited:
        found.append(_("say nothing of the debt"))
    return " · ".join(found)
