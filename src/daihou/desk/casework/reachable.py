"""Who may be contacted at some moment of a day at all, and by what: the gate asked about every case before it is put on a list.

Of whom nothing stands and whom nobody contacted lately, one answer serves for all. What is asked here allows nothing: before a contact the gate is asked again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from django.db.models import Q
from django.utils import timezone

from daihou.collection import ladder
from daihou.collection.conduct.asked import binds
from daihou.collection.conduct.contact import Past, Proposal, Standing
from daihou.collection.conduct.gate import decide
from daihou.desk.casework.models import CaseLoan
from daihou.desk.contacts import circumstances
from daihou.desk.contacts.choices import Outcome, PointKind
from daihou.desk.contacts.models import Circumstance, Contact, Point
from daihou.desk.contacts.policy import policies
from daihou.policies.conduct_rules import Answer, Count, Gap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.collection.conduct.contact import Channel, Purpose
    from daihou.policies.conduct import Conduct
    from daihou.policies.dated import Dated

WAYS: Final[dict[Channel, PointKind]] = {
    "phone": PointKind.PHONE, "sms": PointKind.PHONE, "email": PointKind.EMAIL, "visit": PointKind.ADDRESS,
}  # fmt: skip
"""By what somebody who works a list reaches a debtor, the first that is lawful; and which points it needs."""
PURPOSES: Final[tuple[Purpose, ...]] = ("collect", "remind")
TOGETHER: Final = 1_000
"""People of one query."""
SPARE: Final = dt.timedelta(days=2)
"""Beyond the days that rules count: local days begin elsewhere up to a day before ours."""


@dataclass(slots=True)
class _Known:
    """What is known of some people that the gate is told."""

    standings: dict[str, Standing] = field(default_factory=dict)
    past: dict[str, list[Past]] = field(default_factory=lambda: defaultdict(list))
    points: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    """By person and kind of point, those that reach them."""
    kinds: set[str] = field(default_factory=set)
    """People of whom any point is known."""
    loans: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class _Day:
    """A day, or what is left of it, and the policies asked."""

    day: dt.date
    start: dt.datetime
    held: tuple[Dated[Conduct], ...]

    def lawful(self, proposal: Proposal, past: Sequence[Past], standing: Standing) -> bool:
        """Whether the contact would be lawful at its moment, or later on the day."""
        decision = decide(self.held, proposal, past, standing)
        return decision.earliest is not None and timezone.localtime(decision.earliest).date() <= self.day


class Asker:
    """Asks about cases for a day from a moment on; what holds for all is read once."""

    def __init__(self, day: dt.date, now: dt.datetime) -> None:
        self._day = _day(day, now)
        self._usual = {purpose: _openings(self._day, purpose) for purpose in PURPOSES}
        self._special = _special(self._day)

    def by_what(self, cases: pl.DataFrame) -> pl.Series:
        """For each case (case, borrower_id, stage) the channel by which its debtor may be contacted on the day; null: by none."""
        found: list[str | None] = []
        waiting: list[_Asked] = []
        for place, (case, borrower, stage) in enumerate(cases.select("case", "borrower_id", "stage").iter_rows()):
            purpose: Purpose = "remind" if stage == ladder.PRE_DUE else "collect"
            found.append(next(iter(self._usual[purpose]), None))
            if borrower in self._special:
                waiting.append(_Asked(place, case, borrower, purpose))
        for first in range(0, len(waiting), TOGETHER):
            some = waiting[first : first + TOGETHER]
            known = _known(some, self._day)
            for one in some:
                found[one.place] = _way(self._day, known, one, self._usual[one.purpose])
        return pl.Series("channel", found, pl.String)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A case that is asked about by itself, and its place among those asked about."""

    place: int
    case: int
    borrower: str
    purpose: Purpose


def over(day: dt.date, now: dt.datetime) -> bool:
    """Whether nobody, of whom nothing is known, may be contacted on the day any more: its work is over."""
    return not _openings(_day(day, now), "collect")


def _day(day: dt.date, now: dt.datetime) -> _Day:
    start = max(now, timezone.make_aware(dt.datetime.combine(day, dt.time())))
    return _Day(day, start, policies())


def _openings(asked: _Day, purpose: Purpose) -> dict[Channel, dt.datetime]:
    """By channel, the first lawful moment of the day for a debtor of whom nothing is known; without channels that have none."""
    found: dict[Channel, dt.datetime] = {}
    for channel in WAYS:
        earliest = decide(asked.held, _proposal(asked.start, purpose, channel), (), Standing()).earliest
        if earliest is not None and timezone.localtime(earliest).date() <= asked.day:
            found[channel] = earliest
    return found


def _way(asked: _Day, known: _Known, one: _Asked, usual: dict[Channel, dt.datetime]) -> Channel | None:
    """The first channel that is lawful on the day by some point and about some of the loans."""
    case, borrower, purpose = one.case, one.borrower, one.purpose
    past, standing = known.past.get(borrower, []), known.standings.get(borrower, Standing())
    loans = tuple(known.loans.get(case, ()))
    abouts = [loans, *((loan,) for loan in loans if len(loans) > 1)]
    for channel, kind in WAYS.items():
        blank = _proposal(usual.get(channel, asked.start), purpose, channel, borrower)
        for point in _points(known, borrower, kind):
            for debts in abouts:
                if asked.lawful(replace(blank, point=point, debts=debts), past, standing):
                    return channel
    return None


def _points(known: _Known, borrower: str, kind: PointKind) -> list[str]:
    """The points to ask by: those that are known, one left open where nobody looked at the person yet."""
    return known.points.get((borrower, kind), []) if borrower in known.kinds else [""]


def _proposal(at: dt.datetime, purpose: Purpose, channel: Channel, borrower: str = "") -> Proposal:
    return Proposal(borrower, borrower, (), channel, "debtor", purpose, at)


def _special(asked: _Day) -> set[str]:
    """People of whom something stands, or whom somebody contacted within the days that rules count."""
    stands = Circumstance.objects.filter(Q(lifted_at=None), Q(until_at=None) | Q(until_at__gt=asked.start))
    found = set(stands.order_by().values_list("person_id", flat=True).distinct())
    lately = Contact.objects.filter(at__gte=_since(asked)).exclude(outcome=Outcome.NOT_MADE).order_by()
    return (
        found
        | set(lately.values_list("debtor_id", flat=True).distinct())
        | set(lately.values_list("person_id", flat=True).distinct())
    )


def _since(asked: _Day) -> dt.datetime:
    """From when on past contacts matter to what a debtor may be asked."""
    proposals = [_proposal(asked.start, purpose, channel) for channel in WAYS for purpose in PURPOSES]
    rules = [rule for each in asked.held for version in each.versions for rule in version.values.rules]
    counting = [
        rule for rule in rules if isinstance(rule, Count | Gap | Answer) and any(binds(rule, one) for one in proposals)
    ]
    spans = [rule.days for rule in counting]
    if None in spans:
        return dt.datetime(1900, 1, 1, tzinfo=dt.UTC)
    return asked.start - dt.timedelta(days=max((days for days in spans if days is not None), default=1)) - SPARE


def _known(some: Sequence[_Asked], asked: _Day) -> _Known:
    """What the gate is told of some debtors: four queries, and of those of whom something stands two more."""
    known, since = _Known(), _since(asked)
    people = {one.borrower for one in some}
    standing = Circumstance.objects.filter(person_id__in=people).order_by()
    with_circumstances = sorted(set(standing.values_list("person_id", flat=True)))
    told = circumstances.standings([(one, one) for one in with_circumstances], since)
    known.standings = {person: found for (person, _debtor), found in told.items()}
    for past in _past(people, since):
        known.past[past.debtor_id].append(past)
        if past.person_id != past.debtor_id:
            known.past[past.person_id].append(past)
    points = Point.objects.filter(person_id__in=people, gone_at=None).order_by("-preferred", "id")
    for pk, person, kind, invalid_at in points.values_list("pk", "person_id", "kind", "invalid_at"):
        known.kinds.add(person)
        if invalid_at is None:
            known.points[person, kind].append(str(pk))
    loans = CaseLoan.objects.filter(case__in=[one.case for one in some]).order_by("loan_id")
    for case, loan_id in loans.values_list("case_id", "loan_id"):
        known.loans[case].append(loan_id)
    return known


def _past(people: set[str], since: dt.datetime) -> Iterator[Past]:
    made = Contact.objects.filter(Q(person_id__in=people) | Q(debtor_id__in=people), at__gte=since).exclude(
        outcome=Outcome.NOT_MADE
    )
    fields = (
        "person_id",
        "debtor_id",
        "loan_ids",
        "channel",
        "party",
        "purpose",
        "at",
        "outcome",
        "point_id",
        "agency",
        "inbound",
    )
    rows: Any = made.order_by().values_list(*fields)
    for person, debtor, loans, channel, party, purpose, at, outcome, point, agency, inbound in rows:
        named = "" if point is None else str(point)
        yield Past(person, debtor, tuple(loans), channel, party, purpose, at, outcome, named, agency, inbound)
