"""One loan told in full: where it stands and why, and what is owed on it day by day."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from ninja import Field, Query, Router, Schema

from daihou.api.app import missing
from daihou.api.auth import needs_scope
from daihou.api.reading import answers, described, refusals, values
from daihou.api.reading import asked as asking
from daihou.api.reading.asked import Dates
from daihou.api.reading.described import One, Row
from daihou.desk.portfolio import accounts, explaining
from daihou.runs import claims
from daihou.runs.against import difference
from daihou.runs.explain import as_plain

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.api.auth import Called
    from daihou.runs.claims import Claim, Day, Event, Line, Owed

router = Router(tags=["loans"])
MOST_DAYS: Final = 400
"""Days of a claim that one request may ask for: a year and a month."""


class Explained(Dates):
    """Which dates."""

    as_of: str | None = Field(None, description="The date asked about; that of the newest run unless given. No run needs to have written it.")  # fmt: skip
    against: str | None = Field(None, description="Another knowledge date: what changed between the two, and by which facts.")  # fmt: skip


class Claimed(Schema):
    """Which days."""

    as_of: str | None = Field(None, description="The last day, past or to come; that of the newest run unless given.")
    since: str | None = Field(None, description="The first day; only the last unless given.")
    known_on: str | None = Field(None, description="By which day's knowledge; the newest unless given.")


@router.get(
    "/loans/{path:loan_id}/explanation",
    response=One[Row],
    auth=needs_scope("explain:read"),
    summary="Why a loan stands where it does",
)
def explanation(request: Called, loan_id: str, wanted: Query[Explained]) -> HttpResponse:
    """A loan's standing traced to its facts, as `daihou explain --json` tells it, on any date as known on any date."""
    asking.only(request, Explained)
    newest = _reached(request, loan_id)
    as_of = asking.day("as_of", wanted.as_of) or newest
    known_on = asking.day("known_on", wanted.known_on) or max(as_of, newest)
    other = asking.day("against", wanted.against)
    told = explaining.explained(loan_id, as_of, known_on)
    found = told.as_json()
    if other is not None:
        found["against"] = as_plain(asdict(difference(told, explaining.explained(loan_id, as_of, other))))
    return answers.answer({"data": found, "meta": _meta(as_of, known_on)})


@router.get(
    "/loans/{path:loan_id}/claim",
    response=One[described.Claim],
    auth=needs_scope("explain:read"),
    summary="What is owed on a loan, day by day",
)
def claim(request: Called, loan_id: str, wanted: Query[Claimed]) -> HttpResponse:
    """What fell due, was charged, paid, waived and changed on each of some days, what is owed after it, and the instalments that are uncovered on the last."""
    asking.only(request, Claimed)
    newest = _reached(request, loan_id)
    last = asking.day("as_of", wanted.as_of) or newest
    first = asking.day("since", wanted.since) or last
    known_on = asking.day("known_on", wanted.known_on) or newest
    if not 0 <= (last - first).days < MOST_DAYS:
        raise refusals.no_span(first, last, MOST_DAYS)
    days = [first + dt.timedelta(days=after) for after in range((last - first).days + 1)]
    told = claims.claim(settings.HOME, accounts.ledger(), loan_id, days, known_on, last)
    return answers.answer({"data": _claim(told), "meta": _meta(last, known_on)})


def _reached(request: Called, loan_id: str) -> dt.date:
    """The date of the newest run, if the loan is in reach today; else 404."""
    reach, newest = asking.reach(request, "portfolio.view"), asking.newest()
    if not explaining.in_reach(loan_id, reach, newest):
        raise missing()
    return newest.as_of


def _meta(as_of: dt.date, known_on: dt.date) -> dict[str, Any]:
    return {"as_of": as_of.isoformat(), "known_on": known_on.isoformat()}


def _claim(told: Claim) -> dict[str, Any]:
    return {
        "loan_id": told.loan_id, "currency": told.currency, "on": told.on.isoformat(), "known_on": told.known_on.isoformat(),
        "days": [_day(day, told.currency) for day in told.days], "lines": [_line(line, told.currency) for line in told.lines],
    }  # fmt: skip


def _day(day: Day, currency: str) -> dict[str, Any]:
    parts = ("opening", "due", "charged", "paid", "waived", "changed", "owed")
    return {
        "on": day.on.isoformat(), "state": day.state, "dpd": day.dpd,
        **{name: _owed(getattr(day, name), currency) for name in parts},
        "in_grace": values.amount(day.in_grace, currency), "falls_due": values.amount(day.falls_due, currency),
        "to_clear": values.amount(day.to_clear, currency), "events": [_event(event, currency) for event in day.events],
    }  # fmt: skip


def _event(event: Event, currency: str) -> dict[str, Any]:
    return {
        "on": event.on.isoformat(), "kind": event.kind, "about": event.about, "ref": event.ref,
        "amount": values.amount(event.amount, currency), "effect": _owed(event.effect, currency),
    }  # fmt: skip


def _line(line: Line, currency: str) -> dict[str, Any]:
    return {
        "seq": line.seq, "due_on": line.due_on.isoformat(), "days": line.days, "owed": _owed(line.owed, currency),
    }  # fmt: skip


def _owed(owed: Owed | None, currency: str) -> dict[str, Any] | None:
    if owed is None:
        return None
    parts = ("principal", "interest", "fee", "charges", "unsplit", "total")
    return {name: values.amount(getattr(owed, name), currency) for name in parts}
