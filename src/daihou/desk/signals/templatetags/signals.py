"""Signals on the pages of loans, borrowers and rules: the cards of what is open, and addresses of the rows behind a count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django import template
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from daihou.desk.portfolio import moments
from daihou.desk.portfolio.columns import fields
from daihou.desk.portfolio.subjects import address
from daihou.desk.signals import listing, rows, said
from daihou.desk.signals.watch import watch_by
from daihou.expressions import CHARACTERS, columns_named, text

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from daihou.desk.governance.numbers import Counts

register = template.Library()

SHOWN: Final = 12
"""Signals that a card shows; the list has the others."""
WATCHED: Final = "current,overdue,unmeasured"
"""The states of the loans that are watched."""

TRANSITIONS: Final[Mapping[str, tuple[Any, Any]]] = {
    "opened": (pgettext_lazy("signal", "opened"), ""),
    "cleared": (
        pgettext_lazy("signal", "cleared"),
        gettext_lazy("The clear condition held for as many runs as the rule asks."),
    ),
    "ended": (
        pgettext_lazy("signal", "ended"),
        gettext_lazy(
            "Its subject is no longer watched: the loan is closed, the borrower has no live loan, or the model no longer scores."
        ),
    ),
    "retired": (pgettext_lazy("signal", "retired"), gettext_lazy("Its rule does not judge any more.")),
    "withdrawn": (
        pgettext_lazy("signal", "withdrawn"),
        gettext_lazy("It was opened during the day, and does not hold any more the same day."),
    ),
    "resumed": (pgettext_lazy("signal", "resumed"), ""),
}
"""What becomes of a signal, and why."""


@register.inclusion_tag("signals/card.html", takes_context=True)
def open_signals(context: Any, subject: str, subject_id: str, day: dt.date) -> dict[str, Any]:
    """The card of a loan, or of a borrower with its loans: what was open after the last watch up to a day, as far as it is in reach."""
    request = context["request"]
    found = watch_by(day, moments.moment(QueryDict()))
    shown: dict[str, Any] = {"subject": subject, "subject_id": subject_id, "watch": found, "rows": [], "more": 0}
    if found is not None:
        held = listing.of_subject(found, request.rights.reach("portfolio.view"), subject, subject_id)
        shown |= {"rows": rows.told(held[:SHOWN], found.day), "count": len(held), "more": len(held) > SHOWN}
    return shown


@register.simple_tag
def subject_address(subject: str, subject_id: str) -> str:
    """The page of what a signal is about; empty where the desk has none."""
    return address(subject, subject_id)


@register.simple_tag
def signals_address(rule_id: str, counts: Counts, day: dt.date) -> str:
    """The list of the signals of a rule that are open after the watch of a day."""
    shadow = {"shadow": "1"} if counts.shadow else {}
    return f"{reverse('signals')}?{urlencode({'rule': rule_id, **shadow, **_dates(day)})}"


@register.simple_tag
def watched_address(subject: str, day: dt.date) -> str:
    """The list of the loans that were watched on a day; empty for borrowers and models, of whom no list asks just that."""
    return f"{reverse('loans')}?{urlencode({'state': WATCHED, **_dates(day)})}" if subject == "loan" else ""


@register.simple_tag
def hits_address(rule_id: str, counts: Counts, day: dt.date) -> str:
    """The list of the loans for which a rule held on a day; empty where a list of loans cannot ask it, as of columns of the borrower."""
    version = said.checked(rule_id, counts.version)
    if version is None or version.rule.subject != "loan":
        return ""
    condition, known = text(version.condition), fields()
    if any(field.name not in known for field in columns_named(version.condition)) or len(condition) > CHARACTERS:
        return ""
    return f"{reverse('loans')}?{urlencode({'state': WATCHED, 'where': condition, **_dates(day)})}"


@register.filter
def transition(name: str) -> str:
    """What became of a signal."""
    return str(TRANSITIONS.get(name, (name, ""))[0])


@register.filter
def ended(name: str) -> str:
    """Why a signal is over."""
    return str(TRANSITIONS.get(name, (name, ""))[1])


@register.filter
def noted(note: Mapping[str, Any]) -> str:
    """What a later run would have said otherwise of a date."""
    opening = note["transition"] == "opened"
    if note["note"] == "missed":
        return _("would have opened a signal") if opening else _("would have closed the signal")
    return _("would not have opened the signal") if opening else _("would not have closed the signal")


def _dates(day: dt.date) -> dict[str, str]:
    return {"as_of": day.isoformat(), "known_on": day.isoformat()}
