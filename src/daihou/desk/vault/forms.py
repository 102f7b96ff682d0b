"""The form that asks what somebody is uncovered for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from daihou.desk.vault.uncovering import LEAST_NOTE, MOST_NOTE, Purpose


class PurposeForm(forms.Form):
    """A purpose from the list, and what for in one's own words."""

    purpose = forms.ChoiceField(
        label=pgettext_lazy("uncovering", "Purpose"),
        choices=[("", "–"), *Purpose.choices],
        error_messages={"required": _("Choose a purpose."), "invalid_choice": _("Choose a purpose.")},
    )
    note = forms.CharField(
        label=_("What for, in your own words"),
        min_length=LEAST_NOTE,
        max_length=MOST_NOTE,
        error_messages={
            "required": _("Say what for."),
            "min_length": _("Say a little more: at least %(limit_value)d characters."),
        },
    )
