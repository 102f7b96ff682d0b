"""The form of a webhook, and the filter of deliveries."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from daihou.desk.people.models import User
from daihou.desk.people.reach import Access
from daihou.desk.webhooks import addresses
from daihou.desk.webhooks.choices import NEEDS, REMEDIES, Kind, State, Trouble
from daihou.desk.webhooks.models import Hook


class HookForm(forms.Form):
    """Name, address, as whom it listens, and of what it is told."""

    name = forms.CharField(label=pgettext_lazy("of a webhook", "Name"), max_length=60)
    url = forms.CharField(
        label=pgettext_lazy("of a webhook", "Address"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
        help_text=_("https://… as the receiver's documentation names it. Redirects are not followed."),
    )
    user = forms.CharField(
        label=_("Listens as"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The user name of a program or a person. The webhook is told of what this user may see, and of nothing else."),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=_("Told of"),
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )

    def clean_url(self) -> str:
        """An address that requests may go to, as far as that can be told before its host is resolved."""
        url = self.cleaned_data["url"].strip()
        try:
            asked = addresses.target(url)
        except ValueError:
            raise forms.ValidationError(
                _t("This is no address of a receiver. Write it like https://hooks.example.com/daihou, without a user or a password.")
            ) from None  # fmt: skip
        wrong = None if asked.host in settings.HOOKS_ALLOWED.hosts else addresses.against(asked, settings.HOOKS_ALLOWED)
        if wrong is not None:
            raise forms.ValidationError(f"{Trouble(wrong).label} {REMEDIES[wrong]}")
        return str(url)

    def clean_user(self) -> User:
        """Somebody who is active."""
        found = User.objects.filter(username=self.cleaned_data["user"].strip()).first()
        if found is None or not found.may_act:
            raise forms.ValidationError(_t("There is no active user of this name."))
        return found

    def clean(self) -> dict[str, Any]:
        """Of what the user may see nothing of the webhook would never be told."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("user") and given.get("kinds"):
            rights = Access(given["user"])
            blind = [kind for kind in given["kinds"] if not rights.may(NEEDS[kind.partition(".")[0]])]
            if blind:
                labels = ", ".join(str(Kind(kind).label) for kind in blind)
                self.add_error("kinds", _t("The user may not see this: %(kinds)s.") % {"kinds": labels})
        return given


class DeliveryFilter(forms.Form):
    """Which deliveries are listed; every field is a parameter of the page's address."""

    hook = forms.ModelChoiceField(
        Hook.objects.all(), label=pgettext_lazy("page", "Webhook"), empty_label=_("All webhooks"), required=False
    )
    kind = forms.ChoiceField(label=_("Event"), choices=[("", _("All events")), *Kind.choices], required=False)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("In trouble")), *State.choices], required=False)
