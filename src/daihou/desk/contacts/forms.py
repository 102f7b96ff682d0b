"""What people send about people: circumstances to enter and to lift, marks of points. Whether it fits is for `circumstances` and `points` to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _

from daihou.desk.contacts.choices import Channel, Kind
from daihou.desk.contacts.circumstances import Entry
from daihou.desk.contacts.errors import UnfitError

if TYPE_CHECKING:
    import datetime as dt

    from daihou.desk.contacts.sheet import Sheet

GROUND_MOST: Final = 1000
"""Characters of a ground or a reason at most."""


class EntryForm(forms.Form):
    """A circumstance of somebody on the sheet."""

    person = forms.CharField(max_length=255)
    kind = forms.ChoiceField(choices=Kind.choices)
    channel = forms.ChoiceField(choices=[("", ""), *Channel.choices], required=False)
    point = forms.IntegerField(required=False)
    loan = forms.CharField(required=False, max_length=255)
    hours_from = forms.TimeField(required=False)
    hours_to = forms.TimeField(required=False)
    from_at = forms.DateTimeField(required=False)
    until_at = forms.DateTimeField(required=False)
    ground = forms.CharField(required=False, max_length=GROUND_MOST)


class LiftForm(forms.Form):
    """Why something is lifted."""

    because = forms.CharField(required=False, max_length=GROUND_MOST)


def entry(data: Any, sheet: Sheet, now: dt.datetime) -> Entry:
    """What is to be entered, from now on unless the form says otherwise; UnfitError with what is wrong with the form."""
    said = _said(EntryForm(data))
    point = sheet.point(said["point"]) if said["point"] is not None else None
    if said["person"] not in sheet.person_ids or (said["point"] is not None and point is None):
        raise UnfitError(_("This person, or this number, does not belong to the debtor."))
    if said["loan"] and said["loan"] not in sheet.loan_ids:
        raise UnfitError(_("This loan does not belong to the case."))
    first, last = said["hours_from"], said["hours_to"]
    if (first is None) != (last is None):
        raise UnfitError(_("Say both hours, or none."))
    return Entry(
        said["person"], said["kind"], said["ground"], said["from_at"] or now, said["until_at"], said["channel"], point, said["loan"],
        (first, last) if first is not None else None,
    )  # fmt: skip


def reason(data: Any) -> str:
    """Why something is lifted."""
    return str(_said(LiftForm(data))["because"])


def _said(form: forms.Form) -> dict[str, Any]:
    if form.is_valid():
        return form.cleaned_data
    name, problems = next(iter(form.errors.items()))
    if name in ("from_at", "until_at"):
        raise UnfitError(_("Say the moment as day and time."))
    if name in ("hours_from", "hours_to"):
        raise UnfitError(_("Say the hours like 18:30."))
    if name in ("ground", "because"):
        raise UnfitError(_("That is longer than %(n)s characters.") % {"n": GROUND_MOST})
    raise UnfitError(str(problems[0]))
