"""Marks of letters, and the card of a loan: until when its claim may be brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.translation import pgettext

from daihou.book.errors import DaihouError
from daihou.desk.governance import labels
from daihou.desk.letters import limits, printing, scope, serving
from daihou.desk.letters.choices import STATE_COLOURS, State
from daihou.desk.letters.policy import law, policy
from daihou.desk.letters.views.lists import newest

if TYPE_CHECKING:
    import datetime as dt

    from django.utils.safestring import SafeString

    from daihou.desk.casework.models import Case
    from daihou.policies.limitation import Means

register = template.Library()

SHOWN = 5
"""Letters that a card shows."""


@register.filter
def letter_state(code: str) -> SafeString:
    """The mark of a state."""
    return format_html('<span class="b {}">{}</span>', STATE_COLOURS[State(code)], State(code).label)


@register.filter
def way_name(means: Means | None) -> str:
    """What a means is called."""
    if means is None:
        return "–"
    return means.zh if labels.chinese() else means.en


@register.filter
def event_name(code: str) -> str:
    """What a kind of event of limitation is called."""
    kind = law().kind(code)
    if kind is None:
        return code
    return kind.zh if labels.chinese() else kind.en


@register.filter
def part_of(code: str) -> str:
    """What a component of an amount is called."""
    return {
        "principal": pgettext("part of a claim", "Principal"),
        "interest": pgettext("part of a claim", "Interest"),
        "fee": pgettext("part of a claim", "Fee"),
        "charges": pgettext("part of a claim", "Penalty interest and other charges"),
        "unsplit": pgettext("part of a claim", "Amount due"),
    }[code]


@register.simple_tag
def letter_amount(minor: int, currency: str, code: str) -> str:
    """An amount as a letter writes it."""
    return printing.said(minor, currency, chinese=code.startswith("zh"))


@register.simple_tag
def letter_day(day: str, code: str) -> str:
    """A day as a letter writes it."""
    return printing.dated(str(day), chinese=code.startswith("zh"))


def _soon(limit: limits.Limit | None, today: dt.date) -> bool:
    """Whether limitation ends within the days of policy."""
    left = limit.standing.days_left if limit else None
    return left is not None and 0 <= left <= policy(today).soon_days


@register.inclusion_tag("letters/card.html", takes_context=True)
def loan_limitation(context: Any, loan_id: str) -> dict[str, Any]:
    """The card of a loan: its limitation and guarantees, and its last letters in reach; nothing for who may see no letters."""
    request = context["request"]
    if not request.rights.may("letters.view"):
        return {"hidden": True}
    today, moment = serving.today(), newest()
    try:
        limit = limits.of_loan(loan_id, moment, today) if moment else None
        bound = limits.guarantors(limit.row, today) if limit else []
        soon = _soon(limit, today)
    except DaihouError as error:
        return {"trouble": str(error)}
    letters = list(scope.seen(request.user, request.rights).filter(loan_id=loan_id).order_by("-pk")[:SHOWN])
    return {
        "limit": limit, "soon": soon, "bound": bound, "letters": letters, "names": printing.masked(letters), "today": today,
        "hidden": not limit and not letters,
    }  # fmt: skip


@register.inclusion_tag("letters/case_card.html", takes_context=True)
def case_limitation(context: Any, case: Case) -> dict[str, Any]:
    """The card of a case: the limitation of each of its loans that is overdue; nothing for who may see no letters."""
    if not context["request"].rights.may("letters.view"):
        return {}
    today, moment = serving.today(), newest()
    loan_ids = list(case.of_loans.values_list("loan_id", flat=True)) if moment else []
    try:
        found = limits.of_borrower(loan_ids, moment, today) if moment and loan_ids else []
        return {"limits": [(one, _soon(one, today)) for one in found]}
    except DaihouError as error:
        return {"trouble": str(error)}
