"""The filter of the list of cases as the page shows it: a chip for each condition with the address without it, and the fields of the form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils.translation import pgettext

from daihou.desk.casework import chosen as choice
from daihou.desk.casework.models import OPEN, Agency, Case
from daihou.desk.people import orgs
from daihou.desk.people.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from daihou.desk.casework.chosen import Chosen
    from daihou.desk.people.reach import Access, Reach


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in words, and the address without it."""

    label: str
    said: str
    without: str


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the form: its parameter, label, what it offers, each with whether it is chosen, and whether it takes several."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]
    several: bool


def chips(query: QueryDict, wanted: Chosen) -> list[Chip]:
    """What the filter asks for, one chip a parameter."""
    return [Chip(str(choice.LABELS[name]), _said(name, wanted), without(query, name)) for name in wanted.names]


def choices(wanted: Chosen, rights: Access) -> list[Field]:
    """The fields of the form."""
    reach = rights.reach("collection.view")
    offered: dict[str, Iterable[tuple[str, Any]]] = {
        **{name: held.items() for name, held in choice.OFFERED.items()},
        "owner": [*choice.OWNERS.items(), *_owners(wanted, reach)],
        "org": [
            (org.org_id, "　" * depth + (org.name or org.org_id))
            for depth, org in orgs.tree().in_order()
            if reach.org_ids is None or org.org_id in reach.org_ids
        ],
        "agency": Agency.objects.values_list("code", "name"),
    }
    return [
        Field(
            name, str(label), [(code, str(said), code in getattr(wanted, name)) for code, said in offered[name]],
            name in choice.SEVERAL or name == "owner",
        )
        for name, label in choice.LABELS.items()
        if name in offered
    ]  # fmt: skip


def without(query: QueryDict, name: str) -> str:
    """The address in hand without a parameter, from the first page on."""
    left = query.copy()
    for gone in (name, "page"):
        left.pop(gone, None)
    return f"?{left.urlencode()}"


def _owners(wanted: Chosen, reach: Reach) -> list[tuple[str, str]]:
    """Who has open cases, for who sees whole orgs; whoever is asked for is named in any case."""
    asked = [int(value) for value in wanted.owner if value not in choice.OWNERS]
    having = User.objects.filter(Exists(Case.objects.filter(OPEN, owner=OuterRef("pk")).order_by()))
    found = (having if reach.whole_orgs else User.objects.none()) | User.objects.filter(pk__in=asked)
    return [(str(user.pk), str(user)) for user in found.order_by("name", "pk")]


def _said(name: str, wanted: Chosen) -> str:
    stated = getattr(wanted, name)
    between = pgettext("between things of a list", ", ")
    if name in choice.OFFERED:
        return between.join(str(choice.OFFERED[name][value]) for value in stated)
    if name == "owner":
        keys = [int(one) for one in stated if one not in choice.OWNERS]
        users = dict(User.objects.filter(pk__in=keys).values_list("pk", "name"))
        return between.join(
            str(choice.OWNERS[one]) if one in choice.OWNERS else users.get(int(one), one) for one in stated
        )
    if name == "org":
        return orgs.tree().name(stated[0])
    if name == "agency":
        return str(Agency.objects.filter(code=stated[0]).first() or stated[0])
    return str(stated[0])
