"""Where an alert stands in the list that it was opened from: which comes before, which after, and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from daihou.desk.alerts import chosen
from daihou.desk.alerts.listing import Listing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.desk.alerts.models import Alert
    from daihou.desk.asked import Asked

FROM: Final = "from"
"""The parameter of a page that holds the query of the list."""
CHARACTERS: Final = 2_000
NULLABLE: Final = frozenset({"due", "level"})
"""Orders by the deadline, which closed alerts have not."""


@dataclass(frozen=True, slots=True)
class Place:
    """The list and what is beside the alert in it; `position` is 0 where it was opened from no list or has left it."""

    list_url: str
    stated: str = ""
    """The query of the list."""
    position: int = 0
    count: int = 0
    previous: str = ""
    """The key of the alert before it; empty where there is none."""
    next: str = ""
    """The key of the alert after it; where it has left the list, of the list's first."""

    @property
    def previous_url(self) -> str:
        """The page of the one before."""
        return self._address(self.previous)

    @property
    def next_url(self) -> str:
        """The page of the one after."""
        return self._address(self.next)

    def _address(self, key: str) -> str:
        return f"{reverse('alert', args=[int(key)])}?{urlencode({FROM: self.stated})}" if key else ""


def place(alert: Alert, request: Asked) -> Place:
    """The place of an alert in the list whose query the address holds; three queries, however long the list."""
    stated = request.GET.get(FROM, "")[:CHARACTERS]
    if not stated:
        return Place(reverse("alerts"))
    query = chosen.kept(QueryDict(stated))
    url = f"{reverse('alerts')}?{query.urlencode()}"
    wanted = chosen.chosen(query)
    sort, turned, _wrong = chosen.order(query, wanted)
    if not wanted.open and sort in NULLABLE:
        return Place(url, stated)
    listing = Listing(request.user, request.rights, wanted, timezone.now(), sort, turned)
    alerts, order = listing.alerts, chosen.ordering(sort, reverse=turned)
    if not alerts.filter(pk=alert.pk).exists():
        return Place(url, stated, next=_key(alerts.values_list("pk", flat=True).first()))
    before, after = _beyond(alert, order, ahead=False), _beyond(alert, order, ahead=True)
    counted = alerts.order_by().aggregate(before=Count("pk", filter=before), all=Count("pk"))
    previous = alerts.filter(before).reverse().values_list("pk", flat=True).first()
    following = alerts.filter(after).values_list("pk", flat=True).first()
    return Place(url, stated, counted["before"] + 1, counted["all"], _key(previous), _key(following))


def _beyond(alert: Alert, order: Sequence[str], *, ahead: bool) -> Q:
    """The alerts that come after one in an order, or before it: those that differ in the first of its fields in which they do."""
    found, same = Q(pk__in=()), Q()
    for stated in order:
        name = stated.removeprefix("-")
        way = "gt" if ahead != stated.startswith("-") else "lt"
        found |= same & Q(**{f"{name}__{way}": getattr(alert, name)})
        same &= Q(**{name: getattr(alert, name)})
    return found


def _key(pk: int | None) -> str:
    return "" if pk is None else str(pk)
