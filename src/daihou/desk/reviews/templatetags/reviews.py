"""Marks of reviews: the state in words and colour, until when it is due, and what a move changed."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from daihou.desk.alerts.templatetags.alerts import due as due_at
from daihou.desk.people.models import User
from daihou.desk.reviews import device, filling
from daihou.desk.reviews.choices import STATE_COLOURS, State, Way

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from daihou.desk.reviews.models import ReviewMove

register = template.Library()


@register.filter
def review_state(code: str) -> SafeString:
    """The mark of a state."""
    return format_html('<span class="b {}">{}</span>', STATE_COLOURS[State(code)], State(code).label)


@register.filter
def due_by(day: dt.date) -> SafeString | str:
    """Until which day something is to be done, in words and colour."""
    return due_at(timezone.make_aware(dt.datetime.combine(day, dt.time(23, 59, 59))))


@register.filter
def clock_off(off_s: object) -> str:
    """That the clock of a device is off, in words; empty where it is not by much."""
    return device.told(off_s)


@register.filter
def place(held: str) -> str:
    """A location, as its control holds it, in numbers."""
    return filling.place_told(json.loads(held)) if held else ""


@register.filter
def step_of(days: int) -> str:
    """When a step of asking is, in words."""
    if days > 0:
        return ngettext("%(n)d day before it was due", "%(n)d days before it was due", days) % {"n": days}
    return ngettext("%(n)d day after it was due", "%(n)d days after it was due", -days) % {"n": -days} if days else _("on the day it was due")  # fmt: skip


@register.filter
def changed(move: ReviewMove) -> str:
    """What an act changed: from one due date to another, or who has it now."""
    if days := move.detail.get("due_on"):
        return " → ".join(days)
    if (versions := move.detail.get("version")) and isinstance(versions, list):
        return _("version %(before)s → %(after)s") % {"before": versions[0], "after": versions[1]}
    if way := move.detail.get("way"):
        return str(Way(way).label)
    if "owner" in move.detail:
        names = dict(User.objects.filter(username__in=[move.detail["owner"], move.detail["owner_before"]]).values_list("username", "name"))  # fmt: skip
        return " → ".join(names.get(move.detail[key], "–") for key in ("owner_before", "owner"))
    return ""
