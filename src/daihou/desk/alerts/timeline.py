"""What happened to an alert, newest first; and around it to its customer: payments, other alerts, changes of the customer's own level."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book.errors import DaihouError
from daihou.desk.alerts import rules, scope
from daihou.desk.alerts.acting import org_name
from daihou.desk.alerts.choices import Act, Conclusion, Listing, Outcome, TaskKind
from daihou.desk.alerts.models import CustomerMove
from daihou.desk.governance import labels
from daihou.desk.people.models import User
from daihou.desk.portfolio import accounts, reading
from daihou.desk.portfolio import timeline as portfolio
from daihou.runs.explain import explain_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daihou.desk.alerts.models import Alert, AlertSignal, Move
    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment

SHOWN: Final = 40
"""Entries shown at first."""
LOANS: Final = 20
"""Loans whose payments are told; the largest overdue first."""
ALERTS: Final = 50
COLOURS: Final = {
    Act.CLAIM: "", Act.ASSIGN: "", Act.CONCLUDE: "blue", Act.CONFIRM: "blue", Act.SEND_BACK: "yellow", Act.PLAN: "blue", Act.CARRY_OUT: "blue",
    Act.FOLLOW_UP: "blue", Act.PROPOSE_LIFT: "green", Act.APPROVE_LIFT: "green", Act.CEASE: "green", Act.RESUME: "orange", Act.ESCALATE: "orange", Act.CHASE: "orange",
    Act.TASK_DONE: "green",
}  # fmt: skip
"""Of what changes the level the colour is that of the level."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing: when (to the minute where people or the clock did it, else the day), who, what, in whose words."""

    on: dt.date
    at: dt.datetime | None
    title: str
    who: str = ""
    """Empty: the run or the clock, or a fact of the book."""
    note: str = ""
    detail: str = ""
    colour: str = ""
    url: str = ""
    kind: str = "alert"

    @property
    def order(self) -> tuple[dt.date, dt.time]:
        """What comes later is greater; of a day what has no time comes first."""
        return self.on, timezone.localtime(self.at).time() if self.at else dt.time()


def of_alert(alert: Alert) -> list[Entry]:
    """Every act on an alert, newest first; three queries, however many."""
    moves = list(alert.moves.select_related("actor").order_by("-id"))
    signals = {signal.signal_id: signal for signal in alert.signals.all()}
    people = _people(moves)
    return [_act(move, signals, people) for move in moves]


def of_customer(alert: Alert, request: Asked, moment: Moment | None) -> list[Entry]:
    """The same with what else happened to the customer, as far as it is in reach, newest first; of a model its other alerts."""
    found = [*of_alert(alert), *_others(alert, request)]
    if alert.borrower_id:
        found += _levels(alert.borrower_id)
    if alert.borrower_id and moment is not None:
        found += _facts(alert.borrower_id, request.rights.reach("portfolio.view"), moment)
    return sorted(found, key=lambda entry: entry.order, reverse=True)


def _people(moves: Iterable[Move]) -> dict[int, str]:
    """The names of those whom acts name in their detail."""
    keys = ("owner", "owner_before")
    wanted = {move.detail[key] for move in moves for key in keys if move.detail.get(key)}
    wanted |= {user for move in moves for user in move.detail.get("mentions") or ()}
    return dict(User.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def _act(move: Move, signals: Mapping[str, AlertSignal], people: Mapping[int, str]) -> Entry:
    act = Act(move.act)
    signal = signals.get(move.detail.get("signal_id", ""))
    changed = move.level_before and move.level_before != move.level_after
    colour = move.level_after if act == Act.RAISE or changed else COLOURS.get(act, "")
    detail = [] if signal is None else [_signal(signal)]
    if changed and act != Act.LEVEL:
        detail.append(_("level %(before)s → %(after)s") % _levels_said(move.level_before, move.level_after))
    if "bulk" in move.detail:
        detail.append(_("one of many at once"))
    return Entry(
        timezone.localtime(move.at).date(), move.at, _title(move, act, people), str(move.actor) if move.actor else "", move.note, " · ".join(detail),
        colour, reverse("signal", args=[signal.signal_id]) if signal and signal.by_a_run else "",
    )  # fmt: skip


def _title(move: Move, act: Act, people: Mapping[int, str]) -> str:
    """What was done, in words."""
    told = move.detail
    owner = people.get(told.get("owner", 0), "")
    match act:
        case Act.RAISE:
            return _("Raised %(level)s") % {"level": labels.LEVELS[move.level_after]}
        case Act.LEVEL if move.level_before:
            return _("Level %(before)s → %(after)s") % _levels_said(move.level_before, move.level_after)
        case Act.ASSIGN:
            return _("Assigned to %(name)s") % {"name": owner} if owner else _("Left without an owner")
        case Act.CONCLUDE if told.get("conclusion"):
            return _("Checked: %(conclusion)s") % {"conclusion": Conclusion(told["conclusion"]).label}
        case Act.CONFIRM if told.get("conclusion"):
            return _("Decided: %(conclusion)s, %(level)s") % {
                "conclusion": Conclusion(told["conclusion"]).label, "level": labels.LEVELS.get(told.get("level", ""), move.level_after)
            }  # fmt: skip
        case Act.CEASE if told.get("by") == "withdrawn":
            return _("Signal withdrawn: it does not hold any more the same day")
        case Act.SNOOZE if told.get("until"):
            return _("Snoozed until %(day)s") % {"day": told["until"]}
        case Act.ESCALATE:
            return _("Escalated to %(org)s") % {"org": org_name(told.get("org_id", ""))}
        case Act.APPROVE_LIFT if told.get("needed"):
            return _("Lifting approved, %(n)s of %(needed)s") % {"n": told["people"], "needed": told["needed"]}
        case Act.TASK | Act.TASK_DONE | Act.TASK_DROPPED if told.get("kind"):
            return _("%(act)s: %(task)s") % {"act": act.label, "task": TaskKind(told["kind"]).label}
        case _:
            return str(act.label)


def _levels_said(before: str, after: str) -> dict[str, Any]:
    return {"before": labels.LEVELS.get(before, before), "after": labels.LEVELS.get(after, after)}


def _signal(signal: AlertSignal) -> str:
    """A signal in a line: its rule and its number, and the loan it is about."""
    name = rules.rule_name(signal.rule_id)
    about = f" · {signal.subject_id}" if signal.subject == "loan" else ""
    return f"{name} {signal.rule_id}{about}"


def _others(alert: Alert, request: Asked) -> list[Entry]:
    """The customer's other alerts in reach: raised, and closed."""
    found = (
        scope.seen(request.user, request.rights)
        .filter(borrower_id=alert.borrower_id, model=alert.model)
        .exclude(pk=alert.pk)
    )
    entries = []
    for other in found.order_by("-id")[:ALERTS]:
        url, about = reverse("alert", args=[other.pk]), {"number": other.number, "topic": other.get_topic_display()}
        raised = _("%(number)s raised, %(topic)s") % about
        entries.append(Entry(other.raised_on, None, raised, colour=other.level, url=url, kind="other"))
        if other.closed_at:
            ended = _("%(number)s closed: %(outcome)s") % {**about, "outcome": Outcome(other.outcome).label}
            day = timezone.localtime(other.closed_at).date()
            entries.append(Entry(day, other.closed_at, ended, colour="green", url=url, kind="other"))
    return entries


def _levels(borrower_id: str) -> list[Entry]:
    """Changes of the customer's own level and list."""
    moves = CustomerMove.objects.filter(customer=borrower_id).select_related("actor")
    return [
        Entry(
            timezone.localtime(move.at).date(), move.at, _customer(move), str(move.actor), move.note, colour=move.level_after, kind="customer"
        )
        for move in moves.order_by("-id")[:ALERTS]
    ]  # fmt: skip


def _customer(move: CustomerMove) -> str:
    none = pgettext("customer's own level", "none")
    told = []
    if move.level_before != move.level_after:
        before, after = (labels.LEVELS.get(level, none) for level in (move.level_before, move.level_after))
        told.append(_("Customer's own level %(before)s → %(after)s") % {"before": before, "after": after})
    if move.listing_before != move.listing_after:
        lists = dict(Listing.choices)
        before, after = (lists.get(listing, none) for listing in (move.listing_before, move.listing_after))
        told.append(_("Customer's list %(before)s → %(after)s") % {"before": before, "after": after})
    return " · ".join(map(str, told)) or _("Customer's own level looked at")


def _facts(borrower_id: str, reach: Reach, moment: Moment) -> list[Entry]:
    """Payments, changes and charges of the customer's loans in reach."""
    within, values = reach.sql()
    rows = reading.rows(
        f"SELECT loan_id FROM {reading.snapshots(moment).sql} WHERE borrower_id = ? AND {within} "
        f"ORDER BY overdue_amount DESC NULLS LAST, loan_id LIMIT {LOANS}",
        [borrower_id, *values],
    )
    try:
        ledger = accounts.ledger()
    except DaihouError:
        return []
    told = [
        explain_in(settings.HOME, ledger, row["loan_id"], *moment.pair) for row in rows if ledger.find(row["loan_id"])
    ]
    return [
        Entry(
            event.on, None, event.title, detail=" · ".join(filter(None, (event.loan_id, event.detail))), colour=event.colour,
            url=reverse("loan", args=[event.loan_id]), kind=event.kind,
        )
        for event in portfolio.events(told)
    ]  # fmt: skip
