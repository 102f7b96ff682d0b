"""Asking the gate of credit reports: what it needs of a query is read, and what it says is answered. Nothing is written."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db.models import Max, Q

from daihou.desk.bureau import policy
from daihou.desk.bureau.choices import Outcome
from daihou.desk.bureau.models import Authorisation, Query, Result
from daihou.reviews.queries import query as gate_query
from daihou.reviews.queries.gate import decide as gate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daihou.policies.credit_queries import Outcome as Past
    from daihou.policies.credit_queries import PersonKind
    from daihou.reviews.queries.query import Consent, Decision, Standing

SPARE: Final = dt.timedelta(days=2)
"""Beyond the days that a rule counts: days begin at other moments elsewhere."""
MONTH: Final = dt.timedelta(days=31)
NOTHING: Final = Decimal(0)
PASTS: Final[dict[str, Past]] = {
    Outcome.WAITING: "unclear", Outcome.UNCLEAR: "unclear", Outcome.ANSWERED: "answered", Outcome.DECLINED: "refused", Outcome.FAILED: "failed",
}  # fmt: skip
"""What each outcome is to the gate: under way counts as unclear. What never left (refused, cached, withdrawn) is no query to it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report that somebody wants."""

    person_id: str
    kind: PersonKind
    bureau: str
    reason: str
    roles: Sequence[str]
    """In which of these they ask: the first that the gate allows."""
    cost: Decimal


@dataclass(frozen=True, slots=True)
class Said:
    """What the gate says, and for which role."""

    role: str
    decision: Decision
    kept: dict[str, Any]
    """The same as a query keeps it."""


def decide(wanted: Wanted, standing: Standing, at: dt.datetime, *, without: int | None = None) -> Said:
    """What the gate says at a moment, by what is committed now; `without` is a query that is asked about again, and is not its own past.

    Within a transaction that holds the decisions of the house, else somebody else may be first.
    """
    held = policy.policies()
    zone = settings.HOME.settings.zone
    consents = _consents(wanted.person_id)
    history = [*_queries(wanted, policy.days(held), at, without), *_brought_in(wanted)]
    said = []
    for role in wanted.roles:
        reason: Any = wanted.reason  # the codes were checked: the desk's choices are the gate's
        query = gate_query.Query(wanted.person_id, wanted.kind, wanted.bureau, reason, at, role, wanted.cost)
        decision = gate(held, query, consents, standing, history, zone)
        said.append((role, decision))
        if decision.allowed:
            break
    role, decision = next((one for one in said if one[1].allowed), min(said, key=lambda one: len(one[1].refusals)))
    versions = policy.versions(held, at.astimezone(zone).date())
    return Said(role, decision, kept(decision, versions, at))


def again(query: Query, standing: Standing, at: dt.datetime) -> Said:
    """What the gate says of a query that waits, once more; the same holds."""
    kind: PersonKind = "company" if query.kind == "company" else "person"
    wanted = Wanted(query.borrower_id, kind, query.bureau, query.reason, [query.role], query.cost_expected)
    return decide(wanted, standing, at, without=query.pk)


def kept(decision: Decision, versions: list[str], at: dt.datetime) -> dict[str, Any]:
    """A decision as JSON: refusals with rule, source and texts, what it stands on, and by which versions of which policies."""
    return {
        "at": at.isoformat(), "policies": versions, "earliest": _iso(decision.earliest),
        "basis": {"kind": decision.basis.kind, "reference": decision.basis.reference} if decision.basis else None,
        "refusals": [
            {"policy": one.policy, "rule": one.rule, "citation": one.citation, "en": one.en, "zh": one.zh, "earliest": _iso(one.earliest)}
            for one in decision.refusals
        ],
    }  # fmt: skip


def _consents(person_id: str) -> list[Consent]:
    return [
        gate_query.Consent(
            person_id, row.number, frozenset(row.purposes), row.given_at, None if row.bureaus is None else frozenset(row.bureaus), row.until,
            row.withdrawn_at,
        )
        for row in Authorisation.objects.filter(borrower_id=person_id)
    ]  # fmt: skip


def _queries(wanted: Wanted, days: int, at: dt.datetime, without: int | None) -> list[gate_query.Past]:
    """Those of the person at the bureau as far back as rules look, all of them that are unclear, and of anybody those of the month."""
    own = Q(borrower_id=wanted.person_id, bureau=wanted.bureau)
    since = at - max(dt.timedelta(days=days), MONTH) - SPARE
    rows = Query.objects.filter(Q(asked_at__gte=at - MONTH - SPARE) | own & (Q(asked_at__gte=since) | Q(ended_at=None)), outcome__in=PASTS)  # fmt: skip
    if without is not None:
        rows = rows.exclude(pk=without)
    return [
        gate_query.Past(
            row.number, row.borrower_id, row.bureau, row.sent_at or row.asked_at, PASTS[row.outcome], row.counted_cost,
            row.report_id or None, row.report_on,
        )
        for row in rows.order_by().annotate(report_on=Max("results__queried_on"))
    ]  # fmt: skip


def _brought_in(wanted: Wanted) -> list[gate_query.Past]:
    """Reports of the person by the bureau that were brought in without a query: somebody fetched them, elsewhere, at a cost that is not known here."""
    zone = settings.HOME.settings.zone
    rows = Result.objects.filter(query=None, borrower_id=wanted.person_id, bureau=wanted.bureau, queried_on__isnull=False).order_by()  # fmt: skip
    return [
        gate_query.Past(
            row.report_id, wanted.person_id, wanted.bureau, dt.datetime.combine(row.queried_on or row.received_on, dt.time(12), zone),
            "answered", NOTHING, row.report_id,
        )
        for row in rows
    ]  # fmt: skip


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
