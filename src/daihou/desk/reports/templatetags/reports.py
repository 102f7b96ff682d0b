"""Marks of reports, and the card of a review that leads to its reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.utils.html import format_html

from daihou.desk.reports import guards, scope
from daihou.desk.reports.choices import STATE_COLOURS, Language, State
from daihou.desk.reports.models import Report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from daihou.desk.reviews.models import Review

register = template.Library()
_ONE_LINE: Final = re.compile(r"[A-Za-z0-9.:/%-]{1,18}")


@register.filter
def report_state(code: str) -> SafeString:
    """The mark of a state."""
    return format_html('<span class="b {}">{}</span>', STATE_COLOURS[State(code)], State(code).label)


@register.filter
def under(row: Sequence[str], heads: Sequence[Sequence[Any]]) -> list[tuple[str, str]]:
    """The cells of a row, each with its class: `n` for numbers, `w` for a number of a record, a date or a word, which stay on one line."""
    return [
        ("n" if numeric else "w" if _ONE_LINE.fullmatch(cell) else "", cell)
        for (_label, numeric), cell in zip(heads, row, strict=True)
    ]


@register.inclusion_tag("reports/_of_review.html", takes_context=True)
def reports_of(context: Any, review: Review) -> dict[str, Any]:
    """The reports of a review that somebody sees, and the button that makes one."""
    request = context["request"]
    rights = request.rights
    of = Report.objects.filter(review=review).select_related("made_by")
    found = list(scope.seen(request.user, rights, rows=of)) if rights.may("reports.view") else []
    at_work, may_write = any(one.state != State.APPROVED for one in found), rights.may(scope.WRITE)
    against = guards.against_making(review, request.user, rights) if may_write and not at_work else ""
    return {
        "review": review, "reports": found, "at_work": at_work, "against": against,
        "shown": rights.may("reports.view"), "may_write": may_write, "languages": Language.choices,
        "language": context.get("language"), "csrf_token": context.get("csrf_token"),
    }  # fmt: skip
