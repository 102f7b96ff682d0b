"""The figures behind a chart or a table of the overview, as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from daihou.book import money
from daihou.desk.access import needs
from daihou.desk.audit.log import record
from daihou.desk.people import orgs
from daihou.desk.portfolio import drawings, moments, moves, reading, summary
from daihou.desk.portfolio.book import CUTS, book, cut
from daihou.desk.portfolio.columns import code_label
from daihou.desk.portfolio.heat import place_name
from daihou.desk.portfolio.sheets import BOM, safe

if TYPE_CHECKING:
    from collections.abc import Callable

    from daihou.desk.asked import Asked
    from daihou.desk.people.reach import Reach
    from daihou.desk.portfolio.moments import Moment


@needs("portfolio.export")
@require_GET
def figures(request: Asked, name: str) -> HttpResponse:
    """The figures of one chart or table."""
    if name not in drawings.DRAWN and name not in TABLES:
        raise Http404
    moment = moments.moment(request.GET)
    reach: Reach = request.rights.reach("portfolio.export")
    if name in TABLES:
        rows = TABLES[name](request, moment, reach)
    else:
        chosen = cut(request.GET)
        rows = drawings.as_rows(drawings.draw(name, book(moment, reach, chosen), chosen))
    told = {
        "as_of": moment.as_of.isoformat(),
        "known_on": moment.known_on.isoformat(),
        "address": request.GET.urlencode(),
    }
    record(request, "figures.export", "chart", name, told)
    buffer = io.StringIO()
    buffer.write(BOM)
    csv.writer(buffer).writerows([[safe(value) for value in row] for row in rows])
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{moment.as_of}-{moment.known_on}.csv"',
        "Cache-Control": "no-store",
    }
    return HttpResponse(buffer.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _migration(request: Asked, moment: Moment, reach: Reach) -> list[list[Any]]:
    """Every cell of the matrix: from, to, loans, balance before and now in the base currency."""
    stated = request.GET.get("since", "")
    before = moves.earlier(stated, moment) if stated else moment.before
    labels, base = reading.scheme(moment.as_of).labels, summary.currency()
    cells = moves.matrix(moment, before, reach, cut(request.GET).values()) if before else ()
    return [
        [_("From"), _("To"), _("Loans"), _("Balance before"), _("Balance now")],
        *(
            [
                place_name(cell.was, labels),
                place_name(cell.now, labels),
                cell.loans,
                money.major(cell.balance_before, base),
                money.major(cell.balance, base),
            ]
            for cell in sorted(cells, key=lambda cell: (cell.was, cell.now))
        ),
    ]


def _groups(request: Asked, moment: Moment, reach: Reach) -> list[list[Any]]:
    """The book by org, product or region, with rates as fractions of one."""
    by = next((name for name in CUTS if name == request.GET.get("by")), CUTS[0])
    base = summary.currency()
    return [
        [_("Code"), _("Name"), _("Balance"), _("Overdue rate"), _("90+ rate"), _("Change on the month")],
        *(
            [
                row.code,
                orgs.tree().name(row.code) if by == "org_id" else code_label(by, row.code),
                money.major(row.balance, base),
                row.overdue,
                row.over_90,
                row.change,
            ]
            for row in summary.groups(book(moment, reach, cut(request.GET)), by)
        ),
    ]


TABLES: Final[dict[str, Callable[[Asked, Moment, Reach], list[list[Any]]]]] = {
    "migration": _migration,
    "groups": _groups,
}
"""What is shown as a table in place of a chart."""
