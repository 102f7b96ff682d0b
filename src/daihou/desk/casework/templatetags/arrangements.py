"""The mark of an arrangement's state, in words and colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

from daihou.desk.casework.choices import ARRANGEMENT_COLOURS, ArrangementState

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def arrangement_state(code: str) -> SafeString:
    """The mark of how far an arrangement is."""
    found = ArrangementState(code)
    return format_html('<span class="b {}">{}</span>', ARRANGEMENT_COLOURS[found], found.label)
