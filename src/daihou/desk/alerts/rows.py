"""Alerts as lists show them: with the borrower, the rule and the reason in words, the measure's course, and what stands out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from daihou.desk.alerts import guards, trends, watches
from daihou.desk.alerts.rules import all_rules
from daihou.desk.alerts.templatetags.alerts import said_day
from daihou.desk.alerts.watches import is_watch
from daihou.desk.people import officers, orgs
from daihou.desk.signals import said
from daihou.desk.vault import people
from daihou.desk.vault.models import Person

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from daihou.desk.alerts.models import Alert, AlertSignal
    from daihou.desk.alerts.trends import Trend
    from daihou.desk.people.models import User
    from daihou.desk.people.reach import Access
    from daihou.warning.rule import Rule


@dataclass(frozen=True, slots=True)
class Row:
    """An alert with what a list says of it."""

    alert: Alert
    name: str
    """The borrower's, masked where it is a person; the number where the vault has none. Of a model its version."""
    kind: str
    rule: str
    """The rule's name; empty where it was raised by hand."""
    reason: str
    days: int
    """Since the data that raised it."""
    org: str
    officer: str
    marks: tuple[tuple[str, str], ...]
    """What stands out, each with its colour."""
    trend: Trend | None
    claimable: bool
    """Nobody has it, and the user may take it."""


def told(alerts: Sequence[Alert], user: User, rights: Access, today: dt.date, *, drawn: bool = False) -> list[Row]:
    """Alerts as somebody sees them, their leading signals at hand; so many queries, however many rows. With `drawn` also the course of the measure."""
    borrowers = {alert.borrower_id for alert in alerts if alert.borrower_id}
    names, kinds = people.masked_names(borrowers), _kinds(borrowers)
    rules = all_rules()
    in_charge = officers.names(alert.officer_id for alert in alerts)
    courses = trends.of(alerts) if drawn else {}
    tree = orgs.tree()
    return [
        Row(
            alert, names.get(alert.borrower_id, alert.subject_id), _kind(alert, kinds), rule_name(alert, rules), reason(alert),
            max((today - alert.raised_on).days, 0), tree.name(alert.org_id), in_charge.get(alert.officer_id, alert.officer_id),
            tuple(_marks(alert, tree, today)), courses.get(alert.pk),
            alert.owner_id is None and not guards.against_claiming(alert, user, rights),
        )
        for alert in alerts
    ]  # fmt: skip


def rule_name(alert: Alert, rules: dict[str, Rule]) -> str:
    """What the rule of an alert is called; its id where it stands nowhere any more."""
    return said.rule_name(rules.get(alert.rule_id), alert.rule_id) if alert.rule_id else ""


def reason(alert: Alert) -> str:
    """Why an alert was raised, in a sentence with values: that of its leading signal, else what was written by hand."""
    return message(alert.lead) if alert.lead is not None else alert.reason


def message(signal: AlertSignal) -> str:
    """What a signal says."""
    if is_watch(signal.rule_id):
        return watches.message(signal)
    return said.message(
        {
            "rule_id": signal.rule_id, "version": signal.version, "condition": signal.condition, "evidence": signal.evidence,
            "currency": signal.currency,
        }
    )  # fmt: skip


def _kind(alert: Alert, kinds: dict[str, str]) -> str:
    """Whether it is about a person, a company or a model; empty where the vault does not know."""
    return pgettext("what an alert is about", "model") if alert.model else kinds.get(alert.borrower_id, "")


def _kinds(borrower_ids: set[str]) -> dict[str, str]:
    found = Person.objects.filter(borrower_id__in=borrower_ids, erased_at=None).only("borrower_id", "kind")
    return {person.borrower_id: str(person.get_kind_display()) for person in found}


def _marks(alert: Alert, tree: orgs.Tree, today: dt.date) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if alert.signals_all > 1:
        many = ngettext("%(n)s signal merged", "%(n)s signals merged", alert.signals_all)
        found.append((many % {"n": alert.signals_all}, ""))
    if alert.snoozed_until is not None:
        found.append((_("snoozed until %(day)s") % {"day": said_day(alert.snoozed_until, today)}, "blue"))
    if alert.escalated_org_id is not None and alert.open:
        where = tree.name(alert.escalated_org_id) or pgettext("org", "head office")
        found.append((_("escalated to %(org)s") % {"org": where}, "orange"))
    if alert.chased_at is not None and alert.open:
        found.append((pgettext("mark of an alert", "chased"), "orange"))
    if alert.ceased:
        found.append((pgettext("mark of an alert", "signals ceased"), "green"))
    if alert.owner is not None and not alert.owner.is_active and alert.open:
        found.append((pgettext("mark of an alert", "owner has left"), "red"))
    return found
