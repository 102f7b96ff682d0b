"""Two dates compared: where loans stood and stand, each cell with its loans."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from daihou.desk.access import needs
from daihou.desk.portfolio import moments, moves, reading, summary
from daihou.desk.portfolio.book import cut, option_values
from daihou.desk.portfolio.frame import frame
from daihou.desk.portfolio.heat import heat
from daihou.desk.portfolio.views.overview import cut_options
from daihou.runs.portfolio.migration import ABSENT

if TYPE_CHECKING:
    from django.http import HttpResponse

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach


@needs("portfolio.view")
@require_GET
def compare(request: Asked) -> HttpResponse:
    """Where the loans of an earlier date stand on the date in hand."""
    moment = moments.moment(request.GET)
    reach: Reach = request.rights.reach("portfolio.view")
    chosen = cut(request.GET)
    stated = request.GET.get("since", "")
    before = moves.earlier(stated, moment) if stated else moment.before
    earlier = [as_of for as_of, _known in moment.series if as_of < moment.as_of]
    cells = moves.matrix(moment, before, reach, chosen.values()) if before else ()
    labels = reading.scheme(moment.as_of).labels

    def link(was: str, now: str) -> str | None:
        if before is None or now == ABSENT:
            return None
        asked = {"as_of": moment.as_of, "known_on": moment.known_on, "since": before[0], "was": was, "now": now}
        return (
            f"{reverse('loans')}?{urlencode({**asked, **{name: ','.join(values) for name, values in chosen.values()}})}"
        )

    context = {
        **frame(request, moment), "before": before, "earlier": list(reversed(earlier)), "heat": heat(cells, labels, link) if before else None,
        "moved": summary.moved(cells, labels) if before else None, "currency": summary.currency(), "options": cut_options(option_values(moment, reach), chosen),
        "total": sum(cell.loans for cell in cells),
    }  # fmt: skip
    return render(request, "portfolio/compare.html", context)
