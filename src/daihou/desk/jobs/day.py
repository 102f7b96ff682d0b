"""The field of a date in the forms of jobs."""

from __future__ import annotations

from typing import Any

from django import forms


class Day(forms.DateField):
    """A date, written as ISO has it in every language."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"})

    def __init__(self, **more: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **more)
