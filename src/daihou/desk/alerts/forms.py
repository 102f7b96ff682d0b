"""What people send with an act on an alert, read from the request. Whether it suffices is for `guards` to say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _

from daihou.desk.alerts.choices import LEVEL_CHOICES, Conclusion, Listing, TaskKind
from daihou.desk.people.models import User
from daihou.desk.refusals import RefusedError

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.alerts.models import Alert

NOTE_MOST: Final = 4000
"""Characters of a note or comment at most."""
NUMBER: Final = re.compile(r"(?:AL-\d{4}-)?0*(\d{1,15})", re.IGNORECASE)
"""An alert as people call it, AL-2026-000123, or its bare number."""


class NoteForm(forms.Form):
    """An act with words alone, on the revision that was looked at."""

    revision = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    note = forms.CharField(required=False, max_length=NOTE_MOST)


class DecisionForm(NoteForm):
    """What an alert is: as checked, or as confirmed. `duplicate` is cleaned to the alert that it names, among those within reach."""

    conclusion = forms.ChoiceField(choices=Conclusion.choices)
    level = forms.ChoiceField(choices=LEVEL_CHOICES, required=False)
    duplicate = forms.CharField(required=False, max_length=40)

    def __init__(self, data: Any, *, within: QuerySet[Alert]) -> None:
        super().__init__(data)
        self.within = within

    def clean_duplicate(self) -> Alert | None:
        """The alert of that number; none where the conclusion asks for none."""
        said = self.cleaned_data["duplicate"].strip()
        if not said or self.cleaned_data.get("conclusion") != Conclusion.DUPLICATE:
            return None
        number = NUMBER.fullmatch(said)
        found = self.within.filter(pk=int(number[1])).first() if number else None
        if found is None:
            raise forms.ValidationError(_("There is no alert “%(said)s” within your reach.") % {"said": said})
        return found


class SnoozeForm(NoteForm):
    """Until when it rests."""

    until = forms.DateField()


class AssignForm(NoteForm):
    """To whom it goes."""

    owner = forms.ModelChoiceField(User.objects.all())


class LevelForm(NoteForm):
    """Another level."""

    level = forms.ChoiceField(choices=LEVEL_CHOICES)


class CommentForm(forms.Form):
    """Something to say; it needs no revision, since it changes nothing."""

    text = forms.CharField(required=False, max_length=NOTE_MOST)


class TaskForm(forms.Form):
    """A task to be begun."""

    kind = forms.ChoiceField(choices=TaskKind.choices)


class TaskEndForm(forms.Form):
    """What came of a task, or why it is dropped."""

    note = forms.CharField(required=False, max_length=NOTE_MOST)
    dropped = forms.BooleanField(required=False)


class CustomerForm(NoteForm):
    """A customer's own level and list; either may be none."""

    level = forms.ChoiceField(choices=LEVEL_CHOICES, required=False)
    listing = forms.ChoiceField(choices=Listing.choices, required=False)


def said(form: forms.Form) -> dict[str, Any]:
    """What a form says, cleaned; RefusedError with what is wrong with it."""
    if not form.is_valid():
        raise RefusedError(_trouble(form))
    return form.cleaned_data


def _trouble(form: forms.Form) -> str:
    name, problems = next(iter(form.errors.items()))
    if name == "until":
        return _("Say until which day, as year-month-day.")
    if name in ("note", "text"):
        return _("That is longer than %(n)s characters.") % {"n": NOTE_MOST}
    if name == "revision":
        return _("The page did not say which state of the alert you saw. Look at it again.")
    return str(problems[0])
