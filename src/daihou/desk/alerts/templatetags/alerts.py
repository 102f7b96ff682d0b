"""Marks of alerts on every page that shows some: level, topic, stage, and until when, in words and colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from babel.dates import format_date
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from daihou.desk.alerts import deadlines
from daihou.desk.alerts.choices import STAGE_COLOURS, TOPIC_CHOICES, Stage
from daihou.desk.governance import labels
from daihou.desk.governance.templatetags.rules import level
from daihou.desk.templatetags.parts import icon

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

    from daihou.desk.alerts.trends import Trend

register = template.Library()
register.filter("level", level)

TOPICS: Mapping[str, Any] = dict(TOPIC_CHOICES)
ICONS: Mapping[str, str] = {"red": "warn", "orange": "clock"}
"""What stands beside the words, so that colour does not say it alone."""


@register.filter
def topic(name: str) -> str:
    """What a topic is called, also that of alerts raised by hand."""
    return str(TOPICS.get(name, name))


@register.filter
def level_name(name: str) -> str:
    """What a level is called."""
    return str(labels.LEVELS.get(name, name))


@register.filter
def local_day(at: dt.datetime | None) -> str:
    """The local day of a moment: 2026-03-14."""
    return "" if at is None else f"{timezone.localtime(at):%Y-%m-%d}"


@register.filter
def local_minute(at: dt.datetime | None) -> str:
    """The local minute of a moment: 2026-03-14 09:30."""
    return "" if at is None else f"{timezone.localtime(at):%Y-%m-%d %H:%M}"


@register.filter
def stage(name: str) -> SafeString:
    """The mark of a stage."""
    found = Stage(name)
    return format_html('<span class="b {}">{}</span>', STAGE_COLOURS[found], found.label)


@register.filter
def points(trend: Trend) -> str:
    """The course of a measure for svg[data-points]: gaps where nothing is known."""
    return ",".join("" if value is None else f"{value:g}" for value in trend.values)


@register.filter
def due(at: dt.datetime | None) -> SafeString | str:
    """Until when something is to be done, in words and colour; nothing where nothing is due."""
    if at is None:
        return ""
    words, colour = due_said(at, timezone.now())
    mark = icon(ICONS[colour]) if colour in ICONS else ""
    local = timezone.localtime(at)
    return format_html(
        '<time class="due {}" datetime="{}" title="{}">{}{}</time>',
        colour, local.isoformat(timespec="minutes"), f"{local:%Y-%m-%d %H:%M}", mark, words,
    )  # fmt: skip


def due_said(at: dt.datetime, now: dt.datetime) -> tuple[str, str]:
    """A deadline in words, and its colour: red once it has passed, orange on its day, none before."""
    there, here = timezone.localtime(at), timezone.localtime(now)
    if at < now:
        late = deadlines.work_days_late(at, now)
        if late:
            return ngettext("%(n)s work day late", "%(n)s work days late", late) % {"n": late}, "red"
        return _("overdue since %(time)s") % {"time": f"{there:%m-%d %H:%M}"}, "red"
    days = (there.date() - here.date()).days
    if days == 0:
        return _("today %(time)s") % {"time": f"{there:%H:%M}"}, "orange"
    day = said_day(there.date(), here.date())
    return (_("tomorrow %(day)s") % {"day": day}, "") if days == 1 else (day, "")


def said_day(day: dt.date, today: dt.date) -> str:
    """A day by month, day and day of the week; with its year where that is another."""
    week_day = format_date(day, "EEE", locale="zh_Hans_CN" if labels.chinese() else "en_GB")
    return f"{day:%m-%d} {week_day}" if day.year == today.year else f"{day:%Y-%m-%d} {week_day}"
