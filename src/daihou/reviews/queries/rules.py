"""A query as the rules see it, and each kind of rule: whether it refuses at a moment, with the values that speak for it, and until when at least it goes on to refuse.

That bound is never too late: until it, the rule refuses at every moment. So whoever goes from bound to bound misses no moment that is allowed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from daihou.policies.credit_queries import (
    REASONS,
    ConsentNeeded,
    CostLimit,
    LiveLoanNeeded,
    MostPerDays,
    ReasonAllowed,
    RoleAllowed,
    Rule,
    UnclearPending,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.reviews.queries.query import Consent, Loan, Past, Query, Standing

Values = dict[str, "str | int | tuple[str, str]"]
"""What the texts of a refusal name; two texts are English and Chinese."""
Refused = tuple[Values, dt.datetime | None]
"""The values, and until when at least it is refused; None: for good."""

NO_DAY: Final = ("never", "无")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query beside all that is known, less what is about others."""

    query: Query
    consents: tuple[Consent, ...]
    standing: Standing
    own: tuple[Past, ...]
    """Past queries of this person at this bureau."""
    costs: tuple[tuple[dt.date, Decimal], ...]
    """Of all past queries: the local day and the cost."""
    zone: dt.tzinfo

    def day(self, at: dt.datetime) -> dt.date:
        """The local day of a moment."""
        return at.astimezone(self.zone).date()

    def begin(self, day: dt.date) -> dt.datetime:
        """The moment at which a local day begins."""
        return dt.datetime.combine(day, dt.time.min, tzinfo=self.zone).astimezone(dt.UTC)


def covers(consent: Consent, query: Query) -> bool:
    """Whether a consent names the reason and the bureau."""
    return query.reason in consent.purposes and (consent.bureaus is None or query.bureau in consent.bureaus)


def holds(consent: Consent, at: dt.datetime) -> bool:
    """Whether it is in force at a moment in UTC."""
    # Two moments of one zone compare by what its clock shows, which is put back once a year: so all by UTC.
    ends = [each.astimezone(dt.UTC) for each in (consent.until, consent.withdrawn_at) if each is not None]
    return consent.given_at.astimezone(dt.UTC) <= at and all(at < each for each in ends)


def _reason(rule: ReasonAllowed, ask: Asked, at: dt.datetime) -> Refused | None:  # noqa: ARG001 - every rule is asked alike
    return None if ask.query.reason in rule.allowed else ({"reason": REASONS[ask.query.reason]}, None)


def _role(rule: RoleAllowed, ask: Asked, at: dt.datetime) -> Refused | None:  # noqa: ARG001 - every rule is asked alike
    if ask.query.asked_by in rule.roles:
        return None
    return {"role": ask.query.asked_by, "reason": REASONS[ask.query.reason]}, None


def _consent(rule: ConsentNeeded, ask: Asked, at: dt.datetime) -> Refused | None:
    query = ask.query
    if rule.exemption and query.reason in rule.exempt:
        return None
    covering = [one for one in ask.consents if covers(one, query)]
    if any(holds(one, at) for one in covering):
        return None
    given = [one.given_at.astimezone(dt.UTC) for one in covering]
    ends = min((each for each in given if each > at), default=None)
    return {"reason": REASONS[query.reason], "bureau": query.bureau}, ends


def _live(rule: LiveLoanNeeded, ask: Asked, at: dt.datetime) -> Refused | None:
    day = ask.day(at)
    loans = ask.standing.loans if "loans" in rule.by else ()
    duties = ask.standing.duties if "duties" in rule.by else ()
    disputes = ask.standing.disputes if "disputes" in rule.by else ()
    if (
        any(_binds(rule, loan, day) for loan in loans)
        or any(_binds(rule, duty.loan, day) and _lasts(rule, duty.released_on, day) for duty in duties)
        or any(each.opened_on <= day and _lasts(rule, each.settled_on, day) for each in disputes)
    ):
        return None
    ended = [loan.closed_on for loan in (*loans, *(duty.loan for duty in duties))]
    ended += [duty.released_on for duty in duties] + [each.settled_on for each in disputes]
    on = max((each for each in ended if each is not None and each <= day), default=None)
    opens = min((each.opened_on for each in disputes if each.opened_on > day), default=None)
    values: Values = {"on": NO_DAY if on is None else on.isoformat(), "reason": REASONS[ask.query.reason]}
    return values, None if opens is None else ask.begin(opens)


def _binds(rule: LiveLoanNeeded, loan: Loan, day: dt.date) -> bool:
    """Whether a loan binds on a day. Before the day it ended it did."""
    if loan.closed_on is None:
        return loan.state in rule.states
    return _lasts(rule, loan.closed_on, day)


def _lasts(rule: LiveLoanNeeded, ended_on: dt.date | None, day: dt.date) -> bool:
    return ended_on is None or (day - ended_on).days < rule.grace_days


def _most(rule: MostPerDays, ask: Asked, at: dt.datetime) -> Refused | None:
    here = ask.day(at)
    made = [ask.day(past.at) for past in ask.own if past.outcome == "unclear" or past.outcome in rule.outcomes]
    near = sorted((day for day in made if (here - day).days < rule.days), reverse=True)
    if len(near) < rule.most:
        return None
    values: Values = {"count": len(near), "most": rule.most, "days": rule.days, "bureau": ask.query.bureau}
    if not rule.most:
        return values, None
    # As soon as this one has left the window, fewer than the most are in it.
    return values, ask.begin(near[rule.most - 1] + dt.timedelta(days=rule.days))


def _cost(rule: CostLimit, ask: Asked, at: dt.datetime) -> Refused | None:
    begins = ask.day(at) if rule.span == "day" else ask.day(at).replace(day=1)
    cost = ask.query.cost
    spent = _spent(ask, begins)
    if spent + cost <= rule.most:
        return None
    values: Values = {"spent": f"{spent:,.2f}", "cost": f"{cost:,.2f}", "most": f"{rule.most:,.2f}"}
    if cost > rule.most:
        return values, None
    days = sorted({day for day, _ in ask.costs if day >= begins})
    free = next(after for after in (_after(rule, day) for day in days) if _spent(ask, after) + cost <= rule.most)
    return values, ask.begin(free)


def _spent(ask: Asked, begins: dt.date) -> Decimal:
    """What was spent from a day on; with what is dated later, by whatever clock."""
    found = Decimal(0)
    for day, cost in ask.costs:
        if day >= begins:
            found += cost
    return found


def _after(rule: CostLimit, day: dt.date) -> dt.date:
    """The first day of the span after that of a day."""
    if rule.span == "day":
        return day + dt.timedelta(days=1)
    return (day.replace(day=1) + dt.timedelta(days=31)).replace(day=1)


def _unclear(rule: UnclearPending, ask: Asked, at: dt.datetime) -> Refused | None:  # noqa: ARG001 - every rule is asked alike
    waiting = [past for past in ask.own if past.outcome == "unclear"]
    if not waiting:
        return None
    first = min(waiting, key=lambda past: (past.at.astimezone(dt.UTC), past.number))
    return {"number": first.number, "on": ask.day(first.at).isoformat(), "bureau": ask.query.bureau}, None


JUDGES: Final[dict[type[Rule], Callable[[Any, Asked, dt.datetime], Refused | None]]] = {
    ReasonAllowed: _reason,
    ConsentNeeded: _consent,
    LiveLoanNeeded: _live,
    RoleAllowed: _role,
    MostPerDays: _most,
    CostLimit: _cost,
    UnclearPending: _unclear,
}
