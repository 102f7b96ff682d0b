"""The form of a program, and for how long a token holds."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from daihou.book import contracts
from daihou.desk.people.models import User
from daihou.desk.programs.models import REQUESTS_PER_SECOND, ROWS_PER_SECOND, Program
from daihou.desk.programs.scopes import SCOPES

DAYS: Final = (30, 90, 180, 365)
"""How long a token may hold; who needs longer replaces it, which works without a break."""
DAYS_FIRST: Final = 90
MOST_A_SECOND: Final = 100_000


class ProgramForm(forms.Form):
    """What a program is called, what it may do, and how much of it."""

    code = forms.CharField(
        label=pgettext_lazy("of a program", "Code"),
        max_length=40,
        validators=[RegexValidator(r"\A[a-z][a-z0-9-]*[a-z0-9]\Z", _("Use small letters, digits and hyphens, a letter first."))],
        help_text=_("By which the log and the quarantine name it: small letters, digits, hyphens. It cannot be changed later."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )  # fmt: skip
    name = forms.CharField(label=pgettext_lazy("of a program", "Name"), max_length=80)
    purpose = forms.CharField(
        label=_("What it is for"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("And whom to ask about it.")
    )  # fmt: skip
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text=_("What the roles of its user allow, and of that only what is ticked here."),
    )
    tables = forms.MultipleChoiceField(
        label=_("Tables it may send"),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text=_("None ticked: all tables of the contract."),
    )
    requests_per_second = forms.IntegerField(
        label=_("Requests a second"), min_value=1, max_value=MOST_A_SECOND, initial=REQUESTS_PER_SECOND
    )
    rows_per_second = forms.IntegerField(
        label=_("Rows a second"), min_value=1, max_value=MOST_A_SECOND, initial=ROWS_PER_SECOND
    )

    def __init__(self, *args: Any, program: Program | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.program = program
        _choices(self.fields["scopes"], [(code, f"{scope.label} · {code}") for code, scope in SCOPES.items()])
        _choices(self.fields["tables"], [(name, name) for name in contracts.TABLES])
        if program is not None:
            self.fields["code"].disabled = True

    def clean_code(self) -> str:
        """A code that no program has, nor its user."""
        code = str(self.cleaned_data["code"])
        if self.program is None and User.objects.filter(username=f"api-{code}").exists():
            raise forms.ValidationError(_t("There is a program of this code."))
        return code


class TokenForm(forms.Form):
    """For how many days a token holds."""

    days = forms.TypedChoiceField(label=_("Holds for"), coerce=int, initial=DAYS_FIRST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(
            self.fields["days"], [(days, ngettext("%(n)d day", "%(n)d days", days) % {"n": days}) for days in DAYS]
        )


def _choices(field: forms.Field, choices: list[tuple[Any, str]]) -> None:
    field.choices = choices  # type: ignore[attr-defined]  # a field of choices has them
