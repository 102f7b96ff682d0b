"""Posting a message by its template: what is asked of the gate, and until when it may be sent, come from the template itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.contacts import contacting, messages
from daihou.desk.contacts.channels import known
from daihou.desk.contacts.errors import UnfitError
from daihou.desk.contacts.fitting import KINDS
from daihou.desk.contacts.wording import UnknownError, language_of, written

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from daihou.desk.asked import Asked
    from daihou.desk.contacts.contacting import Wanted
    from daihou.desk.contacts.models import Contact
    from daihou.desk.contacts.points import Shown


def by_first(channels: Iterable[str], reach: Iterable[Shown]) -> tuple[str, Shown] | None:
    """The first of some channels that is set up and reaches somebody, with the point by which it does."""
    ready = known.ready()
    for channel in channels:
        if channel in ready:
            for shown in reach:
                if shown.point.kind == KINDS[channel] and shown.point.invalid_at is None:
                    return channel, shown
    return None


def lasts(code: str, day: dt.date) -> timedelta:
    """For how long a message may wait; a template that there is not is refused when it is posted."""
    template = messages.policy(day).template(code)
    return timedelta(hours=template.lasts_hours if template else 1)


def post(
    wanted: Wanted, key: str, code: str, values: Mapping[str, Any], request: Asked | None, *, language: str = "",
    at: dt.datetime | None = None, expires_at: dt.datetime | None = None, now: dt.datetime | None = None,
) -> Contact:  # fmt: skip
    """A message of a template to somebody, waiting for the sender; see `contacting.post`, which it goes through.

    Purpose and `limited` are the template's. `values` as `wording.written` takes them: amounts in minor units of `currency`, days in ISO. It
    expires at `expires_at`, else as many hours after `at`, or now, as the template says. UnfitError where the channel is not set up, or the
    template has no text for it or names what is not given; RefusedError where the gate never permits it in time.
    """
    now = now or timezone.now()
    policy = messages.policy(timezone.localdate(now))
    template = policy.template(code)
    if wanted.channel not in known.ready():
        raise UnfitError(_("This channel is not set up."))
    if template is None:
        raise UnfitError(_("There is no such message."))
    try:
        written(policy, template, wanted.channel, language_of(language), values)
    except UnknownError as error:
        raise UnfitError(_("The message cannot be written: %(why)s.") % {"why": error}) from error
    return contacting.post(
        replace(wanted, purpose=template.purpose, limited=template.limited), key, code, dict(values), request,
        at=at, expires_at=expires_at or (at or now) + timedelta(hours=template.lasts_hours), language=language_of(language), now=now,
    )  # fmt: skip
