"""Forms of models: a decision on a version, an overlay, the design to train."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from daihou.desk.jobs.day import Day
from daihou.desk.scoring import labels
from daihou.monitoring.market.family import MARKET

WORDS: Final = 2_000


def _note(help_text: Any, *, required: bool = False) -> forms.CharField:
    widget = forms.Textarea({"rows": 2, "class": "form-control"})
    return forms.CharField(label=_("Note"), required=required, max_length=WORDS, widget=widget, help_text=help_text)


class Approve(forms.Form):
    """Let a version score from a day on."""

    role = forms.ChoiceField(label=pgettext_lazy("of a version", "As"), choices=list(labels.ROLES.items()))
    from_on = Day(label=_("From day"), help_text=_("Today at the earliest: what was scored stays as it was."))
    note = _note(_("Why it may score; kept in the register."))


class Return(forms.Form):
    """Send a version back to its author."""

    note = _note(_("What must change."), required=True)


class Retire(forms.Form):
    """End a version."""

    from_on = Day(label=_("From day"), help_text=_("From this day on it scores nobody; its scores stay."))
    note = _note(_("Why it ends."))


def _measures() -> list[tuple[str, str]]:
    return [(one.name, f"{one.name} · {one.zh if labels.chinese() else one.en}") for one in MARKET.measures]


class Ask(forms.Form):
    """Ask what a scenario of the market does to the probabilities of a model."""

    measure = forms.ChoiceField(label=_("Measure of the market"), choices=_measures)
    value = forms.DecimalField(
        label=_("In the scenario"), widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("A rate as a fraction: 0.055 is 5.5%."),
    )  # fmt: skip


class Propose(forms.Form):
    """Propose an overlay."""

    multiplier = forms.DecimalField(
        label=_("Multiplier of PD"), min_value=Decimal("0.01"), max_digits=7, decimal_places=4,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    from_on = Day(label=_("From day"))
    to_on = Day(label=_("To day"))
    measure = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    value = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    note = _note(_("The scenario and its source."), required=True)


class Agree(forms.Form):
    """Agree to an overlay."""

    note = _note("")
