"""Forms of an administrator: a user's data, and a role for a part of the organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from daihou.desk.people.models import User
from daihou.desk.people.roles import Role

if TYPE_CHECKING:
    from daihou.desk.people.scope import Place

LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A user's data; the user name is given once, since the audit log names people by it."""

    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["username", "name", "email", "officer_id", "language"]
        labels: ClassVar = {
            "username": _("User name"),
            "name": _("Name"),
            "email": _("E-mail"),
            "officer_id": _("Officer number"),
        }
        help_texts: ClassVar = {
            "username": _("For signing in. It cannot be changed later."),
            "officer_id": _(
                "As the loans carry it: whose customers are this user's own. Only needed by a credit officer."
            ),
        }

    def __init__(self, *args: Any, own: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].widget.attrs.update(autocomplete="off", autofocus=True)
        self.fields["username"].disabled = self.instance.pk is not None
        self.fields["officer_id"].disabled = own


class MembershipForm(forms.Form):
    """A role, and for which part of the organisation."""

    role = forms.ChoiceField(label=_("Role"), choices=[("", "–"), *Role.choices])
    org_id = forms.ChoiceField(label=_("Part of the organisation"), required=False)

    def __init__(self, *args: Any, places: list[Place], whole: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(place.org_id, place.label) for place in places]
        field = self.fields["org_id"]
        field.choices = [("", _("The whole lender")), *choices] if whole else choices  # type: ignore[attr-defined]
        field.required = not whole
