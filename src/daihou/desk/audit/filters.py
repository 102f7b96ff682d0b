"""How the audit log is filtered; every field is a parameter of the page's address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from daihou.desk.audit.actions import ACTIONS
from daihou.desk.audit.models import Entry
from daihou.desk.people.models import Membership

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.reach import Reach


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d")


def _text() -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "maxlength": 200})


class EntryFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Who, what, of what, and when; days are those of the home's time zone."""

    actor = django_filters.CharFilter(lookup_expr="istartswith", label=_("Who"), widget=_text())
    action = django_filters.ChoiceFilter(
        choices=lambda: sorted(ACTIONS.items(), key=lambda item: str(item[1])),
        label=_("What"),
        empty_label=_("Everything"),
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    subject = django_filters.CharFilter("subject_id", "istartswith", label=_("Of what"), widget=_text())
    first = django_filters.DateFilter("at", "date__gte", label=_("From day"), widget=_day())
    last = django_filters.DateFilter("at", "date__lte", label=_("To day"), widget=_day())
    request = django_filters.CharFilter("request_id", label=_("Request"), widget=_text())

    class Meta:
        model = Entry
        fields: ClassVar[list[Any]] = []


def within(reach: Reach) -> QuerySet[Entry]:
    """The entries that an auditor may read: all, or those of people who hold a role in the auditor's part of the organisation."""
    if reach.everything:
        return Entry.objects.all()
    people = Membership.objects.filter(org_id__in=reach.org_ids or ()).values("user_id")
    return Entry.objects.filter(actor_id__in=people)
