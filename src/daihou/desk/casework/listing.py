"""A list of cases: its rows, how many there are, and how many stand at each stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, F, Min, Q, Sum
from django.utils import timezone

from daihou.desk.batches import batches
from daihou.desk.casework import scope
from daihou.desk.casework.choices import PromiseState, Stage
from daihou.desk.casework.models import OPEN, PromisePart
from daihou.desk.people import orgs
from daihou.desk.vault import people

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from daihou.desk.casework.chosen import Chosen
    from daihou.desk.casework.models import Case
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access


@dataclass(frozen=True, slots=True)
class Listing:
    """The cases that a filter leaves, of those that somebody sees."""

    user: User
    rights: Access
    chosen: Chosen
    now: dt.datetime
    permission: str = "collection.view"

    @property
    def seen(self) -> QuerySet[Case]:
        """All that they see."""
        return scope.seen(self.user, self.rights, self.permission)

    @property
    def found(self) -> QuerySet[Case]:
        """All that the filter leaves, in no order."""
        return self.seen.filter(self.chosen.state, self.chosen.condition(self.user, self.now)).order_by()

    @property
    def cases(self) -> QuerySet[Case]:
        """The same in its order."""
        return self.found.order_by(*self.chosen.ordering)

    def rows(self, page: int, size: int) -> list[Case]:
        """Those of a page; their keys are found first, in the index alone where that is enough."""
        keys = list(self.cases.values_list("pk", flat=True)[(page - 1) * size : page * size])
        found = self.seen.select_related("owner", "agency").in_bulk(keys)
        return [found[key] for key in keys if key in found]

    def stream(self, keys: Collection[int] | None = None) -> Iterator[list[Case]]:
        """All of them in order, or those of some keys, some thousands at a time."""
        cases = self.cases if keys is None else self.cases.filter(pk__in=keys)
        return batches(cases.select_related("owner", "agency"))

    def stages(self) -> list[Step]:
        """How many open cases in reach stand at each stage, in the order of the ladder."""
        counted = dict(
            self.seen.filter(OPEN).order_by().values("rank").annotate(n=Count("pk")).values_list("rank", "n")
        )
        return [Step(str(stage), counted.get(rank, 0)) for rank, stage in enumerate(Stage)]

    def total(self) -> Total:
        """How many cases the list has, and what they claim by currency."""
        by_currency = self.found.values("currency").annotate(n=Count("pk"), claimed=Sum("claim")).order_by("currency")
        told = list(by_currency.values_list("currency", "n", "claimed"))
        return Total(sum(n for _currency, n, _claim in told), tuple((claim, currency) for currency, _n, claim in told))


@dataclass(frozen=True, slots=True)
class Step:
    """A stage with how many open cases stand there."""

    stage: str
    count: int


@dataclass(frozen=True, slots=True)
class Total:
    """What a list comes to; claims in minor units of the currency beside them."""

    cases: int
    claims: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A case as the list tells it: the debtor masked, the org by name, the next open part of a promise."""

    case: Case
    name: str
    org: str
    due_on: dt.date | None
    silent_days: int | None
    """Since the last conversation; None where there was none."""


def told(cases: Sequence[Case], today: dt.date) -> list[Shown]:
    """Rows for people: two queries, however many there are."""
    names = people.masked_names({case.borrower_id for case in cases})
    due, tree = next_due([case.pk for case in cases]), orgs.tree()
    return [
        Shown(
            case, names.get(case.borrower_id) or case.borrower_id, tree.name(case.org_id), due.get(case.pk),
            None if case.spoke_at is None else max((today - timezone.localdate(case.spoke_at)).days, 0),
        )
        for case in cases
    ]  # fmt: skip


def next_due(cases: Collection[int]) -> Mapping[int, dt.date]:
    """By case, the day of the first part of an open promise that is not paid yet."""
    standing = Q(promise__case__in=cases, promise__state=PromiseState.OPEN, state=PromiseState.OPEN)
    parts = PromisePart.objects.filter(standing, received__lt=F("amount")).order_by().values("promise__case")
    return dict(parts.annotate(first=Min("due_on")).values_list("promise__case", "first"))
