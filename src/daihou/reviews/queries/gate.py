"""The gate of credit reports: whether one may be fetched now, which rules forbid it, and from when on it may. Nothing is read, written or sent here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from daihou.policies.credit_queries import ConsentNeeded
from daihou.reviews.queries.cache import at_hand
from daihou.reviews.queries.query import Basis, Decision, Refusal
from daihou.reviews.queries.rules import JUDGES, Asked, covers, holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daihou.policies.credit_queries import CreditQueries, Rule
    from daihou.policies.dated import Dated, Version
    from daihou.reviews.queries.query import Consent, Past, Query, Standing
    from daihou.reviews.queries.rules import Values


@dataclass(frozen=True, slots=True)
class Found:
    """A rule that refuses: the place of its policy, the values that speak for it, and until when at least."""

    policy: int
    rule: Rule
    values: Values
    ends: dt.datetime | None


def decide(
    policies: Sequence[Dated[CreditQueries]],
    query: Query,
    consents: Sequence[Consent],
    standing: Standing,
    history: Sequence[Past],
    zone: dt.tzinfo,
) -> Decision:
    """Whether every policy allows a query, and if not, which rules refuse it and from when on it is allowed.

    `standing` is that of the person asked about; days and months are those of `zone`. `history` may come in any order; it must hold the queries of the person at the
    bureau as far back as policies look and all of them that are unclear, and of anybody those of the month. What lies later than the query counts too, since clocks
    differ. A policy binds from its first version on.

    ValueError where no policy is in force, a moment has no zone, or a cost is no amount.
    """
    ask = _asked(query, consents, standing, history, zone)
    at = query.asked_at.astimezone(dt.UTC)
    if not _in_force(policies, ask.day(at)):
        raise ValueError("without a policy in force nobody may be asked about")
    found = list(_refusing(policies, ask, at))
    if not found:
        report = _report(policies, ask, at)
        return Decision((), at, _basis(policies, ask, at), None if report is None else report.report_id)
    refusals = []
    for each in found:
        earliest = _allowed_from(policies, ask, each.ends, each)
        refusals.append(_refusal(policies[each.policy].name, each, earliest))
    last = dt.datetime.max.replace(tzinfo=dt.UTC)
    refusals.sort(key=lambda one: one.earliest or last, reverse=True)  # stable: of those as lasting the first by policy
    return Decision(tuple(refusals), _allowed_from(policies, ask, refusals[0].earliest))


def _asked(
    query: Query, consents: Sequence[Consent], standing: Standing, history: Sequence[Past], zone: dt.tzinfo
) -> Asked:
    own = tuple(one for one in consents if one.person_id == query.person_id)
    moments = [query.asked_at, *(past.at for past in history)]
    moments += [at for one in own for at in (one.given_at, one.until, one.withdrawn_at) if at is not None]
    if any(at.utcoffset() is None for at in moments):
        raise ValueError("a moment has no time zone")
    # A cost below 0 would make room for others.
    if any(not cost.is_finite() or cost < 0 for cost in (query.cost, *(past.cost for past in history))):
        raise ValueError("a cost must be an amount from 0")
    return Asked(
        query,
        own,
        standing,
        tuple(past for past in history if (past.person_id, past.bureau) == (query.person_id, query.bureau)),
        tuple((past.at.astimezone(zone).date(), past.cost) for past in history),
        zone,
    )


def _in_force(policies: Sequence[Dated[CreditQueries]], day: dt.date) -> list[tuple[int, Version[CreditQueries]]]:
    """The version of each policy that holds on a day, with the place of the policy."""
    return [
        (place, policy.on(day))
        for place, policy in enumerate(policies)
        if policy.versions and policy.versions[0].from_on <= day
    ]


def _next_version(policies: Sequence[Dated[CreditQueries]], day: dt.date) -> dt.date | None:
    return min(
        (version.from_on for policy in policies for version in policy.versions if version.from_on > day), default=None
    )


def _binding(policies: Sequence[Dated[CreditQueries]], ask: Asked, at: dt.datetime) -> Iterator[tuple[int, Rule]]:
    """Every rule that binds the query at a moment, with the place of its policy."""
    for place, version in _in_force(policies, ask.day(at)):
        for rule in version.values.rules:
            if ask.query.reason in rule.reasons and ask.query.kind in rule.persons:
                yield place, rule


def _report(policies: Sequence[Dated[CreditQueries]], ask: Asked, at: dt.datetime) -> Past | None:
    """The report that answers from the cache at a moment."""
    day = ask.day(at)
    stated = [version.values.cache_days for _, version in _in_force(policies, day)]
    days = min((each for each in stated if each is not None), default=0)
    return at_hand(ask.query, ask.own, day, ask.zone, days) if days else None


def _refusing(
    policies: Sequence[Dated[CreditQueries]], ask: Asked, at: dt.datetime, only: Found | None = None
) -> Iterator[Found]:
    cached = _report(policies, ask, at) is not None
    for place, rule in _binding(policies, ask, at):
        if only is not None and (place, rule.id) != (only.policy, only.rule.id):
            continue
        if cached and rule.SENT:
            continue
        refused = JUDGES[type(rule)](rule, ask, at)
        if refused is None:
            continue
        values, ends = refused
        # Another version of any policy may say otherwise, or let a report at hand live longer.
        changes = _next_version(policies, ask.day(at))
        if changes is not None:
            ends = ask.begin(changes) if ends is None else min(ends, ask.begin(changes))
        yield Found(place, rule, values, ends)


def _allowed_from(
    policies: Sequence[Dated[CreditQueries]], ask: Asked, at: dt.datetime | None, only: Found | None = None
) -> dt.datetime | None:
    """The first moment from this on that all rules allow, or one rule; None where there is none."""
    while at is not None:
        found = list(_refusing(policies, ask, at, only))
        if not found:
            return at
        ends = [each.ends for each in found if each.ends is not None]
        at = max(ends) if len(ends) == len(found) else None
    return None


def _basis(policies: Sequence[Dated[CreditQueries]], ask: Asked, at: dt.datetime) -> Basis | None:
    """What an allowed query stands on. A consent where there is one, the latest; it says more than an exemption."""
    needing = [rule for _, rule in _binding(policies, ask, at) if isinstance(rule, ConsentNeeded)]
    if not needing:
        return None
    serving = [one for one in ask.consents if covers(one, ask.query) and holds(one, at)]
    if serving:
        newest = max(serving, key=lambda one: (one.given_at.astimezone(dt.UTC), one.document))
        return Basis("consent", newest.document)
    return Basis("exemption", needing[0].exempt_citation)


def _refusal(policy: str, found: Found, earliest: dt.datetime | None) -> Refusal:
    en, zh = (
        {name: value[place] if isinstance(value, tuple) else value for name, value in found.values.items()}
        for place in (0, 1)
    )
    rule = found.rule
    return Refusal(policy, rule.id, rule.citation, rule.en.format_map(en), rule.zh.format_map(zh), earliest)
