"""What may not be done to a draft, and why: each guard answers the reason as a sentence, or nothing where it allows."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from daihou.desk.governance import checks, dates, published
from daihou.desk.governance.models import Attachment, Draft, State
from daihou.warning.past import has_past

if TYPE_CHECKING:
    from daihou.desk.people.models import User

REASON_CHARACTERS = 5
"""Fewest characters of a reason: "ok" is none."""


def against_writing(draft: Draft) -> str:
    """What is being reviewed stays as the reviewer reads it."""
    if draft.state == State.SUBMITTED:
        return _("It is being reviewed. The reviewer can return it, or it can be withdrawn.")
    if not draft.writable:
        return _("This version is decided. What is to change is the next version.")
    return ""


def against_submitting(draft: Draft, without_backtest: str, now: dt.datetime) -> list[str]:
    """Everything that is missing before somebody else may be asked to review it, in the order in which it is done."""
    refused = against_writing(draft)
    if refused:
        return [refused]
    missing = [*_wrong(draft), *_number_taken(draft), *_dates_wrong(draft, now)]
    if not draft.retires and has_past(draft.values["subject"]):
        if draft.evidence(Attachment.Kind.TRIAL) is None:
            missing.append(_("Try it on today's book as it now reads."))
        if draft.evidence(Attachment.Kind.BACKTEST) is None and len(without_backtest.strip()) < REASON_CHARACTERS:
            missing.append(_("Attach a backtest of it as it now reads, or state why there is none."))
    return missing


def against_reviewing(draft: Draft, user: User) -> str:
    """Four eyes: who made it does not check it."""
    if draft.state != State.SUBMITTED:
        return _("Only what waits for review can be approved.")
    return _against_makers(draft, user)


def against_approving(draft: Draft, user: User, now: dt.datetime) -> str:
    """Beside four eyes: what is approved must still be able to go into force as it reads."""
    refused = against_reviewing(draft, user)
    return refused or next(iter([*_wrong(draft), *_number_taken(draft), *_dates_wrong(draft, now)]), "")


def against_publishing(draft: Draft, user: User, now: dt.datetime) -> str:
    """What was approved and could not be written to the register at once."""
    if draft.state != State.APPROVED:
        return _("Only what is approved can be published.")
    refused = _against_makers(draft, user)
    return refused or next(iter([*_number_taken(draft), *_dates_wrong(draft, now)]), "")


def against_returning(draft: Draft, user: User, note: str | None) -> str:
    """A return says what is to be done; before anything is written (None) only whether it may be returned is answered."""
    if draft.state not in (State.SUBMITTED, State.APPROVED):
        return _("Only what waits for review can be returned.")
    refused = _against_makers(draft, user)
    if refused:
        return refused
    if note is not None and len(note.strip()) < REASON_CHARACTERS:
        return _("Say what is to be changed, in a few words.")
    return ""


def against_withdrawing(draft: Draft) -> str:
    """What is at its end stays there."""
    if not draft.open:
        return _("This version is decided. What is to change is the next version.")
    return ""


def against_beginning(rule_id: str) -> str:
    """One draft of a rule at a time; a rule that has ended does not begin again."""
    if Draft.objects.filter(rule_id=rule_id, state__in=("drafting", "submitted", "returned", "approved")).exists():
        return _("The rule has a draft already. Go on with it, or withdraw it first.")
    return ""


def against_retiring(rule_id: str, day: dt.date) -> str:
    """Only what warns can be ended."""
    refused = against_beginning(rule_id)
    if refused:
        return refused
    found = published.rule(rule_id)
    live = found.live(day) if found else None
    if live is None:
        return _("The rule is not in force, so there is nothing to end.")
    if live.retired:
        return _("The rule has ended already.")
    return ""


def _against_makers(draft: Draft, user: User) -> str:
    if user.pk in draft.makers():
        return _("You wrote or submitted it yourself. Somebody else reviews it.")
    return ""


def _wrong(draft: Draft) -> list[str]:
    """What the checks find, in one sentence each."""
    return [problem.said for problem in checks.examined(draft.text).problems]


def _number_taken(draft: Draft) -> list[str]:
    newest = published.newest(draft.rule_id)
    if newest >= draft.number:
        return [
            _("Version %(number)d was published meanwhile by other means. Saved once more, this draft gets the next number.")
            % {"number": newest}
        ]  # fmt: skip
    return []


def _dates_wrong(draft: Draft, now: dt.datetime) -> list[str]:
    """Dates that lie too early for what is decided now; text that is no date is found by the checks."""
    values, first = draft.values, dates.earliest(settings.HOME, now)
    stated = {name: _as_date(values[name]) for name in ("from", "shadow_from")}
    if any(day is not None and day < first for day in stated.values()):
        return [_("It can hold from %(day)s at the earliest: the next business day.") % {"day": first.isoformat()}]
    return []


def _as_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
