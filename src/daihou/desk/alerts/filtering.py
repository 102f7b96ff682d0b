"""The filter of the inbox as the page shows it: a chip for each condition with the address without it, and the fields of the form."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.utils.translation import pgettext

from daihou.book import money
from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts.models import Alert
from daihou.desk.alerts.rules import all_rules
from daihou.desk.governance import labels
from daihou.desk.people import orgs
from daihou.desk.people.models import User
from daihou.desk.vault import people

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import QueryDict

    from daihou.desk.alerts.chosen import Chosen
    from daihou.desk.people.reach import Access, Reach

OWN: Final = (
    "level", "stage", "topic", "due", "owner", "org", "rule", "source", "snoozed", "ceased", "escalated", "exposure", "closed", "outcome", "q",
)  # fmt: skip
"""Parameters that the form has fields for, or that it replaces."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A condition in words, and the address without it."""

    label: str
    said: str
    without: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of the form: its parameter, label, what it offers, each with whether it is chosen, and whether it takes several."""

    name: str
    label: str
    options: list[tuple[str, str, bool]]
    several: bool


def chips(query: QueryDict, wanted: Chosen) -> list[Chip]:
    """What the filter asks for, one chip a parameter; the state only where it is not the usual one."""
    return [
        Chip(str(choice.LABELS[name]), _said(name, wanted), _without(query, name))
        for name in wanted.names
        if name != "closed" or not wanted.open
    ]


def choices(wanted: Chosen, rights: Access) -> list[Choice]:
    """The fields that offer something."""
    reach = rights.reach("alerts.view")
    offered: dict[str, Iterable[tuple[str, Any]]] = {
        **{name: held.items() for name, held in choice.OFFERED.items() if name != "decide"},
        "owner": [*choice.OWNERS.items(), *_owners(wanted, reach)],
        "org": [
            (org.org_id, "　" * depth + (org.name or org.org_id))
            for depth, org in orgs.tree().in_order()
            if reach.org_ids is None or org.org_id in reach.org_ids
        ],
        "rule": [(rule.id, f"{rule.id} {labels.said(rule.name)}") for rule in all_rules().values()],
    }
    return [
        Choice(
            name, str(choice.LABELS[name]), [(code, str(label), code in getattr(wanted, name)) for code, label in offered[name]],
            name in choice.SEVERAL or name == "owner",
        )
        for name in OWN
        if name in offered
    ]  # fmt: skip


def exposure(wanted: Chosen) -> str:
    """The bounds of the exposure as they are written in the address."""
    if not wanted.exposure:
        return ""
    least, most = (None if bound is None else _units(bound) for bound in wanted.exposure)
    return least or "" if least == most else f"{least or ''}..{most or ''}"


def kept(query: QueryDict) -> list[tuple[str, str]]:
    """What the form hands on besides its own fields."""
    return [(name, value) for name, held in choice.kept(query).lists() if name not in OWN for value in held]


def _owners(wanted: Chosen, reach: Reach) -> list[tuple[str, str]]:
    """Who has open alerts, for who sees whole orgs; whoever is asked for is named in any case."""
    asked = [int(value) for value in wanted.owner if value not in choice.OWNERS]
    having = User.objects.filter(Exists(Alert.objects.filter(owner=OuterRef("pk"), closed_at=None)))
    found = (having if reach.whole_orgs else User.objects.none()) | User.objects.filter(pk__in=asked)
    return [(str(user.pk), str(user)) for user in found.order_by("name", "pk")]


def _said(name: str, wanted: Chosen) -> str:
    stated = getattr(wanted, name)
    between = pgettext("between things of a list", ", ")
    if name in choice.OFFERED:
        return between.join(str(choice.OFFERED[name][value]) for value in stated)
    if name == "owner":
        users = dict(
            User.objects.filter(pk__in=[int(one) for one in stated if one not in choice.OWNERS]).values_list(
                "pk", "name"
            )
        )
        return between.join(
            str(choice.OWNERS[one]) if one in choice.OWNERS else users.get(int(one), one) for one in stated
        )
    if name == "org":
        return orgs.tree().name(stated[0])
    if name == "borrower":
        names = people.masked_names(stated)
        return between.join(names.get(one, one) for one in stated)
    return _range(*stated) if name == "exposure" else str(stated[0])


def _range(least: int | None, most: int | None) -> str:
    """Bounds of an amount as people read them."""
    low, high = (None if bound is None else f"{Decimal(_units(bound)):,}" for bound in (least, most))
    if low is None or high is None:
        return f"≥ {low}" if high is None else f"≤ {high}"
    return low if low == high else f"{low} – {high}"


def _units(minor: int) -> str:
    amount = money.major(minor, settings.HOME.settings.base_currency)
    return f"{amount:,f}".removesuffix(".00").replace(",", "")


def _without(query: QueryDict, name: str) -> str:
    left = query.copy()
    for gone in (name, "page"):
        left.pop(gone, None)
    return f"?{left.urlencode() or 'closed=0'}"
