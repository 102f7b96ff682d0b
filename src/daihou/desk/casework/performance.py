"""How collectors, orgs and agencies fared over some days: attempts, conversations, promises kept by the ledger, cases cured, money recovered.

What each figure counts is said on the page. Shares come with Wilson's interval; few are marked.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Count, Q, QuerySet, Sum

from daihou.book.errors import DaihouError
from daihou.desk.alerts.policy import policy as alert_policy
from daihou.desk.casework import recovered, scope
from daihou.desk.casework.choices import Closing, PromiseState
from daihou.desk.casework.models import Agency, Case, Promise, PromisePart
from daihou.desk.casework.policy import policy
from daihou.desk.casework.promises import KEPT
from daihou.desk.contacts.choices import MESSAGES, Channel, Outcome
from daihou.desk.contacts.models import Contact
from daihou.desk.people import orgs
from daihou.desk.people.models import User
from daihou.warning.precision import Precision, precision

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from daihou.desk.people.reach import Access

BYS: Final = ("collector", "org", "agency")
BY_VOICE: Final = (Channel.PHONE, Channel.VOICE_BOT, Channel.VISIT)
CURED: Final = (Closing.CURED, Closing.SETTLED)
TRIED: Final = Q(inbound=False, channel__in=BY_VOICE) & ~Q(outcome=Outcome.NOT_MADE)
"""A call or a visit that was made, or is under way."""
RIGHT: Final = Q(outcome=Outcome.CONVERSATION, party__in=recovered.DEBTORS)
"""Somebody spoke to the debtor."""
KEYS: Final[Mapping[str, tuple[str, str, str]]] = {
    "collector": ("made_by", "promise__made_by", "owner"),
    "org": ("case__org_id", "promise__case__org_id", "org_id"),
    "agency": ("case__agency__code", "promise__case__agency__code", "agency__code"),
}
"""By what promises, their parts, and closed cases are counted."""


@dataclass(slots=True)
class Figures:
    """What somebody came to; money in minor units of the base currency, times in seconds."""

    attempts: int = 0
    messages: int = 0
    right: int = 0
    """Attempts in which somebody spoke to the debtor."""
    promises: int = 0
    judged: int = 0
    """Parts of promises that fell due and were judged."""
    kept: int = 0
    cured: int = 0
    talk: int = 0
    worked: int = 0
    """What policy counts for the attempts, by the stages of their cases."""
    recovered: int | None = 0
    """None where the ledger could not be read."""

    def add(self, other: Figures) -> None:
        """Count another in."""
        for name in ("attempts", "messages", "right", "promises", "judged", "kept", "cured", "talk", "worked"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        known = self.recovered is not None and other.recovered is not None
        self.recovered = (self.recovered or 0) + (other.recovered or 0) if known else None

    def an_hour(self, seconds: int) -> int | None:
        """Recovered for each hour, in whole minor units; None without an hour's trace or without the ledger."""
        return None if not seconds or self.recovered is None else self.recovered * 3600 // seconds


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its interval; `few`: it stands on fewer than the house takes for enough."""

    of: Precision
    few: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    label: str
    code: str
    figures: Figures
    reached: Share
    kept: Share
    an_hour_talked: int | None
    an_hour_worked: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """The table, its last row, and why there is no money in it, if there is none."""

    lines: Sequence[Line]
    total: Line
    trouble: DaihouError | None


@dataclass(slots=True)
class _Table:
    """Figures by whom they are of."""

    by: str
    rows: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))

    def of(self, key: Any) -> Figures:
        return self.rows["" if key is None else str(key)]


def told(user: User, rights: Access, from_on: dt.date, to_on: dt.date, by: str, now: dt.datetime) -> Told:
    """The table over some days, both included, of the cases that somebody manages. Its queries do not grow with what there is."""
    cases = (
        None
        if rights.reach("collection.manage").everything
        else scope.seen(user, rights, "collection.manage").order_by()
    )
    table = _Table(by)
    places = _contacts(table, cases, from_on, to_on)
    _promised(table, cases, from_on, to_on)
    _cured(table, cases, from_on, to_on)
    trouble = None
    try:
        for key, amount in recovered.by_whom(by, cases, from_on, to_on, now, places).items():
            row = table.of(key)
            row.recovered = (row.recovered or 0) + amount
    except DaihouError as error:
        trouble = error
    total = Figures()
    for row in table.rows.values():
        row.recovered = None if trouble else row.recovered
        total.add(row)
    total.recovered = None if trouble else total.recovered
    labels = _labels(by, table.rows)
    lines = [_line(labels.get(key, key), key, row) for key, row in table.rows.items()]
    return Told(
        sorted(lines, key=lambda one: (-(one.figures.recovered or 0), -one.figures.attempts, one.label)),
        _line("", "", total),
        trouble,
    )


def _contacts(table: _Table, cases: QuerySet[Case] | None, from_on: dt.date, to_on: dt.date) -> Mapping[int, str]:
    """Count contacts; the org of each case they belong to, for who asks further."""
    begins, ends = recovered.bounds(from_on, to_on)
    made = _within(
        Contact.objects.filter(at__gte=begins, at__lt=ends, actor__isnull=False, case_id__isnull=False), cases
    )
    counted = made.order_by().values_list("actor_id", "case_id", "agency").annotate(
        attempts=Count("pk", filter=TRIED), right=Count("pk", filter=TRIED & RIGHT), messages=Count("pk", filter=Q(channel__in=MESSAGES)),
        talk=Sum("seconds"),
    )  # fmt: skip
    rows = list(counted)
    known = _cases({row[1] for row in rows})
    minutes = policy(to_on).lists.minutes
    for actor, case_id, agency, attempts, right, messages, talk in rows:
        org_id, stage = known.get(case_id, ("", ""))
        figures = table.of({"collector": actor, "org": org_id, "agency": agency}[table.by])
        figures.attempts += attempts
        figures.right += right
        figures.messages += messages
        figures.talk += talk or 0
        figures.worked += round(attempts * minutes.get(stage, 0) * 60)
    return {case_id: org_id for case_id, (org_id, _stage) in known.items()}


def _promised(table: _Table, cases: QuerySet[Case] | None, from_on: dt.date, to_on: dt.date) -> None:
    """Promises made in the window; of what fell due in it, how much was judged, and kept."""
    of_promise, of_part, _of_case = KEYS[table.by]
    made = Promise.objects.filter(made_on__gte=from_on, made_on__lte=to_on)
    parts = PromisePart.objects.filter(due_on__gte=from_on, due_on__lte=to_on).exclude(state=PromiseState.OPEN)
    parts = parts.exclude(promise__state=PromiseState.WITHDRAWN)
    if cases is not None:
        made, parts = made.filter(case__in=cases.values("pk")), parts.filter(promise__case__in=cases.values("pk"))
    for key, count in made.order_by().values(of_promise).annotate(n=Count("pk")).values_list(of_promise, "n"):
        table.of(key).promises += count
    judged = parts.order_by().values(of_part).annotate(n=Count("pk"), kept=Count("pk", filter=Q(state__in=KEPT)))
    for key, count, kept in judged.values_list(of_part, "n", "kept"):
        table.of(key).judged += count
        table.of(key).kept += kept


def _cured(table: _Table, cases: QuerySet[Case] | None, from_on: dt.date, to_on: dt.date) -> None:
    of_case = KEYS[table.by][2]
    closed = (Case.objects.all() if cases is None else cases).filter(
        closed_on__gte=from_on, closed_on__lte=to_on, closing__in=CURED
    )
    if table.by == "collector":
        closed = closed.filter(owner__isnull=False)
    for key, count in closed.order_by().values(of_case).annotate(n=Count("pk")).values_list(of_case, "n"):
        table.of(key).cured += count


def _within(contacts: QuerySet[Contact], cases: QuerySet[Case] | None) -> QuerySet[Contact]:
    """Contacts of some cases; None: of all."""
    return contacts if cases is None else contacts.filter(case_id__in=cases.values("pk"))


def _cases(keys: set[int]) -> dict[int, tuple[str, str]]:
    """Org and stage of cases."""
    found: dict[int, tuple[str, str]] = {}
    asked = sorted(keys)
    for first in range(0, len(asked), 10_000):
        part = Case.objects.filter(pk__in=asked[first : first + 10_000]).order_by().values_list("pk", "org_id", "stage")
        found |= {pk: (org_id, stage) for pk, org_id, stage in part}
    return found


def _labels(by: str, keys: Iterable[str]) -> Mapping[str, str]:
    if by == "collector":
        return {str(pk): str(user) for pk, user in User.objects.in_bulk([int(key) for key in keys if key]).items()}
    if by == "agency":
        return dict(Agency.objects.values_list("code", "name"))
    tree = orgs.tree()
    return {key: tree.name(key) for key in keys}


def _line(label: str, code: str, figures: Figures) -> Line:
    house = alert_policy()
    reached, kept = (
        Share(precision(good, all_ - good, house.confidence), all_ < house.precision_fewest)
        for good, all_ in ((figures.right, figures.attempts), (figures.kept, figures.judged))
    )
    return Line(label, code, figures, reached, kept, figures.an_hour(figures.talk), figures.an_hour(figures.worked))
