"""The form of a draft. Nothing in it is required: what is typed is kept, and the checks say what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from daihou.desk.governance import labels

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daihou.desk.governance.models import Draft

OF_RETIREMENT: Final = ("from", "owner", "reason_zh", "reason_en")
"""What is said anew where a rule is ended; all else stays as it was."""
NAME, OWNER = 80, 80
FILE_BYTES: Final = 1 << 20


def _choice(name: str, known: Mapping[str, Any]) -> forms.ChoiceField:
    return forms.ChoiceField(label=labels.FIELDS[name], choices=list(known.items()), required=False)


def _text(
    name: str, rows: int = 0, *, code: bool = False, most: int | None = None, help_text: Any = ""
) -> forms.CharField:
    attributes: dict[str, Any] = {"autocomplete": "off"}
    if code:
        attributes |= {"spellcheck": "false", "data-code": ""}
    widget = forms.Textarea({**attributes, "rows": rows}) if rows else forms.TextInput(attributes)
    return forms.CharField(
        label=labels.FIELDS[name], required=False, strip=False, widget=widget, max_length=most, help_text=help_text
    )


def _number(name: str, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "size": 6})
    return forms.CharField(label=labels.FIELDS[name], required=False, widget=widget, max_length=20, help_text=help_text)


def _day(name: str, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput({"type": "date"})
    return forms.CharField(label=labels.FIELDS[name], required=False, widget=widget, max_length=20, help_text=help_text)


class DraftForm(forms.Form):
    """A draft's values by the names of `content.EMPTY`."""

    when = _text("when", 5, code=True)
    segment = _text("segment", 2, code=True, help_text=_("Empty: everybody. Outside it the rule never warns."))
    clear = _text("clear", 2, code=True, help_text=_("Empty: when the condition holds no more."))
    name_zh = _text("name_zh", most=NAME)
    name_en = _text("name_en", most=NAME)
    topic = _choice("topic", labels.TOPICS)
    subject = _choice("subject", labels.SUBJECTS)
    level = _choice("level", labels.LEVELS)
    owner = _text("owner", most=OWNER, help_text=_("Who answers for it: a person or a post."))
    confirm = _number("confirm", _("Runs in a row on which it must hold."))
    clear_times = _number("clear_times", _("Runs in a row on which it must be over."))
    cooldown_days = _number("cooldown_days", _("So long after it was cleared it does not warn again."))
    due_work_days = _number("due_work_days")
    notify = forms.MultipleChoiceField(
        label=labels.FIELDS["notify"],
        choices=list(labels.RECIPIENTS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    message_zh = _text("message_zh", 2, help_text=_("Values are written in braces: {dpd}."))
    message_en = _text("message_en", 2, help_text=_("The same values as in Chinese."))
    reason_zh = _text("reason_zh", 3, help_text=_("Why it warns, or why it is changed: the law, a finding, practice."))
    reason_en = _text("reason_en", 3)

    def __init__(self, data: Any = None, *, draft: Draft) -> None:
        values = draft.values
        super().__init__(data, initial={**values, "owner": labels.owner(values["owner"])})
        self.fields["from"] = _day("from", _("A business day; empty while it only runs in shadow."))
        self.fields["shadow_from"] = _day("shadow_from", _("Signals are written from then on, and nobody is called."))
        if draft.retires:
            for name in set(self.fields) - set(OF_RETIREMENT):
                del self.fields[name]
        elif draft.based_on is not None:
            self.fields["subject"].disabled = True
            self.fields["subject"].help_text = _("It stays: a rule that watches something else is another rule.")

    def typed(self) -> dict[str, Any]:
        """What was sent and can be kept, by name; what was not sent is left as it was. Boxes of which none is ticked send nothing: those beside them tell."""
        self.is_valid()
        sent = {
            name for name in self.fields if name in self.data or (name == "notify" and "due_work_days" in self.data)
        }
        return {name: value for name, value in self.cleaned_data.items() if name in sent}


class FileForm(forms.Form):
    """A file of rules."""

    file = forms.FileField(label=_("File of rules (YAML)"))

    def clean_file(self) -> Any:
        """A file of no more than a megabyte."""
        file = self.cleaned_data["file"]
        if file.size > FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than one megabyte. Send its rules in several files."))
        return file
