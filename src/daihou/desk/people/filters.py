"""How the list of users is filtered; every field is a parameter of the page's address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from daihou.desk.people import orgs
from daihou.desk.people.models import User
from daihou.desk.people.roles import Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from daihou.desk.people.scope import Place


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


class UserFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Name, role, part of the organisation, and whether active."""

    q = django_filters.CharFilter(
        method="search", label=_("Name"), widget=forms.TextInput(attrs={"class": "form-control", "maxlength": 80})
    )
    role = django_filters.ChoiceFilter(
        "memberships__role",
        choices=Role.choices,
        label=_("Role"),
        empty_label=_("All roles"),
        distinct=True,
        widget=_select(),
    )
    org = django_filters.ChoiceFilter(
        method="below", label=_("Organisation"), empty_label=_("Everywhere"), choices=[], widget=_select()
    )
    active = django_filters.ChoiceFilter(
        "is_active",
        choices=[("True", _("Active")), ("False", _("Deactivated"))],
        label=_("State"),
        empty_label=_("All"),
        widget=_select(),
    )

    class Meta:
        model = User
        fields: ClassVar[list[Any]] = []

    def __init__(self, *args: Any, places: list[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["org"].extra["choices"] = [(place.org_id, place.label) for place in places]

    def search(self, users: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        """Users whose user name, name or officer number holds a text."""
        return users.filter(Q(username__icontains=value) | Q(name__icontains=value) | Q(officer_id__icontains=value))

    def below(self, users: QuerySet[User], _name: str, value: str) -> QuerySet[User]:
        """Users with a role for an org or one below it."""
        return users.filter(memberships__org_id__in=orgs.tree().below(value)).distinct()
