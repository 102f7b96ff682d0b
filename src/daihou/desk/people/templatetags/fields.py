"""Fields of forms in the desk's shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms, template

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def control(field: BoundField) -> SafeString:
    """A field's control with the class of its kind; Django ties it to its help and its errors."""
    return field.as_widget(attrs={"class": _class(field)})


@register.filter
def is_check(field: BoundField) -> bool:
    """Whether it is a box to tick, which stands before its label."""
    return isinstance(field.field.widget, forms.CheckboxInput)


def _class(field: BoundField) -> str:
    if is_check(field):
        return "form-check-input"
    return "form-select" if isinstance(field.field.widget, forms.Select) else "form-control"
