"""Marks of collection cases: stage and state of a promise in words and colour, the name of a product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django import template
from django.utils.html import format_html

from daihou.desk.casework.choices import PROMISE_COLOURS, PromiseState, Stage
from daihou.desk.portfolio.columns import code_label
from daihou.desk.templatetags.figures import DASH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

register = template.Library()

STEPS: Final[Mapping[str, int]] = {
    "pre_due": 0,
    "S": 1,
    "M1": 1,
    "M2": 2,
    "M3": 3,
    "M4": 4,
    "M5": 4,
    "M6": 4,
    "M7+": 5,
    "written_off": 6,
}
"""Which colour of the ramp of arrears a stage has."""


@register.filter
def stage(code: str) -> SafeString:
    """The mark of a stage on the ladder."""
    return format_html('<span class="bk bk{}">{}</span>', STEPS.get(code, 0), Stage(code).label)


@register.filter
def promise_state(code: str) -> SafeString:
    """The mark of what a promise came to."""
    return format_html('<span class="b {}">{}</span>', PROMISE_COLOURS[PromiseState(code)], PromiseState(code).label)


@register.filter
def product(code: str | None) -> str:
    """A product as the house calls it."""
    return code_label("product", code) or DASH
