"""Forms of notices: how somebody wants to be told, and a channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from daihou.desk.governance.labels import LEVELS
from daihou.desk.notices.choices import Kind, Way
from daihou.desk.people.forms import LANGUAGES

if TYPE_CHECKING:
    from django.forms import BoundField

    from daihou.desk.notices.models import Preference

AS_LEVEL = ("", pgettext_lazy("way of a notice", "As its level"))


def _time() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class PreferenceForm(forms.Form):
    """Way by level and by kind, the hour of the digest, quiet hours, mail or not."""

    digest_at = forms.TimeField(label=_("Digest at"), widget=_time(), help_text=_("On work days, local time."))
    quiet_from = forms.TimeField(label=_("Quiet from"), widget=_time(), required=False)
    quiet_to = forms.TimeField(
        label=_("Quiet until"), widget=_time(), required=False, help_text=_("What is sent at once waits until then.")
    )
    red_pierces = forms.BooleanField(label=_("Red is sent in quiet hours too"), required=False)
    by_mail = forms.BooleanField(label=_("Send me mail"), required=False)

    def __init__(self, data: Any, preference: Preference) -> None:
        names = ("digest_at", "quiet_from", "quiet_to", "red_pierces", "by_mail")
        initial = {name: getattr(preference, name) for name in names}
        initial |= {f"level_{level}": preference.levels.get(level, Way.DIGEST) for level in LEVELS}
        initial |= {f"kind_{kind}": preference.kinds.get(kind, "") for kind in Kind.values}
        super().__init__(data, initial=initial)
        for level, label in LEVELS.items():
            self.fields[f"level_{level}"] = forms.ChoiceField(label=label, choices=Way.choices)
        for kind in Kind:
            self.fields[f"kind_{kind.value}"] = forms.ChoiceField(
                label=kind.label, choices=[AS_LEVEL, *Way.choices], required=False
            )

    @property
    def by_level(self) -> list[BoundField]:
        """The fields of levels."""
        return [self[f"level_{level}"] for level in LEVELS]

    @property
    def by_kind(self) -> list[BoundField]:
        """The fields of kinds."""
        return [self[f"kind_{kind}"] for kind in Kind.values]

    @property
    def hours(self) -> list[BoundField]:
        """The fields of times, and the boxes."""
        return [self[name] for name in ("digest_at", "quiet_from", "quiet_to", "red_pierces", "by_mail")]

    def clean(self) -> dict[str, Any]:
        """Quiet hours have a beginning and an end, or neither."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if (given.get("quiet_from") is None) != (given.get("quiet_to") is None):
            self.add_error("quiet_to", _("Give both the beginning and the end of quiet hours, or neither."))
        return given

    @property
    def values(self) -> dict[str, Any]:
        """What a preference keeps."""
        given = self.cleaned_data
        return {
            "levels": {level: given[f"level_{level}"] for level in LEVELS},
            "kinds": {kind: given[f"kind_{kind}"] for kind in Kind.values if given[f"kind_{kind}"]},
            **{name: given[name] for name in ("digest_at", "quiet_from", "quiet_to", "red_pierces", "by_mail")},
        }


class ChannelForm(forms.Form):
    """A channel of a user."""

    name = forms.CharField(label=pgettext_lazy("of a channel", "Name"), max_length=60)
    address = forms.CharField(
        label=pgettext_lazy("of a channel", "Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_(
            "The webhook as WeCom, DingTalk, Feishu or Slack shows it, or an address of Apprise. It is sealed and never shown again."
        ),
    )


class GroupChannelForm(ChannelForm):
    """A channel of the lender: also the levels that it is told of, and its language."""

    levels = forms.MultipleChoiceField(
        label=_("Levels"),
        choices=list(LEVELS.items()),
        initial=["red"],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
