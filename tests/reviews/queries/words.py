"""A second reading of docs/guides/credit_queries.md: whether a query is allowed at one moment.

Written from the page, as plainly as it goes; it shares nothing with the gate.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import zoneinfo
    from collections.abc import Sequence

    from daihou.policies.credit_queries import CreditQueries
    from daihou.policies.dated import Dated
    from daihou.reviews.queries.query import Consent, Loan, Past, Query, Standing


def utc(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC)


def first_moment(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """The first half hour of a day by the clock of a zone, looked for one by one."""
    at = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC) - dt.timedelta(hours=16)
    while at.astimezone(zone).date() < day:
        at += dt.timedelta(minutes=30)
    return at


def permitted(
    policies: Sequence[Dated[CreditQueries]],
    query: Query,
    consents: Sequence[Consent],
    standing: Standing,
    history: Sequence[Past],
    zone: zoneinfo.ZoneInfo,
) -> bool:
    now, today = utc(query.asked_at), query.asked_at.astimezone(zone).date()
    held = [[each.values for each in policy.versions if each.from_on <= today][-1:] for policy in policies]
    versions = [version for some in held for version in some]
    same = [past for past in history if past.person_id == query.person_id and past.bureau == query.bureau]
    keeps = [version.cache_days for version in versions if version.cache_days is not None]
    at_hand = False
    for past in same:
        age = (today - past.at.astimezone(zone).date()).days
        at_hand |= past.outcome == "answered" and past.report_id is not None and bool(keeps) and age < min(keeps) != 0
    for version in versions:
        for rule in version.rules:
            if query.reason not in rule.reasons or query.kind not in rule.persons:
                continue
            if not _fine(rule, query, consents, standing, history, same, at_hand, now, today, zone):
                return False
    return True


def _fine(
    rule: Any,
    query: Query,
    consents: Sequence[Consent],
    standing: Standing,
    history: Sequence[Past],
    same: Sequence[Past],
    at_hand: bool,
    now: dt.datetime,
    today: dt.date,
    zone: zoneinfo.ZoneInfo,
) -> bool:
    match type(rule).__name__:
        case "ReasonAllowed":
            return query.reason in rule.allowed
        case "RoleAllowed":
            return query.asked_by in rule.roles
        case "ConsentNeeded":
            return (rule.exemption and query.reason in rule.exempt) or any(
                one.person_id == query.person_id
                and query.reason in one.purposes
                and (one.bureaus is None or query.bureau in one.bureaus)
                and utc(one.given_at) <= now
                and not (one.until is not None and utc(one.until) <= now)
                and not (one.withdrawn_at is not None and utc(one.withdrawn_at) <= now)
                for one in consents
            )
        case "LiveLoanNeeded":
            lingering = {today - dt.timedelta(days=n) for n in range(rule.grace_days)}
            loans = [_binding(loan, rule, today, lingering) for loan in standing.loans]
            duties = [
                _binding(duty.loan, rule, today, lingering) and _open(duty.released_on, today, lingering)
                for duty in standing.duties
            ]
            disputes = [
                each.opened_on <= today and _open(each.settled_on, today, lingering) for each in standing.disputes
            ]
            return any(
                any(some)
                for tie, some in (("loans", loans), ("duties", duties), ("disputes", disputes))
                if tie in rule.by
            )
        case "MostPerDays":
            window_begins = today - dt.timedelta(days=rule.days - 1)
            counted = [
                past
                for past in same
                if past.outcome in {*rule.outcomes, "unclear"} and past.at.astimezone(zone).date() >= window_begins
            ]
            return at_hand or len(counted) + 1 <= rule.most
        case "CostLimit":
            begins = today if rule.span == "day" else dt.date(today.year, today.month, 1)
            spent = [past.cost for past in history if past.at.astimezone(zone).date() >= begins]
            return at_hand or sum(spent) + query.cost <= rule.most
        case "UnclearPending":
            return at_hand or "unclear" not in [past.outcome for past in same]
        case other:
            raise AssertionError(other)


def _open(ended_on: dt.date | None, today: dt.date, lingering: set[dt.date]) -> bool:
    return ended_on is None or today < ended_on or ended_on in lingering


def _binding(loan: Loan, rule: Any, today: dt.date, lingering: set[dt.date]) -> bool:
    if loan.closed_on is None:
        return loan.state in rule.states
    return _open(loan.closed_on, today, lingering)
