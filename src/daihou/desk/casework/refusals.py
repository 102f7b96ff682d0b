"""How the gate's refusal is told on a row: each reason in the reader's language with its article, and when it will be possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from daihou.desk.portfolio.columns import chinese

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.collection.conduct.contact import Decision


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule that refuses, and its source."""

    text: str
    citation: str


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal in words; `when` and `left` are empty where no passing of time helps."""

    reasons: tuple[Reason, ...] = ()
    when: str = ""
    left: str = ""


def told(decision: Decision, now: dt.datetime, zones: Sequence[str] = ()) -> Told:
    """The refusals of a decision, the most lasting first, each sentence once; the moment in the person's zone where one is known, else in ours."""
    if decision.allowed:
        return Told()
    zh = chinese()
    texts = dict.fromkeys((one.zh if zh else one.en, one.citation) for one in decision.refusals)
    reasons = tuple(Reason(text, citation) for text, citation in texts)
    if decision.earliest is None:
        return Told(reasons)
    zone = ZoneInfo(zones[0]) if len(zones) == 1 else timezone.get_current_timezone()
    return Told(
        reasons, _moment(decision.earliest.astimezone(zone), now.astimezone(zone)), _left(decision.earliest - now)
    )


def _moment(at: dt.datetime, now: dt.datetime) -> str:
    """The first lawful moment by day and minute, as what leads up to the clock."""
    days = (at.date() - now.date()).days
    time = f"{at:%H:%M}"
    if days == 0:
        return _("possible from %(time)s on, in") % {"time": time}
    if days == 1:
        return _("possible from tomorrow %(time)s on, in") % {"time": time}
    return _("possible from %(day)s %(time)s on, in") % {
        "day": f"{at:%m-%d}" if at.year == now.year else f"{at:%Y-%m-%d}",
        "time": time,
    }


def _left(span: dt.timedelta) -> str:
    """Hours, minutes and seconds until then, as the page's clock goes on."""
    seconds = max(int(span.total_seconds()), 0)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
