"""Marks of credit reports: the outcome of a query in words and colour, texts of a decision in the language in hand, names of bureaus and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.translation import get_language

from daihou.desk.bureau.choices import OUTCOME_COLOURS, Outcome, Reason

if TYPE_CHECKING:
    import datetime as dt

    from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def query_outcome(code: str) -> SafeString:
    """The mark of an outcome."""
    return format_html('<span class="b {}">{}</span>', OUTCOME_COLOURS[Outcome(code)], Outcome(code).label)


@register.filter
def bureau_name(code: str) -> str:
    """What a bureau is called; its code where the settings have it no more."""
    bureau = settings.HOME.settings.bureau(code)
    return bureau.name if bureau else code


@register.filter
def reason_name(code: str) -> str:
    """What a reason is called."""
    return str(Reason(code).label) if code in Reason.values else code


@register.filter
def in_language(refusal: dict[str, Any]) -> str:
    """The text of a refusal in the language in hand."""
    return str(refusal["zh" if (get_language() or "").startswith("zh") else "en"])


@register.filter
def moment(text: str | None) -> dt.datetime | None:
    """A moment that was kept as text."""
    return parse_datetime(text) if text else None
