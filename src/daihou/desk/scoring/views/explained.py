"""A borrower's score explained: over time for whoever works with it, and in plain words for the customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from daihou.assessment.scores.card import Card
from daihou.assessment.scores.explained import letter as explanation
from daihou.book.errors import DaihouError
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.portfolio import moments, reading
from daihou.desk.portfolio.frame import frame
from daihou.desk.scoring import charts, labels, policy, scored
from daihou.runs.scores import one

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment

COMPANY = "company"
"""The kind of borrower to whom the law of persons does not apply."""


@needs("portfolio.view")
@never_cache
@require_GET
def letter(request: Asked, borrower_id: str) -> HttpResponse:
    """The explanation for the customer, to be printed and handed over; that it was made is noted. Of a borrower with a loan in reach; anything else is 404."""
    moment = moments.moment(request.GET)
    row = _row(request, borrower_id, moment)
    found = scored.of(borrower_id, row, *moment.pair)
    told = None if found is None else found.explained
    context: dict[str, Any] = {
        **frame(request, moment),
        "borrower_id": borrower_id,
        "scored": found,
        "letter": None,
        "here": "borrowers",
    }
    if found is not None and told is not None and found.score is not None and told.score is not None:
        design, body = told.model.design, told.model.body
        limits = (body.least, body.most) if isinstance(body, Card) else None
        house = policy.explanations(found.day)
        context["letter"] = explanation(
            design, found.day, told.score, limits, told.lines, house, settings.HOME.settings.base_currency, person=row.get("borrower_kind") != COMPANY,
            loan_id=told.subject_id if design.subject == "loan" else "",
        )  # fmt: skip
        context |= {"printed_at": timezone.localtime(), "trees": not isinstance(body, Card)}
        record(
            request, "model.explain", "borrower", borrower_id,
            {"model": found.version.called, "day": found.day.isoformat(), "score": told.score, "subject": told.subject_id},
        )  # fmt: skip
    return render(request, "scoring/letter.html", context)


@needs("portfolio.view")
@require_GET
def history(request: Asked, borrower_id: str) -> HttpResponse:
    """The score over time, as part of the borrower's page."""
    moment = moments.moment(request.GET)
    found = scored.of(borrower_id, _row(request, borrower_id, moment), *moment.pair)
    if found is None:
        raise Http404
    try:
        points, trouble = one.over_time(settings.HOME, borrower_id, scored.days(found.day), found.version), ""
    except DaihouError as error:
        points, trouble = [], " ".join(labels.told(error))
    context = {
        "points": points,
        "trouble": trouble,
        "chart": charts.course(points, found.version.called) if points else None,
    }
    return render(request, "scoring/score_history.html", context)


def _row(request: Asked, borrower_id: str, moment: Moment) -> dict[str, Any]:
    """What the run wrote of a borrower with a loan in reach; 404 of anybody else."""
    reach: Reach = request.rights.reach("portfolio.view")
    loans = reading.rows(
        f"SELECT org_id, officer_id FROM {reading.snapshots(moment).sql} WHERE borrower_id = ?", [borrower_id]
    )
    if not any(reach.holds(loan["org_id"], loan["officer_id"]) for loan in loans):
        raise Http404
    source = reading.Source("borrower_snapshots", moment.pair, moment.stamp)
    found = reading.rows(f"SELECT * FROM {source.sql} WHERE borrower_id = ?", [borrower_id])
    return found[0] if found else {}
