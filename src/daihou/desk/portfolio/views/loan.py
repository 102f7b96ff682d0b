"""The page of a loan: where it stands and why, on any date, as known on any date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.people import officers, orgs
from daihou.desk.portfolio import explaining, life, moments, trace
from daihou.desk.portfolio.columns import chinese, code_label, columns
from daihou.desk.portfolio.frame import frame
from daihou.desk.vault import people
from daihou.runs.against import difference
from daihou.runs.sayings import difference_sayings, sayings

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.portfolio.moments import Moment
    from daihou.runs.explain import Explanation

SHOWN: Final = (
    "state", "dpd", "bucket", "oldest_unpaid_due_on", "overdue_amount", "unpaid_due_dates", "principal_outstanding", "paid_amount", "last_paid_on",
    "first_payment_missed",
)  # fmt: skip
"""What the comparison of two knowledges always shows; whatever else differs is added."""
BILLS, PAYMENTS = 12, 24
"""How many of each, the newest, are shown at first."""


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates a page asks for, and whether the address named them."""

    as_of: dt.date
    known_on: dt.date
    against: dt.date | None


@needs("portfolio.view")
@require_GET
def loan(request: Asked, loan_id: str) -> HttpResponse:
    """The page of a loan in reach; anything else is 404."""
    moment = moments.moment(_pairless(request))
    asked = _asked(request, moment)
    told = _told(request, loan_id, asked, moment)
    if request.GET.get("format") == "json":
        return JsonResponse(told.as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    row = told.measures
    lines = trace.lines(told)
    every = request.GET.get("plan") == "all"
    days = life.days(told)
    context = {
        **frame(request, moment),
        "asked": asked,
        "told": told,
        "row": row,
        "loan_id": loan_id,
        "name": people.masked_names([row["borrower_id"]]).get(row["borrower_id"]),
        "org": orgs.tree().name(row["org_id"]),
        "officer": officers.names([row["officer_id"]]).get(row["officer_id"]),
        "sentences": _sentences(told),
        "near": trace.near(lines),
        "lines": lines if every else trace.around(lines),
        "line_count": len(lines),
        "every": every,
        "void": trace.void(told),
        "months": life.months(row["status_24m"], asked.as_of),
        "chart": life.chart(told, days),
        "has_course": any(day.dpd is not None for day in days),
        "bills": list(reversed(told.bills))[: None if every else BILLS],
        "payments": list(reversed(told.payments))[: None if every else PAYMENTS],
        "diff": _difference(loan_id, told, asked),
        "overdue_parts": [
            (name, row[f"overdue_{name}"]) for name in ("principal", "interest", "fee") if row[f"overdue_{name}"]
        ],
    }
    return render(request, "portfolio/loan.html", context)


def _pairless(request: Asked) -> Any:
    """The address without its dates: a loan may be asked for dates that no run wrote."""
    query = request.GET.copy()
    query.pop("as_of", None)
    query.pop("known_on", None)
    return query


def _asked(request: Asked, moment: Moment) -> Dates:
    as_of, known_on, against = (_date(request, name) for name in ("as_of", "known_on", "against"))
    day = as_of or moment.as_of
    return Dates(
        day,
        known_on or (moment.known_on if day == moment.as_of else max(day, moment.known_on) if as_of is None else day),
        against,
    )


def _date(request: Asked, name: str) -> dt.date | None:
    stated = request.GET.get(name, "").strip()
    if not stated:
        return None
    try:
        found = dt.date.fromisoformat(stated)
    except ValueError:
        found = None
    if found is None or not 1980 <= found.year <= 2100:
        raise DaihouError(
            f"{name}: '{stated[:40]}' is no date within 1980 and 2100.",
            "Write it like 2026-06-30.",
            zh=(f"{name}：“{stated[:40]}”不是 1980 至 2100 年间的日期。", "写法如 2026-06-30。"),
        )
    return found


def _told(request: Asked, loan_id: str, asked: Dates, moment: Moment) -> Explanation:
    """The explanation, if the loan is in reach today; whose it was on the date asked for does not matter."""
    if not explaining.in_reach(loan_id, request.rights.reach("portfolio.view"), moment):
        raise Http404
    return explaining.explained(loan_id, asked.as_of, asked.known_on)


def _sentences(told: Explanation) -> list[str]:
    """The explanation in words, from the answer down."""
    return [zh if chinese() else en for en, zh in sayings(told)][1:]


def _difference(loan_id: str, told: Explanation, asked: Dates) -> dict[str, Any] | None:
    """What another knowledge said of the same date, and the facts that came between."""
    other = asked.against
    if other is None or other == asked.known_on:
        return None
    try:
        against = explaining.explained(loan_id, asked.as_of, other)
    except DaihouError as error:  # not known then: that is the answer
        return {"refused": error.zh[0] if chinese() else error.message, "other": other}
    found = difference(told, against)
    changed = {name: (was, now) for name, was, now in found.columns}
    early = against if against.known_on < told.known_on else told
    names = [name for name in dict.fromkeys((*SHOWN, *changed)) if name in columns()]
    rows = [
        {
            "label": columns()[name].label,
            "was": _shown(name, changed[name][0] if name in changed else early.measures[name]),
            "now": _shown(name, changed[name][1] if name in changed else early.measures[name]),
            "changed": name in changed,
        }
        for name in names
    ]
    said = [zh if chinese() else en for en, zh in difference_sayings(found)]
    facts = [
        told_of
        for fact, told_of in zip(found.facts, said[len(said) - len(found.facts) :], strict=True)
        if _day_of(fact) <= asked.as_of  # what happened after the date changes nothing on it
    ]
    return {
        "rows": rows,
        "earlier": found.earlier,
        "later": found.later,
        "facts": facts,
    }


def _shown(name: str, value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Decimal):
        return f"{value:,}"
    if isinstance(value, str):
        return code_label(name, value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _day_of(fact: dict[str, Any]) -> dt.date:
    """The day from which a fact holds: a fact of the plan from when it was agreed, money and bills from their own day."""
    names = ("effective_on", "paid_on", "from_on", "bill_on", "drawn_on", "as_of", "due_on")
    return next((fact[name] for name in names if fact.get(name)), dt.date.min)
