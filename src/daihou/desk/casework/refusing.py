"""How often the conduct gate refused: by rule, channel, collector and hour of day. Of each decision the first refusal alone counts, the one that was told."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour
from django.utils import timezone

from daihou.desk.casework import scope
from daihou.desk.contacts.choices import Channel
from daihou.desk.contacts.models import Refusal
from daihou.desk.people.models import User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from daihou.desk.people.reach import Access

LATEST: Final = 50
"""So many of the newest are shown singly."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a policy with its source, how often it was the first to refuse, and how many people that concerned."""

    policy: str
    rule: str
    citation: str
    count: int
    people: int
    share: int
    """Of the most frequent one, in percent: the length of a bar."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How often something refused; `share` in percent of the most frequent."""

    label: str
    count: int
    share: int


@dataclass(frozen=True, slots=True)
class Told:
    """The refusals of some days."""

    count: int
    rules: Sequence[Rule]
    channels: Sequence[Counted]
    collectors: Sequence[Counted]
    hours: Sequence[Counted]
    latest: Sequence[Refusal]


def told(user: User, rights: Access, from_on: dt.date, to_on: dt.date, rule: str = "") -> Told:
    """What the gate refused on some days, both included, as far as somebody sees the cases; with `rule` of one alone. Seven queries at most."""
    first = first_refusals(user, rights, from_on, to_on)
    chosen = first.filter(rule=rule) if rule else first
    by_rule = first.values("policy", "rule", "citation").annotate(
        n=Count("pk"), people=Count("person_id", distinct=True)
    )
    rows = sorted(by_rule, key=lambda row: (-row["n"], row["policy"], row["rule"]))
    most = rows[0]["n"] if rows else 1
    rules = [
        Rule(row["policy"], row["rule"], row["citation"], row["n"], row["people"], round(100 * row["n"] / most))
        for row in rows
    ]
    channels = dict(chosen.values("channel").annotate(n=Count("pk")).values_list("channel", "n"))
    actors = Counter(dict(chosen.values("actor").annotate(n=Count("pk")).values_list("actor", "n")))
    users = User.objects.in_bulk([pk for pk in actors if pk is not None])
    by_hour = chosen.annotate(hour=ExtractHour("at", tzinfo=timezone.get_current_timezone())).values("hour")
    hours = dict(by_hour.annotate(n=Count("pk")).values_list("hour", "n"))
    latest = list(chosen.select_related("actor").order_by("-pk")[:LATEST])
    return Told(
        sum(channels.values()), rules, _counted([(str(Channel(code).label), n) for code, n in Counter(channels).most_common()]),
        _counted([(str(users[pk]) if pk in users else "", n) for pk, n in actors.most_common()]),
        _counted([(f"{hour:02}", hours.get(hour, 0)) for hour in range(24)]), latest,
    )  # fmt: skip


def first_refusals(user: User, rights: Access, from_on: dt.date, to_on: dt.date) -> QuerySet[Refusal]:
    """The first refusal of each decision of some days, in no order."""
    begins, ends = (
        timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in (from_on, to_on + dt.timedelta(days=1))
    )
    found = Refusal.objects.filter(place=0, at__gte=begins, at__lt=ends).order_by()
    if rights.reach("collection.view").everything:
        return found
    return found.filter(Q(case_id__in=scope.seen(user, rights).order_by().values("pk")) | Q(actor=user.pk))


def _counted(rows: list[tuple[str, int]]) -> list[Counted]:
    most = max((n for _label, n in rows), default=1) or 1
    return [Counted(label, n, round(100 * n / most)) for label, n in rows]
