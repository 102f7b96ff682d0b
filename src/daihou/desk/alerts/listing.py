"""A list of alerts: its rows, how many there are, and every count of the inbox in one query."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q, Sum
from django.utils import timezone

from daihou.desk.alerts import chosen as choice
from daihou.desk.alerts import scope
from daihou.desk.alerts.choices import RANKS
from daihou.desk.batches import batches

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from django.db.models import QuerySet

    from daihou.desk.alerts.chosen import Chosen
    from daihou.desk.alerts.models import Alert
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access

WEEKS: Final = 8


@dataclass(frozen=True, slots=True)
class Listing:
    """The alerts that a filter leaves, of those that somebody sees, in an order. `now` decides what is overdue."""

    user: User
    rights: Access
    chosen: Chosen
    now: dt.datetime
    sort: str = "due"
    reverse: bool = False
    permission: str = "alerts.view"

    @property
    def seen(self) -> QuerySet[Alert]:
        """All that they see."""
        return scope.seen(self.user, self.rights, self.permission)

    def condition(self, wanted: Chosen) -> Q:
        """Another filter, for the same person and moment, whatever the state."""
        return wanted.condition(self.user, self.rights, self.now)

    @property
    def alerts(self) -> QuerySet[Alert]:
        """All that the filter leaves, in order."""
        found = self.seen.filter(self.chosen.state, self.condition(self.chosen))
        return found.order_by(*choice.ordering(self.sort, reverse=self.reverse))

    def rows(self, page: int, size: int) -> list[Alert]:
        """Those of a page, with owner and leading signal; their keys are found first, in the index alone where that is enough."""
        keys = list(self.alerts.values_list("pk", flat=True)[(page - 1) * size : page * size])
        found = self.seen.select_related("owner", "lead").in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def only(self, keys: Collection[int] | None) -> QuerySet[Alert]:
        """All of them, or those of some keys."""
        return self.alerts if keys is None else self.alerts.filter(pk__in=keys)

    def stream(self, keys: Collection[int] | None = None) -> Iterator[list[Alert]]:
        """All of them in order, or those of some keys, some thousands at a time."""
        return batches(self.only(keys).select_related("owner", "lead"))

    def counts(self, views: Mapping[str, Chosen]) -> Counts:
        """The open alerts in reach by level and deadline, those of the list, and those of some views of open alerts, in one query.

        A list that asks for closed ones too is counted by a second.
        """
        asked = {f"level_{level}": Q(rank=rank) for level, rank in RANKS.items()}
        asked |= {name: choice.due_condition(name, self.now) for name in choice.OFFERED["due"]}
        asked |= {"unowned": Q(owner=None)}
        asked |= {f"view_{place}": self.condition(view) for place, view in enumerate(views.values()) if view.open}
        this = self.condition(self.chosen)
        once = list(dict.fromkeys([*asked.values(), this]))  # several views may ask for the same
        names = {condition: f"n{place}" for place, condition in enumerate(once)}
        wanted = {
            name: Count("pk", filter=condition) if condition else Count("pk") for condition, name in names.items()
        }
        found = (
            self.seen.filter(closed_at=None)
            .order_by()
            .aggregate(
                **wanted,
                borrowers=Count("borrower_id", distinct=True, filter=~Q(borrower_id="")),
                exposure=Sum("exposure", filter=this or None),
            )
        )
        counted = {name: found[names[condition]] for name, condition in asked.items()}
        count, exposure = found[names[this]], found["exposure"]
        if not self.chosen.open:
            told = self.alerts.order_by().aggregate(n=Count("pk"), exposure=Sum("exposure"))
            count, exposure = told["n"], told["exposure"]
        return Counts(
            levels={level: counted[f"level_{level}"] for level in RANKS},
            due={name: counted[name] for name in choice.OFFERED["due"]},
            unowned=counted["unowned"],
            borrowers=found["borrowers"],
            list=count,
            exposure=exposure or 0,
            views={name: counted.get(f"view_{place}") for place, name in enumerate(views)},
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many alerts there are: open ones in reach by level, by deadline, without an owner; those of the list; those of each view, None where it is not counted."""

    levels: Mapping[str, int]
    due: Mapping[str, int]
    unowned: int
    borrowers: int
    list: int
    exposure: int
    """Of the list, in minor units of the base currency."""
    views: Mapping[str, int | None]

    @property
    def open(self) -> int:
        """All open ones in reach."""
        return sum(self.levels.values())


@dataclass(frozen=True, slots=True)
class Week:
    """How many alerts were raised, by the date of their data, and how many closed, in the week that begins on a Monday."""

    monday: dt.date
    raised: int
    closed: int


def weeks(alerts: QuerySet[Alert], today: dt.date) -> list[Week]:
    """The last eight weeks of some alerts, the oldest first; the last is the one in hand. Two queries."""
    monday = today - dt.timedelta(days=today.weekday())
    begins = [monday - dt.timedelta(weeks=back) for back in reversed(range(WEEKS))]
    raised = dict.fromkeys(begins, 0)
    by_day = alerts.filter(raised_on__gte=begins[0], raised_on__lte=today).order_by().values("raised_on")
    for day, count in by_day.annotate(n=Count("pk")).values_list("raised_on", "n"):
        raised[day - dt.timedelta(days=day.weekday())] += count
    bounds = [_midnight(day) for day in (*begins, monday + dt.timedelta(weeks=1))]
    closed = (
        alerts.filter(closed_at__gte=bounds[0])
        .order_by()
        .aggregate(
            **{
                f"w{place}": Count("pk", filter=Q(closed_at__gte=bounds[place], closed_at__lt=bounds[place + 1]))
                for place in range(WEEKS)
            }
        )
    )
    return [Week(day, raised[day], closed[f"w{place}"]) for place, day in enumerate(begins)]


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))
