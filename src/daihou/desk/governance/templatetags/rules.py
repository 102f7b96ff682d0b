"""Conditions as coloured code, and the marks of levels, topics and states."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import template
from django.utils.html import format_html, format_html_join

from daihou.desk.governance import difference, labels
from daihou.warning import past

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from daihou.warning.rule import Text

register = template.Library()

TOKENS: Final = re.compile(
    r"(?P<string>'(?:[^']|'')*')|(?P<o>\b(?:and|or|not|in|between|is|null)\b|[<>=!]+|[-+*])"
    r"|(?P<num>\d[\d.]*%?)|(?P<f>[A-Za-z_]\w*)|(?P<rest>[\s\S])",
    re.IGNORECASE,
)
CLASSES: Final = {"o": "o", "num": "num", "f": "f", "string": "num"}


@register.filter
def code(condition: str | None) -> SafeString:
    """A condition with its words coloured by kind, for within .code."""
    return format_html_join("", "{}", ((_coloured(found),) for found in TOKENS.finditer(condition or "")))


def _coloured(found: re.Match[str]) -> SafeString | str:
    kind = CLASSES.get(found.lastgroup or "")
    return format_html('<span class="{}">{}</span>', kind, found[0]) if kind else found[0]


@register.filter
def level(name: str) -> SafeString:
    """The mark of a level."""
    return format_html('<span class="lv {}">{}</span>', name, labels.LEVELS.get(name, name))


@register.filter
def topic(name: str) -> str:
    """What a topic is called."""
    return str(labels.TOPICS.get(name, name))


@register.filter
def subject(name: str) -> str:
    """What is watched."""
    return str(labels.SUBJECTS.get(name, name))


@register.filter
def has_past(subject: str) -> bool:
    """Whether rules on such subjects are tried on past dates."""
    return past.has_past(subject)


@register.filter
def said(text: Text) -> str:
    """A text in the language of the page."""
    return labels.said(text)


@register.filter
def shown(value: Any, name: str) -> str:
    """A value of a draft as people read it."""
    return difference.shown(name, value)


@register.filter
def field_label(name: str) -> str:
    """What a field of a rule is called."""
    return str(labels.FIELDS.get(name, name))
